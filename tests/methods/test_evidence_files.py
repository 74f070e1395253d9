"""Evidence that somebody gathered on the node or by hand, and what follows from it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from advisor.methods.answer import Certainty
from advisor.methods.evidence_files import (
    LARGEST,
    Diagnostics,
    NodeConnection,
    Outcome,
    applied,
    findings,
    reached,
    read_evidence,
)
from advisor.model.errors import InputError
from advisor.rulebook import load
from tests.scenes.builder import Scene

NODE = "i-0123456789abcdef0"
IDENTITY = f"arn:aws:sts::111122223333:assumed-role/node/{NODE}"
HEALTHY = {
    "EC2 IMDS": ("Success", f"IMDS is accessible and has instance id {NODE} in region us-east-1"),
    "Hybrid instance registration": ("Skipped", "Instance does not have hybrid registration"),
    "Connectivity to ssm endpoint": ("Success", "ssm.us-east-1.amazonaws.com is reachable"),
    "Connectivity to ec2messages endpoint": ("Success", "ec2messages.us-east-1.amazonaws.com is reachable"),
    "Connectivity to ssmmessages endpoint": ("Success", "ssmmessages.us-east-1.amazonaws.com is reachable"),
    "Connectivity to s3 endpoint": ("Success", "s3.us-east-1.amazonaws.com is reachable"),
    "AWS Credentials": (
        "Success",
        f"Credentials are for {IDENTITY} and will expire at 2026-11-23 13:24:42 +0000 UTC",
    ),
    "Agent service": ("Success", "Agent service is running and is running as expected user"),
    "Proxy configuration": ("Skipped", "No proxy configuration detected"),
    "SSM Agent version": (
        "Success",
        "SSM Agent version is 3.0.655.0, latest agent version in us-east-1 is 3.1.192.0",
    ),
}


def printed(**changes: tuple[str, str]) -> bytes:
    rows = HEALTHY | {name.replace("_", " "): value for name, value in changes.items()}
    output = [{"Check": name, "Status": status, "Note": note} for name, (status, note) in rows.items()]
    return json.dumps({"DiagnosticsOutput": output}, indent=2).encode()


def diagnostics(content: bytes) -> Diagnostics:
    found = read_evidence(content, "evidence.json")
    assert isinstance(found, Diagnostics)
    return found


def test_a_healthy_node() -> None:
    found = diagnostics(printed())
    assert (found.target, found.region, found.agent_version) == (NODE, "us-east-1", "3.0.655.0")
    assert found.identity == IDENTITY
    assert found.reachable == {"ssm", "ec2messages", "ssmmessages", "s3"}
    assert found.unreachable == frozenset()
    assert found.checks[1].outcome is Outcome.SKIPPED
    assert findings(found) == ()


def test_the_table_says_the_same_as_the_json() -> None:
    lines = ["┌──────┬────────┬──────┐", "│ Check │ Status │ Note │", "├──────┼────────┼──────┤"]
    for name, (status, note) in HEALTHY.items():
        half = note.index(" ", len(note) // 2)
        lines += [f"│ {name} │ {status} │ {note[:half]} │", f"│  │  │ {note[half + 1 :]} │"]
    table = "\r\n".join([*lines, "└──────┴────────┴──────┘"]).encode()
    assert read_evidence(table, "table.txt") == diagnostics(printed())


def causes(content: bytes) -> dict[str, Certainty]:
    return {each.cause: each.certainty for each in findings(diagnostics(content))}


REFUSED = "dial tcp 10.0.0.9:443: i/o timeout"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"Agent_service": ("Failed", "service is stopped")},
            {"agent-stopped-or-crashed": Certainty.CERTAIN},
        ),
        (
            {"Windows_sysprep_image_state": ("Failed", "Windows image state should be IMAGE_STATE_COMPLETE")},
            {"windows-sysprep-incomplete": Certainty.CERTAIN},
        ),
        ({"EC2_IMDS": ("Failed", "IMDS request timeout")}, {"imds-disabled": Certainty.LIKELY}),
        (
            {"Connectivity_to_ssmmessages_endpoint": ("Failed", REFUSED)},
            {"vpce-ssmmessages-missing": Certainty.LIKELY, "agent-os-firewall": Certainty.LIKELY},
        ),
        (
            {"Connectivity_to_ssm_endpoint": ("Failed", "lookup ssm.us-east-1: no such host")},
            {
                "dhcp-custom-dns": Certainty.LIKELY,
                "vpce-private-dns-off": Certainty.LIKELY,
                "no-path-to-ssm": Certainty.LIKELY,
                "agent-os-firewall": Certainty.LIKELY,
            },
        ),
        (
            {"Connectivity_to_ec2messages_endpoint": ("Failed", REFUSED)},
            {"vpce-ec2messages-missing-old-agent": Certainty.LIKELY},
        ),
        (
            {
                "Connectivity_to_ec2messages_endpoint": ("Failed", "no such host"),
                "SSM_Agent_version": ("Success", "SSM Agent version is 3.3.987.0"),
            },
            {},
        ),
        ({"Connectivity_to_s3_endpoint": ("Failed", REFUSED)}, {"s3-unreachable": Certainty.LIKELY}),
        (
            {"AWS_Credentials": ("Failed", "EC2RoleRequestError: no EC2 instance role found")},
            {
                "no-instance-profile-no-dhmc": Certainty.LIKELY,
                "instance-profile-without-role": Certainty.LIKELY,
                "instance-role-trust-wrong": Certainty.LIKELY,
            },
        ),
        (
            {
                "AWS_Credentials": (
                    "Failed",
                    "Failed call sts endpoint: SignatureDoesNotMatch: Signature expired",
                )
            },
            {"agent-clock-skew": Certainty.LIKELY},
        ),
        ({"AWS_Credentials": ("Failed", "STS call timed out")}, {}),
        ({"SSM_Agent_version": ("Failed", "Failed to get SSM Agent version")}, {}),
        ({"Proxy_configuration": ("Success", "Detected proxy configuration: https_proxy: x")}, {}),
        ({"A_check_of_tomorrow": ("Failed", "?")}, {}),
    ],
)
def test_what_follows_from_a_failed_check(
    changes: dict[str, tuple[str, str]], expected: dict[str, Certainty]
) -> None:
    assert causes(printed(**changes)) == expected


def test_a_proxy_is_suspected_only_where_the_services_are_not_reached() -> None:
    proxy = ("Success", "Detected proxy configuration: https_proxy: http://proxy:3128")
    found = causes(printed(Proxy_configuration=proxy, Connectivity_to_ssm_endpoint=("Failed", REFUSED)))
    assert found["agent-proxy-misconfigured"] is Certainty.LIKELY


def test_every_cause_is_in_the_rule_book() -> None:
    failed = {name.replace(" ", "_"): ("Failed", "no such host EC2RoleRequestError") for name in HEALTHY}
    failed["Connectivity_to_kms_endpoint"] = failed["Connectivity_to_logs_endpoint"] = ("Failed", REFUSED)
    failed["Windows_sysprep_image_state"] = ("Failed", "")
    failed["Proxy_configuration"] = ("Success", "x")
    known = load().causes.keys()
    assert {each.cause for each in findings(diagnostics(printed(**failed)))} <= known


def test_findings_name_the_node_and_the_check() -> None:
    (found,) = findings(diagnostics(printed(Agent_service=("Failed", "stopped\x1b[2J"))))
    assert found.resource == NODE
    (shown,) = found.evidence
    assert (shown.operation, shown.field) == ("ssm-cli get-diagnostics", "Agent service")
    assert (found.says + shown.says).isprintable()


def test_a_hybrid_node_is_known_by_its_registration() -> None:
    hybrid = "Instance has hybrid registration with instance id mi-0123456789abcdef0 in region eu-west-1"
    found = diagnostics(
        printed(
            EC2_IMDS=("Skipped", "Instance has hybrid registration"),
            Hybrid_instance_registration=("Success", hybrid),
        )
    )
    assert (found.target, found.region) == ("mi-0123456789abcdef0", "eu-west-1")


@pytest.mark.parametrize(
    ("status", "connected"), [("connected", True), ("notconnected", False), ("Connected", True)]
)
def test_the_connection_status(status: str, connected: bool) -> None:
    content = json.dumps({"Target": NODE, "Status": status}).encode()
    assert read_evidence(content, "status.json") == NodeConnection(NODE, connected)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"[]",
        b"{}",
        b'{"Vpcs": []}',
        b'{"DiagnosticsOutput": {}}',
        b'{"DiagnosticsOutput": []}',
        b'{"DiagnosticsOutput": ["x"]}',
        b'{"DiagnosticsOutput": [{"Check": "EC2 IMDS", "Status": "Fine"}]}',
        b'{"Target": "i-0123456789abcdef0", "Status": "open"}',
        b'{"Target": "$(id)", "Status": "connected"}',
        b'{"Target": 5, "Status": "connected"}',
        b"\xff\xfe\x00",
        b"ssm-cli get-diagnostics requires elevated permissions",
        b"[" * 100_000,
        b" " * (LARGEST + 1),
    ],
    ids=lambda content: content[:40],
)
def test_files_of_another_kind_are_refused_by_name(content: bytes) -> None:
    with pytest.raises(InputError) as refused:
        read_evidence(content, "odd\x07.json")
    assert refused.value.message.startswith("odd.json")
    assert refused.value.hint


# --- on an estate ----------------------------------------------------------------------------------------


def scene() -> tuple[Scene, str]:
    made = Scene()
    instance = made.vpc().subnet("10.0.1.0/24").instance()
    made.node(instance, agent="3.3.987.0")
    return made, instance.id


def test_a_connection_status_stands_as_if_aws_had_been_asked() -> None:
    made, node = scene()
    estate = applied(made.estate(), NodeConnection(node, True))
    record = estate.scope("111122223333", "us-east-1").connection_statuses[node]
    assert record.status == "connected"


def test_the_agents_own_word_on_its_version_counts() -> None:
    made, node = scene()
    evidence = Diagnostics(diagnostics(printed()).checks, agent_version="3.0.655.0")
    estate = applied(made.estate(), evidence, node)
    assert estate.scope("111122223333", "us-east-1").managed_nodes[node].agent_version == "3.0.655.0"


def test_an_unmanaged_node_stays_unmanaged() -> None:
    made = Scene()
    instance = made.vpc().subnet("10.0.1.0/24").instance()
    estate = applied(made.estate(), Diagnostics((), agent_version="3.0.655.0"), instance.id)
    assert instance.id not in estate.scope("111122223333", "us-east-1").managed_nodes


@pytest.mark.parametrize(
    ("evidence", "target"),
    [
        (NodeConnection("i-0aaaaaaaaaaaaaaaa", True), None),
        (NodeConnection(NODE, True), "i-0aaaaaaaaaaaaaaaa"),
        (Diagnostics(()), None),
    ],
)
def test_evidence_of_no_node_here_is_refused(evidence: Any, target: str | None) -> None:
    made, _ = scene()
    with pytest.raises(InputError):
        applied(made.estate(), evidence, target)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_powershell_redirects_into_other_encodings(encoding: str) -> None:
    text = printed().decode()
    marked = text if encoding in ("utf-8", "utf-8-sig", "utf-16") else f"\ufeff{text}"
    assert diagnostics(marked.encode(encoding)).target == NODE


@pytest.mark.parametrize("content", [b"", b" \r\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_said_to_be_empty(content: bytes) -> None:
    with pytest.raises(InputError, match="is empty"):
        read_evidence(content, "evidence.json")


def test_what_the_node_reached_is_told_with_its_id() -> None:
    found = diagnostics(printed(Connectivity_to_ssm_endpoint=("Failed", "dial tcp: i/o timeout")))
    assert reached(found) == {(NODE, service) for service in ("ec2messages", "ssmmessages", "s3")}
    assert reached(NodeConnection(NODE, True)) == frozenset()


def test_what_aws_answers_now_counts_more_than_a_file() -> None:
    scene = Scene()
    scene.node(scene.vpc().subnet("10.0.1.0/24").instance(id=NODE))
    scene.connection(NODE, "notconnected")
    kept = NodeConnection(NODE, True)
    (scope,) = applied(scene.estate(), kept, fresh=True).regional
    assert scope.connection_statuses[NODE].status == "notconnected"
    (scope,) = applied(scene.estate(), kept).regional
    assert scope.connection_statuses[NODE].status == "connected"
