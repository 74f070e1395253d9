"""`advisor doctor`: the person's own side of a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from advisor.cli.options import Output, Source, output_options, source_options

if TYPE_CHECKING:
    from advisor.doctor.examine import LocalFinding
    from advisor.report.page import Page
    from advisor.rulebook import RuleBook

SCHEMA = "advisor.doctor/1"


@click.command("doctor")
@click.option("--offline", is_flag=True, help="Do not ask AWS who you are and what time it is.")
@source_options()
@output_options()
def command(offline: bool, source: Source, output: Output) -> int:
    """Examine your own computer: AWS CLI, session-manager-plugin, ssh, credentials, clock, Region, proxy.

    \b
    advisor doctor
    advisor doctor --profile prod --output json
    advisor doctor --offline

    Exit code: 0 nothing stands in the way, 1 something does, 3 something could not be found out.
    """
    import msgspec

    from advisor.cli.account import read_rulebook
    from advisor.cli.codes import of_verdicts
    from advisor.cli.local import examined
    from advisor.cli.output import show

    rulebook = read_rulebook(source)
    found = examined(source, rulebook, offline)
    show(
        output,
        lambda: msgspec.json.encode(_document(found, source.lang)),
        lambda: _page(found, rulebook, source.lang),
        "advisor doctor",
    )
    return of_verdicts(each.verdict for each in found)


def _document(found: tuple[LocalFinding, ...], lang: str) -> dict[str, Any]:
    from advisor.report.document import missing_document

    return {
        "schema": SCHEMA,
        "findings": [
            {
                "part": each.part,
                "verdict": each.verdict.value,
                "says": each.says.in_(lang),
                "cause": each.cause,
                "certainty": each.certainty.value,
                "methods": each.methods,
                "remedies": each.remedy.in_(lang) if each.remedy else (),
                "missing": [missing_document(one) for one in each.missing],
            }
            for each in found
        ],
    }


def _page(found: tuple[LocalFinding, ...], rulebook: RuleBook, lang: str) -> Page:
    from advisor.model.text import plain
    from advisor.report.page import Bullets, Heading, Table, toned
    from advisor.report.rows import mark

    rows = tuple(
        (
            toned(mark(each.verdict).glyph, each.verdict),
            rulebook.text(f"doctor.part.{each.part}", lang),
            plain(each.says.in_(lang)),
        )
        for each in found
    )
    page: Page = (Table(("", rulebook.text("report.part", lang), rulebook.text("report.found", lang)), rows),)
    steps = tuple(
        dict.fromkeys(plain(line) for each in found if each.remedy for line in each.remedy.in_(lang))
    )
    if steps:
        page += (Heading(rulebook.text("report.remedy", lang)), Bullets(steps))
    return page
