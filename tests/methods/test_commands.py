"""The lines to connect with: real ids, quoted, for the platform and the use."""

from __future__ import annotations

import shlex

import pytest

from advisor.methods.assessment import MethodId
from advisor.methods.commands import commands
from advisor.methods.options import ANYBODY, Options, Use
from advisor.model.verdict import READY
from tests.methods.stages import (
    BOOK,
    Stage,
    at_console,
    guarded,
    hide_address,
    isolated,
    on_ipv6,
    public,
    tunnelled,
)
from tests.methods.stories import BASTION, DIRECT, SERIAL, SESSION, TUNNEL
from tests.scenes.builder import tcp


def lines(stage: Stage, method: MethodId, options: Options = ANYBODY) -> dict[str, str]:
    assessed = stage.assessed()
    found = commands(assessed.target, assessed.method(method), BOOK, options, estate=stage.scene.estate())
    return {each.use: each.command for each in found}


def test_a_shell_by_session_manager() -> None:
    stage = isolated()
    assert lines(stage, SESSION)["shell"].startswith(f"aws ssm start-session --target {stage.target}")


def test_a_tunnel_names_its_endpoint() -> None:
    stage = tunnelled()
    line = lines(stage, TUNNEL)["ssh"]
    assert f"--instance-id {stage.target}" in line
    assert f"endpointId={stage.eice.id}" in line
    assert "--connection-type eice" in line


def test_a_bastion_is_jumped_over_by_its_public_address() -> None:
    stage = guarded()
    words = shlex.split(lines(stage, BASTION)["ssh"])
    assert words[words.index("-J") + 1] == "ec2-user@198.51.100.9"
    assert words[-1] == f"ec2-user@{stage.instance.record['PrivateIpAddress']}"
    assert "team.pem" in words


def test_the_login_name_is_the_images() -> None:
    stage = public()
    image = stage.scene.place.records["ec2:DescribeImages"][0]
    image |= {"Name": "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20261101"}
    image |= {"OwnerId": "099720109477"}
    assert lines(stage, DIRECT)["ssh"].endswith("ubuntu@198.51.100.20")


def test_windows_is_offered_a_desktop_and_no_ssh() -> None:
    stage = tunnelled(port=3389, platform="windows")
    found = lines(stage, TUNNEL)
    assert "ssh" not in found
    assert "--remote-port 3389" in found["rdp"]


def test_the_serial_console_is_named_by_instance_and_port() -> None:
    stage = at_console()
    assert any(f"{stage.target}.port0" in line for line in lines(stage, SERIAL).values())


def test_a_tunnel_to_an_address_of_ipv6_only_names_it() -> None:
    stage = tunnelled()
    assert "--instance-ip" not in lines(stage, TUNNEL)["ssh"]
    stage.instance.record["Ipv6Address"] = "2600:1f18:1:2201::10"
    del stage.instance.record["PrivateIpAddress"]
    assert "--instance-ip 2600:1f18:1:2201::10" in lines(stage, TUNNEL)["ssh"]


def test_the_wanted_use_comes_first() -> None:
    stage = isolated()
    found = lines(stage, SESSION, Options(use=Use.PORT_FORWARD, remote_host="db.example", remote_port=5432))
    assert next(iter(found)) in ("remote-host", "port-forward")
    assert "db.example" in found["remote-host"] and "5432" in found["remote-host"]


def test_a_line_with_an_unknown_value_is_left_out() -> None:
    stage = isolated()
    assert "remote-host" not in lines(stage, SESSION)


@pytest.mark.parametrize("hostile", ["key; rm -rf ~", "$(id)", "a'b", 'a"b', "a b\n"])
def test_a_hostile_key_name_stays_one_word(hostile: str) -> None:
    stage = public(key=hostile)
    words = shlex.split(lines(stage, DIRECT)["ssh"])
    assert f"{hostile}.pem" in words


@pytest.mark.parametrize("hostile", ["$(id)", "`id`", "'; id; '", '" & id'])
def test_a_hostile_value_never_ends_up_inside_quotes(hostile: str) -> None:
    stage = isolated(key=hostile)
    for line in lines(stage, SESSION).values():
        assert hostile not in line or hostile in " ".join(shlex.split(line))
        assert f'"{hostile}' not in line


def test_a_windows_bastion_is_entered_by_remote_desktop_and_not_jumped_over() -> None:
    stage = guarded()
    stage.bastion.record |= {"Platform": "windows", "PlatformDetails": "Windows"}
    stage.bastion_group.record["IpPermissions"][0] |= {"FromPort": 3389, "ToPort": 3389}
    found = lines(stage, MethodId.BASTION)
    assert found["ssh"] == "mstsc /v:198.51.100.9"
    assert not any(" -J " in each for each in found.values())


def test_a_bastion_without_a_public_address_forwards_a_port_through_a_session() -> None:
    stage = guarded()
    hide_address(stage)
    stage.scene.node(stage.bastion)
    stage.scene.connection(stage.bastion, "connected")
    found = lines(stage, BASTION)
    assert "ssh" not in found
    assert f"--target {stage.bastion.id}" in found["tunnel"]
    assert f"host={stage.instance.record['PrivateIpAddress']}" in found["tunnel"]


def test_a_bastion_behind_a_load_balancer_is_jumped_over_by_the_balancers_name() -> None:
    stage = guarded()
    hide_address(stage)
    front = stage.scene.load_balancer(
        "front", [stage.far], {22: [stage.bastion]}, public_ips=["198.51.100.99"]
    )
    words = shlex.split(lines(stage, BASTION)["ssh"])
    assert words[words.index("-J") + 1] == f"ec2-user@{front.record['DNSName']}"


def test_a_bastion_that_only_its_load_balancer_may_enter_is_not_called_by_its_own_address() -> None:
    stage = guarded()
    door = stage.vpc.group("door", ingress=[tcp(22, "203.0.113.0/24")])
    stage.bastion_group.record["IpPermissions"] = []
    stage.bastion_group.ingress(tcp(22, door))
    front = stage.scene.load_balancer(
        "front",
        [stage.far],
        {22: [stage.bastion]},
        groups=[door],
        public_ips=["198.51.100.99"],
        preserve_client_ip=False,
    )
    assert f"ec2-user@{front.record['DNSName']}" in lines(stage, BASTION)["ssh"]


def test_no_line_jumps_over_a_bastion_that_was_reached_by_ipv6() -> None:
    stage = on_ipv6(name="bastion")
    inside = stage.vpc.group("inside", ingress=[tcp(22, stage.web)])
    stage.instance = stage.vpc.subnet("10.0.2.0/24").instance(groups=[inside], key="team")
    stage.target = stage.instance.id
    stage.options = Options(operator="2a01::7/128")
    assert stage.method(BASTION).verdict is READY
    assert not {"ssh", "tunnel"} & lines(stage, BASTION).keys()
