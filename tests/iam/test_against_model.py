"""Every decision against a plain, two-valued model of AWS's evaluation logic, written apart from ours."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.iam.context import Context
from advisor.iam.decision import Principal, PrincipalKind, Request, decide
from advisor.iam.documents import Policies, parse_policy
from advisor.model.verdict import BLOCKED, READY

ACCOUNT, OTHER = "111122223333", "444455556666"
ACTION = "ssm:StartSession"
TARGET = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-0abc"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ops/admin"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/alice"
USER = f"arn:aws:iam::{ACCOUNT}:user/alice"

ACTIONS = ["*", "ssm:*", "SSM:startsession", "ssm:Start?ession", "ssm:Start", "s3:*", "ssm:StartSessions"]
RESOURCES = [
    "*",
    TARGET,
    "arn:aws:ec2:*:*:instance/*",
    "arn:aws:ec2:us-east-1:*:instance/i-0ab?",
    "arn:aws:ec2:us-east-1:*:INSTANCE/*",
    "arn:aws:ec2:eu-*:*:instance/*",
    "arn:aws:ec2:*:*:instance/${aws:username}",
    "arn:aws:ec2:*:*:instance/${app:name, 'i-0abc'}",
    "arn:aws:ec2:*:*:instance/i-0ab${*}",
]
PRINCIPALS: list[Any] = [
    "*",
    {"AWS": "*"},
    {"AWS": ACCOUNT},
    {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    {"AWS": [OTHER]},
    {"AWS": [ROLE]},
    {"AWS": [SESSION, USER]},
    {"AWS": [f"arn:aws:iam::{ACCOUNT}:role/admins"]},
    {"Service": "ec2.amazonaws.com"},
]
VALUES = {
    "String": ["i-0abc", "I-0ABC", "i-*", "${aws:username}", "${*}", ""],
    "Numeric": ["22", "22.0", "3389", "-1"],
    "Bool": ["true", "False"],
    "Ip": ["10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "2001:DB8::1"],
    "Date": ["2026-11-20T10:00:00Z", "2026-11-20T11:00:00+01:00", "1795168800", "2027-01-01T00:00:00Z"],
    "Arn": [ROLE, "arn:aws:iam::*:role/*", "arn:aws:iam::*:role/ops", "arn:*:iam:*:*:role/o?s/*"],
}
SEEN = {
    "String": ["i-0abc", "I-0ABC", "i-*", ""],
    "Numeric": ["22", "3390"],
    "Bool": ["true", "false"],
    "Ip": ["10.1.2.3", "192.0.2.1", "2001:db8::1"],
    "Date": ["2026-11-20T10:00:00Z", "2028-01-01T00:00:00Z"],
    "Arn": [ROLE, f"arn:aws:iam::{OTHER}:role/ops", f"arn:aws:iam::{ACCOUNT}:role/x:y"],
}
ORDERS = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
OPERATORS = {
    "String": [
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ],
    "Numeric": [f"Numeric{each}" for each in ORDERS],
    "Date": [f"Date{each}" for each in ORDERS],
    "Bool": ["Bool"],
    "Ip": ["IpAddress", "NotIpAddress"],
    "Arn": ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
}
KINDS = list(OPERATORS)
MANY = "app:Many"

# --- the model ---------------------------------------------------------------------------------------------


def glob(pattern: list[str], text: str) -> bool:
    """`<*>` and `<?>` are wildcards, everything else one character."""
    if not pattern:
        return not text
    if pattern[0] == "<*>":
        return glob(pattern[1:], text) or (text != "" and glob(pattern, text[1:]))
    return text != "" and pattern[0] in ("<?>", text[0]) and glob(pattern[1:], text[1:])


def filled(pattern: str, facts: dict[str, list[str]], wild: bool) -> list[str] | None:
    """The pattern's characters, variables filled in; None where one has no value."""
    found: list[str] = []
    while pattern:
        if pattern.startswith("${"):
            inner, pattern = pattern[2:].split("}", 1)
            name, _, default = inner.partition(", ")
            value = inner if inner in "*?$" else (facts.get(name) or [default.strip("'") or None])[0]
            if value is None:
                return None
            found += value
        else:
            found.append(f"<{pattern[0]}>" if wild and pattern[0] in "*?" else pattern[0])
            pattern = pattern[1:]
    return found


def like(pattern: str, text: str, facts: dict[str, list[str]], wild: bool = True) -> bool:
    characters = filled(pattern, facts, wild)
    return characters is not None and glob(characters, text)


def arn_like(pattern: str, arn: str) -> bool:
    return all(
        like(part, text, {}) for part, text in zip(pattern.split(":", 5), arn.split(":", 5), strict=True)
    )


def moment(text: str) -> float:
    return float(text) if text.isdigit() else datetime.fromisoformat(text).timestamp()


def compared(operator: str, seen: str, wanted: str, facts: dict[str, list[str]]) -> bool:
    if operator.startswith("String"):
        fold = "IgnoreCase" in operator
        return like(
            wanted.lower() if fold else wanted, seen.lower() if fold else seen, facts, "Like" in operator
        )
    if operator.startswith("Arn"):
        return arn_like(wanted, seen)
    if operator == "Bool":
        return seen == wanted.lower()
    if operator.endswith("IpAddress"):
        address, network = ipaddress.ip_address(seen), ipaddress.ip_network(wanted)
        return address.version == network.version and address in network
    to = float if operator.startswith("Numeric") else moment
    left, right = to(seen), to(wanted)
    order = operator.removeprefix("Numeric").removeprefix("Date")
    return {
        "Equals": left == right,
        "NotEquals": left == right,
        "LessThan": left < right,
        "LessThanEquals": left <= right,
        "GreaterThan": left > right,
        "GreaterThanEquals": left >= right,
    }[order]


def holds(operator: str, key: str, wanted: list[str], facts: dict[str, list[str]]) -> bool:
    seen = facts.get(key, [])
    if operator == "Null":
        return ("false" if seen else "true") in wanted
    quantifier, _, name = operator.rpartition(":")
    bare = name.removesuffix("IfExists")
    negated = "Not" in bare
    if not seen:
        return bare != name or quantifier == "ForAllValues" or (negated and not quantifier)
    each = [any(compared(bare, value, one, facts) for one in wanted) is not negated for value in seen]
    return any(each) if quantifier == "ForAnyValue" else all(each)


def speaks(statement: dict[str, Any], facts: dict[str, list[str]]) -> bool:
    """Action, resource and conditions; not the principal."""
    patterns = statement.get("Action") or statement["NotAction"]
    named = any(like(each.lower(), ACTION.lower(), {}) for each in patterns)
    if named is ("NotAction" in statement):
        return False
    patterns = statement.get("Resource") or statement["NotResource"]
    if any(like(each, TARGET, facts) for each in patterns) is ("NotResource" in statement):
        return False
    return all(
        holds(operator, key, wanted, facts)
        for operator, block in statement.get("Condition", {}).items()
        for key, wanted in block.items()
    )


def names(statement: dict[str, Any]) -> set[str]:
    principal = statement["Principal"]
    if principal == "*":
        return {"*"}
    listed = principal.get("AWS", [])
    return set(listed if isinstance(listed, list) else [listed])


def allowed(
    identity: list[Any],
    facts: dict[str, list[str]],
    principal: Principal,
    boundary: list[Any] | None,
    resource: list[Any] | None,
    same_account: bool,
) -> bool:
    me = {principal.arn, principal.session} - {None}
    whole = {ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"}
    theirs = [each for each in resource or [] if speaks(each, facts)]
    denials = [*identity, *(boundary or [])]
    if any(each["Effect"] == "Deny" and speaks(each, facts) for each in denials):
        return False
    if any(each["Effect"] == "Deny" and names(each) & (me | whole | {"*"}) for each in theirs):
        return False
    own = any(each["Effect"] == "Allow" and speaks(each, facts) for each in identity)
    bound = boundary is None or any(each["Effect"] == "Allow" and speaks(each, facts) for each in boundary)
    grants: set[str] = set()
    for each in theirs:
        grants |= names(each) if each["Effect"] == "Allow" else set()
    directly = bool(grants & (me | {"*"}))
    if not same_account:
        return own and bound and (directly or bool(grants & whole))
    itself = principal.session or principal.arn
    return itself in grants or ((own or directly) and bound)


# --- what is generated -------------------------------------------------------------------------------------


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(draw(st.integers(0, 2))):
        kind = draw(st.sampled_from(KINDS))
        many = draw(st.booleans())
        key = f"{MANY}{kind}" if many else f"app:{kind}"
        if draw(st.integers(0, 5)) == 0:
            found["Null"] = {key: [draw(st.sampled_from(["true", "false"]))]}
            continue
        operator = draw(st.sampled_from(OPERATORS[kind])) + draw(st.sampled_from(["", "IfExists"]))
        if many:
            operator = draw(st.sampled_from(["ForAllValues:", "ForAnyValue:"])) + operator
        wanted = draw(st.lists(st.sampled_from(VALUES[kind]), min_size=1, max_size=2))
        found.setdefault(operator, {})[key] = wanted
    return found


@st.composite
def statements(draw: st.DrawFn, named: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(
            st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2)
        ),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(
            st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2)
        ),
    }
    condition = draw(conditions())
    if condition:
        found["Condition"] = condition
    if named:
        found["Principal"] = draw(st.sampled_from(PRINCIPALS))
    return found


facts_of = st.fixed_dictionaries(
    {},
    optional={
        "aws:username": st.sampled_from([["i-0abc"], ["bob"]]),
        **{f"app:{kind}": st.sampled_from([[each] for each in SEEN[kind]]) for kind in KINDS},
        **{f"{MANY}{kind}": st.lists(st.sampled_from(SEEN[kind]), max_size=3) for kind in KINDS},
    },
)
principals = st.sampled_from(
    [
        Principal(ROLE, ACCOUNT, PrincipalKind.ROLE, "admin", SESSION),
        Principal(USER, ACCOUNT, PrincipalKind.USER, "alice"),
    ]
)
ALL_KEYS = [
    "aws:username",
    "app:name",
    *(f"app:{kind}" for kind in KINDS),
    *(f"{MANY}{kind}" for kind in KINDS),
]


def policies(listed: list[Any] | None) -> Policies | None:
    if listed is None:
        return None
    return Policies((parse_policy({"Version": "2012-10-17", "Statement": listed}, "generated"),))


@settings(max_examples=400)
@given(
    st.lists(statements(), max_size=3),
    facts_of,
    principals,
    st.none() | st.lists(statements(), max_size=2),
    st.none() | st.lists(statements(named=True), max_size=3),
    st.booleans(),
)
def test_a_decision_on_known_facts_is_that_of_the_documented_logic(
    identity: list[Any],
    facts: dict[str, list[str]],
    principal: Principal,
    boundary: list[Any] | None,
    resource: list[Any] | None,
    same_account: bool,
) -> None:
    context = Context.of(facts, [key for key in ALL_KEYS if not facts.get(key)])
    ours = decide(
        Request(ACTION, TARGET, context, principal),
        identity=policies(identity),
        boundary=policies(boundary),
        resource=policies(resource),
        same_account=same_account,
    )
    expected = allowed(identity, facts, principal, boundary, resource, same_account)
    assert ours.verdict is (READY if expected else BLOCKED)
