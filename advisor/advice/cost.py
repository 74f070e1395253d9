"""What a change costs by the month, line by line, from the rule book's price lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from advisor.advice.action import Action
from advisor.advice.identity import TIER_SETTING
from advisor.advice.words import say
from advisor.model.estate import Estate

if TYPE_CHECKING:
    from advisor.rulebook import Prices, RuleBook

GP3_ROOT_GB: Final = 8


class CostLine(msgspec.Struct, frozen=True):
    """One product of the sum: `count` things at `price` USD for each `unit` (hour, GB-month).

    `units` is how many units a month has (730 hours); `usd` the product, None where no price is known.
    `size` is the instance type where the item has sizes. Traffic is charged besides, by the `traffic` item.
    """

    item: str
    count: int
    units: float
    price: float | None
    size: str = ""
    traffic: str = ""

    @property
    def usd(self) -> float | None:
        """What it comes to in a month."""
        return None if self.price is None else round(self.count * self.units * self.price, 2)


class Cost(msgspec.Struct, frozen=True):
    """Fixed costs of a month in USD; `usd` is None if a price is not known, which is not free."""

    lines: tuple[CostLine, ...] = ()

    @property
    def usd(self) -> float | None:
        """The sum."""
        found = [line.usd for line in self.lines]
        return None if any(each is None for each in found) else round(sum(each or 0.0 for each in found), 2)

    @property
    def known(self) -> float:
        """The sum of what is known."""
        return round(sum(line.usd or 0.0 for line in self.lines), 2)

    @property
    def is_free(self) -> bool:
        """Whether nothing of it has to be paid for."""
        return not self.lines


def total(costs: Iterable[Cost]) -> Cost:
    """Several costs as one."""
    return Cost(tuple(line for cost in costs for line in cost.lines))


def cost_of(action: Action, estate: Estate, prices: Prices) -> Cost:
    """What an action adds to the bill; what was there before it adds nothing."""
    work_out = _COSTS.get(action.operation)
    return Cost(tuple(work_out(action, estate, prices))) if work_out is not None else Cost()


def spelled(rulebook: RuleBook, line: CostLine, lang: str = "en") -> str:
    """A line of the computation for people: `2 × interface endpoint in a zone × 730 h × 0.01 = 14.60 USD`."""
    what = say(rulebook, lang, f"cost.{line.item}")
    if line.size:
        what = f"{what} ({line.size})"
    if line.price is None or line.usd is None:
        return say(rulebook, lang, "cost.unknown", what=what)
    return say(
        rulebook,
        lang,
        "cost.line",
        what=what,
        count=str(line.count),
        units=f"{line.units:g}",
        price=f"{line.price:g}",
        usd=f"{line.usd:.2f}",
    )


def _line(
    action: Action, prices: Prices, item: str, count: int, size: str = "", traffic: str = ""
) -> CostLine:
    units = float(GP3_ROOT_GB) if item == "gp3-gb-month" else float(prices.hours_per_month)
    return CostLine(item, count, units, prices.of(action.region, item, size), size, traffic)


Work = Callable[[Action, Estate, "Prices"], list[CostLine]]


def _endpoint(action: Action, estate: Estate, prices: Prices) -> list[CostLine]:
    if action.parameters.get("VpcEndpointType") != "Interface":
        return []
    zones = len(action.parameters.get("SubnetIds", ()))
    return [_line(action, prices, "interface-endpoint-hour", zones, traffic="interface-endpoint-gb")]


def _endpoint_change(action: Action, estate: Estate, prices: Prices) -> list[CostLine]:
    added = len(action.parameters.get("AddSubnetIds", ()))
    if not added:
        return []
    return [_line(action, prices, "interface-endpoint-hour", added, traffic="interface-endpoint-gb")]


def _nat(action: Action, estate: Estate, prices: Prices) -> list[CostLine]:
    return [_line(action, prices, "nat-gateway-hour", 1, traffic="nat-gateway-gb")]


def _address(action: Action, estate: Estate, prices: Prices) -> list[CostLine]:
    return [_line(action, prices, "public-ipv4-hour", 1)]


def _run(action: Action, estate: Estate, prices: Prices) -> list[CostLine]:
    size = action.parameters.get("InstanceType", "")
    return [
        _line(action, prices, "instance-hour", 1, size),
        _line(action, prices, "gp3-gb-month", 1),
    ]


def _start(action: Action, estate: Estate, prices: Prices) -> list[CostLine]:
    scope = estate.scope(action.account, action.region)
    found: list[CostLine] = []
    for identity in action.parameters.get("InstanceIds", ()):
        instance = scope.instances.get(identity)
        if instance is None or instance.state.name == "running":
            continue
        found.append(_line(action, prices, "instance-hour", 1, instance.instance_type or ""))
    return found


def _setting(action: Action, estate: Estate, prices: Prices) -> list[CostLine]:
    if not str(action.parameters.get("SettingId", "")).endswith(TIER_SETTING):
        return []
    scope = estate.scope(action.account, action.region)
    nodes = [each for each in scope.managed_nodes if each.startswith("mi-")]
    return [_line(action, prices, "advanced-instance-hour", len(nodes))]


_COSTS: Final[Mapping[str, Work]] = {
    "AllocateAddress": _address,
    "CreateNatGateway": _nat,
    "CreateVpcEndpoint": _endpoint,
    "ModifyVpcEndpoint": _endpoint_change,
    "RunInstances": _run,
    "StartInstances": _start,
    "UpdateServiceSetting": _setting,
}
"""The requests that cost something; all others are free of charge."""
