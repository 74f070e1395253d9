"""Packet semantics that the conformance list leaves out; the rules' ids stand in the docstrings.

`test_every_rule_is_held_somewhere` closes the list: each id is named by a test here or by a line there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from advisor.model.estate import Estate
from advisor.network.flow import End, Flow, Kind, Protocol
from advisor.network.network import Network
from advisor.network.trace import Trace
from tests.network.conformance import (
    OPEN,
    Connect,
    Isolated,
    Nat,
    OnPremises,
    Pair,
    Peered,
    Public,
    Transit,
    address,
    at,
    https,
    internet,
    nat_instance,
    service,
    six,
    ssh,
)
from tests.network.test_conformance import shown, told
from tests.scenes.builder import Scene, entry, everything, icmp, tcp, udp

RULES = (
    *(f"R{n}" for n in range(1, 17)),
    *(f"N{n}" for n in range(1, 9)),
    *(f"P{n}" for n in range(1, 4)),
    *(f"T{n}" for n in range(1, 7)),
    *(f"V{n}" for n in range(1, 3)),
    *(f"M{n}" for n in range(1, 4)),
    *(f"G{n}" for n in range(1, 13)),
    *(f"A{n}" for n in range(1, 9)),
    *(f"D{n}" for n in range(1, 11)),
    *(f"B{n}" for n in range(1, 7)),
)


def traced(scene: Scene | Estate, flow: Flow) -> Trace:
    estate = scene if isinstance(scene, Estate) else scene.estate()
    return Network(estate).trace(flow)


def expect(trace: Trace, verdict: str, *codes: str) -> None:
    assert trace.verdict.of_path == verdict, shown(trace)
    stopping = {hop.code for hop in trace.hops if hop.verdict.value != "ready"}
    assert set(codes) <= stopping, shown(trace)


def test_every_rule_is_held_somewhere() -> None:
    own = Path(__file__).read_text("utf-8")
    named = set(re.findall(r'"""[^"]*?\b((?:[RNPTVMGADB]\d+[ ,:]*)+)', own))
    found = {rule for group in named for rule in re.findall(r"[RNPTVMGADB]\d+", group)}
    assert not [rule for rule in RULES if rule not in found]


# --- routes -----------------------------------------------------------------------------------------------


def test_ipv4_and_ipv6_tables_are_independent() -> None:
    """R1 R13: an IPv6 default route does nothing for IPv4."""
    scene, instance = six("igw")
    expect(traced(scene, ssh(internet("2a00:1450::7"), instance)), "reachable")
    expect(traced(scene, ssh(internet("8.8.8.8"), instance)), "blocked", "NO_ROUTE_TO_DESTINATION")


def test_at_equal_length_static_beats_prefix_list_beats_propagated() -> None:
    """R2 R8: one destination, three routes."""
    o = OnPremises()
    listed = o.scene.prefix_list("192.168.0.0/16")
    o.vpc.main.route(listed, "pcx-0dead000000000000", state="blackhole")
    expect(traced(o.scene, ssh(o.instance, address("192.168.7.7"))), "blocked", "BAD_STATE_ROUTE")
    vgw = o.vpc.main.record["PropagatingVgws"][0]["GatewayId"]
    o.vpc.main.route("192.168.0.0/16", vgw)
    expect(traced(o.scene, ssh(o.instance, address("192.168.7.7"))), "reachable")


def test_a_propagated_route_never_beats_the_local_one() -> None:
    """R3: even if it is more specific; a static one does (R4)."""
    p = Pair()
    p.vpc.main.propagate(p.vpc.vgw(), "10.0.1.0/25")
    expect(traced(p.scene, ssh(p.bastion, p.instance)), "reachable")


def test_a_static_route_for_a_subnet_may_lead_through_an_appliance() -> None:
    """R4: the local route is tested, not assumed."""
    p = Pair(ingress=[tcp(22, "10.0.0.0/16")])
    wall = p.vpc.subnet("10.0.9.0/24").instance(
        groups=[p.vpc.group("fw", ingress=[everything()])], source_dest_check=False
    )
    p.vpc.table([("10.0.1.0/24", wall.eni)], [p.a])
    expect(traced(p.scene, ssh(p.bastion, p.instance)), "unknown", "ADV_NAT_INSTANCE_OS_UNKNOWN")


def test_two_main_tables_are_a_contradiction() -> None:
    """R5: and so are two explicit ones; neither is guessed."""
    p = Pair()
    p.vpc.table(main=True)
    for record in p.scene.place.records["ec2:DescribeRouteTables"]:
        record["Associations"] = [{"Main": True, "AssociationState": {"State": "associated"}}]
    expect(traced(p.scene, ssh(p.bastion, p.instance)), "unknown", "ADV_SNAPSHOT_CONTRADICTORY")


def test_an_association_that_is_ending_does_not_count() -> None:
    """R5: `AssociationState` must be associated."""
    p = Public()
    p.table.record["Associations"][0]["AssociationState"] = {"State": "disassociating"}
    expect(traced(p.scene, ssh(internet("198.18.5.7"), p.bastion)), "blocked", "NO_ROUTE_TO_DESTINATION")


def test_a_filtered_route_is_not_installed() -> None:
    """R6: `filtered` is skipped, `blackhole` wins and drops."""
    n = Nat()
    n.table.route("0.0.0.0/1", "vgw-0dead000000000000", state="filtered")
    expect(traced(n.scene, https(n.node)), "reachable")


def test_an_edge_table_may_drop_what_comes_in() -> None:
    """R7: the table associated with the internet gateway."""
    p = Public()
    p.vpc.table([("10.0.0.0/24", "vpce-0dead000000000000", "blackhole")], edge=p.igw)
    expect(traced(p.scene, ssh(internet("198.18.5.7"), p.bastion)), "blocked", "BAD_STATE_ROUTE")


def test_a_prefix_list_that_was_not_read_leaves_the_route_open() -> None:
    """R8: it may hold the destination, or not."""
    o = OnPremises()
    listed = o.scene.prefix_list("192.168.0.0/16", readable=False)
    o.scene.deny("ec2:GetManagedPrefixListEntries", resource=listed.id)
    o.vpc.main.route(listed, "pcx-0dead000000000000")
    trace = traced(o.scene, ssh(o.instance, address("192.168.7.7")))
    expect(trace, "unknown")
    assert any(each.resource == listed.id for each in trace.missing)


def test_a_gateway_endpoint_is_for_its_own_subnets() -> None:
    """R9: a table without its route does not lead there."""
    n = Nat(routed=False)
    n.vpc.endpoint("s3", type="Gateway", tables=[n.public_table])
    expect(traced(n.scene, https(n.node, "s3")), "blocked")


def test_the_public_address_must_belong_to_the_very_source_address() -> None:
    """R10 R11: an Elastic IP on the secondary address does not serve the primary one."""
    p = Public(public_ip=None)
    instance = p.subnet.instance(groups=[p.group], secondary=["10.0.0.99"])
    instance.eni.public("203.0.113.77", of="10.0.0.99", eip=True)
    expect(traced(p.scene, https(instance)), "blocked", "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS")
    inward = Flow(internet("198.18.5.7"), at(instance, address="10.0.0.99"))
    expect(traced(p.scene, inward), "reachable")


def test_rules_see_the_private_address_behind_the_internet_gateway() -> None:
    """R11: translation comes before the rules."""
    p = Public()
    p.vpc.acl([entry(100, "allow", "tcp", 22)], [entry(100, "allow", "tcp", (1024, 65535))], [p.subnet])
    expect(traced(p.scene, ssh(internet("198.18.5.7"), p.bastion)), "reachable")
    expect(traced(p.scene, ssh(internet("10.9.9.9"), p.bastion)), "blocked")


def test_an_interface_that_denies_gateway_traffic_is_unknown() -> None:
    """R12: what `DenyAllIgwTraffic` does is not documented."""
    p = Public()
    for record in p.scene.place.records["ec2:DescribeNetworkInterfaces"]:
        record["DenyAllIgwTraffic"] = True
    expect(traced(p.scene, https(p.bastion)), "unknown")


def test_an_egress_only_gateway_lets_connections_out() -> None:
    """R13: IPv6 out, nothing in; deleted, it leaves a blackhole."""
    scene, instance = six("eigw")
    out = Flow(at(instance), internet("2a00:1450::7"), port=443)
    expect(traced(scene, out), "reachable")


def test_without_dns64_an_ipv6_only_client_has_no_way_to_an_ipv4_service() -> None:
    """R14 R15: NAT64 needs the subnet's DNS64, the route and the NAT gateway's own way out."""
    from tests.network.conformance import LINES, only_six

    case = next(line for line in LINES if line.number == "91").build()
    for record in case.scene.place.records["ec2:DescribeSubnets"]:
        record.pop("EnableDns64", None)
    expect(traced(case.scene, case.flow), "blocked")
    assert only_six is not None


def test_an_end_without_an_ipv4_address_says_so() -> None:
    """R15: an IPv6-only instance has no IPv4 address to be reached at."""
    from tests.network.conformance import LINES

    case = next(line for line in LINES if line.number == "91").build()
    flow = Flow(internet("198.18.5.7"), case.flow.source, ip_version=4)
    expect(traced(case.scene, flow), "blocked", "UNASSOCIATED_COMPONENT")


@pytest.mark.parametrize(
    "target", ["lgw-00000000000000001", "cagw-00000000000000001", "arn:aws:networkmanager::1:core-network/x"]
)
def test_targets_beyond_which_nothing_can_be_seen(target: str) -> None:
    """R16: local and carrier gateways, Cloud WAN: recognised, and unknown beyond."""
    n = Nat(routed=False)
    n.table.route("0.0.0.0/0", target)
    expect(traced(n.scene, https(n.node)), "unknown", "UNKNOWN_DESTINATION")


# --- NAT --------------------------------------------------------------------------------------------------


def test_a_nat_gateway_whose_address_failed_is_unusable() -> None:
    """N1: state, type, a public address that works, and its own subnet's route."""
    n = Nat()
    n.nat.record["NatGatewayAddresses"][0]["Status"] = "failed"
    expect(traced(n.scene, https(n.node)), "blocked", "BAD_STATE")


def test_a_nat_gateways_subnet_has_two_sides() -> None:
    """N2 N3: its ACL is asked towards the client and towards the internet, both ways."""
    n = Nat()
    n.vpc.acl([entry(100)], [entry(90, "deny", "tcp", (32768, 60999), "10.0.1.0/24"), *OPEN], [n.public])
    trace = traced(n.scene, https(n.node))
    expect(trace, "blocked", "SUBNET_ACL_RESTRICTION")
    assert [hop.direction.value for hop in trace.blockers] == ["return"]


def test_a_private_nat_gateway_serves_other_vpcs_with_its_own_address() -> None:
    """N4: never the internet; the far side sees the gateway's address."""
    t = Transit(ingress=[tcp(22, "10.0.8.0/24")])
    middle = t.a.subnet("10.0.8.0/24", "us-east-1a")
    t.a.table([("10.1.0.0/16", t.tgw)], [middle])
    t.a.table([("10.1.0.0/16", middle.nat(connectivity="private"))], [t.sa])
    expect(traced(t.scene, ssh(t.bastion, t.instance)), "reachable")
    t.far.record["IpPermissions"] = []
    t.far.ingress(tcp(22, t.near))
    expect(traced(t.scene, ssh(t.bastion, t.instance)), "blocked", "SG_REFERENCES_NOT_PRESERVED")


def test_a_nat_gateway_does_not_serve_peers() -> None:
    """N5: neither peers nor networks behind a VPN; by a transit gateway it does (conformance 41)."""
    p = Peered()
    p.b.igw()
    p.a.main.route("0.0.0.0/0", p.pcx)
    expect(traced(p.scene, https(p.bastion)), "blocked", "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR")


def test_a_nat_gateway_carries_three_protocols() -> None:
    """N6: TCP, UDP and ICMP only."""
    n = Nat()
    out = Flow(at(n.node), internet("8.8.8.8"), protocol=Protocol.ALL)
    expect(traced(n.scene, out), "blocked", "PROTOCOL_RESTRICTION")
    expect(
        traced(n.scene, Flow(at(n.node), internet("8.8.8.8"), protocol=Protocol.UDP, port=53)), "reachable"
    )


def test_a_regional_nat_gateway_needs_a_way_out_in_its_own_table() -> None:
    """N7: no subnet, but a table."""
    n = Nat(routed=False)
    n.table.route("0.0.0.0/0", n.vpc.regional_nat(["us-east-1a"], table=n.vpc.table()))
    expect(traced(n.scene, https(n.node)), "blocked", "ADV_NAT_SUBNET_NO_IGW")


def test_a_nat_instance_that_is_stopped_forwards_nothing() -> None:
    """N8: running, attached, unchecked, open, routed: and then its system decides."""
    n = nat_instance(check=False)
    for record in n.scene.place.records["ec2:DescribeInstances"]:
        for instance in record["Instances"]:
            if instance.get("PublicIpAddress") == "203.0.113.9":
                instance["State"] = {"Code": 80, "Name": "stopped"}
    expect(traced(n.scene, https(n.node)), "blocked", "ADV_INSTANCE_NOT_RUNNING")


# --- between VPCs -----------------------------------------------------------------------------------------


def test_an_interface_endpoint_is_reachable_over_peering_and_a_nat_gateway_is_not() -> None:
    """P1: no edge-to-edge, but endpoints are interfaces."""
    p = Peered()
    group = p.b.group("endpoints", ingress=[tcp(443, "10.0.0.0/8")])
    endpoint = p.b.endpoint("ssm", subnets=[p.sb], groups=[group], private_dns=False)
    flow = Flow(at(p.bastion), End(Kind.ENDPOINT, endpoint.id, "111122223333", "us-east-1"), port=443)
    expect(traced(p.scene, flow), "reachable")


def test_a_group_reference_works_over_peering_in_one_region() -> None:
    """P2: and not across Regions (conformance 74)."""
    p = Peered(ingress=[])
    p.far.ingress(tcp(22, p.near))
    expect(traced(p.scene, ssh(p.bastion, p.instance)), "reachable")


def test_peering_across_regions_carries_addresses() -> None:
    """P3: blocks match where references do not."""
    expect(traced(Peered(region="eu-west-1").scene, _ssh_of(Peered(region="eu-west-1"))), "reachable")


def _ssh_of(p: Peered) -> Flow:
    return ssh(p.bastion, p.instance)


def test_the_acl_of_the_attachments_subnet_counts() -> None:
    """T1: the packet leaves the transit gateway in that subnet."""
    t = Transit()
    t.b.acl(OPEN, [], [t.tb])
    expect(traced(t.scene, ssh(t.bastion, t.instance)), "blocked", "SUBNET_ACL_RESTRICTION")


def test_beside_the_attachment_no_acl_is_asked_on_the_way_in() -> None:
    """T2: towards an instance in the attachment's own subnet; its replies pass both sides of the ACL."""
    t = Transit()
    acl = t.b.acl([entry(90, "deny", "tcp", 22), entry(100)], OPEN, [t.tb])
    beside = t.tb.instance(groups=[t.far])
    expect(traced(t.scene, ssh(t.bastion, beside)), "reachable")
    acl.record["Entries"][:] = [each for each in acl.record["Entries"] if each["Egress"]]
    expect(traced(t.scene, ssh(t.bastion, beside)), "blocked", "SUBNET_ACL_RESTRICTION")


def test_appliance_mode_is_recommended_before_a_middlebox() -> None:
    """T3: two zones may see half a flow each."""
    t = Transit()
    wall = t.b.subnet("10.1.7.0/28", "us-east-1a")
    firewall = t.b.endpoint(
        "com.amazonaws.vpce.us-east-1.vpce-svc-1", type="GatewayLoadBalancer", subnets=[wall]
    )
    t.b.table([("10.0.0.0/16", t.tgw)], [wall])
    t.b.table([("10.1.1.0/24", firewall), ("10.0.0.0/16", t.tgw)], [t.tb])
    t.b.table([("10.0.0.0/16", firewall)], [t.sb])
    assert "TRANSIT_GATEWAY_APPLIANCE_MODE_RECOMMENDED" in told(traced(t.scene, ssh(t.bastion, t.instance)))


def test_group_referencing_needs_the_gateway_and_both_attachments() -> None:
    """T4: off on one attachment is off."""
    t = Transit(ingress=[], referencing=True)
    t.far.ingress(tcp(22, t.near))
    expect(traced(t.scene, ssh(t.bastion, t.instance)), "reachable")
    t.at_b.place.records["ec2:DescribeTransitGatewayVpcAttachments"][1]["Options"][
        "SecurityGroupReferencingSupport"
    ] = "disable"
    expect(traced(t.scene, ssh(t.bastion, t.instance)), "blocked", "SG_REFERENCING_SUPPORT")


def far_apart() -> tuple[Scene, Any, Any]:
    """Two VPCs in two Regions behind peered transit gateways with static routes."""
    scene = Scene()
    west = scene.at(region="us-west-2")
    a, b = scene.vpc("10.0.0.0/16"), west.vpc("10.1.0.0/16")
    sa, sb = a.subnet("10.0.1.0/24", "us-east-1a"), b.subnet("10.1.1.0/24", "us-west-2a")
    one, two = scene.transit_gateway(), west.transit_gateway()
    one.attach(a, [sa])
    two.attach(b, [sb])
    here, there = one.peer(two)
    one.default.route("10.1.0.0/16", here)
    two.default.route("10.0.0.0/16", there)
    a.main.route("10.1.0.0/16", one)
    b.main.route("10.0.0.0/16", two)
    near = sa.instance(groups=[a.group("bastion")])
    far = sb.instance(groups=[b.group("web", ingress=[tcp(22, "10.0.0.0/16")])])
    return scene, near, far


def test_transit_gateways_peer_across_regions_by_static_routes() -> None:
    """T5: both tables need them."""
    scene, near, far = far_apart()
    expect(traced(scene, ssh(near, far)), "reachable")
    only_east = Estate.of([each for each in scene.responses() if each.region != "us-west-2"])
    expect(traced(only_east, ssh(near, address("10.1.1.4"))), "unknown")


def test_a_table_of_another_account_is_unknown() -> None:
    """T6: the participant sees neither association nor routes."""
    t = Transit(accounts=("111122223333", "444455556666"))
    estate = Estate.of([each for each in t.scene.responses() if each.account == "444455556666"])
    trace = traced(estate, ssh(t.instance, address("10.0.1.4")))
    expect(trace, "unknown", "TGW_RTB_ROUTES_ARE_UNKNOWN")


def test_one_tunnel_of_two_is_enough() -> None:
    """V1: and no tunnel is a VPN that is down."""
    up, down = OnPremises(("DOWN", "UP")), OnPremises(("DOWN", "DOWN"))
    expect(traced(up.scene, ssh(up.instance, address("192.168.7.7"))), "reachable")
    expect(traced(down.scene, ssh(down.instance, address("192.168.7.7"))), "blocked", "BAD_STATE_VPN")


def test_only_associated_blocks_belong_to_a_vpc() -> None:
    """V2: a block that is going away does not count for peers."""
    p = Peered()
    p.b.block("10.7.0.0/16", state="disassociated")
    for side in (p.pcx.record["AccepterVpcInfo"], p.pcx.record["RequesterVpcInfo"]):
        side["CidrBlockSet"] = [each for each in side["CidrBlockSet"] if each["CidrBlock"] != "10.7.0.0/16"]
    p.a.main.route("10.7.0.0/16", p.pcx)
    trace = traced(p.scene, ssh(p.bastion, address("10.7.0.4")))
    expect(trace, "blocked", "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR")


# --- middleboxes ------------------------------------------------------------------------------------------


def test_a_middlebox_ends_group_identity() -> None:
    """M1 M2: the reference does not match behind it."""
    p = Pair()
    wall = p.vpc.subnet("10.0.9.0/28")
    firewall = p.vpc.endpoint(
        "com.amazonaws.vpce.us-east-1.vpce-svc-1", type="GatewayLoadBalancer", subnets=[wall]
    )
    p.vpc.table([("10.0.1.0/24", firewall)], [p.a])
    p.vpc.table([("10.0.0.0/24", firewall)], [p.b])
    expect(traced(p.scene, ssh(p.bastion, p.instance)), "blocked", "SG_REFERENCES_NOT_PRESERVED")


@pytest.mark.parametrize(
    ("preserved", "source", "verdict"),
    [
        (True, "198.18.5.7/32", "reachable"),
        (True, "10.0.0.0/16", "blocked"),
        (False, "10.0.0.0/16", "reachable"),
        (False, "198.18.5.7/32", "blocked"),
    ],
)
def test_client_ip_preservation_decides_what_a_balanced_bastion_must_admit(
    preserved: bool, source: str, verdict: str
) -> None:
    """M3: the client's address, or the balancer's."""
    p = Public(public_ip=None, ingress=[tcp(22, source)])
    balancer = p.scene.load_balancer(
        "front", [p.subnet], {22: [p.bastion]}, preserve_client_ip=preserved, public_ips=["203.0.113.80"]
    )
    end = End(Kind.LOAD_BALANCER, balancer.id, "111122223333", "us-east-1")
    expect(traced(p.scene, Flow(internet("198.18.5.7"), end)), verdict)


def test_a_balancer_listens_on_its_own_ports() -> None:
    """M3: no listener, no way; no healthy target, no way."""
    p = Public()
    balancer = p.scene.load_balancer("front", [p.subnet], {2222: [p.bastion]}, health="unhealthy")
    end = End(Kind.LOAD_BALANCER, balancer.id, "111122223333", "us-east-1")
    expect(traced(p.scene, Flow(internet("198.18.5.7"), end)), "blocked", "ELBV2_LISTENERS_MISMATCH")
    expect(
        traced(p.scene, Flow(internet("198.18.5.7"), end, port=2222)), "blocked", "ELBV2_LISTENER_HAS_NO_TG"
    )


# --- groups -----------------------------------------------------------------------------------------------


def test_replies_need_no_rule_and_groups_are_a_union() -> None:
    """G1 G5: default groups admit their own members only."""
    p = Pair()
    near, far = p.a.instance(groups=[p.vpc.default_group]), p.b.instance(groups=[p.vpc.default_group])
    expect(traced(p.scene, ssh(near, far)), "reachable")
    expect(traced(p.scene, ssh(p.bastion, far)), "blocked", "ENI_SG_RULES_MISMATCH")


def test_the_interface_that_owns_the_address_decides() -> None:
    """G2: groups are asked of the interface, and only the primary one is safe to assert."""
    p = Pair()
    extra = p.b.interface([p.far])
    instance = p.b.instance(groups=[p.far], interfaces=[extra])
    expect(traced(p.scene, ssh(p.bastion, instance)), "reachable")
    expect(traced(p.scene, Flow(at(p.bastion), at(instance, interface=extra.id))), "unknown")


@pytest.mark.parametrize(
    ("rule", "flow", "verdict"),
    [
        (icmp("0.0.0.0/0", type=8), {"protocol": Protocol.ICMP, "port": 8}, "reachable"),
        (icmp("0.0.0.0/0", type=0), {"protocol": Protocol.ICMP, "port": 8}, "blocked"),
        (icmp("0.0.0.0/0"), {"protocol": Protocol.ICMP, "port": -1}, "reachable"),
        (udp((53, 60), "0.0.0.0/0"), {"protocol": Protocol.UDP, "port": 53}, "reachable"),
        (tcp((0, 65535), "0.0.0.0/0"), {"protocol": Protocol.TCP, "port": 65535}, "reachable"),
        (tcp((0, 65535), "0.0.0.0/0"), {"protocol": Protocol.ALL}, "blocked"),
        (everything("0.0.0.0/0"), {"protocol": Protocol.ALL}, "reachable"),
    ],
)
def test_protocols_and_ports_of_rules(rule: Any, flow: dict[str, Any], verdict: str) -> None:
    """G3: -1 is everything; for ICMP the type takes the port's place."""
    p = Pair(ingress=[rule])
    expect(traced(p.scene, Flow(at(p.bastion), at(p.instance), **flow)), verdict)


def test_a_rule_for_the_endpoints_group_matches_either_way() -> None:
    """G4 B4: whether client IP preservation is on or off."""
    for preserve in (True, False):
        c = Connect(preserve_client_ip=preserve)
        expect(traced(c.scene, ssh(c.eice, c.instance)), "reachable")


def test_a_rule_for_a_prefix_list_holds_its_blocks_only() -> None:
    """G6: AWS's list of EC2 Instance Connect admits the service, not the operator."""
    p = Public(ingress=[])
    p.group.ingress(tcp(22, p.scene.service_list("ec2-instance-connect")))
    expect(traced(p.scene, ssh(internet("18.206.107.25"), p.bastion)), "reachable")
    expect(traced(p.scene, ssh(internet("198.18.5.7"), p.bastion)), "blocked")


def test_connection_tracking_does_not_change_a_new_connection() -> None:
    """G7: untracked or tracked, a wide-open group admits it."""
    p = Public(ingress=[tcp(22)])
    expect(traced(p.scene, ssh(internet("198.18.5.7"), p.bastion)), "reachable")


def test_amazons_resolver_needs_no_rule() -> None:
    """G8 A5: neither groups nor ACLs stop names, so port 53 may be closed."""
    i = Isolated()
    i.group.record["IpPermissionsEgress"] = []
    i.group.egress(tcp(443))
    i.vpc.acl(OPEN, [entry(90, "deny", "udp", 53), *OPEN], [i.own])
    expect(traced(i.scene, https(i.node)), "reachable")


def test_a_group_of_another_vpc_or_account_is_found() -> None:
    """G9 G10: groups are not indexed by VPC, and their own rules decide."""
    from tests.network.conformance import LINES

    case = next(line for line in LINES if line.number == "94").build()
    expect(traced(case.scene, case.flow), "reachable")
    case.scene.forget("ec2:DescribeSecurityGroupRules")
    expect(traced(case.scene, case.flow), "reachable")


def test_nat_gateways_have_no_group_and_endpoints_do() -> None:
    """G11 G12 D1: the only groups on the way are the client's and the endpoint's."""
    n, i = Nat(), Isolated()
    groups_of_nat = [h.id for h in traced(n.scene, https(n.node)).hops if h.kind == "security-group"]
    groups_of_endpoint = [h.id for h in traced(i.scene, https(i.node)).hops if h.kind == "security-group"]
    assert groups_of_nat == [n.group.id]
    assert groups_of_endpoint == [i.group.id, i.admits.id]


def test_an_unreadable_rule_is_neither_yes_nor_no() -> None:
    """G3: a rule that cannot be parsed might admit."""
    p = Pair(ingress=[tcp(22, "10.0.0.0/16")])
    p.far.record["IpPermissions"][0]["IpRanges"] = [{"CidrIp": "ten.zero/16"}]
    p.scene.forget("ec2:DescribeSecurityGroupRules")
    expect(traced(p.scene, ssh(p.bastion, p.instance)), "unknown")


# --- ACLs -------------------------------------------------------------------------------------------------


def test_four_checks_between_two_subnets() -> None:
    """A1 A2: each subnet's ACL, both ways."""
    p = Pair()
    walls = [h for h in traced(p.scene, ssh(p.bastion, p.instance)).hops if h.kind == "network-acl"]
    assert [(h.direction.value, h.place.value) for h in walls] == [
        ("forward", "source"), ("forward", "destination"), ("return", "destination"), ("return", "source"),
    ]  # fmt: skip


def test_inside_a_subnet_acls_are_silent() -> None:
    """A3: also for the way back."""
    p = Pair(same_subnet=True)
    p.vpc.acl([], [], [p.a])
    assert not [h for h in traced(p.scene, ssh(p.bastion, p.instance)).hops if h.kind == "network-acl"]


def test_an_unknown_clients_whole_range_is_needed() -> None:
    """A4: from the internet any port from 1024 on may be the client's."""
    p = Public()
    p.vpc.acl(OPEN, [entry(100, "allow", "tcp", (32768, 65535))], [p.subnet])
    trace = traced(p.scene, ssh(internet("198.18.5.7"), p.bastion))
    expect(trace, "blocked", "SUBNET_ACL_RESTRICTION")
    assert "1024-32767" in told(trace)


def test_behind_nat_the_acl_sees_the_gateways_address() -> None:
    """A6: on the outer leg the source is the gateway."""
    n = Nat()
    n.vpc.acl(OPEN, [entry(90, "deny", "-1", None, "10.0.1.0/24"), *OPEN], [n.public])
    trace = traced(n.scene, https(n.node))
    assert [(h.direction.value, h.place.value) for h in trace.blockers] == [("return", "middle")]


def test_protocol_minus_one_ignores_ports() -> None:
    """A7: even where an entry shows some."""
    p = Pair()
    acl = p.vpc.acl([entry(100)], OPEN, [p.b])
    acl.record["Entries"] = [
        {**each, "PortRange": {"From": 443, "To": 443}} if each["Protocol"] == "-1" else each
        for each in acl.record["Entries"]
    ]
    expect(traced(p.scene, ssh(p.bastion, p.instance)), "reachable")


def test_the_allow_behind_the_deny_is_named_too() -> None:
    """A8: users need both."""
    p = Pair()
    p.vpc.acl([entry(90, "deny", "tcp", 22), entry(120, "allow", "tcp", (20, 30))], OPEN, [p.b])
    trace = traced(p.scene, ssh(p.bastion, p.instance))
    assert "entry 90" in trace.blockers[0].says and "entry 120" in trace.blockers[0].says


# --- endpoints and names ----------------------------------------------------------------------------------


def test_a_partial_endpoint_is_unknown() -> None:
    """D1: any of its interfaces may answer; `Partial` says that some may not."""
    expect(traced(Isolated(state="Partial").scene, https(Isolated(state="Partial").node)), "unknown")


def test_some_interfaces_good_and_some_bad_is_blocked_as_partial() -> None:
    """D1: a client cannot choose among the addresses of a name."""
    i = Isolated()
    far = i.vpc.subnet("10.0.3.0/24", "us-east-1b")
    i.vpc.acl([entry(90, "deny", "tcp", 443), *OPEN], OPEN, [far])
    i.vpc.endpoint("ssmmessages", subnets=[i.subnet, far], groups=[i.admits])
    trace = traced(i.scene, https(i.node, "ssmmessages"))
    expect(trace, "blocked", "SUBNET_ACL_RESTRICTION")
    assert any("partial" in note for note in trace.notes)


def test_states_are_compared_in_any_case() -> None:
    """D1: documented with capitals, answered without."""
    i = Isolated(state="Available")
    expect(traced(i.scene, https(i.node)), "reachable")


def test_both_vpc_attributes_are_needed_for_private_dns() -> None:
    """D2: without one of them the endpoint is bypassed."""
    i = Isolated(dns=(True, False), nat=True)
    expect(traced(i.scene, https(i.node)), "reachable")  # by the NAT gateway
    i.scene.deny("ec2:DescribeVpcAttribute")
    expect(traced(i.scene, https(i.node)), "unknown")


def test_a_tight_endpoint_breaks_what_worked_by_nat() -> None:
    """D3: there is no fallback once the name leads to the endpoint."""
    from tests.network.conformance import closed_endpoint

    i = closed_endpoint(nat=True)
    expect(traced(i.scene, https(i.node)), "blocked", "ENI_SG_RULES_MISMATCH")


def test_custom_name_servers_leave_the_answer_open() -> None:
    """D4 D5: unless every answer would fare alike."""
    open_ = Isolated(dhcp=["10.9.9.9"])
    expect(traced(open_.scene, https(open_.node)), "unknown", "ADV_CUSTOM_DNS_UNKNOWN")
    own = Isolated(dhcp=["10.0.0.2"])
    expect(traced(own.scene, https(own.node)), "reachable")


def test_policies_are_another_layer() -> None:
    """D6 D7: an endpoint's policy denies after the connection stands; each service has its own path."""
    policy = '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}'
    i = Isolated(policy=policy)
    expect(traced(i.scene, https(i.node)), "reachable")
    expect(traced(i.scene, https(i.node, "ssmmessages")), "blocked", "ADV_ENDPOINT_MISSING")


def test_a_participant_sees_what_the_owner_shows() -> None:
    """D8: where the owner was read too, its ACL is used."""
    scene = Scene()
    owner = scene.at(account="999988887777")
    vpc = owner.vpc("10.0.0.0/16")
    a, b = scene.shared(vpc.subnet("10.0.0.0/24")), scene.shared(vpc.subnet("10.0.1.0/24"))
    group = scene.group(vpc, "mine", ingress=[tcp(22)])
    near, far = a.instance(groups=[group]), b.instance(groups=[group])
    scene.deny("ec2:DescribeNetworkAcls")
    expect(traced(scene, ssh(near, far)), "reachable")


def test_the_agent_needs_no_inbound_rule() -> None:
    """D9: it only calls out."""
    i = Isolated()
    assert i.group.record["IpPermissions"] == []
    expect(traced(i.scene, https(i.node)), "reachable")


def test_other_endpoint_types_are_no_answer() -> None:
    """D10: resource and service network endpoints do not serve these names."""
    i = Isolated()
    i.endpoint.record["VpcEndpointType"] = "Resource"
    expect(traced(i.scene, https(i.node)), "blocked", "ADV_ENDPOINT_MISSING")


# --- gates above everything -------------------------------------------------------------------------------


def test_an_exclusion_belongs_to_the_nat_gateways_subnet() -> None:
    """B1: the client's own subnet does not help."""
    n = Nat()
    n.scene.block_public_access("block-bidirectional", exclusions=[(n.private, "allow-bidirectional")])
    expect(traced(n.scene, https(n.node)), "blocked", "VPC_BLOCK_PUBLIC_ACCESS_ENABLED")


def test_the_subnets_own_state_serves_where_the_options_were_not_read() -> None:
    """B2: and where that is missing too, ways out are unknown."""
    n = Nat()
    n.scene.deny("ec2:DescribeVpcBlockPublicAccessOptions")
    expect(traced(n.scene, https(n.node)), "reachable")
    for operation in ("ec2:DescribeSubnets", "ec2:DescribeVpcs"):
        for record in n.scene.place.records[operation]:
            record.pop("BlockPublicAccessStates", None)
    expect(traced(n.scene, https(n.node)), "unknown")


def test_a_stopped_source_sends_nothing() -> None:
    """B3: state and attachment are gates of both ends."""
    p = Pair()
    stopped = p.a.instance(groups=[p.near], state="stopped")
    expect(traced(p.scene, ssh(stopped, p.instance)), "blocked", "ADV_INSTANCE_NOT_RUNNING")


def test_old_instance_types_do_not_take_preserved_addresses() -> None:
    """B4: and the endpoint's own state is a gate."""
    c = Connect(preserve_client_ip=True)
    old = c.b.instance(groups=[c.far], type="m3.medium")
    expect(traced(c.scene, ssh(c.eice, old)), "blocked", "ADV_EICE_CLIENT_IP_INSTANCE_TYPE")


def test_what_no_api_shows_is_assumed_aloud() -> None:
    """B5 B6: listeners, host firewalls, and encryption that a transit gateway enforces."""
    p = Pair()
    assert any("listens" in each for each in traced(p.scene, ssh(p.bastion, p.instance)).assumptions)
    t = Transit()
    t.tgw.record["Options"]["EncryptionSupport"] = {"EncryptionState": "enabled"}
    assert traced(t.scene, ssh(t.bastion, t.instance)).verdict.of_path == "reachable"


def test_contradictory_and_dangling_data_is_never_reachable() -> None:
    """R5 R8: an instance in a subnet of no file, an unknown route target."""
    p = Pair()
    p.scene.place.records["ec2:DescribeSubnets"].remove(p.b.record)
    expect(traced(p.scene, ssh(p.bastion, p.instance)), "unknown")
    n = Nat(routed=False)
    n.table.route("0.0.0.0/0", "nat-0123456789abcdef0")
    expect(traced(n.scene, https(n.node)), "unknown")
    m = Nat(routed=False)
    m.table.record["Routes"].append({"DestinationCidrBlock": "10.300.0.0/8", "GatewayId": "local"})
    m.table.route("0.0.0.0/0", m.nat)
    expect(traced(m.scene, https(m.node)), "unknown")


def test_a_public_address_of_ones_own_is_two_legs() -> None:
    """R11: out by the gateway and in again; groups see the public address (IGW_NAT_REFLECTION)."""
    p = Public(ingress=[])
    p.group.ingress(tcp(22, "self"))
    other = p.subnet.instance(groups=[p.group], public_ip="203.0.113.6")
    expect(traced(p.scene, ssh(other, address("203.0.113.5"))), "blocked", "ADV_SG_REF_PUBLIC_IP")
    p.group.ingress(tcp(22, "203.0.113.6/32"))
    expect(traced(p.scene, ssh(other, address("203.0.113.5"))), "reachable")


def test_a_subnet_may_be_an_end() -> None:
    """A2: an interface that could stand there, without a group."""
    p = Pair(ingress=[tcp(22, "10.0.0.0/24")])
    flow = Flow(End(Kind.SUBNET, p.a.id, "111122223333", "us-east-1"), at(p.instance))
    expect(traced(p.scene, flow), "reachable")
    assert service("ssm", p.a).region == "us-east-1"
