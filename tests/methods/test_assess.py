"""The assessment of an estate: every target by every method, shared where nothing differs."""

from __future__ import annotations

from advisor.methods.answer import bound
from advisor.methods.assess import assess
from advisor.methods.assessment import MethodId
from advisor.model.evidence import SELF
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from tests.methods.stages import BOOK, isolated, on_premises
from tests.methods.stories import SESSION
from tests.scenes.builder import Scene


def test_every_target_is_assessed_by_every_method_in_order() -> None:
    found = assess(isolated().scene.estate(), BOOK)
    assert [[method.method for method in each.methods] for each in found.targets] == [list(MethodId)]
    assert (found.accounts, found.regions) == (("111122223333",), ("us-east-1",))


def test_calls_that_did_not_succeed_are_in_the_report() -> None:
    scene = isolated().scene
    scene.deny("ec2:DescribeNetworkAcls")
    (gap, *_) = [g for g in assess(scene.estate(), BOOK).gaps if g.operation == "ec2:DescribeNetworkAcls"]
    assert (gap.account, gap.region, gap.status, gap.code) == (
        "111122223333",
        "us-east-1",
        "denied",
        "UnauthorizedOperation",
    )


def test_targets_can_be_chosen_by_id_or_by_a_question() -> None:
    stage = isolated()
    other = stage.subnet.instance(groups=[stage.web], name="other")
    estate = stage.scene.estate()
    assert [each.target.id for each in assess(estate, BOOK, only={other.id}).targets] == [other.id]
    named = assess(estate, BOOK, only=lambda target: target.name == "other")
    assert [each.target.id for each in named.targets] == [other.id]


def test_targets_that_are_alike_share_their_assessments() -> None:
    stage = isolated()
    twin = stage.subnet.instance(groups=[stage.web], profile=stage.role, key="team")
    stage.scene.node(twin)
    first, second = assess(stage.scene.estate(), BOOK).targets
    assert first.target.id != second.target.id
    assert all(a is b for a, b in zip(first.methods, second.methods, strict=True))


def test_shared_assessments_name_no_target_but_themselves() -> None:
    stage = isolated()
    stage.door.record["IpPermissions"] = []
    stage.silence()
    twin = stage.subnet.instance(groups=[stage.web], profile=stage.role, key="team")
    for target in assess(stage.scene.estate(), BOOK).targets:
        for method in target.methods:
            shown = repr((method.blockers, method.missing, method.notes, method.evidence))
            assert stage.instance.id not in shown and twin.id not in shown
            mine = repr(bound(method, target.target.id))
            assert SELF not in mine


def test_targets_that_differ_in_one_fact_do_not_share_what_hangs_on_it() -> None:
    stage = isolated()
    closed = stage.vpc.group("closed", egress=[])
    stage.scene.node(stage.subnet.instance(groups=[closed], profile=stage.role, key="team"))
    first, second = assess(stage.scene.estate(), BOOK).targets
    assert (first.method(SESSION).verdict, second.method(SESSION).verdict) == (READY, UNKNOWN)


def test_equal_ids_of_two_accounts_are_two_targets_with_their_own_verdicts() -> None:
    stage = isolated()
    there = stage.scene.at("444455556666")
    subnet = there.vpc("10.0.0.0/16").subnet("10.0.1.0/24")
    subnet.instance(id=stage.instance.id)
    found = assess(stage.scene.estate(), BOOK)
    assert [(each.target.account, each.method(SESSION).verdict) for each in found.targets] == [
        ("111122223333", READY),
        ("444455556666", BLOCKED),
    ]


def test_hybrid_nodes_have_sessions_and_nothing_else() -> None:
    assessed = on_premises().assessed()
    verdicts = {each.method: each.verdict for each in assessed.methods}
    assert verdicts.pop(SESSION) is READY
    assert set(verdicts.values()) == {BLOCKED}
    others = [each for each in assessed.methods if each.method is not SESSION]
    assert all({b.cause for b in each.blockers} >= {"hybrid-not-applicable"} for each in others)
    assert all(each.missing == () for each in others)


def test_an_empty_estate_has_no_targets() -> None:
    assert assess(Scene().estate(), BOOK).targets == ()


def test_a_ready_verdict_always_stands_on_evidence() -> None:
    for stage in (isolated(), on_premises()):
        for method in stage.assessed().methods:
            if method.verdict is READY:
                assert method.evidence
