"""Actions applied to a copy of the account: what AWS would show after each request.

Nothing here talks to AWS. A request about a record that was not read changes nothing, so that a plan can
never be proved with data that nobody has. New resources are ready at once, and have ids that follow from
the action's key (`advisor.advice.action.placeholder`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from advisor.advice.action import Action, placeholder, thawed
from advisor.advice.apply_access import ACCESS
from advisor.advice.apply_groups import GUARDS
from advisor.advice.apply_machines import MACHINES
from advisor.advice.apply_network import NETWORK
from advisor.advice.apply_transit import TRANSIT
from advisor.advice.change import Change, Effect
from advisor.model.estate import Estate

EFFECTS: Final[Mapping[str, Effect]] = {**GUARDS, **NETWORK, **TRANSIT, **MACHINES, **ACCESS}
"""What each request does, by `service:Operation`."""


def apply(action: Action, estate: Estate) -> Estate:
    """The estate after the request."""
    effect = EFFECTS[f"{action.service}:{action.operation}"]
    scope = estate.scope(action.account, action.region)
    return effect(Change(action, scope, estate, thawed(action.parameters, placeholder)))


def apply_all(actions: Iterable[Action], estate: Estate) -> Estate:
    """The estate after these requests, in their order."""
    for action in actions:
        estate = apply(action, estate)
    return estate
