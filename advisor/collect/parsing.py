"""Parses answers: EC2's XML faster than botocore does, and no other document as an empty answer.

The planned parser makes a plan per shape, once, in place of a look at every turn. What comes out is the same,
which tests hold for every kind of answer; what the plan does not foresee is left to botocore. botocore reads
a page of a proxy, or JSON that breaks off, as an answer without members, which would be "there are none".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec
from botocore.parsers import EC2QueryParser, ResponseParserError, ResponseParserFactory

Reader = Callable[[Any], Any]


class PlannedFactory(ResponseParserFactory):  # type: ignore[misc]
    """botocore's parsers, with the planned one for EC2, all of them strict."""

    def create_parser(self, protocol_name: str) -> Any:
        """The parser of a protocol."""
        if protocol_name == "ec2":
            return _Strict(protocol_name, PlannedParser(**self._defaults))
        return _Strict(protocol_name, super().create_parser(protocol_name))


_ROOT: Final = re.compile(rb"\s*(?:<\?xml[^>]*\?>\s*)?<([\w.:-]+)")


class _Strict:
    """A parser that refuses what is no answer of its protocol."""

    def __init__(self, protocol: str, parser: Any) -> None:
        self._protocol = protocol
        self._parser = parser

    def parse(self, response: Any, shape: Any) -> Any:
        """The answer. Raises ResponseParserError for any other document that says it succeeded."""
        if response["status_code"] < 300 and shape is not None and not self._is_answer(response, shape):
            raise ResponseParserError(f"what came is no answer of AWS: {bytes(response['body'])[:60]!r}")
        try:
            return self._parser.parse(response, shape)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise ResponseParserError(f"what came is no answer of AWS: {error}") from error

    def _is_answer(self, response: Any, shape: Any) -> bool:
        body = bytes(response["body"])
        if "json" in self._protocol:
            return _is_object(body)
        root = _ROOT.match(body)
        if self._protocol == "rest-xml":
            in_body = any("location" not in each.serialization for each in shape.members.values())
            return not in_body if root is None else root[1].lower() != b"html"
        return root is not None and root[1].endswith(b"Response")


def _is_object(body: bytes) -> bool:
    try:
        msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


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
