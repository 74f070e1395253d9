"""The route table gate: the effective table of a subnet, and the route that decides (R1-R9, R16)."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from advisor.model.addresses import ANYWHERE, Address, Prefix, PrefixTable, is_public, parse_prefix
from advisor.model.evidence import Missing
from advisor.model.records.ec2 import Route, RouteTable, Subnet
from advisor.model.scope import Scope
from advisor.network.subject import Subject, is_negligible, is_somewhere_public


class Target(enum.Enum):
    """What a route leads to."""

    __hash__ = object.__hash__  # members are single; Enum's own hashes the name each time

    LOCAL = "local"
    INTERNET_GATEWAY = "internet-gateway"
    EGRESS_ONLY_INTERNET_GATEWAY = "egress-only-internet-gateway"
    NAT_GATEWAY = "nat-gateway"
    INTERFACE = "network-interface"
    PEERING = "vpc-peering-connection"
    TRANSIT_GATEWAY = "transit-gateway"
    VPN_GATEWAY = "vpn-gateway"
    ENDPOINT = "vpc-endpoint"
    UNMODELLED = "unmodelled"
    NONE = "none"


class RouteEntry(msgspec.Struct, frozen=True, gc=False):
    """A compiled route; `prefix` is None for a prefix list whose entries are not known."""

    table: str
    destination: str
    prefix: Prefix | None
    target: Target
    target_id: str
    rank: int
    is_blackhole: bool
    missing: Missing | None = None
    holds_public_only: bool = False

    def __str__(self) -> str:
        state = " (blackhole)" if self.is_blackhole else ""
        return f"{self.destination} → {self.target_id}{state}"


class CompiledTable(msgspec.Struct, frozen=True, gc=False):
    """A route table, ready for lookups; `open` are prefix-list routes whose entries are not known."""

    id: str
    scope: Scope
    record: RouteTable
    entries: tuple[RouteEntry, ...]
    lookup: PrefixTable[RouteEntry]
    open: tuple[RouteEntry, ...]
    unreadable: tuple[str, ...]


class RouteDecision(msgspec.Struct, frozen=True, gc=False):
    """The route that decides for a destination.

    `others` are the routes that match too, in the order in which they would follow. `doubt` says why the
    decision is not certain (a prefix list that cannot be read, a destination known only in part).
    """

    entry: RouteEntry | None
    others: tuple[RouteEntry, ...] = ()
    doubt: Missing | None = None
    assumed_outside: tuple[Prefix, ...] = ()


_STATIC, _PREFIX_LIST, _PROPAGATED = 0, 1, 2
PrefixLists = Callable[[Scope, str], "tuple[Prefix, ...] | Missing"]

_TARGETS: Final[tuple[tuple[str, Target], ...]] = (
    ("nat_gateway_id", Target.NAT_GATEWAY),
    ("transit_gateway_id", Target.TRANSIT_GATEWAY),
    ("vpc_peering_connection_id", Target.PEERING),
    ("egress_only_internet_gateway_id", Target.EGRESS_ONLY_INTERNET_GATEWAY),
    ("network_interface_id", Target.INTERFACE),
    ("instance_id", Target.INTERFACE),
    ("local_gateway_id", Target.UNMODELLED),
    ("carrier_gateway_id", Target.UNMODELLED),
    ("core_network_arn", Target.UNMODELLED),
    ("odb_network_arn", Target.UNMODELLED),
    ("ip_address", Target.UNMODELLED),
)


def target_of(route: Route) -> tuple[Target, str]:
    """What the route leads to, and its id.

    `GatewayId` is `local` only where the local route was not replaced: that is tested, not assumed (R4).
    """
    found = [(target, value) for attribute, target in _TARGETS if (value := getattr(route, attribute))]
    if route.gateway_id:
        found.insert(0, (_of_gateway(route.gateway_id), route.gateway_id))
    if not found:
        return Target.NONE, "nothing"
    if len({target for target, _ in found}) > 1:
        # A route has one target (a NAT instance is shown with its interface); of two, neither is guessed.
        return Target.UNMODELLED, " and ".join(value for _, value in found)
    return found[0]


def _of_gateway(gateway: str) -> Target:
    for prefix, target in (
        ("local", Target.LOCAL),
        ("igw-", Target.INTERNET_GATEWAY),
        ("vgw-", Target.VPN_GATEWAY),
        ("vpce-", Target.ENDPOINT),
        ("eigw-", Target.EGRESS_ONLY_INTERNET_GATEWAY),
        ("nat-", Target.NAT_GATEWAY),
    ):
        if gateway.startswith(prefix):
            return target
    return Target.UNMODELLED


def compile_table(scope: Scope, record: RouteTable, prefixes_of: PrefixLists) -> CompiledTable:
    """Compile a table; prefix-list routes become one entry per block (R8)."""
    entries: list[RouteEntry] = []
    unreadable: list[str] = []
    for route in record.routes:
        if (route.state or "").lower() == "filtered":
            continue  # a route server's route that is not installed (R6)
        entries.extend(_compile(scope, record.route_table_id, route, prefixes_of, unreadable))
    known = [(entry.prefix, entry) for entry in entries if entry.prefix is not None]
    return CompiledTable(
        id=record.route_table_id,
        scope=scope,
        record=record,
        entries=tuple(entries),
        lookup=PrefixTable(known),
        open=tuple(entry for entry in entries if entry.prefix is None),
        unreadable=tuple(unreadable),
    )


def _compile(
    scope: Scope, table: str, route: Route, prefixes_of: PrefixLists, unreadable: list[str]
) -> Iterator[RouteEntry]:
    target, target_id = target_of(route)
    is_blackhole = (route.state or "").lower() == "blackhole"
    propagated = (route.origin or "") in {"EnableVgwRoutePropagation", "Advertisement"}

    def entry(
        destination: str, prefix: Prefix | None, rank: int, missing: Missing | None = None
    ) -> RouteEntry:
        return RouteEntry(
            table=table,
            destination=destination,
            prefix=prefix,
            target=target,
            target_id=target_id,
            rank=rank,
            is_blackhole=is_blackhole,
            missing=missing,
            # A gateway endpoint's list holds the service's own public addresses and nothing else (R9); an
            # endpoint of a firewall or load balancer takes any block.
            holds_public_only=target is Target.ENDPOINT and rank == _PREFIX_LIST,
        )

    named = (
        route.destination_cidr_block,
        route.destination_ipv6_cidr_block,
        route.destination_prefix_list_id,
    )
    text = route.destination_cidr_block or route.destination_ipv6_cidr_block
    if sum(map(bool, named)) > 1:
        unreadable.append(" and ".join(filter(None, named)))
    elif text:
        prefix = parse_prefix(text)
        if prefix is None:
            unreadable.append(text)
        else:
            yield entry(text, prefix, _PROPAGATED if propagated else _STATIC)
    elif route.destination_prefix_list_id:
        name = route.destination_prefix_list_id
        blocks = prefixes_of(scope, name)
        if isinstance(blocks, Missing):
            yield entry(name, None, _PREFIX_LIST, blocks)
        else:
            for block in blocks:
                yield entry(f"{name} ({block})", block, _PREFIX_LIST)
    else:
        unreadable.append("a route without destination")


def decide(table: CompiledTable, destination: Subject) -> RouteDecision:
    """The deciding route: longest prefix; at equal length static, prefix list, propagated; blackholes win."""
    doubt: Missing | None
    if table.unreadable:
        says = f"{table.id} holds a route that cannot be read: {table.unreadable[0]}"
        doubt = Missing("ec2:DescribeRouteTables", "undecidable", None, table.id, says)
    else:
        doubt = next((each.missing for each in table.open if _may_hold(each, destination)), None)
    if isinstance(destination, Address):
        ordered = _ordered(table, destination)
        # A /32 cannot be beaten by anything in a list that was not read.
        if ordered and ordered[0].prefix is not None and ordered[0].prefix == destination.host:
            doubt = doubt if table.unreadable else None
        return RouteDecision(
            ordered[0] if ordered else None, tuple(ordered[1:]), doubt or _tie(table.id, ordered)
        )
    if is_somewhere_public(destination):
        return _decide_for_public(table, destination, doubt)
    first = Address(destination.version, destination.value)
    ordered = _ordered(table, first)
    inside = [
        e
        for e in table.entries
        if e.prefix is not None and destination.covers(e.prefix) and e.prefix != destination
    ]
    if doubt is None and any(not _leads_alike(e, ordered[0] if ordered else None) for e in inside):
        says = f"{table.id} routes parts of {destination} differently"
        doubt = Missing("ec2:DescribeRouteTables", "undecidable", None, table.id, says)
    doubt = doubt or _tie(table.id, ordered)
    return RouteDecision(ordered[0] if ordered else None, tuple(ordered[1:]), doubt)


def _tie(table: str, ordered: list[RouteEntry]) -> Missing | None:
    """A doubt where two routes to one destination have equal rights: of two lists AWS picks one by chance."""
    if len(ordered) < 2:
        return None
    first, second = ordered[:2]
    if first.prefix != second.prefix or first.rank != second.rank or _leads_alike(first, second):
        return None
    says = f"{table} holds {first} and {second}; which of them decides is not known"
    return Missing("ec2:DescribeRouteTables", "contradictory", None, table, says)


def _may_hold(entry: RouteEntry, destination: Subject) -> bool:
    """Whether a prefix list that was not read may hold the destination.

    A gateway endpoint's holds addresses of S3 or DynamoDB: no private ones, and not those of other services.
    """
    if not entry.holds_public_only:
        return True
    return isinstance(destination, Address) and is_public(destination)


def _ordered(table: CompiledTable, destination: Address) -> list[RouteEntry]:
    ordered = [
        entry
        for _, entries in table.lookup.matches(destination)
        for entry in sorted(entries, key=lambda each: each.rank)
    ]
    if any(entry.target is Target.LOCAL for entry in ordered):
        # A propagated route never beats the local one, even if it is more specific (R3).
        ordered = [entry for entry in ordered if entry.rank != _PROPAGATED]
    return ordered


def _decide_for_public(table: CompiledTable, destination: Prefix, doubt: Missing | None) -> RouteDecision:
    """Some public address: the default route decides, unless a narrower public route may hold it."""
    version = destination.version
    default = sorted((e for e in table.entries if e.prefix == ANYWHERE[version]), key=lambda each: each.rank)
    narrower = [
        e
        for e in table.entries
        if e.prefix is not None
        and e.prefix.version == version
        and e.prefix.length > 0
        and not e.holds_public_only
        and (e.prefix.length < 8 or is_public(Address(version, e.prefix.value)))
    ]
    if not default:
        halves = [e for e in narrower if e.prefix is not None and e.prefix.length == 1]
        if len(halves) == 2 and _leads_alike(halves[0], halves[1]):
            default, narrower = [halves[0]], [e for e in narrower if e not in halves]
    base = default[0] if default else None
    doubt = doubt or _tie(table.id, default)
    assumed: list[Prefix] = []
    for entry in narrower:
        assert entry.prefix is not None
        if _leads_alike(entry, base):
            continue
        if is_negligible(entry.prefix, destination):
            assumed.append(entry.prefix)
        elif doubt is None:
            says = f"whether {entry} holds the address is not known"
            doubt = Missing("ec2:DescribeRouteTables", "undecidable", None, table.id, says)
    return RouteDecision(base, tuple(default[1:]), doubt, tuple(assumed) if base is not None else ())


def _leads_alike(entry: RouteEntry, other: RouteEntry | None) -> bool:
    return (
        other is not None
        and entry.target is other.target
        and entry.target_id == other.target_id
        and entry.is_blackhole == other.is_blackhole
    )


def effective_table(scope: Scope, subnet: Subnet) -> RouteTable | Missing:
    """The table that routes for a subnet: its explicit association, else the VPC's main table (R5)."""
    operation = "ec2:DescribeRouteTables"
    if scope.route_tables.coverage.status.value != "ok":
        # A truncated or denied list may hide the table that is associated.
        return scope.route_tables.missing()
    explicit = scope.route_tables_by_subnet.get(subnet.subnet_id, [])
    if len(explicit) > 1:
        return _contradiction(operation, subnet.subnet_id, f"{_ids(explicit)} are all associated with it")
    if explicit:
        return _of_same_vpc(explicit[0], subnet)
    nameless = scope.nameless_associations.get(subnet.vpc_id)
    if nameless is not None:
        says = (
            f"{nameless.route_table_id} does not show which subnet of {subnet.vpc_id} it is associated with"
        )
        return Missing(operation, "absent", None, subnet.subnet_id, says)
    main = scope.main_route_tables.get(subnet.vpc_id, [])
    if len(main) > 1:
        return _contradiction(operation, subnet.vpc_id, f"{_ids(main)} are all its main table")
    if main:
        return main[0]
    return Missing(operation, "absent", None, subnet.subnet_id, f"no route table of {subnet.vpc_id} was read")


def _of_same_vpc(table: RouteTable, subnet: Subnet) -> RouteTable | Missing:
    if table.vpc_id in (None, subnet.vpc_id):
        return table
    says = f"{table.route_table_id} is associated with it but belongs to {table.vpc_id}, not {subnet.vpc_id}"
    return _contradiction("ec2:DescribeRouteTables", subnet.subnet_id, says)


def _contradiction(operation: str, resource: str, says: str) -> Missing:
    return Missing(operation, "contradictory", None, resource, says)


def _ids(tables: list[RouteTable]) -> str:
    return ", ".join(sorted(table.route_table_id for table in tables))
