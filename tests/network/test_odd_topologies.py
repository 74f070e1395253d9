"""Topologies that look ordinary and mislead: what answers, who owns it, whose address an ACL sees."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from advisor.model.errors import InputError
from advisor.model.estate import Estate
from advisor.network.flow import INTERNET, Flow, Kind, Protocol
from advisor.network.repairs import AdmitInNetworkAcl
from advisor.network.selectors import parse_end, parse_ends
from tests.network.conformance import (
    OPEN,
    Nat,
    OnPremises,
    Peered,
    Transit,
    address,
    at,
    https,
    internet,
    ssh,
)
from tests.network.tracing import expect, traced
from tests.scenes.builder import Scene, entry, tcp

OWNER, PARTICIPANT = "999988887777", "111122223333"


# --- whose address an ACL sees ---------------------------------------------------------------------------


def behind_nat(*inbound: Any) -> tuple[Scene, Any]:
    """A client behind a NAT gateway, whose own subnet has these inbound entries."""
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16")
    public = vpc.subnet("10.0.0.0/24", table=vpc.table([("0.0.0.0/0", vpc.igw())]))
    private = vpc.subnet("10.0.1.0/24", table=vpc.table([("0.0.0.0/0", public.nat())]))
    vpc.acl(inbound, OPEN, [private])
    return scene, private.instance(groups=[vpc.group("client")])


def test_replies_by_a_nat_gateway_come_from_the_far_end() -> None:
    """N3 A6: the client's ACL must admit the internet, not the gateway."""
    scene, client = behind_nat(entry(100, "allow", "tcp", (1024, 65535), "10.0.0.0/16"))
    trace = traced(scene, https(client))
    expect(trace, "blocked", "inbound from AWS's public ssm endpoint")
    assert [each.cidr for each in trace.repairs if isinstance(each, AdmitInNetworkAcl)] == ["0.0.0.0/0"]


def test_the_nat_gateways_own_address_may_be_denied_to_its_clients() -> None:
    """N3 A6: no packet arrives with it."""
    scene, client = behind_nat(entry(90, "deny", "all", None, "10.0.0.0/24"), entry(100))
    expect(traced(scene, https(client)), "reachable")


@pytest.mark.parametrize("side", ["source", "destination"])
def test_the_acl_of_the_attachments_subnet_counts_on_the_way_in_too(side: str) -> None:
    """T2: into the gateway its inbound entries are asked, forward on this side, for replies on that."""
    t = Transit()
    vpc, subnet = (t.a, t.ta) if side == "source" else (t.b, t.tb)
    vpc.acl([], OPEN, [subnet])
    expect(traced(t.scene, ssh(t.bastion, t.instance)), "blocked", "inbound from")


def test_an_entry_that_may_not_matter_is_no_doubt() -> None:
    """A1: whether the first allow holds the address or not, the second one does."""
    entries = [entry(90, "allow", "tcp", (1024, 65535), "52.0.0.0/8"), entry(100)]
    expect(traced(*_asking(behind_nat(*entries))), "reachable")
    entries = [entry(90, "deny", "tcp", (1024, 65535), "52.0.0.0/8"), entry(100)]
    expect(traced(*_asking(behind_nat(*entries))), "unknown")
    entries = [entry(90, "deny", "tcp", (1024, 65535), "52.0.0.0/8"), entry(100, "deny"), entry(110)]
    expect(traced(*_asking(behind_nat(*entries))), "blocked")


def _asking(scene_and_client: tuple[Scene, Any]) -> tuple[Scene, Flow]:
    scene, client = scene_and_client
    return scene, https(client)


# --- what answers for a name -----------------------------------------------------------------------------


class Hub:
    """A spoke that uses the endpoints of a hub, by a transit gateway and private hosted zones."""

    def __init__(self, hostnames: bool = True, account: str | None = None) -> None:
        self.scene = Scene()
        hub = self.scene.vpc("10.1.0.0/16")
        there = hub.subnet("10.1.1.0/24")
        spoke = self.scene.at(account).vpc("10.2.0.0/16", dns_hostnames=hostnames)
        here = spoke.subnet("10.2.1.0/24")
        gateway = self.scene.transit_gateway()
        for vpc, subnet, other in ((hub, there, "10.2.0.0/16"), (spoke, here, "10.1.0.0/16")):
            gateway.attach(vpc, [subnet])
            vpc.main.route(other, gateway)
        open_to_all = hub.group("endpoints", ingress=[tcp(443, "10.0.0.0/8")])
        self.endpoint = hub.endpoint("ssm", subnets=[there], groups=[open_to_all], private_dns=False)
        for service in ("ssm", "ssmmessages"):
            name = f"{service}.us-east-1.amazonaws.com"
            self.scene.associate_zone(hub.hosted_zone(name, {name: self.endpoint}), spoke)
        self.client = here.instance(groups=[spoke.group("client")])


def test_a_hosted_zone_needs_both_attributes_of_the_vpc() -> None:
    """D2 D4: with enableDnsHostnames off (the default of new VPCs) the zone is not asked."""
    expect(traced(Hub().scene, https(Hub().client)), "reachable")
    hub = Hub(hostnames=False)
    trace = traced(hub.scene, https(hub.client))
    expect(trace, "blocked", "enableDnsHostnames off")
    assert [type(each).__name__ for each in trace.repairs] == ["EnableVpcDns"]


def test_a_hosted_zone_of_another_account_is_read_where_it_was_read() -> None:
    """D4: the hub's account holds the zone's records."""
    hub = Hub(account="444455556666")
    expect(traced(hub.scene, https(hub.client)), "reachable")
    hub.scene.forget("route53:ListResourceRecordSets")
    expect(traced(hub.scene, https(hub.client)), "unknown", "route53:ListResourceRecordSets")


def test_a_hosted_zone_that_leads_to_another_services_endpoint_is_no_way() -> None:
    """D4: the endpoint's certificate is for other names."""
    hub = Hub()
    assert traced(hub.scene, https(hub.client, "ssmmessages")).verdict.value != "ready"


def test_an_endpoint_for_another_region_does_not_answer_for_this_one() -> None:
    """D1: interface endpoints may stand for services of other Regions."""
    scene = Scene()
    vpc = scene.vpc()
    subnet = vpc.subnet("10.0.1.0/24")
    vpc.endpoint("ssm", subnets=[subnet], region="eu-west-1")
    expect(traced(scene, https(subnet.instance())), "blocked", "has no interface endpoint for ssm")


def test_hosted_zones_read_for_other_vpcs_only_are_a_gap() -> None:
    """D4: this VPC's zone might lead elsewhere; where Route 53 was not read at all, none is assumed."""
    scene, client = behind_nat(entry(100))
    scene.vpc("10.7.0.0/16")
    answers = scene.responses()
    position = next(i for i, each in enumerate(answers) if each.operation == "route53:ListHostedZonesByVPC")
    _, *others = msgspec.json.decode(answers[position].records)
    known = msgspec.Raw(msgspec.json.encode(others))
    answers[position] = msgspec.structs.replace(answers[position], records=known)
    expect(traced(Estate.of(answers), https(client)), "unknown", "route53:ListHostedZonesByVPC")
    del answers[position]
    expect(traced(Estate.of(answers), https(client)), "reachable", "No private hosted zone")


# --- shared VPCs -----------------------------------------------------------------------------------------


class SharedVpc:
    """An instance of a participant in a subnet that another account shares with it."""

    def __init__(self) -> None:
        self.owner = Scene(OWNER)
        self.vpc = self.owner.vpc("10.0.0.0/16")
        self.theirs = self.vpc.subnet("10.0.0.0/24")
        self.scene = self.owner.at(PARTICIPANT)

    def instance(self, **options: Any) -> Any:
        mine = self.scene.shared(self.theirs)
        web = self.scene.group(self.vpc, "web", ingress=[tcp(22, "0.0.0.0/0")])
        return mine.instance(groups=[web], **options)

    def seen_by_participant(self) -> Estate:
        return Estate.of([each for each in self.owner.responses() if each.account == PARTICIPANT])


def test_a_participant_does_not_see_the_owners_internet_gateway() -> None:
    """D8: it is unknown rather than absent; with the owner's answers it is there."""
    shared = SharedVpc()
    shared.vpc.main.route("0.0.0.0/0", shared.vpc.igw())
    instance = shared.instance(public_ip="203.0.113.5", eip=True)
    for flow in (ssh(internet(), at(instance)), https(instance)):
        expect(traced(shared.owner.estate(), flow), "reachable")
        expect(traced(shared.seen_by_participant(), flow), "unknown", "ec2:DescribeInternetGateways")


def test_a_participant_does_not_see_the_owners_endpoints() -> None:
    """D8: nor the settings by which names resolve."""
    shared = SharedVpc()
    shared.vpc.acl([], [], [shared.theirs])  # within one subnet nothing asks it, from either side
    shared.vpc.default_group.ingress(tcp(443, "10.0.0.0/16"))
    shared.vpc.endpoint("ssm", subnets=[shared.theirs])
    instance = shared.instance()
    expect(traced(shared.owner.estate(), https(instance)), "reachable")
    expect(traced(shared.seen_by_participant(), https(instance)), "unknown")


def test_the_owners_block_public_access_governs_a_shared_subnet() -> None:
    """B1 D8: the participant's own setting says nothing."""
    shared = SharedVpc()
    shared.vpc.main.route("0.0.0.0/0", shared.vpc.igw())
    shared.owner.block_public_access("block-bidirectional")
    instance = shared.instance(public_ip="203.0.113.5", eip=True)
    for record in (shared.theirs.record, shared.vpc.record):
        record.pop("BlockPublicAccessStates")
    expect(traced(shared.owner.estate(), https(instance)), "blocked", "block-bidirectional")
    expect(traced(shared.seen_by_participant(), https(instance)), "unknown")


def test_a_participant_does_not_see_the_owners_attachments() -> None:
    """D8 T1: that no attachment was shown does not mean that there is none."""
    shared = SharedVpc()
    shared.vpc.main.route("10.9.0.0/16", shared.owner.transit_gateway())
    instance = shared.instance()
    flow = ssh(instance, address("10.9.0.5"))
    expect(traced(shared.seen_by_participant(), flow), "unknown")
    expect(traced(shared.owner.estate(), flow), "blocked", "not attached")


# --- addresses -------------------------------------------------------------------------------------------


def public_subnet() -> tuple[Scene, Any, Any]:
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16")
    vpc.main.route("0.0.0.0/0", vpc.igw())
    return scene, vpc.subnet("10.0.1.0/24"), vpc.group("open", ingress=[tcp(22, "0.0.0.0/0")])


def test_a_public_address_stands_for_the_interface_behind_it() -> None:
    """R11: typed as a destination, also from the internet."""
    scene, subnet, group = public_subnet()
    subnet.instance(groups=[group], public_ip="203.0.113.5", eip=True)
    estate = scene.estate()
    flow = Flow(INTERNET, parse_end("203.0.113.5", estate), port=22)
    expect(traced(estate, flow), "reachable")
    expect(traced(estate, Flow(INTERNET, flow.destination, port=23)), "blocked", "tcp/23")


def test_an_elastic_ip_on_a_secondary_address_is_a_way_in() -> None:
    """R11: the internet reaches the address that the Elastic IP is mapped to."""
    scene, subnet, group = public_subnet()
    instance = subnet.instance(groups=[group], secondary=["10.0.1.77"])
    instance.eni.public("203.0.113.9", of="10.0.1.77", eip=True)
    expect(traced(scene, ssh(internet(), at(instance))), "reachable", "secondary address")


def test_an_elastic_ip_on_a_second_interface_may_be_a_way_in() -> None:
    """G2 R11: replies are up to the operating system."""
    scene, subnet, group = public_subnet()
    instance = subnet.instance(groups=[group])
    instance.attach(subnet.interface([group], public_ip="203.0.113.10", eip=True))
    expect(traced(scene, ssh(internet(), at(instance))), "unknown", "secondary interface")


def test_an_address_that_several_vpcs_use_is_read_in_the_vpc_of_the_other_end() -> None:
    scene = Scene()
    one, two, three = (scene.vpc("10.0.0.0/16") for _ in range(3))
    subnets = [vpc.subnet("10.0.1.0/24") for vpc in (one, two, three)]
    first, *_ = [subnet.instance(ip="10.0.1.9") for subnet in subnets[:2]]
    near, elsewhere = subnets[0].instance(), subnets[2].instance()
    estate = scene.estate()
    source, destination = parse_ends(near.id, "10.0.1.9", estate)
    assert (source.id, destination.kind, destination.id) == (near.id, Kind.INTERFACE, first.eni.id)
    assert parse_ends("10.0.1.9", near.id, estate) == (destination, source)
    with pytest.raises(InputError, match=rf"10\.0\.1\.9 is ambiguous: it is held by {first.eni.id}"):
        parse_ends(elsewhere.id, "10.0.1.9", estate)


def test_an_ipv6_address_may_be_spelled_in_any_way() -> None:
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16", ipv6="2600:1f18:1::/56")
    subnet = vpc.subnet("10.0.1.0/24", ipv6="2600:1f18:1:1::/64")
    group = vpc.group("web", ingress=[tcp(22, "::/0")])
    group.egress(tcp(22, "::/0"))
    near, far = (subnet.instance(groups=[group], ipv6=True) for _ in range(2))
    spelled = far.eni.record["Ipv6Addresses"][0]["Ipv6Address"].replace("::", ":0:0:0:00")
    expect(traced(scene, ssh(near, address(spelled))), "reachable")


# --- routes ----------------------------------------------------------------------------------------------


def test_a_route_to_a_firewall_for_a_part_of_the_internet_is_a_doubt() -> None:
    """R8 M1: not every endpoint that is a route's target is S3's."""
    scene, client = behind_nat(entry(100))
    vpc = client.subnet.vpc
    wall = vpc.endpoint(
        "com.amazonaws.vpce.us-east-1.vpce-svc-1",
        type="GatewayLoadBalancer",
        subnets=[vpc.subnet("10.0.9.0/28")],
    )
    for record in scene.place.records["ec2:DescribeRouteTables"]:
        if any("NatGatewayId" in route for route in record["Routes"]):
            route = {"DestinationCidrBlock": "52.0.0.0/8", "GatewayId": wall.id, "State": "active"}
            record["Routes"].append(route)
    expect(traced(scene, https(client)), "unknown", "52.0.0.0/8")


def test_a_transit_route_for_a_part_of_the_internet_is_a_doubt() -> None:
    """T1: central egress whose table drops a broad block that may hold the service's addresses."""
    t = Transit()
    egress = t.b
    egress.main.route("0.0.0.0/0", egress.subnet("10.1.8.0/24", table=_public(t)).nat())
    t.a.main.route("0.0.0.0/0", t.tgw)
    t.tgw.default.route("0.0.0.0/0", t.at_b)
    expect(traced(t.scene, https(t.bastion)), "reachable")
    t.tgw.default.route("52.0.0.0/8", "blackhole")
    expect(traced(t.scene, https(t.bastion)), "unknown", "52.0.0.0/8")


def _public(t: Transit) -> Any:
    return t.b.table([("0.0.0.0/0", t.b.igw()), ("10.0.0.0/16", t.tgw)])


def test_a_regional_nat_gateway_whose_table_was_not_read_is_a_doubt() -> None:
    """N7: its way out stands in that table."""
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16")
    own = vpc.table([("0.0.0.0/0", vpc.igw())])
    nat = vpc.regional_nat(["us-east-1a"], table=own)
    client = vpc.subnet("10.0.1.0/24", table=vpc.table([("0.0.0.0/0", nat)])).instance()
    expect(traced(scene, https(client)), "reachable")
    tables = scene.place.records["ec2:DescribeRouteTables"]
    tables[:] = [each for each in tables if each["RouteTableId"] != own.id]
    expect(traced(scene, https(client)), "unknown", own.id)


# --- transit gateways between accounts, and with a network of one's own ------------------------------------


def test_a_network_behind_a_transit_gateways_vpn_needs_its_own_route_back() -> None:
    """T1 V1: the table associated with the VPN's attachment, for replies and for connections from there."""
    for returns, verdict in ((True, "reachable"), (False, "blocked")):
        scene = Scene()
        vpc = scene.vpc("10.0.0.0/16")
        subnet = vpc.subnet("10.0.1.0/24")
        gateway = scene.transit_gateway()
        beyond = gateway.table()
        gateway.attach(vpc, [subnet], propagate=[gateway.default, *([beyond] if returns else [])])
        gateway.attach_vpn("192.168.0.0/16", table=beyond)
        vpc.main.route("192.168.0.0/16", gateway)
        inside = subnet.instance(groups=[vpc.group("open", ingress=[tcp(22, "192.168.0.0/16")])])
        for flow in (ssh(inside, address("192.168.7.7")), ssh(address("192.168.7.7"), inside)):
            texts = () if returns else (f"{beyond.id} has no route to",)
            expect(traced(scene, flow), verdict, *texts)


def two_ways_in(accounts: tuple[str, str] | None = None) -> tuple[Transit, Any]:
    """Two VPCs whose transit gateway may also enter the second one by a subnet, of zone b, that is shut."""
    t = Transit(accounts=accounts)
    shut = t.b.subnet("10.1.8.0/28", "us-east-1b")
    t.b.acl([], [], [shut])
    record = t.other.place.records["ec2:DescribeTransitGatewayVpcAttachments"][-1]
    assert record["VpcId"] == t.b.id
    record["SubnetIds"].append(shut.id)
    return t, shut


def test_a_zone_is_the_same_one_by_its_id() -> None:
    """T1: `us-east-1a` of one account may be `us-east-1b` of another, and AWS keeps to the zone."""
    t, shut = two_ways_in((OWNER, PARTICIPANT))
    expect(traced(t.scene, ssh(t.bastion, t.instance)), "reachable")
    t.tb.record["AvailabilityZoneId"], shut.record["AvailabilityZoneId"] = "use1-az2", "use1-az1"
    expect(traced(t.scene, ssh(t.bastion, t.instance)), "blocked", "outbound to")


def test_without_a_subnet_in_the_zone_any_of_the_attachments_subnets_may_be_used() -> None:
    """T1: one that is shut among them makes connections fail by chance."""
    t, shut = two_ways_in()
    t.ta.record["AvailabilityZone"], t.ta.record["AvailabilityZoneId"] = "us-east-1c", "use1-az3"
    t.sa.record["AvailabilityZone"], t.sa.record["AvailabilityZoneId"] = "us-east-1c", "use1-az3"
    expect(traced(t.scene, ssh(t.bastion, t.instance)), "blocked", "outbound to")
    t.scene.place.records["ec2:DescribeSubnets"].remove(shut.record)
    expect(traced(t.scene, ssh(t.bastion, t.instance)), "unknown", shut.id)


def test_a_subnet_of_an_attachment_that_was_not_read_may_be_in_the_zone() -> None:
    """T1: no proof that there is none."""
    t = Transit(zone="us-east-1b")
    further = t.a.subnet("10.0.8.0/28", "us-east-1b")
    t.scene.place.records["ec2:DescribeTransitGatewayVpcAttachments"][0]["SubnetIds"].append(further.id)
    expect(traced(t.scene, ssh(t.bastion, t.instance)), "reachable")
    t.scene.place.records["ec2:DescribeSubnets"].remove(further.record)
    expect(traced(t.scene, ssh(t.bastion, t.instance)), "unknown", "ec2:DescribeSubnets")


def test_a_private_nat_gateway_leads_to_a_virtual_private_gateway() -> None:
    """N4: as to a transit gateway; over a peering connection AWS's guide names no such way."""
    o = OnPremises()
    middle, clients = o.vpc.subnet("10.0.77.0/24"), o.vpc.subnet("10.0.78.0/24")
    o.vpc.table([("192.168.0.0/16", middle.nat(connectivity="private"))], [clients])
    expect(traced(o.scene, ssh(clients.instance(), address("192.168.7.7"))), "reachable")
    p = Peered()
    middle = p.a.subnet("10.0.77.0/24")
    p.a.table([("10.1.0.0/16", middle.nat(connectivity="private"))], [p.sa])
    p.a.table([("10.1.0.0/16", p.pcx)], [middle])
    expect(traced(p.scene, ssh(p.bastion, p.instance)), "unknown", "has translated")


def test_a_nat_gateways_subnet_may_use_a_gateway_endpoint() -> None:
    """R9 N1: what the gateway has translated is its own VPC's; other VPCs' traffic is not."""
    n = Nat()
    n.vpc.endpoint("s3", type="Gateway", tables=[n.public_table])
    [listed] = n.scene.place.records["ec2:GetManagedPrefixListEntries"]
    some = listed["Entries"][0]["Cidr"].split("/")[0]
    trace = traced(n.scene, Flow(at(n.node), internet(some), port=443))
    expect(trace, "reachable")
    assert any(hop.kind == "vpc-endpoint" for hop in trace.hops)


def test_a_gateway_endpoint_carries_no_udp() -> None:
    """R9: TCP and ICMP echo only."""
    scene = Scene()
    vpc = scene.vpc()
    vpc.endpoint("s3", type="Gateway", tables=[vpc.main])
    flow = https(vpc.subnet("10.0.1.0/24").instance(), "s3")
    expect(traced(scene, flow), "reachable")
    expect(traced(scene, msgspec.structs.replace(flow, protocol=Protocol.UDP)), "blocked", "TCP and ICMP")
