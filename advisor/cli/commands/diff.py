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
    """Compare two snapshots: verdicts that changed, and the change of the account behind each.

    Each change is taken back on a copy and judged again; only what brings the old verdict back is named as
    the change that did it. OLD and NEW are snapshot files, folders of AWS CLI dumps, or `demo`.

    \b
    advisor diff yesterday.json.gz today.json.gz
    advisor diff before/ after/ --output markdown

    Exit code: 0 nobody lost a way in, 1 somebody did, 3 for somebody it is unknown now.
    """
    import dataclasses

    from advisor.advice.turned import turned
    from advisor.cli.account import read_rulebook, read_snapshot
    from advisor.cli.codes import DATA_MISSING, FAILED
    from advisor.cli.output import show
    from advisor.cli.reading import options_of
    from advisor.report.texts import words_of
    from advisor.report.turns import lost, turns_csv, turns_json, turns_page

    rulebook = read_rulebook(source)
    before, after = (read_snapshot(dataclasses.replace(source, snapshot=path)) for path in (old, new))
    turns = turned(before, after, rulebook, options_of(person))
    words = words_of(rulebook, source.lang)
    page = turns_csv if output.format == "csv" else turns_page
    show(output, lambda: turns_json(turns), lambda: page(turns, words), "advisor diff")
    if lost(turns, "blocked"):
        return FAILED
    return DATA_MISSING if lost(turns, "unknown") else 0
