"""Sentences out of the rule book, with names from the account put in literally."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from advisor.advice.action import Action, Advice
from advisor.model.text import plain

if TYPE_CHECKING:
    from advisor.rulebook import RuleBook

_HOLE: Final = re.compile(r"\{([a-z_]+)\}")


def filled(text: str, names: Iterable[tuple[str, str]]) -> str:
    """The text with its `{placeholders}` filled once; what is put in is never read as a placeholder."""
    known = dict(names)
    return _HOLE.sub(lambda hole: plain(known.get(hole[1], hole[0])), text)


def say(rulebook: RuleBook, lang: str, text: str, **names: str) -> str:
    """A named text of the rule book; its id where the rules do not have it."""
    entry = rulebook.texts.get(text)
    return filled(entry.in_(lang), names.items()) if entry is not None else text


def title(rulebook: RuleBook, step: Action | Advice, lang: str = "en") -> str:
    """What an action or a piece of advice is called."""
    entry = rulebook.actions.get(step.text)
    return filled(entry.title.in_(lang), step.names) if entry is not None else step.text


def meaning(rulebook: RuleBook, step: Action | Advice, lang: str = "en") -> str:
    """What it changes, or what there is to do."""
    entry = rulebook.actions.get(step.text)
    return filled(entry.meaning.in_(lang), step.names) if entry is not None else ""


def risk(rulebook: RuleBook, step: Action | Advice, lang: str = "en") -> str:
    """What is risky about it."""
    entry = rulebook.actions.get(step.text)
    return filled(entry.risk.in_(lang), step.names) if entry is not None else ""
