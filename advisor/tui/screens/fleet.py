"""The fleet: every target with every method's verdict; filter, sort, and go deeper from here."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from advisor.methods.assessment import TargetAssessment
from advisor.model.errors import InputError
from advisor.report.filters import EVERYTHING, Filter, parse_filter
from advisor.tui.desk import Desk
from advisor.tui.screens.choose import Choice
from advisor.tui.screens.page import COMMON, HELP_WHILE_TYPING, Page
from advisor.tui.widgets.columns import COLUMNS
from advisor.tui.widgets.fleet_table import FleetTable
from advisor.tui.widgets.peek import Peek, peek_text
from advisor.tui.widgets.summary import Summary

_PROBLEMS = parse_filter("is:problem")


class FilterLine(Input):
    """The line of the filter, with its own key hints."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Keep the filter"),
        Binding("down", "screen.to_table", "To the lines"),
        Binding("escape", "screen.clear", "Show everything"),
        HELP_WHILE_TYPING,
    ]


class FleetScreen(Page):
    """The first page: a line for every target."""

    AUTO_FOCUS = "#fleet"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="open"),
        Binding("slash", "filter", "Filter", key_display="/", id="filter"),
        Binding("s", "sort", "Sort", id="sort"),
        Binding("S", "reverse", "Reverse the order", show=False, id="reverse"),
        Binding("x", "problems", "Problems", id="problems"),
        Binding("p", "plan", "Plan", id="plan"),
        Binding("t", "trace", "Trace", id="trace"),
        Binding("m", "map", "Map", id="map"),
        Binding("b", "app.ways", "Ways in", show=False, id="ways"),
        Binding("e", "why", "Error text", show=False, id="why"),
        Binding("c", "compare", "Compare the methods", show=False, id="compare"),
        Binding("n", "app.needs", "Needs and profile of advice", show=False, id="needs"),
        Binding("w", "wide", "All columns", show=False, id="wide"),
        Binding("v", "gaps", "What could not be read", show=False, id="gaps"),
        Binding("P", "app.profile", "AWS profile", show=False, id="profile"),
        Binding("R", "app.region", "AWS Region", show=False, id="region"),
        Binding("r,ctrl+r", "app.reopen", "Read again", show=False, id="reopen"),
        Binding("ctrl+s", "app.save", "Save the report", show=False, id="save"),
        Binding("escape", "clear", "Clear the filter", show=False, id="clear"),
        *COMMON,
        Binding("q", "quit_or_back", "Quit", id="quit"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._filter: Filter = EVERYTHING
        self._only_problems = False
        self._sort: tuple[str, bool] = ("name", False)

    def crumbs(self) -> tuple[str, ...]:
        """The root."""
        return (self.tongue("fleet"),)

    def body(self) -> ComposeResult:
        """Summary, filter, table, and a look at the line under the cursor."""
        yield Summary()
        with Horizontal(id="filter-bar"):
            yield Static("/", id="filter-sign")
            yield FilterLine(
                placeholder=self.tongue("words, is:blocked method:eice vpc:… tag:k=v, ! for not"), id="filter"
            )
            yield Static("", id="filter-says", markup=False)
        yield FleetTable(id="fleet")
        yield Static("", id="empty", markup=False)
        yield Peek()

    def on_mount(self) -> None:
        """Follow the app's desk."""
        table = self.query_one(FleetTable)
        table.loading = self.advisor.desk is None
        table.focus()
        self.watch(self.app, "desk", self._desk_changed, init=False)
        if self.advisor.desk is not None:
            self._desk_changed(self.advisor.desk)

    def _desk_changed(self, desk: Desk | None) -> None:
        table = self.query_one(FleetTable)
        table.loading = desk is None
        if desk is None:
            return
        self.query_one(Summary).show(desk.assessment)
        self._arrange()
        if self.focused is None:
            table.focus()

    # --- what is shown, in which order ---

    def _arrange(self) -> None:
        desk = self.advisor.desk
        if desk is None:
            return
        targets = desk.assessment.targets
        found = self._filter.positions(targets)
        if self._only_problems:
            found = [at for at in found if _PROBLEMS.admits(targets[at])]
        name, descending = self._sort
        column = next(each for each in COLUMNS if each.id == name)
        keys = {at: column.key(targets[at]) for at in found}
        found.sort(key=keys.__getitem__, reverse=descending)  # type: ignore[arg-type]
        table = self.query_one(FleetTable)
        table.set_sorted(name, descending)
        table.show(targets, found)
        self._say_what_is_shown(len(targets), len(found))

    def _say_what_is_shown(self, all_of_them: int, shown: int) -> None:
        terms = [self._filter.text] if self._filter.text else []
        if self._only_problems:
            terms.append(self.tongue("only problems"))
        crumbs = [self.tongue("fleet")]
        if terms:
            count = self.tongue("{done} of {total}").format(done=shown, total=all_of_them)
            crumbs.append(f"{' + '.join(terms)} ({count})")
        self.query_one("Crumbs", expect_type=Widget).show(*crumbs)  # type: ignore[attr-defined]
        empty = self.query_one("#empty", Static)
        empty.display = shown == 0
        self.query_one(FleetTable).display = shown > 0
        if not all_of_them:
            empty.update(
                Content(
                    self.tongue("No instance and no managed node was found.")
                    + "\n\n"
                    + self.tongue(
                        "R chooses other Regions, P another profile, v shows what could not be read."
                    )
                )
            )
        elif not shown:
            nothing = self.tongue("Nothing matches {filter}.").format(filter=" + ".join(terms))
            empty.update(Content(f"{nothing}\n\n{self.tongue('esc shows everything again.')}"))

    # --- filter ---

    def action_filter(self) -> None:
        """Type a filter."""
        self.query_one("#filter-bar").add_class("-open")
        self.query_one("#filter", Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while people type."""
        says = self.query_one("#filter-says", Static)
        try:
            self._filter = parse_filter(event.value)
        except InputError as error:
            # Half-typed words are no reason to shout: say it beside the line, keep what is shown.
            says.update(Content(f"{error.message} {error.hint}"))
            says.display = True
            return
        says.display = False
        self._arrange()

    def on_input_submitted(self) -> None:
        """Go on with what was found."""
        self._leave_filter()

    def _leave_filter(self) -> None:
        self.query_one("#filter-bar").set_class(bool(self.query_one("#filter", Input).value), "-open")
        self.query_one(FleetTable).focus()

    def action_to_table(self) -> None:
        """Into the lines; the filter stays."""
        self._leave_filter()

    def action_clear(self) -> None:
        """Show everything again: first the typed filter goes, then `only problems`."""
        line = self.query_one("#filter", Input)
        if line.value:
            line.value = ""
        elif self._filter.tests:
            self._filter = EVERYTHING
            self._arrange()
        elif self._only_problems and not line.has_focus:
            self._only_problems = False
            self._arrange()
        self._leave_filter()

    def set_filter(self, text: str) -> None:
        """Show what this filter admits."""
        self.query_one("#filter", Input).value = text
        self._leave_filter()

    def show_only(self, ids: frozenset[str]) -> None:
        """Show these targets."""
        line = self.query_one("#filter", Input)
        with line.prevent(Input.Changed):
            line.value = ""
        words = self.tongue("{count} chosen targets").format(count=len(ids))
        self._filter = Filter(words, (lambda each: each.target.id in ids,))
        self._arrange()
        self.query_one(FleetTable).focus()

    def action_problems(self) -> None:
        """Only targets without a way in, or everything."""
        self._only_problems = not self._only_problems
        self._arrange()

    # --- order ---

    def action_sort(self) -> None:
        """Sort by the next column that is shown."""
        shown = self.query_one(FleetTable).column_ids
        at = shown.index(self._sort[0]) if self._sort[0] in shown else -1
        self._sort = (shown[(at + 1) % len(shown)], False)
        self._arrange()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._sort = (self._sort[0], not self._sort[1])
        self._arrange()

    def on_fleet_table_head_clicked(self, event: FleetTable.HeadClicked) -> None:
        """Sort by the column; a second click turns the order round."""
        self._sort = (event.column, event.column == self._sort[0] and not self._sort[1])
        self._arrange()

    def action_wide(self) -> None:
        """All columns, scrolled sideways, or those that fit."""
        table = self.query_one(FleetTable)
        table.set_wide(not table.wide)

    # --- deeper ---

    @property
    def current(self) -> TargetAssessment | None:
        """The target under the cursor."""
        return self.query_one(FleetTable).current

    def on_fleet_table_highlighted(self, event: FleetTable.Highlighted) -> None:
        """Show the deciding fact of the line."""
        desk = self.advisor.desk
        if desk is not None:
            self.query_one(Peek).show(event.assessed, desk)

    def on_fleet_table_opened(self, event: FleetTable.Opened) -> None:
        """Open the target."""
        self.advisor.open_target(event.assessed)

    def action_open(self) -> None:
        """Open the target under the cursor."""
        if self.current is not None:
            self.advisor.open_target(self.current)

    def action_compare(self) -> None:
        """The methods side by side for the target under the cursor."""
        if self.current is not None:
            self.advisor.compare(self.current)

    def action_plan(self) -> None:
        """What would repair the target under the cursor, or everything that is shown."""
        desk = self.advisor.desk
        if desk is None or self.current is None:
            return
        table = self.query_one(FleetTable)
        self.advisor.choose_plan(self.current, table.shown)

    def action_trace(self) -> None:
        """Trace a flow from the target under the cursor."""
        self.advisor.trace_from(self.current)

    def action_map(self) -> None:
        """The network map."""
        self.advisor.open_map()

    def action_why(self) -> None:
        """What an error text may come from."""
        self.advisor.open_why(self.current)

    def action_gaps(self) -> None:
        """What could not be read."""
        self.advisor.open_gaps()

    def action_quit_or_back(self) -> None:
        """Quit from the top."""
        self.app.exit(0)

    def copies(self) -> list[Choice]:
        """The current target's id, command, summary."""
        if self.current is None or self.advisor.desk is None:
            return []
        assessed, desk = self.current, self.advisor.desk
        say = self.tongue
        choices = []
        recommended = assessed.recommended
        if recommended is not None:
            for command in desk.commands(assessed.target, assessed.method(recommended.method)):
                choices.append(
                    Choice(say("command: {use}").format(use=command.use), command.command, command.command)
                )
        choices.append(Choice(say("id"), assessed.target.id, assessed.target.id))
        if assessed.target.private_ip:
            choices.append(
                Choice(say("private address"), assessed.target.private_ip, assessed.target.private_ip)
            )
        text = peek_text(assessed, desk, say).plain
        choices.append(Choice(say("summary"), text, text.replace("\n", " ")))
        return choices
