"""The break-glass view tells who has no second way in, and what would cut several off at once."""

from __future__ import annotations

import msgspec

from advisor.methods.assessment import Assessment, MethodId, TargetAssessment
from advisor.model.verdict import READY
from advisor.report.ways import ways, zones_in
from tests.scenes.builder import Scene
from tests.tui import sample


def no_zones(account: str, region: str, id: str) -> str | None:
    return None


def fleet(*targets: TargetAssessment) -> Assessment:
    return msgspec.structs.replace(sample.ASSESSMENT, targets=targets)


def only(name: str, method: MethodId, via: str | None) -> TargetAssessment:
    ready = sample.method(method, READY, via=via)
    return sample.assessed(sample.target(f"i-{name}", name), ready)


def test_targets_without_any_and_with_one_way_are_listed() -> None:
    view = ways(sample.ASSESSMENT, no_zones)
    assert [each.targets[0] for each in view.none] == [sample.BLOCKED_ONE, sample.UNSEEN, sample.CUT_OFF]
    assert [each.targets[0] for each in view.one] == [sample.WINDOWS, sample.HYBRID]
    assert view.one[0].detail == f"Instance Connect Endpoint through {sample.EICE}"


def test_a_stopped_target_and_an_unknown_one_are_told_apart_from_a_shut_one() -> None:
    details = {each.targets[0]: each.detail for each in ways(sample.ASSESSMENT, no_zones).none}
    assert details[sample.BLOCKED_ONE] == "no way in"
    assert details[sample.CUT_OFF] == "stopped; no way in"
    assert details[sample.UNSEEN] == "not known to be ready: Session Manager"


def test_an_endpoint_that_is_the_only_way_of_two_targets_fails_them_together() -> None:
    one = only("a", MethodId.INSTANCE_CONNECT_ENDPOINT, "eice-1")
    two = only("b", MethodId.INSTANCE_CONNECT_ENDPOINT, "eice-1")
    view = ways(fleet(one, two), no_zones)
    assert [(each.title, each.targets) for each in view.together] == [("eice-1", ("i-a", "i-b"))]


def test_a_second_way_that_does_not_need_the_endpoint_is_a_way_out() -> None:
    both = sample.assessed(
        sample.target("i-a", "a"),
        sample.method(MethodId.INSTANCE_CONNECT_ENDPOINT, READY, via="eice-1"),
        sample.method(MethodId.SERIAL_CONSOLE, READY),
    )
    two = only("b", MethodId.INSTANCE_CONNECT_ENDPOINT, "eice-1")
    assert ways(fleet(both, two), no_zones).together == ()


def test_a_gateway_on_the_path_counts_as_well_as_what_the_method_goes_through() -> None:
    through_nat = sample.assessed(sample.target("i-a", "a"), sample.READY_SSM)
    again = sample.assessed(sample.target("i-b", "b"), sample.READY_SSM)
    titles = {each.title for each in ways(fleet(through_nat, again), no_zones).together}
    assert titles == {"nat-0e1", "igw-0f1"}


def test_different_things_in_one_zone_fail_together_when_the_zone_does() -> None:
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16")
    subnet = vpc.subnet("10.0.1.0/24")
    bastions = [subnet.instance(), subnet.instance()]
    targets = [only(str(at), MethodId.BASTION, each.id) for at, each in enumerate(bastions)]
    view = ways(fleet(*targets), zones_in(scene.estate()))
    assert view.together == ()
    assert [each.title for each in view.zones] == ["us-east-1a"]
