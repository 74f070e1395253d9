"""`advisor diff`: who lost a way in, and the change that did it, proved by taking it back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tests.cli.account import CUT_OFF_ID, DATABASE_ID, WEB_ID, saved, scene
from tests.cli.running import advisor, answer
from tests.scenes.builder import Scene


def twice(tmp_path: Path, changed: Scene) -> tuple[str, str]:
    return saved(scene(), tmp_path, "old.json"), saved(changed, tmp_path, "new.json")


def test_nothing_changed_is_said_with_exit_code_0(tmp_path: Path) -> None:
    old, new = twice(tmp_path, scene())
    result = advisor("diff", old, new)
    assert result.exit_code == 0
    assert "No verdict changed." in result.stdout


def test_the_change_that_took_a_way_away_is_named_and_others_are_not(tmp_path: Path) -> None:
    """Two groups changed: one lost its outbound rules, one was only renamed."""
    changed = scene()
    groups = changed.place.records["ec2:DescribeSecurityGroups"]
    web = next(group for group in groups if group["GroupName"] == "web")
    web["IpPermissionsEgress"] = []
    data = next(group for group in groups if group["GroupName"] == "data")
    data["Tags"] = [{"Key": "Name", "Value": "renamed"}]
    for account in (before := scene(), changed):
        # What was observed would beat what the rules say.
        account.forget("ssm:DescribeInstanceInformation")
        # It tells the same rules a second time, and live collection does not ask it.
        account.forget("ec2:DescribeSecurityGroupRules")
    old, new = saved(before, tmp_path, "old.json"), saved(changed, tmp_path, "new.json")
    document = answer("diff", old, new)
    assert document["schema"] == "advisor.diff/1"
    assert {each["resource"] for each in document["differences"]} >= {web["GroupId"], data["GroupId"]}
    assert document["turns"]
    for turn in document["turns"]:
        assert turn["after"] == "blocked"
        assert turn["proved"]
        assert [change["resource"] for change in turn["changes"]] == [web["GroupId"]]


def test_who_lost_a_way_in_decides_the_exit_code(tmp_path: Path) -> None:
    changed = scene()
    changed.place.records["ssm:DescribeInstanceInformation"][0]["PingStatus"] = "ConnectionLost"
    result = advisor("diff", *twice(tmp_path, changed))
    assert result.exit_code == 1
    assert "✓ ready" in result.stdout
    assert "✗ blocked" in result.stdout
    (turn,) = answer("diff", *twice(tmp_path, changed))["turns"]
    assert (turn["target"], turn["method"], turn["proved"]) == (WEB_ID, "session-manager", True)
    (change,) = turn["changes"]
    assert change["operation"] == "ssm:DescribeInstanceInformation"
    assert change["members"] == [{"path": "PingStatus", "before": "Online", "after": "ConnectionLost"}]


def test_a_way_that_was_gained_is_no_failure(tmp_path: Path) -> None:
    changed = scene()
    tables = changed.place.records["ec2:DescribeRouteTables"]
    isolated = next(
        table for table in tables if len(table["Routes"]) == 1 and not table["Associations"][0]["Main"]
    )
    nat = changed.place.records["ec2:DescribeNatGateways"][0]["NatGatewayId"]
    isolated["Routes"].append(
        {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": nat, "Origin": "CreateRoute", "State": "active"}
    )
    result = advisor("diff", *twice(tmp_path, changed))
    assert result.exit_code == 0
    for turn in answer("diff", *twice(tmp_path, changed))["turns"]:
        assert turn["target"] == CUT_OFF_ID
        assert [change["resource"] for change in turn["changes"]] == [isolated["RouteTableId"]]


def test_a_call_that_is_denied_now_is_the_change(tmp_path: Path) -> None:
    changed = scene()
    changed.deny("ec2:DescribeInstanceConnectEndpoints")
    result = advisor("diff", *twice(tmp_path, changed))
    assert result.exit_code == 0, "nobody lost a method that was ready"
    turns = answer("diff", *twice(tmp_path, changed))["turns"]
    assert turns
    assert {each["after"] for each in turns} == {"unknown"}
    assert {change["operation"] for each in turns for change in each["changes"]} == {
        "ec2:DescribeInstanceConnectEndpoints"
    }
    assert all(each["proved"] for each in turns)


def test_targets_that_came_and_went_are_listed(tmp_path: Path) -> None:
    changed = scene()
    subnet = changed.vpc("10.9.0.0/16").subnet("10.9.0.0/24")
    subnet.instance(name="newcomer", id="i-0ccccccccccccccc4")
    document = answer("diff", *twice(tmp_path, changed))
    assert document["appeared"] == ["i-0ccccccccccccccc4"]
    assert document["gone"] == []
    assert "newcomer" in advisor("diff", *twice(tmp_path, changed)).stdout


def test_targets_that_could_not_be_read_now_are_not_gone(tmp_path: Path) -> None:
    """Missing is not empty: whoever had a way in may have it still, and that is unknown."""
    changed = scene()
    changed.deny("ec2:DescribeInstances")
    changed.deny("ssm:DescribeInstanceInformation")
    old, new = twice(tmp_path, changed)
    assert advisor("diff", old, new).exit_code == 3
    now = answer("diff", old, new)
    assert (now["gone"], sorted(now["hidden"])) == ([], [WEB_ID, DATABASE_ID, CUT_OFF_ID])
    assert advisor("diff", new, old).exit_code == 0
    back = answer("diff", new, old)
    assert (back["appeared"], sorted(back["revealed"])) == ([], [WEB_ID, DATABASE_ID, CUT_OFF_ID])


def test_a_region_that_was_not_read_now_has_lost_nothing(tmp_path: Path) -> None:
    before = scene()
    before.at(region="eu-west-1").vpc("10.0.0.0/16").subnet("10.0.0.0/24").instance(id="i-0ddddddddddddddd5")
    document = answer("diff", saved(before, tmp_path, "old.json"), saved(scene(), tmp_path, "new.json"))
    assert (document["gone"], document["hidden"]) == ([], ["i-0ddddddddddddddd5"])


def test_csv_has_a_row_for_every_turn_and_every_target_that_came_or_went(tmp_path: Path) -> None:
    changed = scene()
    changed.place.records["ssm:DescribeInstanceInformation"][0]["PingStatus"] = "ConnectionLost"
    changed.vpc("10.9.0.0/16").subnet("10.9.0.0/24").instance(name="newcomer", id="i-0ccccccccccccccc4")
    text = advisor("diff", *twice(tmp_path, changed), "--output", "csv").stdout
    rows = [
        (row["what"], row["id"], row["before"], row["after"]) for row in csv.DictReader(io.StringIO(text))
    ]
    assert rows == [("turned", WEB_ID, "ready", "blocked"), ("appeared", "i-0ccccccccccccccc4", "", "")]
    nothing = advisor("diff", *twice(tmp_path, scene()), "--output", "csv").stdout
    assert nothing.splitlines() == [text.splitlines()[0]]


def test_a_change_that_no_verdict_hangs_on_turns_nothing(tmp_path: Path) -> None:
    changed = scene()
    groups = changed.place.records["ec2:DescribeSecurityGroups"]
    next(group for group in groups if group["GroupName"] == "default")["Description"] = "other words"
    assert answer("diff", *twice(tmp_path, changed))["turns"] == []
