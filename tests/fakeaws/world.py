"""A world out of a snapshot: so that any account that was read can be served again."""

from __future__ import annotations

import json
from typing import Any

from advisor.model.coverage import Status
from advisor.snapshot.store import Snapshot
from tests.scenes.place import Fault, Place, World


def world_of(snapshot: Snapshot) -> World:
    """A world that answers what the snapshot holds, with its denials and gaps."""
    world = World()
    for each in snapshot.responses:
        place = world.place(each.account, each.region)
        records = json.loads(bytes(each.records))
        if each.operation == "iam:GetAccountAuthorizationDetails":
            for page in records:
                _take_apart(place, page)
        else:
            place.records[each.operation].extend(records)
        if each.coverage.status in (Status.DENIED, Status.FAILED):
            place.faults[each.operation] = Fault(each.status, each.code, each.message)
        for gap in each.gaps:
            place.gaps[each.operation][gap.resource] = gap
    return world


def _take_apart(home: Place, page: dict[str, Any]) -> None:
    """The authorization details as the calls per role would tell them."""
    records = home.records
    for role in page.get("RoleDetailList", []):
        name = role["RoleName"]
        bare = {
            key: value
            for key, value in role.items()
            if key not in ("InstanceProfileList", "RolePolicyList", "AttachedManagedPolicies")
        }
        records["iam:GetRole"].append({"Role": bare})
        records["iam:ListRoleTags"].append({"RoleName": name, "Tags": role.get("Tags", [])})
        records["iam:ListAttachedRolePolicies"].append(
            {"RoleName": name, "AttachedPolicies": list(role.get("AttachedManagedPolicies", []))}
        )
        inline = role.get("RolePolicyList", [])
        records["iam:ListRolePolicies"].append(
            {"RoleName": name, "PolicyNames": [each["PolicyName"] for each in inline]}
        )
        records["iam:GetRolePolicy"].extend({"RoleName": name, **each} for each in inline)
        for profile in role.get("InstanceProfileList", []):
            records["iam:GetInstanceProfile"].append({"InstanceProfile": {**profile, "Roles": [bare]}})
    for policy in page.get("Policies", []):
        versions = policy.get("PolicyVersionList", [])
        bare = {key: value for key, value in policy.items() if key != "PolicyVersionList"}
        records["iam:GetPolicy"].append({"Policy": bare})
        records["iam:GetPolicyVersion"].extend(
            {"PolicyArn": policy["Arn"], "PolicyVersion": version} for version in versions
        )
    people = {key: page.get(key, []) for key in ("UserDetailList", "GroupDetailList")}
    records["iam:GetAccountAuthorizationDetails"].append(people)
