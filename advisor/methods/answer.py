"""What a check answers, and how answers combine."""

from __future__ import annotations

import enum
from collections.abc import Iterable

import msgspec

from advisor.model.evidence import Evidence, Missing
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict, all_of, any_of
from advisor.network.repairs import Repair
from advisor.network.trace import Trace


class Certainty(enum.Enum):
    """How sure a cause is: the API's answer proves it, it is likely, or only the OS could tell."""

    CERTAIN = "certain"
    LIKELY = "likely"
    INVISIBLE = "invisible"


class Finding(msgspec.Struct, frozen=True):
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


class Answer(msgspec.Struct, frozen=True):
    """A check's answer.

    BLOCKED names findings, UNKNOWN names what is missing (or findings that are only likely), READY carries
    the evidence it stands on. `notes` are causes that do not block (risks, side effects), `traces` the
    network paths that were looked at.
    """

    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[Finding, ...] = ()
    traces: tuple[Trace, ...] = ()


PASS = Answer(READY)


def passes(*evidence: Evidence, notes: tuple[Finding, ...] = ()) -> Answer:
    """READY, because of this evidence."""
    return Answer(READY, evidence=evidence, notes=notes)


def blocked(*findings: Finding) -> Answer:
    """BLOCKED by these findings."""
    return Answer(BLOCKED, findings=findings)


def unknown(*missing: Missing, findings: tuple[Finding, ...] = ()) -> Answer:
    """UNKNOWN, because this is missing (or because of findings that are only likely)."""
    return Answer(UNKNOWN, findings=findings, missing=missing)


def every(answers: Iterable[Answer]) -> Answer:
    """All are needed: every blocker is listed, not only the first."""
    return _joined(all_of, list(answers))


def either(answers: Iterable[Answer]) -> Answer:
    """One is enough: the best one's answer; if none passes, the findings of all."""
    options = list(answers)
    best = any_of(option.verdict for option in options)
    if best is READY:
        return next(option for option in options if option.verdict is READY)
    return _joined(any_of, options)


def _joined(combine: object, answers: list[Answer]) -> Answer:
    assert callable(combine)
    return Answer(
        verdict=combine(answer.verdict for answer in answers),
        findings=tuple(dict.fromkeys(each for answer in answers for each in answer.findings)),
        missing=tuple(dict.fromkeys(each for answer in answers for each in answer.missing)),
        evidence=tuple(dict.fromkeys(each for answer in answers for each in answer.evidence)),
        notes=tuple(dict.fromkeys(each for answer in answers for each in answer.notes)),
        traces=tuple(trace for answer in answers for trace in answer.traces),
    )
