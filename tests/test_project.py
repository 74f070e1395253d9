"""The project around the code: what it declares, ships and promises to run."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BROUGHT_BY = {"botocore": "boto3", "yaml": "pyyaml"}


def declared() -> set[str]:
    names = (re.match(r"[A-Za-z0-9_.-]+", line) for line in PROJECT["project"]["dependencies"])
    return {found[0].lower() for found in names if found}


def imported() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "advisor").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return {BROUGHT_BY.get(name, name) for name in found - set(sys.stdlib_module_names) - {"advisor"}}


def test_every_library_that_is_imported_is_declared_and_no_other() -> None:
    assert imported() == declared()


def test_the_wheel_takes_the_rules_along() -> None:
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["advisor"]
    assert wheel["force-include"] == {"rules": "advisor/_rules"}


def test_the_demo_account_lies_inside_the_package() -> None:
    demo = ROOT / "advisor" / "demo"
    assert any(path.suffix in (".json", ".gz") for path in demo.rglob("*") if path.is_file())


def test_the_command_is_there_under_its_name() -> None:
    assert PROJECT["project"]["scripts"] == {"advisor": "advisor.cli:main"}
    assert PROJECT["project"]["name"] == "aws-connection-advisor"


def test_ci_runs_on_the_lowest_python_that_is_admitted_and_on_a_newer_one() -> None:
    lowest = PROJECT["project"]["requires-python"].removeprefix(">=")
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    versions = re.findall(r'"(3\.\d+)"', workflow)
    assert versions[0] == lowest
    assert len(versions) > 1
    assert "bash .ci/run" in workflow


def test_ci_is_a_script_that_bash_can_read() -> None:
    assert subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=False).returncode == 0


def test_ci_prints_pytest_s_closing_line_last_whatever_happens_after_the_tests(tmp_path: Path) -> None:
    """The script's own way to end, with the steps in between left out."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    start, end = script.index("closing=\n"), script.index("trap finish EXIT\n")
    ending = script[start:end]
    pattern = re.search(r"grep -E '([^']+)'", script)
    assert pattern
    printed = "....\nFAILED tests/test_x.py::test_y\n1 failed, 12 passed, 1 warning in 3.45s\n"
    lines = f"set -euo pipefail\nwork={tmp_path}/gone\n{ending}trap finish EXIT\n"
    lines += f"closing=$(printf '%s' '{printed}' | grep -E '{pattern[1]}' | tail -n 1)\necho later\nfalse\n"
    done = subprocess.run(["bash", "-c", lines], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "1 failed, 12 passed, 1 warning in 3.45s"


def test_the_licence_is_the_one_that_is_declared() -> None:
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
