"""The break-glass view and the readiness summary as screens show them."""

from __future__ import annotations

from typing import Final

from advisor.advice.readiness import readiness
from advisor.advice.resilience import Failure, resilience
from advisor.methods.assessment import Assessment, Target, TargetAssessment
from advisor.model.estate import Estate
from advisor.model.verdict import UNKNOWN
from advisor.report.rows import COLUMN_NAMES, METHOD_NAMES, Causes, Say, shown_name
from advisor.tui.desk import WayLine, Words

_TOP_CAUSES: Final = 12


def sections(
    assessment: Assessment, estate: Estate, causes: Causes, words: Words, say: Say
) -> tuple[tuple[str, tuple[WayLine, ...]], ...]:
    """Who has no way in, what fails together, who has only one, and the commonest causes."""
    view = resilience(assessment, estate)
    known = {_place(each.target): each for each in assessment.targets}
    none = tuple(
        WayLine(shown_name(each), _hope(known[_place(each)], words, say), (each.id,)) for each in view.none
    )
    one = tuple(
        WayLine(shown_name(each.target), say(METHOD_NAMES[each.ways[0].method]), (each.target.id,))
        for each in view.one
    )
    together = tuple(_failure(each, words) for each in view.failures if len(each.cut_off) > 1)
    return (
        (words("tui.ways-none"), none),
        (words("tui.ways-together"), together),
        (words("tui.ways-one"), one),
        (words("tui.ways-causes"), _causes(assessment, causes, words)),
    )


def _place(target: Target) -> tuple[str, str, str]:
    return target.account, target.region, target.id


def _hope(assessed: TargetAssessment, words: Words, say: Say) -> str:
    unknown = [say(METHOD_NAMES[each.method]) for each in assessed.methods if each.verdict is UNKNOWN]
    state = "" if assessed.target.state in ("running", "online") else f"{assessed.target.state}; "
    if unknown:
        return f"{state}{words('tui.not-known')}: {', '.join(unknown)}"
    return f"{state}{words('tui.ways-all-blocked')}"


def _failure(failure: Failure, words: Words) -> WayLine:
    part = failure.part
    kind = "Availability Zone" if part.kind == "zone" else part.kind.replace("-", " ")
    detail = f"{kind} · {words('tui.ways-without').format(count=len(failure.cut_off))}"
    if failure.weakened:
        detail += words("tui.ways-weakened").format(count=failure.weakened)
    return WayLine(part.id, detail, tuple(each.id for each in failure.cut_off))


def _causes(assessment: Assessment, causes: Causes, words: Words) -> tuple[WayLine, ...]:
    lines = []
    for top in readiness(assessment).causes[:_TOP_CAUSES]:
        methods = ", ".join(COLUMN_NAMES[each] for each in top.methods)
        text = words("tui.ways-alone" if top.alone else "tui.ways-blocks")
        blocks = text.format(count=top.targets, alone=top.alone)
        concerned = tuple(
            each.target.id
            for each in assessment.targets
            if any(blocker.cause == top.cause for method in each.methods for blocker in method.blockers)
        )
        lines.append(WayLine(causes(top.cause).title, f"{blocks} ({methods})", concerned))
    return tuple(lines)
