"""The terminal app's own words in the person's language, from before any account is open."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final

from textual.dom import DOMNode


class Tongue:
    """Says the code's English in another language.

    The first frame stands before the rule book is read, and English needs none: so the texts are found by
    their English, and only another language reads their one file (`rules/texts/screens.yaml`).
    """

    def __init__(self, lang: str = "en") -> None:
        self.lang = lang

    def __call__(self, english: str) -> str:
        """The text in the person's language; English where it is not known."""
        return self._known.get(english, english)

    @cached_property
    def _known(self) -> Mapping[str, str]:
        if self.lang == "en":
            return {}
        from advisor.rulebook import built_in_texts

        return {each.en: each.in_(self.lang) for each in built_in_texts("screens").values()}


ENGLISH: Final = Tongue()


def tongue_of(node: DOMNode) -> Tongue:
    """The tongue of the app that a widget or a screen belongs to."""
    return getattr(node.app, "tongue", ENGLISH)
