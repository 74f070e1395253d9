"""What was read of one account in one Region: a table for each family of records, and indexes over them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, TypeVar

from advisor.model.coverage import Table
from advisor.model.evidence import Missing
from advisor.model.families import ONLY, PAGE, Family
from advisor.model.records import ec2, iam, other, ssm

T = TypeVar("T")


class Scope:
    """What was read of one account in one Region (or, for IAM and Route 53, in `global`).

    Each class attribute below is a Family; on a Scope it gives that family's table. Ids may repeat between
    Regions and accounts, so nothing is indexed across scopes here.
    """

    # EC2: compute
    reservations = Family("ec2:DescribeInstances", "Reservations", ec2.Instance, "instance_id")
    instance_statuses = Family(
        "ec2:DescribeInstanceStatus", "InstanceStatuses", ec2.InstanceStatus, "instance_id"
    )
    instance_types = Family(
        "ec2:DescribeInstanceTypes", "InstanceTypes", ec2.InstanceTypeInfo, "instance_type"
    )
    images = Family("ec2:DescribeImages", "Images", ec2.Image, "image_id")
    profile_associations = Family(
        "ec2:DescribeIamInstanceProfileAssociations",
        "IamInstanceProfileAssociations",
        ec2.IamInstanceProfileAssociation,
        "association_id",
    )
    console_outputs = Family(
        "ec2:GetConsoleOutput", None, ec2.ConsoleOutput, "instance_id", parameter="InstanceId"
    )
    key_pairs = Family("ec2:DescribeKeyPairs", "KeyPairs", ec2.KeyPair, "key_name")
    serial_console_access = Family("ec2:GetSerialConsoleAccessStatus", None, ec2.SerialConsoleAccess, ONLY)
    instance_connect_endpoints = Family(
        "ec2:DescribeInstanceConnectEndpoints",
        "InstanceConnectEndpoints",
        ec2.InstanceConnectEndpoint,
        "instance_connect_endpoint_id",
    )

    # EC2: network
    vpcs = Family("ec2:DescribeVpcs", "Vpcs", ec2.Vpc, "vpc_id")
    vpc_attributes = Family("ec2:DescribeVpcAttribute", None, ec2.VpcAttribute, "vpc_id", parameter="VpcId")
    subnets = Family("ec2:DescribeSubnets", "Subnets", ec2.Subnet, "subnet_id")
    route_tables = Family("ec2:DescribeRouteTables", "RouteTables", ec2.RouteTable, "route_table_id")
    network_acls = Family("ec2:DescribeNetworkAcls", "NetworkAcls", ec2.NetworkAcl, "network_acl_id")
    security_groups = Family("ec2:DescribeSecurityGroups", "SecurityGroups", ec2.SecurityGroup, "group_id")
    security_group_rules = Family(
        "ec2:DescribeSecurityGroupRules",
        "SecurityGroupRules",
        ec2.SecurityGroupRule,
        "security_group_rule_id",
    )
    security_group_vpc_associations = Family(
        "ec2:DescribeSecurityGroupVpcAssociations",
        "SecurityGroupVpcAssociations",
        ec2.SecurityGroupVpcAssociation,
        "group_id,vpc_id",
    )
    network_interfaces = Family(
        "ec2:DescribeNetworkInterfaces", "NetworkInterfaces", ec2.NetworkInterface, "network_interface_id"
    )
    internet_gateways = Family(
        "ec2:DescribeInternetGateways", "InternetGateways", ec2.InternetGateway, "internet_gateway_id"
    )
    egress_only_internet_gateways = Family(
        "ec2:DescribeEgressOnlyInternetGateways",
        "EgressOnlyInternetGateways",
        ec2.EgressOnlyInternetGateway,
        "egress_only_internet_gateway_id",
    )
    nat_gateways = Family("ec2:DescribeNatGateways", "NatGateways", ec2.NatGateway, "nat_gateway_id")
    addresses = Family("ec2:DescribeAddresses", "Addresses", ec2.ElasticAddress, "public_ip")
    vpc_endpoints = Family("ec2:DescribeVpcEndpoints", "VpcEndpoints", ec2.VpcEndpoint, "vpc_endpoint_id")
    vpc_endpoint_services = Family(
        "ec2:DescribeVpcEndpointServices", "ServiceDetails", ec2.ServiceDetail, "service_name"
    )
    vpc_peering_connections = Family(
        "ec2:DescribeVpcPeeringConnections",
        "VpcPeeringConnections",
        ec2.VpcPeeringConnection,
        "vpc_peering_connection_id",
    )
    transit_gateways = Family(
        "ec2:DescribeTransitGateways", "TransitGateways", ec2.TransitGateway, "transit_gateway_id"
    )
    transit_gateway_attachments = Family(
        "ec2:DescribeTransitGatewayAttachments",
        "TransitGatewayAttachments",
        ec2.TransitGatewayAttachment,
        "transit_gateway_attachment_id",
    )
    transit_gateway_vpc_attachments = Family(
        "ec2:DescribeTransitGatewayVpcAttachments",
        "TransitGatewayVpcAttachments",
        ec2.TransitGatewayVpcAttachment,
        "transit_gateway_attachment_id",
    )
    transit_gateway_peering_attachments = Family(
        "ec2:DescribeTransitGatewayPeeringAttachments",
        "TransitGatewayPeeringAttachments",
        ec2.TransitGatewayPeeringAttachment,
        "transit_gateway_attachment_id",
    )
    transit_gateway_route_tables = Family(
        "ec2:DescribeTransitGatewayRouteTables",
        "TransitGatewayRouteTables",
        ec2.TransitGatewayRouteTable,
        "transit_gateway_route_table_id",
    )
    transit_gateway_routes = Family(
        "ec2:SearchTransitGatewayRoutes",
        None,
        ec2.TransitGatewayRouteSet,
        "transit_gateway_route_table_id",
        parameter="TransitGatewayRouteTableId",
    )
    vpn_gateways = Family("ec2:DescribeVpnGateways", "VpnGateways", ec2.VpnGateway, "vpn_gateway_id")
    vpn_connections = Family(
        "ec2:DescribeVpnConnections", "VpnConnections", ec2.VpnConnection, "vpn_connection_id"
    )
    managed_prefix_lists = Family(
        "ec2:DescribeManagedPrefixLists", "PrefixLists", ec2.ManagedPrefixList, "prefix_list_id"
    )
    prefix_list_entries = Family(
        "ec2:GetManagedPrefixListEntries",
        None,
        ec2.PrefixListEntrySet,
        "prefix_list_id",
        parameter="PrefixListId",
    )
    prefix_lists = Family("ec2:DescribePrefixLists", "PrefixLists", ec2.PrefixList, "prefix_list_id")
    dhcp_options = Family("ec2:DescribeDhcpOptions", "DhcpOptions", ec2.DhcpOptions, "dhcp_options_id")
    block_public_access = Family(
        "ec2:DescribeVpcBlockPublicAccessOptions", None, ec2.BlockPublicAccessOptionsAnswer, ONLY
    )
    block_public_access_exclusions = Family(
        "ec2:DescribeVpcBlockPublicAccessExclusions",
        "VpcBlockPublicAccessExclusions",
        ec2.VpcBlockPublicAccessExclusion,
        "exclusion_id",
    )
    availability_zones = Family(
        "ec2:DescribeAvailabilityZones", "AvailabilityZones", ec2.AvailabilityZone, "zone_name"
    )
    region_infos = Family("ec2:DescribeRegions", "Regions", ec2.RegionInfo, "region_name", is_global=True)

    # Systems Manager
    managed_nodes = Family(
        "ssm:DescribeInstanceInformation",
        "InstanceInformationList",
        ssm.InstanceInformation,
        "instance_id",
    )
    connection_statuses = Family(
        "ssm:GetConnectionStatus", None, ssm.ConnectionStatus, "target", parameter="Target"
    )
    service_settings = Family(
        "ssm:GetServiceSetting",
        None,
        ssm.ServiceSettingAnswer,
        "service_setting.setting_id",
        parameter="SettingId",
    )
    documents = Family("ssm:GetDocument", None, ssm.Document, "name", parameter="Name")
    activations = Family("ssm:DescribeActivations", "ActivationList", ssm.Activation, "activation_id")
    sessions = Family("ssm:DescribeSessions", "Sessions", ssm.Session, "session_id")

    # KMS, logs, load balancing, databases
    keys = Family("kms:DescribeKey", None, other.KeyAnswer, "key_metadata.key_id", parameter="KeyId")
    key_policies = Family("kms:GetKeyPolicy", None, other.KeyPolicy, "key_id", parameter="KeyId")
    log_groups = Family("logs:DescribeLogGroups", "logGroups", other.LogGroup, "log_group_name")
    load_balancers = Family(
        "elasticloadbalancing:DescribeLoadBalancers", "LoadBalancers", other.LoadBalancer, "load_balancer_arn"
    )
    listeners = Family(
        "elasticloadbalancing:DescribeListeners",
        "Listeners",
        other.Listener,
        "listener_arn",
        parameter="LoadBalancerArn",
    )
    target_groups = Family(
        "elasticloadbalancing:DescribeTargetGroups", "TargetGroups", other.TargetGroup, "target_group_arn"
    )
    target_health = Family(
        "elasticloadbalancing:DescribeTargetHealth",
        None,
        other.TargetsOfGroup,
        "target_group_arn",
        parameter="TargetGroupArn",
    )
    target_group_attributes = Family(
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        None,
        other.TargetGroupAttributes,
        "target_group_arn",
        parameter="TargetGroupArn",
    )
    resolver_rule_associations = Family(
        "route53resolver:ListResolverRuleAssociations",
        "ResolverRuleAssociations",
        other.ResolverRuleAssociation,
        "resolver_rule_id,vpc_id",
    )
    resolver_rules = Family("route53resolver:ListResolverRules", "ResolverRules", other.ResolverRule, "id")
    db_instances = Family(
        "rds:DescribeDBInstances", "DBInstances", other.DbInstance, "db_instance_identifier"
    )

    # Global services
    caller = Family("sts:GetCallerIdentity", None, iam.CallerIdentity, ONLY, is_global=True)
    instance_profiles = Family(
        "iam:GetInstanceProfile",
        None,
        iam.InstanceProfileAnswer,
        "instance_profile.instance_profile_name",
        parameter="InstanceProfileName",
        is_global=True,
    )
    roles = Family(
        "iam:GetRole", None, iam.RoleAnswer, "role.role_name", parameter="RoleName", is_global=True
    )
    role_attached_policies = Family(
        "iam:ListAttachedRolePolicies",
        None,
        iam.RoleAttachedPolicies,
        "role_name",
        parameter="RoleName",
        is_global=True,
    )
    role_policy_names = Family(
        "iam:ListRolePolicies", None, iam.RolePolicyNames, "role_name", parameter="RoleName", is_global=True
    )
    role_policies = Family(
        "iam:GetRolePolicy",
        None,
        iam.RolePolicy,
        "role_name,policy_name",
        parameter="RoleName,PolicyName",
        is_global=True,
    )
    role_tags = Family(
        "iam:ListRoleTags", None, iam.RoleTags, "role_name", parameter="RoleName", is_global=True
    )
    policies = Family(
        "iam:GetPolicy", None, iam.PolicyAnswer, "policy.arn", parameter="PolicyArn", is_global=True
    )
    policy_versions = Family(
        "iam:GetPolicyVersion",
        None,
        iam.PolicyVersionAnswer,
        "policy_arn",
        parameter="PolicyArn",
        is_global=True,
    )
    authorization_details = Family(
        "iam:GetAccountAuthorizationDetails", None, iam.AuthorizationDetails, PAGE, is_global=True
    )
    simulations = Family(
        "iam:SimulatePrincipalPolicy",
        None,
        iam.PrincipalSimulation,
        "policy_source_arn",
        parameter="PolicySourceArn",
        is_global=True,
    )
    hosted_zones_of_vpcs = Family(
        "route53:ListHostedZonesByVPC",
        None,
        other.HostedZonesOfVpc,
        "vpc_id",
        parameter="VPCId",
        is_global=True,
    )
    record_sets = Family(
        "route53:ListResourceRecordSets",
        None,
        other.RecordSetsOfZone,
        "hosted_zone_id",
        parameter="HostedZoneId",
        is_global=True,
    )
    bucket_encryption = Family(
        "s3:GetBucketEncryption",
        None,
        other.BucketEncryption,
        "bucket",
        parameter="Bucket",
        is_global=True,
    )
    bucket_heads = Family(
        "s3:HeadBucket", None, other.BucketHead, "bucket", parameter="Bucket", is_global=True
    )

    def __init__(self, account: str, region: str, tables: dict[str, Table[Any]]) -> None:
        self.account = account
        self.region = region
        self.tables = tables

    def __repr__(self) -> str:
        return f"Scope({self.account}/{self.region})"

    @property
    def instances(self) -> Table[ec2.Instance]:
        """The instances, out of their reservations."""
        return self.reservations

    @property
    def partition(self) -> str:
        """The ARN partition of the Region."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    # --- indexes: built on first use, never changed ------------------------------------------------------

    @cached_property
    def interfaces(self) -> Mapping[str, ec2.NetworkInterface]:
        """Every interface by id: of `DescribeNetworkInterfaces`, else as the instances show theirs."""
        found: dict[str, ec2.NetworkInterface] = {}
        for instance in self.instances.values():
            for interface in instance.network_interfaces:
                found[interface.network_interface_id] = interface
        found.update(self.network_interfaces)
        return found

    @cached_property
    def interfaces_by_subnet(self) -> Mapping[str, list[ec2.NetworkInterface]]:
        """Interfaces by the subnet that holds them."""
        return _grouped(self.interfaces.values(), lambda each: each.subnet_id)

    @cached_property
    def subnets_by_vpc(self) -> Mapping[str, list[ec2.Subnet]]:
        """Subnets by VPC."""
        return _grouped(self.subnets.values(), lambda each: each.vpc_id)

    @cached_property
    def endpoints_by_vpc(self) -> Mapping[str, list[ec2.VpcEndpoint]]:
        """VPC endpoints of every type by VPC."""
        return _grouped(self.vpc_endpoints.values(), lambda each: each.vpc_id)

    @cached_property
    def instance_connect_endpoints_by_vpc(self) -> Mapping[str, list[ec2.InstanceConnectEndpoint]]:
        """EC2 Instance Connect Endpoints by VPC."""
        return _grouped(self.instance_connect_endpoints.values(), lambda each: each.vpc_id)

    @cached_property
    def instances_by_vpc(self) -> Mapping[str, list[ec2.Instance]]:
        """Instances by VPC."""
        return _grouped(self.instances.values(), lambda each: each.vpc_id)

    @cached_property
    def route_tables_by_subnet(self) -> Mapping[str, list[ec2.RouteTable]]:
        """Route tables explicitly associated with a subnet (more than one is contradictory data)."""
        found: dict[str, list[ec2.RouteTable]] = defaultdict(list)
        for table in self.route_tables.values():
            for association in table.associations:
                if association.subnet_id and _is_associated(association):
                    found[association.subnet_id].append(table)
        return dict(found)

    @cached_property
    def route_tables_by_gateway(self) -> Mapping[str, list[ec2.RouteTable]]:
        """Edge route tables by the gateway they are associated with."""
        found: dict[str, list[ec2.RouteTable]] = defaultdict(list)
        for table in self.route_tables.values():
            for association in table.associations:
                if association.gateway_id and _is_associated(association):
                    found[association.gateway_id].append(table)
        return dict(found)

    @cached_property
    def nameless_associations(self) -> Mapping[str, ec2.RouteTable]:
        """By VPC, a route table with an association that does not show what with."""
        return {
            table.vpc_id: table
            for table in self.route_tables.values()
            for each in table.associations
            if table.vpc_id and not (each.main or each.subnet_id or each.gateway_id or each.public_ipv4_pool)
        }

    @cached_property
    def main_route_tables(self) -> Mapping[str, list[ec2.RouteTable]]:
        """Main route tables by VPC (more than one is contradictory data)."""
        found: dict[str, list[ec2.RouteTable]] = defaultdict(list)
        for table in self.route_tables.values():
            if table.vpc_id and any(each.main and _is_associated(each) for each in table.associations):
                found[table.vpc_id].append(table)
        return dict(found)

    @cached_property
    def network_acls_by_subnet(self) -> Mapping[str, list[ec2.NetworkAcl]]:
        """Network ACLs by the subnet they guard (more than one is contradictory data)."""
        found: dict[str, list[ec2.NetworkAcl]] = defaultdict(list)
        for acl in self.network_acls.values():
            for association in acl.associations:
                if association.subnet_id:
                    found[association.subnet_id].append(acl)
        return dict(found)

    @cached_property
    def internet_gateways_by_vpc(self) -> Mapping[str, str]:
        """The internet gateway attached to each VPC."""
        return {
            attachment.vpc_id: gateway.internet_gateway_id
            for gateway in self.internet_gateways.values()
            for attachment in gateway.attachments
            if attachment.vpc_id and (attachment.state or "available").lower() in _ATTACHED
        }

    @cached_property
    def transit_attachments_by_vpc(self) -> Mapping[str, list[ec2.TransitGatewayVpcAttachment]]:
        """Transit gateway attachments by the VPC they attach."""
        return _grouped(self.transit_gateway_vpc_attachments.values(), lambda each: each.vpc_id)

    @cached_property
    def default_groups(self) -> Mapping[str, ec2.SecurityGroup]:
        """Each VPC's default security group."""
        return {
            group.vpc_id: group
            for group in self.security_groups.values()
            if group.vpc_id and group.group_name == "default"
        }

    def vpc_attribute(self, vpc_id: str, name: str) -> bool | Missing:
        """The boolean attribute of a VPC: `enable_dns_support` or `enable_dns_hostnames`."""
        record = self.vpc_attributes.get(vpc_id)
        attribute = getattr(record, name) if record is not None else None
        if attribute is None or attribute.value is None:
            return self.vpc_attributes.missing(vpc_id)
        return bool(attribute.value)

    def having(self, family: Family[T], record: T) -> Scope:
        """A copy of this scope in which the record is as given (added, or in place of the one of its id)."""
        table = family.__get__(self, Scope).having(family.identify(record), record)
        return Scope(self.account, self.region, {**self.tables, family.operation: table})

    def without(self, family: Family[Any], key: str) -> Scope:
        """A copy of this scope in which the record is gone."""
        table = family.__get__(self, Scope).without(key)
        return Scope(self.account, self.region, {**self.tables, family.operation: table})


FAMILIES: Mapping[str, Family[Any]] = {
    family.operation: family for family in vars(Scope).values() if isinstance(family, Family)
}
"""Every family by its operation (`ec2:DescribeVpcs`)."""


_ATTACHED = {"available", "attached"}


def _is_associated(association: ec2.RouteTableAssociation) -> bool:
    state = association.association_state
    return state is None or (state.state or "associated").lower() == "associated"


def _grouped(records: Iterable[T], key: Any) -> dict[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for record in records:
        group = key(record)
        if group:
            found[group].append(record)
    return dict(found)
