"""The terminal app: it holds the open account, opens others in a worker, and goes from page to page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import msgspec
from textual import work
from textual.app import SuspendNotSupported, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.reactive import reactive
from textual.screen import Screen
from textual.worker import Worker, WorkerState, get_current_worker

from advisor.methods.assessment import MethodId, TargetAssessment
from advisor.model.errors import AdvisorError
from advisor.tui.desk import Cancelled, Desk, Open, Progress, Source
from advisor.tui.messages import DeskOpened, OpeningCancelled, OpeningFailed, Progressed
from advisor.tui.outward import OutwardApp
from advisor.tui.palette import PageCommands, TargetCommands
from advisor.tui.screens.fleet import FleetScreen
from advisor.tui.sizes import HEIGHTS, WIDTHS
from advisor.tui.theme import DARK, LIGHT
from advisor.tui.tongue import Tongue

Clock = Callable[[], datetime]


def open_with_engine(
    source: Source, progress: Callable[[Progress], None], cancelled: Callable[[], bool]
) -> Desk:
    """Open a source with the real engine, which is imported here: after the first frame, in the worker."""
    from advisor.tui.engine_open import open_source

    desk: Desk = open_source(source, progress, cancelled)
    return desk


def defect(worker: Worker[object]) -> AdvisorError:
    """What to tell a person about a worker that broke."""
    kind = type(worker.error).__name__
    return AdvisorError(
        f"advisor itself failed: {kind}: {worker.error}", "That is a defect of advisor; please report it."
    )


def utc_now() -> datetime:
    """The present."""
    return datetime.now(UTC)


class AdvisorApp(OutwardApp):
    """advisor in a terminal.

    `desk` is the open account, an immutable value that workers bring in a message; pages watch it. Opening
    has a generation number: what an earlier worker still says is dropped.
    """

    TITLE = "advisor"
    CSS_PATH = "app.tcss"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    COMMANDS: ClassVar = {PageCommands, TargetCommands}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", show=False, id="app.quit"),
        Binding("f1", "help", "Help", show=False, id="app.help"),
    ]

    desk: reactive[Desk | None] = reactive(None, init=False)

    def __init__(self, source: Source, opener: Open = open_with_engine, clock: Clock = utc_now) -> None:
        super().__init__()
        self.source = source
        self.tongue = Tongue(source.lang)
        self.clock = clock
        self._opener = opener
        self._generation = 0
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        if self.theme == "textual-dark":  # nobody chose another by TEXTUAL_THEME
            self.theme = DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours of ours that other themes do not have."""
        return {"faint": "#8795a5"}

    def on_mount(self) -> None:
        """Show the fleet's frame first; open the account when it stands."""
        self.call_after_refresh(self.open, self.source)

    def get_default_screen(self) -> Screen[None]:
        """The fleet is the ground that everything else stands on."""
        return FleetScreen()

    # --- opening ---

    def open(self, source: Source) -> None:
        """Open a source; what is open stays until the new one is there."""
        from advisor.tui.screens.collecting import CollectingScreen

        self._generation += 1
        self.source = source
        self.to_fleet()
        if source.path is None and source.session is None:
            signed_in = self._signed_in(source)
            if signed_in is None:
                return
            self.source = source = signed_in
        if source.path is None or self.desk is not None:
            self.push_screen(CollectingScreen(source))
        self._open_in_worker(self._generation, source)

    def _signed_in(self, source: Source) -> Source | None:
        """The source with a session where signing in asks for a code: that question needs the terminal."""
        from advisor.tui.profiles import asks_for_code

        if not asks_for_code(source.profile):
            return source
        try:
            with self.suspend():
                from advisor.tui.engine_live import sign_in

                return msgspec.structs.replace(source, session=sign_in(source))
        except SuspendNotSupported:
            return source
        except AdvisorError as error:
            self.show_start(error)
            return None

    @work(thread=True, exclusive=True, group="open", exit_on_error=False)
    def _open_in_worker(self, generation: int, source: Source) -> None:
        worker = get_current_worker()

        def progress(at: Progress) -> None:
            if not worker.is_cancelled:
                self.post_message(Progressed(generation, at))

        try:
            desk = self._opener(source, progress, lambda: worker.is_cancelled)
        except Cancelled:
            self.post_message(OpeningCancelled(generation))
        except AdvisorError as error:
            self.post_message(OpeningFailed(generation, error))
        else:
            self.post_message(DeskOpened(generation, desk))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that broke is said, not hidden: otherwise its page would wait for ever."""
        if event.state is not WorkerState.ERROR:
            return
        error = defect(event.worker)
        if event.worker.group == "open":
            self.to_fleet()
            self.show_start(error)
        else:
            self.say_error(error)

    def cancel_opening(self) -> None:
        """Stop waiting; words that still come are of an old generation."""
        self._generation += 1
        self.workers.cancel_group(self, "open")
        self.to_fleet()
        if self.desk is None:
            self.show_start(None)

    def on_progressed(self, message: Progressed) -> None:
        """Tell the page that shows progress."""
        from advisor.tui.screens.collecting import CollectingScreen

        if message.generation == self._generation and isinstance(self.screen, CollectingScreen):
            self.screen.show_progress(message.progress)

    def on_desk_opened(self, message: DeskOpened) -> None:
        """Show the account."""
        if message.generation != self._generation:
            return
        self.source = message.desk.source
        self.desk = message.desk
        if not message.stays:
            self.to_fleet()

    def watch_desk(self, old: Desk | None, new: Desk | None) -> None:
        """Close what is no longer used."""
        if old is not None and (new is None or new.source.session is not old.source.session):
            old.close()

    def on_unmount(self) -> None:
        """Leave no connection open."""
        if self.desk is not None:
            self.desk.close()

    def on_opening_failed(self, message: OpeningFailed) -> None:
        """Say why, and what else can be opened."""
        if message.generation != self._generation:
            return
        self.to_fleet()
        self.show_start(message.error)

    def on_opening_cancelled(self, message: OpeningCancelled) -> None:
        """Back to where something can be chosen."""
        if message.generation == self._generation:
            self.cancel_opening()

    def show_start(self, error: AdvisorError | None) -> None:
        """The start page: demo, snapshot, profile; with the error that led here."""
        from advisor.tui.screens.start import StartScreen

        self.push_screen(StartScreen(self.source, error))

    # --- going about ---

    def to_fleet(self) -> None:
        """Close every page above the fleet."""
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def leave(self, page: Screen[None]) -> None:
        """Go back one page; from the last one, quit."""
        if len(self.screen_stack) > 1 and self.screen is page:
            self.clear_notifications()  # they were about that page, and would cover the next
            self.pop_screen()
        elif len(self.screen_stack) == 1:
            self.exit(0)

    def open_target(self, assessed: TargetAssessment, method: MethodId | None = None) -> None:
        """Open the page of a target."""
        from advisor.tui.screens.instance import InstanceScreen

        self.look_at(assessed)
        self.push_screen(InstanceScreen(assessed, method))

    def compare(self, assessed: TargetAssessment) -> None:
        """Open the comparison of the methods for a target."""
        from advisor.tui.screens.comparison import ComparisonScreen

        self.push_screen(ComparisonScreen(assessed))

    def show_raw(self, account: str, region: str, operation: str, resource: str) -> None:
        """Open the record that decided something, as AWS gave it."""
        from advisor.tui.screens.raw import RawScreen

        self.push_screen(RawScreen(account, region, operation, resource))

    def trace_from(self, assessed: TargetAssessment | None, destination: str = "") -> None:
        """Open the tracing page."""
        from advisor.tui.screens.trace import TraceScreen

        self.push_screen(TraceScreen(assessed.target.id if assessed else "", destination))

    def open_map(self) -> None:
        """Open the network map."""
        from advisor.tui.screens.map import MapScreen

        if self.desk is not None:
            self.push_screen(MapScreen())

    def open_why(self, assessed: TargetAssessment | None) -> None:
        """Open the page that explains error texts."""
        from advisor.tui.screens.why import WhyScreen

        if self.desk is not None:
            self.push_screen(WhyScreen(assessed))

    def open_gaps(self) -> None:
        """Open the list of what could not be read."""
        from advisor.tui.screens.gaps import GapsScreen

        if self.desk is not None:
            self.push_screen(GapsScreen())

    def choose_plan(self, assessed: TargetAssessment, shown: Sequence[TargetAssessment]) -> None:
        """Ask for whom and by which method to plan, then open the plan."""
        from advisor.tui.screens.choose import ChooseScreen
        from advisor.tui.screens.plan import plan_choices

        choices, default = plan_choices(assessed, shown, self.tongue)

        def chosen(value: str | None) -> None:
            if value is not None:
                scope, _, method = value.partition("/")
                whom = tuple(shown) if scope == "all" else (assessed,)
                self.open_plan(whom, MethodId(method) if method != "best" else None)

        self.push_screen(ChooseScreen(self.tongue("Plan: make ready"), choices, default), chosen)

    def open_plan(self, whom: tuple[TargetAssessment, ...], method: MethodId | None) -> None:
        """Open the plan for these targets by a method (None: the cheapest)."""
        from advisor.tui.screens.plan import PlanScreen

        self.push_screen(PlanScreen(whom, method))

    def show_fleet(self, filter_text: str) -> None:
        """The fleet with a filter."""
        self.to_fleet()
        if isinstance(self.screen, FleetScreen):
            self.screen.set_filter(filter_text)

    def show_only(self, ids: Sequence[str]) -> None:
        """The fleet with these targets."""
        self.to_fleet()
        if isinstance(self.screen, FleetScreen):
            self.screen.show_only(frozenset(ids))

    # --- actions of all pages ---

    def action_command_palette(self) -> None:
        """The palette, which asks in the person's language."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(
                CommandPalette(placeholder=self.tongue("Search for commands…"), id="--command-palette")
            )

    def action_help(self) -> None:
        """Explain the keys that work here."""
        from advisor.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def action_ways(self) -> None:
        """The break-glass view."""
        from advisor.tui.screens.ways import WaysScreen

        if self.desk is not None:
            self.push_screen(WaysScreen())

    def action_needs(self) -> None:
        """Choose the profile of advice, and what the way in must offer."""
        from advisor.tui.screens.needs import NeedsScreen

        if self.desk is None:
            return
        desk = self.desk

        def chosen(needs: object) -> None:
            if needs is not None and needs != desk.needs:
                self.rank_anew(needs)

        self.push_screen(NeedsScreen(desk), chosen)

    @work(thread=True, exclusive=True, group="rank", exit_on_error=False)
    def rank_anew(self, needs: object) -> None:
        """Recommend anew for other needs."""
        from advisor.tui.desk import Needs

        desk, generation = self.desk, self._generation
        if desk is None or not isinstance(needs, Needs):
            return
        try:
            ranked = desk.ranked(needs)
        except AdvisorError as error:
            self.call_from_thread(self.say_error, error)
        else:
            self.post_message(DeskOpened(generation, ranked, stays=True))

    @work(thread=True, exclusive=True, group="look", exit_on_error=False)
    def look_at(self, assessed: TargetAssessment) -> None:
        """Ask what costs a call for each target, for the one that is looked at."""
        desk, generation = self.desk, self._generation
        if desk is None:
            return
        try:
            closer = desk.looked_at(assessed)
        except AdvisorError as error:
            self.call_from_thread(self.say_error, error)
            return
        if closer is not None and self.desk is desk:
            self.post_message(DeskOpened(generation, closer, stays=True))

    def action_reopen(self) -> None:
        """Read the same source again."""
        self.open(self.source)

    def action_profile(self) -> None:
        """Choose another AWS profile."""
        from advisor.tui.profiles import profile_choices

        self._choose(
            self.tongue("AWS profile"), profile_choices(), self.source.profile or "", self._with_profile
        )

    def _with_profile(self, name: str) -> None:
        self.open(msgspec.structs.replace(self.source, path=None, profile=name, session=None))

    def action_region(self) -> None:
        """Choose other Regions."""
        from advisor.tui.screens.choose import AskScreen

        def typed(text: str | None) -> None:
            if text is not None:
                regions = tuple(part.strip() for part in text.replace(" ", ",").split(",") if part.strip())
                self.open(msgspec.structs.replace(self.source, regions=regions, session=None))

        about = self.tongue("one or more AWS Regions with commas between, or all")
        self.push_screen(AskScreen(self.tongue("Regions"), about, ", ".join(self.source.regions)), typed)

    def _choose(
        self, title: str, choices: list[tuple[str, str]], chosen: str, then: Callable[[str], None]
    ) -> None:
        from advisor.tui.screens.choose import Choice, ChooseScreen

        if not choices:
            self.say(self.tongue("No AWS profile is configured on this computer. Run: aws configure"))
            return

        def picked(value: str | None) -> None:
            if value is not None:
                then(value)

        offered = [Choice(name, name, about) for name, about in choices]
        self.push_screen(ChooseScreen(title, offered, chosen), picked)

    def action_save(self) -> None:
        """Save the report to a file."""
        from advisor.tui.screens.choose import AskScreen

        if self.desk is None:
            return
        about = self.tongue("the ending says the format: .md, .html, .json or .csv")
        self.push_screen(AskScreen(self.tongue("Save the report"), about, "advisor-report.md"), self._save_to)

    def _save_to(self, name: str | None) -> None:
        if name and self.desk is not None:
            path = Path(name).expanduser()
            self._write_report(self.desk, path)

    @work(thread=True, group="save", exit_on_error=False)
    def _write_report(self, desk: Desk, path: Path) -> None:
        try:
            text = desk.document(path.suffix.lower())
        except AdvisorError as error:
            self.call_from_thread(self.say_error, error)
            return
        self.call_from_thread(self.write_file, path, text)

    def get_system_commands(self, screen: Screen[object]):  # type: ignore[no-untyped-def]
        """What the palette offers everywhere."""
        yield SystemCommand(self.tongue("Dark theme"), "advisor-dark", lambda: self.use_theme(DARK.name))
        yield SystemCommand(self.tongue("Light theme"), "advisor-light", lambda: self.use_theme(LIGHT.name))
        yield SystemCommand(self.tongue("Theme"), self.tongue("Choose any theme"), self.action_change_theme)
        yield SystemCommand(
            self.tongue("Screenshot"), self.tongue("Save the screen as SVG"), self.deliver_screenshot
        )

    def use_theme(self, name: str) -> None:
        """Change the colours."""
        self.theme = name


def run(
    source: str | None,
    *,
    profile: str | None = None,
    regions: Sequence[str] = (),
    endpoint_url: str | None = None,
    rules: Sequence[str | Path] = (),
    lang: str = "en",
) -> int:
    """Run the terminal app until the person quits; the exit code.

    `source` is a snapshot's path, a folder of dumps, the word `demo`, or None for the live account.
    """
    what = Source(source, profile, tuple(regions), endpoint_url, tuple(Path(each) for each in rules), lang)
    return AdvisorApp(what).run() or 0
