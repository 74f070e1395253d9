"""Plans as JSON, Markdown, scripts and policies: complete, true to the plan, and safe to read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.advice.document import plan_document
from advisor.advice.plan import Plan, plan
from advisor.advice.render import FORMATS, files, render
from advisor.advice.render_iam import policy_document
from advisor.advice.render_markdown import escaped, fenced
from advisor.methods.assessment import MethodId
from advisor.methods.options import Options
from advisor.model.errors import InputError
from advisor.model.estate import Estate
from advisor.rulebook import load
from tests.advice.test_plan import OPERATOR, STORIES
from tests.scenes.builder import CORE, Scene

BOOK = load()


def story(name: str, **options: object) -> tuple[Plan, Estate]:
    build, method, _ = STORIES[name]
    scene = Scene()
    build(scene)
    estate = scene.estate()
    return plan(estate, BOOK, None, method, options=Options(operator=OPERATOR), **options), estate  # type: ignore[arg-type]


MADE, ESTATE = story("no way to Systems Manager")


class TestJson:
    document = plan_document(MADE, BOOK)

    def test_it_has_the_shape_that_others_build_on(self):
        document = self.document
        assert document["schema"] == "advisor.plan/1"
        assert document["verified"] is True
        assert document["monthly_cost_usd"] == 14.6
        assert {"before", "after", "actions"} <= set(document)
        first = document["actions"][0]
        assert {
            "service",
            "operation",
            "parameters",
            "cli",
            "monthly_cost_usd",
            "rollback",
            "why",
        } <= set(first)
        assert first["cli"].startswith("GROUP_ID_1=$(aws ec2 create-security-group ")
        json.dumps(document)

    def test_verdicts_stand_by_target_and_method(self):
        (id,) = {each.target.id for each in MADE.reaches}
        assert self.document["before"][id]["session-manager"] == "blocked"
        assert self.document["after"][id]["session-manager"] == "ready"

    def test_results_of_other_actions_are_references(self):
        create = next(a for a in self.document["actions"] if a["operation"] == "CreateVpcEndpoint")
        assert create["parameters"]["SecurityGroupIds"] == [{"$ref": {"action": 0, "path": "GroupId"}}]

    def test_costs_and_their_lines_add_up(self):
        priced = [a["monthly_cost_usd"] for a in self.document["actions"]]
        assert sum(priced) == pytest.approx(self.document["monthly_cost_usd"])
        assert len(self.document["cost"]) == 2

    def test_alternatives_say_what_they_log(self):
        others = {each["method"]: each for each in self.document["alternatives"]}
        assert others["instance-connect-endpoint"]["logged"]
        assert others["instance-connect-endpoint"]["monthly_cost_usd"] == 0

    def test_it_speaks_japanese(self):
        document = plan_document(MADE, BOOK, "ja")
        assert "変更" in document["summary"]
        assert all(any("\u3040" <= c <= "\u9fff" for c in a["title"]) for a in document["actions"])


class TestFormats:
    @pytest.mark.parametrize("format", FORMATS)
    def test_every_format_gives_text_and_files(self, format: str):
        text = render(MADE, format, BOOK, ESTATE)
        assert text.strip()
        assert "\n".join(files(MADE, format, BOOK, ESTATE).values()) == text

    def test_the_way_back_is_a_file_of_its_own(self):
        assert list(files(MADE, "cli", BOOK, ESTATE)) == ["apply.sh", "rollback.sh"]

    def test_an_unknown_format_is_refused(self):
        with pytest.raises(InputError, match="no format `pulumi`"):
            render(MADE, "pulumi", BOOK, ESTATE)

    def test_a_template_is_for_one_place(self):
        scene = Scene()
        there = scene.at(region="eu-west-1")
        for each in (scene, there):
            vpc = each.vpc()
            vpc.subnet("10.0.1.0/24").instance(groups=[vpc.group("web")])
        estate = scene.estate()
        made = plan(estate, BOOK, None, MethodId.INSTANCE_CONNECT_ENDPOINT)
        assert sorted(files(made, "cloudformation", BOOK, estate)) == [
            "111122223333-eu-west-1.json",
            "111122223333-us-east-1.json",
        ]
        with pytest.raises(InputError, match="2 places"):
            render(made, "cloudformation", BOOK, estate)

    def test_nothing_to_do_is_said_in_every_format(self):
        scene = Scene()
        made, estate = plan(scene.estate(), BOOK), scene.estate()
        for format in FORMATS:
            assert render(made, format, BOOK, estate).strip()


class TestMarkdown:
    def test_it_tells_steps_verdicts_and_the_way_back(self):
        text = render(MADE, "markdown", BOOK, ESTATE)
        for part in ("# Plan", "## Changes", "## The way back", "## Before and after", "## Alternatives"):
            assert f"\n{part}\n" in f"\n{text}"
        assert text.count("```") % 2 == 0

    @given(text=st.text(max_size=30))
    def test_a_fence_is_longer_than_anything_inside(self, text: str):
        opening, *_, closing = fenced(text)
        assert closing not in text
        assert opening.startswith(closing)

    @pytest.mark.parametrize(
        "hostile", ["<img src=x>", "[a](javascript:x)", "`x`", "|", "# head", "- item", "a\nb", "*b*"]
    )
    def test_names_format_nothing(self, hostile: str):
        made = escaped(hostile)
        assert "\n" not in made
        assert not made.startswith(("#", "-", "<", "*", "|", "`", "["))
        for sign in "<[`|*":
            assert sign not in made.replace(f"\\{sign}", "")


class TestPolicy:
    def actions_of(self, name: str) -> dict[str, object]:
        made, _ = story(name)
        return policy_document(made.actions)

    def test_it_allows_the_requests_and_their_way_back(self):
        text = json.dumps(self.actions_of("no way to Systems Manager"))
        for action in (
            "ec2:CreateVpcEndpoint",
            "ec2:DeleteVpcEndpoints",
            "ec2:CreateSecurityGroup",
            "ec2:DeleteSecurityGroup",
            "ec2:DescribeVpcEndpoints",
            "route53:AssociateVPCWithHostedZone",
        ):
            assert action in text

    def test_a_role_is_passed_to_the_one_service_only(self):
        document = self.actions_of("no instance profile: one of the account is attached")
        passes = [each for each in document["Statement"] if each["Action"] == "iam:PassRole"]  # type: ignore[index, attr-defined]
        assert [each["Condition"] for each in passes] == [
            {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
        ]

    def test_known_resources_are_named(self):
        document = self.actions_of("endpoint's group closed")
        resources = [each["Resource"] for each in document["Statement"]]  # type: ignore[index, attr-defined]
        assert all("security-group/sg-" in str(each) for each in resources)

    @pytest.mark.parametrize("name", STORIES)
    def test_our_own_evaluator_allows_every_request_by_it(self, name: str):
        from advisor.advice.permissions import permissions, resources
        from advisor.iam.decision import Request, decide
        from advisor.iam.documents import Policies, parse_policy

        made, _ = story(name)
        policy = Policies((parse_policy(policy_document(made.actions), "plan", "iam:GetPolicy"),))
        for action in made.actions:
            own = permissions(action)[0]
            for resource in resources(action):
                verdict = decide(Request(own, resource), identity=policy).verdict
                assert verdict.value == "ready", (own, resource)


class TestHostileNames:
    NAME = "x'; rm -rf ~ #\n${aws:userid} $(id) `id` {{resolve:ssm:x}} <b>"

    def plan_with_hostile_names(self) -> tuple[Plan, Estate]:
        scene = Scene()
        vpc = scene.vpc(name=self.NAME)
        subnet = vpc.subnet("10.0.1.0/24", name=self.NAME)
        subnet.instance(
            name=self.NAME, groups=[vpc.group(self.NAME)], profile=scene.role("core", [CORE]), state="stopped"
        )
        estate = scene.estate()
        return plan(estate, BOOK, None, MethodId.SESSION_MANAGER), estate

    @pytest.mark.parametrize("format", ["cli", "powershell", "terraform", "cloudformation", "iam"])
    def test_names_of_people_do_not_reach_what_is_executed(self, format: str):
        made, estate = self.plan_with_hostile_names()
        assert made.verified
        assert "rm -rf" not in render(made, format, BOOK, estate)

    def test_reports_show_them_on_one_line(self):
        made, estate = self.plan_with_hostile_names()
        text = render(made, "markdown", BOOK, estate)
        (line,) = {line for line in text.splitlines() if "rm -rf" in line and "session-manager" in line}
        assert line.startswith("| i-")
        assert json.loads(render(made, "json", BOOK, estate))["targets"][0]["name"].startswith("x'; rm")
