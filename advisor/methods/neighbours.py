"""Which VPCs lie next to a VPC: joined by an active peering or by one transit gateway.

Of a shared VPC, what its other accounts have in it counts as next to it too: each account sees its own only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from advisor.methods.case import Case
from advisor.model.estate import Estate
from advisor.model.evidence import Missing
from advisor.model.scope import Scope

VpcPlace = tuple[str, str, str]
"""Account, Region and id of a VPC."""


def neighbours(case: Case) -> tuple[VpcPlace, ...]:
    """The VPCs from which a connection may come, besides the target's own; routes are not looked at here."""
    joined = case.study.remember("neighbours", lambda: _joined(case.estate))
    account, region, vpc = case.scope.account, case.scope.region, case.target.vpc or ""
    owner = _home(case).account
    shared = dict.fromkeys(
        (each.account, region, vpc) for each in case.network.fabric.vpc_scopes(vpc, owner, region)
    )
    if owner != account:
        shared = {(owner, region, vpc): None, **shared}
    shared.pop((account, region, vpc), None)
    return (*shared, *joined.get((owner, region, vpc), ()))


def _home(case: Case) -> Scope:
    return case.network.fabric.home(case.scope, case.target.vpc)


def scopes_of(case: Case, place: VpcPlace) -> Scope | None:
    """The scope of a VPC's place, None if it was not read."""
    return case.estate.scopes.get(place[:2])


def unseen(case: Case) -> tuple[Missing, ...]:
    """What was not read of the VPCs next to the target's: something there could lead to it, unseen."""
    return case.study.remember(
        ("unseen neighbours", id(case.scope), case.target.vpc), lambda: tuple(_unseen(case))
    )


def _unseen(case: Case) -> Iterator[Missing]:
    scope = case.scope
    tables = [table for table in scope.route_tables.values() if table.vpc_id == case.target.vpc]
    routes = [route for table in tables for route in table.routes]
    is_blind = not scope.route_tables.complete
    home = _home(case)
    peerings, attachments = home.vpc_peering_connections, home.transit_gateway_vpc_attachments
    if not peerings.complete and (is_blind or any(each.vpc_peering_connection_id for each in routes)):
        yield peerings.missing()
    if not attachments.complete and (is_blind or any(each.transit_gateway_id for each in routes)):
        yield attachments.missing()
    for account, region, vpc in neighbours(case):
        if (account, region) not in case.estate.scopes:
            yield Missing("ec2:DescribeInstances", "not-asked", None, vpc, f"of {account} in {region}")


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
