"""The generator of large accounts: repeatable, sound, and right about its own instances."""

from __future__ import annotations

from functools import cache

import msgspec

from advisor.methods.assess import assess
from advisor.methods.assessment import Assessment
from advisor.rulebook import load
from tests.benchmarks.generate import Fleet, Truth, generate
from tests.benchmarks.stencil import Stencil


@cache
def fleet() -> Fleet:
    return generate(3000, seed=7)


@cache
def assessment() -> Assessment:
    return assess(fleet().snapshot.estate(), load())


def test_the_same_seed_gives_the_same_account() -> None:
    one, other = generate(300, seed=3), generate(300, seed=3)
    assert msgspec.json.encode(one) == msgspec.json.encode(other)
    assert one != generate(300, seed=4)


def test_a_generated_account_is_sound() -> None:
    estate = fleet().snapshot.estate()
    assert sum(len(scope.instances) for scope in estate.regional) == 3000 + 4
    # A peering leads to a VPC of another number now and then, and routes of dark VPCs lead nowhere.
    assert estate.warnings == ()


def test_copies_of_an_instance_differ_in_ids_and_addresses() -> None:
    scope = fleet().snapshot.estate().regional[-1]
    interfaces = [each for instance in scope.instances.values() for each in instance.network_interfaces]
    places = [(each.subnet_id, each.private_ip_address) for each in interfaces]
    assert len(set(places)) == len(places)
    assert {each.network_interface_id for each in interfaces} <= set(scope.network_interfaces)


def test_a_stencil_does_not_touch_longer_texts() -> None:
    stencil = Stencil(
        {"a": "10.0.0.4", "b": "10.0.0.41", "c": "ip-10-0-0-4", "d": "i-1/i-12"}, ["10.0.0.4", "i-1"]
    )
    copied = msgspec.json.decode(stencil.copy({"10.0.0.4": "10.0.0.9", "i-1": "i-7"}))
    assert copied == {"a": "10.0.0.9", "b": "10.0.0.41", "c": "ip-10-0-0-4", "d": "i-7/i-12"}


def verdicts_of(method: str) -> dict[str, str]:
    return {
        each.target.id: found.verdict.value
        for each in assessment().targets
        for found in each.methods
        if found.method.value == method
    }


def wrong(method: str, truth_of: str) -> list[tuple[Truth, str]]:
    """Instances of which the assessment says otherwise than how they were made."""
    found = verdicts_of(method)
    pairs = [(truth, getattr(truth, truth_of), found[truth.instance]) for truth in fleet().truths]
    return [
        (truth, got)
        for truth, true, got in pairs
        if true is not None and got != true and not (true == "not-ready" and got != "ready")
    ]


def test_session_manager_is_judged_as_the_instances_were_made() -> None:
    assert wrong("session-manager", "session_manager") == []


def test_the_connect_endpoint_is_judged_as_the_instances_were_made() -> None:
    assert wrong("instance-connect-endpoint", "instance_connect_endpoint") == []
