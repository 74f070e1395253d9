"""Which operation a JSON value answers, told by its own members; its file's name only decides ties."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from advisor.model.families import Family
from advisor.model.scope import FAMILIES

Members = Mapping[str, msgspec.Raw]

REQUEST: Final[Mapping[str, str]] = {
    "ec2:SearchTransitGatewayRoutes": "TransitGatewayRouteTableId",
    "ec2:GetManagedPrefixListEntries": "PrefixListId",
    "elasticloadbalancing:DescribeTargetHealth": "TargetGroupArn",
    "elasticloadbalancing:DescribeTargetGroupAttributes": "TargetGroupArn",
    "iam:ListAttachedRolePolicies": "RoleName",
    "iam:ListRolePolicies": "RoleName",
    "iam:ListRoleTags": "RoleName",
    "iam:GetPolicyVersion": "PolicyArn",
    "iam:SimulatePrincipalPolicy": "PolicySourceArn",
    "kms:GetKeyPolicy": "KeyId",
    "route53:ListHostedZonesByVPC": "VPCId",
    "route53:ListResourceRecordSets": "HostedZoneId",
    "s3:GetBucketEncryption": "Bucket",
    "s3:HeadBucket": "Bucket",
}
"""Operations whose answers do not name the resource they were asked for, and the request's parameter."""

TOKENS: Final = frozenset({"NextToken", "nextToken", "NextMarker", "Marker", "NextRecordName"})
NOISE: Final = TOKENS | {
    "$schema",
    "IsTruncated",
    "MaxItems",
    "MaxResults",
    "NextRecordType",
    "ResponseMetadata",
    "ServiceNames",
}
"""Members beside the data: paging, and what boto3 adds."""

_ANSWERS: Final[tuple[tuple[str, frozenset[str]], ...]] = tuple(
    (operation, frozenset(members.split()))
    for operation, members in (
        ("ec2:DescribeVpcAttribute", "VpcId EnableDnsSupport"),
        ("ec2:DescribeVpcAttribute", "VpcId EnableDnsHostnames"),
        ("ec2:GetConsoleOutput", "InstanceId Timestamp"),
        ("ec2:GetConsoleOutput", "InstanceId Output"),
        ("ec2:GetSerialConsoleAccessStatus", "SerialConsoleAccessEnabled"),
        ("ec2:DescribeVpcBlockPublicAccessOptions", "VpcBlockPublicAccessOptions"),
        ("ec2:SearchTransitGatewayRoutes", "Routes"),
        ("ec2:GetManagedPrefixListEntries", "Entries"),
        ("ssm:GetConnectionStatus", "Target Status"),
        ("ssm:GetServiceSetting", "ServiceSetting"),
        ("ssm:GetDocument", "Name Content DocumentFormat"),
        ("ssm:GetDocument", "Name Content DocumentType"),
        ("kms:DescribeKey", "KeyMetadata"),
        ("kms:GetKeyPolicy", "Policy"),
        ("iam:GetPolicy", "Policy"),
        ("iam:GetPolicyVersion", "PolicyVersion"),
        ("iam:GetRole", "Role"),
        ("iam:GetRolePolicy", "RoleName PolicyName PolicyDocument"),
        ("iam:GetInstanceProfile", "InstanceProfile"),
        ("iam:ListAttachedRolePolicies", "AttachedPolicies"),
        ("iam:ListRolePolicies", "PolicyNames"),
        ("iam:ListRoleTags", "RoleName Tags"),
        ("iam:SimulatePrincipalPolicy", "EvaluationResults"),
        ("iam:GetAccountAuthorizationDetails", "RoleDetailList"),
        ("iam:GetAccountAuthorizationDetails", "UserDetailList"),
        ("sts:GetCallerIdentity", "Account Arn UserId"),
        ("elasticloadbalancing:DescribeTargetHealth", "TargetHealthDescriptions"),
        ("elasticloadbalancing:DescribeTargetGroupAttributes", "Attributes"),
        ("route53:ListHostedZonesByVPC", "HostedZoneSummaries"),
        ("route53:ListResourceRecordSets", "ResourceRecordSets"),
        ("s3:GetBucketEncryption", "ServerSideEncryptionConfiguration"),
        ("s3:HeadBucket", "BucketRegion"),
    )
)

RESERVATION: Final = "reservation"
INSTANCE_PROFILE: Final = "instance-profile"
_ELEMENTS: Final[tuple[tuple[str, frozenset[str]], ...]] = tuple(
    (operation, frozenset(members.split()))
    for operation, members in (
        (RESERVATION, "ReservationId Instances"),
        ("ec2:DescribeInstances", "InstanceId State InstanceType"),
        ("ec2:DescribeInstanceStatus", "InstanceId InstanceState SystemStatus"),
        ("ec2:DescribeIamInstanceProfileAssociations", "AssociationId InstanceId IamInstanceProfile"),
        ("ec2:DescribeInstanceConnectEndpoints", "InstanceConnectEndpointId State SubnetId"),
        ("ec2:DescribeVpcs", "VpcId CidrBlock DhcpOptionsId"),
        ("ec2:DescribeSubnets", "SubnetId VpcId CidrBlock AvailabilityZone"),
        ("ec2:DescribeRouteTables", "RouteTableId Routes Associations"),
        ("ec2:DescribeNetworkAcls", "NetworkAclId Entries Associations"),
        ("ec2:DescribeSecurityGroups", "GroupId IpPermissions IpPermissionsEgress"),
        ("ec2:DescribeSecurityGroupRules", "SecurityGroupRuleId GroupId IsEgress"),
        ("ec2:DescribeNetworkInterfaces", "NetworkInterfaceId SubnetId Groups PrivateIpAddresses"),
        ("ec2:DescribeInternetGateways", "InternetGatewayId Attachments"),
        ("ec2:DescribeEgressOnlyInternetGateways", "EgressOnlyInternetGatewayId Attachments"),
        ("ec2:DescribeNatGateways", "NatGatewayId State NatGatewayAddresses"),
        ("ec2:DescribeAddresses", "PublicIp AllocationId Domain"),
        ("ec2:DescribeVpcEndpoints", "VpcEndpointId ServiceName State"),
        ("ec2:DescribeVpcPeeringConnections", "VpcPeeringConnectionId AccepterVpcInfo RequesterVpcInfo"),
        ("ec2:DescribeTransitGateways", "TransitGatewayId Options OwnerId State"),
        ("ec2:DescribeTransitGatewayAttachments", "TransitGatewayAttachmentId ResourceType ResourceId"),
        ("ec2:DescribeTransitGatewayVpcAttachments", "TransitGatewayAttachmentId VpcId SubnetIds"),
        ("ec2:DescribeTransitGatewayPeeringAttachments", "TransitGatewayAttachmentId RequesterTgwInfo"),
        ("ec2:DescribeTransitGatewayRouteTables", "TransitGatewayRouteTableId TransitGatewayId State"),
        ("ec2:DescribeVpnGateways", "VpnGatewayId VpcAttachments"),
        ("ec2:DescribeVpnConnections", "VpnConnectionId State"),
        ("ec2:DescribeManagedPrefixLists", "PrefixListId PrefixListName State"),
        ("ec2:DescribePrefixLists", "PrefixListId Cidrs"),
        ("ec2:DescribeDhcpOptions", "DhcpOptionsId DhcpConfigurations"),
        ("ec2:DescribeVpcBlockPublicAccessExclusions", "ExclusionId InternetGatewayExclusionMode"),
        ("ec2:DescribeAvailabilityZones", "ZoneName ZoneId RegionName"),
        ("ec2:DescribeRegions", "RegionName Endpoint"),
        ("ec2:DescribeKeyPairs", "KeyName KeyPairId"),
        ("ssm:DescribeInstanceInformation", "InstanceId PingStatus"),
        ("ssm:DescribeSessions", "SessionId Target Status"),
        ("ssm:DescribeActivations", "ActivationId RegistrationLimit"),
        ("elasticloadbalancing:DescribeLoadBalancers", "LoadBalancerArn Scheme"),
        ("elasticloadbalancing:DescribeListeners", "ListenerArn LoadBalancerArn"),
        ("elasticloadbalancing:DescribeTargetGroups", "TargetGroupArn TargetType"),
        ("rds:DescribeDBInstances", "DBInstanceIdentifier DBInstanceStatus"),
        (INSTANCE_PROFILE, "InstanceProfileName InstanceProfileId Roles"),
    )
)


def element_of(members: Collection[str]) -> str | None:
    """The operation that lists such elements, for lists without their envelope (`--query Vpcs`).

    The members asked for are those without which an element would say too little: a security group
    without its rules must not be taken for one that has none. Also RESERVATION and INSTANCE_PROFILE, which
    need a wrapping of their own.
    """
    keys = set(members)
    fits = [(len(needed), operation) for operation, needed in _ELEMENTS if needed <= keys]
    return max(fits)[1] if fits else None


def answer_of(members: Members, said: Said) -> str | None:
    """The operation whose whole answer this is (those without a list of records), or None."""
    keys = set(members)
    fits = [op for op, needed in _ANSWERS if needed <= keys and _agrees(op, members, said)]
    if said.operation in fits:
        return said.operation
    if said.operation == "iam:ListRoleTags" and "Tags" in keys:
        return said.operation
    return fits[0] if fits else None


SUBSTANCE: Final[Mapping[str, frozenset[str]]] = {
    "ec2:DescribeSecurityGroups": frozenset({"IpPermissions", "IpPermissionsEgress"}),
    "ec2:DescribeRouteTables": frozenset({"Routes", "Associations"}),
    "ec2:DescribeNetworkAcls": frozenset({"Entries", "Associations"}),
}
"""Members that AWS always prints, and without which a record would be read as one that has none."""


def told_apart(operation: str, elements: msgspec.Raw) -> tuple[list[msgspec.Raw], int]:
    """The elements that have their substance, and how many have not (`--query` can leave it out)."""
    needed = SUBSTANCE.get(operation)
    if needed is None:
        return [], 0
    every = msgspec.json.decode(elements, type=list[msgspec.Raw])
    whole = [each for each in every if needed <= _members(each)]
    return whole, len(every) - len(whole)


def _members(element: msgspec.Raw) -> set[str]:
    try:
        return set(msgspec.json.decode(element, type=dict[str, msgspec.Raw]))
    except msgspec.DecodeError:
        return set()


def operation_begun(text: str) -> str | None:
    """The operation whose answer begins with this text, by the first list in it."""
    for key in re.findall(r'"(\w+)"\s*:\s*\[', text):
        if key in _BY_KEY:
            return _BY_KEY[key][0].operation
    return None


def listing_of(key: str, elements: msgspec.Raw, said: Said) -> str | None:
    """The operation whose list of records stands under this top-level key, or None."""
    fits = [family for family in _BY_KEY.get(key, ()) if _holds_records_of(family, elements)]
    names = [family.operation for family in fits]
    if said.operation in names:
        return said.operation
    if key == "PrefixLists":
        return _prefix_lists(elements)
    return names[0] if names else None


_BY_KEY: Final[dict[str, list[Family[Any]]]] = {}
for _family in FAMILIES.values():
    if _family.key is not None:
        _BY_KEY.setdefault(_family.key, []).append(_family)


def _prefix_lists(elements: msgspec.Raw) -> str | None:
    # Both operations answer `PrefixLists`; an empty list is nobody's, unless the file's name tells.
    for element in first_of(elements, 1):
        return "ec2:DescribePrefixLists" if "Cidrs" in element else "ec2:DescribeManagedPrefixLists"
    return None


def _holds_records_of(family: Family[Any], elements: msgspec.Raw) -> bool:
    if bytes(elements).lstrip()[:1] != b"[":
        return False
    if family.operation == "ec2:DescribeInstances":
        identity = {"Instances"}
    else:
        names = {field.name: field.encode_name for field in msgspec.structs.fields(family.record)}
        identity = {names[part] for part in family.identity.split(",")}
    try:
        return all(identity <= element.keys() for element in first_of(elements, 1))
    except msgspec.DecodeError:
        return False


def _agrees(operation: str, members: Members, said: Said) -> bool:
    """Whether members that several services share look like this operation's."""
    if operation == "iam:GetPolicy":
        return _opens(members["Policy"], b"{")
    if operation == "kms:GetKeyPolicy":
        return _opens(members["Policy"], b'"') and ("PolicyName" in members or "KeyId" in members)
    if operation == "ec2:GetManagedPrefixListEntries":
        return _all_have(members["Entries"], "Cidr")
    if operation == "ec2:SearchTransitGatewayRoutes":
        return _all_have(members["Routes"], "Type", "State")
    if operation == "elasticloadbalancing:DescribeTargetGroupAttributes":
        # Load balancers have attributes too, but other ones.
        return operation == said.operation or b'"deregistration_delay.' in bytes(members["Attributes"])
    if operation in {"iam:ListRolePolicies", "iam:ListAttachedRolePolicies"}:
        # Users and groups have lists with the same members.
        others = {"UserName", "GroupName"} & members.keys()
        return not others and not re.search("(user|group)policies", said.squeezed)
    return True


def _all_have(elements: msgspec.Raw, *keys: str) -> bool:
    try:
        return all(set(keys) <= element.keys() for element in first_of(elements, 1))
    except msgspec.DecodeError:
        return False


def _opens(value: msgspec.Raw, bracket: bytes) -> bool:
    return bytes(value).lstrip()[:1] == bracket


def first_of(elements: msgspec.Raw, count: int) -> list[dict[str, msgspec.Raw]]:
    """The first elements of a JSON array of objects. Raises msgspec.DecodeError if they are no objects."""
    found = msgspec.json.decode(elements, type=list[msgspec.Raw])[:count]
    return [msgspec.json.decode(each, type=dict[str, msgspec.Raw]) for each in found]


class Said(msgspec.Struct, frozen=True):
    """What the names of a file and its folders say about its content."""

    operation: str | None = None
    squeezed: str = ""


def said_by(*names: str) -> Said:
    """What these names say; the first that tells an operation counts.

    `ec2-describe-vpcs`, `describe_vpcs`, `DescribeVpcs`, `describe-vpcs-us-east-1` and `Vpcs` say
    `ec2:DescribeVpcs`.
    """
    squeezed = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in names]
    operation = next((found for name in squeezed if (found := _operation_said(name))), None)
    return Said(operation, "/".join(squeezed))


def _operation_said(squeezed: str) -> str | None:
    named = [(len(word), operation) for word, operation in _WORDS if word in squeezed]
    if named:
        # The longest: `getrolepolicy` holds `getrole` too.
        return max(named)[1]
    keyed = [
        each.operation for key, families in _BY_KEY.items() if key.lower() == squeezed for each in families
    ]
    return keyed[0] if len(keyed) == 1 else None


_WORDS: Final = [(operation.partition(":")[2].lower(), operation) for operation in FAMILIES]
