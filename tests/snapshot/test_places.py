"""Names of folders and files that tell an account and a Region, and such that only seem to."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from advisor.snapshot.places import Hint, hint_of, hint_of_root

REGIONS = [
    "us-east-1",
    "eu-central-2",
    "ap-northeast-1",
    "ap-southeast-5",
    "ca-west-1",
    "mx-central-1",
    "il-central-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-isob-east-1",
    "cn-northwest-1",
    "eusc-de-east-1",
]


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("name", ["{}", "prod-{}", "vpcs_{}.2", "{}-vpcs", "Dump {}"])
def test_names_with_a_region(region: str, name: str) -> None:
    assert hint_of(name.format(region)) == Hint(region=region)


@pytest.mark.parametrize(
    "name", ["111122223333", "acme-111122223333", "111122223333_prod", "of 111122223333"]
)
def test_names_with_an_account(name: str) -> None:
    assert hint_of(name) == Hint(account="111122223333")


NO_PLACE = [
    "vpcs",
    "my-dump-1",
    "us-east",
    "202611231200",
    "1111222233334",
    "a111122223333",
    "xus-east-1",
    "us-east-12",
]


@pytest.mark.parametrize("name", NO_PLACE)
def test_names_that_tell_nothing(name: str) -> None:
    assert hint_of(name) == Hint()


def test_a_name_with_both() -> None:
    assert hint_of("111122223333-eu-west-1") == Hint("111122223333", "eu-west-1")


def test_the_nearer_name_counts() -> None:
    assert Hint("1", "us-east-1").further("eu-west-1") == Hint("1", "eu-west-1")
    assert Hint("1", "us-east-1").further("network") == Hint("1", "us-east-1")


@pytest.mark.parametrize(
    ("root", "hint"),
    [
        ("/data/accounts/111122223333/us-east-1", Hint("111122223333", "us-east-1")),
        ("/data/111122223333/us-east-1", Hint("111122223333", "us-east-1")),
        ("/data/us-east-1", Hint(None, "us-east-1")),
        ("/data/us-east-1/dumps", Hint()),
        ("/us-west-2/111122223333/us-east-1", Hint("111122223333", "us-east-1")),
    ],
)
def test_the_folder_given_and_those_above_it(root: str, hint: Hint) -> None:
    assert hint_of_root(PurePosixPath(root)) == hint
