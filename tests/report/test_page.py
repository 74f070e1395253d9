"""Pages come out the same in every form: text that fits, Markdown and HTML that hostile names can't break."""

from __future__ import annotations

import csv as stdlib_csv
import io
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from advisor.model.verdict import BLOCKED, READY
from advisor.report import csv, html, markdown, text
from advisor.report.page import (
    Bullets,
    Cell,
    Code,
    Heading,
    Page,
    Paragraph,
    Table,
    Tone,
    page_of,
    toned,
)

PAGE: Page = (
    Heading("web-01"),
    Paragraph("first"),
    Paragraph("second"),
    Table(("id", "verdict"), (("i-1", toned("✓ ready", READY)), ("i-22", toned("✗ blocked", BLOCKED)))),
    Bullets(("outer", "inner"), (0, 1)),
    Code("aws ssm start-session --target i-1"),
)


# --- text ---


def test_columns_stand_below_their_heads() -> None:
    lines = text.render((PAGE[3],)).splitlines()
    assert lines == ["id    verdict", "i-1   ✓ ready", "i-22  ✗ blocked"]


def test_a_heading_and_its_sentences_stand_together_and_other_blocks_apart() -> None:
    assert text.render(PAGE).splitlines()[:4] == ["web-01", "first", "second", ""]


def test_colour_is_there_only_when_asked_for_and_changes_no_word() -> None:
    plain, colored = text.render(PAGE), text.render(PAGE, color=True)
    assert "\x1b" not in plain
    assert "\x1b[32m✓ ready\x1b[0m" in colored
    assert "\x1b[31m✗ blocked\x1b[0m" in colored


def test_wide_characters_take_two_cells() -> None:
    table = Table(("name", "id"), (("踏み台", "i-1"), ("web", "i-2")))
    lines = text.render((table,)).splitlines()
    assert {cell_len(line[: line.index("i-")]) for line in lines[1:]} == {8}


cells = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=30)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=6), st.integers(30, 90))
def test_no_line_of_a_table_is_wider_than_the_terminal(rows: list[tuple[str, str, str]], width: int) -> None:
    rendered = text.render((Table(("a", "b", "c"), tuple(rows)),), width)
    assert max(cell_len(line) for line in rendered.splitlines()) <= width


@given(cells, st.integers(4, 40))
def test_wrapping_loses_nothing(word: str, width: int) -> None:
    assert "".join(text.wrap(word, width)) == word


def test_wrapping_breaks_between_words() -> None:
    assert text.wrap("the quick brown fox", 10) == ["the quick", "brown fox"]


def test_code_is_never_wrapped_so_that_it_can_be_copied() -> None:
    line = "aws ssm start-session " + "--parameters x=y " * 20
    assert f"  {line}" in text.render((Code(line),), 40)


# --- Markdown ---


@pytest.mark.parametrize(
    ("raw", "escaped"),
    [
        ("a|b", "a\\|b"),
        ("<script>", "\\<script\\>"),
        ("[x](http://evil)", "\\[x\\](http://evil)"),
        ("# title", "\\# title"),
        ("1. item", "1\\. item"),
        ("- item", "\\- item"),
        ("*bold* _em_ `code`", "\\*bold\\* \\_em\\_ \\`code\\`"),
        ("&lt;", "&amp;lt;"),
        ("ENI_SG_RULES_MISMATCH", "ENI_SG_RULES_MISMATCH"),
        ("10.0.0.0/16", "10.0.0.0/16"),
    ],
)
def test_account_text_is_shown_as_it_is_in_markdown(raw: str, escaped: str) -> None:
    assert markdown.escape(raw) == escaped


def test_a_fence_is_longer_than_any_in_the_code() -> None:
    rendered = markdown.render((Code("```\nrm -rf\n```", ""),))
    assert rendered.startswith("````\n")
    assert rendered.rstrip().endswith("````")


def test_a_markdown_table_has_a_line_for_each_row() -> None:
    assert markdown.render((PAGE[3],)).splitlines() == [
        "| id | verdict |",
        "| --- | --- |",
        "| i-1 | ✓ ready |",
        "| i-22 | ✗ blocked |",
    ]


# --- HTML ---


class Reader(HTMLParser):
    """What a browser would see: the tags, and the text of each."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links.extend(value or "" for name, value in attrs if name in ("src", "href"))
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def seen(page: Page) -> Reader:
    reader = Reader()
    reader.feed(html.render(page, "report"))
    assert reader.open == []
    return reader


def test_an_html_report_loads_nothing_and_closes_every_tag() -> None:
    reader = seen(PAGE)
    assert reader.links == []
    assert not {"script", "link", "img", "iframe"} & set(reader.tags)
    assert "url(" not in html.render(PAGE, "report")


@given(st.text(max_size=40))
def test_hostile_text_stays_text_in_html(hostile: str) -> None:
    usual = seen((Heading("x"), Paragraph("x"), Table(("x",), (("x",),)), Bullets(("x",)), Code("x")))
    page: Page = (
        Heading(hostile),
        Paragraph(Cell(hostile, Tone.PLAIN)),
        Table((hostile,), ((hostile,),)),
        Bullets((hostile,)),
        Code(hostile),
    )
    assert seen(page).tags == usual.tags


def test_nested_bullets_nest() -> None:
    rendered = html.render((Bullets(("a", "b", "c"), (0, 1, 0)),), "r")
    assert "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>" in rendered


# --- CSV ---


@pytest.mark.parametrize("evil", ["=1+1", "+cmd|' /C calc'!A0", "-1+1", "@SUM(A1)", "\t=1", " =1+1", "＝1+1"])
def test_a_formula_is_made_text(evil: str) -> None:
    assert csv.inert(evil) == "'" + evil


@pytest.mark.parametrize("harmless", ["-1.5", "+3", "web-01", "10.0.0.1", "", "a=b"])
def test_numbers_and_words_are_left_alone(harmless: str) -> None:
    assert csv.inert(harmless) == harmless


@given(st.lists(st.text(st.characters(exclude_categories=["C"])), min_size=2, max_size=4))
def test_csv_reads_back(row: list[str]) -> None:
    table = Table(tuple(f"c{index}" for index in range(len(row))), (tuple(row),))
    read = list(stdlib_csv.reader(io.StringIO(csv.render((table,)), newline="")))
    assert [cell.removeprefix("'") for cell in read[1]] == [cell.removeprefix("'") for cell in row]


# --- answers of --query ---


def test_a_list_of_objects_is_a_table_of_all_their_keys() -> None:
    (table,) = page_of([{"id": "i-1"}, {"id": "i-2", "tags": {"a": 1}}])
    assert table == Table(("id", "tags"), (("i-1", ""), ("i-2", '{"a":1}')))


def test_scalars_are_lines() -> None:
    assert page_of(["i-1", None, True]) == (Paragraph("i-1"), Paragraph(""), Paragraph("true"))
    assert page_of("i-1") == (Paragraph("i-1"),)
    assert page_of([]) == ()


def test_lists_of_lists_of_unequal_length_are_filled_up() -> None:
    (table,) = page_of([["a"], ["b", 2]])
    assert table == Table(("1", "2"), (("a", ""), ("b", "2")))
