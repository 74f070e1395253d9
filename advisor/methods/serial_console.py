"""EC2 serial console: the account's switch, the instance type, the place."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Final

from advisor.methods.answer import PASS, Answer, Finding, blocked, noted, passes, unknown
from advisor.methods.case import Case
from advisor.methods.checks import check, unread
from advisor.methods.node import agent_version
from advisor.methods.uses import kind
from advisor.methods.versions import SERIAL_CONSOLE, parse_version, spell_version
from advisor.model.evidence import SELF, Evidence, Missing

_WITHOUT: Final = re.compile(r"^(a1|mac1|mac2|g5g|u-(6|9|12|18|24)tb1)\.")
"""Bare metal without a serial console (EC2 User Guide, "Prerequisites for the EC2 Serial Console")."""
_NOT_LISTED: Final = re.compile(r"^mac(?![12]\.)")
"""Macs later than that list."""


@check("serial.enabled", by=kind)
def enabled(case: Case) -> Answer:
    """The account may use the serial console in this Region."""
    if case.is_hybrid:
        return PASS  # the account's switch is for EC2 instances
    access = case.scope.serial_console_access.only()
    if isinstance(access, Missing):
        return unknown(access)
    managed = f", managed by {access.managed_by}" if access.managed_by else ""
    seen = Evidence(
        "ec2:GetSerialConsoleAccessStatus",
        case.scope.region,
        f"SerialConsoleAccessEnabled is {str(bool(access.serial_console_access_enabled)).lower()}{managed}",
        "SerialConsoleAccessEnabled",
    )
    if access.serial_console_access_enabled is None:
        return unknown(
            Missing("ec2:GetSerialConsoleAccessStatus", "absent", None, None, "the answer does not say")
        )
    if access.serial_console_access_enabled:
        return passes(seen)
    by_organisation = access.managed_by == "declarative-policy"
    return blocked(
        Finding(
            "serial-account-disabled",
            case.scope.account,
            f"The serial console is off in {case.scope.region}"
            + (", by a declarative policy of the organisation." if by_organisation else "."),
            evidence=(seen,),
        )
    )


def machine(case: Case) -> Hashable:
    """The key of checks that read the instance type and place."""
    instance = case.instance
    if instance is None:
        return None
    zone = instance.placement.availability_zone if instance.placement else None
    return instance.instance_type, instance.outpost_arn is not None, zone


@check("serial.type", by=machine)
def instance_type(case: Case) -> Answer:
    """The instance type is built on the Nitro system.

    `Hypervisor` of DescribeInstances says `xen` for both; only DescribeInstanceTypes tells them apart.
    """
    if case.instance is None:
        return unread(case)
    name = case.instance.instance_type or ""
    record = case.scope.instance_types.find(name)
    if isinstance(record, Missing):
        return unknown(record)
    seen = Evidence(
        "ec2:DescribeInstanceTypes",
        name,
        "bare metal" if record.bare_metal else f"Hypervisor is {record.hypervisor}",
        "InstanceTypes[].Hypervisor",
    )
    if record.bare_metal and _NOT_LISTED.match(name):
        says = "AWS's page on the serial console does not say whether this Mac has one"
        return unknown(Missing("ec2:DescribeInstanceTypes", "undecidable", None, name, says))
    on_nitro = (record.hypervisor or "").lower() == "nitro" or bool(record.bare_metal)
    if on_nitro and not (record.bare_metal and _WITHOUT.match(name)):
        return passes(seen)
    if not record.hypervisor and record.bare_metal is None:
        return unknown(
            Missing("ec2:DescribeInstanceTypes", "absent", None, name, "the record names no hypervisor")
        )
    return blocked(
        Finding(
            "serial-not-nitro", SELF, f"The instance type {name} has no serial console.", evidence=(seen,)
        )
    )


@check("serial.place", by=machine)
def place(case: Case) -> Answer:
    """The instance stands in a zone of the Region, not on an Outpost or in a Wavelength Zone."""
    if case.instance is None:
        return unread(case)
    if case.instance.outpost_arn is not None:
        return blocked(
            _elsewhere("on an Outpost", "ec2:DescribeInstances", "Reservations[].Instances[].OutpostArn")
        )
    zone = case.instance.placement.availability_zone if case.instance.placement else None
    record = case.scope.availability_zones.find(zone or "")
    if isinstance(record, Missing):
        # Names of Wavelength Zones hold `-wl`; without that nothing but the record could make it one.
        return unknown(record) if "-wl" in (zone or "-wl") else PASS
    if record.zone_type != "wavelength-zone":
        return PASS
    return blocked(
        _elsewhere("in a Wavelength Zone", "ec2:DescribeAvailabilityZones", "AvailabilityZones[].ZoneType")
    )


def _elsewhere(where: str, operation: str, field: str) -> Finding:
    return Finding(
        "serial-outpost-wavelength",
        SELF,
        f"The instance stands {where}, where there is no serial console.",
        evidence=(Evidence(operation, SELF, where, field),),
    )


@check("serial.agent", by=agent_version)
def agent(case: Case) -> Answer:
    """Whether an old agent will write over the console (a note)."""
    version = parse_version(case.node.agent_version) if case.node is not None else None
    if version is None or version >= SERIAL_CONSOLE:
        return PASS
    return noted(
        Finding(
            "serial-agent-old",
            SELF,
            f"Agents before {spell_version(SERIAL_CONSOLE)} garble the serial console.",
            evidence=(
                Evidence(
                    "ssm:DescribeInstanceInformation",
                    SELF,
                    f"AgentVersion is {spell_version(version)}",
                    "InstanceInformationList[].AgentVersion",
                ),
            ),
        )
    )
