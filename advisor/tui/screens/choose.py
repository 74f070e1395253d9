"""Small windows over a page: choose one of several, or type a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from advisor.tui.tongue import tongue_of


@dataclass(frozen=True)
class Choice:
    """Something to choose: what it is called, what is said about it, and the value that is chosen."""

    title: str
    value: str
    about: str = ""


class ChooseScreen(ModalScreen[str | None]):
    """A list to choose from; gives the value, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close"),
        Binding("j", "down", "Down", show=False),
        Binding("k", "up", "Up", show=False),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], chosen: str | None = None) -> None:
        super().__init__()
        self._title, self._choices, self._chosen = title, list(choices), chosen

    def compose(self) -> ComposeResult:
        """A box with the list."""
        with Vertical(classes="window") as window:
            window.border_title = Content(self._title)
            window.border_subtitle = Content(tongue_of(self)("enter choose · esc close"))
            yield OptionList(*(Option(self._prompt(each)) for each in self._choices), markup=False)

    def _prompt(self, choice: Choice) -> Content:
        mark = "● " if choice.value == self._chosen else "  "
        title = Content.styled(f"{mark if self._chosen is not None else ''}{choice.title}", "bold")
        if not choice.about:
            return title
        return title + Content.styled(f"\n{'  ' if self._chosen is not None else ''}{choice.about}", "$faint")

    def on_mount(self) -> None:
        """Stand on what is chosen already."""
        values = [each.value for each in self._choices]
        options = self.query_one(OptionList)
        options.highlighted = values.index(self._chosen) if self._chosen in values else 0

    def action_down(self) -> None:
        """Next."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """Previous."""
        self.query_one(OptionList).action_cursor_up()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Give what was chosen."""
        self.dismiss(self._choices[event.option_index].value)


class AskScreen(ModalScreen[str | None]):
    """A line to type; gives the text (empty if that is what was typed), or None where it was closed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Close")]

    def __init__(self, title: str, about: str = "", text: str = "", placeholder: str = "") -> None:
        super().__init__()
        self._title, self._about, self._text, self._placeholder = title, about, text, placeholder

    def compose(self) -> ComposeResult:
        """A box with the line."""
        with Vertical(classes="window") as window:
            window.border_title = Content(self._title)
            window.border_subtitle = Content(tongue_of(self)("enter accept · esc close"))
            if self._about:
                yield Label(Content.styled(self._about, "$faint"))
            yield Input(self._text, placeholder=self._placeholder)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give what was typed."""
        self.dismiss(event.value.strip())
