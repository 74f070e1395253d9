"""Requests about VPC endpoints and the names that lead to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from advisor.advice.action import (
    Action,
    Members,
    Ref,
    Remedy,
    Undo,
    advise,
    members,
    request,
    slug,
)
from advisor.advice.groups import opens, own_group, rule
from advisor.advice.quotas import INTERFACE_ENDPOINTS_PER_VPC
from advisor.advice.room import interface_endpoint_count
from advisor.model.estate import Estate
from advisor.model.records.ec2 import Subnet, VpcEndpoint
from advisor.model.scope import Scope
from advisor.network import repairs

HTTPS: Final = 443
_ENDPOINT, _DNS, _PRIVATE_DNS, _POLICY, _GATEWAY, _ZONE = 4, 2, 5, 4, 3, 4
_MOST_GROUPS: Final = 5
"""Up to so many groups are named one by one in an endpoint's rules; beyond, the VPC's own ranges."""


def service_name(scope: Scope, service: str) -> str:
    """The endpoint service's name: `com.amazonaws.us-east-1.ssm`.

    In China some services have `cn.` in front of it; those of Systems Manager, KMS, logs and S3's gateway
    have not. Where the Region's services were read, they say so themselves.
    """
    name = f"com.amazonaws.{scope.region}.{service}"
    listed = scope.vpc_endpoint_services
    return f"cn.{name}" if name not in listed and f"cn.{name}" in listed else name


def create_interface_endpoint(repair: repairs.CreateInterfaceEndpoint, estate: Estate) -> Remedy:
    """An interface endpoint with private DNS, the VPC's DNS attributes it needs, and a group that admits."""
    scope = estate.scope(repair.account, repair.region)
    refusal = _no_room(scope, repair) or _name_taken(estate, scope, repair)
    if refusal is not None:
        return refusal
    subnets = usable_subnets(scope, repair)
    if not subnets:
        return advise("no-subnet-for-endpoint", "limit", service=repair.service, vpc=repair.vpc)
    dns = tuple(vpc_dns(scope, repair.vpc))
    group_actions, group = endpoint_group(scope, repair.vpc)
    key = slug("endpoint", repair.service, repair.vpc)
    create = request(
        scope,
        "ec2:CreateVpcEndpoint",
        members(
            VpcId=repair.vpc,
            VpcEndpointType="Interface",
            ServiceName=service_name(scope, repair.service),
            SubnetIds=tuple(subnet.subnet_id for subnet in subnets),
            SecurityGroupIds=(group,),
            PrivateDnsEnabled=True,
        ),
        key=key,
        text="create-interface-endpoint",
        risk=_ENDPOINT,
        undo=[
            Undo(
                "ec2:DeleteVpcEndpoints",
                members(VpcEndpointIds=(Ref(key, "VpcEndpoint.VpcEndpointId"),)),
                "delete-endpoint",
            )
        ],
        service=repair.service,
        vpc=repair.vpc,
        subnets=", ".join(subnet.subnet_id for subnet in subnets),
        count=str(len(subnets)),
    )
    return Remedy((*dns, *group_actions, create))


def usable_subnets(scope: Scope, repair: repairs.CreateInterfaceEndpoint) -> tuple[Subnet, ...]:
    """The subnets to use: one in each zone, with a free address, where the service is offered."""
    detail = scope.vpc_endpoint_services.get(service_name(scope, repair.service))
    zones = set(detail.availability_zones) if detail is not None and detail.availability_zones else None
    found: dict[str, Subnet] = {}
    for identity in repair.subnets:
        subnet = scope.subnets.get(identity)
        if subnet is None:
            continue
        zone = subnet.availability_zone or identity
        offered = zones is None or subnet.availability_zone is None or zone in zones
        room = subnet.available_ip_address_count is None or subnet.available_ip_address_count > 0
        if offered and room:
            found.setdefault(zone, subnet)
    return tuple(found.values())


def endpoint_group(scope: Scope, vpc: str) -> tuple[tuple[Action, ...], str | Ref]:
    """A group for endpoints of the VPC, with the requests that make it where there is none to use again.

    Private DNS sends everybody in the VPC to the endpoint, so its group must admit every instance there,
    not only the one that is asked about: by their groups, or by the VPC's ranges where those are many.
    """
    reusable = _reusable_group(scope, vpc)
    if reusable is not None:
        return (), reusable
    made, group = own_group(scope, vpc, "endpoints", "HTTPS from instances of this VPC to its endpoints")
    peers = groups_in_use(scope, vpc)
    rules: list[Action] = []
    by_group = 0 < len(peers) <= _MOST_GROUPS
    has = _admitted(scope, group) if isinstance(group, str) else frozenset()
    for peer in peers if by_group else vpc_ranges(scope, vpc):
        if peer in has:
            continue
        admit = repairs.AdmitInGroup(
            group=group if isinstance(group, str) else f"endpoints-{vpc}",
            egress=False,
            protocol="tcp",
            first_port=HTTPS,
            last_port=HTTPS,
            peer_group=peer if by_group else None,
            peer_cidr=None if by_group else peer,
            account=scope.account,
            region=scope.region,
        )
        rules.append(into(rule(scope, admit), group))
    return (*made, *rules), group


def into(action: Action, group: str | Ref) -> Action:
    """The same rule in a group of ours, which another action may create."""
    return msgspec.structs.replace(
        action,
        parameters=action.parameters.having("GroupId", group),
        risk=1,
        rollback=tuple(
            msgspec.structs.replace(each, parameters=each.parameters.having("GroupId", group), risk=1)
            for each in action.rollback
        ),
    )


def groups_in_use(scope: Scope, vpc: str) -> list[str]:
    """The groups that instances of the VPC carry: the fewest that cover every instance, in a stable order.

    Greedy: the group that most still uncovered instances carry comes first, so that a group which everybody
    has stands alone.
    """
    waiting = [
        frozenset(
            group.group_id
            for group in (
                *instance.security_groups,
                *(g for i in instance.network_interfaces for g in i.groups),
            )
        )
        for instance in scope.instances_by_vpc.get(vpc, ())
        if instance.state.name.lower() != "terminated"
    ]
    waiting = [groups for groups in waiting if groups]
    chosen: list[str] = []
    while waiting and len(chosen) <= _MOST_GROUPS:
        counts: dict[str, int] = {}
        for groups in waiting:
            for group in groups:
                counts[group] = counts.get(group, 0) + 1
        best = min(counts, key=lambda group: (-counts[group], group))
        chosen.append(best)
        waiting = [groups for groups in waiting if best not in groups]
    return chosen


def vpc_ranges(scope: Scope, vpc: str) -> list[str]:
    """The IPv4 ranges of the VPC that are in force."""
    record = scope.vpcs.get(vpc)
    if record is None:
        return []
    ranges = [
        each.cidr_block
        for each in record.cidr_block_association_set
        if each.cidr_block_state is None or (each.cidr_block_state.state or "associated") == "associated"
    ]
    return ranges or ([record.cidr_block] if record.cidr_block else [])


def _reusable_group(scope: Scope, vpc: str) -> str | None:
    """The group of another endpoint of the VPC, if it admits HTTPS from the VPC's ranges or its groups."""
    wanted_groups = set(groups_in_use(scope, vpc))
    wanted_ranges = set(vpc_ranges(scope, vpc))
    for endpoint in scope.endpoints_by_vpc.get(vpc, ()):
        for each in endpoint.groups:
            group = scope.security_groups.get(each.group_id)
            if group is None or group.owner_id not in (None, scope.account):
                continue
            has = _admitted(scope, group.group_id)
            by_range = wanted_ranges and (wanted_ranges <= has or "0.0.0.0/0" in has)
            if by_range or (wanted_groups and wanted_groups <= has):
                return group.group_id
    return None


def _admitted(scope: Scope, group: str) -> frozenset[str]:
    """The groups and ranges that a group admits to HTTPS."""
    record = scope.security_groups.get(group)
    found: set[str] = set()
    for permission in record.ip_permissions if record is not None else ():
        if opens(permission, HTTPS):
            found |= {pair.group_id for pair in permission.user_id_group_pairs if pair.group_id}
            found |= {each.cidr_ip for each in permission.ip_ranges}
    return frozenset(found)


def vpc_dns(scope: Scope, vpc: str) -> list[Action]:
    """The DNS attributes of the VPC that are off and must be on for private DNS, support first."""
    names = (("enable_dns_support", "enableDnsSupport"), ("enable_dns_hostnames", "enableDnsHostnames"))
    return [switch_vpc_dns(scope, vpc, api) for ours, api in names if scope.vpc_attribute(vpc, ours) is False]


def switch_vpc_dns(scope: Scope, vpc: str, attribute: str) -> Action:
    """One DNS attribute of a VPC, on."""
    member = attribute[0].upper() + attribute[1:]

    def switched(value: bool) -> Members:
        return members(**{"VpcId": vpc, member: {"Value": value}})

    return request(
        scope,
        "ec2:ModifyVpcAttribute",
        switched(True),
        key=slug(attribute, vpc),
        text="enable-vpc-dns",
        risk=_DNS,
        undo=[Undo("ec2:ModifyVpcAttribute", switched(False), "disable-vpc-dns")],
        vpc=vpc,
        attribute=attribute,
    )


def enable_vpc_dns(repair: repairs.EnableVpcDns, estate: Estate) -> Remedy:
    """A DNS attribute of a VPC."""
    scope = estate.scope(repair.account, repair.region)
    vpc = scope.vpcs.get(repair.vpc)
    if vpc is not None and vpc.owner_id not in (None, scope.account):
        return advise(
            "ask-owner", "owner", owner=str(vpc.owner_id), resource=repair.vpc, change=repair.attribute
        )
    return Remedy((switch_vpc_dns(scope, repair.vpc, repair.attribute),))


def enable_private_dns(repair: repairs.EnablePrivateDns, estate: Estate) -> Remedy:
    """Private DNS on an endpoint, with the VPC's attributes it needs: all of the VPC's traffic moves."""
    scope = estate.scope(repair.account, repair.region)
    endpoint = scope.vpc_endpoints.get(repair.endpoint)
    foreign = foreign_endpoint(scope, endpoint)
    if foreign is not None:
        return foreign
    change = modify_endpoint(
        scope,
        repair.endpoint,
        members(PrivateDnsEnabled=True),
        members(PrivateDnsEnabled=False),
        key=slug("private-dns", repair.endpoint),
        text="enable-private-dns",
        risk=_PRIVATE_DNS,
        vpc=repair.vpc,
    )
    return Remedy((*vpc_dns(scope, repair.vpc), change))


def modify_endpoint(
    scope: Scope,
    endpoint: str,
    change: Members,
    back: Members,
    *,
    key: str,
    text: str,
    risk: int,
    **names: str,
) -> Action:
    """A change of an endpoint that another change takes back."""
    return request(
        scope,
        "ec2:ModifyVpcEndpoint",
        Members((("VpcEndpointId", endpoint), *change.items)),
        key=key,
        text=text,
        risk=risk,
        undo=[
            Undo(
                "ec2:ModifyVpcEndpoint",
                Members((("VpcEndpointId", endpoint), *back.items)),
                "modify-endpoint-back",
            )
        ],
        names=names,
        endpoint=endpoint,
    )


def add_endpoint_subnet(repair: repairs.AddEndpointSubnet, estate: Estate) -> Remedy:
    """A further subnet for an endpoint; each zone holds one at most."""
    scope = estate.scope(repair.account, repair.region)
    endpoint = scope.vpc_endpoints.get(repair.endpoint)
    foreign = foreign_endpoint(scope, endpoint)
    if foreign is not None:
        return foreign
    subnet = scope.subnets.get(repair.subnet)
    zone = subnet.availability_zone if subnet is not None else None
    held = endpoint.subnet_ids if endpoint is not None else ()
    zones = {found.availability_zone for each in held if (found := scope.subnets.get(each)) is not None}
    if zone is not None and zone in zones:
        return advise("endpoint-zone-taken", "limit", endpoint=repair.endpoint, zone=zone)
    return Remedy(
        (
            modify_endpoint(
                scope,
                repair.endpoint,
                members(AddSubnetIds=(repair.subnet,)),
                members(RemoveSubnetIds=(repair.subnet,)),
                key=slug("endpoint-subnet", repair.endpoint, repair.subnet),
                text="add-endpoint-subnet",
                risk=_ENDPOINT,
                subnet=repair.subnet,
            ),
        )
    )


def reset_endpoint_policy(repair: repairs.ResetEndpointPolicy, estate: Estate) -> Remedy:
    """The default policy on an endpoint; the one it had is kept for the way back."""
    scope = estate.scope(repair.account, repair.region)
    endpoint = scope.vpc_endpoints.get(repair.endpoint)
    foreign = foreign_endpoint(scope, endpoint)
    if foreign is not None:
        return foreign
    old = endpoint.policy_document if endpoint is not None else None
    return Remedy(
        (
            modify_endpoint(
                scope,
                repair.endpoint,
                members(ResetPolicy=True),
                members(PolicyDocument=old) if old else members(ResetPolicy=True),
                key=slug("endpoint-policy", repair.endpoint),
                text="reset-endpoint-policy",
                risk=_POLICY,
            ),
        )
    )


def create_gateway_endpoint(repair: repairs.CreateGatewayEndpoint, estate: Estate) -> Remedy:
    """A gateway endpoint's route in a table: the VPC's own endpoint where there is one, else a new one."""
    scope = estate.scope(repair.account, repair.region)
    name = service_name(scope, repair.service)
    for endpoint in scope.endpoints_by_vpc.get(repair.vpc, ()):
        if endpoint.service_name == name and endpoint.vpc_endpoint_type == "Gateway":
            identity = endpoint.vpc_endpoint_id
            change = modify_endpoint(
                scope,
                identity,
                members(AddRouteTableIds=(repair.route_table,)),
                members(RemoveRouteTableIds=(repair.route_table,)),
                key=slug("endpoint-table", identity, repair.route_table),
                text="add-endpoint-table",
                risk=_GATEWAY,
                table=repair.route_table,
            )
            return foreign_endpoint(scope, endpoint) or Remedy((change,))
    key = slug("endpoint", repair.service, repair.vpc)
    return Remedy(
        (
            request(
                scope,
                "ec2:CreateVpcEndpoint",
                members(
                    VpcId=repair.vpc,
                    VpcEndpointType="Gateway",
                    ServiceName=name,
                    RouteTableIds=(repair.route_table,),
                ),
                key=key,
                text="create-gateway-endpoint",
                risk=_GATEWAY,
                undo=[
                    Undo(
                        "ec2:DeleteVpcEndpoints",
                        members(VpcEndpointIds=(Ref(key, "VpcEndpoint.VpcEndpointId"),)),
                        "delete-endpoint",
                    )
                ],
                service=repair.service,
                vpc=repair.vpc,
                table=repair.route_table,
            ),
        )
    )


def replace_endpoint(scope: Scope, endpoint: VpcEndpoint, estate: Estate) -> Remedy:
    """A new endpoint in place of one that failed or was rejected."""
    foreign = foreign_endpoint(scope, endpoint)
    if foreign is not None:
        return foreign
    service = (endpoint.service_name or "").rpartition(f"{scope.region}.")[2]
    delete = request(
        scope,
        "ec2:DeleteVpcEndpoints",
        members(VpcEndpointIds=(endpoint.vpc_endpoint_id,)),
        key=slug("delete", endpoint.vpc_endpoint_id),
        text="delete-endpoint",
        risk=3,
        lossy=True,
        endpoint=endpoint.vpc_endpoint_id,
        service=service,
        vpc=endpoint.vpc_id or "",
    )
    remaining = estate.having(scope.without(Scope.vpc_endpoints, endpoint.vpc_endpoint_id))
    create = create_interface_endpoint(
        repairs.CreateInterfaceEndpoint(
            service=service,
            vpc=endpoint.vpc_id or "",
            subnets=endpoint.subnet_ids or tuple(subnets_for_endpoint(scope, endpoint.vpc_id or "")),
            account=scope.account,
            region=scope.region,
        ),
        remaining,
    )
    return Remedy((delete, *create.actions), create.advice) if create.actions else create


def subnets_for_endpoint(scope: Scope, vpc: str, zones: int = 2) -> Sequence[str]:
    """Subnets for an endpoint: in up to `zones` zones, those where most instances run first."""
    instances: dict[str, int] = {}
    for instance in scope.instances_by_vpc.get(vpc, ()):
        if instance.subnet_id:
            instances[instance.subnet_id] = instances.get(instance.subnet_id, 0) + 1
    candidates = sorted(
        scope.subnets_by_vpc.get(vpc, ()),
        key=lambda subnet: (-instances.get(subnet.subnet_id, 0), subnet.subnet_id),
    )
    populated = {s.availability_zone for s in candidates if instances.get(s.subnet_id)}
    chosen: dict[str, str] = {}
    for subnet in candidates:
        zone = subnet.availability_zone or subnet.subnet_id
        if populated and zone not in populated:
            continue
        if subnet.available_ip_address_count == 0 or subnet.ipv6_native:
            continue
        chosen.setdefault(zone, subnet.subnet_id)
    return list(chosen.values())[:zones]


def associate_hosted_zone(repair: repairs.AssociateHostedZone, estate: Estate) -> Remedy:
    """A private hosted zone for a VPC; Route 53 is global, the VPC's Region is a parameter."""
    scope = estate.scope(repair.account, repair.region)
    place = members(
        HostedZoneId=repair.zone.removeprefix("/hostedzone/"),
        VPC={"VPCRegion": repair.region, "VPCId": repair.vpc},
    )
    return Remedy(
        (
            request(
                estate.global_scope(scope.account),
                "route53:AssociateVPCWithHostedZone",
                place,
                key=slug("hosted-zone", repair.zone, repair.vpc),
                text="associate-hosted-zone",
                risk=_ZONE,
                undo=[Undo("route53:DisassociateVPCFromHostedZone", place, "disassociate-hosted-zone")],
                zone=repair.zone,
                vpc=repair.vpc,
            ),
        )
    )


def foreign_endpoint(scope: Scope, endpoint: VpcEndpoint | None) -> Remedy | None:
    """Words for the owner, where the endpoint belongs to another account."""
    if endpoint is None or endpoint.owner_id in (None, scope.account):
        return None
    return advise(
        "ask-owner",
        "owner",
        owner=str(endpoint.owner_id),
        resource=endpoint.vpc_endpoint_id,
        change="VPC endpoint",
    )


def _no_room(scope: Scope, repair: repairs.CreateInterfaceEndpoint) -> Remedy | None:
    vpc = scope.vpcs.get(repair.vpc)
    if vpc is not None and vpc.owner_id not in (None, scope.account):
        return advise(
            "ask-owner",
            "owner",
            owner=str(vpc.owner_id),
            resource=repair.vpc,
            change=f"interface endpoint for {repair.service}",
        )
    if interface_endpoint_count(scope, repair.vpc) >= INTERFACE_ENDPOINTS_PER_VPC:
        return advise("endpoint-quota", "limit", vpc=repair.vpc, limit=str(INTERFACE_ENDPOINTS_PER_VPC))
    return None


def _name_taken(estate: Estate, scope: Scope, repair: repairs.CreateInterfaceEndpoint) -> Remedy | None:
    """Private DNS is refused where the VPC already has the name: by an endpoint, or a private hosted zone."""
    name = service_name(scope, repair.service)
    for endpoint in scope.endpoints_by_vpc.get(repair.vpc, ()):
        if endpoint.service_name == name and endpoint.private_dns_enabled:
            return advise(
                "private-dns-taken", "limit", endpoint=endpoint.vpc_endpoint_id, service=repair.service
            )
    suffix = "amazonaws.com.cn" if scope.region.startswith("cn-") else "amazonaws.com"
    zones = estate.global_scope(scope.account).hosted_zones_of_vpcs.get(repair.vpc)
    for zone in zones.hosted_zone_summaries if zones is not None else ():
        if zone.name.rstrip(".").lower() == f"{repair.service}.{scope.region}.{suffix}":
            return advise("private-dns-taken", "limit", endpoint=zone.hosted_zone_id, service=repair.service)
    return None
