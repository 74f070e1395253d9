"""Which VPCs lie next to a VPC: joined by an active peering or by one transit gateway."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from advisor.methods.case import Case
from advisor.model.estate import Estate, Scope

VpcPlace = tuple[str, str, str]
"""Account, Region and id of a VPC."""


def neighbours(case: Case) -> tuple[VpcPlace, ...]:
    """The VPCs from which a connection may come, besides the target's own; routes are not looked at here."""
    joined = case.study.remember("neighbours", lambda: _joined(case.estate))
    here = (case.scope.account, case.scope.region, case.target.vpc or "")
    return joined.get(here, ())


def scopes_of(case: Case, place: VpcPlace) -> Scope | None:
    """The scope of a VPC's place, None if it was not read."""
    return case.estate.scopes.get(place[:2])


def _joined(estate: Estate) -> Mapping[VpcPlace, tuple[VpcPlace, ...]]:
    found: dict[VpcPlace, dict[VpcPlace, None]] = defaultdict(dict)
    by_gateway: dict[str, dict[VpcPlace, None]] = defaultdict(dict)
    for scope in estate.regional:
        for peering in scope.vpc_peering_connections.values():
            if (peering.status.code or "").lower() != "active":
                continue
            one, other = (
                (
                    side.owner_id or scope.account,
                    side.region or scope.region,
                    side.vpc_id or "",
                )
                for side in (peering.requester_vpc_info, peering.accepter_vpc_info)
            )
            found[one][other] = None
            found[other][one] = None
        for attachment in scope.transit_gateway_vpc_attachments.values():
            if (attachment.state or "available").lower() == "available" and attachment.transit_gateway_id:
                place = (
                    attachment.vpc_owner_id or scope.account,
                    scope.region,
                    attachment.vpc_id or "",
                )
                by_gateway[attachment.transit_gateway_id][place] = None
    for members in by_gateway.values():
        for one in members:
            found[one].update((other, None) for other in members if other != one)
    return {place: tuple(others) for place, others in found.items()}
