from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.parsers import create_parser

from advisor.collect.operations import OPERATIONS
from advisor.collect.parsing import PlannedFactory
from tests.demo.account import account
from tests.fakeaws.reads import read
from tests.fakeaws.wire import Call, answered

EC2 = [row for row in OPERATIONS if row.service == "ec2"]
_MODEL = botocore.session.get_session().get_service_model("ec2")


def both(api: str, body: bytes, status: int = 200) -> tuple[Any, Any]:
    """The answer as the planned parser reads it, and as botocore does."""
    response = {"body": body, "headers": {}, "status_code": status}
    shape = _MODEL.operation_model(api).output_shape
    planned = PlannedFactory().create_parser("ec2")
    return planned.parse(response, shape), create_parser("ec2").parse(response, shape)


@pytest.mark.parametrize("api", [row.api for row in EC2 if isinstance(row.requests, tuple) and row.requests])
def test_answers_read_the_same_as_botocore_reads_them(api: str) -> None:
    scene = account()
    call = Call("ec2", api, "us-east-1", "x", "ec2", {}, "111122223333")
    result = read(scene.world, call)
    assert result is not None
    _, _, body = answered(call, result)
    ours, theirs = both(api, body)
    assert ours == theirs
    assert set(ours) > {"ResponseMetadata"} or not result


def test_errors_and_odd_texts_read_the_same() -> None:
    error = (
        b"<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no &amp; no</Message></Error>"
        b"</Errors><RequestID>r</RequestID></Response>"
    )
    ours, theirs = both("DescribeVpcs", error, 403)
    assert ours == theirs
    assert ours["Error"]["Message"] == "no & no"
    odd = (
        '<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>'
        "<vpcSet><item><vpcId>vpc-1</vpcId><isDefault>true</isDefault><unheardOf><a>1</a></unheardOf>"
        "<tagSet><item><key>Name</key><value/></item><item><key>日本</key><value>&lt;b&gt;\n</value></item>"
        "</tagSet></item></vpcSet></DescribeVpcsResponse>"
    ).encode()
    ours, theirs = both("DescribeVpcs", odd)
    assert ours == theirs
    assert ours["Vpcs"][0]["Tags"][0] == {"Key": "Name", "Value": ""}


def test_other_protocols_are_left_to_botocore() -> None:
    assert type(PlannedFactory().create_parser("json")) is type(create_parser("json"))
