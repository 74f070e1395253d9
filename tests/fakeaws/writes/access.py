"""IAM: roles, their policies and instance profiles."""

from __future__ import annotations

import json
from typing import Any

from tests.fakeaws.wire import AwsError
from tests.fakeaws.writes.act import NOW, Act, Record
from tests.scenes.identity import MANAGED

_DETAILS = "iam:GetAccountAuthorizationDetails"


def _missing(kind: str, name: str) -> AwsError:
    return AwsError("NoSuchEntity", f"The {kind} with name {name} cannot be found.", 404)


def _role(act: Act, name: str) -> Record:
    for answer in act.all("iam:GetRole"):
        if answer["Role"]["RoleName"] == name:
            return answer["Role"]  # type: ignore[no-any-return]
    raise _missing("role", name)


def _answer(act: Act, operation: str, **wanted: str) -> Record | None:
    for each in act.all(operation):
        if all(each[name] == value for name, value in wanted.items()):
            return each
    return None


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise AwsError("MalformedPolicyDocument", "Syntax errors in policy.") from None


def _create_role(act: Act) -> Record:
    given = act.given
    name, path = given["RoleName"], given.get("Path", "/")
    if any(each["Role"]["RoleName"] == name for each in act.all("iam:GetRole")):
        raise AwsError("EntityAlreadyExists", f"Role with name {name} already exists.", 409)
    role = {
        "RoleName": name,
        "Path": path,
        "RoleId": f"AROA{act.new_id('role')[-16:].upper()}",
        "Arn": f"arn:aws:iam::{act.call.account}:role{path}{name}",
        "CreateDate": NOW,
        "AssumeRolePolicyDocument": _document(given["AssumeRolePolicyDocument"]),
        "MaxSessionDuration": 3600,
    }
    act.all("iam:GetRole").append({"Role": role})
    act.all("iam:ListAttachedRolePolicies").append({"RoleName": name, "AttachedPolicies": []})
    act.all("iam:ListRolePolicies").append({"RoleName": name, "PolicyNames": []})
    act.all("iam:ListRoleTags").append({"RoleName": name, "Tags": given.get("Tags") or []})
    return {"Role": role}


def _delete_role(act: Act) -> None:
    name = act.given["RoleName"]
    role = _role(act, name)
    attached = _answer(act, "iam:ListAttachedRolePolicies", RoleName=name)
    inline = _answer(act, "iam:ListRolePolicies", RoleName=name)
    held = any(
        each["RoleName"] == name
        for answer in act.all("iam:GetInstanceProfile")
        for each in answer["InstanceProfile"]["Roles"]
    )
    if held or (attached and attached["AttachedPolicies"]) or (inline and inline["PolicyNames"]):
        raise AwsError(
            "DeleteConflict", "Cannot delete entity, must detach all policies and profiles first.", 409
        )
    roles = act.all("iam:GetRole")
    roles[:] = [each for each in roles if each["Role"] is not role]
    for operation in ("iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:ListRoleTags"):
        records = act.all(operation)
        records[:] = [each for each in records if each["RoleName"] != name]


def _attach(act: Act) -> None:
    name, arn = act.given["RoleName"], act.given["PolicyArn"]
    _role(act, name)
    listed = _answer(act, "iam:ListAttachedRolePolicies", RoleName=name)
    assert listed is not None
    if all(each["PolicyArn"] != arn for each in listed["AttachedPolicies"]):
        listed["AttachedPolicies"].append({"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn})
    known = any(each["Policy"]["Arn"] == arn for each in act.all("iam:GetPolicy"))
    if not known:
        label = arn.rpartition("/")[2]
        if not arn.startswith("arn:aws:iam::aws:policy/") or label not in MANAGED:
            raise AwsError("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404)
        policy = {"PolicyName": label, "Arn": arn, "DefaultVersionId": "v1", "Path": "/", "CreateDate": NOW}
        act.all("iam:GetPolicy").append({"Policy": policy})
        version = {"Document": MANAGED[label], "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": NOW}
        act.all("iam:GetPolicyVersion").append({"PolicyArn": arn, "PolicyVersion": version})


def _detach(act: Act) -> None:
    name, arn = act.given["RoleName"], act.given["PolicyArn"]
    listed = _answer(act, "iam:ListAttachedRolePolicies", RoleName=name)
    if listed is None or all(each["PolicyArn"] != arn for each in listed["AttachedPolicies"]):
        raise _missing("policy", arn)
    listed["AttachedPolicies"] = [each for each in listed["AttachedPolicies"] if each["PolicyArn"] != arn]


def _put(act: Act) -> None:
    name, label = act.given["RoleName"], act.given["PolicyName"]
    _role(act, name)
    document = _document(act.given["PolicyDocument"])
    present = _answer(act, "iam:GetRolePolicy", RoleName=name, PolicyName=label)
    if present is not None:
        present["PolicyDocument"] = document
        return
    act.all("iam:GetRolePolicy").append({"RoleName": name, "PolicyName": label, "PolicyDocument": document})
    names = _answer(act, "iam:ListRolePolicies", RoleName=name)
    assert names is not None
    names["PolicyNames"].append(label)


def _delete_policy(act: Act) -> None:
    name, label = act.given["RoleName"], act.given["PolicyName"]
    present = _answer(act, "iam:GetRolePolicy", RoleName=name, PolicyName=label)
    if present is None:
        raise _missing("role policy", label)
    act.drop("iam:GetRolePolicy", present)
    names = _answer(act, "iam:ListRolePolicies", RoleName=name)
    assert names is not None
    names["PolicyNames"].remove(label)


def _trust(act: Act) -> None:
    _role(act, act.given["RoleName"])["AssumeRolePolicyDocument"] = _document(act.given["PolicyDocument"])


# --- users -----------------------------------------------------------------------------------------------


def _user(act: Act) -> Record:
    for page in act.all(_DETAILS):
        for user in page.get("UserDetailList", []):
            if user["UserName"] == act.given["UserName"]:
                return user  # type: ignore[no-any-return]
    raise _missing("user", act.given["UserName"])


def _put_user(act: Act) -> None:
    policies = _user(act).setdefault("UserPolicyList", [])
    policies[:] = [each for each in policies if each["PolicyName"] != act.given["PolicyName"]]
    document = _document(act.given["PolicyDocument"])
    policies.append({"PolicyName": act.given["PolicyName"], "PolicyDocument": document})


def _delete_user(act: Act) -> None:
    policies = _user(act).setdefault("UserPolicyList", [])
    if all(each["PolicyName"] != act.given["PolicyName"] for each in policies):
        raise _missing("user policy", act.given["PolicyName"])
    policies[:] = [each for each in policies if each["PolicyName"] != act.given["PolicyName"]]


# --- instance profiles -----------------------------------------------------------------------------------


def profile(act: Act, name: str) -> Record:
    """The instance profile of this name, or IAM's error."""
    for answer in act.all("iam:GetInstanceProfile"):
        if answer["InstanceProfile"]["InstanceProfileName"] == name:
            return answer["InstanceProfile"]  # type: ignore[no-any-return]
    raise _missing("instance profile", name)


def _create_profile(act: Act) -> Record:
    name, path = act.given["InstanceProfileName"], act.given.get("Path", "/")
    if any(
        each["InstanceProfile"]["InstanceProfileName"] == name for each in act.all("iam:GetInstanceProfile")
    ):
        raise AwsError("EntityAlreadyExists", f"Instance Profile {name} already exists.", 409)
    record = {
        "InstanceProfileName": name,
        "Path": path,
        "InstanceProfileId": f"AIPA{act.new_id('profile')[-16:].upper()}",
        "Arn": f"arn:aws:iam::{act.call.account}:instance-profile{path}{name}",
        "CreateDate": NOW,
        "Roles": [],
    }
    act.all("iam:GetInstanceProfile").append({"InstanceProfile": record})
    return {"InstanceProfile": record}


def _delete_profile(act: Act) -> None:
    record = profile(act, act.given["InstanceProfileName"])
    if record["Roles"]:
        raise AwsError(
            "DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.", 409
        )
    answers = act.all("iam:GetInstanceProfile")
    answers[:] = [each for each in answers if each["InstanceProfile"] is not record]


def _add_role(act: Act) -> None:
    record = profile(act, act.given["InstanceProfileName"])
    if record["Roles"]:
        raise AwsError("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", 409)
    record["Roles"] = [_role(act, act.given["RoleName"])]


def _remove_role(act: Act) -> None:
    record = profile(act, act.given["InstanceProfileName"])
    if all(each["RoleName"] != act.given["RoleName"] for each in record["Roles"]):
        raise _missing("role", act.given["RoleName"])
    record["Roles"] = []


DOINGS = {
    "iam:CreateRole": _create_role,
    "iam:DeleteRole": _delete_role,
    "iam:AttachRolePolicy": _attach,
    "iam:DetachRolePolicy": _detach,
    "iam:PutRolePolicy": _put,
    "iam:DeleteRolePolicy": _delete_policy,
    "iam:UpdateAssumeRolePolicy": _trust,
    "iam:PutUserPolicy": _put_user,
    "iam:DeleteUserPolicy": _delete_user,
    "iam:CreateInstanceProfile": _create_profile,
    "iam:DeleteInstanceProfile": _delete_profile,
    "iam:AddRoleToInstanceProfile": _add_role,
    "iam:RemoveRoleFromInstanceProfile": _remove_role,
}
