"""`advisor diff`: who lost or gained which way in between two snapshots, and the change that did it."""

from __future__ import annotations

import click

from advisor.cli.options import Output, Person, Source, output_options, person_options, source_options


@click.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@person_options
@source_options()
@output_options()
def command(old: str, new: str, person: Person, source: Source, output: Output) -> int:
    """Compare two snapshots: verdicts that changed, and the changes of the account behind each.

    OLD and NEW are snapshot files, folders of AWS CLI dumps, or `demo`.

    \b
    advisor diff yesterday.json.gz today.json.gz
    advisor diff before/ after/ --output markdown

    Exit code: 0 nobody lost a way in, 1 somebody did, 3 for somebody it is unknown now.
    """
    raise NotImplementedError
