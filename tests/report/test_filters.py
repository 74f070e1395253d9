"""The filter finds what a person means, and says plainly what it does not understand."""

from __future__ import annotations

import pytest

from advisor.model.errors import InputError
from advisor.report.filters import parse_filter
from tests.tui import sample


def found(text: str) -> set[str]:
    return {sample.TARGETS[at].target.name for at in parse_filter(text).positions(sample.TARGETS)}


ALL = {each.target.name for each in sample.TARGETS}


def test_an_empty_filter_shows_everything() -> None:
    assert found("") == ALL
    assert found("   ") == ALL


def test_free_words_look_at_names_ids_addresses_and_tags_and_all_must_hold() -> None:
    assert found("WEB") == {"web-01"}
    assert found(sample.BLOCKED_ONE) == {"app-02"}
    assert found("203.0.113") == {"経理サーバー"}
    assert found("経理") == {"経理サーバー"}
    assert found("prod web") == {"web-01"}
    assert found("test web") == set()


def test_is_without_a_method_asks_whether_there_is_any_way_in() -> None:
    assert found("is:ready") == {"web-01", "経理サーバー", "shop-till"}
    assert found("is:blocked") == {"app-02", "old [bold]db"}
    assert found("is:unknown") == {"batch-03"}
    assert found("is:problem") == {"app-02", "batch-03", "old [bold]db"}


def test_is_with_a_method_asks_for_that_methods_verdict() -> None:
    assert found("method:eice is:ready") == {"web-01", "経理サーバー"}
    assert found("is:blocked method:session-manager") == {"app-02", "経理サーバー", "old [bold]db"}


def test_fields_tags_and_causes_can_be_named() -> None:
    assert found("vpc:vpc-0aa11bb22cc33dd09") == {"old [bold]db"}
    assert found("state:stopped") == {"old [bold]db"}
    assert found("tag:env=prod") == {"web-01"}
    assert found("tag:env") == {"web-01", "app-02"}
    assert found("kind:hybrid") == {"shop-till"}
    assert found("use:eice") == {"経理サーバー"}
    assert found("cause:vpce-sg method:ssm") == {"app-02", "経理サーバー", "old [bold]db"}


def test_an_exclamation_mark_turns_a_term_round() -> None:
    assert found("!is:ready") == {"app-02", "batch-03", "old [bold]db"}
    assert found("!web") == ALL - {"web-01"}


def test_quotes_keep_words_together_and_an_unfinished_one_does_not_fail() -> None:
    assert found('"old [bold]"') == {"old [bold]db"}
    assert found('"web') == {"web-01"}


def test_half_typed_terms_filter_nothing_yet() -> None:
    assert found("is:") == ALL
    assert found("method:") == ALL
    assert found("!") == ALL


@pytest.mark.parametrize(
    ("text", "said"),
    [("colour:red", "colour"), ("is:green", "green"), ("method:telnet is:ready", "telnet")],
)
def test_what_is_not_understood_is_said_with_what_would_be(text: str, said: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_filter(text)
    assert said in raised.value.message
    assert raised.value.hint
