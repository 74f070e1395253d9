"""What the engine's desk says about the demo account, in both languages."""

from __future__ import annotations

from functools import cache

import pytest

from advisor.methods.assessment import TargetAssessment
from advisor.model.verdict import READY, UNKNOWN
from advisor.tui.desk import Desk, Source
from advisor.tui.engine_open import open_source


@cache
def desk(lang: str = "en") -> Desk:
    return open_source(Source("demo", lang=lang), lambda progress: None, lambda: False)


def named(name: str, lang: str = "en") -> TargetAssessment:
    return next(each for each in desk(lang).assessment.targets if each.target.name == name)


def test_a_plan_without_what_was_left_out_does_not_blame_the_api() -> None:
    whole = desk().plan((named("edge-bastion-2"),), None, frozenset())
    assert whole.title.startswith("1 change for edge-bastion-2")
    left = desk().plan((named("edge-bastion-2"),), None, frozenset({whole.steps[0].key}))
    assert not left.verified
    assert left.title == "without what you left out, no change makes it ready"
    assert [each.included for each in left.steps] == [False]


def test_nothing_to_change_is_not_called_unproved_change() -> None:
    view = desk().plan((named("web-1"),), None, frozenset())
    assert view.verified
    assert view.title == "ready already, nothing to change"
    assert view.status == "Nothing stands in the way."


def test_in_japanese_the_plan_speaks_japanese() -> None:
    view = desk("ja").plan((named("edge-bastion-2", "ja"),), None, frozenset())
    assert view.title == "edge-bastion-2 (i-05a54b8dbffada5ae) に変更1件"
    assert "検証済み" in view.status
    assert view.steps[0].risk == "低"
    assert any("✗ 不可 → ✓ 可能" in each for each in view.before_after)


def test_a_target_whose_ways_are_unknown_is_not_said_to_have_none() -> None:
    (title, lines), *_ = desk().ways()
    assert title == "No known way in"
    unknown = {
        each.target.id
        for each in desk().assessment.targets
        if not any(one.verdict is READY for one in each.methods)
        and any(one.verdict is UNKNOWN for one in each.methods)
    }
    assert {line.targets[0] for line in lines if "not known:" in line.detail} == unknown


@pytest.mark.parametrize("english", ["every method is blocked", "targets have no way in", "by it alone"])
def test_in_japanese_the_ways_speak_japanese(english: str) -> None:
    text = "\n".join(f"{title} {line.detail}" for title, lines in desk("ja").ways() for line in lines)
    assert english not in text
