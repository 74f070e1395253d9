"""Rows made from an assessment: what tables and screens show, as plain text values.

Every text that came from the account has passed `plain`; markup, shell and HTML escaping belong to the place
that prints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from advisor.methods.answer import Certainty, Finding
from advisor.methods.assessment import (
    Assessment,
    MethodAssessment,
    MethodId,
    Target,
    TargetAssessment,
)
from advisor.model.evidence import Evidence, Missing, bind
from advisor.model.text import plain
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict, any_of

METHODS: Final = tuple(MethodId)
"""The methods in the order of their columns."""

COLUMN_NAMES: Final = {
    MethodId.SESSION_MANAGER: "SSM",
    MethodId.INSTANCE_CONNECT_ENDPOINT: "EICE",
    MethodId.BASTION: "Bastion",
    MethodId.INSTANCE_CONNECT: "EIC",
    MethodId.DIRECT: "Direct",
    MethodId.SERIAL_CONSOLE: "Serial",
}
"""Names short enough for a column's head; people and filters use them as well."""

METHOD_NAMES: Final = {
    MethodId.SESSION_MANAGER: "Session Manager",
    MethodId.INSTANCE_CONNECT_ENDPOINT: "Instance Connect Endpoint",
    MethodId.BASTION: "Bastion",
    MethodId.INSTANCE_CONNECT: "Instance Connect",
    MethodId.DIRECT: "Direct SSH/RDP",
    MethodId.SERIAL_CONSOLE: "Serial console",
}


Say = Callable[[str], str]
"""Gives an English text of the code in the person's language; `str` leaves it as it is."""


class Mark(msgspec.Struct, frozen=True, gc=False):
    """A verdict as people see it: never colour alone, so a glyph and a word; `verdict` None: not assessed."""

    glyph: str
    word: str
    verdict: Verdict | None = None

    @property
    def text(self) -> str:
        """Glyph and word."""
        return f"{self.glyph} {self.word}"

    def said(self, say: Say) -> str:
        """Glyph and word in the person's language."""
        return f"{self.glyph} {say(self.word)}"


_METHOD_MARKS: Final = {
    READY: Mark("✓", "ready", READY),
    BLOCKED: Mark("✗", "blocked", BLOCKED),
    UNKNOWN: Mark("?", "unknown", UNKNOWN),
}
_PATH_MARKS: Final = {**_METHOD_MARKS, READY: Mark("✓", "reachable", READY)}
NOT_ASSESSED: Final = Mark("·", "n/a")


def mark(verdict: Verdict | None) -> Mark:
    """A method's verdict with its glyph and word; None where the method was not assessed."""
    return NOT_ASSESSED if verdict is None else _METHOD_MARKS[verdict]


def path_mark(verdict: Verdict) -> Mark:
    """A path's verdict: `reachable` in place of `ready`."""
    return _PATH_MARKS[verdict]


# --- fleet ---


class FleetRow(msgspec.Struct, frozen=True, gc=False):
    """One line of the fleet table; `marks` in the order of METHODS, absent values are empty texts.

    `advice` says the recommended method and, if it is not ready, what has to happen first; `advice_text`
    in whole names, `advice_short` in those of the columns, `advice_brief` without what would be better.
    """

    id: str
    name: str
    platform: str
    state: str
    account: str
    region: str
    vpc: str
    subnet: str
    private_ip: str
    public_ip: str
    marks: tuple[Mark, ...]
    advised: MethodId | None
    advice: Mark
    advice_text: str
    advice_short: str
    advice_brief: str


def fleet_row(assessed: TargetAssessment, say: Say = str) -> FleetRow:
    """The fleet table's line for one target."""
    target = assessed.target
    verdicts = {each.method: each.verdict for each in assessed.methods}
    recommended = assessed.recommended
    return FleetRow(
        id=plain(target.id),
        name=plain(target.name),
        platform=plain(target.platform),
        state=plain(target.state),
        account=target.account,
        region=target.region,
        vpc=plain(target.vpc or ""),
        subnet=plain(target.subnet or ""),
        private_ip=target.private_ip or "",
        public_ip=target.public_ip or "",
        marks=tuple(mark(verdicts.get(method)) for method in METHODS),
        advised=recommended.method if recommended else None,
        advice=mark(recommended.verdict if recommended else None),
        advice_text=advice_text(assessed, METHOD_NAMES, say),
        advice_short=advice_text(assessed, COLUMN_NAMES, say),
        advice_brief=advice_text(assessed, COLUMN_NAMES, say, with_repair=False),
    )


def fleet_rows(assessment: Assessment) -> list[FleetRow]:
    """A line for every target, in the assessment's order."""
    return [fleet_row(each) for each in assessment.targets]


def advice_text(
    assessed: TargetAssessment,
    names: Mapping[MethodId, str] = METHOD_NAMES,
    say: Say = str,
    *,
    with_repair: bool = True,
) -> str:
    """The recommendation in a few words: use it, repair it, or find out what is missing.

    `with_repair` adds what should be repaired where only a method for emergencies is ready.
    """
    recommended = assessed.recommended
    if recommended is None:
        return say("no way in")
    deed = _deed(assessed, recommended.method, names, say)
    if recommended.repair is None or not with_repair:
        return deed
    return f"{deed}, {_deed(assessed, recommended.repair, names, say)}"


def _deed(assessed: TargetAssessment, method: MethodId, names: Mapping[MethodId, str], say: Say) -> str:
    return say(DEEDS[assessed.method(method).verdict]).format(method=say(names[method]))


DEEDS: Final = {READY: "use {method}", BLOCKED: "fix {method}", UNKNOWN: "try {method}"}
"""What to do with the recommended method, by its verdict."""


def has_problem(assessed: TargetAssessment) -> bool:
    """Whether a person should look: no method is known to be ready."""
    return not any(each.verdict is READY for each in assessed.methods)


class MethodCount(msgspec.Struct, frozen=True):
    """How many targets a method is ready, blocked and unknown for."""

    method: MethodId
    name: str
    ready: int
    blocked: int
    unknown: int


def method_counts(assessment: Assessment) -> tuple[MethodCount, ...]:
    """The counts of every method, over all targets."""
    counted: Counter[tuple[MethodId, Verdict]] = Counter()
    for methods, count in _kinds(assessment):
        for each in methods:
            counted[each.method, each.verdict] += count
    return tuple(
        MethodCount(
            method,
            METHOD_NAMES[method],
            counted[method, READY],
            counted[method, BLOCKED],
            counted[method, UNKNOWN],
        )
        for method in METHODS
    )


def ways_counted(assessment: Assessment) -> dict[Verdict, int]:
    """How many targets have a way in (READY), none (BLOCKED), or none that is known (UNKNOWN)."""
    counted = dict.fromkeys((READY, BLOCKED, UNKNOWN), 0)
    for methods, count in _kinds(assessment):
        counted[any_of(each.verdict for each in methods)] += count
    return counted


def _kinds(assessment: Assessment) -> list[tuple[tuple[MethodAssessment, ...], int]]:
    """The different rows of methods with how many targets have each; members of a class share theirs."""
    rows = {id(each.methods): each.methods for each in assessment.targets}
    counts = Counter(id(each.methods) for each in assessment.targets)
    return [(rows[key], count) for key, count in counts.items()]


# --- texts of causes ---


class CauseText(msgspec.Struct, frozen=True):
    """What the rulebook says about a cause, in one language; empty where it says nothing."""

    title: str
    meaning: str = ""
    remedy: str = ""
    documentation: str = ""
    user_sees: str = ""


Causes = Callable[[str], CauseText]
"""Gives the text of a cause by its id."""


def untitled(cause: str) -> CauseText:
    """The text of a cause that no rulebook describes: its id, readable."""
    return CauseText(cause.replace("-", " "))


# --- one method of one target ---


class EvidenceLine(msgspec.Struct, frozen=True):
    """A fact and where it was read; `operation` and `resource` lead to the raw record."""

    operation: str
    resource: str
    says: str
    field: str = ""

    @property
    def text(self) -> str:
        """The fact with its source."""
        source = " ".join(part for part in (self.operation, self.resource, self.field) if part)
        return f"{self.says} ({source})" if self.says else source


class BlockerLine(msgspec.Struct, frozen=True):
    """A cause for people: what is wrong, where, how sure it is, and what shows it."""

    cause: str
    title: str
    resource: str
    says: str
    certainty: Certainty
    direction: str = ""
    code: str = ""
    meaning: str = ""
    remedy: str = ""
    documentation: str = ""
    evidence: tuple[EvidenceLine, ...] = ()


class MethodRow(msgspec.Struct, frozen=True):
    """One method of one target; `summary` is its deciding fact in one line."""

    method: MethodId
    name: str
    mark: Mark
    summary: str
    via: str
    monthly_cost_usd: float
    recommended: bool
    blockers: tuple[BlockerLine, ...]
    missing: tuple[str, ...]
    notes: tuple[BlockerLine, ...]
    evidence: tuple[EvidenceLine, ...]


def method_rows(
    assessed: TargetAssessment, causes: Causes = untitled, say: Say = str
) -> tuple[MethodRow, ...]:
    """Every method of a target, in the columns' order."""
    found = {each.method: each for each in assessed.methods}
    return tuple(method_row(assessed, found[method], causes, say) for method in METHODS if method in found)


def method_row(
    assessed: TargetAssessment, method: MethodAssessment, causes: Causes = untitled, say: Say = str
) -> MethodRow:
    """One method of a target, with the target's own id in place of SELF."""
    target = assessed.target.id
    blockers = tuple(blocker_line(each, target, causes) for each in method.blockers)
    missing = tuple(missing_text(each, target) for each in method.missing)
    evidence = evidence_lines(method.evidence, target)
    return MethodRow(
        method=method.method,
        name=say(METHOD_NAMES[method.method]),
        mark=mark(method.verdict),
        summary=_summary(blockers, missing, evidence, say),
        via=plain(bind(method.via or "", target)),
        monthly_cost_usd=method.monthly_cost_usd,
        recommended=assessed.recommended is not None and assessed.recommended.method is method.method,
        blockers=blockers,
        missing=missing,
        notes=tuple(blocker_line(each, target, causes) for each in method.notes),
        evidence=evidence,
    )


def _summary(
    blockers: tuple[BlockerLine, ...],
    missing: tuple[str, ...],
    evidence: tuple[EvidenceLine, ...],
    say: Say,
) -> str:
    if blockers:
        more = say("(+{count} more)").format(count=len(blockers) - 1) if len(blockers) > 1 else ""
        return f"{blockers[0].title} {more}".rstrip()
    if missing:
        return missing[0]
    # The last fact is the nearest to the login: an endpoint, a rule; the first is that it runs. What was seen
    # to work decides before it, and what a policy allows only where there is nothing else.
    seen = [each for each in evidence if each.operation in _OBSERVATIONS]
    facts = [each for each in evidence if not each.operation.startswith("iam:")]
    nearest = seen or facts or evidence
    return nearest[-1].says if nearest else ""


_OBSERVATIONS: Final = ("ssm:DescribeInstanceInformation", "ssm:GetConnectionStatus")


def blocker_line(finding: Finding, target: str, causes: Causes = untitled) -> BlockerLine:
    """A finding with its cause's text."""
    text = causes(finding.cause)
    return BlockerLine(
        cause=finding.cause,
        title=text.title,
        resource=plain(bind(finding.resource, target)),
        says=plain(bind(finding.says, target)),
        certainty=finding.certainty,
        direction=finding.direction or "",
        code=finding.code or "",
        meaning=text.meaning,
        remedy=text.remedy,
        documentation=text.documentation,
        evidence=evidence_lines(finding.evidence, target),
    )


def evidence_lines(evidence: Iterable[Evidence], target: str = "") -> tuple[EvidenceLine, ...]:
    """Facts with their sources, each once."""
    lines = (
        EvidenceLine(
            each.operation, plain(bind(each.resource, target)), plain(bind(each.says, target)), each.field
        )
        for each in evidence
    )
    return tuple(dict.fromkeys(lines))


_STATUS_WORDS: Final = {
    "denied": "was denied",
    "failed": "failed",
    "truncated": "was read in part only",
    "not-asked": "was not asked",
    "absent": "does not say it",
    "undecidable": "cannot tell",
}


def missing_text(missing: Missing, target: str = "") -> str:
    """What is missing in one sentence: the call, how it went, and for which resource."""
    code = f" ({missing.code})" if missing.code else ""
    resource = bind(missing.resource or "", target)
    says = f": {bind(missing.says, target)}" if missing.says else ""
    if ":" not in missing.operation:
        # Not a call of AWS's: something that only the person can tell.
        return plain(f"the {missing.operation.replace('-', ' ')} is not known{says}")
    if missing.status == "absent" and resource:
        return plain(f"{missing.operation} does not name {resource}{code}{says}")
    status = _STATUS_WORDS.get(missing.status, missing.status)
    about = f" for {resource}" if resource else ""
    return plain(f"{missing.operation} {status}{code}{about}{says}")


def shown_name(target: Target) -> str:
    """The name with the id, or the id alone."""
    return plain(f"{target.name} ({target.id})" if target.name else target.id)
