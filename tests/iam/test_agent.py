"""What the agent needs, and policies that grant or withhold it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from advisor.iam.agent import (
    agent_needs,
    bucket_needs,
    encryption_needs,
    endpoint_policies,
    log_group_needs,
    node_context,
)
from advisor.iam.context import Presence
from advisor.iam.decision import Layer
from advisor.iam.needs import Need, Place
from advisor.iam.principals import Permissions, role_permissions
from advisor.model.records.ec2 import VpcEndpoint
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict, all_of
from tests.scenes.builder import CORE, Scene, allow, deny

ACCOUNT = "111122223333"
PLACE = Place(ACCOUNT, "us-east-1")
NODE = "i-0abc"
CONTEXT = node_context(PLACE, NODE, vpc="vpc-1", private_ip="10.0.0.7")


def role(*documents: dict[str, Any], managed: tuple[str, ...] = ()) -> Permissions:
    scene = Scene()
    scene.role("node", managed, inline={f"p{number}": each for number, each in enumerate(documents)})
    found = role_permissions(scene.estate(), ACCOUNT, "node")
    assert isinstance(found, Permissions)
    return found


def verdict(needs: tuple[Need, ...], permissions: Permissions, **more: Any) -> Verdict:
    return all_of(each.decide(permissions, **more).verdict for each in needs)


HERE = {"ArnEquals": {"ec2:SourceInstanceARN": f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/*"}}
ELSEWHERE = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([], BLOCKED),
        ([allow("ssm:*", "ssmmessages:*")], READY),
        ([allow("ssm:UpdateInstanceInformation")], BLOCKED),
        ([allow("ssm:*", "ssmmessages:*", resource=f"arn:aws:ec2:*:{ACCOUNT}:instance/*")], BLOCKED),
        ([allow("*", **HERE)], READY),
        ([allow("*"), deny("ssm:*", **ELSEWHERE)], BLOCKED),
        ([allow("*"), deny("*", Bool={"aws:SecureTransport": "false"})], READY),
        ([allow("*"), deny("*", StringNotEquals={"aws:Ec2InstanceSourceVpc": "${aws:SourceVpc}"})], UNKNOWN),
        ([allow("*", StringEquals={"aws:PrincipalTag/team": "red"})], BLOCKED),
        ([allow("*", BoolIfExists={"aws:MultiFactorAuthPresent": "true"})], READY),
        ([allow("*"), deny("*", NotIpAddress={"aws:SourceIp": "10.0.0.0/8"})], UNKNOWN),
    ],
)
def test_the_agent_registers_and_opens_channels(documents: list[dict[str, Any]], expected: Verdict) -> None:
    assert verdict(agent_needs(PLACE, NODE, CONTEXT), role(*documents)) is expected


def test_the_cause_tells_registering_from_channels() -> None:
    permissions = role(allow("ssm:*", "ec2messages:*"))
    denied = {
        each.cause
        for each in agent_needs(PLACE, NODE, CONTEXT)
        if each.decide(permissions).verdict is BLOCKED
    }
    assert denied == {"instance-role-missing-ssmmessages"}


def test_where_the_path_leads_may_decide() -> None:
    bound = [allow("*"), deny("*", StringNotEquals={"aws:SourceVpce": "vpce-1"})]
    for via, expected in (("vpce-1", READY), ("vpce-2", BLOCKED), ("", BLOCKED), (None, UNKNOWN)):
        context = node_context(PLACE, NODE, vpc="vpc-1", via=via)
        assert verdict(agent_needs(PLACE, NODE, context), role(*bound)) is expected


def test_hybrid_nodes_have_arns_of_their_own() -> None:
    assert PLACE.node("mi-0abc") == f"arn:aws:ssm:us-east-1:{ACCOUNT}:managed-instance/mi-0abc"
    only_hybrid = allow("ssm:*", resource="arn:aws:ssm:*:*:managed-instance/*")
    (register, *_) = agent_needs(PLACE, "mi-0abc", CONTEXT)
    assert register.decide(role(only_hybrid)).verdict is READY
    (register, *_) = agent_needs(PLACE, NODE, CONTEXT)
    assert register.decide(role(only_hybrid)).verdict is BLOCKED


def test_core_has_nothing_for_keys_and_logs() -> None:
    core = role(managed=(CORE,))
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k"
    assert verdict(encryption_needs(key, CONTEXT), core) is BLOCKED
    assert verdict(log_group_needs(PLACE, "/ssm/sessions", CONTEXT), core) is BLOCKED
    assert verdict(bucket_needs(PLACE, "bucket", "", CONTEXT), core) is BLOCKED


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("*", READY),
        (f"arn:aws:logs:us-east-1:{ACCOUNT}:*", READY),
        ([f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/ssm/sessions:*"], BLOCKED),
        (["arn:aws:logs:*:*:log-group:/ssm/sessions:*", "arn:aws:logs:*:*:log-group::log-stream:*"], READY),
        ("arn:aws:logs:*:*:log-group:/other:*", BLOCKED),
    ],
)
def test_logging_to_a_group(resource: Any, expected: Verdict) -> None:
    needs = log_group_needs(PLACE, "/ssm/sessions", CONTEXT)
    assert verdict(needs, role(allow("logs:*", resource=resource))) is expected


def test_logging_to_a_bucket_keeps_to_its_prefix() -> None:
    put = allow("s3:PutObject", resource="arn:aws:s3:::bucket/sessions/*")
    look = allow("s3:GetEncryptionConfiguration", resource="arn:aws:s3:::bucket")
    assert verdict(bucket_needs(PLACE, "bucket", "sessions", CONTEXT), role(put, look)) is READY
    assert verdict(bucket_needs(PLACE, "bucket", "/other/", CONTEXT), role(put, look)) is BLOCKED
    assert verdict(bucket_needs(PLACE, "bucket", "sessions", CONTEXT), role(put)) is BLOCKED
    assert verdict(bucket_needs(PLACE, "bucket", "sessions", CONTEXT, encrypted=False), role(put)) is READY


def test_an_endpoints_policy_may_withhold_what_the_role_allows() -> None:
    document = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ssm:Get*", "Resource": "*"}]}'
    closed = endpoint_policies(VpcEndpoint(vpc_endpoint_id="vpce-1", policy_document=document))
    (register, *_) = agent_needs(PLACE, NODE, CONTEXT)
    decision = register.decide(role(managed=(CORE,)), endpoint=closed)
    assert (decision.verdict, decision.layer) == (BLOCKED, Layer.ENDPOINT)
    open_one = endpoint_policies(VpcEndpoint(vpc_endpoint_id="vpce-1"))
    assert register.decide(role(managed=(CORE,)), endpoint=open_one).verdict is READY


@pytest.mark.parametrize(
    ("principal", "of_interface", "of_gateway"),
    [
        ("*", READY, READY),
        ({"AWS": ["*"]}, READY, READY),
        ({"AWS": ACCOUNT}, READY, BLOCKED),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, READY, BLOCKED),
        ({"AWS": "444455556666"}, BLOCKED, BLOCKED),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/node"}, READY, UNKNOWN),
    ],
    ids=str,
)
def test_an_account_is_its_root_user_alone_to_a_gateway_endpoint(
    principal: Any, of_interface: Verdict, of_gateway: Verdict
) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    (register, *_) = agent_needs(PLACE, NODE, CONTEXT)
    for kind, expected in (("Interface", of_interface), ("Gateway", of_gateway)):
        endpoint = VpcEndpoint(vpc_endpoint_id="vpce-1", vpc_endpoint_type=kind, policy_document=document)
        decision = register.decide(role(managed=(CORE,)), endpoint=endpoint_policies(endpoint))
        assert decision.verdict is expected, kind


def test_what_an_instances_credentials_never_carry_is_absent() -> None:
    assert CONTEXT.value("aws:MultiFactorAuthPresent") is Presence.ABSENT
    assert CONTEXT.value("aws:PrincipalTag/any") is Presence.ABSENT
    assert CONTEXT.value("aws:SourceIp") is Presence.UNKNOWN
