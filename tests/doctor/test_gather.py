"""Looking at a machine: fake programs on a PATH of their own, and an AWS of the tests."""

from __future__ import annotations

import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from advisor.doctor.facts import Credentials, KeyAgent, LocalFacts, Program, SignIn
from advisor.doctor.gather import asking, asking_nobody, gather

INSTANCE, HYBRID = "i-0123456789abcdef0", "mi-0123456789abcdef0"


class Machine:
    """A folder of programs, and the environment that finds them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"PATH": str(folder)}

    def install(self, name: str, body: str) -> None:
        path = self.folder / name
        path.write_text(f"#!{sys.executable} -S\nimport sys\n{body}\n")
        path.chmod(path.stat().st_mode | stat.S_IEXEC)

    def facts(self, seconds: float = 20.0) -> LocalFacts:
        return gather(self.environment, seconds=seconds)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_an_empty_machine(machine: Machine) -> None:
    assert machine.facts() == LocalFacts(Program("aws"), Program("session-manager-plugin"), Program("ssh"))


def test_programs_tell_their_versions(machine: Machine) -> None:
    machine.install("aws", "print('aws-cli/2.31.4 Python/3.13.7 Linux/6.1 exe/x86_64')")
    machine.install("session-manager-plugin", "print('1.2.764.0')")
    machine.install("ssh", "print('OpenSSH_9.6p1 Ubuntu-3, OpenSSL 3.0', file=sys.stderr)")
    machine.install("ssh-add", "sys.exit(1)")
    found = machine.facts()
    assert (found.cli.version, found.cli.path) == ((2, 31, 4), str(machine.folder / "aws"))
    assert found.plugin.version == (1, 2, 764, 0)
    assert found.ssh.banner == "OpenSSH_9.6p1 Ubuntu-3, OpenSSL 3.0"
    assert found.key_agent is KeyAgent.EMPTY


@pytest.mark.parametrize(
    ("code", "state"), [(0, KeyAgent.HOLDS_KEYS), (2, KeyAgent.ABSENT), (7, KeyAgent.UNKNOWN)]
)
def test_the_ssh_agent(machine: Machine, code: int, state: KeyAgent) -> None:
    machine.install("ssh", "print('OpenSSH_9.6p1')")
    machine.install("ssh-add", f"sys.exit({code} if sys.argv[1:] == ['-l'] else 9)")
    assert machine.facts().key_agent is state


def test_ssh_itself_says_which_proxy_command_is_in_force(machine: Machine) -> None:
    machine.install(
        "ssh",
        f"""
if sys.argv[1] == '-V':
    print('OpenSSH_9.6p1')
elif sys.argv[1:] == ['-G', '{INSTANCE}']:
    print('user alice\\nproxycommand sh -c "aws ssm start-session --target %h"\\nport 22')
elif sys.argv[1:] == ['-G', '{HYBRID}']:
    print('user alice\\nproxycommand none')
""",
    )
    entries = {each.host: (each.known, each.proxy_command) for each in machine.facts().ssh_entries}
    assert entries == {
        INSTANCE: (True, 'sh -c "aws ssm start-session --target %h"'),
        HYBRID: (True, None),
    }


def test_a_configuration_that_ssh_refuses_is_not_one_without_entries(machine: Machine) -> None:
    machine.install("ssh", "sys.exit(0 if sys.argv[1] == '-V' else 255)")
    assert [each.known for each in machine.facts().ssh_entries] == [False, False]


def test_a_program_that_hangs_is_stopped(machine: Machine) -> None:
    machine.install("aws", "import time; time.sleep(60)")
    found = machine.facts(seconds=0.5).cli
    assert (found.version, found.trouble) == (None, "no answer within 0.5 s")


def test_a_program_that_cannot_be_run_says_so(machine: Machine) -> None:
    (machine.folder / "aws").write_text("#!/nowhere/python\n")
    (machine.folder / "aws").chmod(0o755)
    found = machine.facts().cli
    assert found.path is not None
    assert found.trouble.startswith("it cannot be run")


def test_a_program_of_the_same_name_that_is_something_else(machine: Machine) -> None:
    machine.install("aws", "print('hello\\x1b[2J')")
    found = machine.facts().cli
    assert found.version is None
    assert "hello" in found.trouble and found.trouble.isprintable()


def test_proxies_are_shown_without_their_passwords(machine: Machine) -> None:
    machine.environment |= {
        "https_proxy": "http://alice:hunter2@proxy.example:3128/",
        "HTTP_PROXY": "proxy.example:8080",
        "ALL_PROXY": "http://[broken",
        "NO_PROXY": "169.254.169.254",
    }
    found = machine.facts()
    assert dict(found.proxies) == {
        "HTTPS_PROXY": "proxy.example:3128",
        "HTTP_PROXY": "proxy.example:8080",
        "ALL_PROXY": "(unreadable)",
    }
    assert found.no_proxy == "169.254.169.254"
    assert "hunter2" not in repr(found)


def test_the_region_of_the_environment(machine: Machine) -> None:
    machine.environment |= {"AWS_DEFAULT_REGION": "eu-west-1"}
    assert machine.facts().region == "eu-west-1"
    machine.environment |= {"AWS_REGION": "us-east-1"}
    assert machine.facts().region == "us-east-1"


def test_what_aws_says_joins_the_facts(machine: Machine) -> None:
    held = Credentials(
        SignIn.VALID, "arn:aws:iam::111122223333:user/alice", datetime(2026, 11, 23, tzinfo=UTC)
    )
    found = gather(machine.environment, lambda: (held, "eu-west-1", -2.5))
    assert (found.credentials, found.region, found.clock_offset) == (held, "eu-west-1", -2.5)


def test_the_region_of_the_profile_is_known_without_asking_aws(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A live account is assessed with these facts: its person has a Region, and is not told otherwise."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "config"
    config.write_text("[default]\nregion = eu-west-1\n[profile prod]\nregion = us-west-2\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for profile, region, found in (
        (None, None, "eu-west-1"),
        ("prod", None, "us-west-2"),
        ("prod", "ap-northeast-1", "ap-northeast-1"),
        ("nobody", None, None),
    ):
        assert asking_nobody(profile, region, {})() == (Credentials(), found, None)
    assert asking_nobody("prod", None, {"AWS_REGION": "us-east-1"})()[1] == "us-east-1"


def test_asking_without_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    held, region, offset = asking(None, "us-east-1", "http://127.0.0.1:9", {})()
    assert (held.state, region, offset) == (SignIn.NONE, "us-east-1", None)
    assert held.message and held.hint
