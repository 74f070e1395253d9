"""Pages as Markdown: account text is escaped, so that a name can't become a link, a heading or HTML."""

from __future__ import annotations

import re

from advisor.report.page import Block, Bullets, Code, Heading, Page, Paragraph, Table, text_of

_SPECIAL = re.compile(r"([\\`*\[\]<>|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_BLOCK_START = re.compile(r"^(\s*)([-+=#]|\d+[.)](?=\s|$))")
_FENCE = re.compile(r"`{3,}")


def render(page: Page) -> str:
    """The page in CommonMark with tables."""
    return "\n\n".join(_block(block) for block in page) + "\n" if page else ""


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {escape(text_of(block.text))}"
    if isinstance(block, Paragraph):
        return escape(text_of(block.text))
    if isinstance(block, Bullets):
        return "\n".join(f"{'  ' * depth}- {escape(text_of(item))}" for depth, item in block.each())
    if isinstance(block, Code):
        longest = max((len(found) for found in _FENCE.findall(block.text)), default=2)
        fence = "`" * (longest + 1)
        return f"{fence}{block.language}\n{block.text.rstrip()}\n{fence}"
    return _table(block)


def _table(table: Table) -> str:
    lines = [
        f"| {' | '.join(escape(column) for column in table.columns)} |",
        f"|{'|'.join(' --- ' for _ in table.columns)}|",
    ]
    lines.extend(f"| {' | '.join(escape(text_of(cell)) for cell in row)} |" for row in table.rows)
    return "\n".join(lines)


def escape(text: str) -> str:
    """The text as Markdown that shows exactly it."""
    escaped = _SPECIAL.sub(r"\\\1", text.replace("&", "&amp;"))
    return _BLOCK_START.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", escaped)
