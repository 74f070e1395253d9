"""What a login takes once the connection stands: a key, a password, the right name."""

from __future__ import annotations

from collections.abc import Hashable

from advisor.methods.answer import PASS, Answer, Finding, noted, suspected
from advisor.methods.case import Case
from advisor.methods.checks import check, unread
from advisor.methods.images import brings, image_of
from advisor.methods.options import Use
from advisor.methods.uses import use_of
from advisor.model.evidence import SELF, Evidence
from advisor.model.records.ec2 import Instance


def login_facts(case: Case) -> Hashable:
    """The key of checks that read key pair, platform and image."""
    instance = case.instance
    if instance is None:
        return None
    return case.target.platform, instance.key_name is None, instance.image_id, case.target.kind


@check("login.key-pair", by=login_facts)
def key_pair(case: Case) -> Answer:
    """The instance was launched with a key pair, so that somebody has a key (or can read its password)."""
    if case.is_hybrid:
        return PASS
    if case.instance is None:
        return unread(case)
    return held_key(case.instance, SELF, desktop=use_of(case) is Use.RDP)


def held_key(instance: Instance, resource: str, *, desktop: bool) -> Answer:
    """Whether somebody may have a key of an instance, or its password where a desktop asks for that."""
    if instance.key_name is not None:
        return PASS
    seen = Evidence("ec2:DescribeInstances", resource, "no KeyName", "Reservations[].Instances[].KeyName")
    if desktop:
        says = "The instance was launched without a key pair, so its first password cannot be read."
        return suspected(Finding("rdp-password-unavailable", resource, says, evidence=(seen,)))
    says = "The instance was launched without a key pair; a key may have come with the image or by user data."
    return suspected(Finding("no-key-pair", resource, says, evidence=(seen,)))


@check("login.user", by=login_facts)
def user(case: Case) -> Answer:
    """The name to log in with, where the image makes it known (a note)."""
    record = image_of(case)
    known = brings(record) if record is not None else None
    if known is None or record is None or known.user == "ec2-user" or case.target.platform == "windows":
        return PASS
    return noted(
        Finding(
            "eic-wrong-os-user",
            SELF,
            f"The login name of {known.system} is {known.user}, not ec2-user.",
            evidence=(
                Evidence("ec2:DescribeImages", record.image_id, f"Name is {record.name}", "Images[].Name"),
            ),
        )
    )
