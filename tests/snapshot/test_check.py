"""What is odd in an account's data is said, once for each kind, and never stops the reading."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest

from advisor.model.responses import Responses
from advisor.snapshot import Snapshot
from tests.scenes.builder import COLLECTED_AT, Scene, tcp
from tests.scenes.test_builder import grand_scene


def warnings_of(scene: Scene) -> list[str]:
    snapshot = Snapshot(collected_at=COLLECTED_AT, responses=tuple(scene.responses()))
    return list(snapshot.estate().warnings)


def test_a_sound_account_has_no_oddities() -> None:
    said = warnings_of(grand_scene())
    # The grand scene has a terminated instance, and nothing else that is odd.
    assert [each for each in said if "terminated" not in each] == []


def dangling_subnet(scene: Scene) -> str:
    instance = scene.vpc().subnet("10.0.1.0/24").instance()
    instance.record["SubnetId"] = "subnet-0gone"
    return "subnet-0gone"


def dangling_vpc(scene: Scene) -> str:
    scene.vpc().subnet("10.0.1.0/24").record["VpcId"] = "vpc-0gone"
    return "vpc-0gone"


def dangling_route(scene: Scene) -> str:
    scene.vpc().main.route("0.0.0.0/0", "nat-0gone")
    return "nat-0gone"


def dangling_group(scene: Scene) -> str:
    instance = scene.vpc().subnet("10.0.1.0/24").instance()
    instance.eni.record["Groups"] = [{"GroupId": "sg-0gone"}]
    return "sg-0gone"


def host_bits(scene: Scene) -> str:
    scene.vpc().group("web", [tcp(22, "10.0.0.7/16")])
    return "10.0.0.7/16"


def no_block(scene: Scene) -> str:
    scene.vpc().group("web", [tcp(22, "10.0.0.0/99")])
    return "10.0.0.0/99"


def shouted_state(scene: Scene) -> str:
    scene.vpc().subnet("10.0.1.0/24").instance().record["State"]["Name"] = "Running"
    return "Running"


def terminated(scene: Scene) -> str:
    return str(scene.vpc().subnet("10.0.1.0/24").instance(state="terminated").id)


def deleted_peering(scene: Scene) -> str:
    return scene.peering(scene.vpc(), scene.vpc("10.1.0.0/16"), "deleted").id


def same_vpc_twice(scene: Scene) -> str:
    vpc = scene.vpc()
    scene.place.add("ec2:DescribeVpcs", dict(vpc.record))
    return vpc.id


def same_instance_twice(scene: Scene) -> str:
    instance = scene.vpc().subnet("10.0.1.0/24").instance()
    scene.place.add("ec2:DescribeInstances", {"Instances": [instance.record]})
    return str(instance.id)


ODDITIES: list[Callable[[Scene], str]] = [
    dangling_subnet,
    dangling_vpc,
    dangling_route,
    dangling_group,
    host_bits,
    no_block,
    shouted_state,
    terminated,
    deleted_peering,
    same_vpc_twice,
    same_instance_twice,
]


@pytest.mark.parametrize("oddity", ODDITIES, ids=lambda oddity: str(oddity.__name__))
def test_an_oddity_is_said_with_what_it_is_about(oddity: Callable[[Scene], str]) -> None:
    scene = Scene()
    named = oddity(scene)
    (said,) = warnings_of(scene)
    assert named in said
    assert said.startswith("111122223333/us-east-1: ")


def test_ids_that_a_denied_call_would_have_shown_are_not_called_dangling() -> None:
    scene = Scene()
    dangling_route(scene)
    scene.deny("ec2:DescribeNatGateways")
    assert warnings_of(scene) == []


def test_the_route_of_a_deleted_gateway_is_a_black_hole_and_no_oddity() -> None:
    scene = Scene()
    scene.vpc().main.route("0.0.0.0/0", "nat-0gone", state="blackhole")
    assert warnings_of(scene) == []


def test_many_of_a_kind_are_one_sentence() -> None:
    scene = Scene()
    subnet = scene.vpc().subnet("10.0.1.0/24")
    for _ in range(20):
        subnet.instance(state="terminated")
    (said,) = warnings_of(scene)
    assert "and 17 more" in said


def test_of_duplicates_the_last_counts() -> None:
    scene = Scene()
    vpc = scene.vpc()
    scene.place.add("ec2:DescribeVpcs", vpc.record | {"State": "pending"})
    assert scene.estate().regional[0].vpcs[vpc.id].state == "pending"


def test_an_answer_with_a_record_that_cannot_be_read_is_not_complete() -> None:
    records = [{"RouteTableId": "rtb-1"}, {"RouteTableId": 7}]
    answer = Responses(
        "1", "us-east-1", "ec2:DescribeRouteTables", records=msgspec.Raw(json.dumps(records).encode())
    )
    estate = Snapshot(responses=(answer,)).estate()
    tables = estate.regional[0].route_tables
    assert list(tables) == ["rtb-1"]
    assert not tables.complete
    assert tables.missing("rtb-2").status == "truncated"
    assert "$.RouteTables[1]" in estate.warnings[0]


@pytest.mark.parametrize("records", [b"{}", b"7", b'"x"', b"null"])
def test_records_that_are_no_list_are_said(records: bytes) -> None:
    answer = Responses("1", "us-east-1", "ec2:DescribeVpcs", records=msgspec.Raw(records))
    estate = Snapshot(responses=(answer,)).estate()
    assert "ec2:DescribeVpcs" in estate.warnings[0]
    assert not estate.regional[0].vpcs.complete
