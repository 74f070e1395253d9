"""The network as a tree: Regions, their VPCs, and in each the subnets, gateways, endpoints and attachments.

What is broken by its own record (a blackhole route, a failed gateway, an endpoint that is not available) is
said in `problem`; whether a packet passes is not told here but by a trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from advisor.model.estate import Estate
from advisor.model.evidence import Missing
from advisor.model.records import ec2
from advisor.model.records.shape import Tag, name_of
from advisor.model.scope import Scope
from advisor.model.text import plain

T = TypeVar("T")


class MapNode(msgspec.Struct, frozen=True):
    """A thing on the map with what lies in it; `operation` and `resource` lead to its raw record."""

    title: str
    detail: str = ""
    problem: str = ""
    operation: str = ""
    resource: str = ""
    account: str = ""
    region: str = ""
    children: tuple[MapNode, ...] = ()

    @property
    def problems(self) -> int:
        """How many things are broken here and below."""
        return bool(self.problem) + sum(child.problems for child in self.children)


def network_map(estate: Estate) -> tuple[MapNode, ...]:
    """One node for every account and Region that was read."""
    return tuple(_region(scope) for scope in estate.regional)


def _region(scope: Scope) -> MapNode:
    vpcs = tuple(_vpc(scope, vpc) for _, vpc in sorted(scope.vpcs.items()))
    shared = tuple(_transit_gateways(scope))
    count = _counted(len(vpcs), "VPC")
    problem = "" if scope.vpcs.complete else _unread(scope.vpcs.missing())
    return MapNode(f"{scope.account} / {scope.region}", count, problem=problem, children=(*vpcs, *shared))


def _unread(missing: Missing) -> str:
    code = f" ({missing.code})" if missing.code else ""
    return f"{missing.operation}: {missing.status}{code}"


def _node(
    scope: Scope,
    id: str,
    detail: str,
    operation: str,
    tags: tuple[Tag, ...] = (),
    problem: str = "",
    children: Iterable[MapNode] = (),
) -> MapNode:
    name = name_of(tags)
    return MapNode(
        plain(f"{id}  {name}" if name else id),
        plain(detail),
        plain(problem),
        operation,
        id,
        scope.account,
        scope.region,
        tuple(children),
    )


def _vpc(scope: Scope, vpc: ec2.Vpc) -> MapNode:
    blocks = [each.cidr_block for each in vpc.cidr_block_association_set] or [vpc.cidr_block or ""]
    count = len(scope.instances_by_vpc.get(vpc.vpc_id, ()))
    detail = f"{', '.join(dict.fromkeys(blocks))} · {_counted(count, 'instance')}"
    children = [
        *(_subnet(scope, each) for each in _by(scope.subnets_by_vpc.get(vpc.vpc_id, ()), "subnet_id")),
        *_gateways(scope, vpc.vpc_id),
        *_endpoints(scope, vpc.vpc_id),
        *_peerings(scope, vpc.vpc_id),
        *_attachments(scope, vpc.vpc_id),
    ]
    return _node(
        scope, vpc.vpc_id, detail, "ec2:DescribeVpcs", vpc.tags, _not("available", vpc.state), children
    )


def _subnet(scope: Scope, subnet: ec2.Subnet) -> MapNode:
    tables = scope.route_tables_by_subnet.get(subnet.subnet_id) or scope.main_route_tables.get(
        subnet.vpc_id, []
    )
    acls = scope.network_acls_by_subnet.get(subnet.subnet_id, [])
    count = sum(1 for each in scope.instances.values() if each.subnet_id == subnet.subnet_id)
    detail = f"{subnet.cidr_block or ''} · {subnet.availability_zone or '?'} · {_counted(count, 'instance')}"
    children = [
        *(_route_table(scope, table, table.route_table_id) for table in tables),
        *(
            _node(scope, acl.network_acl_id, _acl_detail(acl), "ec2:DescribeNetworkAcls", acl.tags)
            for acl in acls
        ),
    ]
    problem = "" if tables or not scope.route_tables.complete else "no route table"
    if not tables and not scope.route_tables.complete:
        problem = _unread(scope.route_tables.missing())
    return _node(scope, subnet.subnet_id, detail, "ec2:DescribeSubnets", subnet.tags, problem, children)


def _acl_detail(acl: ec2.NetworkAcl) -> str:
    kept = [entry for entry in acl.entries if entry.rule_number < 32767]
    return f"network ACL · {_counted(len(kept), 'rule')}"


def _route_table(scope: Scope, table: ec2.RouteTable, id: str) -> MapNode:
    main = " · main" if any(each.main for each in table.associations) else ""
    routes = [_route(scope, table, route) for route in table.routes]
    return _node(scope, id, f"route table{main}", "ec2:DescribeRouteTables", table.tags, children=routes)


def _route(scope: Scope, table: ec2.RouteTable, route: ec2.Route) -> MapNode:
    destination = (
        route.destination_cidr_block
        or route.destination_ipv6_cidr_block
        or route.destination_prefix_list_id
        or "?"
    )
    problem = "blackhole: its target is gone" if (route.state or "").lower() == "blackhole" else ""
    return MapNode(
        plain(f"{destination} → {_target(route)}"),
        "",
        problem,
        "ec2:DescribeRouteTables",
        table.route_table_id,
        scope.account,
        scope.region,
    )


def _target(route: ec2.Route) -> str:
    return (
        route.gateway_id
        or route.nat_gateway_id
        or route.transit_gateway_id
        or route.vpc_peering_connection_id
        or route.egress_only_internet_gateway_id
        or route.network_interface_id
        or route.instance_id
        or route.local_gateway_id
        or route.carrier_gateway_id
        or route.core_network_arn
        or "?"
    )


def _gateways(scope: Scope, vpc: str) -> Iterator[MapNode]:
    for gateway in _by(scope.internet_gateways.values(), "internet_gateway_id"):
        if any(each.vpc_id == vpc for each in gateway.attachments):
            yield _node(
                scope,
                gateway.internet_gateway_id,
                "internet gateway",
                "ec2:DescribeInternetGateways",
                gateway.tags,
            )
    for egress in _by(scope.egress_only_internet_gateways.values(), "egress_only_internet_gateway_id"):
        if any(each.vpc_id == vpc for each in egress.attachments):
            yield _node(
                scope,
                egress.egress_only_internet_gateway_id,
                "egress-only internet gateway",
                "ec2:DescribeEgressOnlyInternetGateways",
                egress.tags,
            )
    for nat in _by(scope.nat_gateways.values(), "nat_gateway_id"):
        if nat.vpc_id == vpc and (nat.state or "").lower() != "deleted":
            kind = (nat.connectivity_type or "public").lower()
            yield _node(
                scope,
                nat.nat_gateway_id,
                f"NAT gateway · {kind} · in {nat.subnet_id or 'the whole Region'}",
                "ec2:DescribeNatGateways",
                nat.tags,
                _not("available", nat.state, nat.failure_message),
            )


def _endpoints(scope: Scope, vpc: str) -> Iterator[MapNode]:
    for endpoint in _by(scope.endpoints_by_vpc.get(vpc, ()), "vpc_endpoint_id"):
        service = (endpoint.service_name or "?").rsplit(".", 1)[-1]
        dns = ""
        if (endpoint.vpc_endpoint_type or "").lower() == "interface":
            dns = " · private DNS" if endpoint.private_dns_enabled else " · private DNS off"
        zones = f" · {_counted(len(endpoint.subnet_ids), 'subnet')}" if endpoint.subnet_ids else ""
        yield _node(
            scope,
            endpoint.vpc_endpoint_id,
            f"{endpoint.vpc_endpoint_type or ''} endpoint · {service}{dns}{zones}".strip(),
            "ec2:DescribeVpcEndpoints",
            endpoint.tags,
            _not("available", endpoint.state, endpoint.failure_reason),
        )
    for connect in _by(scope.instance_connect_endpoints_by_vpc.get(vpc, ()), "instance_connect_endpoint_id"):
        state = connect.state or ""
        bad = "" if state in ("create-complete", "update-complete", "update-in-progress") else state
        yield _node(
            scope,
            connect.instance_connect_endpoint_id,
            f"EC2 Instance Connect Endpoint · in {connect.subnet_id or '?'}",
            "ec2:DescribeInstanceConnectEndpoints",
            connect.tags,
            bad and f"{bad}: {connect.state_message or ''}".rstrip(": "),
        )


def _peerings(scope: Scope, vpc: str) -> Iterator[MapNode]:
    for peering in _by(scope.vpc_peering_connections.values(), "vpc_peering_connection_id"):
        ends = (peering.requester_vpc_info, peering.accepter_vpc_info)
        if vpc not in [each.vpc_id for each in ends] or (peering.status.code or "").lower() == "deleted":
            continue
        other = next((each for each in ends if each.vpc_id != vpc), ends[1])
        yield _node(
            scope,
            peering.vpc_peering_connection_id,
            f"peering with {other.vpc_id or '?'} ({other.owner_id or '?'}/{other.region or '?'})",
            "ec2:DescribeVpcPeeringConnections",
            peering.tags,
            _not("active", peering.status.code, peering.status.message),
        )


def _attachments(scope: Scope, vpc: str) -> Iterator[MapNode]:
    for attachment in _by(scope.transit_gateway_vpc_attachments.values(), "transit_gateway_attachment_id"):
        if attachment.vpc_id == vpc and (attachment.state or "").lower() != "deleted":
            yield _node(
                scope,
                attachment.transit_gateway_attachment_id,
                f"attachment to {attachment.transit_gateway_id or '?'}",
                "ec2:DescribeTransitGatewayVpcAttachments",
                problem=_not("available", attachment.state),
            )


def _transit_gateways(scope: Scope) -> Iterator[MapNode]:
    for gateway in _by(scope.transit_gateways.values(), "transit_gateway_id"):
        yield _node(
            scope,
            gateway.transit_gateway_id,
            "transit gateway",
            "ec2:DescribeTransitGateways",
            gateway.tags,
            _not("available", gateway.state),
        )


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _not(wanted: str, state: str | None, reason: str | None = None) -> str:
    if state is None or state.lower() == wanted:
        return ""
    return f"{state}: {reason}" if reason else state


def _by(records: Iterable[T], key: str) -> list[T]:
    return sorted(records, key=lambda each: str(getattr(each, key)))
