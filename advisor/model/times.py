"""Points in time as AWS's clients print them: ISO with Z, an offset or a space, or epoch seconds."""

from __future__ import annotations

from datetime import UTC, datetime

Timestamp = str | int | float


def parse_instant(value: Timestamp | None) -> datetime | None:
    """The moment in UTC, or None where the value is absent or spells no moment."""
    if value is None:
        return None
    if isinstance(value, int | float):
        return _from_epoch(float(value))
    try:
        return _from_epoch(float(value))
    except ValueError:
        pass
    try:
        parsed = datetime.fromisoformat(value.strip().replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        return None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def _from_epoch(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def spell_instant(moment: datetime) -> str:
    """ISO 8601 in UTC with a `Z`, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
