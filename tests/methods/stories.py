"""A story of each cause: a stage that is ready, what breaks it, and the call that would tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from advisor.methods.assessment import MethodId
from advisor.methods.node import SYMPTOMS
from advisor.methods.options import Options
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from tests.methods.stages import Stage

SESSION = MethodId.SESSION_MANAGER
TUNNEL = MethodId.INSTANCE_CONNECT_ENDPOINT
BASTION = MethodId.BASTION
PUSH = MethodId.INSTANCE_CONNECT
DIRECT = MethodId.DIRECT
SERIAL = MethodId.SERIAL_CONSOLE


class Story(NamedTuple):
    """How a cause comes about.

    `stage` is ready by `method`; `breaks` does the one thing. The verdict is then `becomes`: BLOCKED, UNKNOWN
    for a cause that is only likely, READY for one that is worth a note. `hide` are the calls without which it
    cannot be told; `silent` says that a node with this fault does not register, `lost` that it stops pinging.
    `also` are causes that come with it of necessity; `beside` says that the cause itself is a note then.
    """

    cause: str
    method: MethodId
    stage: Callable[[], Stage]
    breaks: Callable[[Stage], None]
    becomes: Verdict
    hide: tuple[str, ...]
    silent: bool
    lost: bool
    beside: bool
    also: frozenset[str]
    options: Options | None


STORIES: dict[str, Story] = {}


def story(
    cause: str,
    method: MethodId,
    stage: Callable[[], Stage],
    *,
    hide: str | tuple[str, ...],
    becomes: Verdict = BLOCKED,
    silent: bool = False,
    lost: bool = False,
    beside: bool = False,
    also: tuple[str, ...] = (),
    options: Options | None = None,
    label: str = "",
) -> Callable[[Callable[[Stage], None]], Callable[[Stage], None]]:
    """Tell a story; the function breaks the stage."""

    def tell(breaks: Callable[[Stage], None]) -> Callable[[Stage], None]:
        name = f"{cause} {label}".strip()
        assert name not in STORIES, name
        hidden = (hide,) if isinstance(hide, str) else hide
        STORIES[name] = Story(
            cause, method, stage, breaks, becomes, hidden, silent, lost, beside, frozenset(also), options
        )
        return breaks

    return tell


__all__ = [
    "BASTION",
    "BLOCKED",
    "DIRECT",
    "PUSH",
    "READY",
    "SERIAL",
    "SESSION",
    "STORIES",
    "SYMPTOMS",
    "TUNNEL",
    "UNKNOWN",
    "Story",
    "story",
]
