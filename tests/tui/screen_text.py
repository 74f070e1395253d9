"""What stands on the screen, as text."""

from __future__ import annotations

from typing import Any

from textual.app import App


def screen_lines(app: App[Any]) -> list[str]:
    """The lines of the topmost screen."""
    return ["".join(each.text for each in strip).rstrip() for strip in app.screen._compositor.render_strips()]


def screen_text(app: App[Any]) -> str:
    """All of it."""
    return "\n".join(screen_lines(app))
