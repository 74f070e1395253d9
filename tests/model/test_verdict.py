"""The three values obey Kleene's logic, and none of them is a truth value."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict, all_of, any_of

verdicts = st.sampled_from(Verdict)
POSSIBLE = {READY: {True}, BLOCKED: {False}, UNKNOWN: {True, False}}


def of(values: set[bool]) -> Verdict:
    return UNKNOWN if len(values) == 2 else READY if values == {True} else BLOCKED


@given(verdicts, verdicts)
def test_and_or_not_say_what_every_completion_of_the_unknown_says(a: Verdict, b: Verdict) -> None:
    pairs = list(itertools.product(POSSIBLE[a], POSSIBLE[b]))
    assert a & b is of({x and y for x, y in pairs})
    assert a | b is of({x or y for x, y in pairs})
    assert ~a is of({not x for x in POSSIBLE[a]})


@given(verdicts, verdicts, verdicts)
def test_the_laws_of_a_lattice(a: Verdict, b: Verdict, c: Verdict) -> None:
    assert a & b is b & a and a | b is b | a
    assert (a & b) & c is a & (b & c) and (a | b) | c is a | (b | c)
    assert a & (b | c) is (a & b) | (a & c)
    assert a & (a | b) is a
    assert ~(a & b) is ~a | ~b
    assert ~~a is a


@given(st.lists(verdicts))
def test_all_and_any_are_the_lowest_and_the_highest(given: list[Verdict]) -> None:
    assert all_of(given) is (min(given) if given else READY)
    assert any_of(given) is (max(given) if given else BLOCKED)


@given(st.lists(st.tuples(verdicts, verdicts)))
def test_learning_more_takes_no_certain_verdict_back(known: list[tuple[Verdict, Verdict]]) -> None:
    before = [one for one, _ in known]
    after = [learnt if one is UNKNOWN else one for one, learnt in known]
    for fold in (all_of, any_of):
        if fold(before) is not UNKNOWN:
            assert fold(after) is fold(before)


@pytest.mark.parametrize("verdict", Verdict)
def test_no_verdict_is_a_truth_value(verdict: Verdict) -> None:
    with pytest.raises(TypeError, match="three values"):
        bool(verdict)


def test_words_for_paths() -> None:
    assert [each.of_path for each in (READY, BLOCKED, UNKNOWN)] == ["reachable", "blocked", "unknown"]
