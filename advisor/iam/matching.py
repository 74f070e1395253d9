"""Whether a pattern of a policy matches an action, a resource or a text: wildcards and policy variables.

Verdicts are used as three-valued truth here: READY is yes, BLOCKED no, UNKNOWN undecided.
"""

from __future__ import annotations

import enum
import re
from functools import lru_cache
from typing import Final

import msgspec

from advisor.iam.context import Context, Presence
from advisor.iam.documents import VARIABLES_VERSION, Patterns
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict

YES, NO, MAYBE = READY, BLOCKED, UNKNOWN

_VARIABLE: Final = re.compile(r"\$\{([^{}]*)\}")
_SPECIALS: Final = {"*", "?", "$"}


class Match(msgspec.Struct, frozen=True):
    """An answer, and the context keys that are unknown and might change it."""

    verdict: Verdict
    keys: tuple[str, ...] = ()


def truth(value: bool) -> Verdict:
    """YES or NO."""
    return YES if value else NO


@lru_cache(maxsize=32768)
def matches_action(patterns: Patterns, action: str) -> Verdict:
    """Whether `service:Action` is named; case does not matter, and variables do not exist here."""
    wanted = action.casefold()
    named = any(_constant(each.casefold(), ".", True).fullmatch(wanted) for each in patterns.values)
    return truth(named is not patterns.negated)


def matches_resource(patterns: Patterns, resource: str | None, context: Context, version: str) -> Match:
    """Whether the resource is named; None is a resource whose ARN cannot be known.

    Case matters. An ARN pattern is read twice, segment by segment (as documented: wildcards stay between
    colons, missing segments are completed) and as one text; where the readings differ it is undecided.
    """
    keys: list[str] = []
    verdict = NO
    for pattern in patterns.values:
        one = _resource(pattern, resource, context, version)
        verdict |= one.verdict
        keys += one.keys
    return Match(~verdict if patterns.negated else verdict, tuple(dict.fromkeys(keys)))


def _resource(pattern: str, resource: str | None, context: Context, version: str) -> Match:
    if pattern == "*":
        return Match(YES)
    if resource is None:
        return Match(MAYBE)
    readings = [
        regex_of(pattern, context, version),
        arn_regex_of(pattern, context, version, completed=True),
    ]
    keys = tuple(dict.fromkeys(key for each in readings if isinstance(each, Unresolved) for key in each.keys))
    if keys:
        # A variable that is unknown can still not save a pattern whose fixed part already differs.
        loosest = regex_of(pattern, context, version, unknown_as_wildcard=True)
        possible = isinstance(loosest, re.Pattern) and loosest.fullmatch(resource) is not None
        return Match(MAYBE, keys) if possible else Match(NO)
    found = [isinstance(each, re.Pattern) and each.fullmatch(resource) is not None for each in readings]
    return Match(truth(found[0]) if found[0] == found[1] else MAYBE)


class Unresolved(msgspec.Struct, frozen=True):
    """A pattern whose variables cannot be filled: their keys are unknown."""

    keys: tuple[str, ...]


NULL: Final = None
"""A pattern with a variable whose key is absent: it equals nothing (IAM User Guide, "Policy variables")."""


def regex_of(
    pattern: str,
    context: Context,
    version: str = VARIABLES_VERSION,
    *,
    wildcards: bool = True,
    unknown_as_wildcard: bool = False,
) -> re.Pattern[str] | Unresolved | None:
    """The pattern as one text with its variables filled in; NULL if one of them has no value."""
    if version != VARIABLES_VERSION or "${" not in pattern:
        return _constant(pattern, ".", wildcards)
    tokens = _filled(pattern, context, wildcards, unknown_as_wildcard)
    return re.compile(_regex(tokens, "."), re.DOTALL) if isinstance(tokens, list) else tokens


def arn_regex_of(
    pattern: str, context: Context, version: str = VARIABLES_VERSION, *, completed: bool = False
) -> re.Pattern[str] | Unresolved | None:
    """The pattern segment by segment: wildcards do not cross the colons of an ARN's first five segments.

    `completed` adds wildcards for missing segments, as `Resource` does; ARN conditions do not.
    """
    if version != VARIABLES_VERSION or "${" not in pattern:
        return _constant_arn(pattern, completed)
    parts: list[str] = []
    keys: list[str] = []
    for position, segment in enumerate(_segments(pattern, completed)):
        tokens = _filled(segment, context, True, False)
        if tokens is None:
            return NULL
        if isinstance(tokens, Unresolved):
            keys += tokens.keys
        else:
            parts.append(_regex(tokens, _unit(position)))
    return Unresolved(tuple(keys)) if keys else re.compile(":".join(parts), re.DOTALL)


@lru_cache(maxsize=8192)
def _constant(pattern: str, unit: str, wildcards: bool) -> re.Pattern[str]:
    return re.compile(_regex(_tokens(pattern, wildcards), unit), re.DOTALL)


@lru_cache(maxsize=8192)
def _constant_arn(pattern: str, completed: bool) -> re.Pattern[str]:
    parts = [
        _regex(_tokens(segment, True), _unit(position))
        for position, segment in enumerate(_segments(pattern, completed))
    ]
    return re.compile(":".join(parts), re.DOTALL)


def _unit(position: int) -> str:
    """What one wildcard character stands for in this segment: only the last may hold colons."""
    return "." if position == 5 else "[^:]"


def _segments(pattern: str, completed: bool) -> list[str]:
    """Split at colons outside of `${...}`, into six parts at most."""
    found = [""]
    inside = False
    for position, character in enumerate(pattern):
        if pattern.startswith("${", position):
            inside = True
        elif character == "}":
            inside = False
        if character == ":" and not inside and len(found) < 6:
            found.append("")
        else:
            found[-1] += character
    return found + ["*"] * (6 - len(found)) if completed else found


class _Wild(enum.Enum):
    """The two wildcards."""

    ANY = "?"
    RUN = "*"


def _filled(
    pattern: str, context: Context, wildcards: bool, unknown_as_wildcard: bool
) -> list[str | _Wild] | Unresolved | None:
    tokens: list[str | _Wild] = []
    keys: list[str] = []
    end = 0
    for variable in _VARIABLE.finditer(pattern):
        tokens += _tokens(pattern[end : variable.start()], wildcards)
        end = variable.end()
        value = _value_of(variable.group(1), context)
        if value is None:
            return NULL
        if isinstance(value, Unresolved):
            keys += value.keys
            tokens.append(_Wild.RUN)
        else:
            tokens.append(value)
    tokens += _tokens(pattern[end:], wildcards)
    return Unresolved(tuple(keys)) if keys and not unknown_as_wildcard else tokens


def _value_of(expression: str, context: Context) -> str | Unresolved | None:
    if expression in _SPECIALS:
        return expression
    key, comma, default = expression.partition(",")
    key = key.strip()
    value = context.value(key)
    if value is Presence.ABSENT:
        return default.strip().strip("'") if comma else None
    if isinstance(value, Presence) or len(value) != 1 or "*" in value[0] or "?" in value[0]:
        # Several values cannot stand in one place; wildcards inside a value are not documented either way.
        return Unresolved((key,))
    return value[0]


def _tokens(pattern: str, wildcards: bool) -> list[str | _Wild]:
    if not wildcards:
        return [pattern]
    pieces = re.split(r"(\*+|\?)", pattern)
    return [_Wild.RUN if each[:1] == "*" else _Wild.ANY if each == "?" else each for each in pieces if each]


def _regex(tokens: list[str | _Wild], unit: str) -> str:
    # The first place where the text between two `*` fits is as good as any later one, so each is an atomic
    # group: a hostile `*a*a*a*...*b` must not make the matching exponential.
    groups: list[str] = [""]
    for token in tokens:
        if token is _Wild.RUN:
            groups.append("")
        else:
            groups[-1] += unit if token is _Wild.ANY else re.escape(str(token))
    if len(groups) == 1:
        return groups[0]
    middle = "".join(f"(?>{unit}*?{group})" for group in groups[1:-1] if group)
    return f"{groups[0]}{middle}{unit}*{groups[-1]}"
