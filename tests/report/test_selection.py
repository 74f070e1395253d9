"""People choose targets by what they remember; what is ambiguous is never guessed."""

from __future__ import annotations

import pytest

from advisor.methods.assessment import Target
from advisor.model.errors import InputError
from advisor.report.selection import Directory


def target(id: str, name: str = "", region: str = "us-east-1", **rest: object) -> Target:
    return Target(id, name, "ec2", "linux", "running", "111122223333", region, **rest)  # type: ignore[arg-type]


WEB1 = target("i-0aaa1", "web-1", vpc="vpc-1", private_ip="10.0.0.1", tags=(("env", "prod"), ("team", "a")))
WEB2 = target("i-0aab2", "web-2", vpc="vpc-1", tags=(("env", "prod"),))
DB = target("i-0bbb3", "db", vpc="vpc-2", tags=(("env", "test"),))
TWIN_EAST = target("i-0ccc4", "twin")
TWIN_WEST = target("i-0ccc4", "twin", region="us-west-2")
NODE = target("mi-0ddd5", "レジ端末")
ALL = (WEB1, WEB2, DB, TWIN_EAST, TWIN_WEST, NODE)
DIRECTORY = Directory(ALL)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("i-0aaa1", WEB1),
        ("web-1", WEB1),
        ("i-0b", DB),
        ("d", DB),
        ("レジ", NODE),
        ("10.0.0.1", WEB1),
        ("111122223333/us-west-2/i-0ccc4", TWIN_WEST),
    ],
)
def test_an_id_a_name_the_start_of_either_or_an_address_means_one_target(word: str, meant: Target) -> None:
    assert DIRECTORY.find_one(word) == meant


def test_a_whole_name_counts_before_the_start_of_another() -> None:
    longer = target("i-0eee6", "db-replica")
    assert Directory((longer, DB)).find_one("db") == DB


@pytest.mark.parametrize("word", ["web", "i-0aa"])
def test_an_ambiguous_start_names_its_candidates(word: str) -> None:
    with pytest.raises(InputError) as raised:
        DIRECTORY.find(word)
    assert "2 targets" in raised.value.message
    assert raised.value.hint == "say which: i-0aaa1 (web-1), i-0aab2 (web-2)"
    assert raised.value.exit_code == 2


def test_an_id_that_two_regions_have_is_told_apart_by_its_place() -> None:
    with pytest.raises(InputError) as raised:
        DIRECTORY.find("i-0ccc4")
    assert "111122223333/us-east-1/i-0ccc4" in raised.value.hint
    assert "111122223333/us-west-2/i-0ccc4" in raised.value.hint


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(InputError) as raised:
        DIRECTORY.find("wbe-1")
    assert "i-0aaa1 (web-1)" in raised.value.hint


def test_an_empty_account_says_so() -> None:
    with pytest.raises(InputError) as raised:
        Directory(()).find("web-1")
    assert "no instances or managed nodes were read" in raised.value.message


def test_an_empty_word_means_nothing_rather_than_everything() -> None:
    with pytest.raises(InputError):
        Directory((WEB1,)).find("")


def test_tags_patterns_and_vpcs_may_mean_several() -> None:
    assert DIRECTORY.select(tags=["env=prod"]) == (WEB1, WEB2)
    assert DIRECTORY.select(tags=["env=p*", "team"]) == (WEB1,)
    assert DIRECTORY.select(["web-*"]) == (WEB1, WEB2)
    assert DIRECTORY.select(["tag:env=test"]) == (DB,)
    assert DIRECTORY.select(vpcs=["vpc-2"]) == (DB,)
    assert DIRECTORY.select(["db", "web-1"]) == (WEB1, DB)
    assert DIRECTORY.select() == ALL


@pytest.mark.parametrize("options", [{"tags": ["env=none"]}, {"vpcs": ["vpc-9"]}, {"wanted": ["x*"]}])
def test_a_filter_that_nothing_matches_is_an_error_and_not_an_empty_answer(
    options: dict[str, list[str]],
) -> None:
    with pytest.raises(InputError):
        DIRECTORY.select(**options)


def test_candidates_are_shown_without_control_characters() -> None:
    hostile = (target("i-0a1", "x\x1b[2J"), target("i-0a2", "y"))
    with pytest.raises(InputError) as raised:
        Directory(hostile).find("i-0a")
    assert "\x1b" not in raised.value.hint
