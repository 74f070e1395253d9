"""What a connection to a target is for, and which TCP port that takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from advisor.methods.answer import PASS, Answer, Finding, blocked, unknown
from advisor.methods.case import Case
from advisor.methods.checks import anything, check
from advisor.methods.options import Use
from advisor.model.evidence import SELF, Evidence, Missing


def use_of(case: Case) -> Use:
    """The use that was asked for, else the platform's usual one."""
    if case.options.use is not None:
        return case.options.use
    return Use.RDP if case.target.platform == "windows" else Use.SSH


def port_of(case: Case) -> int:
    """The target's port that the use needs: 3389 for desktops, else 22 (or the one that was asked for)."""
    use = use_of(case)
    if use is Use.RDP:
        return 3389
    if use is Use.PORT_FORWARD and not case.options.remote_host:
        return case.options.remote_port or (3389 if case.target.platform == "windows" else 22)
    return 22


def platform(case: Case) -> str:
    """The key of checks that read the platform only."""
    return case.target.platform


_OVER_SSH: Final = frozenset({Use.SSH, Use.SCP})


@check("platform.offers-use", by=platform)
def offers_use(case: Case, own_shell: bool = False) -> Answer:
    """The platform offers what was asked for; `own_shell` if the method needs no SSH server for a shell."""
    wanted = case.options.use
    by_ssh = wanted in _OVER_SSH or (wanted is Use.SHELL and not own_shell)
    if case.target.platform == "windows" and by_ssh:
        says = "Windows answers SSH only where a server for it was set up; whether one was is not visible"
        return unknown(Missing("ec2:DescribeInstances", "undecidable", None, SELF, says))
    if wanted is not Use.RDP or case.target.platform == "windows":
        return PASS
    if case.target.platform == "unknown":
        return unknown(Missing("ec2:DescribeInstances", "absent", None, SELF, "the platform is not known"))
    return blocked(
        Finding(
            "platform-unsupported",
            SELF,
            f"Remote Desktop was asked for, but the platform is {case.target.platform}.",
            evidence=(Evidence("ec2:DescribeInstances", SELF, f"the platform is {case.target.platform}"),),
        )
    )


@check("method.offers-use", by=anything)
def method_offers(case: Case, uses: Sequence[str]) -> Answer:
    """The method carries what was asked for; `uses` are those that it offers."""
    use = case.options.use
    if use is None or use.value in uses:
        return PASS
    says = f"{use.value} was asked for, and the method offers only {', '.join(uses)}."
    return blocked(Finding("use-not-offered", SELF, says))


def kind(case: Case) -> str:
    """The key of checks that ask only whether the target is an EC2 instance."""
    return case.target.kind


@check("platform.ec2-only", by=kind)
def ec2_only(case: Case) -> Answer:
    """The target is an EC2 instance; the method does not exist for nodes elsewhere."""
    if not case.is_hybrid:
        return PASS
    return blocked(
        Finding(
            "hybrid-not-applicable",
            SELF,
            "The node is not an EC2 instance; this method exists for EC2 instances only.",
            evidence=(
                Evidence(
                    "ssm:DescribeInstanceInformation",
                    SELF,
                    "ResourceType is ManagedInstance",
                    "InstanceInformationList[].ResourceType",
                ),
            ),
        )
    )
