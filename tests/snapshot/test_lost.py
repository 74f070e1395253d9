"""What of a tree of dumps cannot be read is said, and counts as a call that did not succeed."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from advisor.model.errors import InputError
from advisor.model.responses import Responses
from advisor.snapshot import Snapshot, read
from tests.snapshot.test_dumps import ACCOUNT, BASICS, REGION, answers, put, small_scene

ANSWERS = answers(small_scene(), *BASICS)
VPCS = ANSWERS["ec2:DescribeVpcs"]
REFUSED = "\nAn error occurred ({}) when calling the {} operation: You are not authorized.\n"


def basics(root: Path, *without: str) -> Path:
    """A Region's dumps but for these operations; its folder."""
    for operation, answer in ANSWERS.items():
        if operation not in without:
            put(root / ACCOUNT / REGION / f"{operation.partition(':')[2]}.json", answer)
    return root / ACCOUNT / REGION


def found(snapshot: Snapshot, operation: str = "ec2:DescribeVpcs", region: str = REGION) -> Responses | None:
    listed = [each for each in snapshot.responses if (each.operation, each.region) == (operation, region)]
    assert len(listed) < 2
    return listed[0] if listed else None


def records(responses: Responses | None) -> list[Any]:
    assert responses is not None
    listed: list[Any] = json.loads(bytes(responses.records))
    return listed


@pytest.mark.parametrize(
    ("name", "content", "code", "says"),
    [
        ("describe-vpcs.json", b"", "EmptyFile", "is empty"),
        ("describe-vpcs.json", b"\xff\xfe", "EmptyFile", "is empty"),
        ("describe-vpcs.txt", b" \n", "EmptyFile", "is empty"),
        ("describe-vpcs.json", b"Unable to locate credentials.\n", "NoAnswer", "Unable to locate"),
        ("describe-vpcs.txt", b"\nToken has expired and refresh failed\n", "NoAnswer", "Token has expired"),
        ("describe-vpcs", b"Could not connect to https://ec2.eu-west-9.x\n", "NoAnswer", "Could not connect"),
        ("describe-vpcs.json", b"Vpcs:\n- VpcId: vpc-1\n", "NoAnswer", "Vpcs:"),
        ("vpcs.json", b'{"Vpcs": [{"VpcId": "vpc-0', "BrokenFile", "broken JSON"),
        ("x.json", b'{"NextToken": "n", "Vpcs": [{"VpcId": "vpc-0', "BrokenFile", "broken JSON"),
        ("vpcs.json.gz", gzip.compress(b'{"Vpcs": []}', mtime=0)[:20], "BrokenFile", "gzip"),
    ],
)
def test_a_file_without_an_answer_is_a_call_that_failed(
    tmp_path: Path, name: str, content: bytes, code: str, says: str
) -> None:
    (basics(tmp_path, "ec2:DescribeVpcs") / name).write_bytes(content)
    snapshot = read(tmp_path)
    failed = found(snapshot)
    assert failed is not None
    assert (failed.status, failed.code) == ("failed", code)
    (warning,) = snapshot.warnings
    assert name in warning
    assert says in warning


def test_such_files_alone_are_no_account(tmp_path: Path) -> None:
    put(tmp_path / "describe-vpcs.json", "")
    put(tmp_path / "describe-subnets.json", '{"Subnets": [')
    with pytest.raises(InputError) as refused:
        read(tmp_path)
    assert "describe-subnets.json" in refused.value.hint or "describe-vpcs.json" in refused.value.hint


@pytest.mark.parametrize("second", [json.dumps(VPCS)[:60], '{"Vpcs": ['])
def test_an_answer_after_which_one_breaks_off_is_not_all(tmp_path: Path, second: str) -> None:
    put(basics(tmp_path, "ec2:DescribeVpcs") / "vpcs.json", VPCS, second)
    cut = found(read(tmp_path))
    assert cut is not None
    assert (cut.status, len(records(cut))) == ("truncated", 1)


def test_a_broken_page_beside_whole_ones_makes_them_not_all(tmp_path: Path) -> None:
    folder = basics(tmp_path)
    (folder / "describe-vpcs-2.json.gz").write_bytes(gzip.compress(b'{"Vpcs": []}', mtime=0)[:20])
    cut = found(read(tmp_path))
    assert cut is not None
    assert (cut.status, len(records(cut))) == ("truncated", 1)


def test_failures_one_after_the_other_are_each_of_their_region(tmp_path: Path) -> None:
    put(
        tmp_path / ACCOUNT / "vpcs.txt",
        "us-east-1",
        VPCS,
        "eu-west-1",
        REFUSED.format("UnauthorizedOperation", "DescribeVpcs"),
        "eu-west-2",
        REFUSED.format("AuthFailure", "DescribeVpcs"),
        "eu-central-1",
        {"Vpcs": []},
        "ap-northeast-1",
        REFUSED.format("RequestLimitExceeded", "DescribeVpcs").replace(
            "operation:", "operation (reached max retries: 4):"
        ),
    )
    snapshot = read(tmp_path)
    statuses = {each.region: (each.status, each.code, each.message) for each in snapshot.responses}
    assert statuses == {
        "us-east-1": ("ok", None, None),
        "eu-west-1": ("denied", "UnauthorizedOperation", "You are not authorized."),
        "eu-west-2": ("failed", "AuthFailure", "You are not authorized."),
        "eu-central-1": ("ok", None, None),
        "ap-northeast-1": ("failed", "RequestLimitExceeded", "You are not authorized."),
    }


def test_a_refused_call_of_a_similar_name_is_another_call(tmp_path: Path) -> None:
    folder = basics(tmp_path)
    put(folder / "x.txt", REFUSED.format("UnauthorizedOperation", "DescribeAddressesAttribute"))
    assert found(read(tmp_path), "ec2:DescribeAddresses") is None


def test_files_in_other_formats_are_said(tmp_path: Path) -> None:
    folder = basics(tmp_path, "ec2:DescribeVpcs")
    for name in ("describe-vpcs.yaml", "Vpcs.yml", "describe_vpcs.csv"):
        put(folder / name, "Vpcs:\n- VpcId: vpc-1\n")
    put(folder / "template.yaml", "Resources: {}")
    put(folder / "README", "dumps")
    warnings = read(tmp_path).warnings
    assert len(warnings) == 3
    assert all("--output json" in each for each in warnings)


def test_a_file_needs_no_suffix_if_it_is_named_after_its_call(tmp_path: Path) -> None:
    put(basics(tmp_path, "ec2:DescribeVpcs") / "describe-vpcs", VPCS)
    assert len(records(found(read(tmp_path)))) == 1


def test_links_to_folders_are_not_followed_and_said(tmp_path: Path) -> None:
    folder = basics(tmp_path)
    (folder / "again").symlink_to(tmp_path, target_is_directory=True)
    (folder / "itself").symlink_to("itself")
    (warning,) = read(tmp_path).warnings
    assert "again: left out, is a link" in warning
    lonely = tmp_path / "lonely"
    lonely.mkdir()
    (lonely / "latest").symlink_to(folder, target_is_directory=True)
    with pytest.raises(InputError) as refused:
        read(lonely)
    assert "latest" in refused.value.hint


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}], "an object of VpcId, CidrBlock"),
        ({"Vpcs": {"VpcId": "vpc-1"}}, "an object of VpcId"),
        ({"VpcId": "vpc-1"}, "an object of VpcId"),
        (["vpc-1", "vpc-2"], "a list of plain values"),
    ],
)
def test_what_a_query_left_too_little_of_is_said_once(tmp_path: Path, content: Any, says: str) -> None:
    put(basics(tmp_path, "ec2:DescribeVpcs") / "vpcs.json", content)
    (warning,) = read(tmp_path).warnings
    assert says in warning


@pytest.mark.parametrize(
    ("operation", "key", "member"),
    [
        ("ec2:DescribeSecurityGroups", "SecurityGroups", "IpPermissions"),
        ("ec2:DescribeSecurityGroups", "SecurityGroups", "IpPermissionsEgress"),
        ("ec2:DescribeRouteTables", "RouteTables", "Routes"),
        ("ec2:DescribeRouteTables", "RouteTables", "Associations"),
    ],
)
def test_records_without_their_substance_do_not_count(
    tmp_path: Path, operation: str, key: str, member: str
) -> None:
    folder = basics(tmp_path, operation)
    first, *rest = ANSWERS[operation][key]
    bare = {name: value for name, value in first.items() if name != member}
    put(folder / "dump.json", {key: [bare, *rest]})
    snapshot = read(tmp_path)
    cut = found(snapshot, operation)
    assert cut is not None
    assert (cut.status, records(cut)) == ("truncated", rest)
    (warning,) = snapshot.warnings
    assert member in warning


def test_more_routes_than_were_printed_are_a_gap(tmp_path: Path) -> None:
    table = "tgw-rtb-0123456789abcdef0"
    route = {"DestinationCidrBlock": "10.0.0.0/8", "Type": "static", "State": "active"}
    answer = {"Routes": [route], "AdditionalRoutesAvailable": True}
    put(basics(tmp_path) / f"search-{table}.json", answer)
    routes = found(read(tmp_path), "ec2:SearchTransitGatewayRoutes")
    assert routes is not None
    assert [(gap.resource, gap.status) for gap in routes.gaps] == [(table, "truncated")]


def test_scripts_may_write_the_place_beside_the_answer(tmp_path: Path) -> None:
    put(
        tmp_path / "dump.json",
        [
            {"AccountId": ACCOUNT, "region": "us-east-1", "response": VPCS},
            {"AccountId": ACCOUNT, "region": "eu-west-1", "response": {"Vpcs": []}},
            {"Account_Id": "444455556666", "Region": "eu-west-1", "Vpcs": []},
        ],
    )
    placed = {(each.account, each.region): len(records(each)) for each in read(tmp_path).responses}
    assert placed == {(ACCOUNT, "us-east-1"): 1, (ACCOUNT, "eu-west-1"): 0, ("444455556666", "eu-west-1"): 0}
