"""Whose permissions the agent works with: instance profile first, else default host management.

The agent tries the instance profile; only if that does not allow `ssm:UpdateInstanceInformation` does it ask
for default host management (Systems Manager User Guide, "Managing EC2 instances automatically with Default
Host Management Configuration").
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from advisor.iam import agent
from advisor.iam.decision import Decision, Layer
from advisor.iam.principals import NO_SUCH_ENTITY, Permissions, role_permissions
from advisor.iam.simulate import reconcile, simulated
from advisor.iam.trust import ProfileRole, profile_role, trusts
from advisor.methods.answer import PASS, Answer, Finding, blocked, every, passes, suspected, unknown
from advisor.methods.case import Case
from advisor.methods.checks import check, unread
from advisor.methods.versions import DEFAULT_HOST_MANAGEMENT, parse_version, spell_version
from advisor.model.evidence import SELF, Evidence, Missing
from advisor.model.records.ec2 import IamInstanceProfileAssociation
from advisor.model.times import parse_instant
from advisor.model.verdict import BLOCKED, READY, UNKNOWN

REGISTER: Final = (agent.REGISTER,)
CHANNEL: Final = agent.CHANNELS
SETTING: Final = "/ssm/managed-instance/default-ec2-instance-management-role"
_AGENT_SINCE: Final = datetime(2023, 3, 1, tzinfo=UTC)
"""Images made before hold an agent that does not know default host management (3.2.582.0 is of 2023-02)."""


# --- keys ---------------------------------------------------------------------------------------------------


def credentials(case: Case) -> Hashable:
    """The key of checks that read where the agent gets its permissions."""
    if case.is_hybrid:
        return "hybrid", None if case.node is None else case.node.iam_role
    instance = case.instance
    if instance is None:
        return None
    profile = instance.iam_instance_profile
    association = association_of(case)
    return (
        None if profile is None else (profile.arn, profile.id),
        None if association is None else association.state,
        None if instance.metadata_options is None else instance.metadata_options.http_endpoint,
        None if case.node is None else case.node.agent_version,
        instance.image_id if profile is None else None,
        case.target.id if _names_instances(case) else None,
    )


def association_of(case: Case) -> IamInstanceProfileAssociation | None:
    """The association of an instance profile with the target, as far as one is in force."""

    def by_instance() -> Mapping[str, IamInstanceProfileAssociation]:
        return {
            each.instance_id: each
            for each in case.scope.profile_associations.values()
            if each.instance_id and (each.state or "").lower() != "disassociated"
        }

    return case.study.remember(("associations", id(case.scope)), by_instance).get(case.target.id)


def _names_instances(case: Case) -> bool:
    """Whether the role's policies single out instances, so that no two targets share a decision."""
    profile = None if case.instance is None else case.instance.iam_instance_profile
    if profile is None or not profile.arn:
        return False
    role = _role_of(case, profile.arn)
    if not isinstance(role, Permissions):
        return False
    return case.study.remember(
        ("singles out", case.scope.account, role.principal.arn),
        lambda: any(role.decide(action, None).verdict is UNKNOWN for action in REGISTER),
    )


# --- roles --------------------------------------------------------------------------------------------------


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
        role = _role_of(case, profile.arn)
        if (
            isinstance(role, Permissions | Missing)
            and _by_profile(case, profile.arn, REGISTER).verdict is not BLOCKED
        ):
            return role
    setting = host_management(case)
    if isinstance(setting, Missing) or setting is None:
        return setting
    return permissions_of(case, setting)


def permissions_of(case: Case, role: str) -> Permissions | Missing:
    """A role's policies, read once per account."""
    account = case.scope.account
    return case.study.remember(("role", account, role), lambda: role_permissions(case.estate, account, role))


def _role_of(case: Case, profile: str) -> Permissions | Missing | ProfileRole:
    found = case.study.remember(
        ("profile", case.scope.account, profile),
        lambda: profile_role(case.estate, case.scope.account, profile),
    )
    if isinstance(found, Missing):
        return found
    return found if found.role is None else permissions_of(case, found.role)


def host_management(case: Case) -> str | Missing | None:
    """The role that default host management is set to in this Region, None if it is off."""
    table = case.scope.service_settings
    for key, answer in table.items():
        if key.endswith(SETTING):
            setting = answer.service_setting
            value = setting.setting_value or ""
            is_default = (setting.status or "").lower() == "default"
            return None if is_default or value in ("", "$None") else value
    missing = table.missing(SETTING)
    return None if missing.code == "ServiceSettingNotFound" else missing


# --- checks -------------------------------------------------------------------------------------------------


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
    fallback = _by_host_management(case, actions)
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
    role = _role_of(case, profile)
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
            _trusted(case, role, ("ec2.amazonaws.com", "ec2.amazonaws.com.cn"), "instance-role-trust-wrong"),
            _allowed(case, role, actions, "instance-role-missing-ssm-core"),
        )
    )


def _stale_association(case: Case, profile: str) -> Finding | None:
    assert case.instance is not None
    association = association_of(case)
    if association is not None and (association.state or "associated").lower() != "associated":
        return Finding(
            "instance-role-recreated",
            association.association_id,
            f"The association of the instance profile is {association.state}.",
            evidence=(
                Evidence(
                    "ec2:DescribeIamInstanceProfileAssociations",
                    association.association_id,
                    f"State is {association.state}",
                    "IamInstanceProfileAssociations[].State",
                ),
            ),
        )
    found = case.study.remember(
        ("profile", case.scope.account, profile),
        lambda: profile_role(case.estate, case.scope.account, profile),
    )
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
            _trusted(case, role, ("ssm.amazonaws.com",), "dhmc-role-trust-wrong"),
            _allowed(case, role, actions, "dhmc-role-missing-policy"),
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
            _trusted(case, role, ("ssm.amazonaws.com",), "hybrid-role-bad"),
            _allowed(case, role, actions, "hybrid-role-bad"),
        )
    )


# --- decisions ----------------------------------------------------------------------------------------------


def _trusted(case: Case, role: Permissions, services: tuple[str, ...], cause: str) -> Answer:
    found = case.study.remember(
        ("trust", case.scope.account, role.principal.arn, services),
        lambda: [trusts(role, service) for service in services],
    )
    if any(each.verdict is READY for each in found):
        return PASS
    if any(each.verdict is UNKNOWN for each in found):
        return unknown(*(missing for each in found for missing in each.missing))
    return blocked(
        Finding(
            cause,
            role.principal.name,
            f"The role {role.principal.name} does not let {services[0]} assume it.",
            evidence=found[0].evidence,
        )
    )


def _allowed(case: Case, role: Permissions, actions: tuple[str, ...], cause: str) -> Answer:
    resource = instance_arn(case) if _names_instances(case) else None
    return case.study.remember(
        ("allowed", case.scope.account, role.principal.arn, actions, cause, resource),
        lambda: permitted(role, {each: _decided(case, role, each, resource) for each in actions}, cause),
    )


def _decided(case: Case, role: Permissions, action: str, resource: str | None) -> Decision:
    """Our decision, and IAM's simulator's beside it where it was asked: what differs is unknown."""
    ours = role.decide(action, resource)
    if not case.global_scope.simulations:
        return ours
    arn = role.principal.arn
    return reconcile(ours, simulated(case.estate, case.scope.account, arn, action, "*")).decision


def permitted(
    role: Permissions,
    decisions: Mapping[str, Decision],
    cause: str,
    or_denied: str = "instance-role-denied-by-boundary-or-scp",
) -> Answer:
    """All actions are allowed; `cause` where the role's own policies do not allow one.

    What a boundary or an explicit deny forbids is `or_denied`: no further policy cures it.
    """
    name = role.principal.name
    lacking: dict[str, list[str]] = {}
    facts: dict[str, list[Evidence]] = {}
    for action, decision in decisions.items():
        if decision.verdict is not BLOCKED:
            continue
        forbidden = decision.explicit or decision.layer is Layer.BOUNDARY
        key = or_denied if forbidden else cause
        lacking.setdefault(key, []).append(action)
        facts.setdefault(key, []).extend(
            decision.statements
            or (Evidence("iam:ListAttachedRolePolicies", name, f"no policy of the role allows {action}"),)
        )
    found = tuple(
        Finding(
            key,
            name,
            f"The role {name} is {'denied' if key != cause else 'not allowed'} {', '.join(missing)}.",
            evidence=tuple(dict.fromkeys(facts[key])),
        )
        for key, missing in lacking.items()
    )
    gaps = tuple(
        dict.fromkeys(
            each
            for decision in decisions.values()
            if decision.verdict is UNKNOWN
            for each in decision.missing
        )
    )
    if found:
        return Answer(BLOCKED, findings=found, missing=gaps)
    if any(decision.verdict is UNKNOWN for decision in decisions.values()):
        return unknown(*gaps)
    return passes(*dict.fromkeys(fact for each in decisions.values() for fact in each.statements))


def instance_arn(case: Case) -> str:
    """The ARN that policies name the target by."""
    scope = case.scope
    if case.is_hybrid:
        return f"arn:{scope.partition}:ssm:{scope.region}:{scope.account}:managed-instance/{case.target.id}"
    return f"arn:{scope.partition}:ec2:{scope.region}:{scope.account}:instance/{case.target.id}"
