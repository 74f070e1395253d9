"""A page: what all full screens share: status, breadcrumbs, key hints, copying, and the smallest size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, Static
from textual.worker import Worker, WorkerState

from advisor.tui.screens.choose import Choice, ChooseScreen
from advisor.tui.sizes import SMALLEST
from advisor.tui.tongue import Tongue, tongue_of
from advisor.tui.widgets.status import Crumbs, StatusBar

if TYPE_CHECKING:
    from advisor.tui.app import AdvisorApp
    from advisor.tui.desk import Desk


BACK: list[BindingType] = [Binding("escape,backspace,q", "back", "Back", key_display="esc", id="back")]
COMMON: list[BindingType] = [
    Binding("y", "copy", "Copy", id="copy"),
    Binding("question_mark", "app.help", "Help", key_display="?", id="help"),
    Binding("colon", "app.command_palette", "Commands", key_display=":", show=False, id="commands"),
]
"""Keys of every page; a page lists its own before them, because key hints are shown in this order."""


HELP_WHILE_TYPING = Binding("f1", "app.help", "Help", key_display="F1")
"""Shown while a line has the focus, where `?` is a character."""


class Page(Screen[None]):
    """A full screen; a subclass gives `body` and `crumbs`, and what can be copied from it."""

    def compose(self) -> ComposeResult:
        """Status and crumbs, the body, key hints; and a plain word for windows that are too small."""
        yield StatusBar()
        yield Crumbs(*self.crumbs())
        with Vertical(id="body"):
            yield from self.body()
        yield Footer(show_command_palette=False, compact=True)
        yield Static(
            Content(
                self.tongue(
                    "This window is too small for advisor: it needs {columns} columns and {lines} lines.\n"
                    "Make it larger, or use the command line: advisor assess"
                ).format(columns=SMALLEST[0], lines=SMALLEST[1])
            ),
            id="too-small",
        )

    @property
    def advisor(self) -> AdvisorApp:
        """The app, by its own type."""
        return cast("AdvisorApp", self.app)

    @property
    def tongue(self) -> Tongue:
        """The person's language."""
        return tongue_of(self)

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work now, described in the person's language: for key hints, help and palette."""

        def described(binding: Binding) -> Binding:
            # Textual's own key for the palette has Textual's own word.
            words = "Commands" if binding.action == "command_palette" else binding.description
            return replace(binding, description=self.tongue(words))

        live = super().active_bindings.items()
        return {key: each._replace(binding=described(each.binding)) for key, each in live}

    @property
    def desk(self) -> Desk:
        """The open account; only pages that need none are shown without one."""
        desk = self.advisor.desk
        assert desk is not None
        return desk

    def crumbs(self) -> tuple[str, ...]:
        """Where this page is."""
        return ()

    def body(self) -> Iterable[Widget]:
        """The page's own widgets."""
        return ()

    def copies(self) -> list[Choice]:
        """What can be copied from here: titles with the texts."""
        return []

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that broke is said, and nothing waits for it any longer."""
        if event.state is WorkerState.ERROR:
            event.stop()
            for widget in self.query("*"):
                widget.loading = False
            self.advisor.on_worker_state_changed(event)

    def action_back(self) -> None:
        """Leave this page."""
        self.advisor.leave(self)

    def action_copy(self) -> None:
        """Offer what can be copied."""
        choices = self.copies()
        if not choices:
            self.advisor.say(self.tongue("There is nothing to copy here."))
            return

        def chosen(text: str | None) -> None:
            if text is not None:
                self.advisor.copy_text(text)

        self.app.push_screen(ChooseScreen(self.tongue("Copy"), choices), chosen)
