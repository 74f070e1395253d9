"""Whatever stands in a file, reading it gives a snapshot or two lines for a person, never a crash."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.model.errors import InputError
from advisor.model.scope import FAMILIES
from advisor.snapshot import Snapshot, read
from advisor.snapshot.dumps import read_file
from tests.scenes.test_builder import grand_scene

KEYS = sorted({family.key for family in FAMILIES.values() if family.key})
MEMBERS = [
    "VpcId",
    "Tags",
    "Entries",
    "Routes",
    "Policy",
    "Attributes",
    "schema",
    "Error",
    "ResponseMetadata",
]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, *MEMBERS]), inner, max_size=3)
    ),
    max_leaves=12,
)


def survives(path: Path, content: bytes) -> None:
    try:
        estate = read_file(path, content).estate()
    except InputError as error:
        assert error.message and error.hint
    else:
        assert all(isinstance(warning, str) for warning in estate.warnings)


@given(st.dictionaries(st.sampled_from([*KEYS, *MEMBERS]), anything, max_size=4) | anything)
@settings(max_examples=400)
def test_any_json_under_the_keys_of_aws(value: Any) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "ec2-describe-vpcs.json")
        path.touch()
        survives(path, json.dumps(value).encode())


@cache
def dumps() -> tuple[tuple[str, bytes], ...]:
    """Every file that the grand scene dumps."""
    with TemporaryDirectory() as folder:
        grand_scene().dump(Path(folder))
        return tuple((path.name, path.read_bytes()) for path in sorted(Path(folder).rglob("*.json")))


@given(st.integers(0, 2**32), st.sampled_from(["cut", "byte", "swap", "double", "value"]))
@settings(max_examples=300)
def test_any_damage_to_a_dump(seed: int, kind: str) -> None:
    chance = random.Random(seed)
    name, content = chance.choice(dumps())
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.touch()
        survives(path, damaged(content, kind, chance))


def damaged(content: bytes, kind: str, chance: random.Random) -> bytes:
    position = chance.randrange(len(content))
    if kind == "cut":
        return content[:position]
    if kind == "byte":
        return content[:position] + bytes([chance.randrange(256)]) + content[position + 1 :]
    if kind == "double":
        return content + content[position:]
    if kind == "swap":
        other = chance.choice(dumps())[1]
        return content[:position] + other[chance.randrange(len(other)) :]
    value = json.loads(content)
    replace_something(value, chance)
    return json.dumps(value).encode()


OTHER_VALUES = [None, "", 0, -1, [], {}, "x", [None], {"a": 1}, True, 1e300, "10.0.0.0/99"]


def replace_something(value: Any, chance: random.Random) -> None:
    """Another type where a member was: what a script that means well may write."""
    inner = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    if not inner:
        return
    key, old = chance.choice(inner)
    if isinstance(old, dict | list) and old and chance.random() < 0.8:
        replace_something(old, chance)
    else:
        value[key] = chance.choice(
            [None, "", 0, -1, [], {}, "x", [None], {"a": 1}, True, 1e300, "10.0.0.0/99"]
        )


@given(st.binary(max_size=300))
def test_any_bytes(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.json")
        path.write_bytes(content)
        try:
            assert isinstance(read(path), Snapshot)
        except InputError as error:
            assert error.hint
