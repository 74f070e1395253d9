"""Records in a form that can be compared, whoever read them."""

from __future__ import annotations

import datetime
from typing import Any

from advisor.model.times import spell_instant


def settled(value: Any) -> Any:
    """The record with every time spelled alike, and without what only says how it was paged."""
    if isinstance(value, dict):
        return {key: settled(inner) for key, inner in value.items() if key not in ("MaxItems", "IsTruncated")}
    if isinstance(value, list):
        return [settled(each) for each in value]
    if isinstance(value, str) and len(value) > 18 and value[4] == "-" and value[10] == "T":
        try:
            return spell_instant(datetime.datetime.fromisoformat(value))
        except ValueError:
            return value
    return value
