"""Stories of the node's way to Systems Manager."""

from __future__ import annotations

from advisor.methods.options import Options
from tests.methods.stages import Stage, by_nat, isolated
from tests.methods.stories import READY, SESSION, UNKNOWN, story
from tests.scenes.builder import CORE, entry, tcp


@story("no-path-to-ssm", SESSION, isolated, hide="ec2:DescribeRouteTables", silent=True)
def _(stage: Stage) -> None:
    stage.scene.place.records["ec2:DescribeVpcEndpoints"].clear()


@story("igw-route-no-public-ip", SESSION, by_nat, hide="ec2:DescribeInternetGateways", silent=True)
def _(stage: Stage) -> None:
    stage.private.drop("0.0.0.0/0").route("0.0.0.0/0", stage.igw)


@story("blackhole-route", SESSION, by_nat, hide="ec2:DescribeRouteTables", silent=True)
def _(stage: Stage) -> None:
    stage.private.drop("0.0.0.0/0").route("0.0.0.0/0", "nat-0deadbeefdeadbeef", state="blackhole")


@story("nat-gateway-unusable", SESSION, by_nat, hide="ec2:DescribeNatGateways", silent=True)
def _(stage: Stage) -> None:
    stage.nat.record["State"] = "failed"


@story("vpce-ssm-missing", SESSION, isolated, hide="ec2:DescribeVpcEndpoints", silent=True)
def _(stage: Stage) -> None:
    endpoints = stage.scene.place.records["ec2:DescribeVpcEndpoints"]
    endpoints.remove(stage.endpoints["ssm"].record)


@story("vpce-ssmmessages-missing", SESSION, isolated, hide="ec2:DescribeVpcEndpoints")
def _(stage: Stage) -> None:
    endpoints = stage.scene.place.records["ec2:DescribeVpcEndpoints"]
    endpoints.remove(stage.endpoints["ssmmessages"].record)


def old_agent_with_all_endpoints() -> Stage:
    stage = isolated()
    stage.node["AgentVersion"] = "3.2.2303.0"
    stage.endpoints["ec2messages"] = stage.vpc.endpoint(
        "ec2messages", subnets=[stage.far], groups=[stage.door]
    )
    return stage


@story(
    "vpce-ec2messages-missing-old-agent",
    SESSION,
    old_agent_with_all_endpoints,
    hide="ec2:DescribeVpcEndpoints",
    becomes=UNKNOWN,
)
def _(stage: Stage) -> None:
    endpoints = stage.scene.place.records["ec2:DescribeVpcEndpoints"]
    endpoints.remove(stage.endpoints["ec2messages"].record)


@story("vpce-not-available", SESSION, isolated, hide="ec2:DescribeVpcEndpoints")
def _(stage: Stage) -> None:
    stage.endpoints["ssmmessages"].record["State"] = "pendingAcceptance"


@story("vpce-private-dns-off", SESSION, isolated, hide="ec2:DescribeVpcEndpoints")
def _(stage: Stage) -> None:
    stage.endpoints["ssmmessages"].record["PrivateDnsEnabled"] = False


def attribute(stage: Stage, name: str) -> None:
    for record in stage.scene.place.records["ec2:DescribeVpcAttribute"]:
        if name in record:
            record[name] = {"Value": False}


@story("vpc-dns-support-off", SESSION, isolated, hide="ec2:DescribeVpcAttribute", silent=True)
def _(stage: Stage) -> None:
    attribute(stage, "EnableDnsSupport")


@story("vpc-dns-hostnames-off", SESSION, isolated, hide="ec2:DescribeVpcAttribute", silent=True)
def _(stage: Stage) -> None:
    attribute(stage, "EnableDnsHostnames")


@story("dhcp-custom-dns", SESSION, isolated, hide="ec2:DescribeDhcpOptions", becomes=UNKNOWN)
def _(stage: Stage) -> None:
    stage.vpc.record["DhcpOptionsId"] = stage.scene.dhcp("10.9.9.9").id


@story("vpce-sg-blocks-443", SESSION, isolated, hide="ec2:DescribeSecurityGroups", silent=True)
def _(stage: Stage) -> None:
    stage.door.record["IpPermissions"] = []


@story("node-sg-egress-blocks-443", SESSION, isolated, hide="ec2:DescribeSecurityGroups", silent=True)
def _(stage: Stage) -> None:
    stage.web.record["IpPermissionsEgress"] = []
    stage.web.egress(tcp(80, "0.0.0.0/0"))


@story("nacl-blocks-443-out", SESSION, isolated, hide="ec2:DescribeNetworkAcls", silent=True)
def _(stage: Stage) -> None:
    stage.vpc.acl([entry(100)], [entry(100, protocol="tcp", ports=80)], [stage.subnet])


@story("nacl-blocks-ephemeral-in", SESSION, isolated, hide="ec2:DescribeNetworkAcls", silent=True)
def _(stage: Stage) -> None:
    stage.vpc.acl([entry(100, protocol="tcp", ports=(49152, 65535))], [entry(100)], [stage.subnet])


@story("nacl-endpoint-subnet", SESSION, isolated, hide="ec2:DescribeNetworkAcls", silent=True)
def _(stage: Stage) -> None:
    stage.vpc.acl([entry(100, protocol="tcp", ports=22)], [entry(100)], [stage.far])


@story("vpce-policy-denies", SESSION, isolated, hide="ec2:DescribeVpcEndpoints")
def _(stage: Stage) -> None:
    stage.endpoints["ssmmessages"].record["PolicyDocument"] = (
        '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ssm:*", "Resource": "*"}]}'
    )


@story("vpce-wrong-subnet-az", SESSION, isolated, hide="ec2:DescribeSubnets", becomes=READY)
def _(stage: Stage) -> None:
    stage.far.record["AvailabilityZone"] = "us-east-1b"


@story("vpc-bpa-blocks", SESSION, by_nat, hide="ec2:DescribeRouteTables", silent=True)
def _(stage: Stage) -> None:
    stage.scene.block_public_access("block-bidirectional")


def hub() -> Stage:
    """Endpoints in a hub VPC, reached over peering; a private hosted zone leads there."""
    stage = isolated()
    stage.scene.place.records["ec2:DescribeVpcEndpoints"].clear()
    other = stage.scene.vpc("10.1.0.0/16")
    subnet = other.subnet("10.1.1.0/24")
    peering = stage.scene.peering(stage.vpc, other)
    stage.vpc.main.route("10.1.0.0/16", peering)
    other.main.route("10.0.0.0/16", peering)
    door = other.group("endpoints", ingress=[tcp(443, "10.0.0.0/8")])
    for service in ("ssm", "ssmmessages"):
        made = other.endpoint(service, subnets=[subnet], groups=[door], private_dns=False)
        stage.endpoints[service] = made
        name = f"{service}.us-east-1.amazonaws.com"
        zone = other.hosted_zone(name, {name: made})
        stage.scene.associate_zone(zone, stage.vpc)
    return stage


@story("central-vpce-no-phz", SESSION, hub, hide="route53:ListHostedZonesByVPC", silent=True)
def _(stage: Stage) -> None:
    for answer in stage.home("route53:ListHostedZonesByVPC"):
        if answer["VPCId"] == stage.vpc.id:
            answer["HostedZoneSummaries"] = []


def by_transit_gateway() -> Stage:
    """A private subnet that leaves by a transit gateway and the NAT gateway of an egress VPC."""
    stage = Stage()
    scene = stage.scene
    egress = scene.vpc("10.0.0.0/16")
    igw = egress.igw()
    outside, inside = egress.subnet("10.0.2.0/24"), egress.subnet("10.0.3.0/24")
    stage.nat = outside.nat()
    stage.vpc = scene.vpc("10.1.0.0/16")
    stage.subnet = stage.vpc.subnet("10.1.1.0/24")
    stage.gateway = scene.transit_gateway()
    out = stage.gateway.attach(egress, [inside])
    stage.gateway.attach(stage.vpc, [stage.subnet])
    stage.gateway.default.route("0.0.0.0/0", out)
    egress.table([("0.0.0.0/0", igw), ("10.1.0.0/16", stage.gateway)], [outside])
    egress.table([("0.0.0.0/0", stage.nat), ("10.1.0.0/16", stage.gateway)], [inside])
    stage.vpc.main.route("0.0.0.0/0", stage.gateway)
    stage.role = scene.role("node", [CORE])
    stage.instance = stage.subnet.instance(groups=[stage.vpc.group("web")], profile=stage.role)
    stage.target = stage.instance.id
    scene.node(stage.instance)
    return stage


@story("tgw-path-broken", SESSION, by_transit_gateway, hide="ec2:SearchTransitGatewayRoutes", silent=True)
def _(stage: Stage) -> None:
    for answer in stage.scene.place.records["ec2:SearchTransitGatewayRoutes"]:
        for route in answer["Routes"]:
            if route["DestinationCidrBlock"] == "0.0.0.0/0":
                route["State"] = "blackhole"


@story("ipv6-only-node-old-agent", SESSION, isolated, hide="ec2:DescribeSubnets", lost=True)
def _(stage: Stage) -> None:
    stage.subnet.record["Ipv6Native"] = True


@story(
    "remote-host-denylisted",
    SESSION,
    isolated,
    hide=(),
    options=Options(remote_host="169.254.169.254", remote_port=80),
)
def _(stage: Stage) -> None:
    """Asking for the address is what breaks it."""


@story("firewall-or-gwlb-in-path", SESSION, by_nat, hide=(), silent=True, becomes=UNKNOWN)
def _(stage: Stage) -> None:
    host = stage.far.instance(
        groups=[stage.vpc.group("middle", ingress=[tcp(443, "10.0.0.0/16")])],
        public_ip="198.51.100.8",
        source_dest_check=False,
    )
    stage.private.drop("0.0.0.0/0").route("0.0.0.0/0", host)


@story("nat-instance-src-dst-check", SESSION, by_nat, hide="ec2:DescribeRouteTables", silent=True)
def _(stage: Stage) -> None:
    host = stage.far.instance(
        groups=[stage.vpc.group("middle", ingress=[tcp(443, "10.0.0.0/16")])],
        public_ip="198.51.100.8",
    )
    stage.private.drop("0.0.0.0/0").route("0.0.0.0/0", host)


def by_regional_nat() -> Stage:
    stage = by_nat()
    table = stage.vpc.table([("0.0.0.0/0", stage.igw)])
    stage.nat = stage.vpc.regional_nat(["us-east-1a", "us-east-1b"], table=table)
    stage.private.drop("0.0.0.0/0").route("0.0.0.0/0", stage.nat)
    return stage


@story("nat-gateway-zone", SESSION, by_regional_nat, hide="ec2:DescribeNatGateways", silent=True)
def _(stage: Stage) -> None:
    addresses = stage.nat.record["NatGatewayAddresses"]
    addresses[:] = [each for each in addresses if each["AvailabilityZone"] != "us-east-1a"]


@story("session-document-type", SESSION, isolated, hide="ssm:GetDocument#SSM-SessionManagerRunShell")
def _(stage: Stage) -> None:
    stage.scene.preferences({}, DocumentType="Command")


@story("model-incomplete", SESSION, isolated, hide=(), becomes=READY)
def _(stage: Stage) -> None:
    stage.scene.connection(stage.instance, "connected")
    stage.door.record["IpPermissions"] = []


@story("peering-path-broken", SESSION, hub, hide="ec2:DescribeVpcPeeringConnections", silent=True)
def _(stage: Stage) -> None:
    stage.scene.place.records["ec2:DescribeVpcPeeringConnections"][0]["Status"] = {"Code": "deleted"}
