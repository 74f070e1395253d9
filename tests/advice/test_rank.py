"""Recommendations: which method, why, and why not the others."""

from __future__ import annotations

import msgspec
import pytest

from advisor.advice.rank import ANYTHING, Needs, recommend, score
from advisor.methods.answer import Certainty, Finding
from advisor.methods.assessment import Assessment, MethodAssessment, MethodId, Target, TargetAssessment
from advisor.methods.options import Use
from advisor.model.errors import InputError
from advisor.model.evidence import SELF, Missing
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from advisor.network import repairs
from advisor.rulebook import load

BOOK = load()
SSM, EICE, BASTION = (
    MethodId.SESSION_MANAGER,
    MethodId.INSTANCE_CONNECT_ENDPOINT,
    MethodId.BASTION,
)
CLOSED = Finding("platform-unsupported", SELF)


def target(**changes: object) -> Target:
    values = {"id": "i-1", "name": "web", "kind": "ec2", "platform": "linux", "state": "running"}
    return Target(**{**values, "account": "111122223333", "region": "us-east-1", **changes})  # type: ignore[arg-type]


def method(id: MethodId, verdict: Verdict, *blockers: Finding, **more: object) -> MethodAssessment:
    return MethodAssessment(id, verdict, blockers, **more)  # type: ignore[arg-type]


def assessed(*given: MethodAssessment) -> Assessment:
    known = {each.method: each for each in given}
    methods = tuple(known.get(id) or method(id, BLOCKED, CLOSED) for id in MethodId)
    return Assessment(("111122223333",), ("us-east-1",), None, (), (TargetAssessment(target(), methods),))


def recommended(
    *given: MethodAssessment, profile: str = "balanced", needs: Needs = ANYTHING, lang: str = "en"
):
    return recommend(assessed(*given), BOOK, profile, needs, lang).targets[0].recommended


class TestReady:
    def test_the_one_that_serves_the_profile_best(self):
        found = recommended(method(SSM, READY), method(BASTION, READY), method(EICE, READY))
        assert (found.method, found.verdict) == (SSM, READY)
        assert any("Balanced" in reason for reason in found.reasons)

    @pytest.mark.parametrize(
        ("profile", "expected"), [("audit", SSM), ("no-agent", EICE), ("cost", EICE), ("no-inbound", SSM)]
    )
    def test_profiles_differ(self, profile: str, expected: MethodId):
        assert recommended(method(SSM, READY), method(EICE, READY), profile=profile).method is expected

    def test_a_ready_method_beats_a_better_one_that_is_not(self):
        found = recommended(
            method(SSM, BLOCKED, Finding("vpce-ssm-missing", "vpc-1")), method(BASTION, READY)
        )
        assert found.method is BASTION
        assert any("Session Manager: blocked" in other for other in found.others)

    def test_what_must_be_logged_wins_over_the_profile(self):
        needs = Needs(must_be_logged=True)
        found = recommended(method(SSM, READY), method(EICE, READY), profile="cost", needs=needs)
        assert found.method is SSM
        assert any("does not record" in other for other in found.others)

    def test_a_use_that_a_method_does_not_offer_puts_it_back(self):
        serial = method(MethodId.SERIAL_CONSOLE, READY)
        found = recommended(serial, method(BASTION, READY), needs=Needs(use=Use.SCP))
        assert found.method is BASTION

    def test_if_none_meets_every_need_it_says_what_is_lacking(self):
        found = recommended(method(BASTION, READY), needs=Needs(must_be_logged=True))
        assert found.method is BASTION
        assert any("record what is typed" in reason for reason in found.reasons)

    def test_every_other_method_is_explained(self):
        found = recommended(method(SSM, READY), method(EICE, READY))
        assert len(found.others) == len(MethodId) - 1
        assert all(": " in other for other in found.others)


class TestEmergencies:
    """The serial console asks for a password that nobody can see from outside: for when all else fails."""

    SERIAL = method(MethodId.SERIAL_CONSOLE, READY)

    @pytest.mark.parametrize("profile", sorted(BOOK.profiles.keys() - {"break-glass"}))
    @pytest.mark.parametrize("other", [id for id in MethodId if id is not MethodId.SERIAL_CONSOLE])
    def test_the_serial_console_comes_after_any_other_ready_method(self, profile: str, other: MethodId):
        found = recommended(self.SERIAL, method(other, READY), profile=profile)
        assert found.method is other
        assert any("kept for emergencies" in each for each in found.others)
        assert found.repair is None

    def test_needs_do_not_bring_it_forward(self):
        assert recommended(self.SERIAL, method(SSM, READY), needs=Needs(survive_zone=True)).method is SSM

    def test_in_an_emergency_it_is_weighed_like_any_other(self):
        found = recommended(self.SERIAL, method(BASTION, READY), profile="break-glass")
        assert found.method is MethodId.SERIAL_CONSOLE
        assert not any("break-glass way" in each for each in found.reasons)

    def test_as_the_only_way_it_says_what_it_is_and_what_to_repair(self):
        closed = Finding("eice-none-in-vpc", "vpc-1")
        found = recommended(self.SERIAL, method(EICE, BLOCKED, closed))
        assert (found.method, found.verdict, found.repair) == (MethodId.SERIAL_CONSOLE, READY, EICE)
        assert any("break-glass way" in each and "password" in each for each in found.reasons)
        assert any("repair EC2 Instance Connect Endpoint" in each for each in found.reasons)

    def test_what_lacks_only_data_is_better_than_a_repair(self):
        missing = (Missing("operator-address", "not-asked"),)
        found = recommended(self.SERIAL, method(BASTION, UNKNOWN, missing=missing))
        assert found.repair is BASTION
        assert any("the address you connect from" in each for each in found.reasons)

    def test_where_nothing_else_can_be_repaired_it_names_nothing(self):
        assert recommended(self.SERIAL).repair is None

    def test_enabling_it_is_not_the_repair_to_start_with(self):
        off = method(MethodId.SERIAL_CONSOLE, BLOCKED, Finding("serial-account-disabled", "us-east-1"))
        door = method(SSM, BLOCKED, Finding("vpce-ssm-missing", "vpc-1"))
        assert recommended(off, door).method is SSM


class TestNotReady:
    def test_the_cheapest_to_repair(self):
        place = {"account": "1", "region": "us-east-1"}
        nat = Finding("no-path-to-ssm", "vpc-1", repairs=(repairs.CreateNatGateway("s", "r", "v", **place),))
        rule = Finding(
            "eice-instance-sg-inbound",
            "sg-1",
            repairs=(repairs.AdmitInGroup("sg-1", False, "tcp", 22, 22, "sg-2", **place),),
        )
        found = recommended(method(SSM, BLOCKED, nat), method(EICE, BLOCKED, rule))
        assert (found.method, found.verdict) == (EICE, BLOCKED)
        assert any("is the nearest: 1 to repair" in reason for reason in found.reasons)
        assert any(
            other.startswith("Session Manager: blocked,") and other.endswith("; its repair is riskier")
            for other in found.others
        )

    @pytest.mark.parametrize(
        ("profile", "needs", "behind"),
        [
            ("balanced", ANYTHING, "it takes more repairs (2)"),
            ("no-inbound", ANYTHING, "it does not do without an inbound rule"),
            ("balanced", Needs(survive_zone=True), "it does not survive the failure of a zone"),
        ],
    )
    def test_of_two_that_are_blocked_it_says_what_puts_one_behind(
        self, profile: str, needs: Needs, behind: str
    ):
        one = Finding("no-instance-profile-no-dhmc", SELF)
        two = (
            Finding("instance-profile-without-role", SELF),
            Finding("instance-role-missing-ssm-core", SELF),
        )
        found = recommended(
            method(SSM, BLOCKED, one), method(EICE, BLOCKED, *two), profile=profile, needs=needs
        )
        assert (found.method, found.verdict) == (SSM, BLOCKED)
        tunnel = next(each for each in found.others if each.startswith("EC2 Instance Connect Endpoint"))
        assert tunnel.endswith(behind)

    def test_the_same_cause_twice_is_told_once(self):
        twice = [Finding("no-path-to-ssm", "vpc-1", says) for says in ("ssm", "ssmmessages")]
        found = recommended(method(SSM, BLOCKED, *twice))
        assert "1 to repair (The subnet has no way to Systems Manager)" in found.reasons[0]

    def test_what_meets_the_needs_is_not_said_to_serve_the_profile_best(self):
        found = recommended(
            method(SSM, READY), method(EICE, READY), profile="cost", needs=Needs(must_be_logged=True)
        )
        assert found.method is SSM
        assert not any("serves the profile" in reason for reason in found.reasons)
        assert any("meets most of what is asked for" in reason for reason in found.reasons)

    def test_missing_data_alone_comes_before_repairs(self):
        missing = (Missing("ec2:DescribeRouteTables", "denied"),)
        found = recommended(
            method(SSM, UNKNOWN, missing=missing), method(EICE, BLOCKED, Finding("eice-none-in-vpc", "vpc-1"))
        )
        assert (found.method, found.verdict) == (SSM, UNKNOWN)
        assert any("ec2:DescribeRouteTables" in reason for reason in found.reasons)

    def test_a_method_of_which_nothing_was_read_does_not_seem_nearer_for_lacking_one_call(self):
        some = (Missing("iam:GetInstanceProfile", "denied"), Missing("ssm:GetDocument", "denied"))
        nothing = (Missing("ec2:DescribeInstanceConnectEndpoints", "denied"),)
        found = recommended(method(EICE, UNKNOWN, missing=nothing), method(SSM, UNKNOWN, missing=some))
        assert found.method is SSM

    def test_suspicions_do_not_count_as_blockers(self):
        doubt = Finding("agent-not-installed", SELF, certainty=Certainty.LIKELY)
        found = recommended(
            method(SSM, UNKNOWN, doubt), method(EICE, BLOCKED, Finding("eice-none-in-vpc", "vpc-1"))
        )
        assert found.method is SSM

    def test_what_no_change_makes_possible_is_never_recommended(self):
        assert recommended() is None

    def test_no_new_cost_prefers_what_is_free(self):
        place = {"account": "1", "region": "us-east-1"}
        endpoint = repairs.CreateInterfaceEndpoint("ssm", "vpc-1", ("subnet-1",), **place)
        route = repairs.AddTransitGatewayRoute("r", "10.0.0.0/8", "a", **place)
        paid = method(SSM, BLOCKED, Finding("no-path-to-ssm", "vpc-1", repairs=(endpoint,)))
        free = method(EICE, BLOCKED, Finding("tgw-path-broken", "tgw-1", repairs=(route,)))
        assert recommended(paid, free).method is SSM
        assert recommended(paid, free, needs=Needs(no_new_cost=True)).method is EICE


def test_words_are_there_in_japanese():
    found = recommended(method(SSM, READY), method(EICE, READY), lang="ja")
    assert all(re_kana(text) for text in (*found.reasons, *found.others))


def re_kana(text: str) -> bool:
    return any("\u3040" <= char <= "\u30ff" or "\u4e00" <= char <= "\u9fff" for char in text)


def test_an_unknown_profile_is_refused():
    with pytest.raises(InputError, match="no profile `fastest`"):
        recommend(assessed(), BOOK, "fastest")


def test_scores_lie_between_nothing_and_a_hundred():
    for profile in BOOK.profiles.values():
        for id in MethodId:
            assert 0 <= score(BOOK, id, profile) <= 100


def test_targets_that_share_their_methods_share_the_work():
    one = assessed(method(SSM, READY), method(EICE, READY)).targets[0]
    fleet = tuple(msgspec.structs.replace(one, target=target(id=f"i-{n}")) for n in range(10_000))
    whole = msgspec.structs.replace(assessed(), targets=fleet)
    found = recommend(whole, BOOK)
    assert found.targets[0].recommended is found.targets[-1].recommended
