"""Trace flows: forward along the routes, back along the routes of the other side, every gate both ways."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Final

import msgspec

from advisor.model.addresses import NAT64, Address, Prefix, is_public, parse_address, parse_prefix
from advisor.model.estate import Estate, Scope
from advisor.model.evidence import Missing
from advisor.model.ports import ALL_PORTS, PortRange
from advisor.model.records.ec2 import Instance
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict, all_of
from advisor.network import balancer, codes, gateways, names
from advisor.network.classes import Classes
from advisor.network.costs import cost_of
from advisor.network.fabric import Fabric
from advisor.network.flow import End, Flow, Kind, Protocol
from advisor.network.gates import acl_hop, group_hop, state_hops
from advisor.network.groups import Identity
from advisor.network.leg import Arrival, Journey, Leg, Position, hop, lost
from advisor.network.repairs import AddRoute, DisableClientIpPreservation
from advisor.network.routes import Target
from advisor.network.stations import ANY_CLIENT, Station, Unresolvable, of_instance, station_of
from advisor.network.subject import Subject, somewhere
from advisor.network.topology import Topology
from advisor.network.trace import ASSUMES_LISTENER, Direction, Hop, Place, Trace
from advisor.network.walk import Walk

SOME_PUBLIC: Final = Address(4, 0)
"""Stands for a public address that exists but is not shown."""
_OLD_TYPES: Final = ("c1", "cg1", "cg2", "g1", "hi1", "m1", "m2", "m3", "t1")


class Network:
    """The network of an estate: asks it about flows.

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
        walk = Walk(self.fabric, self.topology, source, destination, version, target)
        tracing = _Tracing(walk, flow)
        if destination.kind is Kind.SERVICE:
            return tracing.to_service()
        return tracing.between(source, destination)

    def _by_balancer(self, flow: Flow, version: int, target: str | None) -> Trace:
        """By a network load balancer: to its own interface, and from there to each target.

        The client cannot choose its zone or target: the worst of each counts.
        """
        scope = self.estate.scope(flow.destination.account, flow.destination.region)
        found = balancer.find_balancer(scope, flow.destination.id)
        if isinstance(found, Missing):
            return _unresolved(flow, flow.destination, found, Place.DESTINATION)
        try:
            source = station_of(flow.source, self.estate, version, target)
        except Unresolvable as error:
            return _unresolved(flow, flow.source, error.missing, Place.SOURCE)
        gates, groups = balancer.listener_hops(scope, found, flow.port)
        if all_of(each.verdict for each in gates) is not READY:
            return Trace(flow, all_of(each.verdict for each in gates), tuple(gates))
        nodes = balancer.nodes_of(scope, found, version)
        if (found.scheme or "") == "internet-facing":
            # Its interfaces may not be described; the scheme says that they have public addresses.
            nodes = [msgspec.structs.replace(each, public=each.public or SOME_PUBLIC) for each in nodes]
        reached = [self._to_node(flow, source, node, version) for node in nodes]
        behind = [
            self._behind(flow, source, node, each, version)
            for node in nodes[:1]
            for each in balancer.backends(scope, groups, version)
        ]
        if not reached or not behind:
            name = found.load_balancer_name or found.load_balancer_arn
            return Trace(flow, BLOCKED, (*gates, balancer.no_targets_hop(name)))
        worst = min(reached, key=lambda each: _RANK[each.verdict])
        # Unhealthy targets get nothing, so one good target is enough.
        best = max(behind, key=lambda each: _RANK[each.verdict])
        return Trace(
            flow,
            worst.verdict & best.verdict,
            (*gates, *worst.forward, *best.forward),
            (*best.returning, *worst.returning),
            tuple(dict.fromkeys((*worst.assumptions, *best.assumptions, ASSUMES_LISTENER))),
            tuple(dict.fromkeys((*worst.notes, *best.notes))),
        )

    def _to_node(self, flow: Flow, source: Station, node: Station, version: int) -> Trace:
        walk = Walk(self.fabric, self.topology, source, node, version)
        return _Tracing(walk, flow).between(source, node)

    def _behind(
        self, flow: Flow, source: Station, node: Station, backend: balancer.Backend | Missing, version: int
    ) -> Trace:
        if isinstance(backend, Missing):
            return _unresolved(flow, flow.destination, backend, Place.DESTINATION)
        near = node
        if backend.preserves_client_ip:
            client = f"{source.spoken} (its address is preserved)"
            near = msgspec.structs.replace(node, address=source.address, spoken=client)
        inner = msgspec.structs.replace(flow, port=backend.port)
        walk = Walk(self.fabric, self.topology, near, backend.station, version)
        tracing = _Tracing(walk, inner)
        leg = Leg(
            Direction.FORWARD, flow.protocol, near, backend.station, PortRange(backend.port, backend.port)
        )
        journey = walk.leave(leg).after(balancer.health_hop(backend))
        back = tracing.replies(node, backend.station)
        verdict = journey.verdict & back.verdict
        return Trace(
            flow, verdict, journey.hops, back.hops, (*journey.assumptions, *back.assumptions), journey.notes
        )

    def _version(self, flow: Flow) -> int:
        """IPv6 where an end is an IPv6 address or has no IPv4 address at all; else IPv4."""
        if flow.ip_version is not None:
            return flow.ip_version
        for end in (flow.source, flow.destination):
            text = end.address or (end.id if end.kind in (Kind.ADDRESS, Kind.INTERNET) else "")
            literal = parse_address(text) or parse_prefix(text)
            if literal is not None:
                return literal.version
        for end in (flow.destination, flow.source):
            if end.kind is not Kind.INSTANCE:
                continue
            scope = self.estate.scope(end.account, end.region)
            instance = scope.instances.get(end.id)
            if instance is None:
                continue
            for version in (4, 6):
                try:
                    of_instance(scope, instance, version, end)
                except Unresolvable:
                    continue
                if version == 6 and _connects_by_v4_only(self.estate, flow):
                    return 4
                if version == 6:
                    return 6
                break
        return 4


def _connects_by_v4_only(estate: Estate, flow: Flow) -> bool:
    if flow.source.kind is not Kind.INSTANCE_CONNECT_ENDPOINT:
        return False
    scope = estate.scope(flow.source.account, flow.source.region)
    endpoint = scope.instance_connect_endpoints.get(flow.source.id)
    return endpoint is not None and (endpoint.ip_address_type or "ipv4").lower() == "ipv4"


class _Tracing:
    """One flow being traced."""

    def __init__(self, walk: Walk, flow: Flow) -> None:
        self.walk = walk
        self.flow = flow

    # --- between two stations ----------------------------------------------------------------------------

    def between(self, source: Station, destination: Station, gates: tuple[Hop, ...] = ()) -> Trace:
        """Trace from a station to another one, or to the outside."""
        if source.is_outside:
            forward, back = self._from_outside(source, destination)
        else:
            forward, back = self._from_inside(source, destination)
        hops = (*gates, *forward.hops)
        return self._trace(forward, back, hops)

    def _trace(self, forward: Journey, back: Journey | None, hops: tuple[Hop, ...]) -> Trace:
        verdict = forward.verdict & all_of(each.verdict for each in hops)
        returning = back.hops if back is not None else ()
        assumptions = [*forward.assumptions, *self.walk.assumptions]
        notes = list(forward.notes)
        if back is not None:
            verdict &= back.verdict
            assumptions += back.assumptions
            notes += back.notes
        if self.flow.destination.kind in (Kind.INSTANCE, Kind.INTERFACE):
            assumptions.append(ASSUMES_LISTENER)
        return Trace(
            self.flow,
            verdict,
            hops,
            returning,
            tuple(dict.fromkeys(assumptions)),
            tuple(dict.fromkeys(notes)),
        )

    def _ports(self) -> PortRange:
        flow = self.flow
        if flow.protocol is Protocol.ALL or (flow.protocol is Protocol.ICMP and flow.port < 0):
            return ALL_PORTS
        return PortRange(flow.port, flow.port)

    def _reply_ports(self, client: Station) -> PortRange:
        if self.flow.protocol is Protocol.ICMP:
            return PortRange(0, 0) if self.flow.port == 8 else ALL_PORTS
        if self.flow.protocol is Protocol.ALL:
            return ALL_PORTS
        return self.flow.ephemeral or client.ephemeral

    def _leg(self, direction: Direction, near: Station, goal: Station, ports: PortRange) -> Leg:
        return Leg(direction, self.flow.protocol, near, goal, ports)

    def _from_inside(self, source: Station, destination: Station) -> tuple[Journey, Journey | None]:
        seen = self._as_seen(source)
        before = list(state_hops(self.walk, source, Direction.FORWARD))
        before += self._connect_endpoint_limits(source, destination)
        reflected = self._owner_of(destination)
        leg = self._leg(Direction.FORWARD, seen, destination, self._ports())
        journey = self.walk.leave(leg)
        if reflected is not None and journey.arrived:
            return self._reflected(source, reflected, journey, before)
        if source.kind is not Kind.SUBNET and source.groups != frozenset():
            before.append(
                group_hop(
                    self.walk, leg, source, True, destination, self._identity_toward(journey, destination)
                )
            )
        forward = journey.after(*before)
        if not journey.arrived:
            return forward, None
        back = self._back(source, destination, journey)
        return forward, self._symmetric(forward, back)

    def _identity_toward(self, journey: Journey, destination: Station) -> Identity:
        """Whether an egress rule may refer to the destination's group: not across a translation."""
        if destination.is_outside:
            return Identity.LOST
        return journey.identity

    def _from_outside(self, source: Station, destination: Station) -> tuple[Journey, Journey | None]:
        if destination.is_outside:
            says = f"neither {source.spoken} nor {destination.spoken} is in a VPC that was read"
            missing = Missing("ec2:DescribeNetworkInterfaces", "absent", None, destination.id, says)
            gate = lost(
                "internet", source.id, Direction.FORWARD, missing, codes.NO_SOURCE_OR_DESTINATION, says
            )
            return Journey((gate,)), None
        back = self.walk.leave(self._leg(Direction.RETURN, destination, source, self._reply_ports(source)))
        leg = self._leg(Direction.FORWARD, source, destination, self._ports())
        if source.kind is Kind.ADDRESS:
            return self._from_own_network(leg, back), back
        forward = gateways.enter_by_internet_gateway(self.walk, leg)
        if back.arrived and (back.turns or (forward.exit and back.exit not in (forward.exit, None))):
            by = back.turns[0].id if back.turns else back.exit
            if not any(each.code == codes.ADV_EIGW_NO_INBOUND for each in back.hops):
                says = f"the connection comes in by {forward.exit}, but replies leave by {by}"
                gate = hop(
                    "route-table",
                    destination.subnet.subnet_id if destination.subnet is not None else destination.id,
                    Direction.RETURN,
                    BLOCKED,
                    says,
                    code=codes.ADV_RETURN_PATH_ASYMMETRIC,
                    operation="ec2:DescribeRouteTables",
                )
                back = msgspec.structs.replace(back, hops=(*back.hops, gate))
            return forward, back
        return forward, self._symmetric(forward, back)

    def _from_own_network(self, leg: Leg, back: Journey) -> Journey:
        """From a network of one's own: in by the gateway by which the replies leave (V1)."""
        goal = leg.goal
        entry = next((each for each in back.hops if each.kind == "vpn-gateway"), None)
        hops: list[Hop] = []
        if entry is not None:
            hops.append(msgspec.structs.replace(entry, direction=Direction.FORWARD))
        kind = goal.interface.interface_type if goal.interface is not None else None
        if kind in {"nat_gateway", "natGateway"} or goal.kind is Kind.NAT:
            says = f"{goal.spoken} belongs to a NAT gateway, which serves no traffic from a VPN or Direct Connect"
            hops.append(
                hop(
                    "vpn-gateway",
                    back.exit or goal.id,
                    Direction.FORWARD,
                    BLOCKED,
                    says,
                    code=codes.VGW_PRIVATE_IP_INGRESS,
                    operation="ec2:DescribeNetworkInterfaces",
                )
            )
        if not back.arrived and entry is None:
            says = f"how {leg.near.spoken} reaches {goal.vpc} is not known: {goal.spoken} has no route back to it"
            missing = Missing("ec2:DescribeRouteTables", "absent", None, leg.near.id, says)
            hops.append(
                lost("vpn-gateway", goal.vpc or "", Direction.FORWARD, missing, codes.UNKNOWN_RESOURCE, says)
            )
        onward = msgspec.structs.replace(leg, identity=Identity.LOST, arrival=Arrival.VPN)
        return self.walk.arrive(onward).after(*hops)

    # --- the way back ------------------------------------------------------------------------------------

    def _back(self, source: Station, destination: Station, forward: Journey) -> Journey:
        """The replies: from the far end to the last translation, and from each one to the one before."""
        chain = [source, *forward.turns]
        replies = self._reply_ports(source) if not forward.turns else ANY_CLIENT
        journeys: list[Journey] = []
        near: Station = destination
        if destination.is_outside:
            journeys.append(self._back_in(destination, chain[-1], forward, replies))
            near = chain.pop()
        while chain:
            goal = chain.pop()
            ports = self._reply_ports(source) if goal is source else ANY_CLIENT
            if near is goal:
                continue
            journeys.append(self._reply(near, goal, ports))
            near = goal
        hops = tuple(each for journey in journeys for each in journey.hops)
        return Journey(
            hops,
            all(journey.arrived for journey in journeys),
            via=tuple(each for journey in journeys for each in journey.via),
            assumptions=tuple(each for journey in journeys for each in journey.assumptions),
        )

    def replies(self, client: Station, server: Station) -> Journey:
        """The replies of a server to a client inside the estate."""
        return self._reply(server, client, ANY_CLIENT)

    def _reply(self, near: Station, goal: Station, ports: PortRange) -> Journey:
        leg = self._leg(Direction.RETURN, near, goal, ports)
        preserved = goal.connect_endpoint is not None and goal.connect_endpoint.preserve_client_ip
        if preserved and goal.kind is Kind.INSTANCE_CONNECT_ENDPOINT:
            return self._reply_to_preserved(leg, goal)
        if near.subnet is None:  # a regional NAT gateway: it stands in no subnet
            return self.walk.arrive(leg)
        return self.walk.leave(leg)

    def _reply_to_preserved(self, leg: Leg, goal: Station) -> Journey:
        """Replies to a preserved client address go back by the endpoint, whatever the routes say (B4)."""
        near = leg.near
        if near.shares_subnet(goal) or near.subnet is None or goal.subnet is None:
            return Journey(arrived=True)
        assert near.scope is not None and goal.scope is not None
        client = self._as_seen(goal)
        out = Position(near.scope, near.vpc or "", near.subnet, near.subnet.availability_zone)
        into = Position(goal.scope, goal.vpc or "", goal.subnet, goal.subnet.availability_zone)
        return Journey(
            (acl_hop(self.walk, leg, out, True, client), acl_hop(self.walk, leg, into, False, near)), True
        )

    def _back_in(self, outside: Station, goal: Station, forward: Journey, ports: PortRange) -> Journey:
        """Replies from outside: in by the gateway by which the connection left, which keeps its state."""
        leg = self._leg(Direction.RETURN, outside, goal, ports)
        if goal.subnet is None:
            return Journey(arrived=True)
        exit_ = forward.exit or ""
        if exit_.startswith("igw-"):
            return gateways.enter_by_internet_gateway(self.walk, leg)
        if exit_.startswith("vpce-"):
            return self._back_from_gateway_endpoint(leg, goal, exit_)
        return self.walk.arrive(leg)

    def _back_from_gateway_endpoint(self, leg: Leg, goal: Station, endpoint: str) -> Journey:
        """Replies of a gateway endpoint come from the service's public addresses (A6)."""
        assert goal.scope is not None and goal.subnet is not None
        subjects: tuple[Subject, ...] = (leg.near.address,)
        record = goal.scope.vpc_endpoints.get(endpoint)
        service = (record.service_name or "") if record is not None else ""
        blocks = self._service_blocks(goal.scope, service)
        if blocks:
            subjects = blocks
        at = Position(goal.scope, goal.vpc or "", goal.subnet, goal.subnet.availability_zone)
        hops = [acl_hop(self.walk, leg, at, False, leg.near, subject) for subject in subjects]
        worst = min(hops, key=lambda each: [BLOCKED, UNKNOWN, READY].index(each.verdict))
        return Journey((worst,), True)

    def _service_blocks(self, scope: Scope, service: str) -> tuple[Prefix, ...]:
        for listed in scope.prefix_lists.values():
            if listed.prefix_list_name == service:
                found = self.walk.fabric.prefixes_of(scope, listed.prefix_list_id)
                return () if isinstance(found, Missing) else found
        for managed in scope.managed_prefix_lists.values():
            if managed.prefix_list_name == service:
                found = self.walk.fabric.prefixes_of(scope, managed.prefix_list_id)
                return () if isinstance(found, Missing) else found
        return ()

    def _symmetric(self, forward: Journey, back: Journey) -> Journey:
        """Stateful middleboxes need both directions (M1)."""
        # An interface that forwards may well be stateless; what it does is unknown already.
        one = {each for each in forward.via if each.startswith("vpce-")}
        two = {each for each in back.via if each.startswith("vpce-")}
        if one == two or not back.arrived:
            return back
        names_ = ", ".join(sorted(one ^ two))
        says = f"{names_} sees only one direction of the connection: replies take another way"
        gate = hop(
            "middlebox",
            names_,
            Direction.RETURN,
            BLOCKED,
            says,
            code=codes.ADV_RETURN_PATH_ASYMMETRIC,
            operation="ec2:DescribeRouteTables",
        )
        return msgspec.structs.replace(back, hops=(*back.hops, gate))

    # --- special ends ------------------------------------------------------------------------------------

    def _as_seen(self, source: Station) -> Station:
        """The source as others see it: the client's own address where an endpoint preserves it (B4)."""
        endpoint = source.connect_endpoint
        if endpoint is None or not endpoint.preserve_client_ip:
            return source
        return msgspec.structs.replace(
            source,
            address=somewhere(self.walk.version),
            spoken=f"the client's own address ({source.id} preserves it)",
        )

    def _connect_endpoint_limits(self, source: Station, destination: Station) -> Iterable[Hop]:
        endpoint = source.connect_endpoint
        if endpoint is None:
            return
        identity = endpoint.instance_connect_endpoint_id
        operation = "ec2:DescribeInstanceConnectEndpoints"
        assert source.scope is not None
        repair = DisableClientIpPreservation(identity, source.scope.account, source.scope.region)
        kind = (endpoint.ip_address_type or "ipv4").lower()
        if kind not in {f"ipv{self.walk.version}", "dualstack"}:
            says = f"{identity} is {kind}, and {destination.spoken} is reached by IPv{self.walk.version}"
            yield hop(
                "instance-connect-endpoint",
                identity,
                Direction.FORWARD,
                BLOCKED,
                says,
                place=Place.SOURCE,
                rule=f"IpAddressType {kind}",
                code=codes.ADV_EICE_IP_TYPE_MISMATCH,
                operation=operation,
                field="IpAddressType",
            )
        if not endpoint.preserve_client_ip:
            return
        if source.place != destination.place:
            says = f"{identity} preserves the client's address, which works inside its own VPC only"
            yield hop(
                "instance-connect-endpoint",
                identity,
                Direction.FORWARD,
                BLOCKED,
                says,
                place=Place.SOURCE,
                rule="PreserveClientIp true",
                code=codes.ADV_EICE_CLIENT_IP_TGW,
                operation=operation,
                field="PreserveClientIp",
                repairs=(repair,),
            )
        instance_type = (destination.instance.instance_type or "") if destination.instance is not None else ""
        if instance_type.split(".")[0].lower() in _OLD_TYPES:
            says = f"{identity} preserves the client's address, which {instance_type} does not support"
            yield hop(
                "instance-connect-endpoint",
                identity,
                Direction.FORWARD,
                BLOCKED,
                says,
                place=Place.SOURCE,
                rule="PreserveClientIp true",
                code=codes.ADV_EICE_CLIENT_IP_INSTANCE_TYPE,
                operation=operation,
                field="PreserveClientIp",
                repairs=(repair,),
            )

    def _owner_of(self, destination: Station) -> Station | None:
        """The station behind a public address, where the address is one of this estate's own interfaces."""
        if destination.kind is not Kind.INTERNET or isinstance(destination.address, Prefix):
            return None
        if not is_public(destination.address):
            return None
        text = str(destination.address)
        for scope in self.walk.fabric.estate.regional:
            for interface in scope.interfaces.values():
                held = {
                    each.association.public_ip for each in interface.private_ip_addresses if each.association
                }
                if interface.association is not None:
                    held.add(interface.association.public_ip)
                if text in held:
                    end = End(Kind.INTERFACE, interface.network_interface_id, scope.account, scope.region)
                    try:
                        return station_of(end, self.walk.fabric.estate, self.walk.version)
                    except Unresolvable:
                        return None
        return None

    def _reflected(
        self, source: Station, goal: Station, out: Journey, before: list[Hop]
    ) -> tuple[Journey, Journey | None]:
        """Out by an internet gateway and in again, to an interface of one's own (IGW_NAT_REFLECTION)."""
        last = out.turns[-1] if out.turns else source
        public = msgspec.structs.replace(
            last, address=last.public or last.address, groups=frozenset(), vpc=None, subnet=None
        )
        leg = self._leg(Direction.FORWARD, public, goal, self._ports())
        inward = gateways.enter_by_internet_gateway(self.walk, leg)
        if source.groups != frozenset():
            first = self._leg(Direction.FORWARD, source, self.walk.destination, self._ports())
            before.append(group_hop(self.walk, first, source, True, self.walk.destination, Identity.LOST))
        outside = Station(Kind.INTERNET, str(public.address), str(public.address), public.address)
        back = self.walk.leave(self._leg(Direction.RETURN, goal, outside, ANY_CLIENT))
        home = self._back(source, self.walk.destination, out)
        forward = msgspec.structs.replace(inward, hops=(*before, *out.hops, *inward.hops))
        return forward, msgspec.structs.replace(home, hops=(*back.hops, *home.hops))

    # --- services ----------------------------------------------------------------------------------------

    def to_service(self) -> Trace:
        """Trace to an AWS service: by the endpoint or the public addresses that its name leads to."""
        source, service = self.walk.source, self.flow.destination.id
        if source.scope is None or source.vpc is None:
            says = f"{source.spoken} is in no VPC that was read"
            missing = Missing("ec2:DescribeVpcs", "absent", None, source.id, says)
            gate = lost("internet", source.id, Direction.FORWARD, missing, codes.UNKNOWN_DESTINATION, says)
            return Trace(self.flow, UNKNOWN, (gate,))
        if service in {"s3", "dynamodb"}:
            by_gateway = self._by_gateway_endpoint(source, service)
            if by_gateway is not None:
                return by_gateway
        resolution = names.resolve(self.walk, source, service)
        now = [self._by_answer(source, answer) for answer in resolution.now]
        if resolution.doubt is not None:
            return self._doubtful(resolution, now)
        # The client cannot choose between several answers: the worst of them counts.
        actual = min(now, key=lambda each: _RANK[each.verdict])
        if actual.verdict is READY:
            return actual
        return self._cheapest(source, service, resolution, actual)

    def _doubtful(self, resolution: names.Resolution, now: list[Trace]) -> Trace:
        """What the name leads to is not certain: only where every answer fares alike is the verdict sure."""
        assert resolution.doubt is not None
        # Other name servers may well lead to what ours do not: what stops a name here is lifted for them.
        lifted = (
            msgspec.structs.replace(each, hops=tuple(hop_ for hop_ in each.hops if hop_.kind != "dns"))
            for each in resolution.wishes
        )
        every = [*now, *(self._by_answer(self.walk.source, each) for each in lifted)]
        gate = names.doubt_hop(self.walk.source.vpc or "", resolution.doubt)
        worst = min(every, key=lambda each: _RANK[each.verdict])
        seen = self._endpoints_are_known() and not self._leads_elsewhere()
        if seen and all(each.verdict is BLOCKED for each in every):
            return worst
        shown = max(now, key=lambda each: _RANK[each.verdict])
        rest = tuple(each for each in shown.forward if each.kind != "dns")
        return msgspec.structs.replace(shown, verdict=UNKNOWN, forward=(gate, *rest))

    def _endpoints_are_known(self) -> bool:
        """Whether no endpoint can stand unseen in the source's own VPC."""
        scope = self.walk.source.scope
        return scope is not None and scope.vpc_endpoints.complete

    def _leads_elsewhere(self) -> bool:
        """Whether the source's routes lead to networks in which an endpoint could stand unseen."""
        source = self.walk.source
        assert source.scope is not None and source.subnet is not None
        found = self.walk.fabric.effective_table(source.scope, source.subnet)
        if isinstance(found, Missing):
            return True
        elsewhere = {Target.PEERING, Target.TRANSIT_GATEWAY, Target.VPN_GATEWAY, Target.UNMODELLED}
        return any(
            each.target in elsewhere for each in self.walk.fabric.compiled(source.scope, found).entries
        )

    def _cheapest(self, source: Station, service: str, resolution: names.Resolution, actual: Trace) -> Trace:
        """Of the ways that repairs could open, the cheapest complete one: its blockers are what to change."""
        if actual.verdict is UNKNOWN:
            return actual
        wishes = [self._by_answer(source, answer) for answer in resolution.wishes]
        on_path = next((each for each in actual.blockers if each.kind == "route-table"), None)
        isolated = (
            on_path is not None
            and on_path.code == codes.NO_ROUTE_TO_DESTINATION
            and on_path.place is Place.SOURCE
            and not any(isinstance(each, AddRoute) for each in on_path.repairs)
        )
        uses_endpoint = resolution.now[0].endpoint is not None
        if wishes and not uses_endpoint:
            best = min(wishes, key=lambda each: cost_of(each.hops))
            if isolated or cost_of(best.hops) <= cost_of(actual.hops):
                return best
        if isolated and not uses_endpoint:
            gate = names.missing_endpoint_hop(self.walk, source, service, on_path)
            kept = tuple(each for each in actual.forward if each is not on_path)
            return msgspec.structs.replace(actual, forward=(*kept, gate))
        return actual

    def _by_answer(self, source: Station, answer: names.Answer) -> Trace:
        if answer.endpoint is None:
            return self.between(source, self._public(source), answer.hops)
        if not answer.stations:
            verdict = all_of(each.verdict for each in answer.hops)
            return Trace(self.flow, verdict & UNKNOWN, answer.hops)
        traces = []
        for station in answer.stations:
            self.walk.destination = station
            traces.append(self.between(source, station, answer.hops))
        worst = min(traces, key=lambda each: _RANK[each.verdict])
        if worst.verdict is BLOCKED and any(each.verdict is READY for each in traces):
            note = (
                f"partial: {answer.endpoint.vpc_endpoint_id} is reached by some of its interfaces and not by "
                "others, and a client cannot choose"
            )
            return msgspec.structs.replace(worst, notes=(*worst.notes, note))
        return worst

    def _public(self, source: Station) -> Station:
        """AWS's public endpoint as the source sees it: by DNS64 for an IPv6-only source (R14)."""
        goal = Station(
            Kind.SERVICE,
            self.flow.destination.id,
            f"AWS's public {self.flow.destination.id} endpoint",
            somewhere(self.walk.version),
        )
        if self.walk.version == 6 and source.subnet is not None and source.subnet.enable_dns64:
            goal = msgspec.structs.replace(goal, address=NAT64)
            self.walk.assume(
                "The service's name has no IPv6 address of its own, so that DNS64 answers for it."
            )
        self.walk.destination = goal
        return goal

    def _by_gateway_endpoint(self, source: Station, service: str) -> Trace | None:
        """A gateway endpoint in the source's route table takes the service's prefix list (R9)."""
        assert source.scope is not None and source.subnet is not None
        found = self.walk.fabric.effective_table(source.scope, source.subnet)
        if isinstance(found, Missing):
            return None
        table = self.walk.fabric.compiled(source.scope, found)
        for entry in table.entries:
            endpoint = source.scope.vpc_endpoints.get(entry.target_id)
            if endpoint is None or not entry.holds_public_only:
                continue
            if (endpoint.service_name or "").rsplit(".", 1)[-1] != service:
                continue
            goal = self._public(source)
            if entry.prefix is not None:
                goal = msgspec.structs.replace(goal, address=entry.prefix)
            self.walk.destination = goal
            return self._through_gateway_endpoint(source, goal, table.id, str(entry), entry.target_id)
        return None

    def _through_gateway_endpoint(
        self, source: Station, goal: Station, table: str, rule: str, endpoint: str
    ) -> Trace:
        assert source.scope is not None and source.subnet is not None and source.vpc is not None
        leg = self._leg(Direction.FORWARD, source, goal, self._ports())
        at = Position(source.scope, source.vpc, source.subnet, source.subnet.availability_zone)
        hops = list(state_hops(self.walk, source, Direction.FORWARD))
        hops.append(self._egress_to_prefix_list(leg, source, goal))
        hops.append(acl_hop(self.walk, leg, at, True, goal))
        hops.append(
            hop(
                "route-table",
                table,
                Direction.FORWARD,
                READY,
                f"{table} sends {goal.spoken} by {rule}",
                place=Place.SOURCE,
                rule=rule,
                operation="ec2:DescribeRouteTables",
                field="Routes",
            )
        )
        record = source.scope.vpc_endpoints[endpoint]
        state = (record.state or "available").lower()
        hops.append(
            hop(
                "vpc-endpoint",
                endpoint,
                Direction.FORWARD,
                READY if state == "available" else BLOCKED,
                f"{endpoint} ({record.service_name}) is {state}",
                rule=f"State {state}",
                code=None if state == "available" else codes.BAD_STATE,
                operation="ec2:DescribeVpcEndpoints",
                field="State",
            )
        )
        forward = Journey(tuple(hops), True, Identity.LOST, exit=endpoint)
        back = self._back_from_gateway_endpoint(
            self._leg(Direction.RETURN, goal, source, self._reply_ports(source)), source, endpoint
        )
        return self._trace(forward, back, forward.hops)

    def _egress_to_prefix_list(self, leg: Leg, source: Station, goal: Station) -> Hop:
        return group_hop(self.walk, leg, source, True, goal, Identity.LOST)


_RANK: Final[dict[Verdict, int]] = {BLOCKED: 0, UNKNOWN: 1, READY: 2}


def _unresolved(flow: Flow, end: End, missing: Missing, place: Place) -> Trace:
    """A trace whose end the estate does not hold."""
    if missing.status == "no-address":
        mismatch = flow.source.kind is Kind.INSTANCE_CONNECT_ENDPOINT
        code = codes.ADV_EICE_IP_TYPE_MISMATCH if mismatch else codes.UNASSOCIATED_COMPONENT
        gate = hop(
            "network-interface",
            end.id,
            Direction.FORWARD,
            BLOCKED,
            missing.says,
            place=place,
            code=code,
            operation=missing.operation,
        )
        return Trace(flow, BLOCKED, (gate,))
    says = missing.says or f"{end.id} is not in what was read ({missing.operation}: {missing.status})"
    gate = lost(
        "network-interface", end.id, Direction.FORWARD, missing, codes.NO_SOURCE_OR_DESTINATION, says, place
    )
    return Trace(flow, UNKNOWN, (gate,))
