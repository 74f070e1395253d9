"""`advisor tui`: the terminal interface."""

from __future__ import annotations

import click

from advisor.cli.options import Source, source_options


def open_screen(source: Source) -> int:
    """Open the terminal interface on what the source names; the exit code is 0 once it is closed."""
    from advisor.tui.app import run

    run(source)
    return 0


@click.command("tui")
@source_options()
def command(source: Source) -> int:
    """Open the terminal interface on a live account, a snapshot, a folder of dumps, or the demo.

    \b
    advisor tui                            the current AWS profile and Region, like `advisor` alone
    advisor tui --profile prod --region eu-west-1,us-east-1
    advisor tui --snapshot today.json.gz   offline
    """
    return open_screen(source)
