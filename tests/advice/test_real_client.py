"""The real AWS CLI runs the printed lines, unchanged, against a fake AWS; then the method is ready.

Nodes do not register with a fake AWS, so readiness is judged by the configuration (`hypothetical`), which
is what the lines change. Afterwards the printed way back is run as well.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor import snapshot
from advisor.advice.actions import remedy_for
from advisor.advice.plan import Plan, plan
from advisor.advice.render import files
from advisor.advice.render_cli import rollback_of, script, variables
from advisor.advice.shells import Shell
from advisor.collect.runner import collect
from advisor.collect.session import open_session
from advisor.methods.assess import assess
from advisor.methods.assessment import MethodId
from advisor.methods.options import Options
from advisor.methods.targets import targets
from advisor.model.estate import Estate
from advisor.model.verdict import READY, Verdict
from advisor.rulebook import load
from tests.advice.awsd import Program
from tests.advice.samples import OTHERS, REPAIRS, Account
from tests.advice.test_plan import OPERATOR, STORIES, Build
from tests.fakeaws.app import FakeAws
from tests.scenes.builder import Scene

BOOK = load()
SUPPOSING = Options(operator=OPERATOR, hypothetical=True)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with Program(tmp_path_factory.mktemp("bin")) as running:
        yield running


@pytest.fixture(autouse=True)
def no_account_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)


def collected(aws: FakeAws, monkeypatch: pytest.MonkeyPatch, *regions: str) -> Estate:
    """The account as the collector reads it over HTTP."""
    for name, value in aws.environment.items():
        if name != "AWS_ENDPOINT_URL":
            monkeypatch.setenv(name, value)
    session = open_session(regions=regions or ("us-east-1",), endpoint_url=aws.url)
    try:
        return collect(session).estate()
    finally:
        session.close()


def verdicts(estate: Estate) -> dict[tuple[str, MethodId], Verdict]:
    """Every verdict by the configuration alone."""
    found = assess(estate, BOOK, SUPPOSING)
    return {(each.target.id, m.method): m.verdict for each in found.targets for m in each.methods}


def both_ways(made: Plan, estate: Estate) -> tuple[str, str]:
    """The printed lines, and those of the way back."""
    found = files(made, "cli", BOOK, estate)
    return found["apply.sh"], found.get("rollback.sh", "")


def printed(output: str) -> str:
    """The variables that the lines printed, as a later shell is given them for the way back."""
    return "".join(f"{line}\n" for line in output.splitlines() if re.fullmatch(r"[A-Z_0-9]+=[\w-]+", line))


def served(aws: FakeAws) -> Estate:
    """What the fake AWS holds now, without the way over HTTP."""
    return Estate.of([each for place in aws.world.places.values() for each in place.responses()])


def planned(scene: Scene, build: Build, method: MethodId) -> tuple[Plan, Estate, str]:
    id = build(scene)
    estate = scene.estate()
    chosen = [target for _, target in targets(estate) if target.id == id]
    return plan(estate, BOOK, chosen, method, options=Options(operator=OPERATOR), compare=False), estate, id


@pytest.mark.parametrize("story", STORIES)
def test_printed_lines_make_the_method_ready_and_can_be_taken_back(
    story: str, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    build, method, operations = STORIES[story]
    made, estate, id = planned(scene := Scene(), build, method)
    before = verdicts(estate)
    forward, back = both_ways(made, estate)
    with FakeAws.of(scene) as aws:
        output = program.run(forward, aws.environment)
        assert [name.partition(":")[2] for name in aws.writing()] == operations
        assert verdicts(collected(aws, monkeypatch))[id, method] is READY
        program.run(printed(output) + back, aws.environment)
    after = verdicts(scene.estate())
    if _lossy(made):  # an endpoint that had failed was deleted and does not come back
        assert all(before[key] is after[key] for key in before if after[key] is not READY)
    else:
        assert {key: after[key] for key in before} == before


def _lossy(made: Plan) -> bool:
    return any(action.lossy and action.operation.startswith("Delete") for action in made.actions)


def test_the_program_as_it_is_installed_runs_the_lines_too() -> None:
    """Once without the warm program: the `aws` beside this Python."""
    build, method, operations = STORIES["instance does not admit the endpoint"]
    made, estate, id = planned(scene := Scene(), build, method)
    forward, _ = both_ways(made, estate)
    folder = Path(sys.executable).parent
    with FakeAws.of(scene) as aws:
        subprocess.run(
            ["/bin/sh", "-e"],
            input=forward,
            text=True,
            check=True,
            env={"PATH": f"{folder}:/usr/bin:/bin", **aws.environment},
            capture_output=True,
        )
        assert [name.partition(":")[2] for name in aws.writing()] == operations
    assert verdicts(scene.estate())[id, method] is READY


@pytest.mark.parametrize("kind", [*sorted(set(REPAIRS) - {"AskOwner"}), *OTHERS])
def test_every_kind_of_change_runs_there_and_back(kind: str, program: Program) -> None:
    account = Account()
    remedy = account.others()[kind] if kind in OTHERS else remedy_for(account.repairs()[kind], account.estate)
    names = variables(remedy.actions)
    undo = rollback_of(remedy.actions)
    text = script(remedy.actions, {}, Shell.SH, names) + "\n" + script(undo, {}, Shell.SH, names)
    with FakeAws.of(account.scene) as aws:
        program.run(text, aws.environment)
        done = [name.partition(":")[2] for name in aws.writing()]
    assert done == [each.operation for each in (*remedy.actions, *undo)]


class TestTheDemoAccount:
    """All that can be repaired in the demo account, by each method and by the best one."""

    REGIONS = ("ap-northeast-1", "us-east-1")

    @pytest.mark.parametrize(
        "method",
        [
            None,
            MethodId.SESSION_MANAGER,
            MethodId.INSTANCE_CONNECT_ENDPOINT,
            MethodId.BASTION,
            MethodId.SERIAL_CONSOLE,
        ],
    )
    def test_its_plan_makes_the_targets_ready_and_can_be_taken_back(
        self, method: MethodId | None, program: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        demo = snapshot.read("demo")
        estate = demo.estate()
        made = plan(estate, BOOK, None, method, options=Options(operator=OPERATOR))
        assert made.verified and len(made.reaches) >= 5
        forward, back = both_ways(made, estate)
        before = verdicts(estate)
        with FakeAws.of_snapshot(demo) as aws:
            output = program.run(forward, aws.environment)
            after = verdicts(collected(aws, monkeypatch, *self.REGIONS))
            program.run(printed(output) + back, aws.environment)
            restored = verdicts(served(aws))
        assert {after[each.target.id, each.method] for each in made.reaches} == {READY}
        assert {key for key in before if key in after and after[key] < before[key]} == set()
        untouched = {each.target.id for each in made.reaches} - _kept(made)
        assert {key: restored[key] for key in before if key[0] in untouched} == {
            key: before[key] for key in before if key[0] in untouched
        }


def _kept(made: Plan) -> set[str]:
    """The targets of actions that cannot be taken back exactly (an updated agent stays new)."""
    return {
        str(each)
        for action in made.actions
        if action.lossy
        for each in (*action.parameters.get("InstanceIds", ()), action.parameters.get("InstanceId"))
    }
