"""IP addresses and prefixes as integers: parsing, covering, longest-prefix match.

Integers and masks are about twice as fast as `ipaddress` objects in the loops that matter; `ipaddress`
still does the parsing and the printing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, Generic, NamedTuple, TypeVar

_BITS: Final = {4: 32, 6: 128}


class Address(NamedTuple):
    """One IP address: `version` 4 or 6, `value` as an integer."""

    version: int
    value: int

    def __str__(self) -> str:
        if self.version == 6:
            return str(ipaddress.IPv6Address(self.value))
        value = self.value
        return f"{value >> 24}.{value >> 16 & 255}.{value >> 8 & 255}.{value & 255}"

    @property
    def host(self) -> Prefix:
        """The prefix that holds only this address (/32 or /128)."""
        return Prefix(self.version, self.value, _BITS[self.version])


class Prefix(NamedTuple):
    """A CIDR block: `value` is the network address, `length` the prefix length."""

    version: int
    value: int
    length: int

    @property
    def last(self) -> int:
        """The highest address of the block, as an integer."""
        return self.value | ((1 << (_BITS[self.version] - self.length)) - 1)

    def holds(self, address: Address) -> bool:
        """Whether the address lies inside."""
        return address.version == self.version and address.value >> (
            _BITS[self.version] - self.length
        ) == self.value >> (_BITS[self.version] - self.length)

    def covers(self, other: Prefix) -> bool:
        """Whether every address of `other` lies inside."""
        return (
            other.version == self.version
            and self.length <= other.length
            and self.holds(Address(other.version, other.value))
        )

    def overlaps(self, other: Prefix) -> bool:
        """Whether at least one address lies in both (one then covers the other)."""
        return self.covers(other) or other.covers(self)

    def __str__(self) -> str:
        return f"{Address(self.version, self.value)}/{self.length}"


ANYWHERE_V4: Final = Prefix(4, 0, 0)
ANYWHERE_V6: Final = Prefix(6, 0, 0)
ANYWHERE: Final = {4: ANYWHERE_V4, 6: ANYWHERE_V6}


@lru_cache(maxsize=262_144)
def parse_address(text: str) -> Address | None:
    """The address that `text` spells, or None if it spells none."""
    try:
        parsed = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return Address(parsed.version, int(parsed))


@lru_cache(maxsize=262_144)
def parse_prefix(text: str) -> Prefix | None:
    """The prefix that `text` spells (host bits are dropped, as AWS does), or None if it spells none."""
    try:
        parsed = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    return Prefix(parsed.version, int(parsed.network_address), parsed.prefixlen)


def has_host_bits(text: str) -> bool:
    """Whether a valid CIDR sets bits right of its prefix length (`10.0.0.1/16`)."""
    prefix = parse_prefix(text)
    address = parse_address(text.split("/", maxsplit=1)[0])
    return prefix is not None and address != Address(prefix.version, prefix.value)


def _prefixes(*texts: str) -> tuple[Prefix, ...]:
    return tuple(prefix for prefix in map(parse_prefix, texts) if prefix is not None)


RFC1918: Final = _prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
RFC6598: Final = _prefixes("100.64.0.0/10")
NAT64: Final = _prefixes("64:ff9b::/96")[0]
_NOT_PUBLIC: Final = (
    *RFC1918,
    *RFC6598,
    *_prefixes(
        "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "fc00::/7", "fe80::/10", "ff00::/8"
    ),
)


def is_public(address: Address) -> bool:
    """Whether the address can be a source or destination on the internet."""
    return not any(prefix.holds(address) for prefix in _NOT_PUBLIC)


def is_within(address: Address, prefixes: Iterable[Prefix]) -> bool:
    """Whether one of the prefixes holds the address."""
    return any(prefix.holds(address) for prefix in prefixes)


T = TypeVar("T")


class PrefixTable(Generic[T]):
    """Values by prefix, found by longest-prefix match.

    One dictionary per prefix length that occurs: a lookup costs as many dictionary reads as there are
    distinct lengths, whatever the number of entries. Several values may stand on one prefix.
    """

    __slots__ = ("_by_length",)

    def __init__(self, entries: Iterable[tuple[Prefix, T]] = ()) -> None:
        found: dict[tuple[int, int], dict[int, list[T]]] = {}
        for prefix, value in entries:
            found.setdefault((prefix.version, prefix.length), {}).setdefault(prefix.value, []).append(value)
        self._by_length = {
            version: [
                (length, ((1 << length) - 1) << (_BITS[version] - length), found[version, length])
                for length in sorted((n for v, n in found if v == version), reverse=True)
            ]
            for version in _BITS
        }

    def matches(self, address: Address) -> Iterator[tuple[Prefix, list[T]]]:
        """Every prefix that holds the address, the longest first."""
        version, value = address
        for length, mask, table in self._by_length[version]:
            values = table.get(value & mask)
            if values is not None:
                yield Prefix(version, value & mask, length), values

    def longest(self, address: Address) -> tuple[Prefix, list[T]] | None:
        """The longest prefix that holds the address, with its values."""
        return next(self.matches(address), None)
