"""What was found on this machine, as values; never a secret."""

from __future__ import annotations

import enum
from datetime import datetime

import msgspec


class Program(msgspec.Struct, frozen=True):
    """A program: where it is (None: not installed), its version as numbers, what it printed of itself.

    `trouble` says why there is no version: it did not answer in time, or could not be run.
    """

    name: str
    path: str | None = None
    version: tuple[int, ...] | None = None
    banner: str = ""
    trouble: str = ""


class KeyAgent(enum.Enum):
    """What `ssh-add -l` says of the ssh-agent."""

    HOLDS_KEYS = "holds-keys"
    EMPTY = "empty"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class SignIn(enum.Enum):
    """What AWS says of the credentials."""

    VALID = "valid"
    REFUSED = "refused"
    NONE = "none"
    UNREACHABLE = "unreachable"
    NOT_ASKED = "not-asked"


class Credentials(msgspec.Struct, frozen=True):
    """Whose credentials these are and when they end (None: they do not say).

    `renews`: they are renewed by themselves before that. `message` and `hint` are the two sentences for
    people where there are none, or AWS refused them.
    """

    state: SignIn = SignIn.NOT_ASKED
    arn: str | None = None
    expires: datetime | None = None
    renews: bool = False
    message: str = ""
    hint: str = ""


class SshEntry(msgspec.Struct, frozen=True):
    """The ProxyCommand in force for a name.

    None where there is none; `known` is False where ssh did not tell.
    """

    host: str
    proxy_command: str | None = None
    known: bool = True


class LocalFacts(msgspec.Struct, frozen=True):
    """All of it.

    `clock_offset` is AWS's time minus this machine's, in seconds; None where AWS did not answer.
    `proxies` are pairs of variable and host, without user and password.
    """

    cli: Program
    plugin: Program
    ssh: Program
    key_agent: KeyAgent = KeyAgent.UNKNOWN
    ssh_entries: tuple[SshEntry, ...] = ()
    credentials: Credentials = Credentials()
    region: str | None = None
    clock_offset: float | None = None
    proxies: tuple[tuple[str, str], ...] = ()
    no_proxy: str = ""
