"""Stories of the ways in from outside: tunnels, bastions, public addresses."""

from __future__ import annotations

from typing import Any

from advisor.methods.options import Options, Use
from tests.methods.stages import OPERATOR, Stage, at_console, guarded, public, tunnelled
from tests.methods.stories import BASTION, DIRECT, PUSH, READY, SERIAL, TUNNEL, UNKNOWN, story
from tests.scenes.builder import entry, everything, tcp

ENDPOINTS = "ec2:DescribeInstanceConnectEndpoints"
GROUPS = "ec2:DescribeSecurityGroups"


# --- EC2 Instance Connect Endpoint ------------------------------------------------------------------------


@story("eice-none-in-vpc", TUNNEL, tunnelled, hide=ENDPOINTS)
def _(stage: Stage) -> None:
    stage.scene.place.records[ENDPOINTS].clear()


@story("eice-not-ready", TUNNEL, tunnelled, hide=ENDPOINTS)
def _(stage: Stage) -> None:
    stage.eice.record |= {"State": "delete-in-progress"}


@story("eice-subnet-no-ip-or-slr", TUNNEL, tunnelled, hide=ENDPOINTS, also=())
def _(stage: Stage) -> None:
    message = "Unable to create the service-linked role AWSServiceRoleForEC2InstanceConnect"
    stage.eice.record |= {"State": "create-failed", "StateMessage": message}


@story("eice-quota", TUNNEL, tunnelled, hide=ENDPOINTS, beside=True, also=("eice-not-ready",))
def _(stage: Stage) -> None:
    stage.eice.record |= {"State": "create-failed"}


@story("eice-update-state-old-cli", TUNNEL, tunnelled, hide=ENDPOINTS, becomes=READY)
def _(stage: Stage) -> None:
    stage.eice.record |= {"State": "update-complete"}


@story("eice-shared-subnet-owner", TUNNEL, tunnelled, hide=ENDPOINTS)
def _(stage: Stage) -> None:
    stage.eice.record |= {"OwnerId": "444455556666"}


@story("eice-sg-egress-missing", TUNNEL, tunnelled, hide=GROUPS)
def _(stage: Stage) -> None:
    stage.door.record["IpPermissionsEgress"] = []


@story("eice-instance-sg-inbound", TUNNEL, tunnelled, hide=GROUPS)
def _(stage: Stage) -> None:
    stage.web.record["IpPermissions"] = []


def keeping_address(**options: Any) -> Stage:
    return tunnelled(preserve=True, **options)


@story("eice-preserve-ip-inbound", TUNNEL, keeping_address, hide=GROUPS)
def _(stage: Stage) -> None:
    stage.web.record["IpPermissions"] = []
    stage.web.ingress(tcp(22, "10.0.0.0/16"))


@story("eice-preserve-ip-old-type", TUNNEL, keeping_address, hide=ENDPOINTS)
def _(stage: Stage) -> None:
    stage.instance.record["InstanceType"] = "m3.medium"


@story("eice-ip-family-mismatch", TUNNEL, tunnelled, hide=ENDPOINTS)
def _(stage: Stage) -> None:
    stage.eice.record["IpAddressType"] = "ipv6"


@story("eice-nacl", TUNNEL, tunnelled, hide="ec2:DescribeNetworkAcls")
def _(stage: Stage) -> None:
    stage.vpc.acl([entry(100, protocol="tcp", ports=443)], [entry(100)], [stage.subnet])


@story("eice-auto-prefers-public", TUNNEL, tunnelled, hide=ENDPOINTS, becomes=READY)
def _(stage: Stage) -> None:
    stage.instance.record["PublicIpAddress"] = "198.51.100.30"


def next_door() -> Stage:
    """The endpoint stands in a peered VPC."""
    stage = tunnelled()
    other = stage.scene.vpc("10.1.0.0/16")
    subnet = other.subnet("10.1.1.0/24")
    peering = stage.scene.peering(stage.vpc, other)
    stage.vpc.main.route("10.1.0.0/16", peering)
    other.main.route("10.0.0.0/16", peering)
    group = other.group("tunnel", egress=[tcp(22, "10.0.0.0/16")])
    stage.web.ingress(tcp(22, "10.1.0.0/16"))
    stage.private = other.main
    subnet.instance_connect_endpoint(groups=[group])
    return stage


@story("eice-peered-vpc-needs-id", TUNNEL, next_door, hide=ENDPOINTS, becomes=READY)
def _(stage: Stage) -> None:
    stage.scene.place.records[ENDPOINTS].remove(stage.eice.record)


@story(
    "eice-other-port",
    TUNNEL,
    tunnelled,
    hide=(),
    becomes=UNKNOWN,
    options=Options(use=Use.PORT_FORWARD, remote_port=5432),
)
def _(stage: Stage) -> None:
    stage.door.egress(tcp(5432, "10.0.0.0/16"))
    stage.web.ingress(tcp(5432, stage.door))


@story("use-not-offered", SERIAL, at_console, hide=(), options=Options(use=Use.SSH))
def _(stage: Stage) -> None:
    """The question itself."""


@story(
    "use-not-offered",
    PUSH,
    public,
    hide=(),
    options=Options(use=Use.RDP, operator=OPERATOR),
    label="remote desktop",
)
def _(stage: Stage) -> None:
    """Keys are pushed for SSH only."""


@story("platform-unsupported", TUNNEL, tunnelled, hide=(), options=Options(use=Use.RDP))
def _(stage: Stage) -> None:
    stage.door.egress(tcp(3389, "10.0.0.0/16"))
    stage.web.ingress(tcp(3389, stage.door))


# --- public addresses -------------------------------------------------------------------------------------


def everywhere(stage: Stage) -> tuple[dict[str, Any], ...]:
    """The records that show the instance's addresses."""
    record = stage.instance.record
    return record, record["NetworkInterfaces"][0], stage.instance.eni.record


@story("no-public-ip", DIRECT, public, hide="ec2:DescribeInternetGateways", also=())
def _(stage: Stage) -> None:
    for part in everywhere(stage):
        part.pop("PublicIpAddress", None)
        part.pop("Association", None)
        for address in part.get("PrivateIpAddresses", []):
            address.pop("Association", None)


@story("public-ip-changed", DIRECT, public, hide="ec2:DescribeAddresses", becomes=READY)
def _(stage: Stage) -> None:
    stage.scene.place.records["ec2:DescribeAddresses"].clear()


@story("no-igw-route", DIRECT, public, hide="ec2:DescribeRouteTables")
def _(stage: Stage) -> None:
    stage.vpc.main.drop("0.0.0.0/0")


@story("sg-inbound-22-missing", DIRECT, public, hide=GROUPS)
def _(stage: Stage) -> None:
    stage.web.record["IpPermissions"] = []


def public_windows() -> Stage:
    return public(port=3389, platform="windows")


@story("sg-inbound-3389-missing", DIRECT, public_windows, hide=GROUPS)
def _(stage: Stage) -> None:
    stage.web.record["IpPermissions"] = []


@story("rdp-password-unavailable", DIRECT, public_windows, hide="ec2:DescribeInstances", becomes=UNKNOWN)
def _(stage: Stage) -> None:
    del stage.instance.record["KeyName"]


@story("no-key-pair", DIRECT, public, hide="ec2:DescribeInstances", becomes=UNKNOWN)
def _(stage: Stage) -> None:
    del stage.instance.record["KeyName"]


@story("eic-wrong-os-user", DIRECT, public, hide="ec2:DescribeImages", becomes=READY)
def _(stage: Stage) -> None:
    image = stage.scene.place.records["ec2:DescribeImages"][0]
    image |= {"Name": "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20261101"}
    image |= {"OwnerId": "099720109477"}


@story("nacl-blocks-direct", DIRECT, public, hide="ec2:DescribeNetworkAcls")
def _(stage: Stage) -> None:
    stage.vpc.acl([entry(100)], [entry(100, protocol="tcp", ports=443)], [stage.subnet])


@story("vpc-bpa-blocks", DIRECT, public, hide="ec2:DescribeRouteTables", label="from outside")
def _(stage: Stage) -> None:
    stage.scene.block_public_access("block-ingress")


@story("bastion-open-to-world", DIRECT, public, hide=GROUPS, becomes=READY)
def _(stage: Stage) -> None:
    stage.web.ingress(tcp(22, "0.0.0.0/0"))


@story(
    "operator-address-private",
    DIRECT,
    public,
    hide=(),
    options=Options(operator="192.168.1.0/24"),
)
def _(stage: Stage) -> None:
    stage.web.ingress(tcp(22, "192.168.0.0/16"))


@story("eic-windows", PUSH, public, hide="ec2:DescribeInstances")
def _(stage: Stage) -> None:
    stage.instance.record["Platform"] = "windows"


@story("eic-not-installed", PUSH, public, hide="ec2:DescribeImages", becomes=UNKNOWN)
def _(stage: Stage) -> None:
    image = stage.scene.place.records["ec2:DescribeImages"][0]
    image |= {"Name": "RHEL-9.4_HVM-20261101-x86_64", "OwnerId": "309956199498"}


@story("imds-disabled", PUSH, public, hide="ec2:DescribeInstances", label="for pushed keys")
def _(stage: Stage) -> None:
    stage.instance.record["MetadataOptions"]["HttpEndpoint"] = "disabled"


def for_console_only() -> Stage:
    """Nobody said where the operator is: the console's own ranges are the way in."""
    stage = public()
    stage.options = Options()
    return stage


@story("eic-prefix-list-missing", PUSH, for_console_only, hide=GROUPS)
def _(stage: Stage) -> None:
    stage.web.record["IpPermissions"] = []


@story("eic-prefix-list-wrong-family", PUSH, for_console_only, hide=GROUPS)
def _(stage: Stage) -> None:
    stage.web.record["IpPermissions"] = []
    lists = stage.scene.place.records["ec2:DescribeManagedPrefixLists"]
    (v6,) = (each for each in lists if ".ipv6." in each["PrefixListName"])
    stage.web.ingress(tcp(22, v6["PrefixListId"]))


# --- bastion ----------------------------------------------------------------------------------------------


@story("bastion-none", BASTION, guarded, hide=())
def _(stage: Stage) -> None:
    reservations = stage.scene.place.records["ec2:DescribeInstances"]
    reservations[:] = [
        each for each in reservations if each["Instances"][0]["InstanceId"] != stage.bastion.id
    ]


@story("bastion-down", BASTION, guarded, hide="ec2:DescribeInstanceStatus", label="by its status checks")
def _(stage: Stage) -> None:
    stage.bastion.impaired()


@story("bastion-down", BASTION, guarded, hide=())
def _(stage: Stage) -> None:
    stage.bastion.record["State"] = {"Code": 80, "Name": "stopped"}


@story("bastion-sg-to-target", BASTION, guarded, hide=GROUPS)
def _(stage: Stage) -> None:
    stage.web.record["IpPermissions"] = []


@story("bastion-nacl-to-target", BASTION, guarded, hide="ec2:DescribeNetworkAcls")
def _(stage: Stage) -> None:
    stage.vpc.acl([entry(100, protocol="tcp", ports=443)], [entry(100)], [stage.subnet])


def bastion_next_door() -> Stage:
    """The bastion stands in a peered VPC."""
    stage = guarded()
    other = stage.scene.vpc("10.1.0.0/16")
    stage.subnet = other.subnet("10.1.1.0/24")
    peering = stage.scene.peering(stage.vpc, other)
    stage.private = other.main.route("10.0.0.0/16", peering)
    for table in stage.scene.place.records["ec2:DescribeRouteTables"]:
        if table["VpcId"] == stage.vpc.id:
            table["Routes"].append(
                {
                    "DestinationCidrBlock": "10.1.0.0/16",
                    "VpcPeeringConnectionId": peering.id,
                    "Origin": "CreateRoute",
                    "State": "active",
                }
            )
    group = other.group("web", ingress=[tcp(22, "10.0.0.0/16")])
    stage.instance = stage.subnet.instance(groups=[group], key="team")
    stage.target = stage.instance.id
    return stage


@story("bastion-route-to-target", BASTION, bastion_next_door, hide="ec2:DescribeRouteTables")
def _(stage: Stage) -> None:
    stage.private.drop("10.0.0.0/16")


@story("operator-address-unknown", DIRECT, public, hide=(), beside=True, becomes=UNKNOWN, options=Options())
def _(stage: Stage) -> None:
    """The rules admit some ranges, and nobody said where the operator is."""


def only_next_door() -> Stage:
    stage = next_door()
    stage.scene.place.records[ENDPOINTS].remove(stage.eice.record)
    return stage


PEERINGS = "ec2:DescribeVpcPeeringConnections"


@story("eice-none-in-vpc", TUNNEL, only_next_door, hide=PEERINGS, label="nor around")
def _(stage: Stage) -> None:
    stage.scene.place.records[ENDPOINTS].clear()


@story("eice-route-to-instance", TUNNEL, next_door, hide=(), beside=True, also=("eice-none-in-vpc",))
def _(stage: Stage) -> None:
    stage.scene.place.records[ENDPOINTS].remove(stage.eice.record)
    stage.private.drop("10.0.0.0/16")


@story(
    "eice-preserve-ip-cross-vpc", TUNNEL, next_door, hide=ENDPOINTS, beside=True, also=("eice-none-in-vpc",)
)
def _(stage: Stage) -> None:
    stage.scene.place.records[ENDPOINTS].remove(stage.eice.record)
    stage.scene.place.records[ENDPOINTS][0]["PreserveClientIp"] = True


def by_ipv6() -> Stage:
    """Both the endpoint and the instance know IPv6 beside IPv4."""
    stage = Stage()
    stage.vpc = stage.scene.vpc("10.0.0.0/16", ipv6="2001:db8:1::/56")
    stage.subnet = stage.vpc.subnet("10.0.1.0/24", ipv6="2001:db8:1:1::/64")
    stage.door = stage.vpc.group("tunnel", egress=[everything("0.0.0.0/0", "::/0")])
    stage.web = stage.vpc.group("web", ingress=[tcp(22, stage.door)])
    stage.eice = stage.subnet.instance_connect_endpoint(groups=[stage.door], ip_type="dualstack")
    (tunnel,) = stage.scene.place.records["ec2:DescribeNetworkInterfaces"]
    tunnel["Ipv6Addresses"] = [{"Ipv6Address": "2001:db8:1:1::e1ce", "IsPrimaryIpv6": False}]
    stage.instance = stage.subnet.instance(groups=[stage.web], key="team", ipv6=True)
    stage.target = stage.instance.id
    return stage


@story("eice-cli-uses-private-ipv4", TUNNEL, by_ipv6, hide=ENDPOINTS, becomes=READY)
def _(stage: Stage) -> None:
    for part in everywhere(stage):
        part.pop("PrivateIpAddress", None)
        part.pop("PrivateIpAddresses", None)
