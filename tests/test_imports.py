"""What importing costs: the command line and its help load nothing heavy (the other half of test_layers)."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"boto3", "botocore", "textual", "networkx", "yaml", "jmespath", "rich", "msgspec"}


def modules_after(code: str) -> set[str]:
    """The top-level names of the modules that a fresh interpreter holds after running this code."""
    script = f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return {line.partition(".")[0] for line in done.stdout.splitlines()}


@pytest.mark.parametrize(
    "code",
    [
        "import advisor",
        "import advisor.cli",
        "import advisor.cli.program",
        "sys.argv = ['advisor', '--help']; from advisor.cli import main; main()",
        "sys.argv = ['advisor', 'assess', '--help']; from advisor.cli import main; main()",
        "sys.argv = ['advisor', 'rules', 'list', '--help']; from advisor.cli import main; main()",
        "sys.argv = ['advisor', 'demo', '--help']; from advisor.cli import main; main()",
    ],
)
def test_help_loads_nothing_heavy(code: str) -> None:
    assert not modules_after(code) & HEAVY


def test_the_overview_needs_no_library_at_all() -> None:
    assert "click" not in modules_after("sys.argv = ['advisor', '-h']; from advisor.cli import main; main()")


@pytest.mark.parametrize(
    "module",
    [
        "advisor.model.estate",
        "advisor.network.trace",
        "advisor.methods.assessment",
        "advisor.report.rows",
        "advisor.collect.operations",
    ],
)
def test_the_core_does_not_load_the_screen_or_the_cloud(module: str) -> None:
    assert not modules_after(f"import {module}") & {"boto3", "botocore", "textual"}
