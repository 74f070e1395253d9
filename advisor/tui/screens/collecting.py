"""Reading an account: what is being asked, how far it is, and a way to stop."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import ProgressBar, Static

from advisor.report.rows import Say
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
        return (self.tongue("open"), source_text(self._source, self.tongue))

    def body(self) -> ComposeResult:
        """A bar and a line."""
        with Vertical(classes="centre"):
            reading = self.tongue("Reading {source}").format(source=source_text(self._source, self.tongue))
            yield Static(Content.styled(reading, "bold"), classes="headline")
            yield ProgressBar(show_eta=False)
            yield Static("", id="doing", markup=False)
            yield Static(
                Content.styled(
                    self.tongue(
                        "Only calls that read are made. "
                        "What AWS refuses is remembered as missing, not absent."
                    ),
                    "$faint",
                ),
                classes="remark",
            )

    def show_progress(self, progress: Progress) -> None:
        """Move the bar."""
        bar = self.query_one(ProgressBar)
        bar.update(total=progress.total or None, progress=progress.done)
        parts = [self.tongue(progress.what)]
        if progress.total:
            parts.insert(0, self.tongue("{done} of {total}").format(done=progress.done, total=progress.total))
        if progress.failed:
            parts.append(self.tongue("{count} refused or failed").format(count=progress.failed))
        self.query_one("#doing", Static).update(Content("   ".join(parts)))

    def action_cancel(self) -> None:
        """Stop waiting."""
        self.advisor.cancel_opening()


def source_text(source: Source, say: Say) -> str:
    """A source in a few words."""
    if source.path == "demo":
        return say("the demo account")
    if source.path is not None:
        return source.path
    profile = say("profile {name}").format(name=source.profile) if source.profile else ""
    profile = profile or say("the current AWS profile")
    regions = ", ".join(source.regions)
    return say("{profile} in {regions}").format(profile=profile, regions=regions) if regions else profile
