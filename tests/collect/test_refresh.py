from __future__ import annotations

import msgspec
import pytest

from advisor.collect.refresh import Simulation, Target, look_at, recollect, simulate
from advisor.collect.runner import collect
from advisor.snapshot.store import Snapshot
from tests.collect.conftest import Opener
from tests.fakeaws.app import FakeAws
from tests.scenes.builder import Scene

ACCOUNT = "111122223333"


def instance_of(snapshot: Snapshot) -> str:
    (id,) = snapshot.estate().scope(ACCOUNT, "us-east-1").instances
    return id


def test_only_what_is_named_is_asked_again(scene: Scene, opened: Opener, aws: FakeAws) -> None:
    session = opened()
    before = collect(session)
    scene.vpc("10.99.0.0/16", id="vpc-0123456789abcdef0")
    scene.serial_console(True)
    aws.calls.clear()
    after = recollect(session, before, ["ec2:DescribeVpcs"])
    assert {call.name for call in aws.calls} == {"ec2:DescribeVpcs"}
    scope = after.estate().scope(ACCOUNT, "us-east-1")
    assert "vpc-0123456789abcdef0" in scope.vpcs
    assert scope.serial_console_access[""].serial_console_access_enabled is False, "the rest is as it was"
    assert len(after.responses) == len(before.responses)
    assert before.estate().scope(ACCOUNT, "us-east-1").vpcs != scope.vpcs, "the older snapshot did not change"


def test_requests_are_derived_from_what_the_snapshot_knows(opened: Opener, aws: FakeAws) -> None:
    session = opened()
    before = collect(session)
    aws.calls.clear()
    after = recollect(session, before, ["ec2:DescribeVpcAttribute"])
    assert [call.name for call in aws.calls] == ["ec2:DescribeVpcAttribute"] * 2
    assert after.estate().scope(ACCOUNT, "us-east-1").vpc_attributes


def test_new_resources_are_followed_when_both_operations_are_named(
    scene: Scene, opened: Opener, aws: FakeAws
) -> None:
    session = opened()
    before = collect(session)
    scene.vpc("10.99.0.0/16", id="vpc-0123456789abcdef0")
    after = recollect(session, before, ["ec2:DescribeVpcs", "ec2:DescribeVpcAttribute"])
    assert "vpc-0123456789abcdef0" in after.estate().scope(ACCOUNT, "us-east-1").vpc_attributes


def test_a_call_that_is_denied_the_second_time_is_denied(opened: Opener, aws: FakeAws) -> None:
    session = opened()
    before = collect(session)
    aws.rules.deny("ec2:DescribeVpcs")
    table = recollect(session, before, ["ec2:DescribeVpcs"]).estate().scope(ACCOUNT, "us-east-1").vpcs
    assert table.missing().status == "denied"


def test_looking_at_an_instance_tells_its_session_channel(opened: Opener, aws: FakeAws) -> None:
    session = opened()
    before = collect(session)
    id = instance_of(before)
    aws.calls.clear()
    after = look_at(session, before, [Target("us-east-1", id)])
    assert [call.name for call in aws.calls] == ["ssm:GetConnectionStatus"]
    statuses = after.estate().scope(ACCOUNT, "us-east-1").connection_statuses
    assert statuses[id].status == "connected"
    assert statuses.find("i-0other").status == "not-asked"  # type: ignore[union-attr]


def test_looking_again_renews_one_and_keeps_the_others(scene: Scene, opened: Opener) -> None:
    session = opened()
    before = collect(session)
    id = instance_of(before)
    first = look_at(session, before, [Target("us-east-1", id), Target("us-east-1", "mi-0123456789abcdef0")])
    scene.connection(id, "notconnected")
    second = look_at(session, first, [Target("us-east-1", id)])
    statuses = second.estate().scope(ACCOUNT, "us-east-1").connection_statuses
    assert {key: each.status for key, each in statuses.items()} == {
        id: "notconnected",
        "mi-0123456789abcdef0": "notconnected",
    }


def test_a_gap_goes_when_the_answer_comes(opened: Opener, aws: FakeAws) -> None:
    session = opened()
    before = collect(session)
    id = instance_of(before)
    aws.rules.deny("ssm:GetConnectionStatus")
    denied = look_at(session, before, [Target("us-east-1", id)])
    assert denied.estate().scope(ACCOUNT, "us-east-1").connection_statuses.find(id).status == "denied"
    aws.rules.denied.clear()
    again = look_at(session, denied, [Target("us-east-1", id)])
    assert again.estate().scope(ACCOUNT, "us-east-1").connection_statuses[id].status == "connected"
    assert list(again.estate().gaps()) == []


@pytest.mark.parametrize("wanted", [False, True])
def test_console_output_is_read_on_request_only(
    scene: Scene, opened: Opener, aws: FakeAws, wanted: bool
) -> None:
    session = opened()
    before = collect(session)
    id = instance_of(before)
    scene.console_output(id, "Linux version 6.12\nlogin:")
    after = look_at(
        session,
        before,
        [Target("us-east-1", id), Target("us-east-1", "mi-0123456789abcdef0")],
        console=wanted,
    )
    outputs = after.estate().scope(ACCOUNT, "us-east-1").console_outputs
    assert {key: each.output for key, each in outputs.items()} == (
        {id: "Linux version 6.12\nlogin:"} if wanted else {}
    )
    assert aws.writing() == []


def test_simulations_of_one_principal_stand_together(scene: Scene, opened: Opener) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/ssm"
    scene.simulation(role, {"ssm:StartSession": "implicitDeny"})
    session = opened()
    after = simulate(
        session,
        collect(session),
        [
            Simulation(role, ("ssm:StartSession",), ("arn:aws:ec2:us-east-1:111122223333:instance/i-1",)),
            Simulation(
                role,
                ("ssmmessages:OpenControlChannel",),
                context=({"ContextKeyName": "aws:x", "ContextKeyValues": ["1"], "ContextKeyType": "string"},),
            ),
        ],
    )
    simulation = after.estate().global_scope(ACCOUNT).simulations[role]
    assert [(each.eval_action_name, each.eval_decision) for each in simulation.evaluation_results] == [
        ("ssm:StartSession", "implicitDeny"),
        ("ssmmessages:OpenControlChannel", "allowed"),
    ]


def test_nothing_to_simulate_changes_nothing(opened: Opener, aws: FakeAws) -> None:
    snapshot = Snapshot(collected_at="2026-11-23T12:00:00Z")
    assert simulate(opened(), snapshot, []) is snapshot
    assert msgspec.json.encode(look_at(opened(), snapshot, [])) == msgspec.json.encode(snapshot)
