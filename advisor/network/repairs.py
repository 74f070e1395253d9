"""What would let a packet pass, as values: `advice` turns each into API requests.

A repair names real resources only. Two blockers that one change cures carry equal repairs, so that equality
is the key under which shared repairs are found.
"""

from __future__ import annotations

import msgspec


class AdmitInGroup(msgspec.Struct, frozen=True, gc=False):
    """A rule in a security group; `peer_group` is preferred over `peer_cidr`, one of them is set."""

    group: str
    egress: bool
    protocol: str
    first_port: int
    last_port: int
    peer_group: str | None = None
    peer_cidr: str | None = None
    peer_prefix_list: str | None = None
    account: str = ""
    region: str = ""


class AdmitInNetworkAcl(msgspec.Struct, frozen=True, gc=False):
    """An allow entry in a network ACL, ahead of `before` (the denying entry's number; 32767 for the last)."""

    network_acl: str
    egress: bool
    protocol: str
    first_port: int
    last_port: int
    cidr: str
    before: int
    account: str = ""
    region: str = ""


class AddRoute(msgspec.Struct, frozen=True, gc=False):
    """A route; `target` is the gateway's, NAT gateway's, peering's or transit gateway's id.

    `replaces` is true where a route of the same destination exists and must be replaced (blackhole).
    """

    route_table: str
    destination: str
    target: str
    replaces: bool = False
    account: str = ""
    region: str = ""


class CreateNatGateway(msgspec.Struct, frozen=True, gc=False):
    """A NAT gateway in a public subnet, with an Elastic IP address, and the route to it."""

    public_subnet: str
    route_table: str
    vpc: str
    replaces_route: bool = False
    account: str = ""
    region: str = ""


class CreateInterfaceEndpoint(msgspec.Struct, frozen=True, gc=False):
    """An interface endpoint for a service (`ssm`) with private DNS, in these subnets."""

    service: str
    vpc: str
    subnets: tuple[str, ...]
    account: str = ""
    region: str = ""


class CreateGatewayEndpoint(msgspec.Struct, frozen=True, gc=False):
    """A gateway endpoint (`s3`) for a route table."""

    service: str
    vpc: str
    route_table: str
    account: str = ""
    region: str = ""


class AddEndpointSubnet(msgspec.Struct, frozen=True, gc=False):
    """A further subnet for an interface endpoint."""

    endpoint: str
    subnet: str
    account: str = ""
    region: str = ""


class EnablePrivateDns(msgspec.Struct, frozen=True, gc=False):
    """Private DNS on an interface endpoint."""

    endpoint: str
    vpc: str
    account: str = ""
    region: str = ""


class EnableVpcDns(msgspec.Struct, frozen=True, gc=False):
    """A DNS attribute of a VPC: `enableDnsSupport` or `enableDnsHostnames`."""

    vpc: str
    attribute: str
    account: str = ""
    region: str = ""


class DisableSourceDestCheck(msgspec.Struct, frozen=True, gc=False):
    """Source/destination check off on an interface that forwards."""

    interface: str
    account: str = ""
    region: str = ""


class StartInstance(msgspec.Struct, frozen=True, gc=False):
    """A stopped instance, started."""

    instance: str
    account: str = ""
    region: str = ""


class AssociatePublicAddress(msgspec.Struct, frozen=True, gc=False):
    """An Elastic IP address for an interface."""

    interface: str
    account: str = ""
    region: str = ""


class AttachInternetGateway(msgspec.Struct, frozen=True, gc=False):
    """An internet gateway, attached to the VPC (`gateway` None: created first)."""

    vpc: str
    gateway: str | None = None
    account: str = ""
    region: str = ""


class ExcludeFromBlockPublicAccess(msgspec.Struct, frozen=True, gc=False):
    """An exclusion from VPC block public access for a subnet: `allow-bidirectional` or `allow-egress`."""

    subnet: str
    mode: str
    account: str = ""
    region: str = ""


class DisableClientIpPreservation(msgspec.Struct, frozen=True, gc=False):
    """Client IP preservation off on an EC2 Instance Connect Endpoint."""

    endpoint: str
    account: str = ""
    region: str = ""


class AssociateHostedZone(msgspec.Struct, frozen=True, gc=False):
    """A private hosted zone, associated with a VPC."""

    zone: str
    vpc: str
    account: str = ""
    region: str = ""


class ResetEndpointPolicy(msgspec.Struct, frozen=True, gc=False):
    """The default (full access) policy on a VPC endpoint."""

    endpoint: str
    account: str = ""
    region: str = ""


class AddTransitGatewayRoute(msgspec.Struct, frozen=True, gc=False):
    """A static route in a transit gateway's route table."""

    route_table: str
    destination: str
    attachment: str
    replaces: bool = False
    account: str = ""
    region: str = ""


class AssociateTransitGatewayRouteTable(msgspec.Struct, frozen=True, gc=False):
    """A transit gateway route table for an attachment's traffic."""

    attachment: str
    route_table: str
    account: str = ""
    region: str = ""


class AddTransitGatewaySubnet(msgspec.Struct, frozen=True, gc=False):
    """A further subnet (zone) for a VPC's transit gateway attachment."""

    attachment: str
    subnet: str
    account: str = ""
    region: str = ""


class EnableGroupReferencing(msgspec.Struct, frozen=True, gc=False):
    """Security group referencing on a transit gateway or on an attachment."""

    resource: str
    account: str = ""
    region: str = ""


class AskOwner(msgspec.Struct, frozen=True, gc=False):
    """A change that only the owner of another account's resource can make."""

    owner: str
    resource: str
    change: str


Repair = (
    AdmitInGroup
    | AdmitInNetworkAcl
    | AddRoute
    | CreateNatGateway
    | CreateInterfaceEndpoint
    | CreateGatewayEndpoint
    | AddEndpointSubnet
    | EnablePrivateDns
    | EnableVpcDns
    | DisableSourceDestCheck
    | StartInstance
    | AssociatePublicAddress
    | AttachInternetGateway
    | ExcludeFromBlockPublicAccess
    | DisableClientIpPreservation
    | AssociateHostedZone
    | ResetEndpointPolicy
    | AddTransitGatewayRoute
    | AssociateTransitGatewayRouteTable
    | AddTransitGatewaySubnet
    | EnableGroupReferencing
    | AskOwner
)
