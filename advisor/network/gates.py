"""Gates of a subnet and of an interface, asked for one packet and answered as hops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from advisor.model.evidence import Missing
from advisor.model.ports import ALL_PORTS, PortRange
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.network import acls, codes
from advisor.network.flow import Kind, Protocol
from advisor.network.groups import GroupDecision, Identity, Peer
from advisor.network.leg import Gate, Leg, Position, block_of
from advisor.network.repairs import AdmitInGroup, AdmitInNetworkAcl, Repair, StartInstance
from advisor.network.stations import ANY_CLIENT, Station
from advisor.network.subject import Subject
from advisor.network.trace import Direction, Hop

if TYPE_CHECKING:
    from advisor.network.walk import Walk

_PORTED = (Protocol.TCP, Protocol.UDP)


def spell_ports(protocol: Protocol, ports: PortRange) -> str:
    """`tcp/22`, `tcp/1024-65535`, `icmp`, `all traffic`."""
    if protocol is Protocol.ALL:
        return "all traffic"
    if protocol is Protocol.ICMP:
        return "icmp" if ports == ALL_PORTS else f"icmp type {ports}"
    return f"{protocol.value}/{ports}"


# --- network ACLs ----------------------------------------------------------------------------------------


def acl_hop(
    walk: Walk, leg: Leg, at: Position, egress: bool, peer: Station, subject: Subject | None = None
) -> Hop:
    """The network ACL of a subnet, in one direction; `peer` is the other side as this subnet sees it."""
    place = walk.place_of(at.scope, at.subnet.subnet_id)
    operation = "ec2:DescribeNetworkAcls"
    found = walk.fabric.effective_acl(at.scope, at.subnet)
    if isinstance(found, Missing):
        code = codes.ADV_SNAPSHOT_CONTRADICTORY if found.status == "contradictory" else codes.UNKNOWN_RESOURCE
        says = f"the network ACL of {at.subnet.subnet_id} is not known ({found.says or found.status})"
        return leg.gate("network-acl", at.subnet.subnet_id, operation, place).doubts(code, found, says)
    scope, acl = found
    gate = leg.gate("network-acl", acl.network_acl_id, operation, place)
    address = peer.address if subject is None else subject
    decision = walk.fabric.acl_decision(scope, acl, egress, address, leg.protocol, leg.ports)
    what = spell_ports(leg.protocol, leg.ports)
    way = f"{'outbound to' if egress else 'inbound from'} {peer.spoken}"
    if decision.verdict is READY:
        for prefix in decision.assumed_outside:
            walk.assume(f"{peer.spoken} does not lie in {prefix}, which {gate.id} denies.")
        return gate.passes(f"{gate.id} admits {what} {way}", str(decision.entry or ""), "Entries")
    if decision.verdict is UNKNOWN:
        if decision.unreadable is not None:
            return gate.cannot_tell(
                codes.UNKNOWN_RESOURCE,
                f"{gate.id} holds {decision.unreadable}, of which {decision.unreadable.gap}",
            )
        return gate.cannot_tell(
            codes.UNKNOWN_RESOURCE,
            f"{gate.id} treats parts of {peer.spoken} differently; whether {what} passes {way} is not known",
        )
    rule = str(decision.entry) if decision.entry else "entry * deny (no entry matches)"
    says = f"{gate.id} does not admit {what} {way}: {rule}"
    if decision.is_partial:
        says = f"{gate.id} {way}, of {what}, {acls.spell_split(decision)}: connections fail by chance"
    if decision.shadowed is not None:
        says += f"; {decision.shadowed} would admit it but comes later"
    before = decision.entry.number if decision.entry is not None else acls.LAST_RULE
    wanted = _admitted_ports(leg)
    repair = AdmitInNetworkAcl(
        gate.id,
        egress,
        leg.protocol.value,
        wanted.first,
        wanted.last,
        block_of(peer, walk.version),
        before,
        scope.account,
        scope.region,
    )
    repairs = walk.only_own(scope, acl.owner_id, gate.id, repair, "admit the traffic in the network ACL")
    return gate.stops(codes.SUBNET_ACL_RESTRICTION, says, rule, "Entries", repairs)


def _admitted_ports(leg: Leg) -> PortRange:
    """The ports that a repair admits: for replies those of any client.

    The narrow range of one platform would break behind the next NAT gateway or client.
    """
    if leg.protocol not in _PORTED:
        return ALL_PORTS
    if leg.direction is Direction.RETURN:
        return PortRange(min(leg.ports.first, ANY_CLIENT.first), ANY_CLIENT.last)
    return leg.ports


# --- security groups -------------------------------------------------------------------------------------


def group_hop(walk: Walk, leg: Leg, station: Station, egress: bool, peer: Station, identity: Identity) -> Hop:
    """The security groups of an interface, in the direction of the connection (G1)."""
    assert station.scope is not None
    names = ", ".join(sorted(station.groups or ())) or station.id
    place = walk.place_of_station(station)
    gate = leg.gate("security-group", names, "ec2:DescribeSecurityGroups", place)
    seen = Peer(peer.address, peer.spoken, peer.groups, identity)
    decision = walk.fabric.group_decision(
        station.scope, station.groups, egress, seen, leg.protocol, leg.ports
    )
    field = "IpPermissionsEgress" if egress else "IpPermissions"
    what = spell_ports(leg.protocol, leg.ports)
    way = f"{'outbound to' if egress else 'inbound from'} {peer.spoken}"
    if decision.verdict is READY:
        assert decision.rule is not None
        deciding = leg.gate("security-group", decision.rule.group_id, gate.operation, place)
        return deciding.passes(f"{deciding.id} admits {what} {way}", str(decision.rule), field)
    if decision.verdict is UNKNOWN:
        reasons = "; ".join(each.says or f"{each.operation} {each.status}" for each in decision.missing)
        says = f"whether {names} admits {what} {way} is not known: {reasons}"
        code = codes.UNKNOWN_RESOURCE
        return Hop(
            gate.kind,
            names,
            leg.direction,
            UNKNOWN,
            place,
            decision.because,
            says,
            code,
            (),
            decision.missing,
        )
    assert decision.verdict is BLOCKED and decision.code is not None
    nearest = decision.nearest
    return gate.stops(
        decision.code,
        _spell_refusal(names, what, way, egress, decision),
        str(nearest) if nearest is not None else f"{decision.count} rules, none matches",
        field,
        _group_repairs(walk, leg, station, egress, peer, identity),
    )


def _spell_refusal(names: str, what: str, way: str, egress: bool, decision: GroupDecision) -> str:
    side = "outbound" if egress else "inbound"
    toward = way.removeprefix(f"{side} ")
    if decision.count == 0:
        return f"{names} has no {side} rules at all, so nothing admits {what} {toward}"
    says = f"no {side} rule of {names} admits {what} {toward}"
    if decision.because:
        return f"{says}: {decision.because}"
    return f"{says}; the nearest is {decision.nearest}" if decision.nearest is not None else says


def _group_repairs(
    walk: Walk, leg: Leg, station: Station, egress: bool, peer: Station, identity: Identity
) -> tuple[Repair, ...]:
    """A rule by group reference first, by block second; never for the whole internet, inbound."""
    scope = station.scope
    if not station.groups or scope is None:
        return ()
    ports = leg.ports if leg.protocol in _PORTED else ALL_PORTS
    group, protocol = _own_group(station), leg.protocol.value
    repairs: list[Repair] = []
    if peer.groups and identity is Identity.KEPT:
        repairs.append(
            AdmitInGroup(
                group,
                egress,
                protocol,
                ports.first,
                ports.last,
                peer_group=_own_group(peer),
                account=scope.account,
                region=scope.region,
            )
        )
    block = block_of(peer, walk.version)
    if egress or not block.endswith("/0"):
        repairs.append(
            AdmitInGroup(
                group,
                egress,
                protocol,
                ports.first,
                ports.last,
                peer_cidr=block,
                account=scope.account,
                region=scope.region,
            )
        )
    return tuple(repairs)


def _own_group(station: Station) -> str:
    """The group of a station that a rule should go into: not the VPC's default one if there is another."""
    assert station.scope is not None and station.groups
    default = station.scope.default_groups.get(station.vpc or "")
    special = sorted(g for g in station.groups if default is None or g != default.group_id)
    return special[0] if special else min(station.groups)


# --- states ----------------------------------------------------------------------------------------------


def state_hops(walk: Walk, station: Station, direction: Direction) -> list[Hop]:
    """Whether the instance, its interface or the endpoint works at all (B3)."""
    hops: list[Hop] = []
    if station.instance is not None:
        hops.append(_instance_hop(walk, station, direction))
        hops += _attachment_hops(walk, station, direction)
    if station.connect_endpoint is not None and station.kind is Kind.INSTANCE_CONNECT_ENDPOINT:
        hops.append(_connect_endpoint_hop(walk, station, direction))
    return hops


def _instance_hop(walk: Walk, station: Station, direction: Direction) -> Hop:
    assert station.instance is not None and station.scope is not None
    spoken = walk.spell(station.instance.instance_id)
    gate = Gate("instance", spoken, direction, "ec2:DescribeInstances", walk.place_of_station(station))
    state = station.instance.state.name.lower()
    if not state:
        return gate.doubts(
            codes.UNKNOWN_RESOURCE, Missing(gate.operation, "absent", None, spoken, f"the state of {spoken}")
        )
    says, rule = f"{spoken} is {state}", f"State.Name {state}"
    if state == "running":
        return gate.passes(says, rule, "State.Name")
    repairs = (StartInstance(spoken, station.scope.account, station.scope.region),)
    can_start = state in {"stopped", "stopping"}
    return gate.stops(codes.ADV_INSTANCE_NOT_RUNNING, says, rule, "State.Name", repairs if can_start else ())


def _attachment_hops(walk: Walk, station: Station, direction: Direction) -> list[Hop]:
    interface = station.interface
    if interface is None or interface.attachment is None:
        return []
    status = (interface.attachment.status or "attached").lower()
    if status == "attached":
        return []
    identity = interface.network_interface_id
    gate = Gate(
        "network-interface",
        identity,
        direction,
        "ec2:DescribeNetworkInterfaces",
        walk.place_of_station(station),
    )
    field = "Attachment.Status"
    return [gate.stops(codes.BAD_STATE_ATTACHMENT, f"{identity} is {status}", f"{field} {status}", field)]


_USABLE: Final = {"create-complete", "update-complete", "update-in-progress", "update-failed"}


def _connect_endpoint_hop(walk: Walk, station: Station, direction: Direction) -> Hop:
    endpoint = station.connect_endpoint
    assert endpoint is not None
    identity, state = endpoint.instance_connect_endpoint_id, (endpoint.state or "").lower()
    operation = "ec2:DescribeInstanceConnectEndpoints"
    gate = Gate("instance-connect-endpoint", identity, direction, operation, walk.place_of_station(station))
    if not state:
        missing = Missing(operation, "absent", None, identity, f"the state of {identity}")
        return gate.doubts(codes.UNKNOWN_RESOURCE, missing)
    usable = state in _USABLE
    message = f" ({endpoint.state_message})" if endpoint.state_message and not usable else ""
    return gate.answers(usable, codes.BAD_STATE, f"{identity} is {state}{message}", f"State {state}", "State")
