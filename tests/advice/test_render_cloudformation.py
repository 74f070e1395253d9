"""CloudFormation: cfn-lint is content, what cannot be created stands apart, and texts stay literal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cfnlint.api import ManualArgs, lint
from hypothesis import given
from hypothesis import strategies as st

from advisor.advice.action import Action, members
from advisor.advice.actions import actions_for
from advisor.advice.render_cloudformation import cloudformation, is_literal, logical, template
from tests.advice.samples import OTHERS, REPAIRS, SAMPLE

signs = st.one_of(
    st.sampled_from(
        ["Ref", "Fn::Sub", "${AWS::AccountId}", "{{resolve:ssm:x}}", "{{resolve:secretsmanager:a:b}}", "!Ref"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)


def of(actions: tuple[Action, ...]) -> dict[str, Any]:
    text = cloudformation(actions, {each.key: "a title" for each in actions}, "a plan")
    found: dict[str, Any] = json.loads(text)
    return found


def complaints(document: dict[str, Any]) -> list[str]:
    found = lint(json.dumps(document), config=ManualArgs(regions=["us-east-1"]))
    return [f"{each.rule.id} {each.message} {each.path}" for each in found]


def everything() -> tuple[Action, ...]:
    """One action of every operation that plans are made of."""
    found: dict[str, Action] = {}
    for kind, repair in REPAIRS.items():
        if kind != "AskOwner":
            for action in actions_for(repair, SAMPLE.estate):
                found.setdefault(action.key, action)
    for remedy in OTHERS.values():
        for action in remedy.actions:
            found.setdefault(action.key, action)
    return tuple(found.values())


class TestLint:
    def test_cfn_lint_is_content_with_one_of_everything(self):
        assert complaints(of(everything())) == []

    def test_cfn_lint_is_content_where_nothing_can_be_created(self):
        document = of(actions_for(REPAIRS["EnableVpcDns"], SAMPLE.estate))
        assert complaints(document) == []
        (apart,) = document["Metadata"]["ByTheAwsCli"]
        assert apart["Cli"][0].startswith("aws ec2 modify-vpc-attribute ")


def test_every_action_is_a_resource_or_a_line():
    actions = everything()
    document = of(actions)
    apart = {each["Number"] for each in document["Metadata"]["ByTheAwsCli"]}
    written = set(document["Resources"])
    for number, action in enumerate(actions, 1):
        merged = action.operation in ("AttachRolePolicy", "AddRoleToInstanceProfile")
        assert number in apart or logical(action.key) in written or merged, action.operation


def test_created_things_are_referred_to():
    document = of(actions_for(REPAIRS["CreateNatGateway"], SAMPLE.estate))
    by_type = {each["Type"]: each["Properties"] for each in document["Resources"].values()}
    assert list(by_type["AWS::EC2::NatGateway"]["AllocationId"]) == ["Fn::GetAtt"]


@pytest.mark.parametrize("key", ["a-b-1", "1st", "vpc-0A.b"])
def test_logical_ids_are_letters_and_digits(key: str):
    assert logical(key).isalnum() and logical(key)[0].isalpha()


@given(value=signs)
def test_hostile_documents_stay_literal(value: str):
    content = json.dumps({"inputs": {value or "k": {"Ref": value}, "x": f"{{{{resolve:ssm:{value}}}}}"}})
    asked = Action(
        "key",
        "ssm",
        "CreateDocument",
        members(Name="d", Content=content, DocumentType="Session", DocumentFormat="JSON"),
        "111122223333",
        "us-east-1",
        "t",
        1,
    )
    text = cloudformation((asked,), {"key": value}, value)
    written = json.loads(text)["Resources"]["Key"]["Properties"]["Content"]
    assert isinstance(written, str)  # as text, since a key is an intrinsic function's
    assert json.loads(written) == json.loads(content)
    assert "{{resolve:" not in text


@given(key=signs, value=signs)
def test_policies_with_keys_of_intrinsics_are_left_to_the_cli(key: str, value: str):
    document = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": {key: value}}]}
    asked = Action(
        "key",
        "iam",
        "PutRolePolicy",
        members(RoleName="r", PolicyName="p", PolicyDocument=json.dumps(document)),
        "111122223333",
        "global",
        "t",
        1,
    )
    found = template((asked,), {})
    if is_literal(document):
        assert found["Resources"]["Key"]["Properties"]["PolicyDocument"] == document
    else:
        assert found["Metadata"]["ByTheAwsCli"][0]["Number"] == 1
        assert key == "Ref" or key.startswith("Fn::") or "{{resolve:" in value
