"""The register of checks: one function per fact, under a dotted id, with the key that shares its answers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable
from typing import Any

from advisor.methods.answer import PASS, Answer, unknown
from advisor.methods.case import Case

Key = Callable[[Case], Hashable]
CheckFunction = Callable[..., Answer]


class Check:
    """A registered check: cases of one scope with an equal `key` get the same answer."""

    def __init__(self, identity: str, function: CheckFunction, key: Key) -> None:
        self.id = identity
        self.function = function
        self.key = key
        signature = inspect.signature(function)
        self.parameters = {
            name: parameter.default is inspect.Parameter.empty
            for name, parameter in list(signature.parameters.items())[1:]
        }

    @property
    def meaning(self) -> str:
        """The first sentence of the check's docstring."""
        return (self.function.__doc__ or "").strip().partition("\n")[0]

    def answer(self, case: Case, parameters: dict[str, Any]) -> Answer:
        """What the check says of this case."""
        return self.function(case, **parameters)


CHECKS: dict[str, Check] = {}
"""Every check by id; filled by importing the modules that hold them (advisor.methods.catalogue)."""


def itself(case: Case) -> Hashable:
    """The key of checks whose answer no other target shares."""
    return case.target.id


def anything(case: Case) -> Hashable:
    """The key of checks that answer the same for every target of an account and Region."""
    return None


def unread(case: Case) -> Answer:
    """What a check of EC2 instances says without an instance's record: nothing about other nodes."""
    return PASS if case.is_hybrid else unknown(case.no_instance)


def check(identity: str, *, by: Key = itself) -> Callable[[CheckFunction], CheckFunction]:
    """Register a function `(case, **parameters) -> Answer`; `by` is the key under which answers are shared.

    An answer that is shared names the target itself as SELF. The key needs everything of the target that the
    function reads; account, Region and options are the same for all cases that share anyway.
    """

    def register(function: CheckFunction) -> CheckFunction:
        if identity in CHECKS:
            raise ValueError(f"two checks are called {identity}")
        CHECKS[identity] = Check(identity, function, by)
        return function

    return register
