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
from advisor.report.rows import Say, shown_name
from advisor.tui.desk import Explained
from advisor.tui.entries import heading
from advisor.tui.screens.choose import Choice
from advisor.tui.screens.page import BACK, COMMON, HELP_WHILE_TYPING, Page
from advisor.tui.tones import TONES
from advisor.tui.widgets.sheet import BLANK, Entry, Sheet


class ExplainedText(Input):
    """The line of the error text, with its own key hints."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Explain"),
        Binding("down", "screen.to_causes", "To the causes"),
        HELP_WHILE_TYPING,
    ]


class WhyScreen(Page):
    """The error text, and its causes."""

    AUTO_FOCUS = "#text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Copy the line", id="open"),
        Binding("i", "edit", "Other text", id="edit"),
        Binding("a", "all_targets", "Without a target", id="all"),
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
        return (self.tongue("fleet"), *name, self.tongue("error text"))

    def body(self) -> ComposeResult:
        """The line, what was recognised, the causes."""
        with Horizontal(classes="fields"):
            asks = self.tongue("paste what the tool or the console said")
            line = ExplainedText(placeholder=asks, id="text", classes="grow")
            line.border_title = self.tongue("error text")
            yield line
        yield Static(self._whom(), classes="note", id="note")
        yield Sheet(id="causes")

    def _whom(self) -> Content:
        if self._assessed is None:
            return Content.styled(self.tongue("Enter explains it; it is tested against no target."), "$faint")
        words = self.tongue("Enter explains it, tested against {target}.")
        return Content.styled(words.format(target=shown_name(self._assessed.target)), "$faint")

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
        sheet.show(explained_entries(explained, self.tongue))
        if explained.explanations:
            sheet.focus()

    def on_sheet_chosen(self, event: Sheet.Chosen) -> None:
        """Copy the line."""
        if event.entry.copies:
            self.advisor.copy_text(event.entry.copies)

    def action_choose(self) -> None:
        """Copy what the cursor stands on."""
        self.query_one(Sheet).action_choose()

    def action_to_causes(self) -> None:
        """Into the causes; the text stays."""
        self.query_one(Sheet).focus()

    def action_edit(self) -> None:
        """Type another text."""
        self.query_one("#text").focus()

    def action_all_targets(self) -> None:
        """Leave the target out, and explain what is written without it."""
        self._assessed = None
        self.query_one("#note", Static).update(self._whom())
        text = self.query_one("#text", Input).value.strip()
        if text:
            self._asked += 1
            self._explain(self._asked, text)

    def copies(self) -> list[Choice]:
        """Everything that is shown."""
        text = self.query_one(Sheet).plain.strip()
        return [Choice(self.tongue("explanation"), text, self.tongue("as text"))] if text else []


def explained_entries(explained: Explained, say: Say) -> list[Entry]:
    """Causes, the likeliest first."""
    if not explained.explanations:
        entries = [
            Entry(Content.styled(f" {say('This text is not known; nothing is guessed from it.')}", "bold"))
        ]
        return entries + _asks(explained, say)
    title = explained.symptom or say("Known error text")
    entries = [heading(title, say("the likeliest cause first")), BLANK]
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
    return entries + _asks(explained, say)


def _asks(explained: Explained, say: Say) -> list[Entry]:
    if not explained.asks:
        return []
    lines = [
        Entry(Content(each), Content.styled(" ? ", "bold $warning"), rests=True) for each in explained.asks
    ]
    return [BLANK, heading(say("What would narrow it down")), *lines]
