"""Ways between networks: VPC peering, transit gateways, VPN connections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.scenes.handle import Handle, identifier
from tests.scenes.network import Subnet, Vpc
from tests.scenes.place import EARLIER, Place, Record


def peering(requester: Vpc, accepter: Vpc, status: str = "active", id: str | None = None) -> Handle:
    """A peering connection, as both sides see it (each account and Region that differs gets the record)."""
    id = id or requester.place.new_id("pcx")
    record = {
        "AccepterVpcInfo": _side(accepter),
        "RequesterVpcInfo": _side(requester),
        "Status": {"Code": status, "Message": status.replace("-", " ").capitalize()},
        "Tags": [],
        "VpcPeeringConnectionId": id,
    }
    handle = Handle(requester.place, id, record)
    for place in dict.fromkeys((requester.place, accepter.place)):
        place.add("ec2:DescribeVpcPeeringConnections", record)
    requester.peerings[accepter.id] = handle
    accepter.peerings[requester.id] = handle
    return handle


def _side(vpc: Vpc) -> Record:
    side = {
        "CidrBlock": vpc.cidr,
        "CidrBlockSet": [{"CidrBlock": block} for block in vpc.blocks if ":" not in block],
        "OwnerId": vpc.place.account,
        "PeeringOptions": {
            "AllowDnsResolutionFromRemoteVpc": False,
            "AllowEgressFromLocalClassicLinkToRemoteVpc": False,
            "AllowEgressFromLocalVpcToRemoteClassicLink": False,
        },
        "VpcId": vpc.id,
        "Region": vpc.place.region,
    }
    blocks6 = [{"Ipv6CidrBlock": block} for block in vpc.blocks if ":" in block]
    return side | ({"Ipv6CidrBlockSet": blocks6} if blocks6 else {})


class Attachment(Handle):
    """A transit gateway attachment."""

    def __init__(self, place: Place, id: str, record: Record, kind: str, resource: str) -> None:
        super().__init__(place, id, record)
        self.kind = kind
        self.resource = resource

    @property
    def as_target(self) -> Record:
        """How a transit gateway route names it."""
        return {
            "ResourceId": self.resource,
            "TransitGatewayAttachmentId": self.id,
            "ResourceType": self.kind,
        }


class TransitTable(Handle):
    """A transit gateway's route table."""

    def __init__(self, gateway: TransitGateway, is_default: bool) -> None:
        place = gateway.place
        id = place.new_id("tgw-rtb")
        record = {
            "TransitGatewayRouteTableId": id,
            "TransitGatewayId": gateway.id,
            "State": "available",
            "DefaultAssociationRouteTable": is_default,
            "DefaultPropagationRouteTable": is_default,
            "CreationTime": EARLIER,
            "Tags": [],
        }
        super().__init__(place, id, place.add("ec2:DescribeTransitGatewayRouteTables", record))
        answer = {"TransitGatewayRouteTableId": id, "Routes": [], "AdditionalRoutesAvailable": False}
        self.answer = place.add("ec2:SearchTransitGatewayRoutes", answer)

    def route(
        self, destination: Any, target: Attachment | str, type: str = "static", state: str | None = None
    ) -> TransitTable:
        """Add a route to an attachment, or to `"blackhole"`."""
        block = str(identifier(destination))
        record: Record = {"PrefixListId" if block.startswith("pl-") else "DestinationCidrBlock": block}
        if isinstance(target, Attachment):
            record["TransitGatewayAttachments"] = [target.as_target]
        self.answer["Routes"].append(
            record
            | {"Type": type, "State": state or ("active" if isinstance(target, Attachment) else "blackhole")}
        )
        return self


class TransitGateway(Handle):
    """A transit gateway; `.default` is its default table (None with `default=False`)."""

    def __init__(
        self, place: Place, *, default: bool = True, referencing: bool = False, **options: Any
    ) -> None:
        id = place.new_id("tgw")
        record: Record = {
            "TransitGatewayId": id,
            "TransitGatewayArn": place.arn("ec2", f"transit-gateway/{id}"),
            "State": "available",
            "OwnerId": place.account,
            "Description": "",
            "CreationTime": EARLIER,
            "Options": {
                "AmazonSideAsn": 64512,
                "AutoAcceptSharedAttachments": "disable",
                "DefaultRouteTableAssociation": "enable" if default else "disable",
                "DefaultRouteTablePropagation": "enable" if default else "disable",
                "VpnEcmpSupport": "enable",
                "DnsSupport": "enable",
                "SecurityGroupReferencingSupport": "enable" if referencing else "disable",
                "MulticastSupport": "disable",
                **options,
            },
            "Tags": [],
        }
        super().__init__(place, id, place.add("ec2:DescribeTransitGateways", record))
        self.default: TransitTable | None = None
        if default:
            self.default = TransitTable(self, True)
            record["Options"]["AssociationDefaultRouteTableId"] = self.default.id
            record["Options"]["PropagationDefaultRouteTableId"] = self.default.id

    def table(self) -> TransitTable:
        """A further route table."""
        return TransitTable(self, False)

    def attach(
        self,
        vpc: Vpc,
        subnets: Iterable[Subnet] = (),
        *,
        table: TransitTable | str | None = "default",
        propagate: Iterable[TransitTable] | None = None,
        state: str = "available",
        referencing: bool = True,
        appliance_mode: bool = False,
        ipv6: bool = False,
    ) -> Attachment:
        """Attach a VPC (also another account's), with an interface in each subnet.

        Its traffic is looked up in `table` (None: no association), its blocks are propagated to `propagate`;
        both are the default table unless given.
        """
        subnets = list(subnets)
        id = self.place.new_id("tgw-attach")
        record = {
            "TransitGatewayAttachmentId": id,
            "TransitGatewayId": self.id,
            "VpcId": vpc.id,
            "VpcOwnerId": vpc.place.account,
            "State": state,
            "SubnetIds": [subnet.id for subnet in subnets],
            "CreationTime": EARLIER,
            "Options": {
                "DnsSupport": "enable",
                "SecurityGroupReferencingSupport": "enable" if referencing else "disable",
                "Ipv6Support": "enable" if ipv6 else "disable",
                "ApplianceModeSupport": "enable" if appliance_mode else "disable",
            },
            "Tags": [],
        }
        places = dict.fromkeys((self.place, vpc.place))
        for place in places:
            place.add("ec2:DescribeTransitGatewayVpcAttachments", record)
            if place is not self.place and self.record not in place.records["ec2:DescribeTransitGateways"]:
                place.add("ec2:DescribeTransitGateways", self.record)
        for subnet in subnets:
            subnet.interface(
                (),
                kind="transit_gateway",
                description=f"Network Interface for Transit Gateway Attachment {id}",
                requester="429100348325",
                source_dest_check=False,
            )
        attachment = self._attachment(id, "vpc", vpc.id, vpc.place, state, table)
        for each in self._propagated(propagate):
            for block in vpc.blocks:
                each.route(block, attachment, "propagated")
        return attachment

    def attach_vpn(
        self,
        *blocks: str,
        table: TransitTable | str | None = "default",
        propagate: Iterable[TransitTable] | None = None,
        tunnels: tuple[str, str] = ("UP", "UP"),
        static: bool = False,
    ) -> Attachment:
        """Attach a Site-to-Site VPN connection whose other side announces (or is told) these blocks."""
        connection = vpn(self, blocks if static else (), tunnels=tunnels)
        id = self.place.new_id("tgw-attach")
        attachment = self._attachment(id, "vpn", connection.id, self.place, "available", table)
        for each in self._propagated(propagate):
            for block in blocks:
                each.route(block, attachment, "propagated")
        return attachment

    def peer(
        self,
        other: TransitGateway,
        *,
        tables: tuple[TransitTable | str | None, TransitTable | str | None] = ("default", "default"),
        state: str = "available",
    ) -> tuple[Attachment, Attachment]:
        """Peer with another transit gateway: the attachment on this side, and on the other (same id)."""
        id = self.place.new_id("tgw-attach")
        record = {
            "TransitGatewayAttachmentId": id,
            "RequesterTgwInfo": _peer_side(self),
            "AccepterTgwInfo": _peer_side(other),
            "Status": {"Code": state},
            "State": state,
            "CreationTime": EARLIER,
            "Tags": [],
        }
        for place in dict.fromkeys((self.place, other.place)):
            place.add("ec2:DescribeTransitGatewayPeeringAttachments", record)
        here = self._attachment(id, "peering", other.id, other.place, state, tables[0])
        there = other._attachment(id, "peering", self.id, self.place, state, tables[1])
        return here, there

    def _attachment(
        self, id: str, kind: str, resource: str, owner: Place, state: str, table: TransitTable | str | None
    ) -> Attachment:
        record: Record = {
            "TransitGatewayAttachmentId": id,
            "TransitGatewayId": self.id,
            "TransitGatewayOwnerId": self.place.account,
            "ResourceOwnerId": owner.account,
            "ResourceType": kind,
            "ResourceId": resource,
            "State": state,
            "CreationTime": EARLIER,
            "Tags": [],
        }
        if kind == "vpc" and owner is not self.place:
            # Only the gateway's owner sees the association.
            owner.add("ec2:DescribeTransitGatewayAttachments", dict(record))
        used = self.default if table == "default" else table
        if isinstance(used, TransitTable):
            record["Association"] = {"TransitGatewayRouteTableId": used.id, "State": "associated"}
        self.place.add("ec2:DescribeTransitGatewayAttachments", record)
        return Attachment(self.place, id, record, kind, resource)

    def _propagated(self, tables: Iterable[TransitTable] | None) -> list[TransitTable]:
        if tables is not None:
            return list(tables)
        return [self.default] if self.default is not None else []


def _peer_side(gateway: TransitGateway) -> Record:
    return {
        "TransitGatewayId": gateway.id,
        "OwnerId": gateway.place.account,
        "Region": gateway.place.region,
    }


def vpn(
    gateway: Handle,
    static: Iterable[str] = (),
    *,
    tunnels: tuple[str, str] = ("UP", "UP"),
    state: str = "available",
) -> Handle:
    """A Site-to-Site VPN connection to a virtual private gateway or transit gateway."""
    place = gateway.place
    id = place.new_id("vpn")
    static = list(static)
    record: Record = {
        "CustomerGatewayId": place.new_id("cgw"),
        "Category": "VPN",
        "State": state,
        "Type": "ipsec.1",
        "VpnConnectionId": id,
        "Options": {"StaticRoutesOnly": bool(static)},
        "Routes": [
            {"DestinationCidrBlock": block, "Source": "Static", "State": "available"} for block in static
        ],
        "Tags": [],
        "VgwTelemetry": [
            {
                "AcceptedRouteCount": 1,
                "LastStatusChange": EARLIER,
                "OutsideIpAddress": f"203.0.113.{250 + position}",
                "Status": status,
                "StatusMessage": "",
            }
            for position, status in enumerate(tunnels)
        ],
    }
    key = "TransitGatewayId" if isinstance(gateway, TransitGateway) else "VpnGatewayId"
    record[key] = gateway.id
    return Handle(place, id, place.add("ec2:DescribeVpnConnections", record))
