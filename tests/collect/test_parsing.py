from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.parsers import ResponseParserError, create_parser

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
    shape = _shape("ssm", "DescribeInstanceInformation")
    body = b'{"InstanceInformationList": [{"InstanceId": "i-1", "LastPingDateTime": 1795424400}]}'
    response = {"body": body, "headers": {}, "status_code": 200}
    ours = PlannedFactory().create_parser("json").parse(response, shape)
    assert ours == create_parser("json").parse(response, shape)
    assert ours["InstanceInformationList"][0]["InstanceId"] == "i-1"


def _shape(service: str, api: str) -> Any:
    return botocore.session.get_session().get_service_model(service).operation_model(api).output_shape


PROTOCOLS = [
    ("ec2", "ec2", "DescribeSecurityGroups"),
    ("query", "iam", "GetAccountAuthorizationDetails"),
    ("json", "ssm", "DescribeInstanceInformation"),
    ("rest-xml", "route53", "ListHostedZonesByVPC"),
]


@pytest.mark.parametrize(("protocol", "service", "api"), PROTOCOLS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"sign in first",
        b"<!DOCTYPE html><html><body>Sign in</body></html>",
        b"<html><head/></html>",
        b'{"InstanceInformationList": [{"InstanceId": "i-0',
        b"<DescribeSecurityGroupsResponse><securityGroupInfo><item>",
        b"\xff\xfe\x00",
    ],
)
def test_another_document_is_no_empty_answer(protocol: str, service: str, api: str, body: bytes) -> None:
    response = {"body": body, "headers": {}, "status_code": 200}
    with pytest.raises(ResponseParserError):
        PlannedFactory().create_parser(protocol).parse(response, _shape(service, api))


@pytest.mark.parametrize(
    ("protocol", "service", "api", "body"),
    [
        ("query", "iam", "GetRole", b"<GetRoleResponse/>"),
        ("json", "ssm", "DescribeInstanceInformation", b'{"InstanceInformationList": 7}'),
        (
            "json",
            "ssm",
            "DescribeInstanceInformation",
            b'{"InstanceInformationList": [{"LastPingDateTime": "soon"}]}',
        ),
    ],
)
def test_what_the_parser_trips_over_is_no_answer_either(
    protocol: str, service: str, api: str, body: bytes
) -> None:
    response = {"body": body, "headers": {}, "status_code": 200}
    with pytest.raises(ResponseParserError, match="no answer of AWS"):
        PlannedFactory().create_parser(protocol).parse(response, _shape(service, api))


def test_an_answer_that_has_no_body_may_be_empty() -> None:
    head = {"body": b"", "headers": {"x-amz-bucket-region": "us-east-1"}, "status_code": 200}
    found = PlannedFactory().create_parser("rest-xml").parse(head, _shape("s3", "HeadBucket"))
    assert found["BucketRegion"] == "us-east-1"
