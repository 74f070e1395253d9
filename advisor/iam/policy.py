"""Least-privilege policies for the person who connects, in the shapes that AWS documents, with real ARNs.

Sources: Systems Manager User Guide, "Sample IAM policies for Session Manager" and "Additional sample IAM
policies for Session Manager"; EC2 User Guide, "Grant permissions for EC2 Instance Connect Endpoint",
"Grant IAM permissions for EC2 Instance Connect", "Configure access to the EC2 Serial Console"; Systems
Manager User Guide, "Connecting to a Windows Server managed instance using Remote Desktop".
"""

from __future__ import annotations

import enum
from typing import Any, Final

import msgspec

from advisor.iam.documents import VARIABLES_VERSION
from advisor.iam.needs import Place
from advisor.iam.person import DEFAULT_DOCUMENT, DOCUMENTS, LONGEST_TUNNEL, Use
from advisor.model.errors import InputError
from advisor.model.text import plain

Document = dict[str, Any]
"""A policy or statement as JSON data."""


class Purpose(enum.Enum):
    """What a policy is for."""

    SHELL = "shell"
    SSH = "ssh"
    PORT_FORWARD = "port-forward"
    REMOTE_FORWARD = "remote-forward"
    FLEET_RDP = "fleet-rdp"
    TUNNEL_SSH = "tunnel-ssh"
    TUNNEL_RDP = "tunnel-rdp"
    KEY_PUSH = "key-push"
    SERIAL = "serial"
    NETWORK = "network"


class Subject(msgspec.Struct, frozen=True):
    """The target and what else is named in a policy.

    `federated` callers (roles, IAM Identity Center) have no `${aws:username}`. `endpoint` is the EC2
    Instance Connect Endpoint, `endpoint_owner` its account if another one. `os_user` None leaves the
    condition on the OS user out. `session_key` is the KMS key of the session preferences, if one is set.
    """

    place: Place
    target: str
    federated: bool = True
    windows: bool = False
    private_ip: str | None = None
    os_user: str | None = None
    endpoint: str | None = None
    endpoint_owner: str | None = None
    session_key: str | None = None
    own_key: bool = False
    """Whether the person brings a private key, so that none has to be pushed."""


class GeneratedPolicy(msgspec.Struct, frozen=True):
    """A policy; `session_document` is the name that `start-session` then has to be given."""

    document: Document
    session_document: str | None = None


_USES: Final = {
    Purpose.SHELL: Use.SHELL,
    Purpose.SSH: Use.SSH,
    Purpose.PORT_FORWARD: Use.PORT_FORWARD,
    Purpose.REMOTE_FORWARD: Use.REMOTE_FORWARD,
}
_BY_METHOD: Final = {
    ("session-manager", "shell"): Purpose.SHELL,
    ("session-manager", "ssh"): Purpose.SSH,
    ("session-manager", "scp"): Purpose.SSH,
    ("session-manager", "rdp"): Purpose.PORT_FORWARD,
    ("session-manager", "port-forward"): Purpose.PORT_FORWARD,
    ("session-manager", "remote-forward"): Purpose.REMOTE_FORWARD,
    ("session-manager", "fleet-rdp"): Purpose.FLEET_RDP,
    ("instance-connect-endpoint", "ssh"): Purpose.TUNNEL_SSH,
    ("instance-connect-endpoint", "scp"): Purpose.TUNNEL_SSH,
    ("instance-connect-endpoint", "shell"): Purpose.TUNNEL_SSH,
    ("instance-connect-endpoint", "rdp"): Purpose.TUNNEL_RDP,
    ("instance-connect", "ssh"): Purpose.KEY_PUSH,
    ("instance-connect", "scp"): Purpose.KEY_PUSH,
    ("instance-connect", "shell"): Purpose.KEY_PUSH,
}


def purpose_of(method: str, protocol: str | None, *, windows: bool = False) -> Purpose:
    """The purpose that a method and protocol of the command line stand for."""
    if method == "serial-console":
        return Purpose.SERIAL
    if method in ("bastion", "direct"):
        return Purpose.NETWORK
    default = "shell" if method == "session-manager" else "rdp" if windows else "ssh"
    purpose = _BY_METHOD.get((method, protocol or default))
    if purpose is None:
        known = sorted(name for own, name in _BY_METHOD if own == method)
        hint = (
            f"protocols of {method}: {', '.join(known)}" if known else "see `advisor rules list` for methods"
        )
        raise InputError(f"no policy for {protocol or default} by {method}", hint)
    return purpose


def least_privilege(purpose: Purpose, subject: Subject) -> GeneratedPolicy:
    """The least policy with which a person reaches this target for this purpose, and no other.

    InputError where the purpose needs something that the subject lacks (an endpoint for a tunnel).
    """
    _refuse_patterns(subject)
    if subject.target.startswith("mi-") and purpose not in _USES and purpose is not Purpose.FLEET_RDP:
        raise InputError(
            f"{subject.target} is no EC2 instance: of these methods only Session Manager reaches it",
            "try: --method session-manager",
        )
    if purpose in _USES:
        return _session(_USES[purpose], subject)
    if purpose is Purpose.FLEET_RDP:
        return _fleet(subject)
    if purpose in (Purpose.TUNNEL_SSH, Purpose.TUNNEL_RDP):
        return _tunnel(subject, 22 if purpose is Purpose.TUNNEL_SSH else 3389)
    if purpose is Purpose.KEY_PUSH:
        return _policy(_key_push(subject), _any("Describe", "ec2:DescribeInstances"))
    if purpose is Purpose.SERIAL:
        return _serial(subject)
    return _policy(_any("Describe", "ec2:DescribeInstances"), *_password(subject))


def _refuse_patterns(subject: Subject) -> None:
    # Ids come out of files that anybody may have written: `i-*` must not become a policy for everything.
    for name in (
        subject.target,
        subject.endpoint,
        subject.endpoint_owner,
        subject.os_user,
        subject.private_ip,
        subject.session_key,
        subject.place.account,
        subject.place.region,
        subject.place.partition,
    ):
        if name and not set(name).isdisjoint("*?${}"):
            raise InputError(
                f"{plain(name)!r} cannot stand in a policy: it would be read as a pattern",
                "real ids hold no wildcards; check the snapshot",
            )


def _session(use: Use, subject: Subject) -> GeneratedPolicy:
    name = DOCUMENTS.get(use, DEFAULT_DOCUMENT)
    start = _allow(
        "Start",
        "ssm:StartSession",
        [subject.place.node(subject.target), subject.place.document(name)],
        # In every statement that allows StartSession, or the check is not made (Systems Manager User Guide).
        {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}},
    )
    own = subject.place.arn("ssm", f"session/${{{'aws:userid' if subject.federated else 'aws:username'}}}-*")
    statements = [
        start,
        _allow("OwnSessions", ["ssm:TerminateSession", "ssm:ResumeSession"], [own]),
        _allow("OwnDataChannel", "ssmmessages:OpenDataChannel", [own]),
        _any(
            "List",
            "ec2:DescribeInstances",
            "ssm:DescribeInstanceInformation",
            "ssm:DescribeInstanceProperties",
            "ssm:DescribeSessions",
            "ssm:GetConnectionStatus",
        ),
    ]
    if use is Use.SHELL and subject.session_key:
        statements.append(_allow("SessionKms", "kms:GenerateDataKey", subject.session_key))
    if use is Use.SSH and not subject.own_key and not subject.target.startswith("mi-"):
        statements.append(_key_push(subject))
    if use is Use.PORT_FORWARD:
        statements += _password(subject)
    return _policy(*statements, session_document=name)


def _fleet(subject: Subject) -> GeneratedPolicy:
    document = DOCUMENTS[Use.FLEET_RDP]
    start = _allow(
        "Start",
        "ssm:StartSession",
        [subject.place.node(subject.target), subject.place.document(document)],
        {"ForAnyValue:StringEquals": {"aws:CalledVia": "ssm-guiconnect.amazonaws.com"}},
    )
    terminate = _allow(
        "Terminate",
        "ssm:TerminateSession",
        subject.place.arn("ssm", "session/*"),
        {"StringLike": {"ssm:resourceTag/aws:ssmmessages:session-id": ["${aws:userid}"]}},
    )
    gui = ("StartConnection", "GetConnection", "CancelConnection", "ListConnections")
    read = ("DescribeInstanceProperties", "GetCommandInvocation", "GetInventorySchema")
    return _policy(
        _any("Ec2", "ec2:DescribeInstances"),
        *_password(subject),
        _any("Ssm", *(f"ssm:{name}" for name in read)),
        terminate,
        start,
        _any("Gui", *(f"ssm-guiconnect:{name}" for name in gui)),
    )


def _tunnel(subject: Subject, port: int) -> GeneratedPolicy:
    if subject.endpoint is None:
        raise InputError(
            f"{subject.target} has no EC2 Instance Connect Endpoint to write a policy for",
            "`advisor plan` shows how to make one; its id then goes into the policy",
        )
    if subject.private_ip is None:
        raise InputError(
            f"{subject.target} has no private IPv4 address to limit the tunnel to",
            "without it the policy would let a tunnel lead to every address that the endpoint reaches",
        )
    home = Place(
        subject.endpoint_owner or subject.place.account, subject.place.region, subject.place.partition
    )
    bits = 128 if ":" in subject.private_ip else 32
    open_tunnel = _allow(
        "Tunnel",
        "ec2-instance-connect:OpenTunnel",
        home.arn("ec2", f"instance-connect-endpoint/{subject.endpoint}"),
        {
            "NumericEquals": {"ec2-instance-connect:remotePort": str(port)},
            "IpAddress": {"ec2-instance-connect:privateIpAddress": f"{subject.private_ip}/{bits}"},
            "NumericLessThanEquals": {"ec2-instance-connect:maxTunnelDuration": str(LONGEST_TUNNEL)},
        },
    )
    key = [_key_push(subject)] if port == 22 and not subject.own_key else []
    describe = _any("Describe", "ec2:DescribeInstances", "ec2:DescribeInstanceConnectEndpoints")
    return _policy(open_tunnel, *key, describe, *(_password(subject) if port == 3389 else ()))


def _serial(subject: Subject) -> GeneratedPolicy:
    action = "ec2-instance-connect:SendSerialConsoleSSHPublicKey"
    reads = ("ec2:DescribeInstances", "ec2:DescribeInstanceTypes", "ec2:GetSerialConsoleAccessStatus")
    return _policy(_allow("Serial", action, subject.place.node(subject.target)), _any("Describe", *reads))


def _key_push(subject: Subject) -> Document:
    condition = {"StringEquals": {"ec2:osuser": subject.os_user}} if subject.os_user else None
    action = "ec2-instance-connect:SendSSHPublicKey"
    return _allow("SshKey", action, subject.place.node(subject.target), condition)


def _password(subject: Subject) -> list[Document]:
    if not subject.windows or subject.target.startswith("mi-"):
        return []
    return [_allow("Password", "ec2:GetPasswordData", subject.place.node(subject.target))]


def _any(sid: str, *actions: str) -> Document:
    """Reading calls that know no resource."""
    return _allow(sid, actions[0] if len(actions) == 1 else list(actions), "*")


def _allow(
    sid: str, actions: str | list[str], resources: str | list[str], condition: Document | None = None
) -> Document:
    statement: Document = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
    return statement | ({"Condition": condition} if condition else {})


def _policy(*statements: Document, session_document: str | None = None) -> GeneratedPolicy:
    return GeneratedPolicy({"Version": VARIABLES_VERSION, "Statement": list(statements)}, session_document)
