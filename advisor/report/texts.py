"""The rule book's texts in one language, for the rows and pages."""

from __future__ import annotations

from collections.abc import Callable

from advisor.report.fleet import Words
from advisor.report.rows import Causes, CauseText, untitled
from advisor.rulebook import RuleBook


def words_of(rulebook: RuleBook, lang: str) -> Words:
    """The reports' own words in a language."""
    return lambda id: rulebook.text(id, lang)


def causes_of(rulebook: RuleBook, lang: str) -> Causes:
    """The texts of causes in a language; a cause that the rule book lacks is told by its id."""
    known: dict[str, CauseText] = {}

    def told(id: str) -> CauseText:
        text = known.get(id)
        if text is None:
            text = known[id] = _text(rulebook, id, lang)
        return text

    return told


def codes_of(rulebook: RuleBook, lang: str) -> Callable[[str], CauseText | None]:
    """What the network's codes mean, by the generic cause that each stands for."""

    def told(code: str) -> CauseText | None:
        cause = rulebook.cause_of_code(code) if code else None
        return None if cause is None else _text(rulebook, cause.id, lang)

    return told


def _text(rulebook: RuleBook, id: str, lang: str) -> CauseText:
    cause = rulebook.causes.get(id)
    if cause is None:
        policy = rulebook.policies.get(id)
        return untitled(id) if policy is None else CauseText(policy.title.in_(lang))
    return CauseText(
        title=cause.title.in_(lang),
        meaning=cause.meaning.in_(lang),
        remedy=" ".join(remedy_lines(rulebook, id, lang)),
        documentation=cause.docs,
        user_sees="\n".join(cause.seen),
    )


def remedy_lines(rulebook: RuleBook, id: str, lang: str) -> tuple[str, ...]:
    """What cures a cause, step by step; or the reason why nothing does."""
    remedy = rulebook.causes[id].remedy
    if remedy.steps is not None:
        return remedy.steps.in_(lang)
    if remedy.none is not None:
        return (remedy.none.in_(lang),)
    return tuple(
        rulebook.actions[each].title.in_(lang) for each in remedy.actions if each in rulebook.actions
    )
