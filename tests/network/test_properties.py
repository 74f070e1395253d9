"""Properties that no examples can show: knowing less never means yes, a rule more never means no."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.model.addresses import Address, Prefix, PrefixTable, parse_prefix
from advisor.model.estate import Estate
from advisor.model.ports import PortRange
from advisor.model.records.ec2 import NetworkAcl, NetworkAclEntry
from advisor.model.responses import Responses
from advisor.model.verdict import READY
from advisor.network import acls
from advisor.network.flow import Flow, Protocol
from advisor.network.network import Network
from advisor.network.trace import Direction
from tests.network.conformance import LINES, Line, Pair, ssh

HIDDEN_WITH_AN_ASSUMPTION = {
    # Not asked at all, these are taken to hold nothing, and the trace says so (see names.py): Route 53
    # Profiles are visible to no call either, so that "unknown" would be the answer of every account.
    "route53:ListHostedZonesByVPC",
    "route53:ListResourceRecordSets",
}


def prefixes() -> st.SearchStrategy[Prefix]:
    def made(value: int, length: int) -> Prefix:
        found = parse_prefix(f"{Address(4, value)}/{length}")
        assert found is not None
        return found

    return st.builds(made, st.integers(0, 2**32 - 1), st.integers(0, 32))


def addresses() -> st.SearchStrategy[Address]:
    return st.builds(Address, st.just(4), st.integers(0, 2**32 - 1))


@given(st.lists(prefixes(), max_size=12), addresses(), st.data())
def test_longest_prefix_matches_a_naive_search(
    known: list[Prefix], address: Address, data: st.DataObject
) -> None:
    if known and data.draw(st.booleans()):  # random addresses rarely lie in random blocks
        address = Address(4, data.draw(st.sampled_from(known)).last)
    table = PrefixTable((prefix, str(prefix)) for prefix in known)
    holding = [prefix for prefix in known if prefix.holds(address)]
    found = table.longest(address)
    if not holding:
        assert found is None
    else:
        longest = max(holding, key=lambda prefix: prefix.length)
        assert found is not None
        assert found[0] == longest
        assert found[1] == [str(longest)] * holding.count(longest)


def entries() -> st.SearchStrategy[NetworkAclEntry]:
    def made(number: int, allow: bool, block: Prefix, first: int, more: int, every: bool) -> NetworkAclEntry:
        record = {
            "RuleNumber": number,
            "Egress": False,
            "Protocol": "-1" if every else "6",
            "RuleAction": "allow" if allow else "deny",
            "CidrBlock": str(block),
        }
        if not every:
            record["PortRange"] = {"From": first, "To": min(first + more, 65535)}
        return msgspec.convert(record, NetworkAclEntry)

    blocks = st.sampled_from(["0.0.0.0/0", "10.0.0.0/8", "10.0.1.0/24", "10.0.1.7/32"]).map(parse_prefix)
    return st.builds(
        made,
        st.integers(1, 400),
        st.booleans(),
        blocks,
        st.sampled_from([22, 443, 1024, 32768, 49152]),
        st.sampled_from([0, 100, 20000]),
        st.booleans(),
    )


@given(st.lists(entries(), max_size=7, unique_by=lambda e: e.rule_number), st.integers(0, 65535))
def test_acl_entries_are_tried_in_order_for_every_port(found: list[NetworkAclEntry], port: int) -> None:
    acl = NetworkAcl(network_acl_id="acl-1", entries=tuple(found))
    peer = Address(4, (10 << 24) + (1 << 8) + 7)
    decision = acls.decide(acls.compile_entries(acl, False), peer, Protocol.TCP, PortRange(0, 65535))
    first = next((e for e in sorted(found, key=lambda e: e.rule_number) if matches(e, peer, port)), None)
    passes = first is not None and first.rule_action == "allow"
    assert any(part.first <= port <= part.last for part in decision.admitted) == passes
    assert any(part.first <= port <= part.last for part in decision.denied) == (not passes)


def matches(entry: NetworkAclEntry, peer: Address, port: int) -> bool:
    block = parse_prefix(entry.cidr_block or "")
    assert block is not None
    span = entry.port_range
    in_ports = span is None or (span.from_ or 0) <= port <= (span.to or 65535)
    return block.holds(peer) and in_ports


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.number)
@pytest.mark.parametrize("how", ["denied", "failed", "not-asked"])
def test_hiding_an_answer_never_makes_a_path_reachable(line: Line, how: str) -> None:  # 105
    case = line.build()
    if case.verdict == "reachable":
        return
    responses = case.scene.responses()
    if case.estate is not None:
        accounts = set(case.estate.accounts)
        responses = [each for each in responses if each.account in accounts]
    for operation in {each.operation for each in responses}:
        if how == "not-asked" and operation in HIDDEN_WITH_AN_ASSUMPTION:
            continue
        hidden = [hide(each, how) if each.operation == operation else each for each in responses]
        trace = Network(Estate.of(hidden)).trace(case.flow)
        assert trace.verdict is not READY, f"without {operation}"


def hide(responses: Responses, how: str) -> Responses:
    return Responses(responses.account, responses.region, responses.operation, how, "AccessDenied")


LISTS_THAT_MAY_BE_EMPTY = {"Associations"}
"""Lists whose absence cannot be told from emptiness: a table of no subnet, say."""


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.number)
def test_a_member_that_is_lost_never_makes_a_path_reachable(line: Line) -> None:  # 105
    """Sparse dumps: each member is missing or null in turn (a sample of them, the same each time)."""
    case = line.build()
    if case.verdict == "reachable":
        return
    responses = case.scene.responses()
    if case.estate is not None:
        responses = [each for each in responses if each.account in case.estate.accounts]
    network = [i for i, each in enumerate(responses) if each.operation.startswith("ec2:")]
    members = [
        (position, path)
        for position in network
        for path in paths_of(msgspec.json.decode(responses[position].records))
        if path[-1] not in LISTS_THAT_MAY_BE_EMPTY
    ]
    chance = random.Random(line.number)
    for position, path in chance.sample(members, min(80, len(members))):
        records = msgspec.json.decode(responses[position].records)
        *way, last = path
        holder = records
        for step in way:
            holder = holder[step]
        if chance.random() < 0.5:
            del holder[last]
        else:
            holder[last] = None
        lost = msgspec.Raw(msgspec.json.encode(records))
        sparse = [
            msgspec.structs.replace(each, records=lost) if i == position else each
            for i, each in enumerate(responses)
        ]
        trace = Network(Estate.of(sparse)).trace(case.flow)
        assert trace.verdict is not READY, f"without {responses[position].operation} {path}"


def paths_of(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each member of each object stands."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        if isinstance(value, dict):
            yield (*way, key)
        yield from paths_of(each, (*way, key))


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.number)
def test_order_of_the_answers_changes_nothing(line: Line) -> None:
    case = line.build()
    responses = case.scene.responses()
    if case.estate is not None:
        responses = [each for each in responses if each.account in case.estate.accounts]
    expected = Network(Estate.of(responses)).trace(case.flow)
    shuffled = [shuffle(each, random.Random(7)) for each in reversed(responses)]
    trace = Network(Estate.of(shuffled)).trace(case.flow)
    assert trace.verdict is expected.verdict
    assert {hop.code for hop in trace.blockers} == {hop.code for hop in expected.blockers}


def shuffle(responses: Responses, chance: random.Random) -> Responses:
    records = msgspec.json.decode(responses.records)
    chance.shuffle(records)
    for record in records:
        for key in ("Routes", "Entries", "IpPermissions", "IpPermissionsEgress", "Associations"):
            if isinstance(record.get(key), list):
                chance.shuffle(record[key])
    return msgspec.structs.replace(responses, records=msgspec.Raw(msgspec.json.encode(records)))


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.number)
def test_an_allow_rule_more_never_blocks(line: Line) -> None:
    case = line.build()
    if case.verdict != "reachable" or case.estate is not None:
        return
    responses = []
    for each in case.scene.responses():
        records = msgspec.json.decode(each.records)
        if each.operation == "ec2:DescribeSecurityGroups":
            for record in records:
                extra = {
                    "IpProtocol": "tcp",
                    "FromPort": 22,
                    "ToPort": 22,
                    "IpRanges": [{"CidrIp": "203.0.113.0/24"}],
                }
                record["IpPermissions"].append(extra)
                record["IpPermissionsEgress"].append(extra)
        if each.operation == "ec2:DescribeNetworkAcls":
            for record in records:
                for egress in (True, False):
                    record["Entries"].append(
                        {
                            "RuleNumber": 1,
                            "Egress": egress,
                            "Protocol": "6",
                            "RuleAction": "allow",
                            "CidrBlock": "0.0.0.0/0",
                            "PortRange": {"From": 22, "To": 22},
                        }
                    )
        if each.operation != "ec2:DescribeSecurityGroupRules":
            responses.append(msgspec.structs.replace(each, records=msgspec.Raw(msgspec.json.encode(records))))
    assert Network(Estate.of(responses)).trace(case.flow).verdict is READY


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.number)
def test_ids_mean_nothing(line: Line) -> None:
    case = line.build()
    if case.estate is not None:
        return
    responses = case.scene.responses()
    other = [
        msgspec.structs.replace(each, records=msgspec.Raw(relabelled(bytes(each.records))))
        for each in responses
    ]
    flow = msgspec.convert(msgspec.json.decode(relabelled(msgspec.json.encode(case.flow))), Flow)
    one = Network(Estate.of(responses)).trace(case.flow)
    two = Network(Estate.of(other)).trace(flow)
    assert two.verdict is one.verdict
    assert sorted(str(hop.code) for hop in two.blockers) == sorted(str(hop.code) for hop in one.blockers)


def relabelled(text: bytes) -> bytes:
    """Ids count downwards in place of upwards: -0…01 becomes -f…fe."""
    import re

    return re.sub(
        rb"-([0-9a-f]{17})\b", lambda m: b"-%017x" % (0xFFFFFFFFFFFFFFFFF - int(m.group(1), 16)), text
    )


def test_swapping_the_ends_swaps_the_directions() -> None:
    pair = Pair(ingress=[])
    pair.near.record["IpPermissions"] = []
    pair.vpc.acl([], [], [pair.b])
    network = Network(pair.scene.estate())
    there = network.trace(ssh(pair.bastion, pair.instance))
    back = network.trace(ssh(pair.instance, pair.bastion))

    def walls(trace_hops: tuple[object, ...], direction: Direction) -> list[str]:
        return [
            hop.id  # type: ignore[attr-defined]
            for hop in trace_hops
            if hop.kind == "network-acl" and hop.direction is direction and hop.verdict is not READY  # type: ignore[attr-defined]
        ]

    assert len(walls(there.hops, Direction.FORWARD)) == len(walls(back.hops, Direction.RETURN)) == 1
    assert walls(there.hops, Direction.RETURN) == walls(back.hops, Direction.FORWARD)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_a_class_answers_for_each_of_its_members(seed: int) -> None:  # 106
    """Random rules for single addresses, blocks and groups: equal classes, equal verdicts."""
    from tests.scenes.builder import entry, tcp

    chance = random.Random(seed)
    pair = Pair(ingress=[])
    pair.far.ingress(tcp(22, pair.near))
    sources = ["10.0.0.0/24", "10.0.0.4/32", "10.0.0.0/16", "10.0.1.0/28"]
    other = pair.vpc.group("other", ingress=[tcp(22, chance.choice(sources))])
    if chance.random() < 0.6:
        block = f"10.0.1.{chance.randrange(4, 12)}/{chance.choice([29, 30, 32])}"
        pair.vpc.acl([entry(90, "deny", "tcp", 22, block), entry(100)], [entry(100)], [pair.a])
        pair.vpc.acl([entry(90, "deny", "tcp", 22, "10.0.0.4/31"), entry(100)], [entry(100)], [pair.b])
    if chance.random() < 0.5:
        pair.near.record["IpPermissionsEgress"] = []
        pair.near.egress(tcp(22, f"10.0.1.{chance.randrange(4, 12)}/{chance.choice([30, 32])}"))
    members = [
        pair.b.instance(
            groups=[chance.choice([pair.far, other])], platform=chance.choice(["linux", "windows"])
        )
        for _ in range(8)
    ]
    estate = pair.scene.estate()
    network = Network(estate)
    scope = estate.regional[0]
    by_class: dict[object, set[str]] = {}
    for member in members:
        trace = network.trace(ssh(pair.bastion, member))
        codes = ",".join(sorted(str(hop.code) for hop in trace.blockers))
        key = network.class_of(scope, scope.instances[member.id])
        by_class.setdefault(key, set()).add(f"{trace.verdict} {codes}")
    assert all(len(answers) == 1 for answers in by_class.values())


def test_one_address_named_by_a_rule_makes_two_classes() -> None:  # 106
    from tests.scenes.builder import tcp

    pair = Pair()
    pair.near.record["IpPermissionsEgress"] = []
    pair.near.egress(tcp(22, "10.0.1.9/32"))
    members = [pair.b.instance(groups=[pair.far]) for _ in range(20)]
    estate = pair.scene.estate()
    network, scope = Network(estate), estate.regional[0]
    classes = {network.class_of(scope, scope.instances[each.id]) for each in members}
    reachable = [m for m in members if network.trace(ssh(pair.bastion, m)).verdict is READY]
    assert len(reachable) == 1
    assert network.class_of(scope, scope.instances[reachable[0].id]) in classes
    # below the address, the address, above it: two atoms may share nothing but their verdict
    assert len(classes) == 3
