"""Files of assertions (`advisor check`): what people expect of paths and methods, read with file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from advisor.model.errors import InputError
from advisor.rulebook.convert import located, told
from advisor.rulebook.document import Document, parse
from advisor.rulebook.entries import MethodName

Port = int | None


class PathAssertion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"source": "from"}):
    """That a flow is reachable, blocked or unknown; `port` is the destination's (default: 22)."""

    source: str
    to: str
    expect: Literal["reachable", "blocked", "unknown"]
    id: str = ""
    protocol: Literal["tcp", "udp", "icmp", "all"] = "tcp"
    port: int | None = None

    def __post_init__(self) -> None:
        if self.port is not None and not -1 <= self.port <= 65535:
            raise ValueError(f"{self.port} is no port: they go from 0 to 65535")

    @property
    def title(self) -> str:
        """Its id, or what it says."""
        port = "" if self.port is None else f"/{self.port}"
        return self.id or f"{self.source} → {self.to} {self.protocol}{port}"


class MethodAssertion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That a method is ready, blocked or unknown for a target (without `method`: that any is)."""

    target: str
    expect: Literal["ready", "blocked", "unknown"]
    id: str = ""
    method: MethodName | None = None

    @property
    def title(self) -> str:
        """Its id, or what it says."""
        return self.id or f"{self.target} {self.method or 'any method'}"


Assertion = PathAssertion | MethodAssertion

_EXAMPLE = (
    "Each is `{from: …, to: …, port: …, expect: reachable}` or `{target: …, method: …, expect: ready}`."
)


def read_assertions(path: Path) -> tuple[Assertion, ...]:
    """The assertions of a file: a YAML or JSON list, or a mapping with the list below `assertions`.

    Raises InputError with file and line for a file that cannot be read and for what does not fit.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InputError(
            f"{path}: cannot be read: {reason}", "Write a first one with: advisor check --init FILE."
        ) from None
    document = parse(text, str(path))
    items, above = _list_of(document)
    found = tuple(_assertion(document, item, (*above, index)) for index, item in enumerate(items))
    seen: dict[str, int] = {}
    for index, each in enumerate(found):
        if each.id and each.id in seen:
            raise InputError(
                f"{document.place((*above, index))}: the id `{each.id}` is already that of another assertion",
                "Ids are unique within a file: rename one of the two.",
            )
        seen[each.id] = index
    return found


def _list_of(document: Document) -> tuple[list[object], tuple[str, ...]]:
    data = document.data
    above: tuple[str, ...] = ()
    if isinstance(data, dict):
        if "assertions" not in data:
            raise InputError(f"{document.file}:1: the key `assertions` is missing", _EXAMPLE)
        data, above = data["assertions"], ("assertions",)
    if not isinstance(data, list):
        raise InputError(f"{document.place(above)}: here is no list of assertions", _EXAMPLE)
    if not data:
        # A check of nothing would pass for ever, and nobody would notice.
        raise InputError(f"{document.place(above)}: the list of assertions is empty", _EXAMPLE)
    return data, above


def _assertion(document: Document, item: object, where: tuple[str | int, ...]) -> Assertion:
    if not isinstance(item, dict):
        raise InputError(f"{document.place(where)}: this is no assertion", _EXAMPLE)
    kind: type[Assertion] = MethodAssertion if "target" in item else PathAssertion
    # `id: 12` and `from: 10` are plain numbers to YAML and names to people.
    named = {
        key: str(value) if key in ("id", "from", "to", "target") and isinstance(value, int | float) else value
        for key, value in item.items()
    }
    try:
        return msgspec.convert(named, kind)
    except msgspec.ValidationError as error:
        message, path = told(error)
        raise located(document, (*where, *path), message, "the assertion", kind) from None
