"""What somebody found on the node itself (`--evidence`): causes that cannot be seen from outside join in."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from advisor.methods.answer import PASS, Answer, Certainty, Finding, blocked, every, noted, suspected
from advisor.methods.case import Case
from advisor.methods.checks import check
from advisor.methods.preferences import Preferences, session_preferences

_ONLY_IF_SET: Final = {"session-kms-endpoint-missing": "key", "session-logs-endpoint-missing": "log_group"}
"""Causes that are none where the session preferences do not ask for the service."""


def findings_of(case: Case) -> tuple[Finding, ...]:
    """The findings of this node; none on a copy with changes, which may have cured them."""
    if case.options.hypothetical:
        return ()
    return tuple(each for each in case.options.evidence if each.resource == case.target.id)


def with_evidence(case: Case) -> Hashable:
    """The key of checks that read the evidence: alone for nodes that there is some of, else shared."""
    return case.target.id if findings_of(case) else None


@check("node.evidence", by=with_evidence)
def evidence(case: Case) -> Answer:
    """Nothing that was found on the node itself stands in the way."""
    found = [each for each in findings_of(case) if _matters(case, each)]
    return every(_weighed(case, each) for each in found) if found else PASS


def _matters(case: Case, finding: Finding) -> bool:
    name = _ONLY_IF_SET.get(finding.cause)
    preferences = session_preferences(case.scope) if name is not None else None
    return name is None or (isinstance(preferences, Preferences) and bool(getattr(preferences, name)))


def _weighed(case: Case, finding: Finding) -> Answer:
    cause = case.rulebook.causes.get(finding.cause)
    if cause is None or cause.effect != "blocks":
        return noted(finding)
    return blocked(finding) if finding.certainty is Certainty.CERTAIN else suspected(finding)
