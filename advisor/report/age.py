"""How old data is, in words."""

from __future__ import annotations

from datetime import datetime

from advisor.model.times import parse_instant


def age_text(collected_at: str | None, now: datetime) -> str:
    """The age of data collected at an instant (`3 min old`), or that it is not known."""
    moment = parse_instant(collected_at)
    if moment is None:
        return "age unknown"
    seconds = (now - moment).total_seconds()
    if seconds < 60:
        return "fresh"
    for unit, size in (("day", 86400), ("h", 3600), ("min", 60)):
        count = int(seconds // size)
        if count:
            plural = "s" if unit == "day" and count > 1 else ""
            return f"{count} {unit}{plural} old"
    return "fresh"
