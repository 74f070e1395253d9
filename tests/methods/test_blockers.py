"""From stopped hops to causes: every code of the network, on every kind of path."""

from __future__ import annotations

import pytest

from advisor.methods import blockers
from advisor.methods.answer import Certainty, Finding
from advisor.methods.blockers import FAMILIES, Path, cause_of
from advisor.model.evidence import Evidence, Missing
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from advisor.network import codes
from advisor.network.flow import INTERNET, End, Flow, Kind
from advisor.network.repairs import AddRoute, AdmitInGroup, CreateInterfaceEndpoint, EnableVpcDns
from advisor.network.trace import Direction, Hop, Place, Trace
from tests.methods.stages import BOOK

FORWARD, RETURN = Direction.FORWARD, Direction.RETURN
SOURCE, MIDDLE, DESTINATION = Place.SOURCE, Place.MIDDLE, Place.DESTINATION
QUALIFYING = {codes.AVAILABILITY_ZONE_CROSSED, codes.TRANSIT_GATEWAY_APPLIANCE_MODE_RECOMMENDED}
ALL_CODES = sorted(
    {value for name, value in vars(codes).items() if name.isupper() and isinstance(value, str)} - QUALIFYING
)


def hop(
    code: str | None,
    kind: str = "security-group",
    place: Place = DESTINATION,
    direction: Direction = FORWARD,
    verdict: Verdict = BLOCKED,
    **more: object,
) -> Hop:
    return Hop(kind, "res-1", direction, verdict, place, code=code, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", Path)
@pytest.mark.parametrize("code", ALL_CODES)
def test_every_code_means_a_cause_of_the_catalogue_on_every_path(code: str, path: Path) -> None:
    for place in Place:
        for direction in Direction:
            for kind in ("instance", "security-group", "network-acl", "route-table", "vpn-gateway"):
                assert cause_of(hop(code, kind, place, direction), path) in BOOK.causes


def test_the_table_speaks_of_every_code_and_of_no_other() -> None:
    assert set(FAMILIES) == set(ALL_CODES)


@pytest.mark.parametrize(
    ("stopped", "path", "cause"),
    [
        (hop(codes.ENI_SG_RULES_MISMATCH, place=SOURCE), Path.SYSTEMS_MANAGER, "node-sg-egress-blocks-443"),
        (hop(codes.ENI_SG_RULES_MISMATCH), Path.SYSTEMS_MANAGER, "vpce-sg-blocks-443"),
        (hop(codes.SG_HAS_NO_RULES, place=SOURCE), Path.TUNNEL, "eice-sg-egress-missing"),
        (hop(codes.SG_HAS_NO_RULES), Path.TUNNEL, "eice-instance-sg-inbound"),
        (hop(codes.SG_HAS_NO_RULES), Path.TUNNEL_KEEPING_ADDRESS, "eice-preserve-ip-inbound"),
        (hop(codes.SG_REFERENCES_NOT_PRESERVED), Path.SECOND_LEG, "bastion-sg-to-target"),
        (hop(codes.SG_HAS_NO_RULES, place=SOURCE), Path.SECOND_LEG, "bastion-sg-to-target"),
        (hop(codes.SG_HAS_NO_RULES), Path.ENTRY, "sg-inbound-22-missing"),
        (hop(codes.SUBNET_ACL_RESTRICTION, place=SOURCE), Path.SYSTEMS_MANAGER, "nacl-blocks-443-out"),
        (
            hop(codes.SUBNET_ACL_RESTRICTION, place=SOURCE, direction=RETURN),
            Path.SYSTEMS_MANAGER,
            "nacl-blocks-ephemeral-in",
        ),
        (hop(codes.SUBNET_ACL_RESTRICTION), Path.SYSTEMS_MANAGER, "nacl-endpoint-subnet"),
        (hop(codes.SUBNET_ACL_RESTRICTION), Path.TUNNEL, "eice-nacl"),
        (hop(codes.SUBNET_ACL_RESTRICTION), Path.SECOND_LEG, "bastion-nacl-to-target"),
        (hop(codes.SUBNET_ACL_RESTRICTION), Path.ENTRY, "nacl-blocks-direct"),
        (hop(codes.BAD_STATE, "nat-gateway", MIDDLE), Path.SYSTEMS_MANAGER, "nat-gateway-unusable"),
        (hop(codes.BAD_STATE, "vpc-endpoint"), Path.SYSTEMS_MANAGER, "vpce-not-available"),
        (hop(codes.BAD_STATE, "instance", MIDDLE), Path.SYSTEMS_MANAGER, "nat-instance-src-dst-check"),
        (hop(codes.ADV_INSTANCE_NOT_RUNNING, "instance", SOURCE), Path.SECOND_LEG, "bastion-down"),
        (hop(codes.ADV_INSTANCE_NOT_RUNNING, "instance"), Path.SECOND_LEG, "instance-not-running"),
        (hop(codes.ADV_INSTANCE_NOT_RUNNING, "instance"), Path.ENTRY_TO_BASTION, "bastion-down"),
        (hop(codes.BAD_STATE_ATTACHMENT, "internet-gateway", MIDDLE), Path.ENTRY, "no-igw-route"),
        (hop(codes.BAD_STATE, "vpc-peering-connection", MIDDLE), Path.SECOND_LEG, "peering-path-broken"),
        (hop(codes.BAD_STATE_ROUTE, "route-table", SOURCE), Path.SYSTEMS_MANAGER, "blackhole-route"),
        (hop(codes.NO_ROUTE_TO_DESTINATION, "route-table", SOURCE), Path.SYSTEMS_MANAGER, "no-path-to-ssm"),
        (hop(codes.NO_ROUTE_TO_DESTINATION, "route-table", SOURCE), Path.TUNNEL, "eice-route-to-instance"),
        (hop(codes.TGW_ROUTE_AZ_RESTRICTION, "transit-gateway", MIDDLE), Path.SECOND_LEG, "tgw-path-broken"),
        (hop(codes.VPC_BLOCK_PUBLIC_ACCESS_ENABLED, "block-public-access"), Path.ENTRY, "vpc-bpa-blocks"),
    ],
)
def test_what_a_stopped_hop_means_depends_on_the_path(stopped: Hop, path: Path, cause: str) -> None:
    assert cause_of(stopped, path) == cause


def test_a_group_that_stops_remote_desktop_is_told_by_its_port() -> None:
    assert cause_of(hop(codes.SG_HAS_NO_RULES), Path.ENTRY, 3389) == "sg-inbound-3389-missing"


def test_the_two_attributes_of_a_vpc_are_told_apart() -> None:
    support = hop(codes.ADV_VPC_DNS_DISABLED, "dns", repairs=(EnableVpcDns("vpc-1", "enableDnsSupport"),))
    names = hop(codes.ADV_VPC_DNS_DISABLED, "dns", repairs=(EnableVpcDns("vpc-1", "enableDnsHostnames"),))
    assert cause_of(support, Path.SYSTEMS_MANAGER) == "vpc-dns-support-off"
    assert cause_of(names, Path.SYSTEMS_MANAGER) == "vpc-dns-hostnames-off"


FLOW = Flow(INTERNET, End(Kind.INSTANCE, "i-1", "111122223333", "us-east-1"), port=22)
RULE = AdmitInGroup("sg-1", False, "tcp", 22, 22, peer_cidr="203.0.113.7/32")
SEEN = Evidence("ec2:DescribeSecurityGroups", "sg-1", "no rule")


def test_a_finding_keeps_code_direction_evidence_and_repairs() -> None:
    stopped = hop(codes.ENI_SG_RULES_MISMATCH, says="no rule admits it", evidence=(SEEN,), repairs=(RULE,))
    (found,) = blockers.findings(Trace(FLOW, BLOCKED, (stopped,)), Path.ENTRY)
    assert found == Finding(
        "sg-inbound-22-missing",
        "res-1",
        "no rule admits it",
        Certainty.CERTAIN,
        (SEEN,),
        codes.ENI_SG_RULES_MISMATCH,
        "forward",
        (RULE,),
    )


def test_one_fault_met_twice_is_one_finding() -> None:
    twice = (hop(codes.SG_HAS_NO_RULES, repairs=(RULE,)), hop(codes.SG_HAS_NO_RULES, repairs=(RULE,)))
    assert len(blockers.findings(Trace(FLOW, BLOCKED, twice), Path.ENTRY)) == 1


def test_two_faults_of_one_resource_stay_two_where_they_need_two_repairs() -> None:
    lists = [CreateInterfaceEndpoint(each, "vpc-1", ()) for each in ("ssm", "ssmmessages")]
    found = [Finding("no-path-to-ssm", "vpc-1", repairs=(each,)) for each in lists]
    assert blockers.merged(found) == tuple(found)


def test_further_alternatives_are_kept_when_findings_merge() -> None:
    route, door = AddRoute("rtb-1", "0.0.0.0/0", "igw-1"), CreateInterfaceEndpoint("ssm", "vpc-1", ())
    merged = blockers.merged(
        [
            Finding("no-igw-route", "rtb-1", repairs=(route,)),
            Finding("no-igw-route", "rtb-1", repairs=(route, door)),
        ]
    )
    assert [each.repairs for each in merged] == [(route, door)]


def test_an_unknown_trace_names_what_is_missing_and_blocks_nothing() -> None:
    gap = Missing("ec2:DescribeNetworkAcls", "denied", "UnauthorizedOperation")
    dark = hop(codes.ADV_SNAPSHOT_PARTIAL, "network-acl", verdict=UNKNOWN, missing=(gap,))
    answer = blockers.answer(Trace(FLOW, UNKNOWN, (dark,)), Path.ENTRY)
    assert (answer.verdict, answer.findings, answer.missing) == (UNKNOWN, (), (gap,))


def test_own_name_servers_are_a_likely_cause_of_not_knowing() -> None:
    dark = hop(codes.ADV_CUSTOM_DNS_UNKNOWN, "dns", SOURCE, verdict=UNKNOWN)
    (found,) = blockers.answer(Trace(FLOW, UNKNOWN, (dark,)), Path.SYSTEMS_MANAGER).findings
    assert (found.cause, found.certainty) == ("dhcp-custom-dns", Certainty.LIKELY)


def test_an_appliance_on_a_path_that_passes_is_worth_a_note() -> None:
    through = Hop("middlebox", "vpce-gwlb", FORWARD, READY, MIDDLE)
    (note,) = blockers.answer(Trace(FLOW, READY, (through,)), Path.ENTRY).notes
    assert (note.cause, note.resource) == ("firewall-or-gwlb-in-path", "vpce-gwlb")
