"""Port intervals against sets of ports, which are slow and obviously right."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from advisor.model.ports import ALL_PORTS, PortRange, intersect, merge, one_port, spell, subtract

MOST = 40


@st.composite
def ranges(draw: st.DrawFn) -> PortRange:
    first = draw(st.integers(0, MOST))
    return PortRange(first, draw(st.integers(first, MOST)))


def ports(*given: PortRange) -> set[int]:
    return {port for each in given for port in range(each.first, each.last + 1)}


@given(ranges(), ranges())
def test_covering_and_overlapping(one: PortRange, other: PortRange) -> None:
    assert one.covers(other) == (ports(other) <= ports(one))
    assert one.overlaps(other) == bool(ports(one) & ports(other))


@given(st.lists(ranges()))
def test_merging_keeps_the_ports_in_the_fewest_intervals(given: list[PortRange]) -> None:
    merged = merge(given)
    assert ports(*merged) == ports(*given)
    assert list(merged) == sorted(merged)
    assert all(one.last + 1 < other.first for one, other in pairwise(merged))


@given(st.lists(ranges()), ranges())
def test_subtracting_leaves_the_other_ports(given: list[PortRange], cut: PortRange) -> None:
    left = subtract(merge(given), cut)
    assert ports(*left) == ports(*given) - ports(cut)
    assert merge(left) == left


@given(st.lists(ranges()), ranges())
def test_intersecting_keeps_the_common_ports(given: list[PortRange], keep: PortRange) -> None:
    assert ports(*intersect(merge(given), keep)) == ports(*given) & ports(keep)


@given(st.lists(ranges()), ranges())
def test_what_is_cut_and_what_is_kept_are_all(given: list[PortRange], part: PortRange) -> None:
    whole = merge(given)
    assert merge((*subtract(whole, part), *intersect(whole, part))) == whole


def test_the_ends_of_the_world_of_ports() -> None:
    assert subtract([ALL_PORTS], ALL_PORTS) == ()
    assert subtract([ALL_PORTS], one_port(0)) == (PortRange(1, 65535),)
    assert subtract([ALL_PORTS], one_port(65535)) == (PortRange(0, 65534),)
    assert merge([PortRange(0, 65534), one_port(65535)]) == (ALL_PORTS,)


def test_spelling() -> None:
    assert spell([]) == "none"
    assert spell([one_port(22), PortRange(1024, 65535)]) == "22, 1024-65535"
