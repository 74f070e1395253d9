"""The readiness summary, the break-glass view and the blast radius."""

from __future__ import annotations

from advisor.advice.actions import actions_for
from advisor.advice.members import is_own, moved, tokens_of
from advisor.advice.readiness import freeing, readiness
from advisor.advice.resilience import resilience
from advisor.advice.touch import touched
from advisor.advice.workshop import Workshop
from advisor.methods.assess import assess
from advisor.methods.assessment import Assessment, MethodId
from advisor.methods.options import Options
from advisor.methods.targets import targets
from advisor.model.estate import Estate
from advisor.network import repairs
from advisor.rulebook import load
from tests.scenes.builder import CORE, Scene, entry, tcp

BOOK = load()


def assessed(scene: Scene) -> tuple[Assessment, Estate]:
    estate = scene.estate()
    return assess(estate, BOOK), estate


def tunnelled(scene: Scene, count: int, admitted: int) -> list[str]:
    """Instances behind one EC2 Instance Connect Endpoint, the first of which admit it."""
    vpc = scene.vpc("10.0.0.0/16")
    subnet = vpc.subnet("10.0.1.0/24")
    end = vpc.group("end")
    subnet.instance_connect_endpoint(groups=[end])
    open_, closed = vpc.group("open", ingress=[tcp(22, end)]), vpc.group("closed")
    return [subnet.instance(groups=[open_ if n < admitted else closed]).id for n in range(count)]


class TestReadiness:
    def test_it_counts_targets_and_methods(self):
        scene = Scene()
        tunnelled(scene, 5, 2)
        found = readiness(assessed(scene)[0])
        assert (found.targets, found.reachable, found.blocked, found.unknown) == (5, 2, 3, 0)
        (eice,) = [each for each in found.methods if each.method is MethodId.INSTANCE_CONNECT_ENDPOINT]
        assert (eice.ready, eice.blocked, eice.unknown) == (2, 3, 0)

    def test_causes_stand_in_the_order_of_whom_they_block(self):
        scene = Scene()
        tunnelled(scene, 5, 2)
        found = readiness(assessed(scene)[0]).causes
        assert [each.targets for each in found] == sorted((each.targets for each in found), reverse=True)
        groups = next(each for each in found if each.cause == "eice-instance-sg-inbound")
        assert (groups.targets, groups.alone) == (3, 3)

    def test_nothing_is_ready_in_an_empty_account(self):
        found = readiness(assessed(Scene())[0])
        assert (found.targets, found.causes) == (0, ())

    def test_the_change_that_frees_most_is_proved(self):
        scene = Scene()
        waiting = tunnelled(scene, 5, 2)[2:]
        assessment, estate = assessed(scene)
        workshop = Workshop(estate, BOOK, Options(), assess, BOOK.profiles["balanced"])
        first, *_ = freeing(workshop, assessment)
        assert sorted(each.id for each in first.targets) == sorted(waiting)
        assert len(first.actions) == 1


class TestResilience:
    def test_ways_in_are_counted(self):
        scene = Scene()
        tunnelled(scene, 3, 2)
        assessment, estate = assessed(scene)
        found = resilience(assessment, estate)
        assert (len(found.none), len(found.one), len(found.several)) == (1, 2, 0)

    def test_a_second_way_takes_the_sting_out_of_a_failure(self):
        scene = Scene()
        tunnelled(scene, 2, 2)
        scene.serial_console(True)
        assessment, estate = assessed(scene)
        found = resilience(assessment, estate)
        assert len(found.several) == 2
        assert all(not each.cut_off for each in found.failures)
        assert {each.weakened for each in found.failures} == {2}

    def test_one_endpoint_and_its_zone_cut_everybody_off(self):
        scene = Scene()
        tunnelled(scene, 4, 4)
        assessment, estate = assessed(scene)
        found = {each.part.kind: each for each in resilience(assessment, estate).failures}
        assert len(found["instance-connect-endpoint"].cut_off) == 4
        assert len(found["zone"].cut_off) == 4

    def test_endpoints_in_two_zones_do_not_fail_with_one(self):
        for zones in ("a", "ab"):
            scene = Scene()
            vpc = scene.vpc("10.0.0.0/16")
            subnets = [vpc.subnet(f"10.0.{n}.0/24", zone) for n, zone in enumerate(zones)]
            group = vpc.group("ends", ingress=[tcp(443, "10.0.0.0/16")])
            for service in ("ssm", "ssmmessages"):
                vpc.endpoint(service, subnets=subnets, groups=[group])
            instance = subnets[0].instance(profile=scene.role("core", [CORE]))
            scene.node(instance)
            assessment, estate = assessed(scene)
            parts = {each.part.kind for each in resilience(assessment, estate).failures}
            assert ("zone" in parts) is (zones == "a")
            assert "vpc-endpoint" in parts

    def test_who_has_no_way_in_is_named(self):
        scene = Scene()
        vpc = scene.vpc("10.0.0.0/16")
        lonely = vpc.subnet("10.0.1.0/24").instance()
        assessment, estate = assessed(scene)
        assert [each.id for each in resilience(assessment, estate).none] == [lonely.id]


class TestBlastRadius:
    def test_a_rule_touches_everything_that_carries_the_group(self):
        scene = Scene()
        vpc = scene.vpc()
        subnet = vpc.subnet("10.0.1.0/24")
        group, peer = vpc.group("web"), vpc.group("peer")
        carriers = [subnet.instance(groups=[group]).id for _ in range(2)]
        subnet.instance(groups=[peer])
        repair = repairs.AdmitInGroup(
            group.id, False, "tcp", 22, 22, peer_group=peer.id, account=scene.account, region=scene.region
        )
        estate = scene.estate()
        (action,) = actions_for(repair, estate)
        assert touched(action, estate) == tuple(sorted(carriers))

    def test_private_dns_touches_the_whole_vpc(self):
        scene = Scene()
        vpc = scene.vpc()
        subnet = vpc.subnet("10.0.1.0/24")
        endpoint = vpc.endpoint("ssm", subnets=[subnet], private_dns=False)
        inside = [subnet.instance().id for _ in range(3)]
        scene.vpc("10.9.0.0/16").subnet("10.9.1.0/24").instance()
        repair = repairs.EnablePrivateDns(endpoint.id, vpc.id, scene.account, scene.region)
        estate = scene.estate()
        (action,) = actions_for(repair, estate)
        assert touched(action, estate) == tuple(sorted(inside))

    def test_a_main_table_touches_subnets_without_one_of_their_own(self):
        scene = Scene()
        vpc = scene.vpc()
        implicit, own = vpc.subnet("10.0.1.0/24"), vpc.subnet("10.0.2.0/24")
        vpc.table(subnets=[own])
        repair = repairs.AddRoute(vpc.main.id, "10.9.0.0/16", "pcx-1", False, scene.account, scene.region)
        estate = scene.estate()
        (action,) = actions_for(repair, estate)
        assert touched(action, estate) == (implicit.id,)

    def test_an_acl_entry_touches_its_subnets(self):
        scene = Scene()
        vpc = scene.vpc()
        guarded = vpc.subnet("10.0.1.0/24")
        vpc.subnet("10.0.2.0/24")
        acl = vpc.acl([entry(100, "deny")], subnets=[guarded])
        repair = repairs.AdmitInNetworkAcl(
            acl.id, False, "tcp", 22, 22, "10.0.2.0/24", 100, scene.account, scene.region
        )
        estate = scene.estate()
        (action,) = actions_for(repair, estate)
        assert touched(action, estate) == (guarded.id,)

    def test_a_role_touches_the_instances_that_carry_it(self):
        from advisor.advice.identity import attach_core

        for by_details in (False, True):
            scene = Scene()
            subnet = scene.vpc().subnet("10.0.1.0/24")
            carrier = subnet.instance(profile=scene.role("nodes", []))
            subnet.instance(profile=scene.role("others", []))
            if by_details:
                scene.authorization_details()
            estate = scene.estate()
            scope = estate.scope(scene.account, scene.region)
            (action,) = attach_core(scope, "nodes", estate).actions
            assert touched(action, estate) == (carrier.id,)


class TestAcrossAccounts:
    def test_machines_of_two_accounts_stand_on_the_same_central_endpoints(self):
        hub_account = Scene("444455556666")
        hub = hub_account.vpc("10.1.0.0/16")
        central = hub.subnet("10.1.1.0/24")
        gateway = hub_account.transit_gateway()
        gateway.attach(hub, [central])
        hub.main.route("10.0.0.0/8", gateway)
        ends = hub.group("ends", ingress=[tcp(443, "10.0.0.0/8")])
        zones, endpoints = [], []
        for service in ("ssm", "ssmmessages"):
            endpoint = hub.endpoint(service, subnets=[central], groups=[ends], private_dns=False)
            name = f"{service}.us-east-1.amazonaws.com"
            zones.append(hub.hosted_zone(name, {name: endpoint}))
            endpoints.append(endpoint.id)
        spokes = []
        for number, account in ((2, "111122223333"), (3, "222233334444")):
            scene = hub_account.at(account)
            vpc = scene.vpc(f"10.{number}.0.0/16")
            subnet = vpc.subnet(f"10.{number}.1.0/24")
            gateway.attach(vpc, [subnet])
            vpc.main.route("10.1.0.0/16", gateway)
            for zone in zones:
                scene.associate_zone(zone, vpc)
            spokes.append(subnet.instance(profile=scene.role("nodes", [CORE])))
            scene.node(spokes[-1])
        estate = hub_account.estate()
        failures = resilience(assess(estate, BOOK), estate).failures
        fatal = {
            (each.part.kind, each.part.id): each
            for each in failures
            if {target.id for target in each.cut_off} == {each.id for each in spokes}
        }
        assert {("vpc-endpoint", endpoint) for endpoint in endpoints} < fatal.keys()
        assert ("zone", "us-east-1a") in fatal
        assert {each.part.account for each in fatal.values()} == {hub_account.account}


class TestMembers:
    def test_an_action_moves_to_another_machine_whole(self):
        scene = Scene()
        subnet = scene.vpc().subnet("10.0.1.0/24")
        first, second = subnet.instance(), subnet.instance()
        estate = scene.estate()
        one, other = (target for _, target in targets(estate))
        source, goal = tokens_of(one, estate), tokens_of(other, estate)
        place = (scene.account, scene.region)
        for kind, mine, theirs in (
            (repairs.StartInstance, first.id, second.id),
            (repairs.AssociatePublicAddress, first.eni.id, second.eni.id),
        ):
            stopped = scene.estate()
            for instance in (first, second):
                instance.record["State"] = {"Name": "stopped", "Code": 80}
            stopped = scene.estate()
            here = actions_for(kind(mine, *place), stopped)
            there = actions_for(kind(theirs, *place), stopped)
            assert any(is_own(each, source) for each in here)
            assert [moved(each, source, goal) for each in here] == list(there)

    def test_an_address_is_not_the_beginning_of_another_one(self):
        from advisor.advice.action import Action, members

        action = Action(
            "rule-10-0-1-4-32-and-10-0-1-40-32",
            "ec2",
            "AuthorizeSecurityGroupIngress",
            members(GroupId="sg-1", Cidrs=["10.0.1.4/32", "10.0.1.40/32"]),
            "1",
            "r",
            "t",
            1,
        )
        found = moved(action, ("i-1", "eni-1", "10.0.1.4"), ("i-2", "eni-2", "10.0.1.9"))
        assert found.parameters.get("Cidrs") == ("10.0.1.9/32", "10.0.1.40/32")
        assert found.key == "rule-10-0-1-9-32-and-10-0-1-40-32"

    def test_shared_changes_are_nobodys_own(self):
        scene = Scene()
        vpc = scene.vpc()
        subnet = vpc.subnet("10.0.1.0/24")
        group = vpc.group("web")
        subnet.instance(groups=[group])
        estate = scene.estate()
        (target,) = (target for _, target in targets(estate))
        repair = repairs.AdmitInGroup(
            group.id,
            False,
            "tcp",
            22,
            22,
            peer_cidr="10.0.1.0/24",
            account=scene.account,
            region=scene.region,
        )
        (action,) = actions_for(repair, estate)
        assert not is_own(action, tokens_of(target, estate))
