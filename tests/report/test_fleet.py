"""The fleet as a table, wide and narrow, and the sentences around it."""

from __future__ import annotations

import msgspec
import pytest

from advisor.methods.assessment import MethodId
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.report import text
from advisor.report.detail import detail_page
from advisor.report.fleet import best_verdict, csv_page, fleet_page, head_blocks
from advisor.report.page import Table, text_of
from advisor.report.rows import CauseText, untitled
from advisor.report.texts import words_of
from advisor.rulebook import load
from tests.tui import sample

WORDS = words_of(load(), "en")


def test_a_narrow_table_keeps_every_verdict_and_explains_its_signs() -> None:
    rendered = text.render(fleet_page(sample.ASSESSMENT, WORDS, 80), 80)
    row = next(line for line in rendered.splitlines() if line.startswith(sample.HEALTHY))
    assert row.split()[2:] == ["✓*", "✓", "✗", "✗", "✗", "✗"]
    assert "✓ ready" in rendered
    assert "· n/a" in rendered


def test_a_wide_table_says_the_words() -> None:
    rendered = text.render(fleet_page(sample.ASSESSMENT, WORDS))
    row = next(line for line in rendered.splitlines() if line.startswith(sample.UNSEEN))
    assert row.count("✗ blocked") == 5
    assert row.count("? unknown") == 1


def test_the_summary_counts_targets_and_not_methods() -> None:
    rendered = text.render(fleet_page(sample.ASSESSMENT, WORDS))
    assert "6 targets: 3 with a way in, 2 without, 1 unknown." in rendered


@pytest.mark.parametrize(
    ("name", "verdict"), [("web-01", READY), ("app-02", BLOCKED), ("batch-03", UNKNOWN), ("shop-till", READY)]
)
def test_the_best_method_speaks_for_a_target(name: str, verdict: object) -> None:
    assert best_verdict(sample.named(name)) is verdict


def test_what_was_not_read_is_said_to_be_unknown_and_not_absent() -> None:
    rendered = text.render(fleet_page(sample.ASSESSMENT, WORDS))
    assert "unknown, not absent" in rendered
    assert "iam:GetInstanceProfile web-role: denied (AccessDenied)" in rendered


def test_many_gaps_are_counted_and_not_poured_out() -> None:
    (gap,) = sample.ASSESSMENT.gaps
    many = msgspec.structs.replace(sample.ASSESSMENT, gaps=(gap,) * 50)
    rendered = text.render(fleet_page(many, WORDS))
    assert "and 38 more" in rendered


def test_an_account_without_targets_says_so() -> None:
    empty = msgspec.structs.replace(sample.ASSESSMENT, targets=(), gaps=())
    assert "No instance" in text.render(fleet_page(empty, WORDS))


def test_csv_has_the_verdict_words_alone() -> None:
    (table,) = csv_page(sample.ASSESSMENT)
    assert isinstance(table, Table)
    row = dict(zip(table.columns, map(text_of, table.rows[1]), strict=True))
    assert row["id"] == sample.BLOCKED_ONE
    assert row["session-manager"] == "blocked"
    assert row["session-manager causes"] == "vpce-sg-blocks-443"
    hybrid = dict(zip(table.columns, map(text_of, table.rows[4]), strict=True))
    assert hybrid["bastion"] == ""


def test_a_report_s_head_says_what_was_read_and_when() -> None:
    rendered = text.render(head_blocks(sample.ASSESSMENT, WORDS))
    assert sample.ACCOUNT in rendered
    assert "2026-11-20T08:00:00Z" in rendered


# --- one target ---


def causes(id: str) -> CauseText:
    return CauseText(f"title of {id}", remedy="do this", documentation="https://docs.example/x")


def test_a_detail_page_tells_cause_evidence_and_what_to_do() -> None:
    rendered = text.render(detail_page(sample.named("app-02"), WORDS, causes))
    assert "title of vpce-sg-blocks-443" in rendered
    assert sample.GROUP_EVIDENCE.says in rendered
    assert "to do: do this" in rendered
    assert "https://docs.example/x" in rendered
    assert "⟦" not in rendered


def test_a_ready_method_shows_what_it_stands_on_and_its_notes() -> None:
    rendered = text.render(detail_page(sample.named("web-01"), WORDS, untitled))
    assert f"{sample.HEALTHY} is Online, agent 3.3.3270.0" in rendered
    assert "note: eice single az" in rendered
    assert "Use Session Manager." in rendered


def test_only_one_method_can_be_asked_for() -> None:
    page = detail_page(sample.named("web-01"), WORDS, causes, only=MethodId.BASTION)
    rendered = text.render(page)
    assert "Bastion" in rendered
    assert "Serial" not in rendered
