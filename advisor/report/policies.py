"""The organisation's own rules over an assessment: notes, and what is not to be recommended."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from advisor.methods.answer import Finding
from advisor.methods.assessment import (
    Assessment,
    MethodAssessment,
    MethodId,
    Recommendation,
    TargetAssessment,
)
from advisor.model.verdict import BLOCKED, READY
from advisor.report.document import assessment_document
from advisor.rulebook.policies import applies

if TYPE_CHECKING:
    from advisor.rulebook import RuleBook
    from advisor.rulebook.entries import Policy

Recommend = Callable[[Assessment], Assessment]


def governed(assessment: Assessment, rulebook: RuleBook, recommend: Recommend, lang: str) -> Assessment:
    """The assessment with recommendations that keep to the enabled policies.

    Verdicts stay what they are: a policy says what ought to be used, not what works. Every policy that holds
    for a method is a note on it; a forbidden method is not recommended; a preferred one is, if it is ready.
    """
    enabled = [each for each in rulebook.policies.values() if each.enabled]
    recommended = recommend(assessment)
    if not enabled:
        return recommended
    told = assessment_document(recommended)["targets"]
    held = [_held(enabled, one) for one in told]
    fenced = msgspec.structs.replace(
        assessment,
        targets=tuple(_fenced(one, rules) for one, rules in zip(assessment.targets, held, strict=True)),
    )
    allowed = recommend(fenced)
    targets = (
        _with_rules(one, rules, again.recommended, lang)
        for one, rules, again in zip(assessment.targets, held, allowed.targets, strict=True)
    )
    return msgspec.structs.replace(assessment, targets=tuple(targets))


Held = dict[str, tuple["Policy", ...]]


def _held(policies: list[Policy], target: dict[str, Any]) -> Held:
    """The policies that hold, by method."""
    return {
        method["method"]: tuple(each for each in policies if applies(each, target, method))
        for method in target["methods"]
    }


def _forbids(rules: Held, method: MethodId) -> Policy | None:
    return next((each for each in rules[method.value] if each.effect == "forbid"), None)


def _fenced(one: TargetAssessment, rules: Held) -> TargetAssessment:
    """The target as the recommendation is to see it: what is forbidden does not lead in."""
    return msgspec.structs.replace(
        one,
        methods=tuple(
            each
            if (policy := _forbids(rules, each.method)) is None
            else msgspec.structs.replace(each, verdict=BLOCKED, blockers=(Finding(policy.id, policy.id),))
            for each in one.methods
        ),
    )


def _with_rules(
    one: TargetAssessment, rules: Held, recommended: Recommendation | None, lang: str
) -> TargetAssessment:
    methods = tuple(_noted(each, rules[each.method.value], lang) for each in one.methods)
    if recommended is not None and _forbids(rules, recommended.method) is not None:
        # Even the nearest to repair is forbidden: nothing is left to recommend.
        recommended = None
    preferred = next((each for each in one.methods if _is_preferred(each, rules)), None)
    if preferred is not None and (recommended is None or recommended.method is not preferred.method):
        policy = next(each for each in rules[preferred.method.value] if each.effect == "prefer")
        others = recommended.others if recommended else ()
        recommended = Recommendation(preferred.method, READY, (policy.title.in_(lang),), others)
    return msgspec.structs.replace(one, methods=methods, recommended=recommended)


def _is_preferred(method: MethodAssessment, rules: Held) -> bool:
    return (
        method.verdict is READY
        and any(each.effect == "prefer" for each in rules[method.method.value])
        and _forbids(rules, method.method) is None
    )


def _noted(method: MethodAssessment, rules: tuple[Policy, ...], lang: str) -> MethodAssessment:
    if not rules:
        return method
    notes = tuple(Finding(each.id, each.effect, each.meaning.in_(lang)) for each in rules)
    return msgspec.structs.replace(method, notes=(*method.notes, *notes))
