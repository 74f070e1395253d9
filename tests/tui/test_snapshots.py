"""What the main pages look like, one picture a page; `pytest --snapshot-update` after a wanted change.

The pictures stand on the hand-made sample, so that only a change of the app's own can change them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from advisor.model.errors import CloudError
from advisor.tui.app import AdvisorApp
from advisor.tui.desk import Desk, Progress, Source
from tests.tui.sample_desk import NOW, sample_app

Compare = Callable[..., bool]


def after(*keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    async def reach(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
        pilot.app.clear_notifications()

    return reach


def test_the_fleet_at_a_glance(snap_compare: Compare) -> None:
    assert snap_compare(sample_app(), terminal_size=(120, 30), run_before=after())


def test_the_fleet_in_the_smallest_window(snap_compare: Compare) -> None:
    assert snap_compare(sample_app(), terminal_size=(80, 24), run_before=after())


def test_why_an_instance_is_blocked(snap_compare: Compare) -> None:
    assert snap_compare(sample_app(), terminal_size=(120, 44), run_before=after("enter"))


def test_the_same_in_the_smallest_window(snap_compare: Compare) -> None:
    assert snap_compare(sample_app(), terminal_size=(80, 24), run_before=after("enter", "tab"))


def test_the_methods_side_by_side_in_a_light_terminal(
    snap_compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = sample_app()
    app.theme = "advisor-light"
    assert snap_compare(app, terminal_size=(120, 36), run_before=after("enter", "c"))


def test_a_proved_plan(snap_compare: Compare) -> None:
    assert snap_compare(sample_app(), terminal_size=(100, 30), run_before=after("enter", "p"))


def test_no_credentials(snap_compare: Compare) -> None:
    def fail(source: Source, progress: Callable[[Progress], None], cancelled: Callable[[], bool]) -> Desk:
        raise CloudError(
            "The sign-in of profile 'prod' has expired.", "Run: aws sso login --profile prod, then press r."
        )

    app = AdvisorApp(Source(profile="prod"), fail, clock=lambda: NOW)
    app.theme = "advisor-dark"
    assert snap_compare(app, terminal_size=(80, 24), run_before=after())
