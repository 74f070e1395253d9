"""Which columns the fleet table shows at a width, and how wide each is; pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from rich.cells import cell_len

from advisor.methods.assessment import TargetAssessment
from advisor.model.verdict import Verdict
from advisor.report.rows import COLUMN_NAMES, METHODS, FleetRow, Mark, Say


class Column(msgspec.Struct, frozen=True):
    """A column: its narrowest and widest useful widths, and its rank when there is room for few.

    `method` is the position among METHODS for verdict columns, else None.
    """

    id: str
    title: str
    narrow: int
    wide: int
    rank: int
    text: Callable[[FleetRow], str]
    key: Callable[[TargetAssessment], object]
    method: int | None = None


def _verdict_key(position: int) -> Callable[[TargetAssessment], object]:
    method = METHODS[position]

    def key(assessed: TargetAssessment) -> int:
        found = next((each.verdict for each in assessed.methods if each.method is method), None)
        return _ORDER[found]

    return key


_ORDER: Final[dict[Verdict | None, int]] = {
    Verdict.READY: 0,
    Verdict.UNKNOWN: 1,
    Verdict.BLOCKED: 2,
    None: 3,
}

NAME: Final = Column(
    "name", "NAME", 17, 30, 0, lambda row: row.name or row.id, lambda a: a.target.name.lower()
)
_VERDICTS: Final = tuple(
    Column(
        COLUMN_NAMES[method].lower(),
        COLUMN_NAMES[method],
        7,
        9,
        1,
        lambda row: "",
        _verdict_key(position),
        position,
    )
    for position, method in enumerate(METHODS)
)
COLUMNS: Final = (
    NAME,
    Column("id", "ID", 19, 20, 5, lambda row: row.id, lambda a: a.target.id),
    Column("platform", "OS", 7, 7, 4, lambda row: row.platform, lambda a: a.target.platform),
    Column("state", "STATE", 8, 9, 3, lambda row: row.state, lambda a: a.target.state),
    *_VERDICTS,
    Column(
        "advice",
        "ADVICE",
        11,
        24,
        2,
        lambda row: row.advice_text,
        lambda a: (_ORDER[a.recommended.verdict if a.recommended else None], _advised(a)),
    ),
    Column("ip", "PRIVATE IP", 13, 15, 7, lambda row: row.private_ip, lambda a: a.target.private_ip or ""),
    Column("vpc", "VPC", 12, 21, 6, lambda row: row.vpc, lambda a: a.target.vpc or ""),
    Column("subnet", "SUBNET", 15, 24, 8, lambda row: row.subnet, lambda a: a.target.subnet or ""),
    Column("region", "REGION", 9, 14, 9, lambda row: row.region, lambda a: a.target.region),
    Column("account", "ACCOUNT", 12, 12, 10, lambda row: row.account, lambda a: a.target.account),
)
GAP: Final = 1
_COMMON_NAME: Final = 20
"""Most names are no longer than this; beyond it the advice needs the room more."""
NAME_AND_ADVICE: Final = 2
"""The rank up to which every screen shows columns."""


def _advised(assessed: TargetAssessment) -> str:
    return assessed.recommended.method.value if assessed.recommended else ""


class Placed(msgspec.Struct, frozen=True):
    """A column with the width it got."""

    column: Column
    width: int


def place_columns(width: int) -> tuple[Placed, ...]:
    """The columns for a screen of `width` cells: by rank while they fit, then widened, none cut off.

    The verdicts' full words come before any further column: words are what is read, ids are one key away.
    """
    chosen: list[Column] = []
    used = 0
    widths: dict[str, int] = {}
    for rank in sorted({column.rank for column in COLUMNS}):
        group = [column for column in COLUMNS if column.rank == rank]
        need = sum(column.narrow + GAP for column in group)
        if chosen and used + need > width:
            break
        chosen.extend(group)
        used += need
        widths.update((column.id, column.narrow) for column in group)
        if rank == NAME_AND_ADVICE:
            used += _widen([each for each in chosen if each.method is not None], widths, width - used)
    spare = width - used
    for names, most in ((("name",), _COMMON_NAME), (("advice",), 99), (("name",), 99), (None, 99)):
        for column in chosen:
            if (names is None or column.id in names) and column.method is None:
                more = max(0, min(spare, min(column.wide, most) - widths[column.id]))
                widths[column.id] += more
                spare -= more
    return tuple(Placed(column, widths[column.id]) for column in COLUMNS if column in chosen)


def _widen(columns: list[Column], widths: dict[str, int], spare: int) -> int:
    """Give all of these their full width, or none of them; the cells that took."""
    need = sum(column.wide - widths[column.id] for column in columns)
    if need > spare:
        return 0
    widths.update((column.id, column.wide) for column in columns)
    return need


def all_columns() -> tuple[Placed, ...]:
    """Every column at its widest, for the wide view that scrolls sideways."""
    return tuple(Placed(column, column.wide) for column in COLUMNS)


SHORT_WORDS: Final = {"ready": "ready", "blocked": "block", "unknown": "unkn.", "n/a": "n/a"}


def mark_text(mark: Mark, width: int, say: Say = str) -> str:
    """Glyph and word as far as the column allows; the word is shortened, never dropped."""
    text = mark.said(say)
    return text if cell_len(text) <= width else f"{mark.glyph} {say(SHORT_WORDS[mark.word])}"
