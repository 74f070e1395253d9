"""What the AWS CLI prints in place of an answer when a call fails, as it gets into files of dumps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from advisor.model.scope import FAMILIES
from advisor.model.text import plain

BROKEN: Final = "BrokenFile"
"""Stands for AWS's code where a file holds an answer that breaks off or cannot be read."""
EMPTY: Final = "EmptyFile"
"""Stands for AWS's code where a file that is named after a call holds nothing."""
NO_ANSWER: Final = "NoAnswer"
"""Stands for AWS's code where such a file holds text that is no answer."""

_FAILED = re.compile(
    r"An error occurred \((?P<code>[\w.]+)\) when calling the (?P<operation>\w+) operation"
    r"(?: \(reached max retries: \d+\))?:[ ]?(?P<message>.*)"
)
_DENIALS = re.compile(r"(?i)denied|unauthorized|forbidden|notauthorized|^403$")
_OPERATIONS: Final = {operation.partition(":")[2].lower(): operation for operation in FAMILIES}
_LONGEST: Final = 120


class Failure(msgspec.Struct, frozen=True):
    """One failed call; `operation` is None if advisor does not read it, `before` the text up to it."""

    operation: str | None
    code: str
    message: str
    before: str


def failures(text: str) -> Iterator[Failure]:
    """The failed calls that a text tells of; the last one has no code: it is the text after them."""
    end = 0
    for found in _FAILED.finditer(text):
        operation = _OPERATIONS.get(found["operation"].lower())
        yield Failure(operation, found["code"], found["message"], text[end : found.start()])
        end = found.end()
    yield Failure(None, "", "", text[end:])


def tells_of_failure(text: str) -> bool:
    """Whether a failed call is told of, be it one that advisor does not read."""
    return _FAILED.search(text) is not None


def status_of(code: str) -> str:
    """How a call went that ended with this code."""
    return "denied" if _DENIALS.search(code) else "failed"


def first_line(text: str) -> str:
    """The first line that says something, fit for a message."""
    line = plain(next(iter(text.strip().splitlines()), ""))
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
