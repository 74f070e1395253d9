"""The border of the command line: help, mistakes in its use, and that no error shows a traceback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from advisor.cli.overview import COMMANDS, overview
from advisor.cli.program import program
from advisor.model.errors import CloudError
from tests.cli.running import advisor, complaint


def command(name: str) -> click.Command:
    found = program.get_command(click.Context(program), name)
    assert found is not None
    return found


def every_command() -> list[tuple[tuple[str, ...], click.Command]]:
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name in COMMANDS:
        one = command(name)
        found.append(((name,), one))
        if isinstance(one, click.Group):
            found.extend(((name, inner), each) for inner, each in one.commands.items())
    return found


def test_the_overview_lists_every_command_there_is_and_no_other() -> None:
    modules = {path.stem for path in (Path(__file__).parents[2] / "advisor/cli/commands").glob("*.py")}
    assert set(COMMANDS) == modules - {"__init__"}
    assert set(re.findall(r"^  ([a-z]+) {2,}[a-z]", overview(), re.MULTILINE)) >= set(COMMANDS)


def test_the_overview_names_every_option_of_the_program() -> None:
    for parameter in program.params:
        for option in parameter.opts:
            assert re.search(rf"(^|[ ,]){option}\b", overview(), re.MULTILINE), option


def test_the_overview_fits_into_eighty_columns() -> None:
    assert max(map(len, overview().splitlines())) <= 80


def test_help_is_the_same_text_whichever_way_it_is_asked_for() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "advisor", "--help"], capture_output=True, text=True, check=True
    )
    assert done.stdout == overview()
    assert advisor("--help").stdout == overview()


@pytest.mark.parametrize(
    ("path", "found"), every_command(), ids=lambda each: " ".join(each) if isinstance(each, tuple) else ""
)
def test_every_command_has_help_with_an_example(path: tuple[str, ...], found: click.Command) -> None:
    result = advisor(*path, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: advisor {' '.join(path)}")
    if not isinstance(found, click.Group) and len(path) == 1 and path != ("demo",):
        assert f"advisor {path[0]}" in result.stdout.partition("Options:")[0].partition("\n")[2]


def test_a_mistyped_command_suggests_the_right_one() -> None:
    result = advisor("asess")
    assert result.exit_code == 2
    assert complaint(result) == ["advisor: there is no command 'asess'", "  did you mean: advisor assess"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("assess", "--nonsense"),
        ("assess", "--output", "xml"),
        ("assess", "--method", "teleport"),
        ("path", "only-one-end"),
        ("path", "a", "b", "--port", "70000"),
        ("collect",),
        ("rules", "lost"),
        ("nonsense",),
        ("policy",),
        ("policy", "web", "--self"),
    ],
    ids=" ".join,
)
def test_a_mistake_in_the_use_is_two_lines_and_exit_code_2(arguments: tuple[str, ...]) -> None:
    result = advisor(*arguments)
    assert result.exit_code == 2
    complaint(result)


def test_a_defect_is_two_lines_as_well_and_not_the_code_of_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("line one\nline two")

    monkeypatch.setattr("advisor.cli.account.read_rulebook", broken)
    result = advisor("rules", "list")
    assert result.exit_code == 70
    assert "RuntimeError: line one line two" in complaint(result)[0]


def test_a_developer_may_see_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("advisor.cli.account.read_rulebook", broken)
    result = advisor("rules", "list", env={"ADVISOR_DEBUG": "1"})
    assert isinstance(result.exception, RuntimeError)


def test_what_aws_refuses_has_its_own_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise CloudError("The AWS credentials have expired.", "sign in again with `aws sso login`")

    monkeypatch.setattr("advisor.cli.live.sign_in", refused)
    result = advisor("assess")
    assert result.exit_code == 4
    assert complaint(result)[1] == "  sign in again with `aws sso login`"


def test_ctrl_c_ends_with_130_and_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("advisor.cli.account.read_rulebook", interrupted)
    result = advisor("rules", "list")
    assert result.exit_code == 130
    assert "Traceback" not in result.output


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_is_no_error(unbuffered: str) -> None:
    """`advisor assess … | head -1`: much more is written than a pipe holds."""
    with subprocess.Popen(
        [sys.executable, "-m", "advisor", "assess", "--snapshot", "demo", "--output", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 141


def test_a_full_disk_is_said_in_two_lines() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "advisor", "rules", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    first, second = done.stderr.decode().splitlines()
    assert first.startswith("advisor: the result cannot be written: ")
    assert second.startswith("  ")


def test_where_stdout_is_closed_the_exit_code_is_the_answer(snapshot: str) -> None:
    line = f"{sys.executable} -m advisor assess --snapshot {snapshot} >&-"
    done = subprocess.run(["sh", "-c", line], stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (1, b"")


def test_signs_that_an_encoding_lacks_never_become_the_sign_of_another_verdict(snapshot: str) -> None:
    def rows(encoding: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "advisor", "assess", "--snapshot", snapshot],
            capture_output=True,
            env={**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "80"},
            check=False,
        )
        return done.stdout.decode(encoding)

    assert {"✓", "✗"} <= set(rows("utf-8"))
    assert rows("ascii") == rows("utf-8").replace("✓", "+").replace("✗", "x").replace("·", "-")


def test_an_interrupted_process_ends_with_130() -> None:
    """The signal arrives while the program waits for an endpoint that never answers."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        environment = {
            **os.environ,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        with subprocess.Popen(
            [sys.executable, "-m", "advisor", "assess", "--region", "us-east-1", "--endpoint-url", url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        ) as process:
            connection, _ = silent.accept()
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
            connection.close()
    assert process.returncode == 130
    assert out == b""
    assert b"Traceback" not in err


def test_options_before_the_command_count_for_it() -> None:
    before = advisor("--lang", "ja", "rules", "list", "--kind", "profiles")
    after = advisor("rules", "list", "--kind", "profiles", "--lang", "ja")
    assert before.stdout == after.stdout
    assert "バランス" in before.stdout


def test_an_option_after_the_command_wins_over_one_before_it() -> None:
    result = advisor("--lang", "ja", "rules", "list", "--kind", "profiles", "--lang", "en")
    assert "Balanced" in result.stdout


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"advisor, version \d+\.\d+\.\d+\n", advisor("--version").stdout)


def test_click_completes_the_commands_in_a_shell() -> None:
    environment = {
        **os.environ,
        "_ADVISOR_COMPLETE": "bash_complete",
        "COMP_WORDS": "advisor as",
        "COMP_CWORD": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "advisor"], capture_output=True, text=True, env=environment, check=False
    )
    assert done.stdout.split() == ["plain,assess"]


@pytest.mark.parametrize("arguments", [(), ("demo",), ("tui", "--snapshot", "demo")], ids=" ".join)
def test_the_terminal_interface_does_not_hang_where_there_is_no_terminal(arguments: tuple[str, ...]) -> None:
    result = advisor(*arguments)
    assert result.exit_code == 2
    assert "advisor assess" in complaint(result)[1]


def test_the_options_of_the_terminal_interface_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}

    def run(source: str | None, **options: object) -> int:
        seen.update(options, source=source)
        return 0

    monkeypatch.setattr("advisor.tui.app.run", run)
    monkeypatch.setattr("advisor.cli.commands.tui.on_terminal", lambda: True)
    assert advisor("--profile", "prod", "--region", "eu-west-1,us-east-1", "--lang", "ja").exit_code == 0
    assert (seen["source"], seen["profile"], seen["lang"]) == (None, "prod", "ja")
    assert seen["regions"] == ("eu-west-1", "us-east-1")
    assert advisor("demo").exit_code == 0
    assert seen["source"] == "demo"
