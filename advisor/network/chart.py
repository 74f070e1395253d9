"""The network as a drawing: its things and what joins them, for `advisor graph`; nothing is judged here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import msgspec

from advisor.model.estate import Estate
from advisor.model.records import ec2
from advisor.model.records.shape import name_of
from advisor.model.scope import Scope
from advisor.network.flow import Kind
from advisor.network.trace import Direction, Hop, Trace

Identity = tuple[str, str, str]
"""Account, Region and id: ids alone may repeat between dumps."""


class Thing(msgspec.Struct, frozen=True, gc=False):
    """A node: `inside` is what holds it (a subnet's VPC), `state` AWS's word or, for a hop, the verdict."""

    identity: Identity
    kind: str
    name: str = ""
    detail: str = ""
    state: str = ""
    inside: Identity | None = None

    @property
    def id(self) -> str:
        """AWS's id."""
        return self.identity[2]


class Joint(msgspec.Struct, frozen=True, gc=False):
    """An edge: `kind` is route, association, attachment, peering or hop; `label` the destination or rule."""

    source: Identity
    target: Identity
    kind: str
    label: str = ""
    broken: bool = False


class Chart(msgspec.Struct, frozen=True, gc=False):
    """Things and joints; every end of a joint is among the things."""

    things: tuple[Thing, ...]
    joints: tuple[Joint, ...]


INTERNET: Final[Identity] = ("", "", "internet")
_ROUTE_TARGETS: Final = {
    "gateway_id": "gateway",
    "nat_gateway_id": "nat-gateway",
    "transit_gateway_id": "transit-gateway",
    "vpc_peering_connection_id": "vpc-peering-connection",
    "egress_only_internet_gateway_id": "egress-only-internet-gateway",
    "network_interface_id": "network-interface",
    "local_gateway_id": "local-gateway",
    "carrier_gateway_id": "carrier-gateway",
    "core_network_arn": "core-network",
}


def chart(estate: Estate, vpcs: Iterable[str] = ()) -> Chart:
    """The topology of an estate; with `vpcs`, only what stands in these and what they lead to."""
    drawing = _Drawing()
    wanted = frozenset(vpcs)
    for scope in estate.regional:
        _draw(scope, drawing, lambda vpc: vpc is not None and (not wanted or vpc in wanted))
    return drawing.done()


def chart_of(trace: Trace) -> Chart:
    """A flow's hops as a chain, forward and back; what stops it is broken."""
    drawing = _Drawing()
    for hops in (trace.forward, trace.returning):
        previous: Hop | None = None
        for hop in hops:
            drawing.add(Thing(_of_hop(hop), hop.kind, detail=hop.rule, state=hop.verdict.of_path))
            if previous is not None:
                label = "return" if hop.direction is Direction.RETURN else "forward"
                stops = previous.verdict.value == "blocked"
                drawing.join(Joint(_of_hop(previous), _of_hop(hop), label, previous.rule, stops))
            previous = hop
    return drawing.done()


def _of_hop(hop: Hop) -> Identity:
    return INTERNET if hop.kind == Kind.INTERNET.value else ("", "", hop.id or hop.kind)


class _Drawing:
    """Collects things and joints, each once."""

    def __init__(self) -> None:
        self._things: dict[Identity, Thing] = {}
        self._joints: dict[Joint, None] = {}

    def add(self, thing: Thing) -> None:
        """Add a thing; the first description of one stays, but a blocked hop is shown as blocked."""
        earlier = self._things.get(thing.identity)
        if earlier is None or (thing.state == "blocked" and earlier.state != "blocked"):
            self._things[thing.identity] = thing

    def join(self, joint: Joint) -> None:
        """Join two things."""
        self._joints[joint] = None

    def done(self) -> Chart:
        """The chart; an end that no response describes is drawn as absent."""
        for joint in self._joints:
            for end in (joint.source, joint.target):
                if end not in self._things:
                    kind = "internet" if end == INTERNET else kind_of(end[2])
                    state = "" if end == INTERNET else "not read"
                    self._things[end] = Thing(end, kind, state=state)
        return Chart(tuple(self._things.values()), tuple(self._joints))


_PREFIXES: Final = {
    "vpc": "vpc",
    "subnet": "subnet",
    "igw": "internet-gateway",
    "eigw": "egress-only-internet-gateway",
    "nat": "nat-gateway",
    "pcx": "vpc-peering-connection",
    "tgw": "transit-gateway",
    "vgw": "vpn-gateway",
    "vpce": "vpc-endpoint",
    "eni": "network-interface",
    "i": "instance",
    "rtb": "route-table",
}


def kind_of(id: str) -> str:
    """What an id is the id of, by its prefix."""
    return _PREFIXES.get(id.partition("-")[0], "resource")


def _draw(scope: Scope, drawing: _Drawing, shown: Callable[[str | None], bool]) -> None:
    def at(id: str) -> Identity:
        return (scope.account, scope.region, id)

    for vpc in scope.vpcs.values():
        if shown(vpc.vpc_id):
            detail = vpc.cidr_block or ""
            drawing.add(Thing(at(vpc.vpc_id), "vpc", name_of(vpc.tags), detail, vpc.state or ""))
    for subnet in scope.subnets.values():
        if shown(subnet.vpc_id):
            detail = f"{subnet.cidr_block or ''} {subnet.availability_zone or ''}".strip()
            drawing.add(
                Thing(
                    at(subnet.subnet_id),
                    "subnet",
                    name_of(subnet.tags),
                    detail,
                    subnet.state or "",
                    at(subnet.vpc_id),
                )
            )
            for table in _tables_of(scope, subnet):
                drawing.join(Joint(at(subnet.subnet_id), at(table.route_table_id), "association"))
    for instance in scope.instances.values():
        if shown(instance.vpc_id) and instance.state.name != "terminated":
            drawing.add(
                Thing(
                    at(instance.instance_id),
                    "instance",
                    name_of(instance.tags),
                    instance.private_ip_address or "",
                    instance.state.name,
                    at(instance.subnet_id) if instance.subnet_id else None,
                )
            )
    _draw_tables(scope, drawing, shown, at)
    _draw_gateways(scope, drawing, shown, at)
    _draw_endpoints(scope, drawing, shown, at)
    _draw_connections(scope, drawing, shown, at)


def _tables_of(scope: Scope, subnet: ec2.Subnet) -> list[ec2.RouteTable]:
    explicit = scope.route_tables_by_subnet.get(subnet.subnet_id)
    return explicit or scope.main_route_tables.get(subnet.vpc_id, [])


def _draw_tables(
    scope: Scope, drawing: _Drawing, shown: Callable[[str | None], bool], at: Callable[[str], Identity]
) -> None:
    for table in scope.route_tables.values():
        if not shown(table.vpc_id) or table.vpc_id is None:
            continue
        drawing.add(
            Thing(at(table.route_table_id), "route-table", name_of(table.tags), inside=at(table.vpc_id))
        )
        for route in table.routes:
            target = next((getattr(route, field) for field in _ROUTE_TARGETS if getattr(route, field)), None)
            if target is None or target == "local":
                continue
            label = (
                route.destination_cidr_block
                or route.destination_ipv6_cidr_block
                or route.destination_prefix_list_id
                or ""
            )
            broken = (route.state or "active").lower() != "active"
            drawing.join(Joint(at(table.route_table_id), at(target), "route", label, broken))


def _draw_gateways(
    scope: Scope, drawing: _Drawing, shown: Callable[[str | None], bool], at: Callable[[str], Identity]
) -> None:
    attached: list[tuple[str, str, tuple[ec2.GatewayAttachment, ...], Any]] = [
        *(("internet-gateway", each.internet_gateway_id, each.attachments, each.tags)
          for each in scope.internet_gateways.values()),
        *(("egress-only-internet-gateway", each.egress_only_internet_gateway_id, each.attachments, each.tags)
          for each in scope.egress_only_internet_gateways.values()),
        *(("vpn-gateway", each.vpn_gateway_id, each.vpc_attachments, each.tags)
          for each in scope.vpn_gateways.values()),
    ]  # fmt: skip
    for kind, id, attachments, tags in attached:
        for attachment in attachments:
            if attachment.vpc_id is None or not shown(attachment.vpc_id):
                continue
            state = attachment.state or ""
            drawing.add(Thing(at(id), kind, name_of(tags), state=state, inside=at(attachment.vpc_id)))
            if kind != "vpn-gateway":
                drawing.join(Joint(at(id), INTERNET, "attachment"))
    for nat in scope.nat_gateways.values():
        if shown(nat.vpc_id) and nat.state != "deleted":
            holder = nat.subnet_id or nat.vpc_id or ""
            drawing.add(
                Thing(
                    at(nat.nat_gateway_id),
                    "nat-gateway",
                    name_of(nat.tags),
                    nat.connectivity_type or "",
                    nat.state or "",
                    at(holder),
                )
            )


def _draw_endpoints(
    scope: Scope, drawing: _Drawing, shown: Callable[[str | None], bool], at: Callable[[str], Identity]
) -> None:
    for endpoint in scope.vpc_endpoints.values():
        if shown(endpoint.vpc_id) and endpoint.vpc_id is not None:
            drawing.add(
                Thing(
                    at(endpoint.vpc_endpoint_id),
                    "vpc-endpoint",
                    name_of(endpoint.tags),
                    endpoint.service_name or "",
                    endpoint.state or "",
                    at(endpoint.vpc_id),
                )
            )
            for subnet in endpoint.subnet_ids:
                drawing.join(Joint(at(endpoint.vpc_endpoint_id), at(subnet), "association"))
    for eice in scope.instance_connect_endpoints.values():
        if shown(eice.vpc_id):
            drawing.add(
                Thing(
                    at(eice.instance_connect_endpoint_id),
                    "instance-connect-endpoint",
                    name_of(eice.tags),
                    state=eice.state or "",
                    inside=at(eice.subnet_id or eice.vpc_id or ""),
                )
            )


def _draw_connections(
    scope: Scope, drawing: _Drawing, shown: Callable[[str | None], bool], at: Callable[[str], Identity]
) -> None:
    for peering in scope.vpc_peering_connections.values():
        ends = [peering.requester_vpc_info, peering.accepter_vpc_info]
        if not any(shown(end.vpc_id) for end in ends):
            continue
        state = (peering.status.code or "").lower()
        identity = at(peering.vpc_peering_connection_id)
        drawing.add(Thing(identity, "vpc-peering-connection", name_of(peering.tags), state=state))
        for end in ends:
            if end.vpc_id:
                vpc = (end.owner_id or scope.account, end.region or scope.region, end.vpc_id)
                drawing.join(Joint(identity, vpc, "peering", broken=state != "active"))
    for attachment in _attachments(scope):
        if attachment.vpc_id and shown(attachment.vpc_id) and attachment.transit_gateway_id:
            broken = (attachment.state or "").lower() != "available"
            drawing.join(
                Joint(
                    at(attachment.vpc_id),
                    at(attachment.transit_gateway_id),
                    "attachment",
                    attachment.transit_gateway_attachment_id,
                    broken,
                )
            )


def _attachments(scope: Scope) -> Iterator[ec2.TransitGatewayVpcAttachment]:
    for each in scope.transit_gateway_vpc_attachments.values():
        if (each.state or "").lower() not in {"deleted", "deleting"}:
            yield each
