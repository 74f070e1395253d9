"""Pages as text for a terminal or a pipe: aligned tables, nothing cut, colour only where it is asked for."""

from __future__ import annotations

from rich.cells import cell_len

from advisor.report.page import Block, Bullets, Code, Content, Heading, Page, Paragraph, Table, Tone
from advisor.report.page import text_of as words
from advisor.report.page import tone_of as tone

_CODES = {
    Tone.GOOD: "32",
    Tone.BAD: "31",
    Tone.DOUBT: "33",
    Tone.FAINT: "2",
    Tone.STRONG: "1",
}
_GAP = "  "
_NARROWEST = 6


def render(page: Page, width: int | None = None, color: bool = False) -> str:
    """The page as text.

    `width` is the number of terminal cells to wrap to (None: every line as long as it is). Code is never
    wrapped, so that it can be copied.
    """
    parts: list[str] = []
    for position, block in enumerate(page):
        if position and _stand_apart(page[position - 1], block):
            parts.append("")
        parts.extend(_lines(block, width, color))
    return "\n".join(parts) + "\n" if parts else ""


def _stand_apart(above: Block, below: Block) -> bool:
    """A heading stands upon what it heads, and sentences follow each other."""
    return not isinstance(above, Heading) and not (
        isinstance(above, Paragraph) and isinstance(below, Paragraph)
    )


def _lines(block: Block, width: int | None, color: bool) -> list[str]:
    if isinstance(block, Table):
        return _table(block, width, color)
    if isinstance(block, Code):
        return [f"  {line}" for line in block.text.splitlines()]
    if isinstance(block, Bullets):
        return [
            line for depth, item in block.each() for line in _hanging("  " * depth + "- ", item, width, color)
        ]
    if isinstance(block, Heading):
        return [_painted(line, Tone.STRONG, color) for line in wrap(words(block.text), width)]
    return [_painted(line, tone(block.text), color) for line in wrap(words(block.text), width)]


def _hanging(lead: str, item: Content, width: int | None, color: bool) -> list[str]:
    lines = wrap(words(item), None if width is None else width - len(lead))
    return [
        (lead if position == 0 else " " * len(lead)) + _painted(line, tone(item), color)
        for position, line in enumerate(lines)
    ]


def _table(table: Table, width: int | None, color: bool) -> list[str]:
    widths = _fitted(table, width)
    lines = _row(tuple(table.columns), widths, color, head=True)
    for row in table.rows:
        lines.extend(_row(row, widths, color))
    return lines


def _row(row: tuple[Content, ...], widths: list[int], color: bool, head: bool = False) -> list[str]:
    cells = [wrap(words(cell), width) for cell, width in zip(row, widths, strict=True)]
    lines = []
    for level in range(max((len(cell) for cell in cells), default=0)):
        line = ""
        for cell, width, content in zip(cells, widths, row, strict=True):
            text = cell[level] if level < len(cell) else ""
            padding = " " * (width - cell_len(text)) + _GAP
            line += (_painted(text, Tone.STRONG if head else tone(content), color) if text else "") + padding
        lines.append(line.rstrip())
    return lines


def _fitted(table: Table, width: int | None) -> list[int]:
    """Column widths: as wide as the widest cell, the widest columns narrowed until the table fits."""
    widths = [
        max(cell_len(column), *(cell_len(words(row[index])) for row in table.rows), 1)
        if table.rows
        else max(cell_len(column), 1)
        for index, column in enumerate(table.columns)
    ]
    if width is None:
        return widths
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    while excess > 0:
        widest = max(range(len(widths)), key=lambda index: widths[index])
        others = [each for index, each in enumerate(widths) if index != widest]
        # Down to the next widest at once: one cell at a time would be slow for a very long text.
        least = max([_NARROWEST, *(each for each in others if each < widths[widest])])
        step = min(excess, max(widths[widest] - least, 1))
        if widths[widest] <= _NARROWEST:
            break
        widths[widest] -= step
        excess -= step
    return widths


def wrap(text: str, width: int | None) -> list[str]:
    """The text in lines of at most `width` cells, broken between words, within them only where it must."""
    if width is None or cell_len(text) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        candidate = f"{line} {word}" if line else word
        if cell_len(candidate) <= width:
            line = candidate
            continue
        rest = word
        if line and cell_len(word) > len(word) and (room := width - cell_len(line) - 1) > 1:
            # Chinese and Japanese break anywhere: the rest of the line need not stay empty.
            head, rest = _split(word, room)
            line = f"{line} {head}"
        if line:
            lines.append(line)
        line = rest
        while cell_len(line) > width:
            head, line = _split(line, width)
            lines.append(head)
    lines.append(line)
    return lines


def _split(word: str, width: int) -> tuple[str, str]:
    taken = used = 0
    for character in word:
        cells = cell_len(character)
        if used + cells > width and taken:
            break
        taken, used = taken + 1, used + cells
    return word[:taken], word[taken:]


def _painted(text: str, tone: Tone, color: bool) -> str:
    code = _CODES.get(tone)
    return f"\x1b[{code}m{text}\x1b[0m" if color and code and text else text
