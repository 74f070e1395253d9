"""The record that decided something, as AWS gave it."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from advisor.model.text import plain
from advisor.tui.screens.choose import Choice
from advisor.tui.screens.page import BACK, COMMON, Page
from advisor.tui.widgets.sheet import Entry, Sheet


class RawScreen(Page):
    """JSON with the resource's own id marked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next_mark(1)", "Next mark", id="next"),
        Binding("N", "next_mark(-1)", "Previous mark", show=False, id="previous"),
        *COMMON,
        *BACK,
    ]

    def __init__(self, account: str, region: str, operation: str, resource: str) -> None:
        super().__init__()
        self._place = (account, region, operation, resource)
        self._text = ""

    def crumbs(self) -> tuple[str, ...]:
        """Where the record stands."""
        account, region, operation, resource = self._place
        return (account, region, operation, resource)

    def body(self) -> ComposeResult:
        """A sheet."""
        yield Sheet(id="raw")

    def on_mount(self) -> None:
        """Read it."""
        sheet = self.query_one(Sheet)
        sheet.focus()
        sheet.loading = True
        self._read()

    @work(thread=True, exclusive=True)
    def _read(self) -> None:
        text = self.desk.raw(*self._place)
        self.app.call_from_thread(self._show, text)

    def _show(self, text: str | None) -> None:
        sheet = self.query_one(Sheet)
        sheet.loading = False
        if text is None:
            _, _, operation, resource = self._place
            words = self.tongue("The answer of {operation} for {resource} was not read or does not name it.")
            sheet.show([Entry(Content(words.format(operation=operation, resource=resource)))])
            return
        self._text = text
        sheet.show(json_entries(text, self._place[3]))
        sheet.focus()

    def action_next_mark(self, step: int) -> None:
        """The next or previous line that names the resource."""
        self.query_one(Sheet).go_to_next(_MARK, step)

    def copies(self) -> list[Choice]:
        """The record."""
        if not self._text:
            return []
        return [
            Choice(self.tongue("record"), self._text, self.tongue("JSON as AWS gave it")),
            Choice(self.tongue("id"), self._place[3], self._place[3]),
        ]


_MARK = "mark"


def json_entries(text: str, resource: str) -> list[Entry]:
    """A line each; keys and values told apart by colour, lines that name the resource marked."""
    entries = []
    for raw_line in text.splitlines():
        line = plain(raw_line.rstrip("\n"))
        key, colon, value = line.partition('": ')
        marked = bool(resource) and f'"{resource}"' in line
        style = "bold $accent" if marked else ""
        if colon:
            content = Content.assemble((key + '"', "$primary"), (": ", "$faint"), (value, style))
        else:
            content = Content.styled(line, style)
        entries.append(Entry(content, rests=True, copies=line.strip(), key=_MARK if marked else ""))
    return entries
