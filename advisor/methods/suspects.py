"""Why a node may be silent although nothing in the account's configuration stops it: likely causes only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from datetime import timedelta
from typing import Final

from advisor.methods.answer import PASS, Answer, Finding, suspected
from advisor.methods.case import Case
from advisor.methods.checks import check
from advisor.methods.images import brings, image_of
from advisor.methods.instance import CONSOLE_SIGNS, console_text
from advisor.methods.node import node_record
from advisor.methods.roles import association_of
from advisor.model.evidence import SELF, Evidence
from advisor.model.times import parse_instant

_BACK_OFF: Final = timedelta(minutes=30)
"""How long an agent that found no credentials may sleep before it looks again."""


def is_silent(case: Case) -> bool:
    """Whether the node should ping but does not, by a complete answer of Systems Manager."""
    if case.options.hypothetical:
        return False
    if not case.is_hybrid and case.target.state != "running":
        return False
    if case.node is not None:
        return (case.node.ping_status or "").lower() in ("connectionlost", "inactive")
    return case.scope.managed_nodes.complete


def silence(case: Case) -> Hashable:
    """The key of checks that explain a silent node."""
    if not is_silent(case):
        return None
    if case.target.id in case.scope.console_outputs:
        return case.target.id
    return (
        node_record(case),
        None if case.instance is None else case.instance.image_id,
        _is_just_given_a_role(case),
        None if case.node is None else (case.node.computer_name, case.node.source_type),
    )


@check("node.suspects", by=silence)
def suspects(case: Case) -> Answer:
    """Nothing points to an agent that is missing, asleep, cloned or cut off inside the machine."""
    if not is_silent(case):
        return PASS
    found = [*_by_image(case), *_by_role(case), *_by_console(case), *_by_clone(case), *_by_place(case)]
    return suspected(*found) if found else PASS


def _by_image(case: Case) -> list[Finding]:
    record = image_of(case)
    known = brings(record) if record is not None else None
    if record is None or known is None or known.agent is not False or case.node is not None:
        return []
    seen = Evidence("ec2:DescribeImages", record.image_id, f"Name is {record.name}", "Images[].Name")
    return [
        Finding("agent-not-installed", SELF, f"{known.system} comes without the SSM Agent.", evidence=(seen,))
    ]


def _is_just_given_a_role(case: Case) -> bool:
    """Whether the role came after the machine, and both less than half an hour ago.

    When a profile was attached no describe call tells; a role made after the instance's start must have been.
    """
    profile = case.instance.iam_instance_profile if case.instance is not None else None
    launched = parse_instant(case.instance.launch_time) if case.instance is not None else None
    moment = case.study.moment
    if profile is None or launched is None or moment is None:
        return False
    association = association_of(case)
    changed = parse_instant(association.timestamp) if association is not None else None
    return changed is not None and changed > launched and moment - changed < _BACK_OFF


def _by_role(case: Case) -> list[Finding]:
    if not _is_just_given_a_role(case):
        return []
    seen = Evidence(
        "ec2:DescribeIamInstanceProfileAssociations",
        SELF,
        "the instance profile was associated after the start, less than half an hour ago",
        "IamInstanceProfileAssociations[].Timestamp",
    )
    says = "The agent may still sleep: it found no credentials when it started."
    return [Finding("agent-started-before-role", SELF, says, evidence=(seen,))]


AGENT_SIGNS: Final = (
    (
        "instance management role is not configured",
        "no-instance-profile-no-dhmc",
        "The agent found neither an instance profile nor default host management.",
    ),
    (
        "IMAGE_STATE_UNDEPLOYABLE",
        "windows-sysprep-incomplete",
        "Windows has not finished its set-up (sysprep).",
    ),
    (
        "Failed to start amazon-ssm-agent",
        "agent-stopped-or-crashed",
        "The service manager could not start the agent.",
    ),
    (
        "InvalidSignatureException",
        "agent-clock-skew",
        "AWS refuses the agent's signatures: the clock is off.",
    ),
    ("proxyconnect tcp", "agent-proxy-misconfigured", "The agent fails to connect through a proxy."),
)
"""Pieces of console output that explain a silent agent."""


def _by_console(case: Case) -> list[Finding]:
    record = case.scope.console_outputs.get(case.target.id)
    if record is None or not record.output:
        return []
    text = console_text(record.output).lower()
    return [
        Finding(
            cause,
            SELF,
            says,
            evidence=(
                Evidence("ec2:GetConsoleOutput", SELF, f"the console output says {words!r}", "Output"),
            ),
        )
        for words, cause, says in AGENT_SIGNS
        if words.lower() in text and all(words != sign for sign, _, _ in CONSOLE_SIGNS)
    ]


def _by_clone(case: Case) -> list[Finding]:
    node = case.node
    if node is None or not node.computer_name:
        return []
    names = case.study.remember(
        ("computers", id(case.scope)),
        lambda: Counter(
            each.computer_name for each in case.scope.managed_nodes.values() if each.computer_name
        ),
    )
    if names[node.computer_name] < 2:
        return []
    seen = Evidence(
        "ssm:DescribeInstanceInformation",
        SELF,
        f"ComputerName {node.computer_name} is registered {names[node.computer_name]} times",
        "InstanceInformationList[].ComputerName",
    )
    says = "Another node reports the same computer name: the registration may have been copied with an image."
    return [Finding("cloned-image-registration", SELF, says, evidence=(seen,))]


def _by_place(case: Case) -> list[Finding]:
    node = case.node
    if not case.is_hybrid or node is None:
        return []
    seen = Evidence(
        "ssm:DescribeInstanceInformation",
        SELF,
        f"PingStatus is {node.ping_status}",
        "InstanceInformationList[].PingStatus",
    )
    if node.source_type == "AWS::IoT::Thing":
        says = "The core device's token exchange role or its Systems Manager component may be missing."
        return [Finding("edge-greengrass-role", SELF, says, evidence=(seen,))]
    says = "The node's own network may not reach Systems Manager on 443."
    return [Finding("hybrid-not-reaching-endpoints", SELF, says, evidence=(seen,))]
