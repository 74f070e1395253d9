"""The break-glass view and the readiness summary as screens show them."""

from __future__ import annotations

from typing import Final

from advisor.advice.readiness import readiness
from advisor.advice.resilience import Failure, resilience
from advisor.methods.assessment import Assessment, Target, TargetAssessment
from advisor.model.estate import Estate
from advisor.model.verdict import UNKNOWN
from advisor.report.rows import COLUMN_NAMES, METHOD_NAMES, Causes, shown_name
from advisor.tui.desk import WayLine, Words

_TOP_CAUSES: Final = 12


def sections(
    assessment: Assessment, estate: Estate, causes: Causes, words: Words
) -> tuple[tuple[str, tuple[WayLine, ...]], ...]:
    """Who has no way in, what fails together, who has only one, and the commonest causes."""
    view = resilience(assessment, estate)
    known = {_place(each.target): each for each in assessment.targets}
    none = tuple(WayLine(shown_name(each), _hope(known[_place(each)]), (each.id,)) for each in view.none)
    one = tuple(
        WayLine(shown_name(each.target), METHOD_NAMES[each.ways[0].method], (each.target.id,))
        for each in view.one
    )
    together = tuple(_failure(each) for each in view.failures if len(each.cut_off) > 1)
    return (
        (words("tui.ways-none"), none),
        (words("tui.ways-together"), together),
        (words("tui.ways-one"), one),
        (words("tui.ways-causes"), _causes(assessment, causes)),
    )


def _place(target: Target) -> tuple[str, str, str]:
    return target.account, target.region, target.id


def _hope(assessed: TargetAssessment) -> str:
    unknown = [METHOD_NAMES[each.method] for each in assessed.methods if each.verdict is UNKNOWN]
    state = "" if assessed.target.state in ("running", "online") else f"{assessed.target.state}; "
    return f"{state}not known: {', '.join(unknown)}" if unknown else f"{state}every method is blocked"


def _failure(failure: Failure) -> WayLine:
    part = failure.part
    kind = "Availability Zone" if part.kind == "zone" else part.kind.replace("-", " ")
    weakened = f", {failure.weakened} more lose one of several ways" if failure.weakened else ""
    detail = f"{kind} · without it {len(failure.cut_off)} targets have no way in{weakened}"
    return WayLine(part.id, detail, tuple(each.id for each in failure.cut_off))


def _causes(assessment: Assessment, causes: Causes) -> tuple[WayLine, ...]:
    lines = []
    for top in readiness(assessment).causes[:_TOP_CAUSES]:
        methods = ", ".join(COLUMN_NAMES[each] for each in top.methods)
        alone = f", {top.alone} of them by it alone" if top.alone else ""
        concerned = tuple(
            each.target.id
            for each in assessment.targets
            if any(blocker.cause == top.cause for method in each.methods for blocker in method.blockers)
        )
        lines.append(
            WayLine(causes(top.cause).title, f"blocks {top.targets} targets{alone} ({methods})", concerned)
        )
    return tuple(lines)
