"""How the operator gets to a bastion: by its public address, by a load balancer, or by Session Manager."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

import msgspec

from advisor.methods import blockers
from advisor.methods.answer import Answer, bound, every, nearest, observed
from advisor.methods.blockers import Path
from advisor.methods.case import Case, Study
from advisor.methods.entry import entering, operator_end
from advisor.methods.instance import IMPAIRED, healthy
from advisor.methods.instance_connect import own_or_pushed
from advisor.methods.node import alive
from advisor.methods.options import Use
from advisor.methods.targets import platform_of, target_of_instance
from advisor.methods.tree import Tree, compile_tree
from advisor.methods.volumes import volumes
from advisor.model.records.ec2 import Instance
from advisor.model.records.shape import name_of
from advisor.model.scope import Scope
from advisor.model.verdict import READY
from advisor.network.flow import INTERNET, End, Flow, Kind, Protocol

_NAMED: Final = re.compile(r"bastion|jump|gateway-host|踏み台|バスティオン", re.IGNORECASE)
_DESKTOP: Final = 3389
Door = tuple[str, int]
"""A load balancer's ARN and the listener's port."""


def is_named(instance: Instance) -> bool:
    """Whether its name says that it is meant as a bastion."""
    return bool(_NAMED.search(name_of(instance.tags)))


def entry_port(instance: Instance) -> int:
    """The port that a bastion is entered by: Remote Desktop's on Windows, else SSH's."""
    return _DESKTOP if platform_of(instance, None) == "windows" else 22


def has_public_address(instance: Instance) -> bool:
    """Whether an address of the instance is reachable from outside, as far as there is one."""
    return bool(instance.public_ip_address) or any(each.association for each in instance.network_interfaces)


def doors_of(case: Case, scope: Scope, instance: Instance) -> tuple[Door, ...]:
    """The listeners of internet-facing load balancers that lead to the instance's SSH or Remote Desktop."""
    found = case.study.remember(("doors", id(scope)), lambda: doors(scope))
    return found.get((instance.instance_id, entry_port(instance)), ())


def doors(scope: Scope) -> Mapping[tuple[str, int], tuple[Door, ...]]:
    """The doors of internet-facing network load balancers, by instance and the port on it they lead to."""
    facing = {
        arn
        for arn, balancer in scope.load_balancers.items()
        if balancer.type == "network" and balancer.scheme == "internet-facing"
    }
    listeners: dict[str, list[Door]] = defaultdict(list)
    for listener in scope.listeners.values():
        arn = listener.load_balancer_arn
        if arn is not None and arn in facing and listener.port is not None:
            for action in listener.default_actions:
                listeners[action.target_group_arn or ""].append((arn, listener.port))
    found: dict[tuple[str, int], list[Door]] = defaultdict(list)
    for group in scope.target_health.values():
        for each in group.target_health_descriptions:
            found[each.target.id, each.target.port or 0].extend(listeners.get(group.target_group_arn, []))
    return {key: tuple(leading) for key, leading in found.items()}


def health(case: Case, scope: Scope, instance: Instance) -> Answer:
    """Whether the machine itself is up, by its agent's pings, else by EC2's status checks."""
    other = Case(case.study, scope, target_of_instance(scope, instance))
    found = bound(every((observed(alive(other), healthy(other)), volumes(other))), instance.instance_id)
    down = tuple(
        msgspec.structs.replace(each, cause="bastion-down") if each.cause in IMPAIRED else each
        for each in found.findings
    )
    return msgspec.structs.replace(found, findings=down)


def way_in(case: Case, scope: Scope, instance: Instance) -> Answer:
    """The best way from the operator to an instance that may serve as a bastion."""
    port = entry_port(instance)
    other = Case(case.study, scope, target_of_instance(scope, instance))
    key = own_or_pushed(other, instance.instance_id, desktop=port == _DESKTOP)
    ways = [every((entering(case, scope, instance, port, Path.ENTRY_TO_BASTION), key))]
    if ways[0].verdict is READY:
        return ways[0]
    ways += [every((_by_balancer(case, scope, door), key)) for door in doors_of(case, scope, instance)]
    is_up = instance.state.name.lower() == "running"
    if is_up and is_named(instance) and not has_public_address(instance):
        ways.append(_by_session(case, scope, instance))
    return nearest(ways)


def _by_balancer(case: Case, scope: Scope, door: Door) -> Answer:
    arn, port = door
    source = INTERNET if case.options.operator is None else operator_end(case.options.operator)
    end = End(Kind.LOAD_BALANCER, arn, scope.account, scope.region)
    trace = case.network.trace(Flow(source, end, Protocol.TCP, port))
    return blockers.answer(trace, Path.ENTRY_TO_BASTION)


def _by_session(case: Case, scope: Scope, instance: Instance) -> Answer:
    """Through a session to the bastion, which then forwards a port to the target."""
    study = case.study.remember("forwarding", lambda: _forwarding(case.study))
    other = Case(study, scope, target_of_instance(scope, instance))
    answer = study.remember(("session tree", id(scope)), lambda: _session_tree(case)).answer(other)
    return bound(answer, instance.instance_id)


def _forwarding(study: Study) -> Study:
    """The study for who forwards a port through a node, whatever for: how a session passes a bastion.

    Whether the node reaches the target is the second leg's matter; here it forwards to itself.
    """
    options = msgspec.structs.replace(
        study.options, use=Use.PORT_FORWARD, remote_host="localhost", remote_port=None
    )
    return Study(study.estate, study.network, study.rulebook, options)


def _session_tree(case: Case) -> Tree:
    return compile_tree(case.rulebook.methods["session-manager"].checks, "rules/methods/session-manager.yaml")
