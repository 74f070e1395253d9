from __future__ import annotations

import re
from typing import Any

import botocore.session
import pytest

from advisor.collect.operations import (
    NOT_CALLED,
    OPERATIONS,
    Asked,
    Operation,
    operation,
    operations_table,
    self_policy,
)
from advisor.model.scope import FAMILIES

READING = re.compile(r"(Describe|Get|List|Search|Simulate|Head)[A-Z]")
_SESSION = botocore.session.get_session()


def _model(row: Operation) -> Any:
    return _SESSION.get_service_model(row.service).operation_model(row.api)


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
def test_each_row_is_an_operation_of_aws_that_reads(row: Operation) -> None:
    model = _model(row)
    assert READING.match(row.api), "only operations that read may stand in the table"
    assert row.method == botocore.xform_name(row.api)
    inputs = set(model.input_shape.members)
    fixed = row.requests if isinstance(row.requests, tuple) else ()
    for request in fixed:
        assert set(request) <= inputs
    if row.key is not None:
        assert row.key in model.output_shape.members
    assert row.purpose and not row.purpose.endswith(".")


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
def test_page_sizes_are_ones_that_aws_and_botocore_take(row: Operation) -> None:
    client = _SESSION.create_client(
        row.service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    try:
        pages = client.can_paginate(row.method)
        rule = client.get_paginator(row.method)._pagination_cfg if pages else {}
    finally:
        client.close()
    if row.page is not None and pages:
        shape = _model(row).input_shape.members[rule["limit_key"]]
        most = shape.metadata.get("max")
        assert most is None or row.page <= most
        assert row.page >= shape.metadata.get("min", 1)
    assert not (pages and row.token), "botocore's own paginator is used where there is one"
    if row.page is None and not row.token:
        assert not (pages and rule.get("limit_key")), "a call that has pages asks for large ones"


def test_what_the_table_lacks_is_left_out_for_a_reason() -> None:
    assert set(FAMILIES) == {row.name for row in OPERATIONS} | set(NOT_CALLED)
    assert all(NOT_CALLED.values())


def test_what_is_needed_stands_in_the_table_and_never_in_a_circle() -> None:
    settled: set[str] = set()
    left = list(OPERATIONS)
    while left:
        ready = [row for row in left if set(row.needs) <= settled]
        assert ready, f"these wait for each other: {[row.name for row in left]}"
        settled.update(row.name for row in ready)
        left = [row for row in left if row.name not in settled]


def test_resources_are_named_by_a_parameter_of_the_call() -> None:
    for row in OPERATIONS:
        for name in (FAMILIES[row.name].parameter or "").split(","):
            assert not name or name in _model(row).input_shape.members


def test_the_policy_allows_exactly_what_the_table_asks() -> None:
    policy = self_policy()
    read, on_request = policy["Statement"]
    assert on_request["Action"] == ["ec2:GetConsoleOutput"]
    assert read["Action"] == sorted(read["Action"])
    assert {"ec2:DescribeInstances", "s3:ListBucket", "iam:SimulatePrincipalPolicy"} <= set(read["Action"])
    assert "s3:HeadBucket" not in read["Action"], "no such action: HeadBucket needs s3:ListBucket"
    for action in read["Action"]:
        assert READING.match(action.partition(":")[2]), action


def test_its_actions_exist_in_iam() -> None:
    """IAM's actions are the operations' names, except where a row says otherwise; those are known ones."""
    named = {row.name: row.permission for row in OPERATIONS if row.permission}
    assert named == {
        "s3:HeadBucket": "s3:ListBucket",
        "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    }
    for row in OPERATIONS:
        prefix = row.action.partition(":")[0]
        assert prefix == (_SESSION.get_service_model(row.service).signing_name)


def test_calls_that_cost_one_request_per_instance_wait_until_somebody_looks() -> None:
    for name in ("ssm:GetConnectionStatus", "ec2:GetConsoleOutput", "iam:SimulatePrincipalPolicy"):
        assert operation(name).asked is Asked.TARGET
    assert operation("ec2:GetConsoleOutput").opt_in


def test_the_documentation_has_a_line_per_operation() -> None:
    table = operations_table().splitlines()
    assert len(table) == len(OPERATIONS) + 2
    assert any("`elbv2.describe_load_balancers`" in line for line in table)
    assert any("none needed" in line and "sts" in line for line in table)
