"""The network ACL gate: numbered entries, first match wins, each direction on its own (A1-A8)."""

from __future__ import annotations

from typing import Final

import msgspec

from advisor.model.addresses import Prefix, parse_prefix
from advisor.model.ports import ALL_PORTS, PortRange, intersect, merge, spell, subtract
from advisor.model.records.ec2 import NetworkAcl, NetworkAclEntry
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from advisor.network.flow import Protocol
from advisor.network.subject import Overlap, Subject, is_negligible, overlap

PROTOCOL_NUMBERS: Final = {"icmp": "1", "tcp": "6", "udp": "17", "icmpv6": "58", "all": "-1"}
LAST_RULE: Final = 32767


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A compiled entry; `prefix` is None where the CIDR cannot be read."""

    number: int
    allows: bool
    protocol: str
    ports: PortRange
    prefix: Prefix | None
    record: NetworkAclEntry

    def __str__(self) -> str:
        return f"entry {'*' if self.number >= LAST_RULE else self.number} {spell_entry(self.record)}"


class AclDecision(msgspec.Struct, frozen=True, gc=False):
    """What a network ACL does with a range of ports.

    `admitted` are the ports that pass for certain, `denied` those that do not; `entry` is the entry that
    decides (the first denying one, where it denies), `shadowed` an allow that stands behind it in vain.
    """

    verdict: Verdict
    entry: Entry | None
    admitted: tuple[PortRange, ...]
    denied: tuple[PortRange, ...]
    shadowed: Entry | None = None
    unreadable: Entry | None = None
    assumed_outside: tuple[Prefix, ...] = ()

    @property
    def is_partial(self) -> bool:
        """Whether some ports pass and others do not: connections work by chance."""
        return bool(self.admitted) and bool(self.denied)


def compile_entries(acl: NetworkAcl, egress: bool) -> tuple[Entry, ...]:
    """The entries of one direction in the order in which they are tried."""
    found = [
        Entry(
            number=record.rule_number,
            allows=record.rule_action.lower() == "allow",
            protocol=PROTOCOL_NUMBERS.get(record.protocol.lower(), record.protocol),
            ports=_ports(record),
            prefix=parse_prefix(record.cidr_block or record.ipv6_cidr_block or ""),
            record=record,
        )
        for record in acl.entries
        if record.egress == egress
    ]
    return tuple(sorted(found, key=lambda entry: entry.number))


def decide(entries: tuple[Entry, ...], peer: Subject, protocol: Protocol, ports: PortRange) -> AclDecision:
    """Read the entries in order and split `ports` into what is admitted, denied and undecided.

    `peer` is the address on the other side as this subnet sees it. A reply's ports are a whole range: it
    passes only if every port does (A4), since the client's system picks one by chance.
    """
    remaining: tuple[PortRange, ...] = (ports,)
    admitted: list[PortRange] = []
    denied: list[PortRange] = []
    may_admit: list[PortRange] = []
    may_deny: list[PortRange] = []
    deciding: Entry | None = None
    denying: Entry | None = None
    shadowed: Entry | None = None
    unreadable: Entry | None = None
    assumed: list[Prefix] = []
    for entry in entries:
        if not _speaks_of(entry, protocol):
            continue
        hit = intersect(remaining, entry.ports)
        if not hit:
            if denying is not None and shadowed is None and entry.allows and _covers(entry, peer, ports):
                shadowed = entry
            continue
        if entry.prefix is None:
            unreadable = unreadable or entry
            (may_admit if entry.allows else may_deny).extend(hit)
            continue
        share = overlap(entry.prefix, peer)
        if share is Overlap.NONE:
            continue
        if share is Overlap.PART:
            if not entry.allows and is_negligible(entry.prefix, peer):
                assumed.append(entry.prefix)
            else:
                (may_admit if entry.allows else may_deny).extend(hit)
            continue
        if entry.allows:
            admitted.extend(hit)
            deciding = deciding or entry
        else:
            denied.extend(hit)
            denying = denying or entry
        for part in hit:
            remaining = subtract(remaining, part)
        if not remaining and denying is None:
            break
    denied.extend(remaining)  # the implicit `*` entry at the end
    # An entry that may or may not hold the peer matters only where what follows says the contrary of it.
    if _without(denied, may_admit):
        verdict = BLOCKED
    elif denied or any(intersect(merge(admitted), part) for part in may_deny):
        verdict = UNKNOWN
    else:
        verdict = READY
    return AclDecision(
        verdict=verdict,
        entry=deciding if verdict is READY else denying,
        admitted=merge(admitted),
        denied=merge(denied),
        shadowed=shadowed,
        unreadable=unreadable,
        assumed_outside=tuple(assumed),
    )


def spell_entry(record: NetworkAclEntry) -> str:
    """`deny tcp 22 from 0.0.0.0/0`."""
    protocol = {"-1": "all", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}.get(
        record.protocol, record.protocol
    )
    span = _ports(record)
    ports = "" if protocol in {"all", "icmp", "icmpv6"} or span == ALL_PORTS else f" {span}"
    side = "to" if record.egress else "from"
    where = record.cidr_block or record.ipv6_cidr_block or "?"
    return f"{record.rule_action.lower()} {protocol}{ports} {side} {where}"


def spell_split(decision: AclDecision) -> str:
    """`admits 49152-65535, not 32768-49151`."""
    return f"admits {spell(decision.admitted)}, not {spell(decision.denied)}"


def _without(ranges: list[PortRange], cuts: list[PortRange]) -> tuple[PortRange, ...]:
    left = merge(ranges)
    for cut in cuts:
        left = subtract(left, cut)
    return left


def _ports(record: NetworkAclEntry) -> PortRange:
    kind = record.icmp_type_code
    if kind is not None and record.port_range is None:
        # For ICMP the type takes the port's place; -1 is any.
        return ALL_PORTS if kind.type in (None, -1) else PortRange(kind.type, kind.type)
    span = record.port_range
    # Protocol -1 ignores ports even where an entry shows some (A7).
    if span is None or PROTOCOL_NUMBERS.get(record.protocol.lower(), record.protocol) == "-1":
        return ALL_PORTS
    return PortRange(span.from_ if span.from_ is not None else 0, span.to if span.to is not None else 65535)


def _speaks_of(entry: Entry, protocol: Protocol) -> bool:
    if entry.protocol == "-1":
        return True
    if protocol is Protocol.ALL:
        # An allow for one protocol does not admit all of them, but a deny of one breaks "all".
        return not entry.allows
    if protocol is Protocol.ICMP:
        return entry.protocol in {"1", "58"}
    return entry.protocol == PROTOCOL_NUMBERS[protocol.value]


def _covers(entry: Entry, peer: Subject, ports: PortRange) -> bool:
    return (
        entry.prefix is not None
        and overlap(entry.prefix, peer) is Overlap.FULL
        and entry.ports.overlaps(ports)
    )
