"""Words in the two languages the product speaks."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Language = Literal["en", "ja"]
LANGUAGES: tuple[Language, ...] = ("en", "ja")

Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$")]

_Words = Annotated[str, msgspec.Meta(min_length=1)]


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text, in English and in Japanese; a rule without one of them does not load."""

    en: _Words
    ja: _Words

    def in_(self, lang: str) -> str:
        """The text in a language (English for one that is not known)."""
        return self.ja if lang == "ja" else self.en


class Lines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Several short texts in order, equally many in both languages."""

    en: tuple[_Words, ...]
    ja: tuple[_Words, ...]

    def __post_init__(self) -> None:
        if not self.en or len(self.en) != len(self.ja):
            raise ValueError(
                f"{len(self.en)} lines in `en`, {len(self.ja)} in `ja`: one each is needed"
                " (a text with a comma inside [ ] needs quotes)"
            )

    def in_(self, lang: str) -> tuple[str, ...]:
        """The lines in a language (English for one that is not known)."""
        return self.ja if lang == "ja" else self.en


NO_LINES: tuple[str, ...] = ()
