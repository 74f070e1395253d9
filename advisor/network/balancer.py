"""Network load balancers: listener, targets, and whose address the target sees (M3)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from advisor.model.addresses import Address
from advisor.model.estate import Estate
from advisor.model.evidence import Missing
from advisor.model.records.ec2 import NetworkInterface, Subnet
from advisor.model.records.other import ListenerAction, LoadBalancer, TargetDescription, TargetGroup
from advisor.model.scope import Scope
from advisor.network import codes
from advisor.network.flow import End, Kind, Protocol
from advisor.network.leg import Gate
from advisor.network.stations import Station, Unresolvable, of_instance, station_of, subnet_block
from advisor.network.trace import Direction, Hop

_BALANCERS = "elasticloadbalancing:DescribeLoadBalancers"
_LISTENERS = "elasticloadbalancing:DescribeListeners"
_HEALTH = "elasticloadbalancing:DescribeTargetHealth"
_GROUPS = "elasticloadbalancing:DescribeTargetGroups"
_ATTRIBUTES = "elasticloadbalancing:DescribeTargetGroupAttributes"
_LISTENS = {
    Protocol.TCP: {"TCP", "TLS", "TCP_UDP", "TCP_QUIC"},
    Protocol.UDP: {"UDP", "TCP_UDP", "QUIC", "TCP_QUIC"},
}
"""Protocols of listeners by that of the connection; they listen for no other."""
_SOME_PUBLIC = Address(4, 0)
"""Stands for a public address that exists but is not shown."""


class Backend(msgspec.Struct, frozen=True, gc=False):
    """A target behind a load balancer: its port, and whether it sees the client's own address.

    `preserves_client_ip` is Missing where the attribute that tells was not read.
    """

    station: Station
    port: int
    group: str
    preserves_client_ip: bool | Missing
    health: str

    @property
    def is_healthy(self) -> bool:
        """Whether the balancer sends connections to it."""
        return self.health.lower() == "healthy"


def find_balancer(scope: Scope, identity: str) -> LoadBalancer | Missing:
    """A load balancer by ARN, name or DNS name."""
    for balancer in scope.load_balancers.values():
        if identity in (balancer.load_balancer_arn, balancer.load_balancer_name, balancer.dns_name):
            return balancer
    return scope.load_balancers.missing(identity)


def name_of(balancer: LoadBalancer) -> str:
    """How texts name a load balancer."""
    return balancer.load_balancer_name or balancer.load_balancer_arn


# --- the balancer itself ---------------------------------------------------------------------------------


def nodes_of(scope: Scope, balancer: LoadBalancer, version: int) -> list[Station]:
    """The balancer's own interfaces, one per zone, as the stations that clients connect to."""
    name, groups = name_of(balancer), frozenset(balancer.security_groups)
    nodes = []
    for zone in balancer.availability_zones:
        subnet = scope.subnets.get(zone.subnet_id or "")
        block = subnet_block(subnet, version) if subnet is not None else None
        if subnet is None or block is None:
            continue
        interface = _interface_in(scope, subnet, name)
        if interface is None:
            node = Station(Kind.LOAD_BALANCER, name, name, block, scope, subnet.vpc_id, subnet)
        else:
            end = End(Kind.INTERFACE, interface.network_interface_id, scope.account, scope.region)
            node = station_of(end, Estate([scope]), version)
        nodes.append(msgspec.structs.replace(node, id=name, spoken=name, groups=groups))
    if (balancer.scheme or "") == "internet-facing":
        # Its interfaces may not be described; the scheme says that they have public addresses.
        return [msgspec.structs.replace(each, public=each.public or _SOME_PUBLIC) for each in nodes]
    return nodes


def _interface_in(scope: Scope, subnet: Subnet, name: str) -> NetworkInterface | None:
    for interface in scope.interfaces_by_subnet.get(subnet.subnet_id, ()):
        # The description is `ELB net/NAME/…`: another balancer's name may begin like this one's.
        described = f"/{name}/" in (interface.description or "")
        if interface.interface_type == "network_load_balancer" and described:
            return interface
    return None


def zone_hops(scope: Scope, balancer: LoadBalancer) -> list[Hop]:
    """Doubts about the balancer's interfaces in subnets that were not read: a client may meet one of them."""
    name = name_of(balancer)
    gate = Gate("middlebox", name, Direction.FORWARD, _BALANCERS)
    return [
        gate.doubts(
            codes.UNKNOWN_RESOURCE,
            scope.subnets.missing(zone.subnet_id),
            f"the subnet {zone.subnet_id or ''} of {name} was not read",
        )
        for zone in balancer.availability_zones
        if (zone.subnet_id or "") not in scope.subnets
    ]


def listener_hops(
    scope: Scope, balancer: LoadBalancer, protocol: Protocol, port: int
) -> tuple[list[Hop], list[TargetGroup]]:
    """The balancer's state, its listener for the port, and the groups that the listener forwards to."""
    name = name_of(balancer)
    gate = Gate("middlebox", name, Direction.FORWARD, _BALANCERS)
    if (balancer.type or "").lower() != "network":
        says = f"{name} is a load balancer of type {balancer.type}; only network load balancers are followed"
        return [gate.cannot_tell(codes.UNSUPPORTED_COMPONENT, says)], []
    state = balancer.state.code if balancer.state is not None else None
    hops = [gate.works(state, codes.BAD_STATE, f"{name} is {(state or '').lower()}", working="active")]
    arn = balancer.load_balancer_arn
    listeners = [each for each in scope.listeners.values() if each.load_balancer_arn == arn]
    asked = scope.listeners.gaps.get(arn, scope.listeners.coverage).status.value == "ok"
    gate = Gate("middlebox", name, Direction.FORWARD, _LISTENERS)
    if not listeners and not asked:
        says = f"the listeners of {name} were not read"
        return [*hops, gate.doubts(codes.UNKNOWN_RESOURCE, scope.listeners.missing(arn), says)], []
    spoken = _LISTENS.get(protocol, set())
    matching = [each for each in listeners if each.port == port and (each.protocol or "") in spoken]
    if not matching:
        ports = ", ".join(sorted(f"{each.protocol}/{each.port}" for each in listeners)) or "nothing"
        says = f"{name} does not listen on {protocol.value}/{port}; it listens on {ports}"
        return [*hops, gate.stops(codes.ELBV2_LISTENERS_MISMATCH, says, ports, "Port")], []
    wanted = sorted(
        {arn for each in matching for action in each.default_actions for arn in _groups_of(action)}
    )
    gate = Gate("middlebox", name, Direction.FORWARD, _GROUPS)
    for arn in wanted:
        if arn not in scope.target_groups:
            missing = scope.target_groups.missing(arn)
            hops.append(gate.doubts(codes.UNKNOWN_RESOURCE, missing, f"{arn} of {name} was not read"))
    return hops, [scope.target_groups[arn] for arn in wanted if arn in scope.target_groups]


def _groups_of(action: ListenerAction) -> list[str]:
    several = action.forward_config.target_groups if action.forward_config is not None else ()
    named = [action.target_group_arn, *(each.target_group_arn for each in several)]
    return [arn for arn in named if arn]


def no_targets_hop(balancer: LoadBalancer) -> Hop:
    """A listener whose groups hold no target."""
    gate = Gate("middlebox", name_of(balancer), Direction.FORWARD, _HEALTH)
    says = f"the listener of {gate.id} forwards to no registered target"
    return gate.stops(codes.ELBV2_LISTENER_HAS_NO_TG, says, "no targets")


# --- its targets -----------------------------------------------------------------------------------------


def backends(scope: Scope, groups: list[TargetGroup], version: int) -> Iterator[Backend | Missing]:
    """The registered targets of the groups."""
    for group in groups:
        health = scope.target_health.find(group.target_group_arn)
        if isinstance(health, Missing):
            yield health
            continue
        preserves = preserves_client_ip(scope, group)
        name = group.target_group_name or group.target_group_arn
        for each in health.target_health_descriptions:
            station = _station(scope, each.target, version)
            if isinstance(station, Missing):
                yield station
                continue
            state = (each.target_health.state or "") if each.target_health is not None else ""
            yield Backend(station, each.target.port or group.port or 0, name, preserves, state)


def _station(scope: Scope, target: TargetDescription, version: int) -> Station | Missing:
    try:
        if target.id.startswith("i-"):
            instance = scope.instances.find(target.id)
            return instance if isinstance(instance, Missing) else of_instance(scope, instance, version)
        end = End(Kind.ADDRESS, target.id, scope.account, scope.region)
        station = station_of(end, Estate([scope]), version)
    except Unresolvable as error:
        return error.missing
    if station.is_outside:
        says = f"no interface that was read has the address {target.id}"
        return Missing("ec2:DescribeNetworkInterfaces", "absent", None, target.id, says)
    return station


def preserves_client_ip(scope: Scope, group: TargetGroup) -> bool | Missing:
    """Whether targets see the client's address: by UDP always, else as the attribute says (M3)."""
    if (group.protocol or "").upper() in {"UDP", "TCP_UDP", "QUIC", "TCP_QUIC"}:
        return True
    attributes = scope.target_group_attributes.find(group.target_group_arn)
    if isinstance(attributes, Missing):
        return attributes
    for each in attributes.attributes:
        if each.key == "preserve_client_ip.enabled":
            return each.value == "true"
    return Missing(_ATTRIBUTES, "absent", None, group.target_group_arn, "preserve_client_ip.enabled")


def preservation_hop(backend: Backend, missing: Missing) -> Hop:
    """The doubt where it decides whose address the target sees, and was not read."""
    gate = Gate("middlebox", backend.group, Direction.FORWARD, _ATTRIBUTES)
    return gate.doubts(
        codes.UNKNOWN_RESOURCE,
        missing,
        f"whether {backend.group} preserves the client's address is not known",
    )


def health_hop(backend: Backend) -> Hop:
    """Whether the balancer sends anything to the target."""
    gate = Gate("middlebox", backend.group, Direction.FORWARD, _HEALTH)
    state = backend.health.lower()
    says = f"{backend.station.spoken} is {state or 'in a health not known'} in {backend.group}"
    if state in {"", "initial", "unavailable", "unused"}:
        return gate.cannot_tell(codes.UNKNOWN_RESOURCE, says)
    return gate.answers(backend.is_healthy, codes.ELBV2_LISTENER_HAS_NO_TG, says, f"TargetHealth {state}")
