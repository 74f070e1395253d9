"""Decisions by AWS's policy evaluation logic, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.iam.context import Context
from advisor.iam.decision import (
    CONTEXT,
    ORGANISATION_UNSEEN,
    Layer,
    Principal,
    PrincipalKind,
    Request,
    decide,
)
from advisor.iam.documents import Policies, parse_policy
from advisor.model.evidence import Missing
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict

ACCOUNT = "111122223333"
INSTANCE = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-0abc"
ROLE = Principal(
    f"arn:aws:iam::{ACCOUNT}:role/ops/admin",
    ACCOUNT,
    PrincipalKind.ROLE,
    "admin",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/alice",
)
USER = Principal(f"arn:aws:iam::{ACCOUNT}:user/bob", ACCOUNT, PrincipalKind.USER, "bob")
START = Request("ssm:StartSession", INSTANCE, Context.of({"aws:RequestedRegion": "us-east-1"}), ROLE)
UNREAD = Missing("iam:GetPolicyVersion", "denied", "AccessDenied", "arn:aws:iam::111122223333:policy/x")


def statement(effect: str, action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def policies(*statements: dict[str, Any], missing: tuple[Missing, ...] = ()) -> Policies:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return Policies((parse_policy(document, "test", "iam:GetRolePolicy"),), missing)


ALLOW = policies(statement("Allow", "ssm:StartSession"))
NOTHING = policies()
OTHER = policies(statement("Allow", "s3:*"))
DENY = policies(statement("Allow"), statement("Deny", "ssm:*"))
PERHAPS = policies(statement("Allow", "ssm:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
PERHAPS_NOT = policies(
    statement("Allow"), statement("Deny", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}})
)
UNREADABLE = Policies((parse_policy("{", "broken"),))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"identity": ALLOW}, READY),
        ({"identity": NOTHING}, BLOCKED),
        ({"identity": OTHER}, BLOCKED),
        ({}, BLOCKED),
        ({"identity": DENY}, BLOCKED),
        ({"identity": PERHAPS}, UNKNOWN),
        ({"identity": PERHAPS_NOT}, UNKNOWN),
        ({"identity": UNREADABLE}, UNKNOWN),
        ({"identity": ALLOW.joined(UNREADABLE)}, UNKNOWN),
        ({"identity": DENY.joined(UNREADABLE)}, BLOCKED),
        ({"identity": Policies(missing=(UNREAD,))}, UNKNOWN),
        ({"identity": ALLOW, "boundary": ALLOW}, READY),
        ({"identity": ALLOW, "boundary": OTHER}, BLOCKED),
        ({"identity": ALLOW, "boundary": Policies(missing=(UNREAD,))}, UNKNOWN),
        ({"identity": NOTHING, "boundary": Policies(missing=(UNREAD,))}, BLOCKED),
        ({"identity": NOTHING, "boundary": ALLOW}, BLOCKED),
        ({"identity": PERHAPS, "boundary": OTHER}, BLOCKED),
        ({"identity": ALLOW, "session": OTHER}, BLOCKED),
        ({"identity": ALLOW, "session": ALLOW}, READY),
        ({"identity": ALLOW, "session": PERHAPS}, UNKNOWN),
        ({"identity": ALLOW, "boundary": DENY}, BLOCKED),
    ],
)
def test_identity_boundary_and_session_policies_all_have_a_say(
    given: dict[str, Policies], expected: Verdict
) -> None:
    assert decide(START, **given).verdict is expected


def test_an_allow_names_the_statement_and_what_is_not_seen() -> None:
    decision = decide(START, identity=OTHER.joined(ALLOW))
    assert [each.says for each in decision.statements] == ["Allow ssm:StartSession on *"]
    assert decision.statements[0].operation == "iam:GetRolePolicy"
    assert decision.notes == (ORGANISATION_UNSEEN,)


def test_an_explicit_deny_names_itself_and_its_layer() -> None:
    decision = decide(START, identity=ALLOW, boundary=DENY)
    assert (decision.explicit, decision.layer) == (True, Layer.BOUNDARY)
    assert [each.says for each in decision.statements] == ["Deny ssm:* on *"]


def test_an_implicit_denial_names_the_layer_that_is_silent() -> None:
    assert decide(START, identity=NOTHING).layer is Layer.IDENTITY
    decision = decide(START, identity=ALLOW, boundary=OTHER)
    assert (decision.explicit, decision.layer, decision.statements) == (False, Layer.BOUNDARY, ())


def test_what_was_not_read_is_named() -> None:
    decision = decide(START, identity=ALLOW.joined(Policies(missing=(UNREAD,))))
    assert decision.missing == (UNREAD,)


def test_an_unknown_condition_key_is_named_with_its_statement() -> None:
    decision = decide(START, identity=PERHAPS_NOT)
    assert decision.keys == ("aws:SourceVpce",)
    (missing,) = decision.missing
    assert (missing.operation, missing.resource) == (CONTEXT, "aws:SourceVpce")
    assert "Deny * on * if StringNotEquals aws:SourceVpce [vpce-1]" in missing.says


def test_a_malformed_statement_may_allow_never_surely() -> None:
    odd = policies(statement("Allow", "ssm:*", Resourse="*"))
    decision = decide(START, identity=odd)
    assert decision.verdict is UNKNOWN
    assert decision.missing[0].code == "MalformedPolicy"
    assert decide(START, identity=odd.joined(ALLOW)).verdict is READY
    assert decide(START, identity=odd.joined(DENY)).verdict is BLOCKED


def test_a_malformed_statement_about_something_else_does_not_matter() -> None:
    odd = policies(statement("Deny", "s3:*", Resourse="*"))
    assert decide(START, identity=odd.joined(ALLOW)).verdict is READY


def test_a_statement_whose_effect_is_unreadable_may_also_deny() -> None:
    odd = policies(statement("DENY", "ssm:*"))
    assert decide(START, identity=odd.joined(ALLOW)).verdict is UNKNOWN


def test_an_identity_statement_without_resource_is_not_believed() -> None:
    odd = policies({"Effect": "Allow", "Action": "ssm:*"})
    assert decide(START, identity=odd).verdict is UNKNOWN


def test_the_condition_that_keeps_an_allow_from_applying_is_shown() -> None:
    tagged = policies(
        statement("Allow", "ssm:*", Condition={"StringEquals": {"ssm:resourceTag/access": "yes"}}),
        statement("Allow", "s3:*", Condition={"StringEquals": {"s3:prefix": "a"}}),
    )
    request = Request("ssm:StartSession", INSTANCE, Context.of({}, closed=["ssm:resourceTag/"]), ROLE)
    decision = decide(request, identity=tagged)
    assert decision.verdict is BLOCKED
    assert [each.condition.key for each in decision.unmet] == ["ssm:resourceTag/access"]


# --- resource policies -----------------------------------------------------------------------------------


def resource_policy(principal: Any, effect: str = "Allow", **more: Any) -> Policies:
    return policies(statement(effect, "ssm:StartSession", Principal=principal, **more))


@pytest.mark.parametrize(
    ("principal", "identity", "boundary", "expected"),
    [
        ({"AWS": ROLE.arn}, NOTHING, None, READY),
        ({"AWS": ROLE.arn}, NOTHING, OTHER, BLOCKED),
        ({"AWS": ROLE.session}, NOTHING, OTHER, READY),
        ("*", NOTHING, None, READY),
        ({"AWS": "*"}, NOTHING, OTHER, BLOCKED),
        ({"AWS": ACCOUNT}, NOTHING, None, BLOCKED),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, NOTHING, None, BLOCKED),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, ALLOW, None, READY),
        ({"AWS": "arn:aws:iam::111122223333:role/other"}, NOTHING, None, BLOCKED),
        ({"Service": "ec2.amazonaws.com"}, NOTHING, None, BLOCKED),
        ({"AWS": ROLE.arn}, DENY, None, BLOCKED),
        ({"AWS": ROLE.arn}, Policies(missing=(UNREAD,)), None, UNKNOWN),
    ],
)
def test_in_one_account_a_resource_policy_may_be_enough(
    principal: Any, identity: Policies, boundary: Policies | None, expected: Verdict
) -> None:
    decision = decide(START, identity=identity, boundary=boundary, resource=resource_policy(principal))
    assert decision.verdict is expected


def test_a_resource_policy_that_names_the_user_is_not_bounded() -> None:
    request = Request("ssm:StartSession", INSTANCE, principal=USER)
    named = resource_policy({"AWS": USER.arn})
    assert decide(request, identity=NOTHING, boundary=OTHER, resource=named).verdict is READY


def test_a_resource_policy_may_deny_what_identity_policies_allow() -> None:
    decision = decide(START, identity=ALLOW, resource=resource_policy("*", "Deny"))
    assert (decision.verdict, decision.explicit, decision.layer) == (BLOCKED, True, Layer.RESOURCE)


def test_a_denial_for_everybody_but_somebody_else_denies() -> None:
    statements = statement("Deny", "ssm:*", NotPrincipal={"AWS": "arn:aws:iam::444455556666:root"})
    assert decide(START, identity=ALLOW, resource=policies(statements)).verdict is BLOCKED


def test_an_exception_that_names_only_the_account_is_not_believed() -> None:
    statements = statement("Deny", "ssm:*", NotPrincipal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    assert decide(START, identity=ALLOW, resource=policies(statements)).verdict is UNKNOWN


@pytest.mark.parametrize(
    ("identity", "principal", "expected"),
    [
        (ALLOW, {"AWS": ACCOUNT}, READY),
        (ALLOW, {"AWS": ROLE.arn}, READY),
        (NOTHING, {"AWS": ROLE.arn}, BLOCKED),
        (ALLOW, {"AWS": "444455556666"}, BLOCKED),
    ],
)
def test_across_accounts_both_are_needed(identity: Policies, principal: Any, expected: Verdict) -> None:
    given = resource_policy(principal)
    assert decide(START, identity=identity, resource=given, same_account=False).verdict is expected
    assert decide(START, identity=identity, same_account=False).verdict is BLOCKED


@pytest.mark.parametrize(
    ("principal", "identity", "expected"),
    [
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, ALLOW, READY),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, NOTHING, BLOCKED),
        ({"AWS": ROLE.arn}, NOTHING, READY),
        ({"AWS": "arn:aws:iam::111122223333:role/other"}, ALLOW, BLOCKED),
    ],
)
def test_a_key_policy_has_to_grant_or_delegate(principal: Any, identity: Policies, expected: Verdict) -> None:
    given = resource_policy(principal)
    assert decide(START, identity=identity, resource=given, resource_must_allow=True).verdict is expected


# --- endpoint policies, root -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (policies(statement("Allow", Principal="*")), READY),
        (policies(statement("Allow", "ssm:*", Principal={"AWS": ACCOUNT})), READY),
        (policies(statement("Allow", "s3:*", Principal="*")), BLOCKED),
        (policies(statement("Allow", Principal={"AWS": "arn:aws:iam::444455556666:root"})), BLOCKED),
        (policies(statement("Allow", Principal="*"), statement("Deny", "ssm:*", Principal="*")), BLOCKED),
        (
            policies(
                statement("Allow", Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
            ),
            UNKNOWN,
        ),
        (policies(statement("Allow")), UNKNOWN),
        (UNREADABLE, UNKNOWN),
    ],
)
def test_an_endpoint_policy_has_to_let_it_through(endpoint: Policies, expected: Verdict) -> None:
    decision = decide(START, identity=ALLOW, endpoint=endpoint)
    assert decision.verdict is expected
    if expected is BLOCKED:
        assert decision.layer is Layer.ENDPOINT


def test_an_endpoint_policy_alone_grants_nothing() -> None:
    endpoint = policies(statement("Allow", Principal="*"))
    decision = decide(START, identity=NOTHING, endpoint=endpoint)
    assert (decision.verdict, decision.layer) == (BLOCKED, Layer.IDENTITY)


def test_the_root_user_needs_no_policy_but_passes_through_endpoints() -> None:
    root = Principal(f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, PrincipalKind.ROOT)
    request = Request("ssm:StartSession", INSTANCE, principal=root)
    assert decide(request, identity=NOTHING).verdict is READY
    closed = policies(statement("Allow", "s3:*", Principal="*"))
    assert decide(request, identity=NOTHING, endpoint=closed).verdict is BLOCKED


@pytest.mark.parametrize(
    ("principal", "expected"),
    [(f"arn:aws:iam::{ACCOUNT}:root", READY), ("arn:aws:iam::444455556666:root", BLOCKED)],
)
def test_the_root_user_needs_a_key_policy_like_everybody(principal: str, expected: Verdict) -> None:
    root = Principal(f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, PrincipalKind.ROOT)
    request = Request("ssm:StartSession", INSTANCE, principal=root)
    given = resource_policy({"AWS": principal})
    assert decide(request, resource=given, resource_must_allow=True).verdict is expected


@pytest.mark.parametrize(
    "broken",
    [
        {"Action": {"ssm": "*"}},
        {"Action": [None]},
        {"Action": "s3:*", "NotAction": "s3:*"},
        {"NotAction": []},
        {"Resource": [None]},
        {"Resource": "arn:aws:s3:::b", "NotResource": "arn:aws:s3:::b"},
        {"NotResource": []},
        {"Condition": {"StringEquals": {"aws:RequestedRegion": {"is": "us-east-1"}}}},
        {"Condition": {"StringEquals": {"aws:RequestedRegion": []}}},
        {"Condition": {"Null": {"aws:RequestedRegion": []}}},
    ],
    ids=str,
)
def test_a_part_that_cannot_be_read_neither_lets_through_nor_stops(broken: dict[str, Any]) -> None:
    kept = {key: value for key, value in statement("Allow").items() if f"Not{key}" not in broken} | broken
    assert decide(START, identity=policies(kept)).verdict is UNKNOWN
    denial = {**kept, "Effect": "Deny"}
    decision = decide(START, identity=policies(statement("Allow"), denial))
    assert decision.verdict is UNKNOWN
    assert decision.missing


@pytest.mark.parametrize(
    "broken", [None, "somebody", {"AWS": None}, {"aws": "*"}, {"AWS": [{"x": 1}]}], ids=str
)
def test_a_principal_that_cannot_be_read_may_be_anybody(broken: Any) -> None:
    granted = policies(statement("Allow", Principal=broken))
    assert decide(START, identity=NOTHING, resource=granted).verdict is UNKNOWN
    assert decide(START, identity=ALLOW, resource=granted, resource_must_allow=True).verdict is UNKNOWN
    denied = policies(statement("Deny", Principal=broken))
    assert decide(START, identity=ALLOW, resource=denied).verdict is UNKNOWN


def test_a_resource_policy_without_principal_grants_nothing_surely() -> None:
    assert decide(START, identity=NOTHING, resource=policies(statement("Allow"))).verdict is UNKNOWN


def test_everybody_but_somebody_is_granted_to_all_others() -> None:
    excepted = {"Effect": "Allow", "Action": "*", "Resource": "*", "NotPrincipal": {"AWS": USER.arn}}
    given = policies(excepted)
    assert decide(START, identity=NOTHING, resource=given).verdict is READY
    assert decide(START, identity=ALLOW, resource=given, resource_must_allow=True).verdict is READY
    assert decide(Request("a:b", "*", Context(), USER), resource=given).verdict is not READY


def test_a_session_named_by_a_policy_may_be_the_one_that_asks() -> None:
    role = Principal(ROLE.arn, ACCOUNT, PrincipalKind.ROLE, "admin")
    request = Request("ssm:StartSession", INSTANCE, Context(), role)
    named = {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/i-0abc"}
    denied = policies(statement("Deny", Principal=named))
    assert decide(request, identity=ALLOW, resource=denied).verdict is UNKNOWN
    granted = policies(statement("Allow", Principal=named))
    assert decide(request, identity=NOTHING, resource=granted).verdict is UNKNOWN
    others = {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/administrator/i-0abc"}
    assert decide(request, resource=policies(statement("Allow", Principal=others))).verdict is BLOCKED


def test_a_role_whose_path_was_not_read_is_known_by_its_name() -> None:
    pathless = Principal(f"arn:aws:iam::{ACCOUNT}:role/admin", ACCOUNT, PrincipalKind.ROLE, "admin")
    request = Request("ssm:StartSession", INSTANCE, Context(), pathless)
    assert (
        decide(request, resource=policies(statement("Allow", Principal={"AWS": ROLE.arn}))).verdict is READY
    )
    elsewhere = {"AWS": ROLE.arn.replace(ACCOUNT, "444455556666")}
    assert decide(request, resource=policies(statement("Allow", Principal=elsewhere))).verdict is BLOCKED
