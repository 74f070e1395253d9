"""`advisor check`: assertions that CI can hold an account to."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.account import CUT_OFF, DATABASE, WEB, WEB_ID, saved, scene
from tests.cli.running import advisor, answer, complaint
from tests.scenes.builder import Scene


def written(folder: Path, text: str) -> str:
    path = folder / "network.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


HOLDS = f"""
assertions:
  - {{id: web-admin, target: {WEB}, method: session-manager, expect: ready}}
  - {{id: web-db, from: {WEB}, to: {DATABASE}, protocol: tcp, port: 5432, expect: reachable}}
  - {{id: db-closed, from: internet, to: {DATABASE}, port: 5432, expect: blocked}}
  - {{id: cut-off, target: {CUT_OFF}, method: session-manager, expect: blocked}}
"""


def test_assertions_that_hold_pass(snapshot: str, tmp_path: Path) -> None:
    result = advisor("check", written(tmp_path, HOLDS), "--snapshot", snapshot)
    assert result.exit_code == 0
    assert result.stdout.count("✓ pass") == 4
    assert "4 passed, 0 failed." in result.stdout


def test_an_assertion_that_fails_says_what_was_found_and_why(snapshot: str, tmp_path: Path) -> None:
    file = written(tmp_path, f"- {{id: ssh, from: {WEB}, to: {DATABASE}, port: 22, expect: reachable}}\n")
    result = advisor("check", file, "--snapshot", snapshot)
    assert result.exit_code == 1
    assert "✗ FAIL" in result.stdout
    assert "no inbound rule" in result.stdout


def test_json_has_the_shape_of_the_contract(snapshot: str, tmp_path: Path) -> None:
    document = answer("check", written(tmp_path, HOLDS.replace("blocked", "unknown")), "--snapshot", snapshot)
    assert document["schema"] == "advisor.check/1"
    assert (document["passed"], document["failed"]) == (2, 2)
    assert [each["pass"] for each in document["results"]] == [True, True, False, False]
    third = document["results"][2]
    assert (third["id"], third["expect"], third["got"]) == ("db-closed", "unknown", "blocked")


def test_what_fails_only_for_missing_data_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    account = scene()
    account.deny("ec2:DescribeSecurityGroups")
    path = saved(account, tmp_path)
    file = written(tmp_path, f"- {{id: a, from: {WEB}, to: {DATABASE}, port: 5432, expect: reachable}}\n")
    result = advisor("check", file, "--snapshot", path)
    assert result.exit_code == 3
    assert "ec2:DescribeSecurityGroups was denied" in result.stdout


def test_junit_is_for_ci_systems(snapshot: str, tmp_path: Path) -> None:
    file = written(tmp_path, HOLDS.replace("expect: ready", "expect: blocked"))
    result = advisor("check", file, "--snapshot", snapshot, "--output", "junit")
    assert result.exit_code == 1
    suites = ElementTree.fromstring(result.stdout)
    assert (suites.get("tests"), suites.get("failures")) == ("4", "1")


def test_a_first_file_says_what_is_true_today(snapshot: str, tmp_path: Path) -> None:
    path = tmp_path / "first.yaml"
    made = advisor("check", "--init", str(path), "--snapshot", snapshot)
    assert made.exit_code == 0
    checked = advisor("check", str(path), "--snapshot", snapshot)
    assert checked.exit_code == 0, checked.stdout
    assert "0 failed" in checked.stdout
    again = advisor("check", "--init", str(path), "--snapshot", snapshot)
    assert again.exit_code == 2
    complaint(again)


def test_a_first_file_may_go_through_a_pipe(snapshot: str, tmp_path: Path) -> None:
    text = advisor("check", "--init", "--snapshot", snapshot).stdout
    assert advisor("check", written(tmp_path, text), "--snapshot", snapshot).exit_code == 0
    result = advisor("check", "--snapshot", snapshot)
    assert result.exit_code == 2
    complaint(result)


def test_a_first_file_tells_instances_of_one_name_apart(tmp_path: Path) -> None:
    account = scene()
    subnet = account.vpc("10.9.0.0/16").subnet("10.9.0.0/24")
    subnet.instance(name="twin")
    subnet.instance(name="twin")
    snapshot, path = saved(account, tmp_path), tmp_path / "first.yaml"
    assert advisor("check", "--init", str(path), "--snapshot", snapshot).exit_code == 0
    assert advisor("check", str(path), "--snapshot", snapshot).exit_code == 0


def test_a_first_file_tells_ids_that_repeat_apart_by_their_place(tmp_path: Path) -> None:
    account = scene()
    account.at(region="eu-west-1").vpc("10.0.0.0/16").subnet("10.0.0.0/24").instance(id=WEB_ID, name=WEB)
    snapshot, path = saved(account, tmp_path), tmp_path / "first.yaml"
    assert advisor("check", "--init", str(path), "--snapshot", snapshot).exit_code == 0
    result = advisor("check", str(path), "--snapshot", snapshot)
    assert result.exit_code == 0, result.output
    assert f"111122223333/eu-west-1/{WEB_ID}" in result.stdout


def test_no_first_file_is_written_where_nothing_is_known(tmp_path: Path) -> None:
    path = tmp_path / "first.yaml"
    result = advisor("check", "--init", str(path), "--snapshot", saved(Scene(), tmp_path))
    assert result.exit_code == 2
    complaint(result)
    assert not path.exists()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"assertions:\n  - {{id: a, target: {WEB}, method: session-manager, expect: fine}}\n", ":2:"),
        (f"assertions:\n  - {{id: a, target: {WEB}, metod: session-manager, expect: ready}}\n", ":2:"),
        (f"- {{id: a, from: {WEB}, to: nobody, port: 22, expect: blocked}}\n", ":1:"),
        ("\n- {id: a, target: nobody, method: bastion, expect: ready}\n", ":2:"),
        ("assertions: []\n", ":1:"),
        ("- {id: a\n", ":"),
        (f"- {{id: a, target: {WEB}, method: direct, expect: ready}}\n" * 2, ":2:"),
    ],
)
def test_a_file_that_is_wrong_is_named_with_its_line(
    snapshot: str, tmp_path: Path, text: str, line: str
) -> None:
    result = advisor("check", written(tmp_path, text), "--snapshot", snapshot)
    assert result.exit_code == 2
    assert f"network.yaml{line}" in complaint(result)[0]


def test_a_file_that_is_not_there_is_a_mistake(snapshot: str, tmp_path: Path) -> None:
    result = advisor("check", str(tmp_path / "none.yaml"), "--snapshot", snapshot)
    assert result.exit_code == 2
    complaint(result)


def test_one_process_checks_thousands_of_assertions(snapshot: str, tmp_path: Path) -> None:
    lines = [
        f"- {{id: p{port}, from: {WEB}, to: {DATABASE}, port: {port}, expect: "
        f"{'reachable' if port == 5432 else 'blocked'}}}"
        for port in range(4000, 6000)
    ]
    result = advisor("check", written(tmp_path, "\n".join(lines)), "--snapshot", snapshot)
    assert result.exit_code == 0
    assert "2000 passed" in result.stdout
