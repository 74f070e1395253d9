"""Rows say what the assessment says, for people, and nothing of the account can break out of them."""

from __future__ import annotations

import msgspec

from advisor.methods.assessment import MethodId, Recommendation
from advisor.model.evidence import SELF, Missing
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.network.trace import Direction
from advisor.report.hops import drawn, flow_text, path_lines
from advisor.report.rows import (
    METHODS,
    CauseText,
    fleet_row,
    fleet_rows,
    has_problem,
    mark,
    method_counts,
    method_rows,
    missing_text,
    path_mark,
)
from tests.tui import sample


def test_a_fleet_row_shows_each_method_with_glyph_and_word() -> None:
    row = fleet_row(sample.named("web-01"))
    shown = {method: each.text for method, each in zip(METHODS, row.marks, strict=True)}
    assert shown[MethodId.SESSION_MANAGER] == "✓ ready"
    assert shown[MethodId.BASTION] == "✗ blocked"
    assert (row.advice.text, row.advice_text) == ("✓ ready", "use Session Manager")


def test_an_unknown_is_never_shown_as_ready_or_blocked() -> None:
    row = fleet_row(sample.named("batch-03"))
    assert row.marks[0].text == "? unknown"
    assert row.advice_text == "try Session Manager"


def test_a_method_that_was_not_assessed_has_its_own_mark() -> None:
    row = fleet_row(sample.named("shop-till"))
    assert [each.word for each in row.marks] == ["ready", "n/a", "n/a", "n/a", "n/a", "n/a"]
    assert row.vpc == ""


def test_the_three_verdicts_differ_in_glyph_and_in_word() -> None:
    marks = [mark(verdict) for verdict in (READY, BLOCKED, UNKNOWN, None)]
    assert len({each.glyph for each in marks}) == 4
    assert len({each.word for each in marks}) == 4
    assert path_mark(READY).word == "reachable"


def test_a_blocked_target_is_told_what_to_repair_and_a_hopeless_one_that_there_is_no_way() -> None:
    assert fleet_row(sample.named("app-02")).advice_text == "fix Session Manager"
    assert fleet_row(sample.named("old [bold]db")).advice_text == "no way in"


def test_what_to_repair_beside_an_emergency_way_is_left_out_where_it_has_no_room() -> None:
    target = sample.named("web-01")
    advised = Recommendation(MethodId.SESSION_MANAGER, READY, (), (), MethodId.BASTION)
    row = fleet_row(msgspec.structs.replace(target, recommended=advised))
    assert row.advice_text == "use Session Manager, fix Bastion"
    assert (row.advice_short, row.advice_brief) == ("use SSM, fix Bastion", "use SSM")


def test_a_name_with_control_characters_and_direction_overrides_is_made_plain() -> None:
    hostile = msgspec.structs.replace(
        sample.named("web-01").target, name="web\x1b[31m\n01\u202e", subnet="subnet\x07"
    )
    row = fleet_row(msgspec.structs.replace(sample.named("web-01"), target=hostile))
    assert row.name == "web[31m 01"
    assert row.subnet == "subnet"


def test_only_targets_without_any_ready_method_are_problems() -> None:
    problems = {each.target.name for each in sample.TARGETS if has_problem(each)}
    assert problems == {"app-02", "batch-03", "old [bold]db"}


def test_counts_add_up_to_the_targets_that_were_assessed() -> None:
    counts = {each.method: each for each in method_counts(sample.ASSESSMENT)}
    session = counts[MethodId.SESSION_MANAGER]
    assert (session.ready, session.blocked, session.unknown) == (2, 3, 1)
    bastion = counts[MethodId.BASTION]
    assert bastion.ready + bastion.blocked + bastion.unknown == 5  # the hybrid node has none
    assert len(fleet_rows(sample.ASSESSMENT)) == len(sample.TARGETS)


def test_a_blocker_names_the_target_itself_where_the_class_says_self() -> None:
    row = method_rows(sample.named("app-02"))[0]
    blocker = row.blockers[0]
    assert sample.BLOCKED_ONE in blocker.says
    assert SELF not in str(row)
    assert blocker.direction == "forward"
    assert blocker.evidence[0].operation == "ec2:DescribeSecurityGroups"


def test_titles_come_from_the_rulebook_and_a_cause_without_text_stays_readable() -> None:
    def causes(cause: str) -> CauseText:
        return CauseText(f"title of {cause}", "meaning", "remedy")

    with_texts = method_rows(sample.named("app-02"), causes)[0]
    assert with_texts.summary == "title of vpce-sg-blocks-443"
    assert with_texts.blockers[0].remedy == "remedy"
    assert method_rows(sample.named("app-02"))[0].summary == "vpce sg blocks 443"


def test_an_unknown_methods_summary_names_the_call_that_was_denied() -> None:
    row = method_rows(sample.named("batch-03"))[0]
    assert row.summary == "iam:GetInstanceProfile was denied (AccessDenied) for web-role"


def test_missing_data_names_operation_status_and_resource() -> None:
    not_asked = Missing("ssm:GetConnectionStatus", "not-asked", resource=SELF)
    assert missing_text(not_asked, "i-1") == "ssm:GetConnectionStatus was not asked for i-1"
    told = Missing("ec2:DescribeSubnets", "absent", None, "subnet-1", "route table unknown")
    assert missing_text(told) == "ec2:DescribeSubnets does not name subnet-1: route table unknown"


def test_what_only_the_person_can_tell_is_not_called_a_call() -> None:
    asked = Missing("operator-address", "not-asked", says="say where you connect from")
    assert missing_text(asked) == "the operator address is not known: say where you connect from"


def test_the_recommended_method_is_marked_among_the_rows() -> None:
    rows = method_rows(sample.named("web-01"))
    assert [row.method for row in rows if row.recommended] == [MethodId.SESSION_MANAGER]


def test_the_path_stops_at_its_first_blocker_and_hops_after_it_are_not_reached() -> None:
    path = path_lines(sample.STOPPED_TRACE, sample.BLOCKED_ONE)
    stops = [line for line in path.forward if line.stops]
    assert [line.id for line in stops] == [sample.ENDPOINT_GROUP]
    assert [line.reached for line in path.forward] == [True, True, True, True, False]
    assert not any(line.reached for line in path.returning)
    assert path.forward[0].id == sample.BLOCKED_ONE


def test_a_passing_path_is_reached_both_ways() -> None:
    path = path_lines(sample.PASSING_TRACE, sample.HEALTHY)
    assert all(line.reached for line in path.forward + path.returning)
    assert {line.direction for line in path.returning} == {Direction.RETURN}
    assert path.mark.word == "ready"


def test_the_flow_is_said_in_one_line() -> None:
    assert flow_text(sample.flow_to_ssm(), "i-1") == "i-1 → ssm service · tcp/443"


def test_a_drawing_shows_every_hop_and_says_where_it_stops() -> None:
    drawing = drawn(path_lines(sample.STOPPED_TRACE, sample.BLOCKED_ONE).forward)
    stop = next(line for line in drawing if "stops here" in line)
    assert stop.startswith(f"✗ security group {sample.ENDPOINT_GROUP}")
    assert drawing[-2] == "╎"  # what follows was not reached
