"""An SSH command becomes an entry for ~/.ssh/config that means the same."""

from __future__ import annotations

import pytest

from advisor.report.ssh_config import alias_for, ssh_entry


def test_ssh_over_session_manager_keeps_its_proxy_command() -> None:
    command = (
        'ssh -o "ProxyCommand=aws ssm start-session --target %h --document-name AWS-StartSSHSession '
        '--parameters portNumber=%p --region us-east-1" ec2-user@i-0abc'
    )
    assert ssh_entry("web-1", command) == (
        "Host web-1\n"
        "    HostName i-0abc\n"
        "    User ec2-user\n"
        "    ProxyCommand aws ssm start-session --target %h --document-name AWS-StartSSHSession "
        "--parameters portNumber=%p --region us-east-1\n"
    )


def test_a_bastion_becomes_a_proxy_jump() -> None:
    assert ssh_entry("db", "ssh -i '~/.ssh/k.pem' -J ec2-user@203.0.113.5 ec2-user@10.0.1.9") == (
        "Host db\n"
        "    HostName 10.0.1.9\n"
        "    User ec2-user\n"
        "    IdentityFile ~/.ssh/k.pem\n"
        "    ProxyJump ec2-user@203.0.113.5\n"
    )


def test_an_instance_connect_tunnel_becomes_a_proxy_command() -> None:
    command = (
        "aws ec2-instance-connect ssh --instance-id i-0abc --os-user ubuntu --connection-type eice "
        "--eice-options endpointId=eice-0123 --region eu-west-1"
    )
    assert ssh_entry("app", command) == (
        "Host app\n"
        "    HostName i-0abc\n"
        "    User ubuntu\n"
        "    ProxyCommand aws ec2-instance-connect open-tunnel --instance-id %h "
        "--instance-connect-endpoint-id eice-0123 --region eu-west-1\n"
    )


@pytest.mark.parametrize(
    "command",
    [
        "aws ssm start-session --target i-0abc",
        "ssh -N -L 13389:10.0.0.1:3389 ec2-user@203.0.113.5",
        "aws ec2-instance-connect ssh --instance-id 'i-0;id' --connection-type eice",
        "ssh 'user@host name'",
    ],
)
def test_what_is_no_login_or_not_safe_to_write_gives_no_entry(command: str) -> None:
    assert ssh_entry("x", command) is None


@pytest.mark.parametrize(
    ("name", "alias"),
    [
        ("web-1", "web-1"),
        ("a b\nHost *", "a-b-Host"),
        ("経理サーバー", "i-0abc"),
        ("", "i-0abc"),
        ("*", "i-0abc"),
    ],
)
def test_an_alias_is_one_plain_word(name: str, alias: str) -> None:
    assert alias_for(name, "i-0abc") == alias
