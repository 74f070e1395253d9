from __future__ import annotations

import pytest

from advisor.collect.operations import OPERATIONS
from tests.collect.conftest import Opener

SERVICES = sorted({row.service for row in OPERATIONS})


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("whole", [False, True])
def test_a_client_has_the_operations_of_the_table_and_no_other(
    opened: Opener, service: str, whole: bool
) -> None:
    client = opened(whole=whole).client(service, "us-east-1")
    assert set(client.meta.service_model.operation_names) == {
        row.api for row in OPERATIONS if row.service == service
    }


def test_there_is_no_way_to_write(opened: Opener) -> None:
    ec2 = opened().client("ec2", "us-east-1")
    assert not hasattr(ec2, "run_instances")
    assert not hasattr(ec2, "create_vpc_endpoint")
    assert not hasattr(opened().client("sts", "us-east-1"), "assume_role")


def test_answers_hold_what_records_declare_and_the_page_tokens(opened: Opener) -> None:
    model = opened().client("ec2", "us-east-1").meta.service_model.operation_model("DescribeInstances")
    reservation = model.output_shape.members["Reservations"].member
    assert set(model.output_shape.members) == {"Reservations", "NextToken"}
    assert set(reservation.members) == {"Instances", "OwnerId"}
    instance = reservation.members["Instances"].member
    assert "PrivateIpAddress" in instance.members
    assert "BlockDeviceMappings" not in instance.members
    assert set(instance.members["State"].members) == {"Name"}
