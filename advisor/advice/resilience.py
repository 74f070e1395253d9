"""The break-glass view: who has one way in or none, and what fails together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from advisor.methods.assessment import Assessment, MethodAssessment, MethodId, Target, TargetAssessment
from advisor.model.estate import Estate
from advisor.model.evidence import SELF
from advisor.model.families import Family
from advisor.model.records import ec2
from advisor.model.scope import Scope
from advisor.model.verdict import READY

_PARTS: Final = frozenset(
    {
        "instance-connect-endpoint",
        "internet-gateway",
        "egress-only-internet-gateway",
        "middlebox",
        "nat-gateway",
        "transit-gateway",
        "transit-gateway-attachment",
        "vpc-endpoint",
        "vpc-peering-connection",
        "vpn-gateway",
    }
)
"""The kinds of hops whose failure breaks a way."""


class Part(msgspec.Struct, frozen=True, order=True):
    """Something that a way in stands on: `kind` as of a hop, or `zone`, or `bastion`."""

    kind: str
    id: str
    account: str
    region: str


class Way(msgspec.Struct, frozen=True):
    """A method that is ready, and every single thing whose failure would break it.

    `is_traced` is false where the method was seen to work without a path that explains it: what it stands
    on is then not known.
    """

    method: MethodId
    parts: frozenset[Part]
    is_traced: bool = True


class Access(msgspec.Struct, frozen=True):
    """A target with its ways in."""

    target: Target
    ways: tuple[Way, ...]


class Failure(msgspec.Struct, frozen=True):
    """What the failure of one part does: who loses the last way in, and how many lose one of several."""

    part: Part
    cut_off: tuple[Target, ...]
    weakened: int


class Resilience(msgspec.Struct, frozen=True):
    """The break-glass view of an assessment."""

    none: tuple[Target, ...]
    one: tuple[Access, ...]
    several: tuple[Access, ...]
    failures: tuple[Failure, ...]


def resilience(assessment: Assessment, estate: Estate) -> Resilience:
    """Who has no, one or several ways in, and which single failures cut targets off, the worst first."""
    looked = _Looker(estate)
    found = [Access(each.target, looked.ways(each)) for each in assessment.targets]
    return Resilience(
        none=tuple(each.target for each in found if not each.ways),
        one=tuple(each for each in found if len(each.ways) == 1),
        several=tuple(each for each in found if len(each.ways) > 1),
        failures=_failures(found),
    )


def _failures(accesses: Iterable[Access]) -> tuple[Failure, ...]:
    cut: dict[Part, list[Target]] = defaultdict(list)
    weakened: dict[Part, int] = defaultdict(int)
    for access in accesses:
        for part in {part for way in access.ways for part in way.parts}:
            if all(part in way.parts for way in access.ways):
                cut[part].append(access.target)
            else:
                weakened[part] += 1
    parts = sorted({*cut, *weakened}, key=lambda part: (-len(cut.get(part, ())), -weakened[part], part))
    return tuple(Failure(part, tuple(cut.get(part, ())), weakened[part]) for part in parts)


class _Looker:
    """Finds what ways stand on; targets that share a method's assessment share the answer."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self._known: dict[tuple[int, str, str], Way] = {}
        self._kept: list[MethodAssessment] = []

    def ways(self, each: TargetAssessment) -> tuple[Way, ...]:
        return tuple(self._way(method, each.target) for method in each.methods if method.verdict is READY)

    def _way(self, method: MethodAssessment, target: Target) -> Way:
        key = (id(method), target.account, target.region)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._work_out(method, target)
            self._kept.append(method)
        return found

    def _work_out(self, method: MethodAssessment, target: Target) -> Way:
        scope = self.estate.scope(target.account, target.region)
        parts: set[Part] = set()
        for trace in method.traces:
            if trace.verdict is not READY:
                continue
            for hop in trace.hops:
                if hop.kind in _PARTS and hop.id and hop.id != SELF:
                    parts |= _with_zone(self._home(scope, hop.kind, hop.id), hop.kind, hop.id)
        if method.via and method.via.startswith("i-"):
            parts |= _with_zone(self._home(scope, "bastion", method.via), "bastion", method.via)
        needs_network = method.method is not MethodId.SERIAL_CONSOLE
        return Way(method.method, frozenset(parts), bool(method.traces) or not needs_network)

    def _home(self, scope: Scope, kind: str, identity: str) -> Scope:
        """Where a part stands: with its owner, so that all who stand on it stand on the same one.

        The target's own place comes first, since ids may repeat between accounts.
        """
        family = _FAMILIES.get(kind)
        if family is None:
            return scope
        holders = [each for each in (scope, *self.estate.regional) if identity in family.__get__(each, Scope)]
        if not holders:
            return scope
        owner = _owner(family.__get__(holders[0], Scope)[identity])
        return next((each for each in holders if each.account == owner), holders[0])


_FAMILIES: Final[dict[str, Family[Any]]] = {
    "bastion": Scope.reservations,
    "instance-connect-endpoint": Scope.instance_connect_endpoints,
    "internet-gateway": Scope.internet_gateways,
    "nat-gateway": Scope.nat_gateways,
    "transit-gateway": Scope.transit_gateways,
    "transit-gateway-attachment": Scope.transit_gateway_vpc_attachments,
    "vpc-endpoint": Scope.vpc_endpoints,
    "vpc-peering-connection": Scope.vpc_peering_connections,
}


def _owner(record: Any) -> str | None:
    """The account of a record that several accounts see; None where it does not say."""
    if isinstance(record, ec2.TransitGatewayVpcAttachment):
        return record.vpc_owner_id
    if isinstance(record, ec2.VpcPeeringConnection):
        return record.requester_vpc_info.owner_id
    owner: str | None = getattr(record, "owner_id", None)
    return owner


def _with_zone(scope: Scope, kind: str, identity: str) -> set[Part]:
    """The part, and its zone where it lives in one only."""
    found = {Part(kind, identity, scope.account, scope.region)}
    zones = _zones(scope, kind, identity)
    if len(zones) == 1:
        found.add(Part("zone", next(iter(zones)), scope.account, scope.region))
    return found


def _zones(scope: Scope, kind: str, identity: str) -> set[str]:
    subnets: Iterable[str | None] = ()
    if kind == "vpc-endpoint" and identity in scope.vpc_endpoints:
        subnets = scope.vpc_endpoints[identity].subnet_ids
    elif kind == "nat-gateway" and identity in scope.nat_gateways:
        subnets = (scope.nat_gateways[identity].subnet_id,)
    elif kind == "instance-connect-endpoint" and identity in scope.instance_connect_endpoints:
        subnets = (scope.instance_connect_endpoints[identity].subnet_id,)
    elif kind == "bastion" and identity in scope.instances:
        subnets = (scope.instances[identity].subnet_id,)
    found = {scope.subnets[each].availability_zone for each in subnets if each and each in scope.subnets}
    return {zone for zone in found if zone}
