"""`advisor why`: what an error message may come from, tested against a target."""

from __future__ import annotations

import click

from advisor.cli.options import Output, Person, Source, output_options, person_options, source_options


@click.command("why")
@click.argument("text", metavar="TEXT")
@click.argument("target", metavar="[TARGET]", required=False)
@person_options
@source_options()
@output_options()
def command(text: str, target: str | None, person: Person, source: Source, output: Output) -> int:
    """Rank the causes of an error message; with TARGET, test each against it.

    TEXT is what you saw, pasted as it is, in English or Japanese; `-` reads it from stdin.

    \b
    advisor why "TargetNotConnected"
    advisor why "An error occurred (TargetNotConnected) when calling StartSession" web-1
    aws ssm start-session --target i-0abc 2>&1 | advisor why - i-0abc

    Exit code: 0 no cause was found in the account, 1 a cause was proved, 3 it could not be decided.
    """
    raise NotImplementedError
