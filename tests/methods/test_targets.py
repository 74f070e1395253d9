"""Which targets an estate has, and what is known of each."""

from __future__ import annotations

import pytest

from advisor.methods.assessment import Target
from advisor.methods.targets import targets
from tests.methods.stages import HYBRID
from tests.scenes.builder import Scene


def found(scene: Scene) -> list[Target]:
    return [target for _, target in targets(scene.estate())]


def test_instances_and_hybrid_nodes_are_targets_and_terminated_instances_are_not() -> None:
    scene = Scene()
    subnet = scene.vpc().subnet("10.0.1.0/24")
    running = subnet.instance(name="web", public_ip="198.51.100.7")
    stopped = subnet.instance(state="stopped")
    subnet.instance(state="terminated")
    scene.node(HYBRID)
    assert [(each.id, each.kind, each.state) for each in found(scene)] == [
        (running.id, "ec2", "running"),
        (stopped.id, "ec2", "stopped"),
        (HYBRID, "hybrid", "online"),
    ]


def test_a_target_says_where_it_stands() -> None:
    scene = Scene("444455556666", "ap-northeast-1")
    vpc = scene.vpc("10.7.0.0/16")
    subnet = vpc.subnet("10.7.1.0/24")
    instance = subnet.instance(name="受注API", public_ip="198.51.100.7", extra_tags={"env": "prod"})
    (target,) = found(scene)
    assert (target.account, target.region, target.vpc, target.subnet) == (
        "444455556666",
        "ap-northeast-1",
        vpc.id,
        subnet.id,
    )
    assert (target.name, target.private_ip, target.public_ip) == (
        "受注API",
        instance.record["PrivateIpAddress"],
        "198.51.100.7",
    )
    assert ("env", "prod") in target.tags


@pytest.mark.parametrize("platform", ["linux", "windows", "macos"])
def test_the_platform_is_read_from_the_instance(platform: str) -> None:
    scene = Scene()
    scene.vpc().subnet("10.0.1.0/24").instance(platform=platform)
    assert [each.platform for each in found(scene)] == [platform]


def test_what_the_agent_reports_of_the_platform_counts_first() -> None:
    scene = Scene()
    instance = scene.vpc().subnet("10.0.1.0/24").instance()
    scene.node(instance, PlatformType="Windows")
    assert [each.platform for each in found(scene)] == ["windows"]


def test_the_platform_of_a_node_that_reports_none_is_unknown() -> None:
    scene = Scene()
    scene.node(HYBRID)
    del scene.place.records["ssm:DescribeInstanceInformation"][0]["PlatformType"]
    assert [each.platform for each in found(scene)] == ["unknown"]


def test_a_hostile_name_loses_its_control_characters() -> None:
    scene = Scene()
    subnet = scene.vpc().subnet("10.0.1.0/24")
    subnet.instance(name="web\x1b[31m\u202e1\r\nrm -rf")
    (target,) = found(scene)
    assert target.name == "web[31m1  rm -rf"


def test_a_managed_instance_that_could_not_be_described_is_still_a_target() -> None:
    scene = Scene()
    instance = scene.vpc().subnet("10.0.1.0/24").instance()
    scene.node(instance)
    scene.deny("ec2:DescribeInstances")
    assert [(each.id, each.kind, each.state) for each in found(scene)] == [(instance.id, "ec2", "unknown")]


def test_a_node_that_outlived_its_instance_is_no_target() -> None:
    scene = Scene()
    scene.node(scene.vpc().subnet("10.0.1.0/24").instance())
    scene.place.records["ec2:DescribeInstances"].clear()
    assert found(scene) == []
