"""READY, BLOCKED or UNKNOWN, and the Kleene logic that combines them."""

from __future__ import annotations

import enum
from collections.abc import Iterable


class Verdict(enum.Enum):
    """What is known about a way in: three values, never a truth value.

    BLOCKED < UNKNOWN < READY. `a & b` is the lower of the two, `a | b` the higher, `~a` the opposite
    (UNKNOWN stays UNKNOWN).
    """

    __hash__ = object.__hash__  # members are single; Enum's own hashes the name each time

    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    READY = "ready"

    def __bool__(self) -> bool:
        # The tempting `if verdict:` would turn UNKNOWN into a yes, the worst defect this program can have.
        raise TypeError("a Verdict has three values; compare it with `is`")

    def __and__(self, other: Verdict) -> Verdict:
        # Identity tests, not ranks: this is asked millions of times for a large fleet.
        if self is other or other is READY:
            return self
        return other if self is READY else BLOCKED

    def __or__(self, other: Verdict) -> Verdict:
        if self is other or other is BLOCKED:
            return self
        return other if self is BLOCKED else READY

    def __invert__(self) -> Verdict:
        return _OPPOSITE[self]

    def __lt__(self, other: Verdict) -> bool:
        return _RANK[self] < _RANK[other]

    @property
    def of_path(self) -> str:
        """The word for a path: `reachable` in place of `ready`."""
        return "reachable" if self is Verdict.READY else self.value


_RANK = {Verdict.BLOCKED: 0, Verdict.UNKNOWN: 1, Verdict.READY: 2}
_OPPOSITE = {
    Verdict.BLOCKED: Verdict.READY,
    Verdict.UNKNOWN: Verdict.UNKNOWN,
    Verdict.READY: Verdict.BLOCKED,
}

READY, BLOCKED, UNKNOWN = Verdict.READY, Verdict.BLOCKED, Verdict.UNKNOWN


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """READY only if every one is; READY for none at all."""
    result = READY
    for verdict in verdicts:
        result &= verdict
    return result


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """READY if one is, BLOCKED only if every one is; BLOCKED for none at all."""
    result = BLOCKED
    for verdict in verdicts:
        result |= verdict
    return result
