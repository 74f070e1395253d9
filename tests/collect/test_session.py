from __future__ import annotations

import socket
from pathlib import Path

import pytest

from advisor.collect.session import open_session, profiles
from advisor.model.errors import AdvisorError, CloudError, InputError
from tests.collect.conftest import Opener
from tests.fakeaws.app import FakeAws
from tests.scenes.builder import Scene


@pytest.fixture
def configured(aws: FakeAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An AWS configuration with a profile `work` in eu-west-1, and one that needs IAM Identity Center."""
    config = tmp_path / "config"
    config.write_text(
        "[profile work]\nregion = eu-west-1\n"
        "aws_access_key_id = AKIAFAKEFAKEFAKEFAKE\naws_secret_access_key = x\n"
        "[profile sso]\nregion = us-east-1\nsso_session = corp\nsso_account_id = 111122223333\n"
        "sso_role_name = Reader\n"
        "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.example/start\n"
        "sso_registration_scopes = sso:account:access\n"
        '[profile "night shift"]\nregion = us-east-1\n'
        "aws_access_key_id = AKIAFAKEFAKEFAKEFAKE\naws_secret_access_key = x\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    return config


def failure(**options: object) -> AdvisorError:
    with pytest.raises(AdvisorError) as caught:
        open_session(**options)  # type: ignore[arg-type]
    assert "\n" not in caught.value.message
    return caught.value


def test_it_knows_who_reads_before_anything_else(opened: Opener, aws: FakeAws) -> None:
    session = opened("us-east-1")
    assert session.account == "111122223333"
    assert session.caller.arn == "arn:aws:iam::111122223333:user/alice"
    assert aws.calls[0].name == "sts:GetCallerIdentity"


def test_regions_may_be_repeated_or_joined_by_commas(scene: Scene, opened: Opener) -> None:
    for region in ("eu-west-1", "ap-northeast-1"):
        scene.at(region=region)
    assert opened("us-east-1,eu-west-1", "ap-northeast-1").regions == (
        "us-east-1",
        "eu-west-1",
        "ap-northeast-1",
    )


def test_all_is_every_region_the_account_may_use(scene: Scene, opened: Opener) -> None:
    scene.at(region="eu-west-1")
    scene.add("ec2:DescribeRegions", RegionName="af-south-1", OptInStatus="not-opted-in")
    session = opened("us-east-1", "all")
    assert session.regions == ("us-east-1", "eu-west-1")


def test_all_needs_no_region_to_start_from(scene: Scene, aws: FakeAws) -> None:
    scene.at(region="eu-west-1")
    session = open_session(regions=["all"], endpoint_url=aws.url, environment={})
    assert session.regions == ("us-east-1", "eu-west-1")
    session.close()


def test_a_region_that_is_not_enabled_is_told_beside_all_too(scene: Scene, aws: FakeAws) -> None:
    scene.add("ec2:DescribeRegions", RegionName="af-south-1", OptInStatus="not-opted-in")
    error = failure(regions=["af-south-1", "all"], endpoint_url=aws.url)
    assert isinstance(error, InputError)
    assert "af-south-1" in error.message


def test_all_needs_the_right_to_list_regions(opened: Opener, aws: FakeAws) -> None:
    aws.rules.deny("ec2:DescribeRegions")
    with pytest.raises(CloudError, match="may not be listed") as caught:
        opened("us-east-1", "all")
    assert "--region" in caught.value.hint


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "eu-west-1"}, "us-east-1"),
        ({"AWS_DEFAULT_REGION": "us-east-1"}, "us-east-1"),
        ({}, "eu-west-1"),
    ],
)
def test_the_environment_wins_over_the_profile(
    aws: FakeAws, scene: Scene, configured: Path, environment: dict[str, str], expected: str
) -> None:
    scene.at(region="eu-west-1")
    session = open_session("work", endpoint_url=aws.url, environment=environment)
    assert session.regions == (expected,)


def test_no_region_anywhere(aws: FakeAws) -> None:
    error = failure(endpoint_url=aws.url, environment={})
    assert isinstance(error, InputError)
    assert "--region" in error.hint


def test_an_unknown_region_is_told_without_asking_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    error = failure(regions=["us-east-9"])
    assert isinstance(error, InputError)
    assert "us-east-9" in error.message
    assert "us-east-1" in error.hint


def test_a_region_that_is_not_enabled_is_told(aws: FakeAws) -> None:
    error = failure(regions=["ap-east-1"], endpoint_url=aws.url)
    assert isinstance(error, InputError)
    assert "ap-east-1" in error.message


def test_an_unknown_profile(configured: Path) -> None:
    error = failure(profile="wrok", regions=["us-east-1"])
    assert isinstance(error, InputError)
    assert "wrok" in error.message
    assert "list-profiles" in error.hint
    assert profiles() == ["night shift", "sso", "work"]


def test_no_credentials_at_all(configured: Path) -> None:
    error = failure(regions=["us-east-1"])
    assert isinstance(error, CloudError)
    assert error.exit_code == 4
    assert "advisor demo" in error.hint


def test_a_sign_in_that_is_missing_names_the_exact_command(configured: Path) -> None:
    error = failure(profile="sso")
    assert isinstance(error, CloudError)
    assert "aws sso login --profile sso" in error.hint


def test_a_profile_name_in_a_command_is_quoted(configured: Path, aws: FakeAws) -> None:
    aws.rules.expired = True
    error = failure(profile="night shift", endpoint_url=aws.url)
    assert "aws sso login --profile 'night shift'" in error.hint


def test_an_expired_token(aws: FakeAws) -> None:
    aws.rules.expired = True
    error = failure(regions=["us-east-1"], endpoint_url=aws.url)
    assert isinstance(error, CloudError)
    assert "expired" in error.message
    assert "aws sso login" in error.hint


def test_credentials_that_aws_rejects(aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODY")
    error = failure(regions=["us-east-1"], endpoint_url=aws.url)
    assert "InvalidClientTokenId" in error.message


def test_an_endpoint_that_nobody_answers_at(aws: FakeAws) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = failure(regions=["us-east-1"], endpoint_url=f"http://127.0.0.1:{unused.getsockname()[1]}")
    assert isinstance(error, CloudError)
    assert "cannot be reached" in error.message
    assert "--endpoint-url" in error.hint


@pytest.mark.parametrize("url", ["localhost:4566", "ftp://x", "http://", "nonsense"])
def test_an_endpoint_url_that_is_none(aws: FakeAws, url: str) -> None:
    error = failure(regions=["us-east-1"], endpoint_url=url)
    assert isinstance(error, InputError)
    assert "endpoint URL" in error.message


def test_a_broken_configuration_file(configured: Path) -> None:
    configured.write_text("[profile work\nregion")
    error = failure(profile="work")
    assert "configuration" in error.message
