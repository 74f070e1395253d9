"""A leg: one packet header on its way to one goal; and the journey that came of following it."""

from __future__ import annotations

import enum
from typing import Any, Final

import msgspec

from advisor.model.evidence import Evidence, Missing
from advisor.model.ports import PortRange
from advisor.model.records.ec2 import Subnet
from advisor.model.scope import Scope
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from advisor.network import codes
from advisor.network.flow import Kind, Protocol
from advisor.network.groups import Identity
from advisor.network.repairs import Repair
from advisor.network.stations import Station, subnet_block
from advisor.network.subject import Subject, as_cidr, is_somewhere_public, representative
from advisor.network.trace import Direction, Hop, Place

_CHANGING: Final = {"modifying", "rollingback", "updating"}
"""States of what worked before a change and, as a rule, goes on working during it."""


class Arrival(enum.Enum):
    """How a packet came into the VPC in which it is: some ways out are closed to some ways in."""

    __hash__ = object.__hash__  # members are single; Enum's own hashes the name each time

    ORIGIN = "origin"
    INTERNET = "internet"
    PEERING = "peering"
    TRANSIT = "transit"
    VPN = "vpn"
    MIDDLEBOX = "middlebox"
    NAT = "nat"


class Gate(msgspec.Struct, frozen=True, gc=False):
    """One gate on the way, about to answer for one packet; `operation` is the call that describes it."""

    kind: str
    id: str
    direction: Direction
    operation: str
    place: Place = Place.MIDDLE

    def passes(self, says: str, rule: str = "", field: str = "") -> Hop:
        """The packet passes, by this rule."""
        return self._hop(READY, says, rule, field)

    def stops(
        self, code: str, says: str, rule: str = "", field: str = "", repairs: tuple[Repair, ...] = ()
    ) -> Hop:
        """The packet does not pass; the repairs are alternatives, the cheapest first."""
        return self._hop(BLOCKED, says, rule, field, code, repairs)

    def answers(self, passes: bool, code: str, says: str, rule: str = "", field: str = "") -> Hop:
        """The packet passes or, with this code, does not."""
        return self.passes(says, rule, field) if passes else self.stops(code, says, rule, field)

    def works(
        self, state: str | None, code: str, says: str, field: str = "State", working: str = "available"
    ) -> Hop:
        """The resource is in the state in which it works, in another one, or in one that was not shown."""
        if not state:
            says = f"the state of {self.id} is not shown"
            return self.doubts(codes.UNKNOWN_RESOURCE, Missing(self.operation, "absent", None, self.id, says))
        if state.lower() in _CHANGING:
            return self.cannot_tell(code, f"{says}: what passes while it is being changed, no call tells")
        return self.answers(state.lower() == working, code, says, f"{field} {state.lower()}", field)

    def doubts(self, code: str, missing: Missing, says: str = "") -> Hop:
        """Whether the packet passes is not known, because of what is missing."""
        spoken = says or missing.says or f"{missing.operation}: {missing.status}"
        evidence = (Evidence(missing.operation, self.id, spoken),)
        return Hop(
            self.kind, self.id, self.direction, UNKNOWN, self.place, "", spoken, code, evidence, (missing,)
        )

    def cannot_tell(self, code: str, says: str) -> Hop:
        """Whether the packet passes is shown by no call of AWS."""
        return self.doubts(code, Missing(self.operation, "undecidable", None, self.id, says))

    def _hop(
        self,
        verdict: Verdict,
        says: str,
        rule: str,
        field: str,
        code: str | None = None,
        repairs: tuple[Repair, ...] = (),
    ) -> Hop:
        evidence = (Evidence(self.operation, self.id, rule or says, field),)
        return Hop(
            self.kind, self.id, self.direction, verdict, self.place, rule, says, code, evidence, (), repairs
        )


class Leg(msgspec.Struct, frozen=True, gc=False):
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
    zone_id: str | None = None

    def gate(self, kind: str, identity: str, operation: str, place: Place = Place.MIDDLE) -> Gate:
        """A gate on this leg's way."""
        return Gate(kind, identity, self.direction, operation, place)

    def through(self, at: Position, **changes: Any) -> Leg:
        """The leg as it goes on from here, with some of it changed."""
        return msgspec.structs.replace(self, vpcs=(*self.vpcs, at.place), **changes)

    @property
    def source(self) -> Subject:
        """The address it comes from, as the next gate sees it."""
        return self.near.address

    @property
    def destination(self) -> Subject:
        """The address it goes to."""
        return self.goal.address


class Position(msgspec.Struct, frozen=True, gc=False):
    """Where a packet is: in a subnet of a VPC, as one scope describes it."""

    scope: Scope
    vpc: str
    subnet: Subnet
    zone: str | None

    @property
    def place(self) -> tuple[str, str, str | None]:
        """Account, Region and VPC."""
        return (self.scope.account, self.scope.region, self.vpc)


class Journey(msgspec.Struct, frozen=True, gc=False):
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


def block_of(station: Station, version: int) -> str:
    """The block a rule should name for a station: its subnet's, or its own address outside a VPC.

    A rule for one address would repair one instance; the subnet's block is what people write, and what lets
    one repair serve all members of an equivalence class.
    """
    if station.kind is Kind.INTERNET and is_somewhere_public(station.address):
        return as_cidr(station.address)
    if station.subnet is not None:
        block = subnet_block(station.subnet, version)
        # Behind a translation a station speaks with an address that is not its subnet's.
        if block is not None and block.holds(representative(station.address)):
            return str(block)
    return as_cidr(station.address)
