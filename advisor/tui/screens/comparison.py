"""The methods side by side for one target: what each is good for, needs, records and costs, and its state."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from advisor.methods.assessment import TargetAssessment
from advisor.report.rows import fleet_row
from advisor.tui.screens.choose import Choice
from advisor.tui.screens.page import BACK, COMMON, Page
from advisor.tui.widgets.comparison_grid import ComparisonGrid


class ComparisonScreen(Page):
    """The comparison of methods."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open method", id="open"),
        Binding("left,h", "shift(-1)", "Columns left", show=True, key_display="h", id="left"),
        Binding("right,l", "shift(1)", "Columns right", show=True, key_display="l", id="right"),
        *COMMON,
        *BACK,
    ]

    def __init__(self, assessed: TargetAssessment) -> None:
        super().__init__()
        self._assessed = assessed

    def crumbs(self) -> tuple[str, ...]:
        """Below the target."""
        row = fleet_row(self._assessed)
        return (self.tongue("fleet"), row.name or row.id, self.tongue("comparison"))

    def body(self) -> ComposeResult:
        """The grid."""
        yield ComparisonGrid(id="grid")

    def on_mount(self) -> None:
        """Fill it."""
        grid = self.query_one(ComparisonGrid)
        grid.focus()
        grid.show(self.desk.compared(self._assessed), self.desk.words)

    def on_resize(self, event: events.Resize) -> None:
        """Another number of columns fits."""
        self.query_one(ComparisonGrid).lay_out()

    def action_shift(self, step: int) -> None:
        """Move to the next or previous method."""
        self.query_one(ComparisonGrid).shift(step)

    def action_open(self) -> None:
        """Open the page of the method that is marked."""
        at = self.query_one(ComparisonGrid).chosen
        methods = self._assessed.methods
        compared = self.desk.compared(self._assessed)
        if 0 <= at < len(compared.methods):
            method = compared.methods[at]
            if any(each.method is method for each in methods):
                self.advisor.leave(self)
                self.advisor.open_target(self._assessed, method)

    def copies(self) -> list[Choice]:
        """The table as Markdown."""
        compared = self.desk.compared(self._assessed)
        lines = [f"| | {' | '.join(compared.heads)} |", f"|{' --- |' * (len(compared.heads) + 1)}"]
        state = self.desk.words("tui.this-target")
        lines.append(f"| {state} | {' | '.join(each.said(self.tongue) for each in compared.marks)} |")
        for row in compared.rows:
            cells = " | ".join("; ".join(cell).replace("|", "\\|") for cell in row.cells)
            lines.append(f"| {row.title} | {cells} |")
        return [Choice(self.tongue("table"), "\n".join(lines), "Markdown")]
