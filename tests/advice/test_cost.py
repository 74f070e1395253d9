"""Monthly costs: every line says how it comes about, and an unknown price is not free."""

from __future__ import annotations

import pytest

from advisor.advice.action import Action, members
from advisor.advice.actions import actions_for
from advisor.advice.cost import Cost, CostLine, cost_of, spelled, total
from advisor.network import repairs
from advisor.rulebook import load
from tests.advice.samples import OTHERS, REPAIRS, SAMPLE
from tests.scenes.builder import Scene

BOOK = load()


def usd(actions: tuple[Action, ...]) -> float | None:
    return total(cost_of(each, SAMPLE.estate, BOOK.prices) for each in actions).usd


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("CreateInterfaceEndpoint", 7.30),
        ("AddEndpointSubnet", 7.30),
        ("CreateNatGateway", 36.50),
        ("AssociatePublicAddress", 3.65),
        ("CreateGatewayEndpoint", 0),
        ("AdmitInGroup", 0),
        ("EnablePrivateDns", 0),
        ("StartInstance", 7.59),
    ],
)
def test_a_change_costs_by_the_month(kind: str, expected: float):
    assert usd(actions_for(REPAIRS[kind], SAMPLE.estate)) == expected


def test_a_bastion_is_machine_disk_and_address():
    cost = total(cost_of(each, SAMPLE.estate, BOOK.prices) for each in OTHERS["bastion"].actions)
    assert {line.item for line in cost.lines} == {"instance-hour", "gp3-gb-month", "public-ipv4-hour"}
    assert cost.usd == 7.36


def test_zones_multiply():
    scene = Scene()
    vpc = scene.vpc()
    ids = tuple(vpc.subnet(f"10.0.{n}.0/24", zone).id for n, zone in enumerate("abc"))
    repair = repairs.CreateInterfaceEndpoint("ssm", vpc.id, ids, scene.account, scene.region)
    estate = scene.estate()
    cost = total(cost_of(each, estate, BOOK.prices) for each in actions_for(repair, estate))
    assert cost.usd == 21.90
    assert spelled(BOOK, cost.lines[0]) == (
        "3 × interface endpoint in a zone (hours) × 730 × 0.01 USD = 21.90 USD a month"
    )


def test_tokyo_has_its_own_prices():
    scene = Scene(region="ap-northeast-1")
    vpc = scene.vpc()
    subnet = vpc.subnet("10.0.1.0/24")
    repair = repairs.CreateInterfaceEndpoint("ssm", vpc.id, (subnet.id,), scene.account, scene.region)
    estate = scene.estate()
    assert total(cost_of(a, estate, BOOK.prices) for a in actions_for(repair, estate)).usd == 10.22


def test_an_unknown_region_is_said_and_never_free():
    scene = Scene(region="mars-north-1")
    vpc = scene.vpc()
    subnet = vpc.subnet("10.0.1.0/24")
    repair = repairs.CreateInterfaceEndpoint("ssm", vpc.id, (subnet.id,), scene.account, scene.region)
    estate = scene.estate()
    cost = total(cost_of(each, estate, BOOK.prices) for each in actions_for(repair, estate))
    assert cost.usd is None and not cost.is_free
    for lang in ("en", "ja"):
        assert "mars" not in spelled(BOOK, cost.lines[0], lang)
        assert spelled(BOOK, cost.lines[0], lang)


def test_an_unknown_instance_type_has_no_price():
    scene = Scene()
    instance = scene.vpc().subnet("10.0.1.0/24").instance(state="stopped", type="u7in-24tb.224xlarge")
    repair = repairs.StartInstance(instance.id, scene.account, scene.region)
    estate = scene.estate()
    assert total(cost_of(each, estate, BOOK.prices) for each in actions_for(repair, estate)).usd is None


def test_what_runs_already_is_not_counted_again():
    scene = Scene()
    instance = scene.vpc().subnet("10.0.1.0/24").instance(state="running")
    start = Action(
        "k",
        "ec2",
        "StartInstances",
        members(InstanceIds=[instance.id]),
        scene.account,
        scene.region,
        "start-instance",
        2,
    )
    assert cost_of(start, scene.estate(), BOOK.prices).is_free


def test_a_sum_without_lines_is_nothing():
    assert Cost().usd == 0 and Cost().is_free


def test_a_sum_with_an_unknown_line_keeps_what_is_known():
    cost = Cost((CostLine("a", 1, 10, 0.5), CostLine("b", 1, 10, None)))
    assert (cost.usd, cost.known) == (None, 5.0)
