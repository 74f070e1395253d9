"""What somebody ran on the node or by hand: `ssm-cli get-diagnostics` and `aws ssm get-connection-status`.

Sources: Systems Manager User Guide, "Troubleshooting managed node availability using ssm-cli"; check names
and notes as the agent's source prints them (amazon-ssm-agent, agent/cli/diagnostics).
"""

from __future__ import annotations

import codecs
import enum
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from advisor.methods.answer import Certainty, Finding
from advisor.methods.versions import NO_EC2MESSAGES, Version, parse_version
from advisor.model.errors import InputError
from advisor.model.estate import Estate
from advisor.model.evidence import Evidence
from advisor.model.records.ssm import ConnectionStatus
from advisor.model.scope import Scope
from advisor.model.text import plain

DIAGNOSTICS: Final = "ssm-cli get-diagnostics"
LARGEST: Final = 1_000_000
"""Bytes; the real outputs have a few thousand."""
_HINT: Final = (
    "give the JSON that `ssm-cli get-diagnostics` prints on the node, or that "
    "`aws ssm get-connection-status --target i-…` prints"
)
_NODE: Final = re.compile(r"\b(?:i|mi)-[0-9a-f]{8,17}\b")
_REGION: Final = re.compile(r"\b[a-z]{2,4}(?:-[a-z]+)+-\d\b")
_VERSION: Final = re.compile(r"SSM Agent version is (\d+(?:\.\d+){1,3})")
_ARN: Final = re.compile(r"arn:aws[\w-]*:(?:sts|iam)::\d{12}:\S+")
_CONNECTIVITY: Final = re.compile(r"Connectivity to (\S+) endpoint")


class Outcome(enum.Enum):
    """How a check of the agent's tool went."""

    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"


class NodeCheck(msgspec.Struct, frozen=True):
    """One check: its name, how it went, and the note beside it."""

    name: str
    outcome: Outcome
    note: str = ""


class Diagnostics(msgspec.Struct, frozen=True):
    """What the agent's own tool saw on the node.

    `target` is the node's id as the tool found it, None where it could not. `identity` is the ARN whose
    credentials the agent has. `reachable` and `unreachable` are service names (`ssm`, `ssmmessages`, `s3`).
    """

    checks: tuple[NodeCheck, ...]
    target: str | None = None
    region: str | None = None
    agent_version: str | None = None
    identity: str | None = None

    @property
    def reachable(self) -> frozenset[str]:
        """Services whose endpoint accepted a connection on port 443."""
        return frozenset(_services(self.checks, Outcome.SUCCESS))

    @property
    def unreachable(self) -> frozenset[str]:
        """Services whose endpoint did not."""
        return frozenset(_services(self.checks, Outcome.FAILED))


class NodeConnection(msgspec.Struct, frozen=True):
    """Whether the session channel of a node is open, as `get-connection-status` says."""

    target: str
    connected: bool


NodeEvidence = Diagnostics | NodeConnection


# --- reading ---------------------------------------------------------------------------------------------


def read_evidence(content: bytes, name: str) -> NodeEvidence:
    """The evidence in a file's content; InputError, which names the file, for anything else."""
    shown = plain(name)
    if len(content) > LARGEST:
        raise InputError(f"{shown} is far too large for evidence ({len(content)} bytes)", _HINT)
    text = _decoded(content).strip()
    if not text:
        raise InputError(f"{shown} is empty", _HINT)
    if text[:1] in ("┌", "│"):
        return _diagnostics(_table_rows(text), shown)
    try:
        body = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        if "elevated" in text or "root" in text[:200]:
            raise InputError(
                f"{shown} holds an error in place of diagnostics", "run ssm-cli as root or administrator"
            ) from None
        raise InputError(f"{shown} is neither JSON nor the table of ssm-cli", _HINT) from None
    if isinstance(body, dict) and isinstance(body.get("DiagnosticsOutput"), list):
        return _diagnostics(body["DiagnosticsOutput"], shown)
    if isinstance(body, dict) and "Target" in body and "Status" in body:
        return _connection(body, shown)
    raise InputError(f"{shown} is evidence of a kind that is not known", _HINT)


def _decoded(content: bytes) -> str:
    """The text; PowerShell redirects into UTF-16."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if wide else "utf-8-sig", errors="replace")


def _connection(body: dict[str, Any], shown: str) -> NodeConnection:
    target, status = body["Target"], body["Status"]
    states = {"connected": True, "notconnected": False}
    if not isinstance(target, str) or not _NODE.fullmatch(target):
        raise InputError(f"{shown} names no node: Target is {plain(str(target))[:60]!r}", _HINT)
    if not isinstance(status, str) or status.casefold() not in states:
        raise InputError(f"{shown} has an unknown Status: {plain(str(status))[:60]!r}", _HINT)
    return NodeConnection(target, states[status.casefold()])


def _table_rows(text: str) -> Iterator[dict[str, str]]:
    """The rows of `--output table`; a row without a check's name continues the note above it."""
    row: dict[str, str] = {}
    for line in text.splitlines():
        if not line.startswith("│"):
            continue
        inner = line.strip().removeprefix("│").removesuffix("│")
        cells = [cell.strip() for cell in inner.split("│")]
        if len(cells) != 3 or cells[0] == "Check":
            continue
        if cells[0]:
            if row:
                yield row
            row = {"Check": cells[0], "Status": cells[1], "Note": cells[2]}
        elif row:
            row["Note"] = f"{row['Note']} {cells[2]}".strip()
    if row:
        yield row


def _diagnostics(rows: Iterable[object], shown: str) -> Diagnostics:
    checks = tuple(_check(row, shown) for row in rows)
    if not checks:
        raise InputError(f"{shown} holds no checks", _HINT)
    notes = {check.name: check.note for check in checks if check.outcome is Outcome.SUCCESS}
    places = (notes.get("EC2 IMDS", ""), notes.get("Hybrid instance registration", ""))
    identity = _first(_ARN, [notes.get("AWS Credentials", "")])
    return Diagnostics(
        checks,
        target=_first(_NODE, [*places, identity or ""]),
        region=_first(_REGION, places),
        agent_version=_first(_VERSION, [notes.get("SSM Agent version", "")]),
        identity=identity,
    )


def _check(row: object, shown: str) -> NodeCheck:
    outcomes = {each.value: each for each in Outcome}
    if not isinstance(row, dict) or not isinstance(row.get("Check"), str):
        raise InputError(f"{shown} holds a check without a name", _HINT)
    status = str(row.get("Status")).casefold()
    if status not in outcomes:
        name = plain(row["Check"])[:60]
        raise InputError(f"{shown}: the check {name!r} has an unknown status {plain(status)[:40]!r}", _HINT)
    note = row.get("Note")
    return NodeCheck(row["Check"], outcomes[status], note[:2000] if isinstance(note, str) else "")


def _first(pattern: re.Pattern[str], texts: Iterable[str]) -> str | None:
    for text in texts:
        found = pattern.search(text)
        if found:
            return found.group(found.lastindex or 0)
    return None


def _services(checks: Iterable[NodeCheck], outcome: Outcome) -> Iterator[str]:
    for check in checks:
        match = _CONNECTIVITY.fullmatch(check.name)
        if match and check.outcome is outcome:
            yield match.group(1)


# --- what follows ----------------------------------------------------------------------------------------


def findings(evidence: NodeEvidence, target: str | None = None) -> tuple[Finding, ...]:
    """The causes that the evidence proves, or makes likely.

    What failed on the node is seen from where it matters, so a sure cause is certain; where several causes
    show alike, each is only likely. Nothing follows from a check that was skipped.
    """
    if isinstance(evidence, NodeConnection):
        return ()  # it is an observation, which `applied` puts where observations are weighed
    node = target or evidence.target or ""
    found = [
        Finding(cause, node, _says(check), certainty, (_shown(check, node),))
        for check in evidence.checks
        if check.outcome is Outcome.FAILED
        for cause, certainty in _causes(check, parse_version(evidence.agent_version))
    ]
    if evidence.unreachable & {"ssm", "ssmmessages"}:
        found += [
            Finding("agent-proxy-misconfigured", node, _says(check), Certainty.LIKELY, (_shown(check, node),))
            for check in evidence.checks
            if check.name == "Proxy configuration" and check.outcome is Outcome.SUCCESS
        ]
    return tuple(found)


def reached(evidence: NodeEvidence, target: str | None = None) -> frozenset[tuple[str, str]]:
    """The services that the node was seen to reach, each with the node's id."""
    if isinstance(evidence, NodeConnection):
        return frozenset()
    return frozenset((target or evidence.target or "", service) for service in evidence.reachable)


_LIKELY, _CERTAIN = Certainty.LIKELY, Certainty.CERTAIN
_BY_SERVICE: Final = {
    "ssm": ("no-path-to-ssm", "agent-os-firewall"),
    "ssmmessages": ("vpce-ssmmessages-missing", "agent-os-firewall"),
    "ec2messages": ("vpce-ec2messages-missing-old-agent",),
    "s3": ("s3-unreachable",),
    "kms": ("session-kms-endpoint-missing",),
    "logs": ("session-logs-endpoint-missing",),
}


def _causes(check: NodeCheck, agent: Version | None) -> Iterator[tuple[str, Certainty]]:
    note = check.note.casefold()
    match = _CONNECTIVITY.fullmatch(check.name)
    if match:
        if match.group(1) == "ec2messages" and (agent is None or agent >= NO_EC2MESSAGES):
            return  # newer agents do without it
        if "no such host" in note or "server misbehaving" in note:
            yield "dhcp-custom-dns", _LIKELY
            yield "vpce-private-dns-off", _LIKELY
        for cause in _BY_SERVICE.get(match.group(1), ()):
            yield cause, _LIKELY
    elif check.name == "EC2 IMDS":
        yield "imds-disabled", _LIKELY
    elif check.name == "AWS Credentials":
        yield from _causes_of_credentials(note)
    elif check.name == "Agent service":
        yield "agent-stopped-or-crashed", _CERTAIN
    elif check.name == "Windows sysprep image state":
        yield "windows-sysprep-incomplete", _CERTAIN


def _causes_of_credentials(note: str) -> Iterator[tuple[str, Certainty]]:
    if "ec2rolerequesterror" in note or "no credentials" in note or "no valid credentials" in note:
        yield "no-instance-profile-no-dhmc", _LIKELY
        yield "instance-profile-without-role", _LIKELY
        yield "instance-role-trust-wrong", _LIKELY
    elif "signature" in note or "requestexpired" in note or "expired" in note:
        yield "agent-clock-skew", _LIKELY
    # A timeout of STS says nothing: the agent does without STS, and an isolated subnet has no path to it.


def _says(check: NodeCheck) -> str:
    return plain(f"{check.name}: {check.note}" if check.note else check.name)


def _shown(check: NodeCheck, node: str) -> Evidence:
    return Evidence(DIAGNOSTICS, node, plain(f"{check.outcome.value}: {check.note}"), plain(check.name))


def applied(
    estate: Estate, evidence: NodeEvidence, target: str | None = None, *, fresh: bool = False
) -> Estate:
    """The estate with what was observed: the connection status, and the version that the agent says it has.

    In a `fresh` estate, of this moment, what AWS itself answered counts more than what was kept in a file.
    InputError where the node is in no Region that was read, or the evidence does not say which node it is of.
    """
    node = target or evidence.target
    if node is None:
        raise InputError("the evidence does not say which node it is of", "name the target before it")
    if evidence.target is not None and target is not None and evidence.target != target:
        raise InputError(
            f"the evidence is of {evidence.target}, not of {plain(target)}",
            "leave the target out, or give the evidence of that node",
        )
    scope = _scope_of(estate, node)
    if scope is None:
        problem = f"{plain(node)} of the evidence is in no account and Region that was read"
        raise InputError(problem, "check --region and --profile")
    return estate.having(_observed(scope, evidence, node, fresh))


def _observed(scope: Scope, evidence: NodeEvidence, node: str, fresh: bool) -> Scope:
    if isinstance(evidence, NodeConnection):
        if fresh and node in scope.connection_statuses:
            return scope
        status = "connected" if evidence.connected else "notconnected"
        return scope.having(Scope.connection_statuses, ConnectionStatus(target=node, status=status))
    managed = scope.managed_nodes.get(node)
    if managed is None or evidence.agent_version is None or (fresh and managed.agent_version):
        # Being seen by the agent's own tool does not make it a managed node.
        return scope
    return scope.having(
        Scope.managed_nodes, msgspec.structs.replace(managed, agent_version=evidence.agent_version)
    )


def _scope_of(estate: Estate, node: str) -> Scope | None:
    for scope in estate.regional:
        if node in scope.instances or node in scope.managed_nodes:
            return scope
    return None
