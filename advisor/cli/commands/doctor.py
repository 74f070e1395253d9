"""`advisor doctor`: the person's own side of a connection."""

from __future__ import annotations

import click

from advisor.cli.options import Output, Source, output_options, source_options


@click.command("doctor")
@click.option("--offline", is_flag=True, help="Ask nobody: no credentials, no clock of AWS.")
@source_options()
@output_options()
def command(offline: bool, source: Source, output: Output) -> int:
    """Examine your own computer: AWS CLI, session-manager-plugin, ssh, credentials, clock, Region, proxy.

    \b
    advisor doctor
    advisor doctor --profile prod --output json

    Exit code: 0 nothing stands in the way, 1 something does, 3 something could not be found out.
    """
    raise NotImplementedError
