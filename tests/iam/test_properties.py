"""Laws that every decision keeps, whatever the policies: knowledge and rules only ever push one way."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.iam.context import Context
from advisor.iam.decision import Principal, PrincipalKind, Request, decide
from advisor.iam.documents import Policies, parse_policy
from advisor.model.evidence import Missing
from advisor.model.verdict import BLOCKED, READY, UNKNOWN

ACTIONS = ["ssm:StartSession", "ssm:*", "*", "s3:GetObject", "SSM:start?ession"]
RESOURCES = [
    "*",
    "arn:aws:ec2:*:*:instance/*",
    "arn:aws:ec2:us-east-1:111122223333:instance/i-0abc",
    "arn:aws:ec2:us-east-1:111122223333:instance/${aws:username}",
    "arn:aws:ssm:*:*:document/*",
]
KEYS = ["aws:username", "aws:SourceIp", "ssm:resourceTag/env", "aws:MultiFactorAuthPresent"]
VALUES = ["i-0abc", "prod", "true", "10.0.0.1", "${aws:username}", "*"]
OPERATORS = [
    "StringEquals",
    "StringNotEquals",
    "StringLikeIfExists",
    "Bool",
    "BoolIfExists",
    "NotIpAddress",
    "Null",
]

conditions = st.dictionaries(
    st.sampled_from(OPERATORS),
    st.dictionaries(
        st.sampled_from(KEYS), st.lists(st.sampled_from(VALUES), min_size=1, max_size=2), max_size=2
    ),
    max_size=2,
)


def statements(effects: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda effect, action, not_action, resource, not_resource, condition, odd: {
            "Effect": effect,
            ("NotAction" if not_action else "Action"): action,
            ("NotResource" if not_resource else "Resource"): resource,
            **({"Condition": condition} if condition else {}),
            **({"Wrong": 1} if odd else {}),
        },
        st.sampled_from(effects),
        st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2),
        st.booleans(),
        st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2),
        st.booleans(),
        conditions,
        st.sampled_from([False] * 9 + [True]),
    )


any_statement = statements(["Allow", "Deny", "allow"])
documents = st.lists(any_statement, max_size=4)
contexts = st.builds(
    lambda known, absent: Context.of(known, [key for key in absent if key not in known]),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=4),
    st.lists(st.sampled_from(KEYS), max_size=2),
)
UNREAD = Missing("iam:GetPolicyVersion", "denied", "AccessDenied", "p")


def policies(document: list[dict[str, Any]]) -> Policies:
    return Policies((parse_policy({"Version": "2012-10-17", "Statement": document}, "generated"),))


def request(context: Context) -> Request:
    role = Principal("arn:aws:iam::111122223333:role/r", "111122223333", PrincipalKind.ROLE, "r")
    return Request("ssm:StartSession", "arn:aws:ec2:us-east-1:111122223333:instance/i-0abc", context, role)


@given(documents, statements(["Deny"]), contexts)
def test_adding_a_deny_never_helps(document: list[Any], deny: dict[str, Any], context: Context) -> None:
    before = decide(request(context), identity=policies(document)).verdict
    after = decide(request(context), identity=policies([*document, deny])).verdict
    assert not before < after


@given(documents, statements(["Allow"]), contexts)
def test_adding_an_allow_never_hurts(document: list[Any], allow: dict[str, Any], context: Context) -> None:
    before = decide(request(context), identity=policies(document)).verdict
    after = decide(request(context), identity=policies([*document, allow])).verdict
    assert not after < before


@given(documents, documents, contexts)
def test_a_boundary_and_a_session_policy_never_help(
    document: list[Any], bound: list[Any], context: Context
) -> None:
    free = decide(request(context), identity=policies(document)).verdict
    bounded = decide(request(context), identity=policies(document), boundary=policies(bound)).verdict
    in_session = decide(request(context), identity=policies(document), session=policies(bound)).verdict
    assert not free < bounded
    assert bounded is in_session


@given(documents, contexts, st.sampled_from(KEYS))
def test_forgetting_a_key_makes_nothing_surer(document: list[Any], context: Context, key: str) -> None:
    known = decide(request(context), identity=policies(document)).verdict
    forgotten = decide(request(context.forgetting(key)), identity=policies(document)).verdict
    assert forgotten in (known, UNKNOWN)


@given(documents, documents, contexts)
def test_what_is_sure_without_reading_a_policy_is_true_after_reading_it(
    read: list[Any], unread: list[Any], context: Context
) -> None:
    partly = policies(read).joined(Policies(missing=(UNREAD,)))
    before = decide(request(context), identity=partly).verdict
    after = decide(request(context), identity=policies(read).joined(policies(unread))).verdict
    assert before is not READY, "an unread policy may deny"
    if before is BLOCKED:
        assert after is BLOCKED


@given(documents, contexts)
def test_order_and_splitting_of_statements_do_not_matter(document: list[Any], context: Context) -> None:
    together = decide(request(context), identity=policies(document)).verdict
    apart = Policies()
    for each in reversed(document):
        apart = apart.joined(policies([each]))
    assert decide(request(context), identity=apart).verdict is together


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Statement", "Effect", "Action", "Resource", "Condition", "Principal", "Version", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(["Version", "Statement", "Id", "x"]), JSON, max_size=3) | st.text())
def test_no_document_whatever_breaks_a_decision_or_is_believed_blindly(document: Any) -> None:
    policy = parse_policy(document, "fuzz")
    decision = decide(request(Context()), identity=Policies((policy,)))
    if decision.verdict is READY:
        assert not policy.problems
        assert not any(
            each.doubts for each in policy.statements if each.label in decision.statements[0].field
        )
