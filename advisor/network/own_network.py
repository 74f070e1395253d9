"""Networks of one's own, behind a virtual private gateway, a VPN or Direct Connect (V1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from advisor.model.evidence import Missing
from advisor.model.scope import Scope
from advisor.network import codes, internet
from advisor.network.leg import Arrival, Journey, Leg, Position, stop
from advisor.network.routes import RouteEntry

if TYPE_CHECKING:
    from advisor.network.walk import Walk

_OPERATION = "ec2:DescribeVpnGateways"
_BEYOND = "What lies behind the VPN or Direct Connect line routes and admits the traffic."
_FROM_ELSEWHERE = {Arrival.INTERNET, Arrival.PEERING, Arrival.TRANSIT, Arrival.VPN}
"""Ways into the VPC that lead no further; what a NAT gateway translates is the VPC's own (N4)."""


def by_vpn_gateway(walk: Walk, leg: Leg, at: Position, entry: RouteEntry) -> Journey:
    """Out by a virtual private gateway: attached, for the VPC's own interfaces, with a tunnel that is up."""
    identity = entry.target_id
    gate = leg.gate("vpn-gateway", identity, _OPERATION)
    home = walk.fabric.home(at.scope, at.vpc)
    gateway = home.vpn_gateways.find(identity)
    if isinstance(gateway, Missing):
        return stop(gate.doubts(codes.UNKNOWN_RESOURCE, gateway, f"{identity} is not described"))
    attached = any(
        each.vpc_id == at.vpc and (each.state or "").lower() == "attached" for each in gateway.vpc_attachments
    )
    if not attached:
        says = f"{identity} is not attached to {at.vpc}"
        return stop(gate.stops(codes.BAD_STATE_ATTACHMENT, says, "not attached", "VpcAttachments"))
    if leg.arrival in _FROM_ELSEWHERE:
        says = f"{identity} takes only traffic of {at.vpc}'s own interfaces"
        return stop(gate.stops(codes.VGW_PRIVATE_IP_EGRESS, says, f"came by {leg.arrival.value}"))
    return to_own_network(leg, home, identity, "virtual private gateway", codes.BAD_STATE_VPN)


def enter_by_vpn_gateway(walk: Walk, leg: Leg, gateway: str) -> Journey:
    """In by a virtual private gateway, whose edge route table may lead by a middlebox (R7)."""
    goal = leg.goal
    assert goal.scope is not None
    via, edge = internet.edge_hops(walk, leg, walk.fabric.home(goal.scope, goal.vpc), gateway)
    journey = walk.arrive(leg).after(*edge)
    return msgspec.structs.replace(journey, via=(*via, *journey.via))


def to_own_network(leg: Leg, scope: Scope, identity: str, kind: str, bad_state: str) -> Journey:
    """To a network of one's own; what is there, no AWS call shows."""
    gate = leg.gate("vpn-gateway", identity, "ec2:DescribeVpnConnections")
    if not leg.goal.is_outside:
        says = f"{identity} leads to a network of one's own, and {leg.goal.spoken} is in {leg.goal.vpc}"
        return stop(gate.stops(codes.NO_POSSIBLE_DESTINATION, says))
    tunnels = vpn_tunnels(scope, identity)
    field = "VgwTelemetry"
    if "up" in tunnels:
        passed = gate.passes(f"{identity} has a tunnel that is up", f"{field} UP", field)
        return Journey((passed,), True, leg.identity, exit=identity).assuming(_BEYOND)
    if tunnels:
        says = f"all tunnels of {identity} are down"
        blocked = gate.stops(bad_state, says, f"{field} DOWN", field)
        return Journey((blocked,), True, leg.identity, exit=identity)
    says = f"whether a line behind {identity} ({kind}) is up is not known"
    missing = Missing(gate.operation, "absent", None, identity, says)
    doubted = gate.doubts(codes.UNKNOWN_DESTINATION, missing)
    return Journey((doubted,), True, leg.identity, exit=identity)


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
