"""What a check answers, and how answers combine."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import msgspec

from advisor.model.evidence import SELF, Evidence, Missing, bind
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict, all_of, any_of
from advisor.network.repairs import Repair
from advisor.network.trace import Trace


class Certainty(enum.Enum):
    """How sure a cause is: the API's answer proves it, it is likely, or only the OS could tell."""

    CERTAIN = "certain"
    LIKELY = "likely"
    INVISIBLE = "invisible"


class Finding(msgspec.Struct, frozen=True, gc=False):
    """A cause that was found: `cause` is its id in rules/causes, `resource` what it is about.

    `code` is the network's explanation code where it came from a trace; `repairs` are network repairs;
    remedies of other kinds hang on the cause. `says` is the deciding fact in one sentence.
    """

    cause: str
    resource: str
    says: str = ""
    certainty: Certainty = Certainty.CERTAIN
    evidence: tuple[Evidence, ...] = ()
    code: str | None = None
    direction: str | None = None
    repairs: tuple[Repair, ...] = ()


class Answer(msgspec.Struct, frozen=True, gc=False):
    """A check's answer.

    BLOCKED names findings, UNKNOWN names what is missing (or findings that are only likely), READY carries
    the evidence it stands on. `notes` are causes that do not block (risks, side effects), `traces` the
    network paths that were looked at, `via` the resource that the connection goes through. `refuted` are
    findings that were certain by the configuration alone, and are disproved by what was observed.
    """

    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[Finding, ...] = ()
    traces: tuple[Trace, ...] = ()
    via: str | None = None
    refuted: tuple[Finding, ...] = ()


PASS: Final = Answer(READY)
SILENT: Final = Answer(UNKNOWN)
"""An observation that was not made, or proves nothing: what is inferred decides alone."""


def passes(*evidence: Evidence, notes: tuple[Finding, ...] = ()) -> Answer:
    """READY, because of this evidence."""
    return Answer(READY, evidence=evidence, notes=notes)


def noted(*notes: Finding) -> Answer:
    """READY, with something to know."""
    return Answer(READY, notes=notes)


def blocked(*findings: Finding) -> Answer:
    """BLOCKED by these findings."""
    return Answer(BLOCKED, findings=findings)


def unknown(*missing: Missing, findings: tuple[Finding, ...] = ()) -> Answer:
    """UNKNOWN, because this is missing (or because of findings that are only likely)."""
    return Answer(UNKNOWN, findings=findings, missing=missing)


def suspected(*findings: Finding) -> Answer:
    """UNKNOWN, because of causes that are likely but not proved."""
    return Answer(UNKNOWN, findings=tuple(_with(each, certainty=Certainty.LIKELY) for each in findings))


def every(answers: Iterable[Answer]) -> Answer:
    """All are needed: every blocker is listed, not only the first."""
    return _joined(all_of, list(answers))


def consistent(answers: Iterable[Answer]) -> Answer:
    """All are needed, as `every`; but what was refuted in one answer does not count as proved in another.

    An agent that pings through a network in which the model sees no way shows that the model does not know
    the network. What it says of that network's other ways is likely then, and no longer certain.
    """
    options = list(answers)
    refuted = {each for option in options for each in option.refuted}
    if not refuted:
        return every(options)
    causes = {each.cause for each in refuted}
    of_network = any(each.code for each in refuted)
    return every(
        _doubted(option, lambda each: each.cause in causes or (of_network and each.code is not None))
        for option in options
    )


def _doubted(answer: Answer, is_doubtful: Callable[[Finding], bool]) -> Answer:
    findings = tuple(
        _with(each, certainty=Certainty.LIKELY) if is_doubtful(each) else each for each in answer.findings
    )
    if findings == answer.findings:
        return answer
    is_proved = any(each.certainty is Certainty.CERTAIN for each in findings)
    blocks = answer.verdict is BLOCKED and is_proved
    return _with(answer, verdict=BLOCKED if blocks else UNKNOWN, findings=findings)


def either(answers: Iterable[Answer]) -> Answer:
    """One is enough: the best one's answer; if none passes, the findings of all."""
    options = list(answers)
    best = any_of(option.verdict for option in options)
    if best is READY:
        return next(option for option in options if option.verdict is READY)
    return _joined(any_of, options)


def nearest(answers: Iterable[Answer]) -> Answer:
    """One is enough: the answer of the option that passes or is closest to it.

    Unlike `either` it does not list what is wrong with the other options: of twenty possible bastions a
    person wants to repair one.
    """
    rank = {READY: 0, UNKNOWN: 1, BLOCKED: 2}
    return min(answers, key=lambda each: (rank[each.verdict], len(each.findings), len(each.missing)))


def observed(observation: Answer, inference: Answer) -> Answer:
    """Observation beats inference.

    Seen working: READY, and what the model holds against it becomes notes (the model misses something).
    Seen failing: BLOCKED by the causes that the model finds; only without any is the symptom itself the
    blocker. SILENT: the inference decides. Else both are needed.
    """
    if observation.verdict is READY:
        return _contradicted(observation, inference)
    if observation.verdict is BLOCKED and any(
        each.certainty is Certainty.CERTAIN for each in inference.findings
    ):
        explained = every((observation, inference))
        return _with(
            explained,
            findings=inference.findings,
            notes=tuple(dict.fromkeys((*explained.notes, *observation.findings))),
            evidence=tuple(
                dict.fromkeys(
                    (*explained.evidence, *(fact for each in observation.findings for fact in each.evidence))
                )
            ),
        )
    if observation == SILENT:
        return inference
    return every((observation, inference))


def _contradicted(observation: Answer, inference: Answer) -> Answer:
    doubts = tuple(_with(each, certainty=Certainty.LIKELY) for each in inference.findings)
    if any(each.certainty is Certainty.CERTAIN for each in inference.findings):
        says = "It was seen to work, although the configuration as read says otherwise."
        seen = Finding("model-incomplete", SELF, says, Certainty.LIKELY, observation.evidence)
        doubts = (seen, *doubts)
    certain = (each for each in inference.findings if each.certainty is Certainty.CERTAIN)
    return _with(
        observation,
        refuted=(*observation.refuted, *inference.refuted, *certain),
        notes=tuple(dict.fromkeys((*observation.notes, *inference.notes, *doubts))),
        traces=(*observation.traces, *inference.traces),
        via=observation.via or inference.via,
    )


def _joined(combine: Callable[[Iterable[Verdict]], Verdict], answers: list[Answer]) -> Answer:
    return Answer(
        verdict=combine(answer.verdict for answer in answers),
        findings=tuple(dict.fromkeys(each for answer in answers for each in answer.findings)),
        missing=tuple(dict.fromkeys(each for answer in answers for each in answer.missing)),
        evidence=tuple(dict.fromkeys(each for answer in answers for each in answer.evidence)),
        notes=tuple(dict.fromkeys(each for answer in answers for each in answer.notes)),
        traces=tuple(trace for answer in answers for trace in answer.traces),
        via=next((answer.via for answer in answers if answer.via), None),
        refuted=tuple(dict.fromkeys(each for answer in answers for each in answer.refuted)),
    )


_S = TypeVar("_S", bound=msgspec.Struct)


def _with(value: _S, **changes: Any) -> _S:
    changed: _S = msgspec.structs.replace(value, **changes)
    return changed


def bound(value: _S, target: str) -> _S:
    """The value with the target's id in every text that says SELF.

    Works for findings, evidence, missing data, repairs and whole method assessments; traces inside are
    bound too.
    """
    result = _bound(value, target)
    assert isinstance(result, type(value))
    return result


def _bound(value: Any, target: str) -> Any:
    """The same object where nothing in it says SELF: most of what a target is told is not about itself."""
    if isinstance(value, str):
        return bind(value, target)
    if isinstance(value, tuple):
        parts = [_bound(each, target) for each in value]
        changed = any(new is not old for new, old in zip(parts, value, strict=True))
        return tuple(parts) if changed else value
    if isinstance(value, msgspec.Struct):
        names = value.__struct_fields__
        members = [_bound(getattr(value, name), target) for name in names]
        if all(new is getattr(value, name) for new, name in zip(members, names, strict=True)):
            return value
        return type(value)(**dict(zip(names, members, strict=True)))
    return value
