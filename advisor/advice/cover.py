"""Many targets at once: few changes that together make all of them reachable.

Targets with the same blockers form a group with the same ways out (bundles of actions). Which bundles to take
is a set cover with shared costs; the greedy rule takes the bundle that costs least for each target it frees.
What the first changes reveal is repaired in further rounds, each judged on the changed copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from advisor.advice.acls import renumbered
from advisor.advice.action import Action, Advice, created_ids, refs_in, strings_in
from advisor.advice.apply import apply, apply_all
from advisor.advice.effort import IMPOSSIBLE
from advisor.advice.members import is_own, moved, stands_on, tokens_of
from advisor.advice.room import has_room
from advisor.advice.search import losses
from advisor.advice.workshop import Place, Workshop, place_of
from advisor.methods.answer import Certainty, Finding
from advisor.methods.assessment import Assessment, MethodAssessment, MethodId, Target, TargetAssessment
from advisor.model.estate import Estate
from advisor.model.evidence import Missing
from advisor.model.verdict import READY, UNKNOWN

_ROUNDS: Final = 6
_MOST_BUNDLES: Final = 4
_MENDINGS: Final = 3
_DOCUMENTS: Final[Mapping[str, str]] = {
    "CreateDocument": "Name",
    "UpdateAssumeRolePolicy": "RoleName",
    "UpdateDocument": "Name",
}
"""Requests that replace a document as a whole, by the member that names it."""
_NUMBERED: Final = frozenset({"CreateNetworkAclEntry"})
"""Requests with a number that an earlier choice may have taken."""


class Left(msgspec.Struct, frozen=True):
    """A target that the changes do not make reachable: by which method it is nearest, and what it needs."""

    target: Target
    method: MethodId
    blockers: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    advice: tuple[Advice, ...] = ()


class Bound(msgspec.Struct, frozen=True):
    """How far the changes may be from the best ones.

    `weight` is what they come to (changes, risk and money in one number, as the profile weighs them),
    `least` what any choice among the bundles that were considered comes to at least.
    """

    weight: float
    least: float

    @property
    def ratio(self) -> float:
        """At most so many times the best."""
        return self.weight / self.least if self.least > 0 else 1.0


class Covered(msgspec.Struct, frozen=True):
    """The chosen changes, in an order in which they can be made, and who is left.

    `after` is the assessment of all targets after exactly these changes.
    """

    actions: tuple[Action, ...]
    left: tuple[Left, ...]
    bound: Bound
    after: Assessment


class _Way(NamedTuple):
    """One bundle: all actions for a whole group; `shared` and, of its first member, `own` ones apart.

    `owners` says whose each action is that is one machine's own, by the action's key.
    """

    group: _Group
    actions: tuple[Action, ...]
    shared: tuple[Action, ...]
    own: tuple[Action, ...]
    owners: Mapping[str, Place]


class _Group:
    """Targets with equal blockers by one method."""

    def __init__(self, method: MethodAssessment, members: list[Target]) -> None:
        self.method = method
        self.members = members


def cover(
    workshop: Workshop, targets: Sequence[Target], methods: Sequence[MethodId], start: Estate | None = None
) -> Covered:
    """Few changes after which each target is ready by one of the methods."""
    return _Cover(workshop, methods).run(targets, workshop.estate if start is None else start)


class _Race:
    """The bundles that are still to be had, by what each costs for a target that it frees.

    What is left to pay falls as others pay for shared actions, and whom a bundle frees as others free them:
    both are kept up to date for the bundles concerned only.
    """

    def __init__(
        self, ways: Sequence[_Way], weigh: Callable[[Action], float], chosen: Mapping[str, Action]
    ) -> None:
        self.ways = ways
        self.weigh = weigh
        self.members = [set(map(place_of, way.group.members)) for way in ways]
        self.costs = [sum(weigh(a) for a in way.actions if a.key not in chosen) for way in ways]
        self.by_key: dict[str, list[int]] = {}
        self.by_place: dict[Place, list[int]] = {}
        self.weights: dict[str, float] = {}
        for position, way in enumerate(ways):
            for action in way.actions:
                self.by_key.setdefault(action.key, []).append(position)
                self.weights[action.key] = weigh(action)
            for place in self.members[position]:
                self.by_place.setdefault(place, []).append(position)

    def best(self) -> _Way | None:
        """The cheapest bundle for each target that it frees; None once nobody is left to free."""
        scores = (
            (cost / len(members), position)
            for position, (cost, members) in enumerate(zip(self.costs, self.members, strict=True))
            if members
        )
        found = min(scores, default=None)
        return None if found is None else self.ways[found[1]]

    def won(self, way: _Way, paid: Iterable[str]) -> None:
        """The bundle was taken: its targets are free, and these actions are paid for."""
        for key in paid:
            for position in self.by_key.get(key, ()):
                self.costs[position] -= self.weights[key]
        for place in map(place_of, way.group.members):
            for position in self.by_place.get(place, ()):
                self.members[position].discard(place)


class _Cover:
    def __init__(self, workshop: Workshop, methods: Sequence[MethodId]) -> None:
        self.workshop = workshop
        self.methods = frozenset(methods)
        self.chosen: dict[str, Action] = {}
        self.serves: dict[str, set[Place]] = {}
        self.fresh: set[str] = set()
        self.least: dict[Place, float] = {}
        self.counted: set[str] = set()
        self.advice: dict[Place, dict[Advice, None]] = {}
        self.weights: dict[str, float] = {}

    def run(self, targets: Sequence[Target], estate: Estate) -> Covered:
        start, places = estate, {place_of(each) for each in targets}
        found = self._waiting(estate, places)
        for turn in range(_ROUNDS):
            if not found:
                break
            changed = self._round(found, estate, is_first=turn == 0)
            if changed is estate:
                # Nobody can be freed whole: what can be repaired may show what to do about the rest.
                changed = self._round(found, estate, is_partial=True)
            if changed is estate:
                break
            estate = changed
            found = self._waiting(estate, {place_of(each.target) for each in found})
        gone = {place_of(each.target) for each in found}
        estate = self._pruned(start, estate, places - gone)
        after = self._mend(estate)
        left = tuple(self._left(each) for each in found)
        weight = sum(map(self._weight, self.chosen.values()))
        least = sum(share for place, share in self.least.items() if place not in gone)
        return Covered(tuple(self.chosen.values()), left, Bound(weight, min(least, weight)), after)

    def _waiting(self, estate: Estate, places: set[Place]) -> list[TargetAssessment]:
        return [each for each in self._judge(estate, places) if not self._is_ready(each)]

    def _judge(self, estate: Estate, places: set[Place]) -> Iterable[TargetAssessment]:
        """The waiting targets on this copy."""
        if estate is self.workshop.estate:
            return [each for each in self.workshop.before.targets if place_of(each.target) in places]
        return self.workshop.judge(estate, lambda target: place_of(target) in places).targets

    def _is_ready(self, each: TargetAssessment) -> bool:
        return any(m.method in self.methods and m.verdict is READY for m in each.methods)

    # --- one round ------------------------------------------------------------------------------------

    def _round(
        self,
        found: Iterable[TargetAssessment],
        estate: Estate,
        is_first: bool = False,
        is_partial: bool = False,
    ) -> Estate:
        ways = [way for group in self._groups(found) for way in self._ways(group, estate, is_partial)]
        self.fresh.clear()
        if is_first or is_partial:
            self.least = self._least(ways) | self.least
        race = _Race(ways, self._weight, self.chosen)
        while (best := race.best()) is not None:
            taken = len(self.chosen)
            estate = self._take(best, estate)
            race.won(best, list(self.chosen)[taken:])
        return estate

    def _groups(self, found: Iterable[TargetAssessment]) -> list[_Group]:
        groups: dict[tuple[object, ...], _Group] = {}
        for each in found:
            target = each.target
            for method in each.methods:
                if method.method not in self.methods or not _is_repairable(method):
                    continue
                key = (target.account, target.region, target.vpc, target.platform, id(method))
                group = groups.get(key)
                if group is None:
                    groups[key] = _Group(method, [target])
                else:
                    group.members.append(target)
        return list(groups.values())

    def _ways(self, group: _Group, estate: Estate, is_partial: bool) -> list[_Way]:
        """The mildest bundle, and those that differ from it by one remedy.

        A partial one leaves out the blockers for which nothing can be proposed.
        """
        representative = group.members[0]
        choices: list[list[tuple[Action, ...]]] = []
        for finding in group.method.blockers:
            if finding.certainty is not Certainty.CERTAIN:
                continue
            offered = self.workshop.remedies(finding, representative, group.method.method, estate)
            able = [each.actions for each in offered if each.actions]
            if not able:
                words = {advice: None for each in offered for advice in each.advice}
                for member in group.members:
                    self.advice.setdefault(place_of(member), {}).update(words)
                if is_partial:
                    continue
                return []
            choices.append(able)
        if not choices:
            return []
        picks = [[0] * len(choices)]
        for position, able in enumerate(choices):
            for other in range(1, len(able)):
                picks.append([other if n == position else 0 for n in range(len(choices))])
        ways = []
        for pick in picks[:_MOST_BUNDLES]:
            bundle: dict[str, Action] = {}
            for able, index in zip(choices, pick, strict=True):
                bundle.update((action.key, action) for action in able[index])
            ways.append(self._way(group, tuple(bundle.values())))
        return ways

    def _way(self, group: _Group, bundle: tuple[Action, ...]) -> _Way:
        """The bundle for every member: shared actions once, a machine's own once for each."""
        estate = self.workshop.estate
        source = tokens_of(group.members[0], estate)
        found: dict[str, Action] = {}
        own: list[Action] = []
        owners: dict[str, Place] = {}
        for action in bundle:
            if not is_own(action, source):
                found[action.key] = action
                continue
            own.append(action)
            for member in group.members:
                goal = tokens_of(member, estate)
                its = action if goal == source else moved(action, source, goal)
                found[its.key] = its
                owners[its.key] = place_of(member)
        shared = tuple(action for action in bundle if action not in own)
        return _Way(group, tuple(found.values()), shared, tuple(own), owners)

    def _take(self, way: _Way, estate: Estate) -> Estate:
        """Add the bundle; what collides with an earlier choice, or has no room after it, waits a round."""
        everybody = set(map(place_of, way.group.members))
        waiting = [each for each in way.shared if each.key not in self.chosen]
        if not all(has_room(each, estate) for each in waiting if each.operation not in _NUMBERED):
            return estate
        for each in way.actions:
            key = each.key
            if key not in self.chosen:
                action = renumbered(each, estate) if each.operation in _NUMBERED else each
                if self._collides(action) or not has_room(action, estate):
                    continue
                self.chosen[key] = action
                self.fresh.add(key)
                estate = apply(action, estate)
            self.serves.setdefault(key, set()).update({way.owners[key]} if key in way.owners else everybody)
        return estate

    def _collides(self, action: Action) -> bool:
        """Whether it needs what was not chosen, or replaces what a choice of this round replaced.

        A document is replaced as a whole, by one that was made of what was there when the round began.
        """
        if any(ref.action not in self.chosen for ref in refs_in(action.parameters)):
            return True
        name = _DOCUMENTS.get(action.operation)
        return name is not None and any(
            each.operation == action.operation
            and (each.account, each.region) == (action.account, action.region)
            and each.parameters.get(name) == action.parameters.get(name)
            for each in map(self.chosen.__getitem__, self.fresh)
        )

    def _pruned(self, start: Estate, estate: Estate, freed: set[Place]) -> Estate:
        """The copy without the choices for targets that stay out of reach all the same.

        Where they had freed somebody else besides, those that are about what he stands on are kept.
        """
        keys = {key for key in self.chosen if self.serves[key] & freed}
        for _ in range(2):
            chosen = self._with_makers(keys)
            if len(chosen) == len(self.chosen):
                return estate
            copy = apply_all(chosen.values(), start)
            waiting = self._waiting(copy, freed)
            if not waiting:
                self.chosen = chosen
                return copy
            ground = frozenset().union(*(stands_on(each.target, start) for each in waiting))
            keys = set(chosen)
            keys |= {
                k for k, each in self.chosen.items() if not ground.isdisjoint(strings_in(each.parameters))
            }
        return estate

    def _with_makers(self, keys: set[str]) -> dict[str, Action]:
        """These choices, with those that make what they name."""
        keys = set(keys)
        makers = {made: key for key, action in self.chosen.items() for made in created_ids(action)}
        for key, action in reversed(self.chosen.items()):
            if key in keys:
                keys.update(ref.action for ref in refs_in(action.parameters))
                keys.update(makers[text] for text in strings_in(action.parameters) if text in makers)
        return {key: action for key, action in self.chosen.items() if key in keys}

    # --- weights --------------------------------------------------------------------------------------

    def _weight(self, action: Action) -> float:
        """A change, its risk and its money in one number."""
        found = self.weights.get(action.key)
        if found is None:
            usd = self.workshop.cost((action,)).known
            found = 1.0 + action.risk + usd
            if self.workshop.money_first:
                found = 1.0 + 0.1 * action.risk + 10.0 * usd
            self.weights[action.key] = found
        return found

    def _least(self, ways: Sequence[_Way]) -> dict[Place, float]:
        """A lower bound by target: each pays for its cheapest bundle, shared actions by equal shares.

        In any choice of bundles an action is paid for at most once by those who could share it, so the sum
        of the cheapest shares never exceeds the choice's weight. What the bundles of a round before had in
        them has been shared out then.
        """
        ways = [way for way in ways if self.least.keys().isdisjoint(map(place_of, way.group.members))]
        users: dict[str, set[Place]] = {}
        for way in ways:
            places = set(map(place_of, way.group.members))
            for action in way.shared:
                users.setdefault(action.key, set()).update(places)
        cheapest: dict[Place, float] = {}
        for way in ways:
            new = [action for action in way.shared if action.key not in self.counted]
            share = sum(self._weight(action) / len(users[action.key]) for action in new)
            share += sum(map(self._weight, way.own))
            for place in map(place_of, way.group.members):
                cheapest[place] = min(share, cheapest.get(place, share))
        self.counted.update(users)
        return cheapest

    # --- what the changes break, and what is left -----------------------------------------------------

    def _mend(self, estate: Estate) -> Assessment:
        """Repair what the chosen changes would take from others; what cannot be mended, the proof refuses."""
        if not self.chosen:
            return self.workshop.before
        after = self.workshop.judge(estate)
        for _ in range(_MENDINGS):
            mended = self._mended(estate, after)
            if mended is estate:
                break
            estate = mended
            after = self.workshop.judge(estate)
        return after

    def _mended(self, estate: Estate, after: Assessment) -> Estate:
        """The copy with the first remedy of each blocker that the changes brought to others."""
        for shift, lost in losses(self.workshop.before, after):
            for finding in lost.blockers:
                offered = self.workshop.remedies(finding, shift.target, shift.method, estate)
                for action in (action for remedy in offered[:1] for action in remedy.actions):
                    if action.key not in self.chosen:
                        self.chosen[action.key] = action
                        estate = apply(action, estate)
        return estate

    def _left(self, each: TargetAssessment) -> Left:
        possible = [m for m in each.methods if m.method in self.methods]
        nearest = min(
            possible, key=lambda m: (not _is_repairable(m), m.verdict is not UNKNOWN, len(m.blockers))
        )
        return Left(
            each.target,
            nearest.method,
            nearest.blockers,
            nearest.missing,
            tuple(self.advice.get(place_of(each.target), ())),
        )


def _is_repairable(method: MethodAssessment) -> bool:
    return not any(
        each.cause in IMPOSSIBLE and each.certainty is Certainty.CERTAIN for each in method.blockers
    )
