"""Error texts that people paste: which symptoms they show."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from advisor.rulebook.entries import Symptom


class Match(msgspec.Struct, frozen=True):
    """A symptom that a text shows; `score` is 1 for the exact text and less for words that fit."""

    symptom: Symptom
    score: float
    matched: str


def matches(text: str, symptoms: Iterable[Symptom]) -> tuple[Match, ...]:
    """The symptoms that a pasted text shows, the surest first.

    An exact piece counts more the longer it is; of the fuzzy groups all words must occur. Case, kinds of
    quotes, full-width letters and line breaks make no difference, as texts come out of terminals,
    screenshots and chats. Of general symptoms there are any only where nothing more telling shows.
    """
    pasted = _folded(text)
    found = [match for symptom in symptoms if (match := _match(pasted, symptom)) is not None]
    telling = [match for match in found if not match.symptom.general]
    found = telling or found
    return tuple(sorted(found, key=lambda match: (-match.score, -len(match.matched), match.symptom.id)))


def _match(pasted: str, symptom: Symptom) -> Match | None:
    exact = [piece for piece in symptom.exact if _pattern(piece).search(pasted)]
    if exact:
        return Match(symptom, 1.0, max(exact, key=len))
    fitting = [group for group in symptom.fuzzy if all(_folded(word) in pasted for word in group)]
    if fitting:
        group = max(fitting, key=lambda words: sum(map(len, words)))
        return Match(symptom, min(0.9, 0.4 + 0.1 * len(group)), " ".join(group))
    return None


@lru_cache(maxsize=1024)
def _pattern(piece: str) -> re.Pattern[str]:
    # `*` stands for a little of anything: bounded, so that a hostile text costs no more than its length.
    return re.compile(".{0,200}?".join(re.escape(part) for part in _folded(piece).split("*")))


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    for quote in "’‘`´":
        plain = plain.replace(quote, "'")
    for quote in "“”„":
        plain = plain.replace(quote, '"')
    return " ".join(plain.split())
