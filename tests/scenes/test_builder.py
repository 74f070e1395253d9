"""The builder answers as AWS does: every member it writes is one that botocore knows."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import msgspec
import pytest
from botocore.model import ListShape, ServiceModel, Shape, StructureShape

from advisor.model.coverage import Status
from advisor.model.responses import Responses
from advisor.model.scope import FAMILIES
from tests.scenes.builder import (
    CORE,
    PREFERENCES,
    Scene,
    allow,
    entry,
    everything,
    icmp,
    icmpv6,
    peer,
    protocol,
    tcp,
    udp,
)
from tests.scenes.place import CLIENTS


def grand_scene() -> Scene:
    """One scene with everything that the builder can make."""
    scene = Scene()
    ours = scene.vpc("10.0.0.0/16", ipv6="2001:db8:1::/56", name="ours", dhcp=scene.dhcp("10.0.0.53"))
    ours.block("10.200.0.0/16").block("10.201.0.0/16", state="disassociated")
    theirs_place = scene.at(account="444455556666", region="eu-west-1")
    theirs = theirs_place.vpc("10.1.0.0/16", dns_hostnames=False)
    igw, eigw, vgw = ours.igw(), ours.eigw(), ours.vgw()
    peering = scene.peering(ours, theirs)
    public = ours.subnet("10.0.0.0/24", name="public", ipv6="2001:db8:1:1::/64")
    private = ours.subnet("10.0.1.0/24", "us-east-1b")
    nat = public.nat()
    ours.regional_nat(["us-east-1a"], table=ours.table())
    office = scene.prefix_list("192.0.2.0/24", name="office")
    ours.main.route("0.0.0.0/0", igw).route("::/0", eigw).route("10.1.0.0/16", peering)
    table = ours.table(
        [("0.0.0.0/0", nat), (office, vgw), ("10.9.0.0/16", "nat-0bad", "blackhole")], [private]
    )
    table.propagate(vgw, "192.168.0.0/16")
    ours.table([("10.0.1.0/24", "local")], edge=igw)
    ours.acl(
        [entry(100, "allow", "tcp", 22), entry(110, "allow", "icmp", (8, -1))],
        [entry(100, "allow", "udp", (1024, 65535), "::/0")],
        [private],
    )
    web = ours.group("web", [tcp(22, "10.0.0.0/8", "2001:db8::/32", office, "self"), icmp(), icmpv6()], [])
    db = ours.group("db", [tcp(5432, web), udp(53), protocol(50), everything(theirs.group("app"))])
    db.ingress(tcp(443, peer("sg-0123456789abcdef0", "999988887777", "vpc-1", "pcx-1", "deleted")))
    role = scene.role(
        "ssm",
        [CORE],
        inline={"extra": allow("s3:*")},
        customer={"own": allow("kms:*")},
        boundary=allow("ssm:*"),
    )
    extra = private.interface([db], secondary=["10.0.1.200"])
    bastion = public.instance(
        groups=[web, db], public_ip="203.0.113.5", eip=True, ipv6=True, interfaces=[extra]
    )
    windows = private.instance(platform="windows", profile=role, key="ops", name="踏み台", state="stopped")
    private.instance(platform="macos")
    private.instance(state="terminated")
    bastion.impaired()
    ours.main.route("10.50.0.0/16", bastion).route("10.51.0.0/16", extra)
    scene.node(bastion, last_ping=1795424400)
    scene.node("mi-0123456789abcdef0")
    scene.connection(bastion)
    ssm = ours.endpoint("ssm", subnets=[public, private], groups=[db])
    ours.endpoint("s3", type="Gateway", tables=[table])
    firewall = ours.endpoint(
        "com.amazonaws.vpce.us-east-1.vpce-svc-1", type="GatewayLoadBalancer", subnets=[public]
    )
    ours.main.route("10.60.0.0/16", firewall)
    private.instance_connect_endpoint(groups=[web], preserve_client_ip=True)
    zone = ours.hosted_zone("ssm.us-east-1.amazonaws.com", {"ssm.us-east-1.amazonaws.com": ssm})
    scene.associate_zone(zone, theirs)
    scene.resolver_rule("corp.example", ["10.0.0.53"], [ours])
    tgw = scene.transit_gateway(referencing=True)
    attachment = tgw.attach(ours, [private])
    tgw.attach(theirs)
    tgw.attach_vpn("172.16.0.0/12")
    tgw.table().route("10.0.0.0/8", attachment).route("10.8.0.0/16", "blackhole")
    tgw.peer(theirs_place.transit_gateway())
    scene.vpn(vgw, ["192.168.0.0/16"])
    scene.load_balancer("entry", [public], {22: [bastion]}, public_ips=["203.0.113.9"], groups=[web])
    web.associate(scene.vpc("10.7.0.0/16"))
    scene.default_host_management()
    scene.preferences({"idleSessionTimeout": "20"})
    scene.serial_console(True)
    scene.console_output(windows, "boot")
    scene.block_public_access("block-ingress", [(public, "allow-bidirectional")])
    scene.simulation("arn:aws:iam::111122223333:user/alice", {"ssm:StartSession": "allowed"})
    participant = scene.at(account="777788889999")
    shared = participant.shared(private)
    shared.instance(groups=[participant.group(ours, "guest")])
    return scene


def test_a_scene_of_everything_decodes_without_a_warning() -> None:
    estate = grand_scene().estate()
    assert estate.warnings == ()
    assert estate.accounts == ["111122223333", "444455556666", "777788889999"]


@cache
def _service(name: str) -> ServiceModel:
    session = botocore.session.get_session()
    return session.get_service_model(CLIENTS.get(name, name))


def _strangers(value: Any, shape: Shape, path: str) -> list[str]:
    """Members that botocore's output shape does not have."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        unknown = [f"{path}.{key}" for key in value if key not in shape.members]
        return unknown + [
            stranger
            for key, inner in value.items()
            if key in shape.members
            for stranger in _strangers(inner, shape.members[key], f"{path}.{key}")
        ]
    if isinstance(shape, ListShape):
        assert isinstance(value, list), path
        return [stranger for each in value for stranger in _strangers(each, shape.member, f"{path}[]")]
    if shape.type_name == "boolean":
        assert isinstance(value, bool), path
    if shape.type_name in {"integer", "long"}:
        assert isinstance(value, int), path
    return []


def _strangers_of(answer: Responses) -> list[str]:
    family = FAMILIES[answer.operation]
    service, _, operation = answer.operation.partition(":")
    output = _service(service).operation_model(operation).output_shape
    beside = set(family.parameter.split(",")) if family.parameter else set()
    found = []
    for record in msgspec.json.decode(answer.records):
        whole = {family.key: [record]} if family.key else record
        whole = {key: value for key, value in whole.items() if key not in beside or key in output.members}
        found += _strangers(whole, output, answer.operation)
    return found


def test_every_member_is_one_that_aws_answers() -> None:
    detailed = grand_scene()
    detailed.authorization_details()
    answers = [*grand_scene().responses(), *detailed.responses()]
    assert {stranger for answer in answers for stranger in _strangers_of(answer)} == set()


def test_authorization_details_tell_the_same_roles() -> None:
    scene = Scene()
    scene.role("ssm", [CORE], inline={"extra": allow("s3:*")}, boundary=allow("ssm:*"))
    scene.authorization_details()
    home = scene.estate().global_scope(scene.account)
    role = next(iter(home.authorization_details.values())).role_detail_list[0]
    assert [each.policy_name for each in role.attached_managed_policies] == [CORE]
    assert role.instance_profile_list[0].instance_profile_name == "ssm"
    assert home.roles.find("ssm") not in home.roles.values()


def test_every_operation_of_a_region_was_asked_unless_it_is_asked_per_resource() -> None:
    scope = Scene().estate().regional[0]
    asked = {
        operation for operation, family in FAMILIES.items() if not family.is_global and not family.parameter
    }
    assert {operation for operation in asked if not scope.tables[operation].complete} == set()
    assert scope.connection_statuses.missing("i-1").status == "not-asked"


def test_an_instance_stands_in_both_calls_with_the_same_interface() -> None:
    scene = Scene()
    subnet = scene.vpc().subnet("10.0.1.0/24")
    instance = subnet.instance(public_ip="203.0.113.5")
    scope = scene.estate().regional[0]
    shown = scope.instances[instance.id].network_interfaces[0]
    listed = scope.network_interfaces[shown.network_interface_id]
    assert (shown.private_ip_address, shown.association) == (listed.private_ip_address, listed.association)
    assert listed.attachment is not None and listed.attachment.instance_id == instance.id


def test_denied_failed_truncated_and_forgotten_calls_keep_their_names() -> None:
    scene = Scene()
    vpc = scene.vpc()
    scene.deny("ec2:DescribeNetworkAcls")
    scene.fail("ssm:DescribeInstanceInformation", "ThrottlingException")
    scene.truncate("ec2:DescribeSubnets")
    scene.forget("ec2:DescribeVpnGateways")
    scene.deny("ec2:DescribeVpcAttribute", resource=vpc.id)
    scope = scene.estate().regional[0]
    assert scope.network_acls.coverage.code == "UnauthorizedOperation"
    assert scope.managed_nodes.coverage.status is Status.FAILED
    assert scope.subnets.coverage.status is Status.TRUNCATED
    assert scope.vpn_gateways.coverage.status is Status.NOT_ASKED
    assert scope.vpc_attributes.missing(vpc.id).status == "denied"
    assert scope.service_settings.complete is False
    assert scope.documents.missing(PREFERENCES).code == "InvalidDocument"


@pytest.mark.parametrize("state", ["stopped", "running"])
def test_a_stopped_instance_loses_the_public_address_of_amazon(state: str) -> None:
    scene = Scene()
    instance = scene.vpc().subnet("10.0.1.0/24").instance(public_ip="203.0.113.5", state=state)
    assert ("PublicIpAddress" in instance.record) is (state == "running")


def test_a_dump_has_one_file_per_operation_and_resource(tmp_path: Path) -> None:
    scene = Scene()
    vpc = scene.vpc()
    scene.deny("ec2:DescribeNetworkAcls")
    scene.dump(tmp_path)
    folder = tmp_path / "accounts" / "111122223333" / "us-east-1"
    assert (folder / "ec2-describe-vpcs.json").exists()
    assert (folder / f"ec2-describe-vpc-attribute-{vpc.id}-0.json").exists()
    assert b"UnauthorizedOperation" in (folder / "ec2-describe-network-acls.json").read_bytes()
