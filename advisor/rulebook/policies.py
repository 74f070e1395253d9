"""Rules of the organisation: whether one holds for a method of a target."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jmespath
import jmespath.exceptions

from advisor.model.errors import InputError
from advisor.rulebook.entries import Policy


def applies(policy: Policy, target: Mapping[str, Any], method: Mapping[str, Any]) -> bool:
    """Whether the policy holds for this method of this target.

    `target` and `method` are as in the JSON of `assess` (advisor.assessment/1); the expression sees the
    target's keys, and the method under `this`. A policy that names methods holds for these only. Raises
    InputError for an expression that cannot be evaluated on the report.
    """
    if policy.methods and method.get("method") not in policy.methods:
        return False
    try:
        found = _compiled(policy.when).search({**target, "this": method})
    except jmespath.exceptions.JMESPathError as error:
        raise InputError(
            f"The condition of the policy `{policy.id}` does not fit the report: {_first_line(error)}",
            "Try it: advisor assess --output json --query 'targets[0]'.",
        ) from None
    # As JMESPath has it: empty lists, mappings and texts, null and false are not true.
    return found is not None and found is not False and found not in ("", [], {})


def fault(expression: str) -> str | None:
    """What is wrong with a JMESPath expression; None if nothing is."""
    try:
        _compiled(expression)
    except jmespath.exceptions.JMESPathError as error:
        return _first_line(error)
    return None


@lru_cache(maxsize=256)
def _compiled(expression: str) -> Any:
    return jmespath.compile(expression)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
