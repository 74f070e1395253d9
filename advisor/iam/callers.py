"""The caller: who an ARN of `sts:GetCallerIdentity` is, and which policies stand behind it."""

from __future__ import annotations

import msgspec

from advisor.iam.context import Context
from advisor.iam.decision import SESSION_POLICY_UNSEEN, Principal, PrincipalKind
from advisor.iam.documents import Policies
from advisor.iam.principals import Permissions, role_permissions, user_permissions
from advisor.model.estate import Estate
from advisor.model.evidence import Missing


class Caller(msgspec.Struct, frozen=True):
    """Who an ARN of `sts:GetCallerIdentity` speaks of.

    `name` is the user's or the role's name without its path (which the ARN of a role session does not show);
    `session` the name of a role session. `is_sso` for roles of IAM Identity Center, which live under
    `/aws-reserved/sso.amazonaws.com/` and start with `AWSReservedSSO_`.
    """

    arn: str
    account: str
    kind: PrincipalKind
    name: str
    session: str | None = None
    is_sso: bool = False
    partition: str = "aws"


def parse_caller(arn: str) -> Caller | None:
    """The caller behind an ARN, None if it is not one of a caller."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2] not in ("iam", "sts"):
        return None
    _, partition, _, _, account, rest = parts
    what, _, path = rest.partition("/")
    if rest == "root":
        return Caller(arn, account, PrincipalKind.ROOT, "root", partition=partition)
    if what == "assumed-role" and "/" in path:
        role, _, session = path.partition("/")
        sso = role.startswith("AWSReservedSSO_")
        return Caller(arn, account, PrincipalKind.ROLE, role, session, sso, partition)
    kinds = {
        "user": PrincipalKind.USER,
        "federated-user": PrincipalKind.FEDERATED,
        "role": PrincipalKind.ROLE,
    }
    if what not in kinds or not path:
        return None
    return Caller(arn, account, kinds[what], path.rpartition("/")[2], partition=partition)


def caller_of(estate: Estate, account: str) -> Caller | Missing:
    """Who read the account, which is who connects unless somebody says otherwise."""
    identity = estate.global_scope(account).caller.only()
    if isinstance(identity, Missing):
        return identity
    caller = parse_caller(identity.arn or "")
    return caller or Missing(
        "sts:GetCallerIdentity", "undecidable", None, identity.arn, "not an ARN of a caller"
    )


def caller_permissions(estate: Estate, account: str, caller: Caller | None = None) -> Permissions | Missing:
    """The policies of the caller (of `sts:GetCallerIdentity`, unless another one is given)."""
    found = caller or caller_of(estate, account)
    if isinstance(found, Missing):
        return found
    identity = estate.global_scope(account).caller.only()
    user_id = identity.user_id if not isinstance(identity, Missing) and identity.arn == found.arn else None
    if found.kind is PrincipalKind.ROOT:
        return Permissions(Principal(found.arn, found.account, PrincipalKind.ROOT, "root"), Policies())
    if found.kind is PrincipalKind.USER:
        return user_permissions(estate, account, found.name)
    if found.kind is PrincipalKind.FEDERATED:
        says = "the policies of a federated user are given at sign-in and not visible"
        return Missing("sts:GetFederationToken", "undecidable", None, found.arn, says)
    role = role_permissions(estate, account, found.name)
    return role if isinstance(role, Missing) else _in_session(role, found, user_id)


def _in_session(role: Permissions, caller: Caller, user_id: str | None) -> Permissions:
    if caller.session is None:
        return role
    known = {"aws:userid": user_id} if user_id else {}
    context = role.principal.context.having(Context.of(known))
    principal = msgspec.structs.replace(role.principal, session=caller.arn, context=context)
    return msgspec.structs.replace(role, principal=principal, notes=(*role.notes, SESSION_POLICY_UNSEEN))
