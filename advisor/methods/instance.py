"""Whether the machine itself is up: state, status checks, what its console printed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Hashable
from datetime import timedelta
from typing import Final

from advisor.methods.answer import PASS, Answer, Finding, blocked, passes, suspected, unknown
from advisor.methods.case import Case
from advisor.methods.checks import check, unread
from advisor.model.evidence import SELF, Evidence, Missing
from advisor.model.records import ec2
from advisor.model.times import parse_instant
from advisor.network.repairs import StartInstance

_STATE: Final = "Reservations[].Instances[].State.Name"
_STARTING: Final = timedelta(minutes=5)


def instance_state(case: Case) -> Hashable:
    """The key of checks that read an instance's state only."""
    return case.target.kind, case.target.state, case.instance is None


@check("instance.running", by=instance_state)
def running(case: Case) -> Answer:
    """The instance runs (nodes outside EC2 have no such state)."""
    if case.is_hybrid:
        return PASS
    if case.instance is None:
        return unread(case)
    state = case.target.state
    seen = Evidence("ec2:DescribeInstances", SELF, f"State is {state}", _STATE)
    if state == "running":
        return passes(seen)
    if state == "unknown":
        return unknown(Missing("ec2:DescribeInstances", "absent", None, SELF, "the record has no State"))
    repairs = (
        (StartInstance(SELF, case.scope.account, case.scope.region),)
        if state in ("stopped", "stopping")
        else ()
    )
    return blocked(
        Finding("instance-not-running", SELF, f"The instance is {state}.", evidence=(seen,), repairs=repairs)
    )


def status_checks(case: Case) -> Hashable:
    """The key of checks that read status checks."""
    summary = _summary(case.scope.instance_statuses.get(case.target.id))
    starting = summary is not None and "initializing" in summary
    return instance_state(case), summary, starting and just_launched(case)


def just_launched(case: Case) -> bool:
    """Whether the instance was started less than five minutes before the snapshot."""
    launched = parse_instant(case.instance.launch_time) if case.instance is not None else None
    moment = case.study.moment
    return launched is not None and moment is not None and moment - launched < _STARTING


def _summary(status: ec2.InstanceStatus | None) -> tuple[str | None, ...] | None:
    if status is None:
        return None
    parts = (status.system_status, status.instance_status, status.attached_ebs_status)
    return tuple(part.status.lower() if part is not None and part.status else None for part in parts)


@check("instance.healthy", by=status_checks)
def healthy(case: Case) -> Answer:
    """EC2's status checks do not report the host or the system as impaired."""
    if case.is_hybrid or case.target.state != "running":
        return PASS  # the state is another check's matter
    status = case.scope.instance_statuses.get(case.target.id)
    summary = _summary(status)
    if summary is None:
        if case.options.hypothetical and case.scope.instance_statuses.complete:
            return PASS  # started on the copy only: nobody could have checked it yet
        return unknown(_own(case.scope.instance_statuses.missing(case.target.id)))
    findings = [_impaired(sign) for value, sign in zip(summary, _SIGNS, strict=False) if value == "impaired"]
    if findings:
        return blocked(*findings)
    if "initializing" in summary and just_launched(case):
        return suspected(
            Finding(
                "instance-initialising",
                SELF,
                "The instance was started less than five minutes ago and its status checks are not done.",
                evidence=(
                    Evidence(
                        "ec2:DescribeInstanceStatus",
                        SELF,
                        "InstanceStatus is initializing",
                        "InstanceStatuses[].InstanceStatus.Status",
                    ),
                ),
            )
        )
    return passes(
        Evidence("ec2:DescribeInstanceStatus", SELF, "no status check is impaired", "InstanceStatuses[]")
    )


def _impaired(sign: tuple[str, str, str]) -> Finding:
    cause, field, says = sign
    seen = Evidence("ec2:DescribeInstanceStatus", SELF, f"{field} is impaired", field)
    return Finding(cause, SELF, says, evidence=(seen,))


def stuck_volume(case: Case) -> Finding | None:
    """The finding that an attached volume does not read and write, if EC2's check says so."""
    if case.is_hybrid or case.target.state != "running":
        return None
    summary = _summary(case.scope.instance_statuses.get(case.target.id))
    return _impaired(_STUCK) if summary is not None and summary[-1] == "impaired" else None


_SIGNS: Final = (
    (
        "status-check-system-failed",
        "InstanceStatuses[].SystemStatus.Status",
        "The host that the instance runs on has a fault.",
    ),
    (
        "status-check-instance-failed",
        "InstanceStatuses[].InstanceStatus.Status",
        "The operating system does not answer EC2's checks.",
    ),
)
_STUCK: Final = (
    "attached-ebs-impaired",
    "InstanceStatuses[].AttachedEbsStatus.Status",
    "An attached EBS volume cannot complete its reads and writes.",
)
IMPAIRED: Final = frozenset(cause for cause, _, _ in (*_SIGNS, _STUCK))
"""Causes by which a status check fails."""


def console_output(case: Case) -> Hashable:
    """The key of checks that read the console output: most targets have none."""
    return case.target.id if case.target.id in case.scope.console_outputs else None


@check("instance.console", by=console_output)
def console(case: Case) -> Answer:
    """The console output shows no known fault of the operating system (where it was read at all)."""
    record = case.scope.console_outputs.get(case.target.id)
    if record is None or not record.output:
        return PASS  # reading it is optional (it may hold secrets); what was not read proves nothing
    text = console_text(record.output)
    findings = [
        Finding(
            cause,
            SELF,
            says,
            evidence=(
                Evidence("ec2:GetConsoleOutput", SELF, f"the console output says {words!r}", "Output"),
            ),
        )
        for words, cause, says in CONSOLE_SIGNS
        if words.lower() in text.lower()
    ]
    return suspected(*findings) if findings else PASS


CONSOLE_SIGNS: Final = (
    ("No space left on device", "root-volume-full", "The root volume is full; the agent stops then."),
    (
        "Out of memory: Kill",
        "cpu-credit-or-memory-exhausted",
        "The kernel killed processes for want of memory.",
    ),
    ("Kernel panic", "status-check-instance-failed", "The kernel panicked while booting."),
    (
        "You are in emergency mode",
        "status-check-instance-failed",
        "The system stopped in emergency mode while booting.",
    ),
)
"""Pieces of console output and the causes they point to."""


def console_text(output: str) -> str:
    """The console output as text; on the wire it is base64, clients often print it decoded."""
    try:
        return base64.b64decode(output, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return output


def _own(missing: Missing) -> Missing:
    """The missing datum with the target's id written as SELF, to be shared."""
    return Missing(missing.operation, missing.status, missing.code, SELF, missing.says)
