"""Gates of a subnet and of an interface, asked for one packet and answered as hops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.model.evidence import Missing
from advisor.model.ports import ALL_PORTS, PortRange
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.network import acls, codes
from advisor.network.flow import Kind, Protocol
from advisor.network.groups import Identity, Peer
from advisor.network.leg import Leg, Position, block_of, hop, lost
from advisor.network.repairs import AdmitInGroup, AdmitInNetworkAcl, StartInstance
from advisor.network.stations import ANY_CLIENT, Station
from advisor.network.subject import Subject
from advisor.network.trace import Direction, Hop

if TYPE_CHECKING:
    from advisor.network.walk import Walk


def spell_ports(protocol: Protocol, ports: PortRange) -> str:
    """`tcp/22`, `tcp/1024-65535`, `icmp`, `all traffic`."""
    if protocol is Protocol.ALL:
        return "all traffic"
    if protocol is Protocol.ICMP:
        return "icmp" if ports == ALL_PORTS else f"icmp type {ports}"
    return f"{protocol.value}/{ports}"


def acl_hop(
    walk: Walk, leg: Leg, at: Position, egress: bool, peer: Station, subject: Subject | None = None
) -> Hop:
    """The network ACL of a subnet, in one direction; `peer` is the other side as this subnet sees it."""
    place = walk.place_of(at.scope, at.subnet.subnet_id)
    found = walk.fabric.effective_acl(at.scope, at.subnet)
    side = "outbound" if egress else "inbound"
    if isinstance(found, Missing):
        code = codes.ADV_SNAPSHOT_CONTRADICTORY if found.status == "contradictory" else codes.UNKNOWN_RESOURCE
        says = f"the network ACL of {at.subnet.subnet_id} is not known ({found.says or found.status})"
        return lost("network-acl", at.subnet.subnet_id, leg.direction, found, code, says, place)
    scope, acl = found
    decision = walk.fabric.acl_decision(
        scope, acl, egress, peer.address if subject is None else subject, leg.protocol, leg.ports
    )
    what = spell_ports(leg.protocol, leg.ports)
    toward = f"{'to' if egress else 'from'} {peer.spoken}"
    identity = acl.network_acl_id
    if decision.verdict is READY:
        rule = str(decision.entry) if decision.entry else ""
        says = f"{identity} admits {what} {side} {toward}"
        for prefix in decision.assumed_outside:
            walk.assume(f"{peer.spoken} does not lie in {prefix}, which {identity} denies.")
        return hop(
            "network-acl",
            identity,
            leg.direction,
            READY,
            says,
            place=place,
            rule=rule,
            operation="ec2:DescribeNetworkAcls",
            field="Entries",
        )
    if decision.verdict is UNKNOWN:
        says = (
            f"{identity} treats parts of {peer.spoken} differently; whether {what} passes {side} is not known"
        )
        if decision.unreadable is not None:
            says = f"{identity} holds {decision.unreadable}, whose block cannot be read"
        missing = Missing("ec2:DescribeNetworkAcls", "undecidable", None, identity, says)
        return lost("network-acl", identity, leg.direction, missing, codes.UNKNOWN_RESOURCE, says, place)
    rule = str(decision.entry) if decision.entry else "entry * deny (no entry matches)"
    says = f"{identity} does not admit {what} {side} {toward}: {rule}"
    if decision.is_partial:
        says = (
            f"{identity} {side}, {toward}, of {what} {acls.spell_split(decision)}: connections fail by chance"
        )
    if decision.shadowed is not None:
        says += f"; {decision.shadowed} would admit it but comes later"
    before = decision.entry.number if decision.entry is not None else acls.LAST_RULE
    wanted = leg.ports if leg.protocol in (Protocol.TCP, Protocol.UDP) else ALL_PORTS
    if leg.direction is Direction.RETURN and leg.protocol is Protocol.TCP:
        # Replies of any client: the narrow range of one platform breaks behind the next NAT gateway.
        wanted = PortRange(min(wanted.first, ANY_CLIENT.first), ANY_CLIENT.last)
    repair = AdmitInNetworkAcl(
        network_acl=identity,
        egress=egress,
        protocol=leg.protocol.value,
        first_port=wanted.first,
        last_port=wanted.last,
        cidr=block_of(peer, walk.version),
        before=before,
        account=scope.account,
        region=scope.region,
    )
    return hop(
        "network-acl",
        identity,
        leg.direction,
        BLOCKED,
        says,
        place=place,
        rule=rule,
        code=codes.SUBNET_ACL_RESTRICTION,
        operation="ec2:DescribeNetworkAcls",
        field="Entries",
        repairs=walk.only_own(scope, acl.owner_id, identity, repair, "admit the traffic in the network ACL"),
    )


def group_hop(walk: Walk, leg: Leg, station: Station, egress: bool, peer: Station, identity: Identity) -> Hop:
    """The security groups of an interface, in the direction of the connection (G1)."""
    assert station.scope is not None
    place = walk.place_of_station(station)
    names = ", ".join(sorted(station.groups or ())) or station.id
    side = "outbound" if egress else "inbound"
    seen = Peer(peer.address, peer.spoken, peer.groups, identity)
    decision = walk.fabric.group_decision(
        station.scope, station.groups, egress, seen, leg.protocol, leg.ports
    )
    what = spell_ports(leg.protocol, leg.ports)
    toward = f"{'to' if egress else 'from'} {peer.spoken}"
    if decision.verdict is READY:
        assert decision.rule is not None
        return hop(
            "security-group",
            decision.rule.group_id,
            leg.direction,
            READY,
            f"{decision.rule.group_id} admits {what} {side} {toward}",
            place=place,
            rule=str(decision.rule),
            operation="ec2:DescribeSecurityGroups",
            field="IpPermissionsEgress" if egress else "IpPermissions",
        )
    if decision.verdict is UNKNOWN:
        reasons = "; ".join(each.says or f"{each.operation} {each.status}" for each in decision.missing)
        says = f"whether {names} admits {what} {side} {toward} is not known: {reasons}"
        return Hop(
            "security-group",
            names,
            leg.direction,
            UNKNOWN,
            place,
            decision.because,
            says,
            codes.UNKNOWN_RESOURCE,
            (),
            decision.missing,
        )
    says = f"no {side} rule of {names} admits {what} {toward}"
    if decision.because:
        says += f": {decision.because}"
    elif decision.nearest is not None:
        says += f"; the nearest is {decision.nearest}"
    elif decision.count == 0:
        says = f"{names} has no {side} rules at all, so nothing admits {what} {toward}"
    return hop(
        "security-group",
        names,
        leg.direction,
        BLOCKED,
        says,
        place=place,
        code=decision.code,
        rule=str(decision.nearest)
        if decision.nearest is not None
        else f"{decision.count} rules, none matches",
        operation="ec2:DescribeSecurityGroups",
        field="IpPermissionsEgress" if egress else "IpPermissions",
        repairs=_group_repairs(walk, leg, station, egress, peer, identity),
    )


def _group_repairs(
    walk: Walk, leg: Leg, station: Station, egress: bool, peer: Station, identity: Identity
) -> tuple[AdmitInGroup, ...]:
    """A rule by group reference first, by block second; never for the whole internet, inbound."""
    assert station.scope is not None
    if not station.groups:
        return ()
    group = _own_group(station)
    ports = leg.ports if leg.protocol in (Protocol.TCP, Protocol.UDP) else ALL_PORTS

    def rule(peer_group: str | None = None, peer_cidr: str | None = None) -> AdmitInGroup:
        assert station.scope is not None
        return AdmitInGroup(
            group,
            egress,
            leg.protocol.value,
            ports.first,
            ports.last,
            peer_group,
            peer_cidr,
            account=station.scope.account,
            region=station.scope.region,
        )

    repairs = []
    if peer.groups and identity is Identity.KEPT:
        repairs.append(rule(peer_group=_own_group(peer)))
    block = block_of(peer, walk.version)
    if egress or not block.endswith("/0"):
        repairs.append(rule(peer_cidr=block))
    return tuple(repairs)


def _own_group(station: Station) -> str:
    """The group of a station that a rule should go into: not the VPC's default one if there is another."""
    assert station.scope is not None and station.groups
    default = station.scope.default_groups.get(station.vpc or "")
    special = sorted(g for g in station.groups if default is None or g != default.group_id)
    return special[0] if special else min(station.groups)


def state_hops(walk: Walk, station: Station, direction: Direction) -> list[Hop]:
    """Whether the instance and its interface work at all (B3)."""
    place = walk.place_of_station(station)
    hops: list[Hop] = []
    instance = station.instance
    scope = station.scope
    if instance is not None and scope is not None:
        spoken = walk.spell(instance.instance_id)
        state = instance.state.name.lower()
        if state == "running":
            hops.append(
                hop(
                    "instance",
                    spoken,
                    direction,
                    READY,
                    f"{spoken} is running",
                    place=place,
                    rule="State.Name running",
                    operation="ec2:DescribeInstances",
                    field="State.Name",
                )
            )
        else:
            repairs = (
                (StartInstance(spoken, scope.account, scope.region),)
                if state in {"stopped", "stopping"}
                else ()
            )
            verdict = BLOCKED if state else UNKNOWN
            missing = (
                () if state else (Missing("ec2:DescribeInstances", "absent", None, spoken, "its state"),)
            )
            hops.append(
                hop(
                    "instance",
                    spoken,
                    direction,
                    verdict,
                    f"{spoken} is {state or 'in a state not known'}",
                    place=place,
                    rule=f"State.Name {state or '?'}",
                    code=codes.ADV_INSTANCE_NOT_RUNNING,
                    operation="ec2:DescribeInstances",
                    field="State.Name",
                    repairs=repairs,
                    missing=missing,
                )
            )
    interface = station.interface
    if interface is not None and instance is not None:
        attachment = interface.attachment
        status = (attachment.status or "attached").lower() if attachment is not None else "attached"
        if status != "attached":
            hops.append(
                hop(
                    "network-interface",
                    interface.network_interface_id,
                    direction,
                    BLOCKED,
                    f"{interface.network_interface_id} is {status}",
                    place=place,
                    rule=f"Attachment.Status {status}",
                    code=codes.BAD_STATE_ATTACHMENT,
                    operation="ec2:DescribeNetworkInterfaces",
                    field="Attachment.Status",
                )
            )
    if station.kind is Kind.INSTANCE_CONNECT_ENDPOINT and station.connect_endpoint is not None:
        hops.append(_connect_endpoint_hop(walk, station, direction))
    return hops


_USABLE = {"create-complete", "update-complete", "update-in-progress", "update-failed"}


def _connect_endpoint_hop(walk: Walk, station: Station, direction: Direction) -> Hop:
    endpoint = station.connect_endpoint
    assert endpoint is not None
    state = (endpoint.state or "").lower()
    identity = endpoint.instance_connect_endpoint_id
    usable = state in _USABLE
    message = f" ({endpoint.state_message})" if endpoint.state_message and not usable else ""
    missing = (
        ()
        if state
        else (Missing("ec2:DescribeInstanceConnectEndpoints", "absent", None, identity, "its state"),)
    )
    return hop(
        "instance-connect-endpoint",
        identity,
        direction,
        READY if usable else BLOCKED if state else UNKNOWN,
        f"{identity} is {state or 'in a state not known'}{message}",
        place=walk.place_of_station(station),
        rule=f"State {state or '?'}",
        code=None if usable else codes.BAD_STATE,
        operation="ec2:DescribeInstanceConnectEndpoints",
        field="State",
        missing=missing,
    )
