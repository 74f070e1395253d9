"""Terraform: it parses, names stay, existing resources are imported, and texts stay literal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.advice.action import Action, linked, members
from advisor.advice.actions import actions_for
from advisor.advice.apply import apply_all
from advisor.advice.hcl import block, quoted, written
from advisor.advice.render_terraform import terraform
from advisor.model.estate import Estate
from advisor.network import repairs
from tests.advice.hcl_text import read, resources, unquoted
from tests.advice.samples import OTHERS, REPAIRS, SAMPLE
from tests.scenes.builder import Scene

KINDS = sorted(set(REPAIRS) - {"AskOwner"})
BY_THE_CLI = {"DisableClientIpPreservation"}
IMPORTED = {
    "AddRoute": "aws_route",
    "AddTransitGatewaySubnet": "aws_ec2_transit_gateway_vpc_attachment",
    "DisableSourceDestCheck": "aws_network_interface",
    "EnableGroupReferencing": "aws_ec2_transit_gateway",
    "EnableVpcDns": "aws_vpc",
}

signs = st.text(st.sampled_from("${}%\"\\'ab\n\r\t#/*<~ é日\u2028\x00\x7f"), max_size=14)


def of(actions: tuple[Action, ...], estate: Estate | None = None, title: str = "title") -> str:
    return terraform(actions, {each.key: title for each in actions}, estate or SAMPLE.estate)


def action(service: str, operation: str, **parameters: object) -> Action:
    return Action("the-key", service, operation, members(**parameters), "111122223333", "us-east-1", "t", 1)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_repair_parses(kind: str):
    text = of(actions_for(REPAIRS[kind], SAMPLE.estate))
    parsed = read(text)
    if kind in BY_THE_CLI:
        assert "resource" not in parsed
        assert "# aws ec2 modify-instance-connect-endpoint" in text
    else:
        assert resources(text)
    assert ("import" in parsed) == (
        kind in IMPORTED or kind in ("CreateInterfaceEndpoint", "CreateNatGateway", "EnablePrivateDns")
    )


@pytest.mark.parametrize("kind", sorted(OTHERS))
def test_everything_else_parses_too(kind: str):
    text = of(OTHERS[kind].actions)
    read(text)
    assert resources(text) or "# aws " in text


@pytest.mark.parametrize("kind", sorted(IMPORTED))
def test_existing_resources_are_imported(kind: str):
    text = of(actions_for(REPAIRS[kind], SAMPLE.estate))
    (found,) = read(text)["import"]
    name = next(name for type, name in resources(text) if type == IMPORTED[kind])
    assert found["to"] in (f"{IMPORTED[kind]}.{name}", f"${{{IMPORTED[kind]}.{name}}}")


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_change_gives_the_same_text(kind: str):
    once, again = (of(actions_for(REPAIRS[kind], SAMPLE.estate)) for _ in range(2))
    assert once == again


def test_names_do_not_depend_on_what_stands_before():
    group = actions_for(REPAIRS["AdmitInGroup"], SAMPLE.estate)
    others = actions_for(REPAIRS["AdmitInNetworkAcl"], SAMPLE.estate)
    alone = resources(of(group))
    assert alone.items() <= resources(of((*others, *group))).items()


def test_created_things_are_referred_to():
    text = of(actions_for(REPAIRS["CreateNatGateway"], SAMPLE.estate))
    found = {type: body for (type, _), body in resources(text).items()}
    assert "aws_eip." in found["aws_nat_gateway"]["allocation_id"]
    assert "aws_nat_gateway." in found["aws_route"]["nat_gateway_id"]


def test_two_attributes_of_a_vpc_make_one_resource():
    scene = Scene()
    vpc = scene.vpc(dns_support=False, dns_hostnames=False)
    subnet = vpc.subnet("10.0.1.0/24")
    repair = repairs.CreateInterfaceEndpoint("ssm", vpc.id, (subnet.id,), scene.account, scene.region)
    estate = scene.estate()
    found = resources(of(actions_for(repair, estate), estate))
    (body,) = [body for (type, _), body in found.items() if type == "aws_vpc"]
    assert body["enable_dns_support"] is True and body["enable_dns_hostnames"] is True
    (endpoint,) = [body for (type, _), body in found.items() if type == "aws_vpc_endpoint"]
    assert "aws_vpc." in str(endpoint["depends_on"])


def test_a_new_group_keeps_the_outbound_rule_that_aws_gives_it():
    found = resources(of(actions_for(REPAIRS["CreateInterfaceEndpoint"], SAMPLE.estate)))
    outbound = [body for (type, _), body in found.items() if type == "aws_vpc_security_group_egress_rule"]
    assert [unquoted(body["cidr_ipv4"]) for body in outbound] == ["0.0.0.0/0"]


def test_a_plan_in_stages_refers_to_its_own_resources():
    place = SAMPLE.place()
    first = actions_for(REPAIRS["CreateInterfaceEndpoint"], SAMPLE.estate)
    changed = apply_all(first, SAMPLE.estate)
    second = actions_for(
        repairs.CreateInterfaceEndpoint("kms", SAMPLE.vpc.id, (SAMPLE.private.id,), **place), changed
    )
    text = of(linked(first + second))
    assert "sg-new" not in text and "vpce-new" not in text
    read(text)


def test_regions_have_providers_of_their_own():
    here = action("ec2", "EnableSerialConsoleAccess")
    there = Action(
        "other", "ec2", "EnableSerialConsoleAccess", members(), "111122223333", "eu-west-1", "t", 1
    )
    text = of((here, there))
    providers = [body for each in read(text)["provider"] for body in each.values()]
    assert {unquoted(body["alias"]) for body in providers} == {"us_east_1", "eu_west_1"}
    assert all("aws." in str(body["provider"]) for body in resources(text).values())


@given(text=signs)
def test_any_text_is_read_back_literally(text: str):
    found = resources(written(block("resource", "a", "b", x=text)))
    assert unquoted(found["a", "b"]["x"]) == text


@given(key=signs, value=signs)
def test_hostile_tags_stay_literal(key: str, value: str):
    asked = action("ec2", "CreateTags", Resources=["i-1"], Tags=[{"Key": key, "Value": value}])
    (body,) = resources(of((asked,))).values()
    assert (unquoted(body["key"]), unquoted(body["value"])) == (key, value)


@given(content=signs)
def test_hostile_documents_stay_literal(content: str):
    document = json.dumps({"inputs": {"shellProfile": {"linux": content, "${x}": content}}})
    asked = action("ssm", "CreateDocument", Name="d", Content=document, DocumentFormat="JSON")
    (body,) = resources(of((asked,))).values()
    assert json.loads(unquoted(body["content"])) == json.loads(document)


@given(title=signs)
def test_hostile_titles_stay_in_their_comments(title: str):
    asked = action("ec2", "EnableSerialConsoleAccess")
    found = resources(of((asked,), title=title))
    assert list(found) == [("aws_ec2_serial_console_access", "the_key")]


def test_interpolation_is_doubled():
    assert quoted("${aws:userid}") == '"$${aws:userid}"'
    assert quoted("%{if}") == '"%%{if}"'
