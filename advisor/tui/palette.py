"""The command palette (`:` and ctrl+p): the page's own commands, and targets by name or id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from advisor.report.rows import fleet_row, shown_name
from advisor.tui.tongue import tongue_of

_MOST = 15
_NO_COMMANDS = (
    "move",
    "page",
    "top",
    "bottom",
    "sideways",
    "open_node",
    "close_node",
    "toggle_node",
    "first",
    "last",
    "cursor",
    "scroll",
    "app.focus",
    "screen.copy_text",
    "app.command_palette",
    "app.help_quit",
    "help_quit",
    "command_palette",
)
"""Actions that only make sense under their key."""


class PageCommands(Provider):
    """Every command of the page, as the keys offer them."""

    def _commands(self) -> list[tuple[str, str, Callable[[], Awaitable[bool]]]]:
        found: dict[str, tuple[str, str, Callable[[], Awaitable[bool]]]] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if not binding.description or binding.action.startswith(_NO_COMMANDS):
                continue
            run = partial(self.app.run_action, binding.action, active.node)
            key = self.app.get_key_display(binding)
            found.setdefault(binding.description, (binding.description, key, run))
        return list(found.values())

    async def discover(self) -> Hits:
        """All of them."""
        for title, key, run in self._commands():
            yield DiscoveryHit(title, run, help=tongue_of(self.screen)("key: {key}").format(key=key))

    async def search(self, query: str) -> Hits:
        """Those that match."""
        matcher = self.matcher(query)
        for title, key, run in self._commands():
            score = matcher.match(title)
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(title),
                    run,
                    help=tongue_of(self.screen)("key: {key}").format(key=key),
                )


class TargetCommands(Provider):
    """Targets whose name or id starts with what was typed, a few of them."""

    async def search(self, query: str) -> Hits:
        """The first that match; never a scan for fuzzy matches over ten thousand."""
        desk = getattr(self.app, "desk", None)
        wanted = query.strip().lower()
        if desk is None or len(wanted) < 2:
            return
        found = 0
        for assessed in desk.assessment.targets:
            target = assessed.target
            if target.name.lower().startswith(wanted) or target.id.startswith(wanted):
                row = fleet_row(assessed, tongue_of(self.screen))
                yield Hit(
                    1.0,
                    shown_name(target).replace("[", "\\["),
                    partial(self.app.open_target, assessed),  # type: ignore[attr-defined]
                    text=shown_name(target),
                    help=f"{row.advice.glyph} {row.advice_text}",
                )
                found += 1
                if found >= _MOST:
                    return
