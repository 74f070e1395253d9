"""Effects of requests on routes, gateways, addresses and VPC endpoints."""

from __future__ import annotations

from typing import Any, Final

from advisor.advice.action import placeholder_address
from advisor.advice.change import Change, Effect, altered, decoded, new_interface, with_association
from advisor.model.estate import Estate
from advisor.model.records import ec2, other
from advisor.model.scope import Scope

_DESTINATIONS: Final = {
    "DestinationCidrBlock": "destination_cidr_block",
    "DestinationIpv6CidrBlock": "destination_ipv6_cidr_block",
    "DestinationPrefixListId": "destination_prefix_list_id",
}


# --- routes ----------------------------------------------------------------------------------------------


def _put_route(change: Change) -> Estate:
    found = change.scope.route_tables.get(change.given["RouteTableId"])
    if found is None:
        return change.estate
    raw = {key: value for key, value in change.given.items() if key != "RouteTableId"}
    if "VpcEndpointId" in raw:  # a route shows a Gateway Load Balancer endpoint as its gateway
        raw["GatewayId"] = raw.pop("VpcEndpointId")
    route = decoded({**raw, "Origin": "CreateRoute", "State": "active"}, ec2.Route)
    kept = tuple(each for each in found.routes if not _goes_to(each, change.given))
    return change.having(change.scope.having(Scope.route_tables, altered(found, routes=(*kept, route))))


def _delete_route(change: Change) -> Estate:
    found = change.scope.route_tables.get(change.given["RouteTableId"])
    if found is None:
        return change.estate
    kept = tuple(each for each in found.routes if not _goes_to(each, change.given))
    return change.having(change.scope.having(Scope.route_tables, altered(found, routes=kept)))


def _goes_to(route: ec2.Route, given: dict[str, Any]) -> bool:
    return any(
        given.get(member) is not None and getattr(route, name) == given[member]
        for member, name in _DESTINATIONS.items()
    )


# --- addresses and gateways ------------------------------------------------------------------------------


def _allocate(change: Change) -> Estate:
    address = ec2.ElasticAddress(
        public_ip=placeholder_address(change.action.key), allocation_id=change.new_id()
    )
    return change.having(change.scope.having(Scope.addresses, address))


def _allocation(scope: Scope, allocation: str) -> ec2.ElasticAddress | None:
    return next((each for each in scope.addresses.values() if each.allocation_id == allocation), None)


def _release(change: Change) -> Estate:
    found = _allocation(change.scope, change.given["AllocationId"])
    if found is None:
        return change.estate
    return change.having(change.scope.without(Scope.addresses, found.public_ip or ""))


def _associate(change: Change) -> Estate:
    address = _allocation(change.scope, change.given["AllocationId"])
    interface = _interface_of(change)
    if address is None or interface is None:
        return change.estate
    association = ec2.Association(
        public_ip=address.public_ip,
        allocation_id=address.allocation_id,
        association_id=change.new_id(),
        ip_owner_id=change.scope.account,
    )
    bound = altered(
        address,
        association_id=association.association_id,
        network_interface_id=interface.network_interface_id,
        instance_id=interface.attachment.instance_id if interface.attachment else None,
        private_ip_address=interface.private_ip_address,
    )
    scope = change.scope.having(Scope.addresses, bound)
    return change.having(with_association(scope, interface, association))


def _interface_of(change: Change) -> ec2.NetworkInterface | None:
    identity = change.given.get("NetworkInterfaceId")
    if identity is None:
        instance = change.scope.instances.get(change.given["InstanceId"])
        if instance is None or not instance.network_interfaces:
            return None
        identity = instance.network_interfaces[0].network_interface_id
    return change.scope.interfaces.get(identity)


def _disassociate(change: Change) -> Estate:
    wanted = change.given["AssociationId"]
    found = next((each for each in change.scope.addresses.values() if each.association_id == wanted), None)
    if found is None or found.network_interface_id is None:
        return change.estate
    free = altered(
        found, association_id=None, network_interface_id=None, instance_id=None, private_ip_address=None
    )
    scope = change.scope.having(Scope.addresses, free)
    interface = scope.interfaces.get(found.network_interface_id)
    return change.having(with_association(scope, interface, None) if interface is not None else scope)


def _create_nat_gateway(change: Change) -> Estate:
    scope = change.scope
    subnet = scope.subnets.get(change.given["SubnetId"])
    address = _allocation(scope, change.given["AllocationId"])
    if subnet is None or address is None:
        return change.estate
    identity = change.new_id()
    association = ec2.Association(
        public_ip=address.public_ip,
        allocation_id=address.allocation_id,
        association_id=f"eipassoc-new-{change.action.key}",
        ip_owner_id=scope.account,
    )
    interface = new_interface(
        scope,
        f"eni-new-{change.action.key}",
        subnet.subnet_id,
        [],
        "nat_gateway",
        f"Interface for NAT Gateway {identity}",
    )
    interface = altered(
        interface,
        association=association,
        private_ip_addresses=tuple(
            altered(each, association=association) for each in interface.private_ip_addresses
        ),
    )
    gateway = ec2.NatGateway(
        nat_gateway_id=identity,
        vpc_id=subnet.vpc_id,
        subnet_id=subnet.subnet_id,
        state="available",
        connectivity_type=change.given.get("ConnectivityType", "public"),
        availability_mode="zonal",
        nat_gateway_addresses=(
            ec2.NatGatewayAddress(
                allocation_id=address.allocation_id,
                network_interface_id=interface.network_interface_id,
                private_ip=interface.private_ip_address,
                public_ip=address.public_ip,
                is_primary=True,
                status="succeeded",
            ),
        ),
    )
    scope = scope.having(Scope.nat_gateways, gateway).having(Scope.network_interfaces, interface)
    taken = altered(
        address,
        association_id=association.association_id,
        network_interface_id=interface.network_interface_id,
    )
    return change.having(scope.having(Scope.addresses, taken))


def _delete_nat_gateway(change: Change) -> Estate:
    scope = change.scope
    gateway = scope.nat_gateways.get(change.given["NatGatewayId"])
    if gateway is None:
        return change.estate
    scope = scope.without(Scope.nat_gateways, gateway.nat_gateway_id)
    for each in gateway.nat_gateway_addresses:
        if each.network_interface_id:
            scope = scope.without(Scope.network_interfaces, each.network_interface_id)
        address = _allocation(scope, each.allocation_id or "")
        if address is not None:
            scope = scope.having(
                Scope.addresses, altered(address, association_id=None, network_interface_id=None)
            )
    return change.having(scope)


def _create_internet_gateway(change: Change) -> Estate:
    gateway = ec2.InternetGateway(internet_gateway_id=change.new_id(), owner_id=change.scope.account)
    return change.having(change.scope.having(Scope.internet_gateways, gateway))


def _delete_internet_gateway(change: Change) -> Estate:
    return change.having(change.scope.without(Scope.internet_gateways, change.given["InternetGatewayId"]))


def _attachments(attached: bool) -> Effect:
    def effect(change: Change) -> Estate:
        gateway = change.scope.internet_gateways.get(change.given["InternetGatewayId"])
        if gateway is None:
            return change.estate
        one = (ec2.GatewayAttachment(vpc_id=change.given["VpcId"], state="available"),) if attached else ()
        return change.having(change.scope.having(Scope.internet_gateways, altered(gateway, attachments=one)))

    return effect


def _interface_attribute(change: Change) -> Estate:
    identity = change.given["NetworkInterfaceId"]
    value = change.given["SourceDestCheck"]["Value"]
    scope = change.scope
    if identity in scope.network_interfaces:
        changed = altered(scope.network_interfaces[identity], source_dest_check=value)
        scope = scope.having(Scope.network_interfaces, changed)
    for instance in scope.instances.values():
        if any(each.network_interface_id == identity for each in instance.network_interfaces):
            shown = tuple(
                altered(each, source_dest_check=value) if each.network_interface_id == identity else each
                for each in instance.network_interfaces
            )
            update: dict[str, Any] = {"network_interfaces": shown}
            if instance.network_interfaces[0].network_interface_id == identity:
                update["source_dest_check"] = value
            return change.having(scope.having(Scope.reservations, altered(instance, **update)))
    return change.having(scope)


# --- block public access ---------------------------------------------------------------------------------


def _exclude(change: Change) -> Estate:
    scope = change.scope
    subnet = scope.subnets.get(change.given["SubnetId"])
    if subnet is None:
        return change.estate
    mode = change.given["InternetGatewayExclusionMode"]
    arn = f"arn:{scope.partition}:ec2:{scope.region}:{scope.account}:subnet/{subnet.subnet_id}"
    exclusion = ec2.VpcBlockPublicAccessExclusion(
        exclusion_id=change.new_id(),
        internet_gateway_exclusion_mode=mode,
        resource_arn=arn,
        state="create-complete",
    )
    left = "off" if mode == "allow-bidirectional" else "block-ingress"
    states = ec2.BlockPublicAccessStates(internet_gateway_block_mode=left)
    scope = scope.having(Scope.block_public_access_exclusions, exclusion)
    return change.having(scope.having(Scope.subnets, altered(subnet, block_public_access_states=states)))


def _include(change: Change) -> Estate:
    scope = change.scope
    exclusion = scope.block_public_access_exclusions.get(change.given["ExclusionId"])
    if exclusion is None:
        return change.estate
    scope = scope.without(Scope.block_public_access_exclusions, exclusion.exclusion_id)
    subnet = scope.subnets.get((exclusion.resource_arn or "").rpartition("/")[2])
    vpc = scope.vpcs.get(subnet.vpc_id) if subnet is not None else None
    if subnet is None or vpc is None:
        return change.having(scope)
    states = vpc.block_public_access_states
    return change.having(scope.having(Scope.subnets, altered(subnet, block_public_access_states=states)))


# --- VPC endpoints and DNS -------------------------------------------------------------------------------


def _create_endpoint(change: Change) -> Estate:
    scope, given = change.scope, change.given
    identity = change.new_id()
    if given["VpcEndpointType"] == "Gateway":
        return _create_gateway_endpoint(change, identity)
    vpc = given["VpcId"]
    default = scope.default_groups.get(vpc)
    groups = given.get("SecurityGroupIds") or ([default.group_id] if default is not None else [])
    endpoint = ec2.VpcEndpoint(
        vpc_endpoint_id=identity,
        vpc_endpoint_type="Interface",
        vpc_id=vpc,
        service_name=given["ServiceName"],
        state="available",
        subnet_ids=(),
        groups=tuple(ec2.SecurityGroupIdentifier(group_id=each) for each in groups),
        private_dns_enabled=bool(given.get("PrivateDnsEnabled")),
        ip_address_type="ipv4",
        owner_id=scope.account,
    )
    return change.having(_in_subnets(scope, endpoint, given.get("SubnetIds", ())))


def _in_subnets(scope: Scope, endpoint: ec2.VpcEndpoint, subnets: list[str]) -> Scope:
    """The endpoint with an interface in each of these subnets."""
    groups = [each.group_id for each in endpoint.groups]
    for subnet in subnets:
        eni = new_interface(
            scope,
            f"eni-new-{endpoint.vpc_endpoint_id}-{subnet}",
            subnet,
            groups,
            "vpc_endpoint",
            f"VPC Endpoint Interface {endpoint.vpc_endpoint_id}",
        )
        scope = scope.having(Scope.network_interfaces, eni)
        endpoint = altered(
            endpoint,
            subnet_ids=(*endpoint.subnet_ids, subnet),
            network_interface_ids=(*endpoint.network_interface_ids, eni.network_interface_id),
        )
    return scope.having(Scope.vpc_endpoints, endpoint)


def _create_gateway_endpoint(change: Change, identity: str) -> Estate:
    scope, given = change.scope, change.given
    endpoint = ec2.VpcEndpoint(
        vpc_endpoint_id=identity,
        vpc_endpoint_type="Gateway",
        vpc_id=given["VpcId"],
        service_name=given["ServiceName"],
        state="available",
        private_dns_enabled=False,
        owner_id=scope.account,
    )
    return change.having(_in_tables(scope, endpoint, given["RouteTableIds"]))


def _in_tables(scope: Scope, endpoint: ec2.VpcEndpoint, tables: list[str]) -> Scope:
    """The gateway endpoint with its prefix list's route in each of these tables."""
    prefix_list = next(
        (
            each.prefix_list_id
            for each in scope.managed_prefix_lists.values()
            if each.prefix_list_name == endpoint.service_name
        ),
        None,
    )
    for identity in tables:
        table = scope.route_tables.get(identity)
        endpoint = altered(endpoint, route_table_ids=(*endpoint.route_table_ids, identity))
        if table is not None and prefix_list is not None:
            route = ec2.Route(
                destination_prefix_list_id=prefix_list,
                gateway_id=endpoint.vpc_endpoint_id,
                origin="CreateRoute",
                state="active",
            )
            scope = scope.having(Scope.route_tables, altered(table, routes=(*table.routes, route)))
    return scope.having(Scope.vpc_endpoints, endpoint)


def _delete_endpoints(change: Change) -> Estate:
    scope = change.scope
    for identity in change.given["VpcEndpointIds"]:
        endpoint = scope.vpc_endpoints.get(identity)
        if endpoint is None:
            continue
        scope = _out_of_tables(scope, endpoint, list(endpoint.route_table_ids))
        for eni in endpoint.network_interface_ids:
            scope = scope.without(Scope.network_interfaces, eni)
        scope = scope.without(Scope.vpc_endpoints, identity)
    return change.having(scope)


def _out_of_tables(scope: Scope, endpoint: ec2.VpcEndpoint, tables: list[str]) -> Scope:
    for identity in tables:
        table = scope.route_tables.get(identity)
        if table is not None:
            kept = tuple(each for each in table.routes if each.gateway_id != endpoint.vpc_endpoint_id)
            scope = scope.having(Scope.route_tables, altered(table, routes=kept))
    left = tuple(each for each in endpoint.route_table_ids if each not in tables)
    return scope.having(Scope.vpc_endpoints, altered(endpoint, route_table_ids=left))


def _modify_endpoint(change: Change) -> Estate:
    scope, given = change.scope, change.given
    endpoint = scope.vpc_endpoints.get(given["VpcEndpointId"])
    if endpoint is None:
        return change.estate
    if "PrivateDnsEnabled" in given:
        endpoint = altered(endpoint, private_dns_enabled=given["PrivateDnsEnabled"])
    if given.get("ResetPolicy"):
        endpoint = altered(endpoint, policy_document=_FULL_ACCESS)
    if "PolicyDocument" in given:
        endpoint = altered(endpoint, policy_document=given["PolicyDocument"])
    added, removed = given.get("AddSecurityGroupIds", []), given.get("RemoveSecurityGroupIds", [])
    if added or removed:
        kept = [each for each in endpoint.groups if each.group_id not in removed]
        kept += [ec2.SecurityGroupIdentifier(group_id=each) for each in added]
        endpoint = altered(endpoint, groups=tuple(kept))
        members = tuple(ec2.GroupIdentifier(group_id=each.group_id) for each in kept)
        for eni in endpoint.network_interface_ids:
            if eni in scope.network_interfaces:
                changed = altered(scope.network_interfaces[eni], groups=members)
                scope = scope.having(Scope.network_interfaces, changed)
    scope = scope.having(Scope.vpc_endpoints, endpoint)
    scope = _in_subnets(scope, endpoint, given.get("AddSubnetIds", []))
    scope = _out_of_subnets(scope, endpoint.vpc_endpoint_id, given.get("RemoveSubnetIds", []))
    if given.get("AddRouteTableIds"):
        scope = _in_tables(scope, scope.vpc_endpoints[endpoint.vpc_endpoint_id], given["AddRouteTableIds"])
    if given.get("RemoveRouteTableIds"):
        scope = _out_of_tables(
            scope, scope.vpc_endpoints[endpoint.vpc_endpoint_id], given["RemoveRouteTableIds"]
        )
    return change.having(scope)


def _out_of_subnets(scope: Scope, identity: str, subnets: list[str]) -> Scope:
    endpoint = scope.vpc_endpoints[identity]
    gone = [
        eni
        for eni in endpoint.network_interface_ids
        if (found := scope.network_interfaces.get(eni)) is not None and found.subnet_id in subnets
    ]
    for eni in gone:
        scope = scope.without(Scope.network_interfaces, eni)
    if not subnets:
        return scope
    changed = altered(
        endpoint,
        subnet_ids=tuple(each for each in endpoint.subnet_ids if each not in subnets),
        network_interface_ids=tuple(each for each in endpoint.network_interface_ids if each not in gone),
    )
    return scope.having(Scope.vpc_endpoints, changed)


_FULL_ACCESS: Final = '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}'
"""The policy that AWS gives an endpoint by default."""


def _vpc_attribute(change: Change) -> Estate:
    vpc = change.given["VpcId"]
    record = change.scope.vpc_attributes.get(vpc) or ec2.VpcAttribute(vpc_id=vpc)
    for member, name in (
        ("EnableDnsSupport", "enable_dns_support"),
        ("EnableDnsHostnames", "enable_dns_hostnames"),
    ):
        if member in change.given:
            value = ec2.AttributeBoolean(value=change.given[member]["Value"])
            record = altered(record, **{name: value})
    return change.having(change.scope.having(Scope.vpc_attributes, record))


def _zone_association(associated: bool) -> Effect:
    def effect(change: Change) -> Estate:
        home = change.home
        zone, vpc = change.given["HostedZoneId"], change.given["VPC"]["VPCId"]
        name = next(
            (
                each.name
                for of_vpc in home.hosted_zones_of_vpcs.values()
                for each in of_vpc.hosted_zone_summaries
                if each.hosted_zone_id.rpartition("/")[2] == zone
            ),
            None,
        )
        record = home.hosted_zones_of_vpcs.get(vpc) or other.HostedZonesOfVpc(vpc_id=vpc)
        kept = [
            each for each in record.hosted_zone_summaries if each.hosted_zone_id.rpartition("/")[2] != zone
        ]
        if associated and name is not None:
            kept.append(other.HostedZoneSummary(hosted_zone_id=zone, name=name))
        changed = altered(record, hosted_zone_summaries=tuple(kept))
        return change.having(home.having(Scope.hosted_zones_of_vpcs, changed))

    return effect


NETWORK: Final[dict[str, Effect]] = {
    "ec2:AllocateAddress": _allocate,
    "ec2:AssociateAddress": _associate,
    "ec2:AttachInternetGateway": _attachments(attached=True),
    "ec2:CreateInternetGateway": _create_internet_gateway,
    "ec2:CreateNatGateway": _create_nat_gateway,
    "ec2:CreateRoute": _put_route,
    "ec2:CreateVpcBlockPublicAccessExclusion": _exclude,
    "ec2:CreateVpcEndpoint": _create_endpoint,
    "ec2:DeleteInternetGateway": _delete_internet_gateway,
    "ec2:DeleteNatGateway": _delete_nat_gateway,
    "ec2:DeleteRoute": _delete_route,
    "ec2:DeleteVpcBlockPublicAccessExclusion": _include,
    "ec2:DeleteVpcEndpoints": _delete_endpoints,
    "ec2:DetachInternetGateway": _attachments(attached=False),
    "ec2:DisassociateAddress": _disassociate,
    "ec2:ModifyNetworkInterfaceAttribute": _interface_attribute,
    "ec2:ModifyVpcAttribute": _vpc_attribute,
    "ec2:ModifyVpcEndpoint": _modify_endpoint,
    "ec2:ReleaseAddress": _release,
    "ec2:ReplaceRoute": _put_route,
    "route53:AssociateVPCWithHostedZone": _zone_association(associated=True),
    "route53:DisassociateVPCFromHostedZone": _zone_association(associated=False),
}
