"""Results of assertions, for programs, CI systems and people."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from advisor.report import text
from advisor.report.checks import CheckResult, check_json, check_junit, check_page

RESULTS = (
    CheckResult("web-admin", "web-1 session-manager", "ready", "ready", True),
    CheckResult(
        'db "<closed>"',
        "internet → db-1 tcp/5432",
        "blocked",
        "reachable",
        False,
        ("sg-1: admits \x1b0.0.0.0/0",),
    ),
)


def words(id: str) -> str:
    return {"report.check-counts": "{passed} passed, {failed} failed."}.get(id, id)


def test_json_has_the_shape_of_the_contract() -> None:
    document = json.loads(check_json(RESULTS))
    assert document["schema"] == "advisor.check/1"
    assert (document["passed"], document["failed"]) == (1, 1)
    first = document["results"][0]
    assert {key: first[key] for key in ("id", "expect", "got", "pass")} == {
        "id": "web-admin",
        "expect": "ready",
        "got": "ready",
        "pass": True,
    }


def test_junit_is_xml_with_a_case_for_each_assertion() -> None:
    suites = ElementTree.fromstring(check_junit(RESULTS))
    cases = suites.findall("./testsuite/testcase")
    assert [case.get("name") for case in cases] == ["web-admin", 'db "<closed>"']
    assert cases[0].find("failure") is None
    failure = cases[1].find("failure")
    assert failure is not None
    assert failure.get("message") == "expected blocked, found reachable"
    assert "sg-1: admits 0.0.0.0/0" in (failure.text or "")
    assert (suites.get("tests"), suites.get("failures")) == ("2", "1")


def test_a_page_says_why_an_assertion_failed() -> None:
    rendered = text.render(check_page(RESULTS, words))
    assert "✓ pass  web-admin" in rendered
    assert "✗ FAIL" in rendered
    assert "sg-1: admits 0.0.0.0/0" in rendered
    assert rendered.rstrip().endswith("1 passed, 1 failed.")
