"""Documents that cannot be read are unknown: neither their good nor their bad half is believed."""

from __future__ import annotations

import json

from advisor.model.verdict import UNKNOWN
from tests.methods.stages import isolated
from tests.methods.stories import SESSION


def test_a_key_that_cannot_be_read_does_not_say_that_sessions_are_encrypted() -> None:
    stage = isolated()
    stage.scene.preferences({"kmsKeyId": ["not", "text"]})
    method = stage.method(SESSION)
    assert (method.verdict, method.blockers) == (UNKNOWN, ())
    assert any("kmsKeyId is not text" in each.says for each in method.missing)


def test_an_endpoint_policy_with_an_unknown_element_is_not_the_default_policy() -> None:
    stage = isolated()
    odd = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Foo": []}
    stage.endpoints["ssmmessages"].record["PolicyDocument"] = json.dumps({"Statement": [odd]})
    method = stage.method(SESSION)
    assert method.verdict is UNKNOWN
    assert any("unknown element 'Foo'" in each.says for each in method.missing)


def test_a_flag_that_cannot_be_read_does_not_say_that_logs_may_be_in_the_clear() -> None:
    stage = isolated()
    stage.scene.preferences({"cloudWatchLogGroupName": "sessions", "cloudWatchEncryptionEnabled": "perhaps"})
    method = stage.method(SESSION)
    assert (method.verdict, method.blockers) == (UNKNOWN, ())
    assert any("cloudWatchEncryptionEnabled is neither true" in each.says for each in method.missing)
    stage.scene.preferences({"s3BucketName": "sessions", "s3EncryptionEnabled": 7})
    method = stage.method(SESSION)
    assert (method.verdict, method.blockers) == (UNKNOWN, ())
    assert any("s3EncryptionEnabled is neither true" in each.says for each in method.missing)
