"""The DNS gate: where a service's name leads from inside a VPC (D1-D5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from advisor.model.addresses import Address, parse_address
from advisor.model.evidence import Missing
from advisor.model.records.ec2 import VpcEndpoint
from advisor.model.records.other import RecordSetsOfZone
from advisor.model.scope import Scope
from advisor.network import codes
from advisor.network.fabric import blocks_of
from advisor.network.leg import Gate
from advisor.network.repairs import (
    AssociateHostedZone,
    CreateInterfaceEndpoint,
    EnablePrivateDns,
    EnableVpcDns,
    Repair,
)
from advisor.network.stations import Station, of_endpoint
from advisor.network.trace import Direction, Hop, Place

if TYPE_CHECKING:
    from advisor.network.walk import Walk

_ENDPOINTS = "ec2:DescribeVpcEndpoints"
_ATTRIBUTES = "ec2:DescribeVpcAttribute"
_ZONES = "route53:ListHostedZonesByVPC"
_RECORDS = "route53:ListResourceRecordSets"
_PRIVATE_DNS = "PrivateDnsEnabled"
_GONE = {"deleted", "deleting", "rejected", "expired"}
_PARTS_OF_NAME = 4
"""`com.amazonaws.us-east-1.ssm`: shorter ones name no Region."""
_AMAZONS_RESOLVERS = {"amazonprovideddns", "169.254.169.253", "fd00:ec2::253"}


class Answer(msgspec.Struct, frozen=True, gc=False):
    """Where a name leads: to an endpoint's interfaces, or (`endpoint` None) to AWS's public addresses.

    `hops` are the DNS gate's and the endpoint's; those of a wish hold the blocker that a repair would lift.
    """

    hops: tuple[Hop, ...]
    endpoint: VpcEndpoint | None = None
    stations: tuple[Station, ...] = ()


class Resolution(msgspec.Struct, frozen=True, gc=False):
    """What a name may resolve to: `now`, and as `wishes` what repairs would make of it.

    `doubt` says why what it resolves to now is not certain; `unread` that hosted zones were never asked for,
    which makes a failure uncertain where an endpoint elsewhere could be meant.
    """

    now: tuple[Answer, ...]
    wishes: tuple[Answer, ...] = ()
    doubt: Missing | None = None
    unread: Missing | None = None


def service_name(region: str, service: str) -> str:
    """The name that clients ask for: `ssm.us-east-1.amazonaws.com`."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{service}.{region}.{suffix}"


def endpoints_for(scope: Scope, vpc: str, service: str) -> list[VpcEndpoint]:
    """The interface endpoints of a VPC for a service of its Region, except those that are gone."""
    return [
        endpoint
        for endpoint in scope.endpoints_by_vpc.get(vpc, ())
        if _offers(endpoint, scope.region, service)
    ]


def _unclear(scope: Scope, vpc: str, service: str) -> Missing | None:
    """A doubt where an endpoint may answer for the service's name: it does not show all that decides it."""
    for endpoint in scope.vpc_endpoints.values():
        shown = [endpoint.vpc_id, endpoint.service_name, endpoint.vpc_endpoint_type]
        if None in shown:
            is_other = endpoint.vpc_id not in (None, vpc) or (
                endpoint.service_name is not None and endpoint.service_name.split(".")[-1] != service
            )
        else:
            is_other = endpoint.private_dns_enabled is not None or not (
                endpoint.vpc_id == vpc and _offers(endpoint, scope.region, service)
            )
        if not is_other:
            says = f"{_id(endpoint)} does not show its VPC, service, type or private DNS"
            return Missing(_ENDPOINTS, "absent", None, _id(endpoint), says)
    return None


def _offers(endpoint: VpcEndpoint, region: str, service: str) -> bool:
    """Whether it stands for the service in this Region; an endpoint may stand for another Region's."""
    name = (endpoint.service_name or "").split(".")
    return (
        name[-1] == service
        and (len(name) < _PARTS_OF_NAME or name[-2] == region or region == "unknown")
        and (endpoint.vpc_endpoint_type or "").lower() == "interface"
        and (endpoint.state or "").lower() not in _GONE
    )


# --- resolving -------------------------------------------------------------------------------------------


def resolve(walk: Walk, near: Station, service: str) -> Resolution:
    """Where the service's regional name leads from the station's VPC."""
    assert near.scope is not None and near.vpc is not None
    scope, vpc = walk.fabric.home(near.scope, near.vpc), near.vpc
    name = service_name(scope.region, service)
    support = scope.vpc_attribute(vpc, "enable_dns_support")
    if support is not False:
        doubt = support if isinstance(support, Missing) else _custom_servers(scope, vpc)
        return _in_vpc(walk, near, service, name, doubt)
    says = f"{vpc} has enableDnsSupport off: {name} does not resolve"
    repairs = (EnableVpcDns(vpc, "enableDnsSupport", scope.account, scope.region),)
    off = _dns(vpc, _ATTRIBUTES).stops(
        codes.ADV_VPC_DNS_DISABLED, says, "enableDnsSupport false", repairs=repairs
    )
    beyond = _in_vpc(walk, near, service, name, None)
    now = tuple(msgspec.structs.replace(each, hops=(off, *each.hops)) for each in beyond.now)
    return msgspec.structs.replace(beyond, now=now)


def _in_vpc(walk: Walk, near: Station, service: str, name: str, doubt: Missing | None) -> Resolution:
    """Where names resolve at all: a hosted zone answers first, then private DNS, then the public name."""
    assert near.scope is not None and near.vpc is not None
    scope, vpc = walk.fabric.home(near.scope, near.vpc), near.vpc
    endpoints = endpoints_for(scope, vpc, service)
    if not scope.vpc_endpoints.complete and not endpoints:
        doubt = doubt or scope.vpc_endpoints.missing()
    doubt = doubt or _unclear(scope, vpc, service)
    hostnames = scope.vpc_attribute(vpc, "enable_dns_hostnames")
    zone = _hosted_zone(walk, scope, vpc, name, service)
    unread = None
    by_zone: list[Answer] = []
    if isinstance(zone, Missing):
        if zone.status == "not-asked" and not _asks_route53(walk, scope):
            unread = zone
            walk.assume(f"No private hosted zone, Resolver rule or Route 53 Profile redirects {name}.")
        else:
            doubt = doubt or zone
    elif zone is not None:
        if isinstance(hostnames, Missing):
            doubt = doubt or hostnames
        if hostnames is not False:
            return Resolution((_by_zone(walk, zone, _zone_hop(vpc, name, zone)),), doubt=doubt)
        # Hosted zones, like private DNS, answer only where both attributes are on (Route 53 guide).
        by_zone = [_by_zone(walk, zone, _without_hostnames(scope, vpc, name, f"hosted zone {zone.id}"))]
    public = Answer(
        (_dns(vpc, _ENDPOINTS).passes(f"{name} resolves to AWS's public addresses", "public name"),)
    )
    private = [each for each in endpoints if each.private_dns_enabled]
    wishes = [
        _to_endpoint(walk, scope, each, _without_private_dns(scope, vpc, name, each))
        for each in endpoints
        if not each.private_dns_enabled
    ]
    if not endpoints:
        wishes += by_zone or _central(walk, near, service, name)
    if not private or hostnames is False:
        wishes = [
            *(
                _to_endpoint(
                    walk, scope, each, _without_hostnames(scope, vpc, name, f"private DNS of {_id(each)}")
                )
                for each in private
            ),
            *wishes,
        ]
        return Resolution((public,), tuple(wishes), doubt, unread)
    now = [_to_endpoint(walk, scope, each, _with_private_dns(vpc, name, each)) for each in private]
    if isinstance(hostnames, Missing):
        return Resolution((public, *now), tuple(wishes), doubt or hostnames)
    return Resolution(tuple(now), tuple(wishes), doubt)


def _to_endpoint(walk: Walk, scope: Scope, endpoint: VpcEndpoint, dns: Hop) -> Answer:
    """The answer that leads to an endpoint, by what the DNS gate says."""
    answer = endpoint_answer(walk, scope, endpoint)
    return msgspec.structs.replace(answer, hops=(dns, *answer.hops))


def endpoint_answer(walk: Walk, scope: Scope, endpoint: VpcEndpoint) -> Answer:
    """An endpoint as it stands: its state, and its interfaces."""
    identity, state = endpoint.vpc_endpoint_id, (endpoint.state or "").lower()
    gate = Gate("vpc-endpoint", identity, Direction.FORWARD, _ENDPOINTS)
    if state in {"", "partial"}:
        says = f"{identity} is {state or 'in a state not known'}"
        hops = [gate.cannot_tell(codes.BAD_STATE, says)]
    else:
        pending = state in {"pendingacceptance", "pending-acceptance"}
        code = codes.ADV_ENDPOINT_PENDING_ACCEPTANCE if pending else codes.BAD_STATE
        why = endpoint.last_error.message if endpoint.last_error is not None else endpoint.failure_reason
        says = f"{identity} ({endpoint.service_name}) is {state}" + (f": {why}" if why else "")
        hops = [gate.answers(state == "available", code, says, f"State {state}", "State")]
    stations = tuple(of_endpoint(scope, endpoint, walk.version))
    if not stations:
        says = f"the interfaces of {identity} are not known"
        missing = Missing("ec2:DescribeNetworkInterfaces", "absent", None, identity, says)
        hops.append(gate.doubts(codes.UNKNOWN_RESOURCE, missing))
    return Answer(tuple(hops), endpoint, stations)


# --- the gate's answers ----------------------------------------------------------------------------------


def doubt_hop(vpc: str, doubt: Missing) -> Hop:
    """The DNS gate, where the answer of the name servers is not known."""
    custom = doubt.operation == "ec2:DescribeDhcpOptions" and doubt.status == "undecidable"
    code = codes.ADV_CUSTOM_DNS_UNKNOWN if custom else codes.UNKNOWN_RESOURCE
    says = doubt.says or f"how names resolve in {vpc} is not known ({doubt.operation} {doubt.status})"
    return _dns(vpc, doubt.operation).doubts(code, doubt, says)


def missing_endpoint_hop(near: Station, service: str, dead_end: Hop) -> Hop:
    """Neither an endpoint nor a way to the public one: the endpoint is what is missing."""
    assert near.scope is not None and near.vpc is not None and near.subnet is not None
    scope, subnets = near.scope, (near.subnet.subnet_id,)
    endpoint = CreateInterfaceEndpoint(service, near.vpc, subnets, scope.account, scope.region)
    others = tuple(each for each in dead_end.repairs if each != endpoint)
    gate = Gate("vpc-endpoint", near.vpc, Direction.FORWARD, _ENDPOINTS)
    says = f"{near.vpc} has no interface endpoint for {service}, and {dead_end.says}"
    rule = f"no endpoint for {service}"
    hop = gate.stops(codes.ADV_ENDPOINT_MISSING, says, rule, "ServiceName", (endpoint, *others))
    return msgspec.structs.replace(hop, evidence=(*hop.evidence, *dead_end.evidence))


def _dns(vpc: str, operation: str) -> Gate:
    return Gate("dns", vpc, Direction.FORWARD, operation, Place.SOURCE)


def _with_private_dns(vpc: str, name: str, endpoint: VpcEndpoint) -> Hop:
    says = f"{name} resolves to {endpoint.vpc_endpoint_id} (private DNS)"
    return _shown_by(_dns(vpc, _ENDPOINTS).passes(says, f"{_PRIVATE_DNS} true", _PRIVATE_DNS), endpoint)


def _without_private_dns(scope: Scope, vpc: str, name: str, endpoint: VpcEndpoint) -> Hop:
    identity = endpoint.vpc_endpoint_id
    repairs = (EnablePrivateDns(identity, vpc, scope.account, scope.region),)
    says = f"{identity} is there, but its private DNS is off: {name} resolves to public addresses"
    gate = _dns(vpc, _ENDPOINTS)
    hop = gate.stops(codes.ADV_NO_PRIVATE_DNS, says, f"{_PRIVATE_DNS} false", _PRIVATE_DNS, repairs)
    return _shown_by(hop, endpoint)


def _shown_by(hop: Hop, endpoint: VpcEndpoint) -> Hop:
    """The gate is the VPC's, but the fact stands in the endpoint's record."""
    evidence = tuple(
        msgspec.structs.replace(each, resource=endpoint.vpc_endpoint_id) for each in hop.evidence
    )
    return msgspec.structs.replace(hop, evidence=evidence)


def _id(endpoint: VpcEndpoint) -> str:
    return endpoint.vpc_endpoint_id


def _without_hostnames(scope: Scope, vpc: str, name: str, answers: str) -> Hop:
    repairs = (EnableVpcDns(vpc, "enableDnsHostnames", scope.account, scope.region),)
    says = f"{answers} would answer, but {vpc} has enableDnsHostnames off: {name} stays public"
    return _dns(vpc, _ATTRIBUTES).stops(
        codes.ADV_VPC_DNS_DISABLED, says, "enableDnsHostnames false", repairs=repairs
    )


def _custom_servers(scope: Scope, vpc: str) -> Missing | None:
    """A doubt where the VPC's DHCP options name other servers than Amazon's (D5)."""
    record = scope.vpcs.get(vpc)
    if record is None:
        return scope.vpcs.missing(vpc)
    identity = record.dhcp_options_id
    if identity is None:
        return Missing("ec2:DescribeVpcs", "absent", None, vpc, f"the DHCP options of {vpc}")
    if identity == "default":
        return None
    options = scope.dhcp_options.find(identity)
    if isinstance(options, Missing):
        return options
    servers = [
        value.value
        for configuration in options.dhcp_configurations
        if configuration.key == "domain-name-servers"
        for value in configuration.values
    ]
    # The resolver is also at the base of each IPv4 block, plus two.
    own = _AMAZONS_RESOLVERS | {
        str(Address(4, block.value + 2)) for block in blocks_of(record) if block.version == 4
    }
    if not servers:
        says = f"{identity} of {vpc} names no DNS servers"
        return Missing("ec2:DescribeDhcpOptions", "undecidable", None, identity, says)
    foreign = [server for server in servers if server.lower() not in own]
    if not foreign:
        return None
    says = f"{vpc} asks {', '.join(foreign)} for names ({identity}); what they answer, no AWS call shows"
    return Missing("ec2:DescribeDhcpOptions", "undecidable", None, identity, says)


# --- private hosted zones --------------------------------------------------------------------------------


class Zone(msgspec.Struct, frozen=True, gc=False):
    """A private hosted zone whose answer is an endpoint of the service."""

    id: str
    scope: Scope
    endpoint: VpcEndpoint


def _by_zone(walk: Walk, zone: Zone, dns: Hop) -> Answer:
    return _to_endpoint(walk, zone.scope, zone.endpoint, dns)


def _zone_hop(vpc: str, name: str, zone: Zone) -> Hop:
    says = f"{name} resolves to {_id(zone.endpoint)} by private hosted zone {zone.id}"
    return _dns(vpc, _RECORDS).passes(says, f"hosted zone {zone.id}")


def _hosted_zone(walk: Walk, scope: Scope, vpc: str, name: str, service: str) -> Zone | Missing | None:
    """A private hosted zone, associated with the VPC, that answers for the name (D4)."""
    everywhere = walk.fabric.estate.global_scope(scope.account)
    zones = everywhere.hosted_zones_of_vpcs.find(vpc)
    if isinstance(zones, Missing):
        return zones
    matching = [zone for zone in zones.hosted_zone_summaries if _serves(zone.name, name)]
    if not matching:
        return None
    identity = max(matching, key=lambda each: len(each.name)).hosted_zone_id
    records = _records_of(walk, everywhere, identity)
    if isinstance(records, Missing):
        # The zone is there and answers: that its records were not asked for is no reason to assume none.
        return msgspec.structs.replace(records, status="absent", says=f"the records of {identity}")
    values = [
        record.alias_target.dns_name if record.alias_target is not None else value
        for record in records.resource_record_sets
        if record.name.rstrip(".") == name and record.type in {"A", "CNAME", "AAAA"}
        for value in ([each.value for each in record.resource_records] or [""])
    ]
    for value in values:
        found = _endpoint_named(walk, value)
        if found is not None:
            place, endpoint = found
            if _offers(endpoint, scope.region, service):
                return Zone(identity, place, endpoint)
            # Its certificate is for other names, so that clients refuse it.
            says = f"hosted zone {identity} leads {name} to {_id(endpoint)} of {endpoint.service_name}"
            return Missing(_RECORDS, "undecidable", None, identity, says)
    says = f"private hosted zone {identity} answers for {name} with {', '.join(values) or 'nothing'}"
    return Missing(_RECORDS, "undecidable", None, identity, says)


def _asks_route53(walk: Walk, scope: Scope) -> bool:
    """Whether zones were read for other VPCs: then those of this one are a gap and not another layer."""
    return len(walk.fabric.estate.global_scope(scope.account).hosted_zones_of_vpcs) > 0


def _records_of(walk: Walk, own: Scope, zone: str) -> RecordSetsOfZone | Missing:
    """The records of a zone; central zones belong to another account as a rule."""
    for account in walk.fabric.estate.accounts:
        found = walk.fabric.estate.global_scope(account).record_sets.get(zone)
        if found is not None:
            return found
    return own.record_sets.missing(zone)


def _serves(zone: str, name: str) -> bool:
    domain = zone.rstrip(".")
    return name == domain or name.endswith("." + domain)


def _endpoint_named(walk: Walk, text: str) -> tuple[Scope, VpcEndpoint] | None:
    """The endpoint that a DNS name (`vpce-0abc-xyz.ssm.…`) or an address belongs to."""
    identity = "-".join(text.split("-")[:2]).split(".")[0]
    address = parse_address(text)
    for scope in walk.fabric.estate.regional:
        if identity in scope.vpc_endpoints:
            return scope, scope.vpc_endpoints[identity]
        for endpoint in scope.vpc_endpoints.values() if address is not None else ():
            if any(station.address == address for station in of_endpoint(scope, endpoint, walk.version)):
                return scope, endpoint
    return None


def _central(walk: Walk, near: Station, service: str, name: str) -> list[Answer]:
    """Endpoints in VPCs that this one is joined with, whose hosted zone is not associated (D4)."""
    found = walk.fabric.once(
        ("central endpoints", near.place, service, walk.version),
        lambda: list(_joined_endpoints(walk, near, service)),
    )
    return [
        _to_endpoint(walk, scope, endpoint, _without_zone(walk, near, scope, endpoint, service, name))
        for scope, endpoint in found
    ]


def _joined_endpoints(walk: Walk, near: Station, service: str) -> Iterator[tuple[Scope, VpcEndpoint]]:
    assert near.scope is not None
    for scope in walk.fabric.estate.regional:
        if scope.region != near.scope.region:
            continue
        for endpoint in scope.vpc_endpoints.values():
            is_own = (scope.region, endpoint.vpc_id) == near.place[1:]
            # Private DNS of its own would serve its own VPC only.
            if is_own or endpoint.private_dns_enabled or not _offers(endpoint, scope.region, service):
                continue
            if _is_joined(walk, near, scope, endpoint):
                yield scope, endpoint


def _is_joined(walk: Walk, near: Station, scope: Scope, endpoint: VpcEndpoint) -> bool:
    stations = of_endpoint(scope, endpoint, walk.version)
    return bool(stations) and walk.topology.cheapest_way(near.place, stations[0]).gateway is not None


def _without_zone(
    walk: Walk, near: Station, scope: Scope, endpoint: VpcEndpoint, service: str, name: str
) -> Hop:
    assert near.scope is not None and near.vpc is not None
    zones = walk.fabric.estate.global_scope(scope.account).hosted_zones_of_vpcs.get(endpoint.vpc_id or "")
    summaries = zones.hosted_zone_summaries if zones is not None else ()
    repairs: tuple[Repair, ...] = tuple(
        AssociateHostedZone(zone.hosted_zone_id, near.vpc, near.scope.account, near.scope.region)
        for zone in summaries
        if zone.name.rstrip(".") == name
    )
    says = (
        f"{endpoint.vpc_endpoint_id} in {endpoint.vpc_id} serves {service} centrally, but no private "
        f"hosted zone for {name} is associated with {near.vpc}"
    )
    return _dns(near.vpc, _ZONES).stops(codes.ADV_PHZ_NOT_ASSOCIATED, says, "no hosted zone", repairs=repairs)
