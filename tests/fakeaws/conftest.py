from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from tests.fakeaws.app import ACCESS_KEY, SECRET_KEY, FakeAws
from tests.scenes.builder import Scene

Client = Callable[[str], Any]


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def aws(scene: Scene) -> Iterator[FakeAws]:
    with FakeAws.of(scene) as running:
        yield running


@pytest.fixture
def client(aws: FakeAws) -> Iterator[Client]:
    """Plain boto3 clients of the fake AWS."""
    made: dict[str, Any] = {}

    def of(service: str, region: str = "us-east-1") -> Any:
        if service not in made:
            made[service] = boto3.client(
                service,
                region_name=region,
                endpoint_url=aws.url,
                aws_access_key_id=ACCESS_KEY,
                aws_secret_access_key=SECRET_KEY,
            )
        return made[service]

    yield of
    for each in made.values():
        each.close()
