"""What a type alone cannot say about an entry, its value checks when it is made."""

import pytest

from advisor.model.errors import InputError
from advisor.rulebook import (
    CommandTemplate,
    Endpoint,
    Lines,
    PriceList,
    Prices,
    Profile,
    Remedy,
    Step,
    Symptom,
    Text,
)

WORDS = Text("text", "文")


def test_a_text_is_given_in_the_language_asked_for_and_else_in_english():
    assert (WORDS.in_("ja"), WORDS.in_("en"), WORDS.in_("fr")) == ("文", "text", "text")


def test_lines_need_as_many_in_both_languages():
    assert Lines(("a", "b"), ("あ", "い")).in_("ja") == ("あ", "い")
    with pytest.raises(ValueError, match="2 lines in `en`, 1 in `ja`"):
        Lines(("a", "b"), ("あ",))


def test_a_remedy_is_steps_actions_or_a_reason_for_none():
    Remedy(actions=("start-instance",))
    Remedy(none=WORDS)
    with pytest.raises(ValueError, match="needs `steps`, `actions`, or `none`"):
        Remedy()
    with pytest.raises(ValueError, match="`none` stands alone"):
        Remedy(none=WORDS, actions=("start-instance",))


class TestSteps:
    def test_the_checks_of_a_tree_come_in_order(self):
        tree = Step(
            all=(
                Step(check="a"),
                Step(any=(Step(check="b"), Step(check="c", parameters={"port": 22}))),
                Step(observed=Step(check="d"), inferred=Step(all=(Step(check="e"),))),
            )
        )
        assert [step.check for step in tree.checks()] == ["a", "b", "c", "d", "e"]

    @pytest.mark.parametrize(
        "step",
        [
            {},
            {"all": (Step(check="a"),), "check": "b"},
            {"all": (Step(check="a"),), "any": (Step(check="b"),)},
            {"observed": Step(check="a")},
            {"inferred": Step(check="a")},
            {"observed": Step(check="a"), "check": "b"},
        ],
    )
    def test_a_step_is_one_thing(self, step):
        with pytest.raises(ValueError, match="a step is one of"):
            Step(**step)

    def test_nothing_is_not_a_step_that_everything_passes(self):
        with pytest.raises(ValueError, match="neither empty"):
            Step(all=())

    def test_parameters_belong_to_a_check(self):
        with pytest.raises(ValueError, match="belongs to a `check`"):
            Step(all=(Step(check="a"),), parameters={"port": 22})


class TestCommands:
    def test_values_are_quoted_for_a_shell(self):
        command = CommandTemplate("ssh", "ssh $user@$private_ip", ("user", "private_ip"))
        assert command.line({"user": "ec2-user", "private_ip": "10.0.0.5"}) == "ssh ec2-user@10.0.0.5"
        assert command.line({"user": "$(id); x", "private_ip": "1"}) == "ssh '$(id); x'@1"

    def test_nothing_but_a_harmless_value_goes_inside_quotes(self):
        command = CommandTemplate(
            "ssh", 'ssh -o "ProxyCommand=aws --region $region" $user@h', ("region", "user")
        )
        assert "--region us-east-1" in command.line({"region": "us-east-1", "user": "ubuntu"})
        for hostile in ("$(id)", "`id`", 'a" b', "a b", "a;b", "x\ny", ""):
            with pytest.raises(InputError, match="cannot be put into this command safely"):
                command.line({"region": hostile, "user": "ubuntu"})

    def test_a_command_with_a_hole_is_never_made(self):
        with pytest.raises(KeyError):
            CommandTemplate("ssh", "ssh $user@h", ("user",)).line({})

    @pytest.mark.parametrize(
        ("template", "variables", "what"),
        [
            ("ssh $user@h", (), "uses `\\$user`, which `variables` does not declare"),
            ("ssh h", ("user",), "declares `user`, which the template does not use"),
            ("echo $ 5", (), "a `\\$` that is no variable"),
            ("echo ${user", ("user",), "a `\\$` that is no variable"),
        ],
    )
    def test_broken_templates_are_refused(self, template, variables, what):
        with pytest.raises(ValueError, match=what):
            CommandTemplate("ssh", template, variables)

    def test_a_dollar_sign_is_written_twice(self):
        assert CommandTemplate("shell", "echo $$HOME").line({}) == "echo $HOME"


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"causes": ()}, "explains nothing"),
        ({"exact": ()}, "needs `exact` texts or `fuzzy`"),
        ({"exact": ("*",)}, "would match everything"),
        ({"fuzzy": ((),)}, "would match everything"),
    ],
)
def test_a_symptom_says_something(fields, what):
    whole = {"id": "s", "title": WORDS, "causes": ("c",), "exact": ("text",)}
    Symptom(**whole)
    with pytest.raises(ValueError, match=what):
        Symptom(**whole | fields)


def test_the_weights_of_a_profile_add_up():
    Profile("p", WORDS, WORDS, {"cost": 60, "audit": 40})
    with pytest.raises(ValueError, match="add up to 90"):
        Profile("p", WORDS, WORDS, {"cost": 60, "audit": 30})
    with pytest.raises(ValueError, match="add up to"):
        Profile("p", WORDS, WORDS, {"cost": 120, "audit": -20})


class TestEndpoints:
    SSM = Endpoint(
        "ssm",
        "Interface",
        {"aws": "com.amazonaws.$region.ssm"},
        {"aws": "ssm.$region.amazonaws.com", "aws-cn": "ssm.$region.amazonaws.com.cn"},
        WORDS,
    )

    def test_names_are_made_for_a_region(self):
        assert self.SSM.name("ap-northeast-1") == "com.amazonaws.ap-northeast-1.ssm"
        assert self.SSM.host("cn-north-1") == "ssm.cn-north-1.amazonaws.com.cn"

    def test_a_name_that_is_not_known_is_not_guessed(self):
        assert self.SSM.name("cn-north-1") is None
        assert self.SSM.host("us-iso-east-1") is None
        assert self.SSM.host("us-isob-east-1") is None
        assert self.SSM.name("us-gov-west-1") is None

    def test_the_only_variable_is_the_region(self):
        with pytest.raises(ValueError, match="must hold"):
            Endpoint("x", "Gateway", {"aws": "com.amazonaws.$zone.x"}, {}, WORDS)


AMERICA = {"nat-gateway-hour": 0.045, "instance-hour": {"t4g.nano": 0.0042}}


class TestPrices:
    BOOK = Prices(
        {
            "us-east-1": PriceList("us-east-1", "2026-09-30", "A", AMERICA),
            "eu-west-1": PriceList("eu-west-1", "2026-05-01", "B", {}),
        }
    )

    def test_what_is_not_known_is_not_free(self):
        assert self.BOOK.of("us-east-1", "nat-gateway-hour") == 0.045
        assert self.BOOK.of("us-east-1", "instance-hour", "t4g.nano") == 0.0042
        assert self.BOOK.of("us-east-1", "instance-hour", "x9.huge") is None
        assert self.BOOK.of("eu-west-1", "nat-gateway-hour") is None
        assert self.BOOK.of("mars-1", "nat-gateway-hour") is None

    def test_prices_say_how_old_they_are_and_where_from(self):
        assert self.BOOK.as_of == "2026-05-01"
        assert self.BOOK.source == "A; B"
        assert self.BOOK.hours_per_month == 730
