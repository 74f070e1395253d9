"""What an answer's own members, and its file's name, say about the operation."""

from __future__ import annotations

import pytest

from advisor.model.scope import FAMILIES
from advisor.snapshot.recognise import REQUEST, element_of, said_by
from tests.scenes.place import kebab


@pytest.mark.parametrize("operation", sorted(FAMILIES))
@pytest.mark.parametrize("form", ["{service}-{kebab}", "{snake}", "{name}", "{kebab}-us-east-1"])
def test_every_operation_is_told_by_names_in_every_style(operation: str, form: str) -> None:
    service, _, name = operation.partition(":")
    words = kebab(name)
    text = form.format(service=service, kebab=words, snake=words.replace("-", "_"), name=name)
    assert said_by(text).operation == operation


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("Vpcs", "ec2:DescribeVpcs"),
        ("vpcs", "ec2:DescribeVpcs"),
        ("instance-information-list", "ssm:DescribeInstanceInformation"),
        ("PrefixLists", None),
        ("inventory", None),
        ("get-bucket-policy", None),
    ],
)
def test_names_after_the_key_of_the_answer(name: str, operation: str | None) -> None:
    assert said_by(name).operation == operation


def test_the_nearest_name_that_tells_something_counts() -> None:
    assert said_by("us-east-1", "describe-subnets", "describe-vpcs").operation == "ec2:DescribeSubnets"


@pytest.mark.parametrize(
    ("members", "operation"),
    [
        ("SubnetId VpcId CidrBlock AvailabilityZone Tags", "ec2:DescribeSubnets"),
        ("VpcId CidrBlock DhcpOptionsId State", "ec2:DescribeVpcs"),
        ("GroupId GroupName VpcId IpPermissions IpPermissionsEgress Tags", "ec2:DescribeSecurityGroups"),
        ("GroupId GroupName VpcId Tags", None),
        ("InstanceId InstanceType State NetworkInterfaces SecurityGroups Tags", "ec2:DescribeInstances"),
        ("InstanceId PingStatus AgentVersion", "ssm:DescribeInstanceInformation"),
        ("RouteTableId VpcId Tags", None),
        (
            "TransitGatewayAttachmentId TransitGatewayId VpcId SubnetIds State",
            "ec2:DescribeTransitGatewayVpcAttachments",
        ),
        ("Name Value", None),
        ("", None),
    ],
)
def test_elements_without_their_list_are_told_by_what_they_cannot_do_without(
    members: str, operation: str | None
) -> None:
    assert element_of(members.split()) == operation


def test_requests_that_are_kept_beside_answers_are_those_of_the_families() -> None:
    for operation, parameter in REQUEST.items():
        assert FAMILIES[operation].parameter == parameter
