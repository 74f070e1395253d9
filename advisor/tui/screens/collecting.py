"""Reading an account: what is being asked, how far it is, and a way to stop."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import ProgressBar, Static

from advisor.tui.desk import Progress, Source
from advisor.tui.screens.page import Page


class CollectingScreen(Page):
    """Shown while a source is opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,c", "cancel", "Cancel", key_display="esc", id="cancel"),
    ]

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source

    def crumbs(self) -> tuple[str, ...]:
        """What is opened."""
        return ("open", source_text(self._source))

    def body(self) -> ComposeResult:
        """A bar and a line."""
        with Vertical(classes="centre"):
            yield Static(Content.styled(f"Reading {source_text(self._source)}", "bold"), classes="headline")
            yield ProgressBar(show_eta=False)
            yield Static("", id="doing", markup=False)
            yield Static(
                Content.styled(
                    "Only calls that read are made. What AWS refuses is remembered as missing, not absent.",
                    "$faint",
                ),
                classes="remark",
            )

    def show_progress(self, progress: Progress) -> None:
        """Move the bar."""
        bar = self.query_one(ProgressBar)
        bar.update(total=progress.total or None, progress=progress.done)
        failed = f"   {progress.failed} refused or failed" if progress.failed else ""
        count = f"{progress.done} of {progress.total}   " if progress.total else ""
        self.query_one("#doing", Static).update(Content(f"{count}{progress.what}{failed}"))

    def action_cancel(self) -> None:
        """Stop waiting."""
        self.advisor.cancel_opening()


def source_text(source: Source) -> str:
    """A source in a few words."""
    if source.path == "demo":
        return "the demo account"
    if source.path is not None:
        return source.path
    profile = f"profile {source.profile}" if source.profile else "the current AWS profile"
    regions = f" in {', '.join(source.regions)}" if source.regions else ""
    return f"{profile}{regions}"
