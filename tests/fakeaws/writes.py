"""Calls that write, with their effect on the scene's records."""

from __future__ import annotations

from typing import Any

from tests.fakeaws.wire import Call
from tests.scenes.place import World


def write(world: World, call: Call) -> dict[str, Any] | None:
    """Do what the call asks for and answer as AWS would; None if nobody knows the operation."""
    return None
