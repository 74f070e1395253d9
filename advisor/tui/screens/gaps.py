"""What could not be read: every refused or failed call, because each of them makes something unknown."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from advisor.model.text import plain
from advisor.tui.entries import heading
from advisor.tui.screens.choose import Choice
from advisor.tui.screens.page import BACK, COMMON, Page
from advisor.tui.widgets.sheet import BLANK, Entry, Sheet


class GapsScreen(Page):
    """Blind spots and warnings."""

    BINDINGS: ClassVar[list[BindingType]] = [*COMMON, *BACK]

    def crumbs(self) -> tuple[str, ...]:
        """Below the fleet."""
        return (self.tongue("fleet"), self.tongue("blind spots"))

    def body(self) -> ComposeResult:
        """A sheet."""
        yield Sheet(id="gaps")

    def on_mount(self) -> None:
        """List them."""
        sheet = self.query_one(Sheet)
        sheet.focus()
        assessment = self.desk.assessment
        entries = [
            heading(
                self.tongue("Calls that did not succeed"),
                self.tongue("what depends on them is unknown, not absent"),
            )
        ]
        for gap in assessment.gaps:
            code = f"  {gap.code}" if gap.code else ""
            about = f"  {gap.resource}" if gap.resource else ""
            words = plain(f"{gap.operation}{about}")
            entries.append(
                Entry(
                    Content.assemble((words, "bold"), (f"  {self.tongue(gap.status)}{code}", "$warning")),
                    Content.styled(f" ? {gap.account}/{gap.region}  ", "$faint"),
                    copies=words,
                    rests=True,
                )
            )
        if not assessment.gaps:
            entries.append(Entry(Content.styled(f" ✓ {self.tongue('every call succeeded')}", "$success")))
        if assessment.warnings:
            entries += [BLANK, heading(self.tongue("Warnings about the data"))]
            entries += [
                Entry(Content(plain(each)), Content.styled(" • ", "$faint"), copies=plain(each), rests=True)
                for each in assessment.warnings
            ]
        sheet.show(entries)

    def copies(self) -> list[Choice]:
        """All of it."""
        text = self.query_one(Sheet).plain
        return [Choice(self.tongue("everything"), text, self.tongue("as text"))]
