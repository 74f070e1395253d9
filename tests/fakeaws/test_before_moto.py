"""moto behind the fake AWS: an account made call by call, and read as any other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from advisor.collect.runner import collect
from advisor.collect.session import open_session
from tests.fakeaws.app import LACKING, FakeAws
from tests.scenes.builder import Scene

ACCOUNT = "123456789012"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    with FakeAws.before_moto() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def client(service: str) -> Any:
    return boto3.client(service, region_name="us-east-1")


def test_what_moto_keeps_and_what_it_lacks_come_together(aws: FakeAws) -> None:
    ec2, iam = client("ec2"), client("iam")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    trust = '{"Version": "2012-10-17", "Statement": []}'
    iam.create_role(RoleName="ssm", AssumeRolePolicyDocument=trust)
    iam.create_instance_profile(InstanceProfileName="ssm")
    iam.add_role_to_instance_profile(InstanceProfileName="ssm", RoleName="ssm")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    (instance,) = ec2.run_instances(
        ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet, IamInstanceProfile={"Name": "ssm"}
    )["Instances"]
    Scene(ACCOUNT, world=aws.world).node(_Machine(instance))
    before = len(aws.calls)
    session = open_session(regions=["us-east-1"])
    try:
        estate = collect(session).estate()
    finally:
        session.close()
        ec2.close()
        iam.close()
    scope = estate.scope(ACCOUNT, "us-east-1")
    assert instance["InstanceId"] in scope.instances
    assert instance["InstanceId"] in scope.managed_nodes
    assert vpc in scope.vpcs
    assert vpc in scope.vpc_attributes
    assert gateway in scope.internet_gateways
    assert scope.instances[instance["InstanceId"]].iam_instance_profile
    assert "ssm" in {
        role.role_name
        for page in estate.global_scope(ACCOUNT).authorization_details.values()
        for role in page.role_detail_list
    }
    gaps = [(operation, coverage.code) for _, operation, coverage, one in estate.gaps() if not one]
    assert gaps == [("ec2:DescribeVpcEndpointServices", "InvalidFilter")], "moto has no filter `owner`"
    assert not [call.name for call in aws.calls[before:] if call.name in aws.writing()]


class _Machine:
    platform = "linux"

    def __init__(self, record: dict[str, Any]) -> None:
        self.id = record["InstanceId"]
        self.record = record


def test_the_account_settings_that_moto_lacks_can_be_changed(aws: FakeAws) -> None:
    ec2 = client("ec2")
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"] is False
    ec2.enable_serial_console_access()
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"] is True
    assert "ec2:EnableSerialConsoleAccess" in LACKING
    assert aws.writing() == ["ec2:EnableSerialConsoleAccess"]
    ec2.close()
