"""Tables as CSV that no spreadsheet runs: a cell that could be a formula is marked as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from advisor.report.page import Page, Table, text_of

# What spreadsheets take for the start of a formula, in any of the forms they strip first.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def render(page: Page) -> str:
    """The page's first table; other blocks have no place in CSV."""
    table = next((block for block in page if isinstance(block, Table)), None)
    return "" if table is None else _written(table.columns, (map(text_of, row) for row in table.rows))


def _written(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([inert(column) for column in columns])
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return out.getvalue()


def inert(text: str) -> str:
    """The text, led by an apostrophe where a spreadsheet would calculate it (numbers stay numbers)."""
    if text.lstrip(" ").startswith(_FORMULA_STARTS) and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
