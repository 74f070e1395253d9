"""What people do with the terminal app, key by key, from the fleet to the fix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from advisor.methods.assessment import MethodId, Recommendation
from advisor.model.errors import CloudError, InputError
from advisor.model.verdict import READY
from advisor.tui.app import AdvisorApp
from advisor.tui.desk import Desk, Progress, Source
from advisor.tui.screens.fleet import FleetScreen
from advisor.tui.screens.start import StartScreen
from advisor.tui.widgets.fleet_table import FleetTable
from advisor.tui.widgets.sheet import Sheet
from tests.tui import sample
from tests.tui.sample_desk import FIX, NOW, SampleDesk, opener, sample_app
from tests.tui.screen_text import screen_lines, screen_text


async def settle(pilot: Pilot[int]) -> None:
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def press(pilot: Pilot[int], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
    await settle(pilot)


async def write(pilot: Pilot[int], text: str) -> None:
    for character in text:
        await pilot.press(character if character.isalnum() else _KEYS.get(character, character))
    await settle(pilot)


_KEYS = {":": "colon", " ": "space", "-": "minus", "/": "slash", "!": "exclamation_mark", ".": "full_stop"}


def shown_names(app: AdvisorApp) -> list[str]:
    table = app.query_one(FleetTable)
    return [each.target.name for each in table.shown]


# --- the main job ---


async def test_a_person_finds_a_blocked_instance_learns_why_and_copies_the_fix(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = sample_app()
    copied: list[str] = []
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    monkeypatch.setattr("advisor.tui.clipboard.shutil.which", lambda name: None)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "slash")
        await write(pilot, "is:blocked app")
        await press(pilot, "enter")
        assert shown_names(app) == ["app-02"]
        await press(pilot, "enter")
        text = screen_text(app)
        assert "✗ blocked" in text
        assert "The endpoint's security group refuses tcp/443 from the instance" in text
        assert f"{sample.ENDPOINT_GROUP} admits tcp/443 from 10.9.0.0/16 only" in text
        assert "◀ stops here" in text
        assert "aws ec2 authorize-security-group-ingress" in text
        await press(pilot, "y")
        assert "fix" in screen_text(app)
        await press(pilot, "j", "enter")
        assert copied == [FIX]
        assert "Copied:" in screen_text(app)


async def test_the_record_behind_a_fact_opens_as_json_and_escape_leads_back() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "tab", "enter")
        assert '"GroupId"' in screen_text(app)
        assert "ec2:DescribeSecurityGroups" in screen_lines(app)[1]
        await press(pilot, "escape", "escape", "escape")
        assert isinstance(app.screen, FleetScreen)


async def test_another_method_is_one_key_away_and_the_crumbs_say_so() -> None:
    app = sample_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "j")
        assert screen_lines(app)[1].endswith("Instance Connect Endpoint")
        assert "The VPC has no EC2 Instance Connect Endpoint" in screen_text(app)


async def test_an_unknown_verdict_names_the_call_that_was_denied() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "j", "enter")
        text = screen_text(app)
        assert "? unknown" in text
        assert "iam:GetInstanceProfile was denied (AccessDenied) for web-role" in text


async def test_the_comparison_stands_beside_the_state_of_this_target() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "c")
        lines = screen_lines(app)
        assert "Session Manager" in lines[2]
        assert "★" in lines[2]
        assert any(line.strip().startswith("this target") and "✗ blocked" in line for line in lines)
        assert "2 ▶" in screen_text(app)
        await press(pilot, "l", "l", "l", "l", "l")
        assert "◀ 2" in screen_text(app)


# --- the fleet ---


async def test_filters_change_while_typing_and_escape_shows_everything_again() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "slash")
        await write(pilot, "!is:ready")
        assert set(shown_names(app)) == {"app-02", "batch-03", "old [bold]db"}
        assert "(3 of 6)" in screen_lines(app)[1]
        await press(pilot, "escape")
        assert len(shown_names(app)) == 6
        assert isinstance(app.focused, FleetTable)


async def test_a_filter_that_is_not_understood_is_said_beside_it() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "slash")
        await write(pilot, "colour:red")
        assert "No filter key is called 'colour'" in screen_text(app)
        await press(pilot, "escape")
        assert "No filter key" not in screen_text(app)
        assert len(shown_names(app)) == 6


async def test_nothing_found_is_said_with_the_way_back() -> None:
    app = sample_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "slash")
        await write(pilot, "nosuchthing")
        assert "Nothing matches nosuchthing." in screen_text(app)
        await press(pilot, "escape")
        assert len(shown_names(app)) == 6


async def test_x_shows_only_problems_and_sort_goes_through_the_columns() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "x")
        assert shown_names(app) == ["app-02", "batch-03", "old [bold]db"]
        await press(pilot, "x", "S")
        assert shown_names(app)[-1] == "app-02"
        await press(pilot, "s", "s", "s")  # OS, state, SSM
        assert "SSM▲" in screen_text(app)
        assert shown_names(app)[0] in ("web-01", "shop-till")


async def test_the_line_under_the_cursor_is_explained_without_opening_it() -> None:
    app = sample_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        bottom = "\n".join(screen_lines(app)[-5:])
        assert "fix Session Manager" in bottom
        assert "The endpoint's security group refuses" in bottom
        await press(pilot, "j")
        assert "iam:GetInstanceProfile was denied" in "\n".join(screen_lines(app)[-5:])


async def test_the_wide_view_scrolls_sideways_to_every_column() -> None:
    app = sample_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "SUBNET" not in screen_text(app)
        await press(pilot, "w", *(["l"] * 20))
        assert "ACCOUNT" in screen_text(app)


async def test_an_account_without_instances_says_what_to_do() -> None:
    empty = SampleDesk(assessment=msgspec.structs.replace(sample.ASSESSMENT, targets=()))
    app = sample_app(empty)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "No instance and no managed node was found." in screen_text(app)
        await press(pilot, "enter", "p", "c", "y")
        assert app.is_running


# --- other pages ---


async def test_any_two_ends_can_be_traced_and_both_ways_are_shown() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "t")
        await write(pilot, "service")
        await press(pilot, "enter")
        text = screen_text(app)
        assert "✗ blocked" in text
        assert " there" in text
        assert " back" in text
        assert "◀ stops here" in text


async def test_an_end_that_means_nothing_is_a_sentence_and_the_page_stays() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "t")
        app.screen.query_one("#source", Input).value = "nobody"
        await write(pilot, "x")
        await press(pilot, "enter")
        assert "no target 'nobody'" in screen_text(app)
        app.screen.query_one("#port", Input).value = "many"
        app.screen.query_one("#destination", Input).focus()
        await press(pilot, "enter")
        assert "'many' is no port." in screen_text(app)


async def test_the_map_unfolds_and_marks_what_is_broken() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "m")
        text = screen_text(app)
        assert "vpc-0aa11bb22cc33dd01" in text
        assert "nat-0e2" not in text
        assert "1 broken" in text
        await press(pilot, "x")
        assert "✗ failed" in screen_text(app)


async def test_an_error_text_is_explained_and_an_unknown_one_is_not_guessed_at() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "e")
        await write(pilot, "TargetNotConnected")
        await press(pilot, "enter")
        assert "✗ blocked" in screen_text(app)
        await press(pilot, "i")
        app.screen.query_one(Input).value = ""
        await write(pilot, "what is this")
        await press(pilot, "enter")
        assert "This text is not known; nothing is guessed from it." in screen_text(app)


async def test_a_plan_is_proved_again_when_a_change_is_left_out() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "p")
        assert "✓ verified" in screen_text(app)
        assert "✗ blocked → ✓ ready" in screen_text(app)
        await press(pilot, "space")
        assert "? not verified" in screen_text(app)
        assert "☐" in screen_text(app)


async def test_beside_an_emergency_way_that_is_ready_the_plan_is_for_the_best_way() -> None:
    advised = Recommendation(MethodId.SESSION_MANAGER, READY, (), (), MethodId.BASTION)
    target = msgspec.structs.replace(sample.named("web-01"), recommended=advised)
    app = sample_app(SampleDesk(msgspec.structs.replace(sample.ASSESSMENT, targets=(target,))))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "p")
        assert "› plan › cheapest method" in screen_text(app)
        await press(pilot, "escape", "down", "p")
        assert "› plan › Instance Connect Endpoint" in screen_text(app)


def offered(app: AdvisorApp) -> list[str]:
    """What the menu on the screen offers to copy, with what stands below."""
    return [line.split("│")[1].strip() for line in screen_lines(app) if line.count("│") == 2]


async def test_of_a_plan_the_change_under_the_cursor_or_a_whole_format_is_copied() -> None:
    app = sample_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "p", "y")
        found = offered(app)
        assert found[0] == "this line"
        assert " ".join(found[1:-4]) == FIX
        assert found[-4:] == ["AWS CLI", "lines: 1", "Terraform", "lines: 2"]
        await press(pilot, "escape", "right_square_bracket", "right_square_bracket", "y")
        assert offered(app)[-4:] == ["Terraform", "lines: 2", "AWS CLI", "lines: 1"]


async def test_the_plan_comes_in_other_formats_and_is_saved_where_people_say(tmp_path: Path) -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "p", "right_square_bracket", "right_square_bracket")
        assert "aws_vpc_security_group_ingress_rule" in screen_text(app)
        await press(pilot, "ctrl+s")
        app.screen.query_one(Input).value = str(tmp_path / "plan.tf")
        await press(pilot, "enter")
    assert "aws_vpc_security_group_ingress_rule" in (tmp_path / "plan.tf").read_text()


async def test_needs_change_the_advice() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "j", "enter", "a")
        assert app.desk is not None
        assert app.desk.needs.profile == "audit"


async def test_the_break_glass_view_leads_to_the_targets() -> None:
    app = sample_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "b")
        assert "No way in" in screen_text(app)
        await press(pilot, "enter")
        assert "app-02" in screen_lines(app)[1]


async def test_blind_spots_are_listed() -> None:
    app = sample_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "v")
        assert "iam:GetInstanceProfile  web-role  denied" in screen_text(app)


async def test_the_report_is_saved_and_a_format_that_does_not_exist_is_said(tmp_path: Path) -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+s")
        app.screen.query_one(Input).value = str(tmp_path / "report.docx")
        await press(pilot, "enter")
        assert ".docx is no format of reports" in screen_text(app)
        await press(pilot, "ctrl+s")
        app.screen.query_one(Input).value = str(tmp_path / "report.md")
        await press(pilot, "enter")
        await press(pilot, "ctrl+s")
        app.screen.query_one(Input).value = str(tmp_path / "no" / "such" / "folder.md")
        await press(pilot, "enter")
        assert "could not be written" in screen_text(app)
    assert (tmp_path / "report.md").read_text() == "# Report\n"


# --- help and palette ---


async def test_help_lists_the_keys_that_work_on_this_page() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 50)) as pilot:
        await settle(pilot)
        await press(pilot, "question_mark")
        text = screen_text(app)
        assert "Filter" in text
        assert "Needs and profile of advice" in text
        await press(pilot, "escape", "enter", "question_mark")
        text = screen_text(app)
        assert "Next method" in text
        assert "Needs and profile of advice" not in text


async def test_the_palette_finds_commands_and_targets() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "colon")
        await write(pilot, "web")
        await pilot.pause(0.5)
        await press(pilot, "down", "enter")
        await settle(pilot)
        assert "web-01" in screen_lines(app)[1]


async def test_the_palette_runs_the_commands_of_the_page() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+p")
        await write(pilot, "problems")
        await pilot.pause(0.5)
        await press(pilot, "enter")
        assert shown_names(app) == ["app-02", "batch-03", "old [bold]db"]
        await press(pilot, "colon")
        await write(pilot, "quit")
        await pilot.pause(0.5)
        await pilot.press("enter")
        await pilot.pause()
    assert app.return_value == 0


# --- opening ---


def failing(error: Exception) -> Callable[..., Desk]:
    def fail(source: Source, progress: Callable[[Progress], None], cancelled: Callable[[], bool]) -> Desk:
        if source.path == "demo":
            return opener()(source, progress, cancelled)
        raise error

    return fail


async def test_without_credentials_the_start_page_says_so_and_opens_the_demo() -> None:
    error = CloudError("There are no AWS credentials.", "Run: aws configure sso")
    app = AdvisorApp(Source(), failing(error), clock=lambda: NOW)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert isinstance(app.screen, StartScreen)
        text = screen_text(app)
        assert "There are no AWS credentials." in text
        assert "Run: aws configure sso" in text
        await press(pilot, "d")
        assert isinstance(app.screen, FleetScreen)
        assert len(shown_names(app)) == 6


async def test_a_snapshot_that_cannot_be_read_leaves_the_app_alive() -> None:
    error = InputError("nowhere.json does not exist", "Give a snapshot or a folder of dumps.")
    app = AdvisorApp(Source("nowhere.json"), failing(error), clock=lambda: NOW)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "nowhere.json does not exist" in screen_text(app)
        await press(pilot, "o")
        await write(pilot, "demo")
        await press(pilot, "enter")
        assert len(shown_names(app)) == 6


async def test_a_defect_while_reading_is_said_and_the_app_stays_alive() -> None:
    def broken(source: Source, progress: Callable[[Progress], None], cancelled: Callable[[], bool]) -> Desk:
        raise ZeroDivisionError("division by zero")

    app = AdvisorApp(Source("demo"), broken, clock=lambda: NOW)
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(5):
            await pilot.pause()
        assert "advisor itself failed: ZeroDivisionError" in screen_text(app)
        assert app.is_running


async def test_a_reading_that_takes_long_shows_progress_and_can_be_cancelled() -> None:
    import threading

    release = threading.Event()

    def slow(source: Source, progress: Callable[[Progress], None], cancelled: Callable[[], bool]) -> Desk:
        progress(Progress(3, 12, "ec2:DescribeVpcs us-east-1", 1))
        release.wait(10)
        return SampleDesk()

    app = AdvisorApp(Source(profile="prod"), slow, clock=lambda: NOW)
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(5):
            await pilot.pause()
        text = screen_text(app)
        assert "Reading profile prod" in text
        assert "3 of 12" in text
        assert "1 refused or failed" in text
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, StartScreen)
        release.set()
        await settle(pilot)
        # What the cancelled worker still brings is of an old generation.
        assert app.desk is None


async def test_q_goes_back_page_by_page_and_then_quits() -> None:
    app = sample_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "q")
        assert isinstance(app.screen, FleetScreen)
        await pilot.press("q")
    assert app.return_value == 0


# --- windows and colours ---


async def test_below_the_smallest_size_there_is_a_plain_word() -> None:
    app = sample_app()
    async with app.run_test(size=(79, 24)) as pilot:
        await settle(pilot)
        assert "too small" in screen_text(app)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "too small" not in screen_text(app)
        await pilot.resize_terminal(80, 23)
        await settle(pilot)
        assert "too small" in screen_text(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_no_page_writes_beyond_the_edge(size: tuple[int, int]) -> None:
    app = sample_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for keys in (("enter",), ("enter", "c"), ("t",), ("m",), ("b",), ("v",), ("e",), ("enter", "p")):
            await press(pilot, *keys)
            assert all(len(line) <= size[0] for line in screen_lines(app))
            assert "READ ONLY" in screen_lines(app)[0]
            await press(pilot, *(["escape"] * (len(keys) + 1)))
        assert isinstance(app.screen, FleetScreen)


async def test_without_colour_glyphs_and_words_still_say_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = sample_app()
    assert app.no_color
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        text = screen_text(app)
        assert "✓ ready" in text
        assert "✗ blocked" in text
        assert "? unknown" in text


@pytest.mark.parametrize("theme", ["advisor-light", "nord", "ansi-dark"])
async def test_other_themes_work_on_every_page(theme: str) -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        app.theme = theme
        await settle(pilot)
        await press(pilot, "enter", "c")
        assert "Session Manager" in screen_text(app)


async def test_where_the_person_connects_from_is_asked_and_checked() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 50), notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "n", "G", "enter")
        app.screen.query_one(Input).value = "somewhere"
        await press(pilot, "enter")
        assert "'somewhere' is no address and no range." in screen_text(app)
        await press(pilot, "enter")
        app.screen.query_one(Input).value = "198.51.100.0/24"
        await press(pilot, "enter", "a")
        assert app.desk is not None
        assert app.desk.needs.address == "198.51.100.0/24"


async def test_the_port_of_a_trace_follows_to_a_service_until_somebody_writes_another() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "t")
        destination, port = app.screen.query_one("#destination", Input), app.screen.query_one("#port", Input)
        destination.value = "service:ssm"
        await settle(pilot)
        assert port.value == "443"
        port.value = "8443"
        destination.value = "i-0abc"
        await settle(pilot)
        assert port.value == "8443"


# --- conventions: keys that are shown work, and what is shown is all of it ---


async def test_key_hints_say_what_enter_does_on_each_page() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert "⏎ Open" in screen_lines(app)[-1]
        await press(pilot, "enter")
        assert "⏎ Open" in screen_lines(app)[-1]
        await press(pilot, "escape", "b")
        assert "⏎ Show in the fleet" in screen_lines(app)[-1]
        await press(pilot, "escape", "t")
        assert "⏎ Trace" in screen_lines(app)[-1]
        assert "F1 Help" in screen_lines(app)[-1]
        await press(pilot, "escape", "e")
        assert "⏎ Explain" in screen_lines(app)[-1]


async def test_help_names_no_key_that_does_nothing_and_every_other_by_our_words() -> None:
    app = sample_app()
    async with app.run_test(size=(100, 60)) as pilot:
        await settle(pilot)
        for page in ("v", "m", "b"):
            await press(pilot, page, "question_mark")
            text = screen_text(app)
            for foreign in ("Scroll Left", "palette", "Cursor Up", "Expand"):
                assert foreign not in text
            await press(pilot, "escape", "escape")
        await press(pilot, "v", "question_mark")
        assert not any(line.strip("│ ").startswith("⏎") for line in screen_lines(app))


async def test_a_very_wide_window_shows_the_list_and_the_details_side_by_side() -> None:
    app = sample_app()
    async with app.run_test(size=(200, 50)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        methods, detail = app.screen.query_one("#methods"), app.screen.query_one("#detail")
        assert methods.region.y == detail.region.y
        assert methods.region.right <= detail.region.x


async def test_the_map_goes_to_its_ends_and_says_the_whole_line() -> None:
    app = sample_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "m", "x")
        whole = app.screen.query_one("#whole-line", Static)
        assert str(whole.content) == "nat-0e2  ✗ failed  NAT gateway"
        await press(pilot, "g")
        assert str(whole.content) == "111122223333 / us-east-1  1 VPC"
        await press(pilot, "G")
        assert "nat-0e2" in str(whole.content)


async def test_marks_in_a_record_are_found_one_after_the_other() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "tab", "enter", "n")
        sheet = app.screen.query_one(Sheet)
        assert sheet.current is not None
        assert sample.ENDPOINT_GROUP in sheet.current.plain
        marked = sheet.cursor
        await press(pilot, "n")
        assert sheet.cursor == marked


async def test_a_message_about_a_page_goes_with_it() -> None:
    app = sample_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "m", "d")
        assert "no record behind" in screen_text(app)
        await press(pilot, "escape")
        assert "no record behind" not in screen_text(app)


async def test_an_error_text_can_be_explained_again_without_the_target() -> None:
    app = sample_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "e")
        app.screen.query_one(Input).value = "TargetNotConnected"
        await press(pilot, "enter")
        assert "found for this one" in screen_text(app)
        assert "✗ blocked" in screen_text(app)
        await press(pilot, "a")
        assert "tested against no target" in screen_text(app)
        assert "✗ blocked" not in screen_text(app)


async def test_in_japanese_key_hints_verdicts_and_help_are_japanese() -> None:
    app = sample_app(source=Source("demo", lang="ja"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        lines = screen_lines(app)
        assert "読み取り専用 · 3日前" in lines[0]
        assert "✓ 可能" in screen_text(app)
        assert "✓ ready" not in screen_text(app)
        hints = "開く 絞り込み 並替 問題 計画 追跡 マップ コピー ヘルプ 終了"
        assert " ".join(lines[-1].split()[1::2]) == hints
        await press(pilot, "question_mark")
        assert "この画面のキー" in screen_text(app)
        await press(pilot, "escape", "colon")
        assert "コマンドを検索…" in screen_text(app)


async def test_in_japanese_the_start_page_is_japanese() -> None:
    def fail(source: Source, progress: Callable[[Progress], None], cancelled: Callable[[], bool]) -> Desk:
        raise CloudError("There are no AWS credentials.", "")

    app = AdvisorApp(Source(lang="ja"), fail)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "デモアカウント" in screen_text(app)
        assert "Demo account" not in screen_text(app)
