"""What Systems Manager itself says of a node: registered, pinging, channel open, agent new enough."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from advisor.methods.answer import PASS, SILENT, Answer, Finding, blocked, noted, passes, unknown
from advisor.methods.case import Case
from advisor.methods.checks import check
from advisor.methods.instance import instance_state
from advisor.methods.options import Use
from advisor.methods.versions import (
    PORT_FORWARDING,
    REMOTE_HOST,
    SESSIONS,
    Version,
    parse_version,
    spell_version,
)
from advisor.model.evidence import SELF, Evidence, Missing
from advisor.model.records.ssm import InstanceInformation
from advisor.model.verdict import BLOCKED

SYMPTOMS: Final = frozenset(
    {"ssm-node-never-registered", "ssm-ping-connection-lost", "ssm-online-but-channel-down"}
)
"""Causes that say that a node is silent, not why."""
_PING: Final = "InstanceInformationList[].PingStatus"


def is_stale(case: Case) -> bool:
    """Whether what Systems Manager says of the node is too old (an hour) to prove anything.

    Agents ping every five minutes; AWS leaves stopped instances out, but a dump may still hold them.
    """
    age = case.ping_age
    stopped = not case.is_hybrid and case.target.state not in ("running", "unknown")
    return stopped or (age is not None and age >= 1)


def node_record(case: Case) -> Hashable:
    """The key of checks that read the node's registration."""
    node = case.node
    if node is None:
        return instance_state(case)
    return instance_state(case), node.ping_status, case.ping_age, case.study.moment is None


@check("node.registered", by=node_record)
def registered(case: Case) -> Answer:
    """The node is registered with Systems Manager and pings: its path to `ssm` works."""
    if case.options.hypothetical or (not case.is_hybrid and case.target.state not in ("running", "unknown")):
        return SILENT  # AWS leaves stopped instances out, so neither presence nor absence proves anything
    table = case.scope.managed_nodes
    node = case.node
    if node is None:
        missing = table.missing(case.target.id)
        if not table.complete:
            return unknown(Missing(missing.operation, missing.status, missing.code, SELF, missing.says))
        return blocked(
            Finding(
                "ssm-node-never-registered",
                SELF,
                "Systems Manager does not list this running instance.",
                evidence=(
                    Evidence(
                        table.operation,
                        SELF,
                        "the complete answer does not hold it",
                        "InstanceInformationList",
                    ),
                ),
            )
        )
    status = (node.ping_status or "").lower()
    lost = status in ("connectionlost", "inactive")
    # A lost node's last ping is old by nature; its age makes `Online` doubtful, not this.
    if is_stale(case) and not lost:
        return unknown(
            Missing(
                table.operation,
                "undecidable",
                None,
                SELF,
                f"the last ping is {_spell_age(case.ping_age)} older than the snapshot",
            )
        )
    seen = Evidence(table.operation, SELF, f"PingStatus is {node.ping_status}{_since(case)}", _PING)
    if status == "online":
        return passes(seen)
    if lost:
        return blocked(
            Finding(
                "ssm-ping-connection-lost",
                SELF,
                "The node was registered, but its agent has stopped pinging Systems Manager.",
                evidence=(seen,),
            )
        )
    return unknown(Missing(table.operation, "absent", None, SELF, "the record has no PingStatus"))


@check("node.alive", by=node_record)
def alive(case: Case) -> Answer:
    """The agent pinged lately, so the operating system runs, whatever EC2's status checks would say."""
    node = case.node
    if node is None or is_stale(case) or (node.ping_status or "").lower() != "online":
        return SILENT
    return passes(
        Evidence(
            case.scope.managed_nodes.operation, SELF, f"PingStatus is {node.ping_status}{_since(case)}", _PING
        )
    )


def _since(case: Case) -> str:
    if case.ping_age is None:
        return ""
    age = "within the hour" if case.ping_age < 1 else _spell_age(case.ping_age)
    return f", last ping {age} before the snapshot"


def _spell_age(hours: int | None) -> str:
    if hours is None:
        return "much"
    return "more than a day" if hours >= 24 else f"more than {hours} h"


def channel_record(case: Case) -> Hashable:
    """The key of checks that read the connection status."""
    status = case.scope.connection_statuses.get(case.target.id)
    return node_record(case), None if status is None else status.status, _live_session(case)


def _live_session(case: Case) -> str | None:
    """The id of a session that stands just now: as good a proof as the connection status."""

    def by_target() -> dict[str, str]:
        return {
            each.target: each.session_id
            for each in case.scope.sessions.values()
            if each.target and each.end_date is None and (each.status or "").lower() == "connected"
        }

    return case.study.remember(("sessions", id(case.scope)), by_target).get(case.target.id)


def _may_stand(case: Case) -> bool:
    """Whether a session's record may be believed: AWS calls it Connected long after its node fell silent."""
    return not (case.options.hypothetical or is_stale(case) or registered(case).verdict is BLOCKED)


@check("node.channel", by=channel_record)
def channel(case: Case) -> Answer:
    """The session channel was seen open: `connected` proves everything from role to route.

    Where nobody asked, this is neither a yes nor a no: the call costs one request per node.
    """
    record = case.scope.connection_statuses.get(case.target.id)
    status = (record.status or "").lower() if record is not None else ""
    session = _live_session(case)
    if session is not None and status != "notconnected" and _may_stand(case):
        seen = Evidence(
            "ssm:DescribeSessions", session, "a session stands: Status is Connected", "Sessions[]"
        )
        return passes(seen)
    if case.options.hypothetical or status not in ("connected", "notconnected"):
        return SILENT
    if not case.is_hybrid and case.target.state not in ("running", "unknown"):
        return SILENT
    seen = Evidence("ssm:GetConnectionStatus", SELF, f"Status is {status}", "Status")
    if status == "connected":
        return passes(seen)
    if case.node is not None and (case.node.ping_status or "").lower() == "online" and not is_stale(case):
        return blocked(
            Finding(
                "ssm-online-but-channel-down",
                SELF,
                "The node pings Systems Manager, but its session channel (ssmmessages) is not open.",
                evidence=(seen,),
            )
        )
    if registered(case).verdict is BLOCKED:
        return SILENT  # not being registered explains it
    return blocked(
        Finding("ssm-node-never-registered", SELF, "The session channel is not open.", evidence=(seen,))
    )


def agent_version(case: Case) -> Hashable:
    """The key of checks that read the agent's version."""
    return None if case.node is None else (case.node.agent_version,)


@check("agent.supports-sessions", by=agent_version)
def supports_sessions(case: Case) -> Answer:
    """The agent is new enough for sessions."""
    if case.node is None:
        return PASS  # an agent that never reported is another check's matter
    version = parse_version(case.node.agent_version)
    if version is None:
        return unknown(_no_version(case.node))
    seen = _version_seen(case.node)
    if version < SESSIONS:
        return blocked(_too_old("agent-too-old-for-sessions", "sessions", SESSIONS, seen))
    return passes(seen)


def _version_seen(node: InstanceInformation) -> Evidence:
    return Evidence(
        "ssm:DescribeInstanceInformation",
        SELF,
        f"AgentVersion is {node.agent_version}",
        "InstanceInformationList[].AgentVersion",
    )


def _no_version(node: InstanceInformation) -> Missing:
    given = node.agent_version
    says = f"AgentVersion is {given!r}, which is no version" if given else "the record has no AgentVersion"
    return Missing("ssm:DescribeInstanceInformation", "absent", None, SELF, says)


@check("agent.supports-use", by=agent_version)
def supports_use(case: Case) -> Answer:
    """The agent is new enough for what was asked for, which an open channel does not prove."""
    if case.node is None:
        return PASS
    use = _use_needs(case)
    version = parse_version(case.node.agent_version)
    if version is None:
        is_needed = any(use in uses for _, _, uses in _FEATURES)
        return unknown(_no_version(case.node)) if is_needed else PASS
    seen = _version_seen(case.node)
    later: list[Finding] = []
    for what, needed, uses in _FEATURES:
        if version >= needed:
            continue
        finding = _too_old("agent-too-old-for-feature", what, needed, seen)
        if use in uses:
            return blocked(finding)
        later.append(finding)
    return noted(*later)


def _use_needs(case: Case) -> str:
    use = case.options.use or Use.SHELL
    if use is Use.PORT_FORWARD and case.options.remote_host:
        return "remote-host"
    return use.value


_FEATURES: Final[tuple[tuple[str, Version, frozenset[str]], ...]] = (
    (
        "SSH and port forwarding",
        PORT_FORWARDING,
        frozenset({"ssh", "scp", "rdp", "port-forward", "remote-host"}),
    ),
    ("port forwarding to a remote host", REMOTE_HOST, frozenset({"remote-host"})),
)


def _too_old(cause: str, what: str, needed: Version, seen: Evidence) -> Finding:
    return Finding(
        cause, SELF, f"{what} need agent {spell_version(needed)} or later.".capitalize(), evidence=(seen,)
    )
