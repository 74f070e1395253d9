"""Small healthy accounts, each ready by one method: the stages on which a story breaks one thing."""

from __future__ import annotations

from typing import Any

from advisor.methods.assess import assess
from advisor.methods.assessment import MethodAssessment, MethodId, TargetAssessment
from advisor.methods.options import ANYBODY, Options
from advisor.rulebook import RuleBook, load
from tests.scenes.builder import (
    CORE,
    Group,
    Handle,
    Instance,
    Role,
    Scene,
    Subnet,
    Table,
    TransitGateway,
    Vpc,
    allow,
    tcp,
)

BOOK: RuleBook = load()
OPERATOR = "203.0.113.7/32"
CALLER = "arn:aws:sts::111122223333:assumed-role/Ops/alice"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ARN = f"arn:aws:kms:us-east-1:111122223333:key/{KEY}"


class Stage:
    """A scene with its target; the handles that stories reach for are attributes."""

    scene: Scene
    vpc: Vpc
    subnet: Subnet
    far: Subnet
    web: Group
    door: Group
    endpoints: dict[str, Handle]
    role: Role
    instance: Instance
    nat: Handle
    igw: Handle
    private: Table
    eice: Handle
    gateway: TransitGateway
    bastion: Instance
    bastion_group: Group
    target: str

    def __init__(self, scene: Scene | None = None) -> None:
        self.scene = scene or Scene()
        self.options = ANYBODY

    # --- what happens to it ------------------------------------------------------------------------------

    def silence(self) -> None:
        """Systems Manager does not list the target any more."""
        records = self.scene.place.records["ssm:DescribeInstanceInformation"]
        records[:] = [each for each in records if each["InstanceId"] != self.target]

    def lose(self) -> None:
        """The target's agent stopped pinging."""
        self.node["PingStatus"] = "ConnectionLost"

    def hide(self, *operations: str) -> None:
        """AWS refuses these calls, or (`operation#resource`) the call for one resource."""
        for each in operations:
            operation, _, resource = each.partition("#")
            if operation == "ec2:DescribeInstances" and not self._is_registered:
                self.scene.node(self.instance)  # else nobody would know that there is a target at all
            self.scene.deny(operation, resource=resource or None)

    @property
    def _is_registered(self) -> bool:
        records = self.scene.place.records["ssm:DescribeInstanceInformation"]
        return any(each["InstanceId"] == self.target for each in records)

    @property
    def node(self) -> dict[str, Any]:
        """The target's raw record in Systems Manager."""
        for record in self.scene.place.records["ssm:DescribeInstanceInformation"]:
            if record["InstanceId"] == self.target:
                return record
        raise AssertionError("the target is not registered")

    def home(self, operation: str) -> list[dict[str, Any]]:
        """The raw records of a global operation."""
        return self.scene.world.place(self.scene.account, "global").records[operation]

    # --- what is said of it --------------------------------------------------------------------------------

    def assessed(self, options: Options | None = None) -> TargetAssessment:
        """The target's assessment."""
        found = assess(self.scene.estate(), BOOK, options or self.options, only={self.target})
        (target,) = found.targets
        return target

    def method(self, method: MethodId, options: Options | None = None) -> MethodAssessment:
        """The target's assessment by one method."""
        return self.assessed(options).method(method)


def isolated(region: str = "us-east-1", **instance: Any) -> Stage:
    """A subnet without any way out; interface endpoints in another subnet; role, agent and ping are fine."""
    stage = Stage(Scene(region=region))
    scene = stage.scene
    stage.vpc = scene.vpc("10.0.0.0/16")
    stage.subnet = stage.vpc.subnet("10.0.1.0/24")
    stage.far = stage.vpc.subnet("10.0.2.0/24")
    stage.web = stage.vpc.group("web")
    stage.door = stage.vpc.group("endpoints", ingress=[tcp(443, "10.0.0.0/16")])
    stage.endpoints = {
        service: stage.vpc.endpoint(service, subnets=[stage.far], groups=[stage.door])
        for service in ("ssm", "ssmmessages")
    }
    stage.role = scene.role("node", [CORE])
    options = {"groups": [stage.web], "profile": stage.role, "key": "team"} | instance
    stage.instance = stage.subnet.instance(**options)
    stage.target = stage.instance.id
    scene.node(stage.instance)
    return stage


def by_nat(**instance: Any) -> Stage:
    """A private subnet that leaves by a NAT gateway in a public one."""
    stage = Stage()
    scene = stage.scene
    stage.vpc = scene.vpc("10.0.0.0/16")
    stage.igw = stage.vpc.igw()
    stage.far = stage.vpc.subnet("10.0.2.0/24")
    stage.vpc.main.route("0.0.0.0/0", stage.igw)
    stage.nat = stage.far.nat()
    stage.subnet = stage.vpc.subnet("10.0.1.0/24")
    stage.private = stage.vpc.table([("0.0.0.0/0", stage.nat)], [stage.subnet])
    stage.web = stage.vpc.group("web")
    stage.role = scene.role("node", [CORE])
    options = {"groups": [stage.web], "profile": stage.role, "key": "team"} | instance
    stage.instance = stage.subnet.instance(**options)
    stage.target = stage.instance.id
    scene.node(stage.instance)
    return stage


def public(port: int = 22, **instance: Any) -> Stage:
    """An instance with an Elastic IP address behind an internet gateway; the operator is admitted."""
    stage = Stage()
    scene = stage.scene
    services = scene.service_list("ec2-instance-connect")
    scene.prefix_list(
        "2001:db8:100::/56", name="com.amazonaws.us-east-1.ipv6.ec2-instance-connect", owner="AWS"
    )
    stage.vpc = scene.vpc("10.0.0.0/16")
    stage.igw = stage.vpc.igw()
    stage.vpc.main.route("0.0.0.0/0", stage.igw)
    stage.subnet = stage.vpc.subnet("10.0.1.0/24")
    stage.web = stage.vpc.group("web", ingress=[tcp(port, "203.0.113.0/24"), tcp(port, services)])
    options = {"groups": [stage.web], "public_ip": "198.51.100.20", "eip": True, "key": "team"} | instance
    stage.instance = stage.subnet.instance(**options)
    stage.target = stage.instance.id
    stage.options = Options(operator=OPERATOR)
    return stage


def on_ipv6(**instance: Any) -> Stage:
    """An instance with an IPv6 address in a public subnet; one range of each version is admitted."""
    stage = Stage()
    stage.vpc = stage.scene.vpc("10.0.0.0/16", ipv6="2600:1f18:1:2200::/56")
    stage.igw = stage.vpc.igw()
    stage.vpc.main.route("0.0.0.0/0", stage.igw)
    stage.vpc.main.route("::/0", stage.igw)
    stage.subnet = stage.vpc.subnet("10.0.1.0/24", ipv6="2600:1f18:1:2201::/64")
    stage.web = stage.vpc.group("web", ingress=[tcp(22, "203.0.113.0/24", "2a01::/16")])
    options = {"groups": [stage.web], "ipv6": "2600:1f18:1:2201::10", "key": "team"} | instance
    stage.instance = stage.subnet.instance(**options)
    stage.target = stage.instance.id
    return stage


def tunnelled(port: int = 22, preserve: bool = False, **instance: Any) -> Stage:
    """An isolated instance, with an EC2 Instance Connect Endpoint in another subnet of its VPC."""
    stage = Stage()
    scene = stage.scene
    stage.vpc = scene.vpc("10.0.0.0/16")
    stage.subnet = stage.vpc.subnet("10.0.1.0/24")
    stage.far = stage.vpc.subnet("10.0.2.0/24")
    stage.door = stage.vpc.group("tunnel", egress=[tcp(port, "10.0.0.0/16")])
    stage.web = stage.vpc.group("web", ingress=[tcp(port, stage.door)])
    stage.eice = stage.far.instance_connect_endpoint(groups=[stage.door], preserve_client_ip=preserve)
    options = {"groups": [stage.web], "key": "team"} | instance
    stage.instance = stage.subnet.instance(**options)
    stage.target = stage.instance.id
    return stage


def guarded(**instance: Any) -> Stage:
    """A private instance and a bastion in a public subnet that the operator reaches."""
    stage = Stage()
    scene = stage.scene
    stage.vpc = scene.vpc("10.0.0.0/16")
    stage.igw = stage.vpc.igw()
    stage.far = stage.vpc.subnet("10.0.2.0/24")
    stage.vpc.table([("0.0.0.0/0", stage.igw)], [stage.far])
    stage.subnet = stage.vpc.subnet("10.0.1.0/24")
    stage.bastion_group = stage.vpc.group("bastion", ingress=[tcp(22, "203.0.113.0/24")])
    stage.web = stage.vpc.group("web", ingress=[tcp(22, stage.bastion_group)])
    stage.bastion = stage.far.instance(
        groups=[stage.bastion_group], name="bastion", public_ip="198.51.100.9", eip=True, key="team"
    )
    options = {"groups": [stage.web], "key": "team"} | instance
    stage.instance = stage.subnet.instance(**options)
    stage.target = stage.instance.id
    stage.options = Options(operator=OPERATOR)
    return stage


def hide_address(stage: Stage) -> None:
    """The bastion has no public address of its own."""
    record = stage.bastion.record
    for part in (record, record["NetworkInterfaces"][0], stage.bastion.eni.record):
        part.pop("PublicIpAddress", None)
        part.pop("Association", None)
        for address in part.get("PrivateIpAddresses", []):
            address.pop("Association", None)


def at_console(**instance: Any) -> Stage:
    """An instance on Nitro in an account that may use the serial console."""
    stage = Stage()
    stage.scene.serial_console(True)
    stage.vpc = stage.scene.vpc("10.0.0.0/16")
    stage.subnet = stage.vpc.subnet("10.0.1.0/24")
    stage.instance = stage.subnet.instance(**({"key": "team"} | instance))
    stage.target = stage.instance.id
    return stage


TIER = "/ssm/managed-instance/activation-tier"
HYBRID = "mi-0123456789abcdef0"


def on_premises() -> Stage:
    """A hybrid node with its service role, in the advanced tier."""
    stage = Stage()
    scene = stage.scene
    scene.setting(TIER, "advanced")
    stage.role = scene.role("HybridNodes", [CORE], trust="ssm.amazonaws.com", profile=False)
    scene.node(HYBRID, role="HybridNodes")
    scene.add(
        "ssm:DescribeActivations",
        ActivationId="00000000-0000-0000-0000-000000000001",
        IamRole="HybridNodes",
        RegistrationLimit=10,
        RegistrationsCount=3,
        ExpirationDate="2026-12-20T00:00:00Z",
        Expired=False,
    )
    stage.target = HYBRID
    return stage


def managed_by_default(**instance: Any) -> Stage:
    """An instance without a profile, under default host management."""
    stage = isolated(**({"profile": None} | instance))
    stage.scene.role(
        "HostManagement",
        ["AmazonSSMManagedEC2InstanceDefaultPolicy"],
        trust="ssm.amazonaws.com",
        profile=False,
        path="/service-role/",
    )
    stage.scene.default_host_management("service-role/HostManagement")
    return stage


def encrypting(**preferences: Any) -> Stage:
    """Sessions are encrypted with a key that the node may use and reaches."""
    stage = isolated()
    scene = stage.scene
    stage.endpoints["kms"] = stage.vpc.endpoint("kms", subnets=[stage.far], groups=[stage.door])
    stage.home("iam:GetRolePolicy").append(
        {
            "RoleName": "node",
            "PolicyName": "key",
            "PolicyDocument": allow("kms:Decrypt", resource=KEY_ARN),
        }
    )
    stage.home("iam:ListRolePolicies")[0]["PolicyNames"] = ["key"]
    scene.add(
        "kms:DescribeKey",
        KeyMetadata={"KeyId": KEY, "Arn": KEY_ARN, "KeyState": "Enabled", "Enabled": True},
    )
    scene.add("kms:GetKeyPolicy", KeyId=KEY, Policy=KEY_POLICY)
    scene.preferences({"kmsKeyId": KEY} | preferences)
    return stage


KEY_POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": '
    '{"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]}'
)


def logging(**preferences: Any) -> Stage:
    """Sessions are streamed to an encrypted log group that the node may write and reaches."""
    stage = isolated()
    scene = stage.scene
    stage.endpoints["logs"] = stage.vpc.endpoint("logs", subnets=[stage.far], groups=[stage.door])
    stage.home("iam:GetRolePolicy").append(
        {"RoleName": "node", "PolicyName": "logs", "PolicyDocument": allow("logs:*")}
    )
    stage.home("iam:ListRolePolicies")[0]["PolicyNames"] = ["logs"]
    scene.add("logs:DescribeLogGroups", logGroupName="/ssm/sessions", kmsKeyId=KEY_ARN)
    wanted = {
        "cloudWatchLogGroupName": "/ssm/sessions",
        "cloudWatchEncryptionEnabled": True,
        "cloudWatchStreamingEnabled": True,
    }
    scene.preferences(wanted | preferences)
    return stage


def keeping_in_bucket(**preferences: Any) -> Stage:
    """Sessions are kept in an encrypted bucket that the node may write and reaches."""
    stage = isolated()
    scene = stage.scene
    stage.endpoints["s3"] = stage.vpc.endpoint("s3", subnets=[stage.far], groups=[stage.door])
    stage.home("iam:GetRolePolicy").append(
        {"RoleName": "node", "PolicyName": "bucket", "PolicyDocument": allow("s3:*")}
    )
    stage.home("iam:ListRolePolicies")[0]["PolicyNames"] = ["bucket"]
    scene.add("s3:HeadBucket", Bucket="session-logs", BucketRegion="us-east-1")
    rules = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    scene.add(
        "s3:GetBucketEncryption",
        Bucket="session-logs",
        ServerSideEncryptionConfiguration={"Rules": rules},
    )
    scene.preferences({"s3BucketName": "session-logs", "s3EncryptionEnabled": True} | preferences)
    return stage


def asked_by(policy: dict[str, Any], stage: Stage, **options: Any) -> Stage:
    """The stage, with a caller whose role holds this policy."""
    stage.scene.role("Ops", inline={"own": policy}, profile=False, trust=PEOPLE)
    stage.options = Options(caller=CALLER, operator=stage.options.operator, **options)
    return stage


PEOPLE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": "sts:AssumeRole",
        }
    ],
}
