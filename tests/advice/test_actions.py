"""Every kind of network repair becomes requests that AWS's own models accept, with words and a way back."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from advisor.advice.action import CREATED, Action, Ref, linked, refs_in
from advisor.advice.actions import REPAIRS as WRITERS
from advisor.advice.actions import actions_for, remedy_for
from advisor.advice.apply import EFFECTS, apply_all
from advisor.advice.words import meaning, risk, title
from advisor.network import repairs
from advisor.rulebook import load
from tests.advice.model import answers, problems
from tests.advice.samples import OTHERS, REPAIRS, SAMPLE
from tests.scenes.builder import Scene, entry, tcp

BOOK = load()
WITH_ACTIONS = [*sorted(set(REPAIRS) - {"AskOwner"}), *OTHERS]


def of(kind: str) -> tuple[Action, ...]:
    return OTHERS[kind].actions if kind in OTHERS else actions_for(REPAIRS[kind], SAMPLE.estate)


def service_of(operation: str) -> str:
    return {"CreateGrant": "kms", "UpdateDocument": "ssm"}.get(operation, "ec2")


def test_every_kind_of_repair_is_written_and_sampled():
    kinds = {each.__name__ for each in get_args(repairs.Repair)}
    assert {each.__name__ for each in WRITERS} == kinds
    assert set(REPAIRS) == kinds


@pytest.mark.parametrize("kind", WITH_ACTIONS)
class TestEveryKind:
    def test_its_requests_are_valid(self, kind: str):
        found = of(kind)
        assert found
        for action in found:
            assert problems(action) == "", action.operation
            for undo in action.rollback:
                assert problems(undo) == "", undo.operation

    def test_its_references_lead_to_answers_of_earlier_requests(self, kind: str):
        made: dict[str, Action] = {}
        for action in of(kind):
            for ref in refs_in(action.parameters):
                assert answers(ref, made[ref.action].operation, made[ref.action].service)
            made[action.key] = action
            for undo in action.rollback:
                for ref in refs_in(undo.parameters):
                    assert answers(ref, made[ref.action].operation, made[ref.action].service)
                made[undo.key] = undo

    def test_it_has_words_in_both_languages_without_holes(self, kind: str):
        for action in of(kind):
            for each in (action, *action.rollback):
                for lang in ("en", "ja"):
                    spoken = [
                        title(BOOK, each, lang),
                        meaning(BOOK, each, lang),
                        risk(BOOK, each, lang),
                    ]
                    assert all(spoken)
                    assert not [text for text in spoken if re.search(r"\{[a-z_]+\}", text)], each.text
                    assert spoken[0] != each.text

    def test_its_effect_is_known(self, kind: str):
        for action in of(kind):
            for each in (action, *action.rollback):
                assert f"{each.service}:{each.operation}" in EFFECTS

    def test_the_same_repair_has_the_same_keys(self, kind: str):
        assert [each.key for each in of(kind)] == [each.key for each in of(kind)]
        assert len({each.key for each in of(kind)}) == len(of(kind))

    def test_its_risk_has_a_class(self, kind: str):
        assert all(1 <= each.risk <= 9 for each in of(kind))


def test_what_creates_something_names_where_its_id_stands():
    for operation, outputs in CREATED.items():
        for path, _ in outputs:
            assert answers(Ref("any", path), operation, service_of(operation)), (operation, path)


class TestGroups:
    def admit(self, scene: Scene, group: str, **peer: str) -> repairs.AdmitInGroup:
        return repairs.AdmitInGroup(
            group, False, "tcp", 22, 22, account=scene.account, region=scene.region, **peer
        )

    def test_the_whole_internet_is_never_admitted(self):
        scene = Scene()
        group = scene.vpc().group("web")
        for cidr in ("0.0.0.0/0", "::/0"):
            remedy = remedy_for(self.admit(scene, group.id, peer_cidr=cidr), scene.estate())
            assert not remedy.actions
            assert [(each.text, each.reason) for each in remedy.advice] == [
                ("never-open-to-the-world", "unsafe")
            ]

    def test_a_full_group_is_said_to_be_full(self):
        scene = Scene()
        rules = [tcp(1000 + n, "10.0.0.0/8") for n in range(60)]
        group = scene.vpc().group("web", ingress=rules)
        remedy = remedy_for(self.admit(scene, group.id, peer_cidr="10.0.0.7/32"), scene.estate())
        assert [each.text for each in remedy.advice] == ["group-is-full"]

    def test_fifty_nine_rules_leave_room_for_one(self):
        scene = Scene()
        rules = [tcp(1000 + n, "10.0.0.0/8") for n in range(59)]
        group = scene.vpc().group("web", ingress=rules)
        remedy = remedy_for(self.admit(scene, group.id, peer_cidr="10.0.0.7/32"), scene.estate())
        assert len(remedy.actions) == 1

    def test_a_group_of_another_account_is_its_owners_to_change(self):
        scene = Scene()
        group = scene.vpc().group("web")
        group.record["OwnerId"] = "444455556666"
        remedy = remedy_for(self.admit(scene, group.id, peer_cidr="10.0.0.7/32"), scene.estate())
        assert not remedy.actions
        assert dict(remedy.advice[0].names)["owner"] == "444455556666"
        assert remedy.advice[0].reason == "owner"

    def test_a_reference_to_a_group_is_less_risky_than_a_range(self):
        scene = Scene()
        vpc = scene.vpc()
        group, other = vpc.group("web"), vpc.group("other")
        estate = scene.estate()
        (by_group,) = actions_for(self.admit(scene, group.id, peer_group=other.id), estate)
        (by_range,) = actions_for(self.admit(scene, group.id, peer_cidr="10.0.0.7/32"), estate)
        assert by_group.risk < by_range.risk

    def test_ipv6_and_prefix_lists_have_members_of_their_own(self):
        scene = Scene()
        group = scene.vpc().group("web")
        estate = scene.estate()
        (six,) = actions_for(self.admit(scene, group.id, peer_cidr="2001:db8::/48"), estate)
        (listed,) = actions_for(self.admit(scene, group.id, peer_prefix_list="pl-1"), estate)
        assert "Ipv6Ranges" in six.parameters.get("IpPermissions")[0]
        assert "PrefixListIds" in listed.parameters.get("IpPermissions")[0]
        assert not problems(six) and not problems(listed)


class TestNetworkAcls:
    def repaired(self, before: int, *entries: int, egress: bool = False, **changes: object):
        scene = Scene()
        vpc = scene.vpc()
        numbered = [entry(number, "deny", "tcp", 22) for number in entries]
        acl = vpc.acl(egress=numbered) if egress else vpc.acl(numbered)
        values = {"cidr": "10.0.2.0/24", "first_port": 22, "last_port": 22, **changes}
        repair = repairs.AdmitInNetworkAcl(
            acl.id, egress, "tcp", before=before, account=scene.account, region=scene.region, **values
        )
        return remedy_for(repair, scene.estate())

    def number(self, *args: int, **options: object) -> int:
        (action,) = self.repaired(*args, **options).actions
        return action.parameters.get("RuleNumber")

    def test_the_entry_stands_right_before_the_one_that_denies(self):
        assert self.number(100, 100) == 99
        assert self.number(100, 100, 99) == 98
        assert self.number(50, 50, 100) == 49

    def test_before_the_last_entry_it_takes_the_next_hundred(self):
        assert self.number(32767) == 100
        assert self.number(32767, 100, 110) == 200
        assert self.number(32768, 100) == 200
        assert self.number(32767, 32700) == 32766

    def test_each_direction_has_numbers_of_its_own(self):
        assert self.number(100, 100, 99, egress=True) == 98

    def test_without_a_free_number_it_says_what_to_do(self):
        remedy = self.repaired(3, 1, 2, 3)
        assert [each.text for each in remedy.advice] == ["network-acl-no-number"]

    def test_a_full_acl_is_said_to_be_full(self):
        remedy = self.repaired(32767, *range(100, 120))
        assert [each.text for each in remedy.advice] == ["network-acl-is-full"]

    def test_well_known_ports_are_not_opened_to_everybody(self):
        assert not self.repaired(32767, cidr="0.0.0.0/0").actions
        reply = self.repaired(32767, cidr="0.0.0.0/0", first_port=1024, last_port=65535)
        assert len(reply.actions) == 1


class TestEndpoints:
    def test_dns_attributes_come_before_the_endpoint_that_needs_them(self):
        operations = [each.operation for each in of("CreateInterfaceEndpoint")]
        assert operations[0] == "ModifyVpcAttribute"
        assert operations[-1] == "CreateVpcEndpoint"

    def test_its_group_admits_every_instance_of_the_vpc_by_group(self):
        created = [each for each in of("CreateInterfaceEndpoint") if "Authorize" in each.operation]
        peers = [each.parameters.get("IpPermissions")[0].get("UserIdGroupPairs") for each in created]
        assert [pair.get("GroupId") for (pair,) in peers] == [SAMPLE.web.id]

    def test_many_groups_are_covered_by_the_vpcs_ranges(self):
        scene = Scene()
        vpc = scene.vpc("10.0.0.0/16").block("10.9.0.0/16")
        subnet = vpc.subnet("10.0.1.0/24")
        for number in range(7):
            subnet.instance(groups=[vpc.group(f"g{number}")])
        repair = repairs.CreateInterfaceEndpoint("ssm", vpc.id, (subnet.id,), scene.account, scene.region)
        rules = [each for each in actions_for(repair, scene.estate()) if "Authorize" in each.operation]
        ranges = [each.parameters.get("IpPermissions")[0].get("IpRanges")[0].get("CidrIp") for each in rules]
        assert ranges == ["10.0.0.0/16", "10.9.0.0/16"]

    def test_a_second_endpoint_uses_the_groups_of_the_first(self):
        scene = Scene()
        vpc = scene.vpc()
        subnet = vpc.subnet("10.0.1.0/24")
        subnet.instance(groups=[vpc.group("web")])
        place = (scene.account, scene.region)
        estate = scene.estate()
        first = actions_for(repairs.CreateInterfaceEndpoint("ssm", vpc.id, (subnet.id,), *place), estate)
        after = apply_all(first, estate)
        second = actions_for(
            repairs.CreateInterfaceEndpoint("ssmmessages", vpc.id, (subnet.id,), *place), after
        )
        assert [each.operation for each in second] == ["CreateVpcEndpoint"]
        last = linked(first + second)[-1]
        assert [ref.action for ref in refs_in(last.parameters)] == [f"advisor-endpoints-{vpc.id}"]

    def test_a_name_that_is_taken_is_said(self):
        scene = Scene()
        vpc = scene.vpc()
        subnet = vpc.subnet("10.0.1.0/24")
        vpc.hosted_zone(f"ssm.{scene.region}.amazonaws.com")
        repair = repairs.CreateInterfaceEndpoint("ssm", vpc.id, (subnet.id,), scene.account, scene.region)
        assert [each.text for each in remedy_for(repair, scene.estate()).advice] == ["private-dns-taken"]

    def test_one_subnet_of_a_zone_is_enough(self):
        scene = Scene()
        vpc = scene.vpc()
        subnets = [
            vpc.subnet("10.0.1.0/24", "a"),
            vpc.subnet("10.0.2.0/24", "a"),
            vpc.subnet("10.0.3.0/24", "b"),
        ]
        ids = tuple(each.id for each in subnets)
        repair = repairs.CreateInterfaceEndpoint("ssm", vpc.id, ids, scene.account, scene.region)
        create = actions_for(repair, scene.estate())[-1]
        assert create.parameters.get("SubnetIds") == (ids[0], ids[2])

    def test_a_full_subnet_holds_no_endpoint(self):
        scene = Scene()
        vpc = scene.vpc()
        subnet = vpc.subnet("10.0.1.0/24")
        subnet.record["AvailableIpAddressCount"] = 0
        repair = repairs.CreateInterfaceEndpoint("ssm", vpc.id, (subnet.id,), scene.account, scene.region)
        assert [each.text for each in remedy_for(repair, scene.estate()).advice] == ["no-subnet-for-endpoint"]

    def test_a_zone_holds_one_subnet_of_an_endpoint(self):
        scene = Scene()
        vpc = scene.vpc()
        first, second = vpc.subnet("10.0.1.0/24", "a"), vpc.subnet("10.0.2.0/24", "a")
        endpoint = vpc.endpoint("ssm", subnets=[first])
        repair = repairs.AddEndpointSubnet(endpoint.id, second.id, scene.account, scene.region)
        assert [each.text for each in remedy_for(repair, scene.estate()).advice] == ["endpoint-zone-taken"]

    def test_endpoints_of_china_have_the_names_that_the_region_lists(self):
        scene = Scene(region="cn-north-1")
        vpc = scene.vpc()
        subnet = vpc.subnet("10.0.1.0/24")
        repair = repairs.CreateInterfaceEndpoint("ssm", vpc.id, (subnet.id,), scene.account, scene.region)
        create = actions_for(repair, scene.estate())[-1]
        assert create.parameters.get("ServiceName") == BOOK.endpoints["ssm"].name("cn-north-1")
        scene.add("ec2:DescribeVpcEndpointServices", ServiceName="cn.com.amazonaws.cn-north-1.ssm")
        create = actions_for(repair, scene.estate())[-1]
        assert create.parameters.get("ServiceName") == "cn.com.amazonaws.cn-north-1.ssm"


class TestRoutesAndAddresses:
    def test_a_dead_route_is_replaced_and_cannot_come_back_as_it_was(self):
        (action,) = of("AddRoute")
        assert action.operation == "ReplaceRoute"
        assert action.lossy
        assert [undo.operation for undo in action.rollback] == ["DeleteRoute"]

    def test_a_live_route_that_is_replaced_comes_back(self):
        scene = Scene()
        vpc = scene.vpc()
        igw = vpc.igw()
        table = vpc.table([("0.0.0.0/0", igw)])
        nat = vpc.subnet("10.0.2.0/24").nat()
        repair = repairs.AddRoute(table.id, "0.0.0.0/0", nat.id, True, scene.account, scene.region)
        (action,) = actions_for(repair, scene.estate())
        (undo,) = action.rollback
        assert (undo.operation, undo.parameters.get("GatewayId")) == ("ReplaceRoute", igw.id)

    @pytest.mark.parametrize(
        ("target", "member"),
        [
            ("igw-1", "GatewayId"),
            ("vgw-1", "GatewayId"),
            ("nat-1", "NatGatewayId"),
            ("pcx-1", "VpcPeeringConnectionId"),
            ("tgw-1", "TransitGatewayId"),
            ("eigw-1", "EgressOnlyInternetGatewayId"),
            ("eni-1", "NetworkInterfaceId"),
            ("vpce-1", "VpcEndpointId"),
        ],
    )
    def test_each_target_has_its_member(self, target: str, member: str):
        scene = Scene()
        table = scene.vpc().table()
        repair = repairs.AddRoute(table.id, "::/0", target, False, scene.account, scene.region)
        (action,) = actions_for(repair, scene.estate())
        assert action.parameters.get(member) == target
        assert action.parameters.get("DestinationIpv6CidrBlock") == "::/0"
        assert not problems(action)

    def test_a_free_address_is_used_before_a_new_one(self):
        scene = Scene()
        vpc = scene.vpc()
        instance = vpc.subnet("10.0.1.0/24").instance()
        scene.place.add(
            "ec2:DescribeAddresses",
            {"PublicIp": "203.0.113.9", "AllocationId": "eipalloc-free", "Domain": "vpc"},
        )
        repair = repairs.AssociatePublicAddress(instance.eni.id, scene.account, scene.region)
        (action,) = actions_for(repair, scene.estate())
        assert action.parameters.get("AllocationId") == "eipalloc-free"

    def test_the_quota_of_addresses_is_said(self):
        scene = Scene()
        instance = scene.vpc().subnet("10.0.1.0/24").instance()
        for number in range(5):
            scene.place.add(
                "ec2:DescribeAddresses",
                {
                    "PublicIp": f"203.0.113.{number}",
                    "AllocationId": f"eipalloc-{number}",
                    "AssociationId": f"eipassoc-{number}",
                },
            )
        repair = repairs.AssociatePublicAddress(instance.eni.id, scene.account, scene.region)
        assert [each.text for each in remedy_for(repair, scene.estate()).advice] == ["address-quota"]

    def test_a_shared_route_table_is_its_owners(self):
        scene = Scene()
        table = scene.vpc().table()
        table.record["OwnerId"] = "444455556666"
        repair = repairs.AddRoute(table.id, "10.9.0.0/16", "pcx-1", False, scene.account, scene.region)
        assert [each.text for each in remedy_for(repair, scene.estate()).advice] == ["ask-owner-for-route"]

    def test_the_organisation_may_forbid_exclusions(self):
        scene = Scene()
        subnet = scene.vpc().subnet("10.0.1.0/24")
        scene.block_public_access("block-bidirectional", managed_by="declarative-policy")
        record = scene.place.records["ec2:DescribeVpcBlockPublicAccessOptions"][0]
        record["VpcBlockPublicAccessOptions"]["ExclusionsAllowed"] = "not-allowed"
        repair = repairs.ExcludeFromBlockPublicAccess(subnet.id, "allow-egress", scene.account, scene.region)
        assert [each.reason for each in remedy_for(repair, scene.estate()).advice] == ["owner"]


class TestInstances:
    @pytest.mark.parametrize(
        ("state", "text"),
        [("stopping", "wait-for-state"), ("terminated", "instance-is-gone"), ("running", "nothing-to-start")],
    )
    def test_only_a_stopped_instance_can_be_started(self, state: str, text: str):
        scene = Scene()
        instance = scene.vpc().subnet("10.0.1.0/24").instance(state=state)
        repair = repairs.StartInstance(instance.id, scene.account, scene.region)
        remedy = remedy_for(repair, scene.estate())
        assert not remedy.actions
        assert [each.text for each in remedy.advice] == [text]
