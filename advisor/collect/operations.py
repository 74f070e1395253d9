"""The one table of AWS operations that advisor may call; its IAM policy and documentation come from it."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from advisor.collect import derive
from advisor.collect.derive import Derivation, Parameters
from advisor.model.scope import FAMILIES


class Asked(enum.Enum):
    """How often an operation is asked."""

    REGION = "once per Region"
    ACCOUNT = "once per account"
    RESOURCE = "once per resource that earlier answers name"
    TARGET = "only for instances somebody looks at"


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One AWS operation that reads.

    `name` is `service:Operation` as in a Family; `requests` are the parameters to ask with: fixed ones, or
    derived from the answers of `needs`. `page` is the page size asked for; `token` names the members of a
    hand-made page loop where botocore has no paginator; `limit` stops after so many records, which is then
    truncation. `permission` is the IAM action where it is not the name; `opt_in` marks answers that may
    hold secrets and are read on demand only.
    """

    name: str
    purpose: str
    asked: Asked = Asked.REGION
    requests: tuple[Parameters, ...] | Derivation = ({},)
    needs: tuple[str, ...] = ()
    page: int | None = None
    token: str | None = None
    limit: int | None = None
    permission: str | None = None
    opt_in: bool = False

    @property
    def service(self) -> str:
        """The service's name in boto3."""
        service = self.name.partition(":")[0]
        return "elbv2" if service == "elasticloadbalancing" else service

    @property
    def api(self) -> str:
        """The operation's name in the API (`DescribeVpcs`)."""
        return self.name.partition(":")[2]

    @property
    def method(self) -> str:
        """The client's method in boto3 (`describe_vpcs`)."""
        spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", self.api.replace("VPC", "Vpc").replace("DB", "Db"))
        return spaced.lower()

    @property
    def key(self) -> str | None:
        """The answer's own top-level key, or None where the whole answer is the record."""
        return FAMILIES[self.name].key

    @property
    def action(self) -> str:
        """The IAM action that a caller needs."""
        return self.permission or self.name


def _ec2(api: str, page: int | None, purpose: str, **others: Any) -> Operation:
    return Operation(name=f"ec2:{api}", page=page, purpose=purpose, **others)


def _per_resource(
    name: str, purpose: str, derivation: Derivation, needs: Iterable[str], **others: Any
) -> Operation:
    return Operation(
        name=name, purpose=purpose, asked=Asked.RESOURCE, requests=derivation, needs=tuple(needs), **others
    )


def _for_targets(name: str, purpose: str, **others: Any) -> Operation:
    return Operation(name=name, purpose=purpose, asked=Asked.TARGET, requests=(), **others)


_IAM_SOURCES = (
    "iam:GetAccountAuthorizationDetails",
    "ec2:DescribeInstances",
    "ssm:DescribeInstanceInformation",
    "ssm:GetServiceSetting",
    "sts:GetCallerIdentity",
)

# The longest page chains stand first: they decide how long the whole takes.
OPERATIONS: tuple[Operation, ...] = (
    _ec2("DescribeInstances", 1000, "The instances, their state, addresses, groups, profile and metadata"),
    _ec2("DescribeNetworkInterfaces", 1000, "Every interface: of instances, endpoints and gateways"),
    Operation(
        name="ssm:DescribeInstanceInformation",
        page=50,
        purpose="Managed nodes: ping status, agent version, platform, hybrid nodes",
    ),
    _ec2("DescribeSecurityGroups", 1000, "What the security groups admit"),
    _ec2(
        "DescribeInstanceStatus",
        1000,
        "Status checks of host, instance and volumes",
        requests=({"IncludeAllInstances": True},),
    ),
    Operation(
        name="iam:GetAccountAuthorizationDetails",
        asked=Asked.ACCOUNT,
        page=1000,
        purpose="All roles, profiles and policies in one call; denied, the roles in use are asked one by one",
        requests=({"Filter": ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]},),
    ),
    # Who and where
    Operation(
        name="sts:GetCallerIdentity",
        asked=Asked.ACCOUNT,
        purpose="The account, and who reads it; needs no permission",
    ),
    _ec2(
        "DescribeRegions",
        None,
        "Which Regions the account may use",
        asked=Asked.ACCOUNT,
        requests=({"AllRegions": True},),
    ),
    _ec2("DescribeAvailabilityZones", None, "Zones, and which of them are Local or Wavelength Zones"),
    # The network
    _ec2("DescribeVpcs", 1000, "The VPCs and their address blocks"),
    _ec2("DescribeSubnets", 1000, "The subnets, their zones and free addresses"),
    _ec2("DescribeRouteTables", 100, "Routes, and which table serves which subnet or gateway"),
    _ec2("DescribeNetworkAcls", 1000, "What the network ACLs let through"),
    _ec2("DescribeSecurityGroupVpcAssociations", 1000, "Groups used in VPCs other than their own"),
    _ec2("DescribeInternetGateways", 1000, "Internet gateways and their VPCs"),
    _ec2("DescribeEgressOnlyInternetGateways", 255, "IPv6 gateways for outbound traffic"),
    _ec2("DescribeNatGateways", 1000, "NAT gateways: state, kind, subnet"),
    _ec2("DescribeAddresses", None, "Elastic IP addresses"),
    _ec2("DescribeVpcEndpoints", 1000, "Endpoints: state, subnets, groups, private DNS, policy"),
    _ec2(
        "DescribeVpcEndpointServices",
        1000,
        "AWS services that endpoints can be made for, and in which zones",
        requests=({"Filters": [{"Name": "owner", "Values": ["amazon"]}]},),
    ),
    _ec2("DescribeInstanceConnectEndpoints", 50, "EC2 Instance Connect Endpoints: state, subnet, groups"),
    _ec2("DescribeVpcPeeringConnections", 1000, "Peering connections and their address blocks"),
    _ec2("DescribeTransitGateways", 1000, "Transit gateways and their options"),
    _ec2("DescribeTransitGatewayAttachments", 1000, "What is attached, and its route table"),
    _ec2("DescribeTransitGatewayVpcAttachments", 1000, "The subnets that attachments stand in"),
    _ec2("DescribeTransitGatewayPeeringAttachments", 1000, "Peerings between transit gateways"),
    _ec2("DescribeTransitGatewayRouteTables", 1000, "Transit gateway route tables"),
    _ec2("DescribeVpnGateways", None, "Virtual private gateways and their VPCs"),
    _ec2("DescribeVpnConnections", None, "VPN connections and the state of their tunnels"),
    _ec2("DescribeManagedPrefixLists", 100, "Prefix lists by name, AWS's own among them"),
    _ec2("DescribePrefixLists", 200, "The addresses of services behind gateway endpoints"),
    _ec2("DescribeDhcpOptions", 1000, "Which DNS servers the VPCs use"),
    _ec2("DescribeVpcBlockPublicAccessOptions", None, "Whether internet gateways are blocked"),
    _ec2(
        "DescribeVpcBlockPublicAccessExclusions",
        1000,
        "What is left out of that block",
        token="NextToken",
    ),
    # Instances and their surroundings
    _ec2("DescribeIamInstanceProfileAssociations", 1000, "State of the profile associations"),
    _ec2("DescribeKeyPairs", None, "Names of key pairs (never a key)"),
    _ec2("GetSerialConsoleAccessStatus", None, "Whether the serial console may be used"),
    Operation(
        name="ssm:GetServiceSetting",
        purpose="Default host management, and the tier of hybrid nodes",
        requests=({"SettingId": derive.HOST_MANAGEMENT}, {"SettingId": derive.ACTIVATION_TIER}),
    ),
    Operation(
        name="ssm:GetDocument",
        purpose="The Session Manager preferences",
        requests=({"Name": derive.PREFERENCES},),
    ),
    Operation(name="ssm:DescribeActivations", page=50, purpose="Hybrid activations and their expiry"),
    Operation(
        name="ssm:DescribeSessions",
        page=200,
        limit=1000,
        purpose="Sessions that are open, and the latest that ended: proof that a way worked",
        requests=({"State": "Active"}, {"State": "History"}),
    ),
    Operation(
        name="elasticloadbalancing:DescribeLoadBalancers",
        page=400,
        purpose="Load balancers: one may stand in front of a bastion",
    ),
    Operation(
        name="elasticloadbalancing:DescribeTargetGroups",
        page=400,
        purpose="What load balancers forward to",
    ),
    Operation(name="rds:DescribeDBInstances", page=100, purpose="Databases one may forward a port to"),
    Operation(
        name="route53resolver:ListResolverRules", page=100, purpose="Names that are resolved elsewhere"
    ),
    Operation(
        name="route53resolver:ListResolverRuleAssociations", page=100, purpose="The VPCs those rules serve"
    ),
    # One request per resource that the answers above name
    _per_resource(
        "ec2:DescribeVpcAttribute",
        "The two DNS attributes of each VPC",
        derive.vpc_attributes,
        ["ec2:DescribeVpcs"],
    ),
    _per_resource(
        "ec2:DescribeImages",
        "Name and owner of the AMIs in use: is an agent in them?",
        derive.images,
        ["ec2:DescribeInstances"],
        page=1000,
    ),
    _per_resource(
        "ec2:DescribeInstanceTypes",
        "Hypervisor of the types in use (serial console)",
        derive.instance_types,
        ["ec2:DescribeInstances"],
        page=100,
    ),
    _per_resource(
        "ec2:GetManagedPrefixListEntries",
        "The addresses behind prefix lists in rules and routes",
        derive.prefix_lists,
        ["ec2:DescribeSecurityGroups", "ec2:DescribeRouteTables", "ec2:DescribeManagedPrefixLists"],
        page=100,
    ),
    _per_resource(
        "ec2:SearchTransitGatewayRoutes",
        "Routes of the transit gateways",
        derive.transit_gateway_routes,
        ["ec2:DescribeTransitGatewayRouteTables"],
        page=1000,
    ),
    _per_resource(
        "elasticloadbalancing:DescribeListeners",
        "Ports of network load balancers",
        derive.network_load_balancers,
        ["elasticloadbalancing:DescribeLoadBalancers"],
        page=400,
    ),
    _per_resource(
        "elasticloadbalancing:DescribeTargetHealth",
        "Instances behind network load balancers",
        derive.network_target_groups,
        ["elasticloadbalancing:DescribeTargetGroups"],
    ),
    _per_resource(
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "Whether a network load balancer keeps the client's address",
        derive.network_target_groups,
        ["elasticloadbalancing:DescribeTargetGroups"],
    ),
    _per_resource(
        "route53:ListHostedZonesByVPC",
        "Private zones of each VPC",
        derive.hosted_zones_of_vpcs,
        ["ec2:DescribeVpcs"],
        page=100,
        token="NextToken",
    ),
    _per_resource(
        "route53:ListResourceRecordSets",
        "Where private zones lead the names of AWS services",
        derive.record_sets,
        ["route53:ListHostedZonesByVPC"],
        page=300,
    ),
    _per_resource(
        "kms:DescribeKey", "State of the key that encrypts sessions", derive.session_keys, ["ssm:GetDocument"]
    ),
    _per_resource("kms:GetKeyPolicy", "Who may use that key", derive.session_keys, ["ssm:GetDocument"]),
    _per_resource(
        "logs:DescribeLogGroups",
        "The log group that sessions are written to",
        derive.session_log_groups,
        ["ssm:GetDocument"],
        page=50,
    ),
    _per_resource(
        "s3:HeadBucket",
        "Whether the bucket that sessions are written to exists",
        derive.session_buckets,
        ["ssm:GetDocument"],
        permission="s3:ListBucket",
    ),
    _per_resource(
        "s3:GetBucketEncryption",
        "Whether that bucket is encrypted",
        derive.session_buckets,
        ["ssm:GetDocument"],
        permission="s3:GetEncryptionConfiguration",
    ),
    _per_resource(
        "iam:GetInstanceProfile",
        "The role in each profile in use",
        derive.instance_profiles,
        ["iam:GetAccountAuthorizationDetails", "ec2:DescribeInstances"],
    ),
    _per_resource(
        "iam:GetRole",
        "Trust policy and boundary of the roles in use",
        derive.roles,
        [*_IAM_SOURCES, "iam:GetInstanceProfile"],
    ),
    _per_resource(
        "iam:ListAttachedRolePolicies",
        "Managed policies of the roles in use",
        derive.roles,
        [*_IAM_SOURCES, "iam:GetInstanceProfile"],
        page=1000,
    ),
    _per_resource(
        "iam:ListRolePolicies",
        "Inline policies of the roles in use",
        derive.roles,
        [*_IAM_SOURCES, "iam:GetInstanceProfile"],
        page=1000,
    ),
    _per_resource(
        "iam:ListRoleTags",
        "The run-as user that a role's tag names",
        derive.roles,
        [*_IAM_SOURCES, "iam:GetInstanceProfile"],
        page=1000,
    ),
    _per_resource(
        "iam:GetRolePolicy", "Text of the inline policies", derive.role_policies, ["iam:ListRolePolicies"]
    ),
    _per_resource(
        "iam:GetPolicy",
        "Version in force of the managed policies",
        derive.policies,
        ["iam:ListAttachedRolePolicies", "iam:GetRole"],
    ),
    _per_resource(
        "iam:GetPolicyVersion", "Text of the managed policies", derive.policy_versions, ["iam:GetPolicy"]
    ),
    # Calls that cost one request per instance
    _for_targets("ssm:GetConnectionStatus", "Whether the session channel of a node is open right now"),
    _for_targets(
        "iam:SimulatePrincipalPolicy", "IAM's own answer whether a caller or role may do something", page=1000
    ),
    _for_targets(
        "ec2:GetConsoleOutput",
        "What an instance printed while booting; may hold secrets, so only on request",
        opt_in=True,
    ),
)

NOT_CALLED: Mapping[str, str] = {
    "ec2:DescribeSecurityGroupRules": "DescribeSecurityGroups tells the same rules; used where a dump has it",
}
"""Operations whose dumps are understood and that advisor does not call, and why."""

_BY_NAME = {operation.name: operation for operation in OPERATIONS}


def operation(name: str) -> Operation:
    """The row of an operation (`ec2:DescribeVpcs`)."""
    return _BY_NAME[name]


def self_policy() -> dict[str, Any]:
    """The read-only IAM policy that advisor needs; what is left out of it becomes `unknown`, never `no`.

    ListHostedZonesByVPC needs `ec2:DescribeVpcs` too, which is in it. GetCallerIdentity needs nothing.
    """
    asked = [each for each in OPERATIONS if each.name != "sts:GetCallerIdentity"]
    return {
        "Version": "2012-10-17",
        "Statement": [
            _statement("AdvisorRead", (each.action for each in asked if not each.opt_in)),
            _statement("AdvisorOnRequest", (each.action for each in asked if each.opt_in)),
        ],
    }


def _statement(sid: str, actions: Iterable[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": sorted(set(actions)), "Resource": "*"}


def operations_table() -> str:
    """The table as Markdown, for the documentation."""
    lines = ["| call | asked | IAM action | what for |", "|---|---|---|---|"]
    for each in OPERATIONS:
        action = "none needed" if each.name == "sts:GetCallerIdentity" else f"`{each.action}`"
        asked = f"{each.asked.value}, on request" if each.opt_in else each.asked.value
        lines.append(f"| `{each.service}.{each.method}` | {asked} | {action} | {each.purpose} |")
    return "\n".join(lines) + "\n"
