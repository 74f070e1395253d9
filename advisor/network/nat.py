"""NAT gateways: zonal and regional, public and private (N1-N7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from advisor.model.addresses import NAT64, Address, parse_address
from advisor.model.evidence import Missing
from advisor.model.records.ec2 import NatGateway
from advisor.model.verdict import BLOCKED
from advisor.network import codes
from advisor.network.flow import Kind, Protocol
from advisor.network.gates import acl_hop
from advisor.network.groups import Identity
from advisor.network.leg import Arrival, Gate, Journey, Leg, Position, stop
from advisor.network.public_access import public_access_hop
from advisor.network.repairs import AddRoute, CreateInterfaceEndpoint, CreateNatGateway, Repair
from advisor.network.routes import CompiledTable, RouteEntry, Target
from advisor.network.stations import Station, subnet_block
from advisor.network.subject import Subject, representative, somewhere
from advisor.network.trace import Hop

if TYPE_CHECKING:
    from advisor.network.walk import Walk

_OPERATION = "ec2:DescribeNatGateways"
_WORKING = {"succeeded", "associated"}
_WAYS_ON = (Target.INTERNET_GATEWAY, Target.TRANSIT_GATEWAY, Target.ENDPOINT, Target.INTERFACE)


def by_nat_gateway(walk: Walk, leg: Leg, at: Position, table: CompiledTable, entry: RouteEntry) -> Journey:
    """By a NAT gateway: usable, in another subnet than the client, with a way out of its own."""
    identity = entry.target_id
    gate = leg.gate("nat-gateway", identity, _OPERATION)
    nat = _described(walk, at, identity)
    if isinstance(nat, Missing):
        return stop(gate.doubts(codes.UNKNOWN_RESOURCE, nat, f"{identity} is not described"))
    refused = _refusal(leg, at, gate, nat, walk)
    instead = _instead(walk, leg, at, table, identity)
    if refused is not None:
        return stop(msgspec.structs.replace(refused, repairs=instead))
    station = _station_of(walk, leg, at, nat)
    if isinstance(station, Missing):
        says = f"the subnet or address of {identity} is not known"
        return stop(gate.doubts(codes.UNKNOWN_RESOURCE, station, says))
    passed = _state_hop(leg, gate, nat, instead)
    goal = leg.goal
    if _is_nat64(leg):
        goal = outside_of(station, goal)
    onward = leg.through(at, near=station, goal=goal, identity=Identity.LOST, arrival=Arrival.NAT)
    if _is_regional(nat):
        journey = _from_regional(walk, onward, at, nat).after(passed)
    else:
        journey = _from_zonal(walk, leg, onward, at, nat, passed)
    return msgspec.structs.replace(journey, turns=(station, *journey.turns), identity=Identity.LOST)


def _described(walk: Walk, at: Position, identity: str) -> NatGateway | Missing:
    for place in walk.fabric.same_region(at.scope):
        if identity in place.nat_gateways:
            return place.nat_gateways[identity]
    return at.scope.nat_gateways.missing(identity)


# --- the gateway itself ----------------------------------------------------------------------------------


def _refusal(leg: Leg, at: Position, gate: Gate, nat: NatGateway, walk: Walk) -> Hop | None:
    """Why the gateway takes no such packet at all, whatever its state."""
    if leg.arrival in (Arrival.PEERING, Arrival.VPN):
        says = f"{gate.id} does not serve traffic that comes by a peering connection or a VPN"
        return gate.stops(codes.NGW_REQUIRES_SOURCE_IN_VPC, says, f"came by {leg.arrival.value}")
    if leg.protocol is Protocol.ALL:
        says = f"{gate.id} carries TCP, UDP and ICMP only"
        return gate.stops(codes.PROTOCOL_RESTRICTION, says, "TCP, UDP, ICMP")
    if not _is_public(nat) and leg.goal.is_outside and leg.goal.kind is not Kind.ADDRESS:
        says = f"{gate.id} is a private NAT gateway and does not lead to the internet"
        field = "ConnectivityType"
        return gate.stops(codes.ADV_NAT_PRIVATE_NO_INTERNET, says, f"{field} private", field)
    if nat.subnet_id is not None and nat.subnet_id == at.subnet.subnet_id and leg.near.kind is not Kind.NAT:
        says = (
            f"{gate.id} stands in {nat.subnet_id}, the client's own subnet: its own traffic comes back to it"
        )
        return gate.stops(codes.ADV_NAT_OWN_SUBNET_LOOP, says, f"SubnetId {nat.subnet_id}", "SubnetId")
    if walk.version == 6 and not _is_nat64(leg):
        says = f"{gate.id} translates IPv6 only for {NAT64}"
        return gate.stops(codes.CANNOT_ROUTE, says, "IPv6")
    return None


def _state_hop(leg: Leg, gate: Gate, nat: NatGateway, instead: tuple[Repair, ...]) -> Hop:
    state = (nat.state or "").lower()
    if state != "available":
        why = f" ({nat.failure_message})" if nat.failure_message else ""
        hop = gate.works(nat.state, codes.BAD_STATE, f"{gate.id} is {state}{why}")
        return msgspec.structs.replace(hop, repairs=instead) if hop.verdict is BLOCKED else hop
    addresses = nat.nat_gateway_addresses
    works = any(each.public_ip and (each.status or "succeeded").lower() in _WORKING for each in addresses)
    if _is_public(nat) and not works:
        says = f"{gate.id} has no public address that works"
        return gate.stops(codes.BAD_STATE, says, "no public address", "NatGatewayAddresses", instead)
    says = f"{gate.id} is available and puts its own address in place of {leg.near.spoken}'s"
    return gate.passes(says, "State available", "State")


def _instead(walk: Walk, leg: Leg, at: Position, table: CompiledTable, identity: str) -> tuple[Repair, ...]:
    """What to use in place of a gateway that does not work: another one, an endpoint, a new one."""
    account, region = at.scope.account, at.scope.region
    way = walk.way_of(leg, at)
    repairs: list[Repair] = []
    if way.target is Target.NAT_GATEWAY and way.gateway not in (None, identity):
        repairs.append(AddRoute(table.id, "0.0.0.0/0", str(way.gateway), True, account, region))
    if leg.goal.kind is Kind.SERVICE:
        subnets = (at.subnet.subnet_id,)
        repairs.append(CreateInterfaceEndpoint(leg.goal.id, at.vpc, subnets, account, region))
    spot = way.public_subnet
    if spot is not None and spot != at.subnet.subnet_id and leg.goal.is_outside:
        repairs.append(CreateNatGateway(spot, table.id, at.vpc, True, account, region))
    return tuple(repairs)


def _is_public(nat: NatGateway) -> bool:
    return (nat.connectivity_type or "public").lower() == "public"


def _is_regional(nat: NatGateway) -> bool:
    return (nat.availability_mode or "").lower() == "regional"


def _is_nat64(leg: Leg) -> bool:
    return leg.destination.version == 6 and NAT64.holds(representative(leg.destination))


def outside_of(gateway: Station, goal: Station) -> Station:
    """The goal as the far side of a gateway sees it: behind NAT64 by its IPv4 address (R14).

    64:ff9b::/96 embeds it; where the goal is only known to lie there, it is some public one.
    """
    if gateway.address.version == goal.address.version:
        return goal
    known = isinstance(goal.address, Address)
    behind = Address(4, goal.address.value & 0xFFFFFFFF) if known else somewhere(4)
    return msgspec.structs.replace(goal, address=behind)


def _station_of(walk: Walk, leg: Leg, at: Position, nat: NatGateway) -> Station | Missing:
    """The gateway as the sender that the rest of the way sees."""
    addresses = nat.nat_gateway_addresses
    address = next((each for each in addresses if each.is_primary), None) or next(iter(addresses), None)
    private = parse_address(address.private_ip) if address is not None and address.private_ip else None
    public = parse_address(address.public_ip) if address is not None and address.public_ip else None
    scope, subnet = at.scope, None
    if not _is_regional(nat):
        for place in walk.fabric.same_region(at.scope):
            if (nat.subnet_id or "") in place.subnets:
                scope, subnet = place, place.subnets[nat.subnet_id or ""]
                break
        if subnet is None:
            return at.scope.subnets.missing(nat.subnet_id)
    block = subnet_block(subnet, 4) if subnet is not None else None
    known: Subject | None = private or block or public
    return Station(
        kind=Kind.NAT,
        id=nat.nat_gateway_id,
        spoken=nat.nat_gateway_id,
        address=known if known is not None else leg.source,
        scope=scope,
        vpc=nat.vpc_id or at.vpc,
        subnet=subnet,
        # The groups of who sent it are kept for the explanation; with identity lost no rule matches them.
        groups=leg.near.groups,
        public=public,
    )


# --- beyond it -------------------------------------------------------------------------------------------


def _from_zonal(walk: Walk, leg: Leg, onward: Leg, at: Position, nat: NatGateway, passed: Hop) -> Journey:
    """Through both sides of the gateway's subnet, and on by that subnet's own table (N1, N3)."""
    station = onward.near
    assert station.subnet is not None and station.scope is not None
    there = Position(station.scope, station.vpc or "", station.subnet, station.subnet.availability_zone)
    hops = [passed, acl_hop(walk, onward, there, egress=True, peer=onward.goal)]
    if there.subnet.subnet_id != at.subnet.subnet_id:
        hops.insert(0, acl_hop(walk, leg, there, egress=False, peer=leg.near))
    dead_end = _without_way_out(walk, onward, there, nat)
    return (dead_end or walk.by_table_of(onward, there)).after(*hops)


def _without_way_out(walk: Walk, leg: Leg, at: Position, nat: NatGateway) -> Journey | None:
    """For the internet, the gateway's own subnet must lead to an internet gateway, or on to one."""
    found = walk.fabric.effective_table(at.scope, at.subnet)
    if isinstance(found, Missing) or not leg.goal.is_outside or leg.goal.kind is Kind.ADDRESS:
        return None
    table = walk.fabric.compiled(at.scope, found)
    decision = walk.fabric.route(table, leg.destination)
    entry = decision.entry
    if decision.doubt is not None or (entry is not None and entry.target in _WAYS_ON):
        return None
    igw = walk.fabric.home(at.scope, at.vpc).internet_gateways_by_vpc.get(at.vpc)
    repairs: tuple[Repair, ...] = ()
    if igw is not None:
        account, region = at.scope.account, at.scope.region
        repairs = (AddRoute(table.id, "0.0.0.0/0", igw, entry is not None, account, region),)
    where = at.subnet.subnet_id
    says = f"{nat.nat_gateway_id} stands in {where}, whose {table.id} has no route to an internet gateway"
    rule = str(entry) if entry is not None else "no route matches"
    gate = leg.gate("route-table", table.id, "ec2:DescribeRouteTables")
    return Journey((gate.stops(codes.ADV_NAT_SUBNET_NO_IGW, says, rule, "Routes", repairs),), True, exit=igw)


def _from_regional(walk: Walk, leg: Leg, at: Position, nat: NatGateway) -> Journey:
    """A regional NAT gateway has no subnet but its own table, and addresses per zone (N7)."""
    hops = [*_zone_hops(leg, at, nat), *_own_table_hops(walk, leg, at, nat)]
    above = public_access_hop(walk, leg, at.scope, None, by_nat=True, vpc=at.vpc)
    return Journey((*hops, *above), True, Identity.LOST, exit=nat.nat_gateway_id)


def _own_table_hops(walk: Walk, leg: Leg, at: Position, nat: NatGateway) -> list[Hop]:
    """Whether the gateway's own table leads to an internet gateway."""
    identity = nat.route_table_id
    gate = leg.gate("route-table", identity or nat.nat_gateway_id, "ec2:DescribeRouteTables")
    if identity is None:
        says = f"which route table {nat.nat_gateway_id} uses is not shown"
        missing = Missing(_OPERATION, "absent", None, nat.nat_gateway_id, says)
        return [gate.doubts(codes.UNKNOWN_RESOURCE, missing)]
    table = walk.fabric.home(at.scope, at.vpc).route_tables.get(identity)
    if table is None:
        missing = at.scope.route_tables.missing(identity)
        return [gate.doubts(codes.UNKNOWN_RESOURCE, missing, f"{identity} of {leg.near.id} was not read")]
    decision = walk.fabric.route(walk.fabric.compiled(at.scope, table), leg.destination)
    entry = decision.entry
    if decision.doubt is not None:
        return [gate.doubts(codes.UNKNOWN_RESOURCE, decision.doubt)]
    if entry is None or entry.is_blackhole or entry.target is not Target.INTERNET_GATEWAY:
        says = f"{identity}, the table of {nat.nat_gateway_id}, has no route to an internet gateway"
        return [gate.stops(codes.ADV_NAT_SUBNET_NO_IGW, says, str(entry or "no route"), "Routes")]
    return []


def _zone_hops(leg: Leg, at: Position, nat: NatGateway) -> list[Hop]:
    gate = leg.gate("nat-gateway", nat.nat_gateway_id, _OPERATION)
    addresses = nat.nat_gateway_addresses
    zones = {each.availability_zone for each in addresses if each.availability_zone}
    zone_ids = {each.availability_zone_id for each in addresses if each.availability_zone_id}
    if not zones and not zone_ids:
        missing = Missing(_OPERATION, "absent", None, gate.id, f"the zones of {gate.id}")
        return [gate.doubts(codes.UNKNOWN_RESOURCE, missing)]
    own = at.subnet.availability_zone_id
    if at.zone in zones or own in zone_ids:
        return []
    if not (at.zone and zones) and not (own and zone_ids):
        says = f"the zone of {at.subnet.subnet_id}, as {gate.id} names zones"
        missing = Missing("ec2:DescribeSubnets", "absent", None, at.subnet.subnet_id, says)
        return [gate.doubts(codes.UNKNOWN_RESOURCE, missing)]
    says = f"{gate.id} has no address in {at.zone}"
    if (nat.auto_provision_zones or "").lower() == "enabled":
        says += "; it adds zones by itself, which may take an hour"
        return [gate.cannot_tell(codes.ADV_SNAPSHOT_PARTIAL, says)]
    listed = ", ".join(sorted(map(str, zones or zone_ids)))
    code = codes.REGIONAL_NGW_ROUTE_AZ_RESTRICTION
    return [gate.stops(code, says, f"zones {listed}", "NatGatewayAddresses")]
