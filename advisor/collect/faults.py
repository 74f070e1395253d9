"""The one place that catches botocore's errors: as coverage of a call, or as two lines for a person."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from botocore import exceptions as aws
from botocore.parsers import ResponseParserError

from advisor.model.coverage import Coverage, Status
from advisor.model.errors import AdvisorError, CloudError, InputError

FAULTS = (aws.BotoCoreError, aws.ClientError, ResponseParserError)
"""Everything that botocore raises when a call does not succeed."""

_DENIED = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "Forbidden",
        "NotAuthorized",
        "UnauthorizedException",
        "UnauthorizedOperation",
    }
)
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_REJECTED = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "MissingAuthenticationToken",
        "UnrecognizedClientException",
    }
)
_MISSIGNED = frozenset({"InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed"})
_NO_CREDENTIALS_HINT = (
    "sign in with `aws sso login` or `aws login`, choose --profile, or try `advisor demo`, which needs none"
)


def expired(codes: Iterable[str | None]) -> bool:
    """Whether calls ended with these codes because the credentials did."""
    return not _EXPIRED.isdisjoint(codes)


def coverage_of(error: Exception) -> Coverage:
    """How a call went that raised this error: denied, or failed, with AWS's code and sentence."""
    if isinstance(error, aws.ClientError):
        told = error.response.get("Error", {})
        code = str(told.get("Code") or "Unknown")
        message = str(told.get("Message") or "") or None
        return Coverage(Status.DENIED if code in _DENIED else Status.FAILED, code, message)
    return Coverage(Status.FAILED, type(error).__name__, str(error))


@contextmanager
def spoken(profile: str | None = None) -> Iterator[None]:
    """Turn botocore's errors inside the block into an AdvisorError that says what to do."""
    try:
        yield
    except FAULTS as error:
        raise explained(error, profile) from error


def explained(error: Exception, profile: str | None = None) -> AdvisorError:
    """What a person must know about an error that stops everything, and the command that helps."""
    login = _command("aws sso login", profile)
    match error:
        case aws.ProfileNotFound():
            return InputError(str(error), "`aws configure list-profiles` lists those there are")
        case aws.ConfigParseError() | aws.ConfigNotFound() | aws.InvalidConfigError():
            return InputError(f"The AWS configuration cannot be read: {error}", "correct that file")
        case aws.PartialCredentialsError():
            return CloudError(
                f"The AWS credentials are incomplete: {error}", _command("aws configure", profile)
            )
        case aws.NoCredentialsError():
            return CloudError("There are no AWS credentials.", _NO_CREDENTIALS_HINT)
        case aws.SSOTokenLoadError() | aws.UnauthorizedSSOTokenError() | aws.TokenRetrievalError():
            return CloudError("The sign-in of AWS IAM Identity Center has expired.", f"run `{login}`")
        case aws.SSOError():
            return CloudError(f"Signing in failed: {error}", f"run `{login}`")
        case aws.LoginInsufficientPermissions():
            return CloudError(
                "The sign-in of `aws login` cannot be refreshed: signin:CreateOAuth2Token is not allowed.",
                "have that permission granted, or sign in another way",
            )
        case aws.LoginError():
            return CloudError(
                "The sign-in of `aws login` has expired.", f"run `{_command('aws login', profile)}`"
            )
        case aws.MissingDependencyException():
            return CloudError(
                f"These credentials need a package that is missing: {error}",
                'install it with `pip install "botocore[crt]"`',
            )
        case aws.CredentialRetrievalError() | aws.RefreshWithMFAUnsupportedError():
            return CloudError(
                f"Getting credentials failed: {error}",
                f"try `{_command('aws sts get-caller-identity', profile)}`",
            )
        case aws.NoRegionError():
            return InputError("No Region is chosen.", "give --region us-east-1, or set AWS_REGION")
        case aws.ProxyConnectionError():
            return CloudError(f"The proxy does not answer: {error}", "look at HTTPS_PROXY and NO_PROXY")
        case aws.SSLError():
            return CloudError(
                f"The TLS certificate was refused: {error}",
                "behind a proxy that inspects TLS, set AWS_CA_BUNDLE to its certificate",
            )
        case aws.ConnectionError() | aws.HTTPClientError():
            return CloudError(
                f"AWS cannot be reached: {error}",
                "look at the network, HTTPS_PROXY, --endpoint-url and the Region's name",
            )
        case aws.ClientError():
            return _refused(error, profile)
        case _:
            return CloudError(
                f"AWS could not be asked: {error}",
                f"try `{_command('aws sts get-caller-identity', profile)}`",
            )


def _refused(error: aws.ClientError, profile: str | None) -> CloudError:
    told = error.response.get("Error", {})
    code, message = str(told.get("Code", "")), str(told.get("Message", ""))
    if code in _EXPIRED:
        login = _command("aws sso login", profile)
        return CloudError(
            "The AWS credentials have expired.",
            f"sign in again with `{login}` (or `{_command('aws login', profile)}`, or new keys)",
        )
    if code in _REJECTED:
        return CloudError(
            f"AWS does not accept these credentials: {code}.",
            f"compare with `{_command('aws configure list', profile)}`; the Region must be enabled",
        )
    if code in _MISSIGNED:
        return CloudError(
            f"AWS does not accept the signature: {code}.",
            "check this computer's clock and the secret access key",
        )
    return CloudError(
        f"AWS refused {error.operation_name}: {code} {message}".rstrip(),
        f"try `{_command('aws sts get-caller-identity', profile)}`",
    )


def _command(command: str, profile: str | None) -> str:
    return f"{command} --profile {shlex.quote(profile)}" if profile else command
