"""Which IAM actions a person needs to carry an action out, and on which resources.

Source: Service Authorization Reference (EC2, IAM, Systems Manager, KMS, CloudWatch Logs, Route 53): most
requests need the action of their own name; the exceptions stand in a table here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from advisor.advice.action import Action, Ref
from advisor.model.responses import GLOBAL

_MORE: Final[Mapping[str, tuple[str, ...]]] = {
    # A profile hands its role to the machine: whoever attaches it passes the role.
    "AssociateIamInstanceProfile": ("iam:PassRole",),
    "CreateInstanceConnectEndpoint": ("ec2:CreateNetworkInterface", "iam:CreateServiceLinkedRole"),
    "CreateVpcEndpoint": ("route53:AssociateVPCWithHostedZone",),
    "ModifyVpcEndpoint": ("route53:AssociateVPCWithHostedZone",),
    "ReplaceIamInstanceProfileAssociation": ("iam:PassRole",),
    "RunInstances": ("ec2:CreateTags", "ssm:GetParameters"),
    "AddRoleToInstanceProfile": ("iam:PassRole",),
    "UpdateServiceSetting": ("iam:PassRole", "ssm:GetServiceSetting"),
    "PutMetricAlarm": ("iam:CreateServiceLinkedRole",),
}

_WAITS: Final[Mapping[str, str]] = {
    "CreateInstanceProfile": "iam:GetInstanceProfile",
    "CreateNatGateway": "ec2:DescribeNatGateways",
    "CreateRole": "iam:GetRole",
    "DeleteInstanceConnectEndpoint": "ec2:DescribeInstanceConnectEndpoints",
    "DeleteNatGateway": "ec2:DescribeNatGateways",
    "DeleteVpcEndpoints": "ec2:DescribeVpcEndpoints",
    "RunInstances": "ec2:DescribeInstances",
    "StartInstances": "ec2:DescribeInstances",
    "StopInstances": "ec2:DescribeInstances",
    "TerminateInstances": "ec2:DescribeInstances",
}
"""What the lines that wait for a change read."""


def permissions(action: Action) -> tuple[str, ...]:
    """The IAM actions for one request, its own first."""
    own = f"{action.service}:{action.operation}"
    found = [own, *_MORE.get(action.operation, ())]
    waits = _WAITS.get(action.operation)
    return tuple(dict.fromkeys([*found, waits] if waits else found))


_KINDS: Final[Mapping[str, str]] = {
    "acl-": "network-acl",
    "eice-": "instance-connect-endpoint",
    "eigw-": "egress-only-internet-gateway",
    "eipalloc-": "elastic-ip",
    "eni-": "network-interface",
    "i-": "instance",
    "igw-": "internet-gateway",
    "nat-": "natgateway",
    "rtb-": "route-table",
    "sg-": "security-group",
    "subnet-": "subnet",
    "tgw-attach-": "transit-gateway-attachment",
    "tgw-rtb-": "transit-gateway-route-table",
    "tgw-": "transit-gateway",
    "vpc-": "vpc",
    "vpce-": "vpc-endpoint",
}

_UNSCOPED: Final = frozenset(
    {
        "AllocateAddress",
        "CreateInstanceConnectEndpoint",
        "CreateInternetGateway",
        "CreateNatGateway",
        "CreateSecurityGroup",
        "CreateVpcEndpoint",
        "CreateVpcBlockPublicAccessExclusion",
        "RunInstances",
    }
)
"""Requests that also need the permission on what they are about to create, whose id nobody knows yet."""


def resources(action: Action) -> tuple[str, ...]:
    """The ARNs that the request itself is about; `*` where its resource is not known before it is made."""
    partition = partition_of(action.region)
    if action.service == "iam":
        return _of_iam(action, partition)
    if action.service != "ec2" or action.operation in _UNSCOPED:
        return ("*",)
    found: dict[str, None] = {}
    for _, value in action.parameters.items:
        for text in _texts(value):
            kind = next((kind for prefix, kind in _KINDS.items() if text.startswith(prefix)), None)
            if kind is not None:
                found[f"arn:{partition}:ec2:{action.region}:{action.account}:{kind}/{text}"] = None
    has_refs = any(isinstance(value, Ref) for _, value in action.parameters.items)
    return ("*",) if has_refs or not found else tuple(found)


def _of_iam(action: Action, partition: str) -> tuple[str, ...]:
    kinds = {"RoleName": "role", "UserName": "user", "InstanceProfileName": "instance-profile"}
    found = []
    for member, kind in kinds.items():
        name = action.parameters.get(member)
        if isinstance(name, str):
            path = str(action.parameters.get("Path", "/"))
            found.append(f"arn:{partition}:iam::{action.account}:{kind}{path}{name}")
    return tuple(found) or ("*",)


def partition_of(region: str) -> str:
    """The ARN partition of a Region; of `global` the commercial one."""
    if region == GLOBAL:
        return "aws"
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for each in value for text in _texts(each)]
    return []
