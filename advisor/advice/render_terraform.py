"""Plans as Terraform: new resources, import blocks for existing ones, names that stay the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from advisor.advice.action import Action
from advisor.advice.hcl import Block, block, written
from advisor.advice.render_cli import cli_lines
from advisor.advice.terraform_access import ACCESS
from advisor.advice.terraform_configuration import Configuration, Writer, comment, resource_name
from advisor.advice.terraform_network import NETWORK
from advisor.model.estate import Estate

_WRITERS: Final[Mapping[str, Writer]] = {**NETWORK, **ACCESS}
"""How each request is written; one that is not here has no resource of Terraform's AWS provider."""


def terraform(actions: Sequence[Action], titles: Mapping[str, str], estate: Estate) -> str:
    """The actions as one configuration; `titles` by action key stand above them as comments.

    What Terraform has no resource for stands as a comment with the line for the AWS CLI.
    """
    configuration = Configuration(actions, estate)
    order: list[tuple[str, str] | str] = []
    for action, lines in zip(actions, cli_lines(actions), strict=True):
        write = _WRITERS.get(action.operation)
        title = titles.get(action.key, action.operation)
        found = write(configuration, action) if write is not None else None
        if found is None:
            commands = "\n".join(lines.all)
            order.append(comment(f"{title}\nTerraform has no resource for this; by the AWS CLI:\n{commands}"))
        else:
            order += configuration.add(action, title, found)
    parts = [each if isinstance(each, str) else configuration.written(each) for each in order]
    return "\n\n".join([_header(configuration.regions), *parts]) + "\n"


def _header(regions: Sequence[str]) -> str:
    requirements = block("aws", source="hashicorp/aws", version=">= 6.0")
    needed = Block("required_providers", (), (("aws", dict(requirements.body)),))
    parts = [
        written(Block("terraform", (), (("required_version", ">= 1.5"), ("required_providers", needed))))
    ]
    for region in regions or ["us-east-1"]:
        alias = resource_name(region) if len(regions) > 1 else None
        parts.append(written(block("provider", "aws", alias=alias, region=region)))
    return "\n\n".join(parts)
