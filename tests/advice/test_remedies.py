"""Causes and what cures them: the catalogue and the cures agree, and each has a way or words."""

from __future__ import annotations

import re

import pytest

from advisor.advice.apply import apply_all
from advisor.advice.identity import attach_core, inline_policy
from advisor.advice.remedies import CURES, remedies
from advisor.advice.words import meaning, title
from advisor.methods.answer import Finding
from advisor.methods.assessment import Target
from advisor.methods.targets import targets
from advisor.model.estate import Estate
from advisor.model.evidence import SELF
from advisor.network import repairs
from advisor.rulebook import load
from tests.advice.model import problems
from tests.scenes.builder import CORE, Scene, allow, tcp

BOOK = load()


def the_target(scene: Scene) -> tuple[Estate, Target]:
    estate = scene.estate()
    return estate, next(target for _, target in targets(estate))


def test_every_cure_is_for_a_cause_of_the_catalogue():
    assert set(CURES) <= set(BOOK.causes)


def test_every_cause_that_blocks_has_a_cure_or_words():
    for id, cause in BOOK.causes.items():
        remedy = cause.remedy
        assert id in CURES or remedy.steps or remedy.actions or remedy.none, id


def test_actions_that_causes_name_are_worded():
    for cause in BOOK.causes.values():
        assert set(cause.remedy.actions) <= set(BOOK.actions), cause.id


class TestOrder:
    def test_the_mildest_way_comes_first_and_words_last(self):
        scene = Scene()
        vpc = scene.vpc()
        group, peer = vpc.group("web"), vpc.group("peer")
        vpc.subnet("10.0.1.0/24").instance(groups=[group])
        place = {"account": scene.account, "region": scene.region}
        finding = Finding(
            "eice-instance-sg-inbound",
            group.id,
            repairs=(
                repairs.AskOwner("444455556666", "x", "y"),
                repairs.AdmitInGroup(group.id, False, "tcp", 22, 22, peer_cidr="10.0.0.0/24", **place),
                repairs.AdmitInGroup(group.id, False, "tcp", 22, 22, peer_group=peer.id, **place),
            ),
        )
        estate, target = the_target(scene)
        found = remedies(finding, target, estate)
        assert [each.risk for each in found] == [1, 2, 0]
        assert not found[-1].actions

    def test_self_is_bound_to_the_target(self):
        scene = Scene()
        instance = scene.vpc().subnet("10.0.1.0/24").instance(state="stopped")
        place = {"account": scene.account, "region": scene.region}
        finding = Finding("instance-not-running", SELF, repairs=(repairs.StartInstance(SELF, **place),))
        estate, target = the_target(scene)
        (remedy,) = remedies(finding, target, estate)
        assert remedy.actions[0].parameters.get("InstanceIds") == (instance.id,)


class TestRolesOfInstances:
    def given(self, scene: Scene, by_one_call: bool, more: tuple[str, ...] = (), **role: object):
        scene.role("apps", [CORE, *more], **role)  # type: ignore[arg-type]
        if by_one_call:
            scene.authorization_details()
        scene.vpc().subnet("10.0.1.0/24").instance()
        estate, target = the_target(scene)
        found = remedies(Finding("no-instance-profile-no-dhmc", target.id), target, estate)
        return next(each for each in found if each.actions[-1].operation == "AssociateIamInstanceProfile")

    @pytest.mark.parametrize("by_one_call", [False, True])
    @pytest.mark.parametrize(
        ("role", "is_reused"),
        [
            ({}, True),
            ({"more": ("CloudWatchAgentServerPolicy",)}, True),
            ({"more": ("AdministratorAccess",)}, False),
            ({"inline": {"payroll": allow("s3:GetObject")}}, False),
        ],
    )
    def test_a_role_with_powers_of_its_own_is_given_to_no_other_machine(
        self, role: dict[str, object], is_reused: bool, by_one_call: bool
    ):
        remedy = self.given(Scene(), by_one_call, **role)  # type: ignore[arg-type]
        assert (len(remedy.actions) == 1) is is_reused
        profile = remedy.actions[-1].parameters.get("IamInstanceProfile").get("Name")
        assert profile == ("apps" if is_reused else "advisor-session-manager")

    def test_the_way_back_from_an_inline_policy_is_the_one_that_was_there(self):
        scene = Scene()
        old = allow("kms:Decrypt", resource="arn:aws:kms:us-east-1:111122223333:key/old")
        scene.role("apps", [CORE], inline={"advisor-session-key": old})
        estate = scene.estate()
        home = estate.global_scope(scene.account)
        (put,) = inline_policy(home, "apps", "advisor-session-key", allow("kms:Decrypt")).actions
        assert [each.operation for each in put.rollback] == ["PutRolePolicy"]
        back = apply_all([put, *put.rollback], estate)
        assert back.global_scope(scene.account).role_policies == home.role_policies
        (fresh,) = inline_policy(home, "apps", "another", allow("kms:Decrypt")).actions
        assert [each.operation for each in fresh.rollback] == ["DeleteRolePolicy"]

    def test_ten_policies_are_counted_however_they_were_read(self):
        scene = Scene()
        scene.role("apps", [f"Policy{number}" for number in range(10)])
        scene.authorization_details()
        estate = scene.estate()
        remedy = attach_core(estate.scope(scene.account, scene.region), "apps", estate)
        assert [each.operation for each in remedy.actions] == ["PutRolePolicy"]


class TestCallers:
    CAUSES = ("caller-no-startsession", "serial-iam", "session-kms-caller-permission")

    def cured(self, scene: Scene, cause: str, caller: str):
        scene.vpc().subnet("10.0.1.0/24").instance(groups=None)
        estate, target = the_target(scene)
        return remedies(Finding(cause, caller), target, estate, caller=caller)

    @pytest.mark.parametrize("cause", CAUSES)
    def test_a_user_gets_the_least_policy(self, cause: str):
        (remedy,) = self.cured(Scene(), cause, "arn:aws:iam::111122223333:user/alice")
        (action,) = remedy.actions
        assert action.operation == "PutUserPolicy"
        assert problems(action) == ""
        assert "i-00000000000000001" in str(action.parameters.get("PolicyDocument"))

    def test_a_role_gets_an_inline_policy(self):
        caller = "arn:aws:sts::111122223333:assumed-role/ops/alice"
        (remedy,) = self.cured(Scene(), "caller-no-startsession", caller)
        assert [each.operation for each in remedy.actions] == ["PutRolePolicy"]

    def test_identity_centers_roles_are_their_administrators_business(self):
        caller = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ops_0123456789abcdef/alice"
        (remedy,) = self.cured(Scene(), "caller-no-startsession", caller)
        assert [each.text for each in remedy.advice] == ["ask-owner-for-permission-set"]

    def test_several_causes_of_one_purpose_share_the_policy(self):
        caller = "arn:aws:iam::111122223333:user/alice"
        keys = {
            self.cured(Scene(), cause, caller)[0].actions[0].key
            for cause in ("caller-no-startsession", "caller-no-opendatachannel")
        }
        assert len(keys) == 1


class TestWordsOnly:
    @pytest.mark.parametrize(
        ("cause", "text"),
        [
            ("agent-not-installed", "agent-by-user-data"),
            ("instance-role-denied-by-boundary-or-scp", "ask-owner"),
            ("dhcp-custom-dns", "forward-dns"),
            ("status-check-instance-failed", "repair-operating-system"),
            ("serial-no-password", "set-serial-password"),
            ("bastion-none", "no-public-subnet"),
        ],
    )
    def test_what_no_request_can_do_is_said_without_holes(self, cause: str, text: str):
        scene = Scene()
        scene.vpc().subnet("10.0.1.0/24").instance()
        estate, target = the_target(scene)
        found = remedies(Finding(cause, SELF), target, estate)
        words = [each for remedy in found for each in remedy.advice]
        assert [each.text for each in words] == [text]
        for lang in ("en", "ja"):
            spoken = title(BOOK, words[0], lang) + meaning(BOOK, words[0], lang)
            assert not re.search(r"\{[a-z_]+\}", spoken)

    def test_windows_has_its_own_way_to_restart_an_agent(self):
        scene = Scene()
        scene.vpc().subnet("10.0.1.0/24").instance(platform="windows")
        estate, target = the_target(scene)
        (remedy,) = remedies(Finding("agent-not-installed", SELF), target, estate)
        assert remedy.advice[0].text == "agent-by-user-data-windows"


class TestPreferences:
    def scene(self) -> Scene:
        scene = Scene()
        scene.vpc().subnet("10.0.1.0/24").instance(profile=scene.role("nodes", [CORE]))
        scene.preferences(
            {
                "kmsKeyId": "key-1",
                "cloudWatchLogGroupName": "/ssm/sessions",
                "cloudWatchEncryptionEnabled": True,
                "s3BucketName": "amzn-s3-demo-bucket",
                "s3KeyPrefix": "sessions/",
                "runAsEnabled": True,
                "shellProfile": {"linux": "exit 1", "windows": ""},
            }
        )
        return scene

    def first(self, cause: str, resource: str = SELF):
        estate, target = the_target(self.scene())
        return remedies(Finding(cause, resource), target, estate)[0].actions

    @pytest.mark.parametrize(
        ("cause", "resource", "operations"),
        [
            ("session-kms-node-permission", SELF, ["PutRolePolicy"]),
            ("session-kms-key-disabled", "key-1", ["EnableKey"]),
            ("session-log-target-missing", "/ssm/sessions", ["CreateLogGroup"]),
            ("session-log-role-permission", SELF, ["PutRolePolicy"]),
            ("session-runas-user-missing", SELF, ["UpdateDocument", "UpdateDocumentDefaultVersion"]),
            ("session-shell-profile-bad", SELF, ["UpdateDocument", "UpdateDocumentDefaultVersion"]),
        ],
    )
    def test_each_cause_has_its_requests(self, cause: str, resource: str, operations: list[str]):
        actions = self.first(cause, resource)
        assert [each.operation for each in actions] == operations
        assert [problems(each) for each in actions] == [""] * len(actions)

    def test_only_what_is_wrong_changes_in_the_document(self):
        content = str(self.first("session-runas-user-missing")[0].parameters.get("Content"))
        assert '"runAsEnabled":false' in content
        assert '"linux":"exit 1"' in content and '"kmsKeyId":"key-1"' in content

    def test_logging_rights_name_group_and_prefix(self):
        policy = str(self.first("session-log-role-permission")[0].parameters.get("PolicyDocument"))
        assert "log-group:/ssm/sessions:*" in policy
        assert "arn:aws:s3:::amzn-s3-demo-bucket/sessions/*" in policy

    def test_an_unreadable_document_is_left_alone(self):
        scene = self.scene()
        scene.place.records["ssm:GetDocument"][0]["Content"] = "not JSON"
        estate, target = the_target(scene)
        (remedy,) = remedies(Finding("session-runas-user-missing", SELF), target, estate)
        assert [each.text for each in remedy.advice] == ["preferences-unreadable"]


class TestInstanceConnectEndpoints:
    def test_one_is_enough_for_a_vpc(self):
        scene = Scene()
        vpc = scene.vpc()
        subnet = vpc.subnet("10.0.1.0/24")
        subnet.instance(groups=[vpc.group("web")])
        subnet.instance_connect_endpoint()
        estate, target = the_target(scene)
        (remedy,) = remedies(Finding("eice-none-in-vpc", vpc.id), target, estate)
        assert [each.text for each in remedy.advice] == ["eice-quota-of-vpc"]

    def test_the_regions_quota_is_said(self):
        scene = Scene()
        vpc = scene.vpc()
        vpc.subnet("10.0.1.0/24").instance(groups=[vpc.group("web")])
        for number in range(5):
            scene.vpc(f"10.{number + 1}.0.0/16").subnet(f"10.{number + 1}.1.0/24").instance_connect_endpoint()
        estate, target = the_target(scene)
        (remedy,) = remedies(Finding("eice-none-in-vpc", vpc.id), target, estate)
        assert [each.text for each in remedy.advice] == ["eice-quota-of-region"]

    def test_it_stands_in_the_instances_zone_without_keeping_the_clients_address(self):
        scene = Scene()
        vpc = scene.vpc()
        vpc.subnet("10.0.2.0/24", "a")
        home = vpc.subnet("10.0.1.0/24", "b")
        home.instance(groups=[vpc.group("web", ingress=[tcp(80)])])
        estate, target = the_target(scene)
        (remedy,) = remedies(Finding("eice-none-in-vpc", vpc.id), target, estate)
        create = remedy.actions[-1].parameters
        assert create.get("SubnetId") == home.id
        assert create.get("PreserveClientIp") is False


def test_a_bastion_is_open_to_the_operators_only():
    scene = Scene()
    vpc = scene.vpc()
    public = vpc.subnet("10.0.0.0/24")
    vpc.table([("0.0.0.0/0", vpc.igw())], [public])
    vpc.subnet("10.0.1.0/24").instance(groups=[vpc.group("web")])
    estate, target = the_target(scene)
    finding = Finding("bastion-none", vpc.id)
    (nobody,) = remedies(finding, target, estate)
    assert [each.text for each in nobody.advice] == ["operator-address-needed"]
    (world,) = remedies(finding, target, estate, operator="0.0.0.0/0")
    assert not world.actions
    (some,) = remedies(finding, target, estate, operator="203.0.113.0/24")
    opened = [each for each in some.actions if "Authorize" in each.operation]
    assert opened[0].parameters.get("IpPermissions")[0].get("IpRanges")[0].get("CidrIp") == "203.0.113.0/24"
    assert [problems(each) for each in some.actions] == [""] * len(some.actions)
