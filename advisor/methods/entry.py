"""The way in from outside: the operator's address to an instance with a public one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Final

import msgspec

from advisor.methods import blockers
from advisor.methods.answer import PASS, Answer, Certainty, Finding, noted, unknown
from advisor.methods.blockers import Path
from advisor.methods.case import Case
from advisor.methods.checks import check, unread
from advisor.methods.service_path import network_class
from advisor.methods.uses import port_of
from advisor.model.addresses import Address, is_public, parse_prefix
from advisor.model.evidence import SELF, Evidence, Missing
from advisor.model.records.ec2 import Instance, IpPermission
from advisor.model.scope import Scope
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.network.flow import INTERNET, End, Flow, Kind, Protocol
from advisor.network.trace import Trace

_MOST_RANGES: Final = 20
"""So many ranges of a group's rules are tried as the operator's; of more, the answer stays unknown."""
OPERATOR: Final = "operator-address"
"""Stands for the operation where the address of the person who connects is missing."""


def operator_end(cidr: str) -> End:
    """The operator's range as an end: on the internet, or (private) somewhere behind a VPN."""
    prefix = parse_prefix(cidr)
    public = prefix is not None and prefix.length > 0 and is_public(Address(prefix.version, prefix.value))
    return End(Kind.INTERNET if public else Kind.ADDRESS, cidr)


def _operator(case: Case, scope: Scope, instance: Instance, cidr: str) -> End:
    """The operator as an end: a machine of the instance's own VPC where the address is one's there."""
    address = _single(cidr)
    for holder, interface in case.estate.holders.get(address, ()) if address is not None else ():
        if (holder.region, interface.vpc_id) == (scope.region, instance.vpc_id):
            return End(Kind.INTERFACE, interface.network_interface_id, holder.account, holder.region)
    return operator_end(cidr)


def _single(cidr: str) -> Address | None:
    """The address of a range that holds no other."""
    prefix = parse_prefix(cidr)
    address = None if prefix is None else Address(prefix.version, prefix.value)
    return address if address is not None and address.host == prefix else None


def entering(case: Case, scope: Scope, instance: Instance, port: int, path: Path) -> Answer:
    """Whether the operator reaches an instance (the target, or a bastion) on a port by its public address."""
    end = End(Kind.INSTANCE, instance.instance_id, scope.account, scope.region)
    only_v6 = 6 if not instance.public_ip_address and instance.ipv6_address else None

    def traced(source: End) -> Trace:
        # Whoever's address is known comes by the IP version of that address, and by no other.
        version = only_v6 if source == INTERNET else None
        flow = Flow(source, end, Protocol.TCP, port, ip_version=version)
        if path is Path.ENTRY_TO_BASTION:
            # A bastion keeps its name even where it happens to be the target that is looked at first.
            return case.network.trace(flow)
        return case.study.remember(
            ("entry", id(scope), source, port, version, case.network_class), lambda: case.trace(flow)
        )

    anywhere = traced(INTERNET)
    open_to_all = (_open_to_world(instance, port, path, anywhere),) if anywhere.verdict is READY else ()
    if case.options.operator is not None:
        source = _operator(case, scope, instance, case.options.operator)
        answer = blockers.answer(traced(source), path)
        if source.kind is Kind.ADDRESS:
            answer = _from_private_range(answer, case.options.operator)
        return msgspec.structs.replace(answer, notes=(*answer.notes, *open_to_all))
    answer = blockers.answer(anywhere, path)
    if answer.verdict is READY:
        return msgspec.structs.replace(answer, notes=(*answer.notes, *open_to_all))
    return _from_somewhere(answer, traced, scope, instance, port, path)


def _from_private_range(answer: Answer, operator: str) -> Answer:
    """A private range comes by a VPN or not at all: the want of a way is then the range's."""
    if _single(operator) is None and any(each.status == "ambiguous" for each in answer.missing):
        says = f"which machine in {operator} is meant is not known; give one address (--from)"
        return unknown(Missing(OPERATOR, "undecidable", None, operator, says))
    says = f"{operator} is a private range, and no VPN leads from it to the instance."
    found = tuple(
        msgspec.structs.replace(each, cause="operator-address-private", says=f"{says} {each.says}")
        if each.cause in ("no-igw-route", "no-public-ip", "igw-route-no-public-ip")
        else each
        for each in answer.findings
    )
    return msgspec.structs.replace(answer, findings=found)


def _from_somewhere(
    answer: Answer,
    traced: Callable[[End], Trace],
    scope: Scope,
    instance: Instance,
    port: int,
    path: Path,
) -> Answer:
    """The answer where nobody said where the operator is: may the ranges that the groups admit get in?"""
    if answer.verdict is BLOCKED and not is_for_the_source(answer):
        return answer
    ranges = admitted_ranges(scope, instance, port)
    for position, cidr in enumerate(ranges):
        tried = position >= _MOST_RANGES
        if tried or traced(End(Kind.INTERNET, cidr)).verdict is READY:
            listed = ", ".join(ranges[:3]) + (", …" if len(ranges) > 3 else "")
            says = f"port {port} is open to {listed} only; say where you connect from (--from CIDR)"
            resource = SELF if path is Path.ENTRY else instance.instance_id
            hint = Finding("operator-address-unknown", resource, says, Certainty.LIKELY)
            return Answer(
                UNKNOWN,
                missing=(Missing(OPERATOR, "not-asked", None, resource, says),),
                notes=(hint,),
                traces=answer.traces,
                via=answer.via,
            )
    return answer


def is_for_the_source(answer: Answer) -> bool:
    """Whether everything that stops a way in depends on where the packet comes from."""
    return all(each.cause in _ADMISSION for each in answer.findings)


_ADMISSION: Final = frozenset({"sg-inbound-22-missing", "sg-inbound-3389-missing", "nacl-blocks-direct"})


def admitted_ranges(scope: Scope, instance: Instance, port: int) -> tuple[str, ...]:
    """The public ranges that the instance's groups name for a port, anywhere and prefix lists included."""
    found: dict[str, None] = {}
    for interface in instance.network_interfaces[:1]:
        for identifier in interface.groups or instance.security_groups:
            group = scope.security_groups.get(identifier.group_id)
            for permission in group.ip_permissions if group is not None else ():
                if _speaks_of(permission, port):
                    found.update(
                        (each, None) for each in _ranges_of(scope, permission) if _may_be_public(each)
                    )
    return tuple(found)


def _speaks_of(permission: IpPermission, port: int) -> bool:
    if permission.ip_protocol == "-1":
        return True
    first, last = permission.from_port, permission.to_port
    return (
        permission.ip_protocol in ("tcp", "6")
        and first is not None
        and last is not None
        and first <= port <= last
    )


def _ranges_of(scope: Scope, permission: IpPermission) -> Iterable[str]:
    yield from (each.cidr_ip for each in permission.ip_ranges)
    yield from (each.cidr_ipv6 for each in permission.ipv6_ranges)
    for reference in permission.prefix_list_ids:
        entries = scope.prefix_list_entries.get(reference.prefix_list_id)
        yield from (each.cidr for each in (entries.entries if entries is not None else ()))


def _may_be_public(cidr: str) -> bool:
    prefix = parse_prefix(cidr)
    return prefix is not None and (prefix.length == 0 or is_public(Address(prefix.version, prefix.value)))


def _open_to_world(instance: Instance, port: int, path: Path, trace: Trace) -> Finding:
    group = next(
        (hop for hop in trace.forward if hop.kind == "security-group" and hop.place.value == "destination"),
        None,
    )
    own = SELF if path is Path.ENTRY else instance.instance_id
    return Finding(
        "bastion-open-to-world",
        group.id if group is not None else own,
        f"Port {port} is open to the whole internet.",
        evidence=group.evidence if group is not None else (),
    )


def entry_key(case: Case) -> Hashable:
    """The key of checks that trace the operator's way to the target."""
    instance = case.instance
    return (
        network_class(case),
        port_of(case),
        None if instance is None else (instance.public_ip_address is None, instance.ipv6_address is None),
    )


@check("entry.direct", by=entry_key)
def direct(case: Case) -> Answer:
    """The operator reaches the instance by its public address."""
    if case.instance is None:
        return unread(case)
    return entering(case, case.scope, case.instance, port_of(case), Path.ENTRY)


def public_address(case: Case) -> Hashable:
    """The key of checks that read the target's public address."""
    address = case.target.public_ip
    return None if address is None else address in case.scope.addresses


@check("entry.lasting-address", by=public_address)
def lasting_address(case: Case) -> Answer:
    """Whether the public address survives a stop and start (a note)."""
    table = case.scope.addresses
    if case.target.public_ip is None or case.target.public_ip in table or not table.complete:
        return PASS
    return noted(
        Finding(
            "public-ip-changed",
            SELF,
            "The public address is not an Elastic IP address: a stop and start changes it.",
            evidence=(
                Evidence(
                    "ec2:DescribeAddresses",
                    SELF,
                    "the complete answer does not hold the instance's public address",
                    "Addresses[].PublicIp",
                ),
            ),
        )
    )
