"""The tree of checks that rules write down: what it combines, what it refuses, what it remembers."""

from __future__ import annotations

import msgspec
import pytest

from advisor.methods.answer import PASS, Answer, Finding, blocked
from advisor.methods.case import Case, Study
from advisor.methods.checks import CHECKS, check
from advisor.methods.options import ANYBODY
from advisor.methods.targets import targets
from advisor.methods.tree import compile_tree
from advisor.model.errors import InputError
from advisor.model.verdict import BLOCKED, READY
from advisor.network.network import Network
from advisor.rulebook import Step
from tests.methods.stages import BOOK, isolated

ASKED: list[str] = []


@pytest.fixture(autouse=True)
def two_checks() -> object:
    """Two checks of this test's own: one that passes for everybody alike, one that stops each by itself."""

    @check("test.passes", by=lambda case: None)
    def passing(case: Case) -> Answer:
        ASKED.append(case.target.id)
        return PASS

    @check("test.stops")
    def stopping(case: Case, cause: str) -> Answer:
        return blocked(Finding(cause, case.target.id))

    ASKED.clear()
    yield
    del CHECKS["test.passes"], CHECKS["test.stops"]


def step(rules: object) -> Step:
    return msgspec.convert(rules, Step)


def cases() -> list[Case]:
    stage = isolated()
    stage.subnet.instance(groups=[stage.web])
    estate = stage.scene.estate()
    study = Study(estate, Network(estate), BOOK, ANYBODY)
    return [Case(study, scope, target) for scope, target in targets(estate)]


STOPS = {"check": "test.stops", "with": {"cause": "eice-nacl"}}
PASSES = {"check": "test.passes"}


@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        (PASSES, READY),
        (STOPS, BLOCKED),
        ({"all": [PASSES, STOPS]}, BLOCKED),
        ({"any": [PASSES, STOPS]}, READY),
        ({"observed": PASSES, "inferred": STOPS}, READY),
        ({"observed": STOPS, "inferred": PASSES}, BLOCKED),
        ({"all": [{"any": [STOPS, PASSES]}, PASSES]}, READY),
    ],
)
def test_a_tree_combines_its_checks(rules: object, verdict: object) -> None:
    assert compile_tree(step(rules), "here").answer(cases()[0]).verdict is verdict


def test_an_answer_is_worked_out_once_for_equal_keys() -> None:
    tree = compile_tree(step({"all": [PASSES, PASSES]}), "here")
    first, second = cases()
    assert tree.answer(first) is tree.answer(second)
    # Two leaves, two cases: each leaf asks for the first case only.
    assert [first.target.id, first.target.id] == ASKED


def test_a_check_without_a_key_answers_each_target_by_itself() -> None:
    tree = compile_tree(step(STOPS), "here")
    assert {tree.answer(case).findings[0].resource for case in cases()} == {c.target.id for c in cases()}


def test_an_unknown_check_is_refused_with_what_was_perhaps_meant() -> None:
    with pytest.raises(InputError) as refused:
        compile_tree(step({"check": "instance.runing"}), "rules/methods/direct.yaml")
    assert "rules/methods/direct.yaml" in refused.value.message
    assert "instance.running" in refused.value.hint


def test_a_parameter_that_the_check_does_not_take_is_refused() -> None:
    with pytest.raises(InputError, match="no parameter 'port'"):
        compile_tree(step({"check": "test.passes", "with": {"port": 22}}), "here")


def test_a_parameter_that_the_check_needs_is_missed() -> None:
    with pytest.raises(InputError, match="needs the parameter 'cause'"):
        compile_tree(step({"check": "test.stops"}), "here")


def test_the_trees_of_all_methods_compile() -> None:
    for method in BOOK.methods.values():
        assert compile_tree(method.checks, method.id).leaves


def test_every_check_is_used_by_a_method() -> None:
    used = {step.check for method in BOOK.methods.values() for step in method.checks.checks()}
    assert CHECKS.keys() - used == {"test.passes", "test.stops"}


def test_every_check_says_what_it_checks() -> None:
    assert all(each.meaning for name, each in CHECKS.items() if not name.startswith("test."))
