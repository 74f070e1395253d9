"""SARIF: a failure for each blocker, and what is unknown is never one."""

from __future__ import annotations

import json
from typing import Any

from advisor.report.rows import untitled
from advisor.report.sarif import assessment_sarif
from tests.tui import sample

LOG: dict[str, Any] = json.loads(assessment_sarif(sample.ASSESSMENT, untitled))
RUN = LOG["runs"][0]


def results(target: str) -> list[dict[str, Any]]:
    place = f"{sample.ACCOUNT}/{sample.REGION}/{target}"
    return [
        each
        for each in RUN["results"]
        if each["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == place
    ]


def test_it_is_a_log_of_version_2_1_0() -> None:
    assert LOG["version"] == "2.1.0"
    assert RUN["tool"]["driver"]["name"] == "advisor"


def test_every_result_has_a_rule() -> None:
    rules = {rule["id"] for rule in RUN["tool"]["driver"]["rules"]}
    assert {each["ruleId"] for each in RUN["results"]} == rules


def test_blockers_are_errors_only_where_there_is_no_way_in() -> None:
    assert {each["level"] for each in results(sample.BLOCKED_ONE)} == {"error"}
    assert {each["level"] for each in results(sample.HEALTHY)} == {"note"}


def test_missing_data_is_open_and_no_failure() -> None:
    (missing,) = [each for each in results(sample.UNSEEN) if each["ruleId"] == "data-missing"]
    assert (missing["kind"], missing["level"]) == ("open", "none")


def test_results_can_be_told_apart_between_runs() -> None:
    prints = [each["partialFingerprints"]["advisor/v1"] for each in RUN["results"]]
    assert len(set(prints)) == len(prints)
