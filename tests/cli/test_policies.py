"""The organisation's own rules decide what is recommended, never what is true."""

from __future__ import annotations

from pathlib import Path

from tests.cli.account import WEB, saved, scene
from tests.cli.running import advisor, answer, complaint


def rules(folder: Path, text: str) -> str:
    (folder / "rules").mkdir()
    (folder / "rules" / "policies.yaml").write_text(text, encoding="utf-8")
    return str(folder / "rules")


def policy(effect: str, when: str, methods: str) -> str:
    return f"""
our-rule:
  title: {{en: Our rule, ja: 社内規則}}
  meaning: {{en: Because we say so., ja: 規則です。}}
  effect: {effect}
  methods: [{methods}]
  when: "{when}"
"""


def account(tmp_path: Path) -> str:
    """The small account in which `web` has two ways in."""
    made = scene()
    made.serial_console(True)
    return saved(made, tmp_path)


def test_a_forbidden_method_is_noted_and_not_recommended(tmp_path: Path) -> None:
    path = account(tmp_path)
    folder = rules(tmp_path, policy("forbid", "tags.env == 'prod'", "session-manager"))
    (before,) = answer("assess", WEB, "--snapshot", path)["targets"]
    (after,) = answer("assess", WEB, "--snapshot", path, "--rules", folder)["targets"]
    assert before["recommended"]["method"] == "session-manager"
    assert after["recommended"]["method"] == "serial-console"
    sessions = after["methods"][0]
    assert sessions["verdict"] == "ready", "a policy does not change what works"
    assert sessions["notes"][-1]["cause"] == "our-rule"
    assert "Our rule" in advisor("assess", WEB, "--snapshot", path, "--rules", folder).stdout


def test_a_policy_holds_only_where_its_condition_does(tmp_path: Path) -> None:
    path = account(tmp_path)
    folder = rules(tmp_path, policy("forbid", "tags.env == 'elsewhere'", "session-manager"))
    (target,) = answer("assess", WEB, "--snapshot", path, "--rules", folder)["targets"]
    assert target["recommended"]["method"] == "session-manager"
    assert "our-rule" not in {note["cause"] for each in target["methods"] for note in each["notes"]}


def test_a_preferred_method_comes_first_if_it_is_ready(tmp_path: Path) -> None:
    path = account(tmp_path)
    folder = rules(tmp_path, policy("prefer", "this.verdict == 'ready'", "serial-console, bastion"))
    (target,) = answer("assess", WEB, "--snapshot", path, "--rules", folder)["targets"]
    assert target["recommended"]["method"] == "serial-console"
    assert target["recommended"]["reasons"] == ["Our rule"]


def test_where_everything_is_forbidden_nothing_is_recommended(tmp_path: Path) -> None:
    path = account(tmp_path)
    every = "session-manager, instance-connect-endpoint, bastion, instance-connect, direct, serial-console"
    folder = rules(tmp_path, policy("forbid", "id", every))
    result = advisor(
        "assess", WEB, "--snapshot", path, "--rules", folder, "--query", "targets[0].recommended"
    )
    assert result.stdout.strip() == ""
    assert result.exit_code == 0, "the exit code is about what works"


def test_a_condition_that_does_not_fit_the_report_is_a_mistake(tmp_path: Path) -> None:
    path = account(tmp_path)
    folder = rules(tmp_path, policy("warn", "length(state, 1)", "direct"))
    result = advisor("assess", "--snapshot", path, "--rules", folder)
    assert result.exit_code == 2
    assert "our-rule" in complaint(result)[0]
