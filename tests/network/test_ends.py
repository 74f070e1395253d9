"""Ends of paths that are no ordinary interface: AWS's own addresses, carriers, endpoints, blocks, oneself."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.network.flow import INTERNET, End, Flow, Kind, Protocol
from advisor.network.selectors import parse_end
from tests.network.conformance import (
    OPEN,
    Connect,
    Nat,
    OnPremises,
    Pair,
    Public,
    address,
    at,
    internet,
    ssh,
)
from tests.network.tracing import expect, traced
from tests.scenes.builder import Scene, entry, everything, tcp

CLIENT = "198.18.5.7"
EVERYTHING = (everything("0.0.0.0/0", "::/0"),)


def endpoint_end(endpoint: Any) -> End:
    return End(Kind.ENDPOINT, endpoint.id, endpoint.place.account, endpoint.place.region)


# --- AWS's own addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "protocol", "port", "verdict"),
    [
        ("10.0.0.2", Protocol.UDP, 53, "reachable"),
        ("169.254.169.253", Protocol.TCP, 53, "reachable"),
        ("169.254.169.123", Protocol.UDP, 123, "reachable"),
        ("169.254.169.253", Protocol.TCP, 22, "unknown"),
        ("169.254.170.2", Protocol.TCP, 80, "unknown"),
        ("10.0.0.1", Protocol.UDP, 53, "blocked"),
        ("10.0.0.255", Protocol.UDP, 53, "blocked"),
    ],
)
def test_addresses_at_which_aws_answers(where: str, protocol: Protocol, port: int, verdict: str) -> None:
    """G8 A5: no group and no ACL filters the resolver and its like; other reserved addresses hold nothing."""
    p = Pair()
    if verdict == "reachable":
        p.near.record["IpPermissionsEgress"] = []
        p.vpc.acl([], [], [p.a])
    expect(traced(p.scene, Flow(at(p.bastion), address(where), protocol, port)), verdict)


def test_the_resolver_answers_where_the_vpc_has_one() -> None:
    """G8 D2: enableDnsSupport."""
    scene = Scene()
    client = scene.vpc(dns_support=False).subnet("10.0.1.0/24").instance()
    flow = Flow(at(client), address("10.0.0.2"), Protocol.UDP, 53)
    expect(traced(scene, flow), "blocked", "enableDnsSupport off")
    scene.deny("ec2:DescribeVpcAttribute")
    expect(traced(scene, flow), "unknown", "ec2:DescribeVpcAttribute")


@pytest.mark.parametrize(
    ("endpoint", "verdict"), [("enabled", "reachable"), ("disabled", "blocked"), (None, "unknown")]
)
def test_the_metadata_service_is_a_setting_of_the_instance(endpoint: str | None, verdict: str) -> None:
    """G8: no rule stops it, the instance's own options do."""
    p = Pair()
    options = p.bastion.record.setdefault("MetadataOptions", {})
    options.pop("HttpEndpoint", None)
    if endpoint is not None:
        options["HttpEndpoint"] = endpoint
    expect(traced(p.scene, ssh(p.bastion, address("169.254.169.254"), port=80)), verdict)


# --- oneself, blocks, delegated blocks --------------------------------------------------------------------


def test_an_instance_reaches_itself_whatever_its_groups_say() -> None:
    """G1: the packet does not leave it; a stopped one reaches nothing."""
    p = Pair(ingress=[], egress=[])
    for end in (at(p.instance), address(p.instance.record["PrivateIpAddress"])):
        expect(traced(p.scene, Flow(at(p.instance), end)), "reachable", "listens")
    stopped = p.b.instance(groups=[p.far], state="stopped")
    expect(traced(p.scene, ssh(stopped, stopped)), "blocked")


def test_a_block_inside_the_vpc_is_no_single_end() -> None:
    """Several interfaces may stand in it, of which some are reachable."""
    p = Pair()
    expect(traced(p.scene, ssh(p.bastion, address("10.0.1.0/24"))), "unknown", "ask for one")


def test_an_address_of_a_delegated_block_is_its_interfaces() -> None:
    """G1 G2: containers get their addresses out of such blocks."""
    p = Pair()
    interface = p.instance.eni.record
    for place in (interface, p.instance.record["NetworkInterfaces"][0]):
        place["Ipv4Prefixes"] = [{"Ipv4Prefix": "10.0.1.64/28"}]
    estate = p.scene.estate()
    flow = ssh(p.bastion, parse_end("10.0.1.70", estate))
    expect(traced(estate, flow), "reachable", "secondary address")
    expect(traced(estate, ssh(p.bastion, address("10.0.1.80"))), "blocked", "no interface")


def test_a_secondary_ipv6_address_may_be_spelled_in_any_way() -> None:
    """G2 R1: the rule names it, and not the first one."""
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16", ipv6="2600:1f18:1::/56")
    subnet, other = (vpc.subnet(f"10.0.{n}.0/24", ipv6=f"2600:1f18:1:{n}::/64") for n in (1, 2))
    near, far = vpc.group("near", egress=[tcp(22, "2600:1f18:1:2::99/128")]), vpc.group("far")
    far.ingress(tcp(22, "::/0"))
    target = other.instance(groups=[far], ipv6=True)
    target.eni.record["Ipv6Addresses"].append({"Ipv6Address": "2600:1f18:1:2::99"})
    client = subnet.instance(groups=[near], ipv6=True)
    expect(traced(scene, ssh(client, address("2600:1f18:1:2:0:0:0:99"))), "reachable")


def test_a_subnet_as_an_end_assumes_groups_that_admit() -> None:
    """G1: what could stand there has groups of its own."""
    p = Pair(ingress=[tcp(22, "10.0.0.0/24")])
    flow = Flow(End(Kind.SUBNET, p.a.id, "111122223333", "us-east-1"), at(p.instance))
    expect(traced(p.scene, flow), "reachable", f"what stands in {p.a.id} admit")


# --- carriers ---------------------------------------------------------------------------------------------


def test_a_nat_gateway_answers_no_connection() -> None:
    """N6: from the internet, from its clients, and by its own way out and in again."""
    n = Nat()
    [own] = n.nat.record["NatGatewayAddresses"]
    for flow in (
        Flow(INTERNET, address(own["PublicIp"])),
        Flow(at(n.node), address(own["PrivateIp"])),
        Flow(at(n.node), internet(own["PublicIp"])),
    ):
        expect(traced(n.scene, flow), "blocked", "is a NAT gateway's")


def test_what_carries_others_traffic_is_no_certain_end() -> None:
    """G11 G12: no group guards a transit gateway's interface, and nothing is known to listen there."""
    c = Connect()
    expect(traced(c.scene, ssh(c.instance, c.eice)), "unknown", "carries traffic of others")
    p = Pair()
    carrier = p.b.interface((), kind="transit_gateway")
    expect(traced(p.scene, ssh(p.bastion, carrier)), "unknown", "carries traffic of others")


def test_a_connect_endpoint_is_known_for_two_ports_of_tcp() -> None:
    """B4: of others AWS's guide no longer speaks."""
    c = Connect()
    for record in c.scene.place.records["ec2:DescribeSecurityGroups"]:
        rule = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        record["IpPermissions"], record["IpPermissionsEgress"] = [rule], [rule]
    expect(traced(c.scene, ssh(c.eice, c.instance, 3389)), "reachable")
    expect(traced(c.scene, ssh(c.eice, c.instance, 8080)), "unknown", "22 and 3389")
    expect(traced(c.scene, ssh(c.eice, c.instance, 3389, protocol=Protocol.UDP)), "blocked", "TCP only")


# --- endpoints --------------------------------------------------------------------------------------------


def test_an_endpoint_as_an_end_is_all_of_its_interfaces_and_its_state() -> None:
    """D1: a client cannot choose among them."""
    scene = Scene()
    vpc = scene.vpc()
    here, open_, shut = (
        vpc.subnet(f"10.0.{n}.0/24", f"us-east-1{z}") for n, z in ((1, "a"), (2, "a"), (3, "b"))
    )
    group = vpc.group("endpoint", ingress=[tcp(443)])
    endpoint = vpc.endpoint("ssm", subnets=[open_, shut], groups=[group])
    client = here.instance()
    flow = Flow(at(client), endpoint_end(endpoint), port=443)
    expect(traced(scene, flow), "reachable")
    endpoint.record["State"] = "failed"
    expect(traced(scene, flow), "blocked", "is failed")
    del endpoint.record["State"]
    expect(traced(scene, flow), "unknown")
    endpoint.record["State"] = "available"
    vpc.acl([entry(90, "deny", "tcp", 443), *OPEN], OPEN, [shut])
    expect(traced(scene, flow), "blocked", "partial")


def test_an_endpoint_opens_no_connections() -> None:
    """D1 (VPCE_INTRA_VPC_TRAFFIC): neither by its id nor by one of its interfaces."""
    scene = Scene()
    vpc = scene.vpc()
    subnet = vpc.subnet("10.0.1.0/24")
    group = vpc.group("open", ingress=EVERYTHING)
    endpoint = vpc.endpoint("ssm", subnets=[subnet], groups=[group])
    interface = End(Kind.INTERFACE, endpoint.record["NetworkInterfaceIds"][0], scene.account, scene.region)
    instance = subnet.instance(groups=[group])
    for source in (endpoint_end(endpoint), interface):
        trace = traced(scene, Flow(source, at(instance)))
        expect(trace, "blocked")
        assert "VPCE_INTRA_VPC_TRAFFIC" in {hop.code for hop in trace.blockers}


def test_a_secondary_interface_as_source_is_up_to_the_operating_system() -> None:
    """G2: only the primary interface is safe to assert."""
    p = Pair()
    extra = p.a.interface([p.near])
    instance = p.a.instance(groups=[p.near], interfaces=[extra], secondary=["10.0.0.77"])
    for source in (at(instance, interface=extra.id), at(extra)):
        expect(traced(p.scene, Flow(source, at(p.instance))), "unknown", "secondary interface")
    expect(traced(p.scene, Flow(at(instance, address="10.0.0.77"), at(p.instance))), "reachable", "set this")


# --- edges of gateways ------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["no target", "unreadable", "odd target", "two tables", "no local route"])
def test_an_edge_table_that_makes_no_sense_is_a_doubt(fault: str) -> None:
    """R7: what comes in may go astray."""
    p = Public()
    table = p.vpc.table(edge=p.igw)
    flow = ssh(internet(CLIENT), p.bastion)
    expect(traced(p.scene, flow), "reachable")
    route = {"DestinationCidrBlock": "10.0.0.0/24", "State": "active"}
    routes = table.record["Routes"]
    match fault:
        case "no target":
            routes.append(route)
        case "unreadable":
            routes.append(route | {"DestinationCidrBlock": "10.0.0.999/24", "GatewayId": "local"})
        case "odd target":
            routes.append(route | {"TransitGatewayId": "tgw-0123456789abcdef0"})
        case "two tables":
            other = p.vpc.table()
            other.record["Associations"] = [{"GatewayId": p.igw.id}]
        case _:
            routes.clear()
    expect(traced(p.scene, flow), "unknown")


def test_the_edge_of_a_vpn_gateway_counts_too() -> None:
    """R7 V1: what comes in by it may have to pass a middlebox that replies do not."""
    o = OnPremises()
    flow = ssh(address("192.168.7.7"), o.instance)
    before = traced(o.scene, flow)
    vgw = o.vpc.main.record["PropagatingVgws"][0]["GatewayId"]
    wall = o.vpc.endpoint(
        "com.amazonaws.vpce.us-east-1.vpce-svc-1",
        type="GatewayLoadBalancer",
        subnets=[o.vpc.subnet("10.0.99.0/28")],
    )
    o.vpc.table([(o.subnet.cidr, wall)], edge=vgw)
    assert before.verdict.of_path == "reachable"
    expect(traced(o.scene, flow), "blocked", "sees only one direction")


def test_a_private_ipv6_address_does_not_leave_by_an_egress_only_gateway() -> None:
    """R13: nothing translates it."""
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16", ipv6="fd80:1::/56")
    vpc.main.route("::/0", vpc.eigw())
    group = vpc.group("open")
    group.egress(everything("::/0"))
    client = vpc.subnet("10.0.1.0/24", ipv6="fd80:1:0:1::/64").instance(groups=[group], ipv6=True)
    expect(traced(scene, Flow(at(client), internet("2a00:1450::7"))), "blocked", "no public address")


# --- load balancers ---------------------------------------------------------------------------------------


class Balanced:
    """Bastions in two zones behind a network load balancer with a node in each."""

    def __init__(self, **options: Any) -> None:
        self.p = Public(public_ip=None, ingress=[tcp(22, "0.0.0.0/0")])
        self.far = self.p.vpc.subnet("10.0.5.0/24", "us-east-1b", table=self.p.table)
        self.second = self.far.instance(groups=[self.p.group])
        self.scene = self.p.scene
        self.balancer = self.scene.load_balancer(
            "front", [self.p.subnet, self.far], {22: [self.p.bastion, self.second]},
            public_ips=["203.0.113.80", "203.0.113.81"], **options,
        )  # fmt: skip

    def flow(self, **members: Any) -> Flow:
        end = End(Kind.LOAD_BALANCER, self.balancer.id, "111122223333", "us-east-1")
        return Flow(internet(CLIENT), end, **members)


def test_a_balancer_listens_for_its_own_protocol() -> None:
    """M3: TCP on a port is not UDP on it."""
    b = Balanced()
    expect(traced(b.scene, b.flow()), "reachable")
    for protocol in (Protocol.UDP, Protocol.ICMP, Protocol.ALL):
        expect(traced(b.scene, b.flow(protocol=protocol)), "blocked", f"does not listen on {protocol.value}")


@pytest.mark.parametrize(
    "operation",
    [
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeListeners",
        "ec2:DescribeSubnets",
    ],
)
def test_what_was_not_read_of_a_balancer_is_a_doubt(operation: str) -> None:
    """M3: its groups, targets, whose address these see, its zones."""
    b = Balanced(preserve_client_ip=False)
    group = b.p.group.record
    group["IpPermissions"] = []
    b.p.group.ingress(tcp(22, "10.0.0.0/16"))
    expect(traced(b.scene, b.flow()), "reachable")
    b.scene.deny(operation)
    expect(traced(b.scene, b.flow()), "unknown", operation)


def test_a_zone_of_a_balancer_that_was_not_read_may_be_shut() -> None:
    """M3: a client cannot choose the zone."""
    b = Balanced()
    b.p.vpc.acl([], [], [b.far])
    expect(traced(b.scene, b.flow()), "blocked")
    b.scene.place.records["ec2:DescribeSubnets"].remove(b.far.record)
    assert traced(b.scene, b.flow()).verdict.of_path == "unknown"


def test_healthy_targets_of_a_balancer_cannot_be_chosen() -> None:
    """M3: one that turns the client away, while it admits health checks, makes connections fail by chance."""
    b = Balanced()
    picky = b.p.vpc.group("picky", ingress=[tcp(22, "10.0.0.0/16")])
    b.second.eni.record["Groups"] = [{"GroupId": picky.id}]
    expect(traced(b.scene, b.flow()), "blocked", picky.id)


def test_a_balancers_own_groups_guard_its_way_to_the_targets() -> None:
    """M3 G1: outbound rules too."""
    b = Balanced()
    own = b.p.vpc.group("front", ingress=[tcp(22, "0.0.0.0/0")], egress=[])
    b.balancer.record["SecurityGroups"] = [own.id]
    expect(traced(b.scene, b.flow()), "blocked", "no outbound rules")


def test_a_listener_may_divide_connections_among_groups() -> None:
    """M3: then only its ForwardConfig names them."""
    b = Balanced()
    for listener in b.scene.place.records["elasticloadbalancing:DescribeListeners"]:
        for action in listener["DefaultActions"]:
            arn = action.pop("TargetGroupArn")
            action["ForwardConfig"] = {"TargetGroups": [{"TargetGroupArn": arn, "Weight": 1}]}
    expect(traced(b.scene, b.flow()), "reachable")
