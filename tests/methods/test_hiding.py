"""Missing is not empty: whatever call is refused, nothing becomes ready by it and nothing becomes blocked."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from advisor.methods.assess import assess
from advisor.methods.assessment import MethodId
from advisor.model.estate import Estate
from advisor.model.responses import Responses
from advisor.model.verdict import BLOCKED, READY, Verdict
from tests.methods.stages import (
    BOOK,
    Stage,
    at_console,
    by_nat,
    encrypting,
    guarded,
    isolated,
    keeping_in_bucket,
    logging,
    managed_by_default,
    on_premises,
    public,
    tunnelled,
)
from tests.methods.stories_entry import bastion_next_door, only_next_door
from tests.methods.stories_path import by_transit_gateway, hub
from tests.scenes.builder import COLLECTED_AT

HEALTHY = (
    at_console,
    bastion_next_door,
    by_nat,
    by_transit_gateway,
    encrypting,
    guarded,
    hub,
    isolated,
    keeping_in_bucket,
    logging,
    managed_by_default,
    on_premises,
    only_next_door,
    public,
    tunnelled,
)
Verdicts = dict[tuple[str, MethodId], Verdict]


def said(stage: Stage, responses: list[Responses]) -> Verdicts:
    found = assess(Estate.of(responses, COLLECTED_AT), BOOK, stage.options)
    return {
        (each.target.id, method.method): method.verdict for each in found.targets for method in each.methods
    }


def without(responses: list[Responses], operation: str, status: str) -> list[Responses]:
    """The same answers, but AWS refused (or cut short) this operation."""
    nothing = msgspec.Raw(b"[]")
    return [
        msgspec.structs.replace(each, status=status, code="AccessDenied", records=nothing, gaps=())
        if each.operation == operation
        else each
        for each in responses
    ]


@pytest.mark.parametrize("status", ["denied", "truncated"])
@pytest.mark.parametrize("make", HEALTHY, ids=lambda make: make.__name__)
def test_a_refused_call_turns_nothing_into_ready_and_nothing_into_blocked(
    make: Callable[[], Stage], status: str
) -> None:
    stage = make()
    responses = stage.scene.responses()
    full = said(stage, responses)
    for operation in sorted({each.operation for each in responses}):
        for key, verdict in said(stage, without(responses, operation, status)).items():
            if key in full and verdict is not full[key]:
                assert verdict not in (READY, BLOCKED), (operation, key, full[key])
