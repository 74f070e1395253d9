"""Remedies and plans as screens show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.advice import words
from advisor.advice.cost import cost_of, total
from advisor.advice.remedies import remedies
from advisor.advice.render_cli import cli_lines
from advisor.methods.assessment import MethodAssessment, MethodId, Target
from advisor.model.errors import InputError
from advisor.report.texts import remedy_lines as texts_of
from advisor.tui.desk import Needs, PlanView, RemedyLine

if TYPE_CHECKING:
    from advisor.advice.action import Remedy
    from advisor.model.estate import Estate
    from advisor.rulebook import RuleBook


def remedy_lines(
    target: Target, method: MethodAssessment, estate: Estate, rulebook: RuleBook, lang: str
) -> tuple[RemedyLine, ...]:
    """For every blocker the mildest remedy, and the rule book's words where no request is known."""
    lines: list[RemedyLine] = []
    for finding in method.blockers:
        found = remedies(finding, target, estate, method=method.method)
        best = next((each for each in found if each.actions), None) or next(iter(found), None)
        if best is not None:
            lines += _lines(best, estate, rulebook, lang)
        elif finding.cause in rulebook.causes:
            lines += [RemedyLine(each) for each in texts_of(rulebook, finding.cause, lang)]
    return tuple(dict.fromkeys(lines))


def _lines(remedy: Remedy, estate: Estate, rulebook: RuleBook, lang: str) -> list[RemedyLine]:
    written = cli_lines(remedy.actions)
    lines = [
        RemedyLine(
            words.title(rulebook, action, lang),
            "\n".join(command.all),
            words.meaning(rulebook, action, lang),
            cost_of(action, estate, rulebook.prices).usd,
        )
        for action, command in zip(remedy.actions, written, strict=True)
    ]
    lines += [
        RemedyLine(words.title(rulebook, each, lang), "", words.meaning(rulebook, each, lang))
        for each in remedy.advice
    ]
    return lines


def plan_view(
    targets: tuple[Target, ...],
    method: MethodId | None,
    left_out: frozenset[str],
    estate: Estate,
    rulebook: RuleBook,
    needs: Needs,
    lang: str,
) -> PlanView:
    """The plan for these targets."""
    raise InputError("Plans are not there yet.", "See What to change on the page of the target.")


__all__ = ["plan_view", "remedy_lines", "total"]
