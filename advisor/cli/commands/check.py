"""`advisor check`: assertions about paths and methods, for CI."""

from __future__ import annotations

import os
from pathlib import Path

import click

from advisor.cli.options import Output, Person, Source, output_options, person_options, source_options


@click.command("check")
@click.argument("file", metavar="[FILE]", required=False)
@click.option("--init", is_flag=True, help="Write what is true today to FILE (or stdout), as a first file.")
@person_options
@source_options()
@output_options("table", "json", "yaml", "markdown", "html", "csv", "junit")
def command(file: str | None, init: bool, person: Person, source: Source, output: Output) -> int:
    """Check a file of assertions about paths and methods; one line for each.

    \b
    assertions:
      - {id: web-admin, target: web-1, method: session-manager, expect: ready}
      - {id: db-closed, from: internet, to: db-1, port: 5432, expect: blocked}
      - {id: web-db, from: web-1, to: db-1, port: 5432, expect: reachable}

    \b
    advisor check --init network.yaml                    a first file, from today's state
    advisor check network.yaml --output junit > out.xml  for CI

    Exit code: 0 all pass, 1 some fail, 3 some fail only because data is missing.
    """
    from advisor.cli.checking import judged, status_of
    from advisor.cli.output import show, write_bytes
    from advisor.cli.reading import read_account
    from advisor.model.errors import InputError
    from advisor.report.checks import check_json, check_junit, check_page
    from advisor.rulebook.assertions import read_assertions

    if init:
        return _write_first(file, person, source)
    if file is None:
        raise InputError(
            "which file of assertions?",
            "advisor check FILE; a first one comes from: advisor check --init FILE",
        )
    assertions = read_assertions(Path(file))
    read = read_account(source, person)
    results = judged(assertions, read)
    if output.format == "junit" and output.query is None:
        write_bytes(check_junit(results))
    else:
        show(
            output,
            lambda: check_json(results),
            lambda: check_page(results, read.words),
            "advisor check",
        )
    return status_of(results)


def _write_first(file: str | None, person: Person, source: Source) -> int:
    from advisor.cli.checking import first_assertions
    from advisor.cli.output import write
    from advisor.cli.reading import read_account
    from advisor.model.errors import InputError
    from advisor.rulebook.yaml_text import as_yaml

    path = Path(file) if file is not None else None
    if path is not None and os.path.lexists(path):
        raise InputError(f"{path} exists already", "give another name; --init never overwrites")
    read = read_account(source, person)
    assertions = first_assertions(read.assess())
    if not assertions:
        raise InputError(
            "nothing is known yet that a file could assert",
            "see what was read, and which calls were denied: advisor assess --output json",
        )
    head = "# What was true when this file was written. Run: advisor check FILE\n"
    text = head + as_yaml({"assertions": assertions})
    if path is None:
        write(text)
        return 0
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}", "give another place") from None
    write(f"{path}: {len(assertions)} assertions\n")
    return 0
