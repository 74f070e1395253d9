"""Assessments as SARIF 2.1.0, which code hosts and security tools show: a result for each blocker."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from advisor.methods.assessment import Assessment, MethodAssessment, TargetAssessment
from advisor.model.text import plain
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.report.fleet import best_verdict
from advisor.report.rows import METHOD_NAMES, BlockerLine, Causes, blocker_line, missing_text, shown_name

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
MISSING_RULE: Final = "data-missing"


class _Message(msgspec.Struct, frozen=True):
    text: str


class _Rule(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    id: str
    short_description: _Message
    full_description: _Message | None = None
    help: _Message | None = None
    help_uri: str | None = None


class _Logical(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    fully_qualified_name: str
    kind: str = "resource"


class _Location(msgspec.Struct, frozen=True, rename="camel"):
    logical_locations: tuple[_Logical, ...]


class _Result(msgspec.Struct, frozen=True, rename="camel"):
    rule_id: str
    kind: str
    level: str
    message: _Message
    locations: tuple[_Location, ...]
    partial_fingerprints: dict[str, str]


def assessment_sarif(assessment: Assessment, causes: Causes) -> bytes:
    """The assessment as a SARIF log.

    A blocker is an error where the target has no way in at all, a note where another method is ready. What is
    missing to know is a result of kind `open`, never a failure.
    """
    rules: dict[str, _Rule] = {}
    results: list[_Result] = []
    for one in assessment.targets:
        for method in one.methods:
            results.extend(_results(one, method, causes, rules))
    driver: dict[str, Any] = {
        "name": "advisor",
        "rules": list(rules.values()),
    }
    run = {"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}
    return msgspec.json.encode({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + b"\n"


def _results(
    one: TargetAssessment, method: MethodAssessment, causes: Causes, rules: dict[str, _Rule]
) -> list[_Result]:
    if method.verdict is READY:
        return []
    level = "error" if best_verdict(one) is BLOCKED else "note"
    lead = f"{METHOD_NAMES[method.method]} to {shown_name(one.target)}"
    found: list[_Result] = []
    for finding in method.blockers:
        line = blocker_line(finding, one.target.id, causes)
        rules.setdefault(line.cause, _rule(line))
        text = f"{lead}: {line.title}"
        text += f": {line.says}" if line.says else ""
        is_open = method.verdict is UNKNOWN
        found.append(
            _result(line.cause, "open" if is_open else "fail", level, text, one, method, line.resource)
        )
    for missing in method.missing:
        rules.setdefault(MISSING_RULE, _Rule(MISSING_RULE, _Message("Data is missing to decide")))
        text = f"{lead}: {missing_text(missing, one.target.id)}"
        found.append(_result(MISSING_RULE, "open", "none", text, one, method, missing.operation))
    return found


def _rule(line: BlockerLine) -> _Rule:
    return _Rule(
        id=line.cause,
        short_description=_Message(line.title),
        full_description=_Message(line.meaning) if line.meaning else None,
        help=_Message(line.remedy) if line.remedy else None,
        help_uri=line.documentation or None,
    )


def _result(
    rule: str, kind: str, level: str, text: str, one: TargetAssessment, method: MethodAssessment, about: str
) -> _Result:
    target = one.target
    place = plain(f"{target.account}/{target.region}/{target.id}")
    return _Result(
        rule_id=rule,
        kind=kind,
        # SARIF 2.1.0, 3.27.10: only a failure has a level other than none.
        level=level if kind == "fail" else "none",
        message=_Message(text),
        locations=(_Location((_Logical(plain(target.name or target.id), place),)),),
        partial_fingerprints={"advisor/v1": f"{place}/{method.method.value}/{rule}/{plain(about)}"},
    )
