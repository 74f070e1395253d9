"""Every cause that can be seen has three scenes: ready, blocked by exactly this, unknown without its data."""

from __future__ import annotations

import msgspec
import pytest

from advisor.methods.answer import Certainty
from advisor.methods.assessment import MethodAssessment, MethodId
from advisor.methods.options import Options
from tests.methods import stories_entry, stories_identity, stories_instance, stories_path, stories_session
from tests.methods.stages import BOOK, HYBRID, Stage
from tests.methods.stories import BLOCKED, READY, STORIES, SYMPTOMS, UNKNOWN, Story

TOLD = (stories_entry, stories_identity, stories_instance, stories_path, stories_session)
ALL = pytest.mark.parametrize("told", STORIES.values(), ids=STORIES.keys())


def _options(told: Story, stage: Stage) -> Options:
    return told.options or stage.options


def causes(method: MethodAssessment) -> set[str]:
    return {each.cause for each in method.blockers}


@ALL
def test_it_is_ready_while_nothing_is_broken(told: Story) -> None:
    stage = told.stage()
    method = stage.method(told.method)
    assert (method.verdict, causes(method)) == (READY, set())
    assert told.cause not in {each.cause for each in method.notes}


@ALL
def test_it_is_ready_by_the_configuration_alone(told: Story) -> None:
    """The same without believing any observation: the model itself must come to READY."""
    stage = told.stage()
    method = stage.method(told.method, msgspec.structs.replace(stage.options, hypothetical=True))
    assert (method.verdict, causes(method)) == (READY, set())


@ALL
def test_the_fault_and_nothing_else_is_found(told: Story) -> None:
    stage = told.stage()
    told.breaks(stage)
    if told.silent:
        stage.silence()
    if told.lost:
        stage.lose()
    method = stage.method(told.method, _options(told, stage))
    if told.becomes is READY:
        assert (method.verdict, causes(method)) == (READY, set())
        assert told.cause in {each.cause for each in method.notes}
        return
    expected = BLOCKED if told.silent or told.lost else told.becomes
    own = causes(method) - SYMPTOMS if told.cause not in SYMPTOMS else causes(method)
    if told.beside:
        assert (method.verdict, own) == (expected, told.also)
        assert told.cause in {each.cause for each in method.notes}
        return
    assert (method.verdict, own) == (expected, {told.cause} | told.also)
    found = next(each for each in method.blockers if each.cause == told.cause)
    assert (found.certainty is Certainty.CERTAIN) is (told.becomes is BLOCKED)
    assert found.evidence or found.code or not told.hide, "a finding says what it was seen by"


@pytest.mark.parametrize(
    "told",
    [told for told in STORIES.values() if told.hide],
    ids=[n for n, told in STORIES.items() if told.hide],
)
def test_without_its_data_it_is_unknown(told: Story) -> None:
    stage = told.stage()
    stage.hide(*told.hide)
    if told.becomes is READY:
        method = stage.method(told.method, _options(told, stage))
        assert told.cause not in {each.cause for each in method.notes}
        return
    is_seen_otherwise = stage.target == HYBRID or "ec2:DescribeInstances" in told.hide
    if told.method is MethodId.SESSION_MANAGER and not is_seen_otherwise:
        # An agent that pings proves more than the configuration: the story asks what is known without.
        stage.hide("ssm:DescribeInstanceInformation")
    method = stage.method(told.method, _options(told, stage))
    assert method.verdict is UNKNOWN
    assert {each.partition("#")[0] for each in told.hide} <= {each.operation for each in method.missing}


UNSEEN = {
    "eice-concurrency": "AWS has no call that counts open tunnels",
    "eic-key-expired": "a key lives for 60 seconds after the moment at which it is pushed",
    "kex-closed-by-remote": "the text of a client whose session failed; advisor why leads to the causes",
    "plugin-old": "seen by advisor doctor only; tested there",
}
"""Causes that are certain or likely once seen, but that no describe call shows."""
OF_CODES = frozenset(
    {
        "bastion-balancer",
        "component-not-functional",
        "data-contradictory",
        "data-missing",
        "egress-only-gateway",
        "interface-without-address",
        "network-acl-blocks",
        "no-route-to-destination",
        "other-route-wins",
        "protocol-not-carried",
        "return-path-asymmetric",
        "security-group-blocks",
        "security-group-reference-not-kept",
        "vpce-missing",
        "vpn-path-broken",
    }
)
"""Causes in words for the network's codes, where no cause of a method says it better (test_blockers)."""


def test_every_cause_that_can_be_seen_has_its_story() -> None:
    seen = {cause.id for cause in BOOK.causes.values() if cause.certainty != "invisible"}
    told = {story.cause for story in STORIES.values()}
    assert seen - told - UNSEEN.keys() - OF_CODES == set()
    assert told - BOOK.causes.keys() == set()
    assert UNSEEN.keys() & told == set()


def test_what_cannot_be_seen_comes_with_commands_to_run_by_hand() -> None:
    assert all(cause.by_hand for cause in BOOK.causes.values() if cause.certainty == "invisible")


def test_causes_that_never_block_are_told_as_notes() -> None:
    harmless = {cause.id for cause in BOOK.causes.values() if cause.effect in ("information", "risk")}
    blocking = {story.cause for story in STORIES.values() if story.becomes is not READY and not story.beside}
    assert harmless & blocking == set()
