"""A traced path as JSON (`advisor.path/1`) and as a page, both ways, with the rule that decides each hop."""

from __future__ import annotations

from typing import Final

import msgspec

from advisor.model.text import plain
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.network.flow import End, Kind, Protocol
from advisor.network.trace import Direction, Hop, Trace
from advisor.report.document import EvidenceDocument, MissingDocument, evidence_document, missing_document
from advisor.report.fleet import Words
from advisor.report.hops import HopLine, flow_text, path_lines
from advisor.report.page import Block, Bullets, Cell, Content, Heading, Page, Paragraph, Tone, toned
from advisor.report.rows import path_mark

SCHEMA: Final = "advisor.path/1"


class EndDocument(msgspec.Struct, frozen=True):
    """An end of the flow."""

    kind: str
    id: str
    account: str
    region: str
    interface: str | None
    address: str | None


class FlowDocument(msgspec.Struct, frozen=True):
    """What was asked; `port` is None where the protocol has none."""

    protocol: str
    port: int | None
    ip_version: int | None


class HopDocument(msgspec.Struct, frozen=True):
    """One hop, with the rule that decided."""

    kind: str
    id: str
    direction: str
    verdict: str
    rule: str
    says: str
    place: str
    code: str | None
    evidence: tuple[EvidenceDocument, ...]
    missing: tuple[MissingDocument, ...]


class BlockerDocument(msgspec.Struct, frozen=True):
    """What stops the flow: Reachability Analyzer's code or an `ADV_` one."""

    cause: str
    resource: str
    direction: str
    kind: str
    says: str


class PathDocument(msgspec.Struct, frozen=True):
    """The whole path."""

    schema: str
    verdict: str
    source: EndDocument
    destination: EndDocument
    flow: FlowDocument
    hops: tuple[HopDocument, ...]
    blockers: tuple[BlockerDocument, ...]
    missing: tuple[MissingDocument, ...]
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]


def path_json(trace: Trace) -> bytes:
    """The path as UTF-8 JSON."""
    flow = trace.flow
    has_port = flow.protocol in (Protocol.TCP, Protocol.UDP)
    document = PathDocument(
        schema=SCHEMA,
        verdict=trace.verdict.of_path,
        source=_end(flow.source),
        destination=_end(flow.destination),
        flow=FlowDocument(flow.protocol.value, flow.port if has_port else None, flow.ip_version),
        hops=tuple(map(_hop, trace.hops)),
        blockers=tuple(
            BlockerDocument(hop.code or "", hop.id, hop.direction.value, hop.kind, hop.says)
            for hop in trace.blockers
        ),
        missing=tuple(map(missing_document, trace.missing)),
        assumptions=trace.assumptions,
        notes=trace.notes,
    )
    return msgspec.json.encode(document)


def path_page(trace: Trace, words: Words) -> Page:
    """The hops both ways with ✓ ✗ ?, what stops the flow, and what is missing to know."""
    lines = path_lines(trace)
    mark = path_mark(trace.verdict)
    blocks: list[Block] = [
        Heading(flow_text(trace.flow)),
        Paragraph(toned(mark.text, trace.verdict)),
    ]
    for direction, hops in ((Direction.FORWARD, lines.forward), (Direction.RETURN, lines.returning)):
        if hops:
            blocks.append(Heading(words(f"report.{direction.value}"), 3))
            blocks.append(_hops(hops, words))
    if trace.assumptions:
        blocks.append(Heading(words("report.assumptions"), 3))
        blocks.append(Bullets(lines.assumptions))
    if trace.notes:
        blocks.append(Heading(words("report.notes"), 3))
        blocks.append(Bullets(lines.notes))
    return tuple(blocks)


def _hops(hops: tuple[HopLine, ...], words: Words) -> Bullets:
    items: list[Content] = []
    depths: list[int] = []
    for hop in hops:
        code = f" [{hop.code}]" if hop.code else ""
        text = f"{hop.mark.glyph} {hop.kind} {hop.id}{code}"
        items.append(toned(text, hop.mark.verdict) if hop.mark.verdict is not READY else text)
        depths.append(0)
        if hop.rule:
            items.append(Cell(hop.rule, Tone.FAINT))
            depths.append(1)
        if hop.says and (hop.mark.verdict is not READY or not hop.rule) and hop.says != hop.rule:
            items.append(toned(hop.says, BLOCKED if hop.stops else None))
            depths.append(1)
        for missing in hop.missing:
            items.append(toned(f"{words('report.missing')}: {missing}", UNKNOWN))
            depths.append(1)
    return Bullets(tuple(items), tuple(depths))


def _end(end: End) -> EndDocument:
    return EndDocument(end.kind.value, plain(end.id), end.account, end.region, end.interface, end.address)


def _hop(hop: Hop) -> HopDocument:
    return HopDocument(
        kind=hop.kind,
        id=hop.id,
        direction=hop.direction.value,
        verdict=hop.verdict.of_path,
        rule=hop.rule,
        says=hop.says,
        place=hop.place.value,
        code=hop.code,
        evidence=tuple(map(evidence_document, hop.evidence)),
        missing=tuple(map(missing_document, hop.missing)),
    )


def default_port(destination: End, protocol: Protocol) -> int:
    """The port that people mean when they name none: HTTPS for a service, SSH for everything else."""
    if protocol is Protocol.ICMP:
        return -1
    return 443 if destination.kind in (Kind.SERVICE, Kind.ENDPOINT) else 22
