"""Fleet Manager's Remote Desktop: a further way to a Windows desktop, so that what it lacks are notes."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

import msgspec

from advisor.iam.needs import Need
from advisor.iam.person import Use, session_ways
from advisor.iam.principals import Permissions
from advisor.methods import options
from advisor.methods.answer import PASS, Answer, Certainty, Finding, noted
from advisor.methods.caller import caller_of, context_of, permissions
from advisor.methods.case import Case
from advisor.methods.checks import check
from advisor.methods.uses import kind
from advisor.methods.versions import PORT_FORWARDING, parse_version, spell_version
from advisor.model.evidence import SELF, Evidence
from advisor.model.verdict import BLOCKED

_OLDEST_WINDOWS: Final = (6, 2)
"""Windows Server 2012."""
_LONGEST_NAME: Final = 16


def windows_node(case: Case) -> Hashable:
    """The key of checks that read a Windows node's versions."""
    node = case.node
    if case.target.platform != "windows" or node is None:
        return None
    return node.agent_version, node.platform_version


@check("fleet-rdp.node", by=windows_node)
def node_is_new_enough(case: Case) -> Answer:
    """Whether agent and Windows are new enough for Fleet Manager's Remote Desktop (a note)."""
    node = case.node
    if case.target.platform != "windows" or node is None:
        return PASS
    agent, system = parse_version(node.agent_version), parse_version(node.platform_version)
    found = []
    if agent is not None and agent < PORT_FORWARDING:
        found.append((f"The agent is older than {spell_version(PORT_FORWARDING)}.", "AgentVersion"))
    if system is not None and system < _OLDEST_WINDOWS:
        found.append(("Windows is older than Server 2012.", "PlatformVersion"))
    return noted(*(_old(case, says, field) for says, field in found), *_limits(case))


def _old(case: Case, says: str, field: str) -> Finding:
    value = case.node and (case.node.agent_version if field == "AgentVersion" else case.node.platform_version)
    seen = Evidence(
        "ssm:DescribeInstanceInformation",
        SELF,
        f"{field} is {value}",
        f"InstanceInformationList[].{field}",
    )
    return Finding("fleet-rdp-agent-old", SELF, says, evidence=(seen,))


def _limits(case: Case) -> tuple[Finding, ...]:
    if case.options.use is not options.Use.RDP:
        return ()
    says = "Fleet Manager ends a desktop after 60 minutes, or 10 idle ones, and shows four in a window."
    return (Finding("fleet-rdp-timeout", SELF, says),)


def _asked(case: Case) -> Hashable:
    if case.target.platform != "windows" or not isinstance(permissions(case), Permissions):
        return kind(case)
    return case.target.id


@check("fleet-rdp.caller", by=_asked)
def caller_may(case: Case) -> Answer:
    """Whether the caller may use Fleet Manager's Remote Desktop (a note)."""
    held = permissions(case)
    if case.target.platform != "windows" or not isinstance(held, Permissions):
        return PASS
    who = case.options.caller or ""
    (way,) = session_ways(Use.FLEET_RDP, case.place, case.target.id, held.principal, context_of(case))
    refused = [need for need in way.needs if need.essential and need.decide(held).verdict is BLOCKED]
    found = [*_sign_in(case)]
    if refused:
        by_account = any(_is_named_with_account(case, held, need) for need in refused)
        listed = ", ".join(dict.fromkeys(need.action for need in refused))
        found.append(
            Finding(
                "fleet-rdp-document-arn" if by_account else "fleet-rdp-iam",
                who,
                f"The caller is not allowed {listed} as Fleet Manager asks for it.",
                Certainty.LIKELY,
                (Evidence("iam:SimulatePrincipalPolicy", who, f"no policy that was read allows {listed}"),),
            )
        )
    return noted(*found)


def _is_named_with_account(case: Case, held: Permissions, need: Need) -> bool:
    """Whether the policy names AWS's document as if it were the account's own."""
    owned = tuple(
        resource.replace("::document/", f":{case.scope.account}:document/")
        for resource in need.resources
        if resource is not None and "::document/" in resource
    )
    return bool(owned) and (
        msgspec.structs.replace(need, resources=owned).decide(held).verdict is not BLOCKED
    )


def _sign_in(case: Case) -> tuple[Finding, ...]:
    caller = caller_of(case)
    name = caller.session if caller is not None and caller.is_sso else None
    if name is None or (len(name) <= _LONGEST_NAME and not set(name) & set("+=,")):
        return ()
    says = f"Signing in to the desktop by IAM Identity Center fails for the user name {name}."
    return (Finding("fleet-rdp-sso-limits", case.options.caller or "", says, Certainty.LIKELY),)
