from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from advisor.collect.session import Session, open_session
from tests.fakeaws.app import FakeAws
from tests.scenes.builder import CORE, Scene, tcp


@pytest.fixture(autouse=True)
def no_account_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may find credentials, profiles or Regions of the person who runs it."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def scene() -> Scene:
    """The account that most tests read."""
    return small_account()


def small_account() -> Scene:
    """A VPC with a managed instance, a role, an endpoint, a NAT gateway and what hangs on them."""
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16", name="main")
    vpc.main.route("0.0.0.0/0", vpc.igw())
    subnet = vpc.subnet("10.0.1.0/24")
    web = vpc.group("web", [tcp(22, "10.0.0.0/8"), tcp(443, scene.service_list("ec2-instance-connect"))])
    instance = subnet.instance(
        name="web-1", groups=[web], public_ip="203.0.113.5", profile=scene.role("ssm", [CORE]), key="k"
    )
    scene.node(instance)
    subnet.nat()
    vpc.endpoint("ssm", subnets=[subnet], groups=[web])
    subnet.instance_connect_endpoint(groups=[web])
    scene.transit_gateway()
    scene.setting("/ssm/managed-instance/activation-tier", "standard", "Default")
    scene.preferences({"idleSessionTimeout": "20"})
    return scene


@pytest.fixture
def aws(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    """The fake AWS on the scene; the environment holds its credentials."""
    with FakeAws.of(scene) as running:
        for name, value in running.environment.items():
            if name != "AWS_ENDPOINT_URL":
                monkeypatch.setenv(name, value)
        yield running


Opener = Callable[..., Session]


@pytest.fixture
def opened(aws: FakeAws) -> Iterator[Opener]:
    """Opens sessions with the fake AWS and closes them in the end."""
    sessions: list[Session] = []

    def open_(*regions: str, **options: object) -> Session:
        session = open_session(regions=regions or ["us-east-1"], endpoint_url=aws.url, **options)  # type: ignore[arg-type]
        sessions.append(session)
        return session

    yield open_
    for session in sessions:
        session.close()
