"""Interfaces and endpoints as route targets: NAT instances, appliances, firewalls, gateway endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from advisor.model.evidence import Missing
from advisor.model.records.ec2 import NetworkInterface, VpcEndpoint
from advisor.model.verdict import READY
from advisor.network import codes
from advisor.network.flow import Kind, Protocol
from advisor.network.gates import acl_hop, group_hop, state_hops
from advisor.network.groups import Identity
from advisor.network.leg import Arrival, Journey, Leg, Position, stop
from advisor.network.repairs import DisableSourceDestCheck
from advisor.network.routes import RouteEntry
from advisor.network.stations import Station, Unresolvable, of_interface
from advisor.network.trace import Direction, Hop

if TYPE_CHECKING:
    from advisor.network.walk import Walk

_INTERFACES = "ec2:DescribeNetworkInterfaces"
_ENDPOINTS = "ec2:DescribeVpcEndpoints"


# --- interfaces that forward -----------------------------------------------------------------------------


def by_interface(walk: Walk, leg: Leg, at: Position, entry: RouteEntry) -> Journey:
    """By an interface that forwards: all that AWS shows of it, and then unknown (N8)."""
    gate = leg.gate("middlebox", entry.target_id, _INTERFACES)
    interface = _find_interface(walk, at, entry.target_id)
    if interface is None:
        missing = at.scope.network_interfaces.missing(entry.target_id)
        return stop(gate.doubts(codes.UNKNOWN_RESOURCE, missing, f"{entry.target_id} is not described"))
    identity = interface.network_interface_id
    try:
        station = of_interface(at.scope, interface, walk.version, Kind.INTERFACE, identity)
    except Unresolvable as error:
        return stop(gate.doubts(codes.UNKNOWN_RESOURCE, error.missing))
    if station.address == leg.destination:
        return walk.arrive(leg)
    assert station.subnet is not None
    there = Position(at.scope, at.vpc, station.subnet, station.subnet.availability_zone)
    hops = _into_interface(walk, leg, at, there, station, interface)
    onward = leg.through(at, identity=Identity.LOST, arrival=Arrival.MIDDLEBOX)
    if not leg.goal.is_outside:
        journey = walk.deliver(onward, there)
        return msgspec.structs.replace(journey.after(*hops), via=(identity, *journey.via))
    # Towards the internet it can only work by translating, as NAT instances do.
    onward = msgspec.structs.replace(onward, near=station)
    if leg.direction is Direction.FORWARD:
        hops.append(group_hop(walk, onward, station, True, leg.goal, Identity.LOST))
    journey = walk.pass_out(onward, there).after(*hops)
    return msgspec.structs.replace(
        journey, turns=(station, *journey.turns), via=(identity, *journey.via), identity=Identity.LOST
    )


def _into_interface(
    walk: Walk, leg: Leg, at: Position, there: Position, station: Station, interface: NetworkInterface
) -> list[Hop]:
    """The gates before the interface, its own check, and the doubt about its operating system."""
    identity = interface.network_interface_id
    hops = [*_check_hops(leg, at, station, interface)]
    hops += [each for each in state_hops(walk, station, leg.direction) if each.verdict is not READY]
    if there.subnet.subnet_id != at.subnet.subnet_id:
        hops.append(acl_hop(walk, leg, there, egress=False, peer=leg.near))
    if leg.direction is Direction.FORWARD:
        hops.append(group_hop(walk, leg, station, False, leg.near, leg.identity))
    says = f"whether {identity} forwards (and translates) is decided by its operating system"
    gate = leg.gate("middlebox", identity, _INTERFACES)
    hops.append(gate.cannot_tell(codes.ADV_NAT_INSTANCE_OS_UNKNOWN, says))
    return hops


def _check_hops(leg: Leg, at: Position, station: Station, interface: NetworkInterface) -> list[Hop]:
    """The source/destination check drops what is not the interface's own."""
    identity = interface.network_interface_id
    gate = leg.gate("network-interface", identity, _INTERFACES)
    check = interface.source_dest_check
    if check is None and station.instance is not None:
        check = station.instance.source_dest_check
    if check is None:
        says = f"the source/destination check of {identity} is not known"
        return [gate.doubts(codes.UNKNOWN_RESOURCE, Missing(_INTERFACES, "absent", None, identity, says))]
    if not check:
        return []
    says = f"{identity} has the source/destination check on and drops what is not its own"
    repair = DisableSourceDestCheck(identity, at.scope.account, at.scope.region)
    field = "SourceDestCheck"
    return [gate.stops(codes.ENI_SOURCE_DEST_CHECK_RESTRICTION, says, f"{field} true", field, (repair,))]


def _find_interface(walk: Walk, at: Position, identity: str) -> NetworkInterface | None:
    for place in walk.fabric.same_region(at.scope):
        if identity in place.interfaces:
            return place.interfaces[identity]
        instance = place.instances.get(identity)
        if instance is not None and instance.network_interfaces:
            return place.interfaces.get(instance.network_interfaces[0].network_interface_id)
    return None


# --- endpoints as route targets --------------------------------------------------------------------------


def by_endpoint(walk: Walk, leg: Leg, at: Position, entry: RouteEntry) -> Journey:
    """By an endpoint as route target: a gateway endpoint (R9) or a Gateway Load Balancer's (M1)."""
    endpoint = walk.fabric.home(at.scope, at.vpc).vpc_endpoints.find(entry.target_id)
    gate = leg.gate("vpc-endpoint", entry.target_id, _ENDPOINTS)
    if isinstance(endpoint, Missing):
        return stop(gate.doubts(codes.UNKNOWN_RESOURCE, endpoint, f"{gate.id} is not described"))
    if endpoint.vpc_endpoint_type is None:
        missing = Missing(_ENDPOINTS, "absent", None, gate.id, f"the type of {gate.id}")
        return stop(gate.doubts(codes.UNKNOWN_RESOURCE, missing))
    if endpoint.vpc_endpoint_type.lower() == "gateway":
        return _by_gateway_endpoint(leg, at, endpoint)
    return _by_appliance(walk, leg, at, endpoint)


def gateway_endpoint_hop(leg: Leg, endpoint: VpcEndpoint) -> Hop:
    """The state of a gateway endpoint."""
    identity, state = endpoint.vpc_endpoint_id, (endpoint.state or "").lower()
    gate = leg.gate("vpc-endpoint", identity, _ENDPOINTS)
    if leg.protocol in (Protocol.UDP, Protocol.ALL):
        says = f"{identity} is a gateway endpoint, which carries TCP and ICMP echo only"
        return gate.stops(codes.PROTOCOL_RESTRICTION, says, "TCP, ICMP echo")
    return gate.works(endpoint.state, codes.BAD_STATE, f"{identity} ({endpoint.service_name}) is {state}")


def _by_gateway_endpoint(leg: Leg, at: Position, endpoint: VpcEndpoint) -> Journey:
    identity = endpoint.vpc_endpoint_id
    if leg.arrival not in (Arrival.ORIGIN, Arrival.NAT):
        came_by_vpn = leg.arrival is Arrival.VPN
        code = codes.VGW_PRIVATE_IP_INGRESS if came_by_vpn else codes.NO_POSSIBLE_DESTINATION
        gate = leg.gate("vpc-endpoint", identity, _ENDPOINTS)
        return stop(gate.stops(code, f"{identity} serves {at.vpc}'s own subnets only"))
    return Journey((gateway_endpoint_hop(leg, endpoint),), True, Identity.LOST, exit=identity)


def _by_appliance(walk: Walk, leg: Leg, at: Position, endpoint: VpcEndpoint) -> Journey:
    """Through a middlebox: it is assumed to forward; group identity ends here (M2)."""
    identity = endpoint.vpc_endpoint_id
    gate = leg.gate("middlebox", identity, _ENDPOINTS)
    home = next(iter(endpoint.subnet_ids), None)
    subnet = at.scope.subnets.get(home or "")
    if subnet is None:
        says = f"the subnet of {identity} is not known"
        return stop(gate.doubts(codes.UNKNOWN_RESOURCE, at.scope.subnets.missing(home), says))
    state = (endpoint.state or "").lower()
    says = f"{identity}, which hands packets to an appliance or firewall, is {state}"
    passed = gate.works(endpoint.state, codes.BAD_STATE, says)
    there = Position(at.scope, at.vpc, subnet, subnet.availability_zone)
    hops = [passed]
    if subnet.subnet_id != at.subnet.subnet_id:
        hops.insert(0, acl_hop(walk, leg, there, egress=False, peer=leg.near))
    journey = walk.pass_out(leg.through(at, identity=Identity.LOST), there).after(*hops)
    journey = msgspec.structs.replace(journey, via=(identity, *journey.via), identity=Identity.LOST)
    return journey.assuming(f"The appliance behind {identity} forwards the traffic.").noting(
        f"{codes.PATH_THROUGH_GWLB_NOT_CHECKED}: {identity}"
    )
