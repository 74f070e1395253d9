"""The fleet table makes only the lines that are on the screen."""

from __future__ import annotations

import msgspec
import pytest
from textual.app import App, ComposeResult

from advisor.methods.assessment import TargetAssessment
from advisor.report.rows import Say
from advisor.tui.theme import DARK
from advisor.tui.widgets import fleet_table
from advisor.tui.widgets.fleet_table import FleetTable
from tests.tui import sample
from tests.tui.screen_text import screen_lines, screen_text


class TableApp(App[None]):
    def __init__(self, targets: list[TargetAssessment]) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name
        self.targets = targets

    def compose(self) -> ComposeResult:
        yield FleetTable()

    def on_mount(self) -> None:
        self.query_one(FleetTable).show(self.targets, range(len(self.targets)))


def many(count: int) -> list[TargetAssessment]:
    model = sample.named("web-01")
    return [
        msgspec.structs.replace(
            model, target=msgspec.structs.replace(model.target, id=f"i-{at:017d}", name=f"web-{at}")
        )
        for at in range(count)
    ]


async def test_of_a_hundred_thousand_targets_only_a_screenful_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []

    def counted(assessed: TargetAssessment, say: Say) -> object:
        made.append(assessed.target.id)
        return original(assessed, say)

    original = fleet_table.fleet_row
    monkeypatch.setattr(fleet_table, "fleet_row", counted)
    app = TableApp(many(100_000))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("end")
        await pilot.pause()
        assert "web-99999" in screen_lines(app)[-1]
        assert len(made) < 400


async def test_the_head_stays_while_the_lines_scroll() -> None:
    app = TableApp(many(500))
    async with app.run_test(size=(120, 20)) as pilot:
        await pilot.press("pagedown", "pagedown")
        lines = screen_lines(app)
        assert lines[0].split()[0] == "NAME"
        assert "web-0 " not in screen_text(app)
        await pilot.press("g")
        assert "web-0 " in screen_lines(app)[1]


async def test_vi_keys_and_arrows_move_the_cursor_and_it_stays_inside() -> None:
    app = TableApp(many(10))
    async with app.run_test(size=(120, 20)) as pilot:
        table = app.query_one(FleetTable)
        await pilot.press("j", "down", "k")
        assert table.cursor == 1
        await pilot.press("G", "j")
        assert table.cursor == 9
        await pilot.press("home", "up")
        assert table.cursor == 0


async def test_no_line_is_cut_off_at_the_right_edge() -> None:
    app = TableApp([*sample.TARGETS])
    for width in (80, 100, 120, 200):
        async with app.run_test(size=(width, 20)):
            head = screen_lines(app)[0]
            assert len(head) <= width
            assert "…" not in head
        app = TableApp([*sample.TARGETS])


async def test_markup_in_a_name_is_shown_and_not_obeyed() -> None:
    app = TableApp([sample.named("old [bold]db")])
    async with app.run_test(size=(120, 20)):
        assert "old [bold]db" in screen_text(app)


async def test_a_click_chooses_a_line_and_a_second_one_opens_it() -> None:
    opened: list[str] = []

    class Clicked(TableApp):
        def on_fleet_table_opened(self, event: FleetTable.Opened) -> None:
            opened.append(event.assessed.target.name)

    app = Clicked([*sample.TARGETS])
    async with app.run_test(size=(120, 20)) as pilot:
        await pilot.click(FleetTable, offset=(3, 3))
        assert app.query_one(FleetTable).cursor == 2
        assert opened == []
        await pilot.click(FleetTable, offset=(3, 3))
        await pilot.pause()
        assert opened == ["batch-03"]


async def test_the_cursor_stays_on_its_target_when_the_order_changes() -> None:
    app = TableApp(many(10))
    async with app.run_test(size=(120, 20)) as pilot:
        table = app.query_one(FleetTable)
        await pilot.press("j", "j")
        assert table.current is not None
        table.show(app.targets, list(reversed(range(10))))
        assert table.current is not None
        assert table.current.target.name == "web-2"
        assert table.cursor == 7
