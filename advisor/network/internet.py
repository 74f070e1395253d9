"""Internet gateways and egress-only ones: what leaves by them, and what comes in (R7, R10-R13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from advisor.model.addresses import RFC1918, RFC6598, is_public, is_within
from advisor.model.evidence import Missing
from advisor.model.scope import Scope
from advisor.network import codes
from advisor.network.flow import Kind
from advisor.network.groups import Identity
from advisor.network.leg import Arrival, Journey, Leg, Position, stop
from advisor.network.public_access import public_access_hop
from advisor.network.repairs import (
    AssociatePublicAddress,
    AttachInternetGateway,
    CreateInterfaceEndpoint,
    Repair,
)
from advisor.network.routes import RouteEntry, Target
from advisor.network.stations import Station
from advisor.network.subject import is_somewhere_public, representative
from advisor.network.trace import Direction, Hop

if TYPE_CHECKING:
    from advisor.network.walk import Walk

_GATEWAYS = "ec2:DescribeInternetGateways"
_INTERFACES = "ec2:DescribeNetworkInterfaces"
_PUBLIC_IP = "Association.PublicIp"


# --- out -------------------------------------------------------------------------------------------------


def by_internet_gateway(walk: Walk, leg: Leg, at: Position, entry: RouteEntry) -> Journey:
    """Out by an internet gateway: attached, a public address mapped to the source, a public goal (R10)."""
    identity, goal = entry.target_id, leg.goal
    gate = leg.gate("internet-gateway", identity, _GATEWAYS)
    if not goal.is_outside or not _is_public(leg.goal):
        shared = is_within(representative(leg.destination), RFC6598)
        code = codes.IGW_DESTINATION_NOT_RFC6598 if shared else codes.IGW_DESTINATION_NOT_RFC1918
        says = f"{identity} drops packets to {goal.spoken}, which is not a public address"
        return stop(gate.stops(code, says, "private destination"))
    hops = (
        _attachment_hop(walk, leg, at, identity),
        *public_access_hop(walk, leg, at.scope, at.subnet, by_nat=leg.near.kind is Kind.NAT),
        _mapping_out_hop(walk, leg, at, identity),
    )
    return Journey(hops, True, Identity.PUBLIC_ADDRESS, exit=identity)


def _is_public(station: Station) -> bool:
    return is_somewhere_public(station.address) or is_public(representative(station.address))


def _attachment_hop(walk: Walk, leg: Leg, at: Position, identity: str) -> Hop:
    gate = leg.gate("internet-gateway", identity, _GATEWAYS)
    home = walk.fabric.home(at.scope, at.vpc)
    found = home.internet_gateways.find(identity)
    if isinstance(found, Missing):
        says = f"{identity} is not described; whether it is attached to {at.vpc} is not known"
        return gate.doubts(codes.UNKNOWN_RESOURCE, found, says)
    if home.internet_gateways_by_vpc.get(at.vpc) == identity:
        return gate.passes(f"{identity} is attached to {at.vpc}", "attached", "Attachments")
    says = f"{identity} is not attached to {at.vpc}"
    repair = AttachInternetGateway(at.vpc, identity, home.account, home.region)
    return gate.stops(codes.BAD_STATE_ATTACHMENT, says, "not attached", "Attachments", (repair,))


def _mapping_out_hop(walk: Walk, leg: Leg, at: Position, identity: str) -> Hop:
    """The public address mapped to the very private address that is used as source."""
    near = leg.near
    place = walk.place_of_station(near)
    interface = near.interface
    if interface is not None and interface.deny_all_igw_traffic:
        says = f"{interface.network_interface_id} has DenyAllIgwTraffic set; what it does is not documented"
        gate = leg.gate("network-interface", near.id, _INTERFACES, place)
        return gate.cannot_tell(codes.UNKNOWN_RESOURCE, says)
    gate = leg.gate("internet-gateway", identity, _INTERFACES, place)
    if near.public is not None:
        says = f"{near.spoken} has the public address {_shown(walk, near)}"
        return gate.passes(says, "public address", _PUBLIC_IP)
    repairs: list[Repair] = []
    account, region = at.scope.account, at.scope.region
    if leg.goal.kind is Kind.SERVICE:
        subnets = (at.subnet.subnet_id,)
        repairs.append(CreateInterfaceEndpoint(leg.goal.id, at.vpc, subnets, account, region))
    if near.kind is not Kind.NAT:
        repairs.append(AssociatePublicAddress(_interface_of(walk, near), account, region))
    says = f"{near.spoken} has no public address, and {identity} drops what comes from a private one"
    code = codes.IGW_NO_PUBLIC_IP_EGRESS
    return gate.stops(code, says, "no public address", _PUBLIC_IP, tuple(repairs))


def _shown(walk: Walk, station: Station) -> str:
    # In a trace that a whole class shares, an address of the one member traced would be wrong for the rest.
    return "of its own" if station.id == walk.target else str(station.public)


def _interface_of(walk: Walk, station: Station) -> str:
    """The interface that needs an address; in a shared trace SELF stands for the target's primary one."""
    spelled = walk.spell(station.id)
    if spelled != station.id or station.interface is None:
        return spelled
    return station.interface.network_interface_id


def by_egress_only_gateway(walk: Walk, leg: Leg, at: Position, entry: RouteEntry) -> Journey:
    """Out by an egress-only internet gateway: IPv6, outbound connections only (R13)."""
    identity = entry.target_id
    operation = "ec2:DescribeEgressOnlyInternetGateways"
    gate = leg.gate("egress-only-internet-gateway", identity, operation)
    if leg.direction is Direction.RETURN and walk.source.is_outside:
        says = f"{identity} admits no connection from outside, so {leg.near.spoken} cannot be reached by it"
        blocked = gate.stops(codes.ADV_EIGW_NO_INBOUND, says, "outbound only")
        return Journey((blocked,), True, exit=identity)
    if walk.version == 4:
        return stop(gate.stops(codes.ADV_EIGW_IPV6_ONLY_SERVICE_V4, f"{identity} carries IPv6 only"))
    found = walk.fabric.home(at.scope, at.vpc).egress_only_internet_gateways.find(identity)
    if isinstance(found, Missing):
        passed = gate.doubts(codes.UNKNOWN_RESOURCE, found, f"{identity} is not described")
    else:
        attached = any(each.vpc_id == at.vpc for each in found.attachments)
        says = f"{identity} is {'' if attached else 'not '}attached to {at.vpc}"
        passed = gate.answers(attached, codes.BAD_STATE_ATTACHMENT, says, field="Attachments")
    above = [*public_access_hop(walk, leg, at.scope, at.subnet, by_nat=True)]
    if leg.near.public is None:
        says = f"{leg.near.spoken} is no public address, and nothing translates IPv6 addresses"
        above.append(gate.stops(codes.IGW_NO_PUBLIC_IP_EGRESS, says, "private IPv6 address"))
    return Journey((passed, *above), True, Identity.PUBLIC_ADDRESS, exit=identity)


# --- in --------------------------------------------------------------------------------------------------


def enter_by_internet_gateway(walk: Walk, leg: Leg) -> Journey:
    """In from the internet, to the public address of an attached interface (R11).

    The address is mapped to the private one before any rule is asked; an edge route table may lead by a
    middlebox (R7).
    """
    goal = leg.goal
    assert goal.scope is not None and goal.vpc is not None and goal.subnet is not None
    at = Position(goal.scope, goal.vpc, goal.subnet, goal.subnet.availability_zone)
    home = walk.fabric.home(at.scope, at.vpc)
    igw = home.internet_gateways_by_vpc.get(at.vpc)
    hops = [*_source_hops(leg), _gateway_hop(leg, at, home, igw)]
    if leg.direction is Direction.FORWARD:
        hops.append(_mapping_in_hop(walk, leg, igw or at.vpc))
    hops += public_access_hop(walk, leg, at.scope, at.subnet, by_nat=goal.kind is Kind.NAT)
    via, edge = edge_hops(walk, leg, home, igw)
    onward = msgspec.structs.replace(leg, identity=Identity.PUBLIC_ADDRESS, arrival=Arrival.INTERNET)
    journey = walk.arrive(onward).after(*hops, *edge)
    return msgspec.structs.replace(journey, exit=igw, via=(*via, *journey.via))


def _source_hops(leg: Leg) -> list[Hop]:
    """Private addresses do not come from the internet."""
    if _is_public(leg.near):
        return []
    private = is_within(representative(leg.source), RFC1918)
    code = codes.IGW_SOURCE_NOT_RFC1918 if private else codes.IGW_SOURCE_NOT_RFC6598
    says = f"{leg.near.spoken} is not a public address and cannot come from the internet"
    return [leg.gate("internet", leg.near.id, _GATEWAYS).stops(code, says, "private source")]


def _gateway_hop(leg: Leg, at: Position, home: Scope, igw: str | None) -> Hop:
    gate = leg.gate("internet-gateway", igw or at.vpc, _GATEWAYS)
    if igw is not None:
        return gate.passes(f"{igw} is attached to {at.vpc}", "attached", "Attachments")
    if not home.internet_gateways.complete:
        says = f"whether an internet gateway is attached to {at.vpc} is not known"
        return gate.doubts(codes.UNKNOWN_RESOURCE, home.internet_gateways.missing(), says)
    repair = AttachInternetGateway(at.vpc, None, home.account, home.region)
    says = f"no internet gateway is attached to {at.vpc}"
    return gate.stops(codes.BAD_STATE_ATTACHMENT, says, "not attached", "Attachments", (repair,))


def _mapping_in_hop(walk: Walk, leg: Leg, identity: str) -> Hop:
    goal = leg.goal
    assert goal.scope is not None
    gate = leg.gate("internet-gateway", identity, _INTERFACES, walk.place_of_station(goal))
    if goal.public is not None:
        says = f"{goal.spoken} has the public address {_shown(walk, goal)}"
        return gate.passes(says, "public address", _PUBLIC_IP)
    repair = AssociatePublicAddress(_interface_of(walk, goal), goal.scope.account, goal.scope.region)
    says = f"{goal.spoken} has no public address"
    return gate.stops(codes.IGW_NO_PUBLIC_IP_INGRESS, says, "no public address", _PUBLIC_IP, (repair,))


def edge_hops(walk: Walk, leg: Leg, home: Scope, gateway: str | None) -> tuple[tuple[str, ...], list[Hop]]:
    """What a gateway's own (edge) route table does with the packet: middleboxes and hops (R7)."""
    tables = home.route_tables_by_gateway.get(gateway or "", [])
    if not tables:
        return (), []
    operation = "ec2:DescribeRouteTables"
    gate = leg.gate("route-table", tables[0].route_table_id, operation)
    if len(tables) > 1:
        names = ", ".join(sorted(table.route_table_id for table in tables))
        says = f"{names} are all associated with {gateway}"
        missing = Missing(operation, "contradictory", None, gateway, says)
        return (), [gate.doubts(codes.ADV_SNAPSHOT_CONTRADICTORY, missing)]
    decision = walk.fabric.route(walk.fabric.compiled(home, tables[0]), leg.destination)
    entry = decision.entry
    if decision.doubt is not None:
        return (), [gate.doubts(codes.UNKNOWN_RESOURCE, decision.doubt)]
    if entry is None:
        # Every edge table holds the VPC's local routes; one without them was not read in full.
        says = f"{gate.id} of {gateway} shows no route to {leg.goal.spoken}"
        return (), [gate.doubts(codes.UNKNOWN_RESOURCE, Missing(operation, "absent", None, gate.id, says))]
    if entry.target is Target.LOCAL:
        return (), []
    says = f"{gate.id} of {gateway} sends {leg.goal.spoken} by {entry}"
    if entry.is_blackhole:
        return (), [gate.stops(codes.BAD_STATE_ROUTE, says, str(entry), "Routes")]
    if entry.target not in (Target.INTERFACE, Target.ENDPOINT):
        return (), [gate.cannot_tell(codes.UNKNOWN_DESTINATION, f"{says}, which no gateway's table may")]
    hops = [gate.passes(f"{says}, a middlebox", str(entry), "Routes")]
    walk.assume(f"The appliance behind {entry.target_id} forwards the traffic.")
    if entry.target is Target.INTERFACE:
        doubt = f"whether {entry.target_id} forwards is decided by its operating system"
        middlebox = leg.gate("middlebox", entry.target_id, _INTERFACES)
        hops.append(middlebox.cannot_tell(codes.ADV_NAT_INSTANCE_OS_UNKNOWN, doubt))
    return (entry.target_id,), hops
