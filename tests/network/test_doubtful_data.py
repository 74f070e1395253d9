"""Data that is lost, odd or contradictory: a doubt that names it, neither a yes nor a no."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from advisor.model.estate import Estate
from advisor.network.flow import Flow, Protocol
from tests.network.conformance import (
    OPEN,
    Connect,
    Nat,
    Pair,
    Peered,
    Public,
    Transit,
    at,
    https,
    internet,
    ssh,
)
from tests.network.tracing import expect, traced
from tests.scenes.builder import Scene, entry, icmp, icmpv6, tcp

CLIENT = "198.18.5.7"


# --- states that are not shown ----------------------------------------------------------------------------


def nat_gateway() -> tuple[Scene, Flow, dict[str, Any], str]:
    n = Nat()
    return n.scene, https(n.node), n.nat.record, "State"


def peering() -> tuple[Scene, Flow, dict[str, Any], str]:
    p = Peered()
    return p.scene, ssh(p.bastion, p.instance), p.pcx.record["Status"], "Code"


def attachment() -> tuple[Scene, Flow, dict[str, Any], str]:
    t = Transit()
    record = t.scene.place.records["ec2:DescribeTransitGatewayVpcAttachments"][0]
    return t.scene, ssh(t.bastion, t.instance), record, "State"


def transit_route() -> tuple[Scene, Flow, dict[str, Any], str]:
    t = Transit()
    route = next(each for each in t.tgw.default.answer["Routes"] if "10.1.0.0/16" in each.values())
    return t.scene, ssh(t.bastion, t.instance), route, "State"


def gateway_endpoint() -> tuple[Scene, Flow, dict[str, Any], str]:
    n = Nat(routed=False)
    endpoint = n.vpc.endpoint("s3", type="Gateway", tables=[n.table])
    return n.scene, https(n.node, "s3"), endpoint.record, "State"


WITH_STATES = [nat_gateway, peering, attachment, transit_route, gateway_endpoint]


@pytest.mark.parametrize("build", WITH_STATES, ids=lambda build: build.__name__)
def test_a_state_that_is_not_shown_is_unknown(
    build: Callable[[], tuple[Scene, Flow, dict[str, Any], str]],
) -> None:
    """B3 N1 P1 T1 R9: neither taken for the good one nor for a bad one."""
    scene, flow, record, key = build()
    expect(traced(scene, flow), "reachable")
    record[key] = record[key].upper()
    expect(traced(scene, flow), "reachable")
    record[key] = "pending"
    expect(traced(scene, flow), "blocked", "pending")
    del record[key]
    expect(traced(scene, flow), "unknown", "state")


def test_an_attachment_that_is_being_modified_may_well_pass() -> None:
    """T1: adding a subnet to it takes minutes, in which it is `modifying`."""
    scene, flow, record, key = attachment()
    record[key] = "modifying"
    expect(traced(scene, flow), "unknown", "modifying")


def test_a_mode_of_block_public_access_that_is_not_shown_is_not_off() -> None:
    """B1 B2: the state on the subnet serves; without it the mode is unknown."""
    n = Nat()
    n.scene.block_public_access("block-bidirectional")
    [answer] = n.scene.place.records["ec2:DescribeVpcBlockPublicAccessOptions"]
    del answer["VpcBlockPublicAccessOptions"]["InternetGatewayBlockMode"]
    expect(traced(n.scene, https(n.node)), "blocked", "block-bidirectional")
    _hide_states(n.scene)
    expect(traced(n.scene, https(n.node)), "unknown", "InternetGatewayBlockMode")


def _hide_states(scene: Scene) -> None:
    for operation in ("ec2:DescribeSubnets", "ec2:DescribeVpcs"):
        for record in scene.place.records[operation]:
            record.pop("BlockPublicAccessStates", None)


def test_exclusions_that_were_not_read_may_lift_block_ingress() -> None:
    """B1: for what comes in; what leaves by a NAT gateway passes with them or without."""
    p = Public()
    p.scene.block_public_access("block-ingress", exclusions=[(p.subnet, "allow-bidirectional")])
    inward = ssh(internet(CLIENT), p.bastion)
    p.scene.deny("ec2:DescribeVpcBlockPublicAccessExclusions")
    expect(traced(p.scene, inward), "reachable")  # as the subnet's own state shows
    _hide_states(p.scene)
    expect(traced(p.scene, inward), "unknown", "ec2:DescribeVpcBlockPublicAccessExclusions")
    n = Nat()
    n.scene.block_public_access("block-ingress")
    n.scene.deny("ec2:DescribeVpcBlockPublicAccessExclusions")
    _hide_states(n.scene)
    expect(traced(n.scene, https(n.node)), "reachable")


# --- rules and entries ------------------------------------------------------------------------------------


def without(scene: Scene, operation: str, change: Callable[[dict[str, Any]], None]) -> Estate:
    """The scene with each record of one operation changed; of rules only that operation was asked."""
    rules = {"ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules"}
    answers = []
    for each in scene.responses():
        if each.operation == operation:
            records = msgspec.json.decode(each.records)
            for record in records:
                change(record)
            answers.append(msgspec.structs.replace(each, records=msgspec.Raw(msgspec.json.encode(records))))
        elif operation not in rules or each.operation != "ec2:DescribeSecurityGroupRules":
            answers.append(each)
    return Estate.of(answers)


@pytest.mark.parametrize("member", ["IpProtocol", "FromPort", "ToPort"])
def test_a_rule_that_leaves_a_member_out_admits_nothing_for_sure(member: str) -> None:
    """G3: without its protocol it is not a rule for all of them, nor without ports one for all ports."""

    def lose(record: dict[str, Any]) -> None:
        for each in (record, *record.get("IpPermissions", ())):
            if each.get("FromPort") == 2222:
                del each[member]

    p = Pair(ingress=[tcp(2222, "10.0.0.0/16")])
    flow = ssh(p.bastion, p.instance)
    expect(traced(p.scene, flow), "blocked")
    for operation in ("ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules"):
        expect(traced(without(p.scene, operation, lose), flow), "unknown", "10.0.0.0/16 (its p")


def test_an_entry_that_leaves_its_ports_out_is_a_doubt() -> None:
    """A1 A7: of TCP and UDP AWS always shows them."""
    p = Pair()
    p.vpc.acl([entry(100, "allow", "tcp", 443)], OPEN, [p.b])
    flow = ssh(p.bastion, p.instance)
    expect(traced(p.scene, flow), "blocked")

    def lose(record: dict[str, Any]) -> None:
        for each in record["Entries"]:
            each.pop("PortRange", None)

    expect(traced(without(p.scene, "ec2:DescribeNetworkAcls", lose), flow), "unknown", "ports are not shown")


def test_entries_of_one_number_that_contradict_each_other_are_a_doubt() -> None:
    """A1: a number stands once in a direction."""
    p = Pair()
    acl = p.vpc.acl([entry(100, "allow", "tcp", 22)], OPEN, [p.b])
    flow = ssh(p.bastion, p.instance)
    acl.record["Entries"].insert(0, {**acl.record["Entries"][0], "RuleAction": "deny"})
    expect(traced(p.scene, flow), "unknown", "says the contrary")
    acl.record["Entries"][0]["RuleAction"] = "permit"
    del acl.record["Entries"][1]
    expect(traced(p.scene, flow), "unknown", "action cannot be read")


@pytest.mark.parametrize(("version", "right", "wrong"), [(4, icmp, icmpv6), (6, icmpv6, icmp)])
def test_ping_is_two_protocols(version: int, right: Any, wrong: Any) -> None:
    """G3: a rule for ICMP says nothing of ICMPv6, even where it names a group."""
    for rule, verdict in ((right, "reachable"), (wrong, "blocked")):
        scene, near, far = dual_stack(rule)
        flow = Flow(at(near), at(far), Protocol.ICMP, -1, ip_version=version)
        expect(traced(scene, flow), verdict)


def dual_stack(rule: Any) -> tuple[Scene, Any, Any]:
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16", ipv6="2600:1f18:1::/56")
    a = vpc.subnet("10.0.1.0/24", ipv6="2600:1f18:1:1::/64")
    b = vpc.subnet("10.0.2.0/24", ipv6="2600:1f18:1:2::/64")
    near = vpc.group("near")
    near.egress(icmpv6())
    far = vpc.group("far", ingress=[rule(near)])
    return scene, a.instance(groups=[near], ipv6=True), b.instance(groups=[far], ipv6=True)


def test_an_echo_of_icmpv6_is_answered_by_its_own_type() -> None:
    """A2 A7: 128 by 129, as 8 by 0; the ACL need not admit every type."""
    scene, near, far = dual_stack(icmpv6)
    inward = entry(100, "allow", "icmpv6", (129, 0), "::/0")
    outward = entry(100, "allow", "icmpv6", (128, 0), "::/0")
    near.subnet.vpc.acl([inward], [outward], [near.subnet])
    expect(traced(scene, Flow(at(near), at(far), Protocol.ICMP, 128, ip_version=6)), "reachable")


def test_a_rule_for_one_code_admits_a_part_of_a_type() -> None:
    """G3 A7: of "destination unreachable", say."""
    p = Pair(ingress=[icmp("10.0.0.0/16", type=3, code=4)])
    flow = Flow(at(p.bastion), at(p.instance), Protocol.ICMP, 3)
    expect(traced(p.scene, flow), "unknown", "code 4 only")
    p = Pair(ingress=[icmp("10.0.0.0/16")])
    p.vpc.acl([entry(100, "allow", "icmp", (3, 4))], OPEN, [p.b])
    flow = Flow(at(p.bastion), at(p.instance), Protocol.ICMP, 3)
    expect(traced(p.scene, flow), "unknown", "code 4 only")


def test_the_nearest_rule_is_the_one_for_this_traffic() -> None:
    """G3: else one for this peer; not the first that is listed."""
    rules = [icmp("10.9.0.0/16"), tcp(2222, "10.0.0.0/16"), tcp((20, 30), "10.9.0.0/16")]
    for count, nearest in ((3, "tcp 20-30 from 10.9.0.0/16"), (2, "tcp 2222 from 10.0.0.0/16")):
        p = Pair(ingress=rules[:count])
        expect(traced(p.scene, ssh(p.bastion, p.instance)), "blocked", nearest)


# --- routes -----------------------------------------------------------------------------------------------


def test_of_two_prefix_lists_that_hold_a_block_aws_picks_one() -> None:
    """R2 R8: which one, no call tells; a static route of that length beats both."""
    n = Nat(routed=False)
    dead = "pcx-0dead000000000000"
    n.table.route(n.scene.prefix_list("8.8.8.0/24"), n.nat)
    n.table.route(n.scene.prefix_list("8.8.8.0/24", "9.9.9.0/24", name="other"), dead, state="blackhole")
    flow = Flow(at(n.node), internet("8.8.8.8"))
    expect(traced(n.scene, flow), "unknown", "which of them decides")
    n.table.record["Routes"].reverse()
    expect(traced(n.scene, flow), "unknown", "which of them decides")
    n.table.route("8.8.8.0/24", n.nat)
    expect(traced(n.scene, flow), "reachable")


def test_two_routes_to_one_destination_are_a_contradiction() -> None:
    """R2: for an address and for "somewhere on the internet"."""
    n = Nat()
    n.table.route("0.0.0.0/0", n.igw)
    for flow in (https(n.node), Flow(at(n.node), internet("8.8.8.8"))):
        expect(traced(n.scene, flow), "unknown", "which of them decides")


def test_a_route_with_two_targets_is_a_contradiction() -> None:
    """R4: `local` beside a NAT gateway."""
    n = Nat()
    n.table.record["Routes"][-1]["GatewayId"] = "local"
    expect(traced(n.scene, https(n.node)), "unknown", f"local and {n.nat.id}")


def test_an_unread_list_may_save_what_a_blackhole_drops() -> None:
    """R6 R8: a more specific route is no less likely than none."""
    n = Nat(routed=False)
    listed = n.scene.prefix_list("8.8.8.0/24", readable=False)
    n.scene.deny("ec2:GetManagedPrefixListEntries", resource=listed.id)
    n.table.route("0.0.0.0/0", "nat-0dead000000000000", state="blackhole")
    n.table.route(listed, n.nat)
    expect(traced(n.scene, Flow(at(n.node), internet("8.8.8.8"))), "unknown", listed.id)


@pytest.mark.parametrize("kind", ["table", "acl"])
def test_what_belongs_to_another_vpc_is_a_contradiction(kind: str) -> None:
    """R5 A7: whatever it says of the subnet."""
    p = Pair()
    other = p.scene.vpc("10.9.0.0/16")
    if kind == "table":
        other.main.route("10.0.0.0/16", "local").associate(p.a)
        named = other.main.id
    else:
        named = other.acl(OPEN, OPEN).id
        record = p.scene.place.records["ec2:DescribeNetworkAcls"][-1]
        record["Associations"] = [{"SubnetId": p.a.id}]
        kept = p.vpc.default_acl.record["Associations"]
        kept[:] = [each for each in kept if each["SubnetId"] != p.a.id]
    expect(traced(p.scene, ssh(p.bastion, p.instance)), "unknown", named, other.id)


def test_a_nat_gateways_table_that_cannot_be_read_is_a_doubt() -> None:
    """N1: no proof that its subnet has no way out."""
    n = Nat()
    n.public_table.drop("0.0.0.0/0")
    n.public_table.record["Routes"].append({"DestinationCidrBlock": "0.0.0.999/0", "GatewayId": n.igw.id})
    expect(traced(n.scene, https(n.node)), "unknown", "0.0.0.999/0")


def test_a_regional_nat_gateway_is_known_by_its_table_and_zones() -> None:
    """N7: a table that is not named, one that cannot be read, a subnet whose zone is not shown."""
    for fault in ("no table", "unreadable", "no zone"):
        n = Nat(routed=False)
        own = n.vpc.table([("0.0.0.0/0", n.igw)])
        nat = n.vpc.regional_nat(["us-east-1a"], table=None if fault == "no table" else own)
        n.table.route("0.0.0.0/0", nat)
        if fault == "unreadable":
            own.record["Routes"].append({"DestinationCidrBlock": "ten/8", "GatewayId": "local"})
        if fault == "no zone":
            del n.private.record["AvailabilityZone"], n.private.record["AvailabilityZoneId"]
        expect(traced(n.scene, https(n.node)), "unknown")


# --- members that decide ----------------------------------------------------------------------------------


def test_the_place_of_an_interface_that_is_not_shown_is_not_the_first() -> None:
    """G2: its address tells, or nothing does."""
    p = Pair()
    extra = p.b.interface([p.far])
    instance = p.b.instance(groups=[p.far], interfaces=[extra])
    further = Flow(at(p.bastion), at(instance, interface=extra.id))
    for record in (extra.record, *instance.record["NetworkInterfaces"]):
        record.get("Attachment", {}).pop("DeviceIndex", None)
    instance.eni.record["Attachment"].pop("DeviceIndex", None)
    expect(traced(p.scene, further), "unknown", "secondary interface")
    expect(traced(p.scene, ssh(p.bastion, instance)), "reachable")
    del instance.record["NetworkInterfaces"][1]
    expect(traced(p.scene, further), "unknown", "secondary interface")
    p.scene.place.records["ec2:DescribeNetworkInterfaces"].remove(extra.record)
    expect(traced(p.scene, further), "unknown", extra.id)


def test_a_rule_of_no_direction_is_read_as_the_group_itself_shows_it() -> None:
    """G10: rather than as one of the other direction."""
    p = Pair(ingress=[])
    flow = ssh(p.bastion, p.instance)

    def lose(record: dict[str, Any]) -> None:
        record.pop("IsEgress", None)

    expect(traced(without(p.scene, "ec2:DescribeSecurityGroupRules", lose), flow), "blocked")


def test_an_association_that_names_no_subnet_may_be_anyones() -> None:
    """R5: while main tables would serve the VPC's other subnets."""
    p = Public(routed=False)
    p.vpc.main.route("0.0.0.0/0", p.igw)
    inward = ssh(internet(CLIENT), p.bastion)
    expect(traced(p.scene, inward), "blocked")
    del p.table.record["Associations"][0]["SubnetId"]
    expect(traced(p.scene, inward), "unknown", p.table.id)


def test_a_peering_whose_regions_are_not_shown_is_between_those_of_its_vpcs() -> None:
    """P2 P3: references to groups do not cross Regions."""
    p = Peered(region="eu-west-1", ingress=[])
    p.far.ingress(tcp(22, p.near))
    for side in ("AccepterVpcInfo", "RequesterVpcInfo"):
        del p.pcx.record[side]["Region"]
    expect(traced(p.scene, ssh(p.bastion, p.instance)), "blocked", "does not survive")


def test_a_reference_over_a_peering_of_no_status_may_be_stale() -> None:
    """P2: the packet's own way says nothing of the rule's peering."""
    p = Peered(ingress=[])
    p.far.ingress(tcp(22, p.near))
    flow = ssh(p.bastion, p.instance)
    expect(traced(p.scene, flow), "reachable")
    for permission in p.far.record["IpPermissions"]:
        del permission["UserIdGroupPairs"][0]["PeeringStatus"]
    expect(traced(p.scene, flow), "unknown", "is not shown")


def test_a_transit_route_without_destination_may_be_the_one() -> None:
    """T1: it may lead elsewhere, or drop."""
    scene, flow, _, _ = transit_route()
    [answer] = scene.place.records["ec2:SearchTransitGatewayRoutes"]
    answer["Routes"].append({"Type": "static", "State": "blackhole"})
    expect(traced(scene, flow), "unknown", "without destination")


@pytest.mark.parametrize("member", ["VpcId", "ServiceName", "VpcEndpointType", "PrivateDnsEnabled"])
def test_an_endpoint_that_hides_what_it_is_may_answer_for_the_name(member: str) -> None:
    """D2 D3: too tight, it would break what works by NAT."""
    n = Nat()
    shut = n.vpc.group("shut")
    endpoint = n.vpc.endpoint("ssm", subnets=[n.private], groups=[shut])
    expect(traced(n.scene, https(n.node)), "blocked")
    del endpoint.record[member]
    expect(traced(n.scene, https(n.node)), "unknown", endpoint.id)
    assert traced(n.scene, Flow(at(n.node), internet("8.8.8.8"))).verdict.of_path == "reachable"


def test_name_servers_that_are_not_shown_are_not_amazons() -> None:
    """D5: neither of options that name none, nor of a VPC that names no options."""
    n = Nat()
    expect(traced(n.scene, https(n.node)), "reachable")
    options = n.scene.dhcp()
    n.vpc.record["DhcpOptionsId"] = options.id
    expect(traced(n.scene, https(n.node)), "unknown", "names no DNS servers")
    del n.vpc.record["DhcpOptionsId"]
    expect(traced(n.scene, https(n.node)), "unknown", "the DHCP options of")


def test_client_ip_preservation_that_is_not_shown_is_not_off() -> None:
    """B4: the field is trusted, and so is its absence not."""
    c = Connect()
    expect(traced(c.scene, ssh(c.eice, c.instance)), "reachable")
    del c.eice.record["PreserveClientIp"]
    expect(traced(c.scene, ssh(c.eice, c.instance)), "unknown", "PreserveClientIp")


def test_an_endpoint_of_no_type_as_route_target_is_a_doubt() -> None:
    """R9 M1: S3's, or an appliance's."""
    scene, flow, record, _ = gateway_endpoint()
    some = scene.place.records["ec2:GetManagedPrefixListEntries"][0]["Entries"][0]["Cidr"].split("/")[0]
    inward = Flow(flow.source, internet(some), port=443)
    expect(traced(scene, inward), "reachable")
    del record["VpcEndpointType"]
    expect(traced(scene, inward), "unknown", "the type of")
