"""Records of IAM and STS. Policy documents come as objects (boto3, CLI) or as URL-encoded text (raw API)."""

from __future__ import annotations

from typing import Any

import msgspec

from advisor.model.records.shape import Record, Tag

PolicyDocument = dict[str, Any] | str


class CallerIdentity(Record, frozen=True, gc=False, kw_only=True):
    """Who read the account."""

    account: str | None = None
    arn: str | None = None
    user_id: str | None = None


class AttachedPolicy(Record, frozen=True, gc=False, kw_only=True):
    """A managed policy attached to a principal."""

    policy_name: str | None = None
    policy_arn: str | None = None


class PermissionsBoundary(Record, frozen=True, gc=False, kw_only=True):
    """The managed policy that bounds a principal."""

    permissions_boundary_type: str | None = None
    permissions_boundary_arn: str | None = None


class Role(Record, frozen=True, gc=False, kw_only=True):
    """A role."""

    role_name: str
    arn: str | None = None
    path: str | None = None
    role_id: str | None = None
    assume_role_policy_document: PolicyDocument | None = None
    permissions_boundary: PermissionsBoundary | None = None
    max_session_duration: int | None = None
    tags: tuple[Tag, ...] = ()


class RoleAnswer(Record, frozen=True, gc=False, kw_only=True):
    """`GetRole`."""

    role: Role


class InstanceProfile(Record, frozen=True, gc=False, kw_only=True):
    """An instance profile and the role in it."""

    instance_profile_name: str
    instance_profile_id: str | None = None
    arn: str | None = None
    roles: tuple[Role, ...] = ()


class InstanceProfileAnswer(Record, frozen=True, gc=False, kw_only=True):
    """`GetInstanceProfile`."""

    instance_profile: InstanceProfile


class RoleAttachedPolicies(Record, frozen=True, gc=False, kw_only=True):
    """`ListAttachedRolePolicies` of one role; the role's name is the request's, kept beside the answer."""

    role_name: str
    attached_policies: tuple[AttachedPolicy, ...] = ()


class RolePolicyNames(Record, frozen=True, gc=False, kw_only=True):
    """`ListRolePolicies` of one role; the role's name is the request's, kept beside the answer."""

    role_name: str
    policy_names: tuple[str, ...] = ()


class RolePolicy(Record, frozen=True, gc=False, kw_only=True):
    """An inline policy of a role."""

    role_name: str
    policy_name: str
    policy_document: PolicyDocument | None = None


class RoleTags(Record, frozen=True, gc=False, kw_only=True):
    """`ListRoleTags` of one role; the role's name is the request's, kept beside the answer."""

    role_name: str
    tags: tuple[Tag, ...] = ()


class Policy(Record, frozen=True, gc=False, kw_only=True):
    """A managed policy."""

    arn: str
    policy_name: str | None = None
    default_version_id: str | None = None


class PolicyAnswer(Record, frozen=True, gc=False, kw_only=True):
    """`GetPolicy`."""

    policy: Policy


class PolicyVersion(Record, frozen=True, gc=False, kw_only=True):
    """One version of a managed policy."""

    document: PolicyDocument | None = None
    version_id: str | None = None
    is_default_version: bool | None = None


class PolicyVersionAnswer(Record, frozen=True, gc=False, kw_only=True):
    """`GetPolicyVersion`; the policy's ARN is the request's, kept beside the answer."""

    policy_arn: str
    policy_version: PolicyVersion


class InlinePolicy(Record, frozen=True, gc=False, kw_only=True):
    """An inline policy inside the authorization details."""

    policy_name: str | None = None
    policy_document: PolicyDocument | None = None


class RoleDetail(Record, frozen=True, gc=False, kw_only=True):
    """A role with its policies, from `GetAccountAuthorizationDetails`."""

    role_name: str
    arn: str | None = None
    path: str | None = None
    role_id: str | None = None
    assume_role_policy_document: PolicyDocument | None = None
    instance_profile_list: tuple[InstanceProfile, ...] = ()
    role_policy_list: tuple[InlinePolicy, ...] = ()
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()
    permissions_boundary: PermissionsBoundary | None = None
    tags: tuple[Tag, ...] = ()


class GroupDetail(Record, frozen=True, gc=False, kw_only=True):
    """A group with its policies, from `GetAccountAuthorizationDetails`."""

    group_name: str
    arn: str | None = None
    group_policy_list: tuple[InlinePolicy, ...] = ()
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()


class UserDetail(Record, frozen=True, gc=False, kw_only=True):
    """A user with its policies, from `GetAccountAuthorizationDetails`."""

    user_name: str
    arn: str | None = None
    path: str | None = None
    user_id: str | None = None
    group_list: tuple[str, ...] = ()
    user_policy_list: tuple[InlinePolicy, ...] = ()
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()
    permissions_boundary: PermissionsBoundary | None = None
    tags: tuple[Tag, ...] = ()


class ManagedPolicyDetail(Record, frozen=True, gc=False, kw_only=True):
    """A managed policy with its versions, from `GetAccountAuthorizationDetails`."""

    arn: str
    policy_name: str | None = None
    default_version_id: str | None = None
    policy_version_list: tuple[PolicyVersion, ...] = ()


class AuthorizationDetails(Record, frozen=True, gc=False, kw_only=True):
    """`GetAccountAuthorizationDetails`, one page."""

    user_detail_list: tuple[UserDetail, ...] = ()
    group_detail_list: tuple[GroupDetail, ...] = ()
    role_detail_list: tuple[RoleDetail, ...] = ()
    policies: tuple[ManagedPolicyDetail, ...] = ()


class DecisionDetail(Record, frozen=True, gc=False, kw_only=True):
    """What a boundary or an organisation's policies said."""

    allowed_by_permissions_boundary: bool | None = None
    allowed_by_organizations: bool | None = None


class EvaluationResult(Record, frozen=True, gc=False, kw_only=True):
    """One decision of IAM's policy simulator."""

    eval_action_name: str
    eval_resource_name: str | None = None
    eval_decision: str | None = None
    missing_context_values: tuple[str, ...] = ()
    permissions_boundary_decision_detail: DecisionDetail | None = None
    organizations_decision_detail: DecisionDetail | None = None


class PrincipalSimulation(Record, frozen=True, gc=False, kw_only=True):
    """`SimulatePrincipalPolicy`; the principal's ARN is the request's, kept beside the answer."""

    policy_source_arn: str
    evaluation_results: tuple[EvaluationResult, ...] = msgspec.field(default=())
