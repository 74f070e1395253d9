"""What the way in has to offer: the profile of advice, the use, and what is a must."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from advisor.model.addresses import parse_prefix
from advisor.tui.desk import Desk, Needs
from advisor.tui.entries import heading
from advisor.tui.screens.choose import AskScreen
from advisor.tui.tongue import tongue_of
from advisor.tui.widgets.fit import fit
from advisor.tui.widgets.sheet import BLANK, Entry, Sheet

USES = (
    (None, "anything", "whatever the platform offers"),
    ("shell", "shell", "a command line"),
    ("ssh", "ssh", "an SSH client"),
    ("scp", "scp", "copying files"),
    ("rdp", "rdp", "a Windows desktop"),
    ("port-forward", "port-forward", "a port of the instance or behind it"),
)
MUSTS = (
    ("must_be_logged", "must be logged", "what is typed has to be on record"),
    ("no_new_cost", "no new cost", "nothing may be paid for that is not paid for today"),
    ("survives_zone", "survives a zone", "one Availability Zone may fail"),
)


class NeedsScreen(ModalScreen[Needs | None]):
    """Choose; gives the needs, or None where nothing is to change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Cancel"),
        Binding("enter,space", "choose", "Choose", show=False),
        Binding("a,ctrl+s", "accept", "Apply"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._needs = desk.needs

    def compose(self) -> ComposeResult:
        """A window with a sheet."""
        with Vertical(classes="window tall") as window:
            window.border_title = Content(tongue_of(self)("What do you need?"))
            window.border_subtitle = Content(tongue_of(self)("enter choose · a apply · esc cancel"))
            yield Sheet(id="needs")

    def on_mount(self) -> None:
        """Show what is chosen now."""
        sheet = self.query_one(Sheet)
        sheet.focus()
        sheet.show(self._entries())

    def _entries(self) -> list[Entry]:
        say = tongue_of(self)
        entries = [heading(say("Profile"), say("what methods are weighed by"))]
        for profile in self._desk.profiles():
            entries.append(
                _line(
                    f"profile={profile.id}", self._needs.profile == profile.id, profile.title, profile.meaning
                )
            )
        entries += [BLANK, heading(say("Use"))]
        for use, title, about in USES:
            entries.append(_line(f"use={use or ''}", self._needs.use == use, say(title), say(about)))
        entries += [BLANK, heading(say("Musts"))]
        for name, title, about in MUSTS:
            chosen = bool(getattr(self._needs, name))
            entries.append(_line(f"must={name}", chosen, say(title), say(about), box=True))
        address = self._needs.address
        about = say("decides whether security groups admit you; enter changes it")
        entries += [BLANK, heading(say("You connect from"))]
        entries.append(_line("address", address is not None, address or say("not said"), about))
        return entries

    def on_sheet_chosen(self, event: Sheet.Chosen) -> None:
        """Choose the line."""
        event.stop()
        kind, _, value = event.entry.key.partition("=")
        match kind:
            case "profile":
                self._needs = msgspec.structs.replace(self._needs, profile=value)
            case "use":
                self._needs = msgspec.structs.replace(self._needs, use=value or None)
            case "must":
                self._needs = msgspec.structs.replace(self._needs, **{value: not getattr(self._needs, value)})
            case "address":
                self._ask_address()
        self.query_one(Sheet).show(self._entries(), keep=True)

    def _ask_address(self) -> None:
        def typed(text: str | None) -> None:
            if text is None:
                return
            if text and parse_prefix(text) is None:
                words = tongue_of(self)("{text} is no address and no range.").format(text=repr(text))
                self.app.notify(words, severity="error", markup=False)
                return
            self._needs = msgspec.structs.replace(self._needs, address=text or None)
            self.query_one(Sheet).show(self._entries(), keep=True)

        say = tongue_of(self)
        about = say("an address or a range: 203.0.113.7, 198.51.100.0/24; empty: not said")
        self.app.push_screen(AskScreen(say("You connect from"), about, self._needs.address or ""), typed)

    def action_choose(self) -> None:
        """As enter."""
        self.query_one(Sheet).action_choose()

    def action_accept(self) -> None:
        """Take it."""
        self.dismiss(self._needs)


def _line(key: str, chosen: bool, title: str, about: str, box: bool = False) -> Entry:
    sign = ("☑" if chosen else "☐") if box else ("●" if chosen else "○")
    return Entry(
        Content.styled(about, "$faint"),
        Content.assemble((f" {sign} ", "$accent" if chosen else "$faint"), (fit(title, 16) + " ", "bold")),
        rests=True,
        key=key,
    )
