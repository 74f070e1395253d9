"""The readiness summary of an account or VPC: coverage, top causes, and what one change would free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from advisor.advice.action import Action, linked
from advisor.advice.apply import apply_all
from advisor.advice.cost import Cost
from advisor.advice.workshop import Place, Workshop, place_of
from advisor.methods.answer import Certainty
from advisor.methods.assessment import Assessment, MethodAssessment, MethodId, Target, TargetAssessment
from advisor.model.verdict import BLOCKED, READY, UNKNOWN

_MOST_PROVED: Final = 8


class Coverage(msgspec.Struct, frozen=True):
    """How many targets a method reaches."""

    method: MethodId
    ready: int
    blocked: int
    unknown: int


class TopCause(msgspec.Struct, frozen=True):
    """A cause and how many targets it blocks by any method; `alone` counts those that it alone blocks."""

    cause: str
    targets: int
    alone: int
    methods: tuple[MethodId, ...]


class Readiness(msgspec.Struct, frozen=True):
    """The summary: targets with a way in, without, and unknown; by method; and why."""

    targets: int
    reachable: int
    blocked: int
    unknown: int
    methods: tuple[Coverage, ...]
    causes: tuple[TopCause, ...]


class Freeing(msgspec.Struct, frozen=True):
    """One change, proved on a copy of the account, and the targets that get their first way in by it."""

    actions: tuple[Action, ...]
    targets: tuple[Target, ...]
    cost: Cost


def readiness(assessment: Assessment) -> Readiness:
    """Count what an assessment says; filter its targets first for a VPC or a tag."""
    best = Counter(_best(each) for each in assessment.targets)
    return Readiness(
        targets=len(assessment.targets),
        reachable=best["ready"],
        blocked=best["blocked"],
        unknown=best["unknown"],
        methods=tuple(_coverage(assessment.targets, method) for method in MethodId),
        causes=_causes(assessment.targets),
    )


def _best(each: TargetAssessment) -> str:
    verdicts = {method.verdict for method in each.methods}
    return next((v.value for v in (READY, UNKNOWN) if v in verdicts), BLOCKED.value)


def _coverage(targets: Sequence[TargetAssessment], method: MethodId) -> Coverage:
    found = Counter(m.verdict.value for each in targets for m in each.methods if m.method is method)
    return Coverage(method, found["ready"], found["blocked"], found["unknown"])


def _causes(targets: Sequence[TargetAssessment]) -> tuple[TopCause, ...]:
    blocked: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    methods: dict[str, dict[MethodId, None]] = {}
    causes_of: dict[int, frozenset[str]] = {}
    for each in targets:
        mine: set[str] = set()
        lonely: set[str] = set()
        for method in each.methods:
            if method.verdict is not BLOCKED:
                continue
            found = causes_of.get(id(method))
            if found is None:
                found = causes_of[id(method)] = _certain(method)
            mine |= found
            if len(found) == 1:
                lonely |= found
            for cause in found:
                methods.setdefault(cause, {})[method.method] = None
        blocked.update(mine)
        alone.update(lonely)
    ordered = sorted(blocked, key=lambda cause: (-blocked[cause], cause))
    return tuple(TopCause(cause, blocked[cause], alone[cause], tuple(methods[cause])) for cause in ordered)


def _certain(method: MethodAssessment) -> frozenset[str]:
    return frozenset(each.cause for each in method.blockers if each.certainty is Certainty.CERTAIN)


def freeing(workshop: Workshop, assessment: Assessment, most: int = 3) -> tuple[Freeing, ...]:
    """The single remedies that give most targets their first way in, each proved on a copy of the account.

    Looked for among methods that exactly one cause stops, for targets that no method reaches.
    """
    cut_off = [each for each in assessment.targets if _best(each) == "blocked"]
    candidates: dict[tuple[str, ...], tuple[tuple[Action, ...], set[Place]]] = {}
    seen: dict[tuple[int, str | None], tuple[tuple[Action, ...], ...]] = {}
    for each in cut_off:
        for method in each.methods:
            certain = [f for f in method.blockers if f.certainty is Certainty.CERTAIN]
            if method.verdict is not BLOCKED or len(certain) != 1:
                continue
            key = (id(method), each.target.vpc)
            if key not in seen:
                offered = workshop.remedies(certain[0], each.target, method.method, workshop.estate)
                seen[key] = tuple(remedy.actions for remedy in offered if remedy.actions)
            for actions in seen[key]:
                names = tuple(action.key for action in actions)
                candidates.setdefault(names, (actions, set()))[1].add(place_of(each.target))
    ranked = sorted(candidates.values(), key=lambda one: (-len(one[1]), workshop.price(one[0])))
    found = [_proved(workshop, actions, cut_off) for actions, _ in ranked[:_MOST_PROVED]]
    useful = [each for each in found if each.targets]
    return tuple(sorted(useful, key=lambda each: -len(each.targets))[:most])


def _proved(workshop: Workshop, actions: tuple[Action, ...], cut_off: Iterable[TargetAssessment]) -> Freeing:
    places = {place_of(each.target) for each in cut_off}
    after = workshop.judge(apply_all(actions, workshop.estate), lambda target: place_of(target) in places)
    freed = tuple(each.target for each in after.targets if _best(each) == "ready")
    return Freeing(linked(actions), freed, workshop.cost(actions))
