"""How long a program in a terminal takes until something is on the screen."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping

_ALTERNATE_SCREEN = b"\x1b[?1049h"
_ENOUGH_FOR_A_FRAME = 1000
_PATIENCE = 60.0


def until_first_frame(command: list[str], environment: Mapping[str, str]) -> float:
    """Seconds until a full-screen program has drawn a first screen of 120 x 40."""
    return _seconds_until(command, environment, _has_frame)


def until_text(command: list[str], environment: Mapping[str, str], text: bytes) -> float:
    """Seconds until the program has written this text."""
    return _seconds_until(command, environment, lambda written: text in written)


def _has_frame(written: bytes) -> bool:
    start = written.find(_ALTERNATE_SCREEN)
    return start >= 0 and len(written) - start > _ENOUGH_FOR_A_FRAME


def _seconds_until(
    command: list[str], environment: Mapping[str, str], is_there: Callable[[bytes], bool]
) -> float:
    start = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], command, {**environment, "TERM": "xterm-256color"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    written = b""
    try:
        while time.perf_counter() - start < _PATIENCE:
            if select.select([terminal], [], [], 1.0)[0]:
                written += os.read(terminal, 65_536)
                if is_there(written):
                    return time.perf_counter() - start
    except OSError:
        raise RuntimeError(f"{command[0]} ended: {written[-500:].decode(errors='replace')}") from None
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)
    raise RuntimeError(f"{command[0]} showed nothing in {_PATIENCE:.0f} s")
