"""Who has which policies: roles, instance profiles and the caller, out of what was read of an account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from weakref import WeakKeyDictionary

import msgspec

from advisor.iam.context import EMPTY, Context
from advisor.iam.decision import (
    Decision,
    Principal,
    PrincipalKind,
    Request,
    decide,
)
from advisor.iam.documents import Policies, Policy, parse_policy
from advisor.iam.managed import managed_policy
from advisor.model.coverage import Status
from advisor.model.estate import Estate
from advisor.model.evidence import Missing
from advisor.model.records.iam import (
    AttachedPolicy,
    GroupDetail,
    InlinePolicy,
    ManagedPolicyDetail,
    PermissionsBoundary,
    PolicyVersion,
    Role,
    RoleDetail,
    UserDetail,
)
from advisor.model.records.shape import Tag
from advisor.model.scope import Scope
from advisor.model.verdict import READY

DETAILS: Final = "iam:GetAccountAuthorizationDetails"
NO_SUCH_ENTITY: Final = "NoSuchEntity"


class Permissions(msgspec.Struct, frozen=True):
    """All policies of a user or role; what of them could not be read stands in the Policies' `missing`.

    `boundary` is None where there is none. `trust` is a role's trust policy, None for users.
    """

    principal: Principal
    identity: Policies
    boundary: Policies | None = None
    trust: Policy | Missing | None = None
    notes: tuple[str, ...] = ()

    def decide(
        self,
        action: str,
        resource: str | None = "*",
        context: Context = EMPTY,
        *,
        endpoint: Policies | None = None,
        resource_policy: Policies | None = None,
        resource_must_allow: bool = False,
    ) -> Decision:
        """The decision on one action of this principal, in its own account."""
        decision = decide(
            Request(action, resource, context, self.principal),
            identity=self.identity,
            boundary=self.boundary,
            resource=resource_policy,
            endpoint=endpoint,
            resource_must_allow=resource_must_allow,
        )
        if decision.verdict is READY and self.notes:
            return msgspec.structs.replace(decision, notes=decision.notes + self.notes)
        return decision


# --- roles -----------------------------------------------------------------------------------------------


def role_permissions(estate: Estate, account: str, role: str) -> Permissions | Missing:
    """Everything attached to a role, from the authorization details or from calls per role.

    `role` is its name, with or without path (`service-role/Name`), or its ARN. Missing where neither source
    knows the role: with code `NoSuchEntity` where AWS said that it does not exist.
    """
    name = role.rpartition("/")[2]
    scope = estate.global_scope(account)
    detail = authorization_details(scope).roles.get(name)
    if detail is not None:
        return _from_detail(scope, account, detail)
    record = scope.roles.get(name)
    attached = scope.role_attached_policies.get(name)
    inline = any(each.role_name == name for each in scope.role_policies.values())
    if record is None and attached is None and not inline:
        return _unknown_role(scope, name)
    return _from_calls(scope, account, name, record.role if record is not None else None)


def _unknown_role(scope: Scope, name: str) -> Missing:
    if lists_all(scope, authorization_details(scope).roles):
        return Missing(DETAILS, "absent", NO_SUCH_ENTITY, name)
    for table in (scope.roles, scope.role_attached_policies):
        if table.missing(name).code is not None:
            return table.missing(name)
    if scope.authorization_details.coverage.status is not Status.NOT_ASKED:
        return scope.authorization_details.missing()
    return scope.role_attached_policies.missing(name)


def _from_detail(scope: Scope, account: str, detail: RoleDetail) -> Permissions:
    inline = _inline(detail.role_policy_list, DETAILS)
    attached = _managed(scope, detail.attached_managed_policies)
    return Permissions(
        principal=_role_principal(account, detail.role_name, detail.arn, detail.role_id, detail.tags),
        identity=inline.joined(attached),
        boundary=_boundary(scope, detail.permissions_boundary),
        trust=parse_policy(
            detail.assume_role_policy_document, f"trust policy of {detail.role_name}", DETAILS
        ),
    )


def _from_calls(scope: Scope, account: str, name: str, record: Role | None) -> Permissions:
    tags = scope.role_tags.get(name)
    role = record or Role(role_name=name)
    known_tags = tags.tags if tags is not None else role.tags if record is not None and role.tags else None
    trust: Policy | Missing
    if record is None:
        trust = scope.roles.missing(name)
        boundary: Policies | None = Policies(missing=(trust,))
    else:
        trust = parse_policy(role.assume_role_policy_document, f"trust policy of {name}", "iam:GetRole")
        boundary = _boundary(scope, role.permissions_boundary)
    return Permissions(
        principal=_role_principal(account, name, role.arn, role.role_id, known_tags),
        identity=_inline_by_calls(scope, name).joined(_attached_by_calls(scope, name)),
        boundary=boundary,
        trust=trust,
    )


def _attached_by_calls(scope: Scope, name: str) -> Policies:
    attached = scope.role_attached_policies.get(name)
    if attached is None:
        return Policies(missing=(scope.role_attached_policies.missing(name),))
    return _managed(scope, attached.attached_policies)


def _inline_by_calls(scope: Scope, name: str) -> Policies:
    names = scope.role_policy_names.get(name)
    found = {each.policy_name: each for each in scope.role_policies.values() if each.role_name == name}
    operation = scope.role_policies.operation
    documents = tuple(
        parse_policy(each.policy_document, f"{name}/{each.policy_name}", operation) for each in found.values()
    )
    missing = [] if names is not None else [scope.role_policy_names.missing(name)]
    for each in names.policy_names if names is not None else ():
        if each not in found:
            missing.append(scope.role_policies.missing(f"{name}/{each}"))
    return Policies(documents, tuple(missing))


def _role_principal(
    account: str, name: str, arn: str | None, role_id: str | None, tags: tuple[Tag, ...] | None
) -> Principal:
    own = arn or f"arn:aws:iam::{account}:role/{name}"
    known: dict[str, str] = {"aws:PrincipalAccount": account, "aws:PrincipalType": "AssumedRole"}
    if arn:
        known["aws:PrincipalArn"] = arn
    # Session tags may add to a role's tags, so an unlisted one is unknown rather than absent.
    known |= {f"aws:PrincipalTag/{tag.key}": tag.value for tag in tags or ()}
    return Principal(own, account, PrincipalKind.ROLE, name, None, Context.of(known, ("aws:username",)))


# --- policies --------------------------------------------------------------------------------------------


def _inline(policies: Iterable[InlinePolicy], operation: str) -> Policies:
    return Policies(
        tuple(
            parse_policy(each.policy_document, each.policy_name or "inline", operation) for each in policies
        )
    )


def _managed(scope: Scope, attached: Iterable[AttachedPolicy]) -> Policies:
    documents: list[Policy] = []
    missing: list[Missing] = []
    for each in attached:
        found = managed_document(scope, each.policy_arn or each.policy_name or "")
        if isinstance(found, Missing):
            missing.append(found)
        else:
            documents.append(found)
    return Policies(tuple(documents), tuple(missing))


def managed_document(scope: Scope, arn: str) -> Policy | Missing:
    """A managed policy's document in force: as read, else as AWS published it, else why there is none."""
    detail = authorization_details(scope).policies.get(arn)
    if detail is not None:
        for version in detail.policy_version_list:
            if version.is_default_version or version.version_id == detail.default_version_id:
                return parse_policy(version.document, arn, DETAILS)
    answer = scope.policy_versions.get(arn)
    if answer is not None and _is_in_force(scope, arn, answer.policy_version):
        return parse_policy(answer.policy_version.document, arn, scope.policy_versions.operation)
    return managed_policy(arn) or scope.policy_versions.missing(arn)


def _is_in_force(scope: Scope, arn: str, version: PolicyVersion) -> bool:
    policy = scope.policies.get(arn)
    default = policy.policy.default_version_id if policy is not None else None
    if default is not None and version.version_id is not None:
        return default == version.version_id
    return version.is_default_version is not False


def _boundary(scope: Scope, boundary: PermissionsBoundary | None) -> Policies | None:
    if boundary is None or boundary.permissions_boundary_arn is None:
        return None
    return _managed(scope, [AttachedPolicy(policy_arn=boundary.permissions_boundary_arn)])


class AuthorizationIndex(msgspec.Struct, frozen=True):
    """The authorization details of all pages, by name or ARN."""

    roles: dict[str, RoleDetail]
    users: dict[str, UserDetail]
    groups: dict[str, GroupDetail]
    policies: dict[str, ManagedPolicyDetail]


_DETAILS_OF: Final[WeakKeyDictionary[Scope, AuthorizationIndex]] = WeakKeyDictionary()


def authorization_details(scope: Scope) -> AuthorizationIndex:
    """The authorization details of an account's global scope; empty where they were not read."""
    found = _DETAILS_OF.get(scope)
    if found is None:
        pages = list(scope.authorization_details.values())
        found = _DETAILS_OF[scope] = AuthorizationIndex(
            {each.role_name: each for page in pages for each in page.role_detail_list},
            {each.user_name: each for page in pages for each in page.user_detail_list},
            {each.group_name: each for page in pages for each in page.group_detail_list},
            {each.arn: each for page in pages for each in page.policies},
        )
    return found


def lists_all(scope: Scope, found: Mapping[str, object]) -> bool:
    """Whether the authorization details hold every entity of the kind of which these were found.

    Where there is none at all they may have been asked with a filter for another kind.
    """
    return scope.authorization_details.complete and bool(found)


# --- users ---------------------------------------------------------------------------------------------


def user_permissions(estate: Estate, account: str, name: str) -> Permissions | Missing:
    """Everything attached to a user and to its groups; only the authorization details tell."""
    scope = estate.global_scope(account)
    details = authorization_details(scope)
    user = details.users.get(name)
    if user is None:
        if lists_all(scope, details.users):
            return Missing(DETAILS, "absent", NO_SUCH_ENTITY, name)
        return scope.authorization_details.missing(name)
    identity = _inline(user.user_policy_list, DETAILS).joined(_managed(scope, user.attached_managed_policies))
    for group_name in user.group_list:
        group = details.groups.get(group_name)
        if group is None:
            identity = identity.joined(Policies(missing=(Missing(DETAILS, "absent", None, group_name),)))
        else:
            inline = _inline(group.group_policy_list, DETAILS)
            identity = identity.joined(inline).joined(_managed(scope, group.attached_managed_policies))
    known = {
        "aws:PrincipalAccount": account,
        "aws:PrincipalType": "User",
        "aws:username": name,
        **({"aws:userid": user.user_id} if user.user_id else {}),
        **({"aws:PrincipalArn": user.arn} if user.arn else {}),
        **{f"aws:PrincipalTag/{tag.key}": tag.value for tag in user.tags},
    }
    arn = user.arn or f"arn:aws:iam::{account}:user/{name}"
    context = Context.of(known, (), ("aws:PrincipalTag/",))
    principal = Principal(arn, account, PrincipalKind.USER, name, None, context)
    return Permissions(principal, identity, _boundary(scope, user.permissions_boundary))
