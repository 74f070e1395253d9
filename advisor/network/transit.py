"""Transit gateways: attachment, zone, association, route, and the subnet on the far side (T1-T6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from advisor.model.addresses import Prefix, parse_prefix
from advisor.model.evidence import Missing
from advisor.model.records.ec2 import (
    RouteAttachment,
    Subnet,
    TransitGateway,
    TransitGatewayAttachment,
    TransitGatewayRoute,
    TransitGatewayRouteSet,
    TransitGatewayVpcAttachment,
)
from advisor.model.scope import Scope
from advisor.network import codes
from advisor.network.gates import acl_hop
from advisor.network.groups import Identity
from advisor.network.leg import Arrival, Gate, Journey, Leg, Position, stop
from advisor.network.own_network import to_own_network
from advisor.network.repairs import (
    AddTransitGatewayRoute,
    AddTransitGatewaySubnet,
    AskOwner,
    AssociateTransitGatewayRouteTable,
    Repair,
)
from advisor.network.routes import RouteEntry
from advisor.network.stations import Station
from advisor.network.subject import Overlap, Subject, as_cidr, is_negligible, overlap
from advisor.network.trace import Hop

if TYPE_CHECKING:
    from advisor.network.walk import Walk

_ATTACHMENTS = "ec2:DescribeTransitGatewayAttachments"
_VPC_ATTACHMENTS = "ec2:DescribeTransitGatewayVpcAttachments"
_PEERINGS = "ec2:DescribeTransitGatewayPeeringAttachments"
_ROUTES = "ec2:SearchTransitGatewayRoutes"
_GONE = {"deleted", "deleting", "rejected", "failed"}


class Crossing(msgspec.Struct, frozen=True, gc=False):
    """A packet inside a transit gateway: which one, whose view of it, and by what it came in.

    `entered` is the VPC attachment by which it came; None over a peering between transit gateways or a VPN.
    """

    gateway: str
    scope: Scope
    entered: TransitGatewayVpcAttachment | None


# --- into the gateway ------------------------------------------------------------------------------------


def by_transit_gateway(walk: Walk, leg: Leg, at: Position, entry: RouteEntry) -> Journey:
    """Into a transit gateway: the VPC's attachment, its zone, and the route table associated with it."""
    gateway = entry.target_id
    gate = leg.gate("transit-gateway", gateway, _VPC_ATTACHMENTS)
    attachment = attachment_of(walk, at.scope, at.vpc, gateway)
    if isinstance(attachment, Missing):
        says = f"the attachment of {at.vpc} to {gateway} is not described"
        return stop(gate.doubts(codes.UNKNOWN_RESOURCE, attachment, says))
    if attachment is None:
        says = f"{at.vpc} is not attached to {gateway}"
        return stop(gate.stops(codes.BAD_STATE_ATTACHMENT, says, "not attached"))
    crossing = Crossing(gateway, at.scope, attachment)
    # A packet leaves the gateway in the zone in which it came in.
    leg = msgspec.structs.replace(leg, zone=at.zone, zone_id=at.subnet.availability_zone_id)
    inside = _by_association(walk, leg, crossing, attachment.transit_gateway_attachment_id)
    guard = _entry_guard(walk, leg, at, attachment)
    return inside.after(*guard, _entry_hop(walk, leg, at, attachment))


def _entry_guard(
    walk: Walk, leg: Leg, at: Position, attachment: TransitGatewayVpcAttachment
) -> Iterator[Hop]:
    """The inbound side of the network ACL of the attachment's subnet in the packet's zone (T2)."""
    for subnet_id in attachment.subnet_ids:
        subnet = _subnet(walk, at.scope, subnet_id)
        if subnet is not None and _in_zone(leg, subnet):
            there = Position(at.scope, at.vpc, subnet, at.zone)
            yield acl_hop(walk, leg, there, egress=False, peer=leg.near)
            return


def _entry_hop(walk: Walk, leg: Leg, at: Position, attachment: TransitGatewayVpcAttachment) -> Hop:
    """The attachment's state, and whether it has an interface in the packet's zone."""
    identity = attachment.transit_gateway_attachment_id
    gate = leg.gate("transit-gateway-attachment", identity, _VPC_ATTACHMENTS)
    state = (attachment.state or "").lower()
    if state != "available":
        return gate.works(attachment.state, codes.BAD_STATE_ATTACHMENT, f"{identity} is {state}")
    subnets = walk.fabric.once(
        ("attachment's subnets", at.scope.account, at.scope.region, identity),
        lambda: [_subnet(walk, at.scope, each) for each in attachment.subnet_ids],
    )
    if any(subnet is not None and _in_zone(leg, subnet) for subnet in subnets):
        says = f"{identity} is available and has a subnet in {at.zone}"
        return gate.passes(says, "State available", "State")
    if not subnets or at.zone is None or None in subnets:
        missing = Missing("ec2:DescribeSubnets", "absent", None, identity, f"the zones of {identity}")
        says = f"whether {identity} has a subnet in the packet's zone is not known"
        return gate.doubts(codes.UNKNOWN_RESOURCE, missing, says)
    listed = ", ".join(sorted({str(subnet.availability_zone) for subnet in subnets if subnet is not None}))
    says = f"{identity} has no subnet in {at.zone}, where the packet is; it has {listed}"
    candidates = (s for s in at.scope.subnets_by_vpc.get(at.vpc, ()) if s.availability_zone == at.zone)
    repairs = tuple(
        AddTransitGatewaySubnet(identity, subnet.subnet_id, at.scope.account, at.scope.region)
        for subnet in list(candidates)[:1]
    )
    return gate.stops(codes.TGW_ROUTE_AZ_RESTRICTION, says, f"SubnetIds in {listed}", "SubnetIds", repairs)


def _in_zone(leg: Leg, subnet: Subnet) -> bool:
    """Whether the subnet is in the zone of the packet; names of zones differ between accounts, ids do not."""
    if leg.zone_id and subnet.availability_zone_id:
        return leg.zone_id == subnet.availability_zone_id
    return leg.zone is not None and leg.zone == subnet.availability_zone


def _by_association(walk: Walk, leg: Leg, crossing: Crossing, attachment_id: str) -> Journey:
    """The route table that is associated with the attachment by which the packet came."""
    gate = leg.gate("transit-gateway-attachment", attachment_id, _ATTACHMENTS)
    scope = crossing.scope
    found = _associated(walk, scope, attachment_id)
    if isinstance(found, Missing):
        says = f"the route table associated with {attachment_id} is not known"
        return stop(gate.doubts(codes.TGW_RTB_ROUTES_ARE_UNKNOWN, found, says))
    association = found.association
    if association is None and found.transit_gateway_owner_id not in (None, scope.account):
        owner = found.transit_gateway_owner_id
        says = f"{crossing.gateway} belongs to account {owner}, which does not show its routes"
        missing = Missing(_ATTACHMENTS, "absent", None, attachment_id, says)
        return stop(gate.doubts(codes.TGW_RTB_ROUTES_ARE_UNKNOWN, missing))
    table = association.transit_gateway_route_table_id if association is not None else None
    state = (association.state or "associated").lower() if association is not None else ""
    if table is None or state != "associated":
        says = f"{attachment_id} is not associated with a route table of {crossing.gateway}"
        candidates = sorted(
            each.transit_gateway_route_table_id
            for place in walk.fabric.estate.regional
            for each in place.transit_gateway_route_tables.values()
            if each.transit_gateway_id == crossing.gateway
        )
        repairs = tuple(
            AssociateTransitGatewayRouteTable(attachment_id, each, scope.account, scope.region)
            for each in candidates[:1]
        )
        code = codes.TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION
        return stop(gate.stops(code, says, "no association", "Association", repairs))
    return _by_table(walk, leg, crossing, table)


def _associated(walk: Walk, scope: Scope, attachment_id: str) -> TransitGatewayAttachment | Missing:
    """The attachment as the gateway's owner sees it: only there is the association shown."""
    found = scope.transit_gateway_attachments.find(attachment_id)
    if not isinstance(found, Missing) and found.association is not None:
        return found
    for place in walk.fabric.same_region(scope):
        other = place.transit_gateway_attachments.get(attachment_id)
        if other is not None and (other.association is not None or isinstance(found, Missing)):
            return other
    return found


def from_own_network(walk: Walk, leg: Leg, attachment_id: str) -> Journey:
    """In from a network of one's own, by the gateway's VPN or Direct Connect attachment (V1)."""
    for place in walk.fabric.estate.regional:
        found = place.transit_gateway_attachments.get(attachment_id)
        if found is not None:
            crossing = Crossing(found.transit_gateway_id or "?", place, None)
            return _by_association(walk, leg, crossing, attachment_id)
    gate = leg.gate("transit-gateway-attachment", attachment_id, _ATTACHMENTS)
    missing = Missing(_ATTACHMENTS, "absent", None, attachment_id, f"{attachment_id} is not described")
    return stop(gate.doubts(codes.TGW_RTB_ROUTES_ARE_UNKNOWN, missing))


# --- the gateway's route table ---------------------------------------------------------------------------


def _by_table(walk: Walk, leg: Leg, crossing: Crossing, table: str) -> Journey:
    """The deciding route: longest prefix, static before propagated, blackholes drop."""
    gate = leg.gate("transit-gateway-route-table", table, _ROUTES)
    unknown = codes.TGW_RTB_ROUTES_ARE_UNKNOWN
    routes = walk.fabric.anywhere(crossing.scope, "transit_gateway_routes", table)
    if isinstance(routes, Missing):
        return stop(gate.doubts(unknown, routes, f"the routes of {table} are not known"))
    assert isinstance(routes, TransitGatewayRouteSet)
    if routes.additional_routes_available:
        says = f"{table} has more routes than the answer shows"
        return stop(gate.doubts(unknown, Missing(_ROUTES, "truncated", None, table, says)))
    here = (crossing.scope.account, crossing.scope.region)
    ordered = walk.fabric.once(
        ("transit routes", here, table, leg.destination),
        lambda: _ordered(routes, walk, crossing.scope, leg.destination),
    )
    if isinstance(ordered, Missing):
        return stop(gate.doubts(unknown, ordered))
    if not ordered:
        says = f"{table} has no route to {leg.goal.spoken}"
        repairs = _route_repairs(walk, leg, crossing, table, None)
        code = codes.TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT
        return stop(gate.stops(code, says, "no route matches", "Routes", repairs))
    prefix, route = ordered[0]
    state = (route.state or "").lower()
    if not state:
        missing = Missing(_ROUTES, "absent", None, table, f"the state of {_spell(route)}")
        return stop(gate.doubts(unknown, missing))
    rule = f"{route.destination_cidr_block or route.prefix_list_id} → {_targets(route) or state}"
    if state != "active":
        says = f"{table} sends {leg.goal.spoken} by {rule}, which is {state}"
        repairs = _route_repairs(walk, leg, crossing, table, str(prefix))
        return stop(gate.stops(codes.TGW_RTB_BAD_STATE_ROUTE, says, rule, "Routes", repairs))
    if not route.transit_gateway_attachments:
        missing = Missing(_ROUTES, "absent", None, table, f"the attachments of {rule}")
        return stop(gate.doubts(unknown, missing))
    journey = _out(walk, leg, crossing, route)
    if not journey.arrived:
        for _, other in ordered[1:]:
            detour = _out(walk, leg, crossing, other) if (other.state or "").lower() == "active" else None
            if detour is not None and detour.arrived:
                says = f"{table} sends {leg.goal.spoken} by {rule}, not by {_spell(other)}"
                return detour.after(gate.stops(codes.TGW_RTB_MORE_SPECIFIC_ROUTE, says, rule, "Routes"))
    return journey.after(gate.passes(f"{table} sends {leg.goal.spoken} by {rule}", rule, "Routes"))


def _ordered(
    routes: TransitGatewayRouteSet, walk: Walk, scope: Scope, destination: Subject
) -> list[tuple[Prefix, TransitGatewayRoute]] | Missing:
    """The routes that match, in the order in which they decide."""
    found: list[tuple[int, int, Prefix, TransitGatewayRoute]] = []
    parts: list[tuple[Prefix, TransitGatewayRoute]] = []
    for route in routes.routes:
        if (route.state or "").lower() in _GONE:
            continue
        blocks: tuple[Prefix, ...] = ()
        if route.destination_cidr_block:
            block = parse_prefix(route.destination_cidr_block)
            if block is None:
                says = f"{route.destination_cidr_block!r} cannot be read"
                return Missing(_ROUTES, "undecidable", None, routes.transit_gateway_route_table_id, says)
            blocks = (block,)
        elif route.prefix_list_id:
            listed = walk.fabric.prefixes_of(scope, route.prefix_list_id)
            if isinstance(listed, Missing):
                return listed
            blocks = listed
        else:
            says = "a route without destination"
            return Missing(_ROUTES, "undecidable", None, routes.transit_gateway_route_table_id, says)
        rank = 0 if (route.type or "").lower() == "static" else 1
        for block in blocks:
            share = overlap(block, destination)
            if share is Overlap.FULL:
                found.append((-block.length, rank, block, route))
            elif share is Overlap.PART and not is_negligible(block, destination):
                parts.append((block, route))
    found.sort(key=lambda each: each[:2])
    deciding = found[0][3] if found else None
    for block, route in parts:
        if deciding is None or (_targets(route), route.state) != (_targets(deciding), deciding.state):
            says = f"{block} → {_targets(route) or route.state} holds a part of {as_cidr(destination)}"
            return Missing(_ROUTES, "undecidable", None, routes.transit_gateway_route_table_id, says)
    return [(block, route) for _, _, block, route in found]


def _spell(route: TransitGatewayRoute) -> str:
    return f"{route.destination_cidr_block or route.prefix_list_id} → {_targets(route)}"


def _targets(route: TransitGatewayRoute) -> str:
    return ", ".join(each.transit_gateway_attachment_id or "?" for each in route.transit_gateway_attachments)


def _route_repairs(
    walk: Walk, leg: Leg, crossing: Crossing, table: str, replaced: str | None
) -> tuple[Repair, ...]:
    """A static route to the goal's own attachment, in the table's account."""
    goal = leg.goal
    owner = next(
        (
            place
            for place in walk.fabric.same_region(crossing.scope)
            if table in place.transit_gateway_route_tables
        ),
        None,
    )
    if owner is None:
        return ()
    described = walk.fabric.anywhere(crossing.scope, "transit_gateways", crossing.gateway)
    holder = described.owner_id if isinstance(described, TransitGateway) else None
    if holder not in (None, owner.account):
        return (AskOwner(str(holder), table, f"add a route to {goal.spoken}"),)
    if goal.vpc is None or goal.scope is None:
        return ()
    far = attachment_of(walk, goal.scope, goal.vpc, crossing.gateway)
    if far is None or isinstance(far, Missing):
        return ()
    block = replaced or walk.wanted_block(leg)
    return (
        AddTransitGatewayRoute(
            table,
            block,
            far.transit_gateway_attachment_id,
            replaced is not None,
            owner.account,
            owner.region,
        ),
    )


# --- out of the gateway ----------------------------------------------------------------------------------


def _out(walk: Walk, leg: Leg, crossing: Crossing, route: TransitGatewayRoute) -> Journey:
    """Out by the route's attachments: of several (ECMP) the client cannot choose, so the worst counts."""
    journeys = [_out_of(walk, leg, crossing, each) for each in route.transit_gateway_attachments]
    return min(journeys, key=lambda journey: journey.verdict)


def _out_of(walk: Walk, leg: Leg, crossing: Crossing, attachment: RouteAttachment) -> Journey:
    identity = attachment.transit_gateway_attachment_id or ""
    match (attachment.resource_type or "").lower():
        case "vpc":
            return _into_vpc(walk, leg, crossing, identity, attachment.resource_id)
        case "peering" | "tgw-peering":
            return _to_peer_gateway(walk, leg, crossing, identity)
        case ("vpn" | "direct-connect-gateway") as kind:
            beyond = attachment.resource_id or identity
            journey = to_own_network(leg, crossing.scope, beyond, kind, codes.TGW_BAD_STATE_VPN)
            return msgspec.structs.replace(journey, exit=identity)
        case kind:
            gate = leg.gate("transit-gateway-attachment", identity, _ATTACHMENTS)
            says = f"beyond {identity} ({kind or 'of unknown type'}) nothing can be seen"
            return stop(gate.cannot_tell(codes.UNKNOWN_DESTINATION, says))


def _into_vpc(walk: Walk, leg: Leg, crossing: Crossing, identity: str, vpc: str | None) -> Journey:
    """Into a VPC: the network ACL and the route table of the subnet that holds the attachment's interface."""
    gate = leg.gate("transit-gateway-attachment", identity, _VPC_ATTACHMENTS)
    attachment, place = _find_vpc_attachment(walk, crossing.scope, identity)
    if attachment is None or place is None:
        missing = crossing.scope.transit_gateway_vpc_attachments.missing(identity)
        return stop(
            gate.doubts(codes.UNKNOWN_RESOURCE, missing, f"{identity} leads to {vpc}, which was not read")
        )
    subnets = _entry_subnets(walk, place, attachment, leg)
    if isinstance(subnets, Missing):
        says = f"the subnet {subnets.resource or ''} of {identity} was not read"
        return stop(gate.doubts(codes.UNKNOWN_RESOURCE, subnets, says))
    kept = msgspec.structs.replace(leg, identity=_identity_over(walk, leg, crossing, attachment))
    journeys = [_into_subnet(walk, kept, gate, place, attachment, each) for each in subnets]
    return min(journeys, key=lambda journey: journey.verdict)


def _into_subnet(
    walk: Walk, leg: Leg, gate: Gate, place: Scope, attachment: TransitGatewayVpcAttachment, subnet: Subnet
) -> Journey:
    at = Position(place, subnet.vpc_id, subnet, subnet.availability_zone)
    state = (attachment.state or "").lower()
    says = f"{gate.id}, {state}, leads into {at.vpc} by {subnet.subnet_id}"
    passed = gate.works(attachment.state, codes.BAD_STATE_ATTACHMENT, says)
    onward = leg.through(at, arrival=Arrival.TRANSIT)
    if _stands_in(leg.goal, at):
        return _beside_attachment(walk, onward, at).after(passed)
    guard = acl_hop(walk, onward, at, egress=True, peer=leg.goal)
    journey = walk.by_table_of(onward, at)
    options = attachment.options
    if journey.via and options is not None and options.appliance_mode_support == "disable":
        note = f"{codes.TRANSIT_GATEWAY_APPLIANCE_MODE_RECOMMENDED}: {gate.id} leads to a middlebox"
        journey = journey.noting(note)
    return journey.after(passed, guard)


def _stands_in(goal: Station, at: Position) -> bool:
    same_vpc = goal.place[1:] == at.place[1:]
    return same_vpc and goal.subnet is not None and goal.subnet.subnet_id == at.subnet.subnet_id


def _beside_attachment(walk: Walk, leg: Leg, at: Position) -> Journey:
    """The goal shares the attachment's subnet: no network ACL is evaluated towards it (T2).

    Transit Gateway guide, "Network ACLs for transit gateways"; the way out of such a subnet is evaluated on
    both sides as everywhere.
    """
    subnet = at.subnet.subnet_id
    gate = leg.gate("subnet", subnet, "ec2:DescribeSubnets", walk.place_of(at.scope, subnet))
    says = f"the attachment's interface is in {subnet} too, where network ACLs are not evaluated"
    return walk.arrive(leg, from_subnet=True).after(gate.passes(says, "same subnet", "SubnetId"))


def _identity_over(walk: Walk, leg: Leg, crossing: Crossing, left: TransitGatewayVpcAttachment) -> Identity:
    """Group referencing over a transit gateway needs the gateway and both attachments (T4)."""
    if leg.identity is not Identity.KEPT:
        return leg.identity
    entered = crossing.entered
    if entered is None:
        return Identity.LOST  # over a peering between transit gateways, or from outside
    described = walk.fabric.anywhere(crossing.scope, "transit_gateways", crossing.gateway)
    if not isinstance(described, TransitGateway):
        return Identity.UNKNOWN
    switches = [described.options.security_group_referencing_support if described.options else None]
    for side in (entered, left):
        # Off by default on the gateway, on by default on an attachment.
        chosen = side.options.security_group_referencing_support if side.options is not None else None
        switches.append(chosen or "enable")
    return Identity.KEPT if all(each == "enable" for each in switches) else Identity.NO_TRANSIT_SUPPORT


def _to_peer_gateway(walk: Walk, leg: Leg, crossing: Crossing, identity: str) -> Journey:
    """Over a peering between transit gateways: static routes on both sides (T5)."""
    gate = leg.gate("transit-gateway-attachment", identity, _PEERINGS)
    unknown = codes.TGW_RTB_ROUTES_ARE_UNKNOWN
    scope = crossing.scope
    peering = next(
        (
            place.transit_gateway_peering_attachments[identity]
            for place in (scope, *walk.fabric.estate.regional)
            if identity in place.transit_gateway_peering_attachments
        ),
        None,
    )
    if peering is None:
        missing = scope.transit_gateway_peering_attachments.missing(identity)
        return stop(gate.doubts(unknown, missing, f"where {identity} leads is not known"))
    is_requester = peering.requester_tgw_info.transit_gateway_id == crossing.gateway
    far = peering.accepter_tgw_info if is_requester else peering.requester_tgw_info
    gateway = far.transit_gateway_id or "?"
    state = (peering.state or "").lower()
    says = f"{identity}, {state}, leads to {gateway} in {far.region}"
    passed = gate.works(peering.state, codes.BAD_STATE_ATTACHMENT, says)
    there = walk.fabric.estate.scopes.get((far.owner_id or scope.account, far.region or scope.region))
    if there is None or walk.goes_in_circles(leg):
        says = f"{gateway} in {far.region} was not read"
        missing = Missing(_ATTACHMENTS, "not-asked", None, gateway, says)
        return stop(passed, leg.gate("transit-gateway", gateway, _ATTACHMENTS).doubts(unknown, missing))
    far_side = peering.accepter_transit_gateway_attachment_id or identity
    lost = Identity.LOST if leg.identity is Identity.KEPT else leg.identity
    beyond = msgspec.structs.replace(leg, identity=lost, vpcs=(*leg.vpcs, leg.came_from))
    return _by_association(walk, beyond, Crossing(gateway, there, None), far_side).after(passed)


# --- attachments and subnets -----------------------------------------------------------------------------


def attachment_of(
    walk: Walk, scope: Scope, vpc: str, gateway: str
) -> TransitGatewayVpcAttachment | Missing | None:
    """A VPC's attachment to a transit gateway; None where it surely has none."""
    for place in walk.fabric.same_region(scope):
        for attachment in place.transit_attachments_by_vpc.get(vpc, ()):
            gone = (attachment.state or "").lower() in _GONE
            if attachment.transit_gateway_id == gateway and not gone:
                return attachment
    table = walk.fabric.home(scope, vpc).transit_gateway_vpc_attachments
    return None if table.complete else table.missing()


def _find_vpc_attachment(
    walk: Walk, scope: Scope, identity: str
) -> tuple[TransitGatewayVpcAttachment | None, Scope | None]:
    for place in walk.fabric.same_region(scope):
        attachment = place.transit_gateway_vpc_attachments.get(identity)
        if attachment is not None:
            scopes = walk.fabric.vpc_scopes(attachment.vpc_id or "", attachment.vpc_owner_id, scope.region)
            return attachment, next(iter(scopes), None)
    return None, None


def _entry_subnets(
    walk: Walk, place: Scope, attachment: TransitGatewayVpcAttachment, leg: Leg
) -> list[Subnet] | Missing:
    """The attachment's subnet in the packet's own zone, to which AWS keeps; else any of them may be used."""
    found = [_subnet(walk, place, each) for each in attachment.subnet_ids]
    subnets = [subnet for subnet in found if subnet is not None]
    same = [subnet for subnet in subnets if _in_zone(leg, subnet)]
    if same:
        return same[:1]
    if None in found or not subnets:
        return place.subnets.missing(
            next((each for each in attachment.subnet_ids if each not in place.subnets), None)
        )
    return subnets


def _subnet(walk: Walk, scope: Scope, subnet_id: str) -> Subnet | None:
    for place in walk.fabric.same_region(scope):
        if subnet_id in place.subnets:
            return place.subnets[subnet_id]
    return None
