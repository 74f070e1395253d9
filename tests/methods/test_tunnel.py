"""In which states an EC2 Instance Connect Endpoint carries a connection."""

from __future__ import annotations

import pytest

from advisor.methods.options import Options
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from tests.methods.stages import tunnelled
from tests.methods.stories import TUNNEL
from tests.scenes.builder import tcp

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


@pytest.mark.parametrize(
    ("operator", "verdict"),
    [
        ("203.0.113.7/32", READY),
        ("198.18.0.1/32", BLOCKED),
        ("203.0.112.0/22", UNKNOWN),
        ("10.1.2.3/32", UNKNOWN),
        ("2a01::7/128", UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_a_preserved_address_is_the_operators(operator: str | None, verdict: Verdict) -> None:
    stage = tunnelled(preserve=True)
    stage.web.record["IpPermissions"] = []
    stage.web.ingress(tcp(22, "203.0.113.0/24"))
    found = stage.method(TUNNEL, Options(operator=operator))
    assert found.verdict is verdict
    assert {each.cause for each in found.blockers} == (
        {"eice-preserve-ip-inbound"} if verdict is BLOCKED else set()
    )


def test_an_address_that_is_not_preserved_is_nobodys_matter() -> None:
    assert tunnelled().method(TUNNEL, Options(operator="198.18.0.1/32")).verdict is READY
