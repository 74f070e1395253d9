"""An error text, explained: paste it, see what it may come from, tested against the target."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from advisor.methods.assessment import TargetAssessment
from advisor.model.errors import AdvisorError
from advisor.report.rows import shown_name
from advisor.tui.desk import Explained
from advisor.tui.entries import heading
from advisor.tui.screens.choose import Choice
from advisor.tui.screens.page import BACK, COMMON, Page
from advisor.tui.tones import TONES
from advisor.tui.widgets.sheet import BLANK, Entry, Sheet


class WhyScreen(Page):
    """The error text, and its causes."""

    AUTO_FOCUS = "#text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "edit", "Other text", id="edit"),
        Binding("a", "all_targets", "Without a target", show=False, id="all"),
        *COMMON,
        *BACK,
    ]

    def __init__(self, assessed: TargetAssessment | None) -> None:
        super().__init__()
        self._assessed = assessed
        self._asked = 0

    def crumbs(self) -> tuple[str, ...]:
        """Below the target, if there is one."""
        name = (shown_name(self._assessed.target),) if self._assessed else ()
        return ("fleet", *name, "error text")

    def body(self) -> ComposeResult:
        """The line, what was recognised, the causes."""
        with Horizontal(classes="fields"):
            line = Input(placeholder="paste what the tool or the console said", id="text", classes="grow")
            line.border_title = "error text"
            yield line
        whom = (
            f"tested against {shown_name(self._assessed.target)}"
            if self._assessed
            else "not tested: no target"
        )
        yield Static(Content.styled(f"Enter explains it, {whom}.", "$faint"), classes="note", id="note")
        yield Sheet(id="causes")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Explain."""
        event.stop()
        if event.value.strip():
            self._asked += 1
            self.query_one(Sheet).loading = True
            self._explain(self._asked, event.value.strip())

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _explain(self, asked: int, text: str) -> None:
        try:
            explained = self.desk.why(text, self._assessed)
        except AdvisorError as error:
            self.app.call_from_thread(self._failed, error)
        else:
            self.app.call_from_thread(self._show, asked, explained)

    def _failed(self, error: AdvisorError) -> None:
        self.query_one(Sheet).loading = False
        self.query_one("#note", Static).update(
            Content.assemble(("✗ ", "bold $error"), (error.message, "bold"), f" {error.hint}")
        )

    def _show(self, asked: int, explained: Explained) -> None:
        if asked != self._asked or not self.is_mounted:
            return
        sheet = self.query_one(Sheet)
        sheet.loading = False
        sheet.show(explained_entries(explained))
        if explained.explanations:
            sheet.focus()

    def on_sheet_chosen(self, event: Sheet.Chosen) -> None:
        """Copy the line."""
        if event.entry.copies:
            self.advisor.copy_text(event.entry.copies)

    def action_edit(self) -> None:
        """Type another text."""
        self.query_one("#text").focus()

    def action_all_targets(self) -> None:
        """Leave the target out."""
        self._assessed = None
        self.query_one("#note", Static).update(Content.styled("Not tested: no target.", "$faint"))

    def copies(self) -> list[Choice]:
        """Everything that is shown."""
        text = self.query_one(Sheet).plain.strip()
        return [Choice("explanation", text, "as text")] if text else []


def explained_entries(explained: Explained) -> list[Entry]:
    """Causes, the likeliest first."""
    if not explained.explanations:
        entries = [Entry(Content.styled(" This text is not known; nothing is guessed from it.", "bold"))]
        return entries + _asks(explained)
    entries = [heading(explained.symptom or "Known error text", "the likeliest cause first"), BLANK]
    for at, each in enumerate(explained.explanations, 1):
        word = f"  {each.mark.text}" if each.mark is not None else ""
        tone = TONES[each.mark.verdict] if each.mark is not None else "$faint"
        entries.append(
            Entry(
                Content.assemble((each.text.title, "bold"), (word, f"bold {tone}")),
                Content.styled(f" {at:>2}. ", "$accent"),
                copies=f"{each.text.title}: {each.text.remedy}".strip(": "),
                rests=True,
            )
        )
        margin = Content("     ")
        for words, style in ((each.says, ""), (each.text.meaning, "$faint"), (each.text.remedy, "")):
            if words:
                lead = margin if words is not each.text.remedy else Content.styled("     → ", "$accent")
                entries.append(Entry(Content.styled(words, style), lead))
        for command in each.by_hand:
            line = Content.styled(command, "$foreground on $panel")
            entries.append(Entry(line, Content.styled("     $ ", "$faint"), copies=command, rests=True))
    return entries + _asks(explained)


def _asks(explained: Explained) -> list[Entry]:
    if not explained.asks:
        return []
    lines = [
        Entry(Content(each), Content.styled(" ? ", "bold $warning"), rests=True) for each in explained.asks
    ]
    return [BLANK, heading("What would narrow it down"), *lines]
