"""Generated policies: as AWS documents them, clean by a linter, and exactly enough by our own evaluator."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from advisor.collect.operations import self_policy
from advisor.iam.context import Context
from advisor.iam.decision import Principal, PrincipalKind
from advisor.iam.documents import Policies, parse_policy
from advisor.iam.needs import Need, Place
from advisor.iam.person import (
    Use,
    caller_context,
    key_push_needs,
    password_needs,
    serial_needs,
    session_ways,
    tunnel_needs,
)
from advisor.iam.policy import GeneratedPolicy, Purpose, Subject, least_privilege, purpose_of
from advisor.iam.principals import Permissions
from advisor.model.errors import InputError
from advisor.model.verdict import BLOCKED, READY
from tests.iam.linter import findings

PLACE = Place("111122223333", "us-east-1")
SUBJECT = Subject(
    PLACE,
    "i-0123456789abcdef0",
    windows=True,
    private_ip="10.0.1.7",
    os_user="ec2-user",
    endpoint="eice-0123456789abcdef0",
    session_key="arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
)
OTHER = "i-0fedcba9876543210"


@pytest.mark.parametrize("federated", [True, False])
@pytest.mark.parametrize("purpose", Purpose)
def test_the_linter_finds_nothing(linter: Any, purpose: Purpose, federated: bool) -> None:
    document = least_privilege(purpose, msgspec.structs.replace(SUBJECT, federated=federated)).document
    assert findings(linter, document) == []


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "ssm:Nothing", "Resource": "*"},
        {"Effect": "Allow", "Action": "ssm:TerminateSession", "Resource": "arn:aws:s3:::bucket"},
        {"Effect": "Allow", "Action": "ssm:StartSession"},
    ],
)
def test_the_linter_would_find_something(linter: Any, statement: dict[str, Any]) -> None:
    assert findings(linter, {"Version": "2012-10-17", "Statement": [statement]})


def test_what_advisor_itself_reads_is_a_clean_policy_too(linter: Any) -> None:
    # It reads whole accounts on purpose, so that `Resource: *` is no finding here.
    assert [each for each in findings(linter, self_policy()) if each[0] != "RESOURCE_STAR"] == []


def person(policy: GeneratedPolicy, federated: bool) -> Permissions:
    context = {"aws:userid": "AROA1:alice"} if federated else {"aws:userid": "AIDA1", "aws:username": "alice"}
    principal = Principal(
        f"arn:aws:iam::111122223333:{'role/ops' if federated else 'user/alice'}",
        "111122223333",
        PrincipalKind.ROLE if federated else PrincipalKind.USER,
        "ops" if federated else "alice",
        "arn:aws:sts::111122223333:assumed-role/ops/alice" if federated else None,
        Context.of(context, () if not federated else ("aws:username",)),
    )
    return Permissions(principal, Policies((parse_policy(policy.document, "generated"),)))


def needs_of(purpose: Purpose, target: str, permissions: Permissions) -> tuple[Need, ...]:
    context = caller_context(PLACE, ())
    if purpose in (Purpose.TUNNEL_SSH, Purpose.TUNNEL_RDP):
        address = "10.0.1.7" if target == SUBJECT.target else "10.0.1.8"
        port = 22 if purpose is Purpose.TUNNEL_SSH else 3389
        tunnel = tunnel_needs(PLACE, "eice-0123456789abcdef0", context, port=port, private_ip=address)
        if port == 22:
            return tunnel + key_push_needs(PLACE, target, context, "ec2-user", "eice-no-sendsshpublickey")
        return tunnel + password_needs(PLACE, target, context)
    if purpose is Purpose.KEY_PUSH:
        return key_push_needs(PLACE, target, context, "ec2-user", "eice-no-sendsshpublickey")
    if purpose is Purpose.SERIAL:
        return serial_needs(PLACE, target, context)
    if purpose is Purpose.NETWORK:
        return password_needs(PLACE, target, context)
    use = Use(purpose.value)
    key = SUBJECT.session_key if use is Use.SHELL else None
    needs = session_ways(use, PLACE, target, permissions.principal, context, key)[-1].needs
    if use is Use.FLEET_RDP:
        # Fleet Manager itself ends its sessions, by their tag; the channel is not the person's.
        needs = tuple(
            each for each in needs if each.action not in ("ssm:ResumeSession", "ssmmessages:OpenDataChannel")
        )
    return needs


@pytest.mark.parametrize("federated", [True, False])
@pytest.mark.parametrize("purpose", Purpose)
def test_it_is_enough_for_the_target_and_for_no_other(purpose: Purpose, federated: bool) -> None:
    policy = least_privilege(purpose, msgspec.structs.replace(SUBJECT, federated=federated))
    permissions = person(policy, federated)
    for need in needs_of(purpose, SUBJECT.target, permissions):
        assert need.decide(permissions).verdict is READY, need
    assert any(need.decide(permissions).verdict is BLOCKED for need in needs_of(purpose, OTHER, permissions))


def own_sessions(permissions: Permissions, name: str) -> bool:
    arn = f"arn:aws:ssm:us-east-1:111122223333:session/{name}-0123456789abcdef0"
    return permissions.decide("ssm:TerminateSession", arn).verdict is READY


def test_users_are_named_by_name_and_roles_by_id() -> None:
    user = person(least_privilege(Purpose.SHELL, msgspec.structs.replace(SUBJECT, federated=False)), False)
    assert own_sessions(user, "alice") and not own_sessions(user, "bob")
    role = person(least_privilege(Purpose.SHELL, SUBJECT), True)
    assert own_sessions(role, "AROA1:alice") and not own_sessions(role, "AROA1:bob")


def test_a_shell_has_the_shape_that_aws_documents() -> None:
    policy = least_privilege(Purpose.SHELL, SUBJECT)
    assert policy.session_document == "SSM-SessionManagerRunShell"
    start, own, channel, listing, key = policy.document["Statement"]
    assert start["Resource"] == [
        "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0",
        "arn:aws:ssm:us-east-1:111122223333:document/SSM-SessionManagerRunShell",
    ]
    assert start["Condition"] == {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}}
    session = "arn:aws:ssm:us-east-1:111122223333:session/${aws:userid}-*"
    assert own["Resource"] == channel["Resource"] == [session]
    assert listing["Resource"] == "*"
    assert key["Action"] == "kms:GenerateDataKey"


def test_without_a_session_key_there_is_no_statement_for_it() -> None:
    policy = least_privilege(Purpose.SHELL, msgspec.structs.replace(SUBJECT, session_key=None))
    assert "kms" not in str(policy.document)


def test_ssh_names_aws_document_without_account_and_pushes_a_key_unless_there_is_one() -> None:
    policy = least_privilege(Purpose.SSH, SUBJECT)
    assert "arn:aws:ssm:us-east-1::document/AWS-StartSSHSession" in str(policy.document)
    assert "SendSSHPublicKey" in str(policy.document)
    own_key = msgspec.structs.replace(SUBJECT, own_key=True)
    assert "SendSSHPublicKey" not in str(least_privilege(Purpose.SSH, own_key).document)


def test_hybrid_nodes_and_other_partitions() -> None:
    place = Place("111122223333", "cn-north-1", "aws-cn")
    hybrid = msgspec.structs.replace(SUBJECT, place=place, target="mi-0123456789abcdef0", session_key=None)
    document = str(least_privilege(Purpose.PORT_FORWARD, hybrid).document)
    assert "arn:aws-cn:ssm:cn-north-1:111122223333:managed-instance/mi-0123456789abcdef0" in document
    assert "arn:aws:" not in document
    assert "GetPasswordData" not in document


def test_a_tunnel_to_an_endpoint_of_the_vpcs_owner() -> None:
    shared = msgspec.structs.replace(SUBJECT, endpoint_owner="444455556666")
    tunnel = least_privilege(Purpose.TUNNEL_RDP, shared).document["Statement"][0]
    assert tunnel["Resource"] == (
        "arn:aws:ec2:us-east-1:444455556666:instance-connect-endpoint/eice-0123456789abcdef0"
    )
    assert tunnel["Condition"]["IpAddress"] == {"ec2-instance-connect:privateIpAddress": "10.0.1.7/32"}


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": None},
        {"private_ip": None},
        {"target": "i-*"},
        {"endpoint": "${aws:username}"},
        {"os_user": "?"},
        {"session_key": "arn:aws:kms:*:111122223333:key/*"},
        {"place": Place("111122223333", "us-*")},
        {"place": Place("*", "us-east-1")},
    ],
)
def test_what_cannot_be_written_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError) as refused:
        least_privilege(Purpose.TUNNEL_SSH, msgspec.structs.replace(SUBJECT, **change))
    assert refused.value.hint


@pytest.mark.parametrize("purpose", Purpose)
def test_a_hybrid_node_is_reached_by_sessions_only(linter: Any, purpose: Purpose) -> None:
    node = msgspec.structs.replace(SUBJECT, target="mi-0123456789abcdef0")
    if purpose in (Purpose.FLEET_RDP, *(Purpose(use.value) for use in Use)):
        assert findings(linter, least_privilege(purpose, node).document) == []
        return
    with pytest.raises(InputError, match="only Session Manager"):
        least_privilege(purpose, node)


@pytest.mark.parametrize(
    ("method", "protocol", "windows", "expected"),
    [
        ("session-manager", None, False, Purpose.SHELL),
        ("session-manager", "rdp", True, Purpose.PORT_FORWARD),
        ("session-manager", "scp", False, Purpose.SSH),
        ("instance-connect-endpoint", None, False, Purpose.TUNNEL_SSH),
        ("instance-connect-endpoint", None, True, Purpose.TUNNEL_RDP),
        ("instance-connect", None, False, Purpose.KEY_PUSH),
        ("serial-console", None, False, Purpose.SERIAL),
        ("bastion", "ssh", False, Purpose.NETWORK),
        ("direct", "rdp", True, Purpose.NETWORK),
    ],
)
def test_methods_and_protocols(method: str, protocol: str | None, windows: bool, expected: Purpose) -> None:
    assert purpose_of(method, protocol, windows=windows) is expected


@pytest.mark.parametrize(("method", "protocol"), [("instance-connect", "rdp"), ("telnet", None)])
def test_a_method_that_cannot_do_it_is_said(method: str, protocol: str | None) -> None:
    with pytest.raises(InputError):
        purpose_of(method, protocol)
