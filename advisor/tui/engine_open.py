"""Opening a source: a snapshot, a folder of dumps, the demo or the live account, read and assessed."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from advisor.tui.desk import Cancelled, Desk, Needs, Progress, Source
from advisor.tui.engine import EngineDesk

if TYPE_CHECKING:
    from advisor.methods.answer import Finding
    from advisor.snapshot import Snapshot

Listener = Callable[[Progress], None]


def open_source(source: Source, progress: Listener, cancelled: Callable[[], bool]) -> Desk:
    """Read the source, assess it and recommend; AdvisorError with a plain sentence where that fails."""
    with _collector_resting():
        return _opened(source, progress, cancelled)


@contextmanager
def _collector_resting() -> Iterator[None]:
    """No garbage collection while an account is read and assessed: it would walk millions of live objects."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _opened(source: Source, progress: Listener, cancelled: Callable[[], bool]) -> Desk:
    from advisor.rulebook import load

    rulebook = load(source.rules)
    caller: str | None = None
    local: tuple[Finding, ...] = ()
    if source.path is None:
        from advisor.tui.engine_live import local_findings, read_live

        session, snapshot = read_live(source, progress, cancelled)
        source = msgspec.structs.replace(source, session=session)
        # Whoever signs in to a live account is taken to be the one who connects; a snapshot is anybody's.
        caller = snapshot.caller or None
        progress(Progress(0, 0, "looking at this computer"))
        local = local_findings(rulebook)
    else:
        progress(Progress(0, 0, "reading the snapshot"))
        snapshot = _read(source.path).of_regions(source.regions)
    if cancelled():
        raise Cancelled
    progress(Progress(0, 0, "assessing every instance by every method"))
    desk = EngineDesk.assessed(source, snapshot, rulebook, Needs(), caller, local)
    if cancelled():
        raise Cancelled
    return desk


def _read(path: str) -> Snapshot:
    from advisor.snapshot import read

    return read(path)
