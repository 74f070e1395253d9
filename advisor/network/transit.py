"""Ways between VPCs and to networks of one's own: peering, transit gateways, virtual private gateways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from advisor.model.addresses import Prefix, parse_prefix
from advisor.model.estate import Scope
from advisor.model.evidence import Missing
from advisor.model.records.ec2 import (
    PeeringVpcInfo,
    Subnet,
    TransitGatewayAttachment,
    TransitGatewayRoute,
    TransitGatewayRouteSet,
    TransitGatewayVpcAttachment,
    VpcPeeringConnection,
)
from advisor.model.verdict import BLOCKED, READY, Verdict
from advisor.network import codes
from advisor.network.gates import acl_hop
from advisor.network.groups import Identity
from advisor.network.leg import Arrival, Journey, Leg, Position, block_of, hop, lost, stop
from advisor.network.repairs import (
    AddTransitGatewayRoute,
    AddTransitGatewaySubnet,
    AskOwner,
    AssociateTransitGatewayRouteTable,
    Repair,
)
from advisor.network.routes import RouteEntry
from advisor.network.subject import Overlap, overlap, representative
from advisor.network.trace import Hop

if TYPE_CHECKING:
    from advisor.network.walk import Walk


# --- peering ---------------------------------------------------------------------------------------------


def by_peering(walk: Walk, leg: Leg, at: Position, entry: RouteEntry) -> Journey:
    """Over a peering connection: active, not transitive, both addresses inside the two VPCs (P1-P3)."""
    found = find_in(walk, at.scope, "vpc_peering_connections", entry.target_id)
    if isinstance(found, Missing):
        says = f"{entry.target_id} is not described"
        return stop(
            lost(
                "vpc-peering-connection", entry.target_id, leg.direction, found, codes.UNKNOWN_RESOURCE, says
            )
        )
    assert isinstance(found, VpcPeeringConnection)
    identity = found.vpc_peering_connection_id
    status = (found.status.code or "").lower()

    def station(verdict: Verdict, says: str, code: str | None, repairs: tuple[Repair, ...] = ()) -> Hop:
        return hop(
            "vpc-peering-connection",
            identity,
            leg.direction,
            verdict,
            says,
            rule=f"Status.Code {status}",
            code=code,
            operation="ec2:DescribeVpcPeeringConnections",
            field="Status.Code",
            repairs=repairs,
        )

    own, peer = _sides(found, at)
    if peer is None or own is None:
        says = f"{identity} does not join {at.vpc}"
        return stop(station(BLOCKED, says, codes.DISCONNECTED_VPCS))
    if leg.arrival in (Arrival.PEERING, Arrival.VPN) or (
        leg.arrival is Arrival.TRANSIT and leg.came_from != at.place
    ):
        says = f"{identity} carries only traffic that starts or ends in the two VPCs it joins"
        return stop(station(BLOCKED, says, codes.PCX_REQUIRES_ADDRESS_IN_VPC_CIDR))
    blocks = _blocks(peer, walk, at)
    if blocks and all(overlap(block, leg.destination) is Overlap.NONE for block in blocks):
        says = (
            f"{identity} carries only traffic for {', '.join(map(str, blocks))} of {peer.vpc_id}, "
            f"not for {leg.goal.spoken}"
        )
        hops = [station(BLOCKED, says, codes.PCX_REQUIRES_ADDRESS_IN_VPC_CIDR)]
        if leg.goal.vpc is not None and walk.topology.cheapest_way(at.place, leg.goal).is_disconnected:
            apart = f"{at.vpc} and {leg.goal.vpc} are not joined; peering is not transitive"
            hops.append(
                hop(
                    "vpc",
                    at.vpc,
                    leg.direction,
                    BLOCKED,
                    apart,
                    code=codes.DISCONNECTED_VPCS,
                    operation="ec2:DescribeVpcPeeringConnections",
                )
            )
        return stop(*hops)
    scopes = walk.fabric.vpc_scopes(peer.vpc_id or "", peer.owner_id, peer.region)
    passed = (
        station(READY, f"{identity} is active", None)
        if status == "active"
        else station(BLOCKED, f"{identity} is {status or 'in a state not known'}", codes.BAD_STATE_ATTACHMENT)
    )
    if not scopes:
        says = f"{peer.vpc_id} of account {peer.owner_id} was not read"
        missing = Missing("ec2:DescribeVpcs", "not-asked", None, peer.vpc_id, says)
        return stop(
            passed, lost("vpc", peer.vpc_id or "?", leg.direction, missing, codes.UNKNOWN_PEERED_SGS, says)
        )
    identity_kept = leg.identity
    if own.region and peer.region and own.region != peer.region:
        identity_kept = Identity.LOST  # references do not cross Regions (P2)
    onward = msgspec.structs.replace(
        leg,
        identity=identity_kept,
        arrival=Arrival.PEERING,
        vpcs=(*leg.vpcs, (scopes[0].account, scopes[0].region, peer.vpc_id)),
    )
    if leg.goal.vpc is None:
        says = f"no interface of {peer.vpc_id} that was read has the address of {leg.goal.spoken}"
        missing = scopes[0].network_interfaces.missing(leg.goal.id)
        return stop(
            passed, lost("vpc", peer.vpc_id or "?", leg.direction, missing, codes.UNKNOWN_DESTINATION, says)
        )
    if leg.goal.vpc != peer.vpc_id:
        says = f"{identity} leads to {peer.vpc_id}, and {leg.goal.spoken} is in {leg.goal.vpc}"
        return stop(
            passed,
            hop(
                "vpc",
                peer.vpc_id or "?",
                leg.direction,
                BLOCKED,
                says,
                code=codes.NO_POSSIBLE_DESTINATION,
                operation="ec2:DescribeVpcPeeringConnections",
            ),
        )
    return walk.arrive(onward).after(passed)


def _sides(
    peering: VpcPeeringConnection, at: Position
) -> tuple[PeeringVpcInfo | None, PeeringVpcInfo | None]:
    one, two = peering.requester_vpc_info, peering.accepter_vpc_info
    if one.vpc_id == at.vpc and (one.region in (None, at.scope.region)):
        return one, two
    if two.vpc_id == at.vpc:
        return two, one
    return None, None


def _blocks(side: PeeringVpcInfo, walk: Walk, at: Position) -> list[Prefix]:
    texts = [each.cidr_block for each in side.cidr_block_set]
    texts += [each.ipv6_cidr_block for each in side.ipv6_cidr_block_set]
    if side.cidr_block:
        texts.append(side.cidr_block)
    found = [block for block in map(parse_prefix, texts) if block is not None]
    for scope in walk.fabric.vpc_scopes(side.vpc_id or "", side.owner_id, side.region):
        found += walk.fabric.blocks_by_vpc.get((scope.account, scope.region, side.vpc_id or ""), ())
    return [block for block in dict.fromkeys(found) if block.version == walk.version]


# --- transit gateways ------------------------------------------------------------------------------------


def by_transit_gateway(walk: Walk, leg: Leg, at: Position, entry: RouteEntry) -> Journey:
    """Into a transit gateway: the VPC's attachment, its zone, and the route table associated with it (T1)."""
    tgw = entry.target_id
    attachment = _vpc_attachment(walk, at, tgw)
    if isinstance(attachment, Missing):
        says = f"the attachment of {at.vpc} to {tgw} is not described"
        return stop(lost("transit-gateway", tgw, leg.direction, attachment, codes.UNKNOWN_RESOURCE, says))
    if attachment is None:
        says = f"{at.vpc} is not attached to {tgw}"
        return stop(
            hop(
                "transit-gateway",
                tgw,
                leg.direction,
                BLOCKED,
                says,
                code=codes.BAD_STATE_ATTACHMENT,
                operation="ec2:DescribeTransitGatewayVpcAttachments",
            )
        )
    hops = [*_attachment_hops(walk, leg, at, attachment)]
    return _by_association(
        walk, leg, at.scope, tgw, attachment.transit_gateway_attachment_id, attachment
    ).after(*hops)


def _attachment_hops(
    walk: Walk, leg: Leg, at: Position, attachment: TransitGatewayVpcAttachment
) -> list[Hop]:
    identity = attachment.transit_gateway_attachment_id
    state = (attachment.state or "").lower()
    operation = "ec2:DescribeTransitGatewayVpcAttachments"
    if state != "available":
        return [
            hop(
                "transit-gateway-attachment",
                identity,
                leg.direction,
                BLOCKED,
                f"{identity} is {state or '?'}",
                rule=f"State {state}",
                code=codes.BAD_STATE_ATTACHMENT,
                operation=operation,
                field="State",
            )
        ]
    zones = {
        subnet.availability_zone: subnet.subnet_id
        for subnet in (_subnet(walk, at.scope, each) for each in attachment.subnet_ids)
        if subnet is not None
    }
    if at.zone is not None and zones and at.zone not in zones:
        says = f"{identity} has no subnet in {at.zone}, where the packet is; it has {', '.join(sorted(map(str, zones)))}"
        subnet = next(
            (s.subnet_id for s in at.scope.subnets_by_vpc.get(at.vpc, ()) if s.availability_zone == at.zone),
            None,
        )
        repairs: tuple[Repair, ...] = ()
        if subnet is not None:
            repairs = (AddTransitGatewaySubnet(identity, subnet, at.scope.account, at.scope.region),)
        return [
            hop(
                "transit-gateway-attachment",
                identity,
                leg.direction,
                BLOCKED,
                says,
                rule=f"SubnetIds in {', '.join(sorted(map(str, zones)))}",
                code=codes.TGW_ROUTE_AZ_RESTRICTION,
                operation=operation,
                field="SubnetIds",
                repairs=repairs,
            )
        ]
    if not zones or at.zone is None:
        missing = Missing("ec2:DescribeSubnets", "absent", None, identity, f"the zones of {identity}")
        says = f"whether {identity} has a subnet in the packet's zone is not known"
        return [
            lost("transit-gateway-attachment", identity, leg.direction, missing, codes.UNKNOWN_RESOURCE, says)
        ]
    return [
        hop(
            "transit-gateway-attachment",
            identity,
            leg.direction,
            READY,
            f"{identity} is available and has a subnet in {at.zone}",
            rule="State available",
            operation=operation,
            field="State",
        )
    ]


def _by_association(
    walk: Walk,
    leg: Leg,
    scope: Scope,
    tgw: str,
    attachment_id: str,
    entered: TransitGatewayVpcAttachment | None,
) -> Journey:
    """The route table that is associated with the attachment by which the packet came."""
    operation = "ec2:DescribeTransitGatewayAttachments"
    found = _associated(walk, scope, attachment_id)
    if isinstance(found, Missing):
        says = f"the route table associated with {attachment_id} is not known"
        return stop(
            lost(
                "transit-gateway-attachment",
                attachment_id,
                leg.direction,
                found,
                codes.TGW_RTB_ROUTES_ARE_UNKNOWN,
                says,
            )
        )
    association = found.association
    table = association.transit_gateway_route_table_id if association is not None else None
    if association is None or table is None or (association.state or "associated").lower() != "associated":
        if found.transit_gateway_owner_id not in (None, scope.account) and association is None:
            missing = Missing(operation, "absent", None, attachment_id, "another account's transit gateway")
            says = (
                f"{tgw} belongs to account {found.transit_gateway_owner_id}, which does not show its routes"
            )
            return stop(
                lost("transit-gateway", tgw, leg.direction, missing, codes.TGW_RTB_ROUTES_ARE_UNKNOWN, says)
            )
        says = f"{attachment_id} is not associated with a route table of {tgw}"
        candidates = sorted(
            each.transit_gateway_route_table_id
            for place in walk.fabric.estate.regional
            for each in place.transit_gateway_route_tables.values()
            if each.transit_gateway_id == tgw
        )
        repairs = tuple(
            AssociateTransitGatewayRouteTable(attachment_id, each, scope.account, scope.region)
            for each in candidates[:1]
        )
        return stop(
            hop(
                "transit-gateway-attachment",
                attachment_id,
                leg.direction,
                BLOCKED,
                says,
                rule="no association",
                code=codes.TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION,
                operation=operation,
                field="Association",
                repairs=repairs,
            )
        )
    return _by_tgw_table(walk, leg, scope, tgw, table, entered)


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


def _by_tgw_table(
    walk: Walk, leg: Leg, scope: Scope, tgw: str, table: str, entered: TransitGatewayVpcAttachment | None
) -> Journey:
    """The route of a transit gateway's table: longest prefix, static before propagated, blackholes drop."""
    routes = find_in(walk, scope, "transit_gateway_routes", table)
    if isinstance(routes, Missing):
        says = f"the routes of {table} are not known"
        return stop(
            lost(
                "transit-gateway-route-table",
                table,
                leg.direction,
                routes,
                codes.TGW_RTB_ROUTES_ARE_UNKNOWN,
                says,
            )
        )
    assert isinstance(routes, TransitGatewayRouteSet)
    operation = "ec2:SearchTransitGatewayRoutes"
    if routes.additional_routes_available:
        missing = Missing(
            operation, "truncated", None, table, f"{table} has more routes than the answer shows"
        )
        return stop(
            lost(
                "transit-gateway-route-table",
                table,
                leg.direction,
                missing,
                codes.TGW_RTB_ROUTES_ARE_UNKNOWN,
                missing.says,
            )
        )
    ordered = _ordered(routes, walk, scope, leg)
    if isinstance(ordered, Missing):
        return stop(
            lost(
                "transit-gateway-route-table",
                table,
                leg.direction,
                ordered,
                codes.TGW_RTB_ROUTES_ARE_UNKNOWN,
                ordered.says,
            )
        )
    if not ordered:
        says = f"{table} has no route to {leg.goal.spoken}"
        return stop(
            hop(
                "transit-gateway-route-table",
                table,
                leg.direction,
                BLOCKED,
                says,
                rule="no route matches",
                code=codes.TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT,
                operation=operation,
                field="Routes",
                repairs=_tgw_route_repairs(walk, leg, scope, tgw, table, None),
            )
        )
    prefix, route = ordered[0]
    state = (route.state or "").lower()
    rule = f"{route.destination_cidr_block or route.prefix_list_id} → {_targets(route) or state}"
    if state != "active":
        says = f"{table} sends {leg.goal.spoken} by {rule}, which is {state}"
        return stop(
            hop(
                "transit-gateway-route-table",
                table,
                leg.direction,
                BLOCKED,
                says,
                rule=rule,
                code=codes.TGW_RTB_BAD_STATE_ROUTE,
                operation=operation,
                field="Routes",
                repairs=_tgw_route_repairs(walk, leg, scope, tgw, table, str(prefix)),
            )
        )
    passed = hop(
        "transit-gateway-route-table",
        table,
        leg.direction,
        READY,
        f"{table} sends {leg.goal.spoken} by {rule}",
        rule=rule,
        operation=operation,
        field="Routes",
    )
    if not route.transit_gateway_attachments:
        missing = Missing(operation, "absent", None, table, f"the attachments of {rule}")
        return stop(
            lost(
                "transit-gateway-route-table",
                table,
                leg.direction,
                missing,
                codes.TGW_RTB_ROUTES_ARE_UNKNOWN,
                missing.says,
            )
        )
    # Of several attachments (ECMP) the client cannot choose one: all have to do.
    journeys = [
        _out_of(
            walk,
            leg,
            scope,
            tgw,
            each.transit_gateway_attachment_id or "",
            each.resource_type,
            each.resource_id,
            entered,
        )
        for each in route.transit_gateway_attachments
    ]
    worst = min(journeys, key=lambda journey: journey.verdict)
    if not worst.arrived and len(ordered) > 1:
        for _, other in ordered[1:]:
            for each in other.transit_gateway_attachments:
                journey = _out_of(
                    walk,
                    leg,
                    scope,
                    tgw,
                    each.transit_gateway_attachment_id or "",
                    each.resource_type,
                    each.resource_id,
                    entered,
                )
                if journey.arrived and (other.state or "").lower() == "active":
                    astray = hop(
                        "transit-gateway-route-table",
                        table,
                        leg.direction,
                        BLOCKED,
                        f"{table} sends {leg.goal.spoken} by {rule}, which does not lead there; "
                        f"{other.destination_cidr_block} would",
                        rule=rule,
                        code=codes.TGW_RTB_MORE_SPECIFIC_ROUTE,
                        operation=operation,
                        field="Routes",
                    )
                    return journey.after(astray)
    return worst.after(passed)


def _ordered(
    routes: TransitGatewayRouteSet, walk: Walk, scope: Scope, leg: Leg
) -> list[tuple[Prefix, TransitGatewayRoute]] | Missing:
    found: list[tuple[int, int, Prefix, TransitGatewayRoute]] = []
    for route in routes.routes:
        blocks: tuple[Prefix, ...] | Missing
        if route.destination_cidr_block:
            block = parse_prefix(route.destination_cidr_block)
            if block is None:
                says = f"{route.destination_cidr_block!r} cannot be read"
                return Missing(
                    "ec2:SearchTransitGatewayRoutes",
                    "undecidable",
                    None,
                    routes.transit_gateway_route_table_id,
                    says,
                )
            blocks = (block,)
        elif route.prefix_list_id:
            blocks = walk.fabric.prefixes_of(scope, route.prefix_list_id)
            if isinstance(blocks, Missing):
                return blocks
        else:
            continue
        rank = 0 if (route.type or "").lower() == "static" else 1
        for block in blocks:
            if overlap(block, leg.destination) is Overlap.FULL:
                found.append((-block.length, rank, block, route))
    found.sort(key=lambda each: each[:2])
    return [(block, route) for _, _, block, route in found]


def _targets(route: TransitGatewayRoute) -> str:
    return ", ".join(each.transit_gateway_attachment_id or "?" for each in route.transit_gateway_attachments)


def _tgw_route_repairs(
    walk: Walk, leg: Leg, scope: Scope, tgw: str, table: str, replaced: str | None
) -> tuple[Repair, ...]:
    owner = next(
        (
            place
            for place in walk.fabric.estate.regional
            if table in place.transit_gateway_route_tables and place.region == scope.region
        ),
        None,
    )
    if owner is None:
        return ()
    described = find_in(walk, scope, "transit_gateways", tgw)
    holder = getattr(described, "owner_id", None)
    if holder not in (None, owner.account):
        return (AskOwner(str(holder), table, f"add a route to {leg.goal.spoken}"),)
    goal = leg.goal
    if goal.vpc is None or goal.scope is None:
        return ()
    far = (
        _vpc_attachment(walk, Position(goal.scope, goal.vpc, goal.subnet, None), tgw) if goal.subnet else None
    )
    if far is None or isinstance(far, Missing):
        return ()
    block = next(
        (
            str(each)
            for each in walk.fabric.blocks_by_vpc.get((goal.scope.account, goal.scope.region, goal.vpc), ())
            if each.holds(representative(leg.destination))
        ),
        block_of(goal, walk.version),
    )
    return (
        AddTransitGatewayRoute(
            table,
            replaced or block,
            far.transit_gateway_attachment_id,
            replaced is not None,
            owner.account,
            owner.region,
        ),
    )


def _out_of(
    walk: Walk,
    leg: Leg,
    scope: Scope,
    tgw: str,
    attachment_id: str,
    resource_type: str | None,
    resource_id: str | None,
    entered: TransitGatewayVpcAttachment | None,
) -> Journey:
    """Out of the transit gateway by an attachment."""
    kind = (resource_type or "").lower()
    if kind == "vpc":
        return _into_vpc(walk, leg, scope, tgw, attachment_id, resource_id, entered)
    if kind in {"peering", "tgw-peering"}:
        return _to_peer_gateway(walk, leg, scope, tgw, attachment_id)
    if kind in {"vpn", "direct-connect-gateway"}:
        return to_own_network(walk, leg, scope, resource_id or attachment_id, kind, codes.TGW_BAD_STATE_VPN)
    says = f"beyond {attachment_id} ({kind or 'of unknown type'}) nothing can be seen"
    missing = Missing("ec2:DescribeTransitGatewayAttachments", "undecidable", None, attachment_id, says)
    return stop(
        lost(
            "transit-gateway-attachment",
            attachment_id,
            leg.direction,
            missing,
            codes.UNKNOWN_DESTINATION,
            says,
        )
    )


def _into_vpc(
    walk: Walk,
    leg: Leg,
    scope: Scope,
    tgw: str,
    attachment_id: str,
    vpc: str | None,
    entered: TransitGatewayVpcAttachment | None,
) -> Journey:
    """Into a VPC: the network ACL and the route table of the subnet that holds the attachment's interface."""
    attachment, place = _find_vpc_attachment(walk, scope, attachment_id)
    if attachment is None or place is None:
        says = f"{attachment_id} leads to {vpc}, which was not read"
        missing = scope.transit_gateway_vpc_attachments.missing(attachment_id)
        return stop(
            lost(
                "transit-gateway-attachment",
                attachment_id,
                leg.direction,
                missing,
                codes.UNKNOWN_RESOURCE,
                says,
            )
        )
    subnet = _entry_subnet(walk, place, attachment, leg)
    if subnet is None:
        missing = place.subnets.missing(attachment.subnet_ids[0] if attachment.subnet_ids else None)
        says = f"the subnets of {attachment_id} were not read"
        return stop(
            lost(
                "transit-gateway-attachment",
                attachment_id,
                leg.direction,
                missing,
                codes.UNKNOWN_RESOURCE,
                says,
            )
        )
    described = find_in(walk, scope, "transit_gateways", tgw)
    identity = _identity_over(leg, described, entered, attachment)
    at = Position(place, subnet.vpc_id, subnet, subnet.availability_zone)
    state = (attachment.state or "").lower()
    passed = hop(
        "transit-gateway-attachment",
        attachment_id,
        leg.direction,
        READY if state == "available" else BLOCKED,
        f"{attachment_id} leads into {subnet.vpc_id} by {subnet.subnet_id}",
        rule=f"State {state}",
        code=None if state == "available" else codes.BAD_STATE_ATTACHMENT,
        operation="ec2:DescribeTransitGatewayVpcAttachments",
        field="State",
    )
    onward = msgspec.structs.replace(
        leg, identity=identity, arrival=Arrival.TRANSIT, vpcs=(*leg.vpcs, at.place), came_from=leg.came_from
    )
    goal = leg.goal
    if goal.subnet is not None and goal.place == at.place and goal.subnet.subnet_id == subnet.subnet_id:
        return _beside_attachment(walk, onward).after(passed)
    guard = acl_hop(walk, onward, at, egress=True, peer=goal)
    journey = walk.by_table_of(onward, at)
    if (
        attachment.options is not None
        and (attachment.options.appliance_mode_support or "") == "disable"
        and journey.via
    ):
        journey = journey.noting(
            f"{codes.TRANSIT_GATEWAY_APPLIANCE_MODE_RECOMMENDED}: {attachment_id} leads to a middlebox"
        )
    return journey.after(passed, guard)


def _beside_attachment(walk: Walk, leg: Leg) -> Journey:
    """The goal shares the attachment's subnet: AWS evaluates its network ACL differently there (T2)."""
    journey = walk.arrive(leg)
    hops = tuple(
        _doubted(each, leg) if each.kind == "network-acl" and each.verdict is BLOCKED else each
        for each in journey.hops
    )
    return msgspec.structs.replace(journey, hops=hops)


def _doubted(hop_: Hop, leg: Leg) -> Hop:
    says = f"{hop_.says}; but the attachment's interface is in the same subnet, where the rules differ"
    missing = Missing("ec2:DescribeNetworkAcls", "undecidable", None, hop_.id, says)
    return lost(hop_.kind, hop_.id, leg.direction, missing, codes.SUBNET_ACL_RESTRICTION, says, hop_.place)


def _identity_over(
    leg: Leg,
    described: object,
    entered: TransitGatewayVpcAttachment | None,
    left: TransitGatewayVpcAttachment,
) -> Identity:
    """Group referencing over a transit gateway needs the gateway and both attachments (T4)."""
    if leg.identity is not Identity.KEPT:
        return leg.identity
    if isinstance(described, Missing):
        return Identity.UNKNOWN
    options = getattr(described, "options", None)
    if entered is None:
        return Identity.LOST  # came over a peering between transit gateways
    switches = [
        options.security_group_referencing_support if options is not None else None,
        # Off by default on the gateway, on by default on an attachment.
        (entered.options.security_group_referencing_support if entered.options else None) or "enable",
        (left.options.security_group_referencing_support if left.options else None) or "enable",
    ]
    return Identity.KEPT if all(each == "enable" for each in switches) else Identity.NO_TRANSIT_SUPPORT


def _to_peer_gateway(walk: Walk, leg: Leg, scope: Scope, tgw: str, attachment_id: str) -> Journey:
    """Over a peering between transit gateways: static routes on both sides (T5)."""
    for place in (scope, *walk.fabric.estate.regional):
        peering = place.transit_gateway_peering_attachments.get(attachment_id)
        if peering is None:
            continue
        state = (peering.state or "").lower()
        far = (
            peering.accepter_tgw_info
            if peering.requester_tgw_info.transit_gateway_id == tgw
            else peering.requester_tgw_info
        )
        far_id = peering.accepter_transit_gateway_attachment_id or attachment_id
        there = walk.fabric.estate.scopes.get((far.owner_id or scope.account, far.region or scope.region))
        passed = hop(
            "transit-gateway-attachment",
            attachment_id,
            leg.direction,
            READY if state == "available" else BLOCKED,
            f"{attachment_id} leads to {far.transit_gateway_id} in {far.region}",
            rule=f"State {state}",
            code=None if state == "available" else codes.BAD_STATE_ATTACHMENT,
            operation="ec2:DescribeTransitGatewayPeeringAttachments",
            field="State",
        )
        if there is None or len(leg.vpcs) > 6:
            says = f"{far.transit_gateway_id} in {far.region} was not read"
            missing = Missing(
                "ec2:DescribeTransitGatewayAttachments", "not-asked", None, far.transit_gateway_id, says
            )
            return stop(
                passed,
                lost(
                    "transit-gateway",
                    far.transit_gateway_id or "?",
                    leg.direction,
                    missing,
                    codes.TGW_RTB_ROUTES_ARE_UNKNOWN,
                    says,
                ),
            )
        beyond = msgspec.structs.replace(
            leg,
            identity=Identity.LOST if leg.identity is Identity.KEPT else leg.identity,
            vpcs=(*leg.vpcs, leg.came_from),
        )
        return _by_association(walk, beyond, there, far.transit_gateway_id or "", far_id, None).after(passed)
    missing = scope.transit_gateway_peering_attachments.missing(attachment_id)
    says = f"where {attachment_id} leads is not known"
    return stop(
        lost(
            "transit-gateway-attachment",
            attachment_id,
            leg.direction,
            missing,
            codes.TGW_RTB_ROUTES_ARE_UNKNOWN,
            says,
        )
    )


def _vpc_attachment(walk: Walk, at: Position, tgw: str) -> TransitGatewayVpcAttachment | Missing | None:
    incomplete: Missing | None = None
    for place in walk.fabric.same_region(at.scope):
        table = place.transit_gateway_vpc_attachments
        for attachment in table.values():
            gone = (attachment.state or "").lower() in {"deleted", "deleting", "rejected", "failed"}
            if attachment.vpc_id == at.vpc and attachment.transit_gateway_id == tgw and not gone:
                return attachment
        if not table.complete and place is at.scope:
            incomplete = table.missing()
    return incomplete


def _find_vpc_attachment(
    walk: Walk, scope: Scope, attachment_id: str
) -> tuple[TransitGatewayVpcAttachment | None, Scope | None]:
    for place in walk.fabric.same_region(scope):
        attachment = place.transit_gateway_vpc_attachments.get(attachment_id)
        if attachment is not None:
            scopes = walk.fabric.vpc_scopes(attachment.vpc_id or "", attachment.vpc_owner_id, scope.region)
            return attachment, scopes[0] if scopes else None
    return None, None


def _entry_subnet(
    walk: Walk, place: Scope, attachment: TransitGatewayVpcAttachment, leg: Leg
) -> Subnet | None:
    """The attachment's subnet in the packet's own zone, else the first: AWS keeps to the zone."""
    subnets = [s for s in (_subnet(walk, place, each) for each in attachment.subnet_ids) if s is not None]
    same = [s for s in subnets if s.availability_zone == leg.zone]
    return next(iter(same or subnets), None)


def _subnet(walk: Walk, scope: Scope, subnet_id: str) -> Subnet | None:
    for place in walk.fabric.same_region(scope):
        subnet = place.subnets.get(subnet_id)
        if subnet is not None:
            return subnet
    return None


def find_in(walk: Walk, scope: Scope, table: str, identity: str) -> object:
    """A record by id: in this scope, else in any other (shared and peered resources have two sides)."""
    found = getattr(scope, table).find(identity)
    if not isinstance(found, Missing):
        return found
    for place in walk.fabric.estate.regional:
        other = getattr(place, table).get(identity)
        if other is not None:
            return other
    return found


# --- networks of one's own -------------------------------------------------------------------------------


def by_vpn_gateway(walk: Walk, leg: Leg, at: Position, entry: RouteEntry) -> Journey:
    """Out by a virtual private gateway: attached, and a tunnel that is up (V1)."""
    identity = entry.target_id
    gateway = at.scope.vpn_gateways.find(identity)
    if isinstance(gateway, Missing):
        says = f"{identity} is not described"
        return stop(lost("vpn-gateway", identity, leg.direction, gateway, codes.UNKNOWN_RESOURCE, says))
    attached = any(
        each.vpc_id == at.vpc and (each.state or "").lower() == "attached" for each in gateway.vpc_attachments
    )
    if not attached:
        says = f"{identity} is not attached to {at.vpc}"
        return stop(
            hop(
                "vpn-gateway",
                identity,
                leg.direction,
                BLOCKED,
                says,
                code=codes.BAD_STATE_ATTACHMENT,
                operation="ec2:DescribeVpnGateways",
                field="VpcAttachments",
            )
        )
    if leg.arrival is not Arrival.ORIGIN:
        says = f"{identity} takes only traffic of {at.vpc}'s own interfaces"
        return stop(
            hop(
                "vpn-gateway",
                identity,
                leg.direction,
                BLOCKED,
                says,
                code=codes.VGW_PRIVATE_IP_EGRESS,
                operation="ec2:DescribeVpnGateways",
            )
        )
    return to_own_network(walk, leg, at.scope, identity, "vgw", codes.BAD_STATE_VPN)


def to_own_network(walk: Walk, leg: Leg, scope: Scope, identity: str, kind: str, bad_state: str) -> Journey:
    """To a network of one's own, by VPN or Direct Connect; what is there, no AWS call shows."""
    if not leg.goal.is_outside:
        says = f"{identity} leads to a network of one's own, and {leg.goal.spoken} is in {leg.goal.vpc}"
        return stop(
            hop(
                "vpn-gateway",
                identity,
                leg.direction,
                BLOCKED,
                says,
                code=codes.NO_POSSIBLE_DESTINATION,
                operation="ec2:DescribeVpnGateways",
            )
        )
    tunnels = vpn_tunnels(scope, identity)
    own_side = "What lies behind the VPN or Direct Connect line routes and admits the traffic."
    if tunnels and "up" in tunnels:
        says = f"{identity} has a tunnel that is up"
        passed = hop(
            "vpn-gateway",
            identity,
            leg.direction,
            READY,
            says,
            rule="VgwTelemetry UP",
            operation="ec2:DescribeVpnConnections",
            field="VgwTelemetry",
        )
        return Journey((passed,), True, leg.identity, exit=identity).assuming(own_side)
    if tunnels:
        says = f"all tunnels of {identity} are down"
        return Journey(
            (
                hop(
                    "vpn-gateway",
                    identity,
                    leg.direction,
                    BLOCKED,
                    says,
                    rule="VgwTelemetry DOWN",
                    code=bad_state,
                    operation="ec2:DescribeVpnConnections",
                    field="VgwTelemetry",
                ),
            ),
            True,
            leg.identity,
            exit=identity,
        )
    says = f"whether a line behind {identity} ({kind}) is up is not known"
    missing = Missing("ec2:DescribeVpnConnections", "absent", None, identity, says)
    return Journey(
        (lost("vpn-gateway", identity, leg.direction, missing, codes.UNKNOWN_DESTINATION, says),),
        True,
        leg.identity,
        exit=identity,
    )


def vpn_tunnels(scope: Scope, identity: str) -> set[str]:
    """The states of the tunnels behind a gateway or connection: `up`, `down`."""
    return {
        (tunnel.status or "").lower()
        for connection in scope.vpn_connections.values()
        if identity
        in (connection.vpn_gateway_id, connection.transit_gateway_id, connection.vpn_connection_id)
        and (connection.state or "available").lower() == "available"
        for tunnel in connection.vgw_telemetry
    }
