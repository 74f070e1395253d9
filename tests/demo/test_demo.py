from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from advisor.methods.assess import assess
from advisor.methods.assessment import Assessment, MethodId, TargetAssessment
from advisor.methods.options import Options
from advisor.model.estate import Estate
from advisor.rulebook import load
from advisor.snapshot.store import read
from tests.demo.account import account
from tests.demo.build import HOME, collected, write
from tests.demo.expected import TRUTH, Truth

METHODS = (
    MethodId.SESSION_MANAGER,
    MethodId.INSTANCE_CONNECT_ENDPOINT,
    MethodId.BASTION,
    MethodId.SERIAL_CONSOLE,
)


@pytest.fixture(scope="module")
def estate() -> Estate:
    return read("demo").estate()


@pytest.fixture(scope="module")
def assessment(estate: Estate) -> Assessment:
    return assess(estate, load(), Options(operator="198.51.100.7/32"))


@pytest.fixture(scope="module")
def by_name(assessment: Assessment) -> dict[str, TargetAssessment]:
    return {each.target.name: each for each in assessment.targets}


def test_it_shows_what_it_was_made_for(estate: Estate) -> None:
    assert estate.regions == ["ap-northeast-1", "us-east-1"]
    assert sum(len(scope.vpcs) for scope in estate.regional) == 5
    machines = [each for scope in estate.regional for each in scope.instances.values()]
    assert len(machines) >= 40
    assert sum(len(scope.managed_nodes) for scope in estate.regional) > 10
    assert estate.warnings == ()
    assert [gap[1] for gap in estate.gaps()] == ["ec2:GetManagedPrefixListEntries"]
    platforms = {node.platform_type for scope in estate.regional for node in scope.managed_nodes.values()}
    assert platforms == {"Linux", "Windows", "MacOS"}
    assert any(id.startswith("mi-") for scope in estate.regional for id in scope.managed_nodes)


def test_twenty_different_faults_at_least_and_healthy_machines_too() -> None:
    causes = {cause for truth in TRUTH.values() for cause in truth.causes | truth.entry}
    assert len(causes - {"hybrid-not-applicable"}) >= 20
    assert sum(truth.verdicts[0] == "r" for truth in TRUTH.values()) >= 8
    assert any("u" in truth.verdicts for truth in TRUTH.values())


def test_every_machine_has_its_truth(by_name: dict[str, TargetAssessment]) -> None:
    assert set(by_name) == set(TRUTH)


@pytest.mark.parametrize(("name", "truth"), TRUTH.items(), ids=list(TRUTH))
def test_each_machine_is_judged_as_it_is(
    by_name: dict[str, TargetAssessment], name: str, truth: Truth
) -> None:
    target = by_name[name]
    assert "".join(target.method(each).verdict.value[0] for each in METHODS) == truth.verdicts
    session, entry = (target.method(each) for each in METHODS[:2])
    assert {each.cause for each in session.blockers} == truth.causes
    assert {each.cause for each in entry.blockers} == truth.entry


def test_it_is_small() -> None:
    files = [file for file in HOME.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 1_500_000
    assert all(file.suffix == ".json" for file in files)


def test_its_ids_look_like_those_of_aws() -> None:
    text = "".join(file.read_text() for file in HOME.rglob("*.json"))
    assert not re.search(r"\b[a-z]+-0{12}", text), "no counted ids"
    assert re.search(r"\bi-0[0-9a-f]{16}\b", text)


def test_what_is_shipped_is_what_the_script_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebuild with `python -m tests.demo.build` after a change of the account or of the collector."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    write(collected(account()), tmp_path / "demo")
    made = {
        file.relative_to(tmp_path / "demo"): file.read_text() for file in (tmp_path / "demo").rglob("*.json")
    }
    shipped = {file.relative_to(HOME): file.read_text() for file in HOME.rglob("*.json")}
    assert made == shipped
