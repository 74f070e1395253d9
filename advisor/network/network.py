"""The network of an estate: asks it about flows."""

from __future__ import annotations

from collections.abc import Hashable

import msgspec

from advisor.model.addresses import parse_address, parse_prefix
from advisor.model.estate import Estate
from advisor.model.evidence import Missing
from advisor.model.records.ec2 import Instance
from advisor.model.scope import Scope
from advisor.model.verdict import BLOCKED, UNKNOWN, all_of
from advisor.network import balancer, codes
from advisor.network.classes import Classes
from advisor.network.fabric import Fabric
from advisor.network.flow import End, Flow, Kind
from advisor.network.gates import group_hop
from advisor.network.groups import Identity
from advisor.network.leg import Gate
from advisor.network.services import ServiceTracing
from advisor.network.stations import (
    ANY_CLIENT,
    Station,
    Unresolvable,
    of_instance,
    station_of,
    with_public_address,
)
from advisor.network.topology import Topology
from advisor.network.trace import ASSUMES_LISTENER, Direction, Place, Trace
from advisor.network.tracing import RANK, Tracing
from advisor.network.walk import Walk


class Network:
    """The network of an estate.

    Everything below is compiled once and memoised; an estate with a change applied gets its own Network.
    """

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.fabric = Fabric(estate)
        self.topology = Topology(estate)
        self._classes = Classes(estate)

    def class_of(self, scope: Scope, instance: Instance) -> Hashable:
        """The equivalence class of an instance: equal classes get equal verdicts from every trace."""
        return self._classes.class_of(scope, instance)

    def atom_of(self, address: str | None) -> Hashable:
        """Equal for addresses that no rule, entry, route or list tells apart."""
        return self._classes.atom_of(address)

    def trace(self, flow: Flow, target: str | None = None) -> Trace:
        """Trace a flow both ways.

        Texts spell the resource `target` as SELF and leave its own address out, so that the trace may stand
        for every member of its equivalence class.
        """
        version = self._version(flow)
        if flow.destination.kind is Kind.LOAD_BALANCER:
            return self._by_balancer(flow, version, target)
        try:
            source = station_of(flow.source, self.estate, version, target)
        except Unresolvable as error:
            return _unresolved(flow, flow.source, error.missing, Place.SOURCE)
        try:
            destination = station_of(flow.destination, self.estate, version, target)
        except Unresolvable as error:
            return _unresolved(flow, flow.destination, error.missing, Place.DESTINATION)
        if source.kind is Kind.INTERNET and flow.destination.address is None:
            destination = with_public_address(destination, target)
        walk = Walk(self.fabric, self.topology, source, destination, version, target)
        if destination.kind is Kind.SERVICE:
            return ServiceTracing(walk, flow).to_service()
        if flow.destination.kind is Kind.ENDPOINT and not source.is_outside:
            return ServiceTracing(walk, flow).to_endpoint()
        return Tracing(walk, flow).between(source, destination)

    # --- IP version --------------------------------------------------------------------------------------

    def _version(self, flow: Flow) -> int:
        """IPv6 where an end is an IPv6 address or has no IPv4 address at all; else IPv4."""
        if flow.ip_version is not None:
            return flow.ip_version
        for end in (flow.source, flow.destination):
            text = end.address or (end.id if end.kind in (Kind.ADDRESS, Kind.INTERNET) else "")
            literal = parse_address(text) or parse_prefix(text)
            if literal is not None:
                return literal.version
        only_v6 = self._has_only_v6(flow.destination) or self._has_only_v6(flow.source)
        return 6 if only_v6 and not self._connects_by_v4_only(flow.source) else 4

    def _has_only_v6(self, end: End) -> bool:
        if end.kind is not Kind.INSTANCE:
            return False
        scope = self.estate.scope(end.account, end.region)
        instance = scope.instances.get(end.id)
        if instance is None or instance.private_ip_address is not None:
            return False
        try:
            of_instance(scope, instance, 4, end)
        except Unresolvable:
            return any(interface.ipv6_addresses for interface in instance.network_interfaces)
        return False

    def _connects_by_v4_only(self, source: End) -> bool:
        if source.kind is not Kind.INSTANCE_CONNECT_ENDPOINT:
            return False
        scope = self.estate.scope(source.account, source.region)
        endpoint = scope.instance_connect_endpoints.get(source.id)
        return endpoint is not None and (endpoint.ip_address_type or "ipv4").lower() == "ipv4"

    # --- load balancers ----------------------------------------------------------------------------------

    def _by_balancer(self, flow: Flow, version: int, target: str | None) -> Trace:
        """By a network load balancer: to its own interface, and from there to its targets (M3)."""
        scope = self.estate.scope(flow.destination.account, flow.destination.region)
        found = balancer.find_balancer(scope, flow.destination.id)
        if isinstance(found, Missing):
            return _unresolved(flow, flow.destination, found, Place.DESTINATION)
        try:
            source = station_of(flow.source, self.estate, version, target)
        except Unresolvable as error:
            return _unresolved(flow, flow.source, error.missing, Place.SOURCE)
        gates, groups = balancer.listener_hops(scope, found, flow.protocol, flow.port)
        gates += balancer.zone_hops(scope, found)
        standing = all_of(each.verdict for each in gates)
        nodes = balancer.nodes_of(scope, found, version)
        if standing is BLOCKED or (standing is UNKNOWN and not (nodes and groups)):
            return Trace(flow, standing, tuple(gates))
        behind = list(balancer.backends(scope, groups, version))
        if not nodes or not behind:
            return Trace(flow, BLOCKED, (*gates, balancer.no_targets_hop(found)))
        # The client cannot choose the balancer's zone: the worst counts. Nor can it choose among targets that
        # are healthy; the others get nothing, so that one good target is enough.
        worst = min((self._to_node(flow, source, each) for each in nodes), key=_rank)
        served = [each for each in behind if isinstance(each, balancer.Backend) and each.is_healthy]
        reached = [self._to_backend(flow, source, nodes, each) for each in served or behind]
        best = min(reached, key=_rank) if served else max(reached, key=_rank)
        return Trace(
            flow,
            standing & worst.verdict & best.verdict,
            (*gates, *worst.forward, *best.forward),
            (*best.returning, *worst.returning),
            tuple(dict.fromkeys((*worst.assumptions, *best.assumptions, ASSUMES_LISTENER))),
            tuple(dict.fromkeys((*worst.notes, *best.notes))),
        )

    def _to_node(self, flow: Flow, source: Station, node: Station) -> Trace:
        walk = Walk(self.fabric, self.topology, source, node, node.address.version)
        return Tracing(walk, flow).between(source, node)

    def _to_backend(
        self, flow: Flow, source: Station, nodes: list[Station], backend: balancer.Backend | Missing
    ) -> Trace:
        """From the node of the target's own zone, where there is one: crossing zones is off by default."""
        if isinstance(backend, Missing):
            return _unresolved(flow, flow.destination, backend, Place.DESTINATION)
        zone = backend.station.subnet.availability_zone if backend.station.subnet is not None else None
        near = [each for each in nodes if each.subnet is not None and each.subnet.availability_zone == zone]
        preserved = backend.preserves_client_ip
        ways = [preserved] if isinstance(preserved, bool) else [True, False]
        traces = [self._to_target(flow, source, node, backend, way) for node in near or nodes for way in ways]
        worst = min(traces, key=_rank)
        if isinstance(preserved, bool) or all(each.verdict is worst.verdict for each in traces):
            return worst
        doubt = balancer.preservation_hop(backend, preserved)
        shown = max(traces, key=_rank)
        return msgspec.structs.replace(shown, verdict=UNKNOWN, forward=(doubt, *shown.forward))

    def _to_target(
        self, flow: Flow, source: Station, node: Station, backend: balancer.Backend, preserves: bool
    ) -> Trace:
        near = node
        if preserves:
            client = f"{source.spoken} (its address is preserved)"
            near = msgspec.structs.replace(node, address=source.address, spoken=client)
        walk = Walk(self.fabric, self.topology, near, backend.station, node.address.version)
        tracing = Tracing(walk, msgspec.structs.replace(flow, port=backend.port))
        leg = tracing.leg(Direction.FORWARD, near, backend.station)
        gates = [balancer.health_hop(backend)]
        if node.groups != frozenset():
            gates.append(group_hop(walk, leg, node, True, backend.station, Identity.KEPT))
        back = tracing.reply(backend.station, node, ANY_CLIENT)
        return tracing.concluded(walk.leave(leg).after(*gates), back)


def _rank(trace: Trace) -> int:
    return RANK[trace.verdict]


def _unresolved(flow: Flow, end: End, missing: Missing, place: Place) -> Trace:
    """A trace whose end the estate does not hold."""
    gate = Gate("network-interface", end.id, Direction.FORWARD, missing.operation, place)
    if missing.status == "no-address":
        mismatch = flow.source.kind is Kind.INSTANCE_CONNECT_ENDPOINT
        code = codes.ADV_EICE_IP_TYPE_MISMATCH if mismatch else codes.UNASSOCIATED_COMPONENT
        return Trace(flow, BLOCKED, (gate.stops(code, missing.says),))
    says = missing.says or f"{end.id} is not in what was read ({missing.operation}: {missing.status})"
    return Trace(flow, UNKNOWN, (gate.doubts(codes.NO_SOURCE_OR_DESTINATION, missing, says),))
