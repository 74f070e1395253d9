"""The file of `advisor check`: assertions about paths and methods, read from YAML."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated, Final, Literal

import msgspec

from advisor.model.errors import InputError
from advisor.rulebook.convert import located, told
from advisor.rulebook.document import Document, Place, read
from advisor.rulebook.entries import MethodName

_SHOW: Final = "Write it as: {id: web-db, from: web-1, to: db-1, port: 5432, expect: reachable}"
_Name = Annotated[str, msgspec.Meta(min_length=1)]


class PathAssertion(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"source": "from", "destination": "to"}
):
    """What is expected of one flow; the ends are written as for `advisor path`.

    `port` is the destination's, and None for protocols without ports.
    """

    id: _Name
    source: _Name
    destination: _Name
    expect: Literal["reachable", "blocked", "unknown"]
    protocol: Literal["tcp", "udp", "icmp", "all"] = "tcp"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] | None = None

    def __post_init__(self) -> None:
        if self.protocol in ("tcp", "udp") and self.port is None:
            raise ValueError(f"a {self.protocol} assertion needs a `port`")
        if self.protocol in ("icmp", "all") and self.port is not None:
            raise ValueError(f"`port` says nothing about the protocol `{self.protocol}`: leave it out")


class MethodAssertion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is expected of one method for one target; the target is written as for `advisor assess`."""

    id: _Name
    target: _Name
    method: MethodName
    expect: Literal["ready", "blocked", "unknown"]


Assertion = PathAssertion | MethodAssertion


class Asserted(msgspec.Struct, frozen=True):
    """An assertion, and the line that it stands in."""

    assertion: Assertion
    place: Place


def read_assertions(path: FilePath) -> tuple[Asserted, ...]:
    """The assertions of a file: `assertions:` with a list, or the list alone.

    Raises InputError (file:line, what, hint) for a file that cannot be read, an assertion that is not
    complete, and an id that occurs twice.
    """
    return assertions(read(path))


def assertions(document: Document) -> tuple[Asserted, ...]:
    """The assertions of a document that is read already."""
    data = document.data
    above: tuple[str, ...] = ()
    if isinstance(data, dict):
        for key in data:
            if key != "assertions":
                raise InputError(
                    f"{document.place((key,))}: unknown key `{key}`", "The list stands under `assertions:`."
                )
        above = ("assertions",)
        data = data.get("assertions")
    if not isinstance(data, list) or not data:
        raise InputError(
            f"{document.place(above)}: there are no assertions",
            "Write `assertions:` with a list, or let `advisor check --init` write a first file.",
        )
    places = document.places()
    found: list[Asserted] = []
    lines: dict[str, Place] = {}
    for number, raw in enumerate(data):
        place = Place(document.file, places.get((*above, number), 1))
        assertion = _assertion(document, (*above, number), raw)
        if assertion.id in lines:
            raise InputError(
                f"{place}: the id `{assertion.id}` is already in line {lines[assertion.id].line}",
                "Give each assertion an id of its own.",
            )
        lines[assertion.id] = place
        found.append(Asserted(assertion, place))
    return tuple(found)


def _assertion(document: Document, path: tuple[str | int, ...], raw: object) -> Assertion:
    keys: set[str] = set(raw) if isinstance(raw, dict) else set()
    of_path = {"from", "to"} & keys
    of_method = {"target", "method"} & keys
    if bool(of_path) == bool(of_method):
        what = "both about a path and" if of_path else "neither about a path nor"
        raise InputError(
            f"{document.place(path)}: this is {what} about a method",
            "Write id, from, to, protocol, port, expect; or id, target, method, expect.",
        )
    kind: type[Assertion] = PathAssertion if of_path else MethodAssertion
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        message, inner = told(error)
        name = raw.get("id") if isinstance(raw, dict) else None
        what = f"assertion `{name}`" if isinstance(name, str) else "this assertion"
        raise located(document, path, inner, message, what, kind, _SHOW) from None
