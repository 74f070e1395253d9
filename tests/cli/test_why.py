"""`advisor why`: a pasted error text becomes ranked causes, tested against the target."""

from __future__ import annotations

from click.testing import CliRunner

from advisor.cli.program import program
from tests.cli.account import CUT_OFF, WEB
from tests.cli.running import advisor, answer

TEXT = (
    "An error occurred (TargetNotConnected) when calling the StartSession operation: "
    "i-0bbbbbbbbbbbbbbb3 is not connected."
)


def test_a_known_text_has_causes_even_without_an_account() -> None:
    result = advisor("why", TEXT)
    assert result.exit_code == 0
    assert "not connected" in result.stdout
    document = answer("why", TEXT)
    assert document["schema"] == "advisor.why/1"
    assert document["target"] is None
    assert len(document["causes"]) > 3
    assert {each["standing"] for each in document["causes"]} == {"unknown"}
    assert document["asks"]


def test_a_target_that_is_cut_off_confirms_the_cause(snapshot: str) -> None:
    result = advisor("why", TEXT, CUT_OFF, "--snapshot", snapshot)
    assert result.exit_code == 1
    assert "confirmed" in result.stdout
    confirmed = answer("why", TEXT, CUT_OFF, "--snapshot", snapshot)["causes"][0]
    assert confirmed["standing"] == "confirmed"
    assert confirmed["findings"][0]["evidence"]
    assert confirmed["remedies"]


def test_causes_that_the_target_rules_out_are_said_to_be(snapshot: str) -> None:
    document = answer("why", TEXT, WEB, "--snapshot", snapshot)
    standings = {each["cause"]: each["standing"] for each in document["causes"]}
    assert standings["instance-not-running"] == "ruled-out"
    assert "confirmed" not in standings.values()


def test_an_unknown_text_asks_for_more() -> None:
    result = advisor("why", "the cat sat on the keyboard")
    assert result.exit_code == 3
    assert "Paste the whole message" in result.stdout


def test_the_text_may_come_through_a_pipe(snapshot: str) -> None:
    arguments = ["why", "-", CUT_OFF, "--snapshot", snapshot, "--output", "json"]
    piped = CliRunner().invoke(program, arguments, input=TEXT)
    assert piped.exit_code == 1
    assert piped.stdout == advisor("why", TEXT, *arguments[2:]).stdout


def test_japanese_explains_in_japanese() -> None:
    assert "症状" in advisor("why", TEXT, "--lang", "ja").stdout
