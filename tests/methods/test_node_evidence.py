"""What was found on the node itself joins the verdict of Session Manager."""

from __future__ import annotations

import json
from typing import Any

import pytest

from advisor.methods.answer import Certainty, Finding
from advisor.methods.assess import assess
from advisor.methods.assessment import MethodAssessment, MethodId
from advisor.methods.options import Options
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from advisor.rulebook import load
from tests.methods.stages import isolated
from tests.methods.stories import SESSION
from tests.scenes.builder import CORE, Scene, deny

BOOK = load()


def scene(connected: bool = False, **preferences: Any) -> tuple[Scene, str]:
    made = Scene()
    vpc = made.vpc()
    vpc.main.route("0.0.0.0/0", vpc.igw())
    subnet = vpc.subnet("10.0.1.0/24")
    instance = subnet.instance(public_ip="203.0.113.5", profile=made.role("node", [CORE]))
    made.node(instance)
    if connected:
        made.connection(instance)
    if preferences:
        made.preferences(preferences)
    return made, instance.id


def assessed(made: Scene, finding: Finding, **more: Any) -> MethodAssessment:
    (target,) = assess(made.estate(), BOOK, Options(evidence=(finding,), **more)).targets
    return target.method(MethodId.SESSION_MANAGER)


@pytest.mark.parametrize(
    ("cause", "certainty", "expected"),
    [
        ("agent-stopped-or-crashed", Certainty.CERTAIN, BLOCKED),
        ("agent-os-firewall", Certainty.LIKELY, UNKNOWN),
        ("s3-unreachable", Certainty.LIKELY, READY),
        ("session-kms-endpoint-missing", Certainty.LIKELY, READY),
        ("session-logs-endpoint-missing", Certainty.LIKELY, READY),
    ],
)
def test_a_finding_of_the_node(cause: str, certainty: Certainty, expected: Verdict) -> None:
    made, node = scene()
    found = assessed(made, Finding(cause, node, certainty=certainty))
    assert found.verdict is expected
    if expected is not READY:
        assert cause in {each.cause for each in found.blockers}


def test_the_finding_of_another_node_says_nothing_here() -> None:
    made, _ = scene()
    other = Finding("agent-stopped-or-crashed", "i-0aaaaaaaaaaaaaaaa")
    assert assessed(made, other).verdict is READY


def test_a_service_matters_only_if_the_preferences_ask_for_it() -> None:
    made, node = scene(cloudWatchLogGroupName="/ssm/sessions")
    found = assessed(made, Finding("session-logs-endpoint-missing", node, certainty=Certainty.LIKELY))
    named = {each.cause for each in (*found.blockers, *found.notes)}
    assert "session-logs-endpoint-missing" in named


def test_an_open_channel_is_surer_than_what_was_found_before() -> None:
    made, node = scene(connected=True)
    assert assessed(made, Finding("agent-stopped-or-crashed", node)).verdict is READY


def test_on_a_copy_with_changes_old_findings_prove_nothing() -> None:
    made, node = scene()
    finding = Finding("agent-stopped-or-crashed", node)
    assert assessed(made, finding, hypothetical=True).verdict is READY


def test_what_the_node_was_seen_to_reach_beats_the_network_as_read() -> None:
    stage = isolated()
    stage.scene.place.records["ec2:DescribeVpcEndpoints"].clear()
    stage.silence()
    both = frozenset({(stage.target, "ssm"), (stage.target, "ssmmessages")})
    assert "no-path-to-ssm" in {each.cause for each in stage.method(SESSION).blockers}
    found = stage.method(SESSION, Options(reached=both))
    assert {each.cause for each in found.blockers} == {"ssm-node-never-registered"}
    assert {"model-incomplete", "no-path-to-ssm"} <= {each.cause for each in found.notes}
    copy = stage.method(SESSION, Options(reached=both, hypothetical=True))
    assert (copy.verdict, {each.cause for each in copy.blockers}) == (BLOCKED, {"no-path-to-ssm"})
    other = Options(reached=frozenset({("i-0aaaaaaaaaaaaaaaa", "ssm")}))
    assert "no-path-to-ssm" in {each.cause for each in stage.method(SESSION, other).blockers}


def test_reaching_an_endpoint_does_not_pass_its_policy() -> None:
    stage = isolated()
    stage.silence()
    denied = deny("ssmmessages:*") | {"Version": "2012-10-17"}
    denied["Statement"][0]["Principal"] = "*"
    stage.endpoints["ssmmessages"].record["PolicyDocument"] = json.dumps(denied)
    found = stage.method(SESSION, Options(reached=frozenset({(stage.target, "ssmmessages")})))
    assert "vpce-policy-denies" in {each.cause for each in found.blockers}
