"""A sheet shows all of an entry's words, however its lines are indented."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.content import Content

from advisor.tui.widgets.sheet import Entry, Sheet
from tests.tui.screen_text import screen_text

RULE = "entry 100 allow all from 0.0.0.0/0 → igw-0ac86c19879b78d6b"


class SheetApp(App[None]):
    def __init__(self, *entries: Entry) -> None:
        super().__init__()
        self._given = entries

    def compose(self) -> ComposeResult:
        yield Sheet(id="sheet")

    def on_mount(self) -> None:
        self.query_one(Sheet).show(self._given)


@pytest.mark.parametrize("width", range(30, 60))
async def test_lines_that_are_indented_deeper_than_the_first_lose_no_word(width: int) -> None:
    entry = Entry(Content(f"acl-1\n{RULE}"), Content(" ┊ ✓ "), follow=Content(" ┊     "))
    app = SheetApp(entry)
    async with app.run_test(size=(width, 12)) as pilot:
        await pilot.pause()
        shown = [word for word in screen_text(app).split() if word != "┊"]
        assert shown == ["✓", "acl-1", *RULE.split()]


async def test_the_next_entry_of_a_key_is_found_round_the_end() -> None:
    entries = [Entry(Content(str(at)), rests=True, key="mark" if at in (1, 3) else "") for at in range(5)]
    app = SheetApp(*entries)
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        sheet = app.query_one(Sheet)
        seen = []
        for step in (1, 1, 1, -1):
            sheet.go_to_next("mark", step)
            seen.append(sheet.cursor)
        assert seen == [1, 3, 1, 3]
        sheet.go_to_next("of nothing")
        assert sheet.cursor == 3
