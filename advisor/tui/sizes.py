"""Sizes of windows at which pages change."""

from __future__ import annotations

from typing import Final

SMALLEST: Final = (80, 24)
"""Columns and lines below which there is only a plain word."""
WIDTHS: Final = [(0, "-too-narrow"), (SMALLEST[0], "-narrow"), (110, "-wide")]
HEIGHTS: Final = [(0, "-too-low"), (SMALLEST[1], "-low"), (34, "-high")]
