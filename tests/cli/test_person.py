"""What the person who asks brings along: evidence from the node."""

from __future__ import annotations

from pathlib import Path

from tests.cli.account import DATABASE, WEB
from tests.cli.running import advisor

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
