"""Requests about groups, ACLs, routes, gateways, endpoints and DNS as resources of Terraform."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from advisor.advice.action import Action, Members
from advisor.advice.hcl import Expression
from advisor.advice.terraform_configuration import (
    Configuration,
    Resource,
    Writer,
    copied,
    ignoring,
    present,
    resource_name,
)

# --- groups and ACLs -------------------------------------------------------------------------------------


def _group(at: Configuration, action: Action) -> list[Resource]:
    name = resource_name(action.key)
    created = present(
        name=at.get(action, "GroupName"),
        description=at.get(action, "Description"),
        vpc_id=at.get(action, "VpcId"),
    )
    # AWS gives a new group an outbound rule for everything; Terraform takes it away, so it stands here.
    outbound = present(
        security_group_id=Expression(f"aws_security_group.{name}.id"),
        ip_protocol="-1",
        cidr_ipv4="0.0.0.0/0",
    )
    return [
        ("aws_security_group", name, created),
        ("aws_vpc_security_group_egress_rule", f"{name}_out", outbound),
    ]


def _rules(egress: bool) -> Writer:
    kind = f"aws_vpc_security_group_{'egress' if egress else 'ingress'}_rule"

    def write(at: Configuration, action: Action) -> list[Resource]:
        found: list[Resource] = []
        group = at.get(action, "GroupId")
        for position, permission in enumerate(action.parameters.get("IpPermissions", ())):
            base = present(
                security_group_id=group,
                ip_protocol=at.value(permission.get("IpProtocol")),
                from_port=permission.get("FromPort"),
                to_port=permission.get("ToPort"),
            )
            for member, inner, attribute in _PEERS:
                for number, peer in enumerate(permission.get(member, ())):
                    suffix = "" if position == number == 0 else f"_{position}_{number}"
                    body = base | present(
                        **{attribute: at.value(peer.get(inner))}, description=peer.get("Description")
                    )
                    found.append((kind, resource_name(action.key) + suffix, body))
        return found

    return write


_PEERS: Final = (
    ("UserIdGroupPairs", "GroupId", "referenced_security_group_id"),
    ("IpRanges", "CidrIp", "cidr_ipv4"),
    ("Ipv6Ranges", "CidrIpv6", "cidr_ipv6"),
    ("PrefixListIds", "PrefixListId", "prefix_list_id"),
)


def _entry(at: Configuration, action: Action) -> list[Resource]:
    span = action.parameters.get("PortRange", Members())
    icmp = action.parameters.get("IcmpTypeCode", Members())
    body = present(
        network_acl_id=at.get(action, "NetworkAclId"),
        rule_number=at.get(action, "RuleNumber"),
        egress=at.get(action, "Egress"),
        protocol=at.get(action, "Protocol"),
        rule_action=at.get(action, "RuleAction"),
        cidr_block=at.get(action, "CidrBlock"),
        ipv6_cidr_block=at.get(action, "Ipv6CidrBlock"),
        from_port=span.get("From"),
        to_port=span.get("To"),
        icmp_type=icmp.get("Type"),
        icmp_code=icmp.get("Code"),
    )
    return [("aws_network_acl_rule", resource_name(action.key), body)]


# --- routes and gateways ---------------------------------------------------------------------------------


def _route(at: Configuration, action: Action) -> list[Resource]:
    body = present(
        route_table_id=at.get(action, "RouteTableId"),
        destination_cidr_block=at.get(action, "DestinationCidrBlock"),
        destination_ipv6_cidr_block=at.get(action, "DestinationIpv6CidrBlock"),
        destination_prefix_list_id=at.get(action, "DestinationPrefixListId"),
        gateway_id=at.get(action, "GatewayId"),
        nat_gateway_id=at.get(action, "NatGatewayId"),
        network_interface_id=at.get(action, "NetworkInterfaceId"),
        transit_gateway_id=at.get(action, "TransitGatewayId"),
        vpc_endpoint_id=at.get(action, "VpcEndpointId"),
        vpc_peering_connection_id=at.get(action, "VpcPeeringConnectionId"),
        egress_only_gateway_id=at.get(action, "EgressOnlyInternetGatewayId"),
    )
    name = resource_name(action.key)
    if action.operation == "ReplaceRoute":
        destination = next(v for k, v in body.items() if k.startswith("destination_"))
        at.imported("aws_route", name, f"{body['route_table_id']}_{destination}")
    return [("aws_route", name, body)]


def _eip(at: Configuration, action: Action) -> list[Resource]:
    return [("aws_eip", resource_name(action.key), {"domain": "vpc"})]


def _internet_gateway(at: Configuration, action: Action) -> list[Resource]:
    return [("aws_internet_gateway", resource_name(action.key), {})]


def _interface(at: Configuration, action: Action) -> list[Resource]:
    identity = str(at.get(action, "NetworkInterfaceId"))
    record = at.scope(action).interfaces.get(identity)
    name = resource_name(identity)
    at.imported("aws_network_interface", name, identity)
    body = present(
        subnet_id=record.subnet_id if record is not None else None,
        source_dest_check=action.parameters.get("SourceDestCheck").get("Value"),
        lifecycle=ignoring("description", "private_ips", "security_groups", "tags", "tags_all", "attachment"),
    )
    return [("aws_network_interface", name, body)]


def _transit_route(at: Configuration, action: Action) -> list[Resource]:
    name = resource_name(action.key)
    body = present(
        transit_gateway_route_table_id=at.get(action, "TransitGatewayRouteTableId"),
        destination_cidr_block=at.get(action, "DestinationCidrBlock"),
        transit_gateway_attachment_id=at.get(action, "TransitGatewayAttachmentId"),
    )
    if action.operation == "ReplaceTransitGatewayRoute":
        table, destination = body["transit_gateway_route_table_id"], body["destination_cidr_block"]
        at.imported("aws_ec2_transit_gateway_route", name, f"{table}_{destination}")
    return [("aws_ec2_transit_gateway_route", name, body)]


def _transit_attachment(at: Configuration, action: Action) -> list[Resource] | None:
    identity = str(at.get(action, "TransitGatewayAttachmentId"))
    record = at.scope(action).transit_gateway_vpc_attachments.get(identity)
    if record is None:
        return None
    name = resource_name(identity)
    at.imported("aws_ec2_transit_gateway_vpc_attachment", name, identity)
    options = action.parameters.get("Options", Members())
    body = present(
        transit_gateway_id=record.transit_gateway_id,
        vpc_id=record.vpc_id,
        subnet_ids=[*record.subnet_ids, *action.parameters.get("AddSubnetIds", ())],
        security_group_referencing_support=options.get("SecurityGroupReferencingSupport"),
    )
    return [("aws_ec2_transit_gateway_vpc_attachment", name, body)]


def _transit_gateway(at: Configuration, action: Action) -> list[Resource]:
    identity = str(at.get(action, "TransitGatewayId"))
    name = resource_name(identity)
    at.imported("aws_ec2_transit_gateway", name, identity)
    options = action.parameters.get("Options")
    support = options.get("SecurityGroupReferencingSupport")
    return [("aws_ec2_transit_gateway", name, {"security_group_referencing_support": support})]


# --- endpoints and DNS -----------------------------------------------------------------------------------


def _endpoint(at: Configuration, action: Action) -> list[Resource]:
    vpc = action.parameters.get("VpcId")
    dns = [a for a in at.actions if a.operation == "ModifyVpcAttribute" and a.parameters.get("VpcId") == vpc]
    body = present(
        vpc_id=at.get(action, "VpcId"),
        vpc_endpoint_type=at.get(action, "VpcEndpointType"),
        service_name=at.get(action, "ServiceName"),
        subnet_ids=at.get(action, "SubnetIds"),
        route_table_ids=at.get(action, "RouteTableIds"),
        security_group_ids=at.get(action, "SecurityGroupIds"),
        private_dns_enabled=at.get(action, "PrivateDnsEnabled"),
        depends_on=Expression(f"[aws_vpc.{resource_name(str(vpc))}]") if dns else None,
    )
    return [("aws_vpc_endpoint", resource_name(action.key), body)]


def _endpoint_change(at: Configuration, action: Action) -> list[Resource] | None:
    identity = at.get(action, "VpcEndpointId")
    name = resource_name(action.key)
    given = action.parameters
    if given.get("PrivateDnsEnabled"):
        body = {"vpc_endpoint_id": identity, "private_dns_enabled": True}
        return [("aws_vpc_endpoint_private_dns", name, body)]
    if given.get("AddSubnetIds"):
        body = {"vpc_endpoint_id": identity, "subnet_id": at.value(given.get("AddSubnetIds")[0])}
        return [("aws_vpc_endpoint_subnet_association", name, body)]
    if given.get("AddRouteTableIds"):
        body = {"vpc_endpoint_id": identity, "route_table_id": at.value(given.get("AddRouteTableIds")[0])}
        return [("aws_vpc_endpoint_route_table_association", name, body)]
    if given.get("ResetPolicy"):
        full = {"Statement": [{"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}]}
        body = {"vpc_endpoint_id": identity, "policy": json.dumps(full)}
        return [("aws_vpc_endpoint_policy", name, body)]
    return None


def _vpc(at: Configuration, action: Action) -> list[Resource]:
    identity = str(at.get(action, "VpcId"))
    record = at.scope(action).vpcs.get(identity)
    name = resource_name(identity)
    at.imported("aws_vpc", name, identity)
    scope = at.scope(action)
    body = present(
        cidr_block=record.cidr_block if record is not None else None,
        lifecycle=ignoring("tags", "tags_all", "ipv6_cidr_block"),
    )
    for member, attribute in (
        ("EnableDnsSupport", "enable_dns_support"),
        ("EnableDnsHostnames", "enable_dns_hostnames"),
    ):
        now = scope.vpc_attribute(identity, attribute)
        change = action.parameters.get(member)
        earlier = at.resources.get(("aws_vpc", name), {}).get(attribute)
        value = change.get("Value") if change is not None else earlier if earlier is not None else now
        if isinstance(value, bool):
            body[attribute] = value
    return [("aws_vpc", name, body)]


def _zone(at: Configuration, action: Action) -> list[Resource]:
    vpc = action.parameters.get("VPC")
    body = {
        "zone_id": at.get(action, "HostedZoneId"),
        "vpc_id": vpc.get("VPCId"),
        "vpc_region": vpc.get("VPCRegion"),
    }
    return [("aws_route53_zone_association", resource_name(action.key), body)]


NETWORK: Final[Mapping[str, Writer]] = {
    "AllocateAddress": _eip,
    "AssociateTransitGatewayRouteTable": copied(
        "aws_ec2_transit_gateway_route_table_association",
        transit_gateway_route_table_id="TransitGatewayRouteTableId",
        transit_gateway_attachment_id="TransitGatewayAttachmentId",
    ),
    "AssociateVPCWithHostedZone": _zone,
    "AttachInternetGateway": copied(
        "aws_internet_gateway_attachment", internet_gateway_id="InternetGatewayId", vpc_id="VpcId"
    ),
    "AuthorizeSecurityGroupEgress": _rules(egress=True),
    "AuthorizeSecurityGroupIngress": _rules(egress=False),
    "CreateInstanceConnectEndpoint": copied(
        "aws_ec2_instance_connect_endpoint",
        subnet_id="SubnetId",
        security_group_ids="SecurityGroupIds",
        preserve_client_ip="PreserveClientIp",
        ip_address_type="IpAddressType",
    ),
    "CreateInternetGateway": _internet_gateway,
    "CreateNatGateway": copied(
        "aws_nat_gateway",
        subnet_id="SubnetId",
        allocation_id="AllocationId",
        connectivity_type="ConnectivityType",
    ),
    "CreateNetworkAclEntry": _entry,
    "CreateRoute": _route,
    "CreateSecurityGroup": _group,
    "CreateTransitGatewayRoute": _transit_route,
    "CreateVpcBlockPublicAccessExclusion": copied(
        "aws_vpc_block_public_access_exclusion",
        subnet_id="SubnetId",
        internet_gateway_exclusion_mode="InternetGatewayExclusionMode",
    ),
    "CreateVpcEndpoint": _endpoint,
    "ModifyNetworkInterfaceAttribute": _interface,
    "ModifyTransitGateway": _transit_gateway,
    "ModifyTransitGatewayVpcAttachment": _transit_attachment,
    "ModifyVpcAttribute": _vpc,
    "ModifyVpcEndpoint": _endpoint_change,
    "ReplaceRoute": _route,
    "ReplaceTransitGatewayRoute": _transit_route,
}
"""How each request about the network is written."""
