"""What is odd in the data of an account: loaded all the same, but said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from advisor.model.addresses import has_host_bits, parse_prefix
from advisor.model.estate import Estate
from advisor.model.families import ONLY, PAGE, Family
from advisor.model.records import ec2
from advisor.model.responses import Responses
from advisor.model.scope import FAMILIES, Scope

_SHOWN = 3
_GONE = frozenset({"terminated", "shutting-down"})


def oddities(estate: Estate, responses: Iterable[Responses]) -> list[str]:
    """Sentences about duplicates, dangling ids, things that are gone, and values that look wrong.

    One sentence for each kind in each account and Region, with the first few ids.
    """
    found = [*_duplicates(responses)]
    for scope in estate.regional:
        for check in _CHECKS:
            found += [f"{scope.account}/{scope.region}: {sentence}" for sentence in check(scope)]
    return found


# --- the same record twice -------------------------------------------------------------------------------


def _duplicates(responses: Iterable[Responses]) -> Iterator[str]:
    for each in responses:
        family = FAMILIES.get(each.operation)
        if family is None or family.identity in {ONLY, PAGE} or family.parameter is not None:
            continue
        counts = Counter(_identities(family, each))
        twice = [identity for identity, count in counts.items() if count > 1]
        if twice:
            yield (
                f"{each.account}/{each.region}: {_some(twice)} stand more than once in {each.operation}; "
                "the last one counts"
            )


def _identities(family: Family[Any], responses: Responses) -> Iterator[object]:
    try:
        if family.operation == "ec2:DescribeInstances":
            for reservation in msgspec.json.decode(responses.records, type=list[_Reservation]):
                yield from (each.InstanceId for each in reservation.Instances)
            return
        for record in msgspec.json.decode(responses.records, type=list[_ids_only(family)]):  # type: ignore[misc]
            yield msgspec.structs.astuple(record) if "," in family.identity else record.id
    except msgspec.DecodeError:
        return  # What does not decode is said, element by element, when the estate is built.


class _InstanceId(msgspec.Struct):
    InstanceId: str


class _Reservation(msgspec.Struct):
    Instances: list[_InstanceId] = []


def _ids_only(family: Family[Any]) -> type[msgspec.Struct]:
    """A record of which only the id is decoded, which is many times faster than all of it."""
    names = {field.name: field.encode_name for field in msgspec.structs.fields(family.record)}
    paths = family.identity.split(",")
    fields = ["id"] if len(paths) == 1 else paths
    rename = {field: names[path] for field, path in zip(fields, paths, strict=True)}
    return msgspec.defstruct("Identity", [(field, str) for field in fields], rename=rename)


# --- ids that lead nowhere -------------------------------------------------------------------------------


def _dangling(scope: Scope) -> Iterator[str]:
    alive = [each for each in scope.instances.values() if each.state.name.lower() not in _GONE]
    yield from _absent(
        "instances", "subnets", scope.subnets, ((each.instance_id, each.subnet_id) for each in alive)
    )
    yield from _absent(
        "subnets", "VPCs", scope.vpcs, ((each.subnet_id, each.vpc_id) for each in scope.subnets.values())
    )
    named = (
        (interface.network_interface_id, group.group_id)
        for interface in scope.interfaces.values()
        if interface.owner_id in {None, scope.account}
        for group in interface.groups
    )
    yield from _absent("network interfaces", "security groups", scope.security_groups, named)
    for attribute, what, table in (
        ("nat_gateway_id", "NAT gateways", scope.nat_gateways),
        ("vpc_peering_connection_id", "peering connections", scope.vpc_peering_connections),
        ("transit_gateway_id", "transit gateways", scope.transit_gateways),
        ("egress_only_internet_gateway_id", "egress-only gateways", scope.egress_only_internet_gateways),
    ):
        targets = (
            (table_of.route_table_id, getattr(route, attribute))
            for table_of in scope.route_tables.values()
            # A participant of a shared VPC sees its tables, but not what they lead to.
            if table_of.owner_id in {None, scope.account}
            for route in table_of.routes
            # The route of a deleted target stays, as a black hole: that is AWS's way, not an oddity.
            if route.state != "blackhole"
        )
        yield from _absent("route tables", what, table, targets)


def _absent(who: str, what: str, table: Any, named: Iterable[tuple[str, str | None]]) -> Iterator[str]:
    """A sentence if ids are named that a complete table does not hold."""
    if not table.complete:
        return
    missing = {target: source for source, target in named if target is not None and target not in table}
    if missing:
        sources = list(missing.values())
        yield f"{who} ({_some(sources)}) name {what} that are in no answer: {_some(missing)}"


# --- things that are gone --------------------------------------------------------------------------------


def _gone(scope: Scope) -> Iterator[str]:
    instances = [each.instance_id for each in scope.instances.values() if each.state.name.lower() in _GONE]
    if instances:
        yield f"terminated instances, which have no network any more: {_some(instances)}"
    peerings = [
        each.vpc_peering_connection_id
        for each in scope.vpc_peering_connections.values()
        if (each.status.code or "").lower() in {"deleted", "rejected", "expired", "failed"}
    ]
    if peerings:
        yield f"peering connections that are no more: {_some(peerings)}"


# --- values that look wrong ------------------------------------------------------------------------------


def _blocks(scope: Scope) -> Iterator[str]:
    loose, broken = [], []
    for owner, block in _all_blocks(scope):
        if parse_prefix(block) is None:
            broken.append(f"{block} of {owner}")
        elif has_host_bits(block):
            loose.append(f"{block} of {owner}")
    if loose:
        yield f"CIDR blocks with host bits set, which are dropped: {_some(loose)}"
    if broken:
        yield f"CIDR blocks that are none: {_some(broken)}"


def _all_blocks(scope: Scope) -> Iterator[tuple[str, str]]:
    for vpc in scope.vpcs.values():
        if vpc.cidr_block is not None:
            yield vpc.vpc_id, vpc.cidr_block
    for subnet in scope.subnets.values():
        if subnet.cidr_block is not None:
            yield subnet.subnet_id, subnet.cidr_block
    for table in scope.route_tables.values():
        for route in table.routes:
            block = route.destination_cidr_block or route.destination_ipv6_cidr_block
            if block is not None:
                yield table.route_table_id, block
    for acl in scope.network_acls.values():
        for entry in acl.entries:
            block = entry.cidr_block or entry.ipv6_cidr_block
            if block is not None:
                yield acl.network_acl_id, block
    for group in scope.security_groups.values():
        yield from ((group.group_id, block) for block in _blocks_of(group))


def _blocks_of(group: ec2.SecurityGroup) -> Iterator[str]:
    for permission in (*group.ip_permissions, *group.ip_permissions_egress):
        yield from (each.cidr_ip for each in permission.ip_ranges)
        yield from (each.cidr_ipv6 for each in permission.ipv6_ranges)


def _states(scope: Scope) -> Iterator[str]:
    shouted = [
        f"{each.state.name} of {each.instance_id}"
        for each in scope.instances.values()
        if each.state.name != each.state.name.lower()
    ]
    shouted += [
        f"{each.state} of {identity}"
        for table in (scope.vpcs, scope.subnets, scope.nat_gateways, scope.instance_connect_endpoints)
        for identity, each in _stateful(table)
        if each.state is not None and each.state != each.state.lower()
    ]
    if shouted:
        yield f"states that AWS writes in lower case: {_some(shouted)}"


def _stateful(table: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    return table.items()


_CHECKS: tuple[Callable[[Scope], Iterator[str]], ...] = (_dangling, _gone, _blocks, _states)


def _some(things: Iterable[Any]) -> str:
    """The first few, and how many more there are."""
    listed = [" ".join(each) if isinstance(each, tuple) else str(each) for each in things]
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more
