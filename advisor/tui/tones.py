"""Theme colours of verdicts; the glyph and the word always stand beside them."""

from __future__ import annotations

from typing import Final

from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict

TONES: Final[dict[Verdict | None, str]] = {
    READY: "$success",
    BLOCKED: "$error",
    UNKNOWN: "$warning",
    None: "$faint",
}
