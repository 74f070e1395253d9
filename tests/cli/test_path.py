"""`advisor path` and `advisor graph`: one flow hop by hop, and the network for other tools."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.account import CUT_OFF, DATABASE, DATABASE_ID, WEB, WEB_ID, saved, scene
from tests.cli.running import advisor, answer, complaint


def test_a_flow_that_passes_shows_the_rule_of_every_hop_both_ways(snapshot: str) -> None:
    result = advisor("path", WEB, DATABASE, "--port", "5432", "--snapshot", snapshot)
    assert result.exit_code == 0
    assert "✓ reachable" in result.stdout
    there, back = result.stdout.split("← back")
    assert "security group" in there
    assert "5432" in there
    assert back.strip()


def test_json_has_the_shape_of_the_contract(snapshot: str) -> None:
    document = answer("path", WEB, DATABASE, "--port", "22", "--snapshot", snapshot)
    assert document["schema"] == "advisor.path/1"
    assert document["verdict"] == "blocked"
    assert document["source"]["id"] == WEB_ID
    assert document["destination"]["id"] == DATABASE_ID
    assert document["flow"]["protocol"] == "tcp"
    assert document["flow"]["port"] == 22
    assert {hop["direction"] for hop in document["hops"]} == {"forward", "return"}
    assert all({"kind", "id", "verdict", "rule"} <= hop.keys() for hop in document["hops"])
    (blocker,) = document["blockers"]
    assert blocker["cause"] == "ENI_SG_RULES_MISMATCH"
    assert blocker["resource"].startswith("sg-")
    assert blocker["direction"] == "forward"
    assert blocker["title"]
    assert blocker["remedies"]
    assert document["missing"] == []


@pytest.mark.parametrize(
    ("source", "destination", "code"),
    [
        (WEB, "service:ssm", 0),
        (CUT_OFF, "service:ssm", 1),
        ("internet", WEB, 1),
        (WEB, "internet:203.0.113.7", 0),
    ],
)
def test_the_exit_code_is_the_verdict(snapshot: str, source: str, destination: str, code: int) -> None:
    assert advisor("path", source, destination, "--port", "443", "--snapshot", snapshot).exit_code == code


def test_a_service_is_asked_on_443_unless_a_port_is_given(snapshot: str) -> None:
    assert answer("path", WEB, "service:ssm", "--snapshot", snapshot)["flow"]["port"] == 443
    assert answer("path", WEB, DATABASE, "--snapshot", snapshot)["flow"]["port"] == 22
    assert answer("path", WEB, DATABASE, "--snapshot", snapshot, "--protocol", "icmp")["flow"]["port"] is None


def test_missing_data_is_named_with_an_exit_code_of_its_own(tmp_path: Path) -> None:
    account = scene()
    account.deny("ec2:DescribeNetworkAcls")
    result = advisor("path", WEB, "service:ssm", "--snapshot", saved(account, tmp_path))
    assert result.exit_code == 3
    assert "ec2:DescribeNetworkAcls was denied" in result.stdout


def test_unknown_and_ambiguous_ends_name_candidates(snapshot: str) -> None:
    unknown = advisor("path", "nobody", DATABASE, "--snapshot", snapshot)
    assert unknown.exit_code == 2
    assert WEB in complaint(unknown)[1]
    ambiguous = advisor("path", "i-0aaa", DATABASE, "--snapshot", snapshot)
    assert ambiguous.exit_code == 2
    assert WEB_ID in complaint(ambiguous)[0]


def test_a_misspelt_name_is_answered_with_those_like_it(snapshot: str) -> None:
    assert f"Did you mean {CUT_OFF} (" in complaint(advisor("path", "cutoff", WEB, "--snapshot", snapshot))[1]


def test_an_id_that_repeats_is_told_apart_by_its_place(tmp_path: Path) -> None:
    account = scene()
    for place in (account.at(region="eu-west-1"), account.at(account="444455556666")):
        place.vpc("10.0.0.0/16").subnet("10.0.0.0/24").instance(id=WEB_ID)
    path = saved(account, tmp_path)
    ambiguous = advisor("path", WEB_ID, "internet", "--snapshot", path)
    assert ambiguous.exit_code == 2
    assert "account/region/id" in complaint(ambiguous)[1]
    for place in ("111122223333/eu-west-1", "444455556666/us-east-1"):
        source = answer("path", f"{place}/{WEB_ID}", "internet", "--snapshot", path)["source"]
        assert f"{source['account']}/{source['region']}" == place
    assert advisor("path", f"444455556666/eu-west-1/{WEB_ID}", "internet", "--snapshot", path).exit_code == 2


def test_a_node_outside_of_ec2_is_known_but_has_no_network(tmp_path: Path) -> None:
    account = scene()
    account.node("mi-0123456789abcdef0")
    result = advisor("path", "mi-0123456789abcdef0", WEB, "--snapshot", saved(account, tmp_path))
    assert result.exit_code == 2
    assert "outside of EC2" in complaint(result)[0]


def test_a_machine_is_not_asked_for_a_path_to_itself(snapshot: str) -> None:
    """What it sends to itself never leaves it: its own security group would wrongly block it."""
    result = advisor("path", WEB, WEB_ID, "--snapshot", snapshot)
    assert result.exit_code == 2
    complaint(result)


@pytest.mark.parametrize(
    ("protocol", "port"), [("tcp", "-1"), ("udp", "-1"), ("icmp", "256"), ("all", "22"), ("tcp", "65536")]
)
@pytest.mark.parametrize("command", [("path",), ("graph", "--flow")])
def test_a_port_that_the_protocol_does_not_have_is_a_mistake(
    snapshot: str, command: tuple[str, ...], protocol: str, port: str
) -> None:
    result = advisor(*command, WEB, DATABASE, "--protocol", protocol, "--port", port, "--snapshot", snapshot)
    assert result.exit_code == 2
    complaint(result)


def test_the_type_of_icmp_is_told(snapshot: str) -> None:
    arguments = ("path", WEB, DATABASE, "--protocol", "icmp", "--snapshot", snapshot)
    assert answer(*arguments, "--port", "8")["flow"]["icmp_type"] == 8
    assert answer(*arguments)["flow"]["icmp_type"] is None


def test_csv_holds_both_ways(snapshot: str) -> None:
    arguments = ("path", WEB, DATABASE, "--port", "5432", "--snapshot", snapshot)
    rows = list(csv.DictReader(io.StringIO(advisor(*arguments, "--output", "csv").stdout)))
    hops = answer(*arguments)["hops"]
    assert [(row["direction"], row["verdict"], row["id"]) for row in rows] == [
        (hop["direction"], hop["verdict"], hop["id"]) for hop in hops
    ]
    assert {row["direction"] for row in rows} == {"forward", "return"}


def test_a_query_and_other_formats_work_on_paths(snapshot: str) -> None:
    arguments = ("path", WEB, DATABASE, "--snapshot", snapshot)
    assert advisor(*arguments, "--query", "blockers[].cause").stdout == "ENI_SG_RULES_MISMATCH\n"
    assert advisor(*arguments, "--output", "html").stdout.startswith("<!DOCTYPE html>")
    assert "✗ blocked" in advisor(*arguments, "--output", "markdown").stdout


# --- graph ---


def test_a_graph_holds_the_things_of_the_account_and_what_joins_them(snapshot: str) -> None:
    graph = json.loads(advisor("graph", "--format", "json", "--snapshot", snapshot).stdout)
    assert graph["schema"] == "advisor.graph/1"
    kinds = {node["id"]: node["kind"] for node in graph["nodes"]}
    assert kinds[WEB_ID] == "instance"
    assert {"vpc", "subnet", "route-table", "internet-gateway", "nat-gateway", "internet"} <= set(
        kinds.values()
    )
    ends = {each for edge in graph["edges"] for each in (edge["source"], edge["target"])}
    assert ends <= set(kinds)
    inside = {node["id"]: node["inside"] for node in graph["nodes"]}
    assert kinds[inside[WEB_ID]] == "subnet"
    assert kinds[inside[inside[WEB_ID]]] == "vpc"


def test_graphml_is_read_by_networkx(snapshot: str) -> None:
    import networkx

    text = advisor("graph", "--format", "graphml", "--snapshot", snapshot).stdout
    graph = networkx.parse_graphml(text)
    assert graph.nodes[WEB_ID]["kind"] == "instance"
    assert graph.nodes[WEB_ID]["name"] == WEB
    assert ElementTree.fromstring(text).tag.endswith("graphml")


@pytest.mark.parametrize(("format", "start"), [("dot", "digraph"), ("mermaid", "flowchart LR")])
def test_drawings_name_every_instance(snapshot: str, format: str, start: str) -> None:
    text = advisor("graph", "--format", format, "--snapshot", snapshot).stdout
    assert text.startswith(start)
    assert WEB_ID in text


def test_a_blackhole_is_drawn_broken(tmp_path: Path) -> None:
    account = scene()
    account.vpc("10.9.0.0/16").main.route("0.0.0.0/0", "nat-0123456789abcdef0", state="blackhole")
    graph = json.loads(advisor("graph", "--format", "json", "--snapshot", saved(account, tmp_path)).stdout)
    (broken,) = [edge for edge in graph["edges"] if edge["broken"]]
    assert (broken["target"], broken["label"]) == ("nat-0123456789abcdef0", "0.0.0.0/0")


def test_only_the_vpc_that_is_asked_for_is_drawn(tmp_path: Path) -> None:
    account = scene()
    other = account.vpc("10.9.0.0/16")
    path = saved(account, tmp_path)
    graph = json.loads(advisor("graph", "--vpc", other.id, "--format", "json", "--snapshot", path).stdout)
    assert {node["id"] for node in graph["nodes"] if node["kind"] == "vpc"} == {other.id}
    assert advisor("graph", "--vpc", "vpc-none", "--snapshot", path).exit_code == 2


def test_a_flow_is_drawn_as_the_chain_of_its_hops(snapshot: str) -> None:
    arguments = ("graph", "--flow", WEB, DATABASE, "--port", "22", "--format", "json", "--snapshot", snapshot)
    graph = json.loads(advisor(*arguments).stdout)
    blocked = [node for node in graph["nodes"] if node["state"] == "blocked"]
    assert [node["kind"] for node in blocked] == ["security-group"]


def test_hostile_names_stay_inside_their_quotes(tmp_path: Path) -> None:
    account = scene()
    account.vpc("10.9.0.0/16", name='x"]; rm -rf <b>\n--> n0 &quot;')
    path = saved(account, tmp_path)
    dot = advisor("graph", "--format", "dot", "--snapshot", path).stdout
    assert '\\"]; rm -rf' in dot
    mermaid = advisor("graph", "--format", "mermaid", "--snapshot", path).stdout
    assert not any(line.strip().startswith("-->") or "<b>" in line for line in mermaid.splitlines())
    ElementTree.fromstring(advisor("graph", "--format", "graphml", "--snapshot", path).stdout)
