"""Which instances could pass a connection on, and which of them is named."""

from __future__ import annotations

from advisor.methods.assessment import MethodAssessment
from advisor.methods.options import Options, Use
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.network.repairs import StartInstance
from tests.methods.stages import OPERATOR, Stage, guarded, hide_address
from tests.methods.stories import BASTION
from tests.scenes.builder import CORE, tcp


def method(stage: Stage, options: Options | None = None) -> MethodAssessment:
    return stage.method(BASTION, options)


def causes(found: MethodAssessment) -> set[str]:
    return {each.cause for each in found.blockers}


def test_the_bastion_is_named() -> None:
    stage = guarded()
    found = method(stage)
    assert (found.verdict, found.via) == (READY, stage.bastion.id)


def test_a_stopped_bastion_blocks_and_starting_it_is_the_repair() -> None:
    stage = guarded()
    stage.bastion.record["State"] = {"Code": 80, "Name": "stopped"}
    (found,) = method(stage).blockers
    assert (found.cause, found.resource) == ("bastion-down", stage.bastion.id)
    assert StartInstance(stage.bastion.id, "111122223333", "us-east-1") in found.repairs


def test_a_stopped_bastion_without_a_lasting_address_is_down_and_nothing_else() -> None:
    stage = guarded()
    stage.bastion.record["State"] = {"Code": 80, "Name": "stopped"}
    hide_address(stage)
    assert causes(method(stage)) == {"bastion-down"}


def test_of_two_bastions_the_one_that_works_counts() -> None:
    stage = guarded()
    stage.bastion.record["State"] = {"Code": 80, "Name": "stopped"}
    spare = stage.far.instance(
        groups=[stage.bastion_group], name="spare", public_ip="198.51.100.10", eip=True, key="team"
    )
    found = method(stage)
    assert (found.verdict, found.via) == (READY, spare.id)


def test_of_broken_bastions_the_one_nearest_to_working_is_told() -> None:
    stage = guarded()
    stage.bastion.record["State"] = {"Code": 80, "Name": "stopped"}
    worse = stage.vpc.group("worse", ingress=[tcp(22, "203.0.113.0/24")], egress=[])
    stage.far.instance(groups=[worse], name="bastion-2", state="stopped", key="team")
    found = method(stage)
    assert (causes(found), found.via) == ({"bastion-down"}, stage.bastion.id)


def test_a_public_machine_that_admits_nobody_is_no_bastion() -> None:
    stage = guarded()
    stage.bastion_group.record["IpPermissions"] = []
    stage.bastion.record["Tags"] = [{"Key": "Name", "Value": "shop"}]
    assert causes(method(stage)) == {"bastion-none"}


def test_a_bastion_by_name_that_admits_nobody_is_told_to() -> None:
    stage = guarded()
    stage.bastion_group.record["IpPermissions"] = []
    assert causes(method(stage)) == {"sg-inbound-22-missing"}


def test_without_the_operators_address_a_narrow_door_is_not_known_to_open() -> None:
    stage = guarded()
    found = method(stage, Options())
    assert (found.verdict, found.via) == (UNKNOWN, stage.bastion.id)
    assert [each.operation for each in found.missing] == ["operator-address"]


def test_a_door_open_to_the_world_opens_for_anybody_and_is_a_risk() -> None:
    stage = guarded()
    stage.bastion_group.ingress(tcp(22, "0.0.0.0/0"))
    found = method(stage, Options())
    assert found.verdict is READY
    assert "bastion-open-to-world" in {each.cause for each in found.notes}


def test_from_an_address_that_is_not_admitted_there_is_no_way() -> None:
    stage = guarded()
    found = method(stage, Options(operator="192.0.2.1/32"))
    assert (found.verdict, causes(found)) == (BLOCKED, {"sg-inbound-22-missing"})


def test_nobody_is_their_own_bastion() -> None:
    stage = guarded()
    stage.target = stage.bastion.id
    assert causes(method(stage)) == {"bastion-none"}


def test_remote_desktop_goes_over_ssh_to_the_bastion_and_on_to_3389() -> None:
    stage = guarded(platform="windows")
    stage.web.record["IpPermissions"] = []
    stage.web.ingress(tcp(3389, stage.bastion_group))
    found = method(stage, Options(operator=OPERATOR, use=Use.RDP))
    assert (found.verdict, found.via) == (READY, stage.bastion.id)


def test_a_bastion_is_found_among_many_public_machines_in_few_traces() -> None:
    stage = guarded()
    crowd = stage.vpc.group("crowd", ingress=[tcp(443, "0.0.0.0/0")])
    for number in range(60):
        stage.far.instance(groups=[crowd], public_ip=f"198.51.100.{100 + number}")
    assert method(stage).via == stage.bastion.id


def test_a_bastion_that_lost_its_address_is_told_so() -> None:
    stage = guarded()
    hide_address(stage)
    assert "no-public-ip" in causes(method(stage))


def test_a_private_bastion_is_entered_by_session_manager() -> None:
    stage = guarded()
    hide_address(stage)
    role = stage.scene.role("bastion", [CORE])
    stage.bastion.record["IamInstanceProfile"] = {
        "Arn": "arn:aws:iam::111122223333:instance-profile/bastion",
        "Id": stage.home("iam:GetInstanceProfile")[0]["InstanceProfile"]["InstanceProfileId"],
    }
    assert role.name == "bastion"
    nat = stage.far.nat()
    stage.vpc.table([("0.0.0.0/0", nat)], [stage.vpc.subnet("10.0.9.0/24")])
    stage.scene.node(stage.bastion)
    stage.scene.connection(stage.bastion, "connected")
    found = method(stage, Options())
    assert (found.verdict, found.via) == (READY, stage.bastion.id)
    assert any(each.resource == stage.bastion.id for each in found.evidence)


def behind_balancer(health: str = "healthy") -> Stage:
    """The bastion stands in a private subnet behind an internet-facing network load balancer."""
    stage = guarded()
    hide_address(stage)
    stage.scene.load_balancer(
        "front", [stage.far], {22: [stage.bastion]}, public_ips=["198.51.100.99"], health=health
    )
    return stage


def test_a_bastion_behind_a_load_balancer_is_reached_through_it() -> None:
    stage = behind_balancer()
    found = method(stage)
    assert (found.verdict, found.via) == (READY, stage.bastion.id)


def test_the_bastions_group_has_to_admit_the_operator_whose_address_the_balancer_keeps() -> None:
    stage = behind_balancer()
    found = method(stage, Options(operator="192.0.2.9/32"))
    assert found.verdict is BLOCKED


def by_session(agent: str = "3.3.987.0", **target: str) -> Stage:
    """A bastion that only a session reaches; the target admits it by its platform's port."""
    stage = guarded(**target)
    hide_address(stage)
    stage.web.ingress(tcp(3389, stage.bastion_group))
    stage.scene.node(stage.bastion, agent=agent)
    stage.scene.connection(stage.bastion, "connected")
    return stage


def test_a_session_passes_a_bastion_by_forwarding_a_port_whatever_it_is_for() -> None:
    assert method(by_session()).verdict is READY
    windows = by_session(platform="windows")
    assert method(windows, Options(use=Use.RDP)).verdict is READY


def test_the_agent_of_a_bastion_that_is_passed_by_a_session_has_to_forward_to_other_hosts() -> None:
    found = method(by_session(agent="3.1.1000.0"))
    assert found.verdict is BLOCKED


def test_preferences_of_shells_do_not_matter_to_a_bastion_that_is_passed_by_a_session() -> None:
    stage = by_session()
    stage.scene.preferences({"runAsEnabled": True, "runAsDefaultUser": "nobody-knows"})
    assert method(stage).verdict is READY
