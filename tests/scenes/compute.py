"""Instances and what Systems Manager, IAM and EC2 say beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tests.scenes.guards import Group
from tests.scenes.handle import Handle, identifier, tags
from tests.scenes.interfaces import Interface
from tests.scenes.network import Subnet
from tests.scenes.place import EARLIER, RECENTLY, Place, Record

_DETAILS = {
    "linux": ("Linux/UNIX", "RunInstances"),
    "windows": ("Windows", "RunInstances:0002"),
    "macos": ("Linux/UNIX", "RunInstances"),
}
_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
_XEN = frozenset(
    "c1 c3 c4 cc2 cr1 d2 f1 g2 g3 g3s h1 hs1 i2 i3 m1 m2 m3 m4 p2 p3 r3 r4 t1 t2 x1 x1e".split()  # noqa: SIM905
)
"""Families of instance types on Xen."""


class Instance(Handle):
    """An EC2 instance with its first interface (`.eni`) and further ones (`.interfaces`).

    `platform` is `linux`, `windows` or `macos`; `profile` a role, its name or None; `public_ip` an address
    of Amazon's, or an Elastic IP with `eip=True`. A stopped instance keeps only an Elastic IP; a terminated
    one shows no network at all.
    """

    def __init__(
        self,
        subnet: Subnet,
        groups: Iterable[Group] | None = None,
        *,
        name: str | None = None,
        state: str = "running",
        platform: str = "linux",
        type: str | None = None,
        image: str | None = None,
        profile: Any = None,
        key: str | None = None,
        ip: str | None = None,
        secondary: Sequence[str] = (),
        public_ip: str | None = None,
        eip: bool = False,
        ipv6: str | bool | None = None,
        source_dest_check: bool = True,
        metadata: Record | None = None,
        extra_tags: dict[str, str] | None = None,
        interfaces: Iterable[Interface] = (),
        id: str | None = None,
    ) -> None:
        place = subnet.place
        id = id or place.new_id("i")
        type = type or ("mac2.metal" if platform == "macos" else "t3.micro")
        details, operation = _DETAILS[platform]
        record: Record = {
            "Architecture": "arm64_mac" if platform == "macos" else "x86_64",
            "EnaSupport": True,
            "Hypervisor": "xen",
            "IamInstanceProfile": _profile(place, profile),
            "ImageId": image or f"ami-{sum(map(ord, platform)):017x}",
            "InstanceId": id,
            "InstanceType": type,
            "KeyName": key,
            "LaunchTime": EARLIER,
            "MetadataOptions": {
                "State": "applied",
                "HttpTokens": "required",
                "HttpPutResponseHopLimit": 2,
                "HttpEndpoint": "enabled",
                **(metadata or {}),
            },
            "Monitoring": {"State": "disabled"},
            "NetworkInterfaces": [],
            "Placement": {
                "AvailabilityZone": subnet.az,
                "Tenancy": "host" if platform == "macos" else "default",
            },
            "Platform": "windows" if platform == "windows" else None,
            "PlatformDetails": details,
            "SecurityGroups": [],
            "SourceDestCheck": source_dest_check,
            "State": {"Code": _CODES.get(state, 16), "Name": state},
            "SubnetId": subnet.id,
            "Tags": tags(name, extra_tags),
            "UsageOperation": operation,
            "VpcId": subnet.vpc.id,
        }
        super().__init__(place, id, {key: value for key, value in record.items() if value is not None})
        self.subnet = subnet
        self.platform = platform
        self.state = state
        self.interfaces: list[Interface] = []
        self._keep()
        if state in {"terminated", "shutting-down"}:
            for gone in ("SubnetId", "VpcId", "IamInstanceProfile", "SourceDestCheck"):
                self.record.pop(gone, None)
        else:
            self.eni = subnet.interface(
                groups,
                ip=ip,
                secondary=secondary,
                ipv6=ipv6,
                public_ip=public_ip if eip or state == "running" else None,
                eip=eip,
                source_dest_check=source_dest_check,
            )
            self.attach(self.eni, *interfaces)
            self._summarise()
        self._describe_beside()

    def attach(self, *interfaces: Interface) -> Instance:
        """Attach these interfaces as the next devices."""
        for interface in interfaces:
            position = len(self.interfaces)
            attachment = {
                "AttachTime": EARLIER,
                "AttachmentId": self.place.new_id("eni-attach"),
                "DeleteOnTermination": True,
                "DeviceIndex": position,
                "NetworkCardIndex": 0,
                "Status": "attached",
            }
            self.interfaces.append(interface)
            interface.record |= {
                "Status": "in-use",
                "Attachment": attachment | {"InstanceId": self.id, "InstanceOwnerId": self.place.account},
            }
            self.record["NetworkInterfaces"].append(_shown_with_instance(interface.record, attachment))
            for address in self.place.records["ec2:DescribeAddresses"]:
                if address.get("NetworkInterfaceId") == interface.id:
                    address["InstanceId"] = self.id
        return self

    def _summarise(self) -> None:
        first = self.interfaces[0].record
        self.record |= {
            "SecurityGroups": list(first["Groups"]),
            "PrivateIpAddress": first["PrivateIpAddress"],
            "PrivateDnsName": f"ip-{first['PrivateIpAddress'].replace('.', '-')}.ec2.internal",
        }
        if "Association" in first:
            self.record["PublicIpAddress"] = first["Association"]["PublicIp"]
            self.record["PublicDnsName"] = first["Association"]["PublicDnsName"]
        if first["Ipv6Addresses"]:
            self.record["Ipv6Address"] = first["Ipv6Addresses"][0]["Ipv6Address"]

    def _keep(self) -> None:
        reservation = {
            "ReservationId": self.place.new_id("r"),
            "OwnerId": self.place.account,
            "Groups": [],
            "Instances": [self.record],
        }
        self.place.add("ec2:DescribeInstances", reservation)

    def _describe_beside(self) -> None:
        place, record = self.place, self.record
        if self.state == "running":
            place.add("ec2:DescribeInstanceStatus", _status(record))
        if "IamInstanceProfile" in record:
            association = {
                "AssociationId": place.new_id("iip-assoc"),
                "InstanceId": self.id,
                "IamInstanceProfile": record["IamInstanceProfile"],
                "State": "associated",
            }
            place.add("ec2:DescribeIamInstanceProfileAssociations", association)
        _once(place, "ec2:DescribeInstanceTypes", "InstanceType", _instance_type(record["InstanceType"]))
        _once(place, "ec2:DescribeImages", "ImageId", _image(record, self.platform))
        if "KeyName" in record:
            pair = {
                "KeyPairId": place.new_id("key"),
                "KeyName": record["KeyName"],
                "KeyType": "ed25519",
                "Tags": [],
            }
            _once(place, "ec2:DescribeKeyPairs", "KeyName", pair)

    def impaired(self, system: str = "ok", instance: str = "impaired") -> Instance:
        """Let the status checks fail."""
        for status in self.place.records["ec2:DescribeInstanceStatus"]:
            if status["InstanceId"] == self.id:
                status["SystemStatus"]["Status"] = system
                status["InstanceStatus"]["Status"] = instance
        return self


_SHOWN_WITH_INSTANCE = {
    "Association",
    "Attachment",
    "Description",
    "Groups",
    "Ipv6Addresses",
    "MacAddress",
    "NetworkInterfaceId",
    "OwnerId",
    "PrivateDnsName",
    "PrivateIpAddress",
    "PrivateIpAddresses",
    "SourceDestCheck",
    "Status",
    "SubnetId",
    "VpcId",
    "InterfaceType",
}


def _shown_with_instance(interface: Record, attachment: Record) -> Record:
    """The interface as `DescribeInstances` shows it: shorter, and without the ids of an Elastic IP."""
    shown = {key: value for key, value in interface.items() if key in _SHOWN_WITH_INSTANCE}
    if "Association" in shown:
        shown["Association"] = _without_ids(shown["Association"])
    shown["PrivateIpAddresses"] = [
        each | ({"Association": _without_ids(each["Association"])} if "Association" in each else {})
        for each in interface["PrivateIpAddresses"]
    ]
    return shown | {"Attachment": attachment}


def _without_ids(association: Record) -> Record:
    return {key: value for key, value in association.items() if key not in {"AllocationId", "AssociationId"}}


def _profile(place: Place, profile: Any) -> Record | None:
    if profile is None:
        return None
    name = str(getattr(profile, "name", profile))
    partition = place.arn("iam", "x").split(":")[1]
    arn = name if name.startswith("arn:") else f"arn:{partition}:iam::{place.account}:instance-profile/{name}"
    made = place.world.place(place.account, "global").records["iam:GetInstanceProfile"]
    ids = {each["InstanceProfile"]["Arn"]: each["InstanceProfile"]["InstanceProfileId"] for each in made}
    return {"Arn": arn, "Id": ids.get(arn, "AIPA0000000000000001")}


def _status(record: Record) -> Record:
    def passed() -> Record:
        return {"Details": [{"Name": "reachability", "Status": "passed"}], "Status": "ok"}

    return {
        "AvailabilityZone": record["Placement"]["AvailabilityZone"],
        "InstanceId": record["InstanceId"],
        "InstanceState": record["State"],
        "InstanceStatus": passed(),
        "SystemStatus": passed(),
        "AttachedEbsStatus": passed(),
    }


def _instance_type(name: str) -> Record:
    bare_metal = name.rsplit(".", maxsplit=1)[-1].startswith("metal")
    record: Record = {"InstanceType": name, "BareMetal": bare_metal, "CurrentGeneration": True}
    if not bare_metal:
        record["Hypervisor"] = "xen" if name.partition(".")[0] in _XEN else "nitro"
    return record


_IMAGES = {
    "linux": "al2023-ami-2023.9.20261101.0-kernel-6.12-x86_64",
    "windows": "Windows_Server-2025-English-Full-Base-2026.11.11",
    "macos": "amzn-ec2-macos-15.1-20261101-000000-arm64",
}


def _image(record: Record, platform: str) -> Record:
    image = {
        "ImageId": record["ImageId"],
        "Name": _IMAGES[platform],
        "OwnerId": "137112412989",
        "ImageOwnerAlias": "amazon",
        "PlatformDetails": record["PlatformDetails"],
        "CreationDate": "2026-11-01T00:00:00.000Z",
        "Public": True,
        "State": "available",
    }
    return image | ({"Platform": "windows"} if platform == "windows" else {})


def _once(place: Place, operation: str, key: str, record: Record) -> None:
    if all(each[key] != record[key] for each in place.records[operation]):
        place.add(operation, record)


def managed_node(
    place: Place,
    instance: Any,
    ping: str = "Online",
    agent: str = "3.3.987.0",
    last_ping: str | float = RECENTLY,
    *,
    latest: bool = True,
    role: str | None = None,
    **members: Any,
) -> Handle:
    """A managed node: an instance of the scene, or an id such as `mi-…` for a hybrid one.

    `members` are further or other members of the raw record (`PlatformType="Windows"`).
    """
    id = str(identifier(instance))
    hybrid = id.startswith("mi-")
    shown = getattr(instance, "record", {})
    host = f"onprem-{id[-3:]}.example.com" if hybrid else shown.get("PrivateDnsName", f"ip-{id}.ec2.internal")
    platform = getattr(instance, "platform", "linux")
    record: Record = {
        "InstanceId": id,
        "PingStatus": ping,
        "LastPingDateTime": last_ping,
        "AgentVersion": agent,
        "IsLatestVersion": latest,
        "PlatformType": {"linux": "Linux", "windows": "Windows", "macos": "MacOS"}[platform],
        "PlatformName": {
            "linux": "Amazon Linux",
            "windows": "Microsoft Windows Server 2025 Datacenter",
            "macos": "macOS",
        }[platform],
        "PlatformVersion": {"linux": "2023", "windows": "10.0.26100", "macos": "15.1"}[platform],
        "ResourceType": "ManagedInstance" if hybrid else "EC2Instance",
        "IPAddress": "192.0.2.10" if hybrid else shown.get("PrivateIpAddress", ""),
        "ComputerName": host,
        "SourceId": id,
        "SourceType": "AWS::SSM::ManagedInstance" if hybrid else "AWS::EC2::Instance",
    }
    if hybrid:
        activation = {"ActivationId": "00000000-0000-0000-0000-000000000001", "RegistrationDate": EARLIER}
        record |= {
            "Name": "onprem-1",
            "IamRole": role or "service-role/AmazonEC2RunCommandRoleForManagedInstances",
        }
        record |= activation
    record |= members
    return Handle(place, id, place.add("ssm:DescribeInstanceInformation", record))
