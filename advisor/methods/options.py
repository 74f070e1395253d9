"""What the person who asks wants: from where, by which protocol, as whom, and what they know already."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Final

import msgspec

from advisor.methods.answer import Finding


class Use(enum.Enum):
    """What a connection is for (the command line's `--protocol`)."""

    SHELL = "shell"
    SSH = "ssh"
    SCP = "scp"
    RDP = "rdp"
    PORT_FORWARD = "port-forward"


class Options(msgspec.Struct, frozen=True):
    """Options of an assessment.

    `operator` is the address range that the person connects from, as CIDR (None: not known). `use` None asks
    for any use that the platform offers. `caller` is the ARN of the person who connects; None leaves
    their permissions out of the verdict. `now` is the moment of assessment, against which pings are judged
    if the snapshot has no time of its own. `local` are findings about the person's own machine (`advisor
    doctor`), `evidence` findings of what somebody ran on a node (`--evidence`), whose `resource` is its id;
    `reached` are pairs of such a node's id and a service that it was seen to reach on 443.

    `hypothetical` is for copies of an estate to which changes were applied: what was observed of nodes
    before proves nothing there, so observations are left out both ways, and a node counts as registered
    when nothing in the configuration stands in its way.
    """

    operator: str | None = None
    use: Use | None = None
    caller: str | None = None
    now: datetime | None = None
    local: tuple[Finding, ...] = ()
    evidence: tuple[Finding, ...] = ()
    reached: frozenset[tuple[str, str]] = frozenset()
    remote_host: str | None = None
    remote_port: int | None = None
    hypothetical: bool = False


ANYBODY: Final = Options()
"""Nobody in particular, from nowhere in particular."""
