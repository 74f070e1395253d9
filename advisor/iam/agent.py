"""What the agent on a node has to be allowed: to register, to hold its channels, to encrypt and to log.

Sources: Systems Manager User Guide, "Verify or add instance permissions for Session Manager" and "Reference:
ec2messages, ssmmessages, and other API operations"; Service Authorization Reference for resources and keys.
"""

from __future__ import annotations

from typing import Final

import msgspec

from advisor.iam.context import Context
from advisor.iam.documents import Effect, Policies, Principals, Statement, parse_policy
from advisor.iam.needs import Need, Place
from advisor.model.records.ec2 import VpcEndpoint

REGISTER: Final = "ssm:UpdateInstanceInformation"
CHANNELS: Final = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
LEGACY_MESSAGES: Final = (
    "ec2messages:AcknowledgeMessage",
    "ec2messages:DeleteMessage",
    "ec2messages:FailMessage",
    "ec2messages:GetEndpoint",
    "ec2messages:GetMessages",
    "ec2messages:SendReply",
)
"""Only agents before 3.3.40.0, or where `ssmmessages` is not allowed, use these."""


def node_context(
    place: Place,
    target: str,
    *,
    vpc: str | None = None,
    private_ip: str | None = None,
    via: str | None = None,
) -> Context:
    """What is known of a request that the agent makes with its instance's role.

    Credentials of an instance carry no session tags and no MFA. `via` is the VPC endpoint that the path
    goes through, `""` where it surely goes through none; unknown otherwise, as is the source address.
    """
    known: dict[str, str | bool] = {
        "aws:RequestedRegion": place.region,
        "aws:SecureTransport": True,
        "aws:ViaAWSService": False,
        "aws:PrincipalIsAWSService": False,
        "ec2:SourceInstanceARN": place.node(target),
        "ssm:SourceInstanceARN": place.node(target),
    }
    if vpc:
        known["aws:Ec2InstanceSourceVpc"] = vpc
    if private_ip:
        known["aws:Ec2InstanceSourcePrivateIPv4"] = private_ip
    absent = ["aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:CalledVia", "aws:CalledViaFirst"]
    if via:
        known["aws:SourceVpce"] = via
        if vpc:
            known["aws:SourceVpc"] = vpc
    elif via == "":
        absent += ["aws:SourceVpce", "aws:SourceVpc"]
    return Context.of(known, absent, ("aws:PrincipalTag/",))


def agent_needs(place: Place, target: str, context: Context) -> tuple[Need, ...]:
    """What the agent needs to register and to hold its channels open."""
    register = Need(REGISTER, (place.node(target),), "instance-role-missing-ssm-core", context)
    channels = [Need(each, ("*",), "instance-role-missing-ssmmessages", context) for each in CHANNELS]
    return (register, *channels)


def legacy_needs(context: Context) -> tuple[Need, ...]:
    """What agents before 3.3.40.0 need besides."""
    return tuple(Need(each, ("*",), "instance-role-missing-ssm-core", context) for each in LEGACY_MESSAGES)


def encryption_needs(key_arn: str, context: Context) -> tuple[Need, ...]:
    """What the node needs of the sessions' KMS key."""
    return (Need("kms:Decrypt", (key_arn,), "session-kms-node-permission", context),)


def log_group_needs(place: Place, group: str, context: Context) -> tuple[Need, ...]:
    """What the node needs to write a session to CloudWatch Logs."""
    arn = place.arn("logs", f"log-group:{group}")
    cause = "session-log-role-permission"
    return (
        Need("logs:CreateLogStream", (arn, f"{arn}:log-stream:session"), cause, context),
        Need("logs:PutLogEvents", (f"{arn}:log-stream:session",), cause, context),
        Need("logs:DescribeLogStreams", (arn, f"{arn}:log-stream:session"), cause, context),
        # IAM is asked about no group in particular here: an Allow on one group does not reach.
        Need("logs:DescribeLogGroups", (place.arn("logs", "log-group::log-stream:"),), cause, context),
    )


def bucket_needs(
    place: Place, bucket: str, prefix: str, context: Context, *, encrypted: bool = True
) -> tuple[Need, ...]:
    """What the node needs to write a session to a bucket."""
    arn = f"arn:{place.partition}:s3:::{bucket}"
    key = f"{prefix.strip('/')}/session.log".lstrip("/")
    cause = "session-log-role-permission"
    put = Need("s3:PutObject", (f"{arn}/{key}",), cause, context)
    if not encrypted:
        return (put,)
    return (put, Need("s3:GetEncryptionConfiguration", (arn,), cause, context))


def endpoint_policies(endpoint: VpcEndpoint) -> Policies | None:
    """The endpoint's policy; None where it has none, which lets everything through.

    `DescribeVpcEndpoints` gives the document of every endpoint that has one (PrivateLink guide: the default
    policy allows full access).
    """
    if not endpoint.policy_document:
        return None
    name = f"policy of {endpoint.vpc_endpoint_id}"
    policy = parse_policy(endpoint.policy_document, name, "ec2:DescribeVpcEndpoints")
    if (endpoint.vpc_endpoint_type or "").lower() == "gateway":
        statements = tuple(_of_gateway(each) for each in policy.statements)
        policy = msgspec.structs.replace(policy, statements=statements)
    return Policies((policy,))


def _of_gateway(statement: Statement) -> Statement:
    """The statement as a gateway endpoint reads it, for anybody but a root user.

    An account there is its root user alone, and users and roles have to be named by `aws:PrincipalArn`
    (PrivateLink guide, "Principals for gateway endpoints"): naming them otherwise is not documented.
    """
    principals = statement.principals
    if principals is None or any(value == "*" for _, value in principals.values):
        return statement
    of_roots = all(value.endswith(":root") or value.isdecimal() for _, value in principals.values)
    if of_roots and statement.effect is Effect.ALLOW and not principals.negated:
        return msgspec.structs.replace(statement, principals=Principals(()))
    return msgspec.structs.replace(statement, principals=None)
