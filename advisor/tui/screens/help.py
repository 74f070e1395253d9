"""Help, made from the keys that work on the page that asked for it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen, Screen

from advisor.report.rows import Say
from advisor.tui.entries import heading
from advisor.tui.tones import TONES
from advisor.tui.tongue import tongue_of
from advisor.tui.widgets.fit import fit
from advisor.tui.widgets.sheet import BLANK, Entry, Sheet

LEGEND = (
    ("✓", "ready", "every precondition that AWS shows is met; each with its evidence"),
    ("✗", "blocked", "at least one cause is known to stop it; all of them are listed"),
    ("?", "unknown", "data is missing, and the missing call is named; never a guess"),
)
FILTERS = (
    ("web prod", "both words, in name, id, address, VPC, tag or state"),
    ("is:blocked", "no way in (is: ready, blocked, unknown, problem)"),
    ("method:eice is:unknown", "that method's verdict"),
    ("vpc:vpc-0a state:stopped", "a field: id name platform state account region vpc subnet ip kind"),
    ("tag:env=prod", "a tag"),
    ("cause:vpce use:ssm", "a blocker's id; the recommended method"),
    ("!is:ready", "the opposite of a term"),
)


class HelpScreen(ModalScreen[None]):
    """The keys of a page, the words of the product, and the filter's language."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss(None)", "Close"),
    ]

    def __init__(self, page: Screen[object]) -> None:
        super().__init__()
        self._page = page

    def compose(self) -> ComposeResult:
        """A tall window."""
        with Vertical(classes="window tall") as window:
            window.border_title = Content(tongue_of(self)("Help"))
            window.border_subtitle = Content(tongue_of(self)("j k scroll · esc close"))
            yield Sheet(id="help")

    def on_mount(self) -> None:
        """Ready to scroll."""
        sheet = self.query_one(Sheet)
        sheet.focus()
        sheet.show(help_entries(self._page, tongue_of(self)))


_NOT_OURS = ("app.focus_", "screen.copy_text", "page_left", "page_right", "app.help_quit", "help_quit")


def key_rows(page: Screen[object]) -> list[tuple[str, str]]:
    """Every live key of a page with what it does, the page's own first; keys of one deed together."""
    keys: dict[str, list[str]] = {}
    live = [
        each
        for each in page.active_bindings.values()
        if each.binding.description and not each.binding.action.startswith(_NOT_OURS)
    ]
    live.sort(key=lambda each: 0 if each.node is page else 1 if each.node is page.app else 2)
    for each in live:
        keys.setdefault(each.binding.description, []).append(page.app.get_key_display(each.binding))
    return [("  ".join(dict.fromkeys(keys[says])), says) for says in keys]


def help_entries(page: Screen[object], say: Say) -> list[Entry]:
    """Keys, legend, filter."""
    entries = [heading(say("Keys on this page"))]
    rows = key_rows(page)
    for key, says in rows:
        entries.append(
            Entry(Content(says), Content.styled(f"  {fit(key, 18)}  ", "bold $accent"), rests=True)
        )
    entries += [BLANK, heading(say("Verdicts"))]
    for glyph, name, says in LEGEND:
        tone = next(tone for verdict, tone in TONES.items() if verdict is not None and verdict.value == name)
        entries.append(
            Entry(
                Content(say(says)),
                Content.styled(f"  {fit(f'{glyph} {say(name)}', 18)}  ", f"bold {tone}"),
                rests=True,
            )
        )
    entries += [BLANK, heading(f"{say('Filter')}  /")]
    for example, says in FILTERS:
        entries.append(
            Entry(Content(say(says)), Content.styled(f"  {fit(example, 24)}  ", "bold"), rests=True)
        )
    return entries
