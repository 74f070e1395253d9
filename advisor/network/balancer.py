"""Through a network load balancer: listener, targets, and whose address the target sees (M3)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from advisor.model.estate import Estate, Scope
from advisor.model.evidence import Missing
from advisor.model.records.other import LoadBalancer, TargetDescription, TargetGroup
from advisor.model.verdict import BLOCKED, READY
from advisor.network import codes
from advisor.network.flow import End, Kind
from advisor.network.leg import hop, lost
from advisor.network.stations import Station, Unresolvable, of_instance, station_of, subnet_block
from advisor.network.trace import Direction, Hop, Place

_OPERATION = "elasticloadbalancing:DescribeLoadBalancers"
_LISTENS = {"TCP", "TLS", "TCP_UDP"}


class Backend(msgspec.Struct, frozen=True):
    """A target behind a load balancer: its port, and whether it sees the client's own address."""

    station: Station
    port: int
    group: str
    preserves_client_ip: bool
    health: str


def find_balancer(scope: Scope, identity: str) -> LoadBalancer | Missing:
    """A load balancer by ARN, name or DNS name."""
    for balancer in scope.load_balancers.values():
        if identity in (balancer.load_balancer_arn, balancer.load_balancer_name, balancer.dns_name):
            return balancer
    return scope.load_balancers.missing(identity)


def nodes_of(scope: Scope, balancer: LoadBalancer, version: int) -> list[Station]:
    """The balancer's own interfaces, one per zone, as the stations that clients connect to."""
    name = balancer.load_balancer_name or balancer.load_balancer_arn
    groups = frozenset(balancer.security_groups)
    nodes = []
    for zone in balancer.availability_zones:
        subnet = scope.subnets.get(zone.subnet_id or "")
        block = subnet_block(subnet, version) if subnet is not None else None
        if subnet is None or block is None:
            continue
        described = next(
            (
                each
                for each in scope.interfaces_by_subnet.get(subnet.subnet_id, ())
                if each.interface_type == "network_load_balancer" and name in (each.description or "")
            ),
            None,
        )
        if described is not None:
            end = End(Kind.INTERFACE, described.network_interface_id, scope.account, scope.region)
            station = station_of(end, Estate([scope]), version)
            nodes.append(msgspec.structs.replace(station, id=name, spoken=name, groups=groups))
            continue
        nodes.append(
            Station(Kind.LOAD_BALANCER, name, name, block, scope, subnet.vpc_id, subnet, None, groups)
        )
    return nodes


def listener_hops(scope: Scope, balancer: LoadBalancer, port: int) -> tuple[list[Hop], list[TargetGroup]]:
    """The balancer's state, its listener for the port, and the groups that the listener forwards to."""
    name = balancer.load_balancer_name or balancer.load_balancer_arn
    hops: list[Hop] = []
    if (balancer.type or "").lower() != "network":
        says = f"{name} is a load balancer of type {balancer.type}; only network load balancers are followed"
        missing = Missing(_OPERATION, "undecidable", None, name, says)
        return [lost("middlebox", name, Direction.FORWARD, missing, codes.UNSUPPORTED_COMPONENT, says)], []
    state = (balancer.state.code or "").lower() if balancer.state is not None else "active"
    hops.append(
        hop(
            "middlebox",
            name,
            Direction.FORWARD,
            READY if state == "active" else BLOCKED,
            f"{name} is {state}",
            rule=f"State {state}",
            code=None if state == "active" else codes.BAD_STATE,
            operation=_OPERATION,
            field="State",
        )
    )
    listeners = [
        each for each in scope.listeners.values() if each.load_balancer_arn == balancer.load_balancer_arn
    ]
    if not listeners and not _was_asked(scope, balancer):
        missing = scope.listeners.missing(balancer.load_balancer_arn)
        says = f"the listeners of {name} were not read"
        return [*hops, lost("middlebox", name, Direction.FORWARD, missing, codes.UNKNOWN_RESOURCE, says)], []
    matching = [each for each in listeners if each.port == port and (each.protocol or "") in _LISTENS]
    if not matching:
        ports = ", ".join(sorted(f"{each.protocol}/{each.port}" for each in listeners)) or "nothing"
        says = f"{name} does not listen on tcp/{port}; it listens on {ports}"
        blocked = hop(
            "middlebox",
            name,
            Direction.FORWARD,
            BLOCKED,
            says,
            rule=ports,
            code=codes.ELBV2_LISTENERS_MISMATCH,
            operation="elasticloadbalancing:DescribeListeners",
            field="Port",
        )
        return [*hops, blocked], []
    wanted = {action.target_group_arn for each in matching for action in each.default_actions}
    groups = [each for each in scope.target_groups.values() if each.target_group_arn in wanted]
    return hops, groups


def _was_asked(scope: Scope, balancer: LoadBalancer) -> bool:
    coverage = scope.listeners.gaps.get(balancer.load_balancer_arn, scope.listeners.coverage)
    return coverage.status.value == "ok"


def backends(scope: Scope, groups: list[TargetGroup], version: int) -> Iterator[Backend | Missing]:
    """The registered targets of the groups."""
    for group in groups:
        health = scope.target_health.find(group.target_group_arn)
        if isinstance(health, Missing):
            yield health
            continue
        preserves = preserves_client_ip(scope, group)
        for each in health.target_health_descriptions:
            station = _station(scope, each.target, version)
            if isinstance(station, Missing):
                yield station
                continue
            state = (each.target_health.state or "") if each.target_health is not None else ""
            yield Backend(
                station,
                each.target.port or group.port or 0,
                group.target_group_name or group.target_group_arn,
                preserves,
                state,
            )


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


def preserves_client_ip(scope: Scope, group: TargetGroup) -> bool:
    """Whether targets see the client's address: the attribute, else the default of the target type.

    Instances by TCP: on; addresses by TCP or TLS: off (Network Load Balancers guide).
    """
    attributes = scope.target_group_attributes.get(group.target_group_arn)
    if attributes is not None:
        for each in attributes.attributes:
            if each.key == "preserve_client_ip.enabled":
                return each.value == "true"
    return (group.target_type or "instance") == "instance"


def health_hop(backend: Backend) -> Hop:
    """Whether the balancer sends anything to the target."""
    state = backend.health.lower()
    says = f"{backend.station.spoken} is {state or 'in a health not known'} in {backend.group}"
    if state in {"healthy", "unhealthy.draining"}:
        return hop(
            "middlebox",
            backend.group,
            Direction.FORWARD,
            READY,
            says,
            rule=f"TargetHealth {state}",
            operation="elasticloadbalancing:DescribeTargetHealth",
        )
    if state in {"", "initial", "unavailable", "unused"}:
        missing = Missing(
            "elasticloadbalancing:DescribeTargetHealth", "undecidable", None, backend.group, says
        )
        return lost("middlebox", backend.group, Direction.FORWARD, missing, codes.UNKNOWN_RESOURCE, says)
    return hop(
        "middlebox",
        backend.group,
        Direction.FORWARD,
        BLOCKED,
        says,
        rule=f"TargetHealth {state}",
        code=codes.ELBV2_LISTENER_HAS_NO_TG,
        operation="elasticloadbalancing:DescribeTargetHealth",
    )


def no_targets_hop(name: str) -> Hop:
    """A listener whose groups hold no target."""
    return hop(
        "middlebox",
        name,
        Direction.FORWARD,
        BLOCKED,
        f"the listener of {name} forwards to no registered target",
        rule="no targets",
        code=codes.ELBV2_LISTENER_HAS_NO_TG,
        operation="elasticloadbalancing:DescribeTargetHealth",
        place=Place.MIDDLE,
    )
