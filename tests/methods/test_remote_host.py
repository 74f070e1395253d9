"""Ports forwarded to a host through a node: to the node itself, to AWS's own addresses, to a database."""

from __future__ import annotations

import pytest

from advisor.methods.options import Options, Use
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from tests.methods.stages import isolated, on_premises
from tests.methods.stories import SESSION


@pytest.mark.parametrize(
    ("host", "verdict"),
    [
        ("127.0.0.1", READY),
        ("localhost", READY),
        ("LOCALHOST.", READY),
        ("::1", READY),
        ("169.254.169.254", BLOCKED),
        ("fd00:ec2::254", BLOCKED),
        ("8.8.8.8", BLOCKED),
        ("db.example.com", UNKNOWN),
    ],
)
def test_a_host(host: str, verdict: Verdict) -> None:
    options = Options(use=Use.PORT_FORWARD, remote_host=host, remote_port=5432)
    assert isolated().method(SESSION, options).verdict is verdict


def test_a_hybrid_node_reaches_itself_too() -> None:
    near = Options(use=Use.PORT_FORWARD, remote_host="localhost", remote_port=5432)
    far = Options(use=Use.PORT_FORWARD, remote_host="10.0.0.5", remote_port=5432)
    assert on_premises().method(SESSION, near).verdict is READY
    assert on_premises().method(SESSION, far).verdict is UNKNOWN


def test_a_databases_name_is_the_same_in_capitals_and_with_a_dot() -> None:
    stage = isolated()
    group = stage.vpc.group("database")
    stage.far.interface([group], description="RDSNetworkInterface", requester="amazon-rds")
    stage.scene.add(
        "rds:DescribeDBInstances",
        DBInstanceIdentifier="orders",
        Endpoint={"Address": "orders.abc.us-east-1.rds.amazonaws.com", "Port": 5432},
        VpcSecurityGroups=[{"VpcSecurityGroupId": group.id, "Status": "active"}],
    )
    host = "Orders.ABC.us-east-1.rds.amazonaws.com."
    found = stage.method(SESSION, Options(use=Use.PORT_FORWARD, remote_host=host, remote_port=5432))
    assert {each.cause for each in found.blockers} == {"remote-host-unreachable"}
