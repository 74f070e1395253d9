"""The plan: changes that make targets ready, proved on a copy of the account; to copy, save and watch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static, Tab, Tabs

from advisor.methods.assessment import MethodId, TargetAssessment
from advisor.model.errors import AdvisorError
from advisor.model.verdict import READY
from advisor.report.rows import METHOD_NAMES, Say, mark, method_row, shown_name
from advisor.tui.desk import Desk, PlanStep, PlanView
from advisor.tui.plan_entries import plan_entries, verdict_text
from advisor.tui.screens.choose import AskScreen, Choice
from advisor.tui.screens.page import BACK, COMMON, Page
from advisor.tui.widgets.sheet import Entry, Sheet

_SUFFIXES = {
    "terraform": ".tf",
    "cloudformation": ".yaml",
    "json": ".json",
    "markdown": ".md",
    "iam": ".json",
}


class PlanScreen(Page):
    """Actions with their proof, and the same in every format."""

    AUTO_FOCUS = "#plan"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "leave_out", "Leave out", key_display="space", id="leave-out"),
        Binding("left_square_bracket", "tab(-1)", "Previous tab", show=False, key_display="[", id="previous"),
        Binding("right_square_bracket", "tab(1)", "Formats", key_display="]", id="next"),
        Binding("ctrl+s", "save", "Save", id="save"),
        Binding("w", "watch", "Watch", id="watch"),
        *COMMON,
        *BACK,
    ]

    def __init__(self, whom: tuple[TargetAssessment, ...], method: MethodId | None) -> None:
        super().__init__()
        self._whom, self._method = whom, method
        self._left_out: frozenset[str] = frozenset()
        self._view: PlanView | None = None
        self._tab = "plan"
        self._asked = 0
        self._looks = 0
        self._is_looking = False
        self._timer: Timer | None = None

    def crumbs(self) -> tuple[str, ...]:
        """Below the target or the fleet."""
        who = self.tongue("{count} targets").format(count=len(self._whom))
        if len(self._whom) == 1:
            who = shown_name(self._whom[0].target)
        by = self.tongue(METHOD_NAMES[self._method] if self._method else "cheapest method")
        return (self.tongue("fleet"), who, self.tongue("plan"), by)

    def body(self) -> ComposeResult:
        """The verdict, the tabs, the sheet."""
        yield Static("", id="verdict", markup=False)
        yield Static("", id="watching", markup=False)
        yield Tabs(Tab(self.tongue("Plan"), id="tab-plan"), id="tabs")
        yield Sheet(id="plan")

    def on_mount(self) -> None:
        """Plan."""
        self._plan()

    # --- planning ---

    def _plan(self) -> None:
        self._asked += 1
        if self._view is None:
            self.query_one(Sheet).loading = True
        self.query_one("#verdict", Static).update(
            Content.styled(f" {self.tongue('Planning, and proving it on a copy of the account…')}", "$faint")
        )
        self._plan_in_worker(self._asked)

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _plan_in_worker(self, asked: int) -> None:
        try:
            view = self.desk.plan(self._whom, self._method, self._left_out)
        except AdvisorError as error:
            self.app.call_from_thread(self._failed, asked, error)
        else:
            self.app.call_from_thread(self._show, asked, view)

    def _failed(self, asked: int, error: AdvisorError) -> None:
        if asked != self._asked or not self.is_mounted:
            return
        self.query_one(Sheet).loading = False
        words = Content.assemble((" ✗ ", "bold $error"), (error.message, "bold"), f"\n {error.hint}")
        self.query_one("#verdict", Static).update(words)

    def _show(self, asked: int, view: PlanView) -> None:
        if asked != self._asked or not self.is_mounted:
            return
        self._view = view
        sheet = self.query_one(Sheet)
        sheet.loading = False
        tabs = self.query_one(Tabs)
        known = {str(tab.id) for tab in tabs.query(Tab)}
        for name, _ in view.formats:
            if f"tab-{name}" not in known:
                tabs.add_tab(Tab(self.tongue(TITLES.get(name, name)), id=f"tab-{name}"))
        self.query_one("#verdict", Static).update(verdict_text(view, self.desk.words))
        self._show_tab(keep=True)
        sheet.focus()

    def _show_tab(self, keep: bool = False) -> None:
        view = self._view
        if view is None:
            return
        sheet = self.query_one("#plan", Sheet)
        if self._tab == "plan":
            sheet.show(plan_entries(view, self.desk.words), keep=keep)
            return
        text = dict(view.formats).get(self._tab, "")
        lines = text.splitlines() or [self.tongue("nothing to do")]
        sheet.show([Entry(Content(line), rests=bool(line.strip()), copies=line) for line in lines])

    def on_tabs_tab_activated(self, event: Tabs.TabActivated) -> None:
        """Another format."""
        self._tab = str(event.tab.id).removeprefix("tab-")
        self._show_tab()

    # --- what people do ---

    def action_tab(self, step: int) -> None:
        """The next or previous format."""
        tabs = self.query_one(Tabs)
        if step > 0:
            tabs.action_next_tab()
        else:
            tabs.action_previous_tab()

    def on_sheet_chosen(self, event: Sheet.Chosen) -> None:
        """Leave a change out or take it back; copy a line of a format."""
        step = event.entry.opens
        if isinstance(step, PlanStep):
            self._left_out ^= {step.key}
            self._plan()
        elif event.entry.copies:
            self.advisor.copy_text(event.entry.copies)

    def action_leave_out(self) -> None:
        """As enter."""
        self.query_one("#plan", Sheet).action_choose()

    # --- watching ---

    def action_watch(self) -> None:
        """Read again what the plan changes, until the method is ready; a second time stops it."""
        if self._timer is not None:
            self._stop_watching(self.tongue("Stopped watching."))
        elif self._view is not None:
            self._looks = 0
            self._timer = self.set_interval(WATCH_SECONDS, self._look)
            words = self.tongue(
                "watching: apply the change in another window; this looks again every {seconds} seconds"
            )
            self._say(f" ◔ {words.format(seconds=WATCH_SECONDS)}")
            self._look()

    def _stop_watching(self, words: str) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._say(f" {words}")

    def _look(self) -> None:
        if self._is_looking:  # a slow account is not asked twice at once
            return
        self._is_looking = True
        self._looks += 1
        self._look_in_worker(self._looks)

    @work(thread=True, group="watch", exit_on_error=False)
    def _look_in_worker(self, look: int) -> None:
        try:
            desk = self.desk.looked_again(self._whom)
        except AdvisorError as error:
            self.app.call_from_thread(self._look_failed, error)
        else:
            self.app.call_from_thread(self._looked, look, desk)

    def _look_failed(self, error: AdvisorError) -> None:
        self._is_looking = False
        self._stop_watching(f"✗ {error.message} {error.hint}")

    def _looked(self, look: int, desk: Desk) -> None:
        self._is_looking = False
        if self._timer is None or not self.is_mounted:
            return
        self.advisor.desk = desk
        places = {(each.target.account, each.target.region, each.target.id) for each in self._whom}
        self._whom = tuple(
            each
            for each in desk.assessment.targets
            if (each.target.account, each.target.region, each.target.id) in places
        )
        waiting = [each for each in self._whom if not is_ready(each, self._method)]
        if not waiting:
            self._stop_watching(f"✓ {self.tongue('ready: the change works.')}")
            return
        method = waiting[0].method(self._method or _advised(waiting[0]))
        row = method_row(waiting[0], method, desk.causes, self.tongue)
        still = f"{shown_name(waiting[0].target)}: {row.mark.said(self.tongue)}, {row.summary}"
        words = self.tongue("watching: looked {looks} times; {count} not ready yet")
        self._say(f" ◔ {words.format(looks=look, count=len(waiting))}; {still}")

    def _say(self, words: str) -> None:
        line = self.query_one("#watching", Static)
        line.display = True
        line.update(Content(words))

    def action_save(self) -> None:
        """Save the format that is shown."""
        view = self._view
        if view is None:
            return
        name = self._tab if self._tab != "plan" else "cli"
        text = dict(view.formats).get(name, "")
        suffix = _SUFFIXES.get(name, ".sh")

        def typed(path: str | None) -> None:
            if path:
                self.advisor.write_file(Path(path).expanduser(), text + "\n")

        title = self.tongue("Save the plan ({format})").format(format=self.tongue(TITLES.get(name, name)))
        self.app.push_screen(AskScreen(title, "", f"plan{suffix}"), typed)

    def copies(self) -> list[Choice]:
        """The line under the cursor, then every format, the one that is shown first."""
        if self._view is None:
            return []
        sheet = self.query_one("#plan", Sheet)
        line = sheet.current.copies if sheet.current is not None else ""
        return [
            *([Choice(self.tongue("this line"), line, line)] if line else []),
            *(
                Choice(self.tongue(TITLES.get(name, name)), text, self._length(text))
                for name, text in sorted(self._view.formats, key=lambda each: each[0] != self._tab)
            ),
        ]

    def _length(self, text: str) -> str:
        return self.tongue("lines: {count}").format(count=len(text.splitlines()))


TITLES = {
    "cli": "AWS CLI",
    "powershell": "PowerShell",
    "rollback": "Undo",
    "terraform": "Terraform",
    "cloudformation": "CloudFormation",
    "iam": "IAM policy",
    "markdown": "Markdown",
    "json": "JSON",
}


WATCH_SECONDS = 15


def is_ready(assessed: TargetAssessment, method: MethodId | None) -> bool:
    """Whether the method (None: any) is ready."""
    return any(each.verdict is READY for each in assessed.methods if method is None or each.method is method)


def _advised(assessed: TargetAssessment) -> MethodId:
    return assessed.recommended.method if assessed.recommended else assessed.methods[0].method


def plan_choices(
    assessed: TargetAssessment, shown: Sequence[TargetAssessment], say: Say = str
) -> tuple[list[Choice], str | None]:
    """For whom and by which method to plan: `one/<method>` or `all/<method>`."""
    name = shown_name(assessed.target)
    cheapest = say("the cheapest method")
    by = say("{who}, by {method}")
    fewest = say("the fewest, safest and cheapest changes")
    choices = [Choice(by.format(who=name, method=cheapest), "one/best", fewest)]
    for method in assessed.methods:
        words = by.format(who=name, method=say(METHOD_NAMES[method.method]))
        now = say("now {verdict}").format(verdict=mark(method.verdict).said(say))
        choices.append(Choice(words, f"one/{method.method.value}", now))
    if len(shown) > 1:
        who = say("all {count} that are shown").format(count=len(shown))
        about = say("the smallest set of changes that makes most of them ready")
        choices.append(Choice(by.format(who=who, method=cheapest), "all/best", about))
        for id in (MethodId.SESSION_MANAGER, MethodId.INSTANCE_CONNECT_ENDPOINT):
            choices.append(Choice(by.format(who=who, method=say(METHOD_NAMES[id])), f"all/{id.value}", ""))
    return choices, None
