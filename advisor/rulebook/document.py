"""YAML as plain data: a strict subset, with a file and a line in every error.

Only mappings, lists and plain values are read: no tags, no anchors and aliases, no second document, no
duplicate key. The parser's events are turned into data here, because PyYAML's own construction costs three
times as much, takes tags, and forgets where things stood.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Any, Final

import msgspec
import yaml

from advisor.model.errors import InputError

try:
    from yaml.cyaml import CParser  # type: ignore[attr-defined]
except ImportError:  # PyYAML without libyaml: the same events, more slowly
    from yaml.composer import Composer
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

    class CParser(Reader, Scanner, Parser, Composer):  # type: ignore[no-redef]
        """PyYAML's own parser, under the name of the fast one."""

        def __init__(self, stream: str) -> None:
            Reader.__init__(self, stream)
            Scanner.__init__(self)
            Parser.__init__(self)
            Composer.__init__(self)


MAX_DEPTH: Final = 40
MAX_BYTES: Final = 16_000_000

_NUMBER = re.compile(r"[-+]?[0-9]+$")
_FRACTION = re.compile(r"[-+]?[0-9]+\.[0-9]+$")
_WORDS: Final[dict[str, object]] = {"true": True, "false": False, "null": None, "~": None, "": None}


Path = tuple[str | int, ...]
Lines = dict[Path, int]


class Place(msgspec.Struct, frozen=True):
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Document(msgspec.Struct, frozen=True):
    """A YAML file's data; `text` is kept to find lines again when something in the data is wrong.

    `keys` holds the lines of the top level's keys, which every entry's source needs.
    """

    file: str
    data: object
    text: str
    keys: dict[str, int]

    def place(self, path: Path) -> Place:
        """Where the value of a path (`("a-cause", "title", "en")`) stands, or the nearest one above it.

        Reads the text again: lines are wanted only when something is wrong.
        """
        lines = self.places()
        while path and path not in lines:
            path = path[:-1]
        return Place(self.file, lines.get(path, 1))

    def places(self) -> Lines:
        """The line of every value, by its path."""
        lines: Lines = {}
        _read(self.text, self.file, lines, {})
        return lines


def read(path: FilePath) -> Document:
    """The document of a YAML file; InputError for one that cannot be read, or is too large for rules."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: this file is too large to be read", "Split the file.")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or "an error of the file system"
        raise InputError(
            f"{path}: cannot be read: {reason}", "Check the file's name and permissions."
        ) from None
    except UnicodeDecodeError:
        raise InputError(f"{path}:1: this is not UTF-8 text", "Save it as UTF-8.") from None
    return parse(text, str(path))


def parse(text: str, file: str) -> Document:
    """The document that a YAML text holds; InputError, with file and line, for anything else."""
    keys: dict[str, int] = {}
    return Document(file, _read(text, file, None, keys), text, keys)


def _read(text: str, file: str, lines: Lines | None, keys: dict[str, int]) -> object:
    try:
        return _Reading(CParser(text), file, lines, keys).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InputError(
            f"{file}:{mark.line + 1 if mark else 1}: this is not YAML: {error.problem or error.context}",
            "Look at the line and the one above it: indentation, a missing quote or colon.",
        ) from None
    except yaml.YAMLError as error:
        raise InputError(
            f"{file}:1: this is not YAML: {str(error).splitlines()[0]}", "The file must be UTF-8 text."
        ) from None


class _Reading:
    """One pass over the parser's events."""

    def __init__(self, parser: CParser, file: str, lines: Lines | None, keys: dict[str, int]) -> None:
        self._next: Callable[[], Any] = parser.get_event
        self._file = file
        self._lines = lines
        self._keys = keys

    def document(self) -> object:
        self._next()  # the stream's start
        if type(self._next()) is yaml.StreamEndEvent:
            return None
        data = self._value(self._next(), (), 0)
        self._next()  # the document's end
        if type(following := self._next()) is not yaml.StreamEndEvent:
            raise self._error(following, "a second document begins here", "Use one file for each.")
        return data

    def _value(self, event: Any, path: Path, depth: int) -> object:
        kind = type(event)
        if kind is yaml.AliasEvent or event.anchor is not None:
            raise self._error(
                event,
                "anchors and aliases (`&`, `*`) are not read here",
                "Write the value out, and quote a text that begins with `&` or `*`.",
            )
        if event.tag is not None:
            raise self._error(
                event,
                f"the tag `{event.tag}` is not read here",
                "Rules are plain data: remove the tag, and quote a text that begins with `!`.",
            )
        if self._lines is not None:
            self._lines.setdefault(path, event.start_mark.line + 1)
        if kind is yaml.ScalarEvent:
            return _plain(event.value) if event.implicit[0] else event.value
        if depth == MAX_DEPTH:
            raise self._error(
                event, "this is nested too deep", f"No rule needs more than {MAX_DEPTH} levels."
            )
        return self._mapping(path, depth) if kind is yaml.MappingStartEvent else self._list(path, depth)

    def _list(self, path: Path, depth: int) -> list[object]:
        items: list[object] = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            items.append(self._value(event, (*path, len(items)), depth + 1))
        return items

    def _mapping(self, path: Path, depth: int) -> dict[str, object]:
        entries: dict[str, object] = {}
        while type(event := self._next()) is not yaml.MappingEndEvent:
            key = event.value if type(event) is yaml.ScalarEvent else ""
            if not key or event.anchor is not None or event.tag is not None:
                raise self._error(event, "a key must be a plain word", "Write `key: value`.")
            if key in entries:
                raise self._error(event, f"`{key}` stands here a second time", "Keep one of the two.")
            if depth == 0:
                self._keys[key] = event.start_mark.line + 1
            if self._lines is not None:
                self._lines[(*path, key)] = event.start_mark.line + 1
            entries[key] = self._value(self._next(), (*path, key), depth + 1)
        return entries

    def _error(self, event: Any, what: str, hint: str) -> InputError:
        return InputError(f"{self._file}:{event.start_mark.line + 1}: {what}", hint)


def _plain(value: str) -> object:
    """The value of an unquoted scalar: true, false, null, a decimal number, else text.

    YAML 1.1's other words (yes, no, on, 1_000, 12:30, 0x10, dates) stay texts: `no` in a rule is a word.
    """
    if value in _WORDS:
        return _WORDS[value]
    first = value[0]
    if first.isdigit() or first in "-+":
        if _NUMBER.match(value) and len(value) < 20:
            return int(value)
        if _FRACTION.match(value):
            return float(value)
    return value
