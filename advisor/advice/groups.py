"""Requests that change security groups."""

from __future__ import annotations

from typing import Final

from advisor.advice.action import (
    Action,
    Members,
    Ref,
    Remedy,
    Undo,
    Value,
    advise,
    members,
    request,
    result,
    slug,
)
from advisor.advice.quotas import RULES_PER_GROUP
from advisor.advice.room import rule_count
from advisor.model.addresses import parse_prefix
from advisor.model.estate import Estate
from advisor.model.records.ec2 import IpPermission
from advisor.model.scope import Scope
from advisor.network.repairs import AdmitInGroup

DESCRIPTION: Final = "added for connections to instances (proposed by advisor)"
"""What new rules say of themselves; only characters that every rule description admits."""

_BY_GROUP, _BY_LIST, _BY_RANGE = 1, 2, 2


def admit_in_group(repair: AdmitInGroup, estate: Estate) -> Remedy:
    """A rule that lets the flow in or out, by reference to the peer's group where there is one."""
    scope = estate.scope(repair.account, repair.region)
    if repair.peer_group is None and repair.peer_prefix_list is None and _is_open(repair):
        return advise("never-open-to-the-world", "unsafe", group=repair.group, port=str(repair.first_port))
    group = scope.security_groups.get(repair.group)
    if group is not None and group.owner_id not in (None, scope.account):
        peer = repair.peer_group or repair.peer_prefix_list or repair.peer_cidr or ""
        return advise(
            "ask-owner-for-rule",
            "owner",
            owner=str(group.owner_id),
            group=repair.group,
            port=ports(repair.first_port, repair.last_port),
            peer=peer,
            direction="outbound" if repair.egress else "inbound",
        )
    if group is not None and rule_count(group, repair.egress) >= RULES_PER_GROUP:
        return advise("group-is-full", "limit", group=repair.group, limit=str(RULES_PER_GROUP))
    return Remedy((rule(scope, repair),))


def rule(scope: Scope, repair: AdmitInGroup) -> Action:
    """The request for one rule."""
    peer = repair.peer_group or repair.peer_prefix_list or repair.peer_cidr or ""
    span = ports(repair.first_port, repair.last_port)
    verb = "Egress" if repair.egress else "Ingress"
    owner = foreign_owner(scope, repair.peer_group)
    parameters = members(GroupId=repair.group, IpPermissions=(permission(repair, owner, DESCRIPTION),))
    # A rule is revoked without its description: a wrong one there makes AWS say that there is no such rule.
    back = members(GroupId=repair.group, IpPermissions=(permission(repair, owner),))
    return request(
        scope,
        f"ec2:AuthorizeSecurityGroup{verb}",
        parameters,
        key=slug("rule", repair.group, "out" if repair.egress else "in", repair.protocol, span, peer),
        text="admit-outbound" if repair.egress else "admit-inbound",
        risk=_BY_GROUP if repair.peer_group else _BY_LIST if repair.peer_prefix_list else _BY_RANGE,
        undo=[Undo(f"ec2:RevokeSecurityGroup{verb}", back, "revoke-rule")],
        group=repair.group,
        peer=peer,
        port=span,
        protocol=repair.protocol,
    )


def permission(repair: AdmitInGroup, owner: str | None = None, description: str | None = None) -> Members:
    """The rule as an `IpPermission` with one peer."""
    peer: dict[str, Value]
    if repair.peer_group:
        pair = members(GroupId=repair.peer_group, UserId=owner, Description=description)
        peer = {"UserIdGroupPairs": (pair,)}
    elif repair.peer_prefix_list:
        peer = {"PrefixListIds": (members(PrefixListId=repair.peer_prefix_list, Description=description),)}
    elif ":" in (repair.peer_cidr or ""):
        peer = {"Ipv6Ranges": (members(CidrIpv6=repair.peer_cidr, Description=description),)}
    else:
        peer = {"IpRanges": (members(CidrIp=repair.peer_cidr, Description=description),)}
    every = repair.protocol in ("-1", "all")
    return members(
        IpProtocol="-1" if every else repair.protocol,
        FromPort=None if every else repair.first_port,
        ToPort=None if every else repair.last_port,
        **peer,
    )


def foreign_owner(scope: Scope, group: str | None) -> str | None:
    """The account of a referenced group, where it is another one (a peer's group must be named with it)."""
    record = scope.security_groups.get(group) if group else None
    owner = record.owner_id if record is not None else None
    return owner if owner != scope.account else None


def own_group(scope: Scope, vpc: str, purpose: str, description: str) -> tuple[tuple[Action, ...], str | Ref]:
    """A security group of ours in the VPC, with the request that makes it where it is not there yet.

    AWS gives a new one an outbound rule for everything, and refuses a second one of the same name: one that
    an earlier plan made is used again.
    """
    name = f"advisor-{purpose}-{vpc}"
    for each in scope.security_groups.values():
        if (each.group_name, each.vpc_id, each.owner_id or scope.account) == (name, vpc, scope.account):
            return (), each.group_id
    # The key is the name too: texts of rules that refer to the group before it is there say it.
    key = slug(name, foreign_vpc(scope, vpc))
    made = request(
        scope,
        "ec2:CreateSecurityGroup",
        members(GroupName=name, Description=description, VpcId=vpc),
        key=key,
        text="create-group",
        risk=1,
        undo=[Undo("ec2:DeleteSecurityGroup", members(GroupId=Ref(key, "GroupId")), "delete-group")],
        name=name,
        vpc=vpc,
    )
    return (made,), result(made)


def opens(permission: IpPermission, port: int) -> bool:
    """Whether a permission is about this TCP port."""
    first, last = permission.from_port, permission.to_port
    if permission.ip_protocol not in ("tcp", "6"):
        return permission.ip_protocol == "-1"
    return first is not None and last is not None and first <= port <= last


def foreign_vpc(scope: Scope, vpc: str) -> str:
    """The account where the VPC is another one's, so that keys of its participants differ; else nothing."""
    record = scope.vpcs.get(vpc)
    return scope.account if record is not None and record.owner_id not in (None, scope.account) else ""


def revoke_world(scope: Scope, group: str, port: int, cidr: str) -> Action:
    """The removal of an inbound rule that admits everybody to one port."""
    v6 = ":" in cidr
    parameters = members(
        GroupId=group,
        IpPermissions=(
            members(
                IpProtocol="tcp",
                FromPort=port,
                ToPort=port,
                IpRanges=None if v6 else (members(CidrIp=cidr),),
                Ipv6Ranges=(members(CidrIpv6=cidr),) if v6 else None,
            ),
        ),
    )
    return request(
        scope,
        "ec2:RevokeSecurityGroupIngress",
        parameters,
        key=slug("revoke", group, "in", "tcp", str(port), cidr),
        text="revoke-rule",
        risk=3,
        undo=[Undo("ec2:AuthorizeSecurityGroupIngress", parameters, "admit-inbound")],
        group=group,
        peer=cidr,
        port=str(port),
        protocol="tcp",
    )


def ports(first: int, last: int) -> str:
    """`22`, `1024-65535` or `all` (-1)."""
    if first == -1:
        return "all"
    return str(first) if first == last else f"{first}-{last}"


def _is_open(repair: AdmitInGroup) -> bool:
    """Whether the rule would admit the whole internet inbound."""
    prefix = parse_prefix(repair.peer_cidr or "")
    return not repair.egress and (prefix is None or prefix.length == 0)
