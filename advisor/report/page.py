"""A page: what a result looks like to people, as blocks that text, Markdown and HTML each render their way.

All texts are plain values (already stripped of control characters); each renderer does its own escaping.
"""

from __future__ import annotations

import enum

import msgspec

from advisor.model.text import plain
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict


class Tone(enum.Enum):
    """What a text is about, for colour; colour never says anything that the words don't."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    DOUBT = "doubt"
    FAINT = "faint"
    STRONG = "strong"


class Cell(msgspec.Struct, frozen=True, gc=False):
    """A text with its tone."""

    text: str
    tone: Tone = Tone.PLAIN


Content = Cell | str

_TONES = {READY: Tone.GOOD, BLOCKED: Tone.BAD, UNKNOWN: Tone.DOUBT}


def toned(text: str, verdict: Verdict | None) -> Cell:
    """A text in the tone of a verdict; None is faint."""
    return Cell(text, Tone.FAINT if verdict is None else _TONES[verdict])


class Heading(msgspec.Struct, frozen=True):
    """A title; level 1 is the page's own."""

    text: Content
    level: int = 2


class Paragraph(msgspec.Struct, frozen=True):
    """A sentence or several."""

    text: Content


class Bullets(msgspec.Struct, frozen=True):
    """A list; an item's `depth` below the first level stands in `depths` (default 0)."""

    items: tuple[Content, ...]
    depths: tuple[int, ...] = ()

    def each(self) -> list[tuple[int, Content]]:
        """The items with their depths."""
        return [(self.depths[i] if i < len(self.depths) else 0, item) for i, item in enumerate(self.items)]


class Code(msgspec.Struct, frozen=True):
    """Lines to copy, never wrapped or cut."""

    text: str
    language: str = "sh"


class Table(msgspec.Struct, frozen=True):
    """Rows under column heads; every row has as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Content, ...], ...]


Block = Heading | Paragraph | Bullets | Code | Table
Page = tuple[Block, ...]


def text_of(content: Content) -> str:
    """The words of a cell."""
    return content.text if isinstance(content, Cell) else content


def tone_of(content: Content) -> Tone:
    """The tone of a cell."""
    return content.tone if isinstance(content, Cell) else Tone.PLAIN


def page_of(value: object) -> Page:
    """A page for any JSON value, for the answers of `--query`.

    A list of objects or of lists is a table, other lists are a line for each element, an object is a table of
    its members.
    """
    if isinstance(value, list):
        if value and all(isinstance(each, dict) for each in value):
            columns = tuple(dict.fromkeys(plain(str(key)) for each in value for key in each))
            rows = tuple(tuple(_spelled(each.get(column)) for column in columns) for each in value)
            return (Table(columns, rows),)
        if value and all(isinstance(each, list) for each in value):
            width = max(len(each) for each in value)
            columns = tuple(str(position + 1) for position in range(width))
            filled = (list(each) + [None] * (width - len(each)) for each in value)
            return (Table(columns, tuple(tuple(_spelled(cell) for cell in row) for row in filled)),)
        return tuple(Paragraph(_spelled(each)) for each in value)
    if isinstance(value, dict):
        return (
            Table(
                ("key", "value"), tuple((plain(str(key)), _spelled(inner)) for key, inner in value.items())
            ),
        )
    return (Paragraph(_spelled(value)),)


def _spelled(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return plain(value)
    return plain(msgspec.json.encode(value).decode())
