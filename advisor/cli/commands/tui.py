"""`advisor tui`: the terminal interface."""

from __future__ import annotations

import os
import sys

import click

from advisor.cli.options import Source, source_options


def on_terminal() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def open_screen(source: Source) -> int:
    """Open the terminal interface on what the source names; the exit code is 0 once it is closed."""
    import gc

    from advisor.cli.account import rule_folders
    from advisor.model.errors import InputError

    if not on_terminal():
        raise InputError(
            "the terminal interface needs a terminal", "for pipes and programs: advisor assess --output json"
        )
    from advisor.tui.app import run

    gc.enable()
    if source.no_color:
        # Textual knows this sign, and every program it starts does.
        os.environ["NO_COLOR"] = "1"
    return run(
        source.snapshot,
        profile=source.profile,
        regions=source.region,
        endpoint_url=source.endpoint_url,
        rules=rule_folders(source),
        lang=source.lang,
    )


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
