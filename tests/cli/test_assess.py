"""`advisor assess`: what people and programs learn about an account, in every format."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from rich.cells import cell_len

from advisor.rulebook.document import parse
from tests.cli.account import CUT_OFF, CUT_OFF_ID, DATABASE, DATABASE_ID, WEB, WEB_ID, saved, scene
from tests.cli.running import advisor, answer, complaint
from tests.scenes.builder import Scene


def test_the_exit_code_is_that_of_the_worst_target(snapshot: str) -> None:
    assert advisor("assess", WEB, "--snapshot", snapshot).exit_code == 0
    assert advisor("assess", CUT_OFF, "--snapshot", snapshot).exit_code == 1
    assert advisor("assess", "--snapshot", snapshot).exit_code == 1


def test_missing_data_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    account = scene()
    account.deny("ssm:DescribeInstanceInformation")
    account.deny("ec2:DescribeInstanceConnectEndpoints")
    result = advisor(
        "assess", CUT_OFF, "--method", "instance-connect-endpoint", "--snapshot", saved(account, tmp_path)
    )
    assert result.exit_code == 3
    assert "ec2:DescribeInstanceConnectEndpoints was denied" in result.stdout


def test_instances_that_may_not_be_listed_are_unknown_and_not_none(tmp_path: Path) -> None:
    account = Scene()
    account.vpc()
    assert advisor("assess", "--snapshot", saved(account, tmp_path, "empty.json")).exit_code == 0
    account.deny("ec2:DescribeInstances")
    result = advisor("assess", "--snapshot", saved(account, tmp_path))
    assert result.exit_code == 3
    assert "ec2:DescribeInstances: denied (UnauthorizedOperation)" in result.stdout
    account.forget("ec2:DescribeInstances")
    never_asked = advisor("assess", "--snapshot", saved(account, tmp_path, "not-asked.json"))
    assert never_asked.exit_code == 3
    assert "ec2:DescribeInstances" in never_asked.stderr


def test_json_says_what_stops_a_target(snapshot: str) -> None:
    document = answer("assess", "--snapshot", snapshot)
    assert document["schema"] == "advisor.assessment/1"
    targets = {each["name"]: each for each in document["targets"]}
    assert set(targets) == {WEB, DATABASE, CUT_OFF}
    assert targets[WEB]["recommended"]["method"] == "session-manager"
    verdicts = {each["method"]: each["verdict"] for each in targets[WEB]["methods"]}
    assert verdicts["session-manager"] == "ready"
    assert verdicts["instance-connect-endpoint"] == "blocked"
    sessions = next(each for each in targets[CUT_OFF]["methods"] if each["method"] == "session-manager")
    assert sessions["verdict"] == "blocked"
    assert any(blocker["cause"] == "no-path-to-ssm" for blocker in sessions["blockers"])
    assert all(blocker["evidence"] and blocker["remedies"] for blocker in sessions["blockers"])


def test_commands_are_in_the_json(snapshot: str) -> None:
    (target,) = answer("assess", WEB, "--snapshot", snapshot)["targets"]
    lines = [each["command"] for each in target["methods"][0]["commands"] if each["use"] == "shell"]
    assert lines == [f"aws ssm start-session --target {WEB_ID} --region us-east-1"]


def test_yaml_says_the_same_as_json(snapshot: str) -> None:
    written = advisor("assess", "--snapshot", snapshot, "--output", "yaml").stdout
    document = answer("assess", "--snapshot", snapshot)
    read = parse(written, "assess.yaml").data
    assert isinstance(read, dict)
    assert read["targets"] == document["targets"]


def test_csv_has_a_row_for_each_target_and_a_column_for_each_method(snapshot: str) -> None:
    result = advisor("assess", "--snapshot", snapshot, "--output", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    found = {row["name"]: row for row in rows}
    assert found[WEB]["session-manager"] == "ready"
    assert found[CUT_OFF]["session-manager"] == "blocked"
    assert "no-path-to-ssm" in found[CUT_OFF]["session-manager causes"].split()
    assert found[WEB]["recommended"] == "session-manager"


@pytest.mark.parametrize(("format", "start"), [("html", "<!DOCTYPE html>"), ("markdown", "# Ways into")])
def test_reports_name_every_target_with_its_causes(snapshot: str, format: str, start: str) -> None:
    report = advisor("assess", "--snapshot", snapshot, "--output", format).stdout
    assert report.startswith(start)
    for name in (WEB_ID, DATABASE_ID, CUT_OFF_ID, "no-path-to-ssm"):
        assert name in report


def test_sarif_is_json_of_its_own_shape(snapshot: str) -> None:
    log = json.loads(advisor("assess", "--snapshot", snapshot, "--output", "sarif").stdout)
    assert {each["ruleId"] for each in log["runs"][0]["results"]} >= {"no-path-to-ssm", "eice-none-in-vpc"}


@pytest.mark.parametrize("columns", ["80", "120", "200"])
def test_the_table_fits_the_terminal(snapshot: str, columns: str) -> None:
    result = advisor("assess", "--snapshot", snapshot, env={"COLUMNS": columns})
    assert max(cell_len(line) for line in result.stdout.splitlines()) <= int(columns)
    assert WEB_ID in result.stdout


def test_a_pipe_gets_words_and_whole_lines(snapshot: str) -> None:
    result = advisor("assess", "--snapshot", snapshot)
    row = next(line for line in result.stdout.splitlines() if line.startswith(WEB_ID))
    assert "✓ ready" in row
    assert "✗ blocked" in row
    assert "\x1b" not in result.stdout


def test_one_target_is_told_in_full(snapshot: str) -> None:
    result = advisor("assess", CUT_OFF, "--snapshot", snapshot)
    assert f"{CUT_OFF} ({CUT_OFF_ID})" in result.stdout
    assert "no-path-to-ssm" in result.stdout
    assert "to do:" in result.stdout


def test_japanese_is_a_language_of_the_explanations(snapshot: str) -> None:
    result = advisor("assess", CUT_OFF, "--snapshot", snapshot, "--lang", "ja")
    assert "対処" in result.stdout
    assert "to do:" not in result.stdout


def test_a_query_takes_out_what_it_names(snapshot: str) -> None:
    query = "sort(targets[].name)"
    arguments = ("assess", "--snapshot", snapshot, "--query", query)
    assert json.loads(advisor(*arguments, "--output", "json").stdout) == [CUT_OFF, DATABASE, WEB]
    assert advisor(*arguments).stdout.split() == [CUT_OFF, DATABASE, WEB]
    table = advisor(
        "assess", "--snapshot", snapshot, "--query", "targets[].{id: id, state: state}", "--output", "csv"
    )
    assert table.stdout.splitlines()[0] == "id,state"


def test_a_query_that_is_none_is_a_mistake(snapshot: str) -> None:
    result = advisor("assess", "--snapshot", snapshot, "--query", "targets[?")
    assert result.exit_code == 2
    assert complaint(result)[0].startswith("advisor: --query:")


def test_one_method_decides_alone_when_it_is_asked_for(snapshot: str) -> None:
    arguments = ("assess", WEB, "--snapshot", snapshot)
    assert advisor(*arguments, "--method", "session-manager").exit_code == 0
    result = advisor(*arguments, "--method", "bastion")
    assert result.exit_code == 1
    assert "✗ blocked  Bastion" in result.stdout
    assert "✓ ready" not in result.stdout


def test_targets_are_narrowed_by_tag_and_vpc(snapshot: str) -> None:
    document = answer("assess", "--snapshot", snapshot, "--tag", "env=prod")
    assert {each["name"] for each in document["targets"]} == {WEB, DATABASE}
    vpc = document["targets"][0]["vpc"]
    assert len(answer("assess", "--snapshot", snapshot, "--vpc", vpc)["targets"]) == 3


def test_an_ambiguous_target_names_the_candidates(snapshot: str) -> None:
    result = advisor("assess", "i-0aaa", "--snapshot", snapshot)
    assert result.exit_code == 2
    lines = complaint(result)
    assert WEB_ID in lines[1]
    assert DATABASE_ID in lines[1]


def test_a_region_that_the_snapshot_lacks_is_a_mistake(snapshot: str) -> None:
    result = advisor("assess", "--snapshot", snapshot, "--region", "eu-west-9")
    assert result.exit_code == 2
    assert "us-east-1" in complaint(result)[1]


def test_only_the_regions_asked_for_are_assessed(tmp_path: Path) -> None:
    account = scene()
    west = account.at(region="us-west-2")
    west.vpc("10.9.0.0/16").subnet("10.9.0.0/24").instance(name="west")
    path = saved(account, tmp_path)
    names = "targets[].name"
    assert answer("assess", "--snapshot", path, "--region", "us-west-2", "--query", names) == ["west"]
    both = answer("assess", "--snapshot", path, "--region", "us-west-2,us-east-1", "--query", names)
    assert len(both) == 4
    assert len(answer("assess", "--snapshot", path, "--region", "all", "--query", names)) == 4


def test_dumps_and_a_snapshot_of_the_same_account_give_the_same_report(tmp_path: Path, snapshot: str) -> None:
    folder = tmp_path / "dumps"
    folder.mkdir()
    scene().dump(folder)
    query = "targets[].[id, recommended.method, methods[].verdict]"
    from_dumps = answer("assess", "--snapshot", str(folder), "--query", query)
    assert from_dumps == answer("assess", "--snapshot", snapshot, "--query", query)


def test_the_demo_account_needs_nothing() -> None:
    document = answer("assess", "--snapshot", "demo")
    assert len(document["targets"]) > 30
    assert {each["kind"] for each in document["targets"]} == {"ec2", "hybrid"}


def test_hostile_names_reach_no_terminal(tmp_path: Path) -> None:
    account = Scene()
    account.vpc().subnet("10.0.1.0/24").instance(name="a\x1b]0;evil\x07\x1b[2J=1+1|`x`<b>")
    path = saved(account, tmp_path)
    for format in ("table", "markdown", "html", "csv"):
        out = advisor("assess", "--snapshot", path, "--output", format).stdout
        assert "\x1b" not in out
        assert "\x07" not in out
        assert format != "html" or "<b>" not in out


def test_a_profile_of_preferences_that_is_not_there_is_a_mistake(snapshot: str) -> None:
    result = advisor("assess", "--snapshot", snapshot, "--prefer", "lucky")
    assert result.exit_code == 2
    complaint(result)


def test_what_does_not_exist_is_no_blind_spot(snapshot: str) -> None:
    """The account has no session preferences: AWS says so with an error, which is an answer."""
    assert answer("assess", "--snapshot", snapshot)["gaps"] == []
    assert "Not read" not in advisor("assess", "--snapshot", snapshot).stdout
