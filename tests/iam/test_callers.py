"""Who the caller is, and which policies stand behind an ARN."""

from __future__ import annotations

import pytest

from advisor.iam.callers import caller_permissions, parse_caller
from advisor.iam.decision import SESSION_POLICY_UNSEEN, PrincipalKind
from advisor.iam.principals import Permissions
from advisor.model.evidence import Missing
from advisor.model.verdict import READY
from tests.scenes.builder import Scene, allow

ACCOUNT = "111122223333"
SSO = "AWSReservedSSO_Admin_0123456789abcdef"


@pytest.mark.parametrize(
    ("arn", "kind", "name", "session", "is_sso"),
    [
        (f"arn:aws:iam::{ACCOUNT}:user/alice", PrincipalKind.USER, "alice", None, False),
        (f"arn:aws-cn:iam::{ACCOUNT}:user/ops/team/alice", PrincipalKind.USER, "alice", None, False),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/bob", PrincipalKind.ROLE, "ops", "bob", False),
        (
            f"arn:aws:sts::{ACCOUNT}:assumed-role/{SSO}/b@c.io",
            PrincipalKind.ROLE,
            SSO,
            "b@c.io",
            True,
        ),
        (f"arn:aws:iam::{ACCOUNT}:role/path/ops", PrincipalKind.ROLE, "ops", None, False),
        (f"arn:aws:sts::{ACCOUNT}:federated-user/carol", PrincipalKind.FEDERATED, "carol", None, False),
        (f"arn:aws:iam::{ACCOUNT}:root", PrincipalKind.ROOT, "root", None, False),
    ],
)
def test_arns_of_callers(arn: str, kind: PrincipalKind, name: str, session: str | None, is_sso: bool) -> None:
    caller = parse_caller(arn)
    assert caller is not None
    assert (caller.account, caller.kind, caller.name) == (ACCOUNT, kind, name)
    assert (caller.session, caller.is_sso) == (session, is_sso)


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "alice",
        "arn:aws:s3:::bucket",
        f"arn:aws:iam::{ACCOUNT}:group/ops",
        f"arn:aws:iam::{ACCOUNT}:user/",
    ],
)
def test_what_is_no_caller(arn: str) -> None:
    assert parse_caller(arn) is None


def test_a_role_session_has_its_roles_policies_and_its_own_user_id() -> None:
    scene = Scene()
    scene.role(SSO, inline={"p": allow("ssm:*")}, path="/aws-reserved/sso.amazonaws.com/eu-west-1/")
    scene.caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/{SSO}/bob@example.com", "AROA1:bob@example.com")
    found = caller_permissions(scene.estate(), ACCOUNT)
    assert isinstance(found, Permissions)
    assert found.principal.arn.endswith(f"role/aws-reserved/sso.amazonaws.com/eu-west-1/{SSO}")
    assert found.principal.session == f"arn:aws:sts::{ACCOUNT}:assumed-role/{SSO}/bob@example.com"
    assert found.principal.context.value("aws:userid") == ("AROA1:bob@example.com",)
    decision = found.decide("ssm:StartSession")
    assert decision.verdict is READY
    assert SESSION_POLICY_UNSEEN in decision.notes


def test_the_root_user_may_do_everything() -> None:
    scene = Scene()
    scene.caller(f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
    found = caller_permissions(scene.estate(), ACCOUNT)
    assert isinstance(found, Permissions)
    assert found.decide("ssm:StartSession").verdict is READY


def test_somebody_elses_permissions_can_be_asked_for() -> None:
    scene = Scene()
    scene.role("ops", inline={"p": allow("ssm:*")})
    other = parse_caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/eve")
    found = caller_permissions(scene.estate(), ACCOUNT, other)
    assert isinstance(found, Permissions)
    assert found.principal.session == f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/eve"
    assert not isinstance(found.principal.context.value("aws:userid"), tuple), "only the reader's id is known"


@pytest.mark.parametrize(
    ("arn", "operation"),
    [
        (f"arn:aws:sts::{ACCOUNT}:federated-user/carol", "sts:GetFederationToken"),
        ("nonsense", "sts:GetCallerIdentity"),
        (f"arn:aws:iam::{ACCOUNT}:user/alice", "iam:GetAccountAuthorizationDetails"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/unread/x", "iam:ListAttachedRolePolicies"),
    ],
)
def test_what_cannot_be_known_is_missing(arn: str, operation: str) -> None:
    scene = Scene()
    scene.caller(arn)
    found = caller_permissions(scene.estate(), ACCOUNT)
    assert isinstance(found, Missing)
    assert found.operation == operation


def test_nobody_asked_who_calls() -> None:
    scene = Scene()
    scene.deny("sts:GetCallerIdentity")
    found = caller_permissions(scene.estate(), ACCOUNT)
    assert isinstance(found, Missing)
    assert found.status == "denied"
