"""`advisor plan`: the cheapest proved set of changes that makes targets ready."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from advisor.cli.options import METHODS, Person, Source, person_options, source_options

if TYPE_CHECKING:
    from advisor.advice.plan import Plan
    from advisor.cli.reading import Reading


@click.command("plan")
@click.argument("targets", metavar="[TARGET]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All targets that no method reaches.")
@click.option("--tag", "tags", metavar="KEY=VALUE", multiple=True, help="Targets with this tag.")
@click.option("--vpc", "vpcs", metavar="ID", multiple=True, help="Targets in this VPC.")
@click.option("--method", type=click.Choice(["best", *METHODS]), default="best", show_default=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["cli", "powershell", "terraform", "cloudformation", "iam", "json", "markdown"]),
    default="cli",
    show_default=True,
)
@click.option("--without", metavar="KEY", multiple=True, help="Leave this action out, and prove the rest.")
@click.option("--to", "path", metavar="PATH", help="Write to this file, or into this folder.")
@click.option("--query", metavar="JMESPATH", help="Take this out of the JSON.")
@person_options
@source_options()
def command(
    targets: tuple[str, ...],
    every: bool,
    tags: tuple[str, ...],
    vpcs: tuple[str, ...],
    method: str,
    form: str,
    without: tuple[str, ...],
    path: str | None,
    query: str | None,
    person: Person,
    source: Source,
) -> int:
    """Plan the cheapest set of changes after which targets can be reached; nothing is applied.

    Each plan is proved: its actions are applied to a copy of the account in memory, everything is assessed
    again, and it is refused if anything gets worse.

    \b
    advisor plan web-1                              AWS CLI lines, with the way back
    advisor plan web-1 --method session-manager --format terraform
    advisor plan --vpc vpc-0abc --prefer cost       one set of changes for all of them
    advisor plan --all --format json
    advisor plan web-1 --format terraform --to repair/  the files of the format, into a folder

    Exit code: 0 proved (or nothing to do), 1 some targets stay out of reach, 3 it hangs on missing data.
    """
    import msgspec

    from advisor.advice.plan import plan as planned
    from advisor.cli.output import queried, show_document, write
    from advisor.cli.reading import read_account
    from advisor.methods.assessment import MethodId
    from advisor.model.errors import InputError

    if not (targets or tags or vpcs or every):
        raise InputError(
            "for which targets?", "name them, or give --vpc, --tag, or --all for everything that was read"
        )
    if query is not None and form != "json":
        raise InputError("--query takes out of JSON", "add --format json")
    read = read_account(source, person, targets)
    chosen = None if every and not (targets or tags or vpcs) else read.select(targets, tags, vpcs)
    wanted = None if method == "best" else MethodId(method)
    found = planned(
        read.estate, read.rulebook, chosen, wanted, person.prefer, read.needs, read.options, without=without
    )
    if path is not None and query is None:
        _save(path, form, found, read)
        return _status(found, read)
    text = _text(form, found, read)
    if query is not None:
        show_document(msgspec.json.encode(queried(msgspec.json.decode(text), query)), "json")
    else:
        write(text if text.endswith("\n") else f"{text}\n")
    return _status(found, read)


def _text(form: str, found: Plan, read: Reading) -> str:
    """The plan as one text; in shells the way back is comments, so that nothing runs it by accident."""
    from advisor.advice.render import files, render

    if form not in ("cli", "powershell"):
        return render(found, form, read.rulebook, read.estate, read.lang)
    first, *others = files(found, form, read.rulebook, read.estate, read.lang).values()
    comments = (f"# {line}".rstrip() for text in others for line in text.splitlines())
    return "\n".join((first.rstrip(), "", *comments)) + "\n" if others else first


def _save(given: str, form: str, found: Plan, read: Reading) -> None:
    """One file of everything; into a folder (that exists, or ends with `/`) the format's own files."""
    from advisor.advice.render import files
    from advisor.model.errors import InputError

    path = Path(given)
    if os.path.isdir(path) or given.endswith("/"):
        named = files(found, form, read.rulebook, read.estate, read.lang)
        texts = {path / name: text for name, text in named.items()}
    else:
        texts = {path: _text(form, found, read)}
    try:
        for file, text in texts.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            click.echo(f"{file}: written", err=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}", "give another place") from None


def _status(found: Plan, read: Reading) -> int:
    from advisor.cli.codes import DATA_MISSING, FAILED

    if not found.targets:
        # No targets because they could not be read is not the same as no targets.
        return 0 if all(scope.instances.complete for scope in read.estate.regional) else DATA_MISSING
    if found.left:
        return DATA_MISSING if found.is_undecided else FAILED
    if found.verified:
        return 0
    return DATA_MISSING if found.is_conditional else FAILED
