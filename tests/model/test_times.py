"""Moments in every form in which AWS's clients print them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.model.times import parse_instant, spell_instant

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)

FORMS = [
    "2026-11-23T12:00:00Z",
    "2026-11-23T12:00:00.000Z",
    "2026-11-23T12:00:00+00:00",
    "2026-11-23 12:00:00+00:00",
    "2026-11-23T21:00:00+09:00",
    "2026-11-23 12:00:00",
    " 2026-11-23T12:00:00z ",
    1795435200,
    1795435200.0,
    "1795435200",
    "1795435200.0",
]


@pytest.mark.parametrize("form", FORMS)
def test_the_same_moment_in_every_form(form: str | float) -> None:
    assert parse_instant(form) == NOON


@pytest.mark.parametrize(
    "form", [None, "", "noon", "2026-13-45T00:00:00Z", 1e30, float("inf"), float("nan"), "nan"]
)
def test_what_is_no_moment(form: str | float | None) -> None:
    assert parse_instant(form) is None


moments = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)


@given(moments)
def test_what_is_spelled_is_parsed_back(moment: datetime) -> None:
    assert parse_instant(spell_instant(moment)) == moment


@given(moments, st.integers(-12 * 60, 14 * 60))
def test_offsets_change_nothing(moment: datetime, minutes: int) -> None:
    local = moment.astimezone(timezone(timedelta(minutes=minutes)))
    assert parse_instant(local.isoformat()) == moment
    assert parse_instant(str(local)) == moment
    assert parse_instant(moment.timestamp()) == moment


@given(st.text(max_size=40))
def test_no_text_crashes_it(text: str) -> None:
    found = parse_instant(text)
    assert found is None or found.tzinfo is not None
