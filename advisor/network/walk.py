"""Follow one leg through the estate: out of a subnet, along its routes, to its goal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from advisor.model.addresses import Prefix
from advisor.model.evidence import SELF, Missing
from advisor.model.scope import Scope
from advisor.model.verdict import BLOCKED
from advisor.network import codes, internet, middleboxes, nat, own_network, peering, transit
from advisor.network.fabric import Fabric
from advisor.network.flow import Kind
from advisor.network.gates import acl_hop, group_hop, state_hops
from advisor.network.leg import Arrival, Gate, Journey, Leg, Position, block_of, stop
from advisor.network.repairs import AddRoute, AskOwner, Repair
from advisor.network.routes import CompiledTable, RouteDecision, RouteEntry, Target
from advisor.network.stations import Station
from advisor.network.subject import is_somewhere_public, representative
from advisor.network.topology import Topology, Way
from advisor.network.trace import Direction, Hop, Place

_LONGEST_WAY: Final = 8
"""VPCs and middleboxes that one leg may pass; a longer way is a loop."""
_ROUTES: Final = "ec2:DescribeRouteTables"
_INTERFACES: Final = "ec2:DescribeNetworkInterfaces"
_OF_NAT_GATEWAYS: Final = {"nat_gateway", "natGateway"}
_CARRIERS: Final = {
    "ec2_instance_connect_endpoint",
    "gateway_load_balancer",
    "gateway_load_balancer_endpoint",
    "transit_gateway",
}


class Walk:
    """One trace's way through the estate: what its two ends are, and what had to be assumed."""

    def __init__(
        self,
        fabric: Fabric,
        topology: Topology,
        source: Station,
        destination: Station,
        version: int,
        target: str | None = None,
    ) -> None:
        self.fabric = fabric
        self.topology = topology
        self.source = source
        self.destination = destination
        self.version = version
        self.target = target
        self.assumptions: dict[str, None] = {}

    # --- words and places --------------------------------------------------------------------------------

    def assume(self, sentence: str) -> None:
        """Remember something that had to be assumed."""
        self.assumptions[sentence] = None

    def spell(self, identity: str) -> str:
        """An id as texts write it: SELF for the target that the trace is shared by."""
        return SELF if identity == self.target else identity

    def place_of_station(self, station: Station) -> Place:
        """Whether a station is the flow's source, its destination, or between them."""
        if station.id == self.source.id and station.kind is self.source.kind:
            return Place.SOURCE
        if station.id == self.destination.id and station.kind is self.destination.kind:
            return Place.DESTINATION
        return Place.MIDDLE

    def place_of(self, scope: Scope, subnet_id: str) -> Place:
        """Whether a subnet is the source's, the destination's, or between them."""
        for station, place in ((self.source, Place.SOURCE), (self.destination, Place.DESTINATION)):
            if station.subnet is None or station.scope is None:
                continue
            if station.scope.region == scope.region and station.subnet.subnet_id == subnet_id:
                return place
        return Place.MIDDLE

    def only_own(
        self, scope: Scope, owner: str | None, resource: str, repair: Repair, change: str
    ) -> tuple[Repair, ...]:
        """The repair, or the owner to ask where the resource belongs to another account."""
        if owner is not None and owner != scope.account:
            return (AskOwner(owner, resource, change),)
        return (repair,)

    def way_of(self, leg: Leg, at: Position) -> Way:
        """The cheapest way that could be routed from here to the leg's goal."""
        return self.topology.cheapest_way(at.place, leg.goal, leg.near.public is not None)

    def goes_in_circles(self, leg: Leg) -> bool:
        """Whether the leg has come through more places than any real way has."""
        return len(leg.vpcs) > _LONGEST_WAY

    # --- leaving a subnet --------------------------------------------------------------------------------

    def leave(self, leg: Leg) -> Journey:
        """Follow the leg from the interface that sends it."""
        near = leg.near
        assert near.scope is not None and near.subnet is not None and near.vpc is not None
        at = Position(near.scope, near.vpc, near.subnet, near.subnet.availability_zone)
        leg = leg.through(at, came_from=at.place, zone=at.zone, zone_id=at.subnet.availability_zone_id)
        if near.shares_subnet(leg.goal):
            subnet = at.subnet.subnet_id
            gate = leg.gate("subnet", subnet, "ec2:DescribeSubnets", self.place_of(at.scope, subnet))
            says = f"both ends are in {subnet}, where network ACLs are not evaluated"
            return self.arrive(leg, from_subnet=True).after(gate.passes(says, "same subnet", "SubnetId"))
        return self.pass_out(leg, at)

    def pass_out(self, leg: Leg, at: Position) -> Journey:
        """Out of a subnet: its network ACL, then its route table."""
        guard = acl_hop(self, leg, at, egress=True, peer=leg.goal)
        return self.by_table_of(leg, at).after(guard)

    def by_table_of(self, leg: Leg, at: Position) -> Journey:
        """Where the subnet's effective route table sends the leg."""
        found = self.fabric.effective_table(at.scope, at.subnet)
        place = self.place_of(at.scope, at.subnet.subnet_id)
        if isinstance(found, Missing):
            says = f"the route table of {at.subnet.subnet_id} is not known ({found.says or found.status})"
            gate = leg.gate("route-table", at.subnet.subnet_id, _ROUTES, place)
            return stop(gate.doubts(_CODES_OF_STATUS.get(found.status, codes.UNKNOWN_RESOURCE), found, says))
        gate = leg.gate("route-table", found.route_table_id, _ROUTES, place)
        if self.goes_in_circles(leg):
            says = f"the routes lead round in a circle, again to {gate.id}"
            return stop(gate.stops(codes.NO_POSSIBLE_DESTINATION, says))
        return self._by_table(leg, at, self.fabric.compiled(at.scope, found), gate)

    def _by_table(self, leg: Leg, at: Position, table: CompiledTable, gate: Gate) -> Journey:
        """Follow the deciding route; where it leads nowhere, say what would lead to the goal."""
        decision = self.fabric.route(table, leg.destination)
        for prefix in decision.assumed_outside:
            self.assume(f"{leg.goal.spoken} does not lie in {prefix}, which {table.id} routes elsewhere.")
        entry, doubt = decision.entry, decision.doubt
        if doubt is not None:
            return self._by_doubtful_route(leg, at, table, gate, entry, doubt)
        if entry is None:
            says = f"{table.id} has no route to {leg.goal.spoken}"
            return self._dead_end(leg, at, table, gate, codes.NO_ROUTE_TO_DESTINATION, says, None)
        if entry.is_blackhole:
            # A blackhole still wins the lookup and drops; it never falls through to a shorter prefix (R6).
            says = f"{table.id} sends {leg.goal.spoken} by {entry}: its target is gone, and it drops"
            return self._dead_end(leg, at, table, gate, codes.BAD_STATE_ROUTE, says, entry)
        journey = self.follow(leg, at, table, entry)
        if not journey.arrived:
            better = self._detour(leg, at, table, gate, decision, entry)
            if better is not None:
                return better
        says = f"{table.id} sends {leg.goal.spoken} by {entry}"
        return journey.after(gate.passes(says, str(entry), "Routes"))

    def _by_doubtful_route(
        self,
        leg: Leg,
        at: Position,
        table: CompiledTable,
        gate: Gate,
        entry: RouteEntry | None,
        doubt: Missing,
    ) -> Journey:
        """Another route may decide: what stops the packet along this one need not stop it at all."""
        contradictory = doubt.status == "contradictory"
        code = codes.ADV_SNAPSHOT_CONTRADICTORY if contradictory else codes.UNKNOWN_RESOURCE
        why = doubt.says or f"{doubt.operation} of {doubt.resource}: {doubt.status}"
        if entry is None:
            says = f"{table.id} may or may not route {leg.goal.spoken}: {why}"
            return stop(gate.doubts(code, doubt, says))
        hop = gate.doubts(code, doubt, f"whether {entry} decides is not known: {why}")
        if entry.is_blackhole:
            return stop(hop)
        journey = self.follow(leg, at, table, entry)
        return stop(hop) if journey.verdict is BLOCKED else journey.after(hop)

    # --- where routes lead nowhere -----------------------------------------------------------------------

    def _dead_end(
        self,
        leg: Leg,
        at: Position,
        table: CompiledTable,
        gate: Gate,
        code: str,
        says: str,
        replaced: RouteEntry | None,
    ) -> Journey:
        """Report a dead end with its cheapest repair, and go on as if it were made: all blockers count."""
        way = self.way_of(leg, at)
        destination = replaced.destination if replaced is not None else self.wanted_block(leg)
        repairs: tuple[Repair, ...] = ()
        rest = Journey()
        if way.gateway is not None:
            repairs = self._routing(
                at, table, destination, way.gateway, replaced is not None, "add the route"
            )
            rest = self.follow(leg, at, table, way.entry(table.id, destination))
        repairs += way.instead(at, leg, table.id, replaced is not None)
        rule = str(replaced) if replaced is not None else "no route matches"
        blocked = gate.stops(code, says, rule, "Routes", repairs)
        if way.is_disconnected and not leg.goal.is_outside:
            apart = f"{at.vpc} and {leg.goal.vpc} are not joined by a peering connection or a transit gateway"
            joining = leg.gate("vpc", at.vpc, "ec2:DescribeVpcPeeringConnections")
            return stop(blocked, joining.stops(codes.DISCONNECTED_VPCS, apart))
        return rest.after(blocked)

    def _detour(
        self,
        leg: Leg,
        at: Position,
        table: CompiledTable,
        gate: Gate,
        decision: RouteDecision,
        entry: RouteEntry,
    ) -> Journey | None:
        """The deciding route leads astray: would another matching one, or one to be added, arrive?"""
        assert entry.prefix is not None
        for other in decision.others:
            if other.is_blackhole or (other.target, other.target_id) == (entry.target, entry.target_id):
                continue
            journey = self.follow(leg, at, table, other)
            if journey.arrived:
                same = other.prefix is not None and other.prefix.length == entry.prefix.length
                code = codes.HIGHER_PRIORITY_ROUTE if same else codes.MORE_SPECIFIC_ROUTE
                says = (
                    f"{table.id} sends {leg.goal.spoken} by {entry}, which does not lead there; {other} would"
                )
                repairs = self._routing(
                    at, table, entry.destination, other.target_id, True, "replace the route"
                )
                return journey.after(gate.stops(code, says, str(entry), "Routes", repairs))
        if entry.prefix.length > 0 or leg.goal.is_outside or entry.target is Target.LOCAL:
            return None
        way = self.way_of(leg, at)
        if way.gateway is None or way.gateway == entry.target_id:
            return None
        destination = self.wanted_block(leg)
        says = f"{table.id} has no route to {leg.goal.spoken} but {entry}, which does not lead there"
        repairs = self._routing(at, table, destination, way.gateway, False, "add the route")
        blocked = gate.stops(codes.NO_ROUTE_TO_DESTINATION, says, str(entry), "Routes", repairs)
        return self.follow(leg, at, table, way.entry(table.id, destination)).after(blocked)

    def _routing(
        self, at: Position, table: CompiledTable, destination: str, target: str, replaces: bool, change: str
    ) -> tuple[Repair, ...]:
        repair = AddRoute(table.id, destination, target, replaces, at.scope.account, at.scope.region)
        return self.only_own(at.scope, table.record.owner_id, table.id, repair, change)

    def wanted_block(self, leg: Leg) -> str:
        """The destination that a route to the goal should have: its VPC's block, or everything outside."""
        goal = leg.goal
        if goal.is_outside and is_somewhere_public(goal.address):
            return "0.0.0.0/0" if self.version == 4 else "::/0"
        if goal.scope is not None and goal.vpc is not None:
            key = (goal.scope.account, goal.scope.region, goal.vpc)
            for block in self.fabric.blocks_by_vpc.get(key, ()):
                if block.version == self.version and block.holds(representative(goal.address)):
                    return str(block)
        return block_of(goal, self.version)

    # --- along a route -----------------------------------------------------------------------------------

    def follow(self, leg: Leg, at: Position, table: CompiledTable, entry: RouteEntry) -> Journey:
        """Follow one route to what it leads to."""
        match entry.target:
            case Target.LOCAL:
                return self.deliver(leg, at)
            case Target.INTERNET_GATEWAY:
                return internet.by_internet_gateway(self, leg, at, entry)
            case Target.EGRESS_ONLY_INTERNET_GATEWAY:
                return internet.by_egress_only_gateway(self, leg, at, entry)
            case Target.NAT_GATEWAY:
                return nat.by_nat_gateway(self, leg, at, table, entry)
            case Target.INTERFACE:
                return middleboxes.by_interface(self, leg, at, entry)
            case Target.ENDPOINT:
                return middleboxes.by_endpoint(self, leg, at, entry)
            case Target.PEERING:
                return peering.by_peering(self, leg, at, entry)
            case Target.TRANSIT_GATEWAY:
                return transit.by_transit_gateway(self, leg, at, entry)
            case Target.VPN_GATEWAY:
                return own_network.by_vpn_gateway(self, leg, at, entry)
            case _:
                says = f"{entry} leads to a target beyond which nothing can be seen"
                gate = leg.gate("middlebox", entry.target_id, _ROUTES)
                return stop(gate.cannot_tell(codes.UNKNOWN_DESTINATION, says))

    def deliver(self, leg: Leg, at: Position) -> Journey:
        """Deliver inside the VPC, to the goal if it is there."""
        goal = leg.goal
        if goal.place[1:] == at.place[1:] and goal.vpc is not None:
            return self.arrive(leg)
        gate = leg.gate("vpc", at.vpc, _INTERFACES)
        if goal.vpc is None and isinstance(goal.address, Prefix):
            says = f"{at.vpc} may have several interfaces in {goal.spoken}: ask for one of their addresses"
            missing = Missing(_INTERFACES, "ambiguous", None, goal.id, says)
            return stop(gate.doubts(codes.UNKNOWN_DESTINATION, missing))
        says = f"no interface of {at.vpc} has the address of {goal.spoken}"
        if goal.vpc is None and not at.scope.network_interfaces.complete:
            return stop(
                gate.doubts(codes.UNKNOWN_DESTINATION, at.scope.network_interfaces.missing(goal.id), says)
            )
        if goal.vpc is not None:
            says = f"{at.vpc} delivers {goal.spoken} locally, but it is in {goal.vpc}"
        blocks = self.fabric.blocks_by_vpc.get((at.scope.account, at.scope.region, at.vpc), ())
        inside = any(block.holds(representative(goal.address)) for block in blocks)
        code = codes.NO_POSSIBLE_DESTINATION if inside else codes.VPC_LOCAL_ROUTE_CIDR_RESTRICTION
        return stop(gate.stops(code, says, "local"))

    def arrive(self, leg: Leg, from_subnet: bool = False) -> Journey:
        """At the goal's interface: the network ACL of its subnet, its groups (forward only), its state."""
        goal = leg.goal
        assert goal.scope is not None and goal.subnet is not None and goal.vpc is not None
        at = Position(goal.scope, goal.vpc, goal.subnet, goal.subnet.availability_zone)
        hops: list[Hop] = []
        if not from_subnet:
            hops.append(acl_hop(self, leg, at, egress=False, peer=leg.near))
        if leg.direction is Direction.FORWARD:
            hops += state_hops(self, goal, leg.direction)
            hops += _carrier_hops(self, leg, goal)
            hops += self._admit(leg, goal)
        journey = Journey(tuple(hops), True, leg.identity)
        if leg.zone and at.zone and leg.zone != at.zone:
            journey = journey.noting(f"{codes.AVAILABILITY_ZONE_CROSSED}: {leg.zone} → {at.zone}")
        return journey

    def _admit(self, leg: Leg, goal: Station) -> Iterable[Hop]:
        """Whether the goal's security groups admit the connection."""
        if goal.kind is Kind.SUBNET or goal.groups == frozenset():
            return
        if goal.connect_endpoint is not None:
            return  # inbound rules of its groups are ignored (G12)
        yield group_hop(self, leg, goal, egress=False, peer=leg.near, identity=leg.identity)
        if goal.is_extra_address:
            self.assume(f"The operating system of {goal.spoken} has set this secondary address up.")
        if goal.is_secondary:
            says = (
                f"{goal.spoken} is on a secondary interface; its replies may leave by the primary one, "
                "as the operating system's routes decide"
            )
            gate = leg.gate(
                "network-interface", goal.id, "ec2:DescribeInstances", self.place_of_station(goal)
            )
            yield gate.cannot_tell(codes.ADV_MULTI_ENI_ASYMMETRY, says)


def _carrier_hops(walk: Walk, leg: Leg, goal: Station) -> Iterable[Hop]:
    """Interfaces that carry what others send and answer no connection themselves (N6)."""
    kind = goal.interface.interface_type if goal.interface is not None else None
    gate = leg.gate("network-interface", goal.id, _INTERFACES, walk.place_of_station(goal))
    if kind in _OF_NAT_GATEWAYS:
        says = f"{goal.spoken} is a NAT gateway's, which answers no connection that comes to it"
        by_vpn = leg.arrival is Arrival.VPN
        code = codes.VGW_PRIVATE_IP_INGRESS if by_vpn else codes.NO_POSSIBLE_DESTINATION
        yield gate.stops(code, says, f"InterfaceType {kind}", "InterfaceType")
    elif kind in _CARRIERS or goal.connect_endpoint is not None:
        says = f"whether {goal.spoken}, which carries traffic of others, answers itself is not documented"
        yield gate.cannot_tell(codes.NO_POSSIBLE_DESTINATION, says)


_CODES_OF_STATUS: Final = {
    "contradictory": codes.ADV_SNAPSHOT_CONTRADICTORY,
    "truncated": codes.ADV_SNAPSHOT_PARTIAL,
}
