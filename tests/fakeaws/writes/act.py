"""What every writing call needs: the records of its account and Region, and AWS's errors for absent ones."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any

from advisor.model.responses import GLOBAL
from advisor.model.scope import FAMILIES
from tests.fakeaws.wire import AwsError, Call
from tests.scenes.place import World

Record = dict[str, Any]
NOW = "2026-11-23T12:00:00Z"

# By operation that lists a kind: the member that is its id, and the error where there is none of that id.
KINDS = {
    "ec2:DescribeVpcs": ("VpcId", "InvalidVpcID.NotFound"),
    "ec2:DescribeSubnets": ("SubnetId", "InvalidSubnetID.NotFound"),
    "ec2:DescribeRouteTables": ("RouteTableId", "InvalidRouteTableID.NotFound"),
    "ec2:DescribeNetworkAcls": ("NetworkAclId", "InvalidNetworkAclID.NotFound"),
    "ec2:DescribeSecurityGroups": ("GroupId", "InvalidGroup.NotFound"),
    "ec2:DescribeNetworkInterfaces": ("NetworkInterfaceId", "InvalidNetworkInterfaceID.NotFound"),
    "ec2:DescribeInternetGateways": ("InternetGatewayId", "InvalidInternetGatewayID.NotFound"),
    "ec2:DescribeNatGateways": ("NatGatewayId", "NatGatewayNotFound"),
    "ec2:DescribeVpcEndpoints": ("VpcEndpointId", "InvalidVpcEndpointId.NotFound"),
    "ec2:DescribeInstanceConnectEndpoints": (
        "InstanceConnectEndpointId",
        "InvalidInstanceConnectEndpointId.NotFound",
    ),
    "ec2:DescribeIamInstanceProfileAssociations": ("AssociationId", "InvalidAssociationID.NotFound"),
    "ec2:DescribeVpcBlockPublicAccessExclusions": (
        "ExclusionId",
        "InvalidVpcBlockPublicAccessExclusionId.NotFound",
    ),
    "ec2:DescribeTransitGateways": ("TransitGatewayId", "InvalidTransitGatewayID.NotFound"),
    "ec2:DescribeTransitGatewayAttachments": (
        "TransitGatewayAttachmentId",
        "InvalidTransitGatewayAttachmentID.NotFound",
    ),
    "ec2:DescribeTransitGatewayVpcAttachments": (
        "TransitGatewayAttachmentId",
        "InvalidTransitGatewayAttachmentID.NotFound",
    ),
    "ec2:SearchTransitGatewayRoutes": ("TransitGatewayRouteTableId", "InvalidRouteTableID.NotFound"),
    "ec2:DescribeImages": ("ImageId", "InvalidAMIID.NotFound"),
    "ssm:GetDocument": ("Name", "InvalidDocument"),
}


class Act:
    """One writing call at work."""

    def __init__(self, world: World, call: Call) -> None:
        self.world = world
        self.call = call
        self.given = call.parameters
        self.place = world.place(call.account, call.region)
        self.home = world.place(call.account, GLOBAL)

    def all(self, operation: str) -> list[Record]:
        """The records that an operation shows here, to be changed in place."""
        place = self.home if FAMILIES[operation].is_global else self.place
        return place.records[operation]

    def find(self, operation: str, id: str) -> Record | None:
        """The record of this id, or None."""
        member = KINDS[operation][0]
        return next((each for each in self.all(operation) if each[member] == id), None)

    def get(self, operation: str, id: str) -> Record:
        """The record of this id, or AWS's error."""
        found = self.find(operation, id)
        if found is None:
            raise AwsError(KINDS[operation][1], f"The ID '{id}' does not exist")
        return found

    def drop(self, operation: str, record: Record) -> None:
        """Take the record away."""
        self.all(operation)[:] = [each for each in self.all(operation) if each is not record]

    def new_id(self, kind: str) -> str:
        """An id that nothing has yet."""
        return self.place.new_id(kind)

    def tags(self, kind: str) -> list[Record]:
        """The tags that the call gives to what it creates."""
        return [
            tag
            for each in self.given.get("TagSpecifications") or []
            if each["ResourceType"] == kind
            for tag in each["Tags"]
        ]

    # --- instances and interfaces ------------------------------------------------------------------------

    @property
    def instances(self) -> Iterator[Record]:
        """Every instance, out of its reservation."""
        for reservation in self.all("ec2:DescribeInstances"):
            yield from reservation["Instances"]

    def instance(self, id: str) -> Record:
        """The instance of this id, or AWS's error."""
        for each in self.instances:
            if each["InstanceId"] == id:
                return each
        raise AwsError("InvalidInstanceID.NotFound", f"The instance ID '{id}' does not exist")

    def faces(self, interface: str) -> list[Record]:
        """The records that show an interface: its own, and the one inside its instance."""
        found = [
            each
            for each in self.all("ec2:DescribeNetworkInterfaces")
            if each["NetworkInterfaceId"] == interface
        ]
        for instance in self.instances:
            found += [
                each
                for each in instance.get("NetworkInterfaces", [])
                if each["NetworkInterfaceId"] == interface
            ]
        if not found:
            raise AwsError(
                "InvalidNetworkInterfaceID.NotFound", f"The interface '{interface}' does not exist"
            )
        return found

    def group_names(self, ids: Iterable[str]) -> list[Record]:
        """Groups as interfaces and endpoints show them."""
        names = []
        for id in ids:
            group = self.get("ec2:DescribeSecurityGroups", id)
            names.append({"GroupId": id, "GroupName": group["GroupName"]})
        return names

    def default_group(self, vpc: str) -> str:
        """The id of the VPC's default security group."""
        return next(
            str(each["GroupId"])
            for each in self.all("ec2:DescribeSecurityGroups")
            if each["VpcId"] == vpc and each["GroupName"] == "default"
        )

    def new_interface(self, subnet: Record, groups: list[Record], kind: str, description: str) -> Record:
        """A network interface with the subnet's next free address."""
        taken = {
            address["PrivateIpAddress"]
            for each in self.all("ec2:DescribeNetworkInterfaces")
            for address in each["PrivateIpAddresses"]
        }
        block = ipaddress.ip_network(subnet["CidrBlock"])
        address = next(str(block[n]) for n in range(4, block.num_addresses - 1) if str(block[n]) not in taken)
        record = {
            "NetworkInterfaceId": self.new_id("eni"),
            "SubnetId": subnet["SubnetId"],
            "VpcId": subnet["VpcId"],
            "AvailabilityZone": subnet["AvailabilityZone"],
            "OwnerId": self.call.account,
            "Description": description,
            "InterfaceType": kind,
            "RequesterManaged": kind != "interface",
            "SourceDestCheck": kind != "nat_gateway",
            "Status": "in-use",
            "Groups": groups,
            "PrivateIpAddress": address,
            "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": address}],
            "Ipv6Addresses": [],
            "TagSet": [],
        }
        self.all("ec2:DescribeNetworkInterfaces").append(record)
        return record

    def drop_interface(self, id: str) -> None:
        """Take an interface away."""
        record = self.find("ec2:DescribeNetworkInterfaces", id)
        if record is not None:
            self.drop("ec2:DescribeNetworkInterfaces", record)
