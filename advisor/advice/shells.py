"""Quoting for the shells that people paste into: POSIX sh and PowerShell."""

from __future__ import annotations

import enum
import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from advisor.advice.action import Members, Ref

Piece = str | Ref
"""Part of a word: literal text, or what an earlier command printed."""


class Shell(enum.Enum):
    """The shells that lines are written for."""

    SH = "sh"
    POWERSHELL = "powershell"


_PLAIN: Final = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
# PowerShell ends a single-quoted string at any of these, and reads two of them as one.
_POWERSHELL_QUOTES: Final = re.compile("(['\u2018\u2019\u201a\u201b])")


def quote(pieces: Iterable[Piece], shell: Shell, variable: Callable[[Ref], str]) -> str:
    """One word of a command out of literal pieces and variables, in which nothing else is expanded."""
    parts = list(merged(pieces))
    if shell is Shell.SH:
        return (
            "".join(f'"${variable(part)}"' if isinstance(part, Ref) else shlex.quote(part) for part in parts)
            or "''"
        )
    return _powershell(parts, variable)


def _powershell(parts: list[Piece], variable: Callable[[Ref], str]) -> str:
    if not parts:
        return "''"
    if len(parts) == 1:
        only = parts[0]
        if isinstance(only, Ref):
            return f"${variable(only)}"
        # A comma makes an array, @ a splat, % an alias: outside quotes only what no parser rule touches.
        return only if re.fullmatch(r"[A-Za-z0-9_./:-]+", only) else _literal(only)
    joined = " + ".join(f"${variable(part)}" if isinstance(part, Ref) else _literal(part) for part in parts)
    return f"({joined})"


def _literal(text: str) -> str:
    return "'" + _POWERSHELL_QUOTES.sub(r"\1\1", text) + "'"


def merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces with neighbouring texts joined and empty ones left out."""
    text = ""
    for piece in pieces:
        if isinstance(piece, Ref):
            if text:
                yield text
            text = ""
            yield piece
        else:
            text += piece
    if text:
        yield text


def json_pieces(value: Any) -> Iterator[Piece]:
    """A frozen value as JSON text, with every Ref apart (it stands inside the quotes of its string)."""
    if isinstance(value, Ref):
        yield '"'
        yield value
        yield '"'
    elif isinstance(value, Members):
        yield "{"
        for position, (key, inner) in enumerate(value.items):
            yield ("," if position else "") + _text(key) + ":"
            yield from json_pieces(inner)
        yield "}"
    elif isinstance(value, tuple):
        yield "["
        for position, inner in enumerate(value):
            if position:
                yield ","
            yield from json_pieces(inner)
        yield "]"
    elif isinstance(value, str):
        yield _text(value)
    else:
        yield json.dumps(value)


def _text(value: str) -> str:
    # Lone surrogates cannot be written as UTF-8; escaped, any text survives.
    return json.dumps(value, ensure_ascii=any("\ud800" <= c <= "\udfff" for c in value))


def is_plain(text: str) -> bool:
    """Whether a text can be one of several values of an option, as it is and without quotes."""
    return _PLAIN.fullmatch(text) is not None and stands_alone(text)


def stands_alone(text: str) -> bool:
    """Whether `aws` takes a text literally as the only value of an option.

    It reads `file://` and `http://` values from there, takes a leading `-` for an option, and cannot be
    given NUL at all.
    """
    return bool(text) and not text.startswith("-") and "://" not in text and "\0" not in text


def comment(text: str) -> str:
    """A comment line; the text must not hold line breaks (see `advisor.model.text.plain`)."""
    return f"# {text}"
