"""A look at the line under the cursor: which target it is, what to use, and what stops the rest."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from advisor.methods.assessment import TargetAssessment
from advisor.model.text import plain
from advisor.model.verdict import READY
from advisor.report.rows import Say, fleet_row, method_row, shown_name
from advisor.tui.desk import Desk
from advisor.tui.tones import TONES
from advisor.tui.tongue import tongue_of


class Peek(Static):
    """Three lines on one target."""

    DEFAULT_CSS = """
    Peek {
        height: 4; padding: 0 1; background: $surface; border-top: solid $border-blurred;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    def show(self, assessed: TargetAssessment | None, desk: Desk) -> None:
        """Look at this target."""
        text = Content() if assessed is None else peek_text(assessed, desk, tongue_of(self))
        self.update(text, layout=False)


def peek_text(assessed: TargetAssessment, desk: Desk, say: Say = str) -> Content:
    """The target, the advice with its first reason, and the deciding fact."""
    row = fleet_row(assessed, say)
    target = assessed.target
    where = " · ".join(
        part
        for part in (row.id if row.name else "", row.platform, row.state, row.region, row.private_ip, row.vpc)
        if part
    )
    lines = [Content.assemble((row.name or shown_name(target), "bold"), ("  " + where, "$faint"))]
    recommended = assessed.recommended
    if recommended is None:
        lines.append(Content.styled(f"✗ {say('no method applies to this target')}", TONES[None]))
        return Content("\n").join(lines)
    tone = TONES[row.advice.verdict]
    reason = f"  {' '.join(plain(each) for each in recommended.reasons)}" if recommended.reasons else ""
    lines.append(Content.assemble((f"{row.advice.glyph} {row.advice_text}", f"bold {tone}"), reason))
    method = method_row(assessed, assessed.method(recommended.method), desk.causes)
    if recommended.verdict is not READY and method.blockers:
        first = method.blockers[0]
        says = f"  {first.says}" if first.says and first.says != first.title else f"  {first.resource}"
        lines.append(Content.assemble((first.title, "bold"), (says, "$faint")))
    elif recommended.verdict is not READY and method.missing:
        lines.append(Content.assemble((f"{say('missing')}: ", "bold"), (method.missing[0], "$faint")))
    elif recommended.others:
        lines.append(Content.styled(plain(recommended.others[0]), "$faint"))
    return Content("\n").join(lines)
