"""Everything that was read: the scopes of all accounts and Regions together, with what was wrong in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from advisor.model.addresses import Address, Prefix, PrefixTable, parse_address, parse_prefix
from advisor.model.coverage import Coverage, Status, Table
from advisor.model.families import ONLY, Family, gaps_of
from advisor.model.records import ec2
from advisor.model.responses import GLOBAL, Responses
from advisor.model.scope import FAMILIES, Scope


class Estate:
    """All scopes of one snapshot, with what was wrong in it.

    `warnings` are sentences about data that was left out or looks wrong; `collected_at` is the snapshot's
    time as given.
    """

    def __init__(
        self, scopes: Iterable[Scope], collected_at: str | None = None, warnings: Iterable[str] = ()
    ) -> None:
        self.scopes: Mapping[tuple[str, str], Scope] = {
            (scope.account, scope.region): scope for scope in scopes
        }
        self.collected_at = collected_at
        self.warnings = tuple(warnings)

    @classmethod
    def of(cls, responses: Iterable[Responses], collected_at: str | None = None) -> Estate:
        """Build the estate from raw responses; elements that do not fit become warnings."""
        warnings: list[str] = []
        tables: dict[tuple[str, str], dict[str, Table[Any]]] = defaultdict(dict)
        for each in responses:
            family = FAMILIES.get(each.operation)
            if family is None:
                continue
            place = tables[each.account, each.region]
            said_before = len(warnings)
            records = _records_of(family, each, warnings)
            # A record that was left out may be the one that decides, so the answer is not complete.
            coverage = each.coverage.without_some(len(warnings) - said_before)
            gaps = gaps_of(each)
            earlier = place.get(each.operation)
            if earlier is not None:
                records = [*earlier.values(), *records]
                coverage = earlier.coverage.joined(coverage)
                gaps = {**earlier.gaps, **gaps}
            place[each.operation] = family.table(records, coverage, gaps)
        scopes = [Scope(account, region, found) for (account, region), found in tables.items()]
        return cls(scopes, collected_at, warnings)

    @cached_property
    def holders(self) -> Mapping[Address, list[tuple[Scope, ec2.NetworkInterface]]]:
        """The interfaces that hold each private address; several where blocks of VPCs overlap."""
        found: dict[Address, dict[str, tuple[Scope, ec2.NetworkInterface]]] = defaultdict(dict)
        for scope in self.regional:
            for interface in scope.interfaces.values():
                for text in interface.addresses:
                    address = parse_address(text)
                    if address is not None:
                        # An interface may be seen by two accounts; it is one holder.
                        found[address].setdefault(interface.network_interface_id, (scope, interface))
        return {address: list(interfaces.values()) for address, interfaces in found.items()}

    def holders_of(self, address: Address) -> list[tuple[Scope, ec2.NetworkInterface]]:
        """The interfaces that hold a private address, themselves or in a block delegated to them."""
        found = self.holders.get(address)
        if found is None:
            found = next((holders for _, holders in self._delegated.matches(address)), [])
        return found

    @cached_property
    def _delegated(self) -> PrefixTable[tuple[Scope, ec2.NetworkInterface]]:
        found: dict[tuple[Prefix, str], tuple[Scope, ec2.NetworkInterface]] = {}
        for scope in self.regional:
            for identity, interface in scope.interfaces.items():
                for prefix in filter(None, map(parse_prefix, interface.delegated)):
                    found.setdefault((prefix, identity), (scope, interface))
        return PrefixTable((prefix, holder) for (prefix, _), holder in found.items())

    @cached_property
    def regional(self) -> list[Scope]:
        """The scopes of Regions, in order of account and Region."""
        return [self.scopes[key] for key in sorted(self.scopes) if key[1] != GLOBAL]

    @property
    def accounts(self) -> list[str]:
        """The accounts that were read."""
        return sorted({account for account, _ in self.scopes})

    @property
    def regions(self) -> list[str]:
        """The Regions that were read."""
        return sorted({region for _, region in self.scopes if region != GLOBAL})

    def global_scope(self, account: str) -> Scope:
        """The account's global services; an empty scope if none were read."""
        return self.scopes.get((account, GLOBAL)) or Scope(account, GLOBAL, {})

    def scope(self, account: str, region: str) -> Scope:
        """The scope of one account and Region; an empty one if it was not read."""
        return self.scopes.get((account, region)) or Scope(account, region, {})

    def having(self, scope: Scope) -> Estate:
        """A copy with this scope in place of the one of the same account and Region."""
        scopes = {**self.scopes, (scope.account, scope.region): scope}
        return Estate(scopes.values(), self.collected_at, self.warnings)

    def gaps(self) -> Iterator[tuple[Scope, str, Coverage, str | None]]:
        """Every call that did not succeed: scope, operation, coverage, and the resource if it was one's."""
        for key in sorted(self.scopes):
            scope = self.scopes[key]
            for operation in sorted(scope.tables):
                table = scope.tables[operation]
                if table.coverage.status not in (Status.OK, Status.NOT_ASKED):
                    yield scope, operation, table.coverage, None
                for resource, coverage in sorted(table.gaps.items()):
                    yield scope, operation, coverage, resource


def _records_of(family: Family[Any], responses: Responses, warnings: list[str]) -> list[Any]:
    if family.operation == "ec2:DescribeInstances":
        reservations = _RESERVATIONS.decode(responses, warnings)
        return [instance for reservation in reservations for instance in reservation.instances]
    records = family.decode(responses, warnings)
    if family.operation == "ec2:DescribeVpcAttribute":
        return list(_merged_attributes(records))
    return records


_RESERVATIONS = Family("ec2:DescribeInstances", "Reservations", ec2.Reservation, ONLY)


def _merged_attributes(records: Iterable[ec2.VpcAttribute]) -> Iterable[ec2.VpcAttribute]:
    """Each call tells one attribute; a VPC's record tells all that were asked."""
    merged: dict[str, ec2.VpcAttribute] = {}
    for each in records:
        earlier = merged.get(each.vpc_id, each)
        merged[each.vpc_id] = ec2.VpcAttribute(
            vpc_id=each.vpc_id,
            enable_dns_support=each.enable_dns_support or earlier.enable_dns_support,
            enable_dns_hostnames=each.enable_dns_hostnames or earlier.enable_dns_hostnames,
        )
    return merged.values()
