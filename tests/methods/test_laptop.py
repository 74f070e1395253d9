"""What is wrong on the person's own machine stops the methods and uses that it concerns, and no others."""

from __future__ import annotations

import pytest

from advisor.methods.answer import Certainty, Finding
from advisor.methods.assess import assess
from advisor.methods.assessment import MethodId
from advisor.methods.options import Options, Use
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from advisor.rulebook import load
from tests.scenes.builder import CORE, Scene

BOOK = load()


def session_manager(finding: Finding, use: Use | None = None) -> tuple[Verdict, set[str]]:
    scene = Scene()
    vpc = scene.vpc()
    vpc.main.route("0.0.0.0/0", vpc.igw())
    instance = vpc.subnet("10.0.1.0/24").instance(
        public_ip="203.0.113.5", profile=scene.role("node", [CORE]), key="key"
    )
    scene.node(instance)
    scene.connection(instance)
    (target,) = assess(scene.estate(), BOOK, Options(local=(finding,), use=use)).targets
    found = target.method(MethodId.SESSION_MANAGER)
    return found.verdict, {each.cause for each in (*found.blockers, *found.notes)}


@pytest.mark.parametrize(
    ("cause", "certainty", "use", "expected"),
    [
        ("plugin-missing", Certainty.CERTAIN, None, BLOCKED),
        ("plugin-missing", Certainty.CERTAIN, Use.SSH, BLOCKED),
        ("plugin-old", Certainty.LIKELY, None, UNKNOWN),
        ("local-ssh-missing", Certainty.CERTAIN, None, READY),
        ("local-ssh-missing", Certainty.CERTAIN, Use.SHELL, READY),
        ("local-ssh-missing", Certainty.CERTAIN, Use.SSH, BLOCKED),
        ("local-proxy", Certainty.CERTAIN, None, READY),
        ("eice-cli-old", Certainty.CERTAIN, None, READY),
        ("a-cause-of-tomorrow", Certainty.CERTAIN, None, READY),
    ],
)
def test_a_fault_of_this_machine(
    cause: str, certainty: Certainty, use: Use | None, expected: Verdict
) -> None:
    verdict, _ = session_manager(Finding(cause, "this machine", certainty=certainty), use)
    assert verdict is expected


def test_what_does_not_block_is_noted() -> None:
    assert "local-proxy" in session_manager(Finding("local-proxy", "this machine"))[1]
    assert "eice-cli-old" not in session_manager(Finding("eice-cli-old", "this machine"))[1]
