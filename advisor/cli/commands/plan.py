"""`advisor plan`: the cheapest proved set of changes that makes targets ready."""

from __future__ import annotations

import click

from advisor.cli.options import METHODS, Person, Source, person_options, source_options


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
@person_options
@source_options()
def command(
    targets: tuple[str, ...],
    every: bool,
    tags: tuple[str, ...],
    vpcs: tuple[str, ...],
    method: str,
    form: str,
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
    """
    raise NotImplementedError
