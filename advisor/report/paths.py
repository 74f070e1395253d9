"""A traced path as JSON (`advisor.path/1`) and as a page, both ways, with the rule that decides each hop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from advisor.model.errors import InputError
from advisor.model.text import plain
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.network.flow import End, Kind, Protocol
from advisor.network.trace import Direction, Hop, Trace
from advisor.report.document import EvidenceDocument, MissingDocument, evidence_document, missing_document
from advisor.report.fleet import Words
from advisor.report.hops import HopLine, flow_text, path_lines
from advisor.report.page import Block, Bullets, Cell, Content, Heading, Page, Paragraph, Table, Tone, toned
from advisor.report.rows import CauseText, path_mark

SCHEMA: Final = "advisor.path/1"
_HIGHEST_TYPE: Final = 255


class EndDocument(msgspec.Struct, frozen=True):
    """An end of the flow."""

    kind: str
    id: str
    account: str
    region: str
    interface: str | None
    address: str | None


class FlowDocument(msgspec.Struct, frozen=True):
    """What was asked; `port` is None where the protocol has none, `icmp_type` where it is not one's own."""

    protocol: str
    port: int | None
    ip_version: int | None
    icmp_type: int | None = None


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
    title: str = ""
    remedies: tuple[str, ...] = ()
    documentation: str = ""


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


Codes = Callable[[str], CauseText | None]
"""Gives the text of what a code means; None for a code that no cause explains."""


def unexplained(code: str) -> CauseText | None:
    """For paths without a rule book."""
    return None


def path_json(trace: Trace, codes: Codes = unexplained) -> bytes:
    """The path as UTF-8 JSON."""
    flow = trace.flow
    has_port = flow.protocol in (Protocol.TCP, Protocol.UDP)
    document = PathDocument(
        schema=SCHEMA,
        verdict=trace.verdict.of_path,
        source=_end(flow.source),
        destination=_end(flow.destination),
        flow=FlowDocument(
            flow.protocol.value,
            flow.port if has_port else None,
            flow.ip_version,
            flow.port if flow.protocol is Protocol.ICMP and flow.port >= 0 else None,
        ),
        hops=tuple(map(_hop, trace.hops)),
        blockers=tuple(_blocked(hop, codes) for hop in trace.blockers),
        missing=tuple(map(missing_document, trace.missing)),
        assumptions=trace.assumptions,
        notes=trace.notes,
    )
    return msgspec.json.encode(document)


def _blocked(hop: Hop, codes: Codes) -> BlockerDocument:
    text = codes(hop.code or "") or CauseText("")
    return BlockerDocument(
        hop.code or "",
        hop.id,
        hop.direction.value,
        hop.kind,
        hop.says,
        text.title,
        (text.remedy,) if text.remedy else (),
        text.documentation,
    )


def path_page(trace: Trace, words: Words, codes: Codes = unexplained) -> Page:
    """The hops both ways with ✓ ✗ ? and their rules, what stops the flow, and what is missing to know."""
    lines = path_lines(trace)
    mark = path_mark(trace.verdict)
    blocks: list[Block] = [Heading(flow_text(trace.flow)), Paragraph(toned(mark.text, trace.verdict))]
    for direction, hops in ((Direction.FORWARD, lines.forward), (Direction.RETURN, lines.returning)):
        if hops:
            blocks.append(Heading(words(f"report.{direction.value}"), 3))
            blocks.append(Table(("", *_heads(words)), tuple(map(_row, hops))))
    every = (*lines.forward, *lines.returning)
    stops = tuple(toned(_blocker(hop), BLOCKED) for hop in every if hop.stops)
    remedies = tuple(
        dict.fromkeys(text.remedy for hop in every if hop.stops and (text := codes(hop.code)) and text.remedy)
    )
    missing = tuple(toned(each, UNKNOWN) for each in dict.fromkeys(m for hop in every for m in hop.missing))
    for title, items in (
        ("stops", stops),
        ("remedy", remedies),
        ("missing", missing),
        ("assumptions", lines.assumptions),
        ("notes", lines.notes),
    ):
        if items:
            blocks.append(Heading(words(f"report.{title}"), 3))
            blocks.append(Bullets(items))
    return tuple(blocks)


def hops_page(trace: Trace) -> Page:
    """The hops of both ways as one table for spreadsheets, in the words of the JSON."""
    heads = ("direction", "verdict", "kind", "id", "rule", "code", "says")
    rows = tuple(
        tuple(
            map(
                plain,
                (
                    hop.direction.value,
                    hop.verdict.of_path,
                    hop.kind,
                    hop.id,
                    hop.rule,
                    hop.code or "",
                    hop.says,
                ),
            )
        )
        for hop in trace.hops
    )
    return (Table(heads, rows),)


def _heads(words: Words) -> tuple[str, ...]:
    return tuple(words(f"report.{each}") for each in ("hop", "resource", "rule"))


def _row(hop: HopLine) -> tuple[Content, ...]:
    verdict = hop.mark.verdict
    if verdict is READY:
        return (hop.mark.glyph, hop.kind, hop.id, Cell(hop.rule, Tone.FAINT))
    # The sentence follows below; the table only needs to say which hop it is.
    return tuple(toned(each, verdict) for each in (hop.mark.glyph, hop.kind, hop.id, hop.rule))


def _blocker(hop: HopLine) -> str:
    code = f" [{hop.code}]" if hop.code else ""
    return f"{hop.says or hop.rule}{code} ({hop.direction.value}, {hop.id})"


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


def port_for(asked: int | None, destination: End, protocol: Protocol) -> int:
    """The port of a flow: the one asked for, else the one that people mean when they name none.

    That is HTTPS for a service, SSH for everything else, and any type of ICMP. InputError for a port that the
    protocol does not have.
    """
    if protocol is Protocol.ALL and asked is not None:
        raise InputError("all protocols together have no port", "leave out --port, or name one protocol")
    if protocol is Protocol.ICMP:
        if asked is not None and asked > _HIGHEST_TYPE:
            raise InputError(
                f"ICMP has no type {asked}",
                f"--port is ICMP's type here: 0 to {_HIGHEST_TYPE}, or -1 for any",
            )
        return -1 if asked is None else asked
    if asked is not None and asked < 0:
        raise InputError(f"{protocol.value} has no port {asked}", "ports are 0 to 65535")
    return (443 if destination.kind in (Kind.SERVICE, Kind.ENDPOINT) else 22) if asked is None else asked
