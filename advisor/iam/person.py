"""What the person who connects has to be allowed, for each use.

Sources: Systems Manager User Guide, "Sample IAM policies for Session Manager" and "Start a session with a
document by specifying the session documents in IAM policies"; EC2 User Guide, "Grant permissions for EC2
Instance Connect Endpoint"; Service Authorization Reference for resources and keys.
"""

from __future__ import annotations

import enum
from typing import Final

import msgspec

from advisor.iam.context import Context, resource_tags
from advisor.iam.decision import Principal, PrincipalKind
from advisor.iam.needs import Need, Place
from advisor.model.records.shape import Tag

LONGEST_TUNNEL: Final = 3600
"""Seconds that a tunnel through an EC2 Instance Connect Endpoint may last, and what clients ask for."""
DEFAULT_DOCUMENT: Final = "SSM-SessionManagerRunShell"
_TAG_KEYS: Final = ("ssm:resourceTag/", "aws:ResourceTag/", "ec2:ResourceTag/")


class Way(msgspec.Struct, frozen=True):
    """One way to do it: all essential needs have to be met. `document` is the name the client has to give."""

    needs: tuple[Need, ...]
    document: str | None = None


class Use(enum.Enum):
    """What a person wants to do, as far as permissions differ."""

    SHELL = "shell"
    SSH = "ssh"
    PORT_FORWARD = "port-forward"
    REMOTE_FORWARD = "remote-forward"
    FLEET_RDP = "fleet-rdp"


DOCUMENTS: Final = {
    Use.SSH: "AWS-StartSSHSession",
    Use.PORT_FORWARD: "AWS-StartPortForwardingSession",
    Use.REMOTE_FORWARD: "AWS-StartPortForwardingSessionToRemoteHost",
    Use.FLEET_RDP: "AWS-StartPortForwardingSession",
}


def caller_context(
    place: Place, tags: tuple[Tag, ...] | None = None, *, source_ip: str | None = None
) -> Context:
    """What is known of a request that a person makes about a resource with these tags (None: unknown).

    Where the person sits, and whether with MFA, an account's data does not tell: unknown unless given.
    """
    known: dict[str, str | bool] = {
        "aws:RequestedRegion": place.region,
        "aws:SecureTransport": True,
        "aws:ViaAWSService": False,
        "aws:PrincipalIsAWSService": False,
    }
    if source_ip:
        known["aws:SourceIp"] = source_ip
    absent = ["ec2:SourceInstanceARN", "ssm:SourceInstanceARN", "aws:CalledVia"]
    context = Context.of(known, [*absent, "aws:CalledViaFirst", "aws:CalledViaLast"])
    return context if tags is None else context.having(resource_tags(tags, *_TAG_KEYS))


def session_ways(
    use: Use, place: Place, target: str, principal: Principal, context: Context, key_arn: str | None = None
) -> tuple[Way, ...]:
    """The ways to start a session of Session Manager, the plainest first.

    A shell needs no document's name, unless the caller's policy demands the check of the session document:
    then the name has to be given (`--document-name SSM-SessionManagerRunShell`) and the document be allowed.
    Every other use names its document, which has to be allowed beside the node.
    """
    own = own_session_needs(place, principal, context)
    if key_arn is not None and use is Use.SHELL:
        own += (Need("kms:GenerateDataKey", (key_arn,), "session-kms-caller-permission", context),)
    if use is Use.SHELL:
        unchecked = context.having(Context.of({"ssm:SessionDocumentAccessCheck": False}))
        plain = Need("ssm:StartSession", (place.node(target),), "caller-no-startsession", unchecked)
        return (Way((plain, *own)), _named(DEFAULT_DOCUMENT, place, target, context, own))
    if use is Use.FLEET_RDP:
        calls = Context.of({"aws:CalledVia": ["ssm-guiconnect.amazonaws.com"], "aws:ViaAWSService": True})
        named = _named(DOCUMENTS[use], place, target, context.having(calls), own)
        return (Way((*named.needs, *gui_needs(context)), named.document),)
    return (_named(DOCUMENTS[use], place, target, context, own),)


def _named(document: str, place: Place, target: str, context: Context, own: tuple[Need, ...]) -> Way:
    checked = context.having(Context.of({"ssm:SessionDocumentAccessCheck": True}))
    node = Need("ssm:StartSession", (place.node(target),), "caller-no-startsession", checked)
    # The tags known here are the node's; a document's own are not read.
    untagged = _without_tags(checked)
    named = Need("ssm:StartSession", (place.document(document),), "caller-no-document", untagged)
    return Way((node, named, *own), document)


def _without_tags(context: Context) -> Context:
    prefixes = tuple(prefix.casefold() for prefix in _TAG_KEYS)
    return Context(
        {key: values for key, values in context.known.items() if not key.startswith(prefixes)},
        frozenset(key for key in context.absent if not key.startswith(prefixes)),
        tuple(each for each in context.closed if each not in prefixes),
    )


def own_session_needs(place: Place, principal: Principal, context: Context) -> tuple[Need, ...]:
    """What a person needs on their own sessions.

    A session's id starts with the user's name or the role session's name; AWS's own sample policies for
    roles spell it `session/${aws:userid}-*` nevertheless, so both spellings are tried.
    """
    user_id = principal.context.value("aws:userid")
    names = [principal.session.rpartition("/")[2] if principal.session else principal.name]
    names += [each for each in (user_id if isinstance(user_id, tuple) else ()) if each not in names]
    arns = tuple(place.arn("ssm", f"session/{name}-0123456789abcdef0") for name in names if name)
    tagged = _without_tags(context)
    if isinstance(user_id, tuple):
        tagged = tagged.having(Context.of({"ssm:resourceTag/aws:ssmmessages:session-id": user_id}))
    return (
        Need("ssm:TerminateSession", arns, "caller-no-own-session", tagged, essential=False),
        Need("ssm:ResumeSession", arns, "caller-no-own-session", tagged, essential=False),
        Need("ssmmessages:OpenDataChannel", arns, "caller-no-opendatachannel", tagged, essential=False),
    )


def gui_needs(context: Context) -> tuple[Need, ...]:
    """What Fleet Manager's Remote Desktop needs besides the session."""
    actions = ("StartConnection", "GetConnection", "CancelConnection")
    untagged = _without_tags(context)
    return tuple(Need(f"ssm-guiconnect:{each}", ("*",), "fleet-rdp-iam", untagged) for each in actions)


def tunnel_needs(
    place: Place,
    endpoint: str,
    context: Context,
    *,
    port: int,
    private_ip: str,
    owner: str | None = None,
    duration: int = LONGEST_TUNNEL,
) -> tuple[Need, ...]:
    """What a tunnel through an EC2 Instance Connect Endpoint needs; `context` holds the endpoint's tags.

    The resource is the endpoint, never the instance; only the three keys below limit where it leads.
    """
    facts = Context.of(
        {
            "ec2-instance-connect:remotePort": port,
            "ec2-instance-connect:privateIpAddress": private_ip,
            "ec2-instance-connect:maxTunnelDuration": duration,
        }
    )
    home = Place(owner or place.account, place.region, place.partition)
    arn = home.arn("ec2", f"instance-connect-endpoint/{endpoint}")
    describe = Need(
        "ec2:DescribeInstanceConnectEndpoints", ("*",), "eice-no-describe", _without_tags(context)
    )
    return (
        Need("ec2-instance-connect:OpenTunnel", (arn,), "eice-no-opentunnel", context.having(facts)),
        describe,
    )


def key_push_needs(place: Place, target: str, context: Context, os_user: str, cause: str) -> tuple[Need, ...]:
    """What pushing a temporary public key to an instance needs."""
    facts = context.having(Context.of({"ec2:osuser": os_user}))
    return (Need("ec2-instance-connect:SendSSHPublicKey", (place.node(target),), cause, facts),)


def serial_needs(place: Place, target: str, context: Context) -> tuple[Need, ...]:
    """What the EC2 serial console needs."""
    action = "ec2-instance-connect:SendSerialConsoleSSHPublicKey"
    return (Need(action, (place.node(target),), "serial-iam", context),)


def password_needs(place: Place, target: str, context: Context) -> tuple[Need, ...]:
    """What reading a Windows instance's first password needs."""
    action = "ec2:GetPasswordData"
    return (Need(action, (place.node(target),), "rdp-password-unavailable", context, essential=False),)


def is_federated(principal: Principal) -> bool:
    """Whether `${aws:username}` has no value for this principal, so that policies say `${aws:userid}`."""
    return principal.kind is not PrincipalKind.USER
