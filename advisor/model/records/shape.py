"""The one way in which a record is declared."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True, rename="pascal", gc=False, kw_only=True):
    """A member of an AWS response: `vpc_id` here is `VpcId` there."""


class Tag(Record, frozen=True, gc=False, kw_only=True):
    """A tag of a resource."""

    key: str = ""
    value: str = ""


def tag_value(tags: tuple[Tag, ...], key: str) -> str | None:
    """The value of one tag, or None."""
    return next((tag.value for tag in tags if tag.key == key), None)


def name_of(tags: tuple[Tag, ...]) -> str:
    """The `Name` tag, or an empty string."""
    return tag_value(tags, "Name") or ""
