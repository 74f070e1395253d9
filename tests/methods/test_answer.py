"""How answers combine: all, any, the nearest, and what was observed against what is inferred."""

from __future__ import annotations

from advisor.methods.answer import (
    PASS,
    SILENT,
    Answer,
    Certainty,
    Finding,
    blocked,
    bound,
    either,
    every,
    nearest,
    observed,
    passes,
    suspected,
    unknown,
)
from advisor.methods.assessment import MethodAssessment, MethodId
from advisor.model.evidence import SELF, Evidence, Missing
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.network.repairs import StartInstance

GROUP = Finding("sg-inbound-22-missing", "sg-1")
ROUTE = Finding("no-igw-route", "rtb-1")
SYMPTOM = Finding("ssm-node-never-registered", SELF, evidence=(Evidence("ssm:X", SELF, "not listed"),))
DENIED = Missing("ec2:DescribeRouteTables", "denied", "UnauthorizedOperation")
PINGED = Evidence("ssm:DescribeInstanceInformation", SELF, "PingStatus is Online")


def test_all_lists_every_blocker_once() -> None:
    answer = every([blocked(GROUP), PASS, blocked(ROUTE, GROUP), unknown(DENIED)])
    assert answer.verdict is BLOCKED
    assert (answer.findings, answer.missing) == ((GROUP, ROUTE), (DENIED,))


def test_all_of_nothing_is_ready() -> None:
    assert every([]) == PASS


def test_any_is_the_ready_one_alone() -> None:
    way = Answer(READY, via="eice-2")
    assert either([blocked(GROUP), way]) is way


def test_any_without_a_ready_one_is_unknown_rather_than_blocked() -> None:
    answer = either([blocked(GROUP), unknown(DENIED)])
    assert (answer.verdict, answer.findings, answer.missing) == (UNKNOWN, (GROUP,), (DENIED,))


def test_the_nearest_option_has_the_best_verdict_and_then_the_fewest_faults() -> None:
    assert nearest([blocked(GROUP, ROUTE), blocked(ROUTE)]) == blocked(ROUTE)
    assert nearest([blocked(ROUTE), unknown(DENIED)]) == unknown(DENIED)


def test_what_was_seen_working_is_ready_whatever_the_model_says() -> None:
    answer = observed(passes(PINGED), blocked(GROUP))
    assert (answer.verdict, answer.findings, answer.evidence) == (READY, (), (PINGED,))
    assert [(each.cause, each.certainty) for each in answer.notes] == [
        ("model-incomplete", Certainty.LIKELY),
        ("sg-inbound-22-missing", Certainty.LIKELY),
    ]


def test_what_was_seen_working_without_contradiction_needs_no_note() -> None:
    assert observed(passes(PINGED), PASS) == passes(PINGED)


def test_what_was_seen_failing_is_blocked_by_the_causes_found() -> None:
    answer = observed(blocked(SYMPTOM), blocked(GROUP))
    assert (answer.verdict, answer.findings, answer.notes) == (BLOCKED, (GROUP,), (SYMPTOM,))
    assert SYMPTOM.evidence[0] in answer.evidence


def test_what_was_seen_failing_for_no_sure_reason_is_its_own_blocker() -> None:
    answer = observed(blocked(SYMPTOM), suspected(GROUP))
    assert answer.verdict is BLOCKED
    assert [(each.cause, each.certainty) for each in answer.findings] == [
        ("ssm-node-never-registered", Certainty.CERTAIN),
        ("sg-inbound-22-missing", Certainty.LIKELY),
    ]


def test_an_observation_that_was_not_made_leaves_the_inference_alone() -> None:
    assert observed(SILENT, blocked(GROUP)) == blocked(GROUP)
    assert observed(SILENT, PASS) == PASS


def test_an_observation_that_was_refused_keeps_the_answer_open() -> None:
    assert observed(unknown(DENIED), PASS).verdict is UNKNOWN
    assert observed(unknown(DENIED), blocked(GROUP)).verdict is BLOCKED


def test_a_shared_finding_is_bound_to_its_target() -> None:
    method = MethodAssessment(
        MethodId.DIRECT,
        BLOCKED,
        blockers=(
            Finding(
                "instance-not-running",
                SELF,
                f"{SELF} is stopped",
                evidence=(Evidence("ec2:DescribeInstances", SELF, "State is stopped"),),
                repairs=(StartInstance(SELF, "111122223333", "us-east-1"),),
            ),
        ),
        missing=(Missing("ssm:GetConnectionStatus", "not-asked", None, SELF),),
    )
    (finding,) = bound(method, "i-1").blockers
    assert (finding.resource, finding.says) == ("i-1", "i-1 is stopped")
    assert finding.evidence[0].resource == "i-1"
    assert finding.repairs == (StartInstance("i-1", "111122223333", "us-east-1"),)
    assert SELF not in repr(bound(method, "i-1"))
