"""`advisor assess`: every connection method of some or all targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from advisor.cli.options import (
    METHODS,
    Output,
    Person,
    Source,
    output_options,
    person_options,
    source_options,
)

if TYPE_CHECKING:
    from advisor.cli.reading import Reading
    from advisor.methods.assessment import Assessment, MethodId, TargetAssessment
    from advisor.report.page import Page

_DETAILED = 5
_DETAILED_REPORT = 200


@click.command("assess")
@click.argument("targets", metavar="[TARGET]...", nargs=-1)
@click.option("--tag", "tags", metavar="KEY=VALUE", multiple=True, help="Only targets with this tag.")
@click.option("--vpc", "vpcs", metavar="ID", multiple=True, help="Only targets in this VPC.")
@click.option("--method", type=click.Choice(METHODS), help="Only this method; it decides the exit code.")
@click.option(
    "--details/--no-details",
    default=None,
    help="Every method's causes and evidence (default: for up to 5 named targets, and in reports).",
)
@person_options
@source_options()
@output_options("table", "json", "yaml", "markdown", "html", "csv", "sarif")
def command(
    targets: tuple[str, ...],
    tags: tuple[str, ...],
    vpcs: tuple[str, ...],
    method: str | None,
    details: bool | None,
    person: Person,
    source: Source,
    output: Output,
) -> int:
    """Say for every target and every method: ready, blocked (by what), or unknown (what is missing).

    TARGET is an id, a name, the start of either, a pattern with `*`, or tag:KEY=VALUE; none means all.

    \b
    advisor assess                                     all targets, as a table
    advisor assess web-1 --lang ja                     one target, every detail
    advisor assess --tag env=prod --method session-manager
    advisor assess --output html > report.html         a report in one file
    advisor assess --snapshot demo --output json --query 'targets[?recommended.verdict!=`ready`].id'

    Exit code: 0 every target has a way in, 1 some have none, 3 for some it is unknown.
    """
    from advisor.cli.output import show, write_bytes
    from advisor.cli.reading import read_account
    from advisor.methods.assessment import MethodId
    from advisor.report import document

    read = read_account(source, person, targets)
    assessment = read.assess(targets, tags, vpcs)
    chosen = MethodId(method) if method else None
    if chosen is not None:
        assessment = _with_only(assessment, chosen)
    if output.format == "sarif" and output.query is None:
        from advisor.report.sarif import assessment_sarif

        write_bytes(assessment_sarif(assessment, read.causes))
    else:
        named = bool(targets) and len(assessment.targets) <= _DETAILED
        in_full = output.format in ("html", "markdown") and len(assessment.targets) <= _DETAILED_REPORT
        wants_details = details if details is not None else named or in_full
        show(
            output,
            lambda: document.assessment_json(assessment, read.causes, read.commands),
            lambda: _page(read, assessment, output, wants_details, fleet=not named, only=chosen),
            "advisor",
        )
    return _status(read, assessment)


def _with_only(assessment: Assessment, method: MethodId) -> Assessment:
    import msgspec

    def narrowed(each: TargetAssessment) -> TargetAssessment:
        kept = tuple(one for one in each.methods if one.method is method)
        return msgspec.structs.replace(each, methods=kept)

    return msgspec.structs.replace(assessment, targets=tuple(map(narrowed, assessment.targets)))


def _page(
    read: Reading, assessment: Assessment, output: Output, details: bool, fleet: bool, only: MethodId | None
) -> Page:
    from advisor.cli.output import width
    from advisor.report.detail import detail_page
    from advisor.report.fleet import csv_page, fleet_page, gap_blocks, head_blocks

    if output.format == "csv":
        return csv_page(assessment)
    page: Page = () if output.format == "table" else head_blocks(assessment, read.words)
    if fleet or not details:
        is_table = output.format == "table"
        page += fleet_page(assessment, read.words, width() if is_table else None, with_summary=is_table)
    if details:
        for each in assessment.targets:
            page += detail_page(each, read.words, read.causes, read.commands, only)
        if not fleet:
            page += gap_blocks(assessment.gaps, read.words)
    return page


def _status(read: Reading, assessment: Assessment) -> int:
    from advisor.cli.codes import DATA_MISSING, of_verdicts
    from advisor.model.coverage import Status
    from advisor.report.fleet import best_verdict

    if not assessment.targets:
        tables = [scope.instances for scope in read.estate.regional]
        if not tables or any(each.coverage.status is not Status.OK for each in tables):
            # No targets because they could not be read is not the same as no targets.
            click.echo("what was read does not tell all instances (ec2:DescribeInstances)", err=True)
            return DATA_MISSING
    return of_verdicts(map(best_verdict, assessment.targets))
