"""Policy documents in every form that AWS and files give them, and what is said of odd ones."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from advisor.iam.documents import LONGEST_DOCUMENT, Condition, Effect, Patterns, parse_policy

CORE = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Register", "Effect": "Allow", "Action": "ssm:UpdateInstanceInformation", "Resource": "*"},
        {
            "Effect": "Deny",
            "NotAction": ["ssm:*", "ec2:*"],
            "NotResource": ["arn:aws:s3:::logs/*"],
            "Condition": {"Bool": {"aws:SecureTransport": False}, "NumericLessThan": {"s3:max-keys": 10}},
        },
    ],
}


@pytest.mark.parametrize(
    "given",
    [
        CORE,
        json.dumps(CORE),
        json.dumps(CORE, indent=4),
        quote(json.dumps(CORE)),
        quote(json.dumps(CORE, indent=1)),
    ],
    ids=["object", "text", "indented text", "url-encoded", "url-encoded and indented"],
)
def test_every_form_of_a_document_reads_the_same(given: object) -> None:
    policy = parse_policy(given, "core")  # type: ignore[arg-type]
    assert policy.problems == ()
    register, rest = policy.statements
    assert (register.effect, register.actions) == (Effect.ALLOW, Patterns(("ssm:UpdateInstanceInformation",)))
    assert register.label == "Statement[0] (Register)"
    assert rest.effect is Effect.DENY
    assert rest.actions == Patterns(("ssm:*", "ec2:*"), negated=True)
    assert rest.resources == Patterns(("arn:aws:s3:::logs/*",), negated=True)
    assert rest.conditions == (
        Condition("Bool", "aws:SecureTransport", ("false",)),
        Condition("NumericLessThan", "s3:max-keys", ("10",)),
    )


def test_a_single_statement_needs_no_list() -> None:
    policy = parse_policy({"Statement": CORE["Statement"][0]}, "single")  # type: ignore[index]
    assert [each.sid for each in policy.statements] == ["Register"]
    assert policy.statements[0].version == "2008-10-17", "without Version the older language is in force"


def test_a_percent_sign_inside_json_text_is_not_decoded() -> None:
    text = '{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/%41"}}'
    resources = parse_policy(text, "percent").statements[0].resources
    assert resources == Patterns(("arn:aws:s3:::b/%41",))


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (None, "absent"),
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('"*"', "not a JSON object"),
        ({}, "no Statement"),
        ({"Version": "2031-01-01", "Statement": []}, "unknown Version '2031-01-01'"),
        ({"Statement": [], "Statment": []}, "unknown element 'Statment'"),
        ("{" + " " * LONGEST_DOCUMENT, "longer than any policy"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
    ],
    ids=str,
)
def test_a_document_that_cannot_be_trusted_says_why(document: object, says: str) -> None:
    policy = parse_policy(document, "odd", "iam:GetRolePolicy")  # type: ignore[arg-type]
    malformed = policy.malformed()
    assert malformed is not None
    assert (malformed.operation, malformed.status, malformed.resource) == (
        "iam:GetRolePolicy",
        "undecidable",
        "odd",
    )
    assert says in malformed.says


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"Effect": "allow"}, "Effect is neither"),
        ({"Effect": ["Allow"]}, "Effect is neither"),
        ({"Efect": "Deny"}, "unknown element 'Efect'"),
        ({"NotAction": "s3:*"}, "both Action and NotAction"),
        ({"Action": {"ssm": "*"}}, "Action holds something that is not text"),
        ({"Resource": [None]}, "Resource holds something that is not text"),
        ({"Condition": "now"}, "Condition is not an object"),
        ({"Condition": {"Bool": "aws:SecureTransport"}}, "Condition 'Bool' is not an object"),
        ({"Principal": "somebody"}, "Principal is text other than '*'"),
        ({"Principal": 7}, "Principal is neither '*' nor an object"),
        ({"Principal": {"aws": "*"}}, "Principal of kind 'aws' cannot be read"),
        ({"NotPrincipal": {"AWS": []}}, "NotPrincipal is empty"),
        ({"Condition": {"Bool": {"aws:SecureTransport": []}}}, "aws:SecureTransport has no values"),
        ({"Condition": {"Bool": {"a:b": {}}}}, "Condition a:b holds something that is not text"),
    ],
    ids=str,
)
def test_a_statement_that_is_not_understood_keeps_its_doubts(change: dict[str, object], says: str) -> None:
    statement = {"Effect": "Allow", "Action": "ssm:*", "Resource": "*"} | change
    policy = parse_policy({"Statement": [statement]}, "odd")
    assert policy.problems == ()
    assert any(says in doubt for doubt in policy.statements[0].doubts), policy.statements[0].doubts


def test_a_statement_that_is_not_an_object_is_no_statement_at_all() -> None:
    statement = parse_policy({"Statement": ["Allow"]}, "odd").statements[0]
    assert statement.effect is None
    assert statement.doubts == ("not an object",)


def test_hostile_text_never_reaches_the_evidence_unharmed() -> None:
    document = {"Statement": {"Sid": "a\x1b[2J", "Effect": "Allow", "Action": "x\n\u202e:*", "Resource": "*"}}
    policy = parse_policy(document, "evil\x07name")
    evidence = policy.evidence(policy.statements[0])
    shown = evidence.resource + evidence.says + evidence.field
    assert shown.isprintable()


def test_a_long_statement_is_summed_up() -> None:
    actions = [f"s3:Get{number}" for number in range(20)]
    policy = parse_policy({"Statement": {"Effect": "Allow", "Action": actions, "NotResource": "a"}}, "long")
    assert (
        policy.statements[0].summary() == "Allow s3:Get0, s3:Get1, s3:Get2 and 17 more on all resources but a"
    )
