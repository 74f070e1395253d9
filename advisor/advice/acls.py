"""Requests that change network ACLs: an allow entry with a free number, ahead of the entry that denies."""

from __future__ import annotations

from typing import Final

import msgspec

from advisor.advice.action import Action, Remedy, Undo, advise, members, request, slug
from advisor.advice.groups import ports
from advisor.advice.quotas import NETWORK_ACL_ENTRIES
from advisor.model.addresses import parse_prefix
from advisor.model.estate import Estate
from advisor.model.records.ec2 import NetworkAcl
from advisor.model.scope import Scope
from advisor.network.repairs import AdmitInNetworkAcl

_LAST: Final = 32766
_DEFAULT: Final = 32767
"""From here on are AWS's own last entries: `*` for IPv4, and 32768 for IPv6."""
_STEP: Final = 100
_WELL_KNOWN: Final = 1024
_PROTOCOLS: Final = {"tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58", "all": "-1"}


def admit_in_network_acl(repair: AdmitInNetworkAcl, estate: Estate) -> Remedy:
    """An allow entry before the one that denies; without a free number or room, what to do instead."""
    scope = estate.scope(repair.account, repair.region)
    acl = scope.network_acls.get(repair.network_acl)
    prefix = parse_prefix(repair.cidr)
    direction = "outbound" if repair.egress else "inbound"
    if prefix is None or (not repair.egress and prefix.length == 0 and repair.first_port < _WELL_KNOWN):
        return advise(
            "never-open-to-the-world", "unsafe", group=repair.network_acl, port=str(repair.first_port)
        )
    if acl is not None and acl.owner_id not in (None, scope.account):
        return advise(
            "ask-owner-for-entry",
            "owner",
            owner=str(acl.owner_id),
            acl=repair.network_acl,
            direction=direction,
            port=ports(repair.first_port, repair.last_port),
            peer=repair.cidr,
        )
    taken = _numbers(acl, repair.egress) if acl is not None else set()
    if len([n for n in taken if n < _DEFAULT]) >= NETWORK_ACL_ENTRIES:
        return advise(
            "network-acl-is-full",
            "limit",
            acl=repair.network_acl,
            direction=direction,
            limit=str(NETWORK_ACL_ENTRIES),
        )
    number = free_number(taken, repair.before)
    if number is None:
        return advise(
            "network-acl-no-number",
            "limit",
            acl=repair.network_acl,
            direction=direction,
            before=str(repair.before),
        )
    return Remedy((_entry(repair, number, scope),))


def free_number(taken: set[int], before: int) -> int | None:
    """The highest free number below `before`, so that earlier entries keep their say; None if there is none.

    Ahead of the default entry (32767) it is the next hundred after the last entry, as people number them.
    """
    if before >= _DEFAULT:
        last = max((n for n in taken if n < _DEFAULT), default=0)
        rounded = (last // _STEP + 1) * _STEP
        if rounded <= _LAST:
            return rounded
    return next((n for n in range(min(before, _DEFAULT) - 1, 0, -1) if n not in taken), None)


def renumbered(action: Action, estate: Estate) -> Action:
    """The same entry, where its number was taken since, with another one ahead of the entry that denies.

    Unchanged where the number is free, and where there is none left.
    """
    given = action.parameters
    acl = estate.scope(action.account, action.region).network_acls.get(given.get("NetworkAclId"))
    taken = _numbers(acl, given.get("Egress")) if acl is not None else set()
    number = given.get("RuleNumber")
    if number not in taken:
        return action
    is_last = number == max(each for each in taken if each < _DEFAULT)
    fresh = free_number(taken, _DEFAULT if is_last else number)
    if fresh is None:
        return action
    return msgspec.structs.replace(
        action,
        parameters=given.having("RuleNumber", fresh),
        names=tuple((name, str(fresh) if name == "number" else text) for name, text in action.names),
        rollback=tuple(
            msgspec.structs.replace(each, parameters=each.parameters.having("RuleNumber", fresh))
            for each in action.rollback
        ),
    )


def _numbers(acl: NetworkAcl, egress: bool) -> set[int]:
    return {entry.rule_number for entry in acl.entries if entry.egress == egress}


def _entry(repair: AdmitInNetworkAcl, number: int, scope: Scope) -> Action:
    protocol = _PROTOCOLS.get(repair.protocol, repair.protocol)
    is_icmp = protocol in ("1", "58")
    v6 = ":" in repair.cidr
    span = ports(repair.first_port, repair.last_port)
    acl, egress = repair.network_acl, repair.egress
    ranged = protocol in ("6", "17")
    return request(
        scope,
        "ec2:CreateNetworkAclEntry",
        members(
            NetworkAclId=acl,
            RuleNumber=number,
            Protocol=protocol,
            RuleAction="allow",
            Egress=egress,
            CidrBlock=None if v6 else repair.cidr,
            Ipv6CidrBlock=repair.cidr if v6 else None,
            PortRange=members(From=repair.first_port, To=repair.last_port) if ranged else None,
            IcmpTypeCode=members(Type=-1, Code=-1) if is_icmp else None,
        ),
        key=slug("entry", acl, "out" if egress else "in", repair.protocol, span, repair.cidr),
        text="admit-acl-outbound" if egress else "admit-acl-inbound",
        risk=3,
        undo=[
            Undo(
                "ec2:DeleteNetworkAclEntry",
                members(NetworkAclId=acl, RuleNumber=number, Egress=egress),
                "delete-acl-entry",
            )
        ],
        acl=acl,
        number=str(number),
        peer=repair.cidr,
        port=span,
        protocol=repair.protocol,
    )
