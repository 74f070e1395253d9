"""Look at this machine: programs by running them with a time limit, settings by asking the programs."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

import msgspec

from advisor.doctor.facts import Credentials, KeyAgent, LocalFacts, Program, SignIn, SshEntry
from advisor.model.text import plain

SECONDS: Final = 10.0
"""How long a program may take to tell about itself; `aws` needs about two on a slow disk."""
HOSTS: Final = ("i-0123456789abcdef0", "mi-0123456789abcdef0")
"""Names as those of instances and hybrid nodes, to ask ssh what it would do with them."""
_PROXY_VARIABLES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


class Ran(msgspec.Struct, frozen=True):
    """What a program printed on both streams, and how it ended; `trouble` if it did not end by itself."""

    code: int | None = None
    printed: str = ""
    trouble: str = ""


AskAws = Callable[[], "tuple[Credentials, str | None, float | None]"]
"""Asks AWS: the credentials, the Region in force, and AWS's time minus ours in seconds."""


def gather(environment: Mapping[str, str], ask: AskAws | None = None, seconds: float = SECONDS) -> LocalFacts:
    """Everything about this machine; programs are looked for on the environment's PATH.

    `ask` asks AWS who the person is; without it the credentials stay not asked. Programs that do not answer
    within `seconds` are stopped.
    """
    ssh = _ssh(environment, seconds)
    credentials, region, offset = ask() if ask is not None else (Credentials(), None, None)
    return LocalFacts(
        cli=_versioned("aws", r"aws-cli/(\d+(?:\.\d+)+)", environment, seconds),
        plugin=_versioned("session-manager-plugin", r"^(\d+(?:\.\d+)+)$", environment, seconds),
        ssh=ssh,
        key_agent=_key_agent(environment, seconds) if ssh.path else KeyAgent.UNKNOWN,
        ssh_entries=tuple(_ssh_entry(each, environment, seconds) for each in HOSTS) if ssh.path else (),
        credentials=credentials,
        region=region or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION"),
        clock_offset=offset,
        proxies=tuple(_proxies(environment)),
        no_proxy=plain(environment.get("NO_PROXY") or environment.get("no_proxy") or ""),
    )


def asking(
    profile: str | None, region: str | None, endpoint_url: str | None, environment: Mapping[str, str]
) -> AskAws:
    """Ask the AWS of this profile with its credentials."""

    def ask() -> tuple[Credentials, str | None, float | None]:
        from advisor.collect.probe import probe

        found = probe(profile, region, endpoint_url, environment)
        state = SignIn.VALID if found.arn else SignIn.REFUSED if found.reached else SignIn.UNREACHABLE
        if not found.found:
            state = SignIn.NONE
        credentials = Credentials(state, found.arn, found.expires, found.renews, found.message, found.hint)
        return credentials, found.region, found.clock_offset

    return ask


def asking_nobody(profile: str | None, region: str | None, environment: Mapping[str, str]) -> AskAws:
    """Leave AWS alone, and take the Region that the configuration of this profile names."""

    def ask() -> tuple[Credentials, str | None, float | None]:
        from advisor.collect.probe import region_here

        return Credentials(), region_here(profile, region, environment), None

    return ask


def _versioned(name: str, pattern: str, environment: Mapping[str, str], seconds: float) -> Program:
    path = _path(name, environment)
    if path is None:
        return Program(name)
    ran = _run([path, "--version"], environment, seconds)
    match = re.search(pattern, ran.printed, re.MULTILINE)
    if match is None:
        return Program(name, path, None, trouble=ran.trouble or f"it printed {plain(ran.printed)[:80]!r}")
    version = tuple(int(part) for part in match.group(1)[:60].split(".") if part)
    return Program(name, path, version, plain(match.group(0)))


def _ssh(environment: Mapping[str, str], seconds: float) -> Program:
    path = _path("ssh", environment)
    if path is None:
        return Program("ssh")
    ran = _run([path, "-V"], environment, seconds)
    first = plain(ran.printed.strip().partition("\n")[0])[:80]
    return Program("ssh", path, None, first, ran.trouble)


def _key_agent(environment: Mapping[str, str], seconds: float) -> KeyAgent:
    path = _path("ssh-add", environment)
    if path is None:
        return KeyAgent.UNKNOWN
    # Exit codes as its manual page gives them: 1 for no identities, 2 for no agent.
    by_code = {0: KeyAgent.HOLDS_KEYS, 1: KeyAgent.EMPTY, 2: KeyAgent.ABSENT}
    ran = _run([path, "-l"], environment, seconds)
    return by_code.get(ran.code, KeyAgent.UNKNOWN) if ran.code is not None else KeyAgent.UNKNOWN


def _ssh_entry(host: str, environment: Mapping[str, str], seconds: float) -> SshEntry:
    """What ssh itself makes of its configuration: included files and patterns are its business."""
    path = _path("ssh", environment)
    ran = _run([path or "ssh", "-G", host], environment, seconds)
    if ran.code != 0:
        return SshEntry(host, known=False)
    for line in ran.printed.splitlines():
        key, _, value = line.partition(" ")
        if key.lower() == "proxycommand" and value.strip().lower() != "none":
            return SshEntry(host, plain(value.strip()))
    return SshEntry(host)


def _proxies(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    found = []
    for name in _PROXY_VARIABLES:
        value = environment.get(name) or environment.get(name.lower())
        if value:
            found.append((name, _host_of(value)))
    return found


def _host_of(proxy: str) -> str:
    """Host and port alone: a proxy's URL may hold a user and a password."""
    try:
        parts = urlsplit(proxy if "//" in proxy else f"//{proxy}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return "(unreadable)"
    return plain(f"{host}:{port}" if port else host or "(unreadable)")


def _path(name: str, environment: Mapping[str, str]) -> str | None:
    return shutil.which(name, path=environment.get("PATH", ""))


def _run(command: list[str], environment: Mapping[str, str], seconds: float) -> Ran:
    try:
        done = subprocess.run(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ran(trouble=f"no answer within {seconds:g} s")
    except OSError as error:
        return Ran(trouble=f"it cannot be run ({error.strerror or type(error).__name__})")
    return Ran(done.returncode, done.stdout.decode(errors="replace"))
