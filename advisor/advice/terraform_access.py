"""Requests about machines, roles, keys and settings of sessions as resources of Terraform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from advisor.advice.action import Action
from advisor.advice.hcl import Expression, block
from advisor.advice.terraform_configuration import (
    Configuration,
    Resource,
    Writer,
    copied,
    ignoring,
    present,
    resource_name,
)

# --- machines --------------------------------------------------------------------------------------------


def _started(at: Configuration, action: Action) -> list[Resource]:
    identity = action.parameters.get("InstanceIds")[0]
    body = {"instance_id": at.value(identity), "state": "running"}
    return [("aws_ec2_instance_state", resource_name(action.key), body)]


_UNTOUCHED: Final = (
    "ami",
    "ebs_block_device",
    "root_block_device",
    "security_groups",
    "tags",
    "tags_all",
    "user_data",
    "user_data_base64",
    "volume_tags",
    "vpc_security_group_ids",
)


def _instance(at: Configuration, action: Action, **changes: Any) -> list[Resource] | None:
    identity = str(action.parameters.get("InstanceId"))
    record = at.scope(action).instances.get(identity)
    if record is None:
        return None
    name = resource_name(identity)
    at.imported("aws_instance", name, identity)
    body = present(
        ami=record.image_id,
        instance_type=record.instance_type,
        subnet_id=record.subnet_id,
        **changes,
        lifecycle=ignoring(*_UNTOUCHED),
    )
    return [("aws_instance", name, body)]


def _profile_on_instance(at: Configuration, action: Action) -> list[Resource] | None:
    name = action.parameters.get("IamInstanceProfile").get("Name")
    key = at.profiles.get(name)
    value = name if key is None else Expression(f"aws_iam_instance_profile.{resource_name(key)}.name")
    return _instance(at, action, iam_instance_profile=value)


def _metadata(at: Configuration, action: Action) -> list[Resource] | None:
    options = block(
        "metadata_options",
        http_endpoint=at.get(action, "HttpEndpoint"),
        http_tokens=at.get(action, "HttpTokens"),
    )
    return _instance(at, action, metadata_options=options)


def _bastion(at: Configuration, action: Action) -> list[Resource]:
    name = resource_name(action.key)
    image = str(action.parameters.get("ImageId")).removeprefix("resolve:ssm:")
    tags = action.parameters.get("TagSpecifications")[0].get("Tags")
    body = present(
        ami=Expression(f"data.aws_ssm_parameter.{name}.value"),
        instance_type=at.get(action, "InstanceType"),
        subnet_id=at.get(action, "SubnetId"),
        vpc_security_group_ids=at.get(action, "SecurityGroupIds"),
        key_name=at.get(action, "KeyName"),
        instance_initiated_shutdown_behavior=at.get(action, "InstanceInitiatedShutdownBehavior"),
        metadata_options=block("metadata_options", http_tokens="required"),
        tags={tag.get("Key"): tag.get("Value") for tag in tags},
        # The newest image is meant on the day of creation; a newer one must not replace the machine.
        lifecycle=ignoring("ami"),
    )
    return [("data aws_ssm_parameter", name, {"name": image}), ("aws_instance", name, body)]


def _association(at: Configuration, action: Action) -> list[Resource]:
    body = present(
        allocation_id=at.get(action, "AllocationId"),
        network_interface_id=at.get(action, "NetworkInterfaceId"),
        instance_id=at.get(action, "InstanceId"),
    )
    return [("aws_eip_association", resource_name(action.key), body)]


def _tag(at: Configuration, action: Action) -> list[Resource]:
    resource = action.parameters.get("Resources")[0]
    tag = action.parameters.get("Tags")[0]
    body = {"resource_id": at.value(resource), "key": tag.get("Key"), "value": tag.get("Value")}
    return [("aws_ec2_tag", resource_name(action.key), body)]


def _command(at: Configuration, action: Action) -> list[Resource]:
    targets = block("targets", key="InstanceIds", values=at.get(action, "InstanceIds"))
    body = {"name": at.get(action, "DocumentName"), "targets": targets}
    return [("aws_ssm_association", resource_name(action.key), body)]


def _alarm(at: Configuration, action: Action) -> list[Resource]:
    dimension = action.parameters.get("Dimensions")[0]
    body = present(
        alarm_name=at.get(action, "AlarmName"),
        namespace=at.get(action, "Namespace"),
        metric_name=at.get(action, "MetricName"),
        dimensions={dimension.get("Name"): at.value(dimension.get("Value"))},
        statistic=at.get(action, "Statistic"),
        period=at.get(action, "Period"),
        evaluation_periods=at.get(action, "EvaluationPeriods"),
        threshold=at.get(action, "Threshold"),
        comparison_operator=at.get(action, "ComparisonOperator"),
        alarm_actions=at.get(action, "AlarmActions"),
    )
    return [("aws_cloudwatch_metric_alarm", resource_name(action.key), body)]


def _serial(at: Configuration, action: Action) -> list[Resource]:
    return [("aws_ec2_serial_console_access", resource_name(action.key), {"enabled": True})]


# --- access ----------------------------------------------------------------------------------------------


def _role(at: Configuration, action: Action) -> list[Resource]:
    name = resource_name(action.key)
    body = present(
        name=at.get(action, "RoleName"),
        path=at.get(action, "Path"),
        assume_role_policy=at.get(action, "AssumeRolePolicyDocument") or at.get(action, "PolicyDocument"),
    )
    if action.operation == "UpdateAssumeRolePolicy":
        at.imported("aws_iam_role", name, str(body["name"]))
        body["lifecycle"] = ignoring(
            "description", "max_session_duration", "permissions_boundary", "tags", "path"
        )
    return [("aws_iam_role", name, body)]


def _role_policy(at: Configuration, action: Action) -> list[Resource]:
    body = {
        "name": at.get(action, "PolicyName"),
        "role": at.role(action.parameters.get("RoleName")),
        "policy": at.get(action, "PolicyDocument"),
    }
    return [("aws_iam_role_policy", resource_name(action.key), body)]


def _attachment(at: Configuration, action: Action) -> list[Resource]:
    body = {
        "role": at.role(action.parameters.get("RoleName")),
        "policy_arn": at.get(action, "PolicyArn"),
    }
    return [("aws_iam_role_policy_attachment", resource_name(action.key), body)]


def _profile(at: Configuration, action: Action) -> list[Resource]:
    """The profile, with its role if another action puts one into it."""
    name = action.parameters.get("InstanceProfileName")
    key = at.profiles.get(name)
    label = resource_name(key if key is not None else f"instance-profile-{name}")
    body = present(name=name)
    if action.operation == "AddRoleToInstanceProfile":
        body["role"] = at.role(action.parameters.get("RoleName"))
        if key is None:
            at.imported("aws_iam_instance_profile", label, str(name))
    return [("aws_iam_instance_profile", label, body)]


def _document(at: Configuration, action: Action) -> list[Resource]:
    name = str(action.parameters.get("Name"))
    label = resource_name(f"document-{name}")
    if action.operation == "UpdateDocument":
        at.imported("aws_ssm_document", label, name)
    body = present(
        name=name,
        document_type="Session",
        document_format=at.get(action, "DocumentFormat"),
        content=at.get(action, "Content"),
    )
    return [("aws_ssm_document", label, body)]


def _default_version(at: Configuration, action: Action) -> list[Resource]:
    return []  # Terraform makes the version that it writes the default one


def _key(at: Configuration, action: Action) -> list[Resource]:
    identity = str(action.parameters.get("KeyId"))
    label = resource_name(f"key-{identity}")
    at.imported("aws_kms_key", label, identity.rpartition("/")[2])
    body = {"is_enabled": True, "lifecycle": ignoring("description", "policy", "tags", "tags_all")}
    return [("aws_kms_key", label, body)]


def _grant(at: Configuration, action: Action) -> list[Resource]:
    body = {
        "key_id": at.get(action, "KeyId"),
        "grantee_principal": at.get(action, "GranteePrincipal"),
        "operations": at.get(action, "Operations"),
    }
    return [("aws_kms_grant", resource_name(action.key), body)]


def _log_group(at: Configuration, action: Action) -> list[Resource]:
    name = str(action.parameters.get("logGroupName"))
    label = resource_name(f"log-group-{name}")
    if action.operation == "AssociateKmsKey" and ("aws_cloudwatch_log_group", label) not in at.resources:
        at.imported("aws_cloudwatch_log_group", label, name)
    body = present(name=name, kms_key_id=at.get(action, "kmsKeyId"))
    return [("aws_cloudwatch_log_group", label, body)]


ACCESS: Final[Mapping[str, Writer]] = {
    "AddRoleToInstanceProfile": _profile,
    "AssociateAddress": _association,
    "AssociateIamInstanceProfile": _profile_on_instance,
    "AssociateKmsKey": _log_group,
    "AttachRolePolicy": _attachment,
    "CreateDocument": _document,
    "CreateGrant": _grant,
    "CreateInstanceProfile": _profile,
    "CreateLogGroup": _log_group,
    "CreateRole": _role,
    "CreateTags": _tag,
    "EnableKey": _key,
    "EnableSerialConsoleAccess": _serial,
    "ModifyInstanceMetadataOptions": _metadata,
    "PutMetricAlarm": _alarm,
    "PutRolePolicy": _role_policy,
    "PutUserPolicy": copied(
        "aws_iam_user_policy", name="PolicyName", user="UserName", policy="PolicyDocument"
    ),
    "RunInstances": _bastion,
    "SendCommand": _command,
    "StartInstances": _started,
    "UpdateAssumeRolePolicy": _role,
    "UpdateDocument": _document,
    "UpdateDocumentDefaultVersion": _default_version,
    "UpdateServiceSetting": copied(
        "aws_ssm_service_setting", setting_id="SettingId", setting_value="SettingValue"
    ),
}
"""How each request about machines and access is written."""
