"""Parses EC2's XML faster than botocore does: a plan per shape, made once, in place of a look at every turn.

What comes out is the same, which tests hold for every kind of answer; what the plan does not foresee is
left to botocore.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.parsers import EC2QueryParser, ResponseParserFactory

Reader = Callable[[Any], Any]


class PlannedFactory(ResponseParserFactory):  # type: ignore[misc]
    """botocore's parsers, with the planned one for EC2."""

    def create_parser(self, protocol_name: str) -> Any:
        """The parser of a protocol."""
        if protocol_name == "ec2":
            return PlannedParser(**self._defaults)
        return super().create_parser(protocol_name)


class PlannedParser(EC2QueryParser):  # type: ignore[misc]
    """EC2's parser, with a plan per structure: which tag is which member, and how its text is read."""

    def __init__(self, **defaults: Any) -> None:
        super().__init__(**defaults)
        self._plans: dict[str, dict[str, tuple[str, Reader]] | None] = {}

    def _handle_structure(self, shape: Any, node: Any) -> Any:
        plan = self._plan(shape)
        if plan is None or isinstance(node, list):
            return super()._handle_structure(shape, node)
        return _structure(plan, node)

    def _plan(self, shape: Any) -> dict[str, tuple[str, Reader]] | None:
        """Tag → member and reader; None for a structure of an uncommon kind."""
        if shape.name not in self._plans:
            members = shape.members
            plain = not shape.metadata.get("exception") and not any(
                _is_odd(each) for each in members.values()
            )
            self._plans[shape.name] = {} if plain else None
            plan = self._plans[shape.name]
            if plan is not None:  # filled after it is known, for structures that hold themselves
                for name, each in members.items():
                    plan[each.serialization.get("name", name)] = (name, self._reader(each))
        return self._plans[shape.name]

    def _reader(self, shape: Any) -> Reader:
        kind = shape.type_name
        if kind == "structure":
            plan = self._plan(shape)
            return (
                (lambda node: self._parse_shape(shape, node))
                if plan is None
                else (lambda node: _structure(plan, node))
            )
        if kind == "list":
            member = self._reader(shape.member)
            return lambda node: [member(each) for each in node]
        if kind == "string":
            return lambda node: node.text or ""
        return lambda node: self._parse_shape(shape, node)


def _structure(plan: dict[str, tuple[str, Reader]], node: Any) -> dict[str, Any]:
    parsed = {}
    for child in node:
        tag = child.tag
        found = plan.get(tag[tag.rfind("}") + 1 :])
        if found is not None:
            parsed[found[0]] = found[1](child)
    return parsed


def _is_odd(shape: Any) -> bool:
    """Whether a member stands elsewhere than in a tag of its own."""
    told = shape.serialization
    return bool(
        told.get("location") or told.get("xmlAttribute") or told.get("flattened") or told.get("eventheader")
    )
