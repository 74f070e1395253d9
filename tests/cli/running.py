"""Runs the command line as a person would, in this process, and gives back what they see."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from advisor.cli.program import program


def advisor(*arguments: str, env: dict[str, str | None] | None = None) -> Result:
    """The result of `advisor ARGUMENTS…`; `.exit_code`, `.stdout` and `.stderr` are apart."""
    return CliRunner(env=env).invoke(program, list(arguments), prog_name="advisor")


def answer(*arguments: str) -> Any:
    """The JSON that `advisor ARGUMENTS… --output json` prints."""
    result = advisor(*arguments, "--output", "json")
    assert result.exit_code in (0, 1, 3), result.stderr
    return json.loads(result.stdout)


def complaint(result: Result) -> list[str]:
    """The two lines of an error; fails if there is anything else."""
    assert "Traceback" not in result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 2, lines
    assert lines[0].startswith("advisor: ")
    assert lines[1].startswith("  ")
    assert lines[1].strip()
    return lines
