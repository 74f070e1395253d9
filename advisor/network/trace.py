"""What came of tracing a flow: every hop both ways, each with the rule that decided, and what stops it."""

from __future__ import annotations

import enum
from typing import Final

import msgspec

from advisor.model.evidence import Evidence, Missing
from advisor.model.verdict import Verdict
from advisor.network.flow import Flow
from advisor.network.repairs import Repair


class Direction(enum.Enum):
    """Which way a packet goes: from the flow's source, or back to it."""

    __hash__ = object.__hash__  # members are single; Enum's own hashes the name each time

    FORWARD = "forward"
    RETURN = "return"


class Place(enum.Enum):
    """Which part of the path a hop belongs to."""

    __hash__ = object.__hash__  # members are single; Enum's own hashes the name each time

    SOURCE = "source"
    MIDDLE = "middle"
    DESTINATION = "destination"


class Hop(msgspec.Struct, frozen=True, gc=False):
    """One gate or station on the way, with its answer.

    `kind` is the field's word for it (`security-group`, `network-acl`, `route-table`, `nat-gateway`, `dns`,
    …), `rule` the deciding rule in short, `says` the sentence for people, `code` Reachability Analyzer's name
    or an `ADV_` one where the hop stops the packet or leaves it unknown. `repairs` are alternatives, the
    cheapest first: any one of them lets the hop pass.
    """

    kind: str
    id: str
    direction: Direction
    verdict: Verdict
    place: Place
    rule: str = ""
    says: str = ""
    code: str | None = None
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[Missing, ...] = ()
    repairs: tuple[Repair, ...] = ()


class Trace(msgspec.Struct, frozen=True, gc=False):
    """A traced flow.

    READY means that every hop, forward and back, is known to pass; BLOCKED that at least one is known not
    to; else UNKNOWN. `assumptions` had to be made because no API shows the fact (what listens, what the OS
    filters, what an appliance does). `notes` carry Reachability Analyzer's detail codes and plain remarks.
    """

    flow: Flow
    verdict: Verdict
    forward: tuple[Hop, ...] = ()
    returning: tuple[Hop, ...] = ()
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def hops(self) -> tuple[Hop, ...]:
        """All hops, forward first."""
        return self.forward + self.returning

    @property
    def blockers(self) -> tuple[Hop, ...]:
        """The hops that stop the flow: all of them, in the packet's order."""
        return tuple(hop for hop in self.hops if hop.verdict is Verdict.BLOCKED)

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What would have to be known for a verdict that is not."""
        return tuple(dict.fromkeys(each for hop in self.hops for each in hop.missing))

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """The cheapest repair of each blocker that has one, each once: what the whole path takes."""
        return tuple(dict.fromkeys(hop.repairs[0] for hop in self.blockers if hop.repairs))


ASSUMES_LISTENER: Final = "Something listens on the port, and the operating system's own firewall admits it."
