"""Which method to use, and why: profiles, needs, and what it takes where nothing is ready."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Final

import msgspec

from advisor.advice.effort import Effort, effort_of
from advisor.advice.words import say
from advisor.methods.answer import Certainty
from advisor.methods.assessment import (
    Assessment,
    MethodAssessment,
    MethodId,
    Recommendation,
    TargetAssessment,
)
from advisor.methods.options import Use
from advisor.model.errors import InputError
from advisor.model.verdict import BLOCKED, READY, UNKNOWN

if TYPE_CHECKING:
    from advisor.rulebook import Profile, RuleBook

Lacking = tuple[str, ...]


class Needs(msgspec.Struct, frozen=True):
    """What the person asks of a method beyond the profile.

    `use` is what the connection is for (None: anything the platform offers), `must_be_logged` that what is
    typed is on record, `no_new_cost` that nothing is to be paid for that is not paid for today,
    `survive_zone` that one Availability Zone may fail.
    """

    use: Use | None = None
    must_be_logged: bool = False
    no_new_cost: bool = False
    survive_zone: bool = False


ANYTHING: Final = Needs()


def recommend(
    assessment: Assessment,
    rulebook: RuleBook,
    profile: str = "balanced",
    needs: Needs = ANYTHING,
    lang: str = "en",
) -> Assessment:
    """The assessment with a recommendation for every target.

    Of the methods that are ready and meet the needs, the one that serves the profile best; if none is, the
    one that takes the least to become ready. What is kept for emergencies comes after every other ready
    method unless the profile is one for emergencies. Raises InputError for a profile that the rules do not
    have.
    """
    if profile not in rulebook.profiles:
        raise InputError(
            f"There is no profile `{profile}`", f"Profiles: {', '.join(sorted(rulebook.profiles))}."
        )
    bench = _Bench(rulebook, rulebook.profiles[profile], needs, lang)
    return msgspec.structs.replace(
        assessment,
        targets=tuple(
            msgspec.structs.replace(each, recommended=bench.recommendation(each))
            for each in assessment.targets
        ),
    )


def score(rulebook: RuleBook, method: MethodId, profile: Profile) -> float:
    """How well a method serves a profile, from 0 to 100."""
    scores = rulebook.methods[method.value].scores
    return sum(weight * scores.get(criterion, 0.0) for criterion, weight in profile.weights.items())


class _Bench:
    """Judges targets; targets that share all their method assessments share the recommendation."""

    def __init__(self, rulebook: RuleBook, profile: Profile, needs: Needs, lang: str) -> None:
        self.rulebook = rulebook
        self.profile = profile
        self.needs = needs
        self.lang = lang
        self.scores = {MethodId(name): score(rulebook, MethodId(name), profile) for name in rulebook.methods}
        self._known: dict[Hashable, Recommendation | None] = {}
        self._efforts: dict[int, Effort] = {}
        # Identities are keys only while the values live; this keeps them alive.
        self._kept: list[tuple[MethodAssessment, ...]] = []

    def recommendation(self, each: TargetAssessment) -> Recommendation | None:
        key = (tuple(map(id, each.methods)), each.target.platform)
        if key not in self._known:
            self._known[key] = self._judge(each)
            self._kept.append(each.methods)
        return self._known[key]

    def _judge(self, each: TargetAssessment) -> Recommendation | None:
        ready = [method for method in each.methods if method.verdict is READY]
        if ready:
            best = min(
                ready,
                key=lambda method: (
                    self._is_last_resort(method),
                    len(self._lacks(method, each)),
                    -self.scores[method.method],
                ),
            )
            return self._ready(each, best, ready)
        nearest = self._nearest(each, each.methods)
        return self._not_ready(each, nearest) if nearest is not None else None

    def _is_last_resort(self, method: MethodAssessment) -> bool:
        traits = self.rulebook.methods[method.method.value].traits
        return not self.profile.is_emergency and "last-resort" in traits

    def _nearest(
        self, each: TargetAssessment, methods: tuple[MethodAssessment, ...]
    ) -> MethodAssessment | None:
        """The one of these methods that takes the least to become ready; None if none can."""
        return min(
            (method for method in methods if self._effort(method).is_possible),
            key=lambda method: (
                self._is_last_resort(method),
                len(self._lacks(method, each)),
                self._effort(method),
                -self.scores[method.method],
            ),
            default=None,
        )

    def _effort(self, method: MethodAssessment) -> Effort:
        found = self._efforts.get(id(method))
        if found is None:
            found = self._efforts[id(method)] = effort_of(method)
        return found

    def _lacks(self, method: MethodAssessment, each: TargetAssessment) -> Lacking:
        """The traits that profile and needs ask for and the method does not have."""
        traits = set(self.rulebook.methods[method.method.value].traits)
        wanted = list(self.profile.requires)
        if self.needs.use is not None:
            wanted.append(self.needs.use.value)
        if self.needs.must_be_logged:
            wanted.append("content-log")
        if self.needs.survive_zone:
            wanted.append("az-redundant")
        lacking = [trait for trait in dict.fromkeys(wanted) if trait not in traits]
        # What is ready costs nothing new, whatever it cost when it was built.
        if self.needs.no_new_cost and method.verdict is not READY and self._effort(method).costs:
            lacking.append("no-cost")
        return tuple(lacking)

    # --- words ---------------------------------------------------------------------------------------

    def _ready(
        self, each: TargetAssessment, best: MethodAssessment, ready: list[MethodAssessment]
    ) -> Recommendation:
        reasons = [self._say("advice.ready")]
        lacks = self._lacks(best, each)
        if lacks:
            reasons.append(self._say("advice.unsuited", lacks=self._traits(lacks)))
        if len(ready) == 1:
            reasons.append(self._say("advice.only"))
        else:
            is_first = all(self.scores[each.method] <= self.scores[best.method] for each in ready)
            reasons.append(
                self._say(
                    "advice.strong" if is_first else "advice.fits",
                    profile=self.profile.title.in_(self.lang),
                    criteria=self._strengths(best.method),
                )
            )
        if best.via:
            reasons.append(self._say("advice.via", via=best.via))
        if not self._is_last_resort(best):
            return Recommendation(best.method, READY, tuple(reasons), self._others(each, best))
        reasons.append(self._say("advice.last-resort"))
        others = tuple(method for method in each.methods if not self._is_last_resort(method))
        nearest = self._nearest(each, others)
        if nearest is None:
            return Recommendation(best.method, READY, tuple(reasons), self._others(each, best))
        reasons.append(self._better(nearest))
        return Recommendation(best.method, READY, tuple(reasons), self._others(each, best), nearest.method)

    def _better(self, nearest: MethodAssessment) -> str:
        name = self.rulebook.methods[nearest.method.value].title.in_(self.lang)
        if not nearest.blockers:
            return self._say("advice.better-unproved", method=name, missing=self._missing(nearest))
        count, causes = self._to_repair(nearest)
        return self._say("advice.better", method=name, count=str(count), causes=causes)

    def _to_repair(self, method: MethodAssessment) -> tuple[int, str]:
        """How many causes there are to repair, and which; several findings of one cause count once."""
        causes = list(dict.fromkeys(self._cause(finding.cause) for finding in method.blockers))
        return len(causes), "; ".join(causes)

    def _missing(self, method: MethodAssessment) -> str:
        operations = dict.fromkeys(each.operation for each in method.missing)
        return _JOINT[self.lang == "ja"].join(self._fact(each) for each in sorted(operations)) or "-"

    def _fact(self, operation: str) -> str:
        """What is missing: AWS's operation as it is, what only the person knows in words."""
        return operation if ":" in operation else self._say(f"fact.{operation}")

    def _not_ready(self, each: TargetAssessment, best: MethodAssessment) -> Recommendation:
        lacks = self._lacks(best, each)
        reasons: list[str] = []
        if best.blockers:
            count, causes = self._to_repair(best)
            reasons.append(self._say("advice.nearest", count=str(count), causes=causes))
        else:
            reasons.append(self._say("advice.unproved", missing=self._missing(best)))
        if lacks:
            reasons.append(self._say("advice.unsuited", lacks=self._traits(lacks)))
        return Recommendation(best.method, best.verdict, tuple(reasons), self._others(each, best))

    def _others(self, each: TargetAssessment, best: MethodAssessment) -> tuple[str, ...]:
        return tuple(self._why_not(each, method, best) for method in each.methods if method is not best)

    def _why_not(self, each: TargetAssessment, method: MethodAssessment, best: MethodAssessment) -> str:
        name = self.rulebook.methods[method.method.value].title.in_(self.lang)
        if method.verdict is READY:
            lacks = [trait for trait in self._lacks(method, each) if trait not in self._lacks(best, each)]
            if self._is_last_resort(method):
                return self._say("advice.other-last-resort", method=name)
            if lacks:
                return self._say("advice.other-lacks", method=name, lacks=self._traits(tuple(lacks)))
            weak = self._weakness(method.method, best.method)
            if weak is None:
                return self._say("advice.other-equal", method=name)
            return self._say("advice.other-weaker", method=name, criterion=weak)
        if method.verdict is BLOCKED and method.blockers:
            first = next((f for f in method.blockers if f.certainty is Certainty.CERTAIN), method.blockers[0])
            cause = self._cause(first.cause)
            if not self._effort(method).is_possible:
                return self._say("advice.other-inapplicable", method=name, cause=cause)
            behind = self._behind(each, method, best)
            text = "advice.other-blocked" if behind is None else "advice.other-behind"
            return self._say(text, method=name, cause=cause, behind=behind or "")
        if method.verdict is UNKNOWN and method.missing:
            operation = method.missing[0].operation
            text = "advice.other-unknown" if ":" in operation else "advice.other-lacks-fact"
            return self._say(text, method=name, missing=self._fact(operation))
        if method.blockers:
            return self._say("advice.other-likely", method=name, cause=self._cause(method.blockers[0].cause))
        return self._say("advice.other-unknown", method=name, missing="-")

    def _behind(self, each: TargetAssessment, method: MethodAssessment, best: MethodAssessment) -> str | None:
        """What puts one blocked method behind another; None where its verdict alone does."""
        if best.verdict is not BLOCKED:
            return None
        if self._is_last_resort(method) and not self._is_last_resort(best):
            return self._say("advice.behind.last-resort")
        lacks, theirs = self._lacks(method, each), self._lacks(best, each)
        if len(lacks) > len(theirs):
            more = tuple(trait for trait in lacks if trait not in theirs)
            return self._say("advice.behind.lacks", lacks=self._traits(more))
        mine, nearest = self._effort(method), self._effort(best)
        if mine.risk > nearest.risk:
            return self._say("advice.behind.risk")
        if mine.costs and not nearest.costs:
            return self._say("advice.behind.cost")
        if mine.changes > nearest.changes:
            return self._say("advice.behind.changes", count=str(mine.changes))
        return self._say("advice.behind.profile", profile=self.profile.title.in_(self.lang))

    def _strengths(self, method: MethodId, most: int = 2) -> str:
        scores = self.rulebook.methods[method.value].scores
        weighed = sorted(
            self.profile.weights, key=lambda name: -self.profile.weights[name] * scores.get(name, 0.0)
        )
        return ", ".join(self._criterion(name) for name in weighed[:most])

    def _weakness(self, method: MethodId, best: MethodId) -> str | None:
        mine, theirs = (self.rulebook.methods[each.value].scores for each in (method, best))
        losses = {
            name: weight * (theirs.get(name, 0.0) - mine.get(name, 0.0))
            for name, weight in self.profile.weights.items()
        }
        worst = max(losses, key=lambda name: losses[name])
        return self._criterion(worst) if losses[worst] > 0 else None

    def _criterion(self, name: str) -> str:
        found = self._say(f"criterion.{name}")
        return found.lower() if self.lang == "en" else found

    def _traits(self, traits: Lacking) -> str:
        return _JOINT[self.lang == "ja"].join(self._say(f"trait.{trait}") for trait in traits)

    def _cause(self, cause: str) -> str:
        entry = self.rulebook.causes.get(cause)
        return entry.title.in_(self.lang).rstrip(".") if entry is not None else cause

    def _say(self, text: str, **names: str) -> str:
        return say(self.rulebook, self.lang, text, **names)


_JOINT: Final = (", ", "、")
