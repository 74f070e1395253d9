"""Runbooks, symptoms, profiles, prices and endpoints: the tables beside causes and methods."""

import collections
import re

import pytest

from advisor.rulebook import RuleBook, load

BOOK = load()
KANA = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


class TestRunbooks:
    def test_all_checks_of_awss_own_runbooks_are_mapped(self, book: RuleBook):
        counted = collections.Counter(check.runbook for check in book.runbooks.values())
        assert counted == {
            "AWSSupport-TroubleshootManagedInstance": 7,
            "AWSSupport-TroubleshootSessionManager": 11,
            "AWSSupport-TroubleshootRDP": 8,
            "AWSSupport-TroubleshootSSH": 11,
            "Systems Manager diagnose and remediate": 32,
            "ssm-cli get-diagnostics": 14,
        }
        assert counted.total() == 83

    def test_each_is_covered_by_causes_that_exist(self, book: RuleBook):
        for check in book.runbooks.values():
            assert check.causes
            assert set(check.causes) <= book.causes.keys()

    def test_no_check_stands_twice(self, book: RuleBook):
        assert len({(check.runbook, check.check) for check in book.runbooks.values()}) == 83

    def test_where_awss_check_is_outdated_a_note_says_why(self, book: RuleBook):
        outdated = [check for check in book.runbooks.values() if check.outdated]
        assert outdated
        for check in outdated:
            assert check.note and KANA.search(check.note.ja)
            assert "3.3.40.0" in check.note.en or "ec2messages" in check.note.en

    def test_every_check_for_ec2messages_is_marked(self, book: RuleBook):
        asks = [check for check in book.runbooks.values() if "ec2messages" in check.check]
        assert len(asks) == 4
        assert all(check.outdated for check in asks)


@pytest.mark.parametrize("symptom", BOOK.symptoms.values(), ids=lambda symptom: symptom.id)
class TestSymptoms:
    def test_it_ranks_causes_that_exist_each_once(self, symptom):
        assert set(symptom.causes) <= BOOK.causes.keys()
        assert len(set(symptom.causes)) == len(symptom.causes)

    def test_it_has_a_title_in_both_languages(self, symptom):
        assert KANA.search(symptom.title.ja) and not KANA.search(symptom.title.en)

    def test_its_patterns_are_long_enough_to_mean_something(self, symptom):
        assert all(len(piece) >= 5 for piece in symptom.exact)
        assert all(sum(len(word) for word in group) >= 4 and len(group) >= 1 for group in symptom.fuzzy)


def test_symptoms_do_not_share_an_exact_text():
    pieces = collections.Counter(piece.casefold() for each in BOOK.symptoms.values() for piece in each.exact)
    assert [piece for piece, times in pieces.items() if times > 1] == []


def test_japanese_console_texts_are_known():
    texts = [piece for symptom in BOOK.symptoms.values() for piece in symptom.exact]
    words = [word for symptom in BOOK.symptoms.values() for group in symptom.fuzzy for word in group]
    assert sum(bool(KANA.search(text)) for text in texts + words) >= 20


class TestProfiles:
    def test_the_six_profiles_are_there(self):
        assert BOOK.profiles.keys() == {"balanced", "audit", "cost", "break-glass", "no-agent", "no-inbound"}

    def test_each_can_be_satisfied_by_some_method(self):
        for profile in BOOK.profiles.values():
            able = [m.id for m in BOOK.methods.values() if set(profile.requires) <= set(m.traits)]
            assert able, profile.id

    def test_they_weigh_what_methods_are_scored_by(self):
        criteria = set(BOOK.methods["direct"].scores)
        assert all(set(profile.weights) == criteria for profile in BOOK.profiles.values())

    @pytest.mark.parametrize(
        ("profile", "best"),
        [
            ("balanced", "session-manager"),
            ("audit", "session-manager"),
            ("cost", "instance-connect-endpoint"),
            ("break-glass", "serial-console"),
            ("no-agent", "instance-connect-endpoint"),
            ("no-inbound", "session-manager"),
        ],
    )
    def test_with_everything_ready_each_prefers_what_its_name_says(self, profile, best):
        assert favourite(profile) == best

    def test_nobody_is_led_to_an_open_door(self):
        assert "direct" not in {favourite(profile) for profile in BOOK.profiles}


def favourite(name: str) -> str:
    profile = BOOK.profiles[name]
    able = [method for method in BOOK.methods.values() if set(profile.requires) <= set(method.traits)]
    return max(
        able, key=lambda method: sum(weight * method.scores[key] for key, weight in profile.weights.items())
    ).id


class TestPrices:
    def test_two_regions_have_prices_and_no_other_has_invented_ones(self):
        assert BOOK.prices.regions.keys() == {"us-east-1", "ap-northeast-1"}

    def test_both_price_the_same_items(self):
        virginia, tokyo = BOOK.prices.regions.values()
        assert virginia.keys() == tokyo.keys()

    def test_each_item_names_its_unit_and_costs_nothing_only_where_that_is_known(self):
        units = ("-hour", "-gb", "-gb-month", "-month", "-analysis")
        free = {"instance-connect-endpoint-hour", "gateway-endpoint-hour"}
        for prices in BOOK.price_lists.values():
            assert set(prices.unconfirmed) <= prices.items.keys()
            for item, price in prices.items.items():
                assert item.endswith(units)
                amounts = price.values() if isinstance(price, dict) else [price]
                assert all(amount > 0 for amount in amounts) or item in free

    def test_the_figures_of_the_domain_facts(self):
        month = BOOK.prices.hours_per_month
        endpoint = BOOK.prices.of("us-east-1", "interface-endpoint-hour")
        assert round(endpoint * month, 2) == 7.30
        assert round(BOOK.prices.of("ap-northeast-1", "interface-endpoint-hour") * month, 2) == 10.22
        assert round(BOOK.prices.of("us-east-1", "nat-gateway-hour") * month, 2) == 32.85
        assert round(BOOK.prices.of("ap-northeast-1", "public-ipv4-hour") * month, 2) == 3.65


class TestEndpoints:
    def test_sessions_always_need_two_services(self):
        assert [e.id for e in BOOK.endpoints.values() if e.needed == "always"] == ["ssm", "ssmmessages"]

    def test_names_for_a_region(self):
        assert (
            BOOK.endpoints["ssmmessages"].name("ap-northeast-1") == "com.amazonaws.ap-northeast-1.ssmmessages"
        )
        assert BOOK.endpoints["s3"].type == "Gateway"
        assert BOOK.endpoints["ssm"].host("cn-north-1") == "ssm.cn-north-1.amazonaws.com.cn"


def test_texts_have_both_languages():
    for text in BOOK.texts.values():
        assert text.en and text.ja
        assert not KANA.search(text.en)
        fields = [set(re.findall(r"{(\w*)}", words)) for words in (text.en, text.ja)]
        assert fields[0] == fields[1], f"{text.id}: the languages fill in different things"
