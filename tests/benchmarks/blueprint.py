"""What the VPCs of a generated fleet look like: ways out, guards, endpoints, and what is true of each."""

from __future__ import annotations

import random
from typing import Any

from tests.scenes.builder import ALL, Group, Scene, Subnet, TransitGateway, Vpc, entry, tcp

SOURCES = ("private", "vpc", "group", "anywhere", "office", "endpoint", "nothing")
KINDS = ("public", "nat", "endpoints", "dark", "transit", "peered")


class Way:
    """Whether a subnet's instances can reach Systems Manager, as far as the network goes.

    `needs_public_address` for those that leave through an internet gateway; `certain` is False where the
    truth hangs on things that a snapshot does not show (DNS servers of one's own).
    """

    def __init__(self, open: bool, needs_public_address: bool = False, certain: bool = True) -> None:
        self.open = open
        self.needs_public_address = needs_public_address
        self.certain = certain
        self.old_agents = True


class Net:
    """A VPC of the fleet: where instances may be put, and what is true there."""

    def __init__(self, place: Places, number: int, rng: random.Random) -> None:
        self.scene = place.scene
        self.rng = rng
        self.number = number
        self.kind = KINDS[number % len(KINDS)]
        self.octet = number % 250
        dns = None
        self.own_dns = rng.random() < 1 / 15
        if self.own_dns:
            dns = self.scene.dhcp(f"10.{self.octet}.0.53", domain="corp.example")
        six = f"2600:1f18:{number:x}:100::/56" if rng.random() < 1 / 12 else None
        self.vpc: Vpc = self.scene.vpc(
            f"10.{self.octet}.0.0/16", ipv6=six, dhcp=dns, name=f"{self.kind}-{number}"
        )
        self.subnets = [self._subnet(third, "abca"[third]) for third in range(4)]
        if rng.random() < 1 / 10:
            self.vpc.block(f"100.64.{self.octet}.0/24")
            self.subnets.append(self.vpc.subnet(f"100.64.{self.octet}.0/24", f"{self.scene.region}b"))
        self.endpoint_group: Group | None = None
        self.endpoint_works = False
        self.ways = {subnet.id: Way(False) for subnet in self.subnets}
        getattr(self, f"_{self.kind}")(place)
        for way in self.ways.values():
            way.certain = way.certain and not self.own_dns
        self._guard()
        if self.kind in {"nat", "dark"} and rng.random() < 0.5:
            self._connect_endpoint()
        self.groups = self._groups(place)

    def _subnet(self, third: int, zone: str) -> Subnet:
        six = f"2600:1f18:{self.number:x}:10{third}::/64" if self.vpc.ipv6 else None
        block = f"10.{self.octet}.{third * 16}.0/20"
        return self.vpc.subnet(block, f"{self.scene.region}{zone}", ipv6=six, name=f"net-{third}")

    # --- ways out ----------------------------------------------------------------------------------------

    def _public(self, place: Places) -> None:
        gone = self.rng.random() < 1 / 8
        self.vpc.main.route("0.0.0.0/0", self.vpc.igw(), state="blackhole" if gone else "active")
        for subnet in self.subnets:
            self.ways[subnet.id] = Way(not gone and not place.blocks_public_access, needs_public_address=True)

    def _nat(self, place: Places) -> None:
        fault = self.rng.choice(["", "", "", "", "", "failed", "blackhole", "no-gateway"])
        public = self.vpc.table(subnets=self.subnets[:1])
        if fault != "no-gateway":
            public.route("0.0.0.0/0", self.vpc.igw())
        nat = self.subnets[0].nat(state="failed" if fault == "failed" else "available")
        private = self.subnets[1:]
        self.vpc.table([("0.0.0.0/0", nat, "blackhole" if fault == "blackhole" else "active")], private)
        for subnet in private:
            self.ways[subnet.id] = Way(not fault)
        is_open = fault != "no-gateway" and not place.blocks_public_access
        self.ways[self.subnets[0].id] = Way(is_open, needs_public_address=True)

    def _endpoints(self, place: Places) -> None:
        fault = self.rng.choice(["", "", "", "", "", "", "dns", "group", "group", "one"])
        admits = "192.168.0.0/16" if fault == "group" else "10.0.0.0/8"
        # A second block of the VPC is outside 10/8, as in real accounts, where somebody forgot it.
        group = self.vpc.group("endpoints", [tcp(443, admits)])
        services = ["ssm"] if fault == "one" else ["ssm", "ssmmessages"]
        old_agents = self.rng.random() < 0.5
        for service in [*services, "ec2messages"] if old_agents else services:
            self.vpc.endpoint(service, subnets=self.subnets[:2], groups=[group], private_dns=fault != "dns")
        self.vpc.endpoint("s3", type="Gateway", tables=[self.vpc.main])
        for subnet in self.subnets:
            self.ways[subnet.id] = Way(not fault and subnet.cidr.startswith("10."))
            self.ways[subnet.id].old_agents = old_agents

    def _dark(self, place: Places) -> None:
        self.vpc.main.route("192.168.0.0/16", "nat-0123456789abcdef0", state="blackhole")

    def _transit(self, place: Places) -> None:
        hub = place.hub()
        hub.attach(self.vpc, self.subnets[:3])
        self.vpc.main.route("0.0.0.0/0", hub.gateway)
        for subnet in self.subnets:
            # The hub's own table knows the way back to 10/8 only, and its zones are those of three subnets.
            self.ways[subnet.id] = Way(subnet.cidr.startswith("10."))

    def _peered(self, place: Places) -> None:
        other = place.latest_public
        if other is not None:
            peering = self.scene.peering(self.vpc, other)
            self.vpc.main.route(other.cidr, peering)
            other.main.route(self.vpc.cidr, peering)

    # --- guards ------------------------------------------------------------------------------------------

    def _guard(self) -> None:
        for subnet in self.subnets[1:]:
            if self.rng.random() < 1 / 6 and not subnet.ipv6:
                arriving = [entry(100 + port % 97, "allow", "tcp", port) for port in (22, 443, 3389)]
                if self.rng.random() < 0.5:
                    arriving.append(entry(300, "allow", "tcp", (1024, 65535)))
                else:
                    self._close_returns(subnet)
                self.vpc.acl(arriving, [entry(100)], [subnet])

    def _close_returns(self, subnet: Subnet) -> None:
        # Replies from AWS do not come in, unless they come from an interface in the same subnet: 443 is
        # looked up in two subnets, so the name may lead to the other one.
        way = self.ways[subnet.id]
        if self.kind == "endpoints" and way.open and subnet in self.subnets[:2]:
            way.certain = False
        way.open = False

    def _connect_endpoint(self) -> None:
        closed = self.rng.random() < 1 / 5
        failed = self.rng.random() < 1 / 10
        self.endpoint_group = self.vpc.group("connect", egress=[] if closed else ALL)
        state = "create-failed" if failed else "create-complete"
        self.subnets[0].instance_connect_endpoint(groups=[self.endpoint_group], state=state)
        self.endpoint_works = not closed and not failed

    def _groups(self, place: Places) -> list[tuple[Group, bool, set[int]]]:
        """Ten groups, each with whether it lets 443 out and which ports it opens to the connect endpoint."""
        found: list[tuple[Group, bool, set[int]]] = []
        for number in range(10):
            port = self.rng.choice([22, 22, 443, 3389, 5432])
            source: Any = self.rng.choice(
                ["private", "vpc", "group", "anywhere", "office", "endpoint", "nothing"]
            )
            egress = {8: [], 9: [tcp(443)]}.get(number, ALL)
            group = self.vpc.group(f"tier-{number}", egress=egress)
            sources: dict[str, Any] = {
                "private": "10.0.0.0/8",
                "vpc": self.vpc.cidr,
                "group": found[-1][0] if found else "self",
                "anywhere": "0.0.0.0/0",
                "office": place.office,
                "endpoint": self.endpoint_group,
            }
            if sources.get(source) is not None:
                group.ingress(tcp(port, sources[source]))
            opens = {port} if source in {"private", "vpc", "anywhere", "endpoint"} else set()
            found.append((group, bool(egress), opens if self.endpoint_group is not None else set()))
        return found


class Hub:
    """A transit gateway, and the VPC whose NAT gateway its spokes leave by."""

    def __init__(self, scene: Scene) -> None:
        self.gateway: TransitGateway = scene.transit_gateway(default=False)
        self.core, self.spokes = self.gateway.table(), self.gateway.table()
        self.attached = 0
        vpc = scene.vpc("10.255.0.0/16", name="hub")
        outside = vpc.subnet("10.255.0.0/24", name="outside")
        zones = [f"{scene.region}{letter}" for letter in "abc"]
        inside = [vpc.subnet(f"10.255.{number}.0/24", zone) for number, zone in enumerate(zones, 1)]
        nat = outside.nat()
        vpc.table([("0.0.0.0/0", vpc.igw()), ("10.0.0.0/8", self.gateway)], [outside])
        vpc.table([("0.0.0.0/0", nat), ("10.0.0.0/8", self.gateway)], inside)
        exit = self.gateway.attach(vpc, inside, table=self.core, propagate=[self.spokes])
        self.spokes.route("0.0.0.0/0", exit)

    def attach(self, vpc: Vpc, subnets: list[Subnet]) -> None:
        """Make a VPC a spoke."""
        self.gateway.attach(vpc, subnets, table=self.spokes, propagate=[self.core])
        self.attached += 1


class Places:
    """One account and Region of the fleet, with what its VPCs share.

    A hub has three spokes and a public VPC two peers, so that neighbourhoods are as large in a large fleet as
    in a small one: of ten times the instances there is ten times the work.
    """

    SPOKES = 3

    def __init__(self, scene: Scene, blocks_public_access: bool) -> None:
        self.scene = scene
        self.blocks_public_access = blocks_public_access
        self.latest_public: Vpc | None = None
        self.office = scene.prefix_list("198.51.100.0/24", "203.0.113.0/25", name="office")
        self._hub: Hub | None = None

    def hub(self) -> Hub:
        """A hub with room for a spoke."""
        if self._hub is None or self._hub.attached == self.SPOKES:
            self._hub = Hub(self.scene)
        return self._hub
