"""What makes the demo account look like one that grew: images, names, launch times."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from advisor.model.times import spell_instant
from tests.scenes.builder import Scene
from tests.scenes.place import Place


class Image(NamedTuple):
    """An AMI, and what Systems Manager calls its system."""

    id: str
    name: str
    owner: str
    alias: str | None
    platform: str
    version: str


_AL2023 = Image(
    "ami-0c7d41a5f93be8062", "al2023-ami-2023.9.20261104.0-kernel-6.12-x86_64", "137112412989", "amazon",
    "Amazon Linux", "2023",
)  # fmt: skip
_UBUNTU = Image(
    "ami-0b6d8f3a1c5e7924d", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20261104",
    "099720109477", None, "Ubuntu", "24.04",
)  # fmt: skip
_DEEP_LEARNING = Image(
    "ami-07e2b9d4c6a1f3850", "Deep Learning Base OSS Nvidia Driver GPU AMI (Ubuntu 22.04) 20261029",
    "898082745236", "amazon", "Ubuntu", "22.04",
)  # fmt: skip
_WINDOWS = Image(
    "ami-0d5c3b8e7f2a69104", "Windows_Server-2025-English-Full-Base-2026.11.11", "801119661308", "amazon",
    "Microsoft Windows Server 2025 Datacenter", "10.0.26100",
)  # fmt: skip
_WINDOWS_JA = Image(
    "ami-03f9e6a2d81b7c450", "Windows_Server-2022-Japanese-Full-Base-2026.11.11", "801119661308", "amazon",
    "Microsoft Windows Server 2022 Datacenter", "10.0.20348",
)  # fmt: skip
_MACOS = Image(
    "ami-0a8b7c6d5e4f32109", "amzn-ec2-macos-15.7-20261020-234112-arm64", "100343932686", "amazon",
    "macOS", "15.7",
)  # fmt: skip
_GONE = "ami-1ecae776"
"""An AMI of 2015 that nobody can see any more."""
_SERVERS = {"orders": _UBUNTU, "データ分析": _DEEP_LEARNING}


def vary(*scenes: Scene) -> None:
    """Give the machines of these Regions their images, host names and times."""
    for scene in scenes:
        place = scene.place
        place.records["ec2:DescribeImages"].clear()
        vpcs = {each["VpcId"]: _name(each) for each in place.records["ec2:DescribeVpcs"]}
        machines = {
            each["InstanceId"]: each
            for reservation in place.records["ec2:DescribeInstances"]
            for each in reservation["Instances"]
        }
        images = {id: _image(each, vpcs[each["VpcId"]]) for id, each in machines.items()}
        for id, machine in machines.items():
            image = images[id]
            machine["ImageId"] = image.id if image else _GONE
            machine["LaunchTime"] = _launched(id, old=image is None)
            if image:
                _show(place, image)
        for node in place.records["ssm:DescribeInstanceInformation"]:
            if node["InstanceId"] in machines:
                _describe(node, machines[node["InstanceId"]], images[node["InstanceId"]])


def _image(machine: dict[str, Any], vpc: str) -> Image | None:
    if _name(machine) == "legacy-ftp-1":
        return None
    if machine["InstanceType"].startswith("mac"):
        return _MACOS
    if machine.get("Platform") == "windows":
        return _WINDOWS if vpc in ("edge", "orders") else _WINDOWS_JA
    return _SERVERS.get(vpc, _AL2023)


def _show(place: Place, image: Image) -> None:
    images = place.records["ec2:DescribeImages"]
    if any(each["ImageId"] == image.id for each in images):
        return
    windows = image.platform.startswith("Microsoft")
    record = {
        "ImageId": image.id,
        "Name": image.name,
        "OwnerId": image.owner,
        "ImageOwnerAlias": image.alias,
        "PlatformDetails": "Windows" if windows else "Linux/UNIX",
        "Platform": "windows" if windows else None,
        "CreationDate": "2026-11-05T02:10:44.000Z",
        "Public": True,
        "State": "available",
    }
    images.append({key: value for key, value in record.items() if value is not None})


def _describe(node: dict[str, Any], machine: dict[str, Any], image: Image | None) -> None:
    address = machine["PrivateIpAddress"].replace(".", "-")
    node |= {"ComputerName": f"ip-{address}.ec2.internal", "RegistrationDate": machine["LaunchTime"]}
    if image:
        node |= {"PlatformName": image.platform, "PlatformVersion": image.version}


def _launched(id: str, *, old: bool) -> str:
    number = int(hashlib.sha256(id.encode()).hexdigest()[:8], 16)
    latest = datetime(2016, 3, 1, tzinfo=UTC) if old else datetime(2026, 11, 18, tzinfo=UTC)
    return spell_instant(latest - timedelta(minutes=number % (200 * 24 * 60)))


def _name(record: dict[str, Any]) -> str:
    return next((tag["Value"] for tag in record.get("Tags", []) if tag["Key"] == "Name"), "")
