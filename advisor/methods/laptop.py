"""The person's own machine: what `advisor doctor` found there joins the verdict."""

from __future__ import annotations

from advisor.methods.answer import Answer, Certainty, Finding, blocked, every, noted, suspected
from advisor.methods.case import Case
from advisor.methods.checks import anything, check


@check("laptop.ready", by=anything)
def ready(case: Case, method: str) -> Answer:
    """Nothing was found on the person's machine that stops this method."""
    return every(_weighed(case, each) for each in case.options.local if _concerns(case, each, method))


def _concerns(case: Case, finding: Finding, method: str) -> bool:
    cause = case.rulebook.causes.get(finding.cause)
    return cause is not None and method in cause.methods


def _weighed(case: Case, finding: Finding) -> Answer:
    if case.rulebook.causes[finding.cause].effect != "blocks":
        return noted(finding)
    if finding.certainty is not Certainty.CERTAIN:
        return suspected(finding)
    return blocked(finding)
