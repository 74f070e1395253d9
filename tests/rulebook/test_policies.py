"""Organisation policies are JMESPath over the report's JSON."""

import msgspec
import pytest

from advisor.model.errors import InputError
from advisor.rulebook import Policy, Text, load
from advisor.rulebook.policies import applies

TARGET = {
    "id": "i-0123456789abcdef0",
    "tags": {"Environment": "prod"},
    "methods": [
        {
            "method": "direct",
            "verdict": "ready",
            "notes": [{"cause": "bastion-open-to-world"}],
            "blockers": [],
        },
        {"method": "session-manager", "verdict": "blocked", "notes": [], "blockers": []},
    ],
}
DIRECT, SESSION = TARGET["methods"]


def policy(when: str, methods=()) -> Policy:
    return Policy("p", Text("a", "あ"), Text("a", "あ"), "warn", when, methods)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("tags.Environment == 'prod'", True),
        ("tags.Environment == 'test'", False),
        ("tags.Missing", False),
        ("this.notes", True),
        ("this.blockers", False),
        ("length(this.blockers)", True),
        ("this.method == 'direct'", True),
    ],
)
def test_a_policy_holds_where_its_condition_is_true(when, expected):
    assert applies(policy(when), TARGET, DIRECT) is expected


def test_a_policy_for_some_methods_says_nothing_about_others():
    assert applies(policy("`true`", ("direct",)), TARGET, DIRECT)
    assert not applies(policy("`true`", ("direct",)), TARGET, SESSION)


def test_a_condition_that_does_not_fit_the_report_is_an_error_and_not_a_no():
    with pytest.raises(InputError, match="policy `p` does not fit the report"):
        applies(policy("length(this.verdict.x)"), TARGET, DIRECT)


class TestExamples:
    POLICIES = load().policies

    def test_they_are_off_until_somebody_copies_them(self):
        assert len(self.POLICIES) >= 3
        assert not any(policy.enabled for policy in self.POLICIES.values())

    def test_open_ssh_is_forbidden_only_where_it_is_open(self):
        closed = {**DIRECT, "notes": []}
        assert applies(self.POLICIES["no-open-ssh"], TARGET, DIRECT)
        assert not applies(self.POLICIES["no-open-ssh"], TARGET, closed)

    def test_production_prefers_recorded_sessions(self):
        prefers = self.POLICIES["logged-in-production"]
        assert applies(prefers, TARGET, SESSION)
        assert not applies(prefers, TARGET, DIRECT)
        assert not applies(prefers, {**TARGET, "tags": {}}, SESSION)

    def test_a_single_way_in_is_warned_of(self):
        both = {**TARGET, "methods": [DIRECT, {**SESSION, "verdict": "ready"}]}
        assert applies(self.POLICIES["single-way-in"], TARGET, DIRECT)
        assert not applies(self.POLICIES["single-way-in"], both, DIRECT)
        assert not applies(self.POLICIES["single-way-in"], TARGET, SESSION)

    def test_an_enabled_copy_is_an_ordinary_policy(self):
        copy = msgspec.structs.replace(self.POLICIES["single-way-in"], enabled=True)
        assert applies(copy, TARGET, DIRECT)
