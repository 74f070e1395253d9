"""From raw answers to tables: places, indexes, what is missing, and what does not fit."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from advisor.model.coverage import Status
from advisor.model.estate import Estate
from advisor.model.evidence import Missing
from advisor.model.records.ec2 import RouteTable
from advisor.model.responses import GLOBAL, Gap, Responses
from advisor.model.scope import FAMILIES, Scope
from tests.scenes.builder import Scene

ACCOUNT, REGION = "111122223333", "us-east-1"


def answer(operation: str, *records: Any, **options: Any) -> Responses:
    raw = msgspec.Raw(json.dumps(records).encode())
    return Responses(ACCOUNT, options.pop("region", REGION), operation, records=raw, **options)


def scope_of(*answers: Responses) -> Scope:
    return Estate.of(answers).scope(ACCOUNT, REGION)


def test_places_are_kept_apart() -> None:
    scene = Scene()
    scene.vpc(id="vpc-1")
    scene.at(region="eu-west-1").vpc(id="vpc-1")
    scene.at(account="444455556666").vpc(id="vpc-1")
    estate = scene.estate()
    assert estate.accounts == ["111122223333", "444455556666"]
    assert estate.regions == ["eu-west-1", "us-east-1"]
    assert all(list(scope.vpcs) == ["vpc-1"] for scope in estate.regional)
    assert all(scope.region != GLOBAL for scope in estate.regional)


def test_a_place_that_was_not_read_is_an_empty_scope_of_questions_not_asked() -> None:
    scope = Estate.of([]).scope("1", "us-east-1")
    assert scope.vpcs.find("vpc-1") == Missing("ec2:DescribeVpcs", "not-asked", None, "vpc-1")
    assert Estate.of([]).global_scope("1").roles.coverage.status is Status.NOT_ASKED


def test_every_family_has_its_own_operation_and_table() -> None:
    scope = Estate.of([]).scope("1", "us-east-1")
    assert len(FAMILIES) == len({id(family) for family in FAMILIES.values()})
    for name, family in vars(Scope).items():
        if operation := getattr(family, "operation", None):
            assert FAMILIES[operation] is family
            assert getattr(scope, name).operation == operation


def test_an_element_that_does_not_fit_is_named_and_the_rest_is_read() -> None:
    answers = [
        answer("ec2:DescribeVpcs", {"VpcId": "vpc-1"}, {"CidrBlock": "10.0.0.0/16"}, {"VpcId": "vpc-3"})
    ]
    estate = Estate.of(answers)
    vpcs = estate.scope(ACCOUNT, REGION).vpcs
    assert list(vpcs) == ["vpc-1", "vpc-3"]
    assert vpcs.missing("vpc-2").status == "truncated"
    assert estate.warnings == (
        "111122223333/us-east-1 ec2:DescribeVpcs $.Vpcs[1]: left out, Object missing required field `VpcId`",
    )


def test_an_operation_that_nobody_reads_is_passed_over() -> None:
    assert Estate.of([answer("ec2:DescribeVolumes", {"VolumeId": "vol-1"})]).warnings == ()


def test_attributes_of_a_vpc_come_from_two_calls() -> None:
    calls = (
        {"VpcId": "vpc-1", "EnableDnsSupport": {"Value": True}},
        {"VpcId": "vpc-1", "EnableDnsHostnames": {"Value": False}},
        {"VpcId": "vpc-2", "EnableDnsSupport": {"Value": False}},
    )
    scope = scope_of(answer("ec2:DescribeVpcAttribute", *calls))
    assert scope.vpc_attribute("vpc-1", "enable_dns_support") is True
    assert scope.vpc_attribute("vpc-1", "enable_dns_hostnames") is False
    assert scope.vpc_attribute("vpc-2", "enable_dns_support") is False
    unasked = Missing("ec2:DescribeVpcAttribute", "not-asked", None, "vpc-2")
    assert scope.vpc_attribute("vpc-2", "enable_dns_hostnames") == unasked


def test_answers_of_one_operation_in_two_parts_are_one_table() -> None:
    parts = [answer("ec2:DescribeVpcs", {"VpcId": f"vpc-{number}"}) for number in (1, 2)]
    refused = answer("ec2:DescribeVpcs", status="denied", code="UnauthorizedOperation")
    assert list(scope_of(*parts).vpcs) == ["vpc-1", "vpc-2"]
    assert scope_of(*parts, refused).vpcs.complete
    assert not scope_of(parts[0], answer("ec2:DescribeVpcs", status="truncated")).vpcs.complete


def test_gaps_are_calls_that_did_not_succeed() -> None:
    gap = Gap("pl-1", "denied", "UnauthorizedOperation")
    estate = Estate.of(
        [
            answer("ec2:DescribeVpcs", status="denied", code="UnauthorizedOperation"),
            answer("ec2:GetManagedPrefixListEntries", gaps=(gap,)),
            answer("ec2:DescribeSubnets"),
        ]
    )
    assert [(operation, coverage.code, resource) for _, operation, coverage, resource in estate.gaps()] == [
        ("ec2:DescribeVpcs", "UnauthorizedOperation", None),
        ("ec2:GetManagedPrefixListEntries", "UnauthorizedOperation", "pl-1"),
    ]


def test_route_tables_are_found_by_what_they_serve() -> None:
    scene = Scene()
    vpc = scene.vpc()
    subnet, gateway = vpc.subnet("10.0.1.0/24"), vpc.igw()
    table = vpc.table(subnets=[subnet], edge=gateway)
    scope = scene.estate().regional[0]
    assert [each.route_table_id for each in scope.route_tables_by_subnet[subnet.id]] == [table.id]
    assert [each.route_table_id for each in scope.route_tables_by_gateway[gateway.id]] == [table.id]
    assert [each.route_table_id for each in scope.main_route_tables[vpc.id]] == [vpc.main.id]


@pytest.mark.parametrize("state", ["disassociated", "disassociating", "Failed"])
def test_an_association_that_is_no_more_does_not_count(state: str) -> None:
    scene = Scene()
    vpc = scene.vpc()
    subnet = vpc.subnet("10.0.1.0/24")
    table = vpc.table(subnets=[subnet])
    table.record["Associations"][0]["AssociationState"]["State"] = state
    assert subnet.id not in scene.estate().regional[0].route_tables_by_subnet


def test_contradictory_associations_are_both_kept() -> None:
    scene = Scene()
    vpc = scene.vpc()
    subnet = vpc.subnet("10.0.1.0/24")
    one, other = vpc.table(subnets=[subnet]), vpc.table()
    other.record["Associations"] = one.record["Associations"]
    assert len(scene.estate().regional[0].route_tables_by_subnet[subnet.id]) == 2


def test_interfaces_come_from_the_instances_when_the_call_for_them_was_denied() -> None:
    scene = Scene()
    instance = scene.vpc().subnet("10.0.1.0/24").instance()
    scene.deny("ec2:DescribeNetworkInterfaces")
    assert list(scene.estate().regional[0].interfaces) == [instance.eni.id]


def test_a_changed_copy_leaves_the_estate_as_it_was() -> None:
    scene = Scene()
    vpc = scene.vpc()
    estate = scene.estate()
    scope = estate.regional[0]
    assert len(scope.main_route_tables[vpc.id]) == 1
    changed = scope.having(Scope.route_tables, RouteTable(route_table_id="rtb-new", vpc_id=vpc.id))
    assert "rtb-new" in changed.route_tables
    assert "rtb-new" not in scope.route_tables
    assert changed.without(Scope.vpcs, vpc.id).vpcs.find(vpc.id) == Missing(
        "ec2:DescribeVpcs", "absent", None, vpc.id
    )
    assert estate.having(changed).scope(scope.account, scope.region) is changed
    assert estate.scope(scope.account, scope.region) is scope


PARTITIONS = [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]


@pytest.mark.parametrize(("region", "partition"), PARTITIONS)
def test_partitions(region: str, partition: str) -> None:
    assert Scope("1", region, {}).partition == partition
