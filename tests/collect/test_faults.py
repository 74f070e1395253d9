from __future__ import annotations

import inspect
from collections import defaultdict
from typing import Any

import pytest
from botocore import exceptions as aws
from botocore.parsers import ResponseParserError

from advisor.collect.faults import FAULTS, coverage_of, explained, spoken
from advisor.model.coverage import Status
from advisor.model.errors import AdvisorError, CloudError, InputError


def made(kind: type[Exception]) -> Exception:
    """An instance of one of botocore's classes, with something in every place of its sentence."""
    if kind is aws.ClientError:
        return refusal("Throttling", "Rate exceeded")
    wanted = set(inspect.signature(kind.__init__).parameters) - {"self", "args", "kwargs"}
    blanks: dict[str, Any] = defaultdict(lambda: "something", {name: "something" for name in wanted})
    for name in _blanks(getattr(kind, "fmt", "")):
        blanks[name] = "something"
    return kind(**blanks)


def _blanks(sentence: str) -> list[str]:
    import string

    return [name for _, name, _, _ in string.Formatter().parse(sentence) if name]


def refusal(code: str, message: str = "") -> aws.ClientError:
    return aws.ClientError({"Error": {"Code": code, "Message": message}}, "DescribeVpcs")


KINDS = sorted(
    {
        kind
        for kind in vars(aws).values()
        if isinstance(kind, type)
        and issubclass(kind, aws.BotoCoreError)
        and not issubclass(kind, Warning)
        and kind.__module__ == aws.__name__
    },
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_any_error_of_botocore_becomes_a_sentence_and_a_way_out(kind: type[Exception]) -> None:
    error = made(kind)
    assert isinstance(error, FAULTS)
    told = explained(error, "work")
    assert isinstance(told, AdvisorError)
    assert told.message and told.hint
    assert "Traceback" not in told.message
    assert coverage_of(error).status is Status.FAILED


@pytest.mark.parametrize(
    ("error", "command"),
    [
        (aws.UnauthorizedSSOTokenError(), "aws sso login --profile work"),
        (aws.SSOTokenLoadError(error_msg="x"), "aws sso login --profile work"),
        (aws.TokenRetrievalError(provider="sso", error_msg="x"), "aws sso login --profile work"),
        (aws.LoginRefreshRequired(), "aws login --profile work"),
        (aws.LoginTokenLoadError(error_msg="x"), "aws login --profile work"),
        (refusal("ExpiredToken"), "aws sso login --profile work"),
        (refusal("RequestExpired"), "aws sso login --profile work"),
        (refusal("InvalidClientTokenId"), "aws configure list --profile work"),
        (refusal("SignatureDoesNotMatch"), "clock"),
        (aws.MissingDependencyException(msg="awscrt"), "botocore[crt]"),
        (aws.NoCredentialsError(), "advisor demo"),
        (aws.PartialCredentialsError(provider="env", cred_var="key"), "aws configure --profile work"),
        (aws.ProxyConnectionError(proxy_url="http://proxy"), "HTTPS_PROXY"),
        (aws.SSLError(endpoint_url="https://x", error="x"), "AWS_CA_BUNDLE"),
        (aws.EndpointConnectionError(endpoint_url="https://x"), "--endpoint-url"),
        (aws.ReadTimeoutError(endpoint_url="https://x"), "network"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_the_hint_is_the_command_that_helps(error: Exception, command: str) -> None:
    told = explained(error, "work")
    assert isinstance(told, CloudError)
    assert command in told.hint


def test_what_the_person_typed_wrong_is_input() -> None:
    assert isinstance(explained(aws.ProfileNotFound(profile="x")), InputError)
    assert isinstance(explained(aws.NoRegionError()), InputError)


@pytest.mark.parametrize(
    "code", ["UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "403", "Forbidden"]
)
def test_refusals_are_denied(code: str) -> None:
    coverage = coverage_of(refusal(code, "You are not authorized"))
    assert (coverage.status, coverage.code, coverage.message) == (
        Status.DENIED,
        code,
        "You are not authorized",
    )


@pytest.mark.parametrize("code", ["InvalidAction", "AuthFailure", "NoSuchEntity", "404", "OptInRequired"])
def test_other_refusals_are_failures_with_their_code(code: str) -> None:
    coverage = coverage_of(refusal(code))
    assert (coverage.status, coverage.code) == (Status.FAILED, code)


def test_an_answer_that_is_no_answer_is_a_failure() -> None:
    coverage = coverage_of(ResponseParserError("not XML"))
    assert (coverage.status, coverage.code) == (Status.FAILED, "ResponseParserError")


def test_inside_the_block_botocore_never_gets_out() -> None:
    with pytest.raises(CloudError, match="no AWS credentials"), spoken():
        raise aws.NoCredentialsError
    with pytest.raises(KeyError), spoken():
        raise KeyError("ours")
