"""A redacted snapshot names nobody, and every verdict is as it was."""

from __future__ import annotations

import ipaddress
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.methods.assess import assess
from advisor.model.addresses import Address, is_public, parse_address, parse_prefix
from advisor.model.estate import Estate
from advisor.rulebook import load
from advisor.snapshot import Snapshot, read
from advisor.snapshot.redact import redact
from tests.scenes.builder import COLLECTED_AT, CORE, Scene, allow, tcp
from tests.scenes.test_builder import grand_scene

SECRETS = (
    "111122223333",
    "444455556666",
    "acme",
    "Acme",
    "monolith",
    "phoenix",
    "alice",
    "ops-key",
    "payments",
    "Tanaka",
)


def named_scene() -> Scene:
    scene = grand_scene()
    vpc = scene.vpc("10.20.0.0/16", name="acme-payments")
    vpc.main.route("0.0.0.0/0", vpc.igw())
    subnet = vpc.subnet("10.20.1.0/24", name="acme-payments-a")
    group = vpc.group("phoenix", [tcp(22, "198.51.100.0/24", description="office of Tanaka")])
    own = allow("s3:PutObject", resource="arn:aws:s3:::acme-logs/phoenix-*")
    tagged = allow(
        "ssm:StartSession",
        resource="arn:aws:ec2:*:111122223333:instance/*",
        StringEquals={"ssm:resourceTag/Project": "monolith"},
    )
    role = scene.role(
        "acme-web", [CORE], inline={"acme-logs": own}, customer={"acme-start": tagged}, path="/acme/"
    )
    instance = subnet.instance(
        name="monolith-1",
        groups=[group],
        public_ip="198.51.100.77",
        profile=role,
        key="ops-key",
        extra_tags={"Project": "monolith", "Owner": "Tanaka Acme"},
    )
    subnet.instance(name="acme-bastion", groups=[group], public_ip="198.51.100.78", key="ops-key")
    scene.node(instance, ComputerName="monolith-1.acme.example")
    scene.node("mi-00000000000000099", Name="acme-onprem", role="acme-hybrid")
    scene.preferences(
        {"s3BucketName": "acme-logs", "shellProfile": {"linux": "echo acme"}, "runAsEnabled": False}
    )
    scene.console_output(instance, "Welcome to acme")
    scene.caller("arn:aws:iam::111122223333:user/acme/alice")
    scene.deny("iam:GetRole", resource="acme-other")
    return scene


def snapshot_of(scene: Scene) -> Snapshot:
    caller = "arn:aws:iam::111122223333:user/acme/alice"
    return Snapshot(collected_at=COLLECTED_AT, caller=caller, responses=tuple(scene.responses()))


def everything_in(snapshot: Snapshot) -> str:
    parts = [snapshot.caller]
    for each in snapshot.responses:
        parts += [each.account, str(each.message), bytes(each.records).decode(), str(each.gaps)]
    return "\n".join(parts)


@pytest.mark.parametrize("secret", SECRETS)
def test_no_name_of_the_account_is_left(secret: str) -> None:
    before = snapshot_of(named_scene())
    assert secret in everything_in(before)
    assert secret not in everything_in(redact(before))


def verdicts(estate: Estate) -> Counter[tuple[str, ...]]:
    assessment = assess(estate, load())
    return Counter(
        (
            target.target.id,
            method.method.value,
            method.verdict.value,
            *sorted(each.cause for each in method.blockers),
        )
        for target in assessment.targets
        for method in target.methods
    )


@pytest.mark.parametrize("addresses", [False, True])
def test_every_verdict_and_every_cause_stays_as_it_was(addresses: bool) -> None:
    before = snapshot_of(named_scene())
    after = redact(before, addresses=addresses, secret=b"s")
    assert verdicts(after.estate()) == verdicts(before.estate())


def test_every_verdict_of_the_demo_stays_as_it_was() -> None:
    # It holds what looks like public addresses and is none: versions of agents.
    before = read("demo")
    after = redact(before, addresses=True, secret=b"s")
    assert verdicts(after.estate()) == verdicts(before.estate())
    assert '"AgentVersion":"2.3.50.0"' in everything_in(after)


def test_counts_and_coverage_stay_as_they_were() -> None:
    before = snapshot_of(named_scene())
    after = redact(before)
    assert [(each.region, each.operation, each.status, each.code) for each in after.responses] == [
        (each.region, each.operation, each.status, each.code) for each in before.responses
    ]
    for was, now in zip(before.estate().regional, after.estate().regional, strict=True):
        assert {name: len(table) for name, table in was.tables.items()} == {
            name: len(table) for name, table in now.tables.items()
        }


def test_the_same_name_has_the_same_stand_in_everywhere() -> None:
    estate = redact(snapshot_of(named_scene())).estate()
    scope = estate.regional[0]
    instance = next(each for each in scope.instances.values() if each.iam_instance_profile and each.key_name)
    assert instance.iam_instance_profile is not None and instance.iam_instance_profile.arn is not None
    profile = instance.iam_instance_profile.arn.rsplit("/", maxsplit=1)[-1]
    assert profile in estate.global_scope(scope.account).instance_profiles


def test_a_pattern_still_matches_the_name_it_matched() -> None:
    estate = redact(snapshot_of(named_scene())).estate()
    home = estate.global_scope(estate.accounts[0])
    text = str([policy.policy_document for policy in home.role_policies.values()])
    assert "-*" in text


def test_names_of_aws_stay() -> None:
    text = everything_in(redact(snapshot_of(named_scene())))
    for name in (
        f"arn:aws:iam::aws:policy/{CORE}",
        "com.amazonaws.us-east-1.ssm",
        "SSM-SessionManagerRunShell",
    ):
        assert name in text


def test_redacting_twice_changes_nothing_but_names_again() -> None:
    once = redact(snapshot_of(named_scene()))
    assert verdicts(redact(once).estate()) == verdicts(once.estate())


def test_public_addresses_go_only_when_asked() -> None:
    before = snapshot_of(named_scene())
    assert "198.51.100.77" in everything_in(redact(before))
    assert "198.51.100.77" not in everything_in(redact(before, addresses=True, secret=b"s"))
    assert "10.20.1.4" in everything_in(redact(before, addresses=True, secret=b"s"))


def redacted_text(text: str) -> str:
    return redact(Snapshot(caller=text), addresses=True, secret=b"s").caller


addresses = st.integers(0, 2**32 - 1).map(lambda value: str(ipaddress.IPv4Address(value)))


@given(addresses, addresses, st.integers(0, 32))
def test_an_address_stays_inside_and_outside_the_blocks_as_it_was(one: str, other: str, length: int) -> None:
    for address in (one, other):
        block = str(ipaddress.ip_network(f"{one}/{length}", strict=False))
        assert holds(redacted_text(block), redacted_text(address)) == holds(block, address)
        assert is_public(parsed(redacted_text(address))) == is_public(parsed(address))


def holds(block: str, address: str) -> bool:
    prefix = parse_prefix(block)
    assert prefix is not None
    return prefix.holds(parsed(address))


def parsed(text: str) -> Address:
    address = parse_address(text)
    assert address is not None
    return address


@given(addresses, addresses)
def test_different_addresses_stay_different(one: str, other: str) -> None:
    assert (redacted_text(one) == redacted_text(other)) == (one == other)
