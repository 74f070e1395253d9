"""The command palette (`:` and ctrl+p): the page's own commands, and targets by name or id."""

from __future__ import annotations

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from advisor.report.rows import fleet_row, shown_name

_MOST = 15


class PageCommands(Provider):
    """Every command of the page, as the keys offer them."""

    def _commands(self) -> list[tuple[str, str, str]]:
        found = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.description and not binding.system and binding.action not in found:
                if binding.action.startswith(
                    ("move", "page(", "top", "bottom", "sideways", "cursor", "scroll")
                ):
                    continue
                found[binding.action] = (
                    binding.description,
                    self.app.get_key_display(binding),
                    binding.action,
                )
        return list(found.values())

    async def discover(self) -> Hits:
        """All of them."""
        for title, key, action in self._commands():
            yield DiscoveryHit(f"{title}", partial(self._run, action), help=f"key: {key}")

    async def search(self, query: str) -> Hits:
        """Those that match."""
        matcher = self.matcher(query)
        for title, key, action in self._commands():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), partial(self._run, action), help=f"key: {key}")

    async def _run(self, action: str) -> None:
        focused = self.screen.focused or self.screen
        await self.app.run_action(action, focused)


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
                row = fleet_row(assessed)
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
