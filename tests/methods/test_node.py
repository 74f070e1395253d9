"""What Systems Manager says of a node, and how much of it proves what."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from advisor.methods.answer import Certainty
from advisor.methods.assessment import MethodAssessment
from advisor.methods.options import Options, Use
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from tests.methods.stages import Stage, isolated, logging, managed_by_default, tunnelled
from tests.methods.stories import SESSION, TUNNEL
from tests.methods.stories_identity import policy
from tests.scenes.builder import allow, tcp


def causes(method: MethodAssessment) -> set[str]:
    return {each.cause for each in method.blockers}


def test_an_open_channel_proves_everything_from_role_to_route() -> None:
    stage = isolated()
    stage.scene.connection(stage.instance, "connected")
    stage.hide("ec2:DescribeSecurityGroups", "ec2:DescribeRouteTables", "iam:GetInstanceProfile")
    method = stage.method(SESSION)
    assert method.verdict is READY
    assert any(each.operation == "ssm:GetConnectionStatus" for each in method.evidence)


def test_a_session_that_stands_proves_as_much() -> None:
    stage = isolated()
    stage.hide("ec2:DescribeSecurityGroups")
    stage.scene.add("ssm:DescribeSessions", SessionId="alice-01", Target=stage.target, Status="Connected")
    method = stage.method(SESSION)
    assert method.verdict is READY
    assert any(each.resource == "alice-01" for each in method.evidence)


def test_a_session_that_has_ended_proves_nothing() -> None:
    stage = isolated()
    stage.hide("ec2:DescribeSecurityGroups")
    stage.scene.add(
        "ssm:DescribeSessions",
        SessionId="alice-01",
        Target=stage.target,
        Status="Terminated",
        EndDate="2026-11-23T09:00:00Z",
    )
    assert stage.method(SESSION).verdict is UNKNOWN


def silent(stage: Stage) -> None:
    stage.silence()


def lost(stage: Stage) -> None:
    stage.lose()


def pinged_yesterday(stage: Stage) -> None:
    stage.node["LastPingDateTime"] = "2026-11-22T09:00:00Z"


def not_connected(stage: Stage) -> None:
    stage.scene.connection(stage.instance, "notconnected")


@pytest.mark.parametrize(
    ("happens", "verdict"),
    [(silent, BLOCKED), (lost, BLOCKED), (pinged_yesterday, UNKNOWN), (not_connected, BLOCKED)],
)
def test_a_session_of_a_node_that_fell_silent_is_only_left_over(
    happens: Callable[[Stage], None], verdict: Verdict
) -> None:
    stage = isolated()
    stage.scene.add("ssm:DescribeSessions", SessionId="alice-01", Target=stage.target, Status="Connected")
    happens(stage)
    assert stage.method(SESSION).verdict is verdict


def test_a_ping_proves_the_way_to_ssm_but_not_to_ssmmessages() -> None:
    stage = isolated()
    records = stage.scene.place.records["ec2:DescribeVpcEndpoints"]
    records.remove(stage.endpoints["ssm"].record)
    assert stage.method(SESSION).verdict is READY
    records.append(stage.endpoints["ssm"].record)
    records.remove(stage.endpoints["ssmmessages"].record)
    assert stage.method(SESSION).verdict is BLOCKED


def test_a_ping_through_a_network_without_a_way_leaves_the_other_ways_unknown() -> None:
    """Something carries the pings that no API shows (a proxy, say); it may carry sessions too."""
    stage = isolated()
    stage.scene.place.records["ec2:DescribeVpcEndpoints"].clear()
    method = stage.method(SESSION)
    assert method.verdict is UNKNOWN
    assert [(each.cause, each.certainty) for each in method.blockers] == [
        ("no-path-to-ssm", Certainty.LIKELY)
    ]
    assert "model-incomplete" in {each.cause for each in method.notes}
    stage.scene.connection(stage.target, "notconnected")
    assert stage.method(SESSION).verdict is BLOCKED


def test_a_ping_with_a_role_that_may_not_register_leaves_its_other_rights_unknown() -> None:
    stage = isolated()
    policy(stage, allow("s3:GetObject"))
    assert stage.method(SESSION).verdict is UNKNOWN
    stage.silence()
    assert stage.method(SESSION).verdict is BLOCKED


def test_an_open_channel_leaves_the_ways_to_logs_unknown_where_the_model_sees_no_way_at_all() -> None:
    stage = logging()
    stage.scene.place.records["ec2:DescribeVpcEndpoints"].clear()
    stage.scene.connection(stage.target)
    method = stage.method(SESSION)
    assert (method.verdict, {each.cause for each in method.blockers}) == (
        UNKNOWN,
        {"session-logs-endpoint-missing"},
    )


def test_an_open_channel_says_nothing_of_logs_where_only_their_way_is_missing() -> None:
    stage = logging()
    stage.scene.place.records["ec2:DescribeVpcEndpoints"].remove(stage.endpoints["logs"].record)
    stage.scene.connection(stage.target)
    assert stage.method(SESSION).verdict is BLOCKED


def test_what_the_model_holds_against_a_ping_is_told_as_a_note() -> None:
    stage = isolated()
    stage.scene.place.records["ec2:DescribeVpcEndpoints"].remove(stage.endpoints["ssm"].record)
    notes = {each.cause: each.certainty for each in stage.method(SESSION).notes}
    assert notes["vpce-ssm-missing"] is Certainty.LIKELY
    assert "model-incomplete" in notes


@pytest.mark.parametrize("pinged", ["2026-11-23T10:30:00Z", "2026-11-20T12:00:00+00:00", 1700000000])
def test_an_old_ping_proves_nothing(pinged: str | int) -> None:
    stage = isolated()
    stage.node["LastPingDateTime"] = pinged
    method = stage.method(SESSION)
    assert (method.verdict, causes(method)) == (UNKNOWN, set())
    assert [each.operation for each in method.missing] == ["ssm:DescribeInstanceInformation"]


def test_a_stopped_instance_that_is_still_called_online_is_stopped() -> None:
    stage = isolated()
    stage.instance.record["State"] = {"Code": 80, "Name": "stopped"}
    method = stage.method(SESSION)
    assert (method.verdict, causes(method)) == (BLOCKED, {"instance-not-running"})


def test_all_causes_of_an_unmanaged_instance_are_listed_and_not_only_the_first() -> None:
    stage = managed_by_default()
    stage.scene.default_host_management(None)
    stage.door.record["IpPermissions"] = []
    stage.silence()
    method = stage.method(SESSION)
    assert method.verdict is BLOCKED
    assert causes(method) == {"no-instance-profile-no-dhmc", "vpce-sg-blocks-443"}
    assert {each.cause for each in method.notes} >= {"ssm-node-never-registered"}


def test_an_unmanaged_instance_is_blocked_even_where_the_reason_cannot_be_read() -> None:
    stage = isolated()
    stage.silence()
    stage.hide("iam:ListAttachedRolePolicies")
    method = stage.method(SESSION)
    assert (method.verdict, causes(method)) == (BLOCKED, {"ssm-node-never-registered"})
    assert "iam:ListAttachedRolePolicies" in {each.operation for each in method.missing}


@pytest.mark.parametrize("how", ["denied", "failed", "truncated", "never asked"])
def test_without_the_list_of_nodes_nothing_is_said_of_registration(how: str) -> None:
    stage = isolated()
    operation = "ssm:DescribeInstanceInformation"
    {
        "denied": stage.scene.deny,
        "failed": stage.scene.fail,
        "truncated": stage.scene.truncate,
        "never asked": stage.scene.forget,
    }[how](operation)
    method = stage.method(SESSION)
    assert (method.verdict, causes(method)) == (UNKNOWN, set())
    assert operation in {each.operation for each in method.missing}


def test_on_a_copy_with_changes_a_node_counts_as_registered_when_nothing_stands_in_its_way() -> None:
    stage = isolated()
    stage.silence()
    assert stage.method(SESSION).verdict is BLOCKED
    assert stage.method(SESSION, Options(hypothetical=True)).verdict is READY


def test_on_a_copy_with_changes_a_ping_of_before_proves_nothing() -> None:
    stage = isolated()
    stage.scene.connection(stage.instance, "connected")
    stage.door.record["IpPermissions"] = []
    assert stage.method(SESSION).verdict is READY
    assert stage.method(SESSION, Options(hypothetical=True)).verdict is BLOCKED


def test_an_agent_that_pings_shows_that_the_machine_runs() -> None:
    """EC2's status checks are not needed where the operating system was heard of lately."""
    stage = isolated()
    group = stage.vpc.group("tunnel")
    stage.web.ingress(tcp(22, group))
    stage.far.instance_connect_endpoint(groups=[group])
    stage.hide("ec2:DescribeInstanceStatus")
    assert stage.method(TUNNEL).verdict is READY
    stage.silence()
    assert stage.method(TUNNEL).verdict is UNKNOWN


@pytest.mark.parametrize(
    ("region", "verdict"), [("us-east-1", UNKNOWN), ("mx-central-1", READY)], ids=["older", "since 2024"]
)
def test_an_old_agent_needs_ec2messages_only_where_that_exists(region: str, verdict: object) -> None:
    stage = isolated(region)
    stage.node["AgentVersion"] = "3.2.2303.0"
    assert stage.method(SESSION).verdict is verdict


def test_an_instance_started_on_a_copy_only_has_no_status_checks_to_wait_for() -> None:
    stage = tunnelled()
    stage.scene.place.records["ec2:DescribeInstanceStatus"].clear()
    assert stage.method(TUNNEL).verdict is UNKNOWN
    assert stage.method(TUNNEL, Options(hypothetical=True)).verdict is READY


@pytest.mark.parametrize(("agent", "verdict"), [("3.1.1732.0", BLOCKED), ("3.2.582.0", READY)])
def test_host_management_stands_in_for_a_role_only_where_the_agent_knows_it(
    agent: str, verdict: Verdict
) -> None:
    stage = managed_by_default(profile="empty")
    stage.scene.instance_profile("empty")
    stage.endpoints["ec2messages"] = stage.vpc.endpoint(
        "ec2messages", subnets=[stage.far], groups=[stage.door]
    )
    stage.node["AgentVersion"] = agent
    method = stage.method(SESSION, Options(hypothetical=True))
    assert method.verdict is verdict
    assert ("dhmc-agent-too-old" in causes(method)) is (verdict is BLOCKED)


@pytest.mark.parametrize(
    ("agent", "options", "verdict"),
    [
        ("3.0.100.0", Options(use=Use.SSH), BLOCKED),
        ("3.0.100.0", Options(use=Use.SHELL), READY),
        ("3.1.1000.0", Options(use=Use.SSH), READY),
        ("3.1.1000.0", Options(use=Use.PORT_FORWARD, remote_host="localhost"), BLOCKED),
        ("unreadable", Options(use=Use.SSH), UNKNOWN),
        ("unreadable", Options(), READY),
    ],
)
def test_an_open_channel_does_not_prove_that_the_agent_knows_the_use(
    agent: str, options: Options, verdict: Verdict
) -> None:
    stage = isolated()
    stage.scene.connection(stage.instance, "connected")
    stage.node["AgentVersion"] = agent
    assert stage.method(SESSION, options).verdict is verdict


def test_pings_do_not_prove_that_the_volumes_read_and_write() -> None:
    stage = isolated()
    stage.scene.connection(stage.instance, "connected")
    (status,) = stage.scene.place.records["ec2:DescribeInstanceStatus"]
    status["AttachedEbsStatus"]["Status"] = "impaired"
    method = stage.method(SESSION)
    assert (method.verdict, causes(method)) == (UNKNOWN, {"attached-ebs-impaired"})


@pytest.mark.parametrize(
    ("resource", "verdict"),
    [
        ("*", READY),
        ("arn:aws:ec2:us-east-1:111122223333:instance/*", BLOCKED),
        ("arn:aws:ssm:*:*:session/*", BLOCKED),
        ("arn:aws:ssmmessages:*:*:*", BLOCKED),
    ],
)
def test_channels_are_allowed_on_all_resources_or_not_at_all(resource: str, verdict: Verdict) -> None:
    stage = isolated()
    rights = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "ssm:UpdateInstanceInformation",
                "Resource": "arn:aws:ec2:us-east-1:111122223333:instance/*",
            },
            {"Effect": "Allow", "Action": "ssmmessages:*", "Resource": resource},
        ],
    }
    policy(stage, rights)
    method = stage.method(SESSION)
    assert method.verdict is verdict
    assert causes(method) == ({"instance-role-missing-ssmmessages"} if verdict is BLOCKED else set())
