"""Writing a result to stdout, in the format that was asked for; nothing else ever goes there."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from advisor.model.errors import InputError

if TYPE_CHECKING:
    from advisor.cli.options import Output
    from advisor.report.page import Page


_READABLE = 8_000_000
_PLAINER = str.maketrans({"✓": "+", "✗": "x", "→": ">", "←": "<", "·": "-", "…": "...", "×": "x", "∅": "-"})
"""Signs for encodings without ours: a `?` in place of `✗` would say another verdict."""
_REASON = 200


class ReaderGone(Exception):
    """Nobody reads stdout any more (`| head`)."""


class Unwritten(InputError):
    """A result that stdout does not take: a full disk."""


def show(output: Output, document: Callable[[], bytes], page: Callable[[], Page], title: str) -> None:
    """Write a result: its JSON document, or its page; with --query, only what the expression takes out."""
    import msgspec

    encoded: bytes | None = None
    if output.query is not None:
        if output.format in ("sarif", "junit"):
            raise InputError(
                f"--query takes out of JSON, and nothing of that is {output.format}",
                f"leave out --query, or --output {output.format}",
            )
        value = queried(msgspec.json.decode(document()), output.query)
        encoded = msgspec.json.encode(value)
    if output.format in ("json", "yaml"):
        show_document(encoded if encoded is not None else document(), output.format)
        return
    if encoded is not None:
        from advisor.report.page import page_of

        show_page(output, page_of(msgspec.json.decode(encoded)), title)
        return
    show_page(output, page(), title)


def show_document(encoded: bytes, format: str) -> None:
    """Write JSON bytes as indented JSON or as YAML."""
    import msgspec

    if format == "yaml":
        from advisor.rulebook.yaml_text import as_yaml

        write(as_yaml(msgspec.json.decode(encoded)))
        return
    # Indenting a report of thousands of instances only makes it half as large again.
    is_readable = len(encoded) <= _READABLE
    write_bytes((msgspec.json.format(encoded, indent=2) if is_readable else encoded) + b"\n")


def show_page(output: Output, page: Page, title: str) -> None:
    """Write a page as a table, Markdown, HTML or CSV."""
    if output.format == "html":
        from advisor.report import html

        write_bytes(html.render(page, title, output.lang).encode())
    elif output.format == "markdown":
        from advisor.report import markdown

        write_bytes(markdown.render(page).encode())
    elif output.format == "csv":
        from advisor.report import csv

        write_bytes(csv.render(page).encode())
    else:
        from advisor.report import text

        write(text.render(page, width(), has_color(output.no_color)))


def queried(value: Any, expression: str) -> Any:
    """What a JMESPath expression takes out of a JSON value; InputError where it is none."""
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        return jmespath.search(expression, value)
    except JMESPathError as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"--query: {reason[:_REASON]}", "it is a JMESPath expression, as for the AWS CLI: 'targets[].id'"
        ) from None


def width() -> int | None:
    """The terminal's cells in a line; None for a pipe or file, where lines may be as long as they are."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit():
        return max(shutil.get_terminal_size((80, 24)).columns, 40)
    return None


def has_color(no_color: bool) -> bool:
    """Whether to colour: only on a terminal, and never against NO_COLOR (no-color.org: any value)."""
    return (
        sys.stdout.isatty()
        and not no_color
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


def write(text: str) -> None:
    """Write text in the terminal's encoding; a character that it lacks becomes `?`, never an error."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        encoded = text.encode(encoding)
    except UnicodeEncodeError:
        encoded = text.translate(_PLAINER).encode(encoding, "replace")
    write_bytes(encoded)


def write_bytes(data: bytes) -> None:
    """Write bytes as they are."""
    try:
        sys.stdout.flush()
        rest = memoryview(data)
        while rest:
            # Under PYTHONUNBUFFERED this is the raw file, which may take a part only.
            rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # click would turn it into exit code 1, which here means "blocked".
        raise ReaderGone from None
    except OSError as error:
        raise Unwritten(
            f"the result cannot be written: {error.strerror}", "give stdout another place, with room"
        ) from None
