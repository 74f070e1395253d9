"""The policy that the person who connects lacks, by the cause that says so."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from advisor.advice.preferences import preference
from advisor.iam.callers import Caller
from advisor.iam.decision import PrincipalKind
from advisor.iam.needs import Place
from advisor.iam.policy import Purpose, Subject, least_privilege
from advisor.methods.assessment import Target
from advisor.model.estate import Estate

_PURPOSES: Final = {
    "caller-no-document": Purpose.SSH,
    "caller-no-opendatachannel": Purpose.SHELL,
    "caller-no-startsession": Purpose.SHELL,
    "eice-no-describe": Purpose.TUNNEL_SSH,
    "eice-no-opentunnel": Purpose.TUNNEL_SSH,
    "eice-no-sendsshpublickey": Purpose.TUNNEL_SSH,
    "fleet-rdp-document-arn": Purpose.FLEET_RDP,
    "fleet-rdp-iam": Purpose.FLEET_RDP,
    "hybrid-session-arn": Purpose.SHELL,
    "serial-iam": Purpose.SERIAL,
    "session-kms-caller-permission": Purpose.SHELL,
}


class CallerPolicy(msgspec.Struct, frozen=True):
    """A policy by its name, so that several causes which it removes propose it once."""

    name: str
    document: dict[str, Any]


def caller_document(cause: str, target: Target, estate: Estate, caller: Caller) -> CallerPolicy | None:
    """The least policy that removes a cause about the caller; None for causes of another kind."""
    purpose = _PURPOSES.get(cause)
    if purpose is None:
        return None
    if purpose is Purpose.TUNNEL_SSH and target.platform == "windows":
        purpose = Purpose.TUNNEL_RDP
    scope = estate.scope(target.account, target.region)
    endpoints = scope.instance_connect_endpoints_by_vpc.get(target.vpc or "", [])
    needs_endpoint = purpose in (Purpose.TUNNEL_SSH, Purpose.TUNNEL_RDP)
    if needs_endpoint and not endpoints:
        return None
    subject = Subject(
        place=Place(target.account, target.region, scope.partition),
        target=target.id,
        federated=caller.kind is not PrincipalKind.USER,
        windows=target.platform == "windows",
        private_ip=target.private_ip,
        endpoint=endpoints[0].instance_connect_endpoint_id if needs_endpoint else None,
        endpoint_owner=endpoints[0].owner_id if needs_endpoint else None,
        session_key=preference(scope, "kmsKeyId") or None,
    )
    return CallerPolicy(f"advisor-{purpose.value}-{target.id}", least_privilege(purpose, subject).document)
