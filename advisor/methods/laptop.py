"""The person's own machine: what `advisor doctor` found there joins the verdict."""

from __future__ import annotations

from advisor.methods.answer import Answer, Certainty, Finding, blocked, every, noted, suspected
from advisor.methods.case import Case
from advisor.methods.checks import check
from advisor.methods.options import Use
from advisor.methods.uses import platform, use_of


@check("laptop.ready", by=platform)
def ready(case: Case, method: str) -> Answer:
    """Nothing was found on the person's machine that stops this method."""
    return every(_weighed(case, each) for each in case.options.local if _concerns(case, each, method))


def _concerns(case: Case, finding: Finding, method: str) -> bool:
    cause = case.rulebook.causes.get(finding.cause)
    if cause is None or method not in cause.methods:
        return False
    return not cause.uses or _use(case, method).value in cause.uses


def _use(case: Case, method: str) -> Use:
    """What the person wants; a session gives a shell by itself, every other method needs a client."""
    if case.options.use is None and method == "session-manager":
        return Use.SHELL
    return use_of(case)


def _weighed(case: Case, finding: Finding) -> Answer:
    if case.rulebook.causes[finding.cause].effect != "blocks":
        return noted(finding)
    if finding.certainty is not Certainty.CERTAIN:
        return suspected(finding)
    return blocked(finding)
