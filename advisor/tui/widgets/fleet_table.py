"""The fleet as a virtual table: only the lines on the screen are ever made, so 100,000 rows open at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from advisor.methods.assessment import TargetAssessment
from advisor.model.verdict import Verdict
from advisor.report.rows import FleetRow, Mark, fleet_row
from advisor.tui.tongue import tongue_of
from advisor.tui.widgets.columns import GAP, Placed, all_columns, mark_text, place_columns
from advisor.tui.widgets.fit import fit

_TONES = {Verdict.READY: "ready", Verdict.BLOCKED: "blocked", Verdict.UNKNOWN: "unknown", None: "faint"}


class FleetTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Targets as lines; the first line of the widget is the head and stays where it is.

    `show` gives it the targets and the positions to show, in order; nothing is measured or copied.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("home,g", "top", "First", show=False),
        Binding("end,G", "bottom", "Last", show=False),
        Binding("right,l", "sideways(12)", "Right", show=False),
        Binding("left,h", "sideways(-12)", "Left", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "fleet--head",
        "fleet--head-sorted",
        "fleet--cursor",
        "fleet--cursor-blurred",
        "fleet--hover",
        "fleet--ready",
        "fleet--blocked",
        "fleet--unknown",
        "fleet--faint",
        "fleet--name",
        "fleet--blocked-word",
    }
    DEFAULT_CSS = """
    FleetTable {
        height: 1fr;
        background: $background;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        & > .fleet--head { color: $faint; background: $surface; text-style: bold; }
        & > .fleet--head-sorted { color: $accent; background: $surface; text-style: bold; }
        & > .fleet--cursor { background: $block-cursor-background; }
        & > .fleet--cursor-blurred { background: $block-cursor-blurred-background; }
        & > .fleet--hover { background: $surface; }
        & > .fleet--ready { color: $success; }
        & > .fleet--blocked { color: $error; }
        & > .fleet--blocked-word { color: $error 70%; }
        & > .fleet--unknown { color: $warning; }
        & > .fleet--faint { color: $faint; }
        & > .fleet--name { color: $foreground; text-style: bold; }
    }
    """

    cursor: reactive[int] = reactive(0)
    hovered: reactive[int | None] = reactive(None)

    class Opened(Message):
        """A person wants to see this target."""

        def __init__(self, assessed: TargetAssessment) -> None:
            super().__init__()
            self.assessed = assessed

    class Highlighted(Message):
        """The cursor stands on this target (None: nothing to stand on)."""

        def __init__(self, assessed: TargetAssessment | None) -> None:
            super().__init__()
            self.assessed = assessed

    class HeadClicked(Message):
        """A person clicked a column's head."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._targets: Sequence[TargetAssessment] = ()
        self._order: Sequence[int] = ()
        self._placed: tuple[Placed, ...] = ()
        self._rows: LRUCache[int, FleetRow] = LRUCache(1000)
        self._strips: LRUCache[tuple[int, str], Strip] = LRUCache(1000)
        self._styles_by_name: dict[str, Style] = {}
        self.wide = False
        self.sorted_by: tuple[str, bool] | None = None

    # --- what is shown ---

    def show(self, targets: Sequence[TargetAssessment], order: Sequence[int]) -> None:
        """Show these targets, in this order; the cursor stays on its target where that is still shown."""
        current = self.current
        if targets is not self._targets:
            self._rows.clear()
        self._targets, self._order = targets, order
        self._strips.clear()
        self._resize()
        self.cursor = self._position_of(current)
        self._scroll_to_cursor()
        self.refresh()
        self.post_message(self.Highlighted(self.current))

    def _position_of(self, wanted: TargetAssessment | None) -> int:
        if wanted is None:
            return 0
        names = (wanted.target.account, wanted.target.region, wanted.target.id)
        for position, at in enumerate(self._order):
            target = self._targets[at].target
            if target.id == names[2] and (target.account, target.region) == names[:2]:
                return position
        return 0

    @property
    def current(self) -> TargetAssessment | None:
        """The target under the cursor."""
        if 0 <= self.cursor < len(self._order):
            return self._targets[self._order[self.cursor]]
        return None

    @property
    def shown_count(self) -> int:
        """How many targets are shown."""
        return len(self._order)

    @property
    def shown(self) -> tuple[TargetAssessment, ...]:
        """The targets that are shown, in order."""
        return tuple(self._targets[at] for at in self._order)

    @property
    def column_ids(self) -> list[str]:
        """The columns that are shown, from the left."""
        return [each.column.id for each in self._placed]

    def neighbour(self, step: int) -> TargetAssessment | None:
        """Move the cursor and give the target there."""
        self.action_move(step)
        return self.current

    def set_wide(self, wide: bool) -> None:
        """Show every column at full width (scrolled sideways), or those that fit."""
        self.wide = wide
        self.styles.overflow_x = "scroll" if wide else "hidden"
        self._strips.clear()
        self._resize()
        self.scroll_to(x=0, animate=False)
        self.refresh()

    def set_sorted(self, column: str, descending: bool) -> None:
        """Mark the head of the column that the lines are sorted by."""
        self.sorted_by = (column, descending)
        self.refresh()

    # --- geometry ---

    def _resize(self) -> None:
        width = self.scrollable_content_region.width
        self._placed = all_columns() if self.wide else place_columns(width - 1)
        total = sum(each.width + GAP for each in self._placed) + 1
        self.virtual_size = Size(max(width, total) if self.wide else width, len(self._order) + 1)

    def on_resize(self) -> None:
        """Choose the columns anew for the new width."""
        self._strips.clear()
        self._resize()
        self._scroll_to_cursor()

    def notify_style_update(self) -> None:
        """Colours changed: every line is made anew."""
        super().notify_style_update()
        self._styles_by_name.clear()
        self._strips.clear()

    @property
    def _page(self) -> int:
        return max(1, self.scrollable_content_region.height - 1)

    def _scroll_to_cursor(self) -> None:
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + self._page:
            self.scroll_to(y=self.cursor - self._page + 1, animate=False)

    # --- lines ---

    def render_line(self, y: int) -> Strip:
        """The line at `y` of the widget: the head, then targets."""
        strip = self._head() if y == 0 else self._line(self.scroll_offset.y + y - 1)
        if not self.wide:
            return strip
        left = self.scroll_offset.x
        return strip.crop_extend(left, left + self.scrollable_content_region.width, self._style(""))

    def _head(self) -> Strip:
        head, chosen = self._style("fleet--head"), self._style("fleet--head-sorted")
        tongue = tongue_of(self)
        segments = [Segment(" ", head)]
        column_at = 1
        for each in self._placed:
            title, style = tongue(each.column.title), head
            if self.sorted_by is not None and self.sorted_by[0] == each.column.id:
                title, style = f"{title}{'▼' if self.sorted_by[1] else '▲'}", chosen
            segments.append(
                Segment(fit(title, each.width) + " " * GAP, style + Style(meta={"column": each.column.id}))
            )
            column_at += each.width + GAP
        return Strip(segments, column_at).extend_cell_length(self.virtual_size.width, head)

    def _line(self, position: int) -> Strip:
        if not 0 <= position < len(self._order):
            return Strip.blank(self.virtual_size.width, self._style(""))
        look = ""
        if position == self.cursor:
            look = "fleet--cursor" if self.has_focus else "fleet--cursor-blurred"
        elif position == self.hovered:
            look = "fleet--hover"
        key = (position, look)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._made(position, look)
        return strip

    def _made(self, position: int, look: str) -> Strip:
        at = self._order[position]
        row = self._rows.get(at)
        if row is None:
            row = self._rows[at] = fleet_row(self._targets[at], tongue_of(self))
        base = self.rich_style + self._style(look) if look else self._style("")
        segments = [
            Segment("▌" if look.startswith("fleet--cursor") else " ", base + self._style("fleet--ready"))
        ]
        length = 1
        for each in self._placed:
            text, tone = self._cell(row, each)
            text = fit(text, each.width) + " " * GAP
            style = base + self._style(tone) if tone else base
            if tone == "fleet--blocked" and each.column.method is not None:
                # Most methods are blocked for most targets: the glyph shows it, the word is quieter.
                segments.append(Segment(text[0], style))
                text, style = text[1:], base + self._style("fleet--blocked-word")
            segments.append(Segment(text, style))
            length += each.width + GAP
        strip = Strip(segments, length)
        return strip.extend_cell_length(self.virtual_size.width, base)

    def _cell(self, row: FleetRow, placed: Placed) -> tuple[str, str]:
        column = placed.column
        if column.method is not None:
            mark: Mark = row.marks[column.method]
            return mark_text(mark, placed.width, tongue_of(self)), f"fleet--{_TONES[mark.verdict]}"
        if column.id == "advice":
            tone = f"fleet--{_TONES[row.advice.verdict]}" if row.advised else "fleet--blocked"
            texts = (row.advice_text, row.advice_short)
            return next((each for each in texts if cell_len(each) <= placed.width), row.advice_brief), tone
        if column.id == "name":
            return column.text(row), "fleet--name"
        return column.text(row), "" if column.id == "state" and row.state == "running" else "fleet--faint"

    def _style(self, name: str) -> Style:
        style = self._styles_by_name.get(name)
        if style is None:
            style = self.get_component_rich_style(name, partial=True) if name else self.rich_style
            self._styles_by_name[name] = style
        return style

    # --- what people do ---

    def watch_cursor(self, old: int, new: int) -> None:
        """Repaint the two lines concerned."""
        self._scroll_to_cursor()
        self._refresh_row(old)
        self._refresh_row(new)

    def watch_hovered(self, old: int | None, new: int | None) -> None:
        """Repaint the two lines concerned."""
        for position in (old, new):
            if position is not None:
                self._refresh_row(position)

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor looks different without focus."""
        super().watch_has_focus(has_focus)
        self._refresh_row(self.cursor)

    def _refresh_row(self, position: int) -> None:
        y = position - self.scroll_offset.y + 1
        if 0 < y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def action_move(self, step: int) -> None:
        """Move the cursor by some lines."""
        self._go(self.cursor + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by a page."""
        self._go(self.cursor + step * self._page)

    def action_top(self) -> None:
        """Go to the first line."""
        self._go(0)

    def action_bottom(self) -> None:
        """Go to the last line."""
        self._go(len(self._order) - 1)

    def action_sideways(self, step: int) -> None:
        """Scroll the wide view."""
        self.scroll_relative(x=step, animate=False)

    def action_open(self) -> None:
        """Open the target under the cursor."""
        if self.current is not None:
            self.post_message(self.Opened(self.current))

    def _go(self, position: int) -> None:
        if not self._order:
            return
        position = min(max(0, position), len(self._order) - 1)
        if position != self.cursor:
            self.cursor = position
            self.post_message(self.Highlighted(self.current))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show which line the mouse is on."""
        self.hovered = self._row_at(event.y)

    def on_leave(self) -> None:
        """The mouse is gone."""
        self.hovered = None

    def on_click(self, event: events.Click) -> None:
        """A click chooses a line, a second one opens it; the head sorts."""
        column = event.style.meta.get("column")
        row = self._row_at(event.y)
        if event.y == 0 and column is not None:
            self.post_message(self.HeadClicked(column))
        elif row is not None:
            already = row == self.cursor
            self._go(row)
            if already or event.chain > 1:
                self.action_open()

    def _row_at(self, y: int) -> int | None:
        row = self.scroll_offset.y + y - 1
        return row if y > 0 and row < len(self._order) else None
