"""`advisor why`: what an error message may come from, tested against a target."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from advisor.cli.options import Output, Person, Source, output_options, person_options, source_options

if TYPE_CHECKING:
    from advisor.cli.reading import Reading
    from advisor.methods.assessment import Target


@click.command("why")
@click.argument("text", metavar="TEXT")
@click.argument("target", metavar="[TARGET]", required=False)
@person_options
@source_options()
@output_options()
def command(text: str, target: str | None, person: Person, source: Source, output: Output) -> int:
    """Rank the causes of an error message; with TARGET, test each against it.

    TEXT is what you saw, pasted as it is, in English or Japanese; `-` reads it from stdin. Where an account
    is given (--snapshot, --profile, --region), the target that the text names need not be repeated.

    \b
    advisor why "TargetNotConnected"
    advisor why "An error occurred (TargetNotConnected) when calling StartSession" web-1
    aws ssm start-session --target i-0abc 2>&1 | advisor why - i-0abc

    Exit code with TARGET: 0 no cause stands, 1 one is confirmed, 3 it could not be decided. Without: 0 the
    text is known, 3 it is not.
    """
    from advisor.cli.output import show
    from advisor.cli.reading import read_account, rules_only
    from advisor.methods.why import explain
    from advisor.report.why import why_json, why_page

    pasted = sys.stdin.read() if text == "-" else text
    has_account = target is not None or source.snapshot or source.profile or source.region
    named = () if target is None else (target,)
    read = read_account(source, person, named) if has_account else rules_only(source, person)
    chosen = read.find(target) if target is not None else _mentioned(pasted, read)
    assessed = None if chosen is None else read.assess_targets((chosen,)).targets[0]
    found = explain(pasted, read.rulebook, assessed, read.options, looked_here=read.looked_here)
    show(
        output,
        lambda: why_json(found, assessed.target.id if assessed else None, read.causes, read.said),
        lambda: why_page(
            found, read.causes, read.words, read.standings, read.said, is_tested=assessed is not None
        ),
        "advisor why",
    )
    return _status([each.standing.value for each in found.causes], assessed is not None)


def _mentioned(text: str, read: Reading) -> Target | None:
    """The target that the text itself names, if the account that was read has it."""
    from advisor.methods.pasted import mentions

    named = [each for each in read.targets if each.id in mentions(text).targets]
    return named[0] if len(named) == 1 else None


def _status(standings: list[str], is_tested: bool) -> int:
    from advisor.cli.codes import DATA_MISSING, FAILED

    if not standings:
        return DATA_MISSING
    if not is_tested:
        return 0
    if "confirmed" in standings:
        return FAILED
    return DATA_MISSING if {"likely", "unknown"} & set(standings) else 0
