"""`advisor rules`: what the rule book holds, where each entry comes from, and whether it holds together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from advisor.cli.options import Output, Source, output_options, source_options

if TYPE_CHECKING:
    from advisor.report.page import Cell
    from advisor.rulebook.validate import Problem

KINDS = (
    "causes",
    "methods",
    "symptoms",
    "actions",
    "profiles",
    "policies",
    "prices",
    "endpoints",
    "runbooks",
    "texts",
)


@click.group("rules", no_args_is_help=False)
def command() -> None:
    """Show what the rule book holds and where each entry comes from.

    Built-in rules are overlaid, entry by entry, by those in ~/.config/advisor/rules and by --rules DIR.

    \b
    advisor rules list --kind causes
    advisor rules show vpce-sg-blocks-443
    advisor rules validate --rules ./our-rules
    """


@command.command("list")
@click.option("--kind", type=click.Choice(KINDS), help="Only entries of this kind.")
@source_options()
@output_options()
def list_rules(kind: str | None, source: Source, output: Output) -> None:
    """List every entry: id, kind, title, and the folder it comes from."""
    import msgspec

    from advisor.cli.account import read_rulebook
    from advisor.cli.output import show
    from advisor.report.page import Table

    rulebook = read_rulebook(source)
    listed = [each for each in rulebook.listing() if kind in (None, each.kind)]
    rows = tuple((each.id, each.kind, each.title.in_(source.lang), each.source) for each in listed)
    show(
        output,
        lambda: msgspec.json.encode(listed),
        lambda: (Table(("id", "kind", "title", "source"), rows),),
        "advisor rules",
    )


@command.command("show")
@click.argument("rule_id", metavar="ID")
@click.option("--kind", type=click.Choice(KINDS), help="Which kind, where several have an entry of this id.")
@source_options()
@output_options("yaml", "json")
def show_rule(rule_id: str, kind: str | None, source: Source, output: Output) -> None:
    """Show one entry in full."""
    import msgspec

    from advisor.cli.account import read_rulebook
    from advisor.cli.output import show

    rulebook = read_rulebook(source)
    found = [
        {"kind": name, "source": str(rulebook.sources[name, rule_id].place), **msgspec.to_builtins(entry)}
        for name, entry in rulebook.find(rule_id, kind)
    ]
    show(output, lambda: msgspec.json.encode(found), tuple, "advisor rules")


@command.command("validate")
@source_options()
@output_options()
def validate_rules(source: Source, output: Output) -> int:
    """Check that every id in the rules exists and every check is known; exit 1 and list what is wrong."""
    import msgspec

    from advisor.cli.account import read_rulebook
    from advisor.cli.codes import FAILED
    from advisor.cli.output import show
    from advisor.methods import catalogue  # noqa: F401 - makes the checks known
    from advisor.methods.checks import CHECKS
    from advisor.model.verdict import READY
    from advisor.report.page import Paragraph, Table, toned
    from advisor.rulebook.validate import validate

    rulebook = read_rulebook(source)
    problems = validate(rulebook, CHECKS)
    entries = len(rulebook.listing())
    show(
        output,
        lambda: msgspec.json.encode({"schema": "advisor.rules/1", "entries": entries, "problems": problems}),
        lambda: (
            (Table(("place", "problem", "hint"), tuple(map(_problem, problems))),)
            if problems or output.format == "csv"
            else (Paragraph(toned(f"{entries} entries, nothing wrong.", READY)),)
        ),
        "advisor rules",
    )
    return FAILED if problems else 0


def _problem(problem: Problem) -> tuple[Cell, ...]:
    from advisor.model.text import plain
    from advisor.model.verdict import BLOCKED
    from advisor.report.page import toned

    return tuple(toned(plain(each), BLOCKED) for each in (problem.place, problem.what, problem.hint))
