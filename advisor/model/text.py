"""Text from an account is hostile: what may reach a screen, a shell or a report."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """The text without control characters, line breaks and direction overrides.

    Names and tags may hold anything; escape sequences and bidirectional overrides in them could rewrite
    what a person sees. Other escaping (markup, shell, HTML) belongs to the place that prints.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if c in "\n\r\t" else c for c in text if c in "\n\r\t" or not _is_control(c))


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
