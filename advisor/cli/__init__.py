"""The command line. Every command imports its work inside itself, so that --help is instant."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run `advisor` with the process's arguments and exit."""
    if sys.stdout is None:
        # Closed by whoever started this (`>&-`): the exit code is all that they want.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the whole run
    if sys.argv[1:] in (["--help"], ["-h"]) and _overview_written():
        return
    import gc

    from advisor.cli.program import program

    # A command builds one estate and ends: walking millions of records that all stay alive, again and again,
    # would cost a third of its time. The terminal interface, which stays, switches the collector on again.
    gc.disable()
    program(prog_name="advisor")


def _overview_written() -> bool:
    # Loading click alone takes three times as long as all the rest of this.
    from advisor.cli.overview import overview

    text = overview().encode()
    try:
        return os.write(sys.stdout.fileno(), text) == len(text)
    except OSError:
        return False  # and so it will for the program, which says why
