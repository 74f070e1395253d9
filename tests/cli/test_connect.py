"""`advisor connect` and `advisor policy`: the line that connects, and what a person must be allowed."""

from __future__ import annotations

import json
import os
import shlex
import stat
from pathlib import Path

import pytest

from advisor.model.scope import FAMILIES
from tests.cli.account import CUT_OFF, WEB, WEB_ID, saved, scene
from tests.cli.running import advisor, complaint
from tests.scenes.builder import tcp


def test_the_best_method_s_command_is_printed(snapshot: str) -> None:
    result = advisor("connect", WEB, "--snapshot", snapshot)
    assert result.exit_code == 0
    assert result.stdout == f"aws ssm start-session --target {WEB_ID} --region us-east-1\n"


def test_another_use_has_another_command(snapshot: str) -> None:
    line = advisor("connect", WEB, "--protocol", "ssh", "--snapshot", snapshot).stdout
    assert shlex.split(line)[0] == "ssh"
    assert "AWS-StartSSHSession" in line
    every = advisor("connect", WEB, "--all", "--snapshot", snapshot).stdout.splitlines()
    assert line.strip() in every


def test_an_entry_for_ssh_config_does_the_same(snapshot: str) -> None:
    result = advisor("connect", WEB, "--protocol", "ssh", "--ssh-config", "--snapshot", snapshot)
    lines = result.stdout.splitlines()
    assert lines[0] == f"Host {WEB}"
    assert f"    HostName {WEB_ID}" in lines
    assert any(line.startswith("    ProxyCommand aws ssm start-session") for line in lines)


def test_a_blocked_method_prints_no_command_but_why(snapshot: str) -> None:
    result = advisor("connect", CUT_OFF, "--method", "session-manager", "--snapshot", snapshot)
    assert result.exit_code == 1
    lines = complaint(result)
    assert "no-path-to-ssm" in lines[0]
    assert f"advisor plan {CUT_OFF}" in lines[1] or "advisor plan i-" in lines[1]


def test_a_line_that_nobody_can_know_is_unknown_and_no_mistake(tmp_path: Path) -> None:
    account = scene()
    for operation in FAMILIES:
        if operation != "ec2:DescribeInstances":
            account.deny(operation)
    result = advisor("connect", WEB, "--method", "bastion", "--snapshot", saved(account, tmp_path))
    assert result.exit_code == 3
    assert "ec2:Describe" in complaint(result)[0]


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program `aws` that writes down its arguments, first on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    record = tmp_path / "arguments"
    program = folder / "aws"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {shlex.quote(str(record))}\nexit 7\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return record


def test_run_runs_the_command_and_ends_with_its_code(snapshot: str, recorded: Path) -> None:
    result = advisor("connect", WEB, "--run", "--snapshot", snapshot)
    assert result.exit_code == 7
    assert recorded.read_text().split() == [
        "ssm",
        "start-session",
        "--target",
        WEB_ID,
        "--region",
        "us-east-1",
    ]


def test_no_shell_sees_what_an_account_is_called(tmp_path: Path, recorded: Path) -> None:
    account = scene()
    hostile = f"mi-0;touch {tmp_path}/pwned $(touch {tmp_path}/pwned)"
    account.setting("/ssm/managed-instance/activation-tier", "advanced")
    account.node(hostile)
    path = saved(account, tmp_path)
    result = advisor("connect", hostile, "--method", "session-manager", "--run", "--snapshot", path)
    assert result.exit_code == 7, result.stderr
    assert hostile in recorded.read_text().splitlines()
    assert not (tmp_path / "pwned").exists()


def test_a_program_that_is_not_installed_is_said(
    snapshot: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = advisor("connect", WEB, "--run", "--snapshot", snapshot)
    assert result.exit_code == 2
    assert complaint(result)[0] == "advisor: `aws` is not installed here"


# --- policy ---


def statements(*arguments: str) -> list[dict[str, object]]:
    result = advisor("policy", *arguments)
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["Version"] == "2012-10-17"
    found: list[dict[str, object]] = document["Statement"]
    return found


def test_a_policy_names_the_target_and_the_document(snapshot: str) -> None:
    (start,) = [
        each
        for each in statements(WEB, "--method", "session-manager", "--snapshot", snapshot)
        if each["Action"] == "ssm:StartSession"
    ]
    assert start["Resource"] == [
        f"arn:aws:ec2:us-east-1:111122223333:instance/{WEB_ID}",
        "arn:aws:ssm:us-east-1:111122223333:document/SSM-SessionManagerRunShell",
    ]


def test_iam_users_own_their_sessions_by_another_name_than_roles(snapshot: str) -> None:
    role = json.dumps(statements(WEB, "--method", "session-manager", "--snapshot", snapshot))
    user = json.dumps(statements(WEB, "--method", "session-manager", "--iam-user", "--snapshot", snapshot))
    assert "${aws:userid}" in role
    assert "${aws:username}" in user


@pytest.mark.parametrize("protocol", ["port-forward", "remote-forward", "fleet-rdp"])
def test_without_a_method_a_policy_is_of_one_that_carries_the_protocol(protocol: str, snapshot: str) -> None:
    found = json.dumps(statements(WEB, "--protocol", protocol, "--snapshot", snapshot))
    assert "ssm:StartSession" in found


def test_a_tunnel_s_policy_names_the_endpoint(tmp_path: Path) -> None:
    account = scene()
    vpc = account.vpc("10.9.0.0/16")
    subnet = vpc.subnet("10.9.0.0/24")
    door = vpc.group("door")
    endpoint = subnet.instance_connect_endpoint(groups=[door])
    subnet.instance(name="app", groups=[vpc.group("app", ingress=[tcp(22, door)])])
    found = statements("app", "--method", "instance-connect-endpoint", "--snapshot", saved(account, tmp_path))
    (tunnel,) = [each for each in found if each["Action"] == "ec2-instance-connect:OpenTunnel"]
    assert str(tunnel["Resource"]).endswith(f"instance-connect-endpoint/{endpoint.id}")


def test_advisor_s_own_policy_only_reads() -> None:
    actions = [action for each in statements("--self") for action in each["Action"]]  # type: ignore[attr-defined]
    assert len(actions) > 50
    verbs = ("Describe", "Get", "List", "Search", "Simulate")
    assert all(action.partition(":")[2].startswith(verbs) for action in actions)
