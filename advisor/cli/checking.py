"""Judging assertions: each against the paths and methods of the estate that was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from advisor.cli.codes import DATA_MISSING, FAILED
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict

if TYPE_CHECKING:
    from advisor.cli.reading import Reading
    from advisor.methods.assessment import Assessment, MethodAssessment, Target, TargetAssessment
    from advisor.network.trace import Trace
    from advisor.report.checks import CheckResult
    from advisor.rulebook.assertions import Asserted, MethodAssertion, PathAssertion


def judged(asserted: Sequence[Asserted], read: Reading) -> tuple[CheckResult, ...]:
    """The result of every assertion; targets that several of them name are assessed once.

    Raises InputError, with the assertion's file and line, for a name that means nothing or several things:
    a check that cannot be made must not look like one that failed.
    """
    from advisor.rulebook.assertions import MethodAssertion

    targets: dict[str, Target] = {}
    for each in asserted:
        if isinstance(each.assertion, MethodAssertion) and each.assertion.target not in targets:
            with _located(each):
                targets[each.assertion.target] = read.find(each.assertion.target)
    assessed: dict[tuple[str, str, str], TargetAssessment] = {}
    if targets:
        for one in read.assess_targets(tuple(dict.fromkeys(targets.values()))).targets:
            assessed[one.target.account, one.target.region, one.target.id] = one

    def of(each: Asserted) -> CheckResult:
        assertion = each.assertion
        if isinstance(assertion, MethodAssertion):
            target = targets[assertion.target]
            return _of_method(assertion, assessed[target.account, target.region, target.id])
        with _located(each):
            return _of_path(assertion, read)

    return tuple(map(of, asserted))


@contextmanager
def _located(asserted: Asserted) -> Iterator[None]:
    """Say in which line of the file the assertion stands whose names are wrong."""
    from advisor.model.errors import InputError

    try:
        yield
    except InputError as error:
        raise InputError(f"{asserted.place}: {error.message}", error.hint) from None


def status_of(results: Sequence[CheckResult]) -> int:
    """0 all pass, 1 some are known to fail, 3 some could not be decided."""
    failed = [each for each in results if not each.passed]
    if not failed:
        return 0
    return DATA_MISSING if all(each.got == "unknown" for each in failed) else FAILED


def _of_path(assertion: PathAssertion, read: Reading) -> CheckResult:
    from advisor.network.flow import Flow, Protocol
    from advisor.network.selectors import parse_ends
    from advisor.report.checks import CheckResult
    from advisor.report.paths import port_for

    start, end = parse_ends(assertion.source, assertion.destination, read.estate)
    protocol = Protocol(assertion.protocol)
    trace = read.network.trace(Flow(start, end, protocol, port_for(assertion.port, end, protocol)))
    service = assertion.protocol if assertion.port is None else f"{assertion.protocol}/{assertion.port}"
    about = f"{assertion.source} → {assertion.destination} {service}"
    got = trace.verdict.of_path
    return CheckResult(
        assertion.id, about, assertion.expect, got, got == assertion.expect, _reasons_of_trace(trace)
    )


def _of_method(assertion: MethodAssertion, assessed: TargetAssessment) -> CheckResult:
    from advisor.report.checks import CheckResult

    found = [each for each in assessed.methods if each.method.value == assertion.method]
    verdict = BLOCKED
    for each in found:
        verdict |= each.verdict
    reasons = tuple(reason for each in found for reason in _reasons(each, assessed.target.id))
    about = f"{assertion.target} {assertion.method}"
    got = verdict.value
    return CheckResult(assertion.id, about, assertion.expect, got, got == assertion.expect, reasons)


def _reasons_of_trace(trace: Trace) -> tuple[str, ...]:
    from advisor.report.rows import missing_text

    if trace.verdict is BLOCKED:
        return tuple(f"{hop.id}: {hop.says or hop.rule or hop.code}" for hop in trace.blockers)
    if trace.verdict is UNKNOWN:
        return tuple(missing_text(each) for each in trace.missing)
    return tuple(f"{hop.id}: {hop.rule}" for hop in trace.forward if hop.rule and hop.verdict is READY)


def _reasons(method: MethodAssessment, target: str) -> tuple[str, ...]:
    from advisor.report.rows import blocker_line, missing_text

    blockers = (blocker_line(each, target) for each in method.blockers)
    told = tuple(f"{method.method.value}: {line.cause}: {line.says or line.resource}" for line in blockers)
    return told + tuple(f"{method.method.value}: {missing_text(each, target)}" for each in method.missing)


def first_assertions(assessment: Assessment) -> list[dict[str, Any]]:
    """What is true today about every target and method, for people to prune; unknowns are left out.

    Targets that share an id, in other accounts or Regions, are named with their place. Those that share a
    name are called by their ids, because ids of assertions are unique.
    """
    from collections import Counter

    from advisor.report.selection import placed

    targets = [one.target for one in assessment.targets]
    ids = Counter(each.id for each in targets)
    words = [each.id if ids[each.id] == 1 else placed(each) for each in targets]
    names = Counter([*(each.name for each in targets if each.name), *words])
    return [
        {
            "id": f"{one.target.name if names[one.target.name] == 1 else word} {method.method.value}",
            "target": word,
            "method": method.method.value,
            "expect": method.verdict.value,
        }
        for one, word in zip(assessment.targets, words, strict=True)
        for method in one.methods
        if method.verdict is not Verdict.UNKNOWN
    ]
