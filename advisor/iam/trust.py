"""Instance profiles and trust: which role an instance gets, and whether a service may assume it."""

from __future__ import annotations

import msgspec

from advisor.iam.context import EMPTY, Context
from advisor.iam.decision import Principal, PrincipalKind, Request, decide
from advisor.iam.documents import Policies
from advisor.iam.principals import (
    DETAILS,
    NO_SUCH_ENTITY,
    Permissions,
    authorization_details,
    lists_all,
)
from advisor.model.estate import Estate
from advisor.model.evidence import Evidence, Missing
from advisor.model.verdict import BLOCKED, UNKNOWN, Verdict


class Trust(msgspec.Struct, frozen=True):
    """Whether a service may assume a role, and what says so."""

    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[Missing, ...] = ()


class ProfileRole(msgspec.Struct, frozen=True):
    """An instance profile and the role in it; `role` is None where it is empty or does not exist."""

    profile: str
    role: str | None
    evidence: Evidence
    profile_id: str | None = None
    exists: bool = True


def profile_role(estate: Estate, account: str, profile: str) -> ProfileRole | Missing:
    """The role of an instance profile, given by its name or ARN."""
    name = profile.rpartition("/")[2]
    scope = estate.global_scope(account)
    answer = scope.instance_profiles.get(name)
    operation = scope.instance_profiles.operation
    if answer is not None:
        found = answer.instance_profile
        role = found.roles[0].role_name if found.roles else None
        says = f"role {role}" if role else "no role in it"
        return ProfileRole(name, role, Evidence(operation, name, says), found.instance_profile_id)
    missing = scope.instance_profiles.missing(name)
    if missing.code == NO_SUCH_ENTITY:
        return ProfileRole(name, None, Evidence(operation, name, "does not exist"), exists=False)
    for detail in authorization_details(scope).roles.values():
        for each in detail.instance_profile_list:
            if each.instance_profile_name == name:
                evidence = Evidence(DETAILS, name, f"role {detail.role_name}")
                return ProfileRole(name, detail.role_name, evidence, each.instance_profile_id)
    if lists_all(scope, authorization_details(scope).roles):
        return ProfileRole(name, None, Evidence(DETAILS, name, "no role is in it"))
    return missing


def trusts(permissions: Permissions, service: str, context: Context = EMPTY) -> Trust:
    """Whether a service (`ec2.amazonaws.com`) may assume the role, by its trust policy.

    `context` may tell `aws:SourceArn`, which a trust policy may demand of a service.
    """
    trust = permissions.trust
    if trust is None or isinstance(trust, Missing):
        return Trust(UNKNOWN, missing=(trust,) if isinstance(trust, Missing) else ())
    account = permissions.principal.account
    facts = Context.of({"aws:SourceAccount": account}).having(context)
    principal = Principal(service, account, PrincipalKind.SERVICE, service)
    decision = decide(
        Request("sts:AssumeRole", None, facts, principal),
        resource=Policies((trust,)),
        resource_must_allow=True,
    )
    if decision.verdict is not BLOCKED:
        return Trust(decision.verdict, decision.statements, decision.missing)
    named = "; ".join(each.summary() for each in trust.statements) or "no statement"
    absent = Evidence(trust.operation, trust.name, f"does not let {service} assume it: {named}")
    return Trust(BLOCKED, decision.statements or (absent,))
