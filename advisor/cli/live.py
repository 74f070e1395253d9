"""Reading a live account for a command, with progress on stderr."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from advisor.model.text import plain

if TYPE_CHECKING:
    from advisor.cli.options import Source
    from advisor.collect.runner import Progress
    from advisor.collect.session import Session
    from advisor.snapshot import Snapshot

_INTERVAL = 0.1
_CLEAR = "\r\x1b[2K"


def sign_in(source: Source) -> Session:
    """A session with the account that the source names; CloudError where there is none to be had."""
    from advisor.collect.session import open_session

    return open_session(source.profile, source.region, source.endpoint_url)


def collect_with(session: Session) -> Snapshot:
    """A snapshot of a session's account and Regions."""
    from advisor.collect.runner import collect

    line = ProgressLine()
    try:
        return collect(session, progress=line.show)
    finally:
        line.clear()


class ProgressLine:
    """One line on stderr that tells how far the reading is; silent where nobody watches."""

    def __init__(self) -> None:
        self._shown = 0.0
        self._watched = sys.stderr.isatty()

    def show(self, progress: Progress) -> None:
        """Show this progress, at most ten times a second."""
        now = time.monotonic()
        if not self._watched or now - self._shown < _INTERVAL:
            return
        self._shown = now
        failed = f", {progress.failed} not allowed or failed" if progress.failed else ""
        text = f"reading AWS {progress.done}/{progress.total}{failed}  {plain(progress.what)}"
        sys.stderr.write(f"{_CLEAR}{text[:78]}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._watched and self._shown:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()
