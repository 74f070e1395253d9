"""Assessments as JSON, in the shape other programs build on (`advisor.assessment/1`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from advisor.methods.answer import Finding
from advisor.methods.assessment import (
    Assessment,
    Command,
    GapLine,
    MethodAssessment,
    Recommendation,
    Target,
    TargetAssessment,
)
from advisor.model.evidence import SELF, Evidence, Missing
from advisor.model.times import spell_instant
from advisor.report.rows import Causes, untitled

SCHEMA: Final = "advisor.assessment/1"

Commands = Callable[[Target, MethodAssessment], tuple[Command, ...]]
"""Gives the lines to connect to a target by a method."""


class EvidenceDocument(msgspec.Struct, frozen=True):
    """A fact and the call that showed it."""

    operation: str
    resource: str
    says: str
    field: str = ""


class MissingDocument(msgspec.Struct, frozen=True):
    """Data that would have decided something."""

    operation: str
    status: str
    code: str | None = None
    resource: str | None = None
    says: str = ""


class FindingDocument(msgspec.Struct, frozen=True):
    """A cause: a blocker, or a note that blocks nothing."""

    cause: str
    resource: str
    certainty: str
    title: str
    says: str
    evidence: tuple[EvidenceDocument, ...]
    remedies: tuple[str, ...]
    code: str | None = None
    direction: str | None = None
    documentation: str = ""


class MethodDocument(msgspec.Struct, frozen=True):
    """One method of one target, without the commands, which name the target."""

    method: str
    verdict: str
    blockers: tuple[FindingDocument, ...]
    missing: tuple[MissingDocument, ...]
    notes: tuple[FindingDocument, ...]
    evidence: tuple[EvidenceDocument, ...]
    monthly_cost_usd: float
    via: str | None


class RecommendationDocument(msgspec.Struct, frozen=True):
    """The method to use, with the reasons for it and against the others."""

    method: str
    verdict: str
    reasons: tuple[str, ...]
    others: tuple[str, ...]
    repair: str | None


class TargetDocument(msgspec.Struct, frozen=True):
    """A target with all its methods."""

    id: str
    name: str
    kind: str
    platform: str
    state: str
    account: str
    region: str
    vpc: str | None
    subnet: str | None
    private_ip: str | None
    public_ip: str | None
    tags: dict[str, str]
    recommended: RecommendationDocument | None
    methods: tuple[msgspec.Raw, ...]


class GapDocument(msgspec.Struct, frozen=True):
    """A call that did not succeed."""

    account: str
    region: str
    operation: str
    status: str
    code: str | None
    resource: str | None


class AssessmentDocument(msgspec.Struct, frozen=True):
    """The whole report."""

    schema: str
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    collected_at: str | None
    assessed_at: str | None
    gaps: tuple[GapDocument, ...]
    warnings: tuple[str, ...]
    targets: tuple[TargetDocument, ...]


def no_commands(target: Target, method: MethodAssessment) -> tuple[Command, ...]:
    """For reports that name no commands."""
    return ()


def assessment_json(
    assessment: Assessment, causes: Causes = untitled, commands: Commands = no_commands
) -> bytes:
    """The assessment as UTF-8 JSON.

    Methods that targets of one equivalence class share are written once and then only get each target's id.
    """
    writer = _Writer(causes, commands)
    moment = assessment.assessed_at
    document = AssessmentDocument(
        schema=SCHEMA,
        accounts=assessment.accounts,
        regions=assessment.regions,
        collected_at=assessment.collected_at,
        assessed_at=None if moment is None else spell_instant(moment),
        gaps=tuple(map(_gap, assessment.gaps)),
        warnings=assessment.warnings,
        targets=tuple(map(writer.target, assessment.targets)),
    )
    return msgspec.json.encode(document)


def assessment_document(
    assessment: Assessment, causes: Causes = untitled, commands: Commands = no_commands
) -> dict[str, Any]:
    """The assessment as plain JSON values."""
    document: dict[str, Any] = msgspec.json.decode(assessment_json(assessment, causes, commands))
    return document


def finding_document(finding: Finding, causes: Causes) -> FindingDocument:
    """A finding in its JSON shape, with SELF where it means the target."""
    text = causes(finding.cause)
    return FindingDocument(
        cause=finding.cause,
        resource=finding.resource,
        certainty=finding.certainty.value,
        title=text.title,
        says=finding.says,
        evidence=tuple(map(evidence_document, finding.evidence)),
        remedies=(text.remedy,) if text.remedy else (),
        code=finding.code,
        direction=finding.direction,
        documentation=text.documentation,
    )


def evidence_document(evidence: Evidence) -> EvidenceDocument:
    """Evidence in its JSON shape."""
    return EvidenceDocument(evidence.operation, evidence.resource, evidence.says, evidence.field)


def missing_document(missing: Missing) -> MissingDocument:
    """A gap in its JSON shape."""
    return MissingDocument(missing.operation, missing.status, missing.code, missing.resource, missing.says)


def bound_json(encoded: bytes, target: str) -> bytes:
    """JSON with the target's id in place of SELF."""
    if _SELF not in encoded:
        return encoded
    return encoded.replace(_SELF, msgspec.json.encode(target)[1:-1])


_SELF = SELF.encode()


class _Writer:
    """Writes targets, each shared method once."""

    def __init__(self, causes: Causes, commands: Commands) -> None:
        self._causes = causes
        self._commands = commands
        # By identity: an assessment keeps its methods alive for as long as this writer lives, and hashing
        # them by value would cost more than encoding them.
        self._encoded: dict[int, bytes] = {}

    def target(self, assessed: TargetAssessment) -> TargetDocument:
        target = assessed.target
        return TargetDocument(
            id=target.id,
            name=target.name,
            kind=target.kind,
            platform=target.platform,
            state=target.state,
            account=target.account,
            region=target.region,
            vpc=target.vpc,
            subnet=target.subnet,
            private_ip=target.private_ip,
            public_ip=target.public_ip,
            tags=dict(target.tags),
            recommended=None if assessed.recommended is None else _recommendation(assessed.recommended),
            methods=tuple(self._method(target, each) for each in assessed.methods),
        )

    def _method(self, target: Target, method: MethodAssessment) -> msgspec.Raw:
        encoded = self._encoded.get(id(method))
        if encoded is None:
            encoded = self._encoded[id(method)] = msgspec.json.encode(self._document(method))[:-1]
        commands = msgspec.json.encode(self._commands(target, method))
        return msgspec.Raw(bound_json(encoded, target.id) + b',"commands":' + commands + b"}")

    def _document(self, method: MethodAssessment) -> MethodDocument:
        return MethodDocument(
            method=method.method.value,
            verdict=method.verdict.value,
            blockers=tuple(finding_document(each, self._causes) for each in method.blockers),
            missing=tuple(map(missing_document, method.missing)),
            notes=tuple(finding_document(each, self._causes) for each in method.notes),
            evidence=tuple(map(evidence_document, method.evidence)),
            monthly_cost_usd=method.monthly_cost_usd,
            via=method.via,
        )


def _recommendation(recommended: Recommendation) -> RecommendationDocument:
    return RecommendationDocument(
        recommended.method.value,
        recommended.verdict.value,
        recommended.reasons,
        recommended.others,
        recommended.repair.value if recommended.repair else None,
    )


def _gap(gap: GapLine) -> GapDocument:
    return GapDocument(gap.account, gap.region, gap.operation, gap.status, gap.code, gap.resource)
