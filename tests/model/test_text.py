"""Text of an account reaches no screen with control characters in it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.model.text import plain


@given(st.text())
def test_nothing_that_controls_a_screen_is_left(text: str) -> None:
    assert all(unicodedata.category(each) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for each in plain(text))
    assert plain(plain(text)) == plain(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_letters_of_every_script_stay(text: str) -> None:
    assert plain(text) == text


CASES = [
    ("\x1b[31mred\x1b[0m", "[31mred[0m"),
    ("one\ntwo\tthree\r", "one two three "),
    ("a\u202eb\u2066c\u200b", "abc"),
    ("東京 バスティオン", "東京 バスティオン"),
]


@pytest.mark.parametrize(("text", "shown"), CASES)
def test_hostile_names(text: str, shown: str) -> None:
    assert plain(text) == shown
