"""Requests about session preferences and what they use: KMS keys, log groups."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from advisor.advice.action import Ref, Remedy, Undo, advise, members, request, slug
from advisor.advice.identity import compact, inline_policy
from advisor.model.estate import Estate
from advisor.model.scope import Scope

DOCUMENT: Final = "SSM-SessionManagerRunShell"
_PREFERENCES, _KEY, _GRANT, _LOGS = 3, 4, 4, 2

Inputs = dict[str, Any]


def change_preferences(scope: Scope, change: Callable[[Inputs], Inputs], *, key: str, text: str) -> Remedy:
    """Other inputs in the preferences document; everything else in it stays as it is.

    A new version is made and becomes the default one; the former content is kept for the way back.
    """
    key = slug(key, scope.region, scope.account)
    record = scope.documents.get(DOCUMENT)
    if record is None or record.content is None:
        return _create_preferences(scope, change({}), key)
    try:
        content = json.loads(record.content)
    except json.JSONDecodeError:
        return advise("preferences-unreadable", "manual", document=DOCUMENT)
    inputs = content.get("inputs") if isinstance(content, dict) else None
    if not isinstance(inputs, dict):
        return advise("preferences-unreadable", "manual", document=DOCUMENT)
    after = {**content, "inputs": change(inputs)}
    return Remedy(
        (
            request(
                scope,
                "ssm:UpdateDocument",
                members(
                    Name=DOCUMENT,
                    Content=compact(after),
                    DocumentFormat="JSON",
                    DocumentVersion="$LATEST",
                ),
                key=key,
                text=text,
                risk=_PREFERENCES,
                undo=[
                    Undo(
                        "ssm:UpdateDocument",
                        members(
                            Name=DOCUMENT,
                            Content=record.content,
                            DocumentFormat="JSON",
                            DocumentVersion="$LATEST",
                        ),
                        "restore-preferences",
                    ),
                    Undo(
                        "ssm:UpdateDocumentDefaultVersion",
                        members(Name=DOCUMENT, DocumentVersion=Ref(f"undo-{key}", _VERSION)),
                        "restore-preferences",
                    ),
                ],
                region=scope.region,
            ),
            request(
                scope,
                "ssm:UpdateDocumentDefaultVersion",
                members(Name=DOCUMENT, DocumentVersion=Ref(key, _VERSION)),
                key=f"{key}-default",
                text="use-new-preferences",
                risk=_PREFERENCES,
                region=scope.region,
            ),
        )
    )


_VERSION: Final = "DocumentDescription.DocumentVersion"


def _create_preferences(scope: Scope, inputs: Inputs, key: str) -> Remedy:
    content = {
        "schemaVersion": "1.0",
        "description": "Document to hold regional settings for Session Manager",
        "sessionType": "Standard_Stream",
        "inputs": inputs,
    }
    return Remedy(
        (
            request(
                scope,
                "ssm:CreateDocument",
                members(
                    Name=DOCUMENT,
                    Content=compact(content),
                    DocumentType="Session",
                    DocumentFormat="JSON",
                ),
                key=key,
                text="create-preferences",
                risk=_PREFERENCES,
                undo=[Undo("ssm:DeleteDocument", members(Name=DOCUMENT), "delete-preferences")],
                region=scope.region,
            ),
        )
    )


def without_log_encryption(inputs: Inputs) -> Inputs:
    """No demand for encrypted logs: CloudWatch Logs and S3 encrypt at rest by their own keys anyway."""
    return {**inputs, "cloudWatchEncryptionEnabled": False, "s3EncryptionEnabled": False}


def without_profile(inputs: Inputs) -> Inputs:
    """Empty shell profiles."""
    return {**inputs, "shellProfile": {"linux": "", "windows": ""}}


def without_run_as(inputs: Inputs) -> Inputs:
    """Run As off: sessions use the account of the agent (`ssm-user`)."""
    return {**inputs, "runAsEnabled": False, "runAsDefaultUser": ""}


def preference(scope: Scope, name: str) -> str:
    """A text among the preferences' inputs; empty where there is none or the document cannot be read."""
    record = scope.documents.get(DOCUMENT)
    try:
        content = json.loads(record.content) if record is not None and record.content else {}
    except json.JSONDecodeError:
        return ""
    inputs = content.get("inputs") if isinstance(content, dict) else None
    value = inputs.get(name) if isinstance(inputs, dict) else None
    return value if isinstance(value, str) else ""


# --- keys ------------------------------------------------------------------------------------------------


def key_arn(scope: Scope, key: str) -> str:
    """The ARN of a KMS key given by its id or ARN."""
    if key.startswith("arn:"):
        return key
    record = scope.keys.get(key)
    found = record.key_metadata.arn if record is not None else None
    return found or f"arn:{scope.partition}:kms:{scope.region}:{scope.account}:key/{key}"


def enable_key(scope: Scope, key: str) -> Remedy:
    """A disabled key, enabled; one that waits for its deletion is taken back first."""
    record = scope.keys.get(key)
    state = (record.key_metadata.key_state or "") if record is not None else "Disabled"
    identity = members(KeyId=key)
    enable = request(
        scope,
        "kms:EnableKey",
        identity,
        key=slug("enable-key", key, scope.account),
        text="enable-key",
        risk=_KEY,
        undo=[Undo("kms:DisableKey", identity, "disable-key")],
        kms_key=key,
    )
    if state == "PendingDeletion":
        cancel = request(
            scope,
            "kms:CancelKeyDeletion",
            identity,
            key=slug("keep-key", key, scope.account),
            text="cancel-key-deletion",
            risk=_KEY,
            lossy=True,
            kms_key=key,
        )
        return Remedy((cancel, enable))
    return Remedy((enable,))


def allow_decrypt(scope: Scope, role: str, key: str, estate: Estate) -> Remedy:
    """`kms:Decrypt` on the session key for an instance's role, by an inline policy."""
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key_arn(scope, key)}],
    }
    return inline_policy(estate.global_scope(scope.account), role, "advisor-session-key", document)


def grant_decrypt(scope: Scope, role_arn: str, key: str) -> Remedy:
    """A grant on the session key for a role: needed where the key's policy does not delegate to IAM."""
    identity = slug("grant", key, role_arn.rpartition("/")[2])
    return Remedy(
        (
            request(
                scope,
                "kms:CreateGrant",
                members(KeyId=key, GranteePrincipal=role_arn, Operations=("Decrypt",)),
                key=identity,
                text="create-grant",
                risk=_GRANT,
                undo=[
                    Undo(
                        "kms:RevokeGrant",
                        members(KeyId=key, GrantId=Ref(identity, "GrantId")),
                        "revoke-grant",
                    )
                ],
                kms_key=key,
                role=role_arn.rpartition("/")[2],
            ),
        )
    )


# --- logs ------------------------------------------------------------------------------------------------


def create_log_group(scope: Scope, name: str) -> Remedy:
    """The log group that the preferences name."""
    return Remedy(
        (
            request(
                scope,
                "logs:CreateLogGroup",
                members(logGroupName=name),
                key=slug("log-group", name, scope.region, scope.account),
                text="create-log-group",
                risk=_LOGS,
                undo=[Undo("logs:DeleteLogGroup", members(logGroupName=name), "delete-log-group")],
                name=name,
            ),
        )
    )


def encrypt_log_group(scope: Scope, name: str, key: str) -> Remedy:
    """A key on a log group; the key's policy must let CloudWatch Logs use it."""
    return Remedy(
        (
            request(
                scope,
                "logs:AssociateKmsKey",
                members(logGroupName=name, kmsKeyId=key_arn(scope, key)),
                key=slug("encrypt", name, scope.region, scope.account),
                text="encrypt-log-group",
                risk=_KEY,
                undo=[Undo("logs:DisassociateKmsKey", members(logGroupName=name), "decrypt-log-group")],
                name=name,
                kms_key=key,
            ),
        )
    )


def allow_logging(scope: Scope, role: str, estate: Estate) -> Remedy:
    """Writing session logs to the log group and bucket of the preferences, for an instance's role."""
    statements: list[dict[str, Any]] = []
    group = preference(scope, "cloudWatchLogGroupName")
    bucket = preference(scope, "s3BucketName")
    if group:
        arn = f"arn:{scope.partition}:logs:{scope.region}:{scope.account}:log-group:{group}:*"
        statements += [
            {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": arn},
            {
                "Effect": "Allow",
                "Action": ["logs:DescribeLogGroups", "logs:DescribeLogStreams"],
                "Resource": "*",
            },
        ]
    if bucket:
        prefix = preference(scope, "s3KeyPrefix").strip("/")
        objects = f"arn:{scope.partition}:s3:::{bucket}/{prefix + '/' if prefix else ''}*"
        statements += [
            {"Effect": "Allow", "Action": "s3:PutObject", "Resource": objects},
            {
                "Effect": "Allow",
                "Action": "s3:GetEncryptionConfiguration",
                "Resource": f"arn:{scope.partition}:s3:::{bucket}",
            },
        ]
    if not statements:
        return Remedy()
    document = {"Version": "2012-10-17", "Statement": statements}
    return inline_policy(estate.global_scope(scope.account), role, "advisor-session-logs", document)
