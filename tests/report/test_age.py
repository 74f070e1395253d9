"""The age of data is said in the largest unit that fits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from advisor.report.age import age_text

NOW = datetime(2026, 11, 23, 8, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("collected_at", "said"),
    [
        ("2026-11-20T08:00:00Z", "3 days old"),
        ("2026-11-22T07:00:00Z", "1 day old"),
        ("2026-11-23T05:30:00Z", "2 h old"),
        ("2026-11-23T07:55:30Z", "4 min old"),
        ("2026-11-23T07:59:30Z", "fresh"),
        ("2026-11-23T09:00:00Z", "fresh"),  # a clock that runs ahead
        (None, "age unknown"),
        ("yesterday", "age unknown"),
    ],
)
def test_age_in_words(collected_at: str | None, said: str) -> None:
    assert age_text(collected_at, NOW) == said
