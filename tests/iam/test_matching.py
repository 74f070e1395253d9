"""Wildcards, case and policy variables of actions and resources."""

from __future__ import annotations

import pytest

from advisor.iam.context import EMPTY, Context
from advisor.iam.documents import Patterns
from advisor.iam.matching import MAYBE, NO, YES, matches_action, matches_resource
from advisor.model.verdict import Verdict
from tests.growth import growth

INSTANCE = "arn:aws:ec2:us-east-1:111122223333:instance/i-0abc"
ALICE = Context.of({"aws:username": "alice", "aws:PrincipalTag/team": "red"}, closed=["aws:PrincipalTag/"])


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("*", "ssm:StartSession", YES),
        ("ssm:*", "ssm:StartSession", YES),
        ("SSM:startsession", "ssm:StartSession", YES),
        ("ssm:Start?ession", "ssm:StartSession", YES),
        ("ssm:*Session", "ssm:StartSession", YES),
        ("ssm:Start", "ssm:StartSession", NO),
        ("ssmmessages:*", "ssm:StartSession", NO),
        ("ssm:Start?Session", "ssm:StartSession", NO),
        ("s*:Start*", "ssm:StartSession", YES),
    ],
)
def test_actions_ignore_case_and_know_both_wildcards(pattern: str, action: str, expected: Verdict) -> None:
    assert matches_action(Patterns((pattern,)), action) is expected
    assert matches_action(Patterns((pattern,), negated=True), action) is ~expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", YES),
        (INSTANCE, YES),
        ("arn:aws:ec2:*:*:instance/*", YES),
        ("arn:aws:ec2:*:111122223333:instance/i-0ab?", YES),
        ("arn:*:ec2:*:*:*", YES),
        ("arn:aws:ec2:us-east-1:111122223333:INSTANCE/i-0abc", NO),
        ("arn:aws:ec2:us-east-1:111122223333:instance/i-0ab", NO),
        ("arn:aws:ec2:us-west-2:*:instance/*", NO),
        ("arn:aws-cn:ec2:*:*:instance/*", NO),
        ("arn:aws:ec2", NO),
        ("arn:aws:ec2:*", YES),
    ],
)
def test_resources_heed_case_and_segments(pattern: str, expected: Verdict) -> None:
    if pattern == "arn:aws:ec2":
        # Completed with wildcards it names everything of the service; as plain text it names nothing.
        expected = MAYBE
    assert matches_resource(Patterns((pattern,)), INSTANCE, EMPTY, "2012-10-17").verdict is expected


def test_a_wildcard_that_would_have_to_cross_segments_is_undecided() -> None:
    pattern = Patterns(("arn:aws:ec2:*:instance/i-0abc",))
    assert matches_resource(pattern, INSTANCE, EMPTY, "2012-10-17").verdict is MAYBE


def test_of_an_unknown_resource_only_the_bare_star_is_sure() -> None:
    assert matches_resource(Patterns(("*",)), None, EMPTY, "2012-10-17").verdict is YES
    assert matches_resource(Patterns(("arn:aws:ec2:*:*:*",)), None, EMPTY, "2012-10-17").verdict is MAYBE


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        ("arn:aws:ssm:*:*:session/${aws:username}-*", "arn:aws:ssm:r:1:session/alice-1", YES),
        ("arn:aws:ssm:*:*:session/${AWS:UserName}-*", "arn:aws:ssm:r:1:session/alice-1", YES),
        ("arn:aws:ssm:*:*:session/${aws:username}-*", "arn:aws:ssm:r:1:session/bob-1", NO),
        ("arn:aws:ssm:*:*:session/${aws:PrincipalTag/team}", "arn:aws:ssm:r:1:session/red", YES),
        ("arn:aws:ssm:*:*:session/${aws:PrincipalTag/none}", "arn:aws:ssm:r:1:session/", NO),
        ("arn:aws:ssm:*:*:session/${aws:PrincipalTag/none, 'blue'}", "arn:aws:ssm:r:1:session/blue", YES),
        ("arn:aws:ssm:*:*:session/${*}", "arn:aws:ssm:r:1:session/*", YES),
        ("arn:aws:ssm:*:*:session/${*}", "arn:aws:ssm:r:1:session/alice", NO),
        ("arn:aws:ssm:*:*:session/${$}{x}", "arn:aws:ssm:r:1:session/${x}", YES),
    ],
)
def test_variables_are_filled_in(pattern: str, resource: str, expected: Verdict) -> None:
    assert matches_resource(Patterns((pattern,)), resource, ALICE, "2012-10-17").verdict is expected


def test_before_2012_a_variable_is_literal_text() -> None:
    pattern = Patterns(("arn:aws:ssm:*:*:session/${aws:username}-*",))
    assert matches_resource(pattern, "arn:aws:ssm:r:1:session/alice-1", ALICE, "2008-10-17").verdict is NO
    literal = "arn:aws:ssm:r:1:session/${aws:username}-1"
    assert matches_resource(pattern, literal, ALICE, "2008-10-17").verdict is YES


def test_a_variable_that_is_unknown_leaves_it_open_and_names_the_key() -> None:
    pattern = Patterns(("arn:aws:ssm:*:*:session/${aws:userid}-*",))
    found = matches_resource(pattern, "arn:aws:ssm:r:1:session/alice-1", ALICE, "2012-10-17")
    assert (found.verdict, found.keys) == (MAYBE, ("aws:userid",))


def test_a_variable_that_is_unknown_cannot_save_what_differs_elsewhere() -> None:
    pattern = Patterns(("arn:aws:ssm:*:*:document/${aws:userid}-*",))
    assert matches_resource(pattern, "arn:aws:ssm:r:1:session/alice-1", ALICE, "2012-10-17").verdict is NO


def test_a_variable_without_value_matches_nothing_so_its_negation_matches_all() -> None:
    pattern = Patterns(("arn:aws:s3:::${aws:PrincipalTag/none}/*",), negated=True)
    assert matches_resource(pattern, "arn:aws:s3:::any/thing", ALICE, "2012-10-17").verdict is YES


def test_wildcards_inside_a_value_are_not_taken_for_wildcards_of_the_policy() -> None:
    sly = Context.of({"aws:username": "*"})
    pattern = Patterns(("arn:aws:ssm:*:*:session/${aws:username}-1",))
    assert matches_resource(pattern, "arn:aws:ssm:r:1:session/bob-1", sly, "2012-10-17").verdict is MAYBE


def test_a_hostile_pattern_does_not_make_matching_exponential() -> None:
    def match(wildcards: int) -> None:
        pattern = Patterns(("arn:aws:s3:::" + "*a" * wildcards + "*b",))
        resource = "arn:aws:s3:::" + "a" * 1000
        assert matches_resource(pattern, resource, EMPTY, "2012-10-17").verdict is NO

    assert growth(match, 20, 200) < 200
