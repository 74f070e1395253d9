"""Roles and users with all that is attached to them, and what is missing named."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.iam.agent import CHANNELS, REGISTER
from advisor.iam.principals import DETAILS, Permissions, role_permissions, user_permissions
from advisor.model.evidence import Missing
from advisor.model.responses import GLOBAL
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from tests.scenes.builder import CORE, Scene, allow, deny

ACCOUNT = "111122223333"


def permissions(scene: Scene, role: str = "node") -> Permissions:
    found = role_permissions(scene.estate(), ACCOUNT, role)
    assert isinstance(found, Permissions)
    return found


def registers(scene: Scene, role: str = "node") -> Verdict:
    return permissions(scene, role).decide(REGISTER).verdict


def test_a_role_with_the_managed_policy_may_register_and_open_channels() -> None:
    scene = Scene()
    scene.role("node", [CORE])
    role = permissions(scene)
    assert [role.decide(each).verdict for each in (REGISTER, *CHANNELS)] == [READY] * 5
    assert role.decide("s3:GetObject").verdict is BLOCKED


def test_the_name_may_come_with_a_path_or_as_an_arn() -> None:
    scene = Scene()
    scene.role("Default", [CORE], path="/service-role/", trust="ssm.amazonaws.com")
    for name in ("Default", "service-role/Default", f"arn:aws:iam::{ACCOUNT}:role/service-role/Default"):
        assert registers(scene, name) is READY


def test_inline_and_customer_policies_count_as_well() -> None:
    scene = Scene()
    scene.role("node", inline={"a": allow("ssm:Update*")}, customer={"b": allow("ssmmessages:*")})
    role = permissions(scene)
    assert [role.decide(each).verdict for each in (REGISTER, *CHANNELS)] == [READY] * 5
    operations = {role.decide(each).statements[0].operation for each in (REGISTER, *CHANNELS)}
    assert operations == {"iam:GetRolePolicy", "iam:GetPolicyVersion"}


def test_an_inline_denial_wins_over_the_managed_policy() -> None:
    scene = Scene()
    scene.role("node", [CORE], inline={"freeze": deny("ssm:*")})
    decision = permissions(scene).decide(REGISTER)
    assert (decision.verdict, decision.explicit) == (BLOCKED, True)
    assert decision.statements[0].resource == "node/freeze"


def test_the_boundary_bounds() -> None:
    scene = Scene()
    scene.role("node", [CORE], boundary=allow("s3:*"))
    assert registers(scene) is BLOCKED


@pytest.mark.parametrize(
    ("operation", "resource"),
    [
        ("iam:ListAttachedRolePolicies", "node"),
        ("iam:ListRolePolicies", "node"),
        ("iam:GetRolePolicy", "node/extra"),
        ("iam:GetPolicyVersion", f"arn:aws:iam::{ACCOUNT}:policy/custom"),
        ("iam:GetRole", "node"),
    ],
)
def test_each_call_that_was_denied_makes_it_unknown_and_is_named(operation: str, resource: str) -> None:
    scene = Scene()
    scene.role("node", [CORE], inline={"extra": allow("s3:*")}, customer={"custom": allow("logs:*")})
    assert registers(scene) is READY
    scene.deny(operation)
    decision = permissions(scene).decide(REGISTER)
    assert decision.verdict is UNKNOWN
    assert (operation, "denied", "AccessDenied", resource) in [
        (each.operation, each.status, each.code, each.resource) for each in decision.missing
    ]


def test_a_boundary_that_cannot_be_read_makes_it_unknown() -> None:
    scene = Scene()
    scene.role("node", [CORE], boundary=f"arn:aws:iam::{ACCOUNT}:policy/unread")
    decision = permissions(scene).decide(REGISTER)
    assert decision.verdict is UNKNOWN
    assert decision.missing[0].resource == f"arn:aws:iam::{ACCOUNT}:policy/unread"


def test_a_dump_that_only_lists_the_managed_policy_is_proof_enough() -> None:
    scene = Scene()
    scene.role("node", [CORE])
    scene.forget("iam:GetPolicyVersion")
    scene.forget("iam:GetPolicy")
    decision = permissions(scene).decide(REGISTER)
    assert decision.verdict is READY
    assert "as published" in decision.statements[0].resource


def test_an_old_version_of_a_policy_is_not_the_one_in_force() -> None:
    scene = Scene()
    scene.role("node", customer={"custom": allow("ssm:*")})
    assert registers(scene) is READY
    home = scene.world.place(ACCOUNT, GLOBAL)
    home.records["iam:GetPolicy"][0]["Policy"]["DefaultVersionId"] = "v7"
    decision = permissions(scene).decide(REGISTER)
    assert decision.verdict is UNKNOWN
    assert decision.missing[0].operation == "iam:GetPolicyVersion"


def test_a_role_that_nobody_read_is_missing_with_the_reason() -> None:
    scene = Scene()
    scene.role("other", [CORE])
    scene.deny("iam:GetRole", resource="node")
    found = role_permissions(scene.estate(), ACCOUNT, "node")
    assert isinstance(found, Missing)
    assert (found.operation, found.status, found.code) == ("iam:GetRole", "denied", "AccessDenied")


def test_a_deleted_role_says_so() -> None:
    scene = Scene()
    scene.fail("iam:GetRole", "NoSuchEntity", resource="gone")
    found = role_permissions(scene.estate(), ACCOUNT, "gone")
    assert isinstance(found, Missing)
    assert found.code == "NoSuchEntity"


# --- authorization details -------------------------------------------------------------------------------

CORE_ARN = f"arn:aws:iam::aws:policy/{CORE}"


def detailed(**members: Any) -> Scene:
    scene = Scene()
    for operation in (
        "iam:GetRole",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:GetRolePolicy",
        "iam:GetPolicyVersion",
        "iam:GetInstanceProfile",
    ):
        scene.forget(operation)
    page: dict[str, Any] = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    scene.world.place(ACCOUNT, GLOBAL).forgotten.discard(DETAILS)
    scene.add(DETAILS, **(page | members))
    return scene


def version(document: dict[str, Any], is_default: bool = True) -> dict[str, Any]:
    label = "v2" if is_default else "v1"
    return {"Document": document, "VersionId": label, "IsDefaultVersion": is_default}


def test_the_authorization_details_alone_are_enough() -> None:
    role = {
        "RoleName": "node",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/node",
        "RolePolicyList": [{"PolicyName": "logs", "PolicyDocument": allow("logs:*")}],
        "AttachedManagedPolicies": [{"PolicyName": CORE, "PolicyArn": CORE_ARN}],
    }
    documents = [version(deny("*"), is_default=False), version(allow("ssm:*"))]
    policy = {"Arn": CORE_ARN, "DefaultVersionId": "v2", "PolicyVersionList": documents}
    scene = detailed(RoleDetailList=[role], Policies=[policy])
    assert registers(scene) is READY
    assert permissions(scene).decide("logs:PutLogEvents").verdict is READY
    assert permissions(scene).decide("ssmmessages:OpenDataChannel").verdict is BLOCKED, (
        "as read, not as published"
    )


OTHER = {"RoleName": "other", "Arn": f"arn:aws:iam::{ACCOUNT}:role/other"}


def test_a_role_that_is_not_in_complete_details_does_not_exist() -> None:
    found = role_permissions(detailed(RoleDetailList=[OTHER]).estate(), ACCOUNT, "node")
    assert isinstance(found, Missing)
    assert (found.status, found.code) == ("absent", "NoSuchEntity")


def test_details_without_any_role_may_have_been_asked_for_users_only() -> None:
    found = role_permissions(detailed(UserDetailList=[user()]).estate(), ACCOUNT, "node")
    assert isinstance(found, Missing)
    assert found.code is None


def test_a_role_that_is_not_in_truncated_details_may_exist() -> None:
    scene = detailed(RoleDetailList=[OTHER])
    scene.truncate(DETAILS, keep=1)
    found = role_permissions(scene.estate(), ACCOUNT, "node")
    assert isinstance(found, Missing)
    assert found.code is None
    assert found.status == "truncated"


def user(**members: Any) -> dict[str, Any]:
    arn = f"arn:aws:iam::{ACCOUNT}:user/alice"
    return {"UserName": "alice", "UserId": "AIDA1", "Arn": arn, "GroupList": []} | members


def test_a_user_has_own_policies_those_of_groups_and_a_boundary() -> None:
    group = {
        "GroupName": "ops",
        "GroupPolicyList": [{"PolicyName": "start", "PolicyDocument": allow("ssm:StartSession")}],
        "AttachedManagedPolicies": [
            {"PolicyName": "x", "PolicyArn": "arn:aws:iam::aws:policy/EC2InstanceConnect"}
        ],
    }
    own = [{"PolicyName": "own", "PolicyDocument": allow("ec2:*")}]
    boundary_arn = f"arn:aws:iam::{ACCOUNT}:policy/bound"
    scene = detailed(
        UserDetailList=[
            user(
                UserPolicyList=own,
                GroupList=["ops"],
                PermissionsBoundary={"PermissionsBoundaryArn": boundary_arn},
            )
        ],
        GroupDetailList=[group],
        Policies=[
            {
                "Arn": boundary_arn,
                "DefaultVersionId": "v2",
                "PolicyVersionList": [version(allow("ssm:*", "ec2:*"))],
            }
        ],
    )
    found = user_permissions(scene.estate(), ACCOUNT, "alice")
    assert isinstance(found, Permissions)
    expected = {
        "ec2:DescribeInstances": READY,
        "ssm:StartSession": READY,
        "ec2-instance-connect:SendSSHPublicKey": BLOCKED,
    }
    assert {action: found.decide(action).verdict for action in expected} == expected


def test_a_group_that_is_not_in_the_details_is_missing() -> None:
    scene = detailed(UserDetailList=[user(GroupList=["lost"])])
    found = user_permissions(scene.estate(), ACCOUNT, "alice")
    assert isinstance(found, Permissions)
    decision = found.decide("ssm:StartSession")
    assert decision.verdict is UNKNOWN
    assert decision.missing[0].resource == "lost"


def test_users_need_the_details() -> None:
    found = user_permissions(Scene().estate(), ACCOUNT, "alice")
    assert isinstance(found, Missing)
    assert found.operation == DETAILS
