"""Whether the attached EBS volumes do their work."""

from __future__ import annotations

from collections.abc import Hashable

from advisor.methods.answer import PASS, Answer, blocked, suspected
from advisor.methods.case import Case
from advisor.methods.checks import check
from advisor.methods.instance import status_checks, stuck_volume
from advisor.methods.node import alive, node_record
from advisor.model.verdict import READY


def volume_check(case: Case) -> Hashable:
    """The key of checks that read the volumes' status check beside the agent's pings."""
    return status_checks(case), node_record(case)


@check("instance.volumes", by=volume_check)
def volumes(case: Case) -> Answer:
    """No attached volume is stuck: an agent may ping on from memory while every login hangs."""
    found = stuck_volume(case)
    if found is None:
        return PASS
    # With pings, the stuck volume may be one that holds data only.
    return suspected(found) if alive(case).verdict is READY else blocked(found)
