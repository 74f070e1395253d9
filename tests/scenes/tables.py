"""Route tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenes.handle import Handle, identifier
from tests.scenes.place import Record

if TYPE_CHECKING:
    from tests.scenes.network import Vpc


class Table(Handle):
    """A route table; it starts with the VPC's local routes."""

    def __init__(self, vpc: Vpc, main: bool = False) -> None:
        place = vpc.place
        id = place.new_id("rtb")
        record: Record = {
            "Associations": [],
            "PropagatingVgws": [],
            "RouteTableId": id,
            "Routes": [],
            "Tags": [],
            "VpcId": vpc.id,
            "OwnerId": place.account,
        }
        super().__init__(place, id, place.add("ec2:DescribeRouteTables", record))
        self.vpc = vpc
        for block in vpc.blocks:
            self.route(block, "local", origin="CreateRouteTable")
        if main:
            self._associate({}, main=True)

    def route(
        self, destination: Any, target: Any, state: str = "active", origin: str = "CreateRoute"
    ) -> Table:
        """Add a route: destination CIDR or prefix list (`pl-…`); target a handle, an id or `local`."""
        block = str(identifier(destination))
        key = "DestinationIpv6CidrBlock" if ":" in block else "DestinationCidrBlock"
        if block.startswith("pl-"):
            key = "DestinationPrefixListId"
        self.record["Routes"].append({key: block, **_target(target), "Origin": origin, "State": state})
        return self

    def propagate(self, vgw: Handle, *blocks: str) -> Table:
        """Let a virtual private gateway propagate these routes into the table."""
        self.record["PropagatingVgws"].append({"GatewayId": vgw.id})
        for block in blocks:
            self.route(block, vgw, origin="EnableVgwRoutePropagation")
        return self

    def drop(self, destination: str) -> Table:
        """Take the route to this destination out."""
        self.record["Routes"] = [each for each in self.record["Routes"] if destination not in each.values()]
        return self

    def associate(self, *things: Any) -> Table:
        """Use the table for these subnets, or at the edge of a gateway."""
        for thing in things:
            self._associate({"SubnetId" if str(thing).startswith("subnet-") else "GatewayId": str(thing)})
        return self

    def _associate(self, what: Record, main: bool = False) -> None:
        for other in self.place.records["ec2:DescribeRouteTables"]:
            other["Associations"] = [
                each for each in other["Associations"] if not what or not what.items() <= each.items()
            ]
        self.record["Associations"].append(
            {
                "Main": main,
                "RouteTableAssociationId": self.place.new_id("rtbassoc"),
                "RouteTableId": self.id,
                **what,
                "AssociationState": {"State": "associated"},
            }
        )


_TARGETS = {
    "nat-": "NatGatewayId",
    "tgw-": "TransitGatewayId",
    "pcx-": "VpcPeeringConnectionId",
    "eigw-": "EgressOnlyInternetGatewayId",
    "eni-": "NetworkInterfaceId",
    "lgw-": "LocalGatewayId",
    "cagw-": "CarrierGatewayId",
}


def _target(target: Any) -> Record:
    id = str(identifier(target))
    if id.startswith("i-"):
        eni = (
            target.record["NetworkInterfaces"][0]["NetworkInterfaceId"] if hasattr(target, "record") else None
        )
        owner = target.place.account if hasattr(target, "place") else None
        found = {"InstanceId": id, "InstanceOwnerId": owner, "NetworkInterfaceId": eni}
        return {key: value for key, value in found.items() if value is not None}
    if id.startswith("arn:"):
        return {"CoreNetworkArn": id}
    record = {next((key for prefix, key in _TARGETS.items() if id.startswith(prefix)), "GatewayId"): id}
    attachment = getattr(target, "record", {}).get("Attachment", {}) if id.startswith("eni-") else {}
    if "InstanceId" in attachment:
        record |= {"InstanceId": attachment["InstanceId"], "InstanceOwnerId": attachment["InstanceOwnerId"]}
    return record
