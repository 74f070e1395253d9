"""Whether a rule book holds together: every id that an entry names exists."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator

import msgspec

from advisor.rulebook.book import RuleBook
from advisor.rulebook.entries import Cause, Method, Policy, Profile, Symptom
from advisor.rulebook.policies import fault
from advisor.rulebook.tables import RunbookCheck


class Problem(msgspec.Struct, frozen=True):
    """Something in the rules that does not hold: where it stands, what it is, and what to do."""

    place: str
    what: str
    hint: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def validate(book: RuleBook, checks: Collection[str]) -> tuple[Problem, ...]:
    """The problems of a rule book; `checks` are the ids of the checks that exist in the program.

    Rules can only name what is there: they hold no code, so that a folder of rules from somebody else can
    change what is said and asked, not what is run.
    """
    return tuple(
        problem
        for kind in ("causes", "methods", "symptoms", "profiles", "policies", "runbooks")
        for id, entry in book.of(kind).items()
        for problem in _problems(book, kind, id, entry, checks)
    )


def _problems(
    book: RuleBook, kind: str, id: str, entry: object, checks: Collection[str]
) -> Iterator[Problem]:
    source = book.sources.get((kind, id))
    where = str(source.place) if source else id

    def unknown(names: Iterable[str], known: Collection[str], word: str) -> Iterator[Problem]:
        for name in names:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"Did you mean `{near[0]}`?" if near else "advisor rules list names what there is."
                yield Problem(where, f"`{id}` names the {word} `{name}`, which does not exist", hint)

    match entry:
        case Cause():
            yield from unknown(entry.remedy.actions, book.actions, "action")
        case Method():
            yield from unknown((step.check for step in entry.checks.checks()), checks, "check")
            for name, score in entry.scores.items():
                if not 0 <= score <= 1:
                    yield Problem(
                        where, f"the score `{name}` of `{id}` is {score:g}", "Scores lie from 0 to 1."
                    )
        case Symptom():
            yield from unknown(entry.causes, book.causes, "cause")
        case Profile():
            criteria = {name for method in book.methods.values() for name in method.scores}
            traits = {name for method in book.methods.values() for name in method.traits}
            yield from unknown(entry.weights, criteria, "criterion")
            yield from unknown(entry.requires, traits, "trait")
        case Policy():
            if wrong := fault(entry.when):
                yield Problem(where, f"the condition of `{id}` is not JMESPath: {wrong}", "See jmespath.org.")
        case RunbookCheck():
            yield from unknown(entry.causes, book.causes, "cause")
