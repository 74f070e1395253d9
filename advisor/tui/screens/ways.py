"""The break-glass view: what has no way in or only one, and what would fail together."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from advisor.report.rows import Say
from advisor.tui.desk import WayLine
from advisor.tui.entries import heading
from advisor.tui.screens.choose import Choice
from advisor.tui.screens.page import BACK, COMMON, Page
from advisor.tui.widgets.sheet import BLANK, Entry, Sheet

Sections = tuple[tuple[str, tuple[WayLine, ...]], ...]


class WaysScreen(Page):
    """Ways in, and how many there are."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Show in the fleet", id="open"),
        *COMMON,
        *BACK,
    ]

    def crumbs(self) -> tuple[str, ...]:
        """Below the fleet."""
        return (self.tongue("fleet"), self.tongue("ways in"))

    def body(self) -> ComposeResult:
        """A sheet."""
        yield Sheet(id="ways")

    def on_mount(self) -> None:
        """Work it out."""
        sheet = self.query_one(Sheet)
        sheet.focus()
        sheet.loading = True
        self._read()

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _read(self) -> None:
        self.app.call_from_thread(self._show, self.desk.ways())

    def _show(self, sections: Sections) -> None:
        sheet = self.query_one(Sheet)
        sheet.loading = False
        sheet.show(ways_entries(sections, self.tongue))
        sheet.focus()

    def action_choose(self) -> None:
        """Show what the line is about."""
        self.query_one(Sheet).action_choose()

    def on_sheet_chosen(self, event: Sheet.Chosen) -> None:
        """The fleet, filtered; or the one target's page."""
        targets = event.entry.opens
        if not isinstance(targets, tuple) or not targets:
            return
        if len(targets) == 1:
            for each in self.desk.assessment.targets:
                if each.target.id == targets[0]:
                    self.advisor.open_target(each)
                    return
        self.advisor.show_only(targets)

    def copies(self) -> list[Choice]:
        """Everything that is shown."""
        return [
            Choice(self.tongue("everything"), self.query_one(Sheet).plain.strip(), self.tongue("as text"))
        ]


def ways_entries(sections: Sections, say: Say = str) -> list[Entry]:
    """Sections of lines."""
    entries: list[Entry] = []
    for title, lines in sections:
        if entries:
            entries.append(BLANK)
        entries.append(heading(title, str(len(lines)) if lines else say("none")))
        entries += [
            Entry(
                Content.assemble((line.title, "bold"), (f"  {line.detail}", "$faint")),
                Content.styled(" • ", "$accent"),
                opens=line.targets,
                copies=f"{line.title} {line.detail}",
                rests=True,
            )
            for line in lines
        ]
    return entries
