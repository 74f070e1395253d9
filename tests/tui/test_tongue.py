"""Every word that the terminal app says by itself is known in Japanese."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import advisor.tui
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.report.age import AGES
from advisor.report.hops import KIND_NAMES
from advisor.report.rows import COLUMN_NAMES, DEEDS, METHOD_NAMES, mark, path_mark
from advisor.rulebook import built_in_texts
from advisor.tui.screens.help import FILTERS, LEGEND
from advisor.tui.screens.needs import MUSTS, USES
from advisor.tui.screens.plan import TITLES
from advisor.tui.screens.start import OFFERS
from advisor.tui.tongue import Tongue
from advisor.tui.widgets.columns import COLUMNS, SHORT_WORDS
from advisor.tui.widgets.status import READ_ONLY

SPEAKERS = {"say", "_say", "tongue"}
NAMES = {
    "Session Manager",
    "Instance Connect Endpoint",
    "Instance Connect",
    "SSM",
    "Serial",
    "EICE",
    "EIC",
    "DNS",
    "n/a",
    "ID",
    "OS",
    "VPC",
    "AWS CLI",
    "PowerShell",
    "Terraform",
    "CloudFormation",
    "Markdown",
    "JSON",
    "ssh",
    "scp",
    "rdp",
}
"""Names, which are the same in both languages."""


def literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


def speaks(function: ast.expr) -> bool:
    if isinstance(function, ast.Call):
        return isinstance(function.func, ast.Name) and function.func.id == "tongue_of"
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in SPEAKERS and not (isinstance(function, ast.Attribute) and name == "say")


def said_in_code() -> set[str]:
    files = [*Path("advisor/tui").rglob("*.py"), *Path("advisor/report").glob("*.py")]
    return {
        text
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and speaks(node.func) and node.args
        for text in literals(node.args[0])
    }


def key_hints() -> set[str]:
    found = set()
    for module in pkgutil.walk_packages(advisor.tui.__path__, "advisor.tui."):
        for _, each in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(each, DOMNode) and each.__module__.startswith("advisor.tui"):
                found |= {
                    key.description for key in each.__dict__.get("BINDINGS", []) if isinstance(key, Binding)
                }
    return found - {""}


def said_in_tables() -> set[str]:
    verdicts = [mark(each).word for each in (READY, BLOCKED, UNKNOWN, None)]
    return {
        *(title for column in COLUMNS for title in (column.title,)),
        *SHORT_WORDS.values(),
        *verdicts,
        path_mark(READY).word,
        *METHOD_NAMES.values(),
        *COLUMN_NAMES.values(),
        *DEEDS.values(),
        *KIND_NAMES.values(),
        *(words for words, _ in AGES),
        *(text for _, _, *texts in OFFERS for text in texts),
        *(text for _, *texts in (*USES, *MUSTS) for text in texts),
        *(says for *_, says in (*LEGEND, *FILTERS)),
        *TITLES.values(),
        *("demo account", "live account", READ_ONLY),
        *("denied", "failed", "truncated", "not-asked"),
        *("asking AWS who you are", "looking at this computer", "reading the snapshot"),
        "assessing every instance by every method",
    }


@pytest.fixture(scope="module")
def known() -> dict[str, str]:
    return {each.en: each.ja for each in built_in_texts("screens").values()}


def test_every_word_of_the_screens_is_known_in_japanese(known: dict[str, str]) -> None:
    said = said_in_code() | said_in_tables() | key_hints()
    assert said - known.keys() - NAMES == set()


def test_nothing_is_translated_that_nobody_says(known: dict[str, str]) -> None:
    assert known.keys() - (said_in_code() | said_in_tables() | key_hints()) == set()


def test_the_places_for_values_are_the_same_in_both_languages(known: dict[str, str]) -> None:
    places = re.compile(r"\{(\w+)\}")
    for english, japanese in known.items():
        assert sorted(places.findall(english)) == sorted(places.findall(japanese)), english


def test_english_reads_no_rules_and_japanese_only_its_own_file(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr("advisor.rulebook.built_in_texts", lambda name: read.append(name) or {})
    assert Tongue("en")("Filter") == "Filter"
    assert read == []
    assert Tongue("ja")("of no file") == "of no file"
    assert read == ["screens"]
