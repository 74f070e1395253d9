"""The start page: what went wrong, in plain words, and what can be opened instead."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from advisor.model.errors import AdvisorError
from advisor.report.rows import Say
from advisor.tui.desk import Source
from advisor.tui.screens.choose import AskScreen, Choice
from advisor.tui.screens.page import COMMON, Page
from advisor.tui.widgets.fit import fit
from advisor.tui.widgets.sheet import Entry, Sheet


class StartScreen(Page):
    """Demo, snapshot or profile."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open", show=False, id="open"),
        Binding("d", "demo", "Demo", id="demo"),
        Binding("o", "snapshot", "Open snapshot", id="snapshot"),
        Binding("P", "app.profile", "AWS profile", id="profile"),
        Binding("R", "app.region", "Regions", id="region"),
        Binding("r", "again", "Try again", id="again"),
        Binding("l", "login('sso')", "Run aws sso login", show=False, id="sso-login"),
        Binding("L", "login('')", "Run aws login", show=False, id="login"),
        *COMMON,
        Binding("escape", "back", "Back", show=False, id="back"),
        Binding("q", "quit_now", "Quit", id="quit"),
    ]

    def __init__(self, source: Source, error: AdvisorError | None) -> None:
        super().__init__()
        self._source, self._error = source, error

    def crumbs(self) -> tuple[str, ...]:
        """Here."""
        return (self.tongue("start"),)

    def body(self) -> ComposeResult:
        """The error, and what to open."""
        with Vertical(classes="centre"), Vertical(id="welcome"):
            yield Static(
                Content.styled(
                    self.tongue(
                        "Which way into an EC2 instance works, why the others fail, "
                        "and what exactly to change."
                    ),
                    "bold",
                ),
                classes="headline",
            )
            if self._error is not None:
                hint = f"\n{self._error.hint}" if self._error.hint else ""
                yield Static(
                    Content.assemble(("✗ ", "bold $error"), (self._error.message, "bold"), (hint, "")),
                    id="error",
                )
            yield Sheet(id="start")

    def on_mount(self) -> None:
        """Ready to choose."""
        sheet = self.query_one(Sheet)
        sheet.show(start_entries(self.tongue))
        sheet.focus()

    def on_sheet_chosen(self, event: Sheet.Chosen) -> None:
        """Do what was chosen."""
        event.stop()
        match event.entry.opens:
            case "demo":
                self.action_demo()
            case "snapshot":
                self.action_snapshot()
            case "profile":
                self.advisor.action_profile()
            case "sso-login":
                self.action_login("sso")
            case "again":
                self.action_again()

    def action_choose(self) -> None:
        """Do what the cursor stands on."""
        self.query_one(Sheet).action_choose()

    def action_demo(self) -> None:
        """Open the demo account."""
        self.advisor.open(msgspec.structs.replace(self._source, path="demo", profile=None, regions=()))

    def action_snapshot(self) -> None:
        """Ask for a snapshot's path and open it."""

        def typed(path: str | None) -> None:
            if path:
                name = path if path == "demo" else str(Path(path).expanduser())
                self.advisor.open(msgspec.structs.replace(self._source, path=name, regions=()))

        about = self.tongue("a snapshot (.json, .json.gz) or a folder of AWS CLI output")
        title = self.tongue("Open a snapshot")
        self.app.push_screen(AskScreen(title, about, placeholder="~/today.json.gz"), typed)

    def action_login(self, way: str) -> None:
        """Leave the screen to the AWS CLI for signing in, then try again."""
        command = ["aws", *([way] if way else []), "login"]
        if self._source.profile:
            command += ["--profile", self._source.profile]
        if self.advisor.run_outside(command):
            self.action_again()

    def action_again(self) -> None:
        """Try the same once more."""
        self.advisor.open(self._source)

    def action_quit_now(self) -> None:
        """Leave."""
        self.app.exit(0)

    def action_back(self) -> None:
        """Back to the open account, if there is one."""
        if self.advisor.desk is not None:
            super().action_back()

    def copies(self) -> list[Choice]:
        """The error with its hint."""
        if self._error is None:
            return []
        text = f"{self._error.message}\n{self._error.hint}".strip()
        return [Choice(self.tongue("error"), text, text)]


OFFERS = (
    ("demo", "d", "Demo account", "no credentials, no network"),
    ("snapshot", "o", "Open a snapshot", "a file, or a folder of AWS CLI output"),
    ("profile", "P", "Choose an AWS profile", "reads the live account, never writes"),
    ("sso-login", "l", "Sign in", "runs aws sso login (L: aws login)"),
    ("again", "r", "Try again", "after signing in elsewhere"),
)


def start_entries(say: Say) -> list[Entry]:
    """What can be opened."""
    return [
        Entry(
            Content.assemble((fit(say(title), 24), "bold"), (say(about), "$faint")),
            lead=Content.styled(f"  {key}  ", "bold $accent"),
            opens=name,
            rests=True,
            most=1,
        )
        for name, key, title, about in OFFERS
    ]
