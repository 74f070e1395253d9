"""Lines for the AWS CLI: what the real program understands of them is the action, literally."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.advice.action import Action, Members, Ref, members
from advisor.advice.actions import actions_for
from advisor.advice.render_cli import cli_lines, option_name, rollback_of, script, variables
from advisor.advice.shells import Shell, json_pieces, quote
from tests.advice.model import service_model
from tests.advice.program import expected, request_of, words_in_sh
from tests.advice.samples import REPAIRS, SAMPLE

KINDS = sorted(set(REPAIRS) - {"AskOwner"})

HOSTILE = [
    "'",
    '"',
    "$(touch x)",
    "`id`",
    "${HOME}",
    "a\nb",
    "a;b|c&d",
    "-rf",
    "--profile",
    "file:///etc/passwd",
    "http://169.254.169.254/",
    "fileb://x",
    "{not json",
    "[1]",
    "\\",
    "\\'",
    "%PATH%",
    "日本語 ‘quoted’",
    "=x",
    "*",
    "~",
    "#c",
    "!!",
    "\u2028",
    "{{resolve:ssm:x}}",
]
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20),
    st.lists(st.sampled_from(HOSTILE), min_size=2, max_size=3).map("".join),
)
slow = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def action(service: str, operation: str, **parameters: object) -> Action:
    return Action("k", service, operation, members(**parameters), "111122223333", "us-east-1", "t", 1)


def values_of(actions: tuple[Action, ...]) -> dict[str, str]:
    """Something that AWS might answer, for each result that is needed."""
    return {ref.action: f"id-{number}" for number, ref in enumerate(variables(actions))}


@pytest.mark.parametrize("kind", KINDS)
def test_the_program_understands_every_line_as_the_action(kind: str):
    actions = actions_for(REPAIRS[kind], SAMPLE.estate)
    values = values_of(actions)
    names = variables(actions)
    given_names = {names[ref]: values[ref.action] for ref in names}
    whole = (*actions, *rollback_of(actions))
    for each, line in zip(whole, cli_lines(whole, Shell.SH, names), strict=True):
        command = re.sub(r"^[A-Z_0-9]+=\$\((.*)\) && echo .*$", r"\1", line.command)
        words = words_in_sh(command, **given_names)
        words = words[: words.index("--query")] if "--query" in words else words
        service, operation, found = request_of(words)
        assert (service, operation) == (each.service, each.operation)
        assert found == expected(each, **values), line.command


def test_results_are_kept_in_variables_for_later_lines():
    actions = actions_for(REPAIRS["CreateNatGateway"], SAMPLE.estate)
    lines = cli_lines(actions)
    assert lines[0].command.startswith("ALLOCATION_ID_1=$(aws ec2 allocate-address ")
    assert '--allocation-id "$ALLOCATION_ID_1"' in lines[1].command
    assert lines[1].waits[0].startswith("aws ec2 wait nat-gateway-available --nat-gateway-ids ")
    assert '--nat-gateway-id "$NAT_GATEWAY_ID_2"' in lines[2].command


def test_the_way_back_begins_with_the_last_change():
    actions = actions_for(REPAIRS["CreateNatGateway"], SAMPLE.estate)
    assert [each.operation for each in rollback_of(actions)] == [
        "DeleteRoute",
        "DeleteNatGateway",
        "ReleaseAddress",
    ]


def test_every_line_of_a_script_is_a_comment_or_a_command():
    actions = actions_for(REPAIRS["CreateInterfaceEndpoint"], SAMPLE.estate)
    titles = {each.key: "a title" for each in actions}
    for line in script(actions, titles).splitlines():
        assert line == "" or line.startswith(("# ", "aws ", "GROUP_ID", "VPC_ENDPOINT_ID", "while "))


@slow
@given(name=texts, description=texts)
def test_hostile_texts_reach_the_request_literally(name: str, description: str):
    asked = action("ec2", "CreateSecurityGroup", GroupName=name, Description=description, VpcId="vpc-1")
    (line,) = cli_lines([asked])
    assert request_of(words_in_sh(line.command))[2] == expected(asked)


@slow
@given(key=texts, value=texts)
def test_hostile_tags_reach_the_request_literally(key: str, value: str):
    asked = action("ec2", "CreateTags", Resources=["i-1"], Tags=[{"Key": key, "Value": value}])
    (line,) = cli_lines([asked])
    assert request_of(words_in_sh(line.command))[2] == expected(asked)


@slow
@given(ids=st.lists(texts, min_size=1, max_size=3))
def test_hostile_lists_reach_the_request_literally(ids: list[str]):
    asked = action("ec2", "StartInstances", InstanceIds=ids)
    (line,) = cli_lines([asked])
    assert request_of(words_in_sh(line.command))[2] == expected(asked)


@slow
@given(content=texts)
def test_hostile_documents_reach_the_request_literally(content: str):
    asked = action("iam", "PutRolePolicy", RoleName="r", PolicyName="p", PolicyDocument=f'{{"x": "{content}')
    (line,) = cli_lines([asked])
    assert request_of(words_in_sh(line.command))[2] == expected(asked)


# --- PowerShell, read back by its own rules for single quotes ---------------------------------------------


def read_powershell(text: str) -> str:
    """A single-quoted PowerShell string: any of five quotes ends it, and two of them stand for one."""
    quotes = "'\u2018\u2019\u201a\u201b"
    assert text[0] == "'" and text[-1] == "'"
    found, position, inner = [], 0, text[1:-1]
    while position < len(inner):
        if inner[position] in quotes:
            assert position + 1 < len(inner) and inner[position + 1] in quotes
            position += 1
        found.append(inner[position])
        position += 1
    return "".join(found)


@given(text=texts)
def test_powershell_reads_a_word_back_literally(text: str):
    word = quote([text], Shell.POWERSHELL, lambda ref: "X")
    if word.startswith("'"):
        assert read_powershell(word) == text
    else:
        assert word == text
        assert re.fullmatch(r"[A-Za-z0-9_./:-]+", word)


@given(text=texts)
def test_powershell_sends_what_is_not_plain_through_a_file(text: str):
    asked = action("ec2", "CreateTags", Resources=["i-1"], Tags=[{"Key": "k", "Value": text}])
    (line,) = cli_lines([asked], Shell.POWERSHELL)
    assert line.command.startswith("$INPUT_1 = New-TemporaryFile; [IO.File]::WriteAllText($INPUT_1, '")
    assert '--cli-input-json "file://$INPUT_1"' in line.command
    # Windows PowerShell takes double quotes out of arguments; only the file's own name stands in such.
    arguments = line.command.partition("; aws ")[2] or line.command.rpartition("; aws ")[2]
    assert arguments.count('"') == 2


def test_powershell_joins_results_into_json():
    value = Members((("A", "x'y"), ("B", Ref("other", "GroupId"))))
    word = quote(json_pieces(value), Shell.POWERSHELL, lambda ref: "GROUP_ID_1")
    assert word == '(\'{"A":"x\'\'y","B":"\' + $GROUP_ID_1 + \'"}\')'


def test_options_are_spelled_as_the_program_spells_them():
    from botocore import xform_name

    for service in ("ec2", "iam", "ssm", "kms", "logs", "route53", "cloudwatch"):
        model = service_model(service)
        used = {each.operation for kind in KINDS for each in actions_for(REPAIRS[kind], SAMPLE.estate)}
        used |= {"UpdateAssumeRolePolicy", "UpdateServiceSetting", "CreateGrant", "PutMetricAlarm"}
        used |= {"AssociateVPCWithHostedZone", "DisassociateVPCFromHostedZone", "DeleteVpcEndpoints"}
        for operation in used & set(model.operation_names):
            assert option_name(operation) == xform_name(operation, "-")
            shape = model.operation_model(operation).input_shape
            for member in shape.members if shape else ():
                assert option_name(member) == xform_name(member, "-"), member
