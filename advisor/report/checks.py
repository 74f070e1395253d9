"""Results of assertions: as JSON (`advisor.check/1`), JUnit XML, SARIF, and a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import msgspec

from advisor.model.text import plain
from advisor.model.verdict import BLOCKED, READY
from advisor.report.fleet import Words
from advisor.report.page import Bullets, Cell, Page, Paragraph, Table, Tone, toned

SCHEMA: Final = "advisor.check/1"


class CheckResult(msgspec.Struct, frozen=True, rename={"passed": "pass"}):
    """One assertion's result; `why` says what stands behind what was found, `error` why it has no answer."""

    id: str
    about: str
    expect: str
    got: str
    passed: bool
    why: tuple[str, ...] = ()


class _Document(msgspec.Struct, frozen=True):
    schema: str
    results: tuple[CheckResult, ...]
    passed: int
    failed: int


def check_json(results: Sequence[CheckResult]) -> bytes:
    """The results as UTF-8 JSON."""
    passed = sum(each.passed for each in results)
    return msgspec.json.encode(_Document(SCHEMA, tuple(results), passed, len(results) - passed))


def check_page(results: Sequence[CheckResult], words: Words) -> Page:
    """A line for each assertion, the reasons of those that failed, and the counts."""
    rows = tuple(
        (
            toned("✓ pass" if each.passed else "✗ FAIL", READY if each.passed else BLOCKED),
            plain(each.id),
            plain(each.about) if each.about != each.id else "",
            each.expect,
            each.got,
        )
        for each in results
    )
    heads = ("", "id", words("report.assertion"), words("report.expected"), words("report.found"))
    passed = sum(each.passed for each in results)
    counts = words("report.check-counts").format(passed=passed, failed=len(results) - passed)
    reasons = tuple(
        plain(f"{each.id}: {reason}") for each in results if not each.passed for reason in each.why
    )
    page: Page = (Table(heads, rows),)
    if reasons:
        page += (Bullets(reasons),)
    return (*page, Paragraph(Cell(counts, Tone.STRONG)))


_NOT_XML = re.compile(r"[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


def check_junit(results: Sequence[CheckResult]) -> bytes:
    """The results as JUnit XML, which CI systems show: one test case for each assertion."""
    failed = sum(not each.passed for each in results)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites tests="{len(results)}" failures="{failed}">',
        f'<testsuite name="advisor check" tests="{len(results)}" failures="{failed}" errors="0" skipped="0">',
    ]
    for each in results:
        name = quoteattr(_NOT_XML.sub("", plain(each.id)))
        if each.passed:
            lines.append(f'<testcase classname="advisor" name={name}/>')
            continue
        message = quoteattr(f"expected {each.expect}, found {each.got}")
        text = escape(_NOT_XML.sub("", "\n".join(map(plain, (each.about, *each.why)))))
        lines.append(
            f'<testcase classname="advisor" name={name}>'
            f'<failure message={message} type="{escape(each.got)}">{text}</failure></testcase>'
        )
    lines.append("</testsuite>\n</testsuites>\n")
    return "\n".join(lines).encode()
