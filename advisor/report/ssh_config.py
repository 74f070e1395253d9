"""An entry for ~/.ssh/config out of a command that connects by SSH."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Final

from advisor.model.text import plain

_ALIAS: Final = re.compile(r"[^A-Za-z0-9._-]+")
# A word that ssh_config and the shell behind ProxyCommand both read as itself.
_SAFE: Final = re.compile(r"[A-Za-z0-9._:/@%+=,~-]+")


def alias_for(name: str, id: str) -> str:
    """A host alias: the name where it is usable as one, else the id."""
    alias = _ALIAS.sub("-", plain(name)).strip("-.")
    return alias or _ALIAS.sub("-", id)


def ssh_entry(alias: str, command: str) -> str | None:
    """The entry that makes `ssh ALIAS` do what the command does; None for a command that is not SSH.

    Knows `ssh [-i KEY] [-J JUMP] [-o OPTION=VALUE] [-p PORT] USER@HOST` and
    `aws ec2-instance-connect ssh …`, whose tunnel becomes a ProxyCommand.
    """
    arguments = shlex.split(command)
    if arguments[:1] == ["ssh"]:
        settings = _of_ssh(arguments[1:])
    elif arguments[:3] == ["aws", "ec2-instance-connect", "ssh"]:
        settings = _of_tunnel(arguments[3:])
    else:
        return None
    if settings is None:
        return None
    lines = [f"Host {alias}", *(f"    {key} {value}" for key, value in settings)]
    return "\n".join(lines) + "\n"


def _of_ssh(arguments: Sequence[str]) -> list[tuple[str, str]] | None:
    flags = {"-i": "IdentityFile", "-J": "ProxyJump", "-p": "Port"}
    settings: list[tuple[str, str]] = []
    destination = ""
    position = 0
    while position < len(arguments):
        word = arguments[position]
        if word in flags or word == "-o":
            position += 1
            value = arguments[position] if position < len(arguments) else ""
            key, value = value.partition("=")[::2] if word == "-o" else (flags[word], value)
            if "\n" in value or not key.isalnum():
                return None
            settings.append((key, value))
        elif word.startswith("-"):
            return None  # -N, -L and the like: a tunnel, not a login
        else:
            destination = word
        position += 1
    user, at, host = destination.rpartition("@")
    if not _SAFE.fullmatch(host):
        return None
    login = [("User", user)] if at and _SAFE.fullmatch(user) else []
    return [("HostName", host), *login, *settings]


def _of_tunnel(arguments: Sequence[str]) -> list[tuple[str, str]] | None:
    values = dict(zip(arguments[::2], arguments[1::2], strict=False))
    if not all(_SAFE.fullmatch(value) for value in values.values()) or "--instance-id" not in values:
        return None
    tunnel = "aws ec2-instance-connect open-tunnel --instance-id %h"
    endpoint = values.get("--eice-options", "").partition("endpointId=")[2].partition(",")[0]
    if endpoint:
        tunnel += f" --instance-connect-endpoint-id {endpoint}"
    for option in ("--region", "--profile"):
        if option in values:
            tunnel += f" {option} {values[option]}"
    if values.get("--connection-type") != "eice":
        return None
    settings = [("HostName", values["--instance-id"])]
    if "--os-user" in values:
        settings.append(("User", values["--os-user"]))
    if "--private-key-file" in values:
        settings.append(("IdentityFile", values["--private-key-file"]))
    return [*settings, ("ProxyCommand", tunnel)]
