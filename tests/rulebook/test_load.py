"""Rule books are loaded from folders, the later laid over the earlier."""

import time

import pytest
import yaml

from advisor.model.errors import InputError
from advisor.rulebook import BUILT_IN, load
from advisor.rulebook.load import built_in

CAUSE = """\
{id}:
  title: {{en: Something is wrong, ja: 問題があります}}
  meaning: {{en: It does not work., ja: 動作しません。}}
  layer: network
  certainty: certain
  methods: [bastion]
  remedy:
    steps: {{en: [Repair it.], ja: [修復します。]}}
  docs: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html
"""


@pytest.fixture
def folder(tmp_path):
    """Writes files into a folder of rules and gives the folder."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / "rules" / (name.replace("__", "/") + ".yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / "rules"

    return write


def refusal(*folders) -> InputError:
    with pytest.raises(InputError) as caught:
        load(folders)
    return caught.value


def test_the_built_in_rules_are_there_without_anything_else():
    book = load()
    assert "session-manager" in book.methods
    assert {source.origin for source in book.sources.values()} == {BUILT_IN}


def test_a_further_folder_adds_entries_and_says_where_they_come_from(folder):
    rules = folder(causes__mine=CAUSE.format(id="my-cause"))
    book = load([rules])
    assert book.causes["my-cause"].title.in_("ja") == "問題があります"
    assert book.sources["causes", "my-cause"].origin == str(rules)
    assert str(book.sources["causes", "my-cause"].place) == f"{rules}/causes/mine.yaml:1"
    assert book.sources["causes", "blackhole-route"].origin == BUILT_IN


def test_an_entry_replaces_the_built_in_one_as_a_whole(folder):
    before = load().causes["blackhole-route"]
    after = load([folder(causes=CAUSE.format(id="blackhole-route"))]).causes["blackhole-route"]
    assert before.seen and before.codes
    assert after.title.en == "Something is wrong"
    assert not after.seen and not after.codes


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{passed} of {all}", "nothing is filled into `{all}`"),
        ("{0} passed", "nothing is filled into `{0}`"),
        ("{passed.__class__}", "nothing is filled into `{passed.__class__}`"),
        ("{passed:>99999999}", "nothing is filled into `{passed:>99999999}`"),
        ("{passed", "its braces do not match"),
    ],
)
def test_a_text_whose_placeholders_nothing_fills_is_refused(folder, text, what):
    """Found out when the rules are read, not when the sentence is to be said."""
    rules = folder(texts__mine=f'report.check-counts: {{en: "{text}", ja: "{{passed}}"}}\n')
    error = refusal(rules)
    assert error.message.startswith(f"{rules}/texts/mine.yaml:1: ")
    assert what in error.message
    assert "{passed} passed, {failed} failed." in error.hint


def test_a_text_may_leave_placeholders_out(folder):
    rules = folder(texts__mine='report.check-counts: {en: "{passed} held", ja: "{passed}"}\n')
    assert load([rules]).texts["report.check-counts"].en == "{passed} held"


def test_the_last_folder_wins(folder, tmp_path):
    first = folder(causes=CAUSE.format(id="my-cause"))
    second = tmp_path / "second"
    second.mkdir()
    (second / "causes.yaml").write_text(CAUSE.format(id="my-cause").replace("Something", "Everything"))
    assert load([first, second]).causes["my-cause"].title.en == "Everything is wrong"
    assert load([second, first]).causes["my-cause"].title.en == "Something is wrong"


def test_prices_are_laid_over_region_by_region(folder):
    mine = "eu-west-1:\n  as_of: '2026-11-01'\n  source: mine\n  items: {nat-gateway-hour: 0.048}\n"
    book = load([folder(prices=mine)])
    assert book.prices.of("eu-west-1", "nat-gateway-hour") == 0.048
    assert book.prices.of("us-east-1", "nat-gateway-hour") == 0.045
    assert book.prices.of("sa-east-1", "nat-gateway-hour") is None


def test_one_id_twice_in_a_folder_is_refused(folder):
    rules = folder(causes__a=CAUSE.format(id="twice"), causes__b="\n" + CAUSE.format(id="twice"))
    error = refusal(rules)
    assert error.message == f"{rules}/causes/b.yaml:2: cause `twice` is already in {rules}/causes/a.yaml:1"


@pytest.mark.parametrize(
    ("change", "line", "what", "hint"),
    [
        (("layer: network", "layer: netwrok"), 4, "invalid enum value 'netwrok' for `layer`", "One of: to"),
        (("methods:", "metods:"), 6, "unknown key `metods`", "Did you mean `methods`?"),
        (("{en: It does not", "{en: Oh, it does not"), 3, "unknown key `it does not work.`", "needs quotes"),
        (("methods:", "zzz:"), 6, "unknown key `zzz`", "Known keys: by_hand, certainty, "),
        (("methods:", "steps:"), 6, "unknown key `steps`", "Did you mean `uses`?"),
        (("  certainty: certain\n", ""), 1, "the key `certainty` is missing", "`certainty:`"),
        (("title: {en: Something is wrong, ", "title: {"), 2, "the key `en` is missing", "`en:`"),
        (("ja: 動作しません。", "jp: 動作しません。"), 3, "unknown key `jp`", "Known keys: en, ja."),
        (("[bastion]", "bastion"), 6, "`methods` of cause `my-cause` is a text, not a list", "rules show"),
        (("certainty: certain", "certainty: invisible"), 1, "an invisible cause needs `by_hand`", "rules"),
        (("[Repair it.]", "[Repair, it]"), 8, "2 lines in `en`, 1 in `ja`", "remedy.steps"),
        (("https://docs", "http//docs"), 9, "`docs` of cause `my-cause` is not written as it must be", "https://"),
        (("[bastion]", "[]"), 1, "`methods` is empty", "advisor rules"),
        (("[bastion]", "[telnet]"), 6, "invalid enum value 'telnet' for `methods`", "session-manager"),
        (("my-cause:", "My Cause:"), 1, "`id` of cause `My Cause` is not written", "joined by hyphens"),
        (("layer: network", "layer: network\n  id: x"), 5, "has a key `id`", "The key above"),
    ],
)  # fmt: skip
def test_mistakes_in_an_entry_are_named_with_file_and_line(folder, change, line, what, hint):
    rules = folder(causes=CAUSE.format(id="my-cause").replace(*change))
    error = refusal(rules)
    assert error.message.startswith(f"{rules}/causes.yaml:{line}: ")
    assert what in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("- a\n- b\n", "a file of rules is a mapping"),
        ("my-cause:\n", "cause `my-cause` has no content"),
        ("my-cause: !!python/object/apply:os.system [id]\n", "the tag"),
    ],
)
def test_files_of_another_shape_are_refused(folder, text, what):
    assert what in refusal(folder(causes=text)).message


def test_files_of_no_kind_are_refused(folder):
    error = refusal(folder(cuases=CAUSE.format(id="my-cause")))
    assert "`cuases` is no kind of rule" in error.message
    assert "causes" in error.hint


def test_other_files_in_the_folder_do_not_disturb(folder):
    rules = folder(causes=CAUSE.format(id="my-cause"))
    (rules / "README.md").write_text("Our rules.")
    (rules / ".git").mkdir()
    (rules / ".git" / "config.yaml").write_text("not: [rules")
    assert "my-cause" in load([rules]).causes


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    assert "no such folder" in refusal(tmp_path / "nowhere").message


def test_a_file_that_is_not_text_is_refused(folder):
    rules = folder(causes="")
    (rules / "causes.yaml").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in refusal(rules).message


def test_an_entry_is_found_by_id_with_its_kind():
    book = load()
    assert [kind for kind, _ in book.find("blackhole-route")] == ["causes"]
    with pytest.raises(InputError, match="no rule `nothing`"):
        book.find("nothing")
    with pytest.raises(InputError):
        book.find("blackhole-route", "methods")


def test_the_listing_names_every_entry_once():
    book = load()
    rows = book.listing()
    assert len({(row.kind, row.id) for row in rows}) == len(rows) == len(book.sources)
    assert all(row.title.en and row.title.ja and row.source == BUILT_IN for row in rows)


def test_typed_and_checked_entries_cost_less_than_a_plain_yaml_load():
    texts = [path.read_text(encoding="utf-8") for path in built_in().rglob("*.yaml")]
    plain = min(
        _seconds(lambda: [yaml.load(text, Loader=yaml.CSafeLoader) for text in texts]) for _ in range(3)
    )
    ours = min(_seconds(load) for _ in range(3))
    assert ours < plain


def _seconds(work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
