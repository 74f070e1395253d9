"""What the person who asks brings along: evidence from the node."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.account import DATABASE, WEB
from tests.cli.running import advisor, complaint

IMDS_DOWN = (
    '{"DiagnosticsOutput": [{"Check": "EC2 IMDS", "Status": "Failed", "Note": "IMDS request timeout"}]}'
)


def test_evidence_without_a_node_is_of_the_one_target_that_was_named(snapshot: str, tmp_path: Path) -> None:
    """A node whose metadata service is down cannot say which node it is."""
    file = tmp_path / "diagnostics.json"
    file.write_text(IMDS_DOWN)
    arguments = ("assess", "--evidence", str(file), "--snapshot", snapshot)
    named = advisor(*arguments, WEB, "--method", "session-manager")
    assert "imds-disabled" in named.stdout
    for wanted in ((), (WEB, DATABASE)):
        result = advisor(*arguments, *wanted)
        assert result.exit_code == 2
        assert "does not say which node it is of" in result.stderr


@pytest.mark.parametrize(
    "command", [("assess",), ("plan", "--all"), ("why", "TargetNotConnected"), ("check", "x")]
)
@pytest.mark.parametrize(
    ("option", "value"),
    [("--from", "banana"), ("--from", "10.0.0.0/99"), ("--from", ""), ("--as", "alice"), ("--as", "")],
)
def test_whoever_is_no_address_or_caller_is_a_mistake(
    snapshot: str, command: tuple[str, ...], option: str, value: str
) -> None:
    """Left out, the answer would be about anybody, and look like one about this person."""
    result = advisor(*command, option, value, "--snapshot", snapshot)
    assert result.exit_code == 2
    assert complaint(result)[0].startswith(f"advisor: {option}: '{value}'")


def test_a_single_address_is_a_range_of_one(snapshot: str) -> None:
    arguments = ("assess", WEB, "--snapshot", snapshot, "--output", "json", "--query", "targets", "--from")
    assert advisor(*arguments, "203.0.113.7").stdout == advisor(*arguments, "203.0.113.7/32").stdout
