"""Calls that write, with their effect on the scene's records: what remediation and its rollback need.

Written from AWS's own documentation, not from `advisor.advice.apply`, which it serves to check. Changes are
done at once, where AWS takes seconds to minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.fakeaws.wire import Call
from tests.fakeaws.writes import access, endpoints, groups, machines, network, settings, transit
from tests.fakeaws.writes.act import Act, Record
from tests.scenes.place import World

DOINGS: Mapping[str, Callable[[Act], Record | None]] = {
    name: doing
    for module in (access, endpoints, groups, machines, network, settings, transit)
    for name, doing in module.DOINGS.items()
}
"""What each call does, by `service:Operation`."""


def write(world: World, call: Call) -> Record | None:
    """Do what the call asks for and answer as AWS would; None if nobody knows the operation."""
    doing = DOINGS.get(call.name)
    return None if doing is None else doing(Act(world, call)) or {}
