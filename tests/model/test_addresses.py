"""Addresses and prefixes against the standard library's slower ones."""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Network, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.model.addresses import (
    ANYWHERE,
    NAT64,
    RFC1918,
    Address,
    Prefix,
    PrefixTable,
    has_host_bits,
    is_public,
    is_within,
    parse_address,
    parse_prefix,
)

versions = st.sampled_from([4, 6])


def addresses_of(version: int) -> st.SearchStrategy[Address]:
    bits = 32 if version == 4 else 128
    # Small numbers share prefixes; large ones reach the other end.
    values = st.integers(0, 1024) | st.integers(0, 2**bits - 1) | st.integers(2**bits - 1024, 2**bits - 1)
    return values.map(lambda value: Address(version, value))


addresses = versions.flatmap(addresses_of)


def network(address: Address, length: int) -> IPv4Network | IPv6Network:
    return ipaddress.ip_network(f"{address}/{min(length, address.host.length)}", strict=False)


networks = st.builds(network, addresses, st.integers(0, 128))


def prefix(of: IPv4Network | IPv6Network) -> Prefix:
    found = parse_prefix(str(of))
    assert found is not None
    return found


@given(addresses)
def test_an_address_is_spelled_as_it_is_parsed(address: Address) -> None:
    assert parse_address(str(address)) == address
    assert str(address) == str(ipaddress.ip_address(str(address)))
    assert address.host.holds(address)
    assert address.host.last == address.value


@given(networks)
def test_a_prefix_is_spelled_as_it_is_parsed(block: IPv4Network | IPv6Network) -> None:
    assert str(prefix(block)) == str(block)
    assert prefix(block).last == int(block.broadcast_address)


@given(networks, addresses)
def test_holding_an_address(block: IPv4Network | IPv6Network, address: Address) -> None:
    assert prefix(block).holds(address) == (ipaddress.ip_address(str(address)) in block)


@given(networks, networks)
def test_covering_and_overlapping(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> None:
    same = one.version == other.version
    assert prefix(one).overlaps(prefix(other)) == (same and one.overlaps(other))
    assert prefix(one).covers(prefix(other)) == (same and other.subnet_of(one))  # type: ignore[arg-type]


@given(networks)
def test_anywhere_covers_everything_of_its_version(block: IPv4Network | IPv6Network) -> None:
    assert ANYWHERE[block.version].covers(prefix(block))
    assert not ANYWHERE[10 - block.version].covers(prefix(block))


@given(addresses, st.integers(0, 128))
def test_host_bits_are_dropped_and_noticed(address: Address, length: int) -> None:
    length = min(length, address.host.length)
    text = f"{address}/{length}"
    parsed = parse_prefix(text)
    assert parsed is not None
    assert parsed.holds(address)
    assert has_host_bits(text) == (parsed.value != address.value)


NONSENSE = [
    "",
    "10.0.0",
    "10.0.0.256",
    "10.0.0.0/33",
    "::/129",
    "ten",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "1.2.3.4.5",
]


@pytest.mark.parametrize("text", NONSENSE)
def test_what_is_no_prefix(text: str) -> None:
    assert parse_prefix(text) is None
    assert not has_host_bits(text)


@given(st.text(max_size=20))
def test_no_text_crashes_the_parsing(text: str) -> None:
    assert parse_address(text) is None or parse_prefix(text) is not None


@given(st.lists(networks, max_size=30), addresses)
def test_the_longest_prefix_is_found_as_by_trying_all(
    blocks: list[IPv4Network | IPv6Network], address: Address
) -> None:
    table = PrefixTable((prefix(block), number) for number, block in enumerate(blocks))
    holding = [(prefix(block), number) for number, block in enumerate(blocks) if prefix(block).holds(address)]
    expected = sorted({found.length for found, _ in holding}, reverse=True)
    assert [found.length for found, _ in table.matches(address)] == expected
    longest = table.longest(address)
    if not holding:
        assert longest is None
    else:
        most = max(found.length for found, _ in holding)
        assert longest is not None
        assert longest[0].length == most
        assert sorted(longest[1]) == [number for found, number in holding if found.length == most]


PRIVATE = [
    "10.0.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "127.0.0.1",
    "fd00::1",
]
PUBLIC = ["8.8.8.8", "172.32.0.1", "100.128.0.1", "203.0.113.5", "2600:1f18::1", "64:ff9b::808:808"]


@pytest.mark.parametrize("text", PRIVATE)
def test_addresses_that_are_not_on_the_internet(text: str) -> None:
    address = parse_address(text)
    assert address is not None and not is_public(address)


@pytest.mark.parametrize("text", PUBLIC)
def test_addresses_that_are_on_the_internet(text: str) -> None:
    address = parse_address(text)
    assert address is not None and is_public(address)


def test_an_address_within_some_prefixes() -> None:
    inside, outside = parse_address("10.1.2.3"), parse_address("11.1.2.3")
    assert inside is not None and is_within(inside, RFC1918)
    assert outside is not None and not is_within(outside, RFC1918)
    assert NAT64.length == 96
