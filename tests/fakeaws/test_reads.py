"""Ids, filters, pages and errors, as a client of AWS knows them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from advisor.collect.runner import collect
from advisor.collect.session import open_session
from advisor.model.scope import FAMILIES, Scope
from advisor.snapshot.store import read
from tests.fakeaws.app import FakeAws
from tests.fakeaws.conftest import Client
from tests.scenes.builder import CORE, Scene


def code_of(call: Any, **parameters: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def fleet(scene: Scene) -> list[str]:
    subnet = scene.vpc("10.0.0.0/16", name="main").subnet("10.0.1.0/24")
    return [
        subnet.instance(name=f"web-{n}", state="stopped" if n == 2 else "running", type="t3.micro").id
        for n in range(3)
    ]


def names(answer: dict[str, Any]) -> set[str]:
    return {
        each["Tags"][0]["Value"]
        for reservation in answer["Reservations"]
        for each in reservation["Instances"]
    }


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"instance-state-name": ["running"]}, {"web-0", "web-1"}),
        ({"tag:Name": ["web-1", "web-2"]}, {"web-1", "web-2"}),
        ({"tag:Name": ["web-*"], "instance-state-name": ["stopped"]}, {"web-2"}),
        ({"instance-type": ["m5.large"]}, set()),
    ],
)
def test_filters_reach_into_reservations(
    client: Client, fleet: list[str], filters: dict[str, list[str]], expected: set[str]
) -> None:
    given = [{"Name": name, "Values": values} for name, values in filters.items()]
    assert names(client("ec2").describe_instances(Filters=given)) == expected


def test_an_unknown_filter_is_refused_and_never_ignored(client: Client, fleet: list[str]) -> None:
    call = client("ec2").describe_instances
    assert code_of(call, Filters=[{"Name": "colour", "Values": ["red"]}])[0] == "InvalidParameterValue"


def test_ids_select_and_absent_ones_are_refused(client: Client, fleet: list[str]) -> None:
    ec2 = client("ec2")
    assert names(ec2.describe_instances(InstanceIds=fleet[:1])) == {"web-0"}
    absent = code_of(ec2.describe_instances, InstanceIds=["i-0123456789abcdef0"])
    assert absent[0] == "InvalidInstanceID.NotFound"


def test_pages_have_the_asked_size_and_an_end(scene: Scene, client: Client) -> None:
    for n in range(7):
        scene.vpc(f"10.{n}.0.0/16")
    pages = list(client("ec2").get_paginator("describe_vpcs").paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page["Vpcs"]) for page in pages] == [5, 2]
    assert "NextToken" not in pages[-1]


def test_a_page_that_aws_would_not_give_is_refused(scene: Scene, client: Client) -> None:
    scene.vpc()
    assert code_of(client("ec2").describe_route_tables, MaxResults=500)[0] == "InvalidParameterValue"


def test_several_lists_share_the_pages_of_the_authorization_details(scene: Scene, client: Client) -> None:
    for n in range(4):
        scene.role(f"role-{n}", [CORE])
    pages = list(
        client("iam")
        .get_paginator("get_account_authorization_details")
        .paginate(PaginationConfig={"PageSize": 2})
    )
    assert [page["IsTruncated"] for page in pages] == [True, True, False]
    assert {role["RoleName"] for page in pages for role in page["RoleDetailList"]} == {
        "role-0",
        "role-1",
        "role-2",
        "role-3",
    }
    document = pages[-1]["Policies"][0]["PolicyVersionList"][0]["Document"]
    assert isinstance(document, dict)


@pytest.mark.parametrize(
    ("service", "method", "parameters", "expected"),
    [
        ("ec2", "describe_vpcs", {}, ("UnauthorizedOperation", 403)),
        ("iam", "list_roles", {}, ("AccessDenied", 403)),
        ("sts", "get_caller_identity", {}, ("AccessDenied", 403)),
        ("ssm", "describe_instance_information", {}, ("AccessDeniedException", 400)),
        ("route53", "list_hosted_zones", {}, ("AccessDenied", 403)),
        ("s3", "head_bucket", {"Bucket": "x"}, ("403", 403)),
        ("elbv2", "describe_load_balancers", {}, ("AccessDenied", 403)),
    ],
)
def test_a_denial_looks_as_each_service_makes_it(
    aws: FakeAws,
    client: Client,
    service: str,
    method: str,
    parameters: dict[str, Any],
    expected: tuple[str, int],
) -> None:
    aws.rules.deny("*")
    assert code_of(getattr(client(service), method), **parameters) == expected


def test_unknown_keys_are_rejected(aws: FakeAws, client: Client) -> None:
    aws.accounts.clear()
    assert code_of(client("ec2").describe_vpcs)[0] == "AuthFailure"
    assert code_of(client("sts").get_caller_identity)[0] == "InvalidClientTokenId"


def test_two_accounts_are_told_apart_by_their_keys(scene: Scene, aws: FakeAws, client: Client) -> None:
    scene.at(account="444455556666").vpc("10.44.0.0/16")
    aws.accounts["AKIAFAKEFAKEFAKEFAKE"] = "444455556666"
    assert [each["CidrBlock"] for each in client("ec2").describe_vpcs()["Vpcs"]] == ["10.44.0.0/16"]


def test_an_account_that_was_read_can_be_served_again(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = read("demo")
    with FakeAws.of_snapshot(snapshot) as aws:
        for name, value in aws.environment.items():
            monkeypatch.setenv(name, value)
        session = open_session(regions=["us-east-1", "ap-northeast-1"])
        again = collect(session).estate()
        session.close()
    before = snapshot.estate()
    for place, scope in before.scopes.items():
        for family in FAMILIES.values():
            if family.operation not in ("ssm:GetConnectionStatus", "iam:GetAccountAuthorizationDetails"):
                was, now = family.__get__(scope, Scope), family.__get__(again.scopes[place], Scope)
                assert (dict(was), was.coverage) == (dict(now), now.coverage), (place, family.operation)
