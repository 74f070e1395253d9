"""What a login takes: a key of one's own, a pushed one, a password, a server that answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from advisor.methods.assessment import MethodAssessment, MethodId
from advisor.methods.options import Options, Use
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from tests.methods.stages import OPERATOR, Stage, asked_by, guarded, isolated, public, tunnelled
from tests.methods.stories import BASTION, DIRECT, PUSH, SESSION, TUNNEL
from tests.scenes.builder import Instance, allow, tcp


def causes(method: MethodAssessment) -> set[str]:
    return {each.cause for each in method.blockers}


def image(stage: Stage, name: str, owner: str = "111122223333") -> None:
    """Every instance's image has this name and owner."""
    for record in stage.scene.place.records["ec2:DescribeImages"]:
        record |= {"Name": name, "OwnerId": owner}
        record.pop("ImageOwnerAlias", None)


def keyless(instance: Instance) -> None:
    del instance.record["KeyName"]


def test_nobody_is_known_to_have_a_key_of_an_instance_without_a_key_pair() -> None:
    stage = public(key=None)
    found = stage.method(DIRECT)
    assert (found.verdict, causes(found)) == (UNKNOWN, {"no-key-pair"})


def test_a_bastion_without_a_key_pair_lets_nobody_in_unless_keys_can_be_pushed() -> None:
    stage = guarded()
    keyless(stage.bastion)
    found = stage.method(BASTION)
    assert (found.verdict, [each.resource for each in found.notes]) == (READY, [stage.bastion.id])
    image(stage, "golden-2026")
    found = stage.method(BASTION)
    assert (found.verdict, causes(found)) == (UNKNOWN, {"no-key-pair"})
    assert [each.resource for each in found.blockers] == [stage.bastion.id]


def test_a_bastion_with_a_key_is_taken_before_one_without() -> None:
    stage = guarded()
    image(stage, "golden-2026")
    keyless(stage.bastion)
    spare = stage.far.instance(
        groups=[stage.bastion_group], name="spare", public_ip="198.51.100.10", eip=True, key="team"
    )
    found = stage.method(BASTION)
    assert (found.verdict, found.via) == (READY, spare.id)


def test_a_target_behind_a_bastion_needs_a_key_too() -> None:
    stage = guarded(key=None)
    assert stage.method(BASTION).verdict is READY
    image(stage, "golden-2026")
    found = stage.method(BASTION)
    assert (found.verdict, causes(found)) == (UNKNOWN, {"no-key-pair"})
    assert [each.resource for each in found.blockers] != [stage.bastion.id]


@pytest.mark.parametrize(
    ("method", "build", "options"),
    [
        (TUNNEL, tunnelled, Options()),
        (SESSION, isolated, Options(use=Use.SSH)),
        (SESSION, isolated, Options(use=Use.SCP)),
    ],
)
def test_without_a_key_pair_the_machine_has_to_accept_pushed_keys(
    method: MethodId, build: Callable[..., Stage], options: Options
) -> None:
    stage = build(key=None)
    assert stage.method(method, options).verdict is READY
    image(stage, "RHEL-9.4_HVM-20261101-x86_64", "309956199498")
    found = stage.method(method, options)
    assert (found.verdict, causes(found)) == (UNKNOWN, {"eic-not-installed"})
    image(stage, "golden-2026")
    found = stage.method(method, options)
    assert (found.verdict, [each.operation for each in found.missing]) == (UNKNOWN, ["ec2:DescribeImages"])


def test_a_pushed_key_is_read_from_the_metadata_service() -> None:
    found = tunnelled(key=None, metadata={"HttpEndpoint": "disabled"}).method(TUNNEL)
    assert (found.verdict, causes(found)) == (BLOCKED, {"imds-disabled"})
    assert tunnelled(metadata={"HttpEndpoint": "disabled"}).method(TUNNEL).verdict is READY


def test_a_shell_of_session_manager_needs_no_key() -> None:
    stage = isolated(key=None)
    image(stage, "golden-2026")
    assert stage.method(SESSION).verdict is READY


def test_the_first_password_of_a_windows_machine_takes_a_key_pair_by_a_tunnel_too() -> None:
    found = tunnelled(port=3389, platform="windows", key=None).method(TUNNEL)
    assert (found.verdict, causes(found)) == (UNKNOWN, {"rdp-password-unavailable"})


def test_without_metadata_options_nobody_knows_whether_pushed_keys_are_read() -> None:
    stage = public()
    del stage.instance.record["MetadataOptions"]
    found = stage.method(PUSH)
    assert (found.verdict, [each.operation for each in found.missing]) == (UNKNOWN, ["ec2:DescribeInstances"])


@pytest.mark.parametrize(
    ("name", "owner", "is_known"),
    [
        ("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20261101", "099720109477", True),
        ("ubuntu/images/hvm-ssd/ubuntu-mantic-23.10-amd64-server-20240101", "099720109477", True),
        ("ubuntu/images/hvm-ssd/ubuntu-bionic-18.04-amd64-server-20240410", "099720109477", False),
        ("amzn2-ami-hvm-2.0.20240109.0-x86_64-gp2", "137112412989", True),
        ("amzn2-ami-ecs-hvm-2.0.20240109-x86_64-ebs", "591542846629", False),
    ],
)
def test_only_images_that_are_known_to_bring_the_package_take_pushed_keys(
    name: str, owner: str, is_known: bool
) -> None:
    stage = public()
    image(stage, name, owner)
    assert stage.method(PUSH).verdict is (READY if is_known else UNKNOWN)


@pytest.mark.parametrize("use", [Use.SSH, Use.SCP, Use.SHELL])
def test_whether_windows_answers_ssh_is_not_visible(use: Use) -> None:
    options = Options(operator=OPERATOR, use=use)
    assert public(platform="windows").method(DIRECT, options).verdict is UNKNOWN
    assert tunnelled(platform="windows").method(TUNNEL, options).verdict is UNKNOWN
    assert guarded(platform="windows").method(BASTION, options).verdict is UNKNOWN
    session = isolated(platform="windows").method(SESSION, options)
    assert session.verdict is (READY if use is Use.SHELL else UNKNOWN)


def test_a_port_forwarded_to_windows_is_that_of_its_desktop_unless_one_is_named() -> None:
    stage = public(port=3389, platform="windows")
    named = Options(operator=OPERATOR, use=Use.PORT_FORWARD)
    assert stage.method(DIRECT, named).verdict is READY
    stage.web.record["IpPermissions"] = []
    stage.web.ingress(tcp(22, OPERATOR))
    assert stage.method(DIRECT, named).verdict is BLOCKED


@pytest.mark.parametrize(
    ("method", "build", "options"),
    [(TUNNEL, tunnelled, {}), (SESSION, isolated, {"use": Use.SSH})],
)
def test_without_a_key_pair_the_caller_has_to_push_one(
    method: MethodId, build: Callable[..., Stage], options: dict[str, Use]
) -> None:
    rights = ["ssm:StartSession", "ec2-instance-connect:OpenTunnel", "ec2:Describe*"]
    found = asked_by(allow(*rights), build(key=None), **options).method(method)
    assert (found.verdict, causes(found)) == (BLOCKED, {"eice-no-sendsshpublickey"})
    assert asked_by(allow(*rights), build(), **options).method(method).verdict is READY
    rights.append("ec2-instance-connect:SendSSHPublicKey")
    assert asked_by(allow(*rights), build(key=None), **options).method(method).verdict is READY


def test_a_bastion_without_a_key_pair_is_none_for_who_may_push_no_key() -> None:
    stage = guarded()
    keyless(stage.bastion)
    found = asked_by(allow("s3:*"), stage).method(BASTION)
    assert (found.verdict, causes(found)) == (UNKNOWN, {"no-key-pair"})
