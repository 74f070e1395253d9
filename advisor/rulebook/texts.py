"""Words in the two languages the product speaks."""

from __future__ import annotations

from string import Formatter
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


def misfit(text: Text, earlier: Text) -> str | None:
    """What keeps a text from taking the place of another: what is filled into that one must fit here."""
    known = _holes(earlier.en) | _holes(earlier.ja)
    try:
        strange = (_holes(text.en) | _holes(text.ja)) - known
    except ValueError as error:
        return f"its braces do not match: {error}"
    if not strange:
        return None
    return f"nothing is filled into {', '.join(sorted(map(_spelled, strange)))}"


def _holes(text: str) -> set[tuple[str, str, str]]:
    return {
        (name, conversion or "", form or "")
        for _, name, form, conversion in Formatter().parse(text)
        if name is not None
    }


def _spelled(hole: tuple[str, str, str]) -> str:
    name, conversion, form = hole
    return f"`{{{name}{'!' if conversion else ''}{conversion}{':' if form else ''}{form}}}`"


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
