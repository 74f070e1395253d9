"""How work grows with its size: a ratio of one run, which no slow or busy machine changes."""

from __future__ import annotations

import time
from collections.abc import Callable


def growth(work: Callable[[int], object], small: int, large: int) -> float:
    """How many times more processor time the large size takes; of three runs each the fastest counts."""
    return _least(work, large) / max(_least(work, small), 1e-4)


def _least(work: Callable[[int], object], size: int) -> float:
    return min(_seconds(work, size) for _ in range(3))


def _seconds(work: Callable[[int], object], size: int) -> float:
    start = time.process_time()
    work(size)
    return time.process_time() - start
