"""The bench on which plans are made: the account, the rules, and the judging of changed copies."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from advisor.advice.action import Action
from advisor.advice.apply import apply_all
from advisor.advice.cost import Cost, cost_of, total
from advisor.advice.remedies import remedies
from advisor.methods.answer import Finding
from advisor.methods.assessment import (
    Assessment,
    MethodAssessment,
    MethodId,
    Target,
    TargetAssessment,
)
from advisor.methods.options import Options
from advisor.model.coverage import Table
from advisor.model.estate import Estate
from advisor.model.scope import Scope
from advisor.model.verdict import Verdict
from advisor.network.network import Network

if TYPE_CHECKING:
    from advisor.advice.action import Remedy
    from advisor.rulebook import Profile, RuleBook

Chosen = Callable[[Target], bool] | Container[str] | None
Assess = Callable[..., Assessment]
"""`advisor.methods.assess.assess` or a stand-in; called with estate, rule book, options, only, network."""

Place = tuple[str, str, str]
"""Account, Region and id of a target; ids repeat between accounts."""

_UNPRICED = 50.0
"""What a thing without a known price counts in comparisons, in USD: it must never look free."""


def place_of(target: Target) -> Place:
    """Where a target stands."""
    return target.account, target.region, target.id


class Price(NamedTuple):
    """What a set of actions comes to, compared from left to right.

    `first` and `second` are the highest risk and the money of a month, in the order that the profile gives
    them; then the number of changes, then the sum of their risks.
    """

    first: float
    second: float
    changes: int
    risks: int


class Shift(msgspec.Struct, frozen=True):
    """A verdict that a change turns into another one."""

    target: Target
    method: MethodId
    before: Verdict
    after: Verdict

    @property
    def is_worse(self) -> bool:
        """Whether something is lost by it."""
        return self.after < self.before


class Workshop:
    """An account with its rules, and everything that is worked out about changes to it.

    Plans are judged by the configuration alone (`Options.hypothetical`): what was observed of machines
    before a change says nothing about the time after it.
    """

    def __init__(
        self, estate: Estate, rulebook: RuleBook, options: Options, assess: Assess, profile: Profile
    ) -> None:
        self.estate = estate
        self.rulebook = rulebook
        self.options = options
        self.assess = assess
        self.profile = profile
        self.supposing = msgspec.structs.replace(options, hypothetical=True)
        self._grounds: dict[Place, tuple[Estate, Assessment]] = {}

    # --- judging --------------------------------------------------------------------------------------

    def judge(self, estate: Estate, only: Chosen = None) -> Assessment:
        """What the configuration of a copy amounts to, whatever was observed."""
        network = self.network if estate is self.estate else None
        return self.assess(estate, self.rulebook, self.supposing, only, network)

    def look(self, only: Chosen = None) -> Assessment:
        """The account as it is, observations included."""
        return self.assess(self.estate, self.rulebook, self.options, only, self.network)

    @cached_property
    def network(self) -> Network:
        """The account's network; what it has worked out serves every look at the unchanged account."""
        return Network(self.estate)

    def judged(self, estate: Estate, target: Target, method: MethodId) -> MethodAssessment:
        """One method of one target on a copy."""
        place = place_of(target)
        found = self.judge(estate, lambda each: place_of(each) == place)
        return found.targets[0].method(method)

    @cached_property
    def before(self) -> Assessment:
        """Every target as the account is configured now."""
        return self.judge(self.estate)

    def ground(self, target: Target) -> tuple[Estate, Assessment]:
        """The part of the account that a search for one target judges, and its neighbours before any change.

        Neighbours are the targets of its VPC, one of each kind that is alike in every method: a change that
        takes a method from one takes it from all of its kind. The plan's proof looks at every target.
        """
        place = place_of(target)
        if place not in self._grounds:
            home = (target.account, target.region, target.vpc)
            part = excerpt(self.estate, [target])
            found = self.judge(part, lambda each: (each.account, each.region, each.vpc) == home)
            kinds: dict[object, TargetAssessment] = {}
            for each in found.targets:
                key = tuple(map(id, each.methods))
                if key not in kinds or place_of(each.target) == place:
                    kinds[key] = each
            self._grounds[place] = (part, msgspec.structs.replace(found, targets=tuple(kinds.values())))
        return self._grounds[place]

    # --- remedies and their price ---------------------------------------------------------------------

    def remedies(
        self, finding: Finding, target: Target, method: MethodId, estate: Estate
    ) -> tuple[Remedy, ...]:
        """Every way to remove a blocker, on this copy."""
        return remedies(
            finding,
            target,
            estate,
            method=method,
            operator=self.options.operator,
            caller=self.options.caller,
        )

    def cost(self, actions: Iterable[Action]) -> Cost:
        """What these actions add to the bill."""
        return total(cost_of(action, self.estate, self.rulebook.prices) for action in actions)

    def price(self, actions: Sequence[Action]) -> Price:
        """What these actions come to, for comparisons."""
        cost = self.cost(actions)
        unknown = sum(1 for line in cost.lines if line.usd is None)
        money = cost.known + unknown * _UNPRICED
        risk = float(max((action.risk for action in actions), default=0))
        pair = (money, risk) if self.money_first else (risk, money)
        return Price(*pair, len(actions), sum(action.risk for action in actions))

    @property
    def money_first(self) -> bool:
        """Whether the profile cares more about money than about risk."""
        weights = self.profile.weights
        return weights.get("cost", 0.0) > weights.get("security", 0.0)


def shifts(before: Assessment, after: Assessment) -> tuple[Shift, ...]:
    """Every verdict that differs, for the targets of both."""
    known = {place_of(each.target): each for each in before.targets}
    found: list[Shift] = []
    for each in after.targets:
        old = known.get(place_of(each.target))
        if old is None or old.methods is each.methods:
            continue
        for was, now in zip(old.methods, each.methods, strict=True):
            if was.verdict is not now.verdict:
                found.append(Shift(old.target, was.method, was.verdict, now.verdict))
    return tuple(found)


def excerpt(estate: Estate, targets: Iterable[Target]) -> Estate:
    """The estate without the machines of VPCs that have nothing to do with these targets.

    Kept are the targets' VPCs and those joined to them by peering or transit gateway. It serves the search,
    which judges many copies; what the search finds is proved on the whole estate.
    """
    wanted = _joined(estate, {(t.account, t.region, t.vpc) for t in targets if t.vpc})
    for scope in estate.regional:
        if not any(place[:2] == (scope.account, scope.region) for place in wanted):
            continue
        dropped = {
            instance.instance_id
            for instance in scope.instances.values()
            if (scope.account, scope.region, instance.vpc_id) not in wanted
        }
        if dropped:
            estate = estate.having(_without(scope, dropped))
    return estate


def _joined(estate: Estate, vpcs: set[tuple[str, str, str | None]]) -> set[tuple[str, str, str | None]]:
    found = set(vpcs)
    for scope in estate.regional:
        by_gateway: dict[str | None, set[tuple[str, str, str | None]]] = {}
        for peering in scope.vpc_peering_connections.values():
            sides = {
                (side.owner_id or scope.account, side.region or scope.region, side.vpc_id)
                for side in (peering.requester_vpc_info, peering.accepter_vpc_info)
            }
            if sides & vpcs:
                found |= sides
        for attachment in scope.transit_gateway_vpc_attachments.values():
            place = (attachment.vpc_owner_id or scope.account, scope.region, attachment.vpc_id)
            by_gateway.setdefault(attachment.transit_gateway_id, set()).add(place)
        for members in by_gateway.values():
            if members & vpcs:
                found |= members
    return found


def _without(scope: Scope, machines: set[str]) -> Scope:
    tables: dict[str, Table[Any]] = dict(scope.tables)
    for family in (Scope.reservations, Scope.instance_statuses, Scope.managed_nodes):
        old = tables.get(family.operation)
        if old is not None:
            tables[family.operation] = _filtered(old, {k: v for k, v in old.items() if k not in machines})
    interfaces = tables.get(Scope.network_interfaces.operation)
    if interfaces is not None:
        kept = {
            key: each
            for key, each in interfaces.items()
            if each.attachment is None or each.attachment.instance_id not in machines
        }
        tables[Scope.network_interfaces.operation] = _filtered(interfaces, kept)
    return Scope(scope.account, scope.region, tables)


def _filtered(old: Table[Any], rows: dict[str, Any]) -> Table[Any]:
    return Table(old.operation, rows, old.coverage, old.gaps, old.per_resource)


def changed(workshop: Workshop, actions: Iterable[Action], estate: Estate | None = None) -> Estate:
    """The estate (by default the whole one) after these actions."""
    return apply_all(actions, workshop.estate if estate is None else estate)
