"""Ends of flows, resolved against the estate: which interface, address, subnet and groups they have."""

from __future__ import annotations

from typing import Final

import msgspec

from advisor.model.addresses import Address, Prefix, is_public, parse_address, parse_prefix
from advisor.model.estate import Estate
from advisor.model.evidence import SELF, Missing
from advisor.model.ports import PortRange
from advisor.model.records.ec2 import (
    Association,
    Instance,
    InstanceConnectEndpoint,
    Ipv6Address,
    NetworkInterface,
    Subnet,
    VpcEndpoint,
)
from advisor.model.scope import Scope
from advisor.network.flow import End, Kind
from advisor.network.subject import Subject, somewhere

ANY_CLIENT: Final = PortRange(1024, 65535)
_LINUX: Final = PortRange(32768, 60999)
_WINDOWS: Final = PortRange(49152, 65535)


class Station(msgspec.Struct, frozen=True, gc=False):
    """A place that sends or receives packets: an interface, or what lies outside every VPC.

    `address` is its own (private) address; `public` the public one that an internet gateway maps to it.
    `groups` is None where they are not known (an interface that no answer describes). `ephemeral` is the
    range of source ports its system uses as a client (A4). `is_secondary` says that it is not on the
    instance's primary interface, `is_extra_address` that it is not the interface's primary address.
    """

    kind: Kind
    id: str
    spoken: str
    address: Subject
    scope: Scope | None = None
    vpc: str | None = None
    subnet: Subnet | None = None
    interface: NetworkInterface | None = None
    groups: frozenset[str] | None = frozenset()
    instance: Instance | None = None
    endpoint: VpcEndpoint | None = None
    connect_endpoint: InstanceConnectEndpoint | None = None
    public: Address | None = None
    ephemeral: PortRange = ANY_CLIENT
    is_secondary: bool = False
    is_extra_address: bool = False

    @property
    def is_outside(self) -> bool:
        """Whether it lies outside every VPC."""
        return self.vpc is None

    @property
    def place(self) -> tuple[str, str, str | None]:
        """Account, Region and VPC: VPC ids may repeat between Regions."""
        scope = self.scope
        return (scope.account, scope.region, self.vpc) if scope is not None else ("", "", None)

    def shares_vpc(self, other: Station) -> bool:
        """Whether both stand in one VPC; of a shared one, accounts see the same from two sides (D8)."""
        return self.vpc is not None and self.place[1:] == other.place[1:]

    def shares_subnet(self, other: Station) -> bool:
        """Whether both stand in one subnet."""
        return (
            self.subnet is not None
            and other.subnet is not None
            and self.shares_vpc(other)
            and self.subnet.subnet_id == other.subnet.subnet_id
        )


class Unresolvable(Exception):
    """An end that the estate does not hold, or not well enough to trace from."""

    def __init__(self, missing: Missing) -> None:
        super().__init__(missing.says)
        self.missing = missing


def ephemeral_range(instance: Instance) -> PortRange:
    """The client ports of an instance's platform; the widest range where the platform is unknown (A4)."""
    text = f"{instance.platform or ''} {instance.platform_details or ''}".lower()
    if "windows" in text:
        return _WINDOWS
    kind = (instance.instance_type or "").lower()
    if kind.startswith("mac"):
        return _WINDOWS
    return _LINUX


def station_of(end: End, estate: Estate, version: int, target: str | None = None) -> Station:
    """Resolve one end; raises Unresolvable where its data is missing.

    `version` is the IP version of the flow, `target` the id that texts must spell as SELF.
    """
    match end.kind:
        case Kind.INTERNET:
            return _internet(end, version)
        case Kind.ADDRESS:
            return _address(end, estate)
        case Kind.SERVICE:
            return Station(Kind.SERVICE, end.id, f"AWS's {end.id} endpoint", somewhere(version))
    scope = estate.scope(end.account, end.region)
    match end.kind:
        case Kind.INSTANCE:
            instance = scope.instances.find(end.id)
            if isinstance(instance, Missing):
                raise Unresolvable(instance)
            return of_instance(scope, instance, version, end, target)
        case Kind.INTERFACE:
            interface = scope.interfaces.get(end.id)
            if interface is None:
                raise Unresolvable(scope.network_interfaces.missing(end.id))
            return of_interface(scope, interface, version, Kind.INTERFACE, end.id, address=end.address)
        case Kind.INSTANCE_CONNECT_ENDPOINT:
            endpoint = scope.instance_connect_endpoints.find(end.id)
            if isinstance(endpoint, Missing):
                raise Unresolvable(endpoint)
            return of_connect_endpoint(scope, endpoint, version)
        case Kind.ENDPOINT:
            found = scope.vpc_endpoints.find(end.id)
            if isinstance(found, Missing):
                raise Unresolvable(found)
            stations = of_endpoint(scope, found, version)
            if not stations:
                raise Unresolvable(
                    Missing("ec2:DescribeVpcEndpoints", "absent", None, end.id, "no interfaces")
                )
            return stations[0]
        case Kind.SUBNET:
            subnet = scope.subnets.find(end.id)
            if isinstance(subnet, Missing):
                raise Unresolvable(subnet)
            return _anywhere_in(scope, subnet, version, Kind.SUBNET, end.id)
        case _:
            says = f"{end.kind.value} cannot be an end of a path"
            raise Unresolvable(Missing("ec2:DescribeNetworkInterfaces", "undecidable", None, end.id, says))


def of_instance(
    scope: Scope, instance: Instance, version: int, end: End | None = None, target: str | None = None
) -> Station:
    """The station of an instance: its primary interface and address unless `end` names others (G2)."""
    interfaces = sorted(
        (scope.interfaces.get(each.network_interface_id, each) for each in instance.network_interfaces),
        key=_device_order,
    )
    if not interfaces:
        interfaces = [_interface_of(instance)]
    wanted = end.interface if end is not None else None
    chosen = interfaces[0]
    if wanted is not None:
        known = {each.network_interface_id: each for each in interfaces}
        found = known.get(wanted) or scope.interfaces.get(wanted)
        if found is None:
            says = f"{wanted} of {instance.instance_id} is not described"
            missing = scope.network_interfaces.missing(wanted)
            raise Unresolvable(msgspec.structs.replace(missing, says=says))
        chosen = found
    address = end.address if end is not None else None
    if address is not None and wanted is None:
        chosen = next((each for each in interfaces if address in each.addresses), chosen)
    station = of_interface(
        scope, chosen, version, Kind.INSTANCE, instance.instance_id, instance=instance, address=address
    )
    if target == instance.instance_id:
        return msgspec.structs.replace(station, spoken=SELF)
    return station


def with_public_address(station: Station, target: str | None = None) -> Station:
    """The instance at the address by which the internet reaches it, where its primary one has none (R11).

    An Elastic IP may be mapped to a secondary address, or stand on a further interface.
    """
    if station.instance is None or station.scope is None or station.public is not None:
        return station
    for shown in station.instance.network_interfaces:
        interface = station.scope.interfaces.get(shown.network_interface_id, shown)
        for each in interface.private_ip_addresses:
            if each.association is not None and each.association.public_ip:
                end = End(Kind.INSTANCE, station.id, address=each.private_ip_address)
                return of_instance(station.scope, station.instance, 4, end, target)
    return station


def of_interface(
    scope: Scope,
    interface: NetworkInterface,
    version: int,
    kind: Kind,
    identity: str,
    instance: Instance | None = None,
    address: str | None = None,
) -> Station:
    """The station of one interface."""
    if instance is None and interface.attachment is not None and interface.attachment.instance_id:
        instance = scope.instances.get(interface.attachment.instance_id)
    subnet = scope.subnets.get(interface.subnet_id or "")
    if subnet is None:
        missing = scope.subnets.missing(interface.subnet_id)
        raise Unresolvable(msgspec.structs.replace(missing, says=f"the subnet of {identity}"))
    own = _address_of(interface, version, address)
    if own is None:
        says = f"{identity} has no IPv{version} address"
        raise Unresolvable(Missing("ec2:DescribeNetworkInterfaces", "no-address", None, identity, says))
    return Station(
        kind=kind,
        id=identity,
        spoken=f"{identity} ({own})",
        address=own,
        scope=scope,
        vpc=subnet.vpc_id,
        subnet=subnet,
        interface=interface,
        groups=_groups_of(interface, instance),
        instance=instance,
        public=_public_of(interface, own),
        ephemeral=ephemeral_range(instance) if instance is not None else ANY_CLIENT,
        is_secondary=instance is not None and not _is_primary(interface, instance),
        is_extra_address=instance is not None and own != _address_of(interface, version, None),
    )


_WITHOUT_GROUPS: Final = {
    "nat_gateway",
    "natGateway",
    "transit_gateway",
    "gateway_load_balancer",
    "gateway_load_balancer_endpoint",
    "network_load_balancer",
}


def _groups_of(interface: NetworkInterface, instance: Instance | None) -> frozenset[str] | None:
    """The groups of an interface; None where an answer leaves out what every such interface has."""
    groups = frozenset(group.group_id for group in interface.groups)
    if not groups and instance is not None:
        groups = frozenset(group.group_id for group in instance.security_groups)
    if not groups and (interface.interface_type or "interface") not in _WITHOUT_GROUPS:
        # An empty list here is a sparse dump: taking it for "nothing filters" would be a wrong yes.
        return None
    return groups


def of_connect_endpoint(scope: Scope, endpoint: InstanceConnectEndpoint, version: int) -> Station:
    """The station of an EC2 Instance Connect Endpoint; its interface if described, else its subnet."""
    identity = endpoint.instance_connect_endpoint_id
    interface = next(
        (scope.interfaces[i] for i in endpoint.network_interface_ids if i in scope.interfaces), None
    )
    groups: frozenset[str] | None = frozenset(endpoint.security_group_ids) or (
        frozenset(g.group_id for g in interface.groups) if interface is not None else None
    )
    if not groups:
        # With no group given, AWS uses the VPC's default group (G12).
        default = scope.default_groups.get(endpoint.vpc_id or "")
        groups = frozenset({default.group_id}) if default is not None else None
    if interface is not None:
        station = of_interface(scope, interface, version, Kind.INSTANCE_CONNECT_ENDPOINT, identity)
        return msgspec.structs.replace(station, groups=groups, connect_endpoint=endpoint)
    subnet = scope.subnets.find(endpoint.subnet_id or "")
    if isinstance(subnet, Missing):
        raise Unresolvable(subnet)
    station = _anywhere_in(scope, subnet, version, Kind.INSTANCE_CONNECT_ENDPOINT, identity)
    return msgspec.structs.replace(station, groups=groups, connect_endpoint=endpoint)


def of_endpoint(scope: Scope, endpoint: VpcEndpoint, version: int) -> list[Station]:
    """The stations of an interface endpoint: its interfaces, or its subnets where they are not described.

    A client cannot choose between them: its name resolves to all of them.
    """
    identity = endpoint.vpc_endpoint_id
    groups: frozenset[str] | None = frozenset(group.group_id for group in endpoint.groups)
    interfaces = [scope.interfaces[i] for i in endpoint.network_interface_ids if i in scope.interfaces]
    stations = []
    for interface in interfaces:
        try:
            station = of_interface(scope, interface, version, Kind.ENDPOINT, identity)
        except Unresolvable:
            continue
        stations.append(station)
    if not stations:
        for subnet_id in endpoint.subnet_ids:
            subnet = scope.subnets.get(subnet_id)
            if subnet is not None and subnet_block(subnet, version) is not None:
                stations.append(_anywhere_in(scope, subnet, version, Kind.ENDPOINT, identity))
    return [
        msgspec.structs.replace(each, groups=groups or each.groups or None, endpoint=endpoint)
        for each in stations
    ]


def subnet_block(subnet: Subnet, version: int) -> Prefix | None:
    """The subnet's block of the IP version."""
    if version == 4:
        return parse_prefix(subnet.cidr_block) if subnet.cidr_block else None
    for each in subnet.ipv6_cidr_block_association_set:
        state = each.ipv6_cidr_block_state
        if state is None or (state.state or "").lower() == "associated":
            return parse_prefix(each.ipv6_cidr_block)
    return None


def _anywhere_in(scope: Scope, subnet: Subnet, version: int, kind: Kind, identity: str) -> Station:
    block = subnet_block(subnet, version)
    if block is None:
        says = f"{subnet.subnet_id} has no IPv{version} block"
        raise Unresolvable(Missing("ec2:DescribeSubnets", "no-address", None, subnet.subnet_id, says))
    return Station(
        kind=kind,
        id=identity,
        spoken=f"{identity} (in {block})",
        address=block,
        scope=scope,
        vpc=subnet.vpc_id,
        subnet=subnet,
    )


def _internet(end: End, version: int) -> Station:
    if not end.id:
        return Station(Kind.INTERNET, "internet", "the internet", somewhere(version))
    subject: Subject | None = parse_address(end.id) or parse_prefix(end.id)
    if subject is None:
        says = f"{end.id} is no address"
        raise Unresolvable(Missing("ec2:DescribeAddresses", "undecidable", None, end.id, says))
    return Station(Kind.INTERNET, end.id, end.id, subject)


def _address(end: End, estate: Estate) -> Station:
    """An address: the interface that holds it, else something outside (public, or a network of one's own)."""
    prefix = parse_prefix(end.id)
    if prefix is None:
        says = f"{end.id} is no address"
        raise Unresolvable(Missing("ec2:DescribeAddresses", "undecidable", None, end.id, says))
    address = Address(prefix.version, prefix.value)
    if address.host != prefix:
        return Station(Kind.ADDRESS, end.id, end.id, prefix)
    holders = [
        (scope, interface)
        for scope, interface in estate.holders_of(address)
        if (not end.account or scope.account == end.account)
        and (not end.region or scope.region == end.region)
    ]
    if len(holders) == 1:
        scope, interface = holders[0]
        station = of_interface(
            scope,
            interface,
            address.version,
            Kind.INTERFACE,
            interface.network_interface_id,
            address=str(address),
        )
        return msgspec.structs.replace(station, spoken=f"{end.id} ({interface.network_interface_id})")
    if len(holders) > 1:
        says = f"{end.id} is held by {', '.join(i.network_interface_id for _, i in holders)}"
        raise Unresolvable(Missing("ec2:DescribeNetworkInterfaces", "ambiguous", None, end.id, says))
    kind = Kind.INTERNET if is_public(address) else Kind.ADDRESS
    return Station(kind, end.id, end.id, address)


def _interface_of(instance: Instance) -> NetworkInterface:
    """A sparse description shows the instance's own members only; they speak of its primary interface."""
    return NetworkInterface(
        network_interface_id=f"eni-of-{instance.instance_id}",
        subnet_id=instance.subnet_id,
        vpc_id=instance.vpc_id,
        private_ip_address=instance.private_ip_address,
        ipv6_addresses=(Ipv6Address(ipv6_address=instance.ipv6_address),) if instance.ipv6_address else (),
        association=Association(public_ip=instance.public_ip_address) if instance.public_ip_address else None,
        groups=instance.security_groups,
        source_dest_check=instance.source_dest_check,
    )


def _is_primary(interface: NetworkInterface, instance: Instance) -> bool:
    """Whether the interface is the instance's first; where its place is not shown, its address tells."""
    attachment = interface.attachment
    if attachment is not None and attachment.device_index is not None:
        return _device_order(interface) == (0, 0)
    shown = {each.network_interface_id for each in instance.network_interfaces}
    is_only_one = shown == {interface.network_interface_id}
    return is_only_one or interface.private_ip_address == instance.private_ip_address


def _device_order(interface: NetworkInterface) -> tuple[int, int]:
    attachment = interface.attachment
    if attachment is None:
        return (0, 0)
    return (attachment.network_card_index or 0, attachment.device_index or 0)


def _address_of(interface: NetworkInterface, version: int, wanted: str | None) -> Address | None:
    if wanted is not None:
        found = parse_address(wanted)
        if found is not None and _holds(interface, found):
            return found if found.version == version else None
    if version == 6:
        first = next(iter(interface.ipv6_addresses), None)
        return parse_address(first.ipv6_address) if first is not None else None
    primary = next((each for each in interface.private_ip_addresses if each.primary), None)
    text = primary.private_ip_address if primary is not None else interface.private_ip_address
    return parse_address(text) if text else None


def _holds(interface: NetworkInterface, address: Address) -> bool:
    """Whether the interface has the address, however spelled, or a delegated block that holds it."""
    if any(parse_address(each) == address for each in interface.addresses):
        return True
    blocks = map(parse_prefix, interface.delegated)
    return any(block is not None and block.holds(address) for block in blocks)


def _public_of(interface: NetworkInterface, own: Address) -> Address | None:
    """The public address mapped to this very private one (R10); an IPv6 address maps to itself."""
    if own.version == 6:
        return own if is_public(own) else None
    text = str(own)
    for each in interface.private_ip_addresses:
        if each.private_ip_address == text and each.association is not None and each.association.public_ip:
            return parse_address(each.association.public_ip)
    if interface.private_ip_address == text and interface.association is not None:
        return parse_address(interface.association.public_ip or "")
    return None
