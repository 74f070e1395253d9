"""The topology graph (networkx): what is joined to what, and the cheapest way that could be routed.

Routes are not edges here: reachability is a function of the flow, and `walk` asks the tables. This graph
answers the question that is left when a table gives no answer: which gateway would lead there, were it
routed to, and at what cost of repair.
"""

from __future__ import annotations

from functools import cached_property

import msgspec
import networkx as nx

from advisor.model.estate import Estate
from advisor.model.records.ec2 import NatGateway
from advisor.model.scope import Scope
from advisor.network.flow import Kind
from advisor.network.leg import Leg, Position
from advisor.network.repairs import (
    AttachInternetGateway,
    CreateInterfaceEndpoint,
    CreateNatGateway,
    Repair,
)
from advisor.network.routes import RouteEntry, Target
from advisor.network.stations import Station

Node = tuple[str, ...]
_INTERNET: Node = ("internet",)

# Suggested risks of facts: a route to what exists is cheap, what needs a public address is dear.
_PEERING_COST, _TRANSIT_COST, _NAT_COST, _INTERNET_GATEWAY_COST = 3, 4, 3, 12

_TARGETS = {
    "igw": Target.INTERNET_GATEWAY,
    "nat": Target.NAT_GATEWAY,
    "pcx": Target.PEERING,
    "tgw": Target.TRANSIT_GATEWAY,
}


class Way(msgspec.Struct, frozen=True, gc=False):
    """The cheapest way that could be routed: its first gateway, or none.

    `is_disconnected` says that nothing joins the two VPCs at all.
    """

    gateway: str | None
    target: Target = Target.NONE
    is_disconnected: bool = False
    public_subnet: str | None = None
    internet_gateway: str | None = None

    def entry(self, table: str, destination: str) -> RouteEntry:
        """The route, as it would stand in the table."""
        assert self.gateway is not None
        return RouteEntry(table, destination, None, self.target, self.gateway, 0, False)

    def instead(self, at: Position, leg: Leg, table: str, replaces: bool) -> tuple[Repair, ...]:
        """What could be made in place of a route: an endpoint for a service, a NAT gateway."""
        if not leg.goal.is_outside:
            return ()
        account, region = at.scope.account, at.scope.region
        repairs: list[Repair] = []
        if leg.goal.kind is Kind.SERVICE:
            repairs.append(
                CreateInterfaceEndpoint(leg.goal.id, at.vpc, (at.subnet.subnet_id,), account, region)
            )
        if leg.near.public is not None:
            if self.internet_gateway is None:
                repairs.append(AttachInternetGateway(at.vpc, None, account, region))
        elif self.public_subnet is not None and self.target is not Target.NAT_GATEWAY:
            repairs.append(CreateNatGateway(self.public_subnet, table, at.vpc, replaces, account, region))
        return tuple(repairs)


class Topology:
    """Which VPCs, gateways and networks are joined."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self._memo: dict[tuple[object, ...], Way] = {}

    @cached_property
    def ways(self) -> nx.DiGraph[Node]:
        """The graph of possible ways: `out` of a VPC, by a gateway, `in` to a VPC or to the internet.

        A VPC has two nodes, so that no way leads through one: peering is not transitive (P1).
        """
        graph: nx.DiGraph[Node] = nx.DiGraph()
        for scope in self.estate.regional:
            self._add_gateways(graph, scope)
            self._add_peerings(graph, scope)
            self._add_transit(graph, scope)
        return graph

    def _add_gateways(self, graph: nx.DiGraph[Node], scope: Scope) -> None:
        for gateway in scope.internet_gateways.values():
            for attachment in gateway.attachments:
                if attachment.vpc_id:
                    identity = ("igw", gateway.internet_gateway_id)
                    graph.add_edge(_out(scope, attachment.vpc_id), identity, cost=_INTERNET_GATEWAY_COST)
                    graph.add_edge(identity, _INTERNET, cost=0)
        for nat in scope.nat_gateways.values():
            if nat.vpc_id and is_usable(nat):
                identity = ("nat", nat.nat_gateway_id)
                graph.add_edge(_out(scope, nat.vpc_id), identity, cost=_NAT_COST)
                graph.add_edge(identity, _INTERNET, cost=0)

    def _add_peerings(self, graph: nx.DiGraph[Node], scope: Scope) -> None:
        for peering in scope.vpc_peering_connections.values():
            if (peering.status.code or "").lower() not in {"active", "pending-acceptance", "provisioning"}:
                continue
            one, two = peering.requester_vpc_info, peering.accepter_vpc_info
            identity = ("pcx", peering.vpc_peering_connection_id)
            for near, far in ((one, two), (two, one)):
                if near.vpc_id and far.vpc_id:
                    graph.add_edge(
                        ("out", near.region or scope.region, near.vpc_id), identity, cost=_PEERING_COST
                    )
                    graph.add_edge(identity, ("in", far.region or scope.region, far.vpc_id), cost=0)

    def _add_transit(self, graph: nx.DiGraph[Node], scope: Scope) -> None:
        for attachment in scope.transit_gateway_vpc_attachments.values():
            gone = (attachment.state or "").lower() in {"deleted", "deleting", "rejected", "failed"}
            if attachment.vpc_id and attachment.transit_gateway_id and not gone:
                identity = ("tgw", attachment.transit_gateway_id)
                graph.add_edge(_out(scope, attachment.vpc_id), identity, cost=_TRANSIT_COST)
                graph.add_edge(identity, ("in", scope.region, attachment.vpc_id), cost=0)
        for peering in scope.transit_gateway_peering_attachments.values():
            one = peering.requester_tgw_info.transit_gateway_id
            two = peering.accepter_tgw_info.transit_gateway_id
            if one and two and (peering.state or "").lower() == "available":
                graph.add_edge(("tgw", one), ("tgw", two), cost=1)
                graph.add_edge(("tgw", two), ("tgw", one), cost=1)

    def cheapest_way(self, place: tuple[str, str, str | None], goal: Station, public: bool = False) -> Way:
        """The gateway of a VPC by which the goal could be routed to at the least cost of repair."""
        account, region, vpc = place
        target: Node = _INTERNET
        if goal.vpc is not None and goal.scope is not None:
            target = ("in", goal.scope.region, goal.vpc)
        elif goal.kind is Kind.ADDRESS:
            return Way(None)
        key = (place, target, public)
        found = self._memo.get(key)
        if found is None:
            found = self._memo[key] = self._search(account, region, vpc or "", target, public)
        return found

    def _search(self, account: str, region: str, vpc: str, target: Node, public: bool) -> Way:
        scope = self.estate.scope(account, region)
        igw = scope.internet_gateways_by_vpc.get(vpc)
        subnet = self._public_subnet(scope, vpc, igw)

        def cost(_: Node, to: Node, data: dict[str, int]) -> int:
            # With a public address of its own, the internet gateway is the way; a NAT gateway would break it.
            return 1 if public and to[0] == "igw" else data["cost"]

        source = ("out", region, vpc)
        try:
            path = nx.dijkstra_path(self.ways, source, target, weight=cost)
        except (nx.NetworkXNoPath, nx.NodeNotFound):
            return Way(None, is_disconnected=target != _INTERNET, public_subnet=subnet, internet_gateway=igw)
        kind, identity = path[1][0], path[1][1]
        if kind == "igw" and not public:
            # Without a public address, a route to the internet gateway alone would change nothing.
            return Way(None, public_subnet=subnet, internet_gateway=igw)
        return Way(identity, _TARGETS[kind], False, subnet, igw)

    def _public_subnet(self, scope: Scope, vpc: str, igw: str | None) -> str | None:
        """A subnet of the VPC whose table leads to the internet gateway: where a NAT gateway could stand."""
        if igw is None:
            return None
        for subnet in sorted(scope.subnets_by_vpc.get(vpc, ()), key=lambda each: each.subnet_id):
            tables = scope.route_tables_by_subnet.get(subnet.subnet_id) or scope.main_route_tables.get(
                vpc, []
            )
            for table in tables:
                if any(
                    route.gateway_id == igw and route.destination_cidr_block == "0.0.0.0/0"
                    for route in table.routes
                ):
                    return subnet.subnet_id
        return None


def is_usable(nat: NatGateway) -> bool:
    """Whether a NAT gateway is available and public."""
    return (nat.state or "").lower() == "available" and (
        nat.connectivity_type or "public"
    ).lower() == "public"


def _out(scope: Scope, vpc: str) -> Node:
    return ("out", scope.region, vpc)
