"""What a role is allowed, as answers: trust, the agent's actions, and the causes if one is refused."""

from __future__ import annotations

from collections.abc import Mapping

from advisor.iam.agent import node_context
from advisor.iam.context import EMPTY
from advisor.iam.decision import Decision, Layer
from advisor.iam.principals import Permissions
from advisor.iam.simulate import reconcile, simulated
from advisor.iam.trust import trusts
from advisor.methods.answer import PASS, Answer, Finding, blocked, passes, unknown
from advisor.methods.case import Case
from advisor.methods.roles import REGISTER, singles_out
from advisor.model.evidence import Evidence
from advisor.model.verdict import BLOCKED, READY, UNKNOWN


def trusted(case: Case, role: Permissions, services: tuple[str, ...], cause: str) -> Answer:
    """One of the services (spellings of one) may assume the role."""
    found = case.study.remember(
        ("trust", case.scope.account, role.principal.arn, services),
        lambda: [trusts(role, service) for service in services],
    )
    if any(each.verdict is READY for each in found):
        return PASS
    if any(each.verdict is UNKNOWN for each in found):
        return unknown(*(missing for each in found for missing in each.missing))
    return blocked(
        Finding(
            cause,
            role.principal.name,
            f"The role {role.principal.name} does not let {services[0]} assume it.",
            evidence=found[0].evidence,
        )
    )


def allowed(case: Case, role: Permissions, actions: tuple[str, ...], cause: str) -> Answer:
    """The role may do all of these as the agent; worked out once per role unless it singles nodes out."""
    resource = case.place.node(case.target.id) if singles_out(case) else None
    return case.study.remember(
        ("allowed", case.scope.account, role.principal.arn, actions, cause, resource),
        lambda: permitted(role, {each: _decided(case, role, each, resource) for each in actions}, cause),
    )


def _decided(case: Case, role: Permissions, action: str, resource: str | None) -> Decision:
    """Our decision, and IAM's simulator's beside it where it was asked: what differs is unknown."""
    context = EMPTY
    if resource is not None:
        target = case.target
        context = node_context(case.place, target.id, vpc=target.vpc, private_ip=target.private_ip)
    ours = role.decide(action, _asked_about(action, resource), context)
    if not case.global_scope.simulations:
        return ours
    arn = role.principal.arn
    return reconcile(ours, simulated(case.estate, case.scope.account, arn, action, "*")).decision


def _asked_about(action: str, node: str | None) -> str | None:
    """The resource that IAM is asked about: the node to register it; channels are opened on none at all."""
    if action in REGISTER:
        return node
    # Service Authorization Reference, "Amazon Message Gateway Service": data channels are opened on sessions.
    return None if action == "ssmmessages:OpenDataChannel" else "*"


def permitted(
    role: Permissions,
    decisions: Mapping[str, Decision],
    cause: str,
    or_denied: str = "instance-role-denied-by-boundary-or-scp",
) -> Answer:
    """All actions are allowed; `cause` where the role's own policies do not allow one.

    What a boundary or an explicit deny forbids is `or_denied`: no further policy cures it.
    """
    name = role.principal.name
    lacking: dict[str, list[str]] = {}
    facts: dict[str, list[Evidence]] = {}
    for action, decision in decisions.items():
        if decision.verdict is not BLOCKED:
            continue
        forbidden = decision.explicit or decision.layer is Layer.BOUNDARY
        key = or_denied if forbidden else cause
        lacking.setdefault(key, []).append(action)
        facts.setdefault(key, []).extend(
            decision.statements
            or (Evidence("iam:ListAttachedRolePolicies", name, f"no policy of the role allows {action}"),)
        )
    found = tuple(
        Finding(
            key,
            name,
            f"The role {name} is {'denied' if key != cause else 'not allowed'} {', '.join(missing)}.",
            evidence=tuple(dict.fromkeys(facts[key])),
        )
        for key, missing in lacking.items()
    )
    gaps = tuple(
        dict.fromkeys(
            each
            for decision in decisions.values()
            if decision.verdict is UNKNOWN
            for each in decision.missing
        )
    )
    if found:
        return Answer(BLOCKED, findings=found, missing=gaps)
    if any(decision.verdict is UNKNOWN for decision in decisions.values()):
        return unknown(*gaps)
    return passes(*dict.fromkeys(fact for each in decisions.values() for fact in each.statements))
