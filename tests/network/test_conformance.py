"""The conformance list of packet semantics, line by line; numbers are the list's."""

from __future__ import annotations

import msgspec
import pytest

from advisor.model.verdict import Verdict
from advisor.network.network import Network
from advisor.network.trace import Trace
from tests.network.conformance import LINES, Case, Line


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.number} {line.name}")
def test_line(line: Line) -> None:
    case = line.build()
    estate = case.estate or case.scene.estate()
    trace = Network(estate).trace(case.flow)
    assert trace.verdict.of_path == case.verdict, shown(trace)
    stopping = {hop.code for hop in trace.hops if hop.verdict is not Verdict.READY}
    for code in case.codes:
        assert code in stopping, shown(trace)
    for kind in case.absent:
        assert kind not in {hop.kind for hop in trace.hops}, shown(trace)
    for text in case.says:
        assert text in told(trace), shown(trace)


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.number} {line.name}")
def test_every_answer_but_yes_has_a_code_a_resource_and_evidence(line: Line) -> None:
    case = line.build()
    trace = Network(case.estate or case.scene.estate()).trace(case.flow)
    for hop in trace.hops:
        if hop.verdict is Verdict.BLOCKED:
            assert hop.code and hop.id and hop.evidence
        if hop.verdict is Verdict.UNKNOWN:
            assert hop.code and hop.missing
    if trace.verdict is not Verdict.READY:
        assert any(hop.verdict is trace.verdict for hop in trace.hops)


def told(trace: Trace) -> str:
    """All that the trace says of what stops it, and its notes and assumptions."""
    stopping = [hop for hop in trace.hops if hop.verdict is not Verdict.READY]
    parts = [f"{hop.direction.value} {hop.place.name} {hop.says} {hop.rule}" for hop in stopping]
    parts += [f"{each.operation} {each.says}" for each in trace.missing]
    parts += [hop.rule for hop in trace.hops if hop.verdict is Verdict.READY]
    return "\n".join([*parts, *trace.notes, *trace.assumptions])


def shown(trace: Trace) -> str:
    lines = [
        f"{hop.verdict.value:8} {hop.direction.value:8} {hop.place.value:12} {hop.kind} {hop.id} "
        f"[{hop.code}] {hop.says}"
        for hop in trace.hops
    ]
    return "\n".join([trace.verdict.value, *lines, *trace.notes, *trace.assumptions])


def case_of(number: str) -> Case:
    return next(line for line in LINES if line.number == number).build()


def test_a_repair_of_two_blockers_costs_both() -> None:  # 101
    from advisor.network.costs import cost_of

    case = case_of("101")
    trace = Network(case.scene.estate()).trace(case.flow)
    assert {hop.kind for hop in trace.blockers} == {"security-group", "network-acl"}
    assert cost_of(trace.hops) == sum(cost_of([hop]) for hop in trace.blockers)


def test_shared_repairs_are_equal_values() -> None:  # 102
    from tests.network.conformance import Pair, ssh

    pair = Pair(ingress=[])
    others = [pair.b.instance(groups=[pair.far]) for _ in range(5)]
    network = Network(pair.scene.estate())
    repairs = {network.trace(ssh(pair.bastion, other)).repairs for other in others}
    assert len(repairs) == 1


def test_the_endpoints_group_is_repaired_rather_than_a_nat_gateway_made() -> None:  # 103
    case = case_of("48")
    trace = Network(case.scene.estate()).trace(case.flow)
    assert [type(each).__name__ for each in trace.repairs] == ["AdmitInGroup"]


def test_a_trace_is_plain_data() -> None:
    trace = Network(case_of("62").scene.estate()).trace(case_of("62").flow)
    assert msgspec.structs.asdict(trace)["verdict"] is Verdict.READY
