"""A leg: one packet header on its way to one goal; and the journey that came of following it."""

from __future__ import annotations

import enum

import msgspec

from advisor.model.estate import Scope
from advisor.model.evidence import Evidence, Missing
from advisor.model.ports import PortRange
from advisor.model.records.ec2 import Subnet
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from advisor.network.flow import Kind, Protocol
from advisor.network.groups import Identity
from advisor.network.repairs import Repair
from advisor.network.stations import Station, subnet_block
from advisor.network.subject import Subject, as_cidr, is_somewhere_public
from advisor.network.trace import Direction, Hop, Place


class Arrival(enum.Enum):
    """How a packet came into the VPC in which it is: some ways out are closed to some ways in."""

    ORIGIN = "origin"
    INTERNET = "internet"
    PEERING = "peering"
    TRANSIT = "transit"
    VPN = "vpn"
    MIDDLEBOX = "middlebox"
    NAT = "nat"


class Leg(msgspec.Struct, frozen=True):
    """A packet on its way: `near` sent it (with this header), `goal` is where it should arrive.

    `ports` are its destination ports: one port forward, the client's whole ephemeral range on the way back.
    """

    direction: Direction
    protocol: Protocol
    near: Station
    goal: Station
    ports: PortRange
    identity: Identity = Identity.KEPT
    arrival: Arrival = Arrival.ORIGIN
    came_from: tuple[str, str, str | None] = ("", "", None)
    vpcs: tuple[tuple[str, str, str | None], ...] = ()
    zone: str | None = None

    @property
    def source(self) -> Subject:
        """The address it comes from, as the next gate sees it."""
        return self.near.address

    @property
    def destination(self) -> Subject:
        """The address it goes to."""
        return self.goal.address


class Position(msgspec.Struct, frozen=True):
    """Where a packet is: in a subnet of a VPC, as one scope describes it."""

    scope: Scope
    vpc: str
    subnet: Subnet
    zone: str | None

    @property
    def place(self) -> tuple[str, str, str | None]:
        """Account, Region and VPC."""
        return (self.scope.account, self.scope.region, self.vpc)


class Journey(msgspec.Struct, frozen=True):
    """What became of a leg.

    `arrived` says that it found its way (gates on it may still deny); `exit` is the gateway by which it
    left for the outside, `turns` the NAT gateways that rewrote it, `via` the middleboxes it passed.
    """

    hops: tuple[Hop, ...] = ()
    arrived: bool = False
    identity: Identity = Identity.KEPT
    exit: str | None = None
    turns: tuple[Station, ...] = ()
    via: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def after(self, *hops: Hop) -> Journey:
        """The same journey with these hops before it."""
        return msgspec.structs.replace(self, hops=(*hops, *self.hops))

    def assuming(self, *assumptions: str) -> Journey:
        """The same journey with these assumptions added."""
        return msgspec.structs.replace(self, assumptions=(*self.assumptions, *assumptions))

    def noting(self, *notes: str) -> Journey:
        """The same journey with these notes added."""
        return msgspec.structs.replace(self, notes=(*self.notes, *notes))

    @property
    def verdict(self) -> Verdict:
        """What its hops say together."""
        result = READY if self.arrived else BLOCKED
        if not self.arrived and not any(hop.verdict is BLOCKED for hop in self.hops):
            result = UNKNOWN
        for hop in self.hops:
            result &= hop.verdict
        return result


def stop(*hops: Hop) -> Journey:
    """A journey that ends here."""
    return Journey(hops)


def hop(
    kind: str,
    identity: str,
    direction: Direction,
    verdict: Verdict,
    says: str,
    *,
    place: Place = Place.MIDDLE,
    rule: str = "",
    code: str | None = None,
    operation: str = "",
    field: str = "",
    missing: tuple[Missing, ...] = (),
    repairs: tuple[Repair, ...] = (),
) -> Hop:
    """A hop with one piece of evidence: `says`, by `operation`."""
    evidence = (Evidence(operation, identity, rule or says, field),) if operation else ()
    return Hop(kind, identity, direction, verdict, place, rule, says, code, evidence, missing, repairs)


def lost(
    kind: str,
    identity: str,
    direction: Direction,
    missing: Missing,
    code: str,
    says: str,
    place: Place = Place.MIDDLE,
) -> Hop:
    """A hop that is unknown because data is missing."""
    return hop(
        kind,
        identity,
        direction,
        UNKNOWN,
        says,
        place=place,
        code=code,
        missing=(missing,),
        operation=missing.operation,
    )


def block_of(station: Station, version: int) -> str:
    """The block a rule should name for a station: its subnet's, or its own address outside a VPC.

    A rule for one address would repair one instance; the subnet's block is what people write, and what lets
    one repair serve all members of an equivalence class.
    """
    if station.kind is Kind.INTERNET and is_somewhere_public(station.address):
        return as_cidr(station.address)
    if station.subnet is not None:
        block = subnet_block(station.subnet, version)
        if block is not None:
            return str(block)
    return as_cidr(station.address)
