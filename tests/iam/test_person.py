"""What the person who connects needs, use by use."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.iam.callers import caller_permissions
from advisor.iam.decision import Decision
from advisor.iam.needs import Need, Place, essential
from advisor.iam.person import (
    Use,
    caller_context,
    key_push_needs,
    own_session_needs,
    password_needs,
    serial_needs,
    session_ways,
    tunnel_needs,
)
from advisor.iam.principals import Permissions
from advisor.model.records.shape import Tag
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict, all_of
from tests.scenes.builder import Scene, allow, deny

ACCOUNT = "111122223333"
PLACE = Place(ACCOUNT, "us-east-1")
TARGET = "i-0abc"
TAGS = (Tag(key="access", value="ops"),)
INSTANCE = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/{TARGET}"
DOCUMENT = f"arn:aws:ssm:us-east-1:{ACCOUNT}:document/SSM-SessionManagerRunShell"
SSH = "arn:aws:ssm:us-east-1::document/AWS-StartSSHSession"


def person(*documents: dict[str, Any]) -> Permissions:
    scene = Scene()
    scene.role("ops", inline={f"p{number}": each for number, each in enumerate(documents)})
    scene.caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/alice", "AROA1:alice")
    found = caller_permissions(scene.estate(), ACCOUNT)
    assert isinstance(found, Permissions)
    return found


def verdict(needs: tuple[Need, ...], permissions: Permissions) -> Verdict:
    return all_of(each.decide(permissions).verdict for each in essential(needs))


def ways(use: Use, permissions: Permissions, target: str = TARGET) -> list[Verdict]:
    context = caller_context(PLACE, TAGS)
    found = session_ways(use, PLACE, target, permissions.principal, context)
    return [verdict(way.needs, permissions) for way in found]


CHECK = {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}}


@pytest.mark.parametrize(
    ("documents", "plain", "named"),
    [
        ([allow("ssm:StartSession", resource=INSTANCE)], READY, BLOCKED),
        ([allow("ssm:StartSession", resource=[INSTANCE, DOCUMENT])], READY, READY),
        ([allow("ssm:StartSession", resource=[INSTANCE, DOCUMENT], **CHECK)], BLOCKED, READY),
        ([allow("ssm:StartSession", resource=INSTANCE, **CHECK)], BLOCKED, BLOCKED),
        ([allow("ssm:*", resource="arn:aws:ec2:*:*:instance/i-other")], BLOCKED, BLOCKED),
        ([allow("*"), deny("ssm:StartSession", resource=INSTANCE)], BLOCKED, BLOCKED),
    ],
)
def test_a_shell_needs_its_document_only_where_the_check_is_demanded(
    documents: list[dict[str, Any]], plain: Verdict, named: Verdict
) -> None:
    assert ways(Use.SHELL, person(*documents)) == [plain, named]


def test_the_second_way_to_a_shell_names_the_document() -> None:
    found = session_ways(Use.SHELL, PLACE, TARGET, person().principal, caller_context(PLACE, TAGS))
    assert [way.document for way in found] == [None, "SSM-SessionManagerRunShell"]


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([INSTANCE, SSH], READY),
        ([INSTANCE], BLOCKED),
        ([INSTANCE, SSH.replace("::", f":{ACCOUNT}:")], BLOCKED),
        ([INSTANCE, "arn:aws:ssm:*:*:document/AWS-StartSSHSession"], READY),
    ],
)
def test_ssh_needs_the_document_without_an_account(resources: list[str], expected: Verdict) -> None:
    assert ways(Use.SSH, person(allow("ssm:StartSession", resource=resources))) == [expected]


def test_port_forwarding_to_a_remote_host_needs_a_document_of_its_own() -> None:
    permissions = person(
        allow(
            "ssm:StartSession",
            resource=[INSTANCE, "arn:aws:ssm:us-east-1::document/AWS-StartPortForwardingSession"],
        )
    )
    assert ways(Use.PORT_FORWARD, permissions) == [READY]
    assert ways(Use.REMOTE_FORWARD, permissions) == [BLOCKED]


@pytest.mark.parametrize(("wanted", "expected"), [("ops", READY), ("dev", BLOCKED)])
def test_a_condition_on_the_nodes_tags(wanted: str, expected: Verdict) -> None:
    tagged = {"StringLike": {"ssm:resourceTag/access": wanted}}
    permissions = person(allow("ssm:StartSession", resource=INSTANCE, **tagged))
    assert ways(Use.SHELL, permissions)[0] is expected


def test_a_condition_on_tags_of_a_node_whose_tags_are_not_read_is_unknown() -> None:
    permissions = person(allow("ssm:*", StringLike={"ssm:resourceTag/access": "ops"}))
    found = session_ways(Use.SHELL, PLACE, "mi-0abc", permissions.principal, caller_context(PLACE))
    assert verdict(found[0].needs, permissions) is UNKNOWN


def test_a_tag_condition_meant_for_the_node_does_not_silently_cover_the_document() -> None:
    tagged = {"StringEquals": {"ssm:resourceTag/access": "ops"}}
    permissions = person(allow("ssm:StartSession", resource=[INSTANCE, SSH], **tagged))
    assert ways(Use.SSH, permissions) == [UNKNOWN], "the document's own tags are not read"


def decisions(permissions: Permissions) -> list[Decision]:
    needs = own_session_needs(PLACE, permissions.principal, caller_context(PLACE, TAGS))
    return [each.decide(permissions) for each in needs]


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("arn:aws:ssm:*:*:session/${aws:userid}-*", READY),
        ("arn:aws:ssm:*:*:session/alice-*", READY),
        ("arn:aws:ssm:*:*:session/*", READY),
        ("arn:aws:ssm:*:*:session/${aws:username}-*", BLOCKED),
        ("arn:aws:ssm:*:*:session/bob-*", BLOCKED),
    ],
)
def test_own_sessions_of_a_role_session(resource: str, expected: Verdict) -> None:
    permissions = person(allow("ssm:*", "ssmmessages:*", resource=resource))
    assert [each.verdict for each in decisions(permissions)] == [expected] * 3


def test_own_sessions_by_their_tag() -> None:
    owned = {"StringLike": {"ssm:resourceTag/aws:ssmmessages:session-id": ["${aws:userid}"]}}
    permissions = person(allow("ssm:TerminateSession", "ssm:ResumeSession", **owned))
    assert [each.verdict for each in decisions(permissions)] == [READY, READY, BLOCKED]


def test_not_being_able_to_end_own_sessions_does_not_block() -> None:
    assert ways(Use.SHELL, person(allow("ssm:StartSession")))[0] is READY


def test_an_encrypted_shell_needs_a_data_key() -> None:
    permissions = person(allow("ssm:*"))
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k"
    context = caller_context(PLACE, TAGS)
    (plain, _) = session_ways(Use.SHELL, PLACE, TARGET, permissions.principal, context, key)
    denied = [each.cause for each in plain.needs if each.decide(permissions).verdict is BLOCKED]
    assert denied == ["caller-no-opendatachannel", "session-kms-caller-permission"]
    (tunnel,) = session_ways(Use.SSH, PLACE, TARGET, permissions.principal, context, key)
    assert all(each.action != "kms:GenerateDataKey" for each in tunnel.needs)


def test_fleet_manager_calls_on_the_persons_behalf() -> None:
    via = {"ForAnyValue:StringEquals": {"aws:CalledVia": "ssm-guiconnect.amazonaws.com"}}
    session = allow("ssm:StartSession", resource=[INSTANCE, "arn:aws:ssm:*::document/AWS-*"], **via)
    assert ways(Use.FLEET_RDP, person(session, allow("ssm-guiconnect:*"))) == [READY]
    assert ways(Use.FLEET_RDP, person(session)) == [BLOCKED]
    assert ways(Use.SHELL, person(session))[0] is BLOCKED, "only when called via Fleet Manager"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({}, READY),
        ({"NumericEquals": {"ec2-instance-connect:remotePort": "22"}}, READY),
        ({"NumericEquals": {"ec2-instance-connect:remotePort": "3389"}}, BLOCKED),
        ({"IpAddress": {"ec2-instance-connect:privateIpAddress": "10.0.1.0/24"}}, READY),
        ({"IpAddress": {"ec2-instance-connect:privateIpAddress": "10.0.2.0/24"}}, BLOCKED),
        ({"NumericLessThanEquals": {"ec2-instance-connect:maxTunnelDuration": "600"}}, BLOCKED),
        ({"StringEquals": {"aws:ResourceTag/access": "ops"}}, READY),
        ({"StringEquals": {"aws:SourceVpc": "vpc-1"}}, UNKNOWN),
    ],
)
def test_a_tunnel_is_limited_by_port_address_and_duration(
    condition: dict[str, Any], expected: Verdict
) -> None:
    needs = tunnel_needs(PLACE, "eice-1", caller_context(PLACE, TAGS), port=22, private_ip="10.0.1.7")
    permissions = person(
        allow("ec2-instance-connect:OpenTunnel", resource="arn:aws:ec2:*:*:*/eice-1", **condition),
        allow("ec2:DescribeInstanceConnectEndpoints"),
    )
    assert verdict(needs, permissions) is expected


def test_a_tunnel_needs_the_endpoint_of_its_owner_not_the_instance() -> None:
    needs = tunnel_needs(
        PLACE, "eice-1", caller_context(PLACE, ()), port=22, private_ip="10.0.1.7", owner="444455556666"
    )
    on_instance = person(allow("ec2-instance-connect:*", resource=INSTANCE), allow("ec2:Describe*"))
    assert verdict(needs, on_instance) is BLOCKED
    owners = "arn:aws:ec2:us-east-1:444455556666:instance-connect-endpoint/eice-1"
    assert (
        verdict(needs, person(allow("ec2-instance-connect:*", resource=owners), allow("ec2:Describe*")))
        is READY
    )


@pytest.mark.parametrize(("user", "expected"), [("ec2-user", READY), ("root", BLOCKED)])
def test_pushing_a_key_may_be_limited_to_an_os_user(user: str, expected: Verdict) -> None:
    needs = key_push_needs(PLACE, TARGET, caller_context(PLACE, TAGS), user, "eice-no-sendsshpublickey")
    only = allow("ec2-instance-connect:SendSSHPublicKey", StringEquals={"ec2:osuser": "ec2-user"})
    assert verdict(needs, person(only)) is expected


def test_the_serial_console_and_the_password_are_rights_of_their_own() -> None:
    context = caller_context(PLACE, TAGS)
    ssh_only = person(allow("ec2-instance-connect:SendSSHPublicKey", "ssm:*"))
    assert verdict(serial_needs(PLACE, TARGET, context), ssh_only) is BLOCKED
    assert password_needs(PLACE, TARGET, context)[0].decide(ssh_only).verdict is BLOCKED
    rights = person(allow("ec2-instance-connect:SendSerialConsole*", "ec2:GetPasswordData"))
    assert verdict(serial_needs(PLACE, TARGET, context), rights) is READY
    assert password_needs(PLACE, TARGET, context)[0].decide(rights).verdict is READY


def test_a_demand_for_mfa_or_a_network_is_unknown_and_named() -> None:
    guarded = {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
    }
    permissions = person(allow("ssm:StartSession", **guarded))
    found = session_ways(Use.SHELL, PLACE, TARGET, permissions.principal, caller_context(PLACE, TAGS))
    decision = found[0].needs[0].decide(permissions)
    assert decision.verdict is UNKNOWN
    assert decision.keys == ("aws:MultiFactorAuthPresent", "aws:SourceIp")
    elsewhere = caller_context(PLACE, TAGS, source_ip="198.51.100.9")
    found = session_ways(Use.SHELL, PLACE, TARGET, permissions.principal, elsewhere)
    assert found[0].needs[0].decide(permissions).verdict is BLOCKED
