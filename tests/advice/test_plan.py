"""Plans on small accounts: which changes, proved ready on a copy, and what is refused or left."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from advisor.advice.plan import Plan, plan
from advisor.advice.rank import Needs
from advisor.advice.render import render
from advisor.methods.assess import assess
from advisor.methods.assessment import Assessment, MethodId, Target
from advisor.methods.options import Options
from advisor.methods.targets import targets
from advisor.model.errors import InputError
from advisor.model.verdict import BLOCKED, READY
from advisor.rulebook import load
from tests.advice.model import problems
from tests.scenes.builder import CORE, Scene, Subnet, Vpc, entry, tcp

BOOK = load()
SSM, EICE, BASTION, DIRECT, SERIAL = (
    MethodId.SESSION_MANAGER,
    MethodId.INSTANCE_CONNECT_ENDPOINT,
    MethodId.BASTION,
    MethodId.DIRECT,
    MethodId.SERIAL_CONSOLE,
)
OPERATOR = "203.0.113.0/24"


def planned(
    scene: Scene, id: str, method: MethodId | None, operator: str | None = None, **more: object
) -> Plan:
    estate = scene.estate()
    chosen = [target for _, target in targets(estate) if target.id == id]
    assert chosen
    return plan(estate, BOOK, chosen, method, options=Options(operator=operator), **more)  # type: ignore[arg-type]


def operations(made: Plan) -> list[str]:
    return [step.action.operation for step in made.steps]


def isolated(scene: Scene) -> tuple[Vpc, Subnet]:
    vpc = scene.vpc("10.0.0.0/16")
    return vpc, vpc.subnet("10.0.1.0/24")


def with_nat(scene: Scene) -> tuple[Vpc, Subnet]:
    """A private subnet behind a NAT gateway."""
    vpc = scene.vpc("10.0.0.0/16")
    public, private = vpc.subnet("10.0.0.0/24"), vpc.subnet("10.0.1.0/24")
    vpc.table([("0.0.0.0/0", vpc.igw())], [public])
    vpc.table([("0.0.0.0/0", public.nat())], [private])
    return vpc, private


# --- one cause each: the scene, the method, and the requests that repair it ---------------------------------

Build = Callable[[Scene], str]


def no_profile(scene: Scene) -> str:
    scene.role("nodes", [CORE])
    return with_nat(scene)[1].instance().id


def no_profile_anywhere(scene: Scene) -> str:
    return with_nat(scene)[1].instance().id


def bare_role(scene: Scene) -> str:
    return with_nat(scene)[1].instance(profile=scene.role("bare", [])).id


def empty_profile(scene: Scene) -> str:
    scene.instance_profile("empty")
    return with_nat(scene)[1].instance(profile="empty").id


def wrong_trust(scene: Scene) -> str:
    role = scene.role("nodes", [CORE], trust="lambda.amazonaws.com")
    return with_nat(scene)[1].instance(profile=role).id


def metadata_off(scene: Scene) -> str:
    role = scene.role("nodes", [CORE])
    return with_nat(scene)[1].instance(profile=role, metadata={"HttpEndpoint": "disabled"}).id


def no_endpoints(scene: Scene) -> str:
    return isolated(scene)[1].instance(profile=scene.role("nodes", [CORE])).id


def one_endpoint_missing(scene: Scene) -> str:
    vpc, subnet = isolated(scene)
    group = vpc.group("ends", ingress=[tcp(443, "10.0.0.0/16")])
    vpc.endpoint("ssm", subnets=[subnet], groups=[group])
    return subnet.instance(profile=scene.role("nodes", [CORE])).id


def endpoint_group_closed(scene: Scene) -> str:
    vpc, subnet = isolated(scene)
    group = vpc.group("ends", ingress=[])
    for service in ("ssm", "ssmmessages"):
        vpc.endpoint(service, subnets=[subnet], groups=[group])
    return subnet.instance(groups=[vpc.group("web")], profile=scene.role("nodes", [CORE])).id


def private_dns_off(scene: Scene) -> str:
    vpc, subnet = isolated(scene)
    group = vpc.group("ends", ingress=[tcp(443, "10.0.0.0/16")])
    vpc.endpoint("ssm", subnets=[subnet], groups=[group])
    vpc.endpoint("ssmmessages", subnets=[subnet], groups=[group], private_dns=False)
    return subnet.instance(profile=scene.role("nodes", [CORE])).id


def dns_hostnames_off(scene: Scene) -> str:
    vpc = scene.vpc("10.0.0.0/16", dns_hostnames=False)
    subnet = vpc.subnet("10.0.1.0/24")
    group = vpc.group("ends", ingress=[tcp(443, "10.0.0.0/16")])
    for service in ("ssm", "ssmmessages"):
        vpc.endpoint(service, subnets=[subnet], groups=[group])
    return subnet.instance(profile=scene.role("nodes", [CORE])).id


def blackhole(scene: Scene) -> str:
    vpc = scene.vpc("10.0.0.0/16")
    public, private = vpc.subnet("10.0.0.0/24"), vpc.subnet("10.0.1.0/24")
    vpc.table([("0.0.0.0/0", vpc.igw())], [public])
    public.nat()
    vpc.table([("0.0.0.0/0", "nat-0gone", "blackhole")], [private])
    return private.instance(profile=scene.role("nodes", [CORE])).id


def egress_closed(scene: Scene) -> str:
    vpc, subnet = with_nat(scene)
    group = vpc.group("tight", egress=[])
    return subnet.instance(groups=[group], profile=scene.role("nodes", [CORE])).id


def acl_blocks(scene: Scene) -> str:
    vpc, subnet = with_nat(scene)
    vpc.acl(
        [entry(100, "allow", "tcp", (1024, 65535))], [entry(100, "deny", "tcp", 443), entry(200)], [subnet]
    )
    return subnet.instance(profile=scene.role("nodes", [CORE])).id


def stopped(scene: Scene) -> str:
    return with_nat(scene)[1].instance(profile=scene.role("nodes", [CORE]), state="stopped").id


def no_eice(scene: Scene) -> str:
    vpc, subnet = isolated(scene)
    return subnet.instance(groups=[vpc.group("web")]).id


def eice_groups(scene: Scene) -> str:
    vpc, subnet = isolated(scene)
    subnet.instance_connect_endpoint(groups=[vpc.group("eice")])
    return subnet.instance(groups=[vpc.group("web")]).id


def eice_egress(scene: Scene) -> str:
    vpc, subnet = isolated(scene)
    end = vpc.group("eice", egress=[])
    subnet.instance_connect_endpoint(groups=[end])
    return subnet.instance(groups=[vpc.group("web", ingress=[tcp(22, end)])]).id


def eice_failed(scene: Scene) -> str:
    vpc, subnet = isolated(scene)
    end = vpc.group("eice")
    subnet.instance_connect_endpoint(groups=[end], state="create-failed")
    return subnet.instance(groups=[vpc.group("web", ingress=[tcp(22, end)])]).id


def bastion_stopped(scene: Scene) -> str:
    vpc = scene.vpc("10.0.0.0/16")
    public, private = vpc.subnet("10.0.0.0/24"), vpc.subnet("10.0.1.0/24")
    vpc.table([("0.0.0.0/0", vpc.igw())], [public])
    jump = vpc.group("jump", ingress=[tcp(22, OPERATOR)])
    public.instance(
        name="bastion", groups=[jump], state="stopped", public_ip="198.51.100.9", eip=True, key="k"
    )
    return private.instance(groups=[vpc.group("web", ingress=[tcp(22, jump)])], key="k").id


def no_bastion(scene: Scene) -> str:
    vpc = scene.vpc("10.0.0.0/16")
    public, private = vpc.subnet("10.0.0.0/24"), vpc.subnet("10.0.1.0/24")
    vpc.table([("0.0.0.0/0", vpc.igw())], [public])
    return private.instance(groups=[vpc.group("web")], key="k").id


def no_public_address(scene: Scene) -> str:
    vpc = scene.vpc("10.0.0.0/16")
    public = vpc.subnet("10.0.0.0/24")
    vpc.table([("0.0.0.0/0", vpc.igw())], [public])
    return public.instance(groups=[vpc.group("web", ingress=[tcp(22, OPERATOR)])], key="k").id


def serial_off(scene: Scene) -> str:
    return isolated(scene)[1].instance(type="t3.micro").id


STORIES: dict[str, tuple[Build, MethodId, list[str]]] = {
    "no instance profile: one of the account is attached": (
        no_profile,
        SSM,
        ["AssociateIamInstanceProfile"],
    ),
    "no profile in the account: role and profile are made": (
        no_profile_anywhere,
        SSM,
        [
            "CreateRole",
            "AttachRolePolicy",
            "CreateInstanceProfile",
            "AddRoleToInstanceProfile",
            "AssociateIamInstanceProfile",
        ],
    ),
    "role without permissions": (bare_role, SSM, ["AttachRolePolicy"]),
    "profile without a role": (
        empty_profile,
        SSM,
        ["CreateRole", "AttachRolePolicy", "AddRoleToInstanceProfile"],
    ),
    "role that EC2 may not assume": (wrong_trust, SSM, ["UpdateAssumeRolePolicy"]),
    "metadata service off": (metadata_off, SSM, ["ModifyInstanceMetadataOptions"]),
    "no way to Systems Manager": (
        no_endpoints,
        SSM,
        ["CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "CreateVpcEndpoint", "CreateVpcEndpoint"],
    ),
    "ssmmessages missing": (one_endpoint_missing, SSM, ["CreateVpcEndpoint"]),
    "endpoint's group closed": (endpoint_group_closed, SSM, ["AuthorizeSecurityGroupIngress"]),
    "private DNS off": (private_dns_off, SSM, ["ModifyVpcEndpoint"]),
    "DNS hostnames off": (dns_hostnames_off, SSM, ["ModifyVpcAttribute"]),
    "blackhole": (blackhole, SSM, ["ReplaceRoute"]),
    "instance's group lets nothing out": (egress_closed, SSM, ["AuthorizeSecurityGroupEgress"]),
    "network ACL": (acl_blocks, SSM, ["CreateNetworkAclEntry"]),
    "stopped": (stopped, SSM, ["StartInstances"]),
    "no endpoint for SSH": (
        no_eice,
        EICE,
        ["CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "CreateInstanceConnectEndpoint"],
    ),
    "instance does not admit the endpoint": (eice_groups, EICE, ["AuthorizeSecurityGroupIngress"]),
    "endpoint's group lets nothing out": (eice_egress, EICE, ["AuthorizeSecurityGroupEgress"]),
    "endpoint failed": (
        eice_failed,
        EICE,
        ["DeleteInstanceConnectEndpoint", "CreateInstanceConnectEndpoint"],
    ),
    "bastion stopped": (bastion_stopped, BASTION, ["StartInstances"]),
    "no bastion": (
        no_bastion,
        BASTION,
        [
            "CreateSecurityGroup",
            "AuthorizeSecurityGroupIngress",
            "RunInstances",
            "AllocateAddress",
            "AssociateAddress",
            "PutMetricAlarm",
            "AuthorizeSecurityGroupIngress",
        ],
    ),
    "no public address": (no_public_address, DIRECT, ["AllocateAddress", "AssociateAddress"]),
    "serial console off": (serial_off, SERIAL, ["EnableSerialConsoleAccess"]),
}


@pytest.mark.parametrize("story", STORIES)
class TestEachCause:
    def made(self, story: str) -> Plan:
        build, method, _ = STORIES[story]
        scene = Scene()
        return planned(scene, build(scene), method, OPERATOR)

    def test_is_repaired_by_these_requests_and_proved(self, story: str):
        made = self.made(story)
        assert operations(made) == STORIES[story][2]
        assert made.verified
        assert [(each.before, each.after) for each in made.reaches] == [(BLOCKED, READY)]
        assert not made.refused and not made.left and not made.missing

    def test_its_requests_are_valid(self, story: str):
        for step in self.made(story).steps:
            for each in (step.action, *step.action.rollback):
                assert problems(each) == "", each.operation


# --- nothing more than is needed ----------------------------------------------------------------------------


class TestNothingMore:
    def eice(self, scene: Scene, *rules: object, more: object = None) -> Plan:
        vpc, subnet = isolated(scene)
        groups = [vpc.group("web", ingress=rules), *([vpc.group("more")] if more else [])]  # type: ignore[arg-type]
        return planned(scene, subnet.instance(groups=groups).id, EICE)

    def test_a_target_that_admits_the_tunnel_already_needs_no_rule(self):
        made = self.eice(Scene(), tcp(22, "10.0.0.0/8"))
        assert made.verified
        assert operations(made) == ["CreateSecurityGroup", "CreateInstanceConnectEndpoint"]

    def test_a_full_group_takes_no_rule_but_another_one_of_the_machine_does(self):
        full = [tcp(9000 + number, "10.9.0.0/24") for number in range(60)]
        made = self.eice(Scene(), *full)
        assert not made.verified and not made.steps
        assert [each.text for each in made.advice] == ["group-is-full"]
        made = self.eice(Scene(), *full, more=True)
        assert made.verified and len(made.steps) == 3

    def test_a_group_that_an_earlier_plan_made_is_used_again(self):
        """AWS refuses a second group of the same name in a VPC."""
        scene = Scene()
        vpc, subnet = isolated(scene)
        web = vpc.group("web")
        first = vpc.group(f"advisor-eice-{vpc.id}")
        web.ingress(tcp(22, first))
        ends = vpc.group(f"advisor-endpoints-{vpc.id}", ingress=[tcp(443, web)])
        instance = subnet.instance(groups=[web], profile=scene.role("nodes", [CORE]))
        made = planned(scene, instance.id, EICE)
        assert made.verified and operations(made) == ["CreateInstanceConnectEndpoint"]
        assert made.actions[0].parameters.get("SecurityGroupIds") == (first.id,)
        made = planned(scene, instance.id, SSM)
        assert made.verified and operations(made) == ["CreateVpcEndpoint"] * 2
        assert made.actions[0].parameters.get("SecurityGroupIds") == (ends.id,)

    def test_a_bastion_gets_the_key_pair_that_the_target_has(self):
        scene = Scene()
        made = planned(scene, no_bastion(scene), BASTION, OPERATOR)
        (run,) = (each for each in made.actions if each.operation == "RunInstances")
        assert run.parameters.get("KeyName") == "k"
        estate = scene.estate()
        assert 'key_name = "k"' in render(made, "terraform", BOOK, estate)
        template = json.loads(render(made, "cloudformation", BOOK, estate))
        (machine,) = (r for r in template["Resources"].values() if r["Type"] == "AWS::EC2::Instance")
        assert machine["Properties"]["KeyName"] == "k"


def only_v6(scene: Scene, is_native: bool) -> str:
    """An instance without an IPv4 address, in an IPv6-only subnet or in one that has both."""
    vpc = scene.vpc("10.0.0.0/16", ipv6="2600:1f18:1:100::/56")
    subnet = vpc.subnet("10.0.1.0/24", ipv6="2600:1f18:1:101::/64")
    instance = subnet.instance(groups=[vpc.group("web")], ipv6=True, key="k")
    if is_native:
        subnet.record |= {"Ipv6Native": True, "AvailableIpAddressCount": 0}
        del subnet.record["CidrBlock"]
    shown = [instance.record, *instance.record["NetworkInterfaces"]]
    shown += scene.place.records["ec2:DescribeNetworkInterfaces"]
    for each in shown:
        each.pop("PrivateIpAddress", None)
        each.pop("PrivateIpAddresses", None)
    return instance.id


class TestFamilies:
    @pytest.mark.parametrize("is_native", [True, False])
    def test_a_tunnel_to_a_machine_with_ipv6_only_speaks_ipv6(self, is_native: bool):
        scene = Scene()
        made = planned(scene, only_v6(scene, is_native), EICE)
        assert made.verified
        assert "CreateInstanceConnectEndpoint" in operations(made)

    def test_an_endpoint_that_is_made_again_keeps_its_address_type(self):
        """A new one would take both families of its subnet, which AWS refuses beside client addresses."""
        scene = Scene()
        vpc = scene.vpc("10.0.0.0/16", ipv6="2600:1f18:1:100::/56")
        subnet = vpc.subnet("10.0.1.0/24", ipv6="2600:1f18:1:101::/64")
        subnet.instance_connect_endpoint(
            groups=[vpc.group("end")], preserve_client_ip=True, state="create-failed"
        )
        made = planned(scene, subnet.instance(groups=[vpc.group("web")]).id, EICE)
        create = next(each for each in made.actions if each.operation == "CreateInstanceConnectEndpoint")
        assert create.parameters.get("PreserveClientIp") is True
        assert create.parameters.get("IpAddressType") == "ipv4"
        assert 'ip_address_type = "ipv4"' in render(made, "terraform", BOOK, scene.estate())


class TestWords:
    def test_no_id_of_the_copy_is_shown_to_anybody(self):
        scene = Scene()
        vpc = scene.vpc("10.0.0.0/16")
        subnet = vpc.subnet("10.0.1.0/24")
        made = planned(scene, subnet.instance(groups=[vpc.group("web")], key="k").id, DIRECT, OPERATOR)
        assert "CreateRoute" in operations(made)
        for action in made.actions:
            for each in (action, *action.rollback):
                assert not any("-new-" in text for _, text in each.names), each


# --- proof -----------------------------------------------------------------------------------------------


class TestProof:
    def test_nothing_is_planned_for_what_is_ready(self):
        scene = Scene()
        _, subnet = with_nat(scene)
        instance = subnet.instance(profile=scene.role("nodes", [CORE]))
        scene.node(instance)
        made = planned(scene, instance.id, SSM)
        assert not made.is_needed and made.verified and not made.steps

    def test_every_verdict_that_changes_is_told_also_of_others(self):
        scene = Scene()
        vpc, subnet = isolated(scene)
        role = scene.role("nodes", [CORE])
        first, second = (subnet.instance(profile=role, groups=[vpc.group(f"g{n}")]) for n in range(2))
        made = planned(scene, first.id, SSM)
        changed = {(each.target.id, each.method, each.after) for each in made.shifts}
        assert (second.id, SSM, READY) in changed

    def test_an_endpoint_for_one_takes_nothing_from_another(self):
        # Both reach Systems Manager's public address; private DNS moves them to the endpoint.
        scene = Scene()
        vpc, subnet = with_nat(scene)
        role = scene.role("nodes", [CORE])
        narrow = vpc.group("narrow", egress=[tcp(443, "10.0.0.0/16")])
        lonely = subnet.instance(groups=[narrow], profile=role)
        free = subnet.instance(groups=[vpc.group("free")], profile=role)
        ends = vpc.group("ends", ingress=[tcp(443, narrow)])
        for service in ("ssm", "ssmmessages"):
            vpc.endpoint(service, subnets=[subnet], groups=[ends], private_dns=False)
        made = planned(scene, lonely.id, SSM)
        assert made.verified and not made.refused
        after = {(each.target.id, each.method): each.after for each in made.shifts}
        assert after[lonely.id, SSM] is READY
        assert (free.id, SSM) not in after

    def test_a_change_that_takes_from_others_is_refused(self):
        """A stand-in for the assessment sees another target lose its method by every change."""
        scene = Scene()
        _, subnet = isolated(scene)
        role = scene.role("nodes", [CORE])
        wanted, other = subnet.instance(profile=role), subnet.instance(profile=role)

        def jealous(estate: object, *given: object) -> Assessment:
            return _with_grudge(assess(estate, *given), estate, scene, other.id)  # type: ignore[arg-type]

        made = planned(scene, wanted.id, SERIAL, assess=jealous)
        assert not made.verified
        assert {each.target.id for each in made.refused} == {other.id}

    def test_leaving_a_step_out_is_proved_again(self):
        scene = Scene()
        id = no_endpoints(scene)
        whole = planned(scene, id, SSM)
        last = whole.steps[-1].action.key
        part = planned(scene, id, SSM, without={last})
        assert last not in [each.key for each in part.actions]
        assert whole.verified and not part.verified
        assert [each.after for each in part.reaches] == [BLOCKED]

    def test_what_is_not_in_the_plan_cannot_be_left_out(self):
        scene = Scene()
        with pytest.raises(InputError, match="no change `endpoint-ssm` to leave out") as found:
            planned(scene, no_endpoints(scene), SSM, without={"endpoint-ssm"})
        assert "endpoint-ssm-vpc-" in found.value.hint

    def test_leaving_out_what_others_need_leaves_those_out_too(self):
        scene = Scene()
        id = no_endpoints(scene)
        whole = planned(scene, id, SSM)
        part = planned(scene, id, SSM, without={whole.steps[0].action.key})
        assert not part.steps

    @pytest.mark.parametrize("left_out", [0, 1, 2, 3, 4])
    @pytest.mark.parametrize("by_one_call", [False, True])
    def test_no_step_of_a_new_profile_can_be_left_out(self, left_out: int, by_one_call: bool):
        scene = Scene()
        id = no_profile_anywhere(scene)
        if by_one_call:
            scene.authorization_details()
        key = planned(scene, id, SSM).steps[left_out].action.key
        assert not planned(scene, id, SSM, without={key}).verified

    def test_an_unknown_in_the_way_is_named_and_makes_the_plan_conditional(self):
        scene = Scene()
        _vpc, subnet = with_nat(scene)
        instance = subnet.instance(state="stopped", profile=scene.role("nodes", [CORE]))
        scene.deny("ec2:DescribeNetworkAcls")
        made = planned(scene, instance.id, SSM)
        assert operations(made) == ["StartInstances"]
        assert not made.verified and made.is_conditional
        assert "ec2:DescribeNetworkAcls" in {each.operation for each in made.missing}

    def test_hiding_any_answer_never_makes_a_plan_verified_that_was_not_needed(self):
        scene = Scene()
        _, subnet = with_nat(scene)
        instance = subnet.instance(profile=scene.role("nodes", [CORE]))
        scene.node(instance)
        scene.deny("ec2:DescribeRouteTables")
        made = planned(scene, instance.id, EICE)
        assert all(each.after is not READY for each in made.reaches) or made.verified

    def test_what_only_people_can_do_is_said(self):
        scene = Scene()
        _, subnet = isolated(scene)
        instance = subnet.instance()
        scene.serial_console(False, managed_by="declarative-policy")
        made = planned(scene, instance.id, SERIAL)
        assert not made.verified and not made.steps
        assert [each.reason for each in made.advice] == ["owner"]
        assert [each.target.id for each in made.left] == [instance.id]

    def test_an_unknown_profile_is_refused(self):
        scene = Scene()
        id = no_eice(scene)
        with pytest.raises(InputError, match="no profile `cheap`"):
            planned(scene, id, EICE, profile="cheap")


def _with_grudge(found: Assessment, estate: object, scene: Scene, id: str) -> Assessment:
    """The assessment, but once the serial console is on, the other target's tunnel is worse."""
    import msgspec

    from advisor.model.estate import Estate

    assert isinstance(estate, Estate)
    access = next(iter(estate.scope(scene.account, scene.region).serial_console_access.values()))
    verdict = BLOCKED if access.serial_console_access_enabled else READY

    def spited(target: Target, each: object) -> object:
        return msgspec.structs.replace(each, verdict=verdict, blockers=()) if each.method is EICE else each  # type: ignore[attr-defined, type-var]

    return msgspec.structs.replace(
        found,
        targets=tuple(
            msgspec.structs.replace(each, methods=tuple(spited(each.target, m) for m in each.methods))
            if each.target.id == id
            else each
            for each in found.targets
        ),
    )


# --- alternatives and choice ------------------------------------------------------------------------------


class TestChoice:
    def test_the_free_method_is_the_best_for_an_isolated_instance(self):
        scene = Scene()
        made = planned(scene, no_eice(scene), None)
        assert [each.method for each in made.reaches] == [EICE]
        assert made.cost.usd == 0

    def test_other_methods_stand_beside_with_what_they_cost(self):
        scene = Scene()
        made = planned(scene, no_eice(scene), EICE)
        others = {each.method: each for each in made.alternatives}
        assert others[SSM].ready and others[SSM].cost.usd == 14.6
        assert not others[DIRECT].ready

    def test_what_must_be_logged_is_made_ready_by_session_manager(self):
        scene = Scene()
        made = planned(scene, no_eice(scene), None, needs=Needs(must_be_logged=True))
        assert [each.method for each in made.reaches] == [SSM]

    def test_the_audit_profile_wants_session_manager_too(self):
        scene = Scene()
        made = planned(scene, no_eice(scene), None, profile="audit")
        assert [each.method for each in made.reaches] == [SSM]

    def test_the_serial_console_is_no_daily_way_in(self):
        scene = Scene()
        _, subnet = isolated(scene)
        instance = subnet.instance()
        scene.serial_console(True)
        assert [each.method for each in planned(scene, instance.id, None).reaches] == [EICE]
        ready = planned(scene, instance.id, None, profile="break-glass")
        assert [each.method for each in ready.ready_before] == [SERIAL]

    def test_the_next_best_changes_of_the_same_method_are_offered(self):
        scene = Scene()
        made = planned(scene, no_profile(scene), SSM)
        same = [each for each in made.alternatives if each.method is SSM]
        assert same and all(each.ready for each in same)
        assert {each.operation for each in same[0].actions} >= {"UpdateServiceSetting"}
