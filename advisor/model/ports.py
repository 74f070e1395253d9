"""Port intervals: what an entry admits, what is left, and how to say it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple


class PortRange(NamedTuple):
    """An inclusive interval of ports, 0 to 65535."""

    first: int
    last: int

    def covers(self, other: PortRange) -> bool:
        """Whether every port of `other` lies inside."""
        return self.first <= other.first and other.last <= self.last

    def overlaps(self, other: PortRange) -> bool:
        """Whether at least one port lies in both."""
        return self.first <= other.last and other.first <= self.last

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


ALL_PORTS: Final = PortRange(0, 65535)


def one_port(port: int) -> PortRange:
    """The interval that holds this port only."""
    return PortRange(port, port)


def subtract(ranges: Iterable[PortRange], cut: PortRange) -> tuple[PortRange, ...]:
    """What is left of `ranges` (disjoint, sorted) without `cut`."""
    left: list[PortRange] = []
    for each in ranges:
        if not each.overlaps(cut):
            left.append(each)
            continue
        if each.first < cut.first:
            left.append(PortRange(each.first, cut.first - 1))
        if each.last > cut.last:
            left.append(PortRange(cut.last + 1, each.last))
    return tuple(left)


def intersect(ranges: Iterable[PortRange], keep: PortRange) -> tuple[PortRange, ...]:
    """What of `ranges` lies inside `keep`."""
    return tuple(
        PortRange(max(each.first, keep.first), min(each.last, keep.last))
        for each in ranges
        if each.overlaps(keep)
    )


def merge(ranges: Iterable[PortRange]) -> tuple[PortRange, ...]:
    """The same ports as the fewest sorted, disjoint intervals."""
    merged: list[PortRange] = []
    for each in sorted(ranges):
        if merged and each.first <= merged[-1].last + 1:
            merged[-1] = PortRange(merged[-1].first, max(merged[-1].last, each.last))
        else:
            merged.append(each)
    return tuple(merged)


def spell(ranges: Iterable[PortRange]) -> str:
    """`1024-32767, 61001-65535` for people; `none` for no port."""
    return ", ".join(map(str, ranges)) or "none"
