"""What an image is known to bring along: agent, EC2 Instance Connect, the user's name.

Only names of images that AWS and the distributions publish say something; a custom image may hold anything.
Sources: EC2 User Guide, "Set up EC2 Instance Connect" and "Default user names"; Systems Manager User Guide,
"Find AMIs with the SSM Agent preinstalled".
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from advisor.methods.case import Case
from advisor.model.records.ec2 import Image


class Brings(msgspec.Struct, frozen=True):
    """What images of a kind hold; None where it is not known."""

    system: str
    user: str
    agent: bool | None
    instance_connect: bool | None


_AMAZON: Final = frozenset({"amazon", "137112412989", "591542846629", "801119661308", "628277914472"})
_KINDS: Final[tuple[tuple[str, Brings], ...]] = (
    (r"al2023-ami-minimal", Brings("Amazon Linux 2023 minimal", "ec2-user", False, False)),
    (r"al2023-ami-ecs", Brings("Amazon Linux 2023 for ECS", "ec2-user", True, False)),
    (r"al2023-ami", Brings("Amazon Linux 2023", "ec2-user", True, True)),
    (r"amzn2-ami-minimal", Brings("Amazon Linux 2 minimal", "ec2-user", False, None)),
    (r"amzn2-ami-ecs", Brings("Amazon Linux 2 for ECS", "ec2-user", None, None)),
    (r"amzn2-ami", Brings("Amazon Linux 2", "ec2-user", True, True)),
    (r"amzn-ami", Brings("Amazon Linux 1", "ec2-user", None, False)),
    (r"amzn-ec2-macos", Brings("macOS", "ec2-user", True, None)),
    (r"windows_server", Brings("Windows Server", "Administrator", True, False)),
    (r"ubuntu/images/.*-2[0-9]\.(04|10)-", Brings("Ubuntu", "ubuntu", True, True)),
    (r"ubuntu/images/", Brings("Ubuntu", "ubuntu", True, False)),
    (r"rhel[-_]", Brings("Red Hat Enterprise Linux", "ec2-user", False, False)),
    (r"suse-", Brings("SUSE Linux", "ec2-user", True, None)),
    (r"debian-", Brings("Debian", "admin", False, False)),
    (r"centos", Brings("CentOS", "centos", False, False)),
    (r"rocky", Brings("Rocky Linux", "rocky", False, False)),
    (r"almalinux", Brings("AlmaLinux", "ec2-user", False, False)),
    (r"fedora", Brings("Fedora", "fedora", False, False)),
    (r"freebsd", Brings("FreeBSD", "ec2-user", False, False)),
    (r"bottlerocket", Brings("Bottlerocket", "ec2-user", True, False)),
)
_PUBLISHERS: Final = frozenset(
    {
        "amazon",
        "aws-marketplace",
        "137112412989",  # Amazon Linux
        "099720109477",  # Canonical
        "309956199498",  # Red Hat
        "136693071363",  # Debian
        "792107900819",  # Rocky Linux
        "764336703387",  # AlmaLinux
        "125523088429",  # CentOS, Fedora
    }
)
_OF_PARAMETER: Final = "resolve:ssm:/aws/service/ami-amazon-linux-latest/"
_SURE_SINCE: Final = {"Amazon Linux 2": "2.0.20190618"}


def image_of(case: Case) -> Image | None:
    """The record of the target's image, if it was read."""
    if case.instance is None or not case.instance.image_id:
        return None
    identity = case.instance.image_id
    if identity.startswith(_OF_PARAMETER):
        # A machine that a plan makes: AWS's public parameter names the newest image of its own.
        return Image(image_id=identity, name=identity.removeprefix(_OF_PARAMETER), image_owner_alias="amazon")
    return case.scope.images.get(identity)


def brings(image: Image) -> Brings | None:
    """What an image holds by its name, None for images of one's own and names that are not known.

    A private image may carry a publisher's name; only the publisher's own images count.
    """
    if (image.image_owner_alias or "") not in _PUBLISHERS and (image.owner_id or "") not in _PUBLISHERS:
        return None
    name = (image.name or "").lower()
    for pattern, kind in _KINDS:
        if re.search(pattern, name):
            return _with_age(kind, name)
    return None


def _with_age(kind: Brings, name: str) -> Brings:
    since = _SURE_SINCE.get(kind.system)
    if since is None:
        return kind
    version = re.search(r"2\.0\.\d{8}", name)
    if version is not None and version.group() >= since:
        return kind
    return msgspec.structs.replace(kind, instance_connect=None if version is None else False)


def user_of(image: Image | None, platform: str) -> str:
    """The name that people log in with, as the image or else the platform makes likely."""
    known = brings(image) if image is not None else None
    if known is not None:
        return known.user
    return "Administrator" if platform == "windows" else "ec2-user"
