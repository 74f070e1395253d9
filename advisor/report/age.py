"""How old data is, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from advisor.model.times import parse_instant
from advisor.report.rows import Say


def age_text(collected_at: str | None, now: datetime, say: Say = str) -> str:
    """The age of data collected at an instant (`3 min old`), or that it is not known."""
    moment = parse_instant(collected_at)
    if moment is None:
        return say("age unknown")
    seconds = (now - moment).total_seconds()
    if seconds < 60:
        return say("fresh")
    for words, size in AGES:
        count = int(seconds // size)
        if count:
            return say("1 day old" if size == _DAY and count == 1 else words).format(count=count)
    return say("fresh")


_DAY: Final = 86400
AGES: Final = (("{count} days old", _DAY), ("{count} h old", 3600), ("{count} min old", 60))
"""The units of an age, the largest first."""
