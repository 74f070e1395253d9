"""The cheapest proved changes for one target and one method: a search over sets of remedies.

Each state is a set of actions, judged on a copy of the account. Sets are tried in the order of their price,
so that the first that makes the method ready, and nothing worse, is the cheapest. What a set reveals (new
blockers behind old ones, other targets that it would cut off) is repaired by larger sets.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Final

import msgspec

from advisor.advice.action import Action, Advice, Remedy
from advisor.advice.apply import apply_all
from advisor.advice.workshop import Price, Shift, Workshop, place_of, shifts
from advisor.methods.answer import Certainty, Finding
from advisor.methods.assessment import Assessment, MethodAssessment, MethodId, Target
from advisor.model.estate import Estate
from advisor.model.evidence import Missing
from advisor.model.verdict import BLOCKED, READY

_MOST_JUDGED: Final = 240
"""So many copies are judged for one target at most; then the best that was found stands."""


class Draft(msgspec.Struct, frozen=True):
    """A set of actions with what came of it on the copy.

    `ready` says that the method is ready and nothing got worse. Else `missing` and `doubts` are what keeps
    it from being known, `blockers` what still stops it, `advice` what a person would have to do.
    """

    actions: tuple[Action, ...]
    price: Price
    ready: bool
    advice: tuple[Advice, ...] = ()
    missing: tuple[Missing, ...] = ()
    doubts: tuple[Finding, ...] = ()
    blockers: tuple[Finding, ...] = ()

    @property
    def is_conditional(self) -> bool:
        """Whether nothing is known to stop the method, but not all is known."""
        return not self.ready and not self.blockers


class Found(msgspec.Struct, frozen=True):
    """What a search found: proved drafts, the cheapest first; else the best that is left."""

    ready: tuple[Draft, ...] = ()
    conditional: Draft | None = None
    stuck: Draft | None = None

    @property
    def best(self) -> Draft | None:
        """The draft to go by."""
        return self.ready[0] if self.ready else self.conditional or self.stuck


class _State(msgspec.Struct, frozen=True):
    actions: tuple[Action, ...]
    estate: Estate


def search(workshop: Workshop, target: Target, method: MethodId, wanted: int = 3) -> Found:
    """The cheapest sets of actions after which the method is ready for the target.

    Up to `wanted` of them, none holding another one. Judged on the part of the account that is joined to
    the target; the plan proves them on the whole.
    """
    return _Search(workshop, target, method).run(wanted)


class _Search:
    def __init__(self, workshop: Workshop, target: Target, method: MethodId) -> None:
        self.workshop = workshop
        self.target = target
        self.method = method
        self.ground, self.before = workshop.ground(target)
        self.watched = {place_of(each.target) for each in self.before.targets}
        self.judged = 0
        self.advice: dict[Advice, None] = {}

    def run(self, wanted: int) -> Found:
        ready: list[Draft] = []
        conditional: Draft | None = None
        stuck: Draft | None = None
        count = 0
        start = _State((), self.ground)
        heap: list[tuple[Price, int, _State]] = [(self.workshop.price(()), count, start)]
        seen: set[frozenset[str]] = {frozenset()}
        while heap and len(ready) < wanted and self.judged < _MOST_JUDGED:
            price, _, state = heapq.heappop(heap)
            keys = frozenset(action.key for action in state.actions)
            if any(keys > {action.key for action in draft.actions} for draft in ready):
                continue
            now, worse = self._judge(state)
            draft = self._draft(state, price, now, worse)
            if draft.ready:
                ready.append(draft)
                continue
            if draft.is_conditional and conditional is None and not worse:
                conditional = draft
            for actions in self._next(state, now, worse):
                keys = frozenset(action.key for action in actions)
                if keys in seen:
                    continue
                seen.add(keys)
                count += 1
                fresh = _State(actions, apply_all(actions[len(state.actions) :], state.estate))
                heapq.heappush(heap, (self.workshop.price(actions), count, fresh))
            if stuck is None or len(draft.blockers) < len(stuck.blockers):
                stuck = draft
        if stuck is not None:
            stuck = msgspec.structs.replace(stuck, advice=tuple(self.advice))
        return Found(tuple(ready), conditional, stuck)

    def _judge(self, state: _State) -> tuple[MethodAssessment, list[tuple[Shift, MethodAssessment]]]:
        """The method now, and what got worse anywhere in the excerpt (looked at only once it is ready)."""
        self.judged += 1
        now = self.workshop.judged(state.estate, self.target, self.method)
        if now.verdict is not READY or not state.actions:
            return now, []
        after = self.workshop.judge(state.estate, lambda each: place_of(each) in self.watched)
        return now, list(losses(self.before, after))

    def _draft(
        self,
        state: _State,
        price: Price,
        now: MethodAssessment,
        worse: list[tuple[Shift, MethodAssessment]],
    ) -> Draft:
        certain = tuple(each for each in now.blockers if each.certainty is Certainty.CERTAIN)
        return Draft(
            actions=state.actions,
            price=price,
            ready=now.verdict is READY and not worse,
            missing=now.missing,
            doubts=tuple(each for each in now.blockers if each.certainty is not Certainty.CERTAIN),
            blockers=certain if now.verdict is BLOCKED else (),
        )

    def _next(
        self, state: _State, now: MethodAssessment, worse: list[tuple[Shift, MethodAssessment]]
    ) -> Iterator[tuple[Action, ...]]:
        """The states one remedy further on."""
        wishes = [(each, self.target, self.method) for each in now.blockers]
        for shift, lost in worse:
            wishes += [(each, shift.target, shift.method) for each in lost.blockers]
        have = {action.key for action in state.actions}
        for finding, target, method in wishes:
            for remedy in self.workshop.remedies(finding, target, method, state.estate):
                self._note(remedy)
                added = tuple(each for each in remedy.actions if each.key not in have)
                if added:
                    yield (*state.actions, *added)

    def _note(self, remedy: Remedy) -> None:
        if not remedy.actions:
            self.advice.update(dict.fromkeys(remedy.advice))


def losses(before: Assessment, after: Assessment) -> Iterator[tuple[Shift, MethodAssessment]]:
    """What got worse, each with the method's new assessment."""
    found = {(shift.target, shift.method): shift for shift in shifts(before, after) if shift.is_worse}
    if not found:
        return
    by_place = {(t.target.account, t.target.region, t.target.id): t for t in after.targets}
    for (target, method), shift in found.items():
        yield shift, by_place[target.account, target.region, target.id].method(method)
