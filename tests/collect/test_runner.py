from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from advisor.collect.operations import OPERATIONS, Asked
from advisor.collect.runner import Progress, collect
from advisor.collect.session import Session, open_session
from advisor.model.coverage import Status
from advisor.model.estate import Estate
from advisor.model.responses import Responses
from advisor.model.scope import FAMILIES, Scope
from advisor.snapshot.store import Snapshot
from tests.collect.conftest import Opener, small_account
from tests.collect.settled import settled
from tests.fakeaws.app import FakeAws
from tests.fakeaws.wire import AwsError
from tests.scenes.builder import CORE, Scene


def by_operation(snapshot: Snapshot) -> dict[str, Responses]:
    return {each.operation: each for each in snapshot.responses}


def test_the_account_comes_back_as_the_scene_has_it(scene: Scene, opened: Opener) -> None:
    estate = collect(opened()).estate()
    here, there = estate.scope("111122223333", "us-east-1"), scene.estate().scope("111122223333", "us-east-1")
    for family in FAMILIES.values():
        if not family.is_global and family.operation != "ec2:DescribeSecurityGroupRules":
            ours, theirs = family.__get__(here, Scope), family.__get__(there, Scope)
            assert settled(msgspec.to_builtins(dict(ours))) == settled(msgspec.to_builtins(dict(theirs)))
            if family.operation != "logs:DescribeLogGroups":  # sessions are not logged: nobody asks
                assert ours.coverage == theirs.coverage, family.operation
    assert list(estate.gaps()) == []
    assert estate.warnings == ()


def test_a_collection_never_writes(opened: Opener, aws: FakeAws) -> None:
    collect(opened())
    assert len(aws.calls) > 50
    assert aws.writing() == []


def test_what_was_asked_about_stands_beside_answers_that_do_not_say(opened: Opener) -> None:
    lists = by_operation(collect(opened()))["ec2:GetManagedPrefixListEntries"]
    (record,) = msgspec.json.decode(lists.records)
    assert record["PrefixListId"].startswith("pl-")
    assert record["Entries"]


def test_several_regions_are_read_and_global_services_once(
    scene: Scene, opened: Opener, aws: FakeAws
) -> None:
    scene.at(region="eu-west-1").vpc("10.9.0.0/16")
    snapshot = collect(opened("us-east-1", "eu-west-1"))
    assert sorted(snapshot.estate().regions) == ["eu-west-1", "us-east-1"]
    assert sum(call.name == "iam:GetAccountAuthorizationDetails" for call in aws.calls) == 1
    zones = by_operation(snapshot)["route53:ListHostedZonesByVPC"]
    assert len(msgspec.json.decode(zones.records)) == 2, "private zones of the VPCs of both Regions"


@pytest.fixture(scope="module")
def lasting() -> Iterator[tuple[FakeAws, Session]]:
    """One fake AWS and session for the many tests that only change what is denied."""
    with pytest.MonkeyPatch.context() as patch, FakeAws.of(small_account()) as aws:
        for name, value in aws.environment.items():
            patch.setenv(name, value)
        session = open_session(regions=["us-east-1"], endpoint_url=aws.url)
        yield aws, session
        session.close()


@pytest.mark.parametrize("operation", [row.name for row in OPERATIONS if row.asked is not Asked.TARGET])
def test_the_denial_of_any_call_is_coverage_and_no_crash(
    lasting: tuple[FakeAws, Session], operation: str
) -> None:
    aws, session = lasting
    aws.rules.denied = {operation: None}
    asked_before = len(aws.calls)
    snapshot = collect(session)
    was_asked = any(call.name == operation for call in aws.calls[asked_before:])
    found = by_operation(snapshot).get(operation)
    if not was_asked:
        assert found is None, "what was never asked does not look as if it had been"
        return
    assert found is not None
    assert found.status == "denied"
    assert found.code in ("UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "403")
    scope = snapshot.estate().scope(found.account, found.region)
    assert scope.tables[operation].coverage.status is Status.DENIED
    assert not scope.tables[operation].complete


def test_denied_authorization_details_are_made_up_for_role_by_role(opened: Opener, aws: FakeAws) -> None:
    session = opened()
    aws.rules.deny("iam:GetAccountAuthorizationDetails")
    scope = collect(session).estate().global_scope("111122223333")
    assert "ssm" in scope.roles
    assert scope.role_attached_policies["ssm"].attached_policies[0].policy_name == CORE
    (version,) = scope.policy_versions.values()
    assert isinstance(version.policy_version.document, dict)
    assert "ssm" in scope.instance_profiles


def test_with_authorization_details_no_role_is_asked_for(opened: Opener, aws: FakeAws) -> None:
    collect(opened())
    assert not [call.name for call in aws.calls if call.name.startswith("iam:") and "Role" in call.operation]


def test_a_profile_without_role_is_found_nevertheless(scene: Scene, opened: Opener) -> None:
    scene.instance_profile("empty")
    vpc = scene.vpc("10.7.0.0/16")
    vpc.subnet("10.7.0.0/24").instance(profile="empty")
    vpc.subnet("10.7.1.0/24").instance(profile="deleted")
    profiles = collect(opened()).estate().global_scope("111122223333").instance_profiles
    assert profiles["empty"].instance_profile.roles == ()
    missing = profiles.find("deleted")
    assert (missing.status, missing.code) == ("failed", "NoSuchEntity")  # type: ignore[union-attr]


def test_absent_preferences_are_a_gap_of_that_document(opened: Opener, scene: Scene) -> None:
    scene.place.records["ssm:GetDocument"].clear()
    scene.fail("ssm:GetDocument", "InvalidDocument", resource="SSM-SessionManagerRunShell")
    (gap,) = by_operation(collect(opened()))["ssm:GetDocument"].gaps
    assert (gap.resource, gap.status, gap.code) == ("SSM-SessionManagerRunShell", "failed", "InvalidDocument")


def test_a_list_that_may_not_be_read_leaves_the_others(scene: Scene, opened: Opener) -> None:
    vpc = scene.vpc("10.8.0.0/16")
    readable, secret = scene.prefix_list("192.0.2.0/24"), scene.prefix_list("192.0.2.0/24")
    vpc.main.route(readable, "igw-0abc").route(secret, "igw-0abc")
    scene.place.records["ec2:GetManagedPrefixListEntries"][:] = [
        each
        for each in scene.place.records["ec2:GetManagedPrefixListEntries"]
        if each["PrefixListId"] != secret.id
    ]
    scene.deny("ec2:GetManagedPrefixListEntries", resource=secret.id)
    lists = collect(opened()).estate().scope("111122223333", "us-east-1").prefix_list_entries
    assert readable.id in lists
    assert lists.find(secret.id).status == "denied"  # type: ignore[union-attr]


def test_pages_are_followed_to_the_end(scene: Scene, opened: Opener, aws: FakeAws) -> None:
    subnet = scene.vpc("10.6.0.0/16").subnet("10.6.0.0/20")
    for _ in range(60):
        scene.node(subnet.instance())
    nodes = by_operation(collect(opened()))["ssm:DescribeInstanceInformation"]
    assert len(msgspec.json.decode(nodes.records)) == 61
    assert sum(call.operation == "DescribeInstanceInformation" for call in aws.calls) == 2


def test_a_chain_that_breaks_keeps_its_first_pages_and_says_so(
    scene: Scene, opened: Opener, aws: FakeAws
) -> None:
    subnet = scene.vpc("10.6.0.0/16").subnet("10.6.0.0/20")
    for _ in range(60):
        scene.node(subnet.instance())
    session = opened()
    served = 0
    check = aws.rules.check

    def second_page_fails(call: object) -> None:
        nonlocal served
        if getattr(call, "operation", "") == "DescribeInstanceInformation":
            served += 1
            if served > 1:
                aws.rules.deny("ssm:DescribeInstanceInformation")
        check(call)  # type: ignore[arg-type]

    aws.rules.check = second_page_fails  # type: ignore[method-assign]
    nodes = by_operation(collect(session))["ssm:DescribeInstanceInformation"]
    assert nodes.status == "denied"
    assert len(msgspec.json.decode(nodes.records)) == 50


def test_the_first_pages_of_a_single_record_are_no_record(
    scene: Scene, opened: Opener, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = [f"192.0.2.{number}/32" for number in range(150)]
    many, few = scene.prefix_list(*blocks), scene.prefix_list("198.51.100.0/24")
    scene.vpc("10.8.0.0/16").main.route(many, "igw-0abc").route(few, "igw-0abc")
    session = opened()
    check = aws.rules.check

    def second_page_fails(call: Any) -> None:
        check(call)
        if call.name == "ec2:GetManagedPrefixListEntries" and "NextToken" in call.parameters:
            raise AwsError("InternalError", "It failed on purpose.", 400)

    monkeypatch.setattr(aws.rules, "check", second_page_fails)
    lists = collect(session).estate().scope("111122223333", "us-east-1").prefix_list_entries
    assert few.id in lists
    assert many.id not in lists
    missing = lists.missing(many.id)
    assert (missing.status, missing.code) == ("failed", "InternalError")


def test_more_routes_than_an_answer_may_hold_are_a_gap(
    opened: Opener, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened()
    plain = aws._answer

    def cut(call: Any, body: bytes) -> Any:
        found = plain(call, body)
        if found is None or call.operation != "SearchTransitGatewayRoutes":
            return found
        status, headers, content = found
        return status, headers, content.replace(b"Available>false", b"Available>true")

    monkeypatch.setattr(aws, "_answer", cut)
    (table,) = by_operation(collect(session))["ec2:SearchTransitGatewayRoutes"].gaps
    assert table.status == "truncated"


def test_a_page_of_a_proxy_is_no_empty_list(
    opened: Opener, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened()
    plain = aws._answer

    def intercepted(call: Any, body: bytes) -> Any:
        if call.operation in ("DescribeNatGateways", "DescribeActivations", "GetAccountAuthorizationDetails"):
            return 200, [("Content-Type", "text/html")], b"<html><body>Sign in</body></html>"
        return plain(call, body)

    monkeypatch.setattr(aws, "_answer", intercepted)
    found = by_operation(collect(session))
    for operation in ("ec2:DescribeNatGateways", "ssm:DescribeActivations"):
        assert (found[operation].status, found[operation].code) == ("failed", "ResponseParserError")
    assert found["iam:GetAccountAuthorizationDetails"].status == "failed"


def test_a_defect_in_a_call_ends_the_collection_and_does_not_hang_it(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened()
    monkeypatch.setattr("advisor.collect.asking._bare", lambda page: 1 / 0)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    with pytest.raises(RuntimeError, match="ended without an answer"):
        collect(session)


def test_no_call_that_hangs_keeps_the_process_from_ending(opened: Opener, aws: FakeAws) -> None:
    session = opened()
    aws.rules.latency = 1
    stop = threading.Event()
    collect(session, progress=lambda _: stop.set(), cancelled=stop.is_set)
    under_way = [each for each in threading.enumerate() if each.name.startswith("collect")]
    assert under_way
    assert all(each.daemon for each in under_way)


def test_throttled_calls_are_tried_again(opened: Opener, aws: FakeAws) -> None:
    session = opened()
    aws.rules.fail("ec2:DescribeVpcs", "RequestLimitExceeded", 503, times=2)
    seen: list[Progress] = []
    snapshot = collect(session, progress=seen.append)
    assert by_operation(snapshot)["ec2:DescribeVpcs"].status == "ok"
    assert seen[-1].retries >= 2


def test_an_account_that_throttles_is_read_whole_nevertheless(opened: Opener, aws: FakeAws) -> None:
    session = opened()
    aws.rules.throttle(rate=40, burst=5)
    seen: list[Progress] = []
    snapshot = collect(session, progress=seen.append)
    assert seen[-1].retries > 0, "a slower bucket than this test needs would prove nothing"
    assert {each.status for each in snapshot.responses} == {"ok"}


def test_a_call_that_keeps_failing_is_failed_with_its_code(opened: Opener, aws: FakeAws) -> None:
    session = opened()
    aws.rules.fail("ec2:DescribeVpnGateways", "InvalidAction", 400)
    failed = by_operation(collect(session))["ec2:DescribeVpnGateways"]
    assert (failed.status, failed.code) == ("failed", "InvalidAction")
    assert failed.message == "It failed on purpose."


def test_credentials_that_expire_half_way_keep_what_was_read(opened: Opener, aws: FakeAws) -> None:
    session = opened()
    asked = 0
    check = aws.rules.check

    def expire(call: object) -> None:
        nonlocal asked
        asked += 1
        aws.rules.expired = asked > 20
        check(call)  # type: ignore[arg-type]

    aws.rules.check = expire  # type: ignore[method-assign]
    snapshot = collect(session)
    codes = {each.code for each in snapshot.responses if each.status == "failed"}
    assert codes <= {"RequestExpired", "ExpiredToken", "ExpiredTokenException"}
    assert codes
    assert any(each.status == "ok" for each in snapshot.responses)


def test_progress_counts_to_the_end_and_names_what_it_asked(opened: Opener, aws: FakeAws) -> None:
    session = opened()
    aws.rules.deny("ec2:DescribeVpnGateways")
    seen: list[Progress] = []
    collect(session, progress=seen.append)
    assert [each.done for each in seen] == list(range(1, len(seen) + 1))
    assert seen[-1].done == seen[-1].total
    assert seen[-1].failed == 1
    assert any(each.what == "ec2:DescribeVpcs us-east-1" for each in seen)


def test_progress_is_told_in_the_thread_that_collects(opened: Opener) -> None:
    threads: set[int] = set()
    collect(opened(), progress=lambda _: threads.add(threading.get_ident()))
    assert threads == {threading.get_ident()}


def test_cancelled_it_returns_what_it_has_at_once(opened: Opener, aws: FakeAws) -> None:
    session = opened()
    done: list[Progress] = []
    started = time.monotonic()
    aws.rules.latency = 0.05
    snapshot = collect(session, progress=done.append, cancelled=lambda: len(done) >= 5)
    assert time.monotonic() - started < 5
    assert snapshot.responses
    assert len(snapshot.responses) < 30
    whole = [row.name for row in OPERATIONS if row.asked is not Asked.TARGET]
    assert {each.operation for each in snapshot.responses} < set(whole)
    aws.rules.latency = 0
    assert len(collect(session).responses) > 50, "the session can be used again"


def test_a_cancelled_chain_is_truncated_and_not_complete(scene: Scene, opened: Opener, aws: FakeAws) -> None:
    subnet = scene.vpc("10.6.0.0/16").subnet("10.6.0.0/20")
    for _ in range(120):
        scene.node(subnet.instance())
    session = opened()
    aws.rules.latency = 0.02
    stop = threading.Event()
    check = aws.rules.check

    def notice(call: object) -> None:
        if getattr(call, "operation", "") == "DescribeInstanceInformation":
            stop.set()
        check(call)  # type: ignore[arg-type]

    aws.rules.check = notice  # type: ignore[method-assign]
    snapshot = collect(session, cancelled=stop.is_set)
    nodes = by_operation(snapshot).get("ssm:DescribeInstanceInformation")
    assert nodes is None or nodes.status == "truncated"


def test_a_service_that_nobody_offers_here_is_failed_quickly(opened: Opener, aws: FakeAws) -> None:
    session = opened()
    nowhere = opened()
    nowhere.endpoint_url = "http://127.0.0.1:9"
    session._clients["rds", "us-east-1"] = nowhere.client("rds", "us-east-1")
    started = time.monotonic()
    failed = by_operation(collect(session))["rds:DescribeDBInstances"]
    assert (failed.status, failed.code) == ("failed", "EndpointConnectionError")
    assert time.monotonic() - started < 15, "it does not spend the whole retry budget"


def test_estates_of_trimmed_and_of_whole_answers_are_equal(opened: Opener) -> None:
    trimmed, whole = collect(opened()), collect(opened(whole=True))
    assert _rows(trimmed.estate()) == _rows(whole.estate())
    size = sum(len(bytes(each.records)) for each in trimmed.responses)
    assert size < sum(len(bytes(each.records)) for each in whole.responses)


def _rows(estate: Estate) -> dict[tuple[str, str, str], object]:
    return {
        (*place, operation): (settled(msgspec.to_builtins(dict(table))), table.coverage)
        for place, scope in estate.scopes.items()
        for operation, table in scope.tables.items()
    }
