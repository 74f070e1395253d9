"""IAM's simulator beside our own decision."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.iam.decision import Decision, Layer
from advisor.iam.simulate import Simulated, reconcile, simulated
from advisor.model.evidence import Evidence, Missing
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from tests.scenes.builder import Scene

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/node"
OPEN = "ssmmessages:OpenControlChannel"


def recorded(**members: Any) -> Simulated | None:
    scene = Scene()
    scene.simulation(ROLE, {OPEN: "allowed"})
    result = scene.world.place(ACCOUNT, "global").records["iam:SimulatePrincipalPolicy"][0]
    result["EvaluationResults"][0] |= members
    return simulated(scene.estate(), ACCOUNT, ROLE, OPEN, "*")


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, READY),
        ({"EvalDecision": "implicitDeny"}, BLOCKED),
        ({"EvalDecision": "explicitDeny"}, BLOCKED),
        ({"EvalDecision": "implicitDeny", "MissingContextValues": ["aws:SourceIp"]}, UNKNOWN),
        ({"EvalDecision": "allowed", "MissingContextValues": ["aws:SourceVpce"]}, UNKNOWN),
        ({"EvalDecision": "explicitDeny", "MissingContextValues": ["aws:SourceVpce"]}, BLOCKED),
        ({"EvalDecision": "perhaps"}, UNKNOWN),
    ],
)
def test_what_the_simulator_says(members: dict[str, Any], expected: Verdict) -> None:
    found = recorded(**members)
    assert found is not None
    assert found.verdict is expected


def test_a_simulation_of_something_else_says_nothing() -> None:
    scene = Scene()
    scene.simulation(ROLE, {OPEN: "allowed"})
    estate = scene.estate()
    assert simulated(estate, ACCOUNT, ROLE, OPEN.upper(), None) is not None
    assert simulated(estate, ACCOUNT, ROLE, "ssm:StartSession", "*") is None
    assert simulated(estate, ACCOUNT, ROLE + "2", OPEN, "*") is None
    assert simulated(estate, ACCOUNT, ROLE, OPEN, "arn:aws:ec2:us-east-1:1:instance/i-1") is None


def decision(verdict: Verdict, **more: Any) -> Decision:
    return Decision(verdict, statements=(Evidence("iam:GetRolePolicy", "p", "Allow"),), **more)


UNREAD = (Missing("iam:GetRolePolicy", "denied"),)


@pytest.mark.parametrize(
    ("ours", "said", "expected", "differs"),
    [
        (decision(READY), "allowed", READY, False),
        (decision(BLOCKED), "implicitDeny", BLOCKED, False),
        (decision(READY), "implicitDeny", UNKNOWN, True),
        (decision(BLOCKED), "allowed", UNKNOWN, True),
        (decision(UNKNOWN, missing=UNREAD), "allowed", READY, False),
        (decision(UNKNOWN, missing=UNREAD), "explicitDeny", BLOCKED, False),
        (decision(UNKNOWN, keys=("aws:SourceIp",)), "allowed", UNKNOWN, False),
    ],
)
def test_both_make_one_decision(ours: Decision, said: str, expected: Verdict, differs: bool) -> None:
    theirs = recorded(EvalDecision=said)
    result = reconcile(ours, theirs)
    assert (result.decision.verdict, result.differs) == (expected, differs)
    assert (result.ours, result.simulated) == (ours, theirs)
    assert any(each.operation == "iam:SimulatePrincipalPolicy" for each in result.decision.statements)


def test_without_a_sure_simulation_ours_stands() -> None:
    ours = decision(READY)
    assert reconcile(ours, None).decision is ours
    unsure = recorded(EvalDecision="allowed", MissingContextValues=["aws:SourceIp"])
    assert reconcile(ours, unsure).decision is ours


def test_an_organisations_denial_is_named() -> None:
    theirs = recorded(
        EvalDecision="implicitDeny", OrganizationsDecisionDetail={"AllowedByOrganizations": False}
    )
    result = reconcile(decision(READY), theirs)
    assert "organisation" in result.decision.missing[0].says


def test_a_boundarys_denial_keeps_its_layer() -> None:
    theirs = recorded(
        EvalDecision="implicitDeny",
        PermissionsBoundaryDecisionDetail={"AllowedByPermissionsBoundary": False},
    )
    result = reconcile(decision(UNKNOWN, missing=UNREAD), theirs)
    assert (result.decision.verdict, result.decision.layer) == (BLOCKED, Layer.BOUNDARY)
