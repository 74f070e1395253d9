"""A path for programs and for people: every hop, what stops it, and what repairs it."""

from __future__ import annotations

import json

from advisor.network.flow import INTERNET, End, Kind, Protocol
from advisor.report import text
from advisor.report.paths import path_json, path_page, port_for
from advisor.report.rows import CauseText
from tests.tui import sample


def words(id: str) -> str:
    return id.removeprefix("report.")


def codes(code: str) -> CauseText | None:
    return CauseText("a group blocks", remedy="admit it") if code == "ENI_SG_RULES_MISMATCH" else None


def test_json_names_code_resource_and_direction_of_what_stops_it() -> None:
    document = json.loads(path_json(sample.STOPPED_TRACE, codes))
    assert document["verdict"] == "blocked"
    (blocker,) = document["blockers"]
    assert blocker["cause"] == "ENI_SG_RULES_MISMATCH"
    assert blocker["resource"] == sample.ENDPOINT_GROUP
    assert blocker["direction"] == "forward"
    assert blocker["title"] == "a group blocks"
    assert blocker["remedies"] == ["admit it"]
    assert document["assumptions"]


def test_a_path_that_passes_is_reachable_and_has_no_blockers() -> None:
    document = json.loads(path_json(sample.PASSING_TRACE))
    assert document["verdict"] == "reachable"
    assert document["blockers"] == []
    assert {hop["verdict"] for hop in document["hops"]} == {"reachable"}


def test_people_see_the_hops_in_order_and_the_reason_below() -> None:
    rendered = text.render(path_page(sample.STOPPED_TRACE, words, codes))
    there, _, back = rendered.partition("return")
    assert there.index("security group") < there.index("DNS") < there.index(sample.ENDPOINT_GROUP)
    assert "✗ blocked" in there
    stops = back.partition("stops")[2]
    assert "admits only 10.9.0.0/16" in stops
    assert "ENI_SG_RULES_MISMATCH" in stops
    assert "admit it" in stops


def test_the_port_that_people_mean_depends_on_where_they_go() -> None:
    assert port_for(None, End(Kind.SERVICE, "ssm"), Protocol.TCP) == 443
    assert port_for(None, End(Kind.INSTANCE, "i-1"), Protocol.TCP) == 22
    assert port_for(None, INTERNET, Protocol.ICMP) == -1
