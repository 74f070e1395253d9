"""EC2 Instance Connect Endpoint: which endpoint leads to the instance, and whether it gets through."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Final

import msgspec

from advisor.methods import blockers
from advisor.methods.answer import Answer, Finding, blocked, either, suspected, unknown
from advisor.methods.blockers import Path
from advisor.methods.case import Case
from advisor.methods.checks import check, unread
from advisor.methods.entry import operator_end
from advisor.methods.neighbours import neighbours, scopes_of, unseen
from advisor.methods.service_path import network_class
from advisor.methods.uses import port_of
from advisor.model.evidence import SELF, Evidence, Missing
from advisor.model.records.ec2 import InstanceConnectEndpoint
from advisor.model.scope import Scope
from advisor.model.verdict import BLOCKED, READY
from advisor.network.flow import End, Flow, Kind, Protocol

USABLE: Final = frozenset({"create-complete", "update-in-progress", "update-complete", "update-failed"})
"""An endpoint that is being modified, or whose modification failed, keeps its former settings and works."""
_STATES: Final = ("create-", "update-", "delete-")
"""How the states begin that the API names; another one tells nothing."""
_TUNNEL_PORTS: Final = frozenset({22, 3389})
_PER_REGION: Final = 5


def tunnel_key(case: Case) -> Hashable:
    """The key of checks that trace a tunnel to the target."""
    instance = case.instance
    return (
        network_class(case),
        case.target.platform,
        None
        if instance is None
        else (instance.public_ip_address is None, instance.private_ip_address is None),
        None if instance is None else instance.instance_type,
    )


@check("tunnel.endpoint", by=tunnel_key)
def endpoint(case: Case) -> Answer:
    """An EC2 Instance Connect Endpoint of the VPC, or of one next to it, reaches the instance."""
    return through(case)


def through(case: Case) -> Answer:
    """The best tunnel to the target; `via` is its endpoint."""
    return case.study.remember(("tunnel", id(case.scope), tunnel_key(case)), lambda: _best_tunnel(case))


def _best_tunnel(case: Case) -> Answer:
    if case.instance is None:
        return unread(case)
    own = [_through(case, case.scope, each) for each in _in_vpc(case.scope, case.target.vpc)]
    if own:
        answer = either(own)
        if answer.verdict is READY:
            return answer
        around = either(_around(case))
        return answer if around.verdict is BLOCKED else either((answer, around))
    table = case.scope.instance_connect_endpoints
    if not table.complete:
        return unknown(table.missing())
    around = either(_around(case))
    if around.verdict is not BLOCKED:
        return around
    gaps = unseen(case)
    if gaps:
        return unknown(*gaps)
    elsewhere = tuple(each for each in around.findings if each.cause in _OF_ANOTHER_VPC)
    of_owner = tuple(each for each in around.findings if each.cause == "eice-shared-subnet-owner")
    return msgspec.structs.replace(
        around,
        verdict=BLOCKED,
        findings=of_owner or (_none_in_vpc(case),),
        missing=(),
        notes=elsewhere,
        via=None,
    )


_OF_ANOTHER_VPC: Final = frozenset({"eice-preserve-ip-cross-vpc", "eice-route-to-instance"})


def _in_vpc(scope: Scope, vpc: str | None) -> list[InstanceConnectEndpoint]:
    return [
        each
        for each in scope.instance_connect_endpoints_by_vpc.get(vpc or "", ())
        if (each.state or "").lower() != "delete-complete"
    ]


def _around(case: Case) -> Iterator[Answer]:
    """Through endpoints of neighbouring VPCs; those that preserve the client's address get nowhere."""
    for place in neighbours(case):
        scope = scopes_of(case, place)
        for each in _in_vpc(scope, place[2]) if scope is not None else ():
            if scope is None:
                continue
            answer = _through(case, scope, each)
            yield msgspec.structs.replace(answer, notes=(*answer.notes, _needs_id(case, each)))


def _none_in_vpc(case: Case) -> Finding:
    table = case.scope.instance_connect_endpoints
    return Finding(
        "eice-none-in-vpc",
        case.target.vpc or "",
        f"{case.target.vpc} has no EC2 Instance Connect Endpoint.",
        evidence=(
            Evidence(
                table.operation,
                case.target.vpc or "",
                "the complete answer names none for this VPC",
                "InstanceConnectEndpoints[].VpcId",
            ),
        ),
    )


def _through(case: Case, scope: Scope, endpoint: InstanceConnectEndpoint) -> Answer:
    identity = endpoint.instance_connect_endpoint_id
    state = (endpoint.state or "").lower()
    if not state.startswith(_STATES):
        operation = scope.instance_connect_endpoints.operation
        says = f"its State is {endpoint.state}" if state else "the record has no State"
        return unknown(Missing(operation, "undecidable" if state else "absent", None, identity, says))
    unusable = _unusable(case, scope, endpoint)
    if unusable is not None:
        return msgspec.structs.replace(blocked(unusable), via=identity)
    client = _client(case) if endpoint.preserve_client_ip else None
    source = End(Kind.INSTANCE_CONNECT_ENDPOINT, identity, scope.account, scope.region, address=client)
    port = port_of(case)
    trace = case.trace(Flow(source, case.end, Protocol.TCP, port))
    path = Path.TUNNEL_KEEPING_ADDRESS if endpoint.preserve_client_ip else Path.TUNNEL
    answer = blockers.answer(trace, path, via=identity)
    if port not in _TUNNEL_PORTS:
        answer = msgspec.structs.replace(
            answer,
            verdict=answer.verdict & suspected().verdict,
            findings=(*answer.findings, *suspected(_other_port(identity, port)).findings),
        )
    return msgspec.structs.replace(answer, notes=(*answer.notes, *_remarks(case, endpoint)))


def _client(case: Case) -> str | None:
    """The operator as an endpoint sees them: by IPv4, the only version of which it preserves addresses."""
    operator = case.options.operator
    is_seen = operator is not None and ":" not in operator and operator_end(operator).kind is Kind.INTERNET
    return operator if is_seen else None


def _unusable(case: Case, scope: Scope, endpoint: InstanceConnectEndpoint) -> Finding | None:
    identity = endpoint.instance_connect_endpoint_id
    state = (endpoint.state or "").lower()
    operation = scope.instance_connect_endpoints.operation
    if state not in USABLE:
        message = endpoint.state_message or ""
        subnet = scope.subnets.get(endpoint.subnet_id or "")
        full = subnet is not None and subnet.available_ip_address_count == 0
        for_want = full or any(
            word in message.lower() for word in ("service-linked", "ip address", "free address")
        )
        seen = Evidence(
            operation,
            identity,
            f"State is {endpoint.state}" + (f": {message}" if message else ""),
            "InstanceConnectEndpoints[].State",
        )
        return Finding(
            "eice-subnet-no-ip-or-slr" if state == "create-failed" and for_want else "eice-not-ready",
            identity,
            f"The endpoint is in state {endpoint.state}.",
            evidence=(seen,),
        )
    owner = endpoint.owner_id
    # Who signs in to the account of a VPC beyond may tunnel from there; within a shared VPC the same would
    # leave the target's account without a way in that it could use.
    beyond = scope.account if endpoint.vpc_id != case.target.vpc else None
    if owner and owner not in (case.scope.account, beyond):
        return Finding(
            "eice-shared-subnet-owner",
            identity,
            f"The endpoint belongs to account {owner}, which shares the subnet; only the owner can use it.",
            evidence=(
                Evidence(operation, identity, f"OwnerId is {owner}", "InstanceConnectEndpoints[].OwnerId"),
            ),
        )
    return None


def _other_port(identity: str, port: int) -> Finding:
    return Finding(
        "eice-other-port",
        identity,
        f"Endpoints are known to tunnel to ports 22 and 3389 only; {port} was asked for.",
    )


def _remarks(case: Case, endpoint: InstanceConnectEndpoint) -> tuple[Finding, ...]:
    identity = endpoint.instance_connect_endpoint_id
    found = []
    if (endpoint.state or "").lower().startswith("update-"):
        found.append(
            Finding(
                "eice-update-state-old-cli",
                identity,
                f"The endpoint is in state {endpoint.state}; older AWS CLIs look for create-complete only.",
                evidence=(
                    Evidence(
                        "ec2:DescribeInstanceConnectEndpoints",
                        identity,
                        f"State is {endpoint.state}",
                        "InstanceConnectEndpoints[].State",
                    ),
                ),
            )
        )
    if case.instance is not None and case.instance.public_ip_address:
        found.append(
            Finding(
                "eice-auto-prefers-public",
                SELF,
                "The CLI prefers the instance's public address unless told --connection-type eice.",
                evidence=(
                    Evidence(
                        "ec2:DescribeInstances",
                        SELF,
                        "has a PublicIpAddress",
                        "Reservations[].Instances[].PublicIpAddress",
                    ),
                ),
            )
        )
    if case.instance is not None and not case.instance.private_ip_address:
        found.append(
            Finding(
                "eice-cli-uses-private-ipv4",
                SELF,
                "Without a private IPv4 address the CLI needs --instance-ip with the IPv6 address.",
                evidence=(
                    Evidence(
                        "ec2:DescribeInstances",
                        SELF,
                        "no PrivateIpAddress",
                        "Reservations[].Instances[].PrivateIpAddress",
                    ),
                ),
            )
        )
    return tuple(found)


def _needs_id(case: Case, endpoint: InstanceConnectEndpoint) -> Finding:
    identity = endpoint.instance_connect_endpoint_id
    owner = endpoint.owner_id
    is_foreign = owner is not None and owner != case.scope.account
    return Finding(
        "eice-peered-vpc-needs-id",
        identity,
        f"The endpoint stands in another VPC ({endpoint.vpc_id}); the CLI finds it only by its id"
        + (f", and with credentials of account {owner}." if is_foreign else "."),
        evidence=(
            Evidence(
                "ec2:DescribeInstanceConnectEndpoints",
                identity,
                f"VpcId is {endpoint.vpc_id}",
                "InstanceConnectEndpoints[].VpcId",
            ),
        ),
    )


def region_of(case: Case) -> Hashable:
    """The key of checks that read a VPC's and a Region's endpoints."""
    return case.target.vpc


@check("tunnel.quota", by=region_of)
def quota(case: Case) -> Answer:
    """Whether another endpoint could be made at all (a note): one per VPC, five per account and Region."""
    endpoints = case.scope.instance_connect_endpoints
    own = _in_vpc(case.scope, case.target.vpc)
    usable = [each for each in own if (each.state or "").lower() in USABLE]
    if usable or (not own and len(endpoints) < _PER_REGION):
        return Answer(READY)
    says = (
        f"{case.target.vpc} has an endpoint already; it has to be deleted before another can be made."
        if own
        else f"The Region has {len(endpoints)} endpoints; a higher quota may be needed for one more."
    )
    evidence = Evidence(
        endpoints.operation, case.target.vpc or "", f"{len(own)} in the VPC, {len(endpoints)} in all"
    )
    return Answer(READY, notes=(Finding("eice-quota", case.target.vpc or "", says, evidence=(evidence,)),))
