"""`advisor demo`: the terminal interface on the demo account that comes with the program."""

from __future__ import annotations

import click

from advisor.cli.options import Source


@click.command("demo")
@click.option(
    "--lang", type=click.Choice(["en", "ja"]), default="en", envvar="ADVISOR_LANG", help="Language."
)
@click.option("--no-color", is_flag=True, help="No colour (as NO_COLOR).")
@click.option("--rules", metavar="DIR", multiple=True, help="Lay your own rules over the built-in ones.")
def command(lang: str, no_color: bool, rules: tuple[str, ...]) -> int:
    """Open the terminal interface on the demo account: no credentials, no network.

    The account is invented: two Regions, five VPCs, about forty instances, healthy ones and ones with faults
    from real life. Every other command takes it as `--snapshot demo`.
    """
    from advisor.cli.commands.tui import open_screen

    return open_screen(Source(snapshot="demo", lang=lang, no_color=no_color, rules=rules))
