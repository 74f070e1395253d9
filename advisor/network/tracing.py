"""One flow between two stations, traced: forward along the routes, back along those of the other side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from advisor.model.addresses import Prefix, is_public, parse_address, parse_prefix
from advisor.model.evidence import Missing
from advisor.model.ports import ALL_PORTS, PortRange, one_port
from advisor.model.scope import Scope
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.network import amazon, codes, internet, nat, own_network, transit
from advisor.network.flow import End, Flow, Kind, Protocol
from advisor.network.gates import acl_hop, group_hop, state_hops
from advisor.network.groups import Identity
from advisor.network.leg import Arrival, Gate, Journey, Leg, Position
from advisor.network.repairs import DisableClientIpPreservation
from advisor.network.stations import ANY_CLIENT, Station, Unresolvable, station_of
from advisor.network.subject import Subject, somewhere
from advisor.network.trace import ASSUMES_LISTENER, Direction, Hop, Place, Trace
from advisor.network.walk import Walk

_OLD_TYPES: Final = ("c1", "cg1", "cg2", "g1", "hi1", "m1", "m2", "m3", "t1")
"""Instance families that take no preserved client address (EC2 User Guide: EC2 Instance Connect Endpoint)."""
_REPLIES: Final = {8: 0, 13: 14, 15: 16, 17: 18, 128: 129}
"""ICMP types that ask, and the types that answer them."""
_WITH_LISTENER: Final = (Kind.INSTANCE, Kind.INTERFACE, Kind.ADDRESS, Kind.SUBNET)
"""Destinations that listen or do not as their owner likes."""
_TUNNELLED_PORTS: Final = (22, 3389)
"""Ports that AWS has named for EC2 Instance Connect Endpoints; of others its guide no longer speaks."""
_INTERFACES: Final = "ec2:DescribeNetworkInterfaces"
RANK: Final = {BLOCKED: 0, UNKNOWN: 1, READY: 2}


class Tracing:
    """One flow being traced on one walk."""

    def __init__(self, walk: Walk, flow: Flow) -> None:
        self.walk = walk
        self.flow = flow

    def between(self, source: Station, destination: Station, gates: tuple[Hop, ...] = ()) -> Trace:
        """Trace from a station to another one or to the outside; `gates` stand before the first hop."""
        for end in (source, destination):
            if end.kind is Kind.SUBNET:
                self.walk.assume(f"The security groups of what stands in {end.id} admit the traffic.")
        forward: Journey
        back: Journey | None
        if source.is_outside:
            forward, back = self._from_outside(source, destination)
        elif (inside := self._without_network(source, destination)) is not None:
            forward, back = inside, None
        else:
            forward, back = self._from_inside(source, destination)
        return self.concluded(forward.after(*gates), back)

    def concluded(self, forward: Journey, back: Journey | None) -> Trace:
        """What both directions say together."""
        verdict = forward.verdict if back is None else forward.verdict & back.verdict
        both = (forward,) if back is None else (forward, back)
        assumptions = [each for journey in both for each in journey.assumptions]
        assumptions += self.walk.assumptions
        if self.flow.destination.kind in _WITH_LISTENER:
            assumptions.append(ASSUMES_LISTENER)
        return Trace(
            self.flow,
            verdict,
            forward.hops,
            back.hops if back is not None else (),
            tuple(dict.fromkeys(assumptions)),
            tuple(dict.fromkeys(each for journey in both for each in journey.notes)),
        )

    def leg(self, direction: Direction, near: Station, goal: Station, ports: PortRange | None = None) -> Leg:
        """A leg of this flow; without `ports`, to the flow's own port."""
        return Leg(direction, self.flow.protocol, near, goal, ports or self._ports())

    def _ports(self) -> PortRange:
        flow = self.flow
        if flow.protocol is Protocol.ALL or (flow.protocol is Protocol.ICMP and flow.port < 0):
            return ALL_PORTS
        return PortRange(flow.port, flow.port)

    def reply_ports(self, client: Station) -> PortRange:
        """The ports to which replies go: the client's whole ephemeral range (A4)."""
        if self.flow.protocol is Protocol.ICMP:
            reply = _REPLIES.get(self.flow.port)
            return ALL_PORTS if reply is None else one_port(reply)
        if self.flow.protocol is Protocol.ALL:
            return ALL_PORTS
        return self.flow.ephemeral or client.ephemeral

    # --- what never reaches the network -------------------------------------------------------------------

    def _without_network(self, source: Station, destination: Station) -> Journey | None:
        """An instance that speaks to itself, or to an address that is AWS's own: nothing filters either."""
        own = amazon.amazons_hop(self.walk, self.flow, source, destination)
        if own is None and _is_one_instance(source, destination):
            spoken = self.walk.spell(str(source.instance and source.instance.instance_id))
            gate = Gate("instance", spoken, Direction.FORWARD, "ec2:DescribeInstances", Place.SOURCE)
            own = gate.passes(f"{spoken} speaks to itself: the packet does not leave it", "same instance")
        if own is None:
            return None
        return Journey((*state_hops(self.walk, source, Direction.FORWARD), own), True)

    # --- from inside a VPC -------------------------------------------------------------------------------

    def _from_inside(self, source: Station, destination: Station) -> tuple[Journey, Journey | None]:
        leg = self.leg(
            Direction.FORWARD, as_seen(source, self.walk.version, self.flow.source.address), destination
        )
        journey = self.walk.leave(leg)
        before = list(state_hops(self.walk, source, Direction.FORWARD))
        before += self._connect_endpoint_limits(source, destination)
        own = self._owner_of(destination)
        if own is not None and journey.arrived:
            return self._reflected(source, own, journey, before)
        before += self._source_limits(source)
        if source.kind is not Kind.SUBNET and source.groups != frozenset():
            # An egress rule may refer to the destination's group only where identity survives the way.
            identity = Identity.LOST if destination.is_outside else journey.identity
            before.append(group_hop(self.walk, leg, source, True, destination, identity))
        forward = journey.after(*before)
        if not journey.arrived:
            return forward, None
        return forward, self._symmetric(forward, self._back(source, destination, journey))

    def _source_limits(self, source: Station) -> Iterable[Hop]:
        """Interfaces that open no connections, and those whose system decides whether it uses them (G2)."""
        gate = Gate("network-interface", source.id, Direction.FORWARD, _INTERFACES, Place.SOURCE)
        kind = source.interface.interface_type if source.interface is not None else None
        if source.endpoint is not None or kind == "vpc_endpoint":
            says = f"{source.spoken} is a VPC endpoint's, which opens no connections"
            yield gate.stops(codes.VPCE_INTRA_VPC_TRAFFIC, says, "VPC endpoint")
        if source.is_secondary:
            says = (
                f"{source.spoken} is on a secondary interface; whether packets leave by it, the operating "
                "system's routes decide"
            )
            yield gate.cannot_tell(codes.ADV_MULTI_ENI_ASYMMETRY, says)
        elif source.is_extra_address:
            self.walk.assume(f"The operating system of {source.spoken} has set this secondary address up.")

    def _back(self, source: Station, destination: Station, forward: Journey) -> Journey:
        """The replies: from the far end to the last translation, and from each one to the one before."""
        chain = [source, *forward.turns]
        journeys: list[Journey] = []
        near, far = destination, destination
        if destination.is_outside:
            near = chain.pop()
            ports = self.reply_ports(source) if near is source else ANY_CLIENT
            journeys.append(self._back_in(nat.outside_of(near, destination), near, forward, ports))
        while chain:
            goal = chain.pop()
            ports = self.reply_ports(source) if goal is source else ANY_CLIENT
            # The tempting wrong source: a NAT gateway changes the reply's destination back and leaves its
            # source alone, so that ACLs on this side of it see the far end's address, not the gateway's (A6).
            sender = near
            if near is not destination:
                sender = msgspec.structs.replace(near, address=far.address, spoken=far.spoken)
            journeys.append(self.reply(sender, goal, ports))
            near = goal
        return Journey(
            hops=tuple(each for journey in journeys for each in journey.hops),
            arrived=all(journey.arrived for journey in journeys),
            via=tuple(each for journey in journeys for each in journey.via),
            assumptions=tuple(each for journey in journeys for each in journey.assumptions),
        )

    def reply(self, near: Station, goal: Station, ports: PortRange) -> Journey:
        """Replies from one station to another."""
        leg = self.leg(Direction.RETURN, near, goal, ports)
        if goal.connect_endpoint is not None and goal.connect_endpoint.preserve_client_ip:
            return self._reply_to_preserved(leg, goal)
        if near.subnet is None:  # a regional NAT gateway: it stands in no subnet
            return self.walk.arrive(leg)
        return self.walk.leave(leg)

    def _reply_to_preserved(self, leg: Leg, goal: Station) -> Journey:
        """Replies to a preserved client address go back by the endpoint, whatever the routes say (B4)."""
        near = leg.near
        if near.shares_subnet(goal) or near.subnet is None or goal.subnet is None:
            return Journey(arrived=True)
        client = as_seen(goal, self.walk.version, self.flow.source.address)
        hops = (
            acl_hop(self.walk, leg, _position(near), True, client),
            acl_hop(self.walk, leg, _position(goal), False, near),
        )
        return Journey(hops, True)

    def _back_in(self, outside: Station, goal: Station, forward: Journey, ports: PortRange) -> Journey:
        """Replies from outside: in by the gateway by which the connection left, which keeps its state."""
        leg = self.leg(Direction.RETURN, outside, goal, ports)
        if goal.subnet is None:
            return Journey(arrived=True)
        exit_ = forward.exit or ""
        if exit_.startswith("igw-"):
            return internet.enter_by_internet_gateway(self.walk, leg)
        if exit_.startswith("vpce-"):
            return self.from_gateway_endpoint(leg, exit_)
        if exit_.startswith("tgw-attach-"):
            return transit.from_own_network(self.walk, leg, exit_)
        if exit_.startswith("vgw-"):
            return own_network.enter_by_vpn_gateway(self.walk, leg, exit_)
        return self.walk.arrive(leg)

    def from_gateway_endpoint(self, leg: Leg, endpoint: str) -> Journey:
        """Replies of a gateway endpoint come from the service's public addresses (A6)."""
        goal = leg.goal
        assert goal.scope is not None
        record = self.walk.fabric.home(goal.scope, goal.vpc).vpc_endpoints.get(endpoint)
        blocks = self._service_blocks(goal.scope, (record.service_name or "") if record is not None else "")
        subjects: tuple[Subject, ...] = blocks or (leg.source,)
        hops = [acl_hop(self.walk, leg, _position(goal), False, leg.near, each) for each in subjects]
        return Journey((min(hops, key=lambda each: RANK[each.verdict]),), True)

    def _service_blocks(self, scope: Scope, service: str) -> tuple[Prefix, ...]:
        """The blocks of AWS's prefix list of a service, where it can be read."""
        listed = {each.prefix_list_id: each.prefix_list_name for each in scope.prefix_lists.values()}
        listed |= {each.prefix_list_id: each.prefix_list_name for each in scope.managed_prefix_lists.values()}
        for identity, name in listed.items():
            if name == service:
                found = self.walk.fabric.prefixes_of(scope, identity)
                return () if isinstance(found, Missing) else found
        return ()

    def _symmetric(self, forward: Journey, back: Journey) -> Journey:
        """Stateful middleboxes need both directions (M1)."""
        # An interface that forwards may well be stateless; what it does is unknown already.
        one = {each for each in forward.via if each.startswith("vpce-")}
        two = {each for each in back.via if each.startswith("vpce-")}
        if one == two or not back.arrived:
            return back
        names = ", ".join(sorted(one ^ two))
        says = f"{names} sees only one direction of the connection: replies take another way"
        gate = Gate("middlebox", names, Direction.RETURN, "ec2:DescribeRouteTables")
        asymmetric = gate.stops(codes.ADV_RETURN_PATH_ASYMMETRIC, says)
        return msgspec.structs.replace(back, hops=(*back.hops, asymmetric))

    # --- from outside ------------------------------------------------------------------------------------

    def _from_outside(self, source: Station, destination: Station) -> tuple[Journey, Journey | None]:
        own = self._owner_of(destination)
        if own is not None:
            self.walk.destination = destination = own
            self.walk.assume(ASSUMES_LISTENER)
        if destination.is_outside:
            says = f"neither {source.spoken} nor {destination.spoken} is in a VPC that was read"
            missing = Missing("ec2:DescribeNetworkInterfaces", "absent", None, destination.id, says)
            gate = Gate("internet", source.id, Direction.FORWARD, missing.operation)
            return Journey((gate.doubts(codes.NO_SOURCE_OR_DESTINATION, missing),)), None
        back = self.walk.leave(self.leg(Direction.RETURN, destination, source, self.reply_ports(source)))
        leg = self.leg(Direction.FORWARD, source, destination)
        if source.kind is Kind.ADDRESS:
            forward = self._from_own_network(leg, back)
            return forward, self._symmetric(forward, back)
        forward = internet.enter_by_internet_gateway(self.walk, leg)
        by = back.turns[0].id if back.turns else back.exit
        stateless_exit = any(each.code == codes.ADV_EIGW_NO_INBOUND for each in back.hops)
        if back.arrived and by not in (forward.exit, None) and forward.exit and not stateless_exit:
            where = destination.subnet.subnet_id if destination.subnet is not None else destination.id
            says = f"the connection comes in by {forward.exit}, but replies leave by {by}"
            gate = Gate("route-table", where, Direction.RETURN, "ec2:DescribeRouteTables")
            asymmetric = gate.stops(codes.ADV_RETURN_PATH_ASYMMETRIC, says)
            return forward, msgspec.structs.replace(back, hops=(*back.hops, asymmetric))
        return forward, self._symmetric(forward, back)

    def _from_own_network(self, leg: Leg, back: Journey) -> Journey:
        """From a network of one's own: in by the gateway by which the replies leave (V1)."""
        goal = leg.goal
        entry = next((each for each in back.hops if each.kind == "vpn-gateway"), None)
        hops: list[Hop] = []
        if entry is not None:
            hops.append(msgspec.structs.replace(entry, direction=Direction.FORWARD))
        if not back.arrived and entry is None:
            says = f"how {leg.near.spoken} reaches {goal.vpc} is not known: no route leads back to it"
            missing = Missing("ec2:DescribeRouteTables", "absent", None, leg.near.id, says)
            gate = leg.gate("vpn-gateway", goal.vpc or "", missing.operation)
            hops.append(gate.doubts(codes.UNKNOWN_RESOURCE, missing))
        onward = msgspec.structs.replace(leg, identity=Identity.LOST, arrival=Arrival.VPN)
        if (back.exit or "").startswith("tgw-attach-"):
            return transit.from_own_network(self.walk, onward, str(back.exit)).after(*hops)
        return own_network.enter_by_vpn_gateway(self.walk, onward, back.exit or "").after(*hops)

    # --- an address of one's own, from outside ------------------------------------------------------------

    def _owner_of(self, destination: Station) -> Station | None:
        """The station behind a public address, where the address is one of this estate's own interfaces."""
        if destination.kind is not Kind.INTERNET or isinstance(destination.address, Prefix):
            return None
        if not is_public(destination.address):
            return None
        found = self.walk.fabric.behind_public_address(str(destination.address))
        if found is None:
            return None
        scope, interface, private = found
        identity = interface.network_interface_id
        end = End(Kind.INTERFACE, identity, scope.account, scope.region, address=private)
        try:
            return station_of(end, self.walk.fabric.estate, self.walk.version)
        except Unresolvable:
            return None

    def _reflected(
        self, source: Station, goal: Station, out: Journey, before: list[Hop]
    ) -> tuple[Journey, Journey | None]:
        """Out by an internet gateway and in again, to an interface of one's own (IGW_NAT_REFLECTION)."""
        destination = self.walk.destination
        if source.groups != frozenset():
            first = self.leg(Direction.FORWARD, source, destination)
            before.append(group_hop(self.walk, first, source, True, destination, Identity.LOST))
        last = out.turns[-1] if out.turns else source
        address = last.public or last.address
        outside = Station(Kind.INTERNET, str(address), str(address), address)
        inward = internet.enter_by_internet_gateway(self.walk, self.leg(Direction.FORWARD, outside, goal))
        back = self.walk.leave(self.leg(Direction.RETURN, goal, outside, ANY_CLIENT))
        home = self._back(source, destination, out)
        forward = msgspec.structs.replace(inward, hops=(*before, *out.hops, *inward.hops))
        return forward, msgspec.structs.replace(home, hops=(*back.hops, *home.hops))

    # --- EC2 Instance Connect Endpoints ------------------------------------------------------------------

    def _connect_endpoint_limits(self, source: Station, destination: Station) -> Iterable[Hop]:
        """What an endpoint's address type and client IP preservation rule out (B4)."""
        endpoint = source.connect_endpoint
        if endpoint is None or source.scope is None:
            return
        identity = endpoint.instance_connect_endpoint_id
        operation = "ec2:DescribeInstanceConnectEndpoints"
        gate = Gate("instance-connect-endpoint", identity, Direction.FORWARD, operation, Place.SOURCE)
        kind = (endpoint.ip_address_type or "ipv4").lower()
        if kind not in {f"ipv{self.walk.version}", "dualstack"}:
            field = "IpAddressType"
            says = f"{identity} is {kind}, and {destination.spoken} is reached by IPv{self.walk.version}"
            yield gate.stops(codes.ADV_EICE_IP_TYPE_MISMATCH, says, f"{field} {kind}", field)
        if self.flow.protocol is not Protocol.TCP:
            says = f"{identity} tunnels TCP only"
            yield gate.stops(codes.PROTOCOL_RESTRICTION, says, "TCP")
        elif self.flow.port not in _TUNNELLED_PORTS:
            says = f"{identity} is documented for ports 22 and 3389; whether it tunnels others is not known"
            yield gate.cannot_tell(codes.PROTOCOL_RESTRICTION, says)
        if endpoint.preserve_client_ip is None:
            missing = Missing(operation, "absent", None, identity, f"PreserveClientIp of {identity}")
            yield gate.doubts(codes.UNKNOWN_RESOURCE, missing)
        if not endpoint.preserve_client_ip:
            return
        rule, field = "PreserveClientIp true", "PreserveClientIp"
        repairs = (DisableClientIpPreservation(identity, source.scope.account, source.scope.region),)
        if not source.shares_vpc(destination):
            says = f"{identity} preserves the client's address, which works inside its own VPC only"
            yield gate.stops(codes.ADV_EICE_CLIENT_IP_TGW, says, rule, field, repairs)
        instance_type = (destination.instance.instance_type if destination.instance is not None else "") or ""
        if instance_type.split(".")[0].lower() in _OLD_TYPES:
            says = f"{identity} preserves the client's address, which {instance_type} does not support"
            yield gate.stops(codes.ADV_EICE_CLIENT_IP_INSTANCE_TYPE, says, rule, field, repairs)


def _is_one_instance(source: Station, destination: Station) -> bool:
    """Whether both are interfaces of one instance, whose system delivers between them itself."""
    one, two = source.instance, destination.instance
    return one is not None and two is not None and source.scope is destination.scope and one is two


def as_seen(source: Station, version: int, client: str | None = None) -> Station:
    """The source as others see it: the client's own address where an endpoint preserves it (B4)."""
    endpoint = source.connect_endpoint
    if endpoint is None or not endpoint.preserve_client_ip:
        return source
    known = (parse_address(client) or parse_prefix(client)) if client is not None else None
    if known is not None and known.version == version:
        return msgspec.structs.replace(source, address=known, spoken=f"{client} ({source.id} preserves it)")
    spoken = f"the client's own address ({source.id} preserves it)"
    return msgspec.structs.replace(source, address=somewhere(version), spoken=spoken)


def _position(station: Station) -> Position:
    assert station.scope is not None and station.subnet is not None
    return Position(station.scope, station.vpc or "", station.subnet, station.subnet.availability_zone)
