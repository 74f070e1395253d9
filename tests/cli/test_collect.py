"""`advisor collect`, and every other command on a live account: it reads, and only reads."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from advisor.model.times import spell_instant
from advisor.snapshot import read
from tests.cli.account import CUT_OFF, WEB, scene
from tests.cli.running import advisor, complaint
from tests.fakeaws.app import FakeAws


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    # Live, a ping is judged against the present.
    account = scene(last_ping=spell_instant(datetime.now(UTC)))
    account.authorization_details()
    with FakeAws.of(account) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_REGION", "us-east-1")
        yield running


def live(*arguments: str, aws: FakeAws) -> tuple[str, ...]:
    return (*arguments, "--endpoint-url", aws.url)


def test_a_snapshot_is_written_for_its_owner_alone(aws: FakeAws, tmp_path: Path) -> None:
    path = tmp_path / "account.json.gz"
    result = advisor(*live("collect", "-o", str(path), aws=aws))
    assert result.exit_code == 0, result.stderr
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "us-east-1" in result.stdout
    assert aws.writing() == []


def test_what_is_not_allowed_is_said_and_the_rest_is_kept(aws: FakeAws, tmp_path: Path) -> None:
    aws.rules.deny("ec2:DescribeNetworkAcls")
    path = str(tmp_path / "account.json")
    result = advisor(*live("collect", "-o", path, aws=aws))
    assert result.exit_code == 0
    assert "1 call did not succeed" in result.stderr
    assert advisor("assess", CUT_OFF, "--snapshot", path).exit_code in (1, 3)


def test_a_place_that_cannot_be_written_is_found_out_before_anything_is_read(
    aws: FakeAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder.json").mkdir()
    result = advisor(*live("collect", "-o", str(tmp_path / "folder.json"), aws=aws))
    assert (result.exit_code, complaint(result)[0]) == (2, f"advisor: {tmp_path}/folder.json is a folder")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    result = advisor(*live("collect", "-o", str(tmp_path / "a.json"), aws=aws))
    assert result.exit_code == 2
    assert "nothing can be written" in complaint(result)[0]
    assert aws.calls == []


def test_credentials_that_expire_half_way_are_said_and_what_was_read_is_kept(
    aws: FakeAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = aws.rules.check

    def expire(call: Any) -> None:
        aws.rules.expired = len(aws.calls) > 20
        check(call)

    monkeypatch.setattr(aws.rules, "check", expire)
    path = tmp_path / "account.json"
    result = advisor(*live("collect", "-o", str(path), aws=aws))
    assert result.exit_code == 4
    assert "advisor: the AWS credentials expired while the account was read" in result.stderr
    assert any(each.status == "ok" for each in read(path).responses)
    again = advisor("collect", "--snapshot", str(path), "-o", str(tmp_path / "copy.json"))
    assert again.exit_code == 0, "a copy signs in nowhere"


def test_a_live_account_and_its_snapshot_give_the_same_answer(aws: FakeAws, tmp_path: Path) -> None:
    path = str(tmp_path / "account.json")
    advisor(*live("collect", "-o", path, aws=aws))
    query = ("--query", "targets[].[name, methods[].[method, verdict]]", "--output", "json", "--no-local")
    lived = advisor(*live("assess", *query, aws=aws))
    saved = advisor("assess", *query, "--snapshot", path)
    assert lived.exit_code == 1, lived.stderr
    assert json.loads(lived.stdout) == json.loads(saved.stdout)
    assert aws.writing() == []


def test_progress_is_for_terminals_only(aws: FakeAws) -> None:
    result = advisor(*live("assess", WEB, "--no-local", aws=aws))
    assert "reading AWS" not in result.stderr


def test_a_command_reads_its_live_account(aws: FakeAws) -> None:
    result = advisor(*live("connect", WEB, "--no-local", aws=aws))
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("aws ssm start-session --target i-")


def asked(aws: FakeAws) -> set[str]:
    return {call.name for call in aws.calls}


def test_targets_that_are_named_are_looked_at_closely_and_a_fleet_is_not(aws: FakeAws) -> None:
    result = advisor(*live("assess", "--no-local", aws=aws))
    assert result.exit_code == 1
    assert "ssm:GetConnectionStatus" not in asked(aws)
    result = advisor(*live("assess", WEB, "--no-local", aws=aws))
    assert result.exit_code == 0, result.stderr
    assert "ssm:GetConnectionStatus" in asked(aws)
    assert "ec2:GetConsoleOutput" not in asked(aws)
    assert aws.writing() == []


def test_boot_output_is_read_only_when_it_is_asked_for(aws: FakeAws) -> None:
    advisor(*live("assess", WEB, "--no-local", "--console", aws=aws))
    assert "ec2:GetConsoleOutput" in asked(aws)
    assert aws.writing() == []


def test_a_session_channel_that_is_shut_is_seen(aws: FakeAws) -> None:
    before = advisor(*live("assess", WEB, "--method", "session-manager", "--no-local", aws=aws))
    assert before.exit_code == 0
    place = aws.world.place("111122223333", "us-east-1")
    place.add("ssm:GetConnectionStatus", {"Target": "i-0aaaaaaaaaaaaaaa1", "Status": "notconnected"})
    after = advisor(*live("assess", WEB, "--method", "session-manager", "--no-local", aws=aws))
    assert after.exit_code == 1
    assert "GetConnectionStatus" in after.stdout
