"""A Terraform configuration in the making: its resources, their names, and how requests refer to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from advisor.advice.action import Action, Ref, thawed
from advisor.advice.hcl import Block, Expression, block, written
from advisor.model.estate import Estate
from advisor.model.responses import GLOBAL
from advisor.model.scope import Scope

Body = dict[str, Any]
Resource = tuple[str, str, Body]
"""Type, name and attributes."""


class Configuration:
    """The resources that a plan's actions become; those of one name are one resource."""

    def __init__(self, actions: Sequence[Action], estate: Estate) -> None:
        self.actions = actions
        self.estate = estate
        self.types = {action.key: _RESULT_TYPES.get(action.operation, "") for action in actions}
        self.roles = {
            action.parameters.get("RoleName"): action.key
            for action in actions
            if action.operation == "CreateRole"
        }
        self.profiles = {
            action.parameters.get("InstanceProfileName"): action.key
            for action in actions
            if action.operation == "CreateInstanceProfile"
        }
        self.regions = list(dict.fromkeys(a.region for a in actions if a.region != GLOBAL))
        self.resources: dict[tuple[str, str], Body] = {}
        self.heads: dict[tuple[str, str], list[str]] = {}
        self.imports: dict[tuple[str, str], str] = {}

    # --- resources ------------------------------------------------------------------------------------

    def add(self, action: Action, title: str, resources: Sequence[Resource]) -> list[tuple[str, str]]:
        """Take an action's resources in; the addresses of those that are new."""
        new: list[tuple[str, str]] = []
        for kind, name, body in resources:
            address = (kind, name)
            if address not in self.resources:
                new.append(address)
            self.heads.setdefault(address, []).append(title)
            merged = self.resources.setdefault(address, {})
            merged.update(body)
            if len(self.regions) > 1 and action.region != GLOBAL:
                merged["provider"] = Expression(f"aws.{resource_name(action.region)}")
        return new

    def written(self, address: tuple[str, str]) -> str:
        """A resource as text, below its actions' titles, with its import where it exists already."""
        kind, name = address
        parts = [comment("\n".join(dict.fromkeys(self.heads[address])))]
        if address in self.imports:
            target = Expression(f"{kind}.{name}")
            parts.append(written(block("import", to=target, id=self.imports[address])))
        if kind.startswith("data "):
            kind_name = kind.removeprefix("data ")
            parts.append(written(block("data", kind_name, name, **self.resources[address])))
        else:
            parts.append(written(block("resource", kind, name, **self.resources[address])))
        return "\n".join(parts)

    # --- values ---------------------------------------------------------------------------------------

    def value(self, value: Any) -> Any:
        """A request's value with references to other resources of the configuration."""
        return thawed(value, self.reference)

    def reference(self, ref: Ref) -> Expression:
        """What an earlier action makes, by the resource that it becomes."""
        kind = self.types[ref.action]
        return Expression(
            f"{kind}.{resource_name(ref.action)}.{'allocation_id' if kind == 'aws_eip' else 'id'}"
        )

    def get(self, action: Action, member: str) -> Any:
        """A member of the request, None where it is absent."""
        found = action.parameters.get(member)
        return None if found is None else self.value(found)

    def role(self, name: Any) -> Any:
        """A role's name: of the configuration where it makes the role."""
        key = self.roles.get(name)
        return name if key is None else Expression(f"aws_iam_role.{resource_name(key)}.name")

    def imported(self, kind: str, name: str, identity: str) -> None:
        """An existing resource comes under Terraform's hand."""
        self.imports[kind, name] = identity

    def scope(self, action: Action) -> Scope:
        """Where the action takes place."""
        return self.estate.scope(action.account, action.region)


_RESULT_TYPES: Final = {
    "AllocateAddress": "aws_eip",
    "CreateInstanceConnectEndpoint": "aws_ec2_instance_connect_endpoint",
    "CreateInternetGateway": "aws_internet_gateway",
    "CreateNatGateway": "aws_nat_gateway",
    "CreateSecurityGroup": "aws_security_group",
    "CreateVpcEndpoint": "aws_vpc_endpoint",
    "RunInstances": "aws_instance",
}

Writer = Callable[[Configuration, Action], list[Resource] | None]
"""Writes one kind of request; None where Terraform cannot express this one."""


def resource_name(key: str) -> str:
    """A name that Terraform takes: letters, digits and underscores, a letter first."""
    name = re.sub(r"[^a-z0-9_]", "_", key.lower())
    return name if name[:1].isalpha() else f"r_{name}"


def comment(text: str) -> str:
    """A text as lines of comment."""
    return "\n".join(f"# {line}".rstrip() for line in text.replace("\r", " ").split("\n"))


def present(**body: Any) -> Body:
    """The attributes that have a value."""
    return {name: value for name, value in body.items() if value is not None}


def ignoring(*attributes: str) -> Block:
    """Changes that are somebody else's business."""
    listed = Expression("[" + ", ".join(attributes) + "]")
    return block("lifecycle", ignore_changes=listed)


def copied(kind: str, **attributes: str) -> Writer:
    """A resource whose attributes are members of the request."""

    def write(at: Configuration, action: Action) -> list[Resource]:
        body = present(**{attribute: at.get(action, member) for attribute, member in attributes.items()})
        return [(kind, resource_name(action.key), body)]

    return write
