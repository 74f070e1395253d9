"""Conditions, three-valued: what the context cannot decide is undecided, never true or false.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Creating a condition with
multiple keys or values" (set operators, IfExists, absent keys).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Final

from advisor.iam.context import Context, Presence
from advisor.iam.documents import VARIABLES_VERSION, Condition
from advisor.iam.matching import MAYBE, NO, Match, Unresolved, arn_regex_of, regex_of, truth
from advisor.model.times import parse_instant
from advisor.model.verdict import all_of, any_of

Comparison = Callable[[str, str, Context, str], Match]
"""(value of the request, value of the policy, context for variables, version of the document)."""


def evaluate(condition: Condition, context: Context, version: str = VARIABLES_VERSION) -> Match:
    """Whether the condition holds for a request with this context."""
    quantifier, name, if_exists = _parts(condition.operator)
    present = context.value(condition.key)
    if name == "null":
        return _null(condition, present, quantifier or if_exists)
    negated = name in _NEGATED
    compare = _COMPARISONS.get(_NEGATED.get(name, name))
    if compare is None:
        return Match(MAYBE, (condition.key,))
    if present is Presence.UNKNOWN:
        return Match(MAYBE, (condition.key,))
    if present is Presence.ABSENT:
        return Match(truth(bool(if_exists) or quantifier == "forallvalues" or (negated and not quantifier)))
    each = [_one(value, condition, context, version, compare, negated) for value in present]
    verdicts = [match.verdict for match in each]
    if quantifier == "foranyvalue":
        verdict = any_of(verdicts)
    elif quantifier == "forallvalues" or len(set(verdicts)) == 1:
        verdict = all_of(verdicts)
    else:
        # Several values without a set operator: AWS documents no outcome.
        verdict = MAYBE
    keys = [key for match in each for key in match.keys]
    if verdict is MAYBE and not keys:
        keys = [condition.key]
    return Match(verdict, tuple(dict.fromkeys(keys)) if verdict is MAYBE else ())


def _parts(operator: str) -> tuple[str, str, str]:
    """Quantifier, operator and `ifexists`, each casefolded (operators' case does not matter)."""
    quantifier, colon, name = operator.casefold().rpartition(":")
    bare = name.removesuffix("ifexists")
    known = quantifier in ("", "foranyvalue", "forallvalues") and (bool(colon) is bool(quantifier))
    return quantifier, bare if known else operator.casefold(), "ifexists" if bare != name else ""


def _null(condition: Condition, present: tuple[str, ...] | Presence, decorated: str) -> Match:
    wanted = {value.casefold() for value in condition.values}
    if decorated or not wanted <= {"true", "false"} or present is Presence.UNKNOWN:
        return Match(MAYBE, (condition.key,))
    return Match(truth(("true" if present is Presence.ABSENT else "false") in wanted))


def _one(
    value: str, condition: Condition, context: Context, version: str, compare: Comparison, negated: bool
) -> Match:
    """One value of the request against all of the policy's: any fits, or (negated) none does."""
    found = [compare(value, wanted, context, version) for wanted in condition.values]
    verdict = any_of(each.verdict for each in found)
    keys = tuple(key for each in found for key in each.keys) if verdict is MAYBE else ()
    return Match(~verdict if negated else verdict, keys)


def _by_pattern(value: str, pattern: re.Pattern[str] | Unresolved | None, fold: bool = False) -> Match:
    if pattern is None:
        return Match(NO)
    if isinstance(pattern, Unresolved):
        return Match(MAYBE, pattern.keys)
    if fold:
        pattern = re.compile(pattern.pattern, re.DOTALL | re.IGNORECASE)
    return Match(truth(pattern.fullmatch(value) is not None))


def _string_equals(value: str, wanted: str, context: Context, version: str) -> Match:
    return _by_pattern(value, regex_of(wanted, context, version, wildcards=False))


def _string_equals_ignoring_case(value: str, wanted: str, context: Context, version: str) -> Match:
    return _by_pattern(value, regex_of(wanted, context, version, wildcards=False), fold=True)


def _string_like(value: str, wanted: str, context: Context, version: str) -> Match:
    return _by_pattern(value, regex_of(wanted, context, version))


def _arn_like(value: str, wanted: str, context: Context, version: str) -> Match:
    found = _by_pattern(value, arn_regex_of(wanted, context, version))
    if found.verdict is not NO:
        return found
    # Six parts are compared one by one; whether fewer (`*`, `arn:aws:iam::*`) leave the rest open is not
    # documented.
    completed = _by_pattern(value, arn_regex_of(wanted, context, version, completed=True))
    return found if completed.verdict is NO else Match(MAYBE, completed.keys)


def _bool(value: str, wanted: str, context: Context, version: str) -> Match:
    if {value.casefold(), wanted.casefold()} <= {"true", "false"}:
        return Match(truth(value.casefold() == wanted.casefold()))
    return Match(MAYBE)


def _binary(value: str, wanted: str, context: Context, version: str) -> Match:
    return Match(truth(value == wanted))


def _ip_address(value: str, wanted: str, context: Context, version: str) -> Match:
    try:
        address = ipaddress.ip_address(value)
        network = ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return Match(MAYBE)
    return Match(truth(address.version == network.version and address in network))


def _ordered(holds: Callable[[int], bool], order: Callable[[str, str], int | None]) -> Comparison:
    def compare(value: str, wanted: str, context: Context, version: str) -> Match:
        sign = order(value, wanted)
        return Match(MAYBE) if sign is None else Match(truth(holds(sign)))

    return compare


def _by_number(value: str, wanted: str) -> int | None:
    try:
        left, right = Decimal(value), Decimal(wanted)
    except InvalidOperation:
        return None
    if left.is_nan() or right.is_nan():
        return None
    return (left > right) - (left < right)


def _by_date(value: str, wanted: str) -> int | None:
    left, right = parse_instant(value), parse_instant(wanted)
    return None if left is None or right is None else (left > right) - (left < right)


_ORDERS: Final[dict[str, Callable[[int], bool]]] = {
    "equals": lambda sign: sign == 0,
    "lessthan": lambda sign: sign < 0,
    "lessthanequals": lambda sign: sign <= 0,
    "greaterthan": lambda sign: sign > 0,
    "greaterthanequals": lambda sign: sign >= 0,
}
_COMPARISONS: Final[dict[str, Comparison]] = {
    "stringequals": _string_equals,
    "stringequalsignorecase": _string_equals_ignoring_case,
    "stringlike": _string_like,
    "arnequals": _arn_like,  # documented to behave as ArnLike
    "arnlike": _arn_like,
    "bool": _bool,
    "binaryequals": _binary,
    "ipaddress": _ip_address,
    **{f"numeric{name}": _ordered(holds, _by_number) for name, holds in _ORDERS.items()},
    **{f"date{name}": _ordered(holds, _by_date) for name, holds in _ORDERS.items()},
}
_NEGATED: Final = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
}


def all_hold(conditions: Iterable[Condition], context: Context, version: str) -> Match:
    """Whether all hold; where undecided, with the unknown keys."""
    found = [evaluate(each, context, version) for each in conditions]
    verdict = all_of(each.verdict for each in found)
    if verdict is not MAYBE:
        return Match(verdict)
    return Match(MAYBE, tuple(dict.fromkeys(key for each in found for key in each.keys)))
