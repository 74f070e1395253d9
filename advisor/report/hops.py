"""A traced path as lines: hop by hop, forward and return, with the hop that stops it."""

from __future__ import annotations

from typing import Final

import msgspec

from advisor.model.evidence import bind
from advisor.model.text import plain
from advisor.model.verdict import BLOCKED
from advisor.network.flow import End, Flow, Kind, Protocol
from advisor.network.trace import Direction, Hop, Trace
from advisor.report.rows import EvidenceLine, Mark, Say, evidence_lines, mark, missing_text

KIND_NAMES: Final = {
    "instance": "instance",
    "network-interface": "interface",
    "security-group": "security group",
    "network-acl": "network ACL",
    "route-table": "route table",
    "internet-gateway": "internet gateway",
    "egress-only-internet-gateway": "egress-only gateway",
    "nat-gateway": "NAT gateway",
    "vpc-endpoint": "VPC endpoint",
    "vpc-peering-connection": "VPC peering",
    "transit-gateway": "transit gateway",
    "transit-gateway-attachment": "TGW attachment",
    "transit-gateway-route-table": "TGW route table",
    "vpn-gateway": "VPN gateway",
    "block-public-access": "block public access",
    "dns": "DNS",
    "instance-connect-endpoint": "EIC endpoint",
    "middlebox": "appliance",
    "internet": "internet",
    "service": "AWS service",
    "subnet": "subnet",
}


class HopLine(msgspec.Struct, frozen=True):
    """One hop: `stops` where the packet ends here, `reached` where it gets this far at all."""

    mark: Mark
    kind: str
    id: str
    direction: Direction
    rule: str = ""
    says: str = ""
    code: str = ""
    stops: bool = False
    reached: bool = True
    evidence: tuple[EvidenceLine, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def detail(self) -> str:
        """The deciding rule, or the sentence where no single rule decided."""
        return self.rule or self.says


class PathLines(msgspec.Struct, frozen=True):
    """A path for people: its heading, its verdict, and the hops both ways."""

    title: str
    mark: Mark
    forward: tuple[HopLine, ...]
    returning: tuple[HopLine, ...]
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def path_lines(trace: Trace, target: str = "", say: Say = str) -> PathLines:
    """The lines of a trace; `target` is the id that its texts call SELF."""
    stopped = any(hop.verdict is BLOCKED for hop in trace.forward)
    return PathLines(
        title=flow_text(trace.flow, target),
        mark=mark(trace.verdict),
        forward=_lines(trace.forward, target, True, say),
        returning=_lines(trace.returning, target, not stopped, say),
        assumptions=tuple(plain(bind(each, target)) for each in trace.assumptions),
        notes=tuple(plain(bind(each, target)) for each in trace.notes),
    )


def _lines(hops: tuple[Hop, ...], target: str, reached: bool, say: Say) -> tuple[HopLine, ...]:
    lines = []
    for hop in hops:
        stops = hop.verdict is BLOCKED
        lines.append(
            HopLine(
                mark=mark(hop.verdict),
                kind=say(KIND_NAMES.get(hop.kind, hop.kind.replace("-", " "))),
                id=plain(bind(hop.id, target)),
                direction=hop.direction,
                rule=plain(bind(hop.rule, target)),
                says=plain(bind(hop.says, target)),
                code=hop.code or "",
                stops=stops,
                reached=reached,
                evidence=evidence_lines(hop.evidence, target),
                missing=tuple(missing_text(each, target) for each in hop.missing),
            )
        )
        # Every blocker is judged, but only the first one meets the packet.
        reached = reached and not stops
    return tuple(lines)


def flow_text(flow: Flow, target: str = "") -> str:
    """The question in one line: from where, to where, by which protocol and port."""
    return f"{end_text(flow.source, target)} → {end_text(flow.destination, target)} · {service_text(flow)}"


def service_text(flow: Flow) -> str:
    """Protocol and port (`tcp/22`)."""
    if flow.protocol in (Protocol.TCP, Protocol.UDP):
        return f"{flow.protocol.value}/{flow.port}"
    return "all protocols" if flow.protocol is Protocol.ALL else flow.protocol.value


def end_text(end: End, target: str = "") -> str:
    """An end of a flow in a few words."""
    name = plain(bind(end.id, target))
    if end.kind is Kind.INTERNET:
        return f"internet {name}".strip()
    if end.kind is Kind.SERVICE:
        return f"{name} service"
    return name


def drawn(lines: tuple[HopLine, ...]) -> list[str]:
    """The hops of one direction as plain text, for reports: a line each, joined by a rail."""
    drawing: list[str] = []
    for line in lines:
        if drawing:
            drawing.append("│" if line.reached else "╎")
        detail = f"  {line.detail}" if line.detail else ""
        stop = "  ← stops here" if line.stops and line.reached else ""
        drawing.append(f"{line.mark.glyph} {line.kind} {line.id}{detail}{stop}")
    return drawing
