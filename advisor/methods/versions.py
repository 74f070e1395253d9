"""Version numbers of the SSM Agent, and the first ones that can do what."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

Version = tuple[int, ...]


@lru_cache(maxsize=4096)
def parse_version(text: str | None) -> Version | None:
    """`3.2.582.0` as numbers, or None where the text is no version."""
    try:
        return tuple(int(part) for part in (text or "").strip().split("."))
    except ValueError:
        return None


def spell_version(version: Version) -> str:
    """The version as people write it."""
    return ".".join(map(str, version))


# Systems Manager User Guide (prerequisites, port forwarding, message APIs) and the agent's release notes.
SESSIONS: Final = (2, 3, 68, 0)
SESSION_KMS: Final = (2, 3, 539, 0)
SHELL_PROFILE: Final = (3, 0, 161, 0)
PORT_FORWARDING: Final = (3, 0, 222, 0)
LOG_STREAMING: Final = (3, 0, 284, 0)
SERIAL_CONSOLE: Final = (3, 0, 854, 0)
REMOTE_HOST: Final = (3, 1, 1374, 0)
DEFAULT_HOST_MANAGEMENT: Final = (3, 2, 582, 0)
NO_EC2MESSAGES: Final = (3, 3, 40, 0)
DUAL_STACK: Final = (3, 3, 3270, 0)
