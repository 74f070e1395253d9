"""Effects of requests on security groups and network ACLs."""

from __future__ import annotations

from typing import Any, Final

from advisor.advice.change import Change, Effect, altered, decoded
from advisor.model.estate import Estate
from advisor.model.records import ec2
from advisor.model.scope import Scope

_PEERS: Final = ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")


def _authorize(egress: bool) -> Effect:
    def effect(change: Change) -> Estate:
        group = change.scope.security_groups.get(change.given["GroupId"])
        if group is None:
            return change.estate
        added = tuple(decoded(each, ec2.IpPermission) for each in change.given["IpPermissions"])
        scope = change.scope.having(Scope.security_groups, _with(group, egress, _of(group, egress) + added))
        # Where the rules were read one by one the network prefers them, so both views must say the same.
        if any(each.group_id == group.group_id for each in scope.security_group_rules.values()):
            for position, raw in enumerate(change.given["IpPermissions"]):
                identity = f"sgr-new-{change.action.key}-{position}"
                scope = scope.having(Scope.security_group_rules, _rule(identity, group, egress, raw))
        return change.having(scope)

    return effect


def _revoke(egress: bool) -> Effect:
    def effect(change: Change) -> Estate:
        group = change.scope.security_groups.get(change.given["GroupId"])
        if group is None:
            return change.estate
        gone = [decoded(each, ec2.IpPermission) for each in change.given["IpPermissions"]]
        left = tuple(reduced for each in _of(group, egress) if (reduced := _without(each, gone)) is not None)
        scope = change.scope.having(Scope.security_groups, _with(group, egress, left))
        for identity, rule in change.scope.security_group_rules.items():
            if rule.group_id == group.group_id and rule.is_egress == egress and _is_one_of(rule, gone):
                scope = scope.without(Scope.security_group_rules, identity)
        return change.having(scope)

    return effect


def _of(group: ec2.SecurityGroup, egress: bool) -> tuple[ec2.IpPermission, ...]:
    return group.ip_permissions_egress if egress else group.ip_permissions


def _with(
    group: ec2.SecurityGroup, egress: bool, permissions: tuple[ec2.IpPermission, ...]
) -> ec2.SecurityGroup:
    if egress:
        return altered(group, ip_permissions_egress=permissions)
    return altered(group, ip_permissions=permissions)


def _rule(
    identity: str, group: ec2.SecurityGroup, egress: bool, raw: dict[str, Any]
) -> ec2.SecurityGroupRule:
    permission = decoded(raw, ec2.IpPermission)
    pair = permission.user_id_group_pairs[0] if permission.user_id_group_pairs else None
    return ec2.SecurityGroupRule(
        security_group_rule_id=identity,
        group_id=group.group_id,
        group_owner_id=group.owner_id,
        is_egress=egress,
        ip_protocol=permission.ip_protocol,
        from_port=permission.from_port,
        to_port=permission.to_port,
        cidr_ipv4=permission.ip_ranges[0].cidr_ip if permission.ip_ranges else None,
        cidr_ipv6=permission.ipv6_ranges[0].cidr_ipv6 if permission.ipv6_ranges else None,
        prefix_list_id=permission.prefix_list_ids[0].prefix_list_id if permission.prefix_list_ids else None,
        referenced_group_info=ec2.ReferencedSecurityGroup(group_id=pair.group_id, user_id=pair.user_id)
        if pair
        else None,
    )


def _is_one_of(rule: ec2.SecurityGroupRule, gone: list[ec2.IpPermission]) -> bool:
    referenced = rule.referenced_group_info.group_id if rule.referenced_group_info else None
    return any(
        (each.ip_protocol, each.from_port, each.to_port) == (rule.ip_protocol, rule.from_port, rule.to_port)
        and (
            rule.cidr_ipv4 in {one.cidr_ip for one in each.ip_ranges}
            or rule.cidr_ipv6 in {one.cidr_ipv6 for one in each.ipv6_ranges}
            or rule.prefix_list_id in {one.prefix_list_id for one in each.prefix_list_ids}
            or referenced in {one.group_id for one in each.user_id_group_pairs}
        )
        for each in gone
    )


def _without(each: ec2.IpPermission, gone: list[ec2.IpPermission]) -> ec2.IpPermission | None:
    """What is left of a permission; AWS compares peers without their descriptions."""
    left = each
    for other in gone:
        if (other.ip_protocol, other.from_port, other.to_port) != (
            left.ip_protocol,
            left.from_port,
            left.to_port,
        ):
            continue
        ranges = {one.cidr_ip for one in other.ip_ranges}
        ranges6 = {one.cidr_ipv6 for one in other.ipv6_ranges}
        lists = {one.prefix_list_id for one in other.prefix_list_ids}
        groups = {one.group_id for one in other.user_id_group_pairs}
        left = altered(
            left,
            ip_ranges=tuple(one for one in left.ip_ranges if one.cidr_ip not in ranges),
            ipv6_ranges=tuple(one for one in left.ipv6_ranges if one.cidr_ipv6 not in ranges6),
            prefix_list_ids=tuple(one for one in left.prefix_list_ids if one.prefix_list_id not in lists),
            user_id_group_pairs=tuple(one for one in left.user_id_group_pairs if one.group_id not in groups),
        )
    is_empty = not (left.ip_ranges or left.ipv6_ranges or left.prefix_list_ids or left.user_id_group_pairs)
    return None if is_empty else left


def _create_group(change: Change) -> Estate:
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    group = decoded(
        {
            "GroupId": change.new_id(),
            "GroupName": change.given["GroupName"],
            "Description": change.given["Description"],
            "VpcId": change.given["VpcId"],
            "OwnerId": change.scope.account,
            "IpPermissionsEgress": [everything],
        },
        ec2.SecurityGroup,
    )
    return change.having(change.scope.having(Scope.security_groups, group))


def _delete_group(change: Change) -> Estate:
    return change.having(change.scope.without(Scope.security_groups, change.given["GroupId"]))


def _create_entry(change: Change) -> Estate:
    acl = change.scope.network_acls.get(change.given["NetworkAclId"])
    if acl is None:
        return change.estate
    entry = decoded(
        {key: value for key, value in change.given.items() if key != "NetworkAclId"}, ec2.NetworkAclEntry
    )
    changed = altered(acl, entries=(*acl.entries, entry))
    return change.having(change.scope.having(Scope.network_acls, changed))


def _delete_entry(change: Change) -> Estate:
    acl = change.scope.network_acls.get(change.given["NetworkAclId"])
    if acl is None:
        return change.estate
    gone = (change.given["RuleNumber"], change.given["Egress"])
    left = tuple(each for each in acl.entries if (each.rule_number, each.egress) != gone)
    return change.having(change.scope.having(Scope.network_acls, altered(acl, entries=left)))


GUARDS: Final[dict[str, Effect]] = {
    "ec2:AuthorizeSecurityGroupEgress": _authorize(egress=True),
    "ec2:AuthorizeSecurityGroupIngress": _authorize(egress=False),
    "ec2:CreateNetworkAclEntry": _create_entry,
    "ec2:CreateSecurityGroup": _create_group,
    "ec2:DeleteNetworkAclEntry": _delete_entry,
    "ec2:DeleteSecurityGroup": _delete_group,
    "ec2:RevokeSecurityGroupEgress": _revoke(egress=True),
    "ec2:RevokeSecurityGroupIngress": _revoke(egress=False),
}
