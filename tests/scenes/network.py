"""VPCs and subnets, with the gateways in them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any

from tests.scenes.guards import Acl, Group
from tests.scenes.handle import Handle, identifier, tags, zone_id
from tests.scenes.interfaces import Interface
from tests.scenes.place import EARLIER, Place, Record
from tests.scenes.rules import ALL, Entry, Rule, entry
from tests.scenes.tables import Table


class Vpc(Handle):
    """A VPC with its `.main` table, `.default_acl` and `.default_group`."""

    def __init__(
        self,
        place: Place,
        cidr: str,
        *,
        dns_support: bool = True,
        dns_hostnames: bool = True,
        ipv6: str | None = None,
        dhcp: str | Handle | None = None,
        name: str | None = None,
        id: str | None = None,
        state: str = "available",
    ) -> None:
        id = id or place.new_id("vpc")
        self.cidr = cidr
        self.ipv6 = ipv6
        self.blocks = [cidr, *([ipv6] if ipv6 else [])]
        self.peerings: dict[str, Handle] = {}
        record: Record = {
            "OwnerId": place.account,
            "InstanceTenancy": "default",
            "CidrBlockAssociationSet": [_block(place, cidr)],
            "IsDefault": False,
            "BlockPublicAccessStates": {"InternetGatewayBlockMode": "off"},
            "VpcId": id,
            "State": state,
            "CidrBlock": cidr,
            "DhcpOptionsId": identifier(dhcp) or default_dhcp(place),
            "Tags": tags(name),
        }
        if ipv6:
            record["Ipv6CidrBlockAssociationSet"] = [_block6(place, ipv6)]
        super().__init__(place, id, place.add("ec2:DescribeVpcs", record))
        for key, value in (("EnableDnsSupport", dns_support), ("EnableDnsHostnames", dns_hostnames)):
            place.add("ec2:DescribeVpcAttribute", {"VpcId": id, key: {"Value": value}})
        self.main = Table(self, main=True)
        opening = [entry(100)] + ([entry(101, block="::/0")] if ipv6 else [])
        self.default_acl = Acl(self, opening, opening, is_default=True)
        self.default_group = Group(self, "default")
        self.default_group.ingress(Rule("-1", None, None, ("self",)))

    def subnet(
        self,
        cidr: str,
        az: str | None = None,
        *,
        table: Table | None = None,
        acl: Acl | None = None,
        ipv6: str | None = None,
        name: str | None = None,
        id: str | None = None,
    ) -> Subnet:
        """A subnet on the main table and default ACL, unless others are given; zone `a` of the Region."""
        return Subnet(self, cidr, az, table=table, acl=acl, ipv6=ipv6, name=name, id=id)

    def block(self, cidr: str, state: str = "associated") -> Vpc:
        """Associate a further CIDR block; every table gets its local route (not for other states)."""
        key, member = (
            ("Ipv6CidrBlockAssociationSet", _block6(self.place, cidr, state))
            if ":" in cidr
            else ("CidrBlockAssociationSet", _block(self.place, cidr, state))
        )
        self.record.setdefault(key, []).append(member)
        if state == "associated":
            self.blocks.append(cidr)
            for record in self.place.records["ec2:DescribeRouteTables"]:
                if record["VpcId"] == self.id:
                    destination = "DestinationIpv6CidrBlock" if ":" in cidr else "DestinationCidrBlock"
                    record["Routes"].append(
                        {
                            destination: cidr,
                            "GatewayId": "local",
                            "Origin": "CreateRouteTable",
                            "State": "active",
                        }
                    )
        return self

    def group(
        self, name: str, ingress: Sequence[Rule] = (), egress: Sequence[Rule] = ALL, *, id: str | None = None
    ) -> Group:
        """A security group; outbound everything unless `egress` says otherwise ([] for nothing)."""
        return Group(self, name, ingress, egress, id=id)

    def table(
        self,
        routes: Iterable[Sequence[Any]] = (),
        subnets: Iterable[Subnet] = (),
        *,
        main: bool = False,
        edge: Any = None,
    ) -> Table:
        """A table of routes `(destination, target[, state[, origin]])`, used by subnets or at an edge."""
        made = Table(self, main=main)
        for route in routes:
            made.route(*route)
        made.associate(*subnets)
        if edge is not None:
            made.associate(edge)
        return made

    def acl(
        self, ingress: Iterable[Entry] = (), egress: Iterable[Entry] = (), subnets: Iterable[Subnet] = ()
    ) -> Acl:
        """A network ACL with these entries, guarding these subnets."""
        return Acl(self, ingress, egress).associate(*subnets)

    def igw(self, state: str = "available") -> Handle:
        """An internet gateway, attached."""
        place, id = self.place, self.place.new_id("igw")
        record = {
            "Attachments": [{"State": state, "VpcId": self.id}],
            "InternetGatewayId": id,
            "OwnerId": place.account,
            "Tags": [],
        }
        return Handle(place, id, place.add("ec2:DescribeInternetGateways", record))

    def eigw(self) -> Handle:
        """An egress-only internet gateway (IPv6), attached."""
        place, id = self.place, self.place.new_id("eigw")
        record = {
            "Attachments": [{"State": "attached", "VpcId": self.id}],
            "EgressOnlyInternetGatewayId": id,
            "Tags": [],
        }
        return Handle(place, id, place.add("ec2:DescribeEgressOnlyInternetGateways", record))

    def vgw(self, state: str = "available", attachment: str = "attached") -> Handle:
        """A virtual private gateway, attached."""
        place, id = self.place, self.place.new_id("vgw")
        record = {
            "State": state,
            "Type": "ipsec.1",
            "VpcAttachments": [{"State": attachment, "VpcId": self.id}],
            "VpnGatewayId": id,
            "AmazonSideAsn": 64512,
            "Tags": [],
        }
        return Handle(place, id, place.add("ec2:DescribeVpnGateways", record))

    def regional_nat(
        self,
        zones: Sequence[str] = (),
        *,
        auto: bool = False,
        state: str = "available",
        table: Table | None = None,
    ) -> Handle:
        """A regional NAT gateway with addresses in these zones, and its own table."""
        place, id = self.place, self.place.new_id("nat")
        addresses = [
            {
                "AllocationId": place.new_id("eipalloc"),
                "PublicIp": elastic_ip(place),
                "AssociationId": place.new_id("eipassoc"),
                "IsPrimary": position == 0,
                "Status": "succeeded",
                "AvailabilityZone": zone,
                "AvailabilityZoneId": zone_id(place, zone),
            }
            for position, zone in enumerate(zones)
        ]
        record: Record = {
            "CreateTime": EARLIER,
            "NatGatewayAddresses": addresses,
            "NatGatewayId": id,
            "State": state,
            "VpcId": self.id,
            "Tags": [],
            "ConnectivityType": "public",
            "AvailabilityMode": "regional",
            "AutoScalingIps": "enabled" if auto else "disabled",
            "AutoProvisionZones": "enabled" if auto else "disabled",
        }
        if table is not None:
            record["RouteTableId"] = table.id
        return Handle(place, id, place.add("ec2:DescribeNatGateways", record))

    def endpoint(self, service: str, **options: Any) -> Handle:
        """A VPC endpoint; see `tests.scenes.endpoints.vpc_endpoint`."""
        from tests.scenes.endpoints import vpc_endpoint

        return vpc_endpoint(self, service, **options)

    def hosted_zone(self, name: str, records: dict[str, Any] | None = None) -> Handle:
        """A private hosted zone of this VPC; `records`: name → address, addresses or endpoint (alias)."""
        from tests.scenes.endpoints import hosted_zone

        return hosted_zone(self, name, records or {})


def _block(place: Place, cidr: str, state: str = "associated") -> Record:
    return {
        "AssociationId": place.new_id("vpc-cidr-assoc"),
        "CidrBlock": cidr,
        "CidrBlockState": {"State": state},
    }


def _block6(place: Place, cidr: str, state: str = "associated") -> Record:
    return {
        "AssociationId": place.new_id("vpc-cidr-assoc"),
        "Ipv6CidrBlock": cidr,
        "Ipv6CidrBlockState": {"State": state},
        "NetworkBorderGroup": place.region,
        "Ipv6Pool": "Amazon",
    }


def elastic_ip(place: Place) -> str:
    """The next Elastic IP that nothing of the scene has: `198.51.100.5` first."""
    place.world.counts["elastic ip"] += 1
    number = place.world.counts["elastic ip"] + 4
    return f"198.{51 + number // 65_536}.{(100 + number // 256) % 256}.{number % 256}"


def default_dhcp(place: Place) -> str:
    """The Region's default DHCP options (AmazonProvidedDNS), made when first needed."""
    key = (place.account, place.region)
    if key not in place.world.defaults:
        place.world.defaults[key] = dhcp_options(place, "AmazonProvidedDNS").id
    return place.world.defaults[key]


def dhcp_options(place: Place, *servers: str, domain: str | None = None) -> Handle:
    """A set of DHCP options with these DNS servers."""
    id = place.new_id("dopt")
    domain = domain or ("ec2.internal" if place.region == "us-east-1" else f"{place.region}.compute.internal")
    configurations = [
        {"Key": "domain-name", "Values": [{"Value": domain}]},
        {"Key": "domain-name-servers", "Values": [{"Value": server} for server in servers]},
    ]
    record = {
        "DhcpConfigurations": configurations,
        "DhcpOptionsId": id,
        "OwnerId": place.account,
        "Tags": [],
    }
    return Handle(place, id, place.add("ec2:DescribeDhcpOptions", record))


class Subnet(Handle):
    """A subnet; its methods put interfaces, instances, NAT gateways and endpoints in it."""

    def __init__(
        self,
        vpc: Vpc,
        cidr: str,
        az: str | None = None,
        *,
        table: Table | None = None,
        acl: Acl | None = None,
        ipv6: str | None = None,
        name: str | None = None,
        id: str | None = None,
        place: Place | None = None,
        record: Record | None = None,
    ) -> None:
        self.vpc = vpc
        self.az = az or f"{vpc.place.region}a"
        self.cidr = cidr
        self.ipv6 = ipv6
        place = place or vpc.place
        if record is None:
            id = id or place.new_id("subnet")
            record = place.add("ec2:DescribeSubnets", self._describe(place, id, name))
            super().__init__(place, id, record)
            (acl or vpc.default_acl).associate(self)
            if table is not None:
                table.associate(self)
        else:
            super().__init__(place, str(record["SubnetId"]), record)

    def _describe(self, place: Place, id: str, name: str | None) -> Record:
        blocks6 = [
            {
                "AssociationId": place.new_id("subnet-cidr-assoc"),
                "Ipv6CidrBlock": self.ipv6,
                "Ipv6CidrBlockState": {"State": "associated"},
            }
        ]
        return {
            "AvailabilityZone": self.az,
            "AvailabilityZoneId": zone_id(place, self.az),
            "AvailableIpAddressCount": max(
                0, ipaddress.ip_network(self.cidr, strict=False).num_addresses - 5
            ),
            "CidrBlock": self.cidr,
            "DefaultForAz": False,
            "MapPublicIpOnLaunch": False,
            "AssignIpv6AddressOnCreation": self.ipv6 is not None,
            "Ipv6CidrBlockAssociationSet": blocks6 if self.ipv6 else [],
            "Ipv6Native": False,
            "EnableDns64": False,
            "BlockPublicAccessStates": {"InternetGatewayBlockMode": "off"},
            "OwnerId": place.account,
            "State": "available",
            "SubnetArn": place.arn("ec2", f"subnet/{id}"),
            "SubnetId": id,
            "Tags": tags(name),
            "VpcId": self.vpc.id,
        }

    def address(self, given: str | None = None) -> str:
        """The address given, or the subnet's next free one (the first four are AWS's)."""
        if given is not None:
            return given
        block = ipaddress.ip_network(self.cidr, strict=False)
        count = self.place.world.counts[f"address of {self.id}"]
        self.place.world.counts[f"address of {self.id}"] += 1
        return str(block[4 + count])

    def address6(self) -> str:
        """The subnet's next IPv6 address."""
        assert self.ipv6 is not None, "the subnet has no IPv6 block"
        self.place.world.counts[f"address6 of {self.id}"] += 1
        return str(
            ipaddress.ip_network(self.ipv6, strict=False)[
                0x10 + self.place.world.counts[f"address6 of {self.id}"]
            ]
        )

    def interface(
        self,
        groups: Iterable[Group] | None = None,
        *,
        ip: str | None = None,
        secondary: Sequence[str] = (),
        ipv6: str | bool | None = None,
        public_ip: str | None = None,
        eip: bool = False,
        kind: str = "interface",
        description: str = "",
        requester: str | None = None,
        source_dest_check: bool = True,
        status: str | None = None,
    ) -> Interface:
        """A network interface in this subnet, not attached to an instance unless one takes it."""
        return Interface(
            self,
            groups,
            ip=ip,
            secondary=secondary,
            ipv6=ipv6,
            public_ip=public_ip,
            eip=eip,
            kind=kind,
            description=description,
            requester=requester,
            source_dest_check=source_dest_check,
            status=status,
        )

    def instance(self, **options: Any) -> Any:
        """An instance; see `tests.scenes.compute.Instance`."""
        from tests.scenes.compute import Instance

        return Instance(self, **options)

    def instance_connect_endpoint(self, **options: Any) -> Handle:
        """An EC2 Instance Connect Endpoint; see `tests.scenes.endpoints.instance_connect_endpoint`."""
        from tests.scenes.endpoints import instance_connect_endpoint

        return instance_connect_endpoint(self, **options)

    def nat(
        self,
        state: str = "available",
        connectivity: str = "public",
        public_ip: str | None = "",
        name: str | None = None,
    ) -> Handle:
        """A NAT gateway in this subnet, with an Elastic IP of its own unless it is given (None for none)."""
        place, id = self.place, self.place.new_id("nat")
        public = connectivity == "public"
        public_ip = elastic_ip(place) if public_ip == "" else public_ip
        eni = self.interface(
            (),
            public_ip=public_ip if public else None,
            eip=True,
            kind="nat_gateway",
            description=f"Interface for NAT Gateway {id}",
            requester="amazon-aws",
            source_dest_check=False,
        )
        address: Record = {
            "NetworkInterfaceId": eni.id,
            "PrivateIp": eni.record["PrivateIpAddress"],
            "IsPrimary": True,
            "Status": "succeeded",
        }
        if public and public_ip:
            address |= {
                "AllocationId": eni.record["Association"]["AllocationId"],
                "AssociationId": eni.record["Association"]["AssociationId"],
                "PublicIp": public_ip,
            }
        record = {
            "CreateTime": EARLIER,
            "NatGatewayAddresses": [address],
            "NatGatewayId": id,
            "State": state,
            "SubnetId": self.id,
            "VpcId": self.vpc.id,
            "Tags": tags(name),
            "ConnectivityType": connectivity,
            "AvailabilityMode": "zonal",
        }
        return Handle(place, id, place.add("ec2:DescribeNatGateways", record))
