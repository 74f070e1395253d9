"""The network map: Regions, VPCs, subnets and routes, gateways, endpoints; what is broken is marked."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static, Tree
from textual.widgets.tree import TreeNode

from advisor.report.network_map import MapNode
from advisor.report.rows import Say
from advisor.tui.screens.choose import Choice
from advisor.tui.screens.page import BACK, COMMON, Page
from advisor.tui.tongue import tongue_of


class MapTree(Tree[MapNode], inherit_bindings=False):
    """A tree that makes children when a node is opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Down", show=False),
        Binding("up,k", "cursor_up", "Up", show=False),
        Binding("pagedown,ctrl+f", "page_down", "Page down", show=False),
        Binding("pageup,ctrl+b", "page_up", "Page up", show=False),
        Binding("enter,space", "toggle_node", "Fold or unfold", show=False),
        Binding("g,home", "first", "First", show=False),
        Binding("G,end", "last", "Last", show=False),
        Binding("right,l", "open_node", "Unfold", show=False),
        Binding("left,h", "close_node", "Fold", show=False),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {"map--faint", "map--broken"}
    DEFAULT_CSS = """
    MapTree {
        background: $background; color: $foreground; padding: 0 1;
        overflow-x: hidden; scrollbar-size-vertical: 1;
        &:focus { background-tint: $background 0%; }
        & > .tree--guides, & > .tree--guides-hover, & > .tree--guides-selected { color: $border-blurred; }
        & > .map--faint { color: $faint; }
        & > .map--broken { color: $error; text-style: bold; }
    }
    """

    def render_label(self, node: TreeNode[MapNode], base_style: Style, style: Style) -> Text:
        """The thing, what it is, and what is broken about it or below it."""
        if node.data is None:
            return Text("")
        faint = self.get_component_rich_style("map--faint", partial=True)
        broken = self.get_component_rich_style("map--broken", partial=True)
        sign = ("▾ " if node.is_expanded else "▸ ") if node.allow_expand else "  "
        label = Text.assemble((sign, base_style + faint))
        label.append_text(_label(node.data, style, style + faint, style + broken, tongue_of(self)))
        return label

    def action_first(self) -> None:
        """Go to the first line."""
        self.cursor_line = 0

    def action_last(self) -> None:
        """Go to the last line that is unfolded."""
        self.cursor_line = self.last_line

    def action_open_node(self) -> None:
        """Unfold, or go to the first child."""
        node = self.cursor_node
        if node is None:
            return
        if node.allow_expand and not node.is_expanded:
            node.expand()
        else:
            self.action_cursor_down()

    def action_close_node(self) -> None:
        """Fold, or go to the parent."""
        node = self.cursor_node
        if node is None:
            return
        if node.is_expanded and node.allow_expand:
            node.collapse()
        elif node.parent is not None and not node.parent.is_root:
            self.move_cursor(node.parent)


class MapScreen(Page):
    """The tree."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "raw", "Record", id="raw"),
        Binding("f", "fleet", "Its instances", id="instances"),
        Binding("x", "next_problem", "Next problem", id="problem"),
        *COMMON,
        *BACK,
    ]

    def crumbs(self) -> tuple[str, ...]:
        """Below the fleet."""
        return (self.tongue("fleet"), self.tongue("network map"))

    def body(self) -> ComposeResult:
        """The tree, with the Regions open."""
        tree = MapTree("network", id="map")
        tree.show_root = False
        tree.guide_depth = 3
        yield tree
        yield Static("", id="whole-line", markup=False)

    def on_mount(self) -> None:
        """Read the map in a worker."""
        tree = self.query_one(MapTree)
        tree.loading = True
        self._read()

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _read(self) -> None:
        nodes = self.desk.network_map()
        self.app.call_from_thread(self._show, nodes)

    def _show(self, nodes: tuple[MapNode, ...]) -> None:
        tree = self.query_one(MapTree)
        tree.loading = False
        for node in nodes:
            branch = _add(tree.root, node)
            _fill(branch)
            branch.expand()
        tree.focus()
        tree.cursor_line = 0

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[MapNode]) -> None:
        """Make the children now."""
        _fill(event.node)

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[MapNode]) -> None:
        """Say all of the line: the tree cuts off what does not fit beside its branches."""
        node = event.node.data
        self.query_one("#whole-line", Static).update(Content(line_text(node)) if node else "")

    @property
    def current(self) -> MapNode | None:
        """What the cursor stands on."""
        node = self.query_one(MapTree).cursor_node
        return node.data if node is not None else None

    def action_raw(self) -> None:
        """The record as AWS gave it."""
        node = self.current
        if node is None or not node.operation:
            self.advisor.say(self.tongue("There is no record behind this line."))
        else:
            self.advisor.show_raw(node.account, node.region, node.operation, node.resource)

    def action_fleet(self) -> None:
        """The instances in it."""
        node = self.current
        if node is None:
            return
        for key in ("vpc", "subnet"):
            if node.resource.startswith(f"{key}-"):
                self.advisor.show_fleet(f"{key}:{node.resource}")
                return
        if node.region and not node.resource:
            self.advisor.show_fleet(f"region:{node.region} account:{node.account}")
            return
        self.advisor.say(self.tongue("Instances lie in VPCs, subnets and Regions: choose one of those."))

    def action_next_problem(self) -> None:
        """Unfold the way to the next thing that is broken."""
        tree = self.query_one(MapTree)
        found = _unfolded_problems(tree.root)
        if not found:
            self.advisor.say(
                self.tongue("Nothing is broken by its own record. Whether packets pass, a trace tells (t).")
            )
            return
        current = tree.cursor_node
        after = [at for at, node in enumerate(found) if node is current]
        following = found[(after[0] + 1) % len(found)] if after else found[0]
        self.call_after_refresh(tree.move_cursor, following)

    def copies(self) -> list[Choice]:
        """The id, and the line."""
        node = self.current
        if node is None:
            return []
        line = line_text(node)
        ids = [Choice(self.tongue("id"), node.resource, node.resource)] if node.resource else []
        return [*ids, Choice(self.tongue("this line"), line, line)]


def line_text(node: MapNode) -> str:
    """All that a line of the map says."""
    return "  ".join(part for part in (node.title, node.problem and f"✗ {node.problem}", node.detail) if part)


def _add(branch: TreeNode[MapNode], node: MapNode) -> TreeNode[MapNode]:
    return branch.add(node.title, node, allow_expand=bool(node.children))


def _fill(branch: TreeNode[MapNode]) -> None:
    if branch.data is not None and not branch.children:
        for child in branch.data.children:
            _add(branch, child)


def _unfolded_problems(branch: TreeNode[MapNode]) -> list[TreeNode[MapNode]]:
    """Every node with a problem of its own, after unfolding what leads there."""
    found: list[TreeNode[MapNode]] = []
    for node in branch.children:
        if node.data is None or not node.data.problems:
            continue
        if node.data.problem:
            found.append(node)
        if any(child.problems for child in node.data.children):
            _fill(node)
            node.expand()
            found += _unfolded_problems(node)
    return found


def _label(node: MapNode, name: Style, faint: Style, bad: Style, say: Say) -> Text:
    # What is broken comes right after the name: at the end of a long line it would be cut off.
    below = node.problems - bool(node.problem)
    label = Text.assemble((node.title, name))
    if node.problem:
        label.append(f"  ✗ {node.problem}", style=bad)
    elif below:
        label.append(f"  ✗ {say('{count} broken').format(count=below)}", style=bad)
    if node.detail:
        label.append(f"  {node.detail}", style=faint)
    return label
