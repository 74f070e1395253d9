"""Ways out of a VPC: internet gateways, NAT gateways, interfaces that forward, endpoints as route targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from advisor.model.addresses import NAT64, RFC1918, RFC6598, Address, is_public, is_within, parse_address
from advisor.model.evidence import Missing
from advisor.model.records.ec2 import NatGateway, NetworkInterface, VpcEndpoint
from advisor.model.verdict import BLOCKED, READY
from advisor.network import codes
from advisor.network.flow import Kind, Protocol
from advisor.network.gates import acl_hop, group_hop, state_hops
from advisor.network.groups import Identity
from advisor.network.leg import Arrival, Journey, Leg, Position, hop, lost, stop
from advisor.network.public_access import public_access_hop
from advisor.network.repairs import (
    AddRoute,
    AssociatePublicAddress,
    AttachInternetGateway,
    CreateInterfaceEndpoint,
    CreateNatGateway,
    DisableSourceDestCheck,
    Repair,
)
from advisor.network.routes import CompiledTable, RouteEntry, Target
from advisor.network.stations import Station, Unresolvable, of_interface, subnet_block
from advisor.network.subject import Subject, is_somewhere_public, representative, somewhere
from advisor.network.topology import attached_internet_gateway
from advisor.network.trace import Direction, Hop

if TYPE_CHECKING:
    from advisor.network.walk import Walk


# --- internet gateways -----------------------------------------------------------------------------------


def by_internet_gateway(walk: Walk, leg: Leg, at: Position, entry: RouteEntry) -> Journey:
    """Out by an internet gateway: attached, a public address mapped to the source, a public goal (R10)."""
    identity = entry.target_id
    goal = leg.goal
    if not goal.is_outside or not _is_public_goal(leg):
        rfc6598 = is_within(representative(leg.destination), RFC6598)
        code = codes.IGW_DESTINATION_NOT_RFC6598 if rfc6598 else codes.IGW_DESTINATION_NOT_RFC1918
        says = f"{identity} drops packets to {goal.spoken}, which is not a public address"
        return stop(
            hop(
                "internet-gateway",
                identity,
                leg.direction,
                BLOCKED,
                says,
                code=code,
                rule="private destination",
                operation="ec2:DescribeInternetGateways",
            )
        )
    hops = [
        _attachment_hop(leg, at, identity),
        *public_access_hop(walk, leg, at.scope, at.subnet, by_nat=leg.near.kind is Kind.NAT),
        _mapping_hop(walk, leg, at, identity),
    ]
    return Journey(tuple(hops), True, Identity.PUBLIC_ADDRESS, exit=identity)


def _is_public_goal(leg: Leg) -> bool:
    return is_somewhere_public(leg.destination) or is_public(representative(leg.destination))


def _attachment_hop(leg: Leg, at: Position, identity: str) -> Hop:
    found = at.scope.internet_gateways.find(identity)
    operation = "ec2:DescribeInternetGateways"
    if isinstance(found, Missing):
        says = f"{identity} is not described; whether it is attached to {at.vpc} is not known"
        return lost("internet-gateway", identity, leg.direction, found, codes.UNKNOWN_RESOURCE, says)
    if attached_internet_gateway(at.scope, at.vpc) == identity:
        return hop(
            "internet-gateway",
            identity,
            leg.direction,
            READY,
            f"{identity} is attached to {at.vpc}",
            rule="attached",
            operation=operation,
            field="Attachments",
        )
    repair = AttachInternetGateway(at.vpc, identity, at.scope.account, at.scope.region)
    return hop(
        "internet-gateway",
        identity,
        leg.direction,
        BLOCKED,
        f"{identity} is not attached to {at.vpc}",
        rule="not attached",
        code=codes.BAD_STATE_ATTACHMENT,
        operation=operation,
        field="Attachments",
        repairs=(repair,),
    )


def _mapping_hop(walk: Walk, leg: Leg, at: Position, identity: str) -> Hop:
    """The public address mapped to the very private address that is used as source."""
    near = leg.near
    place = walk.place_of_station(near)
    operation = "ec2:DescribeNetworkInterfaces"
    interface = near.interface
    if interface is not None and interface.deny_all_igw_traffic:
        says = f"{interface.network_interface_id} has DenyAllIgwTraffic set; what it does is not documented"
        missing = Missing(operation, "undecidable", None, interface.network_interface_id, says)
        return lost("network-interface", near.id, leg.direction, missing, codes.UNKNOWN_RESOURCE, says, place)
    if near.public is not None:
        return hop(
            "internet-gateway",
            identity,
            leg.direction,
            READY,
            f"{near.spoken} has the public address {_shown(walk, near)}",
            place=place,
            rule="public address",
            operation=operation,
            field="Association.PublicIp",
        )
    says = f"{near.spoken} has no public address, and {identity} drops what comes from a private one"
    return hop(
        "internet-gateway",
        identity,
        leg.direction,
        BLOCKED,
        says,
        place=place,
        rule="no public address",
        code=codes.IGW_NO_PUBLIC_IP_EGRESS,
        operation=operation,
        field="Association.PublicIp",
        repairs=_without_public_address(walk, leg, at),
    )


def _shown(walk: Walk, near: Station) -> str:
    # In a trace that a whole class shares, an address of the one member traced would be wrong for the rest.
    shared = walk.target is not None and near.id == walk.target
    return "of its own" if shared else str(near.public)


def _without_public_address(walk: Walk, leg: Leg, at: Position) -> tuple[Repair, ...]:
    account, region = at.scope.account, at.scope.region
    repairs: list[Repair] = []
    if leg.goal.kind is Kind.SERVICE:
        repairs.append(CreateInterfaceEndpoint(leg.goal.id, at.vpc, (at.subnet.subnet_id,), account, region))
    if leg.near.interface is not None and leg.near.kind is not Kind.NAT:
        holder = walk.spell(leg.near.id)
        interface = holder if holder != leg.near.id else leg.near.interface.network_interface_id
        repairs.append(AssociatePublicAddress(interface, account, region))
    return tuple(repairs)


def by_egress_only_gateway(walk: Walk, leg: Leg, at: Position, entry: RouteEntry) -> Journey:
    """Out by an egress-only internet gateway: IPv6, outbound connections only (R13)."""
    identity = entry.target_id
    operation = "ec2:DescribeEgressOnlyInternetGateways"
    if leg.direction is Direction.RETURN and walk.source.is_outside:
        says = f"{identity} admits no connection from outside, so {leg.near.spoken} cannot be reached by it"
        return Journey(
            (
                hop(
                    "egress-only-internet-gateway",
                    identity,
                    leg.direction,
                    BLOCKED,
                    says,
                    rule="outbound only",
                    code=codes.ADV_EIGW_NO_INBOUND,
                    operation=operation,
                ),
            ),
            True,
            exit=identity,
        )
    if walk.version == 4:
        says = f"{identity} carries IPv6 only"
        return stop(
            hop(
                "egress-only-internet-gateway",
                identity,
                leg.direction,
                BLOCKED,
                says,
                code=codes.ADV_EIGW_IPV6_ONLY_SERVICE_V4,
                operation=operation,
            )
        )
    found = at.scope.egress_only_internet_gateways.find(identity)
    if isinstance(found, Missing):
        says = f"{identity} is not described"
        return Journey(
            (
                lost(
                    "egress-only-internet-gateway",
                    identity,
                    leg.direction,
                    found,
                    codes.UNKNOWN_RESOURCE,
                    says,
                ),
            ),
            True,
            Identity.PUBLIC_ADDRESS,
            exit=identity,
        )
    attached = any(each.vpc_id == at.vpc for each in found.attachments)
    passed = hop(
        "egress-only-internet-gateway",
        identity,
        leg.direction,
        READY if attached else BLOCKED,
        f"{identity} is {'' if attached else 'not '}attached to {at.vpc}",
        code=None if attached else codes.BAD_STATE_ATTACHMENT,
        operation=operation,
        field="Attachments",
    )
    gate = public_access_hop(walk, leg, at.scope, at.subnet, by_nat=True)
    return Journey((passed, *gate), True, Identity.PUBLIC_ADDRESS, exit=identity)


# --- NAT gateways ----------------------------------------------------------------------------------------


def by_nat_gateway(walk: Walk, leg: Leg, at: Position, table: CompiledTable, entry: RouteEntry) -> Journey:
    """By a NAT gateway: usable, in another subnet than the client, with a way out of its own (N1-N7)."""
    identity = entry.target_id
    found = at.scope.nat_gateways.find(identity)
    if isinstance(found, Missing):
        for place in walk.fabric.same_region(at.scope):
            other = place.nat_gateways.get(identity)
            if other is not None:
                found = other
                break
    if isinstance(found, Missing):
        says = f"{identity} is not described"
        return stop(lost("nat-gateway", identity, leg.direction, found, codes.UNKNOWN_RESOURCE, says))
    problem = _nat_problem(walk, leg, at, table, found)
    if problem is not None and not problem[1]:
        return stop(problem[0])
    station = _nat_station(walk, at, found)
    if isinstance(station, Missing):
        says = f"the subnet or address of {identity} is not known"
        return stop(lost("nat-gateway", identity, leg.direction, station, codes.UNKNOWN_RESOURCE, says))
    passed = (
        problem[0]
        if problem is not None
        else hop(
            "nat-gateway",
            identity,
            leg.direction,
            READY,
            f"{identity} is available and puts its own address in place of {leg.near.spoken}'s",
            rule="State available",
            operation="ec2:DescribeNatGateways",
            field="State",
        )
    )
    # The groups of who sent it are kept for the explanation; with identity lost no rule matches them.
    station = msgspec.structs.replace(station, groups=leg.near.groups)
    goal = leg.goal
    if _is_nat64(leg):
        goal = msgspec.structs.replace(goal, address=_behind_nat64(leg))
    onward = msgspec.structs.replace(
        leg, near=station, goal=goal, identity=Identity.LOST, arrival=Arrival.NAT, vpcs=(*leg.vpcs, at.place)
    )
    if (found.availability_mode or "").lower() == "regional":
        journey = _from_regional_nat(walk, onward, at, found)
        return msgspec.structs.replace(journey.after(passed), turns=(station, *journey.turns))
    assert station.subnet is not None and station.scope is not None
    there = Position(station.scope, station.vpc or "", station.subnet, station.subnet.availability_zone)
    inbound = []
    if there.subnet.subnet_id != at.subnet.subnet_id:
        inbound.append(acl_hop(walk, leg, there, egress=False, peer=leg.near))
    outbound = acl_hop(walk, onward, there, egress=True, peer=leg.goal)
    journey = _beyond_nat(walk, onward, there, found)
    journey = journey.after(*inbound, passed, outbound)
    return msgspec.structs.replace(journey, turns=(station, *journey.turns), identity=Identity.LOST)


def _nat_problem(
    walk: Walk, leg: Leg, at: Position, table: CompiledTable, nat: NatGateway
) -> tuple[Hop, bool] | None:
    """What is wrong with the gateway itself, and whether the way is worth following beyond it."""
    identity = nat.nat_gateway_id
    operation = "ec2:DescribeNatGateways"
    account, region = at.scope.account, at.scope.region

    def blocked(
        says: str, code: str, rule: str, field: str = "State", repairs: tuple[Repair, ...] = ()
    ) -> Hop:
        return hop(
            "nat-gateway",
            identity,
            leg.direction,
            BLOCKED,
            says,
            rule=rule,
            code=code,
            operation=operation,
            field=field,
            repairs=repairs,
        )

    state = (nat.state or "").lower()
    public = (nat.connectivity_type or "public").lower() == "public"
    way = walk.topology.cheapest_way(at.place, leg.goal)
    instead: list[Repair] = []
    if way.gateway not in (None, identity) and way.target is Target.NAT_GATEWAY:
        instead.append(AddRoute(table.id, "0.0.0.0/0", way.gateway or "", True, account, region))
    if leg.goal.kind is Kind.SERVICE:
        instead.append(CreateInterfaceEndpoint(leg.goal.id, at.vpc, (at.subnet.subnet_id,), account, region))
    spot = way.public_subnet
    if spot is not None and spot != at.subnet.subnet_id and leg.goal.is_outside:
        instead.append(CreateNatGateway(spot, table.id, at.vpc, True, account, region))
    if state != "available":
        why = f" ({nat.failure_message})" if nat.failure_message else ""
        says = f"{identity} is {state or 'in a state not known'}{why}"
        return blocked(says, codes.BAD_STATE, f"State {state}", repairs=tuple(instead)), True
    if leg.arrival in (Arrival.PEERING, Arrival.VPN):
        says = f"{identity} does not serve traffic that comes by a peering connection or a VPN"
        return blocked(says, codes.NGW_REQUIRES_SOURCE_IN_VPC, f"came by {leg.arrival.value}"), False
    if leg.protocol is Protocol.ALL:
        says = f"{identity} carries TCP, UDP and ICMP only"
        return blocked(says, "PROTOCOL_RESTRICTION", "TCP, UDP, ICMP"), False
    if not public and leg.goal.is_outside and leg.goal.kind is not Kind.ADDRESS:
        says = f"{identity} is a private NAT gateway and does not lead to the internet"
        return (
            blocked(
                says,
                codes.ADV_NAT_PRIVATE_NO_INTERNET,
                "ConnectivityType private",
                "ConnectivityType",
                tuple(instead),
            ),
            False,
        )
    if nat.subnet_id is not None and nat.subnet_id == at.subnet.subnet_id and leg.near.kind is not Kind.NAT:
        says = (
            f"{identity} stands in {nat.subnet_id}, the client's own subnet, whose route sends its own traffic "
            "back to it"
        )
        return (
            blocked(
                says, codes.ADV_NAT_OWN_SUBNET_LOOP, f"SubnetId {nat.subnet_id}", "SubnetId", tuple(instead)
            ),
            False,
        )
    if walk.version == 6 and not _is_nat64(leg):
        says = f"{identity} translates IPv6 only for 64:ff9b::/96"
        return blocked(says, codes.CANNOT_ROUTE, "IPv6"), False
    if public and not any(
        each.public_ip and (each.status or "succeeded").lower() in {"succeeded", "associated"}
        for each in nat.nat_gateway_addresses
    ):
        says = f"{identity} has no public address that works"
        return blocked(says, codes.BAD_STATE, "no public address", "NatGatewayAddresses"), True
    return None


def _is_nat64(leg: Leg) -> bool:
    destination = leg.destination
    return destination.version == 6 and NAT64.holds(representative(destination))


def _behind_nat64(leg: Leg) -> Subject:
    """The IPv4 address that 64:ff9b::/96 embeds, or some public one."""
    destination = leg.destination
    if isinstance(destination, Address):
        return Address(4, destination.value & 0xFFFFFFFF)
    return somewhere(4)


def _nat_station(walk: Walk, at: Position, nat: NatGateway) -> Station | Missing:
    address = next((each for each in nat.nat_gateway_addresses if each.is_primary), None) or next(
        iter(nat.nat_gateway_addresses), None
    )
    private = parse_address(address.private_ip) if address is not None and address.private_ip else None
    public = parse_address(address.public_ip) if address is not None and address.public_ip else None
    regional = (nat.availability_mode or "").lower() == "regional"
    subnet = None
    scope = at.scope
    if not regional:
        for place in walk.fabric.same_region(at.scope):
            subnet = place.subnets.get(nat.subnet_id or "")
            if subnet is not None:
                scope = place
                break
        if subnet is None:
            return at.scope.subnets.missing(nat.subnet_id)
    if private is None:
        block = subnet_block(subnet, 4) if subnet is not None else None
        if block is None and not regional:
            return Missing("ec2:DescribeNatGateways", "absent", None, nat.nat_gateway_id, "its address")
    else:
        block = None
    return Station(
        kind=Kind.NAT,
        id=nat.nat_gateway_id,
        spoken=nat.nat_gateway_id,
        address=private or block or (public if public is not None else walk.source.address),
        scope=scope,
        vpc=nat.vpc_id or at.vpc,
        subnet=subnet,
        public=public,
    )


def _beyond_nat(walk: Walk, leg: Leg, at: Position, nat: NatGateway) -> Journey:
    """From the NAT gateway's own subnet on: for the internet, by a route to an internet gateway."""
    found = walk.fabric.effective_table(at.scope, at.subnet)
    if leg.goal.is_outside and not isinstance(found, Missing) and leg.goal.kind is not Kind.ADDRESS:
        table = walk.fabric.compiled(at.scope, found)
        entry = walk.fabric.route(table, leg.destination).entry
        leads_out = entry is not None and entry.target in (
            Target.INTERNET_GATEWAY,
            Target.TRANSIT_GATEWAY,
            Target.ENDPOINT,
            Target.INTERFACE,
        )
        if not leads_out:
            igw = attached_internet_gateway(at.scope, at.vpc)
            repairs: tuple[Repair, ...] = ()
            if igw is not None:
                repair = AddRoute(
                    table.id, "0.0.0.0/0", igw, entry is not None, at.scope.account, at.scope.region
                )
                repairs = (repair,)
            says = f"{nat.nat_gateway_id} stands in {at.subnet.subnet_id}, whose {table.id} has no route to an internet gateway"
            return Journey(
                (
                    hop(
                        "route-table",
                        table.id,
                        leg.direction,
                        BLOCKED,
                        says,
                        rule=str(entry) if entry is not None else "no route matches",
                        code=codes.ADV_NAT_SUBNET_NO_IGW,
                        operation="ec2:DescribeRouteTables",
                        field="Routes",
                        repairs=repairs,
                    ),
                ),
                True,
                exit=igw or "",
            )
    return walk.by_table_of(leg, at)


def _from_regional_nat(walk: Walk, leg: Leg, at: Position, nat: NatGateway) -> Journey:
    """A regional NAT gateway has no subnet but its own table, and addresses per zone (N7)."""
    identity = nat.nat_gateway_id
    operation = "ec2:DescribeNatGateways"
    zones = {each.availability_zone for each in nat.nat_gateway_addresses if each.availability_zone}
    zone_ids = {each.availability_zone_id for each in nat.nat_gateway_addresses if each.availability_zone_id}
    hops: list[Hop] = []
    if zones or zone_ids:
        covered = at.zone in zones or at.subnet.availability_zone_id in zone_ids
        if not covered:
            says = f"{identity} has no address in {at.zone}"
            if (nat.auto_provision_zones or "").lower() == "enabled":
                says += "; it adds zones by itself, which may take an hour"
                missing = Missing(operation, "undecidable", None, identity, says)
                hops.append(
                    lost("nat-gateway", identity, leg.direction, missing, codes.ADV_SNAPSHOT_PARTIAL, says)
                )
            else:
                hops.append(
                    hop(
                        "nat-gateway",
                        identity,
                        leg.direction,
                        BLOCKED,
                        says,
                        rule=f"zones {', '.join(sorted(map(str, zones or zone_ids)))}",
                        code=codes.REGIONAL_NGW_ROUTE_AZ_RESTRICTION,
                        operation=operation,
                        field="NatGatewayAddresses",
                    )
                )
    else:
        missing = Missing(operation, "absent", None, identity, f"the zones of {identity}")
        hops.append(
            lost("nat-gateway", identity, leg.direction, missing, codes.UNKNOWN_RESOURCE, missing.says)
        )
    table = at.scope.route_tables.get(nat.route_table_id or "")
    if table is not None:
        compiled = walk.fabric.compiled(at.scope, table)
        entry = walk.fabric.route(compiled, leg.destination).entry
        if entry is None or entry.is_blackhole or entry.target is not Target.INTERNET_GATEWAY:
            says = f"{compiled.id}, the table of {identity}, has no route to an internet gateway"
            hops.append(
                hop(
                    "route-table",
                    compiled.id,
                    leg.direction,
                    BLOCKED,
                    says,
                    code=codes.ADV_NAT_SUBNET_NO_IGW,
                    operation="ec2:DescribeRouteTables",
                    field="Routes",
                )
            )
    gate = public_access_hop(walk, leg, at.scope, None, by_nat=True, vpc=at.vpc)
    return Journey((*hops, *gate), True, Identity.LOST, exit=identity)


# --- interfaces and endpoints as route targets -----------------------------------------------------------


def by_interface(walk: Walk, leg: Leg, at: Position, entry: RouteEntry) -> Journey:
    """By an interface that forwards (NAT instance, appliance): all that AWS shows of it, then unknown (N8)."""
    interface = _find_interface(walk, at, entry.target_id)
    if interface is None:
        missing = at.scope.network_interfaces.missing(entry.target_id)
        says = f"{entry.target_id} is not described"
        return stop(lost("middlebox", entry.target_id, leg.direction, missing, codes.UNKNOWN_RESOURCE, says))
    identity = interface.network_interface_id
    try:
        station = of_interface(at.scope, interface, walk.version, Kind.INTERFACE, identity)
    except Unresolvable as error:
        says = f"{identity}: {error.missing.says}"
        return stop(lost("middlebox", identity, leg.direction, error.missing, codes.UNKNOWN_RESOURCE, says))
    if station.address == leg.destination:
        return walk.arrive(leg)
    hops: list[Hop] = []
    check = interface.source_dest_check
    if check is None and station.instance is not None:
        check = station.instance.source_dest_check
    operation = "ec2:DescribeNetworkInterfaces"
    if check is None:
        missing = Missing(operation, "absent", None, identity, f"the source/destination check of {identity}")
        hops.append(lost("middlebox", identity, leg.direction, missing, codes.UNKNOWN_RESOURCE, missing.says))
    elif check:
        says = f"{identity} has the source/destination check on and drops what is not its own"
        hops.append(
            hop(
                "network-interface",
                identity,
                leg.direction,
                BLOCKED,
                says,
                rule="SourceDestCheck true",
                code=codes.ENI_SOURCE_DEST_CHECK_RESTRICTION,
                operation=operation,
                field="SourceDestCheck",
                repairs=(DisableSourceDestCheck(identity, at.scope.account, at.scope.region),),
            )
        )
    instance = station.instance
    if instance is not None and instance.state.name.lower() != "running":
        hops += [each for each in state_hops(walk, station, leg.direction) if each.verdict is not READY]
    if station.subnet is not None and station.subnet.subnet_id != at.subnet.subnet_id:
        there = Position(at.scope, at.vpc, station.subnet, station.subnet.availability_zone)
        hops.append(acl_hop(walk, leg, there, egress=False, peer=leg.near))
    if leg.direction is Direction.FORWARD:
        hops.append(group_hop(walk, leg, station, False, leg.near, leg.identity))
    says = f"whether {identity} forwards (and translates) is decided by its operating system, which no AWS call shows"
    missing = Missing(operation, "undecidable", None, identity, says)
    hops.append(lost("middlebox", identity, leg.direction, missing, codes.ADV_NAT_INSTANCE_OS_UNKNOWN, says))
    onward = msgspec.structs.replace(
        leg, identity=Identity.LOST, arrival=Arrival.MIDDLEBOX, vpcs=(*leg.vpcs, at.place)
    )
    if leg.goal.is_outside:
        onward = msgspec.structs.replace(onward, near=station)
        if leg.direction is Direction.FORWARD:
            hops.append(group_hop(walk, onward, station, True, leg.goal, Identity.LOST))
    assert station.subnet is not None
    there = Position(at.scope, at.vpc, station.subnet, station.subnet.availability_zone)
    journey = walk.pass_out(onward, there) if leg.goal.is_outside else walk.deliver(onward, there, entry)
    journey = journey.after(*hops)
    turns = (station, *journey.turns) if leg.goal.is_outside else journey.turns
    return msgspec.structs.replace(journey, turns=turns, via=(identity, *journey.via), identity=Identity.LOST)


def _find_interface(walk: Walk, at: Position, identity: str) -> NetworkInterface | None:
    for place in walk.fabric.same_region(at.scope):
        found = place.interfaces.get(identity)
        if found is not None:
            return found
        instance = place.instances.get(identity)
        if instance is not None and instance.network_interfaces:
            first = instance.network_interfaces[0].network_interface_id
            return place.interfaces.get(first)
    return None


def by_endpoint(walk: Walk, leg: Leg, at: Position, entry: RouteEntry) -> Journey:
    """By an endpoint as route target: a gateway endpoint (R9) or a Gateway Load Balancer's (M1)."""
    identity = entry.target_id
    endpoint = at.scope.vpc_endpoints.find(identity)
    if isinstance(endpoint, Missing):
        says = f"{identity} is not described"
        return stop(lost("vpc-endpoint", identity, leg.direction, endpoint, codes.UNKNOWN_RESOURCE, says))
    kind = (endpoint.vpc_endpoint_type or "Gateway").lower()
    state = (endpoint.state or "available").lower()
    if kind == "gateway":
        return _by_gateway_endpoint(leg, at, endpoint, state)
    return _by_load_balancer_endpoint(walk, leg, at, endpoint, state)


def _by_gateway_endpoint(leg: Leg, at: Position, endpoint: VpcEndpoint, state: str) -> Journey:
    identity = endpoint.vpc_endpoint_id
    if leg.arrival is not Arrival.ORIGIN:
        says = f"{identity} serves {at.vpc}'s own subnets only"
        return stop(
            hop(
                "vpc-endpoint",
                identity,
                leg.direction,
                BLOCKED,
                says,
                code=codes.VGW_PRIVATE_IP_INGRESS
                if leg.arrival is Arrival.VPN
                else codes.NO_POSSIBLE_DESTINATION,
                operation="ec2:DescribeVpcEndpoints",
            )
        )
    passed = hop(
        "vpc-endpoint",
        identity,
        leg.direction,
        READY if state == "available" else BLOCKED,
        f"{identity} ({endpoint.service_name}) is {state}",
        rule=f"State {state}",
        code=None if state == "available" else codes.BAD_STATE,
        operation="ec2:DescribeVpcEndpoints",
        field="State",
    )
    return Journey((passed,), True, Identity.LOST, exit=identity)


def _by_load_balancer_endpoint(
    walk: Walk, leg: Leg, at: Position, endpoint: VpcEndpoint, state: str
) -> Journey:
    """Through a middlebox: it is assumed to forward; group identity ends here (M2)."""
    identity = endpoint.vpc_endpoint_id
    subnet = at.scope.subnets.get(endpoint.subnet_ids[0]) if endpoint.subnet_ids else None
    if subnet is None:
        missing = at.scope.subnets.missing(endpoint.subnet_ids[0] if endpoint.subnet_ids else None)
        says = f"the subnet of {identity} is not known"
        return stop(lost("vpc-endpoint", identity, leg.direction, missing, codes.UNKNOWN_RESOURCE, says))
    passed = hop(
        "middlebox",
        identity,
        leg.direction,
        READY if state == "available" else BLOCKED,
        f"{identity} hands the packet to an appliance or firewall",
        rule=f"State {state}",
        code=None if state == "available" else codes.BAD_STATE,
        operation="ec2:DescribeVpcEndpoints",
        field="State",
    )
    there = Position(at.scope, at.vpc, subnet, subnet.availability_zone)
    onward = msgspec.structs.replace(
        leg, identity=Identity.LOST, arrival=leg.arrival, vpcs=(*leg.vpcs, at.place)
    )
    hops = []
    if subnet.subnet_id != at.subnet.subnet_id:
        hops.append(acl_hop(walk, leg, there, egress=False, peer=leg.near))
    journey = walk.pass_out(onward, there).after(*hops, passed)
    journey = msgspec.structs.replace(journey, via=(identity, *journey.via), identity=Identity.LOST)
    return journey.assuming(f"The appliance behind {identity} forwards the traffic.").noting(
        f"{codes.PATH_THROUGH_GWLB_NOT_CHECKED}: {identity}"
    )


# --- from the internet -----------------------------------------------------------------------------------


def enter_by_internet_gateway(walk: Walk, leg: Leg) -> Journey:
    """In from the internet: to the public address of an attached interface, which is mapped to its private
    one before any rule is asked (R11); an edge route table may lead by a middlebox (R7).
    """
    goal = leg.goal
    assert goal.scope is not None and goal.vpc is not None and goal.subnet is not None
    scope = goal.scope
    at = Position(scope, goal.vpc, goal.subnet, goal.subnet.availability_zone)
    igw = attached_internet_gateway(scope, goal.vpc)
    operation = "ec2:DescribeInternetGateways"
    hops: list[Hop] = []
    source = leg.near.address
    if not is_somewhere_public(source) and not is_public(representative(source)):
        private = is_within(representative(source), RFC1918)
        code = codes.IGW_SOURCE_NOT_RFC1918 if private else codes.IGW_SOURCE_NOT_RFC6598
        says = f"{leg.near.spoken} is not a public address and cannot come from the internet"
        hops.append(
            hop("internet", leg.near.id, leg.direction, BLOCKED, says, code=code, operation=operation)
        )
    if igw is None and not scope.internet_gateways.complete:
        missing = scope.internet_gateways.missing()
        says = f"whether an internet gateway is attached to {goal.vpc} is not known"
        hops.append(lost("internet-gateway", goal.vpc, leg.direction, missing, codes.UNKNOWN_RESOURCE, says))
    elif igw is None:
        says = f"no internet gateway is attached to {goal.vpc}"
        repair = AttachInternetGateway(goal.vpc, None, scope.account, scope.region)
        hops.append(
            hop(
                "internet-gateway",
                goal.vpc,
                leg.direction,
                BLOCKED,
                says,
                rule="not attached",
                code=codes.BAD_STATE_ATTACHMENT,
                operation=operation,
                repairs=(repair,),
            )
        )
    else:
        says = f"{igw} is attached to {goal.vpc}"
        hops.append(
            hop("internet-gateway", igw, leg.direction, READY, says, rule="attached", operation=operation)
        )
    if leg.direction is Direction.FORWARD:
        hops.append(_ingress_mapping_hop(walk, leg, igw or goal.vpc))
    hops += public_access_hop(walk, leg, scope, goal.subnet, by_nat=goal.kind is Kind.NAT)
    via, middle = _edge_hops(walk, leg, at, igw)
    onward = msgspec.structs.replace(leg, identity=Identity.PUBLIC_ADDRESS, arrival=Arrival.INTERNET)
    journey = walk.arrive(onward).after(*hops, *middle)
    return msgspec.structs.replace(journey, exit=igw, via=(*via, *journey.via))


def _ingress_mapping_hop(walk: Walk, leg: Leg, identity: str) -> Hop:
    goal = leg.goal
    place = walk.place_of_station(goal)
    operation = "ec2:DescribeNetworkInterfaces"
    if goal.public is not None:
        return hop(
            "internet-gateway",
            identity,
            leg.direction,
            READY,
            f"{goal.spoken} has the public address {_shown(walk, goal)}",
            place=place,
            rule="public address",
            operation=operation,
            field="Association.PublicIp",
        )
    assert goal.scope is not None
    says = f"{goal.spoken} has no public address"
    spelled = walk.spell(goal.id)
    interface = (
        spelled
        if spelled != goal.id
        else goal.interface.network_interface_id
        if goal.interface is not None
        else goal.id
    )
    return hop(
        "internet-gateway",
        identity,
        leg.direction,
        BLOCKED,
        says,
        place=place,
        rule="no public address",
        code=codes.IGW_NO_PUBLIC_IP_INGRESS,
        operation=operation,
        field="Association.PublicIp",
        repairs=(AssociatePublicAddress(interface, goal.scope.account, goal.scope.region),),
    )


def _edge_hops(walk: Walk, leg: Leg, at: Position, igw: str | None) -> tuple[tuple[str, ...], list[Hop]]:
    """What an edge route table, associated with the gateway, does with the packet."""
    tables = at.scope.route_tables_by_gateway.get(igw or "", [])
    if not tables:
        return (), []
    compiled = walk.fabric.compiled(at.scope, tables[0])
    entry = walk.fabric.route(compiled, leg.destination).entry
    if entry is None or entry.target is Target.LOCAL:
        return (), []
    rule = str(entry)
    if entry.is_blackhole:
        says = f"{compiled.id} of {igw} sends {leg.goal.spoken} by {rule}"
        return (), [
            hop(
                "route-table",
                compiled.id,
                leg.direction,
                BLOCKED,
                says,
                rule=rule,
                code=codes.BAD_STATE_ROUTE,
                operation="ec2:DescribeRouteTables",
                field="Routes",
            )
        ]
    says = f"{compiled.id} of {igw} sends {leg.goal.spoken} by {rule}, a middlebox"
    walk.assume(f"The appliance behind {entry.target_id} forwards the traffic.")
    passed = hop(
        "route-table",
        compiled.id,
        leg.direction,
        READY,
        says,
        rule=rule,
        operation="ec2:DescribeRouteTables",
        field="Routes",
    )
    hops = [passed]
    if entry.target is Target.INTERFACE:
        says = f"whether {entry.target_id} forwards is decided by its operating system"
        missing = Missing("ec2:DescribeNetworkInterfaces", "undecidable", None, entry.target_id, says)
        hops.append(
            lost(
                "middlebox", entry.target_id, leg.direction, missing, codes.ADV_NAT_INSTANCE_OS_UNKNOWN, says
            )
        )
    return (entry.target_id,), hops
