"""Policy statements that the person who connects lacks, by the cause that says so."""

from __future__ import annotations

from typing import Any

from advisor.advice.preferences import key_arn, preference
from advisor.methods.assessment import Target
from advisor.model.estate import Scope

Document = dict[str, Any]


def statements_for(cause: str, target: Target, scope: Scope) -> Document | None:
    """The least policy that removes a cause about the caller; None for causes of another kind."""
    statements = _statements(cause, target, scope)
    return {"Version": "2012-10-17", "Statement": statements} if statements else None


def _statements(cause: str, target: Target, scope: Scope) -> list[Document]:
    start = f"arn:{scope.partition}:ssm:{scope.region}"
    if cause in ("caller-no-startsession", "hybrid-session-arn"):
        own = f"{start}:{scope.account}:document/SSM-SessionManagerRunShell"
        return [allow("ssm:StartSession", [node_arn(target, scope), own])]
    if cause == "caller-no-document":
        names = ("AWS-StartSSHSession", "AWS-StartPortForwardingSession")
        return [allow("ssm:StartSession", [f"{start}::document/{name}" for name in names])]
    if cause == "caller-no-opendatachannel":
        session = f"arn:{scope.partition}:ssm:*:*:session/${{aws:userid}}-*"
        return [allow("ssmmessages:OpenDataChannel", [session])]
    if cause == "session-kms-caller-permission":
        key = preference(scope, "kmsKeyId")
        return [allow("kms:GenerateDataKey", [key_arn(scope, key)])] if key else []
    if cause == "eice-no-opentunnel":
        endpoints = [
            f"arn:{scope.partition}:ec2:{scope.region}:{each.owner_id or scope.account}"
            f":instance-connect-endpoint/{each.instance_connect_endpoint_id}"
            for each in scope.instance_connect_endpoints_by_vpc.get(target.vpc or "", ())
        ]
        return [allow("ec2-instance-connect:OpenTunnel", endpoints)] if endpoints else []
    return _simple(cause, target, scope)


def _simple(cause: str, target: Target, scope: Scope) -> list[Document]:
    instance = node_arn(target, scope)
    if cause == "eice-no-describe":
        return [allow(["ec2:DescribeInstances", "ec2:DescribeInstanceConnectEndpoints"], ["*"])]
    if cause == "eice-no-sendsshpublickey":
        return [allow("ec2-instance-connect:SendSSHPublicKey", [instance])]
    if cause == "serial-iam":
        return [allow("ec2-instance-connect:SendSerialConsoleSSHPublicKey", [instance])]
    if cause == "fleet-rdp-iam":
        names = ("StartConnection", "GetConnection", "CancelConnection", "ListConnections")
        return [allow([f"ssm-guiconnect:{name}" for name in names], ["*"])]
    return []


def allow(action: str | list[str], resources: list[str]) -> Document:
    """One statement that allows."""
    return {
        "Effect": "Allow",
        "Action": action,
        "Resource": resources[0] if len(resources) == 1 else resources,
    }


def node_arn(target: Target, scope: Scope) -> str:
    """The ARN of an instance or a hybrid node."""
    place = f"{scope.region}:{scope.account}"
    if target.kind == "hybrid":
        return f"arn:{scope.partition}:ssm:{place}:managed-instance/{target.id}"
    return f"arn:{scope.partition}:ec2:{place}:instance/{target.id}"
