"""What a verdict stands on: evidence that was read, and data that is missing."""

from __future__ import annotations

from typing import Final

import msgspec

SELF: Final = "⟦target⟧"
"""Stands for the target's own id in findings shared by every member of an equivalence class."""


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """One fact that decided something.

    `operation` is the call that showed it (`ec2:DescribeRouteTables`), `resource` the id it is about,
    `says` the deciding rule, route or status in words, `field` where it stands in the response.
    """

    operation: str
    resource: str
    says: str
    field: str = ""


class Missing(msgspec.Struct, frozen=True, gc=False):
    """Data that would have decided something, had it been read.

    `status` is `denied`, `failed`, `truncated`, `not-asked`, `absent` (asked, but this id is not in the
    answer) or `undecidable` (AWS offers no call that tells); `code` is AWS's error code where there is one.
    """

    operation: str
    status: str
    code: str | None = None
    resource: str | None = None
    says: str = ""


def bind(text: str, target: str) -> str:
    """Put the target's id where a shared text says SELF."""
    return text.replace(SELF, target) if SELF in text else text
