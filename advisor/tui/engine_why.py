"""Explanations of error texts as screens show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from advisor.methods.assessment import TargetAssessment
from advisor.methods.options import Options
from advisor.methods.why import Explained as Cause
from advisor.methods.why import Standing, explain
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from advisor.report.rows import Causes, Mark, blocker_line, missing_text
from advisor.tui.desk import Explained, Explanation

if TYPE_CHECKING:
    from advisor.rulebook import RuleBook

_GLYPHS: Final[dict[Standing, tuple[str, Verdict]]] = {
    Standing.CONFIRMED: ("✗", BLOCKED),
    Standing.LIKELY: ("?", UNKNOWN),
    Standing.UNKNOWN: ("?", UNKNOWN),
    Standing.RULED_OUT: ("✓", READY),
}
_SHOWN: Final = 12


def explained(
    text: str,
    assessed: TargetAssessment | None,
    rulebook: RuleBook,
    causes: Causes,
    options: Options,
    lang: str,
) -> Explained:
    """What the text may come from, each cause with what the target says of it."""
    found = explain(text, rulebook, assessed, options)
    titles = " · ".join(dict.fromkeys(each.title.in_(lang) for each in found.shown))
    target = assessed.target.id if assessed else ""
    shown = [_explanation(each, assessed, target, rulebook, causes, lang) for each in found.causes[:_SHOWN]]
    return Explained(titles, tuple(shown), tuple(each.in_(lang) for each in found.asks))


def _explanation(
    cause: Cause,
    assessed: TargetAssessment | None,
    target: str,
    rulebook: RuleBook,
    causes: Causes,
    lang: str,
) -> Explanation:
    mark = None
    if assessed is not None:
        glyph, verdict = _GLYPHS[cause.standing]
        mark = Mark(glyph, rulebook.text(f"why.standing.{cause.standing.value}", lang), verdict)
    findings = [blocker_line(each, target, causes) for each in cause.findings]
    says = [each.says for each in findings if each.says] + [
        missing_text(each, target) for each in cause.missing
    ]
    return Explanation(cause.cause, causes(cause.cause), mark, "; ".join(says), cause.by_hand)
