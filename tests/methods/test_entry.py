"""Where the operator is: which addresses get in, by which IP version, and from inside the VPC."""

from __future__ import annotations

import pytest

from advisor.methods.assessment import MethodAssessment
from advisor.methods.options import Options
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from tests.methods.stages import guarded, on_ipv6
from tests.methods.stories import BASTION, DIRECT
from tests.scenes.builder import tcp

V4, V6 = "203.0.113.7/32", "2a01::7/128"


def causes(method: MethodAssessment) -> set[str]:
    return {each.cause for each in method.blockers}


def test_who_comes_by_ipv4_does_not_reach_an_ipv6_address() -> None:
    stage = on_ipv6()
    by_v4 = stage.method(DIRECT, Options(operator=V4))
    assert (by_v4.verdict, causes(by_v4)) == (BLOCKED, {"no-public-ip"})
    assert stage.method(DIRECT, Options(operator=V6)).verdict is READY


def test_a_rule_for_ipv4_lets_nobody_in_by_ipv6() -> None:
    stage = on_ipv6()
    stage.web.record["IpPermissions"][0]["Ipv6Ranges"] = []
    nobody = stage.method(DIRECT, Options())
    assert (nobody.verdict, causes(nobody)) == (BLOCKED, {"sg-inbound-22-missing"})


@pytest.mark.parametrize(
    ("operator", "verdict"),
    [(V4, READY), (V6, READY), ("198.18.0.1/32", BLOCKED), ("2a02::1/128", BLOCKED)],
)
def test_an_instance_with_both_is_reached_by_the_operators_own_version(
    operator: str, verdict: Verdict
) -> None:
    stage = on_ipv6(public_ip="198.51.100.20")
    assert stage.method(DIRECT, Options(operator=operator)).verdict is verdict


@pytest.mark.parametrize("name", ["bastion", "shop"])
def test_a_bastion_may_have_an_ipv6_address_only(name: str) -> None:
    stage = on_ipv6(name=name)
    private = stage.vpc.subnet("10.0.2.0/24")
    inside = stage.vpc.group("inside", ingress=[tcp(22, stage.web)])
    target = private.instance(groups=[inside], key="team")
    bastion, stage.target = stage.target, target.id
    found = stage.method(BASTION, Options(operator=V6))
    assert (found.verdict, found.via) == (READY, bastion)


def test_an_operator_on_a_machine_of_the_vpc_comes_from_there() -> None:
    stage = guarded()
    address = stage.bastion.record["PrivateIpAddress"]
    assert stage.method(DIRECT, Options(operator=f"{address}/32")).verdict is READY
    stage.bastion_group.record["IpPermissionsEgress"] = []
    assert stage.method(DIRECT, Options(operator=f"{address}/32")).verdict is BLOCKED


def test_a_private_address_that_nothing_has_leads_nowhere() -> None:
    stage = guarded()
    stage.web.ingress(tcp(22, "10.0.0.0/8"))
    found = stage.method(DIRECT, Options(operator="10.0.2.99/32"))
    assert (found.verdict, causes(found)) == (BLOCKED, {"operator-address-private"})


def test_a_range_inside_the_vpc_does_not_say_which_machine_it_is() -> None:
    stage = guarded()
    stage.web.ingress(tcp(22, "10.0.0.0/8"))
    found = stage.method(DIRECT, Options(operator="10.0.2.0/24"))
    assert found.verdict is UNKNOWN
    assert [each.operation for each in found.missing] == ["operator-address"]
