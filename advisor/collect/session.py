"""A session with AWS: whose credentials, which Regions, and clients that know only operations that read."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config

from advisor.collect.faults import FAULTS, spoken
from advisor.collect.parsing import PlannedFactory
from advisor.collect.readonly import read_only_loader
from advisor.collect.retries import Retries
from advisor.model.errors import CloudError, InputError
from advisor.model.records.iam import CallerIdentity

WORKERS = 16
"""Calls at once; beyond that the interpreter is busier with parsing than with waiting."""


class Session:
    """Credentials that work, the Regions to read and a client per service and Region.

    Made by `open_session`. Clients are not safe to make from several threads; to use them is.
    """

    def __init__(
        self,
        reading: boto3.Session,
        *,
        profile: str | None,
        caller: CallerIdentity,
        regions: Sequence[str],
        endpoint_url: str | None,
    ) -> None:
        self.profile = profile
        self.caller = caller
        self.regions = tuple(regions)
        self.endpoint_url = endpoint_url
        self.retries = Retries()
        self._reading = reading
        self._clients: dict[tuple[str, str], Any] = {}

    @property
    def account(self) -> str:
        """The account's id."""
        return self.caller.account or ""

    @property
    def home(self) -> str:
        """The Region through which global services are asked."""
        return self.regions[0]

    def client(self, service: str, region: str) -> Any:
        """The client of a service (boto3's name) in a Region; one for all threads."""
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self._reading.client(
                service, region_name=region, endpoint_url=self.endpoint_url, config=_CONFIG
            )
            self.retries.watch(self._clients[key])
        return self._clients[key]

    def close(self) -> None:
        """Close the connections; the session may still be used and opens them again."""
        for client in self._clients.values():
            client.close()


_FIRST_ASKED = "us-east-1"
"""The Region that tells which others there are, where `all` are wanted and none is named or set."""
_CONFIG = Config(
    connect_timeout=5,
    read_timeout=20,
    # The adaptive mode is twice as slow and only gentler; three attempts are too few for a burst of calls.
    retries={"mode": "standard", "total_max_attempts": 9},
    max_pool_connections=WORKERS,
    user_agent_extra="aws-connection-advisor",
)
_FIRST_CONFIG = Config(
    connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 2}
)


def open_session(
    profile: str | None = None,
    regions: Iterable[str] = (),
    endpoint_url: str | None = None,
    environment: Mapping[str, str] = os.environ,
    *,
    whole: bool = False,
) -> Session:
    """Find credentials, ask AWS who they are, and settle the Regions.

    Regions come from the flag (each may hold commas; `all` is every Region the account may use), then
    AWS_REGION, AWS_DEFAULT_REGION and the profile. Asks for an MFA code here if the profile wants one, so
    call it before a full-screen program starts. `whole` keeps members that no record declares.

    Raises CloudError or InputError with a plain sentence and the command that helps.
    """
    with spoken(profile or environment.get("AWS_PROFILE")):
        _check_endpoint(endpoint_url)
        person = boto3.Session(profile_name=profile)
        credentials = person.get_credentials()
        if credentials is None:
            raise CloudError("There are no AWS credentials.", _no_credentials_hint(person))
        credentials.get_frozen_credentials()
        wanted = _wanted_regions(regions, environment, person)
        if endpoint_url is None:
            known = _known_regions(person)
            for each in wanted:
                _check_known(each, known)
        named = next((each for each in wanted if each != "all"), None)
        first = named or _region_here(environment, person) or _FIRST_ASKED
        reading = _reading_session(person, whole)
        caller = _who(reading, first, endpoint_url)
        enabled = _enabled_regions(reading, first, endpoint_url)
        return Session(
            reading,
            profile=profile,
            caller=caller,
            regions=_settled(wanted, enabled, first),
            endpoint_url=endpoint_url,
        )


def profiles() -> list[str]:
    """The names of the profiles in the AWS configuration."""
    with spoken():
        return sorted(boto3.Session().available_profiles)


def _reading_session(person: boto3.Session, whole: bool) -> boto3.Session:
    """A session with the person's credentials whose clients have no operation that writes.

    It is another one than the person's, whose credential providers need `sts:AssumeRole` and the like.
    """
    inner = botocore.session.Session()
    inner.register_component("data_loader", read_only_loader(whole))
    inner.register_component("response_parser_factory", PlannedFactory())
    inner.register_component("credential_provider", _Lent(person))
    return boto3.Session(botocore_session=inner)


class _Lent:
    """A credential provider that lends another session's credentials, which refresh themselves."""

    def __init__(self, person: boto3.Session) -> None:
        self._person = person

    def load_credentials(self) -> Any:
        return self._person.get_credentials()


def _wanted_regions(
    flags: Iterable[str], environment: Mapping[str, str], person: boto3.Session
) -> tuple[str, ...]:
    flagged = [name.strip() for flag in flags for name in flag.split(",") if name.strip()]
    if flagged:
        return tuple(dict.fromkeys(flagged))
    region = _region_here(environment, person)
    if region is None:
        raise InputError("No Region is chosen.", "give --region us-east-1, or set AWS_REGION")
    return (region,)


def _region_here(environment: Mapping[str, str], person: boto3.Session) -> str | None:
    # botocore reads AWS_DEFAULT_REGION only; the AWS CLI v2 and the other SDKs read AWS_REGION first.
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or person.region_name
    return region or None


def _known_regions(person: boto3.Session) -> list[str]:
    return [
        region
        for partition in person.get_available_partitions()
        for region in person.get_available_regions("ec2", partition)
    ]


def _check_known(region: str, known: Sequence[str]) -> None:
    if region == "all" or region in known:
        return
    near = difflib.get_close_matches(region, known, n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else "Regions look like us-east-1; `all` is every one"
    raise InputError(f"There is no Region {region!r}.", hint)


def _check_endpoint(endpoint_url: str | None) -> None:
    if endpoint_url is None:
        return
    parts = urlsplit(endpoint_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(
            f"{endpoint_url!r} is not an endpoint URL.", "it looks like https://vpce-0abc.ec2.amazonaws.com"
        )


def _who(reading: boto3.Session, region: str, endpoint_url: str | None) -> CallerIdentity:
    client = reading.client("sts", region_name=region, endpoint_url=endpoint_url, config=_FIRST_CONFIG)
    with closing(client):
        told = client.get_caller_identity()
    return CallerIdentity(account=told.get("Account"), arn=told.get("Arn"), user_id=told.get("UserId"))


def _enabled_regions(reading: boto3.Session, region: str, endpoint_url: str | None) -> list[str] | None:
    """The Regions the account may use, or None where it may not be asked."""
    client = reading.client("ec2", region_name=region, endpoint_url=endpoint_url, config=_FIRST_CONFIG)
    try:
        with closing(client):
            told = client.describe_regions()["Regions"]
    except FAULTS:
        return None
    return [each["RegionName"] for each in told if each.get("OptInStatus") != "not-opted-in"]


def _settled(wanted: Sequence[str], enabled: list[str] | None, first: str) -> tuple[str, ...]:
    if "all" in wanted:
        if enabled is None:
            raise CloudError(
                "The Regions of the account may not be listed (ec2:DescribeRegions).",
                "name them: --region us-east-1 --region eu-west-1",
            )
        wanted = (first, *(each for each in wanted if each != "all"), *enabled)
    if enabled is not None:
        for each in wanted:
            if each not in enabled:
                near = difflib.get_close_matches(each, enabled, n=3, cutoff=0.6)
                hint = f"did you mean {' or '.join(near)}?" if near else "enable it in the account settings"
                raise InputError(f"The account may not use a Region {each!r}.", hint)
    return tuple(dict.fromkeys(wanted))


def _no_credentials_hint(person: boto3.Session) -> str:
    names = person.available_profiles
    if names:
        return f"choose a profile (--profile {names[0]}), sign in (`aws sso login`), or try `advisor demo`"
    return "sign in with `aws configure sso` or `aws login`, or try `advisor demo`, which needs none"
