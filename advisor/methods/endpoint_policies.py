"""Policies of VPC endpoints: what the agent asks of a service has to pass them too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from advisor.iam.agent import endpoint_policies as policies_of
from advisor.iam.decision import Principal, Request, decide
from advisor.iam.documents import Effect, Patterns, Policies, Principals, parse_policy
from advisor.iam.principals import Permissions
from advisor.methods.answer import PASS, Answer, Finding, blocked, every, unknown
from advisor.methods.case import Case
from advisor.methods.identity import role_of_instance
from advisor.methods.roles import CHANNEL, REGISTER
from advisor.model.estate import Estate
from advisor.model.evidence import Evidence, Missing
from advisor.model.records.ec2 import VpcEndpoint
from advisor.model.scope import Scope
from advisor.model.verdict import BLOCKED, UNKNOWN
from advisor.network import codes
from advisor.network.repairs import ResetEndpointPolicy
from advisor.network.trace import Trace

_NEEDED_ACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "ssm": REGISTER,
    "ssmmessages": CHANNEL,
    "ec2messages": ("ec2messages:GetMessages",),
    "kms": ("kms:Decrypt",),
    "logs": ("logs:CreateLogStream", "logs:PutLogEvents"),
    "s3": ("s3:PutObject",),
}
_EVERYTHING: Final = Policies(
    (
        parse_policy(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
            },
            "assumed",
        ),
    )
)


def has_own_policies(estate: Estate) -> bool:
    """Whether any endpoint has a policy other than AWS's default."""
    return any(
        endpoint.policy_document and not _is_full_access(endpoint.policy_document)
        for scope in estate.regional
        for endpoint in scope.vpc_endpoints.values()
    )


@lru_cache(maxsize=1024)
def _is_full_access(document: str) -> bool:
    """Whether a document is AWS's default policy of endpoints, whose principal may be anybody."""
    policy = parse_policy(document, "endpoint policy", "ec2:DescribeVpcEndpoints")
    return (
        policy.problems == ()
        and any(
            each.effect is Effect.ALLOW
            and each.actions == _ALL
            and each.resources == _ALL
            and each.principals in (Principals((("*", "*"),)), Principals((("AWS", "*"),)))
            and not each.conditions
            and not each.doubts
            for each in policy.statements
        )
        and all(each.effect is Effect.ALLOW for each in policy.statements)
    )


_ALL: Final = Patterns(("*",))


def endpoint_policies(case: Case, trace: Trace, service: str) -> Answer:
    """No policy of an endpoint on the path stands against what the agent asks of the service."""
    ids = dict.fromkeys(hop.id for hop in trace.hops if hop.kind == "vpc-endpoint")
    return every(
        _policy_of(case, scope, endpoint, service)
        for identity in ids
        for scope, endpoint in endpoints_called(case, identity)
    )


def endpoints_called(case: Case, identity: str) -> Iterable[tuple[Scope, VpcEndpoint]]:
    """The endpoint of this id, wherever in the estate it stands."""
    here = case.scope.vpc_endpoints.get(identity)
    if here is not None:
        return ((case.scope, here),)
    return tuple(
        (scope, scope.vpc_endpoints[identity])
        for scope in case.estate.regional
        if identity in scope.vpc_endpoints
    )


def _policy_of(case: Case, scope: Scope, endpoint: VpcEndpoint, service: str) -> Answer:
    if not endpoint.policy_document or _is_full_access(endpoint.policy_document):
        return PASS  # the default policy: full access
    role = role_of_instance(case)
    principal = role.principal if isinstance(role, Permissions) else None
    return case.study.remember(
        ("endpoint policy", id(scope), endpoint.vpc_endpoint_id, service, principal and principal.arn),
        lambda: _weighed(scope, endpoint, service, principal),
    )


def _weighed(scope: Scope, endpoint: VpcEndpoint, service: str, principal: Principal | None) -> Answer:
    identity = endpoint.vpc_endpoint_id
    refused: list[str] = []
    missing: list[Missing] = []
    facts: list[Evidence] = []
    for action in _NEEDED_ACTIONS.get(service, ()):
        decision = decide(
            Request(action, None if service in ("kms", "logs", "s3") else "*", principal=principal),
            identity=_EVERYTHING,
            endpoint=policies_of(endpoint),
        )
        if decision.verdict is BLOCKED:
            refused.append(action)
            facts.extend(decision.statements)
        elif decision.verdict is UNKNOWN:
            missing.extend(decision.missing)
    if refused:
        says = f"The policy of {identity} does not admit {', '.join(refused)}."
        evidence = tuple(dict.fromkeys(facts)) or (
            Evidence("ec2:DescribeVpcEndpoints", identity, says, "VpcEndpoints[].PolicyDocument"),
        )
        repair = ResetEndpointPolicy(identity, scope.account, scope.region)
        return blocked(
            Finding(
                "vpce-policy-denies",
                identity,
                says,
                evidence=evidence,
                code=codes.ADV_ENDPOINT_POLICY_DENIES,
                repairs=(repair,),
            )
        )
    return unknown(*dict.fromkeys(missing)) if missing else PASS
