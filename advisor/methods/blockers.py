"""From a traced path to causes of the catalogue: which hop, stopped by what code, means which cause.

One cause of the catalogue covers several codes, and one code means different causes on different paths: a
security group that does not match is `node-sg-egress-blocks-443` at the node, `vpce-sg-blocks-443` at the
endpoint, `eice-instance-sg-inbound` behind an EC2 Instance Connect Endpoint.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from advisor.methods.answer import Answer, Certainty, Finding
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.network import codes
from advisor.network.repairs import EnableVpcDns
from advisor.network.trace import Direction, Hop, Place, Trace


class Path(enum.Enum):
    """What a traced path is for; it decides what a stopped hop means."""

    SYSTEMS_MANAGER = "the node to Systems Manager"
    TUNNEL = "an EC2 Instance Connect Endpoint to the instance"
    TUNNEL_KEEPING_ADDRESS = "an EC2 Instance Connect Endpoint that preserves the client's address"
    SECOND_LEG = "a bastion to the instance"
    ENTRY_TO_BASTION = "the operator to a bastion"
    ENTRY = "the operator to the instance"


class Family(enum.Enum):
    """Codes that mean the same to a person."""

    GROUP = enum.auto()
    ACL = enum.auto()
    ROUTE = enum.auto()
    BLACKHOLE = enum.auto()
    STATE = enum.auto()
    NO_ADDRESS_OUT = enum.auto()
    NO_ADDRESS_IN = enum.auto()
    OPERATOR = enum.auto()
    NAT = enum.auto()
    NAT_ZONE = enum.auto()
    APPLIANCE = enum.auto()
    TRANSIT = enum.auto()
    PEERING = enum.auto()
    VPN = enum.auto()
    ASYMMETRIC = enum.auto()
    EGRESS_ONLY = enum.auto()
    BLOCK_PUBLIC_ACCESS = enum.auto()
    FIREWALL = enum.auto()
    BALANCER = enum.auto()
    IP_FAMILY = enum.auto()
    PRIVATE_DNS = enum.auto()
    VPC_DNS = enum.auto()
    CUSTOM_DNS = enum.auto()
    HOSTED_ZONE = enum.auto()
    ENDPOINT_MISSING = enum.auto()
    ENDPOINT_STATE = enum.auto()
    ENDPOINT_POLICY = enum.auto()
    CLIENT_ADDRESS = enum.auto()
    CLIENT_ADDRESS_TYPE = enum.auto()
    DATA = enum.auto()
    CONTRADICTION = enum.auto()
    PROTOCOL = enum.auto()
    NO_ADDRESS_AT_ALL = enum.auto()


FAMILIES: Final[Mapping[str, Family]] = {
    codes.ENI_SG_RULES_MISMATCH: Family.GROUP,
    codes.SG_HAS_NO_RULES: Family.GROUP,
    codes.SG_REFERENCES_NOT_PRESERVED: Family.GROUP,
    codes.SG_REFERENCING_SUPPORT: Family.GROUP,
    codes.UNKNOWN_PEERED_SGS: Family.GROUP,
    codes.ADV_SG_REF_PUBLIC_IP: Family.GROUP,
    codes.ADV_SG_REF_STALE: Family.GROUP,
    codes.SUBNET_ACL_RESTRICTION: Family.ACL,
    codes.REMAP_EPHEMERAL_PORT: Family.ACL,
    codes.NO_ROUTE_TO_DESTINATION: Family.ROUTE,
    codes.CANNOT_ROUTE: Family.ROUTE,
    codes.MORE_SPECIFIC_ROUTE: Family.ROUTE,
    codes.HIGHER_PRIORITY_ROUTE: Family.ROUTE,
    codes.VPC_LOCAL_ROUTE_CIDR_RESTRICTION: Family.ROUTE,
    codes.DISCONNECTED_VPCS: Family.ROUTE,
    codes.PCX_REQUIRES_ADDRESS_IN_VPC_CIDR: Family.PEERING,
    codes.IGW_DESTINATION_NOT_RFC1918: Family.ROUTE,
    codes.IGW_DESTINATION_NOT_RFC6598: Family.ROUTE,
    codes.NO_POSSIBLE_DESTINATION: Family.ROUTE,
    codes.VGW_PRIVATE_IP_EGRESS: Family.VPN,
    codes.VGW_PRIVATE_IP_INGRESS: Family.VPN,
    codes.BAD_STATE_VPN: Family.VPN,
    codes.VPCE_INTRA_VPC_TRAFFIC: Family.ROUTE,
    codes.ADV_EIGW_NO_INBOUND: Family.EGRESS_ONLY,
    codes.ADV_MULTI_ENI_ASYMMETRY: Family.ASYMMETRIC,
    codes.BAD_STATE_ROUTE: Family.BLACKHOLE,
    codes.BAD_STATE: Family.STATE,
    codes.BAD_STATE_ATTACHMENT: Family.STATE,
    codes.ADV_INSTANCE_NOT_RUNNING: Family.STATE,
    codes.IGW_NO_PUBLIC_IP_EGRESS: Family.NO_ADDRESS_OUT,
    codes.IGW_NO_PUBLIC_IP_INGRESS: Family.NO_ADDRESS_IN,
    codes.IGW_SOURCE_NOT_RFC1918: Family.OPERATOR,
    codes.IGW_SOURCE_NOT_RFC6598: Family.OPERATOR,
    codes.ADV_NAT_OWN_SUBNET_LOOP: Family.NAT,
    codes.ADV_NAT_PRIVATE_NO_INTERNET: Family.NAT,
    codes.ADV_NAT_SUBNET_NO_IGW: Family.NAT,
    codes.NGW_REQUIRES_SOURCE_IN_VPC: Family.NAT,
    codes.REGIONAL_NGW_ROUTE_AZ_RESTRICTION: Family.NAT_ZONE,
    codes.ENI_SOURCE_DEST_CHECK_RESTRICTION: Family.APPLIANCE,
    codes.ADV_NAT_INSTANCE_OS_UNKNOWN: Family.FIREWALL,
    codes.TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION: Family.TRANSIT,
    codes.TGW_BAD_STATE_VPN: Family.TRANSIT,
    codes.TGW_ROUTE_AZ_RESTRICTION: Family.TRANSIT,
    codes.TGW_RTB_BAD_STATE_ROUTE: Family.TRANSIT,
    codes.TGW_RTB_HIGHER_PRIORITY_ROUTE: Family.TRANSIT,
    codes.TGW_RTB_MORE_SPECIFIC_ROUTE: Family.TRANSIT,
    codes.TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT: Family.TRANSIT,
    codes.TGW_RTB_ROUTES_ARE_UNKNOWN: Family.TRANSIT,
    codes.VPC_BLOCK_PUBLIC_ACCESS_ENABLED: Family.BLOCK_PUBLIC_ACCESS,
    codes.ADV_RETURN_PATH_ASYMMETRIC: Family.ASYMMETRIC,
    codes.PATH_THROUGH_GWLB_NOT_CHECKED: Family.FIREWALL,
    codes.ELBV2_LISTENERS_MISMATCH: Family.BALANCER,
    codes.ELBV2_LISTENER_HAS_NO_TG: Family.BALANCER,
    codes.ELBV2_NO_TARGETS_IN_AZ: Family.BALANCER,
    codes.ELBV2_SOURCE_ADDRESS_PRESERVATION: Family.BALANCER,
    codes.UNASSOCIATED_COMPONENT: Family.NO_ADDRESS_AT_ALL,
    codes.ADV_EICE_IP_TYPE_MISMATCH: Family.IP_FAMILY,
    codes.ADV_EIGW_IPV6_ONLY_SERVICE_V4: Family.EGRESS_ONLY,
    codes.ADV_NO_PRIVATE_DNS: Family.PRIVATE_DNS,
    codes.ADV_VPC_DNS_DISABLED: Family.VPC_DNS,
    codes.ADV_CUSTOM_DNS_UNKNOWN: Family.CUSTOM_DNS,
    codes.ADV_PHZ_NOT_ASSOCIATED: Family.HOSTED_ZONE,
    codes.ADV_ENDPOINT_MISSING: Family.ENDPOINT_MISSING,
    codes.ADV_ENDPOINT_PENDING_ACCEPTANCE: Family.ENDPOINT_STATE,
    codes.ADV_ENDPOINT_POLICY_DENIES: Family.ENDPOINT_POLICY,
    codes.ADV_EICE_CLIENT_IP_TGW: Family.CLIENT_ADDRESS,
    codes.ADV_EICE_CLIENT_IP_INSTANCE_TYPE: Family.CLIENT_ADDRESS_TYPE,
    codes.PROTOCOL_RESTRICTION: Family.PROTOCOL,
    codes.ADV_SNAPSHOT_PARTIAL: Family.DATA,
    codes.ADV_SNAPSHOT_CONTRADICTORY: Family.CONTRADICTION,
    codes.UNKNOWN_DESTINATION: Family.DATA,
    codes.UNKNOWN_RESOURCE: Family.DATA,
    codes.UNSUPPORTED_COMPONENT: Family.DATA,
    codes.NO_SOURCE_OR_DESTINATION: Family.DATA,
}
"""The family of every code that can stop a packet or leave it unknown."""

_ANYWHERE: Final[Mapping[Family, str]] = {
    Family.BLACKHOLE: "blackhole-route",
    Family.NAT: "nat-gateway-unusable",
    Family.APPLIANCE: "nat-instance-src-dst-check",
    Family.NAT_ZONE: "nat-gateway-zone",
    Family.TRANSIT: "tgw-path-broken",
    Family.PEERING: "peering-path-broken",
    Family.VPN: "vpn-path-broken",
    Family.ASYMMETRIC: "return-path-asymmetric",
    Family.EGRESS_ONLY: "egress-only-gateway",
    Family.NO_ADDRESS_AT_ALL: "interface-without-address",
    Family.IP_FAMILY: "eice-ip-family-mismatch",
    Family.CONTRADICTION: "data-contradictory",
    Family.BLOCK_PUBLIC_ACCESS: "vpc-bpa-blocks",
    Family.FIREWALL: "firewall-or-gwlb-in-path",
    Family.BALANCER: "bastion-balancer",
    Family.VPC_DNS: "vpc-dns-support-off",
    Family.CUSTOM_DNS: "dhcp-custom-dns",
    Family.HOSTED_ZONE: "central-vpce-no-phz",
    Family.PRIVATE_DNS: "vpce-private-dns-off",
    Family.ENDPOINT_MISSING: "no-path-to-ssm",
    Family.ENDPOINT_STATE: "vpce-not-available",
    Family.ENDPOINT_POLICY: "vpce-policy-denies",
    Family.CLIENT_ADDRESS: "eice-preserve-ip-cross-vpc",
    Family.CLIENT_ADDRESS_TYPE: "eice-preserve-ip-old-type",
    Family.NO_ADDRESS_OUT: "igw-route-no-public-ip",
    Family.NO_ADDRESS_IN: "no-public-ip",
    Family.OPERATOR: "operator-address-private",
    Family.PROTOCOL: "protocol-not-carried",
    Family.DATA: "data-missing",
}

_BY_PATH: Final[Mapping[Path, Mapping[Family, str]]] = {
    Path.SYSTEMS_MANAGER: {
        Family.ROUTE: "no-path-to-ssm",
        Family.ACL: "nacl-blocks-443-out",
        Family.GROUP: "node-sg-egress-blocks-443",
    },
    Path.TUNNEL: {
        Family.ROUTE: "eice-route-to-instance",
        Family.ACL: "eice-nacl",
        Family.GROUP: "eice-instance-sg-inbound",
    },
    Path.TUNNEL_KEEPING_ADDRESS: {
        Family.ROUTE: "eice-route-to-instance",
        Family.ACL: "eice-nacl",
        Family.GROUP: "eice-preserve-ip-inbound",
    },
    Path.SECOND_LEG: {
        Family.ROUTE: "bastion-route-to-target",
        Family.ACL: "bastion-nacl-to-target",
        Family.GROUP: "bastion-sg-to-target",
    },
    Path.ENTRY_TO_BASTION: {
        Family.ROUTE: "no-igw-route",
        Family.ACL: "nacl-blocks-direct",
        Family.GROUP: "sg-inbound-22-missing",
        Family.NO_ADDRESS_OUT: "no-public-ip",
    },
    Path.ENTRY: {
        Family.ROUTE: "no-igw-route",
        Family.ACL: "nacl-blocks-direct",
        Family.GROUP: "sg-inbound-22-missing",
        Family.NO_ADDRESS_OUT: "no-public-ip",
    },
}

_BROKEN_STATE: Final[Mapping[str, str]] = {
    "nat-gateway": "nat-gateway-unusable",
    "vpc-endpoint": "vpce-not-available",
    "instance-connect-endpoint": "eice-not-ready",
    "internet-gateway": "no-igw-route",
    "egress-only-internet-gateway": "no-igw-route",
    "transit-gateway": "tgw-path-broken",
    "transit-gateway-attachment": "tgw-path-broken",
    "transit-gateway-route-table": "tgw-path-broken",
    "vpc-peering-connection": "peering-path-broken",
    "vpn-gateway": "vpn-path-broken",
    "middlebox": "firewall-or-gwlb-in-path",
}


_TUNNELS: Final = (Path.TUNNEL, Path.TUNNEL_KEEPING_ADDRESS)
_ENTRIES: Final = (Path.ENTRY, Path.ENTRY_TO_BASTION)


def cause_of(hop: Hop, path: Path, port: int = 443) -> str:
    """The catalogue's cause for a hop that stops a path (or leaves it unknown)."""
    family = FAMILIES.get(hop.code or "", Family.ROUTE)
    if family is Family.STATE:
        return _broken(hop, path)
    if family is Family.VPC_DNS:
        return _dns_attribute(hop)
    if family is Family.GROUP and hop.place is Place.MIDDLE:
        return "firewall-or-gwlb-in-path"  # a NAT instance's or appliance's own group
    if path is Path.SYSTEMS_MANAGER and family in (Family.ACL, Family.GROUP):
        return _at_endpoint_or_node(hop, family)
    if (
        path in (Path.TUNNEL, Path.TUNNEL_KEEPING_ADDRESS)
        and family is Family.GROUP
        and hop.place is Place.SOURCE
    ):
        return "eice-sg-egress-missing"
    if path in (Path.ENTRY, Path.ENTRY_TO_BASTION) and family is Family.GROUP and port == 3389:
        return "sg-inbound-3389-missing"
    return _BY_PATH[path].get(family) or _ANYWHERE[family]


def _broken(hop: Hop, path: Path) -> str:
    if hop.kind in ("instance", "network-interface"):
        if path is Path.SECOND_LEG and hop.place is Place.SOURCE:
            return "bastion-down"
        if path is Path.ENTRY_TO_BASTION:
            return "bastion-down"
        if hop.place is Place.MIDDLE:
            return "nat-instance-src-dst-check"
        return "instance-not-running"
    return _BROKEN_STATE.get(hop.kind) or _BY_PATH[path][Family.ROUTE]


def _dns_attribute(hop: Hop) -> str:
    attributes = {repair.attribute for repair in hop.repairs if isinstance(repair, EnableVpcDns)}
    said = f"{hop.rule} {hop.says}".lower()
    if "enableDnsSupport" in attributes or ("enablednssupport" in said and not attributes):
        return "vpc-dns-support-off"
    return "vpc-dns-hostnames-off"


def _at_endpoint_or_node(hop: Hop, family: Family) -> str:
    at_endpoint = hop.place is Place.DESTINATION
    if family is Family.GROUP:
        return "vpce-sg-blocks-443" if at_endpoint else "node-sg-egress-blocks-443"
    if at_endpoint:
        return "nacl-endpoint-subnet"
    return "nacl-blocks-443-out" if hop.direction is Direction.FORWARD else "nacl-blocks-ephemeral-in"


_LIKELY_WHEN_UNKNOWN: Final = frozenset(
    {Family.CUSTOM_DNS, Family.HOSTED_ZONE, Family.FIREWALL, Family.ENDPOINT_POLICY}
)


def findings(trace: Trace, path: Path) -> tuple[Finding, ...]:
    """What stops the path, as causes; one finding per cause and resource, in the packet's order."""
    return merged(_finding(hop, path, trace.flow.port, Certainty.CERTAIN) for hop in trace.blockers)


def suspicions(trace: Trace, path: Path) -> tuple[Finding, ...]:
    """What may stop the path where a hop is unknown: causes that are likely."""
    return merged(
        _finding(hop, path, trace.flow.port, Certainty.LIKELY)
        for hop in trace.hops
        if hop.verdict is UNKNOWN and FAMILIES.get(hop.code or "") in _LIKELY_WHEN_UNKNOWN
    )


def answer(trace: Trace, path: Path, via: str | None = None) -> Answer:
    """The trace as a check's answer."""
    found = findings(trace, path)
    if trace.verdict is READY:
        facts = tuple(dict.fromkeys(fact for hop in trace.hops for fact in hop.evidence))
        return Answer(READY, evidence=facts, notes=_filters(trace), traces=(trace,), via=via)
    if trace.verdict is BLOCKED:
        return Answer(BLOCKED, findings=found, missing=trace.missing, traces=(trace,), via=via)
    return Answer(UNKNOWN, findings=suspicions(trace, path), missing=trace.missing, traces=(trace,), via=via)


def _filters(trace: Trace) -> tuple[Finding, ...]:
    """Appliances on a path that passes: what they filter no call shows."""
    says = "The path goes through an appliance; that it lets this through is an assumption."
    return merged(
        Finding("firewall-or-gwlb-in-path", hop.id, says, Certainty.LIKELY, hop.evidence)
        for hop in trace.hops
        if hop.kind == "middlebox" and hop.id.startswith(("vpce-", "eni-", "i-"))
    )


def _finding(hop: Hop, path: Path, port: int, certainty: Certainty) -> Finding:
    return Finding(
        cause=cause_of(hop, path, port),
        resource=hop.id,
        says=hop.says,
        certainty=certainty,
        evidence=hop.evidence,
        code=hop.code,
        direction=hop.direction.value,
        repairs=hop.repairs,
    )


def merged(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding per cause and resource: a group that stops both interfaces of an endpoint is one fault.

    Repairs are alternatives, so two findings that need different ones stay two faults.
    """
    kept: dict[tuple[str, str], list[Finding]] = {}
    for each in found:
        alike = kept.setdefault((each.cause, each.resource), [])
        for position, other in enumerate(alike):
            if other.repairs[:1] == each.repairs[:1] or not (other.repairs and each.repairs):
                alike[position] = together(other, each)
                break
        else:
            alike.append(each)
    return tuple(each for alike in kept.values() for each in alike)


def together(first: Finding, other: Finding) -> Finding:
    """The first finding with the evidence of both, and the other's repairs as further alternatives."""
    return msgspec.structs.replace(
        first,
        evidence=tuple(dict.fromkeys((*first.evidence, *other.evidence))),
        repairs=tuple(dict.fromkeys((*first.repairs, *other.repairs))),
    )
