"""IAM's own simulator beside our decision: both are kept, and where they differ neither is believed alone.

Source: IAM API reference, "SimulatePrincipalPolicy". It does not see session policies, does not model all
condition keys, and leaves resource policies out unless they are given.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from advisor.iam.decision import Decision, Layer
from advisor.model.estate import Estate
from advisor.model.evidence import Evidence, Missing
from advisor.model.records.iam import EvaluationResult
from advisor.model.text import plain
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict

OPERATION = "iam:SimulatePrincipalPolicy"


class Simulated(msgspec.Struct, frozen=True):
    """What the simulator said of an action on a resource.

    An implicit denial with condition values missing is UNKNOWN. `organisation` is BLOCKED where the
    organisation's policies deny, `boundary` where the permissions boundary does.
    """

    verdict: Verdict
    evidence: Evidence
    missing_keys: tuple[str, ...] = ()
    organisation: Verdict = UNKNOWN
    boundary: Verdict = UNKNOWN


class Reconciled(msgspec.Struct, frozen=True):
    """Our decision and the simulator's, and what follows; `differs` where both are sure and not the same."""

    decision: Decision
    ours: Decision
    simulated: Simulated | None = None
    differs: bool = False


def simulated(
    estate: Estate, account: str, principal_arn: str, action: str, resource: str | None
) -> Simulated | None:
    """What was recorded for this principal, action and resource; None if it was not simulated.

    A simulation on `*` speaks only of requests on `*`: statements about one resource are not in it.
    """
    for principal, result in _results(estate, account):
        if principal != principal_arn or result.eval_action_name.casefold() != action.casefold():
            continue
        if (result.eval_resource_name or "*") == (resource or "*"):
            return _read(principal, result)
    return None


def _results(estate: Estate, account: str) -> Iterator[tuple[str, EvaluationResult]]:
    for simulation in estate.global_scope(account).simulations.values():
        for result in simulation.evaluation_results:
            yield simulation.policy_source_arn, result


def _read(principal: str, result: EvaluationResult) -> Simulated:
    said = (result.eval_decision or "").casefold()
    keys = result.missing_context_values
    verdict = UNKNOWN
    if said == "explicitdeny":
        verdict = BLOCKED
    elif not keys:
        # A value that the simulator lacked could have met a condition, of an Allow or of a Deny.
        verdict = {"allowed": READY, "implicitdeny": BLOCKED}.get(said, UNKNOWN)
    says = f"{result.eval_action_name} on {result.eval_resource_name or '*'}: {result.eval_decision}"
    organisation = result.organizations_decision_detail
    boundary = result.permissions_boundary_decision_detail
    return Simulated(
        verdict,
        Evidence(OPERATION, principal, plain(says), "EvaluationResults[].EvalDecision"),
        keys,
        _verdict(organisation.allowed_by_organizations if organisation else None),
        _verdict(boundary.allowed_by_permissions_boundary if boundary else None),
    )


def _verdict(allowed: bool | None) -> Verdict:
    return UNKNOWN if allowed is None else READY if allowed else BLOCKED


def reconcile(ours: Decision, theirs: Simulated | None) -> Reconciled:
    """One decision out of both.

    Where ours is unknown a sure answer of the simulator counts. Where both are sure and differ it is unknown,
    with both as evidence: they may differ by an organisation's policy, by context or by what one of them
    cannot see. What the simulator lacked values for changes nothing.
    """
    if theirs is None or theirs.verdict is UNKNOWN:
        return Reconciled(ours, ours, theirs)
    if theirs.verdict is ours.verdict:
        agreed = msgspec.structs.replace(ours, statements=(*ours.statements, theirs.evidence))
        return Reconciled(agreed, ours, theirs)
    if ours.verdict is UNKNOWN and not ours.keys:
        return Reconciled(_taken(ours, theirs), ours, theirs)
    if ours.verdict is UNKNOWN:
        # Ours hangs on facts about the request, which the simulator was not told either.
        noted = msgspec.structs.replace(ours, statements=(*ours.statements, theirs.evidence))
        return Reconciled(noted, ours, theirs)
    why = (
        "an organisation's policy denies it" if theirs.organisation is BLOCKED else "the policies read differ"
    )
    says = f"policies as read say {ours.verdict.value}, IAM's simulator says {theirs.verdict.value}: {why}"
    missing = Missing(OPERATION, "undecidable", None, theirs.evidence.resource, says)
    undecided = Decision(
        UNKNOWN,
        statements=(*ours.statements, theirs.evidence),
        missing=(missing,),
        layer=ours.layer,
        unmet=ours.unmet,
        notes=ours.notes,
    )
    return Reconciled(undecided, ours, theirs, differs=True)


def _taken(ours: Decision, theirs: Simulated) -> Decision:
    explicit = theirs.verdict is BLOCKED and "explicitdeny" in theirs.evidence.says.casefold()
    layer = Layer.BOUNDARY if theirs.boundary is BLOCKED else ours.layer
    return Decision(theirs.verdict, explicit, (theirs.evidence,), (), layer, notes=ours.notes)
