"""Which columns the fleet table shows at a width, and how wide each is; pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from advisor.methods.assessment import TargetAssessment
from advisor.model.verdict import Verdict
from advisor.report.rows import COLUMN_NAMES, METHODS, FleetRow, Mark


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
    Column("id", "ID", 19, 20, 3, lambda row: row.id, lambda a: a.target.id),
    Column("platform", "OS", 7, 7, 5, lambda row: row.platform, lambda a: a.target.platform),
    Column("state", "STATE", 8, 9, 4, lambda row: row.state, lambda a: a.target.state),
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


def _advised(assessed: TargetAssessment) -> str:
    return assessed.recommended.method.value if assessed.recommended else ""


class Placed(msgspec.Struct, frozen=True):
    """A column with the width it got."""

    column: Column
    width: int


def place_columns(width: int) -> tuple[Placed, ...]:
    """The columns for a screen of `width` cells: by rank while they fit, then widened, none cut off.

    Room that is left goes to the verdicts' full words first, then to the other columns up to their widest.
    """
    chosen: list[Column] = []
    used = 0
    for rank in sorted({column.rank for column in COLUMNS}):
        group = [column for column in COLUMNS if column.rank == rank]
        need = sum(column.narrow + GAP for column in group)
        if chosen and used + need > width:
            break
        chosen.extend(group)
        used += need
    spare = max(0, width - used)
    widths = {column.id: column.narrow for column in chosen}
    for group in (
        [column for column in chosen if column.id == "advice"],
        [column for column in chosen if column.id == "name"],
        [column for column in chosen if column.method is not None],
        [column for column in chosen if column.method is None],
    ):
        need = sum(column.wide - widths[column.id] for column in group)
        if len(group) > 1 and group[0].method is not None and need > spare:
            continue  # all verdict columns speak in full words, or none
        for column in group:
            more = min(spare, column.wide - widths[column.id])
            widths[column.id] += more
            spare -= more
    return tuple(Placed(column, widths[column.id]) for column in COLUMNS if column in chosen)


def all_columns() -> tuple[Placed, ...]:
    """Every column at its widest, for the wide view that scrolls sideways."""
    return tuple(Placed(column, column.wide) for column in COLUMNS)


SHORT_WORDS: Final = {"ready": "ready", "blocked": "block", "unknown": "unkn.", "n/a": "n/a"}


def mark_text(mark: Mark, width: int) -> str:
    """Glyph and word as far as the column allows; the word is shortened, never dropped."""
    return mark.text if len(mark.text) <= width else f"{mark.glyph} {SHORT_WORDS[mark.word]}"
