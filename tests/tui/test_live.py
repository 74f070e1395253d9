"""The app on a live account, a fake AWS on this machine: reading, looking closer, watching; never writing."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from advisor.tui.app import AdvisorApp
from advisor.tui.desk import Source
from advisor.tui.screens import plan
from advisor.tui.screens.fleet import FleetScreen
from advisor.tui.screens.start import StartScreen
from advisor.tui.widgets.fleet_table import FleetTable
from tests.fakeaws.app import FakeAws
from tests.scenes.builder import CORE, Group, Instance, Scene, tcp
from tests.tui.screen_text import screen_text


async def settle(pilot: Pilot[int]) -> None:
    for _ in range(3):
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
    await pilot.pause()


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/config")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/credentials")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    # What is installed on the computer that runs the tests must not decide them.
    monkeypatch.setattr("advisor.tui.engine_live.local_findings", lambda rulebook: ())


def scene_with_endpoint_shut() -> tuple[Scene, Group, Instance]:
    """An isolated instance whose endpoints' group admits nobody."""
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16")
    subnet = vpc.subnet("10.0.1.0/24")
    shut = vpc.group("endpoints", ingress=[])
    for service in ("ssm", "ssmmessages"):
        vpc.endpoint(service, subnets=[subnet], groups=[shut])
    instance = subnet.instance(name="app-1", profile=scene.role("app", [CORE]))
    return scene, shut, instance


async def test_a_live_account_is_read_and_looked_at_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene, shut, instance = scene_with_endpoint_shut()
    monkeypatch.setattr(plan, "WATCH_SECONDS", 0.2)
    with FakeAws.of(scene) as aws:
        for name, value in aws.environment.items():
            monkeypatch.setenv(name, value)
        app = AdvisorApp(Source(endpoint_url=aws.url, regions=("us-east-1",)))
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            assert isinstance(app.screen, FleetScreen)
            assert "app-1" in screen_text(app)
            assert app.query_one(FleetTable).shown_count == 1
            await pilot.press("enter")
            await settle(pilot)
            assert "GetConnectionStatus" in {call.operation for call in aws.calls}
            assert "✗ blocked" in screen_text(app)
            await pilot.press("g", "p")  # by Session Manager
            await settle(pilot)
            assert "✓ verified" in screen_text(app)
            await pilot.press("w")
            await settle(pilot)
            assert "watching" in screen_text(app)
            # The person applies the change in another window; the next look sees it.
            shut.ingress(tcp(443, "10.0.0.0/16"))
            scene.node(instance)
            for _ in range(20):
                await pilot.pause(0.2)
                await settle(pilot)
                if "✓ ready: the change works." in screen_text(app):
                    break
            assert "✓ ready: the change works." in screen_text(app)
        assert aws.writing() == []


async def test_wrong_credentials_lead_to_the_start_page(monkeypatch: pytest.MonkeyPatch) -> None:
    scene, _, _ = scene_with_endpoint_shut()
    with FakeAws.of(scene) as aws:
        for name, value in aws.environment.items():
            monkeypatch.setenv(name, value)
        aws.rules.fail("sts:GetCallerIdentity", "ExpiredToken", 403)
        app = AdvisorApp(Source(endpoint_url=aws.url, regions=("us-east-1",)))
        async with app.run_test(size=(100, 30)) as pilot:
            await settle(pilot)
            assert isinstance(app.screen, StartScreen)
            assert "expired" in screen_text(app)


async def test_no_credentials_at_all_lead_to_the_start_page() -> None:
    app = AdvisorApp(Source(regions=("us-east-1",)))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        assert isinstance(app.screen, StartScreen)
        assert "There are no AWS credentials." in screen_text(app)
