"""Equivalence classes: instances that every gate treats alike share one trace.

Two addresses between the same prefix boundaries match exactly the same rules (an address atom), so grouping
by atom is sound; without it, a rule for one address (/32) would be applied to a whole subnet or to nobody.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterator
from functools import cached_property

from advisor.model.addresses import Prefix, parse_address, parse_prefix
from advisor.model.estate import Estate
from advisor.model.records.ec2 import Instance, NetworkInterface
from advisor.model.scope import Scope


class Classes:
    """Classes of instances, keyed by what the gates look at."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate

    def class_of(self, scope: Scope, instance: Instance) -> Hashable:
        """The class: place, interfaces (subnet, groups, atoms, public or not), platform, state."""
        interfaces = tuple(
            self._shape(scope.interfaces.get(each.network_interface_id, each))
            for each in instance.network_interfaces
        ) or (
            instance.subnet_id,
            _groups(instance),
            self.atom_of(instance.private_ip_address),
            bool(instance.public_ip_address),
        )
        return (
            scope.account,
            scope.region,
            interfaces,
            instance.state.name,
            instance.platform,
            instance.platform_details,
            (instance.instance_type or "").split(".")[0],
        )

    def _shape(self, interface: NetworkInterface) -> Hashable:
        attachment = interface.attachment
        return (
            interface.subnet_id,
            frozenset(group.group_id for group in interface.groups),
            (attachment.device_index, attachment.network_card_index, attachment.status)
            if attachment
            else None,
            interface.source_dest_check,
            interface.deny_all_igw_traffic,
            tuple(
                (self.atom_of(each.private_ip_address), each.primary, _is_mapped(each.association))
                for each in interface.private_ip_addresses
            )
            or (self.atom_of(interface.private_ip_address), _is_mapped(interface.association)),
            tuple(self.atom_of(each.ipv6_address) for each in interface.ipv6_addresses),
            # An interface that is itself a route's target is like no other.
            interface.network_interface_id if self._is_route_target(interface) else None,
        )

    def atom_of(self, text: str | None) -> Hashable:
        """Equal for addresses between the same boundaries: no rule, entry, route or list tells them apart."""
        address = parse_address(text) if text else None
        if address is None:
            return text
        return (address.version, bisect_right(self._boundaries[address.version], address.value))

    @cached_property
    def _boundaries(self) -> dict[int, list[int]]:
        """Where a prefix that some rule, entry, route or list names begins or ends, sorted."""
        cuts: dict[int, set[int]] = {4: set(), 6: set()}
        for prefix in set(self._prefixes()):
            cuts[prefix.version].add(prefix.value)
            cuts[prefix.version].add(prefix.last + 1)
        return {version: sorted(values) for version, values in cuts.items()}

    def _prefixes(self) -> Iterator[Prefix]:
        for text in self._texts():
            prefix = parse_prefix(text) if text else None
            if prefix is not None:
                yield prefix

    def _texts(self) -> Iterator[str | None]:
        for scope in self._estate.regional:
            for group in scope.security_groups.values():
                for permission in (*group.ip_permissions, *group.ip_permissions_egress):
                    for block in permission.ip_ranges:
                        yield block.cidr_ip
                    for block6 in permission.ipv6_ranges:
                        yield block6.cidr_ipv6
            for rule in scope.security_group_rules.values():
                yield rule.cidr_ipv4 or rule.cidr_ipv6
            for acl in scope.network_acls.values():
                for entry in acl.entries:
                    yield entry.cidr_block or entry.ipv6_cidr_block
            for table in scope.route_tables.values():
                for route in table.routes:
                    yield route.destination_cidr_block or route.destination_ipv6_cidr_block
            for listed in scope.prefix_lists.values():
                yield from listed.cidrs
            for entries in scope.prefix_list_entries.values():
                for item in entries.entries:
                    yield item.cidr
            for routes in scope.transit_gateway_routes.values():
                for each in routes.routes:
                    yield each.destination_cidr_block

    @cached_property
    def _route_targets(self) -> frozenset[str]:
        return frozenset(
            target
            for scope in self._estate.regional
            for table in scope.route_tables.values()
            for route in table.routes
            for target in (route.network_interface_id, route.instance_id)
            if target
        )

    def _is_route_target(self, interface: NetworkInterface) -> bool:
        holder = interface.attachment.instance_id if interface.attachment is not None else None
        return interface.network_interface_id in self._route_targets or holder in self._route_targets


def _groups(instance: Instance) -> frozenset[str]:
    return frozenset(group.group_id for group in instance.security_groups)


def _is_mapped(association: object) -> bool:
    return association is not None and bool(getattr(association, "public_ip", None))
