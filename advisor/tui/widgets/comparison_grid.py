"""A table of wrapped texts with a fixed first column; shows as many methods as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from advisor.tui.desk import Compared, Words
from advisor.tui.tones import TONES
from advisor.tui.tongue import tongue_of

_TITLES = 17
_NARROWEST = 24
_WIDEST = 44


_Cell = tuple[Content, ...]


class ComparisonGrid(ScrollView, can_focus=True, inherit_bindings=False):
    """Methods as columns; the chosen one is marked, and left and right move through them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("pagedown,ctrl+f", "page_down", "Page down", show=False),
        Binding("pageup,ctrl+b", "page_up", "Page up", show=False),
        Binding("home,g", "scroll_home", "First", show=False),
        Binding("end,G", "scroll_end", "Last", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"grid--line", "grid--odd"}
    DEFAULT_CSS = """
    ComparisonGrid {
        height: 1fr; background: $background; overflow-x: hidden; scrollbar-size-vertical: 1;
        & > .grid--line { color: $foreground; background: $background; }
        & > .grid--odd { color: $foreground; background: $surface; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._compared: Compared | None = None
        self._words: Words = str
        self._first = 0
        self.chosen = 0
        self._head: list[Strip] = []
        self._strips: list[Strip] = []

    def show(self, compared: Compared, words: Words) -> None:
        """Show this comparison, with the recommended method chosen."""
        self._compared, self._words = compared, words
        self.chosen = compared.recommended or 0
        self.lay_out()

    def shift(self, step: int) -> None:
        """Choose the next or previous method."""
        if self._compared is not None:
            self.chosen = min(max(0, self.chosen + step), len(self._compared.heads) - 1)
            self.lay_out()

    def on_click(self, event: events.Click) -> None:
        """Choose the method that was clicked."""
        at = event.style.meta.get("method")
        if at is not None and self._compared is not None:
            self.chosen = at
            self.lay_out()

    def notify_style_update(self) -> None:
        """Colours changed."""
        super().notify_style_update()
        if self._compared is not None and self.is_mounted:
            self.lay_out()

    def lay_out(self) -> None:
        """Wrap everything for the present width."""
        compared = self._compared
        width = self.scrollable_content_region.width
        if compared is None or width <= 0:
            return
        room = width - _TITLES
        fits = max(1, min(len(compared.heads), room // _NARROWEST))
        column = min(_WIDEST, room // fits)
        if self.chosen < self._first:
            self._first = self.chosen
        elif self.chosen >= self._first + fits:
            self._first = self.chosen - fits + 1
        self._first = min(self._first, len(compared.heads) - fits)
        shown = range(self._first, self._first + fits)
        self._head = self._heads(compared, shown, column, width)
        reasons = [_cell(compared.reasons[at] or (self._words("tui.nothing-in-the-way"),)) for at in shown]
        strips = self._row(
            Content.styled(self._words("tui.in-this-account"), "bold $accent"),
            reasons,
            shown,
            column,
            width,
            1,
        )
        for number, row in enumerate(compared.rows):
            cells = [_cell(row.cells[at]) for at in shown]
            strips += self._row(
                Content.styled(row.title, "bold $faint"), cells, shown, column, width, number % 2
            )
        self._strips = strips
        self.virtual_size = Size(width, len(strips) + len(self._head))
        self.refresh()

    def _heads(self, compared: Compared, shown: range, column: int, width: int) -> list[Strip]:
        say = tongue_of(self)
        titles = []
        marks = []
        for at in shown:
            star = " ★" if at == compared.recommended else ""
            style = "bold reverse" if at == self.chosen else "bold"
            titles.append((Content.assemble((f" {say(compared.heads[at])} ", style), (star, "$accent")),))
            mark = compared.marks[at]
            marks.append((Content.styled(f" {mark.said(say)}", f"bold {TONES[mark.verdict]}"),))
        hidden = len(compared.heads) - shown.stop
        more = " ".join(([f"◀ {shown.start}"] if shown.start else []) + ([f"{hidden} ▶"] if hidden else []))
        first = self._row(Content.styled(more, "$accent"), titles, shown, column, width, 1)
        return first + self._row(
            Content.styled(self._words("tui.this-target"), "$faint"), marks, shown, column, width, 1
        )

    def _row(
        self,
        title: Content,
        cells: Sequence[_Cell],
        shown: range,
        column: int,
        width: int,
        odd: int,
    ) -> list[Strip]:
        style = self.get_visual_style("grid--odd" if odd else "grid--line")
        base = style.rich_style
        sides = [title.wrap(_TITLES - 2), *(_wrapped(cell, column - 2) for cell in cells)]
        height = max(len(side) for side in sides)
        lines = []
        for line in range(height):
            parts = []
            for number, (side, room) in enumerate(
                zip(sides, [_TITLES, *([column] * len(cells))], strict=True)
            ):
                piece = side[line] if line < len(side) else Content("")
                strip = Strip.join(Visual.to_strips(self, piece.pad_left(1), room, 1, style))
                strip = strip.adjust_cell_length(room, base)
                parts.append(strip.apply_meta({"method": shown[number - 1]}) if number else strip)
            lines.append(Strip.join(parts).extend_cell_length(width, base))
        return lines

    def render_line(self, y: int) -> Strip:
        """The heads stay; the rest scrolls below them."""
        width = self.scrollable_content_region.width
        if y < len(self._head):
            return self._head[y]
        number = self.scroll_offset.y + y - len(self._head)
        if number < len(self._strips):
            return self._strips[number]
        return Strip.blank(width, self.get_visual_style("grid--line").rich_style)


def _cell(lines: tuple[str, ...]) -> _Cell:
    if len(lines) == 1:
        return (Content(lines[0]),)
    return tuple(Content.assemble(("· ", "$faint"), line) for line in lines)


def _wrapped(cell: tuple[Content, ...], room: int) -> list[Content]:
    wrapped: list[Content] = []
    for line in cell:
        if line.plain.startswith("· "):
            first, *rest = line[2:].wrap(room - 2)
            wrapped += [line[:2] + first, *(each.pad_left(2) for each in rest)]
        else:
            wrapped += line.wrap(room)
    return wrapped
