"""What is written as YAML is read back as it was, by any YAML reader."""

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from advisor.rulebook import as_yaml

AWKWARD = (
    *("yes", "No", "on", "null", "~", "1.0", "0x1f", "12:30", "2026-11-23", "=", "<<", " a ", ""),
    *("a: b", "- a", "# a", "a #b", "&a", "*a", "{a}", "[a]", "'", '"', "\\", "!!python/name:os"),
    *("a\nb", "\x1b[31m", "\x85", "\u2028", "\ufeff"),
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(AWKWARD)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(DATA)
def test_reading_gives_back_what_was_written(data):
    assert yaml.safe_load(as_yaml(data)) == data


SAYS = "No rule admits it, as far as it's known."


def test_it_looks_as_people_write_it():
    data = {
        "targets": [
            {"id": "i-0a", "name": "ウェブ", "says": SAYS, "methods": [], "cost": 7.3},
            {"id": "i-0b", "up": True},
        ]
    }
    assert as_yaml(data) == (
        "targets:\n"
        "  - id: i-0a\n"
        "    name: ウェブ\n"
        "    says: No rule admits it, as far as it's known.\n"
        "    methods: []\n"
        "    cost: 7.3\n"
        "  - id: i-0b\n"
        "    up: true\n"
    )


def test_the_same_value_twice_is_written_twice_and_not_as_an_alias():
    shared = {"a": 1}
    assert as_yaml([shared, shared]) == "- a: 1\n- a: 1\n"


def test_numbers_stay_numbers():
    assert yaml.safe_load(as_yaml([1e20, -1e-7, math.inf, -math.inf])) == [1e20, -1e-7, math.inf, -math.inf]
    assert math.isnan(yaml.safe_load(as_yaml([math.nan]))[0])


def test_what_json_does_not_know_is_refused():
    with pytest.raises(TypeError, match="set has no form"):
        as_yaml([{1, 2}])
