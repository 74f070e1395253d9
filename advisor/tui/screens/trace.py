"""One flow between any two ends: forward and return side by side, with the rule that decides at every hop."""

from __future__ import annotations

from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from advisor.model.errors import AdvisorError, InputError
from advisor.network.trace import Trace
from advisor.report.hops import PathLines, drawn, path_lines
from advisor.report.rows import path_mark
from advisor.tui.entries import RawRecord, direction_entries
from advisor.tui.screens.choose import Choice
from advisor.tui.screens.page import BACK, COMMON, HELP_WHILE_TYPING, Page
from advisor.tui.tones import TONES
from advisor.tui.widgets.sheet import Sheet

PROTOCOLS = ("tcp", "udp", "icmp", "all")


class EndLine(Input):
    """A line of the question, with its own key hints."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Trace"),
        Binding("tab", "app.focus_next", "Next line", show=True),
        Binding("down", "screen.to_path", "To the path", show=False),
        HELP_WHILE_TYPING,
    ]


class TraceScreen(Page):
    """Ask for a source and a destination; see every hop both ways."""

    AUTO_FOCUS = "#source"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Record behind the hop", show=False, id="open"),
        Binding("i", "edit", "Other ends", id="edit"),
        Binding("x", "swap", "Swap", id="swap"),
        Binding("right,l,left,h", "other_pane", "There / back", show=False, id="pane"),
        *COMMON,
        *BACK,
    ]

    def __init__(self, source: str = "", destination: str = "") -> None:
        super().__init__()
        self._first = (source, destination)
        self._path: PathLines | None = None
        self._trace: Trace | None = None
        self._asked = 0

    def crumbs(self) -> tuple[str, ...]:
        """Below the fleet."""
        return (self.tongue("fleet"), self.tongue("trace"))

    def body(self) -> ComposeResult:
        """The question, the verdict, the two ways."""
        source, destination = self._first
        say = self.tongue
        with Horizontal(classes="fields"):
            yield _field("source", say("from"), say("instance, address, internet"), source, "grow")
            yield _field("destination", say("to"), say("instance, service:ssm, address"), destination, "grow")
            yield _field("protocol", say("protocol"), "tcp", "tcp", "narrow")
            yield _field("port", say("port"), "22", "22", "narrow")
        asks = say(
            "Enter traces. Ends: id or name of an instance, eni-…, eice-…, vpce-…, subnet-…, an address, "
            "internet, internet:203.0.113.7, service:ssm."
        )
        yield Static(Content.styled(asks, "$faint"), id="verdict")
        with Horizontal(classes="panes"):
            yield Sheet(id="forward")
            yield Sheet(id="return")

    def on_mount(self) -> None:
        """Start where something is missing."""
        source, destination = self._first
        if source and destination:
            self._ask()
        elif source:
            self.query_one("#destination").focus()

    # --- asking ---

    def on_input_changed(self, event: Input.Changed) -> None:
        """AWS's services are asked on 443; the port follows as long as nobody wrote another one."""
        port = self.query_one("#port", Input)
        if event.input.id == "destination" and port.value in ("22", "443"):
            port.value = "443" if event.value.strip().startswith("service:") else "22"

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Trace, or go on to what is still empty."""
        event.stop()
        for name in ("source", "destination"):
            line = self.query_one(f"#{name}", Input)
            if not line.value.strip():
                line.focus()
                return
        self._ask()

    def _ask(self) -> None:
        values = {name: self.query_one(f"#{name}", Input).value.strip() for name in _FIELDS}
        try:
            protocol, port = _protocol(values["protocol"]), _port(values["port"])
        except InputError as error:
            self._show_error(error)
            return
        self._asked += 1
        for sheet in self.query(Sheet):
            sheet.loading = True
        self._trace_in_worker(self._asked, values["source"], values["destination"], protocol, port)

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _trace_in_worker(self, asked: int, source: str, destination: str, protocol: str, port: int) -> None:
        try:
            trace = self.desk.trace(source, destination, protocol, port)
        except AdvisorError as error:
            self.app.call_from_thread(self._answer, asked, None, error)
        else:
            self.app.call_from_thread(self._answer, asked, trace, None)

    def _answer(self, asked: int, trace: Trace | None, error: AdvisorError | None) -> None:
        if asked != self._asked or not self.is_mounted:
            return
        for sheet in self.query(Sheet):
            sheet.loading = False
        if trace is None:
            self._show_error(error)
            return
        self._trace, self._path = trace, path_lines(trace, say=self.tongue)
        self._show_path()
        self.query_one("#forward", Sheet).focus()

    def _show_error(self, error: AdvisorError | None) -> None:
        if error is not None:
            words = Content.assemble(("✗ ", "bold $error"), (error.message, "bold"), f" {error.hint}")
            self.query_one("#verdict", Static).update(words)

    # --- showing ---

    def _show_path(self) -> None:
        path, trace = self._path, self._trace
        if path is None or trace is None:
            return
        mark = path_mark(trace.verdict)
        tone = TONES[mark.verdict]
        pieces: list[tuple[str, str]] = [
            (f" {mark.said(self.tongue)} ", f"bold $background on {tone}"),
            (f"  {path.title}", "bold"),
        ]
        remarks = [
            *(f"{self.desk.words('tui.assumed')}: {each}" for each in path.assumptions),
            *(f"{self.desk.words('tui.note')}: {each}" for each in path.notes),
        ]
        pieces += [(f"\n{each}", "$faint") for each in remarks]
        self.query_one("#verdict", Static).update(Content.assemble(*pieces))
        for name, title, hops in (
            ("forward", "tui.there", path.forward),
            ("return", "tui.back", path.returning),
        ):
            sheet = self.query_one(f"#{name}", Sheet)
            sheet.show(direction_entries(title, hops, sheet.size.width, self.desk.words))

    def on_resize(self, event: events.Resize) -> None:
        """Hops wrap differently."""
        self.call_after_refresh(self._show_path)

    def on_sheet_chosen(self, event: Sheet.Chosen) -> None:
        """Open the record that decided."""
        record, trace = event.entry.opens, self._trace
        if isinstance(record, RawRecord) and trace is not None:
            ends = (trace.flow.source, trace.flow.destination)
            place = next(((end.account, end.region) for end in ends if end.account), ("", ""))
            self.advisor.show_raw(*place, record.operation, record.resource)
        else:
            self.advisor.say(self.tongue("No single record decided this hop."))

    def action_choose(self) -> None:
        """What the focused pane's cursor stands on."""
        if isinstance(self.focused, Sheet):
            self.focused.action_choose()

    def action_to_path(self) -> None:
        """Into the hops; the question stays."""
        self.query_one("#forward", Sheet).focus()

    def action_edit(self) -> None:
        """Type other ends."""
        self.query_one("#source").focus()

    def action_swap(self) -> None:
        """The way round."""
        source, destination = self.query_one("#source", Input), self.query_one("#destination", Input)
        source.value, destination.value = destination.value, source.value
        if source.value and destination.value:
            self._ask()

    def action_other_pane(self) -> None:
        """Switch between there and back."""
        forward, back = self.query_one("#forward", Sheet), self.query_one("#return", Sheet)
        (forward if self.focused is back else back).focus()

    def copies(self) -> list[Choice]:
        """The path as text, and as a command of the command line."""
        if self._path is None or self._trace is None:
            return []
        path = self._path
        there, back = self.desk.words("tui.there"), self.desk.words("tui.back")
        verdict = path_mark(self._trace.verdict).said(self.tongue)
        lines = [f"{verdict}: {path.title}", "", there, *drawn(path.forward)]
        text = "\n".join([*lines, "", back, *drawn(path.returning)])
        return [Choice(self.tongue("path"), text, path.title)]


_FIELDS = ("source", "destination", "protocol", "port")


def _field(name: str, title: str, placeholder: str, text: str, width: str) -> Input:
    line = EndLine(text, placeholder=placeholder, id=name, classes=width)
    line.border_title = title
    return line


def _protocol(text: str) -> str:
    protocol = text.lower() or "tcp"
    if protocol not in PROTOCOLS:
        raise InputError(f"{text!r} is no protocol.", f"Protocols: {', '.join(PROTOCOLS)}.")
    return protocol


def _port(text: str) -> int:
    if not text:
        return 22
    if not text.isdecimal() or int(text) > 65535:
        raise InputError(f"{text!r} is no port.", "A port is a number from 0 to 65535.")
    return int(text)
