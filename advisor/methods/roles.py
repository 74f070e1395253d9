"""Where the agent's permissions come from: profile, association, role, default host management."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Final

from advisor.iam import agent
from advisor.iam.principals import Permissions, role_permissions
from advisor.iam.trust import ProfileRole, profile_role
from advisor.methods.case import Case
from advisor.model.evidence import Missing
from advisor.model.records.ec2 import IamInstanceProfileAssociation
from advisor.model.verdict import UNKNOWN

REGISTER: Final = (agent.REGISTER,)
CHANNEL: Final = agent.CHANNELS
SETTING: Final = "/ssm/managed-instance/default-ec2-instance-management-role"


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
        instance.image_id if profile is None or isinstance(host_management(case), str) else None,
        case.target.id if singles_out(case) else None,
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


def singles_out(case: Case) -> bool:
    """Whether the role's policies single out instances, so that no two targets share a decision."""
    profile = None if case.instance is None else case.instance.iam_instance_profile
    if profile is None or not profile.arn:
        return False
    role = role_of_profile(case, profile.arn)
    if not isinstance(role, Permissions):
        return False
    return case.study.remember(
        ("singles out", case.scope.account, role.principal.arn),
        lambda: any(role.decide(action, None).verdict is UNKNOWN for action in REGISTER),
    )


def permissions_of(case: Case, role: str) -> Permissions | Missing:
    """A role's policies, read once per account."""
    account = case.scope.account
    return case.study.remember(("role", account, role), lambda: role_permissions(case.estate, account, role))


def profile_of(case: Case, profile: str) -> ProfileRole | Missing:
    """An instance profile by its ARN, read once per account."""
    account = case.scope.account
    return case.study.remember(
        ("profile", account, profile), lambda: profile_role(case.estate, account, profile)
    )


def role_of_profile(case: Case, profile: str) -> Permissions | Missing | ProfileRole:
    """The role in an instance profile; the profile itself where it holds none."""
    found = profile_of(case, profile)
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
