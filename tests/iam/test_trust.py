"""Which role an instance profile gives, and which service may assume it."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.iam.context import Context
from advisor.iam.principals import Permissions, role_permissions
from advisor.iam.trust import ProfileRole, profile_role, trusts
from advisor.model.evidence import Missing
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from tests.iam.test_principals import detailed
from tests.scenes.builder import CORE, Scene

ACCOUNT = "111122223333"


def profile(scene: Scene, name: str) -> ProfileRole:
    found = profile_role(scene.estate(), ACCOUNT, name)
    assert isinstance(found, ProfileRole)
    return found


def test_a_profile_gives_its_role() -> None:
    scene = Scene()
    scene.role("node", [CORE])
    for name in ("node", f"arn:aws:iam::{ACCOUNT}:instance-profile/node"):
        found = profile(scene, name)
        assert (found.role, found.exists) == ("node", True)
        assert found.profile_id is not None
        assert found.evidence.operation == "iam:GetInstanceProfile"


def test_a_profile_may_be_empty_or_deleted() -> None:
    scene = Scene()
    scene.instance_profile("empty")
    scene.fail("iam:GetInstanceProfile", "NoSuchEntity", resource="gone")
    assert (profile(scene, "empty").role, profile(scene, "empty").exists) == (None, True)
    assert (profile(scene, "gone").role, profile(scene, "gone").exists) == (None, False)


def test_a_profile_that_was_not_read_is_missing() -> None:
    scene = Scene()
    scene.deny("iam:GetInstanceProfile", resource="node")
    found = profile_role(scene.estate(), ACCOUNT, "node")
    assert isinstance(found, Missing)
    assert (found.operation, found.status) == ("iam:GetInstanceProfile", "denied")


def test_the_authorization_details_know_profiles_by_their_roles() -> None:
    listed = [{"InstanceProfileName": "web", "InstanceProfileId": "AIPA1"}]
    scene = detailed(RoleDetailList=[{"RoleName": "node", "InstanceProfileList": listed}])
    assert (profile(scene, "web").role, profile(scene, "web").profile_id) == ("node", "AIPA1")
    assert profile(scene, "empty").role is None
    of_users = profile_role(detailed(UserDetailList=[{"UserName": "a"}]).estate(), ACCOUNT, "empty")
    assert isinstance(of_users, Missing), "roles may not have been asked for at all"


# --- trust -----------------------------------------------------------------------------------------------


def assume(effect: str = "Allow", service: Any = "ec2.amazonaws.com", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": {"Service": service}, "Action": "sts:AssumeRole", **more}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


MINE = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
THEIRS = {"StringEquals": {"aws:SourceAccount": "444455556666"}}
SOURCE = {"ArnLike": {"aws:SourceArn": f"arn:aws:ssm:us-east-1:{ACCOUNT}:*"}}


@pytest.mark.parametrize(
    ("trust", "expected"),
    [
        ("ec2.amazonaws.com", READY),
        ("ssm.amazonaws.com", BLOCKED),
        (document(assume(service=["ssm.amazonaws.com", "ec2.amazonaws.com"])), READY),
        (document(assume(service="ec2.amazonaws.com.cn")), READY),
        (document({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}), BLOCKED),
        (document(assume() | {"Action": "sts:*"}), READY),
        (document(assume() | {"Action": "sts:TagSession"}), BLOCKED),
        (document(assume(), assume("Deny")), BLOCKED),
        (document(assume(Condition=MINE)), READY),
        (document(assume(Condition=THEIRS)), BLOCKED),
        (document(assume(Condition=SOURCE)), UNKNOWN),
        (document(), BLOCKED),
        (document(assume() | {"Effekt": "Allow"}), UNKNOWN),
    ],
)
def test_whether_ec2_may_assume_the_role(trust: Any, expected: Verdict) -> None:
    scene = Scene()
    scene.role("node", [CORE], trust=trust)
    role = role_permissions(scene.estate(), ACCOUNT, "node")
    assert isinstance(role, Permissions)
    found = trusts(role, "ec2.amazonaws.com")
    assert found.verdict is expected
    assert found.missing if expected is UNKNOWN else found.evidence


def test_a_demand_for_a_source_can_be_met_when_the_source_is_known() -> None:
    scene = Scene()
    scene.role("hybrid", [CORE], trust=document(assume(service="ssm.amazonaws.com", Condition=SOURCE)))
    role = role_permissions(scene.estate(), ACCOUNT, "hybrid")
    assert isinstance(role, Permissions)
    source = Context.of({"aws:SourceArn": f"arn:aws:ssm:us-east-1:{ACCOUNT}:managed-instance/mi-1"})
    assert trusts(role, "ssm.amazonaws.com", source).verdict is READY


def test_a_trust_policy_that_was_not_read_is_unknown() -> None:
    scene = Scene()
    scene.role("node", [CORE])
    scene.deny("iam:GetRole")
    role = role_permissions(scene.estate(), ACCOUNT, "node")
    assert isinstance(role, Permissions)
    found = trusts(role, "ec2.amazonaws.com")
    assert found.verdict is UNKNOWN
    assert found.missing[0].operation == "iam:GetRole"
