"""The raw record behind a fact is AWS's own JSON."""

from __future__ import annotations

import json

from advisor.report.raw import only_record_json, record_json
from tests.scenes.builder import Scene, peer, tcp

ACCOUNT, REGION = "111122223333", "us-east-1"


def test_an_instance_is_found_inside_its_reservation() -> None:
    scene = Scene()
    subnet = scene.vpc("10.0.0.0/16").subnet("10.0.1.0/24")
    one, two = subnet.instance(), subnet.instance()
    found = record_json(scene.responses(), ACCOUNT, REGION, "ec2:DescribeInstances", two.id)
    assert found is not None
    assert json.loads(found)["InstanceId"] == two.id
    assert one.id not in found


def test_the_record_whose_own_id_it_is_comes_before_one_that_only_names_it() -> None:
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16")
    named = vpc.group("named")
    vpc.group("a-naming-group", ingress=[tcp(22, peer(named))])
    found = record_json(scene.responses(), ACCOUNT, REGION, "ec2:DescribeSecurityGroups", named.id)
    assert found is not None
    assert json.loads(found)["GroupId"] == named.id


def test_what_was_not_read_is_none() -> None:
    scene = Scene()
    scene.vpc("10.0.0.0/16")
    assert record_json(scene.responses(), ACCOUNT, REGION, "ec2:DescribeVpcs", "vpc-0nothing") is None
    assert record_json(scene.responses(), ACCOUNT, "eu-west-1", "ec2:DescribeVpcs", "vpc-") is None


def test_an_answer_about_the_account_itself_is_shown_whole() -> None:
    scene = Scene()
    found = only_record_json(scene.responses(), ACCOUNT, REGION, "ec2:GetSerialConsoleAccessStatus")
    assert found is not None
    assert "SerialConsoleAccessEnabled" in found
