"""What an error text that somebody pasted names: nodes, Regions, and the permission that was refused."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from advisor.model.text import plain

LONGEST: Final = 20_000
"""Characters of a pasted text that are read; an error stands within the first pages of any log."""
_ESCAPE: Final = re.compile(r"\x1b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\))")
"""Colours and links of a terminal, which may stand within a word."""
_NODE: Final = re.compile(r"\b(?:i|mi)-[0-9a-f]{8,17}\b")
_REGION: Final = re.compile(
    r"\b(?:af|ap|ca|cn|eu|eusc|il|me|mx|sa|us)(?:-(?:gov|iso[a-f]?|de))?-[a-z]{4,12}-\d\b"
)
_DENIED: Final = re.compile(
    r"User: (?P<who>arn:\S{1,300}) is not authorized to perform: (?P<action>[\w-]{1,64}:\w{1,128})"
    r"(?: on resource: (?P<resource>\S{1,300}))?"
)
_SILENT: Final = re.compile(r"because no ([a-z -]{3,40}?) policy allows")
_EXPLICIT: Final = re.compile(r"with an explicit deny in an? ([a-z -]{3,40}?)(?: policy)?(?:[.:,]|$)")


class Denial(msgspec.Struct, frozen=True):
    """The permission that AWS's sentence says was refused.

    `layer` is the kind of policy that the sentence names (`identity-based`, `service control`, `permissions
    boundary`), None where it names none; `explicit` if that policy denies, else it only does not allow.
    """

    principal: str
    action: str
    resource: str | None = None
    layer: str | None = None
    explicit: bool = False


class Mentions(msgspec.Struct, frozen=True):
    """What the text names."""

    targets: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    denial: Denial | None = None


def bare(text: str) -> str:
    """What is read of a pasted text: its first pages, without a terminal's colours."""
    return _ESCAPE.sub("", text[:LONGEST])


def mentions(text: str) -> Mentions:
    """The ids, Regions and the refused permission in a text; each once, in order."""
    read = " ".join(bare(text).split())
    return Mentions(
        tuple(dict.fromkeys(_NODE.findall(read))), tuple(dict.fromkeys(_REGION.findall(read))), _denial(read)
    )


def _denial(text: str) -> Denial | None:
    found = _DENIED.search(text)
    if found is None:
        return None
    explicit = _EXPLICIT.search(text, found.end())
    layer = explicit or _SILENT.search(text, found.end())
    resource = found["resource"]
    return Denial(
        plain(found["who"]),
        found["action"],
        plain(resource).rstrip(".,") if resource else None,
        layer.group(1).strip() if layer else None,
        explicit is not None,
    )
