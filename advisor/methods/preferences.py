"""Session Manager's preferences of an account and Region: the content of `SSM-SessionManagerRunShell`.

Source: Systems Manager User Guide, "Session document schema" (schema 1.0) and "Specify an idle session
timeout value", "Specify maximum session duration".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from advisor.model.evidence import Evidence, Missing
from advisor.model.records.other import KeyMetadata
from advisor.model.scope import Scope
from advisor.model.text import plain

DOCUMENT: Final = "SSM-SessionManagerRunShell"
OPERATION: Final = "ssm:GetDocument"
DEFAULT_IDLE_MINUTES: Final = 20
_IDLE_MINUTES: Final = range(1, 61)
_LONGEST_MINUTES: Final = range(1, 1441)
_TEXTS: Final = ("s3BucketName", "s3KeyPrefix", "cloudWatchLogGroupName", "kmsKeyId", "runAsDefaultUser")
_FLAGS: Final = (
    "s3EncryptionEnabled",
    "cloudWatchEncryptionEnabled",
    "cloudWatchStreamingEnabled",
    "runAsEnabled",
)
_MINUTES: Final = {"idleSessionTimeout": _IDLE_MINUTES, "maxSessionDuration": _LONGEST_MINUTES}
_KNOWN: Final = frozenset({*_TEXTS, *_FLAGS, *_MINUTES, "shellProfile"})


class Preferences(msgspec.Struct, frozen=True):
    """What sessions do besides giving a shell.

    Defaults where the document is absent (`is_default`). `bucket`, `log_group`, `key` and `run_as_user` are
    None where not set; times are minutes, `longest_minutes` None for no limit. The encryption flags say that
    a log target without encryption is refused. `unclear` are members of the document that could not be read,
    by their names there, with the reason; what depends on them is unknown.
    """

    bucket: str | None = None
    prefix: str = ""
    bucket_encrypted: bool = False
    log_group: str | None = None
    log_encrypted: bool = False
    log_streaming: bool = False
    key: str | None = None
    run_as: bool = False
    run_as_user: str | None = None
    idle_minutes: int = DEFAULT_IDLE_MINUTES
    longest_minutes: int | None = None
    linux_profile: str = ""
    windows_profile: str = ""
    is_default: bool = False
    unclear: dict[str, str] = {}

    def missing(self, *names: str) -> tuple[Missing, ...]:
        """What of these members could not be read."""
        return tuple(
            Missing(OPERATION, "undecidable", "MalformedDocument", DOCUMENT, self.unclear[name])
            for name in names
            if name in self.unclear
        )

    def evidence(self, name: str) -> Evidence:
        """The member of the document as evidence."""
        values = {
            "kmsKeyId": self.key,
            "s3BucketName": self.bucket,
            "s3EncryptionEnabled": self.bucket_encrypted,
            "cloudWatchLogGroupName": self.log_group,
            "cloudWatchEncryptionEnabled": self.log_encrypted,
            "cloudWatchStreamingEnabled": self.log_streaming,
            "runAsEnabled": self.run_as,
            "runAsDefaultUser": self.run_as_user,
            "idleSessionTimeout": self.idle_minutes,
            "maxSessionDuration": self.longest_minutes,
            "shellProfile": self.linux_profile or self.windows_profile,
        }
        says = f"{name} = {values[name]}" if not self.is_default else f"no document: {name} is at its default"
        return Evidence(OPERATION, DOCUMENT, plain(says), f"Content.inputs.{name}")


DEFAULTS: Final = Preferences(is_default=True)


def session_preferences(scope: Scope) -> Preferences | Missing:
    """The preferences in force in a Region; defaults where AWS says that there is no document."""
    document = scope.documents.find(DOCUMENT)
    if isinstance(document, Missing):
        return DEFAULTS if document.code == "InvalidDocument" else document
    return parse_preferences(document.content or "")


def parse_preferences(content: str) -> Preferences | Missing:
    """The preferences in a document's content; Missing where it is no session document at all."""
    try:
        body = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError):
        return _malformed("the content is not JSON")
    if not isinstance(body, dict) or not isinstance(body.get("inputs", {}), dict):
        return _malformed("the content holds no `inputs` object")
    return _preferences(body.get("inputs", {}))


def _malformed(why: str) -> Missing:
    return Missing(OPERATION, "undecidable", "MalformedDocument", DOCUMENT, why)


def _preferences(inputs: Mapping[str, Any]) -> Preferences:
    unclear: dict[str, str] = {}
    texts = {name: _text(inputs, name, unclear) for name in _TEXTS}
    flags = {name: _flag(inputs, name, unclear) for name in _FLAGS}
    minutes = {name: _minutes(inputs, name, allowed, unclear) for name, allowed in _MINUTES.items()}
    profile = inputs.get("shellProfile") or {}
    if not isinstance(profile, dict):
        unclear["shellProfile"] = "shellProfile is not an object"
        profile = {}
    for name in inputs:
        if name not in _KNOWN:
            unclear[name] = f"unknown member {plain(str(name))[:60]!r}"
    return Preferences(
        bucket=texts["s3BucketName"] or None,
        prefix=texts["s3KeyPrefix"],
        bucket_encrypted=flags["s3EncryptionEnabled"],
        log_group=texts["cloudWatchLogGroupName"] or None,
        log_encrypted=flags["cloudWatchEncryptionEnabled"],
        log_streaming=flags["cloudWatchStreamingEnabled"],
        key=texts["kmsKeyId"] or None,
        run_as=flags["runAsEnabled"],
        run_as_user=texts["runAsDefaultUser"] or None,
        idle_minutes=minutes["idleSessionTimeout"] or DEFAULT_IDLE_MINUTES,
        longest_minutes=minutes["maxSessionDuration"],
        linux_profile=_text(profile, "linux", unclear, "shellProfile"),
        windows_profile=_text(profile, "windows", unclear, "shellProfile"),
        unclear=unclear,
    )


def _text(inputs: Mapping[str, Any], name: str, unclear: dict[str, str], member: str | None = None) -> str:
    value = inputs.get(name)
    if value is None or isinstance(value, str):
        text = (value or "").strip() if member is None else value or ""
        if member is None and "{{" in text:
            unclear[name] = f"{name} is a parameter of the document, known only when a session starts"
            return ""
        return text
    unclear[member or name] = f"{name} is not text"
    return ""


def _flag(inputs: Mapping[str, Any], name: str, unclear: dict[str, str]) -> bool:
    value = inputs.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str) and value.casefold() in ("true", "false", ""):
        return value.casefold() == "true"
    unclear[name] = f"{name} is neither true nor false"
    return False


def _minutes(inputs: Mapping[str, Any], name: str, allowed: range, unclear: dict[str, str]) -> int | None:
    value = inputs.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        unclear[name] = f"{name} is not a number of minutes"
        return None
    text = str(value).strip()
    if not (text.isascii() and text.isdigit()) or int(text[:6]) not in allowed:
        unclear[name] = f"{name} is not a number of minutes from {allowed.start} to {allowed.stop - 1}"
        return None
    return int(text)


def session_key(scope: Scope, preferences: Preferences) -> KeyMetadata | Missing | None:
    """The KMS key that sessions are encrypted with; None where they are not.

    The document may name the key by id, ARN or alias; an alias cannot be followed without the key's record.
    """
    if preferences.key is None:
        return preferences.missing("kmsKeyId")[0] if "kmsKeyId" in preferences.unclear else None
    name = preferences.key.rpartition("/")[2]
    for answer in scope.keys.values():
        if name == answer.key_metadata.key_id or preferences.key == answer.key_metadata.arn:
            return answer.key_metadata
    return scope.keys.missing(preferences.key)
