"""One question to AWS: who, until when, and what time it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.collect.probe import probe
from tests.fakeaws.app import FakeAws


def test_credentials_that_work(aws: FakeAws) -> None:
    found = probe(None, "us-east-1", aws.url)
    assert found.arn == "arn:aws:iam::111122223333:user/alice"
    assert (found.found, found.reached, found.expires) == (True, True, None)
    assert found.clock_offset is not None
    assert abs(found.clock_offset) < 10
    assert [call.name for call in aws.calls] == ["sts:GetCallerIdentity"]


def test_credentials_of_the_environment_may_say_when_they_end(aws: FakeAws) -> None:
    found = probe(None, None, aws.url, {"AWS_CREDENTIAL_EXPIRATION": "2026-11-23T13:00:00Z"})
    assert found.expires is not None
    assert (found.expires.hour, found.renews) == (13, False)


def test_expired_credentials_still_tell_the_time(aws: FakeAws) -> None:
    aws.rules.fail("sts:GetCallerIdentity", "ExpiredToken", 403)
    found = probe(None, "us-east-1", aws.url)
    assert (found.found, found.reached, found.arn) == (True, True, None)
    assert "expired" in found.message
    assert found.clock_offset is not None


def test_an_aws_that_is_not_there(aws: FakeAws) -> None:
    found = probe(None, "us-east-1", "http://127.0.0.1:9")
    assert (found.found, found.reached, found.clock_offset) == (True, False, None)
    assert found.hint


def test_a_profile_that_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    found = probe("nobody", "us-east-1", "http://127.0.0.1:9")
    assert (found.found, found.reached) == (False, False)
    assert "nobody" in found.message


def test_without_credentials_aws_still_tells_the_time(aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    found = probe(None, "us-east-1", aws.url)
    assert (found.found, found.arn) == (False, None)
    assert found.clock_offset is not None
    assert abs(found.clock_offset) < 10
