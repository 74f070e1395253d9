"""The two lines on top: where one is, that nothing is ever written, and how old the data is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from advisor.report.age import age_text
from advisor.tui.desk import Desk
from advisor.tui.tongue import tongue_of

READ_ONLY = "READ ONLY"


class StatusBar(Widget):
    """Product, account and Regions on the left; READ ONLY and the data's age on the right."""

    DEFAULT_CSS = """
    StatusBar { height: 1; background: $panel; color: $foreground; }
    """

    def on_mount(self) -> None:
        """Follow the app's desk, and let the age grow."""
        self.watch(self.app, "desk", self._look_again, init=False)
        self.set_interval(30, self._look_again)

    def _look_again(self) -> None:
        self.refresh()

    def render(self) -> Content:
        """The line."""
        desk: Desk | None = getattr(self.app, "desk", None)
        clock = getattr(self.app, "clock", None)
        now: datetime = clock() if clock else datetime.now(UTC)
        left = [(" advisor ", "bold $background on $primary"), ("  ", "")]
        tongue = tongue_of(self)
        read_only = tongue(READ_ONLY)
        right = f"{read_only} "
        if desk is not None:
            assessment = desk.assessment
            left.append((tongue(desk.title), "bold"))
            left.append(
                (f"  {place_text(assessment.accounts, assessment.regions, self.size.width)}", "$faint")
            )
            right = f"{read_only} · {age_text(assessment.collected_at, now, tongue)} "
        line = Content.assemble(*left)
        room = self.size.width - cell_len(right)
        if line.cell_length > room - 1:
            line = line.truncate(max(1, room - 1), ellipsis=True)
        return line.pad_right(max(0, room - line.cell_length)) + Content.styled(right, "$accent")


def place_text(accounts: Sequence[str], regions: Sequence[str], width: int) -> str:
    """Accounts and Regions, as many as there is room for."""
    most = 3 if width >= 110 else 1
    return f"{_some(accounts, most)} · {_some(regions, most)}"


def _some(names: Sequence[str], most: int) -> str:
    more = f" +{len(names) - most}" if len(names) > most else ""
    return ", ".join(names[:most]) + more


class Crumbs(Widget):
    """The way back: where one is below where one came from."""

    DEFAULT_CSS = """
    Crumbs { height: 1; background: $surface; color: $faint; padding: 0 1; }
    """

    def __init__(self, *parts: str) -> None:
        super().__init__()
        self.parts = parts

    def show(self, *parts: str) -> None:
        """Stand somewhere else."""
        self.parts = parts
        self.refresh()

    def render(self) -> Content:
        """The line, the last part strongest."""
        pieces: list[tuple[str, str]] = []
        for at, part in enumerate(self.parts):
            last = at == len(self.parts) - 1
            pieces.append((part, "bold $foreground" if last else "$faint"))
            if not last:
                pieces.append((" › ", "$faint"))
        line = Content.assemble(*pieces)
        room = max(1, self.content_size.width)
        return line if line.cell_length <= room else line.truncate(room, ellipsis=True)
