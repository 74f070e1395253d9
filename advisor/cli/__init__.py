"""The command line. Every command imports its work inside itself, so that --help is instant."""

from __future__ import annotations


def main() -> None:
    """Run `advisor` with the process's arguments and exit."""
    from advisor.cli.program import program

    program(prog_name="advisor")
