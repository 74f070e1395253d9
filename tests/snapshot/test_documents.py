"""Files as shells and scripts leave them: encodings, and several documents in one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.snapshot.documents import Document, Text, documents


def contents(data: bytes) -> list[object]:
    return [json.loads(each.content) for each in documents(data) if isinstance(each, Document)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp932"])
def test_encodings_that_shells_write(encoding: str) -> None:
    text = '{"Vpcs": [{"VpcId": "vpc-1", "Name": "東京"}]}'
    assert contents(text.encode(encoding)) == [json.loads(text)]


def test_a_byte_that_no_encoding_explains_does_not_stop_the_rest() -> None:
    assert contents(b'{"a": "\xff\xfe\x81"}')[0].keys() == {"a"}  # type: ignore[attr-defined]


def test_documents_one_after_the_other_with_headings() -> None:
    data = b'us-east-1\n{"Vpcs": []}\n\neu-west-1:\n{"Vpcs": [\n  {"VpcId": "vpc-1"}\n]}\n'
    found = [each for each in documents(data) if isinstance(each, Document)]
    assert [each.heading for each in found] == ["us-east-1", "eu-west-1:"]


def test_json_lines_and_documents_without_space_between() -> None:
    assert contents(b'{"a": 1}\n{"b": 2}\n[3]\n') == [{"a": 1}, {"b": 2}, [3]]
    assert contents(b'{"a": 1}{"b": 2}') == [{"a": 1}, {"b": 2}]


def test_a_broken_document_is_named_and_the_next_one_is_read() -> None:
    data = b'{\n  "Vpcs": [\n    {"VpcId": \n}\n{"Subnets": []}\n'
    found = list(documents(data))
    assert [each.problem != "" for each in found if isinstance(each, Text)] == [True]
    assert contents(data) == [{"Subnets": []}]


def test_text_that_is_no_json_comes_back_as_text() -> None:
    assert list(documents(b"command not found: aws\n")) == [Text("command not found: aws")]


def test_absurd_nesting_is_not_a_crash() -> None:
    assert contents(b"[" * 100_000 + b"\n") == []


@given(st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none()), min_size=1), st.booleans())
def test_any_documents_printed_in_a_row_are_all_found(values: list[dict[str, object]], pretty: bool) -> None:
    data = "\n".join(json.dumps(value, indent=4 if pretty else None) for value in values)
    assert contents(data.encode()) == values


@given(st.binary(max_size=200))
def test_no_bytes_crash_it(data: bytes) -> None:
    for each in documents(data):
        assert isinstance(each, Document | Text)
