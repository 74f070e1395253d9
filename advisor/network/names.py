"""The DNS gate: where a service's name leads from inside a VPC (D1-D5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from advisor.model.addresses import Address, parse_address
from advisor.model.estate import Scope
from advisor.model.evidence import Missing
from advisor.model.records.ec2 import VpcEndpoint
from advisor.model.verdict import BLOCKED, READY, Verdict
from advisor.network import codes
from advisor.network.fabric import blocks_of
from advisor.network.leg import hop, lost
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

_GONE = {"deleted", "deleting", "rejected", "expired"}


class Answer(msgspec.Struct, frozen=True):
    """Where a name leads: to an endpoint's interfaces, or (`endpoint` None) to AWS's public addresses.

    `hops` are the DNS gate's; `is_wish` marks an answer that holds only once a repair has been made.
    """

    hops: tuple[Hop, ...]
    endpoint: VpcEndpoint | None = None
    stations: tuple[Station, ...] = ()
    is_wish: bool = False


class Resolution(msgspec.Struct, frozen=True):
    """What a name may resolve to: `now` (all of them where DNS is not certain), and what repairs would give."""

    now: tuple[Answer, ...]
    wishes: tuple[Answer, ...] = ()
    doubt: Missing | None = None


def service_name(region: str, service: str) -> str:
    """The name that clients ask for: `ssm.us-east-1.amazonaws.com`."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{service}.{region}.{suffix}"


def endpoints_for(scope: Scope, vpc: str, service: str) -> list[VpcEndpoint]:
    """The interface endpoints of a VPC for a service, except those that are gone."""
    return [
        endpoint
        for endpoint in scope.endpoints_by_vpc.get(vpc, ())
        if (endpoint.vpc_endpoint_type or "").lower() == "interface"
        and (endpoint.service_name or "").rsplit(".", 1)[-1] == service
        and (endpoint.state or "").lower() not in _GONE
    ]


def resolve(walk: Walk, near: Station, service: str) -> Resolution:
    """Where the service's regional name leads from the station's VPC."""
    assert near.scope is not None and near.vpc is not None
    scope, vpc = near.scope, near.vpc
    name = service_name(scope.region, service)
    support = scope.vpc_attribute(vpc, "enable_dns_support")
    if support is False:
        repair = EnableVpcDns(vpc, "enableDnsSupport", scope.account, scope.region)
        says = f"{vpc} has enableDnsSupport off: {name} does not resolve"
        off = _dns(
            vpc, BLOCKED, says, codes.ADV_VPC_DNS_DISABLED, "enableDnsSupport false", repairs=(repair,)
        )
        beyond = _in_vpc(walk, near, service, name, None)
        return msgspec.structs.replace(
            beyond, now=tuple(msgspec.structs.replace(each, hops=(off, *each.hops)) for each in beyond.now)
        )
    doubt = support if isinstance(support, Missing) else _custom_servers(scope, vpc)
    return _in_vpc(walk, near, service, name, doubt)


def _in_vpc(walk: Walk, near: Station, service: str, name: str, doubt: Missing | None) -> Resolution:
    assert near.scope is not None and near.vpc is not None
    scope, vpc = near.scope, near.vpc
    endpoints = endpoints_for(scope, vpc, service)
    if not scope.vpc_endpoints.complete and not endpoints:
        doubt = doubt or scope.vpc_endpoints.missing()
    zone = _hosted_zone(walk, scope, vpc, name)
    if isinstance(zone, Missing):
        if zone.status == "not-asked":
            walk.assume(f"No private hosted zone, Resolver rule or Route 53 Profile redirects {name}.")
        else:
            doubt = doubt or zone
        zone = None
    public = Answer((_dns(vpc, READY, f"{name} resolves to AWS's public addresses", None, "public name"),))
    private = [each for each in endpoints if each.private_dns_enabled]
    hostnames = scope.vpc_attribute(vpc, "enable_dns_hostnames")
    now: list[Answer] = []
    wishes: list[Answer] = []
    if zone is not None:
        now.append(zone)
    elif private and hostnames is not False:
        if isinstance(hostnames, Missing):
            doubt = doubt or hostnames
            now.append(public)
        now += [_to_endpoint(walk, scope, each, _private_dns_hop(vpc, name, each)) for each in private]
    else:
        now.append(public)
        for each in private:
            repair = EnableVpcDns(vpc, "enableDnsHostnames", scope.account, scope.region)
            says = f"{each.vpc_endpoint_id} has private DNS on, but {vpc} has enableDnsHostnames off: {name} stays public"
            off = _dns(
                vpc, BLOCKED, says, codes.ADV_VPC_DNS_DISABLED, "enableDnsHostnames false", repairs=(repair,)
            )
            wishes.append(_to_endpoint(walk, scope, each, off, is_wish=True))
    if zone is None:
        wishes += [
            _to_endpoint(walk, scope, each, _no_private_dns_hop(scope, vpc, name, each), is_wish=True)
            for each in endpoints
            if not each.private_dns_enabled
        ]
        if not endpoints:
            wishes += _central(walk, near, service, name)
    return Resolution(tuple(now), tuple(wishes), doubt)


def doubt_hop(vpc: str, doubt: Missing) -> Hop:
    """The DNS gate, where the answer of the name servers is not known."""
    custom = doubt.operation == "ec2:DescribeDhcpOptions" and doubt.status == "undecidable"
    code = codes.ADV_CUSTOM_DNS_UNKNOWN if custom else codes.UNKNOWN_RESOURCE
    says = doubt.says or f"how names resolve in {vpc} is not known ({doubt.operation} {doubt.status})"
    return lost("dns", vpc, Direction.FORWARD, doubt, code, says, Place.SOURCE)


def missing_endpoint_hop(walk: Walk, near: Station, service: str, dead_end: Hop | None) -> Hop:
    """Neither an endpoint nor a way to the public one: the endpoint is what is missing."""
    assert near.scope is not None and near.vpc is not None and near.subnet is not None
    scope = near.scope
    says = f"{near.vpc} has no interface endpoint for {service}"
    repairs: tuple[Repair, ...] = (
        CreateInterfaceEndpoint(service, near.vpc, (near.subnet.subnet_id,), scope.account, scope.region),
    )
    evidence: tuple[object, ...] = ()
    if dead_end is not None:
        says += f", and {dead_end.says}"
        repairs += tuple(each for each in dead_end.repairs if each not in repairs)
        evidence = dead_end.evidence
    made = hop(
        "vpc-endpoint",
        near.vpc,
        Direction.FORWARD,
        BLOCKED,
        says,
        rule=f"no endpoint for {service}",
        code=codes.ADV_ENDPOINT_MISSING,
        operation="ec2:DescribeVpcEndpoints",
        field="ServiceName",
        repairs=repairs,
    )
    return msgspec.structs.replace(made, evidence=(*made.evidence, *evidence))


def _to_endpoint(walk: Walk, scope: Scope, endpoint: VpcEndpoint, gate: Hop, is_wish: bool = False) -> Answer:
    state = (endpoint.state or "").lower()
    hops = [gate]
    operation = "ec2:DescribeVpcEndpoints"
    identity = endpoint.vpc_endpoint_id
    if state == "available":
        hops.append(
            hop(
                "vpc-endpoint",
                identity,
                Direction.FORWARD,
                READY,
                f"{identity} ({endpoint.service_name}) is available",
                rule="State available",
                operation=operation,
                field="State",
            )
        )
    elif state in {"", "partial"}:
        says = f"{identity} is {state or 'in a state not known'}"
        missing = Missing(operation, "undecidable", None, identity, says)
        hops.append(lost("vpc-endpoint", identity, Direction.FORWARD, missing, codes.BAD_STATE, says))
    else:
        pending = state in {"pendingacceptance", "pending-acceptance"}
        why = endpoint.last_error.message if endpoint.last_error is not None else endpoint.failure_reason
        hops.append(
            hop(
                "vpc-endpoint",
                identity,
                Direction.FORWARD,
                BLOCKED,
                f"{identity} is {state}" + (f" ({why})" if why else ""),
                rule=f"State {state}",
                code=codes.ADV_ENDPOINT_PENDING_ACCEPTANCE if pending else codes.BAD_STATE,
                operation=operation,
                field="State",
            )
        )
    stations = tuple(of_endpoint(scope, endpoint, walk.version))
    if not stations:
        missing = Missing(
            "ec2:DescribeNetworkInterfaces", "absent", None, identity, f"the interfaces of {identity}"
        )
        hops.append(
            lost("vpc-endpoint", identity, Direction.FORWARD, missing, codes.UNKNOWN_RESOURCE, missing.says)
        )
    return Answer(tuple(hops), endpoint, stations, is_wish)


def _dns(
    vpc: str, verdict: Verdict, says: str, code: str | None, rule: str, repairs: tuple[Repair, ...] = ()
) -> Hop:
    return hop(
        "dns",
        vpc,
        Direction.FORWARD,
        verdict,
        says,
        place=Place.SOURCE,
        rule=rule,
        code=code,
        operation="ec2:DescribeVpcAttribute" if code else "ec2:DescribeVpcEndpoints",
        repairs=repairs,
    )


def _private_dns_hop(vpc: str, name: str, endpoint: VpcEndpoint) -> Hop:
    says = f"{name} resolves to {endpoint.vpc_endpoint_id} (private DNS)"
    return hop(
        "dns",
        vpc,
        Direction.FORWARD,
        READY,
        says,
        place=Place.SOURCE,
        rule="PrivateDnsEnabled true",
        operation="ec2:DescribeVpcEndpoints",
        field="PrivateDnsEnabled",
    )


def _no_private_dns_hop(scope: Scope, vpc: str, name: str, endpoint: VpcEndpoint) -> Hop:
    repair = EnablePrivateDns(endpoint.vpc_endpoint_id, vpc, scope.account, scope.region)
    return hop(
        "dns",
        vpc,
        Direction.FORWARD,
        BLOCKED,
        f"{endpoint.vpc_endpoint_id} is there, but its private DNS is off: {name} resolves to public addresses",
        place=Place.SOURCE,
        rule="PrivateDnsEnabled false",
        code=codes.ADV_NO_PRIVATE_DNS,
        operation="ec2:DescribeVpcEndpoints",
        field="PrivateDnsEnabled",
        repairs=(repair,),
    )


def _custom_servers(scope: Scope, vpc: str) -> Missing | None:
    """A doubt where the VPC's DHCP options name other servers than Amazon's (D5)."""
    record = scope.vpcs.get(vpc)
    if record is None:
        return scope.vpcs.missing(vpc)
    identity = record.dhcp_options_id
    if identity is None or identity == "default":
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
    own = {"amazonprovideddns", "169.254.169.253", "fd00:ec2::253"}
    for block in blocks_of(record):
        if block.version == 4:
            own.add(str(Address(4, block.value + 2)))
    foreign = [server for server in servers if server.lower() not in own]
    if not foreign:
        return None
    says = f"{vpc} asks {', '.join(foreign)} for names ({identity}); what they answer, no AWS call shows"
    return Missing("ec2:DescribeDhcpOptions", "undecidable", None, identity, says)


def _hosted_zone(walk: Walk, scope: Scope, vpc: str, name: str) -> Answer | Missing | None:
    """A private hosted zone, associated with the VPC, that answers for the name (D4)."""
    everywhere = walk.fabric.estate.global_scope(scope.account)
    zones = everywhere.hosted_zones_of_vpcs.find(vpc)
    if isinstance(zones, Missing):
        return zones
    matching = [
        zone
        for zone in zones.hosted_zone_summaries
        if name == zone.name.rstrip(".") or name.endswith("." + zone.name.rstrip("."))
    ]
    if not matching:
        return None
    zone = max(matching, key=lambda each: len(each.name))
    identity = zone.hosted_zone_id
    records = everywhere.record_sets.find(identity)
    if isinstance(records, Missing):
        return records if records.status != "not-asked" else msgspec.structs.replace(records, status="failed")
    names = [
        record.alias_target.dns_name if record.alias_target is not None else value
        for record in records.resource_record_sets
        if record.name.rstrip(".") == name and record.type in {"A", "CNAME", "AAAA"}
        for value in ([each.value for each in record.resource_records] or [""])
    ]
    for text in names:
        found = _endpoint_named(walk, text)
        if found is not None:
            place, endpoint = found
            says = f"{name} resolves to {endpoint.vpc_endpoint_id} by private hosted zone {identity}"
            gate = hop(
                "dns",
                vpc,
                Direction.FORWARD,
                READY,
                says,
                place=Place.SOURCE,
                rule=f"hosted zone {identity}",
                operation="route53:ListResourceRecordSets",
            )
            return _to_endpoint(walk, place, endpoint, gate)
    says = f"private hosted zone {identity} answers for {name} with {', '.join(names) or 'nothing'}"
    return Missing("route53:ListResourceRecordSets", "undecidable", None, identity, says)


def _endpoint_named(walk: Walk, text: str) -> tuple[Scope, VpcEndpoint] | None:
    """The endpoint that a DNS name or an address belongs to."""
    identity = "-".join(text.split("-")[:2]).split(".")[0]
    address = parse_address(text)
    for scope in walk.fabric.estate.regional:
        if identity in scope.vpc_endpoints:
            return scope, scope.vpc_endpoints[identity]
        if address is None:
            continue
        for endpoint in scope.vpc_endpoints.values():
            for station in of_endpoint(scope, endpoint, walk.version):
                if station.address == address:
                    return scope, endpoint
    return None


def _central(walk: Walk, near: Station, service: str, name: str) -> list[Answer]:
    """An endpoint in a VPC that this one is joined with, whose hosted zone is not associated (D4)."""
    found = []
    for scope in walk.fabric.estate.regional:
        if near.scope is None or scope.region != near.scope.region:
            continue
        for vpc in scope.vpcs:
            if (scope.account, scope.region, vpc) == near.place:
                continue
            for endpoint in endpoints_for(scope, vpc, service):
                if endpoint.private_dns_enabled:
                    continue  # its own private DNS serves its own VPC only
                stations = of_endpoint(scope, endpoint, walk.version)
                if not stations or walk.topology.cheapest_way(near.place, stations[0]).gateway is None:
                    continue
                zone = _zone_for(walk, scope, vpc, name)
                repairs: tuple[Repair, ...] = ()
                if zone is not None and near.vpc is not None and near.scope is not None:
                    repairs = (AssociateHostedZone(zone, near.vpc, near.scope.account, near.scope.region),)
                says = (
                    f"{endpoint.vpc_endpoint_id} in {vpc} serves {service} centrally, but no private hosted zone "
                    f"for {name} is associated with {near.vpc}"
                )
                gate = hop(
                    "dns",
                    near.vpc or "",
                    Direction.FORWARD,
                    BLOCKED,
                    says,
                    place=Place.SOURCE,
                    rule="no hosted zone",
                    code=codes.ADV_PHZ_NOT_ASSOCIATED,
                    operation="route53:ListHostedZonesByVPC",
                    repairs=repairs,
                )
                found.append(_to_endpoint(walk, scope, endpoint, gate, is_wish=True))
    return found


def _zone_for(walk: Walk, scope: Scope, vpc: str, name: str) -> str | None:
    zones = walk.fabric.estate.global_scope(scope.account).hosted_zones_of_vpcs.get(vpc)
    if zones is None:
        return None
    return next((z.hosted_zone_id for z in zones.hosted_zone_summaries if z.name.rstrip(".") == name), None)
