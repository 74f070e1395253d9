"""Condition operators on keys that are known, known to be absent, or unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.iam.conditions import evaluate
from advisor.iam.context import Context, resource_tags
from advisor.iam.documents import Condition
from advisor.iam.matching import MAYBE, NO, YES
from advisor.model.records.shape import Tag
from advisor.model.verdict import Verdict

CONTEXT = Context.of(
    {
        "aws:SourceIp": "203.0.113.7",
        "ssm:resourceTag/env": "prod",
        "ec2-instance-connect:remotePort": 22,
        "aws:SecureTransport": True,
        "aws:CurrentTime": "2026-11-20T10:00:00Z",
        "aws:PrincipalArn": "arn:aws:iam::111122223333:role/ops/admin",
        "aws:TagKeys": ["env", "team"],
        "aws:username": "alice",
        "odd:number": "many",
    },
    absent=["aws:MultiFactorAuthPresent"],
    closed=["ssm:resourceTag/"],
)


@pytest.mark.parametrize(
    ("operator", "key", "values", "expected"),
    [
        ("StringEquals", "ssm:resourceTag/env", ["prod"], YES),
        ("StringEquals", "SSM:ResourceTag/ENV", ["dev", "prod"], YES),
        ("StringEquals", "ssm:resourceTag/env", ["Prod"], NO),
        ("StringEquals", "ssm:resourceTag/env", ["pro*"], NO),
        ("stringequalsignorecase", "ssm:resourceTag/env", ["PROD"], YES),
        ("StringLike", "ssm:resourceTag/env", ["pr?d"], YES),
        ("StringLike", "ssm:resourceTag/env", ["*"], YES),
        ("StringNotEquals", "ssm:resourceTag/env", ["dev", "test"], YES),
        ("StringNotEquals", "ssm:resourceTag/env", ["dev", "prod"], NO),
        ("StringNotLike", "ssm:resourceTag/env", ["p*"], NO),
        ("StringEquals", "aws:username", ["${aws:username}"], YES),
        ("StringLike", "aws:username", ["${aws:username}*"], YES),
        ("StringEquals", "aws:username", ["${ssm:resourceTag/owner}"], NO),
        ("StringNotEquals", "aws:username", ["${ssm:resourceTag/owner}"], YES),
        ("NumericEquals", "ec2-instance-connect:remotePort", ["22"], YES),
        ("NumericEquals", "ec2-instance-connect:remotePort", ["22.0"], YES),
        ("NumericNotEquals", "ec2-instance-connect:remotePort", ["22"], NO),
        ("NumericLessThanEquals", "ec2-instance-connect:remotePort", ["22"], YES),
        ("NumericLessThan", "ec2-instance-connect:remotePort", ["22"], NO),
        ("NumericGreaterThan", "ec2-instance-connect:remotePort", ["21"], YES),
        ("NumericGreaterThanEquals", "ec2-instance-connect:remotePort", ["23"], NO),
        ("NumericEquals", "odd:number", ["22"], MAYBE),
        ("NumericEquals", "ec2-instance-connect:remotePort", ["NaN"], MAYBE),
        ("Bool", "aws:SecureTransport", ["true"], YES),
        ("Bool", "aws:SecureTransport", ["False"], NO),
        ("Bool", "aws:SecureTransport", ["perhaps"], MAYBE),
        ("IpAddress", "aws:SourceIp", ["203.0.113.0/24"], YES),
        ("IpAddress", "aws:SourceIp", ["203.0.113.7"], YES),
        ("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "2001:db8::/32"], NO),
        ("NotIpAddress", "aws:SourceIp", ["10.0.0.0/8"], YES),
        ("NotIpAddress", "aws:SourceIp", ["203.0.113.0/24"], NO),
        ("IpAddress", "aws:SourceIp", ["the office"], MAYBE),
        ("ArnLike", "aws:PrincipalArn", ["arn:aws:iam::*:role/ops/*"], YES),
        ("ArnEquals", "aws:PrincipalArn", ["arn:aws:iam::*:role/*"], YES),
        ("ArnLike", "aws:PrincipalArn", ["arn:aws:iam:*/admin"], NO),
        ("ArnLike", "aws:PrincipalArn", ["*"], MAYBE),
        ("ArnLike", "aws:PrincipalArn", ["arn:aws:iam::*"], MAYBE),
        ("ArnLike", "aws:PrincipalArn", ["arn:aws:s3::*"], NO),
        ("ArnNotLike", "aws:PrincipalArn", ["arn:aws:iam::*:role/ops/*"], NO),
        ("ArnNotEquals", "aws:PrincipalArn", ["arn:aws:iam::444455556666:role/*"], YES),
        ("DateLessThan", "aws:CurrentTime", ["2026-12-01T00:00:00Z"], YES),
        ("DateGreaterThan", "aws:CurrentTime", ["1800000000"], NO),
        ("DateEquals", "aws:CurrentTime", ["2026-11-20T11:00:00+01:00"], YES),
        ("DateNotEquals", "aws:CurrentTime", ["2026-11-20T10:00:00Z"], NO),
        ("DateGreaterThanEquals", "aws:CurrentTime", ["someday"], MAYBE),
        ("BinaryEquals", "aws:username", ["alice"], YES),
        ("Null", "aws:SourceIp", ["true"], NO),
        ("Null", "aws:SourceIp", ["false"], YES),
        ("Null", "aws:MultiFactorAuthPresent", ["true"], YES),
        ("Null", "aws:MultiFactorAuthPresent", ["false"], NO),
        ("Null", "aws:SourceVpce", ["true"], MAYBE),
        ("StringResembles", "aws:username", ["alice"], MAYBE),
        ("ForSomeValues:StringEquals", "aws:username", ["alice"], MAYBE),
    ],
)
def test_operators(operator: str, key: str, values: list[str], expected: Verdict) -> None:
    assert evaluate(Condition(operator, key, tuple(values)), CONTEXT).verdict is expected


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("Bool", ["true"], NO),
        ("BoolIfExists", ["true"], YES),
        ("StringEquals", ["x"], NO),
        ("StringNotEquals", ["x"], YES),
        ("NotIpAddress", ["10.0.0.0/8"], YES),
        ("ForAllValues:StringEquals", ["x"], YES),
        ("ForAnyValue:StringEquals", ["x"], NO),
        ("ForAnyValue:StringNotEquals", ["x"], NO),
        ("ForAnyValue:StringEqualsIfExists", ["x"], YES),
    ],
)
def test_a_key_known_to_be_absent_decides(operator: str, values: list[str], expected: Verdict) -> None:
    condition = Condition(operator, "aws:MultiFactorAuthPresent", tuple(values))
    assert evaluate(condition, CONTEXT).verdict is expected


@pytest.mark.parametrize(
    "operator", ["Bool", "BoolIfExists", "StringNotEquals", "ForAllValues:StringLike", "Null"]
)
def test_an_unknown_key_leaves_every_operator_open_and_is_named(operator: str) -> None:
    found = evaluate(Condition(operator, "aws:SourceVpce", ("true",)), CONTEXT)
    assert (found.verdict, found.keys) == (MAYBE, ("aws:SourceVpce",))


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("ForAllValues:StringEquals", ["env", "team", "cost"], YES),
        ("ForAllValues:StringEquals", ["env"], NO),
        ("ForAnyValue:StringEquals", ["env"], YES),
        ("ForAnyValue:StringEquals", ["cost"], NO),
        ("ForAnyValue:StringNotEquals", ["env"], YES),
        ("ForAllValues:StringNotEquals", ["env"], NO),
        ("ForAllValues:StringNotEquals", ["cost"], YES),
        ("StringEquals", ["env", "team"], YES),
        ("StringEquals", ["env"], MAYBE),
    ],
)
def test_keys_with_several_values(operator: str, values: list[str], expected: Verdict) -> None:
    assert evaluate(Condition(operator, "aws:TagKeys", tuple(values)), CONTEXT).verdict is expected


def test_a_tag_that_the_resource_lacks_is_absent_not_unknown() -> None:
    assert evaluate(Condition("StringEquals", "ssm:resourceTag/team", ("red",)), CONTEXT).verdict is NO
    forgotten = CONTEXT.forgetting("ssm:resourceTag/team")
    assert evaluate(Condition("StringEquals", "ssm:resourceTag/team", ("red",)), forgotten).verdict is MAYBE


def test_a_variable_with_an_unknown_key_names_that_key() -> None:
    found = evaluate(Condition("StringEquals", "aws:username", ("${aws:PrincipalTag/x}",)), CONTEXT)
    assert (found.verdict, found.keys) == (MAYBE, ("aws:PrincipalTag/x",))


OPERATORS = [
    *["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIfExists"],
    *["Bool", "BoolIfExists", "Null", "IpAddress", "NotIpAddress", "NumericEquals", "NumericLessThan"],
    *["ArnLike", "DateEquals", "ForAnyValue:StringLike", "ForAllValues:StringLike"],
    "ForAnyValue:StringNotEquals",
]
TEXTS = st.sampled_from(
    ["", "a", "ab", "*", "true", "false", "22", "10.0.0.1", "10.0.0.0/8", "${aws:username}", "é"]
)


@given(st.sampled_from(OPERATORS), st.lists(TEXTS, max_size=3), st.lists(TEXTS, min_size=1, max_size=3))
def test_what_holds_without_knowing_a_key_holds_whatever_its_value(
    operator: str, wanted: list[str], present: list[str]
) -> None:
    condition = Condition(operator, "x:key", tuple(wanted))
    unknown = evaluate(condition, Context()).verdict
    known = evaluate(condition, Context.of({"x:key": present})).verdict
    absent = evaluate(condition, Context.of({}, ["x:key"])).verdict
    if unknown is not MAYBE:
        assert unknown is known is absent


@pytest.mark.parametrize(("other", "expected"), [("red", YES), ("blue", MAYBE)])
def test_tags_that_differ_by_case_only_are_sure_where_they_agree(other: str, expected: Verdict) -> None:
    tags = resource_tags((Tag(key="Team", value="red"), Tag(key="team", value=other)), "aws:ResourceTag/")
    condition = Condition("StringEquals", "aws:ResourceTag/Team", ("red",))
    assert evaluate(condition, tags).verdict is expected
