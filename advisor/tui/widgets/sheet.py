"""A sheet: paragraphs and lines to read, some of which can be chosen, with a cursor that walks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual


@dataclass(frozen=True)
class Entry:
    """A piece of a sheet: `content` wraps in what the `lead` before it leaves of the width.

    `follow` stands before the lines after the first (default: as many spaces as the lead is wide).
    `opens` is what choosing it opens (None: nothing), `copies` the text that a copy takes, `rests` whether
    the cursor can stand on it, `key` finds it again when the sheet's entries change, `most` is the number of
    lines it may take (0: as many as it needs).
    """

    content: Content = field(default_factory=Content)
    lead: Content = field(default_factory=Content)
    follow: Content | None = None
    opens: object = None
    copies: str = ""
    rests: bool = False
    key: str = ""
    most: int = 0

    @property
    def plain(self) -> str:
        """The words."""
        return self.lead.plain + self.content.plain


BLANK = Entry()
_NARROWEST = 24


class Sheet(ScrollView, can_focus=True, inherit_bindings=False):
    """Entries below each other; the cursor rests on those that say something to act on.

    What choosing an entry does is the page's to say: it binds the key for it, or none.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("home,g", "top", "First", show=False),
        Binding("end,G", "bottom", "Last", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"sheet--line", "sheet--cursor", "sheet--cursor-blurred"}
    DEFAULT_CSS = """
    Sheet {
        height: 1fr;
        background: $background;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .sheet--line { color: $foreground; background: $background; }
        & > .sheet--cursor { color: $foreground; background: $block-cursor-background; }
        & > .sheet--cursor-blurred { color: $foreground; background: $block-cursor-blurred-background; }
    }
    """

    cursor: reactive[int] = reactive(-1)

    class Chosen(Message):
        """A person chose an entry."""

        def __init__(self, sheet: Sheet, entry: Entry) -> None:
            super().__init__()
            self.sheet, self.entry = sheet, entry

        @property
        def control(self) -> Sheet:
            """The sheet it happened on."""
            return self.sheet

    class Highlighted(Message):
        """The cursor stands on an entry."""

        def __init__(self, sheet: Sheet, entry: Entry) -> None:
            super().__init__()
            self.sheet, self.entry = sheet, entry

        @property
        def control(self) -> Sheet:
            """The sheet it happened on."""
            return self.sheet

    def __init__(self, entries: Sequence[Entry] = (), *, id: str | None = None, classes: str = "") -> None:
        super().__init__(id=id, classes=classes)
        self._entries: list[Entry] = list(entries)
        self._lines: list[tuple[int, int]] = []  # (entry, line inside it) for every line of the sheet
        self._first_line: list[int] = []
        self._laid_out_for = -1
        self._strips: LRUCache[tuple[int, str], list[Strip]] = LRUCache(1000)

    # --- content ---

    def show(self, entries: Sequence[Entry], *, keep: bool = False) -> None:
        """Show these entries from the top, or (`keep`) with the cursor where it was."""
        key = self.current.key if keep and self.current is not None else ""
        place = self.cursor
        self._entries = list(entries)
        self._laid_out_for = -1
        self._lay_out()
        found = next((at for at, each in enumerate(self._entries) if key and each.key == key), None)
        if found is None and keep:
            found = place if place < len(self._entries) and place >= 0 else None
        # The cursor is put without scrolling so that a new sheet shows its heading.
        with self.prevent(Sheet.Highlighted):
            self.set_reactive(Sheet.cursor, found if found is not None else self._next(-1, 1))
        if not keep:
            self.scroll_to(y=0, animate=False, immediate=True)
        self.refresh()
        if self.current is not None:
            self.post_message(self.Highlighted(self, self.current))

    @property
    def current(self) -> Entry | None:
        """The entry under the cursor."""
        return self._entries[self.cursor] if 0 <= self.cursor < len(self._entries) else None

    def stand_on(self, key: str) -> None:
        """Put the cursor on the entry of this key."""
        for at, each in enumerate(self._entries):
            if each.key == key:
                self.cursor = at

    @property
    def plain(self) -> str:
        """All of it as plain text."""
        return "\n".join(each.plain for each in self._entries)

    def _next(self, start: int, step: int) -> int:
        at = start + step
        while 0 <= at < len(self._entries):
            if self._entries[at].rests:
                return at
            at += step
        return start

    # --- geometry ---

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        if width <= 0 or width == self._laid_out_for:
            return
        self._laid_out_for = width
        self._strips.clear()
        self._lines = []
        self._first_line = []
        for at, _ in enumerate(self._entries):
            self._first_line.append(len(self._lines))
            self._lines.extend((at, line) for line in range(len(self._strips_of(at, ""))))
        self.virtual_size = Size(width, len(self._lines))

    def on_resize(self) -> None:
        """Wrap anew for the new width."""
        self._lay_out()
        self.refresh()

    def notify_style_update(self) -> None:
        """Colours changed: every line is made anew."""
        super().notify_style_update()
        self._strips.clear()

    def _strips_of(self, at: int, look: str) -> list[Strip]:
        cached = self._strips.get((at, look))
        if cached is not None:
            return cached
        entry = self._entries[at]
        width = max(1, self._laid_out_for)
        style = self.get_visual_style("sheet--line", *([look] if look else []))
        strips = self._wrapped(entry, width, style)
        strips = [
            strip.extend_cell_length(width, style.rich_style).apply_meta({"entry": at}) for strip in strips
        ]
        self._strips[at, look] = strips
        return strips

    def _wrapped(self, entry: Entry, width: int, style: Style) -> list[Strip]:
        lead = entry.lead.cell_length
        follow = entry.follow or Content(" " * lead)
        if not entry.content.plain:
            pieces = [entry.lead]
        elif width - lead < _NARROWEST < width:
            # Too little room beside the lead: the content goes below it.
            pieces = [entry.lead, *(each.pad_left(4) for each in entry.content.wrap(width - 4))]
        else:
            # Lines after the first may be indented deeper: wrapped for the first alone they would be cut off.
            first, *rest = entry.content.wrap(max(1, width - max(lead, follow.cell_length)))
            pieces = [entry.lead + first, *(follow + each for each in rest)]
        if entry.most and len(pieces) > entry.most:
            pieces = pieces[: entry.most]
            pieces[-1] = pieces[-1].rstrip().truncate(width - 1).append("…")
        return [strip for each in pieces for strip in Visual.to_strips(self, each, width, 1, style)]

    # --- lines ---

    def render_line(self, y: int) -> Strip:
        """One line of the sheet."""
        width = self.scrollable_content_region.width
        if width != self._laid_out_for:
            self._lay_out()
        number = self.scroll_offset.y + y
        if number >= len(self._lines):
            return Strip.blank(width, self.get_visual_style("sheet--line").rich_style)
        at, line = self._lines[number]
        look = ""
        if at == self.cursor and self._entries[at].rests:
            look = "sheet--cursor" if self.has_focus else "sheet--cursor-blurred"
        strips = self._strips_of(at, look)
        return strips[min(line, len(strips) - 1)]

    # --- what people do ---

    def watch_cursor(self, old: int, new: int) -> None:
        """Repaint, keep the cursor in view, and tell."""
        self.refresh()
        self._scroll_to_cursor()
        if old != new and self.current is not None:
            self.post_message(self.Highlighted(self, self.current))

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor looks different without focus."""
        super().watch_has_focus(has_focus)
        self.refresh()

    def _scroll_to_cursor(self) -> None:
        if not 0 <= self.cursor < len(self._first_line):
            return
        height = self.scrollable_content_region.height
        first = self._first_line[self.cursor]
        last = first + len(self._strips_of(self.cursor, "")) - 1
        # The heading above the first entry to rest on comes into view with it.
        top = 0 if self._next(self.cursor, -1) == self.cursor else first
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False)
        elif last >= self.scroll_offset.y + height:
            self.scroll_to(y=min(first, last - height + 1), animate=False)

    def action_move(self, step: int) -> None:
        """Move to the next entry to rest on; where there is none near, scroll."""
        found = self._next(self.cursor, step)
        height = self.scrollable_content_region.height
        if found == self.cursor or not self._first_line:
            self.scroll_relative(y=step, animate=False)
            return
        far = self._first_line[found]
        if step > 0 and far >= self.scroll_offset.y + height + 3:
            self.scroll_relative(y=3, animate=False)
        elif step < 0 and far < self.scroll_offset.y - 3:
            self.scroll_relative(y=-3, animate=False)
        else:
            self.cursor = found

    def action_page(self, step: int) -> None:
        """Scroll by a page and put the cursor into view."""
        height = self.scrollable_content_region.height
        goal = min(max(0, self.scroll_offset.y + step * height), max(0, len(self._lines) - height))
        self.scroll_to(y=goal, animate=False, immediate=True)
        near = [at for at, _ in self._lines[goal : goal + height] if self._entries[at].rests]
        if near:
            self.cursor = near[0] if step > 0 else near[-1]

    def action_top(self) -> None:
        """Go to the start."""
        self.cursor = self._next(-1, 1)
        self.scroll_home(animate=False)

    def go_to_next(self, key: str, step: int = 1) -> None:
        """Go to the next (`step` -1: the previous) entry of this key, round the end."""
        found = [at for at, each in enumerate(self._entries) if each.key == key]
        if step > 0:
            self.cursor = next((at for at in found if at > self.cursor), found[0] if found else self.cursor)
        else:
            before = [at for at in found if at < self.cursor]
            self.cursor = before[-1] if before else found[-1] if found else self.cursor

    def action_bottom(self) -> None:
        """Go to the end."""
        self.cursor = self._next(len(self._entries), -1) if self._entries else -1
        self.scroll_end(animate=False)

    def action_choose(self) -> None:
        """Open what the cursor stands on."""
        if self.current is not None and self.current.rests:
            self.post_message(self.Chosen(self, self.current))

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor; a second one opens."""
        at = event.style.meta.get("entry")
        if at is None or not self._entries[at].rests:
            return
        again = at == self.cursor
        self.cursor = at
        if again or event.chain > 1:
            self.action_choose()
