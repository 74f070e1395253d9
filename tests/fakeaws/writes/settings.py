"""Settings around a session: Systems Manager, the serial console, KMS, CloudWatch."""

from __future__ import annotations

import json
from typing import Any

from tests.fakeaws.wire import AwsError
from tests.fakeaws.writes.act import NOW, Act, Record

_DEFAULTS = {
    "/ssm/managed-instance/default-ec2-instance-management-role": "$None",
    "/ssm/managed-instance/activation-tier": "standard",
}


# --- serial console --------------------------------------------------------------------------------------


def _serial_console(act: Act, enabled: bool) -> Record:
    (record,) = act.all("ec2:GetSerialConsoleAccessStatus")
    if record.get("ManagedBy") == "declarative-policy":
        raise AwsError(
            "DeclarativePolicyViolation", "A declarative policy of the organisation decides this.", 403
        )
    record["SerialConsoleAccessEnabled"] = enabled
    return {"SerialConsoleAccessEnabled": enabled}


# --- Systems Manager -------------------------------------------------------------------------------------


def _setting(act: Act) -> Record:
    id = act.given["SettingId"]
    id = id.partition("servicesetting")[2] or id
    for answer in act.all("ssm:GetServiceSetting"):
        if answer["ServiceSetting"]["SettingId"] == id:
            return answer["ServiceSetting"]  # type: ignore[no-any-return]
    if id not in _DEFAULTS:
        raise AwsError("ServiceSettingNotFound", id)
    record = {"SettingId": id, "SettingValue": _DEFAULTS[id], "Status": "Default"}
    act.all("ssm:GetServiceSetting").append({"ServiceSetting": record})
    act.place.gaps["ssm:GetServiceSetting"].pop(id, None)
    return record


def _update_setting(act: Act) -> None:
    setting = _setting(act)
    setting |= {"SettingValue": act.given["SettingValue"], "Status": "Customized", "LastModifiedDate": NOW}


def _reset_setting(act: Act) -> Record:
    setting = _setting(act)
    setting |= {"SettingValue": _DEFAULTS[setting["SettingId"]], "Status": "Default"}
    setting.pop("LastModifiedDate", None)
    return {"ServiceSetting": setting}


def _create_document(act: Act) -> Record:
    given = act.given
    if act.find("ssm:GetDocument", given["Name"]) is not None:
        raise AwsError("DocumentAlreadyExists", given["Name"])
    _check(given["Content"])
    act.place.gaps["ssm:GetDocument"].pop(given["Name"], None)
    record = {
        "Name": given["Name"],
        "DocumentVersion": "1",
        "Status": "Active",
        "Content": given["Content"],
        "DocumentType": given.get("DocumentType", "Command"),
        "DocumentFormat": given.get("DocumentFormat", "JSON"),
    }
    act.all("ssm:GetDocument").append(record)
    _drafts(act)[given["Name"]] = [given["Content"]]
    return {"DocumentDescription": {name: record[name] for name in ("Name", "DocumentVersion", "Status")}}


def _update_document(act: Act) -> Record:
    given = act.given
    record = act.get("ssm:GetDocument", given["Name"])
    _check(given["Content"])
    versions = _drafts(act).setdefault(given["Name"], [record["Content"]])
    if given["Content"] == versions[-1]:
        raise AwsError(
            "DuplicateDocumentContent", "The content of the document is the same as the latest version."
        )
    versions.append(given["Content"])
    # The sessions of Session Manager use the latest version of their preferences.
    record |= {"Content": given["Content"], "DocumentVersion": str(len(versions))}
    return {"DocumentDescription": {"Name": given["Name"], "DocumentVersion": str(len(versions))}}


def _default_version(act: Act) -> Record:
    given = act.given
    record = act.get("ssm:GetDocument", given["Name"])
    versions = _drafts(act).setdefault(given["Name"], [record["Content"]])
    number = len(versions) if given["DocumentVersion"] == "$LATEST" else int(given["DocumentVersion"])
    if not 1 <= number <= len(versions):
        raise AwsError("InvalidDocumentVersion", given["DocumentVersion"])
    record |= {"Content": versions[number - 1], "DocumentVersion": str(number)}
    return {"Description": {"Name": given["Name"], "DefaultVersion": str(number)}}


def _delete_document(act: Act) -> None:
    record = act.get("ssm:GetDocument", act.given["Name"])
    act.drop("ssm:GetDocument", record)
    _drafts(act).pop(act.given["Name"], None)


def _drafts(act: Act) -> dict[str, list[str]]:
    """All versions of the documents here; describe calls know the default one only."""
    every: dict[Any, dict[str, list[str]]] = act.world.__dict__.setdefault("documents", {})
    return every.setdefault((act.call.account, act.call.region), {})


def _check(content: str) -> None:
    try:
        json.loads(content)
    except ValueError:
        raise AwsError("InvalidDocumentContent", "Content is not JSON.") from None


def _send_command(act: Act) -> Record:
    given = act.given
    if given["DocumentName"] == "AWS-UpdateSSMAgent":
        for id in given.get("InstanceIds") or []:
            for node in act.all("ssm:DescribeInstanceInformation"):
                if node["InstanceId"] == id:
                    node |= {"AgentVersion": "3.3.4793.0", "IsLatestVersion": True}
    return {"Command": {"CommandId": "11111111-2222-3333-4444-555555555555", "Status": "Pending"}}


# --- KMS -------------------------------------------------------------------------------------------------


def _key(act: Act) -> Record:
    wanted = act.given["KeyId"]
    for answer in act.all("kms:DescribeKey"):
        key = answer["KeyMetadata"]
        if wanted in (key["KeyId"], key.get("Arn")):
            return key  # type: ignore[no-any-return]
    raise AwsError("NotFoundException", f"Key '{wanted}' does not exist")


def _enable(act: Act, enabled: bool) -> None:
    key = _key(act)
    if key["KeyState"] == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{key['KeyId']} is pending deletion.")
    key |= {"KeyState": "Enabled" if enabled else "Disabled", "Enabled": enabled}


def _cancel_deletion(act: Act) -> Record:
    key = _key(act)
    key |= {"KeyState": "Disabled", "Enabled": False}
    return {"KeyId": key["KeyId"]}


def _create_grant(act: Act) -> Record:
    _key(act)
    id = act.new_id("grant")
    act.world.__dict__.setdefault("grants", {})[id] = dict(act.given)
    return {"GrantId": id, "GrantToken": "token"}


def _revoke_grant(act: Act) -> None:
    _key(act)
    if act.world.__dict__.setdefault("grants", {}).pop(act.given["GrantId"], None) is None:
        raise AwsError("NotFoundException", "no such grant")


# --- CloudWatch ------------------------------------------------------------------------------------------


def _log_group(act: Act) -> Record:
    name = act.given["logGroupName"]
    for each in act.all("logs:DescribeLogGroups"):
        if each["logGroupName"] == name:
            return each
    raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")


def _create_log_group(act: Act) -> None:
    name = act.given["logGroupName"]
    groups = act.all("logs:DescribeLogGroups")
    if any(each["logGroupName"] == name for each in groups):
        raise AwsError("ResourceAlreadyExistsException", "The specified log group already exists")
    record = {"logGroupName": name, "arn": act.place.arn("logs", f"log-group:{name}:*")}
    groups.append(record | ({"kmsKeyId": act.given["kmsKeyId"]} if "kmsKeyId" in act.given else {}))


def _delete_log_group(act: Act) -> None:
    act.drop("logs:DescribeLogGroups", _log_group(act))


def _associate_key(act: Act) -> None:
    _log_group(act)["kmsKeyId"] = act.given["kmsKeyId"]


def _disassociate_key(act: Act) -> None:
    _log_group(act).pop("kmsKeyId", None)


def _alarm(act: Act) -> None:
    act.world.__dict__.setdefault("alarms", {})[act.given["AlarmName"]] = dict(act.given)


def _delete_alarms(act: Act) -> None:
    for name in act.given["AlarmNames"]:
        act.world.__dict__.setdefault("alarms", {}).pop(name, None)


DOINGS = {
    "ec2:EnableSerialConsoleAccess": lambda act: _serial_console(act, True),
    "ec2:DisableSerialConsoleAccess": lambda act: _serial_console(act, False),
    "ssm:UpdateServiceSetting": _update_setting,
    "ssm:ResetServiceSetting": _reset_setting,
    "ssm:CreateDocument": _create_document,
    "ssm:UpdateDocument": _update_document,
    "ssm:UpdateDocumentDefaultVersion": _default_version,
    "ssm:DeleteDocument": _delete_document,
    "ssm:SendCommand": _send_command,
    "kms:EnableKey": lambda act: _enable(act, True),
    "kms:DisableKey": lambda act: _enable(act, False),
    "kms:CancelKeyDeletion": _cancel_deletion,
    "kms:CreateGrant": _create_grant,
    "kms:RevokeGrant": _revoke_grant,
    "logs:CreateLogGroup": _create_log_group,
    "logs:DeleteLogGroup": _delete_log_group,
    "logs:AssociateKmsKey": _associate_key,
    "logs:DisassociateKmsKey": _disassociate_key,
    "cloudwatch:PutMetricAlarm": _alarm,
    "cloudwatch:DeleteAlarms": _delete_alarms,
}
