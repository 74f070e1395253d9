"""Speed of the terminal app: its first frame against an empty Textual app's, and a table of 100,000 rows.

    python -m tests.benchmarks.screens

Bars as in the design: the first frame of the demo takes at most 1.5 times the empty app's; the table is
filled within 100 ms, and a page down costs at most 20 ms of processor time. Milliseconds depend on the
machine and how busy it is; the ratio does not.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from statistics import median

import msgspec
from textual.app import App, ComposeResult

from advisor.tui.theme import DARK
from advisor.tui.widgets.fleet_table import FleetTable
from tests.benchmarks.run import Line
from tests.tui import sample

ROWS = 100_000
_EMPTY = "from textual.app import App; App().run()"
_DEMO = "from advisor.tui.app import run; run('demo')"
_ALTERNATE_SCREEN = b"\x1b[?1049h"
_A_FRAME = 1000
"""So many bytes after the switch to the alternate screen are more than set-up: something was drawn."""


def first_frame(code: str) -> float:
    """Seconds from the start of an interpreter to the first frame in a terminal of 120 by 40."""
    start = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(sys.executable, [sys.executable, "-c", code])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen = b""
    try:
        while time.perf_counter() - start < 30:
            if select.select([terminal], [], [], 0.05)[0]:
                seen += os.read(terminal, 65536)
                if len(seen.partition(_ALTERNATE_SCREEN)[2]) > _A_FRAME:
                    return time.perf_counter() - start
        raise TimeoutError("no frame within 30 seconds")
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)


def frame() -> Iterator[Line]:
    """The demo's first frame against an empty app's, run in turns."""
    first_frame(_EMPTY), first_frame(_DEMO)
    empty, demo = [], []
    for _ in range(7):
        empty.append(first_frame(_EMPTY))
        demo.append(first_frame(_DEMO))
    ratio = median(demo) / median(empty)
    yield Line(
        "first frame of the demo / of an empty Textual app",
        ratio,
        1.5,
        f"{median(demo) * 1000:.0f} ms / {median(empty) * 1000:.0f} ms",
    )


class _Table(App[None]):
    def compose(self) -> ComposeResult:
        yield FleetTable()


async def _table() -> tuple[float, float]:
    model = sample.named("web-01")
    targets = [
        msgspec.structs.replace(
            model, target=msgspec.structs.replace(model.target, id=f"i-{at:017d}", name=f"web-{at}")
        )
        for at in range(ROWS)
    ]
    app = _Table()
    app.register_theme(DARK)
    app.theme = DARK.name
    async with app.run_test(size=(120, 40)) as pilot:
        table = app.query_one(FleetTable)
        table.focus()
        order = list(range(ROWS))
        start = time.perf_counter()
        table.show(targets, order)
        await pilot.pause()
        filled = time.perf_counter() - start
        pages = 50
        spent = time.process_time()
        for _ in range(pages):
            await pilot.press("pagedown")
        await pilot.pause()
        return filled, (time.process_time() - spent) / pages


def table() -> Iterator[Line]:
    """100,000 rows: the fill, and a page down."""
    filled, page = asyncio.run(_table())
    yield Line(f"table of {ROWS} rows: fill, ms", filled * 1000, 100, "to the next idle moment")
    yield Line(f"table of {ROWS} rows: page down, ms of processor", page * 1000, 20, "with the test's pilot")


def main() -> int:
    """Measure, print, and say whether a bar was missed."""
    lines = [*frame(), *table()]
    for line in lines:
        print(line)
    return int(any(line.is_over for line in lines))


if __name__ == "__main__":
    sys.exit(main())
