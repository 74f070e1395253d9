"""Exit codes of results: 0 ready, 1 blocked, 3 unknown because data is missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict

OF_VERDICT: Final = {READY: 0, BLOCKED: 1, UNKNOWN: 3}
FAILED: Final = 1
DATA_MISSING: Final = 3


def of_verdicts(verdicts: Iterable[Verdict]) -> int:
    """The code for several results: what is known to be blocked counts before what is unknown."""
    found = set(verdicts)
    return next((OF_VERDICT[each] for each in (BLOCKED, UNKNOWN) if each in found), 0)
