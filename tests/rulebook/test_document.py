"""Rules are a strict subset of YAML, and every refusal says where."""

import importlib.util
import sys

import pytest

from advisor.model.errors import InputError
from advisor.rulebook import document
from advisor.rulebook.document import MAX_BYTES, MAX_DEPTH, parse


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        parse(text, "rules/mine.yaml")
    return caught.value


def test_plain_data_is_read():
    read = parse("a:\n  b: [1, 2.5, true, null, ~, text]\n  'c': \"1\"\n", "f.yaml")
    assert read.data == {"a": {"b": [1, 2.5, True, None, None, "text"], "c": "1"}}


@pytest.mark.parametrize(
    "word", ["no", "off", "yes", "on", "12:30", "0x10", "1_000", "2026-11-23", "3.3.40.0"]
)
def test_words_that_other_readers_take_for_something_else_stay_words(word):
    assert parse(f"a: {word}", "f.yaml").data == {"a": word}


def test_an_empty_file_holds_nothing():
    assert parse("", "f.yaml").data is None
    assert parse("# only a remark\n", "f.yaml").data is None


@pytest.mark.parametrize(
    "tag",
    ["!!python/object:os.system", "!!python/object/apply:os.system [id]", "!include x", "!!binary aGk="],
)
def test_tags_are_refused(tag):
    error = refusal(f"a: 1\nb: {tag}")
    assert error.message.startswith("rules/mine.yaml:2: the tag `")
    assert "plain data" in error.hint


def test_aliases_are_refused_so_that_a_small_file_cannot_grow():
    laughs = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    assert refusal(laughs).message.startswith("rules/mine.yaml:1: anchors and aliases")
    assert refusal("a: 1\nb:\n  <<: *a\n").message.startswith("rules/mine.yaml:3: anchors and aliases")


def test_deep_nesting_is_refused_before_it_costs_the_stack():
    assert "nested too deep" in refusal("[" * 500).message
    assert "nested too deep" in refusal("- " * (MAX_DEPTH + 1) + "x").message
    assert parse("[" * MAX_DEPTH + "]" * MAX_DEPTH, "f.yaml").data is not None


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "`a` stands here a second time"),
        ("a:\n  - b: 1\n    b: 2\n", 3, "`b` stands here a second time"),
        ("a: 1\n---\nb: 2\n", 2, "a second document"),
        ("a: 1\n? [b]\n: c\n", 2, "a key must be a plain word"),
        ("a: 1\n? !!str b\n: c\n", 2, "a key must be a plain word"),
        ("a:\n\t- b\n", 2, "this is not YAML"),
        ("a: [1, 2\nb: 3\n", 2, "this is not YAML"),
        ('a: "x\n', 2, "this is not YAML"),
        ("a: \x07\n", 1, "this is not YAML"),
    ],
)
def test_errors_name_the_line(text, line, what):
    error = refusal(text)
    assert error.message.startswith(f"rules/mine.yaml:{line}: ")
    assert what in error.message
    assert error.hint


def test_a_huge_file_is_refused_unread(tmp_path):
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(InputError, match="too large"):
        document.read(huge)


def test_a_file_of_another_kind_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        document.read(tmp_path)


def test_lines_are_found_by_path():
    read = parse("first:\n  x: 1\nsecond:\n  y:\n    - a\n    - z: 2\n", "f.yaml")
    assert str(read.place(("second", "y", 1, "z"))) == "f.yaml:6"
    assert str(read.place(("second", "y", 0))) == "f.yaml:5"
    assert str(read.place(("second", "y", 7, "no"))) == "f.yaml:4"
    assert read.keys == {"first": 1, "second": 3}


def test_without_libyaml_the_same_is_read(monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml.cyaml", None)
    spec = importlib.util.spec_from_file_location("document_without_libyaml", document.__file__)
    slow = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(slow)

    assert slow.CParser.__module__ == slow.__name__
    assert slow.parse("a: [1, {b: c}]\n", "f.yaml").data == {"a": [1, {"b": "c"}]}
    with pytest.raises(InputError, match=r"f\.yaml:1: the tag"):
        slow.parse("a: !!python/object:os.system x", "f.yaml")
