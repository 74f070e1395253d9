"""Network interfaces, of instances and of what AWS manages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tests.scenes.guards import Group
from tests.scenes.handle import Handle
from tests.scenes.place import Record

if TYPE_CHECKING:
    from tests.scenes.network import Subnet


class Interface(Handle):
    """A network interface; it stands in `DescribeNetworkInterfaces` and, once attached, in its instance."""

    def __init__(
        self,
        subnet: Subnet,
        groups: Iterable[Group] | None,
        *,
        ip: str | None,
        secondary: Sequence[str],
        ipv6: str | bool | None,
        public_ip: str | None,
        eip: bool,
        kind: str,
        description: str,
        requester: str | None,
        source_dest_check: bool,
        status: str | None,
    ) -> None:
        place = subnet.place
        id = place.new_id("eni")
        self.subnet = subnet
        if groups is None:
            groups = [subnet.vpc.default_group]
        address = subnet.address(ip)
        record: Record = {
            "AvailabilityZone": subnet.az,
            "Description": description,
            "Groups": [{"GroupName": group.name, "GroupId": group.id} for group in groups],
            "InterfaceType": kind,
            "Ipv6Addresses": [],
            "MacAddress": "02:00:00:00:00:01",
            "NetworkInterfaceId": id,
            "OwnerId": place.account,
            "PrivateIpAddress": address,
            "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": address}],
            "RequesterManaged": requester is not None,
            "SourceDestCheck": source_dest_check,
            "Status": status or ("available" if kind == "interface" else "in-use"),
            "SubnetId": subnet.id,
            "TagSet": [],
            "VpcId": subnet.vpc.id,
        }
        record["PrivateIpAddresses"] += [{"Primary": False, "PrivateIpAddress": each} for each in secondary]
        if requester is not None:
            record["RequesterId"] = requester
        if ipv6:
            record["Ipv6Addresses"].append({"Ipv6Address": subnet.address6() if ipv6 is True else ipv6})
        super().__init__(place, id, place.add("ec2:DescribeNetworkInterfaces", record))
        if public_ip:
            self.public(public_ip, eip=eip)

    def public(self, address: str, *, of: str | None = None, eip: bool = False) -> Interface:
        """Give the interface (or its private address `of`) a public address, Amazon's or an Elastic IP."""
        association: Record = {
            "IpOwnerId": self.place.account if eip else "amazon",
            "PublicDnsName": f"ec2-{address.replace('.', '-')}.compute-1.amazonaws.com",
            "PublicIp": address,
        }
        private = of or self.record["PrivateIpAddress"]
        if eip:
            ids = {
                "AllocationId": self.place.new_id("eipalloc"),
                "AssociationId": self.place.new_id("eipassoc"),
            }
            association |= ids
            self.place.add(
                "ec2:DescribeAddresses",
                {
                    "PublicIp": address,
                    **ids,
                    "Domain": "vpc",
                    "NetworkInterfaceId": self.id,
                    "NetworkInterfaceOwnerId": self.place.account,
                    "PrivateIpAddress": private,
                    "NetworkBorderGroup": self.place.region,
                },
            )
        for each in self.record["PrivateIpAddresses"]:
            if each["PrivateIpAddress"] == private:
                each["Association"] = association
        if private == self.record["PrivateIpAddress"]:
            self.record["Association"] = association
        return self
