"""The break-glass view: which targets have no way in or only one, and what would fail together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from advisor.methods.assessment import Assessment, MethodAssessment, MethodId, TargetAssessment
from advisor.model.estate import Estate
from advisor.model.evidence import SELF
from advisor.model.text import plain
from advisor.model.verdict import READY, UNKNOWN
from advisor.report.rows import METHOD_NAMES

_SHARED_KINDS: Final = frozenset(
    {
        "nat-gateway",
        "vpc-endpoint",
        "instance-connect-endpoint",
        "transit-gateway",
        "vpc-peering-connection",
        "internet-gateway",
        "middlebox",
    }
)
"""Hops that many targets go through, so that losing one of them cuts many off."""


class Way(msgspec.Struct, frozen=True):
    """A line: a thing or a target, what is said about it, and the ids of the targets concerned."""

    title: str
    detail: str
    targets: tuple[str, ...]


class Ways(msgspec.Struct, frozen=True):
    """The view.

    `together` are things whose loss cuts off every ready way of several targets, most of them first; `zones`
    the same for Availability Zones.
    """

    none: tuple[Way, ...]
    one: tuple[Way, ...]
    together: tuple[Way, ...]
    zones: tuple[Way, ...]


ZoneOf = Callable[[str, str, str], str | None]
"""Gives the Availability Zone that a resource (account, Region, id) stands in; None for none or several."""


def ways(assessment: Assessment, zone_of: ZoneOf) -> Ways:
    """Work the view out."""
    none: list[Way] = []
    one: list[Way] = []
    by_thing: dict[str, list[str]] = defaultdict(list)
    by_zone: dict[str, list[str]] = defaultdict(list)
    for assessed in assessment.targets:
        ready = [each for each in assessed.methods if each.verdict is READY]
        target = assessed.target
        if not ready:
            none.append(Way(_name(assessed), _hope(assessed), (target.id,)))
            continue
        if len(ready) == 1:
            only = ready[0]
            through = f" through {only.via}" if only.via else ""
            one.append(Way(_name(assessed), plain(METHOD_NAMES[only.method] + through), (target.id,)))
        needed = [frozenset(_things(each)) for each in ready]
        for thing in frozenset.intersection(*needed):
            by_thing[thing].append(target.id)
        zones = [_zones(assessed, each, zone_of) for each in needed]
        for zone in frozenset.intersection(*zones):
            by_zone[zone].append(target.id)
    return Ways(tuple(none), tuple(one), _grouped(by_thing), _grouped(by_zone))


def _grouped(found: dict[str, list[str]]) -> tuple[Way, ...]:
    several = [(thing, ids) for thing, ids in found.items() if len(ids) > 1]
    several.sort(key=lambda each: (-len(each[1]), each[0]))
    return tuple(
        Way(plain(thing), f"without it {len(ids)} targets have no way in", tuple(ids))
        for thing, ids in several
    )


def _name(assessed: TargetAssessment) -> str:
    target = assessed.target
    return plain(f"{target.name} ({target.id})" if target.name else target.id)


def _hope(assessed: TargetAssessment) -> str:
    unknown = [METHOD_NAMES[each.method] for each in assessed.methods if each.verdict is UNKNOWN]
    state = "" if assessed.target.state == "running" else f"{assessed.target.state}; "
    if unknown:
        return plain(f"{state}not known to be ready: {', '.join(unknown)}")
    return plain(f"{state}no way in")


def _things(method: MethodAssessment) -> Iterable[str]:
    """What the method needs and others share; the serial console and the service itself need nothing here."""
    if method.via and method.via != SELF:
        yield method.via
    if method.method is MethodId.SERIAL_CONSOLE:
        return
    for trace in method.traces:
        if trace.verdict is READY:
            for hop in trace.hops:
                if hop.kind in _SHARED_KINDS and hop.id and hop.id != SELF:
                    yield hop.id


def _zones(assessed: TargetAssessment, things: Iterable[str], zone_of: ZoneOf) -> frozenset[str]:
    target = assessed.target
    found = (zone_of(target.account, target.region, each) for each in things)
    return frozenset(zone for zone in found if zone is not None)


def zones_in(estate: Estate) -> ZoneOf:
    """Where the estate's gateways, endpoints and bastions stand."""
    known: dict[tuple[str, str, str], str | None] = {}
    for scope in estate.regional:
        place = (scope.account, scope.region)
        zone_of_subnet = {id: each.availability_zone for id, each in scope.subnets.items()}
        for id, instance in scope.instances.items():
            known[*place, id] = instance.placement.availability_zone if instance.placement else None
        for id, nat in scope.nat_gateways.items():
            if (nat.availability_mode or "zonal") != "regional":
                known[*place, id] = zone_of_subnet.get(nat.subnet_id or "")
        for id, connect in scope.instance_connect_endpoints.items():
            known[*place, id] = connect.availability_zone or zone_of_subnet.get(connect.subnet_id or "")
        for id, endpoint in scope.vpc_endpoints.items():
            zones = {zone_of_subnet.get(subnet) for subnet in endpoint.subnet_ids}
            known[*place, id] = zones.pop() if len(zones) == 1 else None
    return lambda account, region, id: known.get((account, region, id))
