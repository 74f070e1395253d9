"""The line of progress: for people who watch, and for nobody else."""

from __future__ import annotations

import io

import pytest

from advisor.cli.live import ProgressLine
from advisor.collect.runner import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def progress(done: int, failed: int = 0) -> Progress:
    return Progress(done, 100, "ec2:DescribeVpcs us-east-1", failed)


def test_a_person_sees_one_line_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    line = ProgressLine()
    line.show(progress(7, failed=2))
    assert "reading AWS 7/100, 2 not allowed or failed  ec2:DescribeVpcs" in terminal.getvalue()
    assert "\n" not in terminal.getvalue()
    line.clear()
    assert terminal.getvalue().endswith("\r\x1b[2K")


def test_a_fast_collection_does_not_flicker(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    moments = iter((100.0, 100.01, 100.05, 100.2))
    monkeypatch.setattr("time.monotonic", lambda: next(moments))
    line = ProgressLine()
    for done in range(4):
        line.show(progress(done))
    assert "0/100" in terminal.getvalue()
    assert "1/100" not in terminal.getvalue()
    assert "2/100" not in terminal.getvalue()
    assert "3/100" in terminal.getvalue()


def test_a_log_file_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    monkeypatch.setattr("sys.stderr", file)
    line = ProgressLine()
    line.show(progress(7))
    line.clear()
    assert file.getvalue() == ""


def test_control_characters_in_what_is_read_do_not_reach_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    ProgressLine().show(Progress(1, 2, "x\x1b[31m\ny"))
    assert "\x1b[31m" not in terminal.getvalue()
    assert "\n" not in terminal.getvalue()
