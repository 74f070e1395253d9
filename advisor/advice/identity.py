"""Requests that give instances and people their permissions: profiles, roles, default host management."""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from advisor.advice.action import (
    Action,
    Ref,
    Remedy,
    Undo,
    advise,
    members,
    request,
    slug,
)
from advisor.advice.quotas import MANAGED_POLICIES_PER_ROLE
from advisor.advice.room import managed_policy_count
from advisor.iam.callers import Caller
from advisor.iam.decision import PrincipalKind
from advisor.iam.principals import authorization_details
from advisor.model.estate import Estate
from advisor.model.records.iam import PolicyDocument
from advisor.model.scope import Scope

CORE: Final = "AmazonSSMManagedInstanceCore"
_OF_AGENTS: Final = frozenset(
    {CORE, "AmazonSSMDirectoryServiceAccess", "AmazonSSMPatchAssociation", "CloudWatchAgentServerPolicy"}
)
"""AWS's policies that do no more than let agents work."""
DEFAULT_POLICY: Final = "AmazonSSMManagedEC2InstanceDefaultPolicy"
OWN_ROLE: Final = "advisor-session-manager"
"""The role and instance profile that are proposed where an account has none with the agent's permissions."""
DEFAULT_ROLE: Final = "AWSSystemsManagerDefaultEC2InstanceManagementRole"
DEFAULT_SETTING: Final = "/ssm/managed-instance/default-ec2-instance-management-role"
TIER_SETTING: Final = "/ssm/managed-instance/activation-tier"

_ATTACH_PROFILE, _ATTACH_POLICY, _TRUST, _DEFAULT_MANAGEMENT, _CALLER, _TIER = 2, 2, 4, 4, 3, 5


def aws_policy(scope: Scope, name: str) -> str:
    """The ARN of a policy that AWS manages."""
    return f"arn:{scope.partition}:iam::aws:policy/{name}"


def trust_document(service: str) -> dict[str, Any]:
    """The trust policy that lets one service assume a role."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }


def compact(document: Any) -> str:
    """A document as one line of JSON."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


# --- instance profiles -----------------------------------------------------------------------------------


def attach_profile(scope: Scope, instance: str, estate: Estate) -> Remedy:
    """An instance profile with the agent's permissions: one the account has, else a new one."""
    home = estate.global_scope(scope.account)
    profile = suitable_profile(home)
    made = () if profile is not None else create_profile(scope, home)
    return Remedy((*made, associate(scope, instance, profile or OWN_ROLE)))


def associate(scope: Scope, instance: str, profile: str) -> Action:
    """An instance profile on an instance that has none."""
    key = slug("profile", instance)
    return request(
        scope,
        "ec2:AssociateIamInstanceProfile",
        members(InstanceId=instance, IamInstanceProfile={"Name": profile}),
        key=key,
        text="attach-instance-profile",
        risk=_ATTACH_PROFILE,
        undo=[
            Undo(
                "ec2:DisassociateIamInstanceProfile",
                members(AssociationId=Ref(key, "IamInstanceProfileAssociation.AssociationId")),
                "detach-instance-profile",
            )
        ],
        instance=instance,
        profile=profile,
    )


def suitable_profile(home: Scope) -> str | None:
    """A profile whose role has AmazonSSMManagedInstanceCore, and nothing that a machine might be denied.

    The first by name, so that it stays the same. A role that other work needs would give its powers to
    whoever opens a session on the machine.
    """
    profiles: dict[str, str] = {}
    for answer in home.instance_profiles.values():
        if answer.instance_profile.roles:
            profiles[answer.instance_profile.instance_profile_name] = answer.instance_profile.roles[
                0
            ].role_name
    details = authorization_details(home).roles
    for role in details.values():
        for profile in role.instance_profile_list:
            profiles[profile.instance_profile_name] = role.role_name
    return next((name for name in sorted(profiles) if _is_for_agents(home, profiles[name])), None)


def _is_for_agents(home: Scope, role: str) -> bool:
    detail = authorization_details(home).roles.get(role)
    attached = detail.attached_managed_policies if detail is not None else ()
    listed = home.role_attached_policies.get(role)
    attached += listed.attached_policies if listed is not None else ()
    names = {(each.policy_arn or "").partition(":iam::aws:policy/")[2] for each in attached}
    inline = home.role_policy_names.get(role)
    has_inline = (
        bool(detail.role_policy_list) if detail is not None else inline is None or inline.policy_names
    )
    return CORE in names and names <= _OF_AGENTS and not has_inline


class KnownRole(NamedTuple):
    """A role as either of the two ways of reading IAM shows it."""

    arn: str | None
    trust: PolicyDocument | None


def known_role(home: Scope, name: str) -> KnownRole | None:
    """What was read of a role; None where it was not read or does not exist."""
    answer = home.roles.get(name)
    if answer is not None:
        return KnownRole(answer.role.arn, answer.role.assume_role_policy_document)
    detail = authorization_details(home).roles.get(name)
    return KnownRole(detail.arn, detail.assume_role_policy_document) if detail is not None else None


def own_role(scope: Scope, home: Scope) -> tuple[Action, ...]:
    """A role for EC2 with the agent's permissions; nothing where it was made before."""
    if known_role(home, OWN_ROLE) is not None:
        return ()
    return (
        create_role(home, OWN_ROLE, "ec2.amazonaws.com", "/"),
        attach_policy(home, OWN_ROLE, aws_policy(scope, CORE)),
    )


def create_profile(scope: Scope, home: Scope) -> tuple[Action, ...]:
    """A role for EC2 with the agent's permissions, and its instance profile."""
    name = OWN_ROLE
    profile = request(
        home,
        "iam:CreateInstanceProfile",
        members(InstanceProfileName=name),
        key=slug("instance-profile", name, home.account),
        text="create-instance-profile",
        risk=1,
        undo=[
            Undo("iam:DeleteInstanceProfile", members(InstanceProfileName=name), "delete-instance-profile")
        ],
        profile=name,
    )
    return *own_role(scope, home), profile, add_role_to_profile(home, name, name)


def add_role_to_profile(home: Scope, profile: str, role: str) -> Action:
    """A role in an empty instance profile."""
    pair = members(InstanceProfileName=profile, RoleName=role)
    return request(
        home,
        "iam:AddRoleToInstanceProfile",
        pair,
        key=slug("role-in-profile", profile, home.account),
        text="add-role-to-profile",
        risk=_ATTACH_PROFILE,
        undo=[Undo("iam:RemoveRoleFromInstanceProfile", pair, "remove-role-from-profile")],
        profile=profile,
        role=role,
    )


def create_role(home: Scope, name: str, service: str, path: str) -> Action:
    """A role that one service may assume."""
    return request(
        home,
        "iam:CreateRole",
        members(
            RoleName=name,
            Path=None if path == "/" else path,
            AssumeRolePolicyDocument=compact(trust_document(service)),
        ),
        key=slug("role", name, home.account),
        text="create-role",
        risk=1,
        undo=[Undo("iam:DeleteRole", members(RoleName=name), "delete-role")],
        role=name,
        service=service,
    )


def refresh_profile(scope: Scope, instance: str, profile: str) -> Remedy:
    """The association of a profile whose role was deleted and made again, set anew."""
    found = next((each for each in scope.profile_associations.values() if each.instance_id == instance), None)
    if found is None:
        return Remedy((associate(scope, instance, profile),))
    change = members(AssociationId=found.association_id, IamInstanceProfile={"Name": profile})
    return Remedy(
        (
            request(
                scope,
                "ec2:ReplaceIamInstanceProfileAssociation",
                change,
                key=slug("profile", instance),
                text="replace-instance-profile",
                risk=_ATTACH_PROFILE,
                lossy=True,
                instance=instance,
                profile=profile,
            ),
        )
    )


# --- roles -----------------------------------------------------------------------------------------------


def attach_core(scope: Scope, role: str, estate: Estate) -> Remedy:
    """AmazonSSMManagedInstanceCore on an instance's role."""
    home = estate.global_scope(scope.account)
    if managed_policy_count(home, role) >= MANAGED_POLICIES_PER_ROLE:
        return inline_policy(home, role, "advisor-session-manager", agent_document())
    return Remedy((attach_policy(home, role, aws_policy(scope, CORE)),))


def agent_document() -> dict[str, Any]:
    """The least an instance's role needs for Session Manager alone."""
    actions = [
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ]
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}


def attach_policy(home: Scope, role: str, policy: str) -> Action:
    """A managed policy on a role."""
    pair = members(RoleName=role, PolicyArn=policy)
    return request(
        home,
        "iam:AttachRolePolicy",
        pair,
        key=slug("policy", role, policy.rpartition("/")[2], home.account),
        text="attach-role-policy",
        risk=_ATTACH_POLICY,
        undo=[Undo("iam:DetachRolePolicy", pair, "detach-role-policy")],
        role=role,
        policy=policy.rpartition("/")[2],
    )


def inline_policy(home: Scope, role: str, name: str, document: dict[str, Any], risk: int = 2) -> Remedy:
    """An inline policy on a role; one of the same name is put back by the rollback."""
    place = members(RoleName=role, PolicyName=name)
    old = _inline_before(home, role, name)
    undo = Undo("iam:DeleteRolePolicy", place, "delete-role-policy")
    if isinstance(old, dict):
        undo = Undo("iam:PutRolePolicy", place.having("PolicyDocument", compact(old)), "put-role-policy")
    return Remedy(
        (
            request(
                home,
                "iam:PutRolePolicy",
                place.having("PolicyDocument", compact(document)),
                key=slug("inline", role, name, home.account),
                text="put-role-policy",
                risk=risk,
                undo=[undo],
                lossy=isinstance(old, str),
                role=role,
                policy=name,
            ),
        )
    )


def _inline_before(home: Scope, role: str, name: str) -> PolicyDocument | None:
    """The inline policy of this name that the role has, which another one takes the place of."""
    detail = authorization_details(home).roles.get(role)
    for each in detail.role_policy_list if detail is not None else ():
        if each.policy_name == name:
            return _parsed(each.policy_document)
    return _parsed(
        next(
            (
                each.policy_document
                for each in home.role_policies.values()
                if (each.role_name, each.policy_name) == (role, name)
            ),
            None,
        )
    )


def _parsed(document: PolicyDocument | None) -> PolicyDocument | None:
    """A document that came as text, as JSON where it is any."""
    if not isinstance(document, str):
        return document
    try:
        found = json.loads(document)
    except json.JSONDecodeError:
        return document
    return found if isinstance(found, dict) else document


def trust_service(home: Scope, role: str, service: str, old: PolicyDocument | None) -> Remedy:
    """A trust policy that lets one more service assume the role; what it says already stays."""
    before = _parsed(old)
    document = trust_document(service)
    if isinstance(before, dict) and before.get("Statement"):
        kept = before["Statement"]
        kept = kept if isinstance(kept, list) else [kept]
        document = {**before, "Statement": [*kept, *document["Statement"]]}
    undo = (
        [
            Undo(
                "iam:UpdateAssumeRolePolicy",
                members(RoleName=role, PolicyDocument=compact(before)),
                "restore-trust",
            )
        ]
        if isinstance(before, dict)
        else []
    )
    return Remedy(
        (
            request(
                home,
                "iam:UpdateAssumeRolePolicy",
                members(RoleName=role, PolicyDocument=compact(document)),
                key=slug("trust", role, service.partition(".")[0], home.account),
                text="trust-service",
                risk=_TRUST,
                undo=undo,
                lossy=not undo,
                role=role,
                service=service,
            ),
        )
    )


# --- account settings of Systems Manager -----------------------------------------------------------------


def default_host_management(scope: Scope, estate: Estate) -> Remedy:
    """Default host management for the Region, with AWS's own role for it (made where it is not there)."""
    home = estate.global_scope(scope.account)
    made: tuple[Action, ...] = ()
    if known_role(home, DEFAULT_ROLE) is None:
        made = (
            create_role(home, DEFAULT_ROLE, "ssm.amazonaws.com", "/service-role/"),
            attach_policy(home, DEFAULT_ROLE, aws_policy(scope, DEFAULT_POLICY)),
        )
    change = setting(
        scope,
        DEFAULT_SETTING,
        f"service-role/{DEFAULT_ROLE}",
        key=slug("default-host-management", scope.region, scope.account),
        text="default-host-management",
        risk=_DEFAULT_MANAGEMENT,
    )
    return Remedy((*made, change))


def setting(scope: Scope, identity: str, value: str, *, key: str, text: str, risk: int) -> Action:
    """A service setting; the way back is its former value, or AWS's default."""
    arn = f"arn:{scope.partition}:ssm:{scope.region}:{scope.account}:servicesetting{identity}"
    answer = scope.service_settings.get(identity)
    old = answer.service_setting if answer is not None else None
    if old is not None and old.status == "Customized" and old.setting_value:
        undo = Undo(
            "ssm:UpdateServiceSetting",
            members(SettingId=arn, SettingValue=old.setting_value),
            "restore-setting",
        )
    else:
        undo = Undo("ssm:ResetServiceSetting", members(SettingId=arn), "restore-setting")
    return request(
        scope,
        "ssm:UpdateServiceSetting",
        members(SettingId=arn, SettingValue=value),
        key=key,
        text=text,
        risk=risk,
        undo=[undo],
        setting=identity,
        value=value,
        region=scope.region,
    )


def advanced_tier(scope: Scope) -> Remedy:
    """The advanced-instances tier, which sessions to machines outside EC2 need; it is charged per node."""
    return Remedy(
        (
            setting(
                scope,
                TIER_SETTING,
                "advanced",
                key=slug("advanced-tier", scope.region, scope.account),
                text="advanced-tier",
                risk=_TIER,
            ),
        )
    )


# --- the person who connects -----------------------------------------------------------------------------


def caller_policy(home: Scope, caller: Caller, name: str, document: dict[str, Any]) -> Remedy:
    """An inline policy on the user or role of the person who connects; words where IAM cannot do it."""
    if caller.is_sso:
        return advise("ask-owner-for-permission-set", "owner", role=caller.name, policy=compact(document))
    if caller.kind is PrincipalKind.ROLE:
        return inline_policy(home, caller.name, name, document, _CALLER)
    if caller.kind is PrincipalKind.USER:
        place = members(UserName=caller.name, PolicyName=name)
        detail = authorization_details(home).users.get(caller.name)
        policies = detail.user_policy_list if detail is not None else ()
        old = next((_parsed(each.policy_document) for each in policies if each.policy_name == name), None)
        undo = Undo("iam:DeleteUserPolicy", place, "delete-user-policy")
        if isinstance(old, dict):
            undo = Undo("iam:PutUserPolicy", place.having("PolicyDocument", compact(old)), "put-user-policy")
        return Remedy(
            (
                request(
                    home,
                    "iam:PutUserPolicy",
                    place.having("PolicyDocument", compact(document)),
                    key=slug("inline", "user", caller.name, name, home.account),
                    text="put-user-policy",
                    risk=_CALLER,
                    undo=[undo],
                    lossy=isinstance(old, str),
                    user=caller.name,
                    policy=name,
                ),
            )
        )
    return advise("ask-owner-for-policy", "owner", caller=caller.arn, policy=compact(document))
