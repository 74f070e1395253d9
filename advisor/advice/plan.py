"""Plans: the cheapest changes that make targets ready, proved on a copy of the whole account."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from advisor.advice.action import Action, Advice, linked, refs_in
from advisor.advice.apply import apply_all
from advisor.advice.cost import Cost, cost_of
from advisor.advice.cover import Bound, Left, cover
from advisor.advice.rank import ANYTHING, Needs, score
from advisor.advice.search import Draft, Found, search
from advisor.advice.touch import touched
from advisor.advice.workshop import Assess, Place, Shift, Workshop, place_of, shifts
from advisor.methods.answer import Certainty, Finding
from advisor.methods.assess import assess as assess_estate
from advisor.methods.assessment import Assessment, MethodId, Target, TargetAssessment
from advisor.methods.options import Options
from advisor.model.errors import InputError
from advisor.model.estate import Estate
from advisor.model.evidence import Missing
from advisor.model.verdict import READY, Verdict

if TYPE_CHECKING:
    from advisor.rulebook import RuleBook

_ONE_BY_ONE: Final = 1
"""Up to so many targets are searched one by one, for the cheapest plan of all and its alternatives."""


class Step(msgspec.Struct, frozen=True):
    """An action in a plan, with what it costs by the month and what else it touches."""

    action: Action
    cost: Cost = Cost()
    touches: tuple[str, ...] = ()


class Reach(msgspec.Struct, frozen=True):
    """What the plan does for one target: by which method, from which verdict to which."""

    target: Target
    method: MethodId
    before: Verdict
    after: Verdict


class Alternative(msgspec.Struct, frozen=True):
    """Another way to the goal: the next best changes, or another method's cheapest ones."""

    method: MethodId
    actions: tuple[Action, ...]
    cost: Cost
    risk: int
    ready: bool
    missing: tuple[Missing, ...] = ()
    blockers: tuple[Finding, ...] = ()
    advice: tuple[Advice, ...] = ()


class Plan(msgspec.Struct, frozen=True):
    """Changes, and the proof of what they do.

    `verified` only if every target in `reaches` was judged ready on a copy of the whole account with the
    steps applied, and no verdict anywhere got worse. `refused` lists the verdicts that would: a plan with
    any is not to be carried out. A plan that is not verified and not refused is conditional: `missing` and
    `doubts` name what is not known. `shifts` are all verdicts that change, of other targets too. `left` are
    the chosen targets that stay out of reach, `advice` what only people can do, `bound` how far from the
    best the choice may be (for many targets), `assumes` what the proof takes for granted.
    """

    method: MethodId | None
    profile: str
    targets: tuple[Target, ...]
    steps: tuple[Step, ...] = ()
    reaches: tuple[Reach, ...] = ()
    shifts: tuple[Shift, ...] = ()
    refused: tuple[Shift, ...] = ()
    left: tuple[Left, ...] = ()
    verified: bool = False
    missing: tuple[Missing, ...] = ()
    doubts: tuple[Finding, ...] = ()
    advice: tuple[Advice, ...] = ()
    bound: Bound | None = None
    alternatives: tuple[Alternative, ...] = ()
    ready_before: tuple[Reach, ...] = ()
    assumes: tuple[str, ...] = ()

    @property
    def actions(self) -> tuple[Action, ...]:
        """The requests, in their order."""
        return tuple(step.action for step in self.steps)

    @property
    def cost(self) -> Cost:
        """What all steps cost by the month."""
        return Cost(tuple(line for step in self.steps for line in step.cost.lines))

    @property
    def is_conditional(self) -> bool:
        """Whether something that is not known stands between the plan and its proof."""
        return not self.verified and not self.refused and bool(self.missing or self.doubts)

    @property
    def is_undecided(self) -> bool:
        """Whether only what is not known keeps the rest out of reach: nothing surely stops any of them."""
        return bool(self.left) and all(
            (each.missing or each.blockers)
            and not any(blocker.certainty is Certainty.CERTAIN for blocker in each.blockers)
            for each in self.left
        )

    @property
    def is_needed(self) -> bool:
        """Whether any chosen target was not ready to begin with."""
        return len(self.ready_before) < len(self.targets)


def plan(
    estate: Estate,
    rulebook: RuleBook,
    targets: Collection[Target] | None = None,
    method: MethodId | None = None,
    profile: str = "balanced",
    needs: Needs = ANYTHING,
    options: Options = Options(),  # noqa: B008
    without: Collection[str] = (),
    compare: bool = True,
    assess: Assess = assess_estate,
) -> Plan:
    """The cheapest changes after which the targets (None: all) are ready by the method (None: the best).

    `without` are keys of actions to leave out; the rest is then proved as it stands. `compare` looks for the
    other methods' cheapest changes as well, for one target. Raises InputError for a profile that the rules
    do not have, and for a key that is none of the plan's.
    """
    if profile not in rulebook.profiles:
        raise InputError(
            f"There is no profile `{profile}`", f"Profiles: {', '.join(sorted(rulebook.profiles))}."
        )
    workshop = Workshop(estate, rulebook, options, assess, rulebook.profiles[profile])
    planner = _Planner(workshop, _methods(workshop, method, needs), method, profile, compare)
    found = planner.plan(targets)
    if not without:
        return found
    keys = [action.key for action in found.actions]
    unknown = [key for key in without if key not in keys]
    if unknown:
        raise InputError(
            f"The plan has no change `{unknown[0]}` to leave out",
            f"Its changes: {', '.join(keys) or 'none'}.",
        )
    return planner.narrowed(found, without)


def prove(workshop: Workshop, actions: Sequence[Action], goals: Sequence[tuple[Target, MethodId]]) -> Plan:
    """Judge these actions for these goals on a copy of the whole account."""
    return _Planner(workshop, tuple(MethodId), None, workshop.profile.id).proved(actions, goals)


def _methods(workshop: Workshop, method: MethodId | None, needs: Needs) -> tuple[MethodId, ...]:
    """The methods to consider: the one that was asked for, or all that meet profile and needs."""
    if method is not None:
        return (method,)
    wanted = set(workshop.profile.requires)
    if needs.use is not None:
        wanted.add(needs.use.value)
    if needs.must_be_logged:
        wanted.add("content-log")
    if needs.survive_zone:
        wanted.add("az-redundant")
    rules = workshop.rulebook.methods
    able = [each for each in MethodId if wanted <= set(rules[each.value].traits)]
    if not workshop.profile.is_emergency:
        # The serial console repairs a machine; nobody works by it. It counts when it is asked for.
        able = [each for each in able if "last-resort" not in rules[each.value].traits] or able
    return tuple(sorted(able or MethodId, key=lambda each: -score(workshop.rulebook, each, workshop.profile)))


class _Planner:
    def __init__(
        self,
        workshop: Workshop,
        methods: Sequence[MethodId],
        wish: MethodId | None,
        profile: str,
        compare: bool = False,
    ) -> None:
        self.workshop = workshop
        self.methods = tuple(methods)
        self.wish = wish
        self.profile = profile
        self.compare = compare

    def plan(self, targets: Collection[Target] | None) -> Plan:
        observed = self._observed(targets)
        chosen = tuple(each.target for each in observed)
        ready = tuple(reach for each in observed if (reach := self._ready(each)) is not None)
        done = {place_of(reach.target) for reach in ready}
        waiting = [each for each in observed if place_of(each.target) not in done]
        blank = Plan(self.wish, self.profile, chosen, ready_before=ready)
        if not waiting:
            return msgspec.structs.replace(blank, verified=bool(chosen))
        if len(waiting) <= _ONE_BY_ONE:
            made = self._for_one(waiting[0])
        else:
            made = self._for_many([each.target for each in waiting])
        return msgspec.structs.replace(
            made, method=self.wish, profile=self.profile, targets=chosen, ready_before=ready
        )

    def _observed(self, targets: Collection[Target] | None) -> tuple[TargetAssessment, ...]:
        if targets is None:
            return self.workshop.look().targets
        places = {place_of(each) for each in targets}
        return self.workshop.look(lambda each: place_of(each) in places).targets

    def _ready(self, each: TargetAssessment) -> Reach | None:
        """The best method that is ready already, if one is."""
        for method in self.methods:
            if each.method(method).verdict is READY:
                return Reach(each.target, method, READY, READY)
        return None

    # --- one target -----------------------------------------------------------------------------------

    def _for_one(self, observed: TargetAssessment) -> Plan:
        target = observed.target
        found = {method: search(self.workshop, target, method) for method in self._compared()}
        ranked = sorted(
            (method for method in self.methods if method in found), key=lambda m: self._grade(found[m])
        )
        best = ranked[0]
        made: Plan | None = None
        for draft in found[best].ready:
            made = self._checked(observed, best, draft)
            if made.verified or not made.refused:
                break
        if made is None or made.refused:
            made = self._unproved(observed, best, found[best], made)
        return msgspec.structs.replace(
            made, alternatives=tuple(self._alternatives(found, best, made.actions))
        )

    def _compared(self) -> tuple[MethodId, ...]:
        if self.wish is None or not self.compare:
            return self.methods
        return (self.wish, *(m for m in MethodId if m is not self.wish))

    def _grade(self, found: Found) -> tuple[int, tuple[float, ...]]:
        best = found.best
        if best is None:
            return 3, ()
        kind = 0 if best.ready else 1 if best.is_conditional else 2
        return kind, tuple(map(float, best.price))

    def _checked(self, observed: TargetAssessment, method: MethodId, draft: Draft) -> Plan:
        """The draft, proved on the whole account; without actions the observations stand in the way."""
        target = observed.target
        if draft.actions:
            return self.proved(draft.actions, [(target, method)], observed)
        return self._by_observation(observed, method)

    def _by_observation(self, observed: TargetAssessment, method: MethodId) -> Plan:
        """The configuration is right, yet the machine was seen not to work: the trouble is inside it."""
        now = observed.method(method)
        actions: dict[str, Action] = {}
        advice: dict[Advice, None] = {}
        for finding in now.blockers:
            offered = self.workshop.remedies(finding, observed.target, method, self.workshop.estate)
            for remedy in offered[:1]:
                actions.update((action.key, action) for action in remedy.actions)
            for remedy in offered:
                advice.update(dict.fromkeys(remedy.advice))
        proved = self.proved(tuple(actions.values()), [(observed.target, method)], observed)
        return msgspec.structs.replace(
            proved,
            verified=False,
            missing=now.missing,
            doubts=now.blockers,
            advice=tuple(advice),
        )

    def _unproved(
        self, observed: TargetAssessment, method: MethodId, found: Found, refused: Plan | None
    ) -> Plan:
        """What there is to say where no draft holds: a condition, a refusal, or what people must do."""
        target = observed.target
        if refused is not None:
            return refused
        best = found.best
        if best is None:
            return Plan(self.wish, self.profile, (target,), left=(Left(target, method),))
        if best.is_conditional:
            made = self.proved(best.actions, [(target, method)], observed)
            return msgspec.structs.replace(
                made, verified=False, missing=best.missing, doubts=best.doubts, advice=best.advice
            )
        now = observed.method(method)
        left = Left(target, method, now.blockers, now.missing, best.advice)
        return Plan(self.wish, self.profile, (target,), left=(left,), advice=best.advice)

    def _alternatives(
        self, found: dict[MethodId, Found], best: MethodId, taken: Sequence[Action]
    ) -> Iterable[Alternative]:
        keys = {action.key for action in taken}
        for method, each in found.items():
            drafts = each.ready[: 3 if method is best else 1] or ((each.best,) if each.best else ())
            for draft in drafts:
                if method is best and {action.key for action in draft.actions} == keys:
                    continue
                if method is best and not draft.ready:
                    continue
                yield Alternative(
                    method,
                    linked(draft.actions),
                    self.workshop.cost(draft.actions),
                    max((action.risk for action in draft.actions), default=0),
                    draft.ready,
                    draft.missing,
                    draft.blockers,
                    draft.advice,
                )

    # --- many targets ---------------------------------------------------------------------------------

    def _for_many(self, targets: Sequence[Target]) -> Plan:
        covered = cover(self.workshop, targets, self.methods)
        left = {place_of(each.target) for each in covered.left}
        goals = [target for target in targets if place_of(target) not in left]
        made = self.proved(covered.actions, [(target, None) for target in goals], after=covered.after)
        advice = tuple(dict.fromkeys(each for one in covered.left for each in one.advice))
        return msgspec.structs.replace(made, left=covered.left, bound=covered.bound, advice=advice)

    # --- proof ----------------------------------------------------------------------------------------

    def proved(
        self,
        actions: Sequence[Action],
        goals: Sequence[tuple[Target, MethodId | None]],
        observed: TargetAssessment | None = None,
        after: Assessment | None = None,
    ) -> Plan:
        """Apply and judge every target of the account (`after` if that was done for these very actions)."""
        workshop = self.workshop
        if after is None:
            copy = apply_all(actions, workshop.estate)
            after = workshop.before if copy is workshop.estate else workshop.judge(copy)
        changes = shifts(workshop.before, after)
        worse = tuple(each for each in changes if each.is_worse)
        places: dict[Place, TargetAssessment] = {place_of(each.target): each for each in after.targets}
        olds: dict[Place, TargetAssessment] = {
            place_of(each.target): each for each in workshop.before.targets
        }
        reaches: list[Reach] = []
        for target, method in goals:
            now = places[place_of(target)]
            by = method or next((m for m in self.methods if now.method(m).verdict is READY), self.methods[0])
            was = observed or olds[place_of(target)]
            reaches.append(Reach(target, by, was.method(by).verdict, now.method(by).verdict))
        known = bool(reaches) and all(each.after is READY for each in reaches) and not worse
        steps = tuple(
            Step(
                shown,
                cost_of(action, workshop.estate, workshop.rulebook.prices),
                touched(action, workshop.estate),
            )
            for action, shown in zip(actions, linked(tuple(actions)), strict=True)
        )
        return Plan(
            self.wish,
            self.profile,
            tuple(target for target, _ in goals),
            steps,
            tuple(reaches),
            changes,
            worse,
            verified=known,
            missing=()
            if known
            else tuple(
                dict.fromkeys(
                    missing
                    for each in reaches
                    for missing in places[place_of(each.target)].method(each.method).missing
                )
            ),
            assumes=self._assumed(reaches, places),
        )

    def _assumed(self, reaches: Sequence[Reach], places: dict[Place, TargetAssessment]) -> tuple[str, ...]:
        """What no API shows and every proof takes for granted: what listens, what the system filters."""
        found: dict[str, None] = {}
        if any(each.method is MethodId.SESSION_MANAGER for each in reaches):
            found["agent"] = None
        for each in reaches:
            for trace in places[place_of(each.target)].method(each.method).traces:
                if trace.assumptions and trace.flow.port in (22, 3389):
                    found["listener"] = None
        return tuple(found)

    def narrowed(self, made: Plan, without: Collection[str]) -> Plan:
        """The plan without some of its steps (and those that need their results), proved again."""
        gone = set(without)
        kept: list[Action] = []
        for action in made.actions:
            if action.key in gone or _needed(action) & gone:
                gone.add(action.key)
            else:
                kept.append(action)
        goals = [(each.target, each.method) for each in made.reaches]
        proof = self.proved(kept, goals)
        return msgspec.structs.replace(
            proof,
            targets=made.targets,
            left=made.left,
            advice=made.advice,
            alternatives=made.alternatives,
            ready_before=made.ready_before,
        )


def _needed(action: Action) -> set[str]:
    return {ref.action for ref in refs_in(action.parameters)}
