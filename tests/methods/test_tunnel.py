"""In which states an EC2 Instance Connect Endpoint carries a connection."""

from __future__ import annotations

import pytest

from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from tests.methods.stages import tunnelled
from tests.methods.stories import TUNNEL

STATES = {
    "create-complete": READY,
    "update-in-progress": READY,
    "update-complete": READY,
    "update-failed": READY,
    "CREATE-COMPLETE": READY,
    "create-in-progress": BLOCKED,
    "create-failed": BLOCKED,
    "delete-in-progress": BLOCKED,
    "delete-failed": BLOCKED,
    "delete-complete": BLOCKED,
    "migrating": UNKNOWN,
    "": UNKNOWN,
}


@pytest.mark.parametrize(("state", "verdict"), STATES.items())
def test_each_state(state: str, verdict: Verdict) -> None:
    stage = tunnelled()
    stage.eice.record["State"] = state
    assert stage.method(TUNNEL).verdict is verdict


def test_without_a_state_nobody_knows() -> None:
    stage = tunnelled()
    del stage.eice.record["State"]
    found = stage.method(TUNNEL)
    assert found.verdict is UNKNOWN
    assert [(each.operation, each.resource) for each in found.missing] == [
        ("ec2:DescribeInstanceConnectEndpoints", stage.eice.id)
    ]
