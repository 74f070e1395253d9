"""The fleet's columns: the right ones for the width, never cut off at the right edge."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.report.rows import METHODS, fleet_row, mark
from advisor.tui.widgets.columns import COLUMNS, GAP, all_columns, mark_text, place_columns
from advisor.tui.widgets.fit import fit
from tests.tui import sample


@pytest.mark.parametrize("width", [78, 90, 100, 118, 140, 180, 240])
def test_the_columns_fit_the_width_and_keep_their_order(width: int) -> None:
    placed = place_columns(width)
    assert sum(each.width + GAP for each in placed) <= width
    order = [each.id for each in COLUMNS]
    assert [each.column.id for each in placed] == sorted((each.column.id for each in placed), key=order.index)
    assert all(each.column.narrow <= each.width <= each.column.wide for each in placed)


def test_eighty_columns_show_the_name_every_method_and_the_advice() -> None:
    shown = [each.column.id for each in place_columns(78)]
    assert shown[0] == "name"
    assert sum(1 for each in place_columns(78) if each.column.method is not None) == len(METHODS)
    assert "advice" in shown


def test_a_hundred_and_twenty_columns_write_the_verdicts_out() -> None:
    placed = place_columns(118)
    assert {each.width for each in placed if each.column.method is not None} == {len("✗ blocked")}
    assert {"state", "platform"} <= {each.column.id for each in placed}


def test_more_room_brings_the_id_and_then_the_network() -> None:
    assert "id" in {each.column.id for each in place_columns(130)}
    assert {"vpc", "ip"} <= {each.column.id for each in place_columns(190)}
    assert len(place_columns(300)) == len(COLUMNS) == len(all_columns())


@pytest.mark.parametrize("verdict", [READY, BLOCKED, UNKNOWN, None])
def test_a_verdict_keeps_glyph_and_word_in_the_narrowest_column(verdict: object) -> None:
    narrow, wide = mark_text(mark(verdict), 7), mark_text(mark(verdict), 9)  # type: ignore[arg-type]
    assert len(narrow) <= 7
    assert narrow[0] == wide[0]
    assert narrow[2:].strip()
    assert wide == mark(verdict).text  # type: ignore[arg-type]


def test_full_width_characters_count_as_two_cells() -> None:
    assert cell_len(fit("経理サーバー", 20)) == 20
    assert cell_len(fit("経理サーバー", 7)) == 7
    assert fit("経理サーバー", 7).endswith("…")
    assert fit("abc", 0) == ""


def test_sorting_by_a_method_puts_ready_before_unknown_before_blocked() -> None:
    column = next(each for each in COLUMNS if each.id == "ssm")
    ordered = sorted(sample.TARGETS, key=column.key)
    words = [fleet_row(each).marks[0].word for each in ordered]
    assert words == ["ready", "ready", "unknown", "blocked", "blocked", "blocked"]
