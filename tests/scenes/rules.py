"""Security group rules and network ACL entries, as a test writes them."""

from __future__ import annotations

from typing import Any, NamedTuple

ANYWHERE = "0.0.0.0/0"
SELF_GROUP = "self"
Ports = int | tuple[int, int]


class Rule(NamedTuple):
    """A rule before it has a group: protocol, ports, and the ranges, groups or prefix lists it names."""

    protocol: str
    first: int | None
    last: int | None
    sources: tuple[Any, ...]
    description: str | None = None


class Peer(NamedTuple):
    """A security group of another account or VPC, as a rule names it."""

    group: str
    account: str
    vpc: str | None = None
    peering: str | None = None
    status: str | None = "active"


class Entry(NamedTuple):
    """A network ACL entry before it has an ACL."""

    number: int
    action: str
    protocol: str
    first: int | None
    last: int | None
    block: str


def tcp(ports: Ports, *sources: Any, description: str | None = None) -> Rule:
    """TCP ports from these sources: CIDR, `pl-…`, `sg-…`, a group, `"self"`, a Peer; anywhere if none."""
    return Rule("tcp", *_ports(ports), sources or (ANYWHERE,), description)


def udp(ports: Ports, *sources: Any, description: str | None = None) -> Rule:
    """UDP ports from these sources."""
    return Rule("udp", *_ports(ports), sources or (ANYWHERE,), description)


def icmp(*sources: Any, type: int = -1, code: int = -1) -> Rule:
    """ICMP (v4) of a type and code, -1 for any."""
    return Rule("icmp", type, code, sources or (ANYWHERE,))


def icmpv6(*sources: Any) -> Rule:
    """ICMPv6; AWS gives no ports with it."""
    return Rule("icmpv6", None, None, sources or ("::/0",))


def everything(*sources: Any) -> Rule:
    """All protocols and ports (`-1`; AWS leaves the ports out)."""
    return Rule("-1", None, None, sources or (ANYWHERE,))


def protocol(number: int | str, *sources: Any) -> Rule:
    """An IP protocol by its number, without ports."""
    return Rule(str(number), None, None, sources or (ANYWHERE,))


ALL = (everything(),)
"""What AWS gives a new group as its outbound rules."""


def peer(
    group: Any,
    account: str = "",
    vpc: str | None = None,
    peering: str | None = None,
    status: str | None = "active",
) -> Peer:
    """A group of another account or VPC."""
    return Peer(str(getattr(group, "id", group)), account, vpc, peering, status)


def entry(
    number: int,
    action: str = "allow",
    protocol: str = "-1",
    ports: Ports | None = None,
    block: str = ANYWHERE,
) -> Entry:
    """A network ACL entry; `protocol` by name or number; for icmp `ports` is (type, code)."""
    first, last = _ports(ports) if ports is not None else (None, None)
    return Entry(number, action, _NUMBERS.get(protocol, protocol), first, last, block)


_NUMBERS = {"tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58", "all": "-1", "-1": "-1"}


def _ports(ports: Ports) -> tuple[int, int]:
    return (ports, ports) if isinstance(ports, int) else ports


def permission(rule: Rule, group: Any) -> dict[str, Any]:
    """The rule as a member of `IpPermissions`."""
    record: dict[str, Any] = {"IpProtocol": rule.protocol}
    if rule.first is not None:
        record |= {"FromPort": rule.first, "ToPort": rule.last}
    record |= {"UserIdGroupPairs": [], "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": []}
    for source in rule.sources:
        key, member = _source(source, group)
        if rule.description:
            member["Description"] = rule.description
        record[key].append(member)
    return record


def _source(source: Any, group: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(source, Peer):
        pair = {
            "GroupId": source.group,
            "UserId": source.account or group.place.account,
            "VpcId": source.vpc,
            "VpcPeeringConnectionId": source.peering,
            "PeeringStatus": source.status if source.peering else None,
        }
        return "UserIdGroupPairs", {key: value for key, value in pair.items() if value is not None}
    text = str(getattr(source, "id", source))
    if text == SELF_GROUP:
        text = group.id
    if text.startswith("sg-"):
        return "UserIdGroupPairs", group.pair(source if hasattr(source, "vpc") else text)
    if text.startswith("pl-"):
        return "PrefixListIds", {"PrefixListId": text}
    if ":" in text:
        return "Ipv6Ranges", {"CidrIpv6": text}
    return "IpRanges", {"CidrIp": text}


def acl_entry(each: Entry, egress: bool) -> dict[str, Any]:
    """The entry as a member of `Entries`."""
    record: dict[str, Any] = {
        "Egress": egress,
        "Protocol": each.protocol,
        "RuleAction": each.action,
        "RuleNumber": each.number,
    }
    record["Ipv6CidrBlock" if ":" in each.block else "CidrBlock"] = each.block
    if each.first is not None:
        if each.protocol in {"1", "58"}:
            record["IcmpTypeCode"] = {"Type": each.first, "Code": each.last}
        else:
            record["PortRange"] = {"From": each.first, "To": each.last}
    return record
