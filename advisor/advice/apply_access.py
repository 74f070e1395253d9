"""Effects of requests on IAM, Systems Manager's settings and documents, keys and log groups.

IAM is read either by one call for the whole account or by calls per role; a change is shown in whichever of
the two was read.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from advisor.advice.change import Change, Effect, altered, known_profile
from advisor.iam.principals import authorization_details
from advisor.model.estate import Estate
from advisor.model.records import iam, other, ssm
from advisor.model.scope import Scope

RoleChange = Callable[[iam.RoleDetail], iam.RoleDetail]


def _arn(change: Change, kind: str, name: str, path: str = "/") -> str:
    return f"arn:{change.scope.partition}:iam::{change.action.account}:{kind}{path}{name}"


def _in_details(home: Scope, role: str, alter: RoleChange) -> Scope:
    """The account's details with one role changed; unchanged where they were not read or lack the role."""
    for page, details in home.authorization_details.items():
        if any(each.role_name == role for each in details.role_detail_list):
            roles = tuple(
                alter(each) if each.role_name == role else each for each in details.role_detail_list
            )
            return _page(home, page, altered(details, role_detail_list=roles))
    return home


def _page(home: Scope, page: str, details: iam.AuthorizationDetails) -> Scope:
    family = Scope.authorization_details
    pages = home.authorization_details.having(page, details)
    return Scope(home.account, home.region, {**home.tables, family.operation: pages})


# --- roles -----------------------------------------------------------------------------------------------


def _create_role(change: Change) -> Estate:
    given, home = change.given, change.home
    name = given["RoleName"]
    arn = _arn(change, "role", name, given.get("Path", "/"))
    trust = json.loads(given["AssumeRolePolicyDocument"])
    if len(home.authorization_details):
        page, details = next(iter(home.authorization_details.items()))
        role = iam.RoleDetail(role_name=name, arn=arn, assume_role_policy_document=trust)
        kept = tuple(each for each in details.role_detail_list if each.role_name != name)
        return change.having(_page(home, page, altered(details, role_detail_list=(*kept, role))))
    role_answer = iam.RoleAnswer(role=iam.Role(role_name=name, arn=arn, assume_role_policy_document=trust))
    home = home.having(Scope.roles, role_answer)
    home = home.having(Scope.role_attached_policies, iam.RoleAttachedPolicies(role_name=name))
    return change.having(home.having(Scope.role_policy_names, iam.RolePolicyNames(role_name=name)))


def _delete_role(change: Change) -> Estate:
    home, name = change.home, change.given["RoleName"]
    for page, details in home.authorization_details.items():
        kept = tuple(each for each in details.role_detail_list if each.role_name != name)
        home = _page(home, page, altered(details, role_detail_list=kept))
    for family in (Scope.roles, Scope.role_attached_policies, Scope.role_policy_names):
        home = home.without(family, name)
    return change.having(home)


def _attach(change: Change) -> Estate:
    name, arn = change.given["RoleName"], change.given["PolicyArn"]
    policy = iam.AttachedPolicy(policy_name=arn.rpartition("/")[2], policy_arn=arn)
    home = _in_details(
        change.home,
        name,
        lambda role: altered(role, attached_managed_policies=(*role.attached_managed_policies, policy)),
    )
    listed = home.role_attached_policies.get(name)
    if listed is not None:
        attached = (*listed.attached_policies, policy)
        home = home.having(Scope.role_attached_policies, altered(listed, attached_policies=attached))
    return change.having(home)


def _detach(change: Change) -> Estate:
    name, arn = change.given["RoleName"], change.given["PolicyArn"]

    def left(policies: tuple[iam.AttachedPolicy, ...]) -> tuple[iam.AttachedPolicy, ...]:
        return tuple(each for each in policies if each.policy_arn != arn)

    home = _in_details(
        change.home,
        name,
        lambda role: altered(role, attached_managed_policies=left(role.attached_managed_policies)),
    )
    listed = home.role_attached_policies.get(name)
    if listed is not None:
        changed = altered(listed, attached_policies=left(listed.attached_policies))
        home = home.having(Scope.role_attached_policies, changed)
    return change.having(home)


def _put_policy(change: Change) -> Estate:
    name, policy = change.given["RoleName"], change.given["PolicyName"]
    document = json.loads(change.given["PolicyDocument"])
    inline = iam.InlinePolicy(policy_name=policy, policy_document=document)

    def put(role: iam.RoleDetail) -> iam.RoleDetail:
        kept = tuple(each for each in role.role_policy_list if each.policy_name != policy)
        return altered(role, role_policy_list=(*kept, inline))

    home = _in_details(change.home, name, put)
    names = home.role_policy_names.get(name)
    if names is not None:
        listed = tuple(dict.fromkeys((*names.policy_names, policy)))
        home = home.having(Scope.role_policy_names, altered(names, policy_names=listed))
        record = iam.RolePolicy(role_name=name, policy_name=policy, policy_document=document)
        home = home.having(Scope.role_policies, record)
    return change.having(home)


def _delete_policy(change: Change) -> Estate:
    name, policy = change.given["RoleName"], change.given["PolicyName"]

    def drop(role: iam.RoleDetail) -> iam.RoleDetail:
        kept = tuple(each for each in role.role_policy_list if each.policy_name != policy)
        return altered(role, role_policy_list=kept)

    home = _in_details(change.home, name, drop)
    names = home.role_policy_names.get(name)
    if names is not None:
        left = tuple(each for each in names.policy_names if each != policy)
        home = home.having(Scope.role_policy_names, altered(names, policy_names=left))
        home = home.without(Scope.role_policies, f"{name}/{policy}")
    return change.having(home)


def _trust(change: Change) -> Estate:
    name = change.given["RoleName"]
    document = json.loads(change.given["PolicyDocument"])
    home = _in_details(change.home, name, lambda role: altered(role, assume_role_policy_document=document))
    answer = home.roles.get(name)
    if answer is not None:
        role = altered(answer.role, assume_role_policy_document=document)
        home = home.having(Scope.roles, altered(answer, role=role))
    return change.having(home)


# --- users -----------------------------------------------------------------------------------------------


def _user(alter: Callable[[iam.UserDetail, dict[str, Any]], iam.UserDetail]) -> Effect:
    def effect(change: Change) -> Estate:
        home = change.home
        for page, details in home.authorization_details.items():
            users = tuple(
                alter(each, change.given) if each.user_name == change.given["UserName"] else each
                for each in details.user_detail_list
            )
            home = _page(home, page, altered(details, user_detail_list=users))
        return change.having(home)

    return effect


def _put_user_policy(user: iam.UserDetail, given: dict[str, Any]) -> iam.UserDetail:
    kept = tuple(each for each in user.user_policy_list if each.policy_name != given["PolicyName"])
    inline = iam.InlinePolicy(
        policy_name=given["PolicyName"], policy_document=json.loads(given["PolicyDocument"])
    )
    return altered(user, user_policy_list=(*kept, inline))


def _delete_user_policy(user: iam.UserDetail, given: dict[str, Any]) -> iam.UserDetail:
    kept = tuple(each for each in user.user_policy_list if each.policy_name != given["PolicyName"])
    return altered(user, user_policy_list=kept)


# --- instance profiles -----------------------------------------------------------------------------------


def _create_profile(change: Change) -> Estate:
    name = change.given["InstanceProfileName"]
    profile = iam.InstanceProfile(instance_profile_name=name, arn=_arn(change, "instance-profile", name))
    answer = iam.InstanceProfileAnswer(instance_profile=profile)
    return change.having(change.home.having(Scope.instance_profiles, answer))


def _delete_profile(change: Change) -> Estate:
    return change.having(change.home.without(Scope.instance_profiles, change.given["InstanceProfileName"]))


def _role_in_profile(present: bool) -> Effect:
    def effect(change: Change) -> Estate:
        home = change.home
        name, role = change.given["InstanceProfileName"], change.given["RoleName"]
        profile = known_profile(home, name)
        known = home.roles.get(role)
        detail = authorization_details(home).roles.get(role)
        if profile is None or (known is None and detail is None):
            return change.estate
        arn = known.role.arn if known is not None else detail.arn if detail is not None else None
        changed = altered(profile, roles=(iam.Role(role_name=role, arn=arn),) if present else ())
        home = home.having(Scope.instance_profiles, iam.InstanceProfileAnswer(instance_profile=changed))

        def linked(each: iam.RoleDetail) -> iam.RoleDetail:
            kept = tuple(p for p in each.instance_profile_list if p.instance_profile_name != name)
            return altered(each, instance_profile_list=(*kept, changed) if present else kept)

        return change.having(_in_details(home, role, linked))

    return effect


# --- Systems Manager -------------------------------------------------------------------------------------


def _setting(change: Change) -> Estate:
    setting = change.given["SettingId"].rpartition("servicesetting")[2]
    record = ssm.ServiceSetting(
        setting_id=setting, setting_value=change.given["SettingValue"], status="Customized"
    )
    return change.having(_with_setting(change.scope, setting, record))


def _reset_setting(change: Change) -> Estate:
    setting = change.given["SettingId"].rpartition("servicesetting")[2]
    value = "standard" if setting.endswith("activation-tier") else "$None"
    record = ssm.ServiceSetting(setting_id=setting, setting_value=value, status="Default")
    return change.having(_with_setting(change.scope, setting, record))


def _with_setting(scope: Scope, setting: str, record: ssm.ServiceSetting) -> Scope:
    """The scope with one record of a setting, under whichever spelling of its id it was read."""
    known = next((key for key in scope.service_settings if key.endswith(setting)), setting)
    return scope.having(
        Scope.service_settings, ssm.ServiceSettingAnswer(service_setting=altered(record, setting_id=known))
    )


def _document(change: Change) -> Estate:
    name = change.given["Name"]
    old = change.scope.documents.get(name) or ssm.Document(
        name=name, document_type="Session", document_format="JSON", status="Active"
    )
    changed = altered(old, content=change.given["Content"])
    return change.having(change.scope.having(Scope.documents, changed))


def _delete_document(change: Change) -> Estate:
    return change.having(change.scope.without(Scope.documents, change.given["Name"]))


def _update_agent(change: Change) -> Estate:
    scope = change.scope
    for identity in change.given["InstanceIds"]:
        node = scope.managed_nodes.get(identity)
        if node is not None:
            scope = scope.having(
                Scope.managed_nodes, altered(node, agent_version=NEWEST_AGENT, is_latest_version=True)
            )
    return change.having(scope)


NEWEST_AGENT: Final = "3.3.4793.0"
"""The version that an updated agent is taken to have: past every version that a check asks for."""


def _nothing(change: Change) -> Estate:
    return change.estate


# --- keys and logs ---------------------------------------------------------------------------------------


def _key_state(state: str) -> Effect:
    def effect(change: Change) -> Estate:
        scope = change.scope
        wanted = change.given["KeyId"]
        for key, answer in scope.keys.items():
            found = answer.key_metadata
            if wanted in (key, found.key_id, found.arn):
                metadata = altered(found, key_state=state, enabled=state == "Enabled")
                scope = scope.having(Scope.keys, altered(answer, key_metadata=metadata))
        return change.having(scope)

    return effect


def _create_log_group(change: Change) -> Estate:
    group = other.LogGroup(log_group_name=change.given["logGroupName"])
    return change.having(change.scope.having(Scope.log_groups, group))


def _delete_log_group(change: Change) -> Estate:
    return change.having(change.scope.without(Scope.log_groups, change.given["logGroupName"]))


def _log_key(change: Change) -> Estate:
    group = change.scope.log_groups.get(change.given["logGroupName"])
    if group is None:
        return change.estate
    changed = altered(group, kms_key_id=change.given.get("kmsKeyId"))
    return change.having(change.scope.having(Scope.log_groups, changed))


ACCESS: Final[dict[str, Effect]] = {
    "iam:AddRoleToInstanceProfile": _role_in_profile(present=True),
    "iam:AttachRolePolicy": _attach,
    "iam:CreateInstanceProfile": _create_profile,
    "iam:CreateRole": _create_role,
    "iam:DeleteInstanceProfile": _delete_profile,
    "iam:DeleteRole": _delete_role,
    "iam:DeleteRolePolicy": _delete_policy,
    "iam:DeleteUserPolicy": _user(_delete_user_policy),
    "iam:DetachRolePolicy": _detach,
    "iam:PutRolePolicy": _put_policy,
    "iam:PutUserPolicy": _user(_put_user_policy),
    "iam:RemoveRoleFromInstanceProfile": _role_in_profile(present=False),
    "iam:UpdateAssumeRolePolicy": _trust,
    "kms:CancelKeyDeletion": _key_state("Disabled"),
    # A grant is not seen in a key's policy; the role's own policy is what is proved.
    "kms:CreateGrant": _nothing,
    "kms:DisableKey": _key_state("Disabled"),
    "kms:EnableKey": _key_state("Enabled"),
    "kms:RevokeGrant": _nothing,
    "logs:AssociateKmsKey": _log_key,
    "logs:CreateLogGroup": _create_log_group,
    "logs:DeleteLogGroup": _delete_log_group,
    "logs:DisassociateKmsKey": _log_key,
    "ssm:CreateDocument": _document,
    "ssm:DeleteDocument": _delete_document,
    "ssm:ResetServiceSetting": _reset_setting,
    "ssm:SendCommand": _update_agent,
    "ssm:UpdateDocument": _document,
    "ssm:UpdateDocumentDefaultVersion": _nothing,
    "ssm:UpdateServiceSetting": _setting,
}
