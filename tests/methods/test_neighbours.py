"""What lies next to a target: other VPCs, and in a shared VPC what its other accounts have there."""

from __future__ import annotations

from advisor.methods.assess import assess
from advisor.methods.assessment import MethodAssessment, MethodId
from advisor.methods.options import Options
from advisor.model.estate import Estate
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from tests.methods.stages import BOOK, OPERATOR, Stage
from tests.methods.stories import BASTION, TUNNEL
from tests.scenes.builder import Scene, tcp

OWNER, PARTICIPANT = "999988887777", "111122223333"


class SharedSubnet(Stage):
    """An instance of a participant in a subnet that the owner of the VPC shares; SSH stays inside the VPC."""

    def __init__(self) -> None:
        super().__init__(Scene(OWNER))
        self.mine = self.scene.at(PARTICIPANT)
        self.vpc = self.scene.vpc("10.0.0.0/16")
        self.vpc.main.route("0.0.0.0/0", self.vpc.igw())
        self.subnet = self.vpc.subnet("10.0.1.0/24")
        self.far = self.vpc.subnet("10.0.2.0/24")
        self.web = self.mine.group(self.vpc, "web", ingress=[tcp(22, "10.0.0.0/16")])
        self.instance = self.mine.shared(self.subnet).instance(groups=[self.web], key="team")
        self.options = Options(operator=OPERATOR)

    def bastion_of_the_owner(self) -> str:
        door = self.vpc.group("bastion", ingress=[tcp(22, "203.0.113.0/24")])
        bastion = self.far.instance(
            groups=[door], name="bastion", public_ip="198.51.100.9", eip=True, key="team"
        )
        return str(bastion.id)

    def seen(self, by: MethodId, *accounts: str) -> MethodAssessment:
        """The instance by a method, where these accounts were read."""
        answers = [each for each in self.scene.responses() if each.account in accounts]
        found = assess(Estate.of(answers), BOOK, self.options, only={self.instance.id})
        return found.targets[0].method(by)


def test_the_owner_of_a_shared_vpc_may_have_the_bastion() -> None:
    stage = SharedSubnet()
    bastion = stage.bastion_of_the_owner()
    found = stage.seen(BASTION, OWNER, PARTICIPANT)
    assert (found.verdict, found.via) == (READY, bastion)


def test_the_endpoint_of_the_owner_of_a_shared_vpc_serves_no_participant() -> None:
    stage = SharedSubnet()
    endpoint = stage.far.instance_connect_endpoint()
    found = stage.seen(TUNNEL, OWNER, PARTICIPANT)
    assert [(each.cause, each.resource) for each in found.blockers] == [
        ("eice-shared-subnet-owner", endpoint.id)
    ]
    own = stage.mine.shared(stage.far).instance_connect_endpoint()
    found = stage.seen(TUNNEL, OWNER, PARTICIPANT)
    assert (found.verdict, found.via) == (READY, own.id)


def test_nothing_in_any_account_of_a_shared_vpc_is_nothing() -> None:
    stage = SharedSubnet()
    for method in (BASTION, TUNNEL):
        assert stage.seen(method, OWNER, PARTICIPANT).verdict is BLOCKED


def test_an_owner_that_was_not_read_may_have_either() -> None:
    stage = SharedSubnet()
    for method in (BASTION, TUNNEL):
        found = stage.seen(method, PARTICIPANT)
        assert found.verdict is UNKNOWN
        assert any(OWNER in each.says for each in found.missing)


def test_an_endpoint_beyond_a_peering_needs_credentials_of_its_own_account() -> None:
    stage = SharedSubnet()
    hub = stage.scene.vpc("10.9.0.0/16")
    peering = stage.scene.peering(stage.vpc, hub)
    stage.vpc.main.route("10.9.0.0/16", peering)
    hub.main.route("10.0.0.0/16", peering)
    endpoint = hub.subnet("10.9.0.0/24").instance_connect_endpoint()
    stage.web.ingress(tcp(22, "10.9.0.0/16"))
    found = stage.seen(TUNNEL, OWNER, PARTICIPANT)
    assert (found.verdict, found.via) == (READY, endpoint.id)
    assert any(f"with credentials of account {OWNER}" in each.says for each in found.notes)
