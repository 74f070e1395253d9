"""HCL as text: blocks, attributes, and strings that stay literal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec


class Expression(msgspec.Struct, frozen=True):
    """HCL that is not a literal: a reference to another resource's attribute."""

    text: str


class Block(msgspec.Struct, frozen=True):
    """A block: `resource "aws_route" "name" { … }`; nested blocks stand among the attributes as Blocks."""

    kind: str
    labels: tuple[str, ...]
    body: tuple[tuple[str, Any], ...]


def block(kind: str, *labels: str, **body: Any) -> Block:
    """A block with these attributes; None leaves one out."""
    return Block(kind, labels, tuple((name, value) for name, value in body.items() if value is not None))


def written(each: Block, depth: int = 0) -> str:
    """The block as text."""
    pad = "  " * depth
    head = " ".join([each.kind, *(f'"{label}"' for label in each.labels)])
    lines = [f"{pad}{head} {{"]
    for name, value in each.body:
        if isinstance(value, Block):
            lines.append(written(value, depth + 1))
        elif isinstance(value, tuple) and value and all(isinstance(one, Block) for one in value):
            lines.extend(written(one, depth + 1) for one in value)
        else:
            lines.append(f"{pad}  {name} = {literal(value, depth + 1)}")
    lines.append(f"{pad}}}")
    return "\n".join(lines)


def literal(value: Any, depth: int = 0) -> str:
    """A value as an HCL expression."""
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        pad = "  " * (depth + 1)
        inner = "".join(f"{pad}{quoted(key)} = {literal(each, depth + 1)}\n" for key, each in value.items())
        return "{\n" + inner + "  " * depth + "}"
    assert isinstance(value, Sequence), value
    return "[" + ", ".join(literal(each, depth) for each in value) + "]"


def quoted(text: str) -> str:
    """A string in which nothing is a template: `${name}` is written `$${name}`, and `%{…}` alike.

    Where doubling could be read otherwise (dollars before it, nothing that closes it) the sign is written
    by its number. HCL's other escapes are those of JSON without `\\b` and `\\f`.
    """
    return '"' + _PIECES.sub(_escaped, text) + '"'


_PIECES: Final = re.compile(
    r"(?P<template>(?<![$%])[$%]\{[^{}$%\"\\]*\})|(?P<signs>[$%]+(?=\{))|(?P<one>.)", re.DOTALL
)
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escaped(piece: re.Match[str]) -> str:
    if piece["template"]:
        return piece["template"][0] + "".join(map(_character, piece["template"]))
    if piece["signs"]:
        return "".join(f"\\u{ord(c):04x}" for c in piece["signs"])
    return _character(piece["one"])


def _character(c: str) -> str:
    if c in _ESCAPES:
        return _ESCAPES[c]
    return f"\\u{ord(c):04x}" if ord(c) < 0x20 or _is_awkward(c) else c


def _is_awkward(character: str) -> bool:
    """Characters that some readers take for line breaks, and halves of pairs that cannot be written."""
    return character in "\x7f\x85\u2028\u2029" or "\ud800" <= character <= "\udfff"
