"""Security groups and network ACLs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tests.scenes.handle import Handle, tags
from tests.scenes.place import Place, Record
from tests.scenes.rules import ALL, Entry, Rule, acl_entry, entry, permission

if TYPE_CHECKING:
    from tests.scenes.network import Subnet, Vpc


class Group(Handle):
    """A security group."""

    def __init__(
        self,
        vpc: Vpc,
        name: str,
        ingress: Sequence[Rule] = (),
        egress: Sequence[Rule] = ALL,
        *,
        place: Place | None = None,
        id: str | None = None,
    ) -> None:
        place = place or vpc.place
        id = id or place.new_id("sg")
        self.vpc = vpc
        self.name = name
        record = {
            "GroupId": id,
            "GroupName": name,
            "Description": f"group {name}",
            "VpcId": vpc.id,
            "OwnerId": place.account,
            "SecurityGroupArn": place.arn("ec2", f"security-group/{id}"),
            "IpPermissions": [],
            "IpPermissionsEgress": [],
            "Tags": tags(name),
        }
        super().__init__(place, id, place.add("ec2:DescribeSecurityGroups", record))
        self.ingress(*ingress)
        self.egress(*egress)

    def ingress(self, *rules: Rule) -> Group:
        """Add inbound rules."""
        self.record["IpPermissions"] += [permission(rule, self) for rule in rules]
        return self

    def egress(self, *rules: Rule) -> Group:
        """Add outbound rules."""
        self.record["IpPermissionsEgress"] += [permission(rule, self) for rule in rules]
        return self

    def pair(self, other: Group | str) -> Record:
        """How a rule of this group names another one, with the peering between their VPCs if there is one."""
        if isinstance(other, str):
            return {"GroupId": other, "UserId": self.place.account}
        pair: Record = {"GroupId": other.id, "UserId": other.place.account}
        if other.vpc is not self.vpc:
            pair["VpcId"] = other.vpc.id
            peering = self.vpc.peerings.get(other.vpc.id)
            if peering is not None:
                pair["VpcPeeringConnectionId"] = peering.id
                pair["PeeringStatus"] = peering.record["Status"]["Code"]
        return pair

    def associate(self, vpc: Vpc, state: str = "associated") -> Group:
        """Let the group be used in another VPC of the Region."""
        record = {
            "GroupId": self.id,
            "VpcId": vpc.id,
            "VpcOwnerId": vpc.place.account,
            "State": state,
            "GroupOwnerId": self.place.account,
        }
        self.place.add("ec2:DescribeSecurityGroupVpcAssociations", record)
        return self


class Acl(Handle):
    """A network ACL; AWS's last entries (`32767`, deny) are there by themselves."""

    def __init__(
        self, vpc: Vpc, ingress: Iterable[Entry], egress: Iterable[Entry], is_default: bool = False
    ) -> None:
        place = vpc.place
        id = place.new_id("acl")
        last = [entry(32767, "deny")]
        if vpc.ipv6:
            last.append(entry(32768, "deny", block="::/0"))
        record = {
            "Associations": [],
            "Entries": [acl_entry(each, True) for each in [*egress, *last]]
            + [acl_entry(each, False) for each in [*ingress, *last]],
            "IsDefault": is_default,
            "NetworkAclId": id,
            "OwnerId": place.account,
            "Tags": [],
            "VpcId": vpc.id,
        }
        super().__init__(place, id, place.add("ec2:DescribeNetworkAcls", record))

    def associate(self, *subnets: Subnet) -> Acl:
        """Guard these subnets, in place of the ACL that did."""
        for subnet in subnets:
            for other in self.place.records["ec2:DescribeNetworkAcls"]:
                other["Associations"] = [
                    each for each in other["Associations"] if each["SubnetId"] != subnet.id
                ]
            self.record["Associations"].append(
                {
                    "NetworkAclAssociationId": self.place.new_id("aclassoc"),
                    "NetworkAclId": self.id,
                    "SubnetId": subnet.id,
                }
            )
        return self
