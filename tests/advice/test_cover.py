"""Many targets at once: shared changes once, few of them, and how far from the best they may be."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.advice.document import summary
from advisor.advice.plan import Plan, plan
from advisor.methods.assessment import MethodId
from advisor.methods.options import Options
from advisor.methods.targets import targets
from advisor.model.verdict import READY
from advisor.rulebook import load
from tests.benchmarks.generate import generate
from tests.scenes.builder import CORE, Scene, tcp

BOOK = load()
SSM, EICE = MethodId.SESSION_MANAGER, MethodId.INSTANCE_CONNECT_ENDPOINT


def planned(scene: Scene, method: MethodId | None = SSM, profile: str = "balanced") -> Plan:
    return plan(scene.estate(), BOOK, None, method, profile, options=Options(operator="203.0.113.0/24"))


def counted(made: Plan) -> Counter[str]:
    return Counter(step.action.operation for step in made.steps)


def isolated(scene: Scene, count: int, cidr: str = "10.0.0.0/16", profile: object = "core"):
    """A VPC without a way out, and instances of several groups in it."""
    vpc = scene.vpc(cidr)
    subnet = vpc.subnet(cidr.replace(".0.0/16", ".1.0/24"))
    role = scene.role("core", [CORE]) if profile == "core" else profile
    groups = [vpc.group(f"g{number}") for number in range(2)]
    made = [subnet.instance(groups=[groups[n % 2]], profile=role) for n in range(count)]
    return vpc, subnet, made


class TestSharedChanges:
    def test_one_pair_of_endpoints_serves_the_whole_vpc(self):
        scene = Scene()
        isolated(scene, 6)
        made = planned(scene)
        assert made.verified
        assert counted(made)["CreateVpcEndpoint"] == 2
        assert {each.after for each in made.reaches} == {READY}
        assert len(made.reaches) == 6

    def test_what_each_machine_needs_for_itself_is_there_for_each(self):
        scene = Scene()
        isolated(scene, 5, profile=None)
        scene.role("spare", [CORE])
        made = planned(scene)
        bound = counted(made)
        # One setting for all may be lighter than a profile for each; either way everybody is served.
        assert bound["AssociateIamInstanceProfile"] in (0, 5)
        assert made.verified and len(made.reaches) == 5

    def test_a_machines_own_action_names_that_machine(self):
        scene = Scene()
        _vpc, _subnet, made = isolated(scene, 3)
        for instance in made:
            instance.record["State"] = {"Name": "stopped", "Code": 80}
        plan_ = planned(scene)
        started = [
            step.action.parameters.get("InstanceIds")
            for step in plan_.steps
            if step.action.operation == "StartInstances"
        ]
        assert sorted(started) == [(instance.id,) for instance in made]
        assert plan_.verified

    def test_the_sum_is_told_in_a_sentence(self):
        scene = Scene()
        isolated(scene, 4)
        made = planned(scene)
        sentence = summary(made, BOOK)
        assert f"These {len(made.steps)} changes repair 4 of 4 targets; 14.60 USD a month" in sentence

    def test_who_cannot_be_reached_is_left_with_the_reason(self):
        scene = Scene()
        _vpc, subnet, _ = isolated(scene, 2)
        broken = subnet.instance(profile=scene.role("core", [CORE])).impaired()
        made = planned(scene)
        assert [each.target.id for each in made.left] == [broken.id]
        assert "status-check-instance-failed" in {each.cause for each in made.left[0].blockers}
        assert made.verified and len(made.reaches) == 2

    def test_targets_that_are_ready_stay_out_of_it(self):
        scene = Scene()
        vpc = scene.vpc("10.0.0.0/16")
        public = vpc.subnet("10.0.0.0/24")
        vpc.table([("0.0.0.0/0", vpc.igw())], [public])
        role = scene.role("core", [CORE])
        fine = public.instance(profile=role, public_ip="203.0.113.5")
        scene.node(fine)
        isolated(scene, 2, "10.1.0.0/16", role)
        made = planned(scene)
        assert [each.target.id for each in made.ready_before] == [fine.id]
        assert fine.id not in {each.target.id for each in made.reaches}


class TestChoice:
    def test_the_best_method_may_differ_from_target_to_target(self):
        scene = Scene()
        vpc, subnet, (_first, _second) = isolated(scene, 2)
        end = vpc.group("end")
        subnet.instance_connect_endpoint(groups=[end])
        made = planned(scene, None)
        assert made.verified
        assert {each.method for each in made.reaches} == {EICE}
        assert made.cost.usd == 0

    def test_the_cost_profile_avoids_what_costs(self):
        scene = Scene()
        isolated(scene, 3)
        assert planned(scene, None, "cost").cost.usd == 0

    def test_entries_of_one_acl_get_numbers_of_their_own(self):
        from tests.scenes.builder import entry

        scene = Scene()
        vpc = scene.vpc("10.0.0.0/16")
        role = scene.role("core", [CORE])
        ends = vpc.subnet("10.0.9.0/24")
        group = vpc.group("ends", ingress=[tcp(443, "10.0.0.0/16")])
        for service in ("ssm", "ssmmessages"):
            vpc.endpoint(service, subnets=[ends], groups=[group])
        vpc.acl([entry(100, "deny", "tcp", 443), entry(200)], [entry(200)], [ends])
        for number in range(3):
            vpc.subnet(f"10.0.{number}.0/24").instance(profile=role)
        made = planned(scene)
        assert made.verified
        numbers = [
            step.action.parameters.get("RuleNumber")
            for step in made.steps
            if step.action.operation == "CreateNetworkAclEntry"
        ]
        assert len(numbers) == len(set(numbers)) == 3


class TestBound:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_a_fleet_is_repaired_near_the_best_and_nothing_gets_worse(self, seed: int):
        estate = generate(400, seed).snapshot.estate()
        made = plan(estate, BOOK, None, SSM, options=Options(operator="203.0.113.0/24"))
        assert made.verified and not made.refused
        assert made.bound is not None
        assert 1.0 <= made.bound.ratio < 2.0
        assert len(made.steps) < len(made.reaches)
        assert len(made.reaches) + len(made.left) + len(made.ready_before) == len(made.targets)

    @pytest.mark.parametrize("method", [MethodId.DIRECT, EICE, None])
    def test_no_machine_is_started_that_stays_out_of_reach(self, method: MethodId | None):
        estate = generate(1000, 1).snapshot.estate()
        made = plan(estate, BOOK, None, method, options=Options(operator="203.0.113.0/24"))
        assert made.verified and made.left and made.bound is not None
        reached = {each.target.id for each in made.reaches}
        started = {
            id
            for each in made.actions
            if each.operation == "StartInstances"
            for id in each.parameters.get("InstanceIds")
        }
        assert started <= reached
        assert made.bound.ratio < 2.0

    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(counts=st.lists(st.integers(1, 3), min_size=1, max_size=3))
    def test_the_lower_bound_never_exceeds_what_was_found(self, counts: list[int]):
        scene = Scene()
        role = scene.role("core", [CORE])
        for number, count in enumerate(counts):
            isolated(scene, count, f"10.{number}.0.0/16", role)
        made = planned(scene)
        if made.bound is not None:
            assert 0 < made.bound.least <= made.bound.weight


OPERATOR = "203.0.113.0/24"
DIRECT = MethodId.DIRECT


def public(scene: Scene, count: int):
    """A public subnet, and machines in it that want nothing but a public address."""
    vpc = scene.vpc("10.0.0.0/16")
    subnet = vpc.subnet("10.0.1.0/24")
    vpc.table([("0.0.0.0/0", vpc.igw())], [subnet])
    group = vpc.group("web", ingress=[tcp(22, OPERATOR)])
    return [subnet.instance(groups=[group], key="k") for _ in range(count)]


class TestEachItsOwn:
    @pytest.mark.parametrize("names", [("web.node", "web-node", "web_node"), ("a b", "a-b", "a@b")])
    def test_names_that_differ_by_a_sign_are_different_things(self, names: tuple[str, ...]):
        scene = Scene()
        vpc = scene.vpc("10.0.0.0/16")
        outside, subnet = vpc.subnet("10.0.0.0/24"), vpc.subnet("10.0.1.0/24")
        vpc.table([("0.0.0.0/0", vpc.igw())], [outside])
        vpc.table([("0.0.0.0/0", outside.nat())], [subnet])
        for name in names:
            subnet.instance(profile=scene.role(name, []))
        made = planned(scene)
        assert made.verified and len(made.reaches) == len(names) and not made.left
        assert {each.parameters.get("RoleName") for each in made.actions} == set(names)

    def test_each_machine_gets_an_address_of_its_own(self):
        scene = Scene()
        public(scene, 3)
        made = planned(scene, DIRECT)
        assert made.verified and len(made.reaches) == 3
        assert counted(made) == {"AllocateAddress": 3, "AssociateAddress": 3}
        given_to = [each.parameters.get("AllocationId") for each in made.actions[3:]]
        assert len(set(given_to)) == 3
        assert made.cost.usd == round(3 * 730 * 0.005, 2)

    def test_a_free_address_is_given_once(self):
        scene = Scene()
        public(scene, 2)
        scene.add(
            "ec2:DescribeAddresses", PublicIp="198.51.100.77", AllocationId="eipalloc-0free", Domain="vpc"
        )
        made = planned(scene, DIRECT)
        assert made.verified and len(made.reaches) == 2
        assert counted(made) == {"AllocateAddress": 1, "AssociateAddress": 2}


class TestRoom:
    def test_the_quota_of_addresses_is_kept_and_the_rest_is_told(self):
        scene = Scene()
        public(scene, 7)
        made = planned(scene, DIRECT)
        assert made.verified and len(made.reaches) == 5
        assert counted(made)["AllocateAddress"] == counted(made)["AssociateAddress"] == 5
        assert [[advice.text for advice in each.advice] for each in made.left] == [["address-quota"]] * 2

    def test_the_quota_of_tunnels_in_a_region_is_kept(self):
        scene = Scene()
        for number in range(7):
            isolated(scene, 1, f"10.{number}.0.0/16", None)
        made = planned(scene, EICE)
        assert made.verified and len(made.reaches) == 5
        assert counted(made)["CreateInstanceConnectEndpoint"] == counted(made)["CreateSecurityGroup"] == 5
        assert {advice.text for each in made.left for advice in each.advice} == {"eice-quota-of-region"}
        # Any method will do: the two that are over get Session Manager, and nothing is made for them in vain.
        best = planned(scene, None)
        assert best.verified and len(best.reaches) == 7
        assert counted(best)["CreateSecurityGroup"] == 7
        assert counted(best)["CreateInstanceConnectEndpoint"] == 5

    def test_many_entries_of_one_acl_are_numbered_at_once_ahead_of_the_one_that_denies(self):
        from tests.scenes.builder import entry

        scene = Scene()
        vpc = scene.vpc("10.0.0.0/16")
        role = scene.role("core", [CORE])
        ends = vpc.subnet("10.0.99.0/24")
        group = vpc.group("ends", ingress=[tcp(443, "10.0.0.0/16")])
        for service in ("ssm", "ssmmessages"):
            vpc.endpoint(service, subnets=[ends], groups=[group])
        vpc.acl([entry(100, "deny", "tcp", 443), entry(200)], [entry(200)], [ends])
        for number in range(14):
            vpc.subnet(f"10.0.{number}.0/24").instance(profile=role)
        made = planned(scene)
        assert made.verified and len(made.reaches) == 14
        assert [each.parameters.get("RuleNumber") for each in made.actions] == list(range(99, 85, -1))
        assert [each.rollback[0].parameters.get("RuleNumber") for each in made.actions] == [
            each.parameters.get("RuleNumber") for each in made.actions
        ]

    def test_a_full_group_takes_no_more_and_the_rest_is_told(self):
        scene = Scene()
        vpc = scene.vpc("10.0.0.0/16")
        role = scene.role("core", [CORE])
        subnet = vpc.subnet("10.0.1.0/24")
        ends = vpc.group("ends", ingress=[tcp(8000 + number, "10.9.0.0/24") for number in range(60)])
        for service in ("ssm", "ssmmessages"):
            vpc.endpoint(service, subnets=[subnet], groups=[ends])
        for number in range(2):
            subnet.instance(groups=[vpc.group(f"w{number}")], profile=role)
        made = planned(scene)
        assert not made.steps
        assert {advice.text for each in made.left for advice in each.advice} == {"group-is-full"}


class TestStepByStep:
    def test_what_one_change_shows_is_repaired_by_the_next(self):
        """A way back to the operator can be proposed once there is a gateway to lead it to."""
        scene = Scene()
        vpc = scene.vpc("10.0.0.0/16")
        subnet = vpc.subnet("10.0.1.0/24")
        for _ in range(2):
            subnet.instance(groups=[vpc.group("web")], key="k")
        made = planned(scene, DIRECT)
        assert made.verified and len(made.reaches) == 2 and not made.left
        assert counted(made)["AttachInternetGateway"] == counted(made)["CreateRoute"] == 1

    def test_nothing_is_changed_for_who_stays_out_of_reach(self):
        from tests.scenes.builder import entry

        scene = Scene()
        _, _, (stopped,) = isolated(scene, 1)
        stopped.record["State"] = {"Name": "stopped", "Code": 80}
        # Once there are endpoints, the ACL is seen to be in the way, and it has no number ahead of the first.
        vpc, subnet, blocked = isolated(scene, 2, "10.1.0.0/16")
        vpc.acl([entry(100)], [entry(1, "deny", "tcp", 443), entry(100)], [subnet])
        subnet.record["AvailableIpAddressCount"] = 0
        vpc.subnet("10.1.2.0/24")
        made = planned(scene)
        assert made.verified and [each.target.id for each in made.reaches] == [stopped.id]
        assert {each.target.id for each in made.left} == {each.id for each in blocked}
        assert vpc.id not in {each.parameters.get("VpcId") for each in made.actions}


def test_chosen_targets_only():
    scene = Scene()
    _, _, (first, second, *rest) = isolated(scene, 4)
    estate = scene.estate()
    chosen = [target for _, target in targets(estate) if target.id in (first.id, second.id)]
    made = plan(estate, BOOK, chosen, SSM)
    assert {each.target.id for each in made.reaches} == {first.id, second.id}
    # The others profit from the endpoints all the same, and the plan tells.
    assert {each.target.id for each in made.shifts} >= {each.id for each in rest}
