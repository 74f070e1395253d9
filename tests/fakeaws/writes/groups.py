"""Security groups and network ACLs."""

from __future__ import annotations

import copy
from typing import Any

from tests.fakeaws.wire import AwsError
from tests.fakeaws.writes.act import Act, Record

_SOURCES = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    "PrefixListIds": "PrefixListId",
    "UserIdGroupPairs": "GroupId",
}


def _create_group(act: Act) -> Record:
    given = act.given
    vpc = act.get("ec2:DescribeVpcs", given["VpcId"])
    for each in act.all("ec2:DescribeSecurityGroups"):
        if each["VpcId"] == vpc["VpcId"] and each["GroupName"] == given["GroupName"]:
            raise AwsError(
                "InvalidGroup.Duplicate", f"The security group '{given['GroupName']}' already exists"
            )
    id = act.new_id("sg")
    record = {
        "GroupId": id,
        "GroupName": given["GroupName"],
        "Description": given["Description"],
        "VpcId": vpc["VpcId"],
        "OwnerId": act.call.account,
        "IpPermissions": [],
        "IpPermissionsEgress": [
            {
                "IpProtocol": "-1",
                "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                "Ipv6Ranges": [],
                "PrefixListIds": [],
                "UserIdGroupPairs": [],
            }
        ],
        "Tags": act.tags("security-group"),
    }
    act.all("ec2:DescribeSecurityGroups").append(record)
    return {"GroupId": id, "Tags": record["Tags"]}


def _delete_group(act: Act) -> None:
    group = act.get("ec2:DescribeSecurityGroups", act.given["GroupId"])
    used = any(
        each["GroupId"] == group["GroupId"]
        for interface in act.all("ec2:DescribeNetworkInterfaces")
        for each in interface["Groups"]
    )
    named = any(
        pair.get("GroupId") == group["GroupId"]
        for other in act.all("ec2:DescribeSecurityGroups")
        if other is not group
        for permission in (*other["IpPermissions"], *other["IpPermissionsEgress"])
        for pair in permission.get("UserIdGroupPairs", [])
    )
    if used or named:
        raise AwsError("DependencyViolation", f"resource {group['GroupId']} has a dependent object")
    act.drop("ec2:DescribeSecurityGroups", group)


def _authorize(act: Act, key: str) -> Record:
    group = act.get("ec2:DescribeSecurityGroups", act.given["GroupId"])
    wanted = [rule for permission in _permissions(act) for rule in _single(act, permission)]
    present = [rule for permission in group[key] for rule in _single(act, permission)]
    for rule in wanted:
        if _key(rule) in [_key(each) for each in present]:
            raise AwsError("InvalidPermission.Duplicate", "the specified rule already exists")
    if len(present) + len(wanted) > 60:
        raise AwsError("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per group is 60.")
    for rule in wanted:
        _add(group[key], rule)
    return {"Return": True}


def _revoke(act: Act, key: str) -> Record:
    group = act.get("ec2:DescribeSecurityGroups", act.given["GroupId"])
    left = [rule for permission in group[key] for rule in _single(act, permission)]
    for permission in _permissions(act):
        for rule in _single(act, permission):
            match = next((each for each in left if _key(each) == _key(rule)), None)
            if match is None:
                raise AwsError(
                    "InvalidPermission.NotFound", "The specified rule does not exist in this group."
                )
            left.remove(match)
    group[key] = []
    for rule in left:
        _add(group[key], rule)
    return {"Return": True}


def _permissions(act: Act) -> list[Record]:
    """The rules of a request, in the long form; the short one has the parameters beside each other."""
    given = act.given
    if "IpPermissions" in given:
        return list(given["IpPermissions"])
    rule: Record = {"IpProtocol": given.get("IpProtocol", "-1")}
    rule |= {name: given[name] for name in ("FromPort", "ToPort") if name in given}
    if "CidrIp" in given:
        rule["IpRanges"] = [{"CidrIp": given["CidrIp"]}]
    return [rule]


def _single(act: Act, permission: Record) -> list[Record]:
    """A rule per source."""
    found = []
    for list_name, member in _SOURCES.items():
        for source in copy.deepcopy(permission.get(list_name) or []):
            if list_name == "UserIdGroupPairs":
                source.setdefault("UserId", act.call.account)
            rule = {
                name: permission[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in permission
            }
            found.append({**rule, "list": list_name, "member": member, "source": source})
    return found


def _key(rule: Record) -> tuple[Any, ...]:
    source = rule["source"]
    return (
        rule.get("IpProtocol"),
        rule.get("FromPort"),
        rule.get("ToPort"),
        rule["list"],
        source.get(rule["member"]),
    )


def _add(permissions: list[Record], rule: Record) -> None:
    head = {name: rule[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in rule}
    for each in permissions:
        if {name: each[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in each} == head:
            each.setdefault(rule["list"], []).append(rule["source"])
            return
    permissions.append({**head, **{name: [] for name in _SOURCES}, rule["list"]: [rule["source"]]})


# --- network ACLs ----------------------------------------------------------------------------------------


def _create_entry(act: Act) -> None:
    given = act.given
    acl = act.get("ec2:DescribeNetworkAcls", given["NetworkAclId"])
    if _entry(acl, given) is not None:
        raise AwsError(
            "NetworkAclEntryAlreadyExists", f"The network acl entry {given['RuleNumber']} already exists."
        )
    if not 1 <= given["RuleNumber"] <= 32766:
        raise AwsError("InvalidParameterValue", "The rule number must be between 1 and 32766.")
    entry = {name: value for name, value in given.items() if name != "NetworkAclId"}
    acl["Entries"].append(entry)
    acl["Entries"].sort(key=lambda each: (not each["Egress"], each["RuleNumber"]))


def _delete_entry(act: Act) -> None:
    acl = act.get("ec2:DescribeNetworkAcls", act.given["NetworkAclId"])
    entry = _entry(acl, act.given)
    if entry is None:
        raise AwsError("InvalidNetworkAclEntry.NotFound", "The specified network acl entry does not exist.")
    acl["Entries"].remove(entry)


def _entry(acl: Record, given: Record) -> Record | None:
    for each in acl["Entries"]:
        if (each["RuleNumber"], each["Egress"]) == (given["RuleNumber"], given["Egress"]):
            return each  # type: ignore[no-any-return]
    return None


DOINGS = {
    "ec2:CreateSecurityGroup": _create_group,
    "ec2:DeleteSecurityGroup": _delete_group,
    "ec2:AuthorizeSecurityGroupIngress": lambda act: _authorize(act, "IpPermissions"),
    "ec2:AuthorizeSecurityGroupEgress": lambda act: _authorize(act, "IpPermissionsEgress"),
    "ec2:RevokeSecurityGroupIngress": lambda act: _revoke(act, "IpPermissions"),
    "ec2:RevokeSecurityGroupEgress": lambda act: _revoke(act, "IpPermissionsEgress"),
    "ec2:CreateNetworkAclEntry": _create_entry,
    "ec2:DeleteNetworkAclEntry": _delete_entry,
}
