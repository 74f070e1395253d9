"""One target: every method, and for the chosen one what decides, where the path stops, and what to do."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from advisor.methods.assessment import MethodAssessment, MethodId, TargetAssessment
from advisor.report.rows import METHOD_NAMES, Say, fleet_row, method_rows
from advisor.tui.desk import Desk
from advisor.tui.entries import RawRecord, method_entries, method_list
from advisor.tui.screens.choose import Choice
from advisor.tui.screens.page import COMMON, Page
from advisor.tui.tones import TONES
from advisor.tui.widgets.sheet import Sheet
from advisor.tui.widgets.status import Crumbs


class InstanceScreen(Page):
    """The page of a target."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open", id="open"),
        Binding("tab", "other_pane", "Other pane", show=False, priority=True, id="pane"),
        Binding("right,l", "to_detail", "To the details", show=False, id="detail"),
        Binding("left,h", "to_methods", "To the methods", show=False, id="methods"),
        Binding("c", "compare", "Compare", id="compare"),
        Binding("p", "plan", "Plan", id="plan"),
        Binding("t", "trace", "Trace", id="trace"),
        Binding("e", "why", "Error text", id="why"),
        Binding("z", "zoom", "Zoom", id="zoom"),
        Binding("left_square_bracket", "method(-1)", "Previous method", show=False, key_display="["),
        Binding("right_square_bracket", "method(1)", "Next method", show=False, key_display="]"),
        Binding("d", "raw_target", "Record of the target", show=False, id="raw"),
        Binding("ctrl+s", "app.save", "Save the report", show=False, id="save"),
        *COMMON,
        Binding("escape,backspace,q", "back_or_methods", "Back", key_display="esc", id="back"),
    ]

    def __init__(self, assessed: TargetAssessment, method: MethodId | None = None) -> None:
        super().__init__()
        self._assessed = assessed
        self._method = method or _first_method(assessed)

    def crumbs(self) -> tuple[str, ...]:
        """Fleet, VPC, target, method."""
        row = fleet_row(self._assessed)
        parts = [self.tongue("fleet"), row.vpc, row.name or row.id]
        if self._method is not None:
            parts.append(self.tongue(METHOD_NAMES[self._method]))
        return tuple(part for part in parts if part)

    def body(self) -> ComposeResult:
        """The target's card, its methods, and the chosen one's details."""
        yield Static(card(self._assessed, self.tongue), id="card")
        with Container(id="split"):
            yield Sheet(id="methods")
            yield Sheet(id="detail")

    def on_mount(self) -> None:
        """Show the recommended method first."""
        self.watch(self.app, "desk", self._desk_changed, init=False)
        self.query_one("#methods", Sheet).focus()
        self.call_after_refresh(self._show_all)

    def _desk_changed(self, desk: Desk | None) -> None:
        if desk is None:
            return
        target = self._assessed.target
        for each in desk.assessment.targets:
            one = each.target
            if (one.id, one.account, one.region) == (target.id, target.account, target.region):
                self._assessed = each
                self._show_all()
                return

    def _show_all(self) -> None:
        methods = self.query_one("#methods", Sheet)
        rows = method_rows(self._assessed, self.desk.causes, self.tongue)
        with self.prevent(Sheet.Highlighted):
            methods.show(method_list(rows, methods.size.width, self.tongue))
            if self._method is not None:
                methods.stand_on(self._method.value)
        self._show_method()

    def on_resize(self, event: events.Resize) -> None:
        """The list and the paths look different when there is less room."""
        self.call_after_refresh(self._show_all)

    def _show_method(self) -> None:
        detail = self.query_one("#detail", Sheet)
        method = self._assessment()
        if method is not None:
            detail.show(method_entries(self._assessed, method, self.desk, detail.size.width, self.tongue))
        self.query_one(Crumbs).show(*self.crumbs())

    def _assessment(self) -> MethodAssessment | None:
        return next((each for each in self._assessed.methods if each.method is self._method), None)

    # --- what people do ---

    def on_descendant_focus(self) -> None:
        """In a low window the list makes room while the details are read."""
        self.query_one("#body").set_class(self.focused is self.query_one("#detail"), "-reading")

    def on_sheet_highlighted(self, event: Sheet.Highlighted) -> None:
        """Another method."""
        chosen = event.entry.opens
        if event.sheet.id == "methods" and isinstance(chosen, MethodId) and chosen is not self._method:
            self._method = chosen
            self._show_method()

    def on_sheet_chosen(self, event: Sheet.Chosen) -> None:
        """Go into the details, or open the record behind a line."""
        if event.sheet.id == "methods":
            self.query_one("#detail", Sheet).focus()
        elif isinstance(event.entry.opens, RawRecord):
            target = self._assessed.target
            record = event.entry.opens
            self.advisor.show_raw(target.account, target.region, record.operation, record.resource)
        elif event.entry.copies:
            self.advisor.copy_text(event.entry.copies)

    def action_choose(self) -> None:
        """What the focused pane's cursor stands on."""
        if isinstance(self.focused, Sheet):
            self.focused.action_choose()

    def action_other_pane(self) -> None:
        """Switch panes."""
        if self.focused is self.query_one("#detail"):
            self.action_to_methods()
        else:
            self.action_to_detail()

    def action_to_detail(self) -> None:
        """Into the details."""
        self.query_one("#detail", Sheet).focus()

    def action_to_methods(self) -> None:
        """Back to the list."""
        self.query_one("#body").remove_class("-zoomed")
        self.query_one("#methods", Sheet).focus()

    def action_back_or_methods(self) -> None:
        """One step back: from the details to the list, from the list to the fleet."""
        if self.focused is self.query_one("#detail"):
            self.action_to_methods()
        else:
            self.action_back()

    def action_method(self, step: int) -> None:
        """The next or previous method."""
        self.query_one("#methods", Sheet).action_move(step)

    def action_zoom(self) -> None:
        """The details alone, or with the list."""
        body = self.query_one("#body")
        body.toggle_class("-zoomed")
        if body.has_class("-zoomed"):
            self.action_to_detail()
        self.call_after_refresh(self._show_method)

    def action_compare(self) -> None:
        """The methods side by side."""
        self.advisor.compare(self._assessed)

    def action_plan(self) -> None:
        """What would make this method ready; beside an emergency way that is ready, the best one."""
        advised = self._assessed.recommended
        has_better = advised is not None and advised.repair is not None and advised.method is self._method
        self.advisor.open_plan((self._assessed,), None if has_better else self._method)

    def action_trace(self) -> None:
        """Trace a flow from here."""
        self.advisor.trace_from(self._assessed)

    def action_why(self) -> None:
        """What an error text may come from, for this target."""
        self.advisor.open_why(self._assessed)

    def action_raw_target(self) -> None:
        """The target's own record."""
        target = self._assessed.target
        operation = "ec2:DescribeInstances" if target.kind == "ec2" else "ssm:DescribeInstanceInformation"
        self.advisor.show_raw(target.account, target.region, operation, target.id)

    def copies(self) -> list[Choice]:
        """Commands, the line under the cursor, fixes, id, and the whole page."""
        say = self.tongue
        choices = []
        detail = self.query_one("#detail", Sheet)
        if self.focused is detail and detail.current is not None and detail.current.copies:
            choices.append(Choice(say("this line"), detail.current.copies, detail.current.copies))
        method = self._assessment()
        if method is not None:
            for command in self.desk.commands(self._assessed.target, method):
                choices.append(
                    Choice(say("command: {use}").format(use=command.use), command.command, command.command)
                )
            fixes = [each.command for each in self.desk.remedies(self._assessed, method) if each.command]
            if fixes:
                text = "\n".join(fixes)
                choices.append(Choice(say("fix"), text, fixes[0]))
        target = self._assessed.target
        choices.append(Choice(say("id"), target.id, target.id))
        choices.append(
            Choice("Markdown", markdown(self._assessed, self.desk), say("every method with its reasons"))
        )
        return choices


def _first_method(assessed: TargetAssessment) -> MethodId | None:
    if assessed.recommended is not None:
        return assessed.recommended.method
    return assessed.methods[0].method if assessed.methods else None


def card(assessed: TargetAssessment, say: Say = str) -> Content:
    """The target in two lines."""
    row = fleet_row(assessed, say)
    first = Content.assemble(
        (row.name or row.id, "bold"),
        (f"  {row.id}" if row.name else "", "$faint"),
        "  ",
        (f" {row.advice.glyph} {row.advice_text} ", f"bold $background on {_advice_tone(assessed)}"),
    )
    facts = (
        row.platform,
        row.state,
        f"{row.account}/{row.region}",
        row.private_ip,
        say("public {address}").format(address=row.public_ip) if row.public_ip else say("no public address"),
        row.vpc,
        row.subnet,
    )
    return first + "\n" + Content.styled(" · ".join(part for part in facts if part), "$faint")


def _advice_tone(assessed: TargetAssessment) -> str:
    return TONES[assessed.recommended.verdict if assessed.recommended else None]


def markdown(assessed: TargetAssessment, desk: Desk) -> str:
    """The target's methods as Markdown, for a ticket."""
    from advisor.report.detail import detail_page
    from advisor.report.markdown import render

    return render(detail_page(assessed, desk.words, desk.causes, desk.commands))
