"""Requests that give packets a way: routes, NAT and internet gateways, public addresses, transit gateways."""

from __future__ import annotations

from typing import Final

from advisor.advice.action import (
    Action,
    Members,
    Ref,
    Remedy,
    Undo,
    advise,
    members,
    request,
    result,
    slug,
)
from advisor.advice.quotas import ADDRESSES_PER_REGION, NAT_GATEWAYS_PER_ZONE
from advisor.advice.room import nat_gateways_beside
from advisor.model.estate import Estate
from advisor.model.records.ec2 import Route
from advisor.model.scope import Scope
from advisor.network import repairs

ANYWHERE: Final = "0.0.0.0/0"
_ROUTE, _NAT, _PUBLIC, _TRANSIT, _FORWARD = 3, 6, 9, 8, 3

_TARGETS: Final = (
    ("nat-", "NatGatewayId"),
    ("pcx-", "VpcPeeringConnectionId"),
    ("tgw-", "TransitGatewayId"),
    ("eigw-", "EgressOnlyInternetGatewayId"),
    ("vpce-", "VpcEndpointId"),
    ("eni-", "NetworkInterfaceId"),
    ("i-", "InstanceId"),
    ("igw-", "GatewayId"),
    ("vgw-", "GatewayId"),
)


def add_route(repair: repairs.AddRoute, estate: Estate) -> Remedy:
    """A route to a gateway, peering or transit gateway, in place of a dead one where there is one."""
    scope = estate.scope(repair.account, repair.region)
    return foreign_table(scope, repair.route_table, repair.destination, repair.target) or Remedy(
        (route(scope, repair.route_table, repair.destination, repair.target, repair.replaces),)
    )


def foreign_table(scope: Scope, table_id: str, destination: str, target: str) -> Remedy | None:
    """Words for the owner, where the route table belongs to another account; None where it is ours."""
    table = scope.route_tables.get(table_id)
    if table is None or table.owner_id in (None, scope.account):
        return None
    return advise(
        "ask-owner-for-route",
        "owner",
        owner=str(table.owner_id),
        table=table_id,
        destination=destination,
        target=target,
    )


def route(
    scope: Scope, table: str, destination: str, target: str | Ref, replaces: bool, *, key_of_target: str = ""
) -> Action:
    """One route; a Ref as `target` comes with a name (`key_of_target`) that begins like the id to come."""
    named = key_of_target or str(target)
    place = _destination(destination)
    base = dict(place.items)
    parameters = members(RouteTableId=table, **base, **{_member(named): target})
    undo = Undo("ec2:DeleteRoute", members(RouteTableId=table, **base), "delete-route")
    lossy = False
    old = existing_route(scope, table, destination) if replaces else None
    if old is not None and (old.state or "").lower() != "blackhole":
        before = _target_of(old)
        undo = Undo("ec2:ReplaceRoute", members(RouteTableId=table, **base, **before), "replace-route")
    elif replaces:
        lossy = True
    return request(
        scope,
        "ec2:ReplaceRoute" if replaces else "ec2:CreateRoute",
        parameters,
        key=slug("route", table, destination, named),
        text="replace-route" if replaces else "create-route",
        risk=_PUBLIC if named.startswith("igw-") else _ROUTE,
        undo=[undo],
        lossy=lossy,
        table=table,
        destination=destination,
        target=named,
    )


def existing_route(scope: Scope, table_id: str, destination: str) -> Route | None:
    """The table's route to exactly this destination."""
    table = scope.route_tables.get(table_id)
    routes = table.routes if table is not None else ()
    return next((each for each in routes if destination in destinations(each)), None)


def destinations(each: Route) -> tuple[str | None, ...]:
    """The three members of which one is a route's destination."""
    return each.destination_cidr_block, each.destination_ipv6_cidr_block, each.destination_prefix_list_id


def create_nat_gateway(repair: repairs.CreateNatGateway, estate: Estate) -> Remedy:
    """A NAT gateway with its own Elastic IP address, and the default route to it."""
    scope = estate.scope(repair.account, repair.region)
    foreign = foreign_table(scope, repair.route_table, ANYWHERE, "a NAT gateway")
    if foreign is not None:
        return foreign
    if len(nat_gateways_beside(scope, repair.public_subnet)) >= NAT_GATEWAYS_PER_ZONE:
        subnet = scope.subnets.get(repair.public_subnet)
        zone = subnet.availability_zone if subnet is not None else None
        return advise("nat-quota", "limit", zone=str(zone), limit=str(NAT_GATEWAYS_PER_ZONE))
    full = no_address(scope)
    if full is not None:
        return full
    address = allocate_address(scope, slug("address", "nat", repair.public_subnet))
    key = slug("nat", repair.public_subnet)
    gateway = request(
        scope,
        "ec2:CreateNatGateway",
        members(SubnetId=repair.public_subnet, AllocationId=result(address), ConnectivityType="public"),
        key=key,
        text="create-nat-gateway",
        risk=_NAT,
        undo=[
            Undo(
                "ec2:DeleteNatGateway",
                members(NatGatewayId=Ref(key, "NatGateway.NatGatewayId")),
                "delete-nat-gateway",
            )
        ],
        subnet=repair.public_subnet,
        vpc=repair.vpc,
    )
    way = route(
        scope,
        repair.route_table,
        ANYWHERE,
        result(gateway),
        repair.replaces_route,
        key_of_target=f"nat-in-{repair.public_subnet}",
    )
    return Remedy((address, gateway, way))


def allocate_address(scope: Scope, key: str) -> Action:
    """A new Elastic IP address."""
    return request(
        scope,
        "ec2:AllocateAddress",
        members(Domain="vpc"),
        key=key,
        text="allocate-address",
        risk=1,
        undo=[Undo("ec2:ReleaseAddress", members(AllocationId=Ref(key, "AllocationId")), "release-address")],
        lossy=True,
    )


def no_address(scope: Scope) -> Remedy | None:
    """Words about the quota of Elastic IP addresses, where it is reached."""
    if len(scope.addresses) < ADDRESSES_PER_REGION:
        return None
    return advise("address-quota", "limit", region=scope.region, limit=str(ADDRESSES_PER_REGION))


def associate_public_address(repair: repairs.AssociatePublicAddress, estate: Estate) -> Remedy:
    """An Elastic IP address on an interface: a free one where there is one, else a new one."""
    scope = estate.scope(repair.account, repair.region)
    identity = primary_interface(scope, repair.interface)
    interface = scope.interfaces.get(identity)
    if interface is not None and interface.owner_id not in (None, scope.account):
        return advise(
            "ask-owner", "owner", owner=str(interface.owner_id), resource=identity, change="address"
        )
    free = next(
        (
            each.allocation_id
            for each in scope.addresses.values()
            if each.allocation_id and not (each.association_id or each.network_interface_id)
        ),
        None,
    )
    actions: list[Action] = []
    allocation: str | Ref
    if free is None:
        full = no_address(scope)
        if full is not None:
            return full
        actions.append(allocate_address(scope, slug("address", identity)))
        allocation = result(actions[0])
    else:
        allocation = free
    key = slug("public-address", identity)
    actions.append(
        request(
            scope,
            "ec2:AssociateAddress",
            members(AllocationId=allocation, NetworkInterfaceId=identity),
            key=key,
            text="associate-address",
            risk=_PUBLIC,
            undo=[
                Undo(
                    "ec2:DisassociateAddress",
                    members(AssociationId=Ref(key, "AssociationId")),
                    "disassociate-address",
                )
            ],
            interface=identity,
        )
    )
    return Remedy(tuple(actions))


def primary_interface(scope: Scope, identity: str) -> str:
    """The interface that is meant: an instance's first one where the instance is named."""
    instance = scope.instances.get(identity)
    if instance is None or not instance.network_interfaces:
        return identity
    return instance.network_interfaces[0].network_interface_id


def attach_internet_gateway(repair: repairs.AttachInternetGateway, estate: Estate) -> Remedy:
    """An internet gateway on the VPC, created where none is at hand."""
    scope = estate.scope(repair.account, repair.region)
    vpc = scope.vpcs.get(repair.vpc)
    if vpc is not None and vpc.owner_id not in (None, scope.account):
        return advise(
            "ask-owner", "owner", owner=str(vpc.owner_id), resource=repair.vpc, change="internet gateway"
        )
    actions: list[Action] = []
    gateway: str | Ref | None = repair.gateway
    if gateway is None:
        key = slug("internet-gateway", repair.vpc)
        created = request(
            scope,
            "ec2:CreateInternetGateway",
            members(),
            key=key,
            text="create-internet-gateway",
            risk=2,
            undo=[
                Undo(
                    "ec2:DeleteInternetGateway",
                    members(InternetGatewayId=Ref(key, "InternetGateway.InternetGatewayId")),
                    "delete-internet-gateway",
                )
            ],
            vpc=repair.vpc,
        )
        actions.append(created)
        gateway = result(created)
    place = members(InternetGatewayId=gateway, VpcId=repair.vpc)
    actions.append(
        request(
            scope,
            "ec2:AttachInternetGateway",
            place,
            key=slug("attach-internet-gateway", repair.vpc),
            text="attach-internet-gateway",
            risk=_PUBLIC,
            undo=[Undo("ec2:DetachInternetGateway", place, "detach-internet-gateway")],
            vpc=repair.vpc,
        )
    )
    return Remedy(tuple(actions))


def disable_source_dest_check(repair: repairs.DisableSourceDestCheck, estate: Estate) -> Remedy:
    """Source/destination check off on an interface that forwards."""
    scope = estate.scope(repair.account, repair.region)
    identity = primary_interface(scope, repair.interface)

    def switched(value: bool) -> Members:
        return members(NetworkInterfaceId=identity, SourceDestCheck={"Value": value})

    return Remedy(
        (
            request(
                scope,
                "ec2:ModifyNetworkInterfaceAttribute",
                switched(False),
                key=slug("forwarding", identity),
                text="disable-source-dest-check",
                risk=_FORWARD,
                undo=[
                    Undo("ec2:ModifyNetworkInterfaceAttribute", switched(True), "enable-source-dest-check")
                ],
                interface=identity,
            ),
        )
    )


def exclude_from_block_public_access(repair: repairs.ExcludeFromBlockPublicAccess, estate: Estate) -> Remedy:
    """An exclusion for one subnet, unless the organisation allows none."""
    scope = estate.scope(repair.account, repair.region)
    answer = next(iter(scope.block_public_access.values()), None)
    options = answer.vpc_block_public_access_options if answer is not None else None
    if options is not None and (options.exclusions_allowed or "").lower() == "not-allowed":
        return advise(
            "ask-owner",
            "owner",
            owner="the organisation (declarative policy)",
            resource=repair.subnet,
            change="exclusion from VPC block public access",
        )
    key = slug("public-access-exclusion", repair.subnet)
    return Remedy(
        (
            request(
                scope,
                "ec2:CreateVpcBlockPublicAccessExclusion",
                members(SubnetId=repair.subnet, InternetGatewayExclusionMode=repair.mode),
                key=key,
                text="exclude-from-block-public-access",
                risk=_PUBLIC,
                undo=[
                    Undo(
                        "ec2:DeleteVpcBlockPublicAccessExclusion",
                        members(ExclusionId=Ref(key, "VpcBlockPublicAccessExclusion.ExclusionId")),
                        "delete-exclusion",
                    )
                ],
                subnet=repair.subnet,
                mode=repair.mode,
            ),
        )
    )


# --- transit gateways ------------------------------------------------------------------------------------


def add_transit_gateway_route(repair: repairs.AddTransitGatewayRoute, estate: Estate) -> Remedy:
    """A static route in a transit gateway's route table."""
    scope = estate.scope(repair.account, repair.region)
    foreign = _foreign_transit(scope, _gateway_of_table(scope, repair.route_table), repair.route_table)
    if foreign is not None:
        return foreign
    place = members(TransitGatewayRouteTableId=repair.route_table, DestinationCidrBlock=repair.destination)
    undo = Undo("ec2:DeleteTransitGatewayRoute", place, "delete-transit-gateway-route")
    return Remedy(
        (
            request(
                scope,
                "ec2:ReplaceTransitGatewayRoute" if repair.replaces else "ec2:CreateTransitGatewayRoute",
                place.having("TransitGatewayAttachmentId", repair.attachment),
                key=slug("transit-route", repair.route_table, repair.destination),
                text="transit-gateway-route",
                risk=_TRANSIT,
                undo=[undo],
                lossy=repair.replaces,
                table=repair.route_table,
                destination=repair.destination,
                target=repair.attachment,
            ),
        )
    )


def associate_transit_gateway_route_table(
    repair: repairs.AssociateTransitGatewayRouteTable, estate: Estate
) -> Remedy:
    """A transit gateway route table for an attachment's traffic."""
    scope = estate.scope(repair.account, repair.region)
    foreign = _foreign_transit(scope, _gateway_of_table(scope, repair.route_table), repair.route_table)
    if foreign is not None:
        return foreign
    place = members(
        TransitGatewayRouteTableId=repair.route_table, TransitGatewayAttachmentId=repair.attachment
    )
    return Remedy(
        (
            request(
                scope,
                "ec2:AssociateTransitGatewayRouteTable",
                place,
                key=slug("transit-association", repair.attachment),
                text="associate-transit-gateway-route-table",
                risk=_TRANSIT,
                undo=[
                    Undo(
                        "ec2:DisassociateTransitGatewayRouteTable",
                        place,
                        "disassociate-transit-gateway-route-table",
                    )
                ],
                table=repair.route_table,
                attachment=repair.attachment,
            ),
        )
    )


def add_transit_gateway_subnet(repair: repairs.AddTransitGatewaySubnet, estate: Estate) -> Remedy:
    """A further zone for a VPC's transit gateway attachment."""
    scope = estate.scope(repair.account, repair.region)
    attachment = repair.attachment
    call = "ec2:ModifyTransitGatewayVpcAttachment"
    return Remedy(
        (
            request(
                scope,
                call,
                members(TransitGatewayAttachmentId=attachment, AddSubnetIds=(repair.subnet,)),
                key=slug("transit-subnet", attachment, repair.subnet),
                text="add-transit-gateway-subnet",
                risk=_TRANSIT,
                undo=[
                    Undo(
                        call,
                        members(TransitGatewayAttachmentId=attachment, RemoveSubnetIds=(repair.subnet,)),
                        "remove-transit-gateway-subnet",
                    )
                ],
                attachment=attachment,
                subnet=repair.subnet,
            ),
        )
    )


def enable_group_referencing(repair: repairs.EnableGroupReferencing, estate: Estate) -> Remedy:
    """Security group referencing on a transit gateway or on a VPC's attachment to one."""
    scope = estate.scope(repair.account, repair.region)
    is_attachment = repair.resource.startswith("tgw-attach-")
    if not is_attachment:
        foreign = _foreign_transit(scope, repair.resource, repair.resource)
        if foreign is not None:
            return foreign
    call = "ec2:ModifyTransitGatewayVpcAttachment" if is_attachment else "ec2:ModifyTransitGateway"
    member = "TransitGatewayAttachmentId" if is_attachment else "TransitGatewayId"

    def switched(value: str) -> Members:
        return members(**{member: repair.resource, "Options": {"SecurityGroupReferencingSupport": value}})

    return Remedy(
        (
            request(
                scope,
                call,
                switched("enable"),
                key=slug("group-referencing", repair.resource),
                text="enable-group-referencing",
                risk=_TRANSIT,
                undo=[Undo(call, switched("disable"), "disable-group-referencing")],
                resource=repair.resource,
            ),
        )
    )


def _gateway_of_table(scope: Scope, table: str) -> str | None:
    record = scope.transit_gateway_route_tables.get(table)
    return record.transit_gateway_id if record is not None else None


def _foreign_transit(scope: Scope, gateway: str | None, resource: str) -> Remedy | None:
    record = scope.transit_gateways.get(gateway) if gateway else None
    if record is None or record.owner_id in (None, scope.account):
        return None
    return advise(
        "ask-owner", "owner", owner=str(record.owner_id), resource=resource, change="transit gateway"
    )


def _member(target: str) -> str:
    return next((member for prefix, member in _TARGETS if target.startswith(prefix)), "GatewayId")


def _destination(destination: str) -> Members:
    if destination.startswith("pl-"):
        return members(DestinationPrefixListId=destination)
    if ":" in destination:
        return members(DestinationIpv6CidrBlock=destination)
    return members(DestinationCidrBlock=destination)


def _target_of(each: Route) -> dict[str, str | None]:
    found = {
        "NatGatewayId": each.nat_gateway_id,
        "VpcPeeringConnectionId": each.vpc_peering_connection_id,
        "TransitGatewayId": each.transit_gateway_id,
        "EgressOnlyInternetGatewayId": each.egress_only_internet_gateway_id,
        "NetworkInterfaceId": each.network_interface_id,
        "GatewayId": each.gateway_id,
    }
    return next(({name: value} for name, value in found.items() if value), {})
