"""Whose permissions the agent works with: instance profile first, else default host management.

The agent tries the instance profile; only if that does not allow `ssm:UpdateInstanceInformation` does it ask
for default host management (Systems Manager User Guide, "Managing EC2 instances automatically with Default
Host Management Configuration").
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import msgspec

from advisor.iam.principals import NO_SUCH_ENTITY, Permissions
from advisor.iam.trust import ProfileRole
from advisor.methods.agent_rights import allowed, trusted
from advisor.methods.answer import PASS, Answer, Finding, blocked, every, passes, suspected, unknown
from advisor.methods.case import Case
from advisor.methods.checks import check, unread
from advisor.methods.roles import (
    CHANNEL,
    REGISTER,
    SETTING,
    association_of,
    credentials,
    host_management,
    permissions_of,
    profile_of,
    role_of_profile,
)
from advisor.methods.versions import DEFAULT_HOST_MANAGEMENT, parse_version, spell_version
from advisor.model.evidence import SELF, Evidence, Missing
from advisor.model.times import parse_instant
from advisor.model.verdict import BLOCKED, READY, UNKNOWN

_AGENT_SINCE: Final = datetime(2023, 3, 1, tzinfo=UTC)
"""Images made before hold an agent that does not know default host management (3.2.582.0 is of 2023-02)."""


@check("identity.metadata", by=credentials)
def metadata(case: Case) -> Answer:
    """The instance metadata service is on: the agent gets its credentials there."""
    if case.is_hybrid:
        return PASS
    if case.instance is None:
        return unread(case)
    options = case.instance.metadata_options
    if options is None or options.http_endpoint is None:
        return unknown(
            Missing("ec2:DescribeInstances", "absent", None, SELF, "the record has no MetadataOptions")
        )
    seen = Evidence(
        "ec2:DescribeInstances",
        SELF,
        f"HttpEndpoint is {options.http_endpoint}",
        "Reservations[].Instances[].MetadataOptions.HttpEndpoint",
    )
    if options.http_endpoint.lower() != "disabled":
        return passes(seen)
    by_default = case.instance.iam_instance_profile is None and isinstance(host_management(case), str)
    return blocked(
        Finding(
            "dhmc-imdsv1-only-or-imds-off" if by_default else "imds-disabled",
            SELF,
            "The instance metadata service is off, so the agent gets no credentials.",
            evidence=(seen,),
        )
    )


@check("identity.registers", by=credentials)
def registers(case: Case) -> Answer:
    """The agent has a role that lets it register with Systems Manager."""
    return _granted(case, REGISTER)


@check("identity.opens-channel", by=credentials)
def opens_channel(case: Case) -> Answer:
    """The agent has a role that lets it open the session channel (`ssmmessages`)."""
    return _granted(case, CHANNEL)


def _granted(case: Case, actions: tuple[str, ...]) -> Answer:
    if case.is_hybrid:
        return _by_hybrid_role(case, actions)
    if case.instance is None:
        return unread(case)
    profile = case.instance.iam_instance_profile
    if profile is None or not profile.arn:
        return _without_profile(case, actions)
    own = _by_profile(case, profile.arn, REGISTER)
    if own.verdict is READY:
        return own if actions is REGISTER else _channel_by_profile(case, profile.arn)
    fallback = every((_by_host_management(case, actions), _agent_knows_host_management(case)))
    if fallback.verdict is READY and (own.verdict is BLOCKED or actions is REGISTER):
        return fallback
    if own.verdict is UNKNOWN:
        return own
    if isinstance(host_management(case), str):
        return every((own, fallback)) if fallback.verdict is BLOCKED else fallback
    return msgspec.structs.replace(own, notes=(_host_management_off(case),))


def _without_profile(case: Case, actions: tuple[str, ...]) -> Answer:
    setting = host_management(case)
    if setting is not None:
        return every((_by_host_management(case, actions), _agent_knows_host_management(case)))
    return blocked(
        Finding(
            "no-instance-profile-no-dhmc",
            SELF,
            "The instance has no instance profile, and default host management is off.",
            evidence=(
                Evidence(
                    "ec2:DescribeInstances",
                    SELF,
                    "no IamInstanceProfile",
                    "Reservations[].Instances[].IamInstanceProfile",
                ),
                _setting_off(),
            ),
        )
    )


def _setting_off() -> Evidence:
    return Evidence("ssm:GetServiceSetting", SETTING, "Status is Default: off", "ServiceSetting.Status")


def _host_management_off(case: Case) -> Finding:
    return Finding(
        "dhmc-disabled",
        SETTING,
        f"Default host management, which could stand in for the role, is off in {case.scope.region}.",
        evidence=(_setting_off(),),
    )


def _channel_by_profile(case: Case, profile: str) -> Answer:
    answer = _by_profile(case, profile, CHANNEL)
    if answer.verdict is not BLOCKED:
        return answer
    shadowed = isinstance(host_management(case), str)
    cause = "dhmc-shadowed-by-profile" if shadowed else "instance-role-missing-ssmmessages"
    return Answer(
        BLOCKED,
        findings=tuple(
            msgspec.structs.replace(each, cause=cause)
            if each.cause == "instance-role-missing-ssm-core"
            else each
            for each in answer.findings
        ),
    )


def _by_profile(case: Case, profile: str, actions: tuple[str, ...]) -> Answer:
    stale = _stale_association(case, profile)
    if stale is not None:
        return blocked(stale)
    role = role_of_profile(case, profile)
    if isinstance(role, Missing):
        return unknown(role)
    if isinstance(role, ProfileRole):
        says = "has no role in it" if role.exists else "does not exist any more"
        return blocked(
            Finding(
                "instance-profile-without-role",
                role.profile,
                f"The instance profile {role.profile} {says}.",
                evidence=(role.evidence,),
            )
        )
    return every(
        (
            trusted(case, role, ("ec2.amazonaws.com", "ec2.amazonaws.com.cn"), "instance-role-trust-wrong"),
            allowed(case, role, actions, "instance-role-missing-ssm-core"),
        )
    )


def _stale_association(case: Case, profile: str) -> Finding | None:
    assert case.instance is not None
    association = association_of(case)
    if association is not None and (association.state or "associated").lower() != "associated":
        return Finding(
            "instance-role-recreated",
            SELF,
            f"The association of the instance profile is {association.state}.",
            evidence=(
                Evidence(
                    "ec2:DescribeIamInstanceProfileAssociations",
                    SELF,
                    f"State is {association.state}",
                    "IamInstanceProfileAssociations[].State",
                ),
            ),
        )
    found = profile_of(case, profile)
    held = case.instance.iam_instance_profile.id if case.instance.iam_instance_profile else None
    if isinstance(found, Missing) or not found.profile_id or not held or found.profile_id == held:
        return None
    return Finding(
        "instance-role-recreated",
        found.profile,
        "The instance holds an instance profile that was deleted and made anew under the same name.",
        evidence=(
            Evidence(
                "ec2:DescribeInstances", SELF, f"IamInstanceProfile.Id is {held}", "IamInstanceProfile.Id"
            ),
            Evidence(
                "iam:GetInstanceProfile",
                found.profile,
                f"InstanceProfileId is {found.profile_id}",
                "InstanceProfile.InstanceProfileId",
            ),
        ),
    )


def _by_host_management(case: Case, actions: tuple[str, ...]) -> Answer:
    name = host_management(case)
    if isinstance(name, Missing):
        return unknown(name)
    if name is None:
        return blocked(_host_management_off(case))
    role = permissions_of(case, name)
    if isinstance(role, Missing):
        if role.code != NO_SUCH_ENTITY:
            return unknown(role)
        return blocked(
            Finding(
                "dhmc-role-trust-wrong",
                name,
                f"The role {name} that default host management names does not exist.",
                evidence=(Evidence(role.operation, name, "does not exist"),),
            )
        )
    return every(
        (
            trusted(case, role, ("ssm.amazonaws.com",), "dhmc-role-trust-wrong"),
            allowed(case, role, actions, "dhmc-role-missing-policy"),
        )
    )


def _agent_knows_host_management(case: Case) -> Answer:
    version = parse_version(case.node.agent_version) if case.node is not None else None
    needed = spell_version(DEFAULT_HOST_MANAGEMENT)
    if version is not None:
        if version >= DEFAULT_HOST_MANAGEMENT:
            return PASS
        return blocked(
            Finding(
                "dhmc-agent-too-old",
                SELF,
                f"Default host management needs agent {needed} or later.",
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
    image = case.scope.images.get(case.instance.image_id or "") if case.instance is not None else None
    made = parse_instant(image.creation_date) if image is not None else None
    if image is None or made is None or made >= _AGENT_SINCE:
        return PASS
    return suspected(
        Finding(
            "dhmc-agent-too-old",
            SELF,
            f"The image is older than agent {needed}, the first that knows default host management.",
            evidence=(
                Evidence(
                    "ec2:DescribeImages",
                    image.image_id,
                    f"CreationDate is {image.creation_date}",
                    "Images[].CreationDate",
                ),
            ),
        )
    )


def _by_hybrid_role(case: Case, actions: tuple[str, ...]) -> Answer:
    name = None if case.node is None else case.node.iam_role
    if not name:
        return unknown(
            Missing("ssm:DescribeInstanceInformation", "absent", None, SELF, "the record has no IamRole")
        )
    role = permissions_of(case, name)
    if isinstance(role, Missing):
        if role.code != NO_SUCH_ENTITY:
            return unknown(role)
        return blocked(
            Finding(
                "hybrid-role-bad",
                name,
                f"The service role {name} does not exist.",
                evidence=(Evidence(role.operation, name, "does not exist"),),
            )
        )
    return every(
        (
            trusted(case, role, ("ssm.amazonaws.com",), "hybrid-role-bad"),
            allowed(case, role, actions, "hybrid-role-bad"),
        )
    )


def role_of_instance(case: Case) -> Permissions | Missing | None:
    """The role behind the agent: of the profile, of the hybrid node, or of default host management.

    None where there is none at all.
    """
    if case.is_hybrid:
        name = None if case.node is None else case.node.iam_role
        return None if name is None else permissions_of(case, name)
    if case.instance is None:
        return case.no_instance
    profile = case.instance.iam_instance_profile
    if profile is not None and profile.arn:
        role = role_of_profile(case, profile.arn)
        if (
            isinstance(role, Permissions | Missing)
            and _by_profile(case, profile.arn, REGISTER).verdict is not BLOCKED
        ):
            return role
    setting = host_management(case)
    if isinstance(setting, Missing) or setting is None:
        return setting
    return permissions_of(case, setting)
