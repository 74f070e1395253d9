"""Requests applied to a copy of the account, and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.advice.action import Action
from advisor.advice.actions import actions_for
from advisor.advice.apply import EFFECTS, apply, apply_all
from advisor.advice.render_cli import rollback_of
from advisor.model.estate import Estate
from advisor.network import repairs
from tests.advice.samples import REPAIRS, SAMPLE
from tests.scenes.builder import CORE, Scene, tcp


def contents(estate: Estate) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Every record by scope, operation and id; empty tables are like tables that nobody looked at."""
    return {
        (scope.account, scope.region, operation): dict(table)
        for scope in estate.scopes.values()
        for operation, table in scope.tables.items()
        if len(table)
    }


# A route to a gateway that is gone cannot come back; an allocated address is released for good.
EXACT = sorted(set(REPAIRS) - {"AskOwner", "AddRoute", "CreateNatGateway"})


@pytest.mark.parametrize("kind", EXACT)
def test_a_change_and_its_way_back_leave_the_account_as_it_was(kind: str):
    actions = actions_for(REPAIRS[kind], SAMPLE.estate)
    changed = apply_all(actions, SAMPLE.estate)
    assert contents(changed) != contents(SAMPLE.estate)
    restored = apply_all(rollback_of(actions), changed)
    before, after = contents(SAMPLE.estate), contents(restored)
    if kind == "StartInstance":
        # Status checks of a machine that ran stay behind.
        for found in (before, after):
            found.pop((SAMPLE.scene.account, SAMPLE.scene.region, "ec2:DescribeInstanceStatus"), None)
    if kind == "DisableClientIpPreservation":
        endpoint = after[SAMPLE.scene.account, SAMPLE.scene.region, "ec2:DescribeInstanceConnectEndpoints"]
        assert {each.state for each in endpoint.values()} == {"update-complete"}
        for found in (before, after):
            found.pop((SAMPLE.scene.account, SAMPLE.scene.region, "ec2:DescribeInstanceConnectEndpoints"))
    assert after == before


@pytest.mark.parametrize("kind", sorted(set(REPAIRS) - {"AskOwner"}))
def test_the_original_is_never_touched(kind: str):
    before = contents(SAMPLE.estate)
    apply_all(actions_for(REPAIRS[kind], SAMPLE.estate), SAMPLE.estate)
    assert contents(SAMPLE.estate) == before


def test_every_effect_belongs_to_a_request_or_its_way_back():
    assert all(name.partition(":")[2] for name in EFFECTS)
    assert len(EFFECTS) > 70


def applied(scene: Scene, repair: repairs.Repair) -> Estate:
    estate = scene.estate()
    return apply_all(actions_for(repair, estate), estate)


class TestEffects:
    def test_a_new_endpoint_has_an_interface_with_a_free_address_in_each_subnet(self):
        scene = Scene()
        vpc = scene.vpc()
        subnet = vpc.subnet("10.0.1.0/28")
        for offset in range(4, 14):
            subnet.interface(ip=f"10.0.1.{offset}")
        repair = repairs.CreateInterfaceEndpoint("ssm", vpc.id, (subnet.id,), scene.account, scene.region)
        scope = applied(scene, repair).scope(scene.account, scene.region)
        (endpoint,) = scope.vpc_endpoints.values()
        (eni,) = endpoint.network_interface_ids
        assert scope.network_interfaces[eni].private_ip_address == "10.0.1.14"
        assert [each.group_id for each in scope.network_interfaces[eni].groups] == [
            each.group_id for each in endpoint.groups
        ]
        assert endpoint.private_dns_enabled
        assert scope.vpc_attribute(vpc.id, "enable_dns_hostnames") is True

    def test_rules_read_one_by_one_change_with_their_group(self):
        scene = Scene()
        vpc = scene.vpc()
        group, peer = vpc.group("web", ingress=[tcp(80)]), vpc.group("peer")
        repair = repairs.AdmitInGroup(
            group.id, False, "tcp", 22, 22, peer_group=peer.id, account=scene.account, region=scene.region
        )
        estate = scene.estate()
        actions = actions_for(repair, estate)
        changed = apply_all(actions, estate)

        def ports(of: Estate) -> set[int | None]:
            rules = of.scope(scene.account, scene.region).security_group_rules.values()
            return {each.from_port for each in rules if each.group_id == group.id and not each.is_egress}

        assert ports(estate) == {80}
        assert ports(changed) == {80, 22}
        assert ports(apply_all(rollback_of(actions), changed)) == {80}

    def test_a_public_address_shows_on_the_instance_too(self):
        scene = Scene()
        instance = scene.vpc().subnet("10.0.1.0/24").instance()
        repair = repairs.AssociatePublicAddress(instance.eni.id, scene.account, scene.region)
        scope = applied(scene, repair).scope(scene.account, scene.region)
        public = scope.instances[instance.id].public_ip_address
        assert public is not None
        assert scope.interfaces[instance.eni.id].association.public_ip == public  # type: ignore[union-attr]

    def test_a_started_machine_gets_an_address_where_its_subnet_gives_one(self):
        scene = Scene()
        subnet = scene.vpc().subnet("10.0.1.0/24")
        subnet.record["MapPublicIpOnLaunch"] = True
        instance = subnet.instance(state="stopped")
        repair = repairs.StartInstance(instance.id, scene.account, scene.region)
        started = applied(scene, repair).scope(scene.account, scene.region).instances[instance.id]
        assert started.state.name == "running"
        assert started.public_ip_address

    def test_a_nat_gateway_is_routed_to_with_its_address(self):
        estate = apply_all(actions_for(REPAIRS["CreateNatGateway"], SAMPLE.estate), SAMPLE.estate)
        scope = estate.scope(SAMPLE.scene.account, SAMPLE.scene.region)
        fresh = scope.nat_gateways[f"nat-new-nat-{SAMPLE.public.id}"]
        assert fresh.nat_gateway_addresses[0].public_ip
        routes = {each.nat_gateway_id for each in scope.route_tables[SAMPLE.table.id].routes}
        assert fresh.nat_gateway_id in routes

    def test_a_request_about_something_unread_changes_nothing(self):
        scene = Scene()
        scene.deny("ec2:DescribeSecurityGroups")
        repair = repairs.AdmitInGroup(
            "sg-unseen", False, "tcp", 22, 22, peer_group="sg-1", account=scene.account, region=scene.region
        )
        estate = scene.estate()
        assert apply_all(actions_for(repair, estate), estate) is estate


class TestIam:
    """Changes show in whichever way IAM was read: by calls per role, or all details at once."""

    @pytest.fixture(params=["calls", "details"])
    def scene(self, request: pytest.FixtureRequest) -> Scene:
        scene = Scene()
        scene.role("core", [CORE])
        scene.role("bare", [])
        if request.param == "details":
            scene.authorization_details()
        return scene

    def action(self, operation: str, **parameters: str) -> Action:
        from advisor.advice.action import members

        return Action("k", "iam", operation, members(**parameters), "111122223333", "global", "t", 1)

    def allowed(self, estate: Estate, role: str, action: str = "ssm:UpdateInstanceInformation") -> str:
        from advisor.iam.principals import Permissions, role_permissions

        found = role_permissions(estate, "111122223333", role)
        assert isinstance(found, Permissions), found
        return found.decide(action).verdict.value

    def test_attached_and_detached_policies_count(self, scene: Scene):
        estate = scene.estate()
        arn = f"arn:aws:iam::aws:policy/{CORE}"
        assert self.allowed(estate, "bare") == "blocked"
        attached = apply(self.action("AttachRolePolicy", RoleName="bare", PolicyArn=arn), estate)
        assert self.allowed(attached, "bare") == "ready"
        detached = apply(self.action("DetachRolePolicy", RoleName="bare", PolicyArn=arn), attached)
        assert self.allowed(detached, "bare") == "blocked"

    def test_inline_policies_count(self, scene: Scene):
        document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssm:*","Resource":"*"}]}'
        put = self.action("PutRolePolicy", RoleName="bare", PolicyName="p", PolicyDocument=document)
        given = apply(put, scene.estate())
        assert self.allowed(given, "bare") == "ready"
        gone = apply(self.action("DeleteRolePolicy", RoleName="bare", PolicyName="p"), given)
        assert self.allowed(gone, "bare") == "blocked"

    def test_a_new_role_in_a_new_profile_is_known(self, scene: Scene):
        from advisor.advice.identity import create_profile
        from advisor.iam.trust import ProfileRole, profile_role

        estate = scene.estate()
        place = estate.scope(scene.account, scene.region)
        actions = create_profile(place, estate.global_scope(scene.account))
        changed = apply_all(actions, estate)
        found = profile_role(changed, scene.account, "advisor-session-manager")
        assert isinstance(found, ProfileRole)
        assert found.role == "advisor-session-manager"
        assert self.allowed(changed, "advisor-session-manager") == "ready"
        restored = apply_all(rollback_of(actions), changed)
        assert contents(restored) == contents(estate)
