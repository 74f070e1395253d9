"""The map shows what lies where, and marks what is broken by its own record."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.report.network_map import MapNode, network_map
from tests.scenes.builder import Scene


def everything(nodes: tuple[MapNode, ...]) -> Iterator[MapNode]:
    for node in nodes:
        yield node
        yield from everything(node.children)


def named(scene: Scene, id: str) -> MapNode:
    return next(node for node in everything(network_map(scene.estate())) if node.resource == id)


def test_a_subnet_lies_in_its_vpc_with_its_route_table_and_routes() -> None:
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16")
    igw = vpc.igw()
    vpc.main.route("0.0.0.0/0", igw)
    subnet = vpc.subnet("10.0.1.0/24")
    subnet.instance()
    region = network_map(scene.estate())[0]
    assert region.title == "111122223333 / us-east-1"
    assert [node.resource for node in region.children] == [vpc.id]
    routes = [route.title for table in named(scene, subnet.id).children for route in table.children]
    assert f"0.0.0.0/0 → {igw.id}" in routes
    assert "1 instance" in named(scene, vpc.id).detail
    assert named(scene, igw.id).detail == "internet gateway"
    assert region.problems == 0


def test_a_blackhole_route_is_a_problem_of_everything_above_it() -> None:
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16")
    vpc.main.route("0.0.0.0/0", "nat-0bad00000000000aa", state="blackhole")
    subnet = vpc.subnet("10.0.1.0/24")
    broken = [node for node in everything(network_map(scene.estate())) if node.problem]
    assert [node.title for node in broken] == ["0.0.0.0/0 → nat-0bad00000000000aa"]
    assert named(scene, subnet.id).problems == 1
    assert network_map(scene.estate())[0].problems == 1


def test_route_tables_that_were_denied_are_a_problem_with_the_calls_name_not_an_absence() -> None:
    scene = Scene()
    subnet = scene.vpc("10.0.0.0/16").subnet("10.0.1.0/24")
    scene.deny("ec2:DescribeRouteTables")
    assert "ec2:DescribeRouteTables: denied" in named(scene, subnet.id).problem


def test_names_of_the_account_are_made_plain() -> None:
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16")
    vpc.record["Tags"] = [{"Key": "Name", "Value": "prod\x1b[31m\nnet"}]
    assert named(scene, vpc.id).title == f"{vpc.id}  prod[31m net"
