"""The catalogue of causes is complete, in both languages, and true to AWS's APIs."""

import ast
import re
from pathlib import Path

import pytest

from advisor.advice.remedies import CURES
from advisor.network import codes
from advisor.rulebook import RuleBook, load
from advisor.rulebook.symptoms import matches
from tests.rules import apis

HERE = Path(__file__).parent
CAUSES = load().causes
CATALOGUE = dict(line.split() for line in (HERE / "catalogue.txt").read_text().splitlines())
KANA = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")

# Codes that describe a path which is open: remarks, not causes.
REMARKS = {
    codes.AVAILABILITY_ZONE_CROSSED,
    codes.PATH_THROUGH_GWLB_NOT_CHECKED,
    codes.TRANSIT_GATEWAY_APPLIANCE_MODE_RECOMMENDED,
}
# Answers that botocore's models do not describe: errors of the signature, and a status of HTTP.
NOT_MODELLED = {("sts:GetCallerIdentity", "ExpiredToken, InvalidClientTokenId"), ("s3:HeadBucket", "status")}
# Causes that show in what the person asks for, or in the snapshot as such, and in no answer of AWS.
SEEN_IN_THE_REQUEST = {
    *("remote-host-denylisted", "eice-other-port", "eice-concurrency", "operator-address-private"),
    *("fleet-rdp-timeout", "fleet-rdp-sso-limits", "data-missing", "data-contradictory"),
    "use-not-offered",
}


def every_code() -> set[str]:
    return {value for name, value in vars(codes).items() if name.isupper() and isinstance(value, str)}


def test_the_whole_catalogue_is_there():
    assert len(CATALOGUE) == 166
    assert CATALOGUE.keys() <= CAUSES.keys()


@pytest.mark.parametrize("id", CATALOGUE)
def test_the_certainty_is_that_of_the_catalogue(id):
    assert CAUSES[id].certainty == CATALOGUE[id]


@pytest.mark.parametrize("id", CAUSES)
class TestEachCause:
    def test_it_speaks_both_languages(self, id):
        cause = CAUSES[id]
        steps = cause.remedy.steps
        english = [cause.title.en, cause.meaning.en, *(steps.en if steps else ())]
        japanese = [cause.title.ja, cause.meaning.ja, *(steps.ja if steps else ())]
        if cause.remedy.none:
            english.append(cause.remedy.none.en)
            japanese.append(cause.remedy.none.ja)
        assert all(KANA.search(text) for text in japanese)
        assert not any(KANA.search(text) for text in english)

    def test_its_sentences_end_and_its_title_does_not(self, id):
        cause = CAUSES[id]
        assert cause.meaning.en.endswith(".") and cause.meaning.ja.endswith("。")
        assert not cause.title.en.endswith(".") and not cause.title.ja.endswith("。")
        steps = cause.remedy.steps
        assert all(line.endswith(".") for line in (steps.en if steps else ()))
        assert all(line.endswith("。") for line in (steps.ja if steps else ()))

    def test_its_title_fits_a_line(self, id):
        assert len(CAUSES[id].title.en) <= 80
        assert len(CAUSES[id].title.ja) <= 50

    def test_it_asks_nobody_to_fill_in_a_placeholder(self, id):
        cause = CAUSES[id]
        texts = [cause.title.en, cause.meaning.en, *(cause.remedy.steps.en if cause.remedy.steps else ())]
        assert not [text for text in texts if re.search(r"<[^>]+>|\bTODO\b|\bYOUR_|i-0123456789", text)]

    def test_it_leads_to_a_page_of_aws(self, id):
        assert re.fullmatch(r"https://docs\.aws\.amazon\.com/[\w./-]+\.html", CAUSES[id].docs)

    def test_its_evidence_is_in_the_apis(self, id):
        for look in CAUSES[id].evidence:
            model = apis.operation(look.operation)
            known = (look.operation, look.field) in NOT_MODELLED
            assert known or apis.names_field(model, look.field), (
                f"{look.operation} does not give {look.field}"
            )

    def test_what_can_be_seen_from_outside_says_where(self, id):
        cause = CAUSES[id]
        locally = cause.layer == "tools"
        if cause.certainty == "invisible":
            assert cause.by_hand and not cause.evidence
        else:
            assert cause.evidence or locally or id in SEEN_IN_THE_REQUEST

    def test_the_texts_it_shows_lead_to_it(self, id, book: RuleBook):
        for text in CAUSES[id].seen:
            found = matches(text.replace("*", "x"), book.symptoms.values())
            assert any(id in match.symptom.causes for match in found), f"`{text}` does not lead to {id}"

    def test_its_commands_by_hand_exist(self, id):
        for line in CAUSES[id].by_hand:
            words = line.split()
            if words[0] == "aws" and words[1] not in ("configure", "--version"):
                known = apis.options(apis.call_of(words[1], words[2])) | {"--query"}
                assert {word for word in words if word.startswith("--")} <= known


def test_every_code_of_the_network_has_exactly_one_cause(book: RuleBook):
    named = [code for cause in CAUSES.values() for code in cause.codes]
    assert sorted(named) == sorted(every_code() - REMARKS)
    assert book.cause_of_code(codes.SUBNET_ACL_RESTRICTION) == book.causes["network-acl-blocks"]
    assert book.cause_of_code("NO_SUCH_CODE") is None


def test_every_cause_that_the_program_names_is_in_the_catalogue():
    unknown = {(file, cause) for file, cause in named_in_the_program() if cause not in CAUSES}
    assert not unknown


def named_in_the_program():
    """The causes that findings are made of, as the source says."""
    root = HERE.parent.parent / "advisor"
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = [keyword.value for keyword in node.keywords if keyword.arg == "cause"]
            if name == "Finding":
                given += node.args[:1]
            for value in given:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield path.relative_to(root).as_posix(), value.value


def test_the_comparison_with_awss_apis_can_fail():
    vpcs = apis.operation("ec2:DescribeVpcs")
    assert apis.names_field(vpcs, "Vpcs[].CidrBlock")
    assert not apis.names_field(vpcs, "Vpcs[].CidrBloc")
    assert not apis.names_field(vpcs, "CidrBlock")
    assert "--vpc-ids" in apis.options(vpcs)


def test_every_cure_is_for_a_cause_that_exists():
    assert CURES.keys() <= CAUSES.keys()
