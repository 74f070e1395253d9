"""What the session preferences do to a shell: encryption, logs, user, profile, time limits."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import partial
from typing import Final

from advisor.iam.agent import bucket_needs, encryption_needs, log_group_needs, node_context
from advisor.iam.context import Context
from advisor.iam.documents import Policies, parse_policy
from advisor.iam.needs import Need
from advisor.iam.principals import Permissions
from advisor.methods.agent_rights import permitted
from advisor.methods.answer import (
    PASS,
    Answer,
    Finding,
    blocked,
    every,
    noted,
    passes,
    suspected,
    unknown,
)
from advisor.methods.case import Case
from advisor.methods.checks import check
from advisor.methods.identity import role_of_instance
from advisor.methods.images import brings, image_of
from advisor.methods.node import agent_version
from advisor.methods.options import Use
from advisor.methods.preferences import (
    DOCUMENT,
    OPERATION,
    Preferences,
    session_key,
    session_preferences,
)
from advisor.methods.roles import credentials
from advisor.methods.service_path import network_and_role, reaches
from advisor.methods.uses import platform
from advisor.methods.versions import (
    LOG_STREAMING,
    SESSION_KMS,
    SHELL_PROFILE,
    Version,
    parse_version,
    spell_version,
)
from advisor.model.evidence import SELF, Evidence, Missing
from advisor.model.records.other import KeyMetadata
from advisor.model.verdict import READY

_SHORT_IDLE: Final = 5
_SHORT_SESSION: Final = 30
"""Minutes below which people notice that their sessions end."""


def preferences_of(case: Case) -> Preferences | Missing:
    """The preferences of the target's Region, read once."""
    return case.study.remember(("preferences", id(case.scope)), lambda: session_preferences(case.scope))


def is_shell(case: Case) -> bool:
    """Whether the preferences apply: they shape shells, not SSH or forwarded ports."""
    return case.options.use in (None, Use.SHELL)


def _held(case: Case, answer: Callable[[Preferences], Answer]) -> Answer:
    """The answer under the preferences in force; they matter to shells only."""
    if not is_shell(case):
        return PASS
    found = preferences_of(case)
    return unknown(found) if isinstance(found, Missing) else answer(found)


# --- the document -------------------------------------------------------------------------------------------


@check("session.document", by=platform)
def document(case: Case) -> Answer:
    """The preferences are known; what they say of time limits and logging are notes."""
    if not is_shell(case):
        says = "What is typed over SSH or a forwarded port is encrypted end to end: no log holds it."
        return noted(Finding("ssh-not-logged", DOCUMENT, says))
    return _held(case, partial(_remarks, case))


def _remarks(case: Case, held: Preferences) -> Answer:
    record = case.scope.documents.get(DOCUMENT)
    if record is not None and record.document_type not in (None, "Session"):
        says = f"{DOCUMENT} is a document of type {record.document_type}, not Session."
        seen = Evidence(OPERATION, DOCUMENT, f"DocumentType is {record.document_type}", "DocumentType")
        return blocked(Finding("session-document-type", DOCUMENT, says, evidence=(seen,)))
    unclear = held.missing(*(name for name in held.unclear if name in _SHAPING))
    if unclear:
        return unknown(*unclear)
    if held.is_default:
        seen = Evidence(OPERATION, DOCUMENT, "does not exist: the defaults are in force")
        return noted(
            Finding(
                "session-doc-missing", DOCUMENT, "There are no preferences; defaults apply.", evidence=(seen,)
            )
        )
    short = []
    if held.idle_minutes < _SHORT_IDLE:
        short.append((f"Sessions end after {held.idle_minutes} idle minutes.", "idleSessionTimeout"))
    if held.longest_minutes is not None and held.longest_minutes < _SHORT_SESSION:
        short.append((f"Sessions end after {held.longest_minutes} minutes.", "maxSessionDuration"))
    return noted(
        *(
            Finding("session-timeout-short", DOCUMENT, says, evidence=(held.evidence(name),))
            for says, name in short
        )
    )


_SHAPING: Final = frozenset(
    {"kmsKeyId", "s3BucketName", "cloudWatchLogGroupName", "runAsEnabled", "runAsDefaultUser", "shellProfile"}
)


def shell_key(case: Case) -> Hashable:
    """The key of checks that read how a shell starts."""
    image = case.instance.image_id if case.instance is not None and _may_run_as(case) else None
    return case.target.platform, agent_version(case), image


def _may_run_as(case: Case) -> bool:
    held = preferences_of(case)
    return isinstance(held, Preferences) and held.run_as


@check("session.shell", by=shell_key)
def shell(case: Case) -> Answer:
    """The user that sessions run as and the profile that they start with are not likely to end them."""
    return _held(case, partial(_started, case))


def _started(case: Case, held: Preferences) -> Answer:
    return every((_run_as(case, held), _profile(case, held)))


def _run_as(case: Case, held: Preferences) -> Answer:
    if not held.run_as or case.target.platform == "windows":
        return PASS
    user = held.run_as_user
    if user == _ROOT:
        says = "Sessions run as root, and as root the agent starts no shell."
    elif user:
        says = f"Sessions run as {user}; whether the machine has that user is not visible."
    else:
        says = "Sessions run as the user of the caller's SSMSessionRunAs tag; no default is set."
    finding = Finding(
        "session-runas-user-missing",
        DOCUMENT,
        says,
        evidence=(held.evidence("runAsEnabled"), held.evidence("runAsDefaultUser")),
    )
    # A default that the image brings along is there; without any, the session ends at once.
    image = image_of(case)
    known = brings(image) if image is not None else None
    return noted(finding) if known is not None and known.user == user else suspected(finding)


_ROOT: Final = "root"
"""The agent demands ids above zero of the user (amazon-ssm-agent, agent/session/shell)."""


def _profile(case: Case, held: Preferences) -> Answer:
    text = held.windows_profile if case.target.platform == "windows" else held.linux_profile
    if not text:
        return PASS
    seen = held.evidence("shellProfile")
    old = _too_old(case, "shell profiles", SHELL_PROFILE)
    words = text.replace(";", "\n").split("\n")
    ends = any(each.strip() == "exit" or each.strip().startswith(("exit ", "logout")) for each in words)
    if not ends:
        return noted(*old)
    says = "The shell profile runs `exit`, which ends the session as it starts."
    return suspected(Finding("session-shell-profile-bad", DOCUMENT, says, evidence=(seen,)))


def _too_old(case: Case, what: str, needed: Version) -> tuple[Finding, ...]:
    version = parse_version(case.node.agent_version) if case.node is not None else None
    if version is None or version >= needed:
        return ()
    seen = Evidence(
        "ssm:DescribeInstanceInformation",
        SELF,
        f"AgentVersion is {spell_version(version)}",
        "InstanceInformationList[].AgentVersion",
    )
    says = f"The preferences ask for {what}, which need agent {spell_version(needed)} or later."
    return (Finding("agent-too-old-for-feature", SELF, says, evidence=(seen,)),)


# --- encryption ---------------------------------------------------------------------------------------------


def weighed(case: Case) -> Hashable:
    """The key of checks that trace a path, weigh the role's permissions, and read the agent's version."""
    held = preferences_of(case)
    if (
        isinstance(held, Missing)
        or not is_shell(case)
        or (not held.key and not held.log_group and not held.bucket)
    ):
        return None  # the preferences ask for nothing
    return network_and_role(case), credentials(case), agent_version(case)


@check("session.encryption", by=weighed)
def encryption(case: Case) -> Answer:
    """Where sessions are encrypted with a key: it is usable, reachable, and the node may decrypt with it."""
    return _held(case, partial(_encrypted, case))


def _encrypted(case: Case, held: Preferences) -> Answer:
    key = encryption_key(case)
    if key is None:
        return PASS
    if isinstance(key, Missing) and held.key is None:
        return unknown(key)  # nothing says that sessions are encrypted at all
    foreign = _of_another_region(case, held)
    if foreign is not None:
        return blocked(foreign)
    old = _too_old(case, "encrypted sessions", SESSION_KMS)
    if old:
        return blocked(*old)
    path = reaches(
        case,
        "kms",
        "session-kms-endpoint-missing",
        "Sessions are encrypted, but the node does not reach KMS.",
    )
    if isinstance(key, Missing):
        return every((path, unknown(key)))
    arn = key.arn or case.place.arn("kms", f"key/{key.key_id}")
    needs = encryption_needs(arn, _context(case))
    may = _node_may(case, needs, key_policy(case, key))
    return every((_usable(key), path, may))


def _of_another_region(case: Case, held: Preferences) -> Finding | None:
    parts = (held.key or "").split(":")
    if len(parts) < 4 or parts[0] != "arn" or parts[3] == case.scope.region:
        return None
    says = f"The preferences name a key of {parts[3]}; sessions here take one of {case.scope.region} only."
    return Finding("session-kms-key-disabled", held.key or "", says, evidence=(held.evidence("kmsKeyId"),))


def _usable(key: KeyMetadata) -> Answer:
    state = key.key_state or ""
    seen = Evidence("kms:DescribeKey", key.key_id, f"KeyState is {state}", "KeyMetadata.KeyState")
    if state == "Enabled":
        return passes(seen)
    if not state:
        return unknown(Missing("kms:DescribeKey", "absent", None, key.key_id, "the record has no KeyState"))
    says = f"The key that sessions are encrypted with is {state}."
    return blocked(Finding("session-kms-key-disabled", key.key_id, says, evidence=(seen,)))


def encryption_key(case: Case) -> KeyMetadata | Missing | None:
    """The key that shells are encrypted with, None where they are not (or are not asked for)."""
    held = preferences_of(case)
    return None if isinstance(held, Missing) or not is_shell(case) else session_key(case.scope, held)


def key_policy(case: Case, key: KeyMetadata) -> Policies:
    """The policy of a key, which has a say whatever identity policies allow."""
    record = case.scope.key_policies.find(key.key_id)
    if isinstance(record, Missing):
        return Policies(missing=(record,))
    return Policies((parse_policy(record.policy, f"policy of key {key.key_id}", "kms:GetKeyPolicy"),))


def _context(case: Case) -> Context:
    """What is known of a request of the node's role, left out what tells one node from another."""
    facts = node_context(case.place, case.target.id, vpc=case.target.vpc)
    return facts.forgetting("ec2:SourceInstanceARN").forgetting("ssm:SourceInstanceARN")


def _node_may(case: Case, needs: Iterable[Need], policy: Policies | None = None) -> Answer:
    role = role_of_instance(case)
    if role is None:
        return PASS  # having no role at all is another check's matter
    if not isinstance(role, Permissions):
        return unknown(role)
    wanted = tuple(needs)
    decisions = {
        need.action: need.decide(role, resource_policy=policy, resource_must_allow=policy is not None)
        for need in wanted
    }
    cause = wanted[0].cause
    return permitted(role, decisions, cause, or_denied=cause)


# --- logs ---------------------------------------------------------------------------------------------------


@check("session.logs", by=weighed)
def logs(case: Case) -> Answer:
    """Where sessions are logged to CloudWatch: the group exists, is encrypted if it must be, is reached."""
    return _held(case, partial(_to_log_group, case))


def _to_log_group(case: Case, held: Preferences) -> Answer:
    if held.log_group is None:
        return PASS
    unclear = held.missing("cloudWatchEncryptionEnabled", "cloudWatchStreamingEnabled")
    if unclear:
        return unknown(*unclear)
    old = _too_old(case, "log streaming", LOG_STREAMING) if held.log_streaming else ()
    answer = every(
        (
            blocked(*old) if old else PASS,
            _log_group(case, held, held.log_group),
            reaches(
                case,
                "logs",
                "session-logs-endpoint-missing",
                "Sessions are logged to CloudWatch, but the node does not reach CloudWatch Logs.",
            ),
            _node_may(case, log_group_needs(case.place, held.log_group, _context(case))),
        )
    )
    return _at_once(answer, held.log_streaming or held.log_encrypted)


def _log_group(case: Case, held: Preferences, name: str) -> Answer:
    table = case.scope.log_groups
    group = table.get(name)
    if group is None:
        if not table.complete:
            return unknown(table.missing(name))
        seen = Evidence(table.operation, name, "the complete answer does not hold it", "logGroups")
        says = f"The log group {name} that sessions are logged to does not exist."
        return blocked(
            Finding(
                "session-log-target-missing",
                name,
                says,
                evidence=(seen, held.evidence("cloudWatchLogGroupName")),
            )
        )
    if not held.log_encrypted or group.kms_key_id:
        return passes(Evidence(table.operation, name, "exists", "logGroups[].logGroupName"))
    seen = Evidence(table.operation, name, "no kmsKeyId", "logGroups[].kmsKeyId")
    says = f"The preferences demand an encrypted log group, and {name} is not encrypted with a key."
    return blocked(
        Finding(
            "session-log-encryption-mismatch",
            name,
            says,
            evidence=(seen, held.evidence("cloudWatchEncryptionEnabled")),
        )
    )


@check("session.bucket", by=weighed)
def bucket(case: Case) -> Answer:
    """Where sessions are logged to S3: the bucket exists, is encrypted if it must be, and is reached."""
    return _held(case, partial(_to_bucket, case))


def _to_bucket(case: Case, held: Preferences) -> Answer:
    if held.bucket is None:
        return PASS
    unclear = held.missing("s3EncryptionEnabled")
    if unclear:
        return unknown(*unclear)
    needs = bucket_needs(
        case.place, held.bucket, held.prefix, _context(case), encrypted=held.bucket_encrypted
    )
    answer = every(
        (
            _bucket(case, held, held.bucket),
            reaches(
                case,
                "s3",
                "s3-unreachable",
                "Sessions are logged to a bucket, but the node does not reach S3.",
            ),
            _node_may(case, needs),
        )
    )
    return _at_once(answer, held.bucket_encrypted)


def _bucket(case: Case, held: Preferences, name: str) -> Answer:
    head = case.global_scope.bucket_heads.find(name)
    if isinstance(head, Missing):
        if head.code not in ("404", "NoSuchBucket"):
            return unknown(head)
        seen = Evidence("s3:HeadBucket", name, "404 Not Found")
        says = f"The bucket {name} that sessions are logged to does not exist."
        return blocked(
            Finding("session-log-target-missing", name, says, evidence=(seen, held.evidence("s3BucketName")))
        )
    if not held.bucket_encrypted:
        return passes(Evidence("s3:HeadBucket", name, "exists"))
    record = case.global_scope.bucket_encryption.find(name)
    if not isinstance(record, Missing):
        return passes(Evidence("s3:GetBucketEncryption", name, "has a default encryption"))
    if record.code != "ServerSideEncryptionConfigurationNotFoundError":
        return unknown(record)
    seen = Evidence("s3:GetBucketEncryption", name, "no default encryption")
    says = f"The preferences demand an encrypted bucket, and {name} is not."
    return blocked(
        Finding(
            "session-log-encryption-mismatch",
            name,
            says,
            evidence=(seen, held.evidence("s3EncryptionEnabled")),
        )
    )


def _at_once(answer: Answer, is_demanded: bool) -> Answer:
    """What stops logging stops the session only where the agent looks at the target as the session starts.

    It does so to check the encryption, and to stream; else the log is written afterwards and merely lacks.
    """
    if is_demanded or answer.verdict is READY:
        return answer
    return Answer(
        READY,
        evidence=answer.evidence,
        notes=(*answer.notes, *answer.findings),
        traces=answer.traces,
    )
