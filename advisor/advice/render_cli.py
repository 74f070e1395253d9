"""Actions as lines for the AWS CLI, ready to paste into sh or PowerShell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from advisor.advice.action import CREATED, Action, Members, Ref, refs_in
from advisor.advice.shells import Piece, Shell, comment, is_plain, json_pieces, quote, stands_alone
from advisor.model.responses import GLOBAL


class Lines(msgspec.Struct, frozen=True):
    """What one action takes on a command line: the command itself, and what to wait for after it."""

    command: str
    waits: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """The command and the waits, in their order."""
        return (self.command, *self.waits)


def variables(actions: Sequence[Action]) -> dict[Ref, str]:
    """A shell variable for every result that a later action or a rollback needs: `VPC_ENDPOINT_ID_3`."""
    positions: dict[str, int] = {}
    for position, action in enumerate(actions, 1):
        positions[action.key] = position
        for each in action.rollback:
            positions.setdefault(each.key, position)
    found: dict[Ref, str] = {}
    for action in actions:
        for each in (action, *action.rollback):
            for ref in refs_in(each.parameters):
                prefix = "UNDO_" if ref.action.startswith("undo-") else ""
                found.setdefault(ref, f"{prefix}{_shout(ref.path)}_{positions.get(ref.action, 0)}")
    return found


def _shout(path: str) -> str:
    """`VpcEndpoint.VpcEndpointId` as a variable is called: VPC_ENDPOINT_ID."""
    return option_name(path.rpartition(".")[2]).replace("-", "_").upper()


def cli_lines(
    actions: Sequence[Action], shell: Shell = Shell.SH, names: Mapping[Ref, str] | None = None
) -> tuple[Lines, ...]:
    """The lines of each action, in order; `names` are the variables if these are only part of a plan."""
    known = variables(actions) if names is None else names
    # IAM and Route 53 have no Region, but it tells the program which partition is meant.
    home = next((action.region for action in actions if action.region != GLOBAL), None)
    return tuple(_Line(action, shell, known, n, home).lines() for n, action in enumerate(actions, 1))


def rollback_of(actions: Sequence[Action]) -> tuple[Action, ...]:
    """What takes the actions back: the last one first."""
    return tuple(each for action in reversed(actions) for each in action.rollback)


def script(
    actions: Sequence[Action],
    titles: Mapping[str, str],
    shell: Shell = Shell.SH,
    names: Mapping[Ref, str] | None = None,
) -> str:
    """All lines as one text; `titles` by action key stand above them as comments."""
    parts: list[str] = []
    for action, lines in zip(actions, cli_lines(actions, shell, names), strict=True):
        parts.append(comment(titles.get(action.key, action.operation)))
        parts.extend(lines.all)
        parts.append("")
    return "\n".join(parts)


class _Line:
    def __init__(
        self, action: Action, shell: Shell, names: Mapping[Ref, str], position: int, home: str | None
    ) -> None:
        self.action = action
        self.shell = shell
        self.names = names
        self._region_name = action.region if action.region != GLOBAL else home
        self._file = f"INPUT_{position}"

    def lines(self) -> Lines:
        """The command, with its result kept where others need it, and what to wait for."""
        command = " ".join(["aws", self.action.service, option_name(self.action.operation), *self._words()])
        before = self._before()
        kept = [ref for ref in self.names if ref.action == self.action.key]
        for ref in kept:
            query = f" --query {self._word([ref.path])} --output text"
            name = self.names[ref]
            if self.shell is Shell.SH:
                command = f'{name}=$({command}{query}) && echo "{name}=${name}"'
            else:
                command = f'${name} = {command}{query}; Write-Output "{name}=${name}"'
        return Lines(before + command, tuple(self._waits()))

    def _word(self, pieces: Iterable[Piece]) -> str:
        return quote(pieces, self.shell, lambda ref: self.names[ref])

    def _words(self) -> Iterator[str]:
        if self.shell is Shell.POWERSHELL and not all(_is_simple(v) for _, v in self._members()):
            # Windows PowerShell drops double quotes on the way to a program, so JSON goes through a file.
            yield f'--cli-input-json "file://${self._file}"'
        elif all(_can_be_option(v) for _, v in self._members()):
            for name, value in self._members():
                yield from self._option(name, value)
        else:
            yield f"--cli-input-json {self._word(json_pieces(self.action.parameters))}"
        if self._region_name is not None:
            yield f"--region {self._word([self._region_name])}"

    def _before(self) -> str:
        if self.shell is Shell.SH or all(_is_simple(v) for _, v in self._members()):
            return ""
        text = self._word(json_pieces(self.action.parameters))
        return f"${self._file} = New-TemporaryFile; [IO.File]::WriteAllText(${self._file}, {text}); "

    def _members(self) -> tuple[tuple[str, Any], ...]:
        given = self.action.parameters.items
        if self.action.operation == "RunInstances":  # the CLI has one option for both
            given = tuple(("Count", v) if k == "MinCount" else (k, v) for k, v in given if k != "MaxCount")
        return given

    def _option(self, name: str, value: Any) -> Iterator[str]:
        option = option_name(name)
        if isinstance(value, Members) and value.items == (("Value", True),):
            value = True
        if isinstance(value, Members) and value.items == (("Value", False),):
            value = False
        if isinstance(value, bool):
            if option == "egress":
                yield "--egress" if value else "--ingress"
            else:
                yield f"--{option}" if value else f"--no-{option}"
        elif isinstance(value, Members) or (isinstance(value, tuple) and not _is_plain_list(value)):
            yield f"--{option} {self._word(json_pieces(value))}"
        elif isinstance(value, tuple):
            yield " ".join([f"--{option}", *(self._word([each]) for each in value)])
        else:
            yield f"--{option} {self._word([value if isinstance(value, Ref) else str(value)])}"

    # --- waiting --------------------------------------------------------------------------------------

    def _waits(self) -> Iterator[str]:
        found = _WAITS.get(self.action.operation)
        if found is not None:
            waiter, option, member = found
            yield f"aws {self.action.service} wait {waiter} {option} {self._id(member)}{self._region}"
        if self.action.operation == "CreateInstanceProfile":
            # IAM is eventually consistent: EC2 refuses a profile for some seconds after it exists.
            yield "sleep 10" if self.shell is Shell.SH else "Start-Sleep 10"
        gone = _GONE.get(self.action.operation)
        if gone is not None:
            command, filter_name, member, state, query = gone
            asked = (
                f"aws ec2 {command} --filters Name={filter_name},Values={self._id(member)} {state} "
                f"--query {self._word([query])} --output text{self._region}"
            )
            if self.shell is Shell.SH:
                yield f'while [ -n "$({asked})" ]; do sleep 5; done'
            else:
                yield f"while ({asked}) {{ Start-Sleep 5 }}"

    @property
    def _region(self) -> str:
        return f" --region {self._word([self._region_name])}" if self._region_name is not None else ""

    def _id(self, member: str) -> str:
        """The id to wait for: of what the action creates, or the one it names."""
        if self.action.operation in CREATED and not member:
            ref = Ref(self.action.key, CREATED[self.action.operation][0][0])
            if ref in self.names:
                return self._word([ref])
        value = self.action.parameters.get(member)
        one = value[0] if isinstance(value, tuple) else value
        return self._word([one if isinstance(one, Ref) else str(one)])


_WAITS: Final = {
    "CreateNatGateway": ("nat-gateway-available", "--nat-gateway-ids", ""),
    "DeleteNatGateway": ("nat-gateway-deleted", "--nat-gateway-ids", "NatGatewayId"),
    "RunInstances": ("instance-running", "--instance-ids", ""),
    "StartInstances": ("instance-running", "--instance-ids", "InstanceIds"),
    "StopInstances": ("instance-stopped", "--instance-ids", "InstanceIds"),
    "TerminateInstances": ("instance-terminated", "--instance-ids", "InstanceIds"),
    "CreateInstanceProfile": ("instance-profile-exists", "--instance-profile-name", "InstanceProfileName"),
    "CreateRole": ("role-exists", "--role-name", "RoleName"),
}
"""AWS's own waiters, for what a later request cannot do without."""

_GONE: Final = {
    "DeleteVpcEndpoints": (
        "describe-vpc-endpoints",
        "vpc-endpoint-id",
        "VpcEndpointIds",
        "Name=vpc-endpoint-state,Values=deleting",
        "VpcEndpoints[].VpcEndpointId",
    ),
    "DeleteInstanceConnectEndpoint": (
        "describe-instance-connect-endpoints",
        "instance-connect-endpoint-id",
        "InstanceConnectEndpointId",
        "Name=state,Values=delete-in-progress",
        "InstanceConnectEndpoints[].InstanceConnectEndpointId",
    ),
}
"""Deletions that AWS has no waiter for; their interfaces hold security groups until they are done."""


def _is_plain_list(value: tuple[Any, ...]) -> bool:
    return bool(value) and all(
        isinstance(each, Ref) or (isinstance(each, str) and is_plain(each)) for each in value
    )


def _is_simple(value: Any) -> bool:
    """Whether a value needs no JSON."""
    if isinstance(value, Members):
        return len(value.items) == 1 and value.items[0][0] == "Value" and isinstance(value.items[0][1], bool)
    if isinstance(value, tuple):
        return _is_plain_list(value)
    return not isinstance(value, str) or (stands_alone(value) and '"' not in value)


def _can_be_option(value: Any) -> bool:
    """Whether `aws` takes the value literally after its option: JSON it parses, odd strings it may not."""
    return not isinstance(value, str) or stands_alone(value)


_FIRST_CAP: Final = re.compile(r"(.)([A-Z][a-z]+)")
_END_CAP: Final = re.compile(r"([a-z0-9])([A-Z])")


def option_name(member: str) -> str:
    """A member or operation as the AWS CLI spells it: `VpcEndpointIds` is `vpc-endpoint-ids`."""
    known = _SPELLINGS.get(member)
    if known is not None:
        return known
    return _END_CAP.sub(r"\1-\2", _FIRST_CAP.sub(r"\1-\2", member)).lower()


_SPELLINGS: Final = {
    "AssociateVPCWithHostedZone": "associate-vpc-with-hosted-zone",
    "DisassociateVPCFromHostedZone": "disassociate-vpc-from-hosted-zone",
}
