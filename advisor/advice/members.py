"""One change for many machines: what is the machine's own in an action, and the same for another machine."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from advisor.advice.action import Action, Members, Ref, slug
from advisor.methods.assessment import Target
from advisor.model.estate import Estate


def tokens_of(target: Target, estate: Estate) -> tuple[str, ...]:
    """What names this machine in a request: its id, and the id and address of each of its interfaces."""
    instance = estate.scope(target.account, target.region).instances.get(target.id)
    found = [target.id]
    for interface in instance.network_interfaces if instance is not None else ():
        found += [interface.network_interface_id, interface.private_ip_address or ""]
    return tuple(found)


def stands_on(target: Target, estate: Estate) -> frozenset[str]:
    """The ids of a machine and of what it stands on: interfaces, groups, subnet, VPC, route tables, ACLs."""
    scope = estate.scope(target.account, target.region)
    instance = scope.instances.get(target.id)
    found = {target.id, target.subnet or "", target.vpc or ""}
    for interface in instance.network_interfaces if instance is not None else ():
        found |= {interface.network_interface_id, *(group.group_id for group in interface.groups)}
    tables = scope.route_tables_by_subnet.get(target.subnet or "")
    tables = tables or scope.main_route_tables.get(target.vpc or "", [])
    found |= {table.route_table_id for table in tables}
    found |= {acl.network_acl_id for acl in scope.network_acls_by_subnet.get(target.subnet or "", ())}
    return frozenset(found - {""})


def is_own(action: Action, tokens: tuple[str, ...]) -> bool:
    """Whether an action is about this one machine, so that other machines need one of their own.

    A request may be for the machine without naming it (a new address for its interface): its key then does.
    """
    key = f"-{action.key}-"
    return any(token and f"-{slug(token)}-" in key for token in tokens) or any(
        _names(each, tokens) for _, each in action.parameters.items
    )


def _names(value: Any, tokens: tuple[str, ...]) -> bool:
    if isinstance(value, str):
        return any(token and token in (value, value.partition("/")[0]) for token in tokens)
    if isinstance(value, Members):
        return any(_names(inner, tokens) for _, inner in value.items)
    if isinstance(value, tuple):
        return any(_names(inner, tokens) for inner in value)
    return False


def moved(action: Action, source: tuple[str, ...], goal: tuple[str, ...]) -> Action:
    """The same action about another machine of the same kind."""
    pairs = [(old, new) for old, new in zip(source, goal, strict=False) if old and new]
    slugs = [(slug(old), slug(new)) for old, new in pairs]
    return msgspec.structs.replace(
        action,
        key=_put(action.key, slugs),
        parameters=_moved(action.parameters, pairs, slugs),
        names=tuple((name, _put(value, pairs)) for name, value in action.names),
        rollback=tuple(moved(each, source, goal) for each in action.rollback),
    )


def _moved(value: Any, pairs: list[tuple[str, str]], slugs: list[tuple[str, str]]) -> Any:
    if isinstance(value, str):
        return _put(value, pairs)
    if isinstance(value, Ref):
        return Ref(_put(value.action, slugs), value.path)
    if isinstance(value, Members):
        return Members(tuple((name, _moved(inner, pairs, slugs)) for name, inner in value.items))
    if isinstance(value, tuple):
        return tuple(_moved(inner, pairs, slugs) for inner in value)
    return value


def _put(text: str, pairs: list[tuple[str, str]]) -> str:
    for old, new in pairs:
        if old in text:
            # Whole names only: 10.0.1.4 is not the beginning of 10.0.1.40.
            text = re.sub(rf"(?<![A-Za-z0-9.]){re.escape(old)}(?![A-Za-z0-9]|\.[0-9])", new, text)
    return text
