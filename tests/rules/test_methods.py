"""Each method is described as a whole: checks, commands, comparison, logging, in both languages."""

import re
import shlex

import pytest

from advisor.methods import catalogue
from advisor.methods.assessment import MethodId
from advisor.methods.checks import CHECKS
from advisor.rulebook import RuleBook, load
from advisor.rulebook.validate import validate
from tests.rules import apis

METHODS = load().methods
KANA = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
VARIABLES = {
    *(
        "target",
        "region",
        "user",
        "private_ip",
        "public_ip",
        "port",
        "local_port",
        "remote_host",
        "remote_port",
    ),
    *("endpoint", "endpoint_dns", "bastion", "bastion_ip", "bastion_user", "key", "profile"),
    *("session_bastion", "bastion_region", "desktop_bastion", "only_ipv6"),
}
ONLY_IN_CLI_2 = {("ec2-instance-connect", "ssh"), ("ec2-instance-connect", "open-tunnel")}


def test_there_is_one_entry_for_every_method_of_the_program():
    assert METHODS.keys() == {method.value for method in MethodId}


def test_the_rule_book_holds_together_with_the_checks_that_exist(book: RuleBook):
    assert catalogue.MODULES
    assert validate(book, CHECKS) == ()


def test_every_check_says_what_it_means():
    assert all(re.match(r"[A-Z].*[.:]", check.meaning) for check in CHECKS.values())


@pytest.mark.parametrize("id", METHODS)
class TestEachMethod:
    def test_its_comparison_is_whole_in_both_languages(self, id, book: RuleBook):
        english, japanese = (dict(METHODS[id].comparison.rows(lang)) for lang in ("en", "ja"))
        assert english.keys() == japanese.keys() == {row.id for row in book.comparison}
        assert not any(KANA.search(line) for lines in english.values() for line in lines)
        # A cell may be a name alone (RDP, SSH); most are sentences.
        assert sum(bool(KANA.search("".join(lines))) for lines in japanese.values()) >= 10

    def test_its_logging_card_says_what_is_and_what_is_not_recorded(self, id):
        card = METHODS[id].logging
        assert card.recorded and card.not_recorded.en
        assert all(KANA.search(record.what.ja) for record in card.recorded)

    def test_every_platform_has_a_command(self, id):
        method = METHODS[id]
        assert {name for command in method.commands for name in command.platforms} >= set(method.platforms)

    def test_its_commands_are_words_of_a_shell_with_known_variables(self, id):
        for command in METHODS[id].commands:
            assert set(command.variables) <= VARIABLES
            line = command.line(dict.fromkeys(command.variables, "x"))
            assert shlex.split(line)
            assert "$" not in line and "<" not in line

    def test_its_aws_commands_exist(self, id):
        for command in METHODS[id].commands:
            words = command.template.split("&&")[0].split()
            if words[0] != "aws" or tuple(words[1:3]) in ONLY_IN_CLI_2:
                continue
            known = apis.options(apis.call_of(words[1], words[2])) | {"--region"}
            assert {word for word in words if word.startswith("--")} <= known

    def test_ports_are_given_where_something_must_be_let_in(self, id):
        method = METHODS[id]
        assert bool(method.ports) is ("no-inbound" not in method.traits)

    def test_windows_ways_use_the_port_of_remote_desktop(self, id):
        assert METHODS[id].ports.get("windows", (3389,)) == (3389,)


def test_rows_of_the_comparison_have_headings_and_a_cell_for_each_method(book: RuleBook):
    assert len(book.comparison) == 15
    for row in book.comparison:
        assert row.label.en and KANA.search(row.label.ja)
        assert row.cells.keys() == METHODS.keys()


def test_only_session_manager_records_what_was_typed():
    assert [id for id, method in METHODS.items() if "content-log" in method.traits] == ["session-manager"]


def test_every_method_is_scored_by_the_same_criteria(book: RuleBook):
    criteria = {frozenset(method.scores) for method in METHODS.values()}
    assert len(criteria) == 1
    assert {f"criterion.{name}" for name in next(iter(criteria))} <= book.texts.keys()


def test_the_words_for_layers_certainties_and_effects_are_there(book: RuleBook):
    for cause in book.causes.values():
        for name in (f"layer.{cause.layer}", f"certainty.{cause.certainty}", f"effect.{cause.effect}"):
            assert book.text(name, "en") and KANA.search(book.text(name, "ja"))
