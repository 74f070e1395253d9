"""One question to AWS for the doctor: whose credentials these are, when they end, what time it is there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import boto3
import msgspec
from botocore import UNSIGNED
from botocore import exceptions as aws
from botocore.config import Config

from advisor.collect.faults import FAULTS, explained
from advisor.model.times import parse_instant

_CONFIG = Config(connect_timeout=4, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 1})
_ANY_REGION = "us-east-1"
"""Where to ask who somebody is when no Region is set: every STS of a partition knows."""


class Probe(msgspec.Struct, frozen=True):
    """What was found out.

    `found` says whether there are credentials at all, `reached` whether AWS answered, be it by refusing.
    `expires` is when they end; `renews` whether they are renewed by themselves then. `clock_offset` is
    AWS's time minus this machine's, in seconds. `message` and `hint` explain why there is no `arn`.
    """

    found: bool = False
    reached: bool = False
    arn: str | None = None
    expires: datetime | None = None
    renews: bool = False
    region: str | None = None
    clock_offset: float | None = None
    message: str = ""
    hint: str = ""


def probe(
    profile: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Probe:
    """Ask `sts:GetCallerIdentity` once; never raises for what AWS or the configuration says."""
    found = Probe(region=region or _set_in(environment))
    try:
        session = boto3.Session(profile_name=profile)
        found = msgspec.structs.replace(found, region=found.region or session.region_name)
        credentials = session.get_credentials()
        if credentials is None:
            raise aws.NoCredentialsError
        found = msgspec.structs.replace(found, found=True, **_lifetime(credentials, environment))
        credentials.get_frozen_credentials()
        found = msgspec.structs.replace(found, **_lifetime(credentials, environment))
        return _asked(session, found, endpoint_url)
    except FAULTS as error:
        failed = _failed(found, error, profile or environment.get("AWS_PROFILE"))
        if failed.found or failed.clock_offset is not None:
            return failed
        return msgspec.structs.replace(failed, clock_offset=_time_there(found.region, endpoint_url))


def region_here(
    profile: str | None = None, region: str | None = None, environment: Mapping[str, str] = os.environ
) -> str | None:
    """The Region in force, by what asks nobody: the one given, the environment's, the profile's."""
    try:
        return region or _set_in(environment) or boto3.Session(profile_name=profile).region_name
    except FAULTS:
        return None


def _set_in(environment: Mapping[str, str]) -> str | None:
    return environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")


def _lifetime(credentials: Any, environment: Mapping[str, str]) -> dict[str, Any]:
    # botocore keeps the end of credentials to itself; there is no public way to it.
    expires = getattr(credentials, "_expiry_time", None)
    if isinstance(expires, datetime):
        return {"expires": expires.astimezone(UTC), "renews": True}
    if credentials.method != "env":
        return {}
    # Set by `aws configure export-credentials` and by wrappers; such credentials cannot renew themselves.
    return {"expires": parse_instant(environment.get("AWS_CREDENTIAL_EXPIRATION"))}


def _asked(session: boto3.Session, found: Probe, endpoint_url: str | None) -> Probe:
    client = session.client(
        "sts", region_name=found.region or _ANY_REGION, endpoint_url=endpoint_url, config=_CONFIG
    )
    with closing(client):
        told = client.get_caller_identity()
    return msgspec.structs.replace(
        found, reached=True, arn=told.get("Arn"), clock_offset=_offset(told.get("ResponseMetadata"))
    )


def _time_there(region: str | None, endpoint_url: str | None) -> float | None:
    """AWS's time minus ours without credentials: AWS refuses an unsigned request, and dates its refusal."""
    config = _CONFIG.merge(Config(signature_version=UNSIGNED))
    try:
        session = boto3.Session(aws_access_key_id="-", aws_secret_access_key="-")
        client = session.client(
            "sts", region_name=region or _ANY_REGION, endpoint_url=endpoint_url, config=config
        )
        with closing(client):
            return _offset(client.get_caller_identity().get("ResponseMetadata"))
    except aws.ClientError as error:
        return _offset(error.response.get("ResponseMetadata"))
    except FAULTS:
        return None


def _failed(found: Probe, error: Exception, profile: str | None) -> Probe:
    spoken = explained(error, profile)
    response = error.response if isinstance(error, aws.ClientError) else None
    return msgspec.structs.replace(
        found,
        reached=response is not None,
        clock_offset=_offset(response.get("ResponseMetadata")) if response is not None else None,
        message=spoken.message,
        hint=spoken.hint,
    )


def _offset(metadata: Any) -> float | None:
    """AWS's time minus ours, by the `Date` header of an answer that has just come in."""
    headers = metadata.get("HTTPHeaders") if isinstance(metadata, dict) else None
    try:
        there = parsedate_to_datetime((headers or {}).get("date") or "")
    except ValueError:
        return None
    if there.tzinfo is None:
        there = there.replace(tzinfo=UTC)
    return (there - datetime.now(UTC)).total_seconds()
