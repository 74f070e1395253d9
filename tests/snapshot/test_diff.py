"""What differs between two readings of an account: records, members, and what could not be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from advisor.model.responses import Responses
from advisor.snapshot import Snapshot
from advisor.snapshot.diff import Change, Difference, Differences, differences
from tests.scenes.builder import Group, Scene, Subnet, tcp
from tests.scenes.test_builder import grand_scene


class Account:
    """A small account of which a test makes two readings."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.vpc = self.scene.vpc()
        self.subnet: Subnet = self.vpc.subnet("10.0.1.0/24")
        self.group: Group = self.vpc.group("web", [tcp(22, "10.0.0.0/8")])
        self.instance = self.subnet.instance(groups=[self.group])
        self.scene.node(self.instance)
        self.scene.forget("ec2:DescribeSecurityGroupRules")

    def reading(self) -> Snapshot:
        return Snapshot(responses=tuple(self.scene.responses()))


def after(change: Callable[[Account], Any]) -> Differences:
    account = Account()
    before = account.reading()
    change(account)
    return differences(before, account.reading())


def test_nothing_differs_from_itself() -> None:
    snapshot = Snapshot(responses=tuple(grand_scene().responses()))
    assert differences(snapshot, snapshot) == Differences()


def test_a_changed_rule_is_one_change_with_its_path() -> None:
    def open_to_all(account: Account) -> None:
        account.group.record["IpPermissions"][0]["IpRanges"] = [{"CidrIp": "0.0.0.0/0"}]

    (found,) = after(open_to_all).records
    assert (found.what, found.operation) == ("changed", "ec2:DescribeSecurityGroups")
    assert found.changes == (Change("IpPermissions[0].IpRanges[0].CidrIp", "10.0.0.0/8", "0.0.0.0/0"),)


def test_a_rule_more_and_a_rule_less() -> None:
    (more,) = after(lambda account: account.group.ingress(tcp(443))).records
    assert [(change.path, change.before) for change in more.changes] == [("IpPermissions[1]", None)]
    (less,) = after(lambda account: account.group.record["IpPermissions"].clear()).records
    assert [(change.path, change.after) for change in less.changes] == [("IpPermissions[0]", None)]


def test_an_instance_that_stopped() -> None:
    found = after(lambda account: account.instance.record["State"].update(Name="stopped"))
    (changes,) = [each.changes for each in found.records if each.operation == "ec2:DescribeInstances"]
    assert changes == (Change("State.Name", "running", "stopped"),)


def test_records_that_come_and_go() -> None:
    (come,) = after(lambda account: account.vpc.igw()).records
    assert (come.what, come.identity[:4]) == ("added", "igw-")
    nodes = "ssm:DescribeInstanceInformation"
    (gone,) = after(lambda account: account.scene.place.records[nodes].clear()).records
    assert (gone.what, gone.operation) == ("removed", nodes)


def test_the_order_of_a_list_means_nothing() -> None:
    account = Account()
    account.group.ingress(tcp(443))
    before = account.reading()
    account.group.record["IpPermissions"].reverse()
    assert differences(before, account.reading()) == Differences()


def test_a_later_ping_is_no_difference() -> None:
    def ping(account: Account) -> None:
        node = account.scene.place.records["ssm:DescribeInstanceInformation"][0]
        node["LastPingDateTime"] = "2026-11-23T12:03:00Z"

    assert after(ping) == Differences()


def test_a_denied_call_is_a_change_of_coverage_and_not_records_that_went() -> None:
    found = after(lambda account: account.scene.deny("ec2:DescribeInstances"))
    assert found.records == ()
    (coverage,) = found.coverage
    assert (coverage.operation, coverage.before, coverage.after) == ("ec2:DescribeInstances", "ok", "denied")


def test_a_call_no_longer_made_is_a_change_of_coverage() -> None:
    (coverage,) = after(lambda account: account.scene.forget("ec2:DescribeSubnets")).coverage
    assert (coverage.before, coverage.after) == ("ok", "not-asked")


def test_an_attribute_of_a_vpc_is_told_from_the_other_one() -> None:
    def turn_off(account: Account) -> None:
        account.scene.place.records["ec2:DescribeVpcAttribute"][1]["EnableDnsHostnames"]["Value"] = False

    (found,) = after(turn_off).records
    assert isinstance(found, Difference)
    assert found.changes == (Change("EnableDnsHostnames.Value", True, False),)


@pytest.mark.parametrize("operation", ["ec2:DescribeInstances", "ec2:DescribeVpcs", "iam:GetRole"])
@pytest.mark.parametrize(
    "records", ["null", "[null]", '"x"', "{}", '[[], 1, {"Instances": null}]', '[{"Instances": [null, 1]}]']
)
def test_what_is_no_record_is_not_compared_and_breaks_nothing(operation: str, records: str) -> None:
    odd, none = (
        Snapshot(responses=(Responses("111122223333", "us-east-1", operation, records=msgspec.Raw(each)),))
        for each in (records.encode(), b"[]")
    )
    assert differences(odd, odd) == Differences()
    assert {each.what for each in differences(odd, none).records} <= {"removed"}
    assert {each.what for each in differences(none, odd).records} <= {"added"}
