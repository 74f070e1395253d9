"""What preferences mean for one node: a key's Region, the user of Run As."""

from __future__ import annotations

import pytest

from advisor.methods.assess import assess
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from tests.methods.stages import BOOK, HYBRID, KEY, KEY_ARN, encrypting, isolated, on_premises
from tests.methods.stories import SESSION


@pytest.mark.parametrize(
    ("key", "verdict"),
    [
        (KEY, READY),
        (KEY_ARN, READY),
        (KEY_ARN.replace("us-east-1", "eu-west-1"), BLOCKED),
        ("alias/sessions", UNKNOWN),
        ("arn:aws:kms:us-east-1:111122223333:alias/sessions", UNKNOWN),
    ],
)
def test_sessions_take_a_key_of_their_own_region(key: str, verdict: Verdict) -> None:
    method = encrypting(kmsKeyId=key).method(SESSION)
    assert method.verdict is verdict
    assert {each.cause for each in method.blockers} == (
        {"session-kms-key-disabled"} if verdict is BLOCKED else set()
    )


@pytest.mark.parametrize(
    ("user", "image", "verdict"),
    [
        ("ec2-user", None, READY),
        ("ubuntu", None, UNKNOWN),
        ("ec2-user", "golden-2026", UNKNOWN),
        ("root", None, UNKNOWN),
        ("ssm-user", None, UNKNOWN),
        ("", None, UNKNOWN),
    ],
)
def test_only_the_user_that_the_image_brings_along_is_known_to_be_there(
    user: str, image: str | None, verdict: Verdict
) -> None:
    stage = isolated()
    stage.scene.preferences({"runAsEnabled": True, "runAsDefaultUser": user})
    if image is not None:
        record = stage.scene.place.records["ec2:DescribeImages"][0]
        record |= {"Name": image, "OwnerId": stage.scene.account}
        del record["ImageOwnerAlias"]
    method = stage.method(SESSION)
    assert method.verdict is verdict
    assert "session-runas-user-missing" in {each.cause for each in (*method.blockers, *method.notes)}


def test_nodes_of_two_images_do_not_share_what_is_known_of_their_users() -> None:
    stage = isolated()
    stage.scene.preferences({"runAsEnabled": True, "runAsDefaultUser": "ec2-user"})
    other = stage.subnet.instance(groups=[stage.web], profile=stage.role, key="team", image="ami-custom")
    stage.scene.node(other)
    image = stage.scene.place.records["ec2:DescribeImages"][-1]
    image |= {"Name": "golden", "OwnerId": stage.scene.account}
    del image["ImageOwnerAlias"]
    found = {
        each.target.id: each.method(SESSION).verdict for each in assess(stage.scene.estate(), BOOK).targets
    }
    assert found == {stage.target: READY, other.id: UNKNOWN}


def test_a_hybrid_node_has_no_image_that_would_bring_the_user() -> None:
    stage = on_premises()
    assert stage.target == HYBRID
    stage.scene.preferences({"runAsEnabled": True, "runAsDefaultUser": "ec2-user"})
    assert stage.method(SESSION).verdict is UNKNOWN
