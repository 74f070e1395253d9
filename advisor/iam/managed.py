"""AWS's own managed policies that matter here, as published, for dumps that only name what is attached."""

from __future__ import annotations

from typing import Final

import msgspec

from advisor.iam.documents import Policy, parse_policy

_AGENT: Final = (
    "ssm:DescribeAssociation",
    "ssm:GetDeployablePatchSnapshotForInstance",
    "ssm:GetDocument",
    "ssm:DescribeDocument",
    "ssm:GetManifest",
    "ssm:ListAssociations",
    "ssm:ListInstanceAssociations",
    "ssm:PutInventory",
    "ssm:PutComplianceItems",
    "ssm:PutConfigurePackageResult",
    "ssm:UpdateAssociationStatus",
    "ssm:UpdateInstanceAssociationStatus",
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
    "ec2messages:AcknowledgeMessage",
    "ec2messages:DeleteMessage",
    "ec2messages:FailMessage",
    "ec2messages:GetEndpoint",
    "ec2messages:GetMessages",
    "ec2messages:SendReply",
)


class ManagedPolicy(msgspec.Struct, frozen=True):
    """A policy that AWS manages: what it allows on every resource, in which version, published when.

    `path` is what follows `:policy/` in its ARN. All of these hold Allow statements only. `whole` is False
    where statements limited to other services' resources are left out: what is here is surely allowed.
    """

    path: str
    version: str
    published: str
    actions: tuple[str, ...]
    whole: bool = True


KNOWN: Final = {
    each.path: each
    for each in (
        ManagedPolicy(
            "AmazonSSMManagedInstanceCore",
            "v2",
            "2019-05-23",
            (*_AGENT, "ssm:GetParameter", "ssm:GetParameters"),
        ),
        ManagedPolicy("AmazonSSMManagedEC2InstanceDefaultPolicy", "v2", "2024-07-16", _AGENT),
        ManagedPolicy(
            "service-role/AmazonEC2RoleforSSM",
            "v8",
            "2019-01-24",
            (
                *_AGENT,
                "ssm:GetParameters",
                "cloudwatch:PutMetricData",
                "ec2:DescribeInstanceStatus",
                "ds:CreateComputer",
                "ds:DescribeDirectories",
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogGroups",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
                "s3:GetBucketLocation",
                "s3:PutObject",
                "s3:GetObject",
                "s3:GetEncryptionConfiguration",
                "s3:AbortMultipartUpload",
                "s3:ListMultipartUploadParts",
                "s3:ListBucket",
                "s3:ListBucketMultipartUploads",
            ),
        ),
        ManagedPolicy("AdministratorAccess", "v1", "2015-02-06", ("*",)),
        ManagedPolicy(
            "AmazonSSMFullAccess",
            "v4",
            "2019-11-20",
            (
                "cloudwatch:PutMetricData",
                "ds:CreateComputer",
                "ds:DescribeDirectories",
                "ec2:DescribeInstanceStatus",
                "logs:*",
                "ssm:*",
                "ec2messages:*",
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ),
            whole=False,
        ),
        ManagedPolicy(
            "CloudWatchAgentServerPolicy",
            "v3",
            "2024-02-06",
            (
                "cloudwatch:PutMetricData",
                "ec2:DescribeVolumes",
                "ec2:DescribeTags",
                "logs:PutLogEvents",
                "logs:PutRetentionPolicy",
                "logs:DescribeLogStreams",
                "logs:DescribeLogGroups",
                "logs:CreateLogStream",
                "logs:CreateLogGroup",
                "xray:PutTraceSegments",
                "xray:PutTelemetryRecords",
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
                "xray:GetSamplingStatisticSummaries",
            ),
            whole=False,
        ),
        ManagedPolicy(
            "EC2InstanceConnect",
            "v1",
            "2019-06-27",
            ("ec2:DescribeInstances", "ec2-instance-connect:SendSSHPublicKey"),
        ),
        ManagedPolicy(
            "AmazonSSMDirectoryServiceAccess",
            "v1",
            "2019-03-15",
            ("ds:CreateComputer", "ds:DescribeDirectories"),
        ),
    )
}
"""By path. Source: AWS Managed Policy Reference Guide; documents checked against the copies in moto 5.2.5."""


def managed_policy(arn: str) -> Policy | None:
    """The published document of an AWS managed policy, in any partition; None if it is not one of these.

    Its name says which version it is: AWS may have published a later one since.
    """
    owner, separator, path = arn.partition(":iam::aws:policy/")
    known = KNOWN.get(path)
    if not separator or not owner.startswith("arn:aws") or known is None:
        return None
    statement = {"Effect": "Allow", "Action": list(known.actions), "Resource": "*"}
    return parse_policy(
        {"Version": "2012-10-17", "Statement": [statement]},
        f"{arn} (as published, {known.version} of {known.published})",
        "iam:ListAttachedRolePolicies",
    )
