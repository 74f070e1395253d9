"""The node's way to AWS's services: Systems Manager's endpoints, and those that preferences ask for."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

import msgspec

from advisor.methods import blockers
from advisor.methods.answer import (
    PASS,
    SILENT,
    Answer,
    Certainty,
    Finding,
    blocked,
    every,
    noted,
    observed,
    passes,
    suspected,
)
from advisor.methods.blockers import Path
from advisor.methods.case import Case
from advisor.methods.checks import check, unread
from advisor.methods.endpoint_policies import endpoint_policies, has_own_policies
from advisor.methods.evidence_files import DIAGNOSTICS
from advisor.methods.roles import credentials
from advisor.methods.versions import DUAL_STACK, NO_EC2MESSAGES, parse_version, spell_version
from advisor.model.evidence import SELF, Evidence
from advisor.model.verdict import BLOCKED, READY
from advisor.network import codes
from advisor.network.flow import End, Flow, Kind, Protocol
from advisor.network.repairs import AddEndpointSubnet
from advisor.network.trace import Trace

_MISSING: Final = {
    "ssm": "vpce-ssm-missing",
    "ssmmessages": "vpce-ssmmessages-missing",
    "ec2messages": "vpce-ec2messages-missing-old-agent",
}
_FAMILY: Final = frozenset(_MISSING)
NEVER_HAD_EC2MESSAGES: Final = frozenset(
    {
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ap-east-2",
        "mx-central-1",
        "eusc-de-east-1",
    }
)
"""Regions launched in 2024 and later have no `ec2messages` (Systems Manager User Guide, message APIs)."""


def network_class(case: Case) -> Hashable:
    """The key of checks that trace a path from or to the target."""
    return case.network_class, case.instance is None, case.is_hybrid


def network_and_role(case: Case) -> Hashable:
    """The key of checks that trace a path and weigh the role's permissions on it.

    Whose role it is matters only where an endpoint has a policy of its own.
    """
    here = ("policies", case.scope.account, case.scope.region)
    special = case.study.remember(here, lambda: has_own_policies(case.estate))
    return network_class(case), credentials(case) if special else None


def network_and_agent(case: Case) -> Hashable:
    """The key of checks that trace a path which only some agents need."""
    return network_class(case), None if case.node is None else case.node.agent_version


def trace_to(case: Case, service: str) -> Trace:
    """The node's path to a service of its Region."""
    end = End(Kind.SERVICE, service, case.scope.account, case.scope.region)
    return case.study.remember(
        ("to", id(case.scope), service, case.network_class),
        lambda: case.trace(Flow(case.end, end, Protocol.TCP, 443)),
    )


def seen_from_node(case: Case) -> Hashable:
    """The key of checks that trace a path which evidence of the node itself may know better."""
    has_evidence = any(node == case.target.id for node, _ in case.options.reached)
    return network_and_role(case), case.target.id if has_evidence else None


@check("path.service", by=seen_from_node)
def service(case: Case, service: str) -> Answer:
    """The node reaches a service of Systems Manager on 443, and no endpoint policy stands against it."""
    if case.is_hybrid:
        return PASS  # its network is not in any account
    if case.instance is None:
        return unread(case)
    trace = trace_to(case, service)
    answer = observed(_seen_to_reach(case, service), as_answer(case, trace, service))
    if answer.verdict is BLOCKED:
        return answer
    return every((answer, endpoint_policies(case, trace, service)))


def _seen_to_reach(case: Case, service: str) -> Answer:
    if case.options.hypothetical or (case.target.id, service) not in case.options.reached:
        return SILENT
    return passes(Evidence(DIAGNOSTICS, SELF, f"{service} was reached on 443 from the node itself"))


def as_answer(case: Case, trace: Trace, service: str) -> Answer:
    """The trace's answer, in which a missing endpoint and a missing way out are told apart."""
    answer = blockers.answer(trace, Path.SYSTEMS_MANAGER)
    return msgspec.structs.replace(answer, findings=_one_way_out(case, answer.findings, service))


_NO_WAY: Final = frozenset({"no-path-to-ssm"})


def _one_way_out(case: Case, found: tuple[Finding, ...], service: str) -> tuple[Finding, ...]:
    """One finding for 'neither endpoint nor way out', whichever hops said so.

    Where the way out is broken at a certain place (a blackhole, a NAT gateway), that is the cause and the
    endpoint is only another remedy. Where nothing leads out, an endpoint for the others of Systems Manager
    shows that the VPC was meant to do without, so the cause is the missing endpoint.
    """
    lost = [each for each in found if each.cause in _NO_WAY]
    rest = [each for each in found if each.cause not in _NO_WAY]
    if not lost:
        return found
    first = lost[0]
    for each in lost[1:]:
        first = blockers.together(first, each)
    ways_out = [
        position
        for position, each in enumerate(rest)
        if each.cause in _BROKEN_WAY_OUT and each.certainty is Certainty.CERTAIN
    ]
    if ways_out and all(each.code == codes.ADV_ENDPOINT_MISSING for each in lost):
        position = ways_out[0]
        rest[position] = blockers.together(rest[position], first)
        return tuple(rest)
    cause = _MISSING[service] if service in _MISSING and _has_some_endpoint(case) else "no-path-to-ssm"
    return (msgspec.structs.replace(first, cause=cause), *rest)


_BROKEN_WAY_OUT: Final = frozenset(
    {
        "igw-route-no-public-ip",
        "blackhole-route",
        "nat-gateway-unusable",
        "nat-instance-src-dst-check",
        "vpc-bpa-blocks",
        "nat-gateway-zone",
        "tgw-path-broken",
        "peering-path-broken",
        "vpn-path-broken",
        "return-path-asymmetric",
        "egress-only-gateway",
        "interface-without-address",
        "firewall-or-gwlb-in-path",
        "no-igw-route",
        "ipv6-only-node-old-agent",
    }
)


def _has_some_endpoint(case: Case) -> bool:
    """Whether the VPC has an interface endpoint for any service of Systems Manager."""
    return any(
        (each.service_name or "").rpartition(".")[2] in _FAMILY
        for each in case.scope.endpoints_by_vpc.get(case.target.vpc or "", ())
    )


@check("path.old-agent", by=network_and_agent)
def old_agent(case: Case) -> Answer:
    """An agent older than 3.3.40.0 reaches `ec2messages`, in Regions that have it."""
    if case.is_hybrid or case.scope.region in NEVER_HAD_EC2MESSAGES:
        return PASS
    if case.instance is None:
        return unread(case)
    version = parse_version(case.node.agent_version) if case.node is not None else None
    if version is None or version >= NO_EC2MESSAGES:
        return PASS  # a current agent is assumed where none has reported
    trace = trace_to(case, "ec2messages")
    answer = blockers.answer(trace, Path.SYSTEMS_MANAGER)
    if answer.verdict is not BLOCKED:
        return answer
    needed = spell_version(NO_EC2MESSAGES)
    seen = Evidence(
        "ssm:DescribeInstanceInformation",
        SELF,
        f"AgentVersion is {spell_version(version)}, older than {needed}",
        "InstanceInformationList[].AgentVersion",
    )
    found = Finding(
        "vpce-ec2messages-missing-old-agent",
        SELF,
        f"Agents before {needed} need ec2messages, which the node does not reach.",
        evidence=(seen, *(fact for each in answer.findings for fact in each.evidence)),
        code=answer.findings[0].code if answer.findings else None,
        repairs=tuple(dict.fromkeys(repair for each in answer.findings for repair in each.repairs)),
    )
    # AWS names ec2messages as needed, yet sessions of old agents were seen to work without it.
    return msgspec.structs.replace(suspected(found), traces=(trace,))


def ipv6_only(case: Case) -> Hashable:
    """The key of checks that read whether the subnet knows IPv4."""
    return (
        case.target.subnet,
        case.instance is None,
        None if case.node is None else case.node.agent_version,
    )


@check("path.ip-version", by=ipv6_only)
def ip_version(case: Case) -> Answer:
    """In a subnet without IPv4 the agent is new enough to use dual-stack endpoints."""
    if case.is_hybrid:
        return PASS
    if case.instance is None:
        return unread(case)
    subnet = case.scope.subnets.get(case.target.subnet or "")
    if subnet is None:
        return PASS  # the traced path says that the subnet is unknown
    version = parse_version(case.node.agent_version) if case.node is not None else None
    if not subnet.ipv6_native or version is None or version >= DUAL_STACK:
        return PASS
    return blocked(
        Finding(
            "ipv6-only-node-old-agent",
            SELF,
            f"The subnet has no IPv4, and only agent {spell_version(DUAL_STACK)} or later works without.",
            evidence=(
                Evidence(
                    "ec2:DescribeSubnets", subnet.subnet_id, "Ipv6Native is true", "Subnets[].Ipv6Native"
                ),
                Evidence(
                    "ssm:DescribeInstanceInformation",
                    SELF,
                    f"AgentVersion is {spell_version(version)}",
                    "InstanceInformationList[].AgentVersion",
                ),
            ),
        )
    )


@check("path.zones", by=network_class)
def zones(case: Case) -> Answer:
    """Whether the endpoints of Systems Manager stand in the node's zone too (a note: it works without)."""
    zone = case.instance.placement.availability_zone if case.instance and case.instance.placement else None
    if zone is None or case.target.subnet is None:
        return PASS
    subnets = case.scope.subnets
    notes = []
    for endpoint in case.scope.endpoints_by_vpc.get(case.target.vpc or "", ()):
        name = (endpoint.service_name or "").rpartition(".")[2]
        held = [subnets[each].availability_zone for each in endpoint.subnet_ids if each in subnets]
        if name not in _FAMILY or not held or len(held) < len(endpoint.subnet_ids) or zone in held:
            continue
        notes.append(
            Finding(
                "vpce-wrong-subnet-az",
                endpoint.vpc_endpoint_id,
                f"The {name} endpoint has no interface in {zone}: traffic crosses zones.",
                evidence=(
                    Evidence(
                        "ec2:DescribeVpcEndpoints",
                        endpoint.vpc_endpoint_id,
                        f"SubnetIds are in {', '.join(sorted({each or '' for each in held}))}",
                        "VpcEndpoints[].SubnetIds",
                    ),
                ),
                repairs=(
                    AddEndpointSubnet(
                        endpoint.vpc_endpoint_id, case.target.subnet, case.scope.account, case.scope.region
                    ),
                ),
            )
        )
    return noted(*notes)


_AT_THE_NODE: Final = frozenset(
    {
        "instance-not-running",
        "node-sg-egress-blocks-443",
        "nacl-blocks-443-out",
        "nacl-blocks-ephemeral-in",
        "vpc-dns-support-off",
        "vpc-dns-hostnames-off",
        "igw-route-no-public-ip",
        "blackhole-route",
        "nat-gateway-unusable",
        "vpc-bpa-blocks",
    }
)


def reaches(case: Case, service: str, cause: str, says: str) -> Answer:
    """Whether the node reaches a service that preferences ask for; `cause` is the want of a way there.

    What stops the node's way to every service keeps its own cause, so that it is one fault and not three.
    """
    if case.is_hybrid:
        return PASS
    if case.instance is None:
        return unread(case)
    trace = trace_to(case, service)
    answer = blockers.answer(trace, Path.SYSTEMS_MANAGER)
    if answer.verdict is READY:
        return every((answer, endpoint_policies(case, trace, service)))
    found = tuple(
        each
        if each.cause in _AT_THE_NODE
        else msgspec.structs.replace(each, cause=cause, says=f"{says} {each.says}".strip())
        for each in answer.findings
    )
    return msgspec.structs.replace(answer, findings=found)
