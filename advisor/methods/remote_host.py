"""Port forwarding to a remote host through the node: what the agent refuses, and what the network stops."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

import msgspec

from advisor.methods import blockers
from advisor.methods.answer import PASS, Answer, Finding, blocked, every, unknown
from advisor.methods.blockers import Path
from advisor.methods.case import Case
from advisor.methods.checks import check, unread
from advisor.methods.options import Use
from advisor.methods.service_path import network_class
from advisor.model.addresses import Address, Prefix, parse_address
from advisor.model.evidence import SELF, Evidence, Missing
from advisor.model.records.other import DbInstance
from advisor.network.flow import End, Flow, Kind, Protocol

REFUSED: Final = frozenset(
    {
        "169.254.169.254",
        "169.254.169.253",
        "169.254.169.123",
        "169.254.169.250",
        "169.254.169.251",
        "fd00:ec2::254",
        "fd00:ec2::253",
        "fd00:ec2::123",
        "fd00:ec2::240",
    }
)
"""Addresses that the agent never forwards to (amazon-ssm-agent, deny list of port forwarding)."""


def forwarding(case: Case) -> Hashable:
    """The key of checks that trace from the node to a remote host."""
    return None if not _is_wanted(case) else network_class(case)


def _is_wanted(case: Case) -> bool:
    return bool(case.options.remote_host) and case.options.use in (None, Use.PORT_FORWARD)


@check("session.remote-host", by=forwarding)
def reachable(case: Case) -> Answer:
    """The node reaches the remote host that was asked for, and the agent would forward to it."""
    host = case.options.remote_host
    if host is None or not _is_wanted(case):
        return PASS
    address = parse_address(host)
    if address is not None and str(address) in REFUSED:
        says = f"The agent refuses to forward to {address}, an address of the instance's own services."
        return blocked(Finding("remote-host-denylisted", str(address), says))
    if host.lower().rstrip(".") == "localhost" or (address is not None and _is_loopback(address)):
        return PASS  # the node itself: no network lies between
    if case.is_hybrid:
        return unknown(Missing("network", "undecidable", None, SELF, "the node's own network is not visible"))
    if case.instance is None:
        return unread(case)
    port = case.options.remote_port or 443
    if address is not None:
        return _to(case, [End(Kind.ADDRESS, str(address))], host, port)
    return _to_database(case, host, port)


def _is_loopback(address: Address) -> bool:
    return any(block.holds(address) for block in _LOOPBACK)


_LOOPBACK: Final = (Prefix(4, 127 << 24, 8), Prefix(6, 1, 128))


def _to_database(case: Case, host: str, port: int) -> Answer:
    """To a database of the same account and Region, by the interfaces that carry its groups."""
    table = case.scope.db_instances
    database = next(
        (
            each
            for each in table.values()
            if each.endpoint is not None and _is_named(each.endpoint.address, host)
        ),
        None,
    )
    if database is None:
        says = f"which address {host} has is not known from the account"
        return unknown(Missing(table.operation, "undecidable", None, host, says))
    interfaces = _interfaces_of(case, database)
    if not interfaces:
        says = f"no network interface of {database.db_instance_identifier} was read"
        return unknown(Missing("ec2:DescribeNetworkInterfaces", "absent", None, host, says))
    return _to(case, interfaces, host, port)


def _is_named(name: str | None, host: str) -> bool:
    return name is not None and name.casefold() == host.casefold().rstrip(".")


def _interfaces_of(case: Case, database: DbInstance) -> list[End]:
    groups = {each.vpc_security_group_id for each in database.vpc_security_groups}
    return [
        End(Kind.INTERFACE, each.network_interface_id, case.scope.account, case.scope.region)
        for each in case.scope.network_interfaces.values()
        if "rds" in (each.description or "").lower()
        and groups
        and groups == {group.group_id for group in each.groups}
    ]


def _to(case: Case, ends: list[End], host: str, port: int) -> Answer:
    answer = every(
        blockers.answer(case.trace(Flow(case.end, end, Protocol.TCP, port)), Path.SECOND_LEG) for end in ends
    )
    found = tuple(
        msgspec.structs.replace(
            each,
            cause="remote-host-unreachable",
            says=f"The node does not reach {host}:{port}. {each.says}".strip(),
            evidence=each.evidence or (Evidence("ec2:DescribeSecurityGroups", each.resource, each.says),),
        )
        for each in answer.findings
    )
    return msgspec.structs.replace(answer, findings=found)
