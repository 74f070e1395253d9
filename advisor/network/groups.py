"""The security group gate: allow-only rules, the union over an interface's groups, replies free (G1-G12)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from advisor.model.addresses import Prefix, parse_prefix
from advisor.model.evidence import Missing
from advisor.model.ports import ALL_PORTS, PortRange
from advisor.model.records.ec2 import (
    IpPermission,
    ReferencedSecurityGroup,
    SecurityGroup,
    SecurityGroupRule,
    UserIdGroupPair,
)
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from advisor.network import codes
from advisor.network.flow import Protocol
from advisor.network.subject import Overlap, Subject, as_cidr, is_somewhere_public, overlap

_NOT_SHOWN: Final = "not shown"
ONE_CODE: Final = {0, 8, 13, 14, 15, 16, 17, 18, 128, 129}
"""ICMP types that have no code but 0 (echo, timestamp, information, address mask; echo of ICMPv6)."""
_NUMBERS: Final = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "-1": "all"}


class Identity(enum.Enum):
    """Whether a packet still carries the security groups of the interface that sent it (M2, T4, P2)."""

    __hash__ = object.__hash__  # members are single; Enum's own hashes the name each time

    KEPT = "kept"
    LOST = "lost"
    NO_TRANSIT_SUPPORT = "no-transit-support"
    PUBLIC_ADDRESS = "public-address"
    UNKNOWN = "unknown"


class Rule(msgspec.Struct, frozen=True, gc=False):
    """A compiled rule: one peer, one protocol, one port range.

    Exactly one of `prefix`, `group`, `prefix_list` tells the peer; `unreadable` stands in their place where
    the rule cannot be read, or admits only a part of what a flow asks.
    """

    id: str
    group_id: str
    egress: bool
    protocol: str
    ports: PortRange
    prefix: Prefix | None = None
    group: str | None = None
    prefix_list: str | None = None
    peering_status: str | None = None
    peer_owner: str | None = None
    unreadable: str | None = None
    description: str | None = None

    def __str__(self) -> str:
        side = "to" if self.egress else "from"
        what = "all traffic" if self.protocol == "all" else self.protocol
        if self.protocol in {"tcp", "udp"} and self.ports != ALL_PORTS:
            what += f" {self.ports}"
        peer = self.prefix or self.group or self.prefix_list or self.unreadable
        # Without ids of rules (sgr-…), the group's own id says nothing more.
        return f"{what} {side} {peer}" if self.id == self.group_id else f"{self.id}: {what} {side} {peer}"


class Peer(msgspec.Struct, frozen=True, gc=False):
    """The other side as an interface's security groups see it.

    `spoken` is how texts name it; `groups` the groups of its interface, `None` where they are not known.
    """

    address: Subject
    spoken: str
    groups: frozenset[str] | None = frozenset()
    identity: Identity = Identity.KEPT


class GroupDecision(msgspec.Struct, frozen=True, gc=False):
    """What an interface's groups do with a packet; `rule` admits it, `nearest` came closest."""

    verdict: Verdict
    rule: Rule | None = None
    code: str | None = None
    nearest: Rule | None = None
    count: int = 0
    missing: tuple[Missing, ...] = ()
    because: str = ""


class RuleBookOfGroup(msgspec.Struct, frozen=True, gc=False):
    """The compiled rules of one group, each direction on its own."""

    ingress: tuple[Rule, ...]
    egress: tuple[Rule, ...]


def compile_group(group: SecurityGroup, rules: Iterable[SecurityGroupRule]) -> RuleBookOfGroup:
    """Compile a group: from `DescribeSecurityGroupRules` where it was read (rule ids), else as described."""
    compiled = [_from_rule(rule) for rule in rules]
    if not compiled:
        for egress, permissions in ((False, group.ip_permissions), (True, group.ip_permissions_egress)):
            for permission in permissions:
                compiled.extend(_from_permission(group.group_id, permission, egress))
    return RuleBookOfGroup(
        ingress=tuple(rule for rule in compiled if not rule.egress),
        egress=tuple(rule for rule in compiled if rule.egress),
    )


def decide(
    rules: Iterable[Rule],
    peer: Peer,
    protocol: Protocol,
    ports: PortRange,
    entries_of: Mapping[str, tuple[Prefix, ...] | Missing],
) -> GroupDecision:
    """Whether one of the rules admits the packet; `entries_of` expands the prefix lists they name.

    A rule that cannot be read, a prefix list without its entries or a peer whose groups are unknown never
    becomes "does not match": without a rule that admits for certain, the answer is unknown.
    """
    rules = tuple(rules)
    version = peer.address.version
    doubts: list[Missing] = []
    doubtful_rule: Rule | None = None
    refused: Rule | None = None
    reason: tuple[str, str] | None = None
    names_blocks = False
    for rule in rules:
        if not _speaks_of(rule, protocol, ports, version):
            continue
        if rule.unreadable is not None:
            doubtful_rule = rule
            doubts.append(
                Missing("ec2:DescribeSecurityGroups", "undecidable", None, rule.group_id, str(rule))
            )
            continue
        if rule.group is not None:
            verdict, doubt, why = _by_reference(rule, peer)
            if verdict is READY:
                return GroupDecision(READY, rule, count=len(rules))
            if doubt is not None:
                doubts.append(doubt)
                doubtful_rule = rule
            if why is not None:
                reason, refused = why, rule
            continue
        names_blocks = True
        prefixes = _blocks(rule, entries_of)
        if isinstance(prefixes, Missing):
            doubts.append(prefixes)
            doubtful_rule = rule
            continue
        share = _share(prefixes, peer)
        if share is Overlap.FULL:
            return GroupDecision(READY, rule, count=len(rules))
        if share is Overlap.PART:
            doubtful_rule = rule
            doubts.append(
                Missing(
                    "ec2:DescribeSecurityGroups", "undecidable", None, rule.group_id, _in_part(rule, peer)
                )
            )
    nearest = refused or _nearest(rules, peer, protocol, ports, entries_of)
    if doubts:
        return GroupDecision(
            UNKNOWN,
            doubtful_rule,
            None,
            nearest,
            len(rules),
            tuple(dict.fromkeys(doubts)),
            str(doubtful_rule),
        )
    if names_blocks and reason is not None and reason[0] == codes.ADV_SG_REF_PUBLIC_IP:
        reason = None  # there are rules for blocks too, and they do not hold the address
    code, because = reason or (codes.ENI_SG_RULES_MISMATCH if rules else codes.SG_HAS_NO_RULES, "")
    return GroupDecision(BLOCKED, None, code, nearest, len(rules), because=because)


def _nearest(
    rules: tuple[Rule, ...],
    peer: Peer,
    protocol: Protocol,
    ports: PortRange,
    entries_of: Mapping[str, tuple[Prefix, ...] | Missing],
) -> Rule | None:
    """The rule that comes closest: for this traffic from others, else for other traffic from this peer."""

    def closeness(rule: Rule) -> tuple[bool, bool, bool]:
        blocks = _blocks(rule, entries_of)
        names_peer = rule.group in (peer.groups or ()) or (
            not isinstance(blocks, Missing) and _share(blocks, peer) is not Overlap.NONE
        )
        speaks = _speaks_of(rule, protocol, ports, peer.address.version)
        return speaks, names_peer, rule.protocol == protocol.value

    return max(rules, key=closeness, default=None)


def _blocks(
    rule: Rule, entries_of: Mapping[str, tuple[Prefix, ...] | Missing]
) -> tuple[Prefix, ...] | Missing:
    """The blocks that a rule names, itself or by a prefix list."""
    if rule.prefix_list is not None:
        return entries_of[rule.prefix_list]
    return (rule.prefix,) if rule.prefix is not None else ()


def _share(blocks: tuple[Prefix, ...], peer: Peer) -> Overlap:
    return max((overlap(each, peer.address) for each in blocks), key=lambda o: o.value, default=Overlap.NONE)


def _by_reference(rule: Rule, peer: Peer) -> tuple[Verdict, Missing | None, tuple[str, str] | None]:
    """A referenced group stands for interfaces that carry it, by private address (G4)."""
    if (rule.peering_status or "active").lower() in {"deleted", "rejected", "expired", "failed"}:
        return (
            BLOCKED,
            None,
            (codes.ADV_SG_REF_STALE, f"{rule} is stale: its peering is {rule.peering_status}"),
        )
    if rule.peering_status == _NOT_SHOWN and rule.group in (peer.groups or ()):
        says = f"whether the peering of {rule} is active is not shown"
        doubt = Missing("ec2:DescribeSecurityGroups", "absent", None, rule.group_id, says)
        return UNKNOWN, doubt, None
    if peer.identity is Identity.PUBLIC_ADDRESS:
        why = f"{rule} refers to a group, and the packet arrives from a public address"
        return BLOCKED, None, (codes.ADV_SG_REF_PUBLIC_IP, why)
    if peer.groups is None:
        doubt = Missing("ec2:DescribeNetworkInterfaces", "absent", None, None, f"the groups of {peer.spoken}")
        return UNKNOWN, doubt, None
    if rule.group not in peer.groups:
        return BLOCKED, None, None
    match peer.identity:  # PUBLIC_ADDRESS was answered above
        case Identity.KEPT:
            return READY, None, None
        case Identity.UNKNOWN:
            doubt = Missing("ec2:DescribeTransitGateways", "absent", None, rule.group, "group referencing")
            return UNKNOWN, doubt, None
        case Identity.NO_TRANSIT_SUPPORT:
            why = f"{rule} refers to a group, and group referencing is off on the transit gateway's path"
            return BLOCKED, None, (codes.SG_REFERENCING_SUPPORT, why)
        case _:
            why = f"{rule} refers to a group, which does not survive this path"
            return BLOCKED, None, (codes.SG_REFERENCES_NOT_PRESERVED, why)


def _in_part(rule: Rule, peer: Peer) -> str:
    if is_somewhere_public(peer.address):
        return f"{rule} admits a part of the internet; whether {peer.spoken} lies in it is not known"
    return f"{rule} admits a part of {as_cidr(peer.address)} only"


def _speaks_of(rule: Rule, protocol: Protocol, ports: PortRange, version: int) -> bool:
    if rule.protocol == "all":
        return True
    if protocol is Protocol.ALL:
        return False
    if protocol is Protocol.ICMP:
        # Two protocols, although people call both ping: a rule for the one admits nothing of the other.
        return rule.protocol == ("icmp" if version == 4 else "icmpv6") and rule.ports.covers(ports)
    return rule.protocol == protocol.value and rule.ports.covers(ports)


def _span(protocol: str, first: int | None, last: int | None) -> PortRange:
    if protocol == "all":
        return ALL_PORTS
    if protocol in {"icmp", "icmpv6"}:
        # FromPort is the ICMP type, ToPort the code; -1 is any (G3).
        return ALL_PORTS if first is None or first == -1 else PortRange(first, first)
    if first is None or first == -1 or last is None or last == -1:
        return ALL_PORTS
    return PortRange(first, last)


def _gap(protocol: str | None, first: int | None, last: int | None) -> str | None:
    """What an answer leaves out of a rule, or what the rule leaves out of a flow: then it may not admit."""
    if not protocol:
        return "its protocol is not shown"
    if _protocol(protocol) in {"tcp", "udp"} and (first is None or last is None):
        return "its ports are not shown"
    if _protocol(protocol) in {"icmp", "icmpv6"} and last not in (None, -1) and first not in ONE_CODE:
        return f"it is for code {last} only"
    return None


def _protocol(text: str | None) -> str:
    return _NUMBERS.get(text or "-1", (text or "").lower())


def _from_permission(group_id: str, permission: IpPermission, egress: bool) -> list[Rule]:
    protocol = _protocol(permission.ip_protocol)
    ports = _span(protocol, permission.from_port, permission.to_port)
    gap = _gap(permission.ip_protocol, permission.from_port, permission.to_port)

    def rule(**peer: str | Prefix | None) -> Rule:
        made = Rule(group_id, group_id, egress, protocol, ports, **peer)  # type: ignore[arg-type]
        return _unreadable(made, gap)

    compiled = [
        *(_of_cidr(rule, each.cidr_ip) for each in permission.ip_ranges),
        *(_of_cidr(rule, each.cidr_ipv6) for each in permission.ipv6_ranges),
        *(rule(prefix_list=each.prefix_list_id) for each in permission.prefix_list_ids),
    ]
    for pair in permission.user_id_group_pairs:
        if pair.group_id is None:
            compiled.append(rule(unreadable=f"a group named {pair.group_name}"))
        else:
            compiled.append(rule(group=pair.group_id, peering_status=_peering(pair), peer_owner=pair.user_id))
    return compiled


def _unreadable(rule: Rule, gap: str | None) -> Rule:
    """The rule as one of which something is missing: it stands for its peer and admits nothing for sure."""
    if gap is None or rule.unreadable is not None:
        return rule
    peer = rule.prefix or rule.group or rule.prefix_list
    return msgspec.structs.replace(
        rule, prefix=None, group=None, prefix_list=None, unreadable=f"{peer} ({gap})"
    )


def _peering(reference: UserIdGroupPair | ReferencedSecurityGroup) -> str | None:
    """The status of the peering by which a rule names a group of another VPC."""
    if reference.vpc_peering_connection_id is None:
        return reference.peering_status
    return reference.peering_status or _NOT_SHOWN


def _of_cidr(rule: object, text: str) -> Rule:
    assert callable(rule)
    prefix = parse_prefix(text)
    made = rule(prefix=prefix) if prefix is not None else rule(unreadable=f"unreadable block {text!r}")
    assert isinstance(made, Rule)
    return made


def _from_rule(record: SecurityGroupRule) -> Rule:
    protocol = _protocol(record.ip_protocol)
    ports = _span(protocol, record.from_port, record.to_port)
    text = record.cidr_ipv4 or record.cidr_ipv6
    prefix = parse_prefix(text) if text else None
    reference = record.referenced_group_info
    group = reference.group_id if reference is not None else None
    unreadable = None
    if prefix is None and group is None and record.prefix_list_id is None:
        unreadable = f"unreadable peer {text!r}"
    rule = Rule(
        id=record.security_group_rule_id,
        group_id=record.group_id,
        egress=record.is_egress,
        protocol=protocol,
        ports=ports,
        prefix=prefix,
        group=group,
        prefix_list=record.prefix_list_id,
        peering_status=_peering(reference) if reference is not None else None,
        peer_owner=reference.user_id if reference is not None else None,
        unreadable=unreadable,
        description=record.description,
    )
    return _unreadable(rule, _gap(record.ip_protocol, record.from_port, record.to_port))
