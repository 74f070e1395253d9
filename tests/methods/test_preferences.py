"""Session Manager's preferences: set, absent, malformed, not read."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.methods.preferences import (
    DEFAULTS,
    Preferences,
    parse_preferences,
    session_key,
    session_preferences,
)
from advisor.model.evidence import Missing
from advisor.model.scope import Scope
from tests.scenes.builder import Scene

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd"


def scope(scene: Scene) -> Scope:
    return scene.estate().scope("111122223333", "us-east-1")


def preferences(inputs: dict[str, Any]) -> Preferences:
    scene = Scene()
    scene.preferences(inputs)
    found = session_preferences(scope(scene))
    assert isinstance(found, Preferences)
    return found


def test_everything_set() -> None:
    found = preferences(
        {
            "s3BucketName": "logs",
            "s3KeyPrefix": "sessions",
            "s3EncryptionEnabled": True,
            "cloudWatchLogGroupName": "/ssm/sessions",
            "cloudWatchEncryptionEnabled": False,
            "cloudWatchStreamingEnabled": True,
            "kmsKeyId": KEY,
            "runAsEnabled": True,
            "runAsDefaultUser": "operator",
            "idleSessionTimeout": "45",
            "maxSessionDuration": "120",
            "shellProfile": {"linux": "bash -l", "windows": ""},
        }
    )
    assert found == Preferences(
        bucket="logs",
        prefix="sessions",
        bucket_encrypted=True,
        log_group="/ssm/sessions",
        log_streaming=True,
        key=KEY,
        run_as=True,
        run_as_user="operator",
        idle_minutes=45,
        longest_minutes=120,
        linux_profile="bash -l",
    )
    assert found.evidence("kmsKeyId").says == f"kmsKeyId = {KEY}"


def test_empty_texts_are_not_set() -> None:
    found = preferences(
        {"s3BucketName": "", "kmsKeyId": " ", "idleSessionTimeout": "", "runAsDefaultUser": ""}
    )
    assert found == Preferences()
    assert found.idle_minutes == 20


def test_without_a_document_defaults_are_in_force() -> None:
    assert session_preferences(scope(Scene())) is DEFAULTS


def test_a_document_that_could_not_be_read_is_missing_not_default() -> None:
    scene = Scene()
    scene.deny("ssm:GetDocument")
    found = session_preferences(scope(scene))
    assert isinstance(found, Missing)
    assert (found.operation, found.status) == ("ssm:GetDocument", "denied")
    scene.forget("ssm:GetDocument")
    found = session_preferences(scope(scene))
    assert isinstance(found, Missing)
    assert found.status == "not-asked"


@pytest.mark.parametrize("content", ["", "---\nyaml: true\n", "[]", '{"inputs": 7}', "[" * 100_000], ids=str)
def test_a_document_of_another_kind_is_said(content: str) -> None:
    found = parse_preferences(content)
    assert isinstance(found, Missing)
    assert found.code == "MalformedDocument"


@pytest.mark.parametrize(
    ("inputs", "member"),
    [
        ({"kmsKeyId": {"Ref": "x"}}, "kmsKeyId"),
        ({"kmsKeyId": "{{ key }}"}, "kmsKeyId"),
        ({"s3EncryptionEnabled": "sometimes"}, "s3EncryptionEnabled"),
        ({"runAsEnabled": 1}, "runAsEnabled"),
        ({"idleSessionTimeout": "0"}, "idleSessionTimeout"),
        ({"idleSessionTimeout": "61"}, "idleSessionTimeout"),
        ({"idleSessionTimeout": "٣"}, "idleSessionTimeout"),
        ({"maxSessionDuration": "9" * 5000}, "maxSessionDuration"),
        ({"maxSessionDuration": True}, "maxSessionDuration"),
        ({"shellProfile": "bash"}, "shellProfile"),
        ({"shellProfile": {"linux": 5}}, "shellProfile"),
        ({"keyId": "x"}, "keyId"),
    ],
)
def test_a_member_that_is_not_understood_is_named_and_the_rest_is_read(
    inputs: dict[str, Any], member: str
) -> None:
    found = preferences(inputs | {"s3BucketName": "logs"})
    assert list(found.unclear) == [member]
    assert found.missing(member)[0].code == "MalformedDocument"
    assert found.missing("s3BucketName") == ()
    assert found.bucket == "logs"


def test_numbers_and_words_stand_for_minutes_and_flags_as_well() -> None:
    found = preferences({"idleSessionTimeout": 30, "s3EncryptionEnabled": "True", "runAsEnabled": "false"})
    assert (found.idle_minutes, found.bucket_encrypted, found.run_as) == (30, True, False)
    assert found.unclear == {}


def test_the_key_of_sessions() -> None:
    scene = Scene()
    metadata = {"KeyId": "1234abcd", "Arn": KEY, "KeyState": "Enabled"}
    scene.add("kms:DescribeKey", KeyMetadata=metadata)
    here = scope(scene)
    for name in ("1234abcd", KEY):
        found = session_key(here, Preferences(key=name))
        assert not isinstance(found, Missing) and found is not None
        assert found.arn == KEY
    assert session_key(here, Preferences()) is None
    alias = session_key(here, Preferences(key="alias/sessions"))
    assert isinstance(alias, Missing)
    assert alias.operation == "kms:DescribeKey"
    unclear = session_key(here, preferences({"kmsKeyId": 5}))
    assert isinstance(unclear, Missing)
    assert unclear.operation == "ssm:GetDocument"
