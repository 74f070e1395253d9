"""The JSON documents in a file, whatever encoding, and however many were written one after the other."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator

import msgspec

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_START_OF_LINE = re.compile(r"^[\[{]", re.MULTILINE)
_BETWEEN = " \t\r\n,"
_SPACE = re.compile(rf"[{_BETWEEN}]*")
_BEGINNING = 400
_FIRST = re.compile(rb"\s*([\[{])")


class Document(msgspec.Struct, frozen=True):
    """One JSON object or array, as UTF-8 bytes, with the text that stood before it in the file."""

    content: bytes
    heading: str = ""


class Text(msgspec.Struct, frozen=True):
    """Text in a file that is no JSON: a heading that nothing follows, or a document that is broken.

    Of a broken document `problem` says why, `beginning` how it begins; `content` is what stood before it.
    """

    content: str
    problem: str = ""
    beginning: str = ""


def documents(content: bytes) -> Iterator[Document | Text]:
    """The documents of a file, and what in it is none.

    A script that runs the AWS CLI for each Region into one file writes documents one after the other, with
    the Region's name between them if it echoes it: the text before a document is its heading.
    """
    content = utf8(content)
    if not content.strip():
        return
    if _is_one_document(content):
        yield Document(content)
        return
    yield from _one_after_the_other(content.decode())


def utf8(content: bytes) -> bytes:
    """The same text in UTF-8 without a byte order mark.

    PowerShell writes UTF-16, and the AWS CLI on a Japanese Windows writes code page 932.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _recoded(content[len(mark) :], encoding)
    if content[1:2] == b"\0":
        return _recoded(content, "utf-16-le")
    if content[:1] == b"\0":
        return _recoded(content, "utf-16-be")
    return content if _decodes(content, "utf-8") else _recoded(content, "cp932")


def _recoded(content: bytes, encoding: str) -> bytes:
    return content.decode(encoding if _decodes(content, encoding) else "latin-1").encode()


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_one_document(content: bytes) -> bool:
    first = _FIRST.match(content)
    if first is None:
        return False
    try:
        if first[1] == b"{":
            msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        else:
            msgspec.json.decode(content, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _one_after_the_other(text: str) -> Iterator[Document | Text]:
    decoder = json.JSONDecoder()
    end = 0
    while (begin := _next_start(text, end)) is not None:
        heading = text[end:begin].strip(_BETWEEN)
        try:
            _, end = decoder.raw_decode(text, begin)
        except (json.JSONDecodeError, RecursionError) as error:
            problem = str(error) if isinstance(error, json.JSONDecodeError) else "nested too deeply"
            yield Text(heading, f"is broken JSON: {problem}", text[begin : begin + _BEGINNING])
            # Go on at the next document that begins a line: the lines inside a printed one are indented.
            following = _START_OF_LINE.search(text, begin + 1)
            end = following.start() if following is not None else len(text)
            continue
        yield Document(text[begin:end].encode(), heading)
    rest = text[end:].strip(_BETWEEN)
    if rest:
        yield Text(rest)


def _next_start(text: str, position: int) -> int | None:
    """Where the next document begins: right here, or at the beginning of a line."""
    here = _SPACE.match(text, position)
    if here is not None and text[here.end() : here.end() + 1] in {"{", "["}:
        return here.end()
    following = _START_OF_LINE.search(text, position)
    return following.start() if following is not None else None
