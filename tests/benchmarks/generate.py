"""A seeded generator of large, varied accounts with the truth about each instance.

    python -m tests.benchmarks.generate 10000 -o fleet.json     # also fleet.json.truth

Two accounts in two Regions (and one place where calls are denied and cut off); VPCs of six kinds with up to
250 instances; instances in workloads that share subnets, groups and roles, as in real fleets: about one
network class for 25 instances. VPCs come from the builder of scenes; of each workload one instance does, the
others are copies of its bytes.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from advisor.model.responses import Responses
from advisor.snapshot import Snapshot, write
from tests.benchmarks.blueprint import Net, Places, Way
from tests.benchmarks.stencil import Stencil
from tests.scenes.builder import COLLECTED_AT, CORE, Group, Instance, Role, Scene, Subnet, allow, tcp

PER_VPC = 250
ACCOUNTS = ("111122223333", "444455556666")
PLACES = ((0, "us-east-1"), (0, "eu-west-1"), (1, "us-east-1"))
BLOCKS_PUBLIC_ACCESS = (1, "us-east-1")


class Truth(msgspec.Struct, frozen=True):
    """What is so, from how the instance was made: verdicts by Session Manager and by the connect endpoint.

    `ready`, `blocked`, `not-ready` (blocked or unknown), or None where it is not known.
    """

    account: str
    region: str
    instance: str
    session_manager: str | None
    instance_connect_endpoint: str | None


class Fleet(msgspec.Struct, frozen=True):
    """A generated account: its snapshot and the truth."""

    snapshot: Snapshot
    truths: tuple[Truth, ...]


class _Workload(msgspec.Struct):
    """Instances that are alike: one subnet, the same groups, role and system."""

    net: Net
    subnet: Subnet
    groups: list[Group]
    lets_out: bool
    ports: set[int]
    platform: str
    role: Role | None
    may_register: bool
    key: str | None
    name: str
    public: bool
    two_interfaces: bool


class _Clones:
    """Records by place and operation, as bytes, to be added to what the builder answers."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str, str], list[bytes]] = defaultdict(list)

    def add(self, scene: Scene, operation: str, record: bytes) -> None:
        self.records[scene.account, scene.region, operation].append(record)

    def into(self, answer: Responses) -> Responses:
        """The answer with the clones of its operation."""
        more = self.records.get((answer.account, answer.region, answer.operation))
        if not more:
            return answer
        there = bytes(answer.records).strip()[1:-1]
        whole = b"[" + b",".join(([there] if there else []) + more) + b"]"
        return msgspec.structs.replace(answer, records=msgspec.Raw(whole))


def generate(count: int, seed: int = 1) -> Fleet:
    """A fleet of this many instances; the same seed gives the same fleet, byte by byte."""
    rng = random.Random(seed)
    scene = Scene(ACCOUNTS[0], PLACES[0][1])
    places = {}
    for account, region in PLACES:
        here = scene.at(account=ACCOUNTS[account], region=region)
        places[account, region] = Places(here, (account, region) == BLOCKS_PUBLIC_ACCESS)
    roles = {number: _roles(scene.at(account=account)) for number, account in enumerate(ACCOUNTS)}
    clones, truths = _Clones(), list[Truth]()
    for number, start in enumerate(range(0, count, PER_VPC)):
        key = PLACES[number % len(PLACES)]
        place = places[key]
        net = Net(place, number // len(PLACES), rng)
        if net.kind == "public":
            place.latest_public = net.vpc
        left = min(PER_VPC, count - start)
        truths += _populate(net, left, roles[key[0]], rng, clones)
        _name_single_addresses(net, rng)
    _hybrid(scene, count // 200)
    for place in places.values():
        place.scene.block_public_access("block-ingress" if place.blocks_public_access else "off")
        place.scene.forget("ec2:DescribeSecurityGroupRules")
        place.scene.authorization_details()
    _dim(scene, rng)
    answers = tuple(clones.into(answer) for answer in scene.responses())
    return Fleet(Snapshot(collected_at=COLLECTED_AT, responses=answers), tuple(truths))


def _roles(scene: Scene) -> list[tuple[Role | None, bool]]:
    """Roles of an account and whether an instance with it may register: 70 % have one, 60 % a good one."""
    web = scene.role("web", [CORE, "CloudWatchAgentServerPolicy"])
    app = scene.role("app", [CORE], inline={"bucket": allow("s3:GetObject")})
    plain = scene.role("plain", ["AmazonS3ReadOnlyAccess"])
    return [(web, True), (web, True), (app, True), (app, True), (web, True), (app, True), (plain, False)] + [
        (None, False)
    ] * 3


def _populate(
    net: Net, count: int, roles: list[tuple[Role | None, bool]], rng: random.Random, clones: _Clones
) -> Iterator[Truth]:
    left, number = count, 0
    while left:
        size = min(left, rng.choice([5, 10, 20, 40, 60]))
        workload = _workload(net, number, roles, rng)
        yield from _instances(workload, size, rng, clones)
        left -= size
        number += 1


def _workload(net: Net, number: int, roles: list[tuple[Role | None, bool]], rng: random.Random) -> _Workload:
    chosen = rng.sample(net.groups, rng.choice([1, 1, 2, 3]))
    role, may_register = rng.choice(roles)
    way = net.ways[(subnet := rng.choice(net.subnets)).id]
    platform = "windows" if rng.random() < 0.15 else "linux"
    return _Workload(
        net,
        subnet,
        [group for group, _, _ in chosen],
        any(out for _, out, _ in chosen),
        {port for _, _, ports in chosen for port in ports},
        platform,
        role,
        may_register,
        "ops" if rng.random() < 0.8 else None,
        f"{net.kind}-{net.number}-{number}",
        way.needs_public_address and rng.random() < 0.7,
        rng.random() < 0.03,
    )


def _instances(workload: _Workload, size: int, rng: random.Random, clones: _Clones) -> Iterator[Truth]:
    prototypes: dict[str, _Prototype] = {}
    for number in range(size):
        state = "stopped" if rng.random() < 0.05 else "running"
        prototype = prototypes.get(state)
        if prototype is None:
            prototypes[state] = prototype = _Prototype(workload, state)
            identity, address = prototype.instance.id, prototype.address
        else:
            identity, address = prototype.copy(number, clones)
        node = _node(workload, state, rng)
        if node is not None:
            ping, agent = node
            record = _NODE.copy(
                {
                    "ID": identity,
                    "ADDRESS": address,
                    "PING": ping,
                    "AGENT": agent,
                    **_SYSTEMS[workload.platform],
                }
            )
            clones.add(workload.net.scene, "ssm:DescribeInstanceInformation", record)
        yield _truth(workload, state, identity, node)


_SYSTEMS = {
    "linux": {"SYSTEM": "Linux", "TITLE": "Amazon Linux"},
    "windows": {"SYSTEM": "Windows", "TITLE": "Microsoft Windows Server 2025 Datacenter"},
}
_NODE = Stencil(
    {
        "InstanceId": "ID",
        "PingStatus": "PING",
        "LastPingDateTime": "2026-11-23T11:58:00Z",
        "AgentVersion": "AGENT",
        "IsLatestVersion": True,
        "PlatformType": "SYSTEM",
        "PlatformName": "TITLE",
        "PlatformVersion": "2023",
        "ResourceType": "EC2Instance",
        "IPAddress": "ADDRESS",
        "ComputerName": "ip.ec2.internal",
        "SourceId": "ID",
        "SourceType": "AWS::EC2::Instance",
    },
    ["ID", "ADDRESS", "PING", "AGENT", "SYSTEM", "TITLE"],
)


def _node(workload: _Workload, state: str, rng: random.Random) -> tuple[str, str] | None:
    """Ping status and agent of the node that this instance is, if it is one."""
    draw = rng.random()
    agent = "3.2.582.0" if rng.random() < 0.1 else "3.3.987.0"
    if state != "running" or not _reaches(workload) or not workload.may_register or draw < 0.05:
        return None
    return ("ConnectionLost" if draw < 0.1 else "Online"), agent


def _way(workload: _Workload) -> Way:
    return workload.net.ways[workload.subnet.id]


def _reaches(workload: _Workload) -> bool:
    way = _way(workload)
    return way.open and workload.lets_out and (workload.public or not way.needs_public_address)


def _truth(workload: _Workload, state: str, identity: str, node: tuple[str, str] | None) -> Truth:
    scene, way = workload.net.scene, _way(workload)
    session: str | None = "not-ready"
    if state != "running":
        session = "blocked"
    elif not way.certain or (node is not None and node[1].startswith("3.2.") and not way.old_agents):
        session = None
    elif node is not None:
        session = "ready" if node[0] == "Online" else "not-ready"
    port = 3389 if workload.platform == "windows" else 22
    tunnel = workload.net.endpoint_works and port in workload.ports and state == "running"
    return Truth(scene.account, scene.region, identity, session, "ready" if tunnel else "blocked")


class _Prototype:
    """The first instance of a workload and state, and the stencils of its records."""

    def __init__(self, workload: _Workload, state: str) -> None:
        self.scene = workload.net.scene
        self.subnet = workload.subnet
        self._ipv6 = bool(workload.subnet.ipv6)
        self._public = workload.public and state == "running"
        records = self.scene.place.records
        before = {operation: len(records[operation]) for operation in _OF_INSTANCES}
        extra = [workload.subnet.interface(workload.groups)] if workload.two_interfaces else []
        self.name = workload.name
        self.instance: Instance = workload.subnet.instance(
            groups=workload.groups,
            name=f"{workload.name}-0",
            state=state,
            platform=workload.platform,
            profile=workload.role,
            key=workload.key,
            public_ip=self._public_address() if workload.public else None,
            ipv6=self._ipv6 or None,
            interfaces=extra,
            extra_tags={"Workload": workload.name, "Team": f"team-{workload.net.number % 9}"},
        )
        made = {operation: records[operation][count:] for operation, count in before.items()}
        self._varying = self._texts(made)
        self.address = str(self.instance.record["PrivateIpAddress"])
        self._stencils = [
            (operation, Stencil(record, list(self._varying)))
            for operation, new in made.items()
            for record in new
        ]

    def _public_address(self) -> str:
        counts = self.scene.world.counts
        counts["public address"] += 1
        number = counts["public address"]
        return f"54.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    def _texts(self, made: dict[str, list[Any]]) -> dict[str, str]:
        """What differs from copy to copy: each text, and the kind of thing that it is."""
        found = {self.instance.id: "i", f"{self.name}-0": "name"}
        (reservation,) = made["ec2:DescribeInstances"]
        found[reservation["ReservationId"]] = "r"
        for interface in self.instance.interfaces:
            record = interface.record
            found[interface.id] = "eni"
            found[record["Attachment"]["AttachmentId"]] = "eni-attach"
            found[record["PrivateIpAddress"]] = "address"
            found |= {each["Ipv6Address"]: "ipv6" for each in record["Ipv6Addresses"]}
        for association in made["ec2:DescribeIamInstanceProfileAssociations"]:
            found[association["AssociationId"]] = "iip-assoc"
        if self._public:
            found[self.instance.record["PublicIpAddress"]] = "public"
        return found

    def copy(self, number: int, clones: _Clones) -> tuple[str, str]:
        """A further instance: its id and address."""
        make: dict[str, Callable[[], str]] = {
            "address": self.subnet.address,
            "ipv6": self.subnet.address6,
            "public": self._public_address,
            "name": lambda: f"{self.name}-{number}",
        }
        values = {
            text: make[kind]() if kind in make else self.scene.place.new_id(kind)
            for text, kind in self._varying.items()
        }
        for operation, stencil in self._stencils:
            clones.add(self.scene, operation, stencil.copy(values))
        return values[self.instance.id], values[self.address]


_OF_INSTANCES = (
    "ec2:DescribeInstances",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeInstanceStatus",
    "ec2:DescribeIamInstanceProfileAssociations",
)


def _name_single_addresses(net: Net, rng: random.Random) -> None:
    """A group that names single instances by address, as many as 2 % of the VPC's."""
    addresses = [
        f"10.{net.octet}.{rng.randrange(64)}.{rng.randrange(4, 250)}/32" for _ in range(PER_VPC // 50)
    ]
    net.groups[0][0].ingress(tcp(22, *addresses))


def _hybrid(scene: Scene, count: int) -> None:
    for number in range(count):
        scene.node(f"mi-{number:017x}", Name=f"onprem-{number}")


def _dim(scene: Scene, rng: random.Random) -> None:
    """A place where one call was denied and one cut off; nothing can be said of it for certain."""
    dim = scene.at(account=ACCOUNTS[1], region="ap-northeast-1")
    place = Places(dim, False)
    net = Net(place, 1, rng)
    for subnet in net.subnets:
        instance = subnet.instance(groups=[net.groups[0][0]], name="dim")
        dim.node(instance)
    dim.deny("ec2:DescribeNetworkAcls")
    dim.truncate("ssm:DescribeInstanceInformation", keep=2)


def main() -> None:
    """Write a fleet and its truth."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("count", type=int, help="how many instances")
    parser.add_argument("-o", "--output", type=Path, required=True, help="snapshot file")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    fleet = generate(options.count, options.seed)
    write(fleet.snapshot, options.output)
    options.output.with_name(options.output.name + ".truth").write_bytes(msgspec.json.encode(fleet.truths))


if __name__ == "__main__":
    main()
