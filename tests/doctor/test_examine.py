"""What facts about the person's machine mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from advisor.doctor.examine import LocalFinding, examine, findings
from advisor.doctor.facts import Credentials, KeyAgent, LocalFacts, Program, SignIn, SshEntry
from advisor.methods.answer import Certainty
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from advisor.rulebook import load

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BOOK = load()
ARN = "arn:aws:sts::111122223333:assumed-role/ops/alice"
HEALTHY = LocalFacts(
    cli=Program("aws", "/usr/bin/aws", (2, 31, 0)),
    plugin=Program("session-manager-plugin", "/usr/bin/session-manager-plugin", (1, 2, 764, 0)),
    ssh=Program("ssh", "/usr/bin/ssh", None, "OpenSSH_9.6p1"),
    key_agent=KeyAgent.HOLDS_KEYS,
    ssh_entries=(SshEntry("i-0123456789abcdef0", "sh -c aws"), SshEntry("mi-0123456789abcdef0", "sh -c aws")),
    credentials=Credentials(SignIn.VALID, ARN),
    region="us-east-1",
    clock_offset=1.4,
)


def examined(**changes: Any) -> tuple[LocalFinding, ...]:
    return examine(msgspec.structs.replace(HEALTHY, **changes), BOOK, NOW)


def part(name: str, **changes: Any) -> LocalFinding:
    return next(each for each in examined(**changes) if each.part == name)


def test_a_healthy_machine_has_nothing_wrong() -> None:
    found = examined()
    assert {each.verdict for each in found} == {READY}
    assert findings(found) == ()
    parts = ["cli", "plugin", "ssh", "ssh-agent", "ssh-config", "ssh-config"]
    assert [each.part for each in found] == [*parts, "credentials", "region", "clock", "proxy"]
    assert part("cli").says.en == "version 2.31.0, /usr/bin/aws"


def program(name: str, version: tuple[int, ...] | None, **more: Any) -> Program:
    return Program(name, f"/bin/{name}", version, **more)


@pytest.mark.parametrize(
    ("name", "changes", "verdict", "cause"),
    [
        ("cli", {"cli": Program("aws")}, BLOCKED, "local-cli-missing"),
        ("cli", {"cli": program("aws", None, trouble="no answer within 10 s")}, UNKNOWN, None),
        ("cli", {"cli": program("aws", (2, 12, 0))}, READY, None),
        ("cli", {"cli": program("aws", (2, 11, 27))}, BLOCKED, "eice-cli-old"),
        ("cli", {"cli": program("aws", (1, 44, 72))}, BLOCKED, "eice-cli-old"),
        ("plugin", {"plugin": Program("session-manager-plugin")}, BLOCKED, "plugin-missing"),
        ("plugin", {"plugin": program("session-manager-plugin", (1, 2, 707, 0))}, UNKNOWN, "plugin-old"),
        ("plugin", {"plugin": program("session-manager-plugin", (1, 3))}, READY, None),
        ("plugin", {"plugin": program("session-manager-plugin", None, trouble="?")}, UNKNOWN, None),
        ("ssh", {"ssh": Program("ssh")}, BLOCKED, "local-ssh-missing"),
        ("ssh", {"ssh": program("ssh", None, trouble="it cannot be run")}, UNKNOWN, None),
        ("ssh-agent", {"key_agent": KeyAgent.EMPTY}, READY, "local-ssh-agent-empty"),
        ("ssh-agent", {"key_agent": KeyAgent.ABSENT}, READY, "local-ssh-agent-empty"),
        ("ssh-agent", {"key_agent": KeyAgent.UNKNOWN}, UNKNOWN, None),
        ("ssh-config", {"ssh_entries": (SshEntry("mi-0", known=False),)}, UNKNOWN, None),
        (
            "credentials",
            {"credentials": Credentials(SignIn.NONE, message="There are none.")},
            BLOCKED,
            "caller-credentials-invalid",
        ),
        (
            "credentials",
            {"credentials": Credentials(SignIn.REFUSED, message="They have expired.")},
            BLOCKED,
            "caller-credentials-invalid",
        ),
        (
            "credentials",
            {"credentials": Credentials(SignIn.UNREACHABLE, message="No network.")},
            UNKNOWN,
            None,
        ),
        ("credentials", {"credentials": Credentials()}, UNKNOWN, None),
        ("clock", {"clock_offset": None}, UNKNOWN, None),
        ("clock", {"clock_offset": -299.0}, READY, None),
        ("clock", {"clock_offset": 301.0}, BLOCKED, "local-clock-skew"),
        ("clock", {"clock_offset": -3600.0}, BLOCKED, "local-clock-skew"),
        ("proxy", {"proxies": (("HTTPS_PROXY", "proxy:3128"),)}, READY, "local-proxy"),
    ],
)
def test_each_part(name: str, changes: dict[str, Any], verdict: Verdict, cause: str | None) -> None:
    found = part(name, **changes)
    assert (found.verdict, found.cause) == (verdict, cause)
    if verdict is UNKNOWN and cause is None:
        assert found.missing, "unknown names what is missing"
    others = [each for each in examined(**changes) if each.part != name]
    assert {each.verdict for each in others} == {READY}, "one fault is not counted twice"


def test_an_ancient_cli_fails_twice() -> None:
    found = [each.cause for each in examined(cli=program("aws", (1, 16, 0))) if each.part == "cli"]
    assert found == ["local-cli-old", "eice-cli-old"]


@pytest.mark.parametrize(
    ("remaining", "renews", "verdict", "cause"),
    [
        (timedelta(hours=1), False, READY, None),
        (timedelta(minutes=10), False, READY, "local-credentials-expiring"),
        (timedelta(minutes=10), True, READY, None),
        (timedelta(0), False, BLOCKED, "caller-credentials-invalid"),
    ],
)
def test_credentials_end(remaining: timedelta, renews: bool, verdict: Verdict, cause: str | None) -> None:
    found = part("credentials", credentials=Credentials(SignIn.VALID, ARN, NOW + remaining, renews))
    assert (found.verdict, found.cause) == (verdict, cause)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"ssh_entries": (SshEntry("i-0"),)}, "proxycommand-missing"),
        ({"region": None}, "local-region-missing"),
    ],
)
def test_what_the_printed_commands_bring_themselves_is_named_by_its_cause(
    changes: dict[str, Any], cause: str
) -> None:
    assert cause in {each.cause for each in examined(**changes)}


def test_a_finding_brings_the_rule_books_remedy_and_methods_in_both_languages() -> None:
    found = part("plugin", plugin=Program("session-manager-plugin"))
    assert found.methods == BOOK.causes["plugin-missing"].methods
    assert found.remedy is not None and found.remedy.ja
    assert found.says.en != found.says.ja


def test_findings_join_the_verdicts_of_methods() -> None:
    found = findings(examined(plugin=program("x", (1, 2, 0, 0)), cli=Program("aws")))
    assert [(each.cause, each.certainty) for each in found] == [
        ("local-cli-missing", Certainty.CERTAIN),
        ("plugin-old", Certainty.LIKELY),
    ]
    assert found[0].evidence[0].operation == "advisor doctor: cli"


def test_hostile_settings_stay_text() -> None:
    hostile = examined(
        region="us-east-1\x1b[2J",
        ssh_entries=(SshEntry("i-0", "x\n\x07{0}"),),
        credentials=Credentials(SignIn.REFUSED, message="{why} %s \u202e"),
    )
    assert all(each.says.en.isprintable() for each in hostile)


def test_no_ssh_means_nothing_to_say_of_its_agent_and_configuration() -> None:
    parts = {each.part for each in examined(ssh=Program("ssh"), ssh_entries=())}
    assert parts.isdisjoint({"ssh-agent", "ssh-config"})


def test_a_clock_that_nobody_asked_about_is_not_said_to_have_been_refused() -> None:
    assert part("clock", clock_offset=None, credentials=Credentials()).says.en == "AWS was not asked"
    held = Credentials(SignIn.UNREACHABLE, message="No network.")
    assert part("clock", clock_offset=None, credentials=held).says.en == "AWS did not answer with its time"
