"""What people type for an end of a path: ids, names, addresses, `internet`, `service:ssm`."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from advisor.model.addresses import parse_address, parse_prefix
from advisor.model.errors import InputError
from advisor.model.estate import Estate
from advisor.model.records.ec2 import NetworkInterface
from advisor.model.records.shape import name_of
from advisor.model.scope import Scope
from advisor.model.text import plain
from advisor.network.flow import INTERNET, End, Kind

_SHOWN = 8


def parse_ends(source: str, destination: str, estate: Estate) -> tuple[End, End]:
    """Both ends of a flow; an end that says little by itself is read in the light of the other one.

    Raises InputError as parse_end does, and where both are one machine, which no hop judges.
    """
    if source.strip().lower().startswith("service:") or len(_holders(source, estate)) > 1:
        end = parse_end(destination, estate)
        start = parse_end(source, estate, near=end)
    else:
        start = parse_end(source, estate)
        end = parse_end(destination, estate, near=start)
    if start == end and start.kind in (Kind.INSTANCE, Kind.INTERFACE):
        raise InputError(
            f"Both ends of the path are {plain(start.id)}.",
            "What a machine sends to itself never leaves it: give another end.",
        )
    return start, end


def parse_end(text: str, estate: Estate, near: End | None = None) -> End:
    """The end that `text` names; raises InputError with the candidates where it names none or several.

    Accepted: an instance by id, Name tag or a prefix of either; `eni-…`, `vpce-…`, `eice-…`, `subnet-…`; any
    of these ids as `account/region/id`; a load balancer by name or ARN; an address (of several interfaces
    that hold it, the one in the VPC of the other end, `near`); `internet`, `internet:203.0.113.7`;
    `service:ssm` (in the VPC of `near`).
    """
    wanted = text.strip()
    if not wanted:
        raise InputError(
            "An end of the path is empty.", "Give an instance, interface, address or `internet`."
        )
    lowered = wanted.lower()
    if lowered == "internet":
        return INTERNET
    if lowered.startswith("internet:"):
        return _internet(wanted.split(":", 1)[1])
    if lowered.startswith("service:"):
        return _service(lowered.split(":", 1)[1], estate, near)
    if parse_address(wanted) is not None or ("/" in wanted and parse_prefix(wanted) is not None):
        return _address(wanted, estate, near)
    found = list(_matches(wanted, estate))
    if len(found) == 1:
        return found[0]
    if not found:
        raise _unknown(wanted, estate)
    raise InputError(
        f"{plain(wanted)!r} is ambiguous: {_spell(iter(_labels(found, estate)))}.",
        "Give the full id (as account/region/id, if the id repeats).",
    )


def _unknown(wanted: str, estate: Estate) -> InputError:
    if any(wanted in scope.managed_nodes for scope in estate.regional):
        return InputError(
            f"{plain(wanted)} is a node outside of EC2, whose network no API of AWS shows.",
            "Give its public address: internet:203.0.113.7.",
        )
    named = {word: label for label, *words in _all_instances(estate) for word in words}
    # Of a misspelt name the likely ones; of a word like none of them, what there is.
    close = get_close_matches(wanted, named, n=3)
    labels = dict.fromkeys(named[each] for each in close) or dict.fromkeys(named.values())
    known = "Did you mean" if close else "Known instances:"
    return InputError(
        f"Nothing is called {plain(wanted)!r}.",
        f"{known} {_spell(iter(labels)) or 'none'}{'?' if close else '.'}",
    )


def _internet(address: str) -> End:
    if parse_address(address) is None and parse_prefix(address) is None:
        raise InputError(
            f"{plain(address)!r} is no address.", "Write internet:203.0.113.7 or internet:203.0.113.0/24."
        )
    return End(Kind.INTERNET, address)


def _address(wanted: str, estate: Estate, near: End | None) -> End:
    holders = _holders(wanted, estate)
    if len(holders) > 1:
        vpc = _vpc_of(near, estate) if near is not None else None
        holders = [each for each in holders if (each[0].region, each[1].vpc_id) == vpc] or holders
    if len(holders) > 1:
        held = ", ".join(f"{each.network_interface_id} ({each.vpc_id})" for _, each in holders[:_SHOWN])
        raise InputError(f"{wanted} is ambiguous: it is held by {held}.", "Give the interface's id.")
    if not holders or len(_holders(wanted, estate)) == 1:
        return End(Kind.ADDRESS, wanted)
    scope, interface = holders[0]
    identity = interface.network_interface_id
    return End(Kind.INTERFACE, identity, scope.account, scope.region, address=wanted)


def _holders(text: str, estate: Estate) -> list[tuple[Scope, NetworkInterface]]:
    address = parse_address(text)
    return estate.holders_of(address) if address is not None else []


def _vpc_of(end: End, estate: Estate) -> tuple[str, str | None] | None:
    """Region and VPC in which an end stands."""
    if not end.account:
        return None
    scope = estate.scope(end.account, end.region)
    for table in (
        scope.instances,
        scope.interfaces,
        scope.vpc_endpoints,
        scope.instance_connect_endpoints,
        scope.subnets,
    ):
        found = table.get(end.id)
        if found is not None:
            return (scope.region, found.vpc_id)
    return None


def _service(name: str, estate: Estate, near: End | None) -> End:
    if not name or not all(c.isalnum() or c in "-." for c in name):
        raise InputError(
            f"{plain(name)!r} is no service.", "Write service:ssm, service:ssmmessages, service:s3."
        )
    if near is not None and near.account:
        return End(Kind.SERVICE, name, near.account, near.region)
    scope = next(iter(estate.regional), None)
    account, region = (scope.account, scope.region) if scope is not None else ("", "")
    return End(Kind.SERVICE, name, account, region)


def _matches(wanted: str, estate: Estate) -> Iterator[End]:
    """Exact ids first, then exact names, then prefixes: the first kind that finds something decides."""
    for attempt in (_by_id, _by_place, _by_name, _by_prefix):
        found = list(dict.fromkeys(attempt(wanted, estate)))
        if found:
            yield from found
            return


def _by_id(wanted: str, estate: Estate) -> Iterator[End]:
    for scope in estate.regional:
        for kind, table in (
            (Kind.INSTANCE, scope.instances),
            (Kind.INTERFACE, scope.interfaces),
            (Kind.ENDPOINT, scope.vpc_endpoints),
            (Kind.INSTANCE_CONNECT_ENDPOINT, scope.instance_connect_endpoints),
            (Kind.SUBNET, scope.subnets),
        ):
            if wanted in table:
                yield End(kind, wanted, scope.account, scope.region)
        for balancer in scope.load_balancers.values():
            if wanted in (balancer.load_balancer_arn, balancer.load_balancer_name, balancer.dns_name):
                yield End(Kind.LOAD_BALANCER, balancer.load_balancer_arn, scope.account, scope.region)


def _by_place(wanted: str, estate: Estate) -> Iterator[End]:
    account, _, rest = wanted.partition("/")
    region, _, identity = rest.partition("/")
    yield from (end for end in _by_id(identity, estate) if (end.account, end.region) == (account, region))


def _by_name(wanted: str, estate: Estate) -> Iterator[End]:
    for scope, identity, name in _named(estate):
        if name == wanted:
            yield End(Kind.INSTANCE, identity, scope.account, scope.region)


def _by_prefix(wanted: str, estate: Estate) -> Iterator[End]:
    for scope, identity, name in _named(estate):
        if name.startswith(wanted) or (wanted.startswith("i-") and identity.startswith(wanted)):
            yield End(Kind.INSTANCE, identity, scope.account, scope.region)


def _named(estate: Estate) -> Iterator[tuple[Scope, str, str]]:
    for scope in estate.regional:
        for identity, instance in scope.instances.items():
            if instance.state.name.lower() != "terminated":
                yield scope, identity, plain(name_of(instance.tags))


def _all_instances(estate: Estate) -> Iterator[tuple[str, ...]]:
    """What each instance is called in a list, and the words that find it."""
    for _, identity, name in _named(estate):
        yield (f"{name} ({identity})", name, identity) if name else (identity, identity)


def _labels(found: list[End], estate: Estate) -> Iterator[str]:
    names = {identity: name for _, identity, name in _named(estate)}
    for end in found:
        name = names.get(end.id, "")
        yield f"{name + ' ' if name else ''}{end.id} ({end.account}/{end.region})"


def _spell(labels: Iterator[str]) -> str:
    shown: list[str] = []
    for label in labels:
        if len(shown) == _SHOWN:
            shown.append("…")
            break
        shown.append(label)
    return ", ".join(shown)
