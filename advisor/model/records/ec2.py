"""Records of the EC2 API (2016-11-15): compute and its network."""

from __future__ import annotations

import msgspec

from advisor.model.records.shape import Record, Tag
from advisor.model.times import Timestamp

# --- compute ---------------------------------------------------------------------------------------------


class InstanceState(Record, frozen=True, gc=False, kw_only=True):
    """State of an instance."""

    name: str = ""


class StateReason(Record, frozen=True, gc=False, kw_only=True):
    """Why an instance changed its state."""

    code: str | None = None
    message: str | None = None


class Placement(Record, frozen=True, gc=False, kw_only=True):
    """Where an instance runs."""

    availability_zone: str | None = None
    tenancy: str | None = None


class IamInstanceProfile(Record, frozen=True, gc=False, kw_only=True):
    """The instance profile attached to an instance."""

    arn: str | None = None
    id: str | None = None


class MetadataOptions(Record, frozen=True, gc=False, kw_only=True):
    """Instance metadata service (IMDS) settings."""

    http_endpoint: str | None = None
    http_tokens: str | None = None
    http_put_response_hop_limit: int | None = None
    state: str | None = None


class GroupIdentifier(Record, frozen=True, gc=False, kw_only=True):
    """A reference to a security group."""

    group_id: str
    group_name: str | None = None


class Association(Record, frozen=True, gc=False, kw_only=True):
    """The public address mapped to a private one."""

    public_ip: str | None = None
    allocation_id: str | None = None
    association_id: str | None = None
    ip_owner_id: str | None = None
    carrier_ip: str | None = None


class PrivateIpAddress(Record, frozen=True, gc=False, kw_only=True):
    """One private IPv4 address of a network interface."""

    private_ip_address: str
    primary: bool = False
    association: Association | None = None


class Ipv6Address(Record, frozen=True, gc=False, kw_only=True):
    """One IPv6 address of a network interface."""

    ipv6_address: str
    is_primary_ipv6: bool | None = None


class Ipv4Prefix(Record, frozen=True, gc=False, kw_only=True):
    """An IPv4 block delegated to a network interface."""

    ipv4_prefix: str


class Ipv6Prefix(Record, frozen=True, gc=False, kw_only=True):
    """An IPv6 block delegated to a network interface."""

    ipv6_prefix: str


class InterfaceAttachment(Record, frozen=True, gc=False, kw_only=True):
    """How a network interface is attached."""

    attachment_id: str | None = None
    device_index: int | None = None
    network_card_index: int | None = None
    status: str | None = None
    instance_id: str | None = None
    instance_owner_id: str | None = None


class NetworkInterface(Record, frozen=True, gc=False, kw_only=True):
    """A network interface, as `DescribeNetworkInterfaces` and, shorter, `DescribeInstances` give it."""

    network_interface_id: str
    subnet_id: str | None = None
    vpc_id: str | None = None
    owner_id: str | None = None
    availability_zone: str | None = None
    interface_type: str | None = None
    description: str | None = None
    status: str | None = None
    source_dest_check: bool | None = None
    requester_managed: bool | None = None
    groups: tuple[GroupIdentifier, ...] = ()
    private_ip_address: str | None = None
    private_ip_addresses: tuple[PrivateIpAddress, ...] = ()
    ipv6_addresses: tuple[Ipv6Address, ...] = ()
    ipv4_prefixes: tuple[Ipv4Prefix, ...] = ()
    ipv6_prefixes: tuple[Ipv6Prefix, ...] = ()
    association: Association | None = None
    attachment: InterfaceAttachment | None = None
    deny_all_igw_traffic: bool | None = None
    tag_set: tuple[Tag, ...] = ()

    @property
    def delegated(self) -> list[str]:
        """The blocks delegated to it, whose addresses its system gives out (to containers)."""
        blocks = [each.ipv4_prefix for each in self.ipv4_prefixes]
        return blocks + [each.ipv6_prefix for each in self.ipv6_prefixes]

    @property
    def addresses(self) -> set[str]:
        """Its private IPv4 addresses and its IPv6 addresses."""
        found = {each.private_ip_address for each in self.private_ip_addresses}
        found.update(each.ipv6_address for each in self.ipv6_addresses)
        if self.private_ip_address:
            found.add(self.private_ip_address)
        return found


class Instance(Record, frozen=True, gc=False, kw_only=True):
    """An EC2 instance."""

    instance_id: str
    state: InstanceState = InstanceState()
    state_reason: StateReason | None = None
    state_transition_reason: str | None = None
    platform: str | None = None
    platform_details: str | None = None
    image_id: str | None = None
    instance_type: str | None = None
    hypervisor: str | None = None
    key_name: str | None = None
    launch_time: Timestamp | None = None
    vpc_id: str | None = None
    subnet_id: str | None = None
    private_ip_address: str | None = None
    public_ip_address: str | None = None
    ipv6_address: str | None = None
    network_interfaces: tuple[NetworkInterface, ...] = ()
    security_groups: tuple[GroupIdentifier, ...] = ()
    iam_instance_profile: IamInstanceProfile | None = None
    metadata_options: MetadataOptions | None = None
    placement: Placement | None = None
    source_dest_check: bool | None = None
    outpost_arn: str | None = None
    tags: tuple[Tag, ...] = ()


class Reservation(Record, frozen=True, gc=False, kw_only=True):
    """What `DescribeInstances` groups instances by."""

    owner_id: str | None = None
    instances: tuple[Instance, ...] = ()


class StatusSummary(Record, frozen=True, gc=False, kw_only=True):
    """A status check's result: ok, impaired, initializing, insufficient-data, not-applicable."""

    status: str | None = None


class InstanceStatus(Record, frozen=True, gc=False, kw_only=True):
    """Status checks of an instance."""

    instance_id: str
    instance_state: InstanceState = InstanceState()
    instance_status: StatusSummary | None = None
    system_status: StatusSummary | None = None
    attached_ebs_status: StatusSummary | None = None


class InstanceTypeInfo(Record, frozen=True, gc=False, kw_only=True):
    """What an instance type is built on."""

    instance_type: str
    hypervisor: str | None = None
    bare_metal: bool | None = None


class Image(Record, frozen=True, gc=False, kw_only=True):
    """An AMI."""

    image_id: str
    name: str | None = None
    owner_id: str | None = None
    image_owner_alias: str | None = None
    platform: str | None = None
    platform_details: str | None = None
    creation_date: str | None = None


class IamInstanceProfileAssociation(Record, frozen=True, gc=False, kw_only=True):
    """Which instance profile is associated with which instance."""

    association_id: str
    instance_id: str | None = None
    iam_instance_profile: IamInstanceProfile | None = None
    state: str | None = None
    timestamp: Timestamp | None = None


class ConsoleOutput(Record, frozen=True, gc=False, kw_only=True):
    """What an instance printed on its console (base64 on the wire, text in clients)."""

    instance_id: str
    output: str | None = None
    timestamp: Timestamp | None = None


class KeyPair(Record, frozen=True, gc=False, kw_only=True):
    """A key pair's name."""

    key_name: str
    key_pair_id: str | None = None
    key_type: str | None = None


class SerialConsoleAccess(Record, frozen=True, gc=False, kw_only=True):
    """Whether the account may use the EC2 serial console in a Region."""

    serial_console_access_enabled: bool | None = None
    managed_by: str | None = None


class InstanceConnectEndpoint(Record, frozen=True, gc=False, kw_only=True):
    """An EC2 Instance Connect Endpoint."""

    instance_connect_endpoint_id: str
    instance_connect_endpoint_arn: str | None = None
    owner_id: str | None = None
    state: str | None = None
    state_message: str | None = None
    dns_name: str | None = None
    fips_dns_name: str | None = None
    network_interface_ids: tuple[str, ...] = ()
    vpc_id: str | None = None
    availability_zone: str | None = None
    subnet_id: str | None = None
    preserve_client_ip: bool | None = None
    security_group_ids: tuple[str, ...] = ()
    ip_address_type: str | None = None
    tags: tuple[Tag, ...] = ()


# --- VPC -------------------------------------------------------------------------------------------------


class CidrState(Record, frozen=True, gc=False, kw_only=True):
    """State of a CIDR association."""

    state: str | None = None
    status_message: str | None = None


class CidrAssociation(Record, frozen=True, gc=False, kw_only=True):
    """An IPv4 block of a VPC."""

    cidr_block: str
    association_id: str | None = None
    cidr_block_state: CidrState | None = None


class Ipv6CidrAssociation(Record, frozen=True, gc=False, kw_only=True):
    """An IPv6 block of a VPC or subnet."""

    ipv6_cidr_block: str
    association_id: str | None = None
    ipv6_cidr_block_state: CidrState | None = None


class BlockPublicAccessStates(Record, frozen=True, gc=False, kw_only=True):
    """The block public access mode that is in force for a VPC or subnet."""

    internet_gateway_block_mode: str | None = None


class Vpc(Record, frozen=True, gc=False, kw_only=True):
    """A VPC."""

    vpc_id: str
    cidr_block: str | None = None
    cidr_block_association_set: tuple[CidrAssociation, ...] = ()
    ipv6_cidr_block_association_set: tuple[Ipv6CidrAssociation, ...] = ()
    dhcp_options_id: str | None = None
    owner_id: str | None = None
    state: str | None = None
    is_default: bool | None = None
    block_public_access_states: BlockPublicAccessStates | None = None
    tags: tuple[Tag, ...] = ()


class AttributeBoolean(Record, frozen=True, gc=False, kw_only=True):
    """A boolean attribute's value."""

    value: bool | None = None


class VpcAttribute(Record, frozen=True, gc=False, kw_only=True):
    """One attribute of a VPC; each call tells one of them."""

    vpc_id: str
    enable_dns_support: AttributeBoolean | None = None
    enable_dns_hostnames: AttributeBoolean | None = None


class Subnet(Record, frozen=True, gc=False, kw_only=True):
    """A subnet."""

    subnet_id: str
    vpc_id: str
    cidr_block: str | None = None
    ipv6_cidr_block_association_set: tuple[Ipv6CidrAssociation, ...] = ()
    availability_zone: str | None = None
    availability_zone_id: str | None = None
    available_ip_address_count: int | None = None
    map_public_ip_on_launch: bool | None = None
    owner_id: str | None = None
    state: str | None = None
    ipv6_native: bool | None = None
    enable_dns64: bool | None = None
    outpost_arn: str | None = None
    block_public_access_states: BlockPublicAccessStates | None = None
    tags: tuple[Tag, ...] = ()


class AssociationState(Record, frozen=True, gc=False, kw_only=True):
    """State of a route table association."""

    state: str | None = None


class RouteTableAssociation(Record, frozen=True, gc=False, kw_only=True):
    """What a route table is associated with: a subnet, a gateway (edge), or the VPC as its main table."""

    main: bool = False
    route_table_association_id: str | None = None
    subnet_id: str | None = None
    gateway_id: str | None = None
    public_ipv4_pool: str | None = None
    association_state: AssociationState | None = None


class Route(Record, frozen=True, gc=False, kw_only=True):
    """A route: one destination, one target."""

    destination_cidr_block: str | None = None
    destination_ipv6_cidr_block: str | None = None
    destination_prefix_list_id: str | None = None
    gateway_id: str | None = None
    nat_gateway_id: str | None = None
    instance_id: str | None = None
    instance_owner_id: str | None = None
    network_interface_id: str | None = None
    transit_gateway_id: str | None = None
    vpc_peering_connection_id: str | None = None
    egress_only_internet_gateway_id: str | None = None
    local_gateway_id: str | None = None
    carrier_gateway_id: str | None = None
    core_network_arn: str | None = None
    odb_network_arn: str | None = None
    ip_address: str | None = None
    origin: str | None = None
    state: str | None = None


class PropagatingVgw(Record, frozen=True, gc=False, kw_only=True):
    """A virtual private gateway that propagates routes into a table."""

    gateway_id: str


class RouteTable(Record, frozen=True, gc=False, kw_only=True):
    """A route table."""

    route_table_id: str
    vpc_id: str | None = None
    owner_id: str | None = None
    associations: tuple[RouteTableAssociation, ...] = ()
    routes: tuple[Route, ...] = ()
    propagating_vgws: tuple[PropagatingVgw, ...] = ()
    tags: tuple[Tag, ...] = ()


class PortSpan(Record, frozen=True, gc=False, kw_only=True):
    """A port range (`From`, `To`)."""

    from_: int | None = msgspec.field(name="From", default=None)
    to: int | None = None


class IcmpTypeCode(Record, frozen=True, gc=False, kw_only=True):
    """ICMP type and code; -1 is any."""

    type: int | None = None
    code: int | None = None


class NetworkAclEntry(Record, frozen=True, gc=False, kw_only=True):
    """One numbered entry of a network ACL."""

    rule_number: int
    egress: bool
    protocol: str
    rule_action: str
    cidr_block: str | None = None
    ipv6_cidr_block: str | None = None
    port_range: PortSpan | None = None
    icmp_type_code: IcmpTypeCode | None = None


class NetworkAclAssociation(Record, frozen=True, gc=False, kw_only=True):
    """Which subnet a network ACL guards."""

    network_acl_association_id: str | None = None
    subnet_id: str | None = None


class NetworkAcl(Record, frozen=True, gc=False, kw_only=True):
    """A network ACL."""

    network_acl_id: str
    vpc_id: str | None = None
    owner_id: str | None = None
    is_default: bool | None = None
    associations: tuple[NetworkAclAssociation, ...] = ()
    entries: tuple[NetworkAclEntry, ...] = ()
    tags: tuple[Tag, ...] = ()


class IpRange(Record, frozen=True, gc=False, kw_only=True):
    """An IPv4 range in a rule."""

    cidr_ip: str
    description: str | None = None


class Ipv6Range(Record, frozen=True, gc=False, kw_only=True):
    """An IPv6 range in a rule."""

    cidr_ipv6: str
    description: str | None = None


class PrefixListReference(Record, frozen=True, gc=False, kw_only=True):
    """A prefix list in a rule."""

    prefix_list_id: str
    description: str | None = None


class UserIdGroupPair(Record, frozen=True, gc=False, kw_only=True):
    """A security group in a rule."""

    group_id: str | None = None
    group_name: str | None = None
    user_id: str | None = None
    vpc_id: str | None = None
    vpc_peering_connection_id: str | None = None
    peering_status: str | None = None
    description: str | None = None


class IpPermission(Record, frozen=True, gc=False, kw_only=True):
    """Rules of a security group that share protocol and ports."""

    ip_protocol: str | None = None
    from_port: int | None = None
    to_port: int | None = None
    ip_ranges: tuple[IpRange, ...] = ()
    ipv6_ranges: tuple[Ipv6Range, ...] = ()
    prefix_list_ids: tuple[PrefixListReference, ...] = ()
    user_id_group_pairs: tuple[UserIdGroupPair, ...] = ()


class SecurityGroup(Record, frozen=True, gc=False, kw_only=True):
    """A security group."""

    group_id: str
    group_name: str | None = None
    description: str | None = None
    vpc_id: str | None = None
    owner_id: str | None = None
    ip_permissions: tuple[IpPermission, ...] = ()
    ip_permissions_egress: tuple[IpPermission, ...] = ()
    tags: tuple[Tag, ...] = ()


class ReferencedSecurityGroup(Record, frozen=True, gc=False, kw_only=True):
    """The group that a rule refers to."""

    group_id: str | None = None
    user_id: str | None = None
    vpc_id: str | None = None
    vpc_peering_connection_id: str | None = None
    peering_status: str | None = None


class SecurityGroupRule(Record, frozen=True, gc=False, kw_only=True):
    """One rule of a security group, with its own id."""

    security_group_rule_id: str
    group_id: str
    group_owner_id: str | None = None
    is_egress: bool  # without it a rule would be taken for one of the other direction
    ip_protocol: str | None = None
    from_port: int | None = None
    to_port: int | None = None
    cidr_ipv4: str | None = None
    cidr_ipv6: str | None = None
    prefix_list_id: str | None = None
    referenced_group_info: ReferencedSecurityGroup | None = None
    description: str | None = None


class SecurityGroupVpcAssociation(Record, frozen=True, gc=False, kw_only=True):
    """A security group used in a VPC other than its own."""

    group_id: str
    vpc_id: str
    vpc_owner_id: str | None = None
    state: str | None = None


class GatewayAttachment(Record, frozen=True, gc=False, kw_only=True):
    """A gateway's attachment to a VPC."""

    vpc_id: str | None = None
    state: str | None = None


class InternetGateway(Record, frozen=True, gc=False, kw_only=True):
    """An internet gateway."""

    internet_gateway_id: str
    owner_id: str | None = None
    attachments: tuple[GatewayAttachment, ...] = ()
    tags: tuple[Tag, ...] = ()


class EgressOnlyInternetGateway(Record, frozen=True, gc=False, kw_only=True):
    """An egress-only internet gateway (IPv6)."""

    egress_only_internet_gateway_id: str
    attachments: tuple[GatewayAttachment, ...] = ()
    tags: tuple[Tag, ...] = ()


class NatGatewayAddress(Record, frozen=True, gc=False, kw_only=True):
    """An address of a NAT gateway."""

    allocation_id: str | None = None
    network_interface_id: str | None = None
    private_ip: str | None = None
    public_ip: str | None = None
    is_primary: bool | None = None
    status: str | None = None
    failure_message: str | None = None
    availability_zone: str | None = None
    availability_zone_id: str | None = None


class NatGateway(Record, frozen=True, gc=False, kw_only=True):
    """A NAT gateway, zonal or regional, public or private."""

    nat_gateway_id: str
    vpc_id: str | None = None
    subnet_id: str | None = None
    state: str | None = None
    connectivity_type: str | None = None
    availability_mode: str | None = None
    auto_provision_zones: str | None = None
    auto_scaling_ips: str | None = None
    route_table_id: str | None = None
    nat_gateway_addresses: tuple[NatGatewayAddress, ...] = ()
    failure_code: str | None = None
    failure_message: str | None = None
    tags: tuple[Tag, ...] = ()


class ElasticAddress(Record, frozen=True, gc=False, kw_only=True):
    """An Elastic IP address."""

    public_ip: str | None = None
    allocation_id: str | None = None
    association_id: str | None = None
    instance_id: str | None = None
    network_interface_id: str | None = None
    private_ip_address: str | None = None


class SecurityGroupIdentifier(Record, frozen=True, gc=False, kw_only=True):
    """A group of an interface endpoint."""

    group_id: str
    group_name: str | None = None


class DnsEntry(Record, frozen=True, gc=False, kw_only=True):
    """A DNS name of an endpoint."""

    dns_name: str | None = None
    hosted_zone_id: str | None = None


class DnsOptions(Record, frozen=True, gc=False, kw_only=True):
    """How an endpoint's names resolve."""

    dns_record_ip_type: str | None = None
    private_dns_only_for_inbound_resolver_endpoint: bool | None = None


class LastError(Record, frozen=True, gc=False, kw_only=True):
    """The last error of an endpoint."""

    code: str | None = None
    message: str | None = None


class VpcEndpoint(Record, frozen=True, gc=False, kw_only=True):
    """A VPC endpoint of any type."""

    vpc_endpoint_id: str
    vpc_endpoint_type: str | None = None
    vpc_id: str | None = None
    service_name: str | None = None
    service_region: str | None = None
    state: str | None = None
    policy_document: str | None = None
    subnet_ids: tuple[str, ...] = ()
    route_table_ids: tuple[str, ...] = ()
    network_interface_ids: tuple[str, ...] = ()
    groups: tuple[SecurityGroupIdentifier, ...] = ()
    private_dns_enabled: bool | None = None
    ip_address_type: str | None = None
    dns_options: DnsOptions | None = None
    dns_entries: tuple[DnsEntry, ...] = ()
    owner_id: str | None = None
    failure_reason: str | None = None
    last_error: LastError | None = None
    tags: tuple[Tag, ...] = ()


class ServiceDetail(Record, frozen=True, gc=False, kw_only=True):
    """A service that endpoints can be made for, and the zones it is in."""

    service_name: str
    availability_zones: tuple[str, ...] = ()
    private_dns_name: str | None = None
    owner: str | None = None


class CidrBlock(Record, frozen=True, gc=False, kw_only=True):
    """An IPv4 block of a peering side."""

    cidr_block: str


class Ipv6CidrBlock(Record, frozen=True, gc=False, kw_only=True):
    """An IPv6 block of a peering side."""

    ipv6_cidr_block: str


class PeeringVpcInfo(Record, frozen=True, gc=False, kw_only=True):
    """One side of a peering connection."""

    vpc_id: str | None = None
    owner_id: str | None = None
    region: str | None = None
    cidr_block: str | None = None
    cidr_block_set: tuple[CidrBlock, ...] = ()
    ipv6_cidr_block_set: tuple[Ipv6CidrBlock, ...] = ()


class PeeringStatus(Record, frozen=True, gc=False, kw_only=True):
    """Status of a peering connection."""

    code: str | None = None
    message: str | None = None


class VpcPeeringConnection(Record, frozen=True, gc=False, kw_only=True):
    """A VPC peering connection."""

    vpc_peering_connection_id: str
    accepter_vpc_info: PeeringVpcInfo = PeeringVpcInfo()
    requester_vpc_info: PeeringVpcInfo = PeeringVpcInfo()
    status: PeeringStatus = PeeringStatus()
    tags: tuple[Tag, ...] = ()


class TransitGatewayOptions(Record, frozen=True, gc=False, kw_only=True):
    """Options of a transit gateway."""

    security_group_referencing_support: str | None = None
    association_default_route_table_id: str | None = None
    propagation_default_route_table_id: str | None = None
    encryption_support: str | None = None


class TransitGateway(Record, frozen=True, gc=False, kw_only=True):
    """A transit gateway."""

    transit_gateway_id: str
    state: str | None = None
    owner_id: str | None = None
    options: TransitGatewayOptions | None = None
    tags: tuple[Tag, ...] = ()


class AttachmentAssociation(Record, frozen=True, gc=False, kw_only=True):
    """The route table that an attachment's traffic is looked up in."""

    transit_gateway_route_table_id: str | None = None
    state: str | None = None


class TransitGatewayAttachment(Record, frozen=True, gc=False, kw_only=True):
    """An attachment of any type to a transit gateway."""

    transit_gateway_attachment_id: str
    transit_gateway_id: str | None = None
    transit_gateway_owner_id: str | None = None
    resource_owner_id: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    state: str | None = None
    association: AttachmentAssociation | None = None
    tags: tuple[Tag, ...] = ()


class VpcAttachmentOptions(Record, frozen=True, gc=False, kw_only=True):
    """Options of a VPC attachment: each `enable` or `disable`."""

    dns_support: str | None = None
    security_group_referencing_support: str | None = None
    ipv6_support: str | None = None
    appliance_mode_support: str | None = None


class TransitGatewayVpcAttachment(Record, frozen=True, gc=False, kw_only=True):
    """A VPC's attachment, with the subnets that hold its interfaces."""

    transit_gateway_attachment_id: str
    transit_gateway_id: str | None = None
    vpc_id: str | None = None
    vpc_owner_id: str | None = None
    state: str | None = None
    subnet_ids: tuple[str, ...] = ()
    options: VpcAttachmentOptions | None = None
    tags: tuple[Tag, ...] = ()


class PeeringTgwInfo(Record, frozen=True, gc=False, kw_only=True):
    """One side of a transit gateway peering."""

    transit_gateway_id: str | None = None
    owner_id: str | None = None
    region: str | None = None


class TransitGatewayPeeringAttachment(Record, frozen=True, gc=False, kw_only=True):
    """A peering between two transit gateways."""

    transit_gateway_attachment_id: str
    accepter_transit_gateway_attachment_id: str | None = None
    requester_tgw_info: PeeringTgwInfo = PeeringTgwInfo()
    accepter_tgw_info: PeeringTgwInfo = PeeringTgwInfo()
    state: str | None = None


class TransitGatewayRouteTable(Record, frozen=True, gc=False, kw_only=True):
    """A transit gateway's route table."""

    transit_gateway_route_table_id: str
    transit_gateway_id: str | None = None
    state: str | None = None
    default_association_route_table: bool | None = None
    default_propagation_route_table: bool | None = None
    tags: tuple[Tag, ...] = ()


class RouteAttachment(Record, frozen=True, gc=False, kw_only=True):
    """Where a transit gateway route leads."""

    transit_gateway_attachment_id: str | None = None
    resource_id: str | None = None
    resource_type: str | None = None


class TransitGatewayRoute(Record, frozen=True, gc=False, kw_only=True):
    """A route of a transit gateway's route table."""

    destination_cidr_block: str | None = None
    prefix_list_id: str | None = None
    transit_gateway_attachments: tuple[RouteAttachment, ...] = ()
    type: str | None = None
    state: str | None = None


class TransitGatewayRouteSet(Record, frozen=True, gc=False, kw_only=True):
    """`SearchTransitGatewayRoutes` of one table; the table's id is the request's, kept beside the answer."""

    transit_gateway_route_table_id: str
    routes: tuple[TransitGatewayRoute, ...] = ()
    additional_routes_available: bool | None = None


class VpnGateway(Record, frozen=True, gc=False, kw_only=True):
    """A virtual private gateway."""

    vpn_gateway_id: str
    state: str | None = None
    type: str | None = None
    vpc_attachments: tuple[GatewayAttachment, ...] = ()
    tags: tuple[Tag, ...] = ()


class VgwTelemetry(Record, frozen=True, gc=False, kw_only=True):
    """State of one VPN tunnel: UP or DOWN."""

    outside_ip_address: str | None = None
    status: str | None = None
    status_message: str | None = None


class VpnStaticRoute(Record, frozen=True, gc=False, kw_only=True):
    """A static route of a VPN connection."""

    destination_cidr_block: str | None = None
    state: str | None = None


class VpnConnection(Record, frozen=True, gc=False, kw_only=True):
    """A Site-to-Site VPN connection."""

    vpn_connection_id: str
    state: str | None = None
    vpn_gateway_id: str | None = None
    transit_gateway_id: str | None = None
    vgw_telemetry: tuple[VgwTelemetry, ...] = ()
    routes: tuple[VpnStaticRoute, ...] = ()
    tags: tuple[Tag, ...] = ()


class ManagedPrefixList(Record, frozen=True, gc=False, kw_only=True):
    """A managed prefix list, AWS's or one's own."""

    prefix_list_id: str
    prefix_list_name: str | None = None
    address_family: str | None = None
    owner_id: str | None = None
    state: str | None = None


class PrefixListEntry(Record, frozen=True, gc=False, kw_only=True):
    """One block of a prefix list."""

    cidr: str
    description: str | None = None


class PrefixListEntrySet(Record, frozen=True, gc=False, kw_only=True):
    """`GetManagedPrefixListEntries` of one list; the list's id is the request's, kept beside the answer."""

    prefix_list_id: str
    entries: tuple[PrefixListEntry, ...] = ()


class PrefixList(Record, frozen=True, gc=False, kw_only=True):
    """An AWS service's prefix list, as gateway endpoints use it."""

    prefix_list_id: str
    prefix_list_name: str | None = None
    cidrs: tuple[str, ...] = ()


class DhcpValue(Record, frozen=True, gc=False, kw_only=True):
    """A value of a DHCP option."""

    value: str = ""


class DhcpConfiguration(Record, frozen=True, gc=False, kw_only=True):
    """A DHCP option."""

    key: str = ""
    values: tuple[DhcpValue, ...] = ()


class DhcpOptions(Record, frozen=True, gc=False, kw_only=True):
    """A set of DHCP options."""

    dhcp_options_id: str
    dhcp_configurations: tuple[DhcpConfiguration, ...] = ()


class VpcBlockPublicAccessOptions(Record, frozen=True, gc=False, kw_only=True):
    """VPC block public access of a Region."""

    internet_gateway_block_mode: str | None = None
    state: str | None = None
    reason: str | None = None
    managed_by: str | None = None
    exclusions_allowed: str | None = None


class BlockPublicAccessOptionsAnswer(Record, frozen=True, gc=False, kw_only=True):
    """`DescribeVpcBlockPublicAccessOptions`."""

    vpc_block_public_access_options: VpcBlockPublicAccessOptions = VpcBlockPublicAccessOptions()


class VpcBlockPublicAccessExclusion(Record, frozen=True, gc=False, kw_only=True):
    """A VPC or subnet left out of block public access."""

    exclusion_id: str
    internet_gateway_exclusion_mode: str | None = None
    resource_arn: str | None = None
    state: str | None = None


class RegionInfo(Record, frozen=True, gc=False, kw_only=True):
    """A Region and whether the account opted in."""

    region_name: str
    opt_in_status: str | None = None


class AvailabilityZone(Record, frozen=True, gc=False, kw_only=True):
    """An Availability Zone, Local Zone or Wavelength Zone."""

    zone_name: str
    zone_id: str | None = None
    zone_type: str | None = None
    state: str | None = None
