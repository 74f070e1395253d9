"""The command line. Every command imports its work inside itself, so that --help is instant."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `advisor` with the process's arguments and exit."""
    if sys.argv[1:] in (["--help"], ["-h"]):
        # Loading click alone takes three times as long as all the rest of this.
        from advisor.cli.overview import overview

        sys.stdout.write(overview())
        return
    import gc

    from advisor.cli.program import program

    # A command builds one estate and ends: walking millions of records that all stay alive, again and again,
    # would cost a third of its time. The terminal interface, which stays, switches the collector on again.
    gc.disable()
    program(prog_name="advisor")
