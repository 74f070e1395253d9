"""The network ACL gate: numbered entries, first match wins, each direction on its own (A1-A8)."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import msgspec

from advisor.model.addresses import Prefix, parse_prefix
from advisor.model.ports import ALL_PORTS, PortRange, intersect, merge, spell, subtract
from advisor.model.records.ec2 import NetworkAcl, NetworkAclEntry
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from advisor.network.flow import Protocol
from advisor.network.groups import ONE_CODE
from advisor.network.subject import Overlap, Subject, is_negligible, overlap

PROTOCOL_NUMBERS: Final = {"icmp": "1", "tcp": "6", "udp": "17", "icmpv6": "58", "all": "-1"}
LAST_RULE: Final = 32767
_ACTIONS: Final = {"allow", "deny"}


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A compiled entry; `gap` says what of it cannot be read, or which part of the traffic it leaves out."""

    number: int
    allows: bool
    protocol: str
    ports: PortRange
    prefix: Prefix | None
    record: NetworkAclEntry
    gap: str = ""

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
    found = [_compile(record) for record in acl.entries if record.egress == egress]
    actions: dict[tuple[int, int | None], set[bool]] = defaultdict(set)
    for entry in found:
        actions[_slot(entry)].add(entry.allows)
    found = [
        msgspec.structs.replace(entry, gap="another one of its number says the contrary")
        if len(actions[_slot(entry)]) > 1
        else entry
        for entry in found
    ]
    return tuple(sorted(found, key=lambda entry: entry.number))


def _slot(entry: Entry) -> tuple[int, int | None]:
    """A number stands once in a direction; only the last one does so for each IP version."""
    return entry.number, entry.prefix.version if entry.prefix is not None else None


def _compile(record: NetworkAclEntry) -> Entry:
    protocol = PROTOCOL_NUMBERS.get(record.protocol.lower(), record.protocol)
    prefix = parse_prefix(record.cidr_block or record.ipv6_cidr_block or "")
    action = record.rule_action.lower()
    gap = "" if prefix is not None else "its block cannot be read"
    if action not in _ACTIONS:
        gap = "its action cannot be read"
    return Entry(
        number=record.rule_number,
        allows=action == "allow",
        protocol=protocol,
        ports=_ports(record),
        prefix=prefix,
        record=record,
        gap=gap or _gap(protocol, record),
    )


def _gap(protocol: str, record: NetworkAclEntry) -> str:
    span, kind = record.port_range, record.icmp_type_code
    if protocol in {"6", "17"} and (span is None or span.from_ is None or span.to is None):
        return "its ports are not shown"
    if protocol in {"1", "58"} and kind is not None and kind.code not in (None, -1):
        return "" if kind.type in ONE_CODE else f"it is for code {kind.code} only"
    return ""


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
        if not _speaks_of(entry, protocol, peer.version):
            continue
        hit = intersect(remaining, entry.ports)
        if not hit:
            if denying is not None and shadowed is None and entry.allows and _covers(entry, peer, ports):
                shadowed = entry
            continue
        share = overlap(entry.prefix, peer) if entry.prefix is not None else Overlap.PART
        if share is Overlap.NONE:
            continue
        if entry.gap:
            unreadable = unreadable or entry
            if entry.record.rule_action.lower() not in _ACTIONS:
                may_admit.extend(hit)
            (may_admit if entry.allows else may_deny).extend(hit)
            continue
        if share is Overlap.PART:
            assert entry.prefix is not None
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


def _speaks_of(entry: Entry, protocol: Protocol, version: int) -> bool:
    if entry.protocol == "-1":
        return True
    if protocol is Protocol.ALL:
        # An allow for one protocol does not admit all of them, but a deny of one breaks "all".
        return not entry.allows
    if protocol is Protocol.ICMP:
        return entry.protocol == ("1" if version == 4 else "58")
    return entry.protocol == PROTOCOL_NUMBERS[protocol.value]


def _covers(entry: Entry, peer: Subject, ports: PortRange) -> bool:
    return (
        entry.prefix is not None
        and overlap(entry.prefix, peer) is Overlap.FULL
        and entry.ports.overlaps(ports)
    )
