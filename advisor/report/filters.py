"""The language of the `/` filter: free words, `key:value` terms and `!` for the opposite.

`web prod` wants both words, `is:blocked` no way in, `method:eice is:unknown` that method's verdict,
`vpc:vpc-1` a field, `tag:env=prod` a tag, `!state:stopped` the opposite of a term.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from advisor.methods.assessment import MethodAssessment, MethodId, TargetAssessment
from advisor.model.errors import InputError
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict, any_of
from advisor.report.rows import COLUMN_NAMES

Test = Callable[[TargetAssessment], bool]

_VERDICTS: Final = {"ready": READY, "blocked": BLOCKED, "unknown": UNKNOWN}
_METHODS: Final = {
    **{method.value: method for method in MethodId},
    **{name.lower(): method for method, name in COLUMN_NAMES.items()},
    "session": MethodId.SESSION_MANAGER,
}
_FIELDS: Final[dict[str, Callable[[TargetAssessment], str]]] = {
    "id": lambda each: each.target.id,
    "name": lambda each: each.target.name,
    "kind": lambda each: each.target.kind,
    "platform": lambda each: each.target.platform,
    "state": lambda each: each.target.state,
    "account": lambda each: each.target.account,
    "region": lambda each: each.target.region,
    "vpc": lambda each: each.target.vpc or "",
    "subnet": lambda each: each.target.subnet or "",
    "ip": lambda each: f"{each.target.private_ip or ''} {each.target.public_ip or ''}",
}
KEYS: Final = ("is", "method", "use", "cause", "tag", *_FIELDS)
"""Every key that a `key:value` term may have."""


class Filter(msgspec.Struct, frozen=True):
    """A parsed filter; `text` as it was typed, `tests` that all have to hold."""

    text: str = ""
    tests: tuple[Test, ...] = ()

    def admits(self, assessed: TargetAssessment) -> bool:
        """Whether the target is to be shown."""
        return all(test(assessed) for test in self.tests)

    def positions(self, targets: Iterable[TargetAssessment]) -> list[int]:
        """The positions of the targets that are to be shown."""
        if not self.tests:
            return [position for position, _ in enumerate(targets)]
        return [position for position, each in enumerate(targets) if self.admits(each)]


EVERYTHING: Final = Filter()


def parse_filter(text: str) -> Filter:
    """Read a filter.

    Raises InputError with a plain sentence for an unknown key or value; an unfinished quote is read as far
    as it goes, because people are still typing.
    """
    words = _words(text)
    method = _method_named(words)
    return Filter(text.strip(), tuple(_test(word, method) for word in words if not _is_method(word)))


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.replace('"', " ").replace("'", " ").split()


def _is_method(word: str) -> bool:
    return word.lower().startswith("method:")


def _method_named(words: list[str]) -> MethodId | None:
    named = [word.split(":", 1)[1] for word in words if _is_method(word)]
    return _method(named[-1]) if named and named[-1] else None


def _method(name: str) -> MethodId:
    found = _METHODS.get(name.lower())
    if found is None:
        known = ", ".join(COLUMN_NAMES[method].lower() for method in MethodId)
        raise InputError(f"No method is called {name!r}.", f"Methods: {known}.")
    return found


def _test(word: str, method: MethodId | None) -> Test:
    if word.startswith("!"):
        if word == "!":
            return lambda each: True
        inner = _test(word[1:], method)
        return lambda each: not inner(each)
    key, colon, value = word.partition(":")
    key = key.lower()
    if not colon or key not in KEYS:
        if colon and key.isalpha():
            raise InputError(f"No filter key is called {key!r}.", f"Keys: {', '.join(KEYS)}.")
        return _free_text(word)
    if not value:
        return lambda each: True
    match key:
        case "is":
            return _verdict_test(value, method)
        case "use":
            wanted = _method(value)
            return lambda each: each.recommended is not None and each.recommended.method is wanted
        case "cause":
            return _cause_test(value.lower(), method)
        case "tag":
            return _tag_test(value)
    field = _FIELDS[key]
    value = value.lower()
    return lambda each: value in field(each).lower()


def _verdict_test(value: str, method: MethodId | None) -> Test:
    value = value.lower()
    if value == "problem":
        return _once_a_kind(lambda methods: _way_in(methods) is not READY)
    verdict = _VERDICTS.get(value)
    if verdict is None:
        raise InputError(f"Nothing is {value!r}.", "is: takes ready, blocked, unknown or problem.")
    if method is None:
        return _once_a_kind(lambda methods: _way_in(methods) is verdict)
    return _once_a_kind(
        lambda methods: any(one.method is method and one.verdict is verdict for one in methods)
    )


def _once_a_kind(holds: Callable[[tuple[MethodAssessment, ...]], bool]) -> Test:
    """A test of the methods alone, asked once for all targets that share theirs."""
    # The methods are kept beside the answer: an id means nothing once its object is gone.
    known: dict[int, tuple[tuple[MethodAssessment, ...], bool]] = {}

    def test(assessed: TargetAssessment) -> bool:
        methods = assessed.methods
        found = known.get(id(methods))
        if found is None:
            found = known[id(methods)] = (methods, holds(methods))
        return found[1]

    return test


def _way_in(methods: tuple[MethodAssessment, ...]) -> Verdict:
    return any_of(each.verdict for each in methods)


def _cause_test(value: str, method: MethodId | None) -> Test:
    def holds(methods: tuple[MethodAssessment, ...]) -> bool:
        return any(
            value in blocker.cause.lower()
            for each in methods
            if method in (None, each.method)
            for blocker in each.blockers
        )

    return _once_a_kind(holds)


def _tag_test(value: str) -> Test:
    key, equals, wanted = value.partition("=")
    if not equals:
        return lambda each: any(name == key for name, _ in each.target.tags)
    return lambda each: any(name == key and wanted in has for name, has in each.target.tags)


def _free_text(word: str) -> Test:
    word = word.lower()

    def holds(assessed: TargetAssessment) -> bool:
        target = assessed.target
        return (
            word in target.name.lower()
            or word in target.id
            or word in (target.vpc or "")
            or word in (target.subnet or "")
            or word in (target.private_ip or "")
            or word in (target.public_ip or "")
            or word in target.state
            or word in target.platform
            or word in target.region
            or any(word in value.lower() for _, value in target.tags)
        )

    return holds
