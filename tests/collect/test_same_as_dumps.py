"""The live collection and the import of the same account's AWS CLI dumps are the same snapshot."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest

from advisor.collect.runner import collect
from advisor.collect.session import open_session
from advisor.model.estate import Estate
from advisor.model.responses import GLOBAL
from advisor.model.scope import FAMILIES
from advisor.snapshot.store import Snapshot, read
from tests.collect.settled import settled
from tests.demo.account import TOKYO, VIRGINIA, account
from tests.fakeaws.app import FakeAws
from tests.scenes.place import kebab

# Asked by a dump script for every role; advisor reads the authorization details instead.
_BY_ROLE = {
    name for name in FAMILIES if name.startswith("iam:") and name != "iam:GetAccountAuthorizationDetails"
}


class Script:
    """What a person's shell script prints: one file per call, named as people name them."""

    def __init__(self, folder: Path, aws: FakeAws, region: str) -> None:
        self.folder, self.url, self.region = folder, aws.url, region

    def __call__(self, service: str, operation: str, suffix: str = "", **parameters: Any) -> dict[str, Any]:
        client = boto3.client(service, region_name=self.region, endpoint_url=self.url)
        name = kebab(operation).replace("-", "_")
        try:
            if client.can_paginate(name):
                answer = client.get_paginator(name).paginate(**parameters).build_full_result()
            else:
                answer = getattr(client, name)(**parameters)
        finally:
            client.close()
        answer.pop("ResponseMetadata", None)
        family = {"elbv2": "elasticloadbalancing"}.get(service, service)
        is_global = FAMILIES[f"{family}:{operation}"].is_global
        place = self.folder / "111122223333" / (GLOBAL if is_global else self.region)
        place.mkdir(parents=True, exist_ok=True)
        file = place / f"{service}-{kebab(operation)}{'-' + suffix if suffix else ''}.json"
        file.write_text(json.dumps(answer, indent=2, default=_spelled))
        return answer  # type: ignore[no-any-return]


def _spelled(value: object) -> str:
    assert isinstance(value, datetime.datetime)
    return value.isoformat()


def _images(call: Script) -> list[str]:
    """The AMIs in use that can still be seen."""
    used = {
        machine["ImageId"]
        for reservation in call("ec2", "DescribeInstances")["Reservations"]
        for machine in reservation["Instances"]
    }
    return sorted(used - {"ami-1ecae776"})


def _dump(folder: Path, aws: FakeAws) -> None:
    for region in (VIRGINIA, TOKYO):
        call = Script(folder, aws, region)
        for operation, family in FAMILIES.items():
            service, _, api = operation.partition(":")
            service = {"elasticloadbalancing": "elbv2"}.get(service, service)
            batched = api in (
                "DescribeImages",
                "DescribeInstanceTypes",
                "DescribeLogGroups",
                "DescribeSessions",
            )
            if family.parameter is None and not family.is_global and not batched:
                call(
                    service, api, **({"IncludeAllInstances": True} if api == "DescribeInstanceStatus" else {})
                )
        call("ec2", "DescribeImages", ImageIds=_images(call))
        call("ec2", "DescribeInstanceTypes")
        call("ssm", "DescribeSessions", State="History")
        for vpc in call("ec2", "DescribeVpcs")["Vpcs"]:
            id = vpc["VpcId"]
            for attribute in ("enableDnsSupport", "enableDnsHostnames"):
                call("ec2", "DescribeVpcAttribute", f"{id}-{attribute}", VpcId=id, Attribute=attribute)
            zones = call("route53", "ListHostedZonesByVPC", id, VPCId=id, VPCRegion=region)
            for zone in zones["HostedZoneSummaries"]:
                zone_id = zone["HostedZoneId"]
                call("route53", "ListResourceRecordSets", zone_id, HostedZoneId=zone_id)
        for each in call("ec2", "DescribeManagedPrefixLists")["PrefixLists"]:
            id = each["PrefixListId"]
            call("ec2", "GetManagedPrefixListEntries", id, PrefixListId=id)
        for setting in ("default-ec2-instance-management-role", "activation-tier"):
            call("ssm", "GetServiceSetting", setting, SettingId=f"/ssm/managed-instance/{setting}")
        call("ssm", "GetDocument", Name="SSM-SessionManagerRunShell")
    call = Script(folder, aws, VIRGINIA)
    call("sts", "GetCallerIdentity")
    call("ec2", "DescribeRegions", AllRegions=True)
    call("iam", "GetAccountAuthorizationDetails")
    call("iam", "GetInstanceProfile", "orders-batch-empty", InstanceProfileName="orders-batch-empty")
    call = Script(folder, aws, VIRGINIA)
    call("logs", "DescribeLogGroups", logGroupNamePrefix="/ssm/sessions")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Snapshot, Snapshot]]:
    """The demo account, collected live and dumped; all of it may be read."""
    scene = account()
    scene.at(region=TOKYO).place.faults.clear()
    folder = tmp_path_factory.mktemp("dumps")
    with pytest.MonkeyPatch.context() as patch, FakeAws.of(scene) as aws:
        for name, value in aws.environment.items():
            patch.setenv(name, value)
        session = open_session(regions=[VIRGINIA, TOKYO], endpoint_url=aws.url, whole=True)
        live = collect(session)
        session.close()
        _dump(folder, aws)
    yield live, read(folder)


def test_estates_are_equal_up_to_order_and_times(both: tuple[Snapshot, Snapshot]) -> None:
    live, imported = (_contents(each.estate()) for each in both)
    assert live.keys() == imported.keys()
    for place, tables in live.items():
        for operation, rows in tables.items():
            if operation not in _BY_ROLE:
                assert imported[place].get(operation, {}) == rows, (place, operation)


def test_raw_records_are_equal_too(both: tuple[Snapshot, Snapshot]) -> None:
    live, imported = (_raw(each) for each in both)
    for key, records in live.items():
        if key[2] not in _BY_ROLE | {"ec2:GetManagedPrefixListEntries"} and records:
            assert imported.get(key) == records, key


def _contents(estate: Estate) -> dict[tuple[str, str], dict[str, dict[str, object]]]:
    return {
        place: {
            name: {id: settled(msgspec.to_builtins(row)) for id, row in table.items()}
            for name, table in scope.tables.items()
            if table
        }
        for place, scope in estate.scopes.items()
    }


def _raw(snapshot: Snapshot) -> dict[tuple[str, str, str], list[str]]:
    return {
        (each.account, each.region, each.operation): sorted(
            json.dumps(settled(record), sort_keys=True) for record in json.loads(bytes(each.records))
        )
        for each in snapshot.responses
    }
