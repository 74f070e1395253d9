"""Addresses at which AWS itself answers inside every VPC: no route or rule stands before them (G8, A5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from advisor.model.addresses import Address, parse_address, parse_prefix
from advisor.model.evidence import Missing
from advisor.network import codes
from advisor.network.flow import Flow, Kind, Protocol
from advisor.network.leg import Gate
from advisor.network.stations import Station
from advisor.network.trace import Direction, Hop

if TYPE_CHECKING:
    from advisor.network.walk import Walk


class Service(msgspec.Struct, frozen=True, gc=False):
    """What answers at such an address, and by which protocols and port."""

    name: str
    protocols: frozenset[Protocol]
    port: int


_RESOLVER: Final = Service("the Route 53 Resolver", frozenset({Protocol.UDP, Protocol.TCP}), 53)
_METADATA: Final = Service("the instance metadata service", frozenset({Protocol.TCP}), 80)
_TIME: Final = Service("the Amazon Time Sync Service", frozenset({Protocol.UDP}), 123)
_KNOWN: Final[Mapping[Address | None, Service]] = {
    parse_address(text): service
    for service, texts in (
        (_RESOLVER, ("169.254.169.253", "fd00:ec2::253")),
        (_METADATA, ("169.254.169.254", "fd00:ec2::254")),
        (_TIME, ("169.254.169.123", "fd00:ec2::123")),
    )
    for text in texts
}
_RESERVED: Final = tuple(filter(None, map(parse_prefix, ("169.254.0.0/16", "fd00:ec2::/32"))))


def amazons_hop(walk: Walk, flow: Flow, source: Station, destination: Station) -> Hop | None:
    """The answer for an address that is AWS's own inside the source's VPC; None for any other address."""
    address = destination.address
    if destination.kind is not Kind.ADDRESS or not isinstance(address, Address):
        return None
    service = _KNOWN.get(address) or (_RESOLVER if address == _resolver_of(walk, source) else None)
    if service is None and not any(block.holds(address) for block in _RESERVED):
        return None
    gate = Gate("vpc", source.vpc or source.id, Direction.FORWARD, "ec2:DescribeVpcs")
    if service is None or flow.protocol not in service.protocols or flow.port != service.port:
        says = f"{destination.spoken} is AWS's own; what answers there on this port, no call tells"
        return gate.cannot_tell(codes.UNKNOWN_DESTINATION, says)
    if service is _RESOLVER:
        return _resolver_hop(walk, source)
    if service is _METADATA:
        return _metadata_hop(walk, source)
    return gate.passes(f"{service.name} answers in every VPC; no rule stops it", service.name)


def _resolver_of(walk: Walk, source: Station) -> Address | None:
    """The base of the VPC's first IPv4 block, plus two."""
    record = source.scope.vpcs.get(source.vpc or "") if source.scope is not None else None
    block = parse_prefix(record.cidr_block) if record is not None and record.cidr_block else None
    return Address(4, block.value + 2) if block is not None else None


def _resolver_hop(walk: Walk, source: Station) -> Hop:
    assert source.scope is not None and source.vpc is not None
    gate = Gate("dns", source.vpc, Direction.FORWARD, "ec2:DescribeVpcAttribute")
    support = walk.fabric.home(source.scope, source.vpc).vpc_attribute(source.vpc, "enable_dns_support")
    if isinstance(support, Missing):
        return gate.doubts(
            codes.UNKNOWN_RESOURCE, support, f"whether {source.vpc} has a resolver is not known"
        )
    says = f"{_RESOLVER.name} answers in {source.vpc}; no rule stops it"
    if not support:
        says = f"{source.vpc} has enableDnsSupport off, and no resolver answers in it"
    return gate.answers(support, codes.ADV_VPC_DNS_DISABLED, says, f"enableDnsSupport {str(support).lower()}")


def _metadata_hop(walk: Walk, source: Station) -> Hop:
    instance = source.instance
    spoken = walk.spell(instance.instance_id) if instance is not None else source.id
    gate = Gate("instance", spoken, Direction.FORWARD, "ec2:DescribeInstances")
    options = instance.metadata_options if instance is not None else None
    if options is None or options.http_endpoint is None:
        missing = Missing(gate.operation, "absent", None, spoken, f"the metadata options of {spoken}")
        return gate.doubts(codes.UNKNOWN_RESOURCE, missing)
    enabled = options.http_endpoint.lower() == "enabled"
    field = "MetadataOptions.HttpEndpoint"
    says = f"{_METADATA.name} is {options.http_endpoint.lower()} for {spoken}"
    return gate.answers(enabled, codes.BAD_STATE, says, f"HttpEndpoint {options.http_endpoint}", field)
