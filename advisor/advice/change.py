"""A request about to change a copy of the account, and how records are changed."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from advisor.advice.action import CREATED, Action, Ref, placeholder
from advisor.model.coverage import Table
from advisor.model.estate import Estate
from advisor.model.families import Family
from advisor.model.records import ec2, iam
from advisor.model.scope import Scope

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)


class Change:
    """One request with its place; `given` are its parameters as plain JSON, Refs filled."""

    def __init__(self, action: Action, scope: Scope, estate: Estate, given: dict[str, Any]) -> None:
        self.action = action
        self.scope = scope
        self.estate = estate
        self.given = given

    @property
    def home(self) -> Scope:
        """The account's global services."""
        return self.estate.global_scope(self.action.account)

    def new_id(self) -> str:
        """The id of what the request creates."""
        return placeholder(Ref(self.action.key, CREATED[self.action.operation][0][0]))

    def having(self, *changed: Scope) -> Estate:
        """The estate with these scopes."""
        estate = self.estate
        for scope in changed:
            estate = estate.having(scope)
        return estate


Effect = Callable[[Change], Estate]


def altered(record: S, **changes: Any) -> S:
    """The record with these attributes."""
    found: S = msgspec.structs.replace(record, **changes)
    return found


def decoded(raw: dict[str, Any], record: type[T]) -> T:
    """A record out of the JSON that AWS would answer with."""
    return msgspec.convert(raw, record)


def table(scope: Scope, family: Family[T]) -> Table[T]:
    """The scope's table of a family."""
    return family.__get__(scope, Scope)


def known_profile(home: Scope, name: str) -> iam.InstanceProfile | None:
    """An instance profile as either of the two ways of reading IAM shows it."""
    answer = home.instance_profiles.get(name)
    if answer is not None:
        return answer.instance_profile
    profiles = (
        profile
        for details in home.authorization_details.values()
        for role in details.role_detail_list
        for profile in role.instance_profile_list
    )
    return next((each for each in profiles if each.instance_profile_name == name), None)


def free_address(scope: Scope, subnet_id: str) -> str | None:
    """The highest address of a subnet that no interface has; None where the subnet has no IPv4 range."""
    subnet = scope.subnets.get(subnet_id)
    if subnet is None or subnet.cidr_block is None:
        return None
    block = ipaddress.ip_network(subnet.cidr_block, strict=False)
    taken = {
        address.private_ip_address
        for interface in scope.interfaces_by_subnet.get(subnet_id, ())
        for address in interface.private_ip_addresses
    } | {each.private_ip_address for each in scope.interfaces_by_subnet.get(subnet_id, ())}
    # AWS keeps the first four addresses and the last one of every subnet.
    return next(
        (
            str(block[offset])
            for offset in range(block.num_addresses - 2, 3, -1)
            if str(block[offset]) not in taken
        ),
        None,
    )


def free_address6(scope: Scope, subnet_id: str) -> str | None:
    """The highest IPv6 address of a subnet that no interface has; None where the subnet has no IPv6 range."""
    subnet = scope.subnets.get(subnet_id)
    blocks = subnet.ipv6_cidr_block_association_set if subnet is not None else ()
    if not blocks:
        return None
    block = ipaddress.ip_network(blocks[0].ipv6_cidr_block, strict=False)
    taken = {
        each.ipv6_address
        for interface in scope.interfaces_by_subnet.get(subnet_id, ())
        for each in interface.ipv6_addresses
    }
    return next(text for offset in range(len(taken) + 1) if (text := str(block[-2 - offset])) not in taken)


def families_of(subnet: ec2.Subnet) -> str:
    """The address type that an endpoint gets which is made without one: what its subnet has."""
    if not subnet.ipv6_cidr_block_association_set:
        return "ipv4"
    return "ipv6" if subnet.ipv6_native else "dualstack"


def new_interface(
    scope: Scope,
    identity: str,
    subnet_id: str,
    groups: list[str],
    kind: str,
    description: str,
    address: str | None = None,
) -> ec2.NetworkInterface:
    """The interface that AWS makes for a gateway or endpoint in a subnet."""
    subnet = scope.subnets.get(subnet_id)
    ip = address or free_address(scope, subnet_id)
    return ec2.NetworkInterface(
        network_interface_id=identity,
        subnet_id=subnet_id,
        vpc_id=subnet.vpc_id if subnet is not None else None,
        owner_id=scope.account,
        availability_zone=subnet.availability_zone if subnet is not None else None,
        interface_type=kind,
        description=description,
        status="in-use",
        source_dest_check=kind != "nat_gateway",
        requester_managed=True,
        groups=tuple(ec2.GroupIdentifier(group_id=each) for each in groups),
        private_ip_address=ip,
        private_ip_addresses=(ec2.PrivateIpAddress(private_ip_address=ip, primary=True),) if ip else (),
    )


def with_association(
    scope: Scope, interface: ec2.NetworkInterface, association: ec2.Association | None
) -> Scope:
    """The address on the interface wherever the interface is shown: by itself, and inside its instance."""
    identity = interface.network_interface_id

    def changed(each: ec2.NetworkInterface) -> ec2.NetworkInterface:
        return altered(
            each,
            association=association,
            private_ip_addresses=tuple(
                altered(one, association=association) if one.primary else one
                for one in each.private_ip_addresses
            ),
        )

    if identity in scope.network_interfaces:
        scope = scope.having(Scope.network_interfaces, changed(scope.network_interfaces[identity]))
    for instance in scope.instances.values():
        position = next(
            (
                n
                for n, each in enumerate(instance.network_interfaces)
                if each.network_interface_id == identity
            ),
            None,
        )
        if position is not None:
            shown = tuple(
                changed(each) if n == position else each for n, each in enumerate(instance.network_interfaces)
            )
            public = association.public_ip if association else None
            update: dict[str, Any] = {"network_interfaces": shown}
            if position == 0:
                update["public_ip_address"] = public
            return scope.having(Scope.reservations, altered(instance, **update))
    return scope
