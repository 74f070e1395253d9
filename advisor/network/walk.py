"""Follow one leg through the estate: out of a subnet, along its routes, to its goal."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from advisor.model.estate import Scope
from advisor.model.evidence import SELF, Missing
from advisor.model.verdict import BLOCKED, READY
from advisor.network import codes, gateways, transit
from advisor.network.fabric import Fabric
from advisor.network.flow import Kind
from advisor.network.gates import acl_hop, group_hop, state_hops
from advisor.network.leg import Journey, Leg, Position, block_of, hop, lost, stop
from advisor.network.repairs import AddRoute, AskOwner, Repair
from advisor.network.routes import CompiledTable, RouteDecision, RouteEntry, Target
from advisor.network.stations import Station
from advisor.network.subject import is_somewhere_public, representative
from advisor.network.topology import Topology
from advisor.network.trace import Direction, Hop, Place

_LONGEST_WAY = 8
"""Route tables that one leg may pass; a longer way is a loop."""


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
            if station.subnet is not None and station.scope is not None:
                same_scope = station.scope.region == scope.region
                if same_scope and station.subnet.subnet_id == subnet_id:
                    return place
        return Place.MIDDLE

    def only_own(
        self, scope: Scope, owner: str | None, resource: str, repair: Repair, change: str
    ) -> tuple[Repair, ...]:
        """The repair, or the owner to ask where the resource belongs to another account."""
        if owner is not None and owner != scope.account:
            return (AskOwner(owner, resource, change),)
        return (repair,)

    # --- leaving a subnet --------------------------------------------------------------------------------

    def leave(self, leg: Leg) -> Journey:
        """Follow the leg from the interface that sends it."""
        near = leg.near
        assert near.scope is not None and near.subnet is not None and near.vpc is not None
        at = Position(near.scope, near.vpc, near.subnet, near.subnet.availability_zone)
        leg = msgspec.structs.replace(
            leg, came_from=at.place, vpcs=(*leg.vpcs, at.place), zone=near.subnet.availability_zone
        )
        if near.shares_subnet(leg.goal):
            says = f"both ends are in {at.subnet.subnet_id}, where network ACLs are not evaluated"
            same = hop(
                "subnet",
                at.subnet.subnet_id,
                leg.direction,
                READY,
                says,
                place=self.place_of(at.scope, at.subnet.subnet_id),
                rule="same subnet",
                operation="ec2:DescribeSubnets",
                field="SubnetId",
            )
            return self.arrive(leg, from_subnet=True).after(same)
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
            contradictory = found.status == "contradictory"
            code = codes.ADV_SNAPSHOT_CONTRADICTORY if contradictory else codes.UNKNOWN_RESOURCE
            if found.status == "truncated":
                code = codes.ADV_SNAPSHOT_PARTIAL
            says = f"the route table of {at.subnet.subnet_id} is not known ({found.says or found.status})"
            return stop(lost("route-table", at.subnet.subnet_id, leg.direction, found, code, says, place))
        if len(leg.vpcs) > _LONGEST_WAY:
            says = f"the routes lead round in a circle, again to {found.route_table_id}"
            return stop(
                hop(
                    "route-table",
                    found.route_table_id,
                    leg.direction,
                    BLOCKED,
                    says,
                    place=place,
                    code=codes.NO_POSSIBLE_DESTINATION,
                    operation="ec2:DescribeRouteTables",
                )
            )
        return self.by_table(leg, at, self.fabric.compiled(at.scope, found), place)

    def by_table(self, leg: Leg, at: Position, table: CompiledTable, place: Place) -> Journey:
        """Follow the deciding route; where it leads nowhere, say what would lead to the goal."""
        decision = self.fabric.route(table, leg.destination)
        for prefix in decision.assumed_outside:
            self.assume(f"{leg.goal.spoken} does not lie in {prefix}, which {table.id} routes elsewhere.")
        entry = decision.entry
        if entry is None:
            return self._without_route(leg, at, table, decision, place)
        if entry.is_blackhole:
            return self._through_blackhole(leg, at, table, entry, place)
        journey = self.follow(leg, at, table, entry)
        if decision.doubt is not None:
            says = f"whether {entry} decides is not known: {decision.doubt.says or decision.doubt.operation}"
            return journey.after(
                lost(
                    "route-table",
                    table.id,
                    leg.direction,
                    decision.doubt,
                    codes.UNKNOWN_RESOURCE,
                    says,
                    place,
                )
            )
        if not journey.arrived:
            better = self._detour(leg, at, table, decision, place)
            if better is not None:
                return better
        return journey.after(self._route_hop(leg, table, entry, place))

    def _route_hop(self, leg: Leg, table: CompiledTable, entry: RouteEntry, place: Place) -> Hop:
        says = f"{table.id} sends {leg.goal.spoken} by {entry}"
        return hop(
            "route-table",
            table.id,
            leg.direction,
            READY,
            says,
            place=place,
            rule=str(entry),
            operation="ec2:DescribeRouteTables",
            field="Routes",
        )

    def _without_route(
        self, leg: Leg, at: Position, table: CompiledTable, decision: RouteDecision, place: Place
    ) -> Journey:
        if decision.doubt is not None:
            says = f"{table.id} may or may not route {leg.goal.spoken}: {decision.doubt.says or decision.doubt.operation}"
            return stop(
                lost(
                    "route-table",
                    table.id,
                    leg.direction,
                    decision.doubt,
                    codes.UNKNOWN_RESOURCE,
                    says,
                    place,
                )
            )
        says = f"{table.id} has no route to {leg.goal.spoken}"
        return self._continue_if_routed(
            leg, at, table, place, codes.NO_ROUTE_TO_DESTINATION, says, "no route matches", None
        )

    def _through_blackhole(
        self, leg: Leg, at: Position, table: CompiledTable, entry: RouteEntry, place: Place
    ) -> Journey:
        # A blackhole still wins the lookup and drops; it never falls through to a shorter prefix (R6).
        says = f"{table.id} sends {leg.goal.spoken} by {entry}: its target is gone, and it drops"
        return self._continue_if_routed(leg, at, table, place, codes.BAD_STATE_ROUTE, says, str(entry), entry)

    def _continue_if_routed(
        self,
        leg: Leg,
        at: Position,
        table: CompiledTable,
        place: Place,
        code: str,
        says: str,
        rule: str,
        replaces: RouteEntry | None,
    ) -> Journey:
        """Report a dead end with its cheapest repair, and go on as if it were repaired: all blockers count."""
        way = self.topology.cheapest_way(at.place, leg.goal, leg.near.public is not None)
        destination = replaces.destination if replaces is not None else self._wanted_block(leg)
        repairs: tuple[Repair, ...] = ()
        rest = Journey()
        if way.gateway is not None:
            repair = AddRoute(
                table.id,
                destination,
                way.gateway,
                replaces is not None,
                account=at.scope.account,
                region=at.scope.region,
            )
            repairs = self.only_own(at.scope, table.record.owner_id, table.id, repair, "add the route")
            planned = way.entry(table.id, destination)
            rest = self.follow(leg, at, table, planned)
        repairs += way.instead(at, leg, table.id, replaces is not None)
        blocked = hop(
            "route-table",
            table.id,
            leg.direction,
            BLOCKED,
            says,
            place=place,
            rule=rule,
            code=code,
            operation="ec2:DescribeRouteTables",
            field="Routes",
            repairs=repairs,
        )
        if way.is_disconnected and not leg.goal.is_outside:
            apart = f"{at.vpc} and {leg.goal.vpc} are not joined by a peering connection or a transit gateway"
            disconnected = hop(
                "vpc",
                at.vpc,
                leg.direction,
                BLOCKED,
                apart,
                code=codes.DISCONNECTED_VPCS,
                operation="ec2:DescribeVpcPeeringConnections",
            )
            return Journey((blocked, disconnected))
        return rest.after(blocked)

    def _wanted_block(self, leg: Leg) -> str:
        if leg.goal.is_outside and is_somewhere_public(leg.destination):
            return "0.0.0.0/0" if self.version == 4 else "::/0"
        if leg.goal.vpc is not None:
            holder = next(
                (
                    str(block)
                    for block in self.fabric.blocks_by_vpc.get(_vpc_key(leg.goal), ())
                    if block.version == self.version and block.holds(representative(leg.destination))
                ),
                None,
            )
            if holder is not None:
                return holder
        return block_of(leg.goal, self.version)

    def _detour(
        self, leg: Leg, at: Position, table: CompiledTable, decision: RouteDecision, place: Place
    ) -> Journey | None:
        """The deciding route leads astray: would another matching one, or one to be added, arrive?"""
        entry = decision.entry
        assert entry is not None and entry.prefix is not None
        for other in decision.others:
            if other.is_blackhole or (other.target is entry.target and other.target_id == entry.target_id):
                continue
            journey = self.follow(leg, at, table, other)
            if journey.arrived:
                same = other.prefix is not None and other.prefix.length == entry.prefix.length
                code = codes.HIGHER_PRIORITY_ROUTE if same else codes.MORE_SPECIFIC_ROUTE
                says = (
                    f"{table.id} sends {leg.goal.spoken} by {entry}, which does not lead there; {other} would"
                )
                return journey.after(self._astray(leg, at, table, entry, other.target_id, code, says, place))
        if entry.prefix.length > 0 or leg.goal.is_outside or entry.target is Target.LOCAL:
            return None
        way = self.topology.cheapest_way(at.place, leg.goal, leg.near.public is not None)
        if way.gateway is None or way.gateway == entry.target_id:
            return None
        destination = self._wanted_block(leg)
        says = f"{table.id} has no route to {leg.goal.spoken} but {entry}, which does not lead there"
        repair = AddRoute(
            table.id, destination, way.gateway, account=at.scope.account, region=at.scope.region
        )
        blocked = hop(
            "route-table",
            table.id,
            leg.direction,
            BLOCKED,
            says,
            place=place,
            rule=str(entry),
            code=codes.NO_ROUTE_TO_DESTINATION,
            operation="ec2:DescribeRouteTables",
            field="Routes",
            repairs=self.only_own(at.scope, table.record.owner_id, table.id, repair, "add the route"),
        )
        return self.follow(leg, at, table, way.entry(table.id, destination)).after(blocked)

    def _astray(
        self,
        leg: Leg,
        at: Position,
        table: CompiledTable,
        entry: RouteEntry,
        target: str,
        code: str,
        says: str,
        place: Place,
    ) -> Hop:
        repair = AddRoute(
            table.id, entry.destination, target, True, account=at.scope.account, region=at.scope.region
        )
        return hop(
            "route-table",
            table.id,
            leg.direction,
            BLOCKED,
            says,
            place=place,
            rule=str(entry),
            code=code,
            operation="ec2:DescribeRouteTables",
            field="Routes",
            repairs=self.only_own(at.scope, table.record.owner_id, table.id, repair, "replace the route"),
        )

    # --- along a route -----------------------------------------------------------------------------------

    def follow(self, leg: Leg, at: Position, table: CompiledTable, entry: RouteEntry) -> Journey:
        """Follow one route to what it leads to."""
        match entry.target:
            case Target.LOCAL:
                return self.deliver(leg, at, entry)
            case Target.INTERNET_GATEWAY:
                return gateways.by_internet_gateway(self, leg, at, entry)
            case Target.EGRESS_ONLY_INTERNET_GATEWAY:
                return gateways.by_egress_only_gateway(self, leg, at, entry)
            case Target.NAT_GATEWAY:
                return gateways.by_nat_gateway(self, leg, at, table, entry)
            case Target.INTERFACE:
                return gateways.by_interface(self, leg, at, entry)
            case Target.ENDPOINT:
                return gateways.by_endpoint(self, leg, at, entry)
            case Target.PEERING:
                return transit.by_peering(self, leg, at, entry)
            case Target.TRANSIT_GATEWAY:
                return transit.by_transit_gateway(self, leg, at, entry)
            case Target.VPN_GATEWAY:
                return transit.by_vpn_gateway(self, leg, at, entry)
            case _:
                says = f"{entry} leads to a {entry.target.value} target, beyond which nothing can be seen"
                missing = Missing("ec2:DescribeRouteTables", "undecidable", None, entry.target_id, says)
                return stop(
                    lost(
                        "middlebox", entry.target_id, leg.direction, missing, codes.UNKNOWN_DESTINATION, says
                    )
                )

    def deliver(self, leg: Leg, at: Position, entry: RouteEntry | None) -> Journey:
        """Deliver inside the VPC, to the goal if it is there."""
        goal = leg.goal
        if goal.place[1:] == at.place[1:] and goal.vpc is not None:
            return self.arrive(leg)
        says = f"no interface of {at.vpc} has the address of {goal.spoken}"
        if goal.vpc is not None:
            says = f"{at.vpc} delivers {goal.spoken} locally, but it is in {goal.vpc}"
        if at.scope.network_interfaces.complete or goal.vpc is not None:
            blocks = self.fabric.blocks_by_vpc.get((at.scope.account, at.scope.region, at.vpc), ())
            inside = any(block.holds(representative(leg.destination)) for block in blocks)
            code = codes.NO_POSSIBLE_DESTINATION if inside else codes.VPC_LOCAL_ROUTE_CIDR_RESTRICTION
            return stop(
                hop(
                    "vpc",
                    at.vpc,
                    leg.direction,
                    BLOCKED,
                    says,
                    code=code,
                    operation="ec2:DescribeNetworkInterfaces",
                )
            )
        missing = at.scope.network_interfaces.missing(goal.id)
        return stop(lost("vpc", at.vpc, leg.direction, missing, codes.UNKNOWN_DESTINATION, says))

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
            hops += self.admit(leg, goal)
        notes: tuple[str, ...] = ()
        if leg.zone and at.zone and leg.zone != at.zone:
            notes = (f"{codes.AVAILABILITY_ZONE_CROSSED}: {leg.zone} → {at.zone}",)
        return Journey(tuple(hops), True, leg.identity, notes=notes)

    def admit(self, leg: Leg, goal: Station) -> Iterable[Hop]:
        """Whether the goal's security groups admit the connection."""
        if goal.kind is Kind.SUBNET or goal.groups == frozenset():
            return
        yield group_hop(self, leg, goal, egress=False, peer=leg.near, identity=leg.identity)
        if goal.is_secondary:
            says = (
                f"{goal.spoken} is on a secondary interface; its replies may leave by the primary one, "
                "as the operating system's routes decide"
            )
            missing = Missing("ec2:DescribeInstances", "undecidable", None, goal.id, says)
            yield lost(
                "network-interface",
                goal.id,
                leg.direction,
                missing,
                codes.ADV_MULTI_ENI_ASYMMETRY,
                says,
                self.place_of_station(goal),
            )


def _vpc_key(station: Station) -> tuple[str, str, str]:
    assert station.scope is not None and station.vpc is not None
    return (station.scope.account, station.scope.region, station.vpc)
