"""Pasted error texts lead to symptoms, the surest first."""

import pytest

from advisor.rulebook import Symptom, Text, load
from advisor.rulebook.symptoms import matches
from tests.growth import growth

SYMPTOMS = tuple(load().symptoms.values())
WORDS = Text("text", "文")


def ids(text: str) -> list[str]:
    return [match.symptom.id for match in matches(text, SYMPTOMS)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (
            "An error occurred (TargetNotConnected) when calling the StartSession operation: "
            "i-0123456789abcdef0 is not connected.",
            "target-not-connected",
        ),
        ("SSM エージェントはオンラインではありません", "agent-not-online"),
        ("ＳＳＭ エージェントはオンラインではありません", "agent-not-online"),
        ("There are no available instance connect endpoints.", "eice-none-available"),
        (
            "Websocket Closure Reason: Unable to connect to target\nConnection closed by UNKNOWN port 65535",
            "eice-cannot-connect",
        ),
        (
            "Encountered error while initiating handshake. KMSEncryption failed on client with status 2 "
            "error: Failed to process action KMSEncryption: Error calling KMS GenerateDataKey API: Access",
            "handshake-caller-key",
        ),
        (
            "Encountered error while initiating handshake. Fetching data key failed: Unable to retrieve data "
            "key, Error when decrypting data key AccessDeniedException",
            "handshake-data-key",
        ),
        (
            "AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/dev/me is not authorized to "
            "perform: ssm:StartSession on resource: arn:aws:ssm:us-east-1::document/AWS-StartSSHSession "
            "because no identity-based policy allows the ssm:StartSession action",
            "document-access-denied",
        ),
        (
            "User: arn:aws:iam::111122223333:user/me is not authorized to perform: ssm:StartSession on "
            "resource: arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0",
            "start-session-access-denied",
        ),
        ("ec2-user@10.0.0.5: Permission denied (publickey,gssapi-with-mic).", "permission-denied-publickey"),
        (
            "channel 0: open failed: connect failed: Connection timed out\nstdio forwarding failed",
            "bastion-second-hop-timeout",
        ),
        (
            "The instance you selected isn’t configured to use Session Manager.",
            "not-configured-for-session-manager",
        ),
        ("リモート デスクトップはリモート コンピューターに接続できません。", "rdp-cannot-connect"),
    ],
)
def test_the_text_as_it_is_printed_is_recognised(text, first):
    assert ids(text)[0] == first


def test_line_breaks_and_case_make_no_difference():
    assert ids("ssm agent IS NOT\n   online")[0] == "agent-not-online"


def test_words_in_any_order_are_recognised_with_less_certainty():
    (match,) = matches("after connecting I only get a black screen in the session", SYMPTOMS)
    assert match.symptom.id == "blank-session"
    assert 0 < match.score < 1


@pytest.mark.parametrize("text", ["", "hello world", "***", "エラー", "it does not work"])
def test_a_text_that_says_nothing_matches_nothing(text):
    assert matches(text, SYMPTOMS) == ()


def test_the_longer_exact_text_comes_first():
    short = Symptom("short", WORDS, ("c",), exact=("failed",))
    long = Symptom("long", WORDS, ("c",), exact=("failed to * the channel",))
    assert [match.symptom.id for match in matches("failed to open the channel", (short, long))] == [
        "long",
        "short",
    ]


def test_a_star_stands_for_a_little_and_not_for_a_page():
    symptom = Symptom("s", WORDS, ("c",), exact=("begin * end",))
    assert matches("begin something end", [symptom])
    assert not matches("begin " + "x" * 500 + " end", [symptom])


def test_patterns_of_a_regular_expression_are_plain_text():
    symptom = Symptom("s", WORDS, ("c",), exact=("denied (publickey",))
    assert matches("Permission denied (publickey).", [symptom])


def test_a_huge_text_costs_in_proportion_to_its_length():
    line = "An error occurred (x) when calling the StartSession operation: "
    assert growth(lambda lines: matches(line * lines, SYMPTOMS), 500, 5_000) < 30
