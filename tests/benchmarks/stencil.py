"""One record written once, and many like it: the bytes of a prototype with some texts exchanged."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class Stencil:
    """The JSON of a record in which some texts (ids, addresses, names) differ from copy to copy."""

    def __init__(self, record: Any, varying: Sequence[str]) -> None:
        pattern = "|".join(re.escape(text) for text in sorted(varying, key=len, reverse=True))
        # An address must not be found inside a longer one: 10.0.0.4 stands in 10.0.0.41 too.
        parts = re.split(rf"(?<![0-9a-f.])({pattern})(?![0-9a-f.])", msgspec.json.encode(record).decode())
        self._parts = [part.encode() for part in parts]
        self._holes = [(position, parts[position]) for position in range(1, len(parts), 2)]

    def copy(self, values: Mapping[str, str]) -> bytes:
        """The record with other texts in place of the varying ones."""
        parts = self._parts.copy()
        for position, text in self._holes:
            parts[position] = values[text].encode()
        return b"".join(parts)
