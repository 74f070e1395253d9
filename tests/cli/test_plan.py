"""`advisor plan`: proved changes, in the form in which somebody can carry them out."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from advisor.model.scope import FAMILIES
from tests.cli.account import CUT_OFF, DATABASE, WEB, saved, scene
from tests.cli.running import advisor, complaint
from tests.scenes.builder import Scene


def test_a_plan_in_json_has_the_shape_of_the_contract(snapshot: str) -> None:
    result = advisor("plan", CUT_OFF, "--format", "json", "--snapshot", snapshot)
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["schema"] == "advisor.plan/1"
    assert document["verified"] is True
    assert document["actions"]
    for action in document["actions"]:
        keys = {"service", "operation", "parameters", "cli", "monthly_cost_usd", "rollback", "why"}
        assert keys <= action.keys()
    assert document["before"] != document["after"]


def test_the_lines_of_a_plan_are_aws_commands_and_the_way_back_is_only_comment(snapshot: str) -> None:
    result = advisor("plan", CUT_OFF, "--snapshot", snapshot)
    assert result.exit_code == 0
    lines = [line for line in result.stdout.splitlines() if line and not line.startswith("#")]
    assert lines
    assert not any(word in line for line in lines for word in (" delete-", " revoke-", " terminate-"))
    assert any(line.startswith("# aws ") for line in result.stdout.splitlines())


def test_nothing_to_do_is_no_failure(snapshot: str) -> None:
    result = advisor("plan", WEB, "--snapshot", snapshot)
    assert result.exit_code == 0
    assert not [line for line in result.stdout.splitlines() if line and not line.startswith("#")]


def test_no_targets_need_no_change_unless_they_could_not_be_read(tmp_path: Path) -> None:
    empty, unread = Scene(), Scene()
    unread.deny("ec2:DescribeInstances")
    for account, code in ((empty, 0), (unread, 3)):
        result = advisor("plan", "--all", "--snapshot", saved(account, tmp_path))
        assert result.exit_code == code
        assert "There is no target" in result.stdout


def test_what_missing_data_alone_keeps_out_of_reach_is_unknown(tmp_path: Path) -> None:
    account = scene()
    for operation in FAMILIES:
        if operation != "ec2:DescribeInstances":
            account.deny(operation)
    result = advisor("plan", "--all", "--snapshot", saved(account, tmp_path))
    assert result.exit_code == 3
    assert "ec2:DescribeSubnets" in result.stdout.splitlines()[0]


def test_one_change_is_told_as_one(snapshot: str) -> None:
    assert advisor("plan", CUT_OFF, "--snapshot", snapshot).stdout.startswith("# This change repairs 1 of 1")


def test_one_set_of_changes_for_several_targets(snapshot: str) -> None:
    document = json.loads(advisor("plan", "--tag", "env", "--format", "json", "--snapshot", snapshot).stdout)
    assert {each["name"] for each in document["targets"]} == {WEB, DATABASE, CUT_OFF}
    everything = json.loads(advisor("plan", "--all", "--format", "json", "--snapshot", snapshot).stdout)
    assert everything["actions"] == document["actions"]


def test_for_whom_has_to_be_said(snapshot: str) -> None:
    result = advisor("plan", "--snapshot", snapshot)
    assert result.exit_code == 2
    assert "--all" in complaint(result)[1]


@pytest.mark.parametrize("form", ["powershell", "terraform", "cloudformation", "iam", "markdown"])
def test_every_format_says_the_same_plan(snapshot: str, form: str) -> None:
    result = advisor("plan", CUT_OFF, "--format", form, "--snapshot", snapshot)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.strip()


def test_files_go_into_a_folder_or_one_file(snapshot: str, tmp_path: Path) -> None:
    folder = tmp_path / "repair"
    into = advisor("plan", CUT_OFF, "--snapshot", snapshot, "--to", f"{folder}/")
    assert into.exit_code == 0
    assert into.stdout == ""
    assert {each.name for each in folder.iterdir()} == {"apply.sh", "rollback.sh"}
    file = tmp_path / "plan.md"
    advisor("plan", CUT_OFF, "--format", "markdown", "--snapshot", snapshot, "--to", str(file))
    assert file.read_text()


def test_a_query_takes_out_of_the_json(snapshot: str) -> None:
    arguments = ("plan", CUT_OFF, "--snapshot", snapshot, "--query", "actions[].operation")
    operations = json.loads(advisor(*arguments, "--format", "json").stdout)
    assert operations
    assert complaint(advisor(*arguments))[1] == "  add --format json"


def test_an_action_may_be_left_out_and_the_rest_is_proved_anew(snapshot: str) -> None:
    whole = json.loads(advisor("plan", CUT_OFF, "--format", "json", "--snapshot", snapshot).stdout)
    key = whole["actions"][0]["key"]
    arguments = ("plan", CUT_OFF, "--format", "json", "--snapshot", snapshot, "--without", key)
    result = advisor(*arguments)
    rest = json.loads(result.stdout)
    assert key not in {each["key"] for each in rest["actions"]}
    assert rest["verified"] is False
    assert result.exit_code != 0


def test_hostile_names_stay_words_in_the_lines(tmp_path: Path) -> None:
    account = scene()
    vpc = account.vpc("10.9.0.0/16", name="$(touch pwned); 'x' \"y\"")
    vpc.subnet("10.9.0.0/24").instance(name="evil $(id)", id="i-0eeeeeeeeeeeeeee9")
    result = advisor("plan", "i-0eeeeeeeeeeeeeee9", "--snapshot", saved(account, tmp_path))
    for line in result.stdout.splitlines():
        if line.startswith("aws "):
            shlex.split(line)
            assert "$(touch" not in line.replace("'$(touch pwned)", "")
