"""Actions: AWS API requests as values, and the words for what no API can do."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from advisor.model.scope import Scope


class Ref(msgspec.Struct, frozen=True, gc=False):
    """What an earlier action's answer will hold.

    `action` is that action's key, `path` where its answer holds the value (`VpcEndpoint.VpcEndpointId`).
    """

    action: str
    path: str


class Members(msgspec.Struct, frozen=True):
    """A structure of a request: members in the order they were given, under AWS's own names."""

    items: tuple[tuple[str, Value], ...] = ()

    def get(self, name: str, default: Any = None) -> Any:
        """The member's value, or the default."""
        return next((value for key, value in self.items if key == name), default)

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.items)

    def having(self, name: str, value: Value) -> Members:
        """A copy with this member, in its place where it was there before."""
        if name in self:
            return Members(tuple((k, value if k == name else v) for k, v in self.items))
        return Members((*self.items, (name, value)))


Value: TypeAlias = "bool | int | str | Ref | Members | tuple[Value, ...]"
"""JSON without null, frozen; a Ref may stand for any string."""


def members(**given: Any) -> Members:
    """A structure with these members; None means that a member is left out.

    >>> members(VpcId="vpc-1", SubnetIds=["subnet-1"], PolicyDocument=None).get("SubnetIds")
    ('subnet-1',)
    """
    return Members(tuple((name, frozen(value)) for name, value in given.items() if value is not None))


def frozen(value: Any) -> Value:
    """A JSON value (dicts, lists, strings …) as a frozen one."""
    if isinstance(value, dict):
        return Members(tuple((str(key), frozen(inner)) for key, inner in value.items()))
    if isinstance(value, list | tuple):
        return tuple(frozen(inner) for inner in value)
    assert isinstance(value, bool | int | str | Ref | Members), value
    return value


def thawed(value: Value, resolve: Callable[[Ref], Any]) -> Any:
    """A frozen value as dicts and lists, with every Ref replaced by what `resolve` makes of it."""
    if isinstance(value, Members):
        return {key: thawed(inner, resolve) for key, inner in value.items}
    if isinstance(value, tuple):
        return [thawed(inner, resolve) for inner in value]
    return resolve(value) if isinstance(value, Ref) else value


def refs_in(value: Value) -> Iterator[Ref]:
    """Every Ref inside a value."""
    return (each for each in _leaves(value) if isinstance(each, Ref))


def strings_in(value: Value) -> Iterator[str]:
    """Every string inside a value."""
    return (each for each in _leaves(value) if isinstance(each, str))


def _leaves(value: Value) -> Iterator[Value]:
    if isinstance(value, Members):
        for _, inner in value.items:
            yield from _leaves(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value


class Action(msgspec.Struct, frozen=True):
    """One AWS API request.

    `key` names it within a plan and is the same whenever the same change is proposed: shell variables,
    Terraform names and the ids of what it creates (on a copy of the account) come from it. `operation` is the
    API's name (`CreateVpcEndpoint`), `parameters` validate against the service's model. `text` is the id of
    its title, meaning and risk in rules/actions, `names` fill the placeholders there. `risk` is 1 (one rule
    that names a group) to 9 (opens a way from the internet). `rollback` undoes it, in order; `lossy` says
    that it does so only in effect (a route to a gateway that is gone cannot come back).
    """

    key: str
    service: str
    operation: str
    parameters: Members
    account: str
    region: str
    text: str
    risk: int
    names: tuple[tuple[str, str], ...] = ()
    rollback: tuple[Action, ...] = ()
    lossy: bool = False


class Undo(msgspec.Struct, frozen=True):
    """A request that takes a change back; `call` is `service:Operation`, `text` as in Action."""

    call: str
    parameters: Members
    text: str


def request(
    place: Scope,
    call: str,
    parameters: Members,
    *,
    key: str,
    text: str,
    risk: int,
    undo: Sequence[Undo] = (),
    lossy: bool = False,
    names: Mapping[str, str] | None = None,
    **more_names: str,
) -> Action:
    """An action in the place's account and Region; `call` is `service:Operation`, `undo` its rollback."""
    service, _, operation = call.partition(":")
    named = tuple({**more_names, **(names or {})}.items())
    rollback = []
    for position, each in enumerate(undo):
        undo_service, _, undo_operation = each.call.partition(":")
        rollback.append(
            Action(
                key=f"undo-{key}" if position == 0 else f"undo-{key}-{position + 1}",
                service=undo_service,
                operation=undo_operation,
                parameters=each.parameters,
                account=place.account,
                region=place.region,
                text=each.text,
                risk=risk,
                names=named,
            )
        )
    return Action(
        key=key,
        service=service,
        operation=operation,
        parameters=parameters,
        account=place.account,
        region=place.region,
        text=text,
        risk=risk,
        names=named,
        rollback=tuple(rollback),
        lossy=lossy,
    )


class Advice(msgspec.Struct, frozen=True):
    """A step for a person, where no API request is to be proposed.

    `text` is its id in rules/actions, `names` fill the placeholders; `reason` is `manual` (no API can do it),
    `owner` (only another account or the organisation can), `limit` (a quota or a lack of room stands in the
    way) or `unsafe` (it would open more than is needed).
    """

    text: str
    reason: str
    names: tuple[tuple[str, str], ...] = ()


class Remedy(msgspec.Struct, frozen=True):
    """One way to remove one blocker: requests in their order, or advice where there can be none."""

    actions: tuple[Action, ...] = ()
    advice: tuple[Advice, ...] = ()

    @property
    def risk(self) -> int:
        """The highest risk among its actions."""
        return max((action.risk for action in self.actions), default=0)


def advise(text: str, reason: str, **names: str) -> Remedy:
    """A remedy that is words only."""
    return Remedy(advice=(Advice(text, reason, tuple(names.items())),))


_RISK_CLASSES: Final = ((2, "low"), (5, "medium"), (8, "high"), (99, "severe"))


def risk_class(risk: int) -> str:
    """The risk in a word: low, medium, high or severe."""
    return next(name for limit, name in _RISK_CLASSES if risk <= limit)


_PLAIN: Final = re.compile(r"[A-Za-z0-9-]+|[0-9a-f.:/]+")
"""Ids, words, addresses and ranges: what is left of two different ones differs too."""


def slug(*parts: str) -> str:
    """Lower-case words joined by hyphens, safe as a name in every format, and different for different parts.

    Names that people gave may differ in no more than what is replaced (`web.node`, `web_node`): those get a
    checksum.

    >>> slug("policy", "web-node"), slug("policy", "web_node")
    ('policy-web-node', 'policy-web-node-7de5b0')
    """
    return "-".join(filter(None, map(_slugged, parts)))


def _slugged(part: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-")
    if not part or _PLAIN.fullmatch(part):
        return words
    return f"{words}-{zlib.crc32(part.encode()) & 0xFFFFFF:06x}".lstrip("-")


# What creates a resource: the operation, where its answer holds the id, and the id's prefix. Ids are derived
# from the action's key, so that a Ref can be resolved on a copy of the account without remembering anything.
CREATED: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "AllocateAddress": (("AllocationId", "eipalloc"), ("PublicIp", "")),
    "AssociateAddress": (("AssociationId", "eipassoc"),),
    "AssociateIamInstanceProfile": (("IamInstanceProfileAssociation.AssociationId", "iip-assoc"),),
    "CreateDhcpOptions": (("DhcpOptions.DhcpOptionsId", "dopt"),),
    "CreateGrant": (("GrantId", "grant"),),
    "CreateInstanceConnectEndpoint": (("InstanceConnectEndpoint.InstanceConnectEndpointId", "eice"),),
    "CreateInternetGateway": (("InternetGateway.InternetGatewayId", "igw"),),
    "CreateNatGateway": (("NatGateway.NatGatewayId", "nat"),),
    "CreateSecurityGroup": (("GroupId", "sg"),),
    "CreateVpcBlockPublicAccessExclusion": (("VpcBlockPublicAccessExclusion.ExclusionId", "vpcbpa-exclude"),),
    "CreateVpcEndpoint": (("VpcEndpoint.VpcEndpointId", "vpce"),),
    "RunInstances": (("Instances[0].InstanceId", "i"),),
    "UpdateDocument": (("DocumentDescription.DocumentVersion", ""),),
}


def result(action: Action) -> Ref:
    """The id of what this action creates, for the actions after it."""
    return Ref(action.key, CREATED[action.operation][0][0])


def placeholder(ref: Ref) -> str:
    """The id that a created resource has on a copy of the account: `vpce-new-endpoint-ssm-vpc-1`."""
    if ref.path == "PublicIp":
        return placeholder_address(ref.action)
    if ref.path == "DocumentDescription.DocumentVersion":
        return "$LATEST"
    prefix = next(p for outputs in CREATED.values() for path, p in outputs if path == ref.path)
    return f"{prefix}-new-{ref.action}"


def placeholder_address(key: str) -> str:
    """A public address for an Elastic IP address that does not exist yet (from a benchmark block, RFC 2544).

    It only has to be public-looking and stable; 198.18.0.0/15 is routed nowhere, so that it is nobody's.
    """
    number = sum(ord(c) * (i + 1) for i, c in enumerate(key)) % 65_000
    return f"198.18.{number // 256}.{number % 256}"


def created_ids(action: Action) -> dict[str, Ref]:
    """The ids that this action's results have on a copy of the account, with the Refs they stand for."""
    refs = (Ref(action.key, path) for path, _ in CREATED.get(action.operation, ()))
    return {placeholder(ref): ref for ref in refs if ref.path != "DocumentDescription.DocumentVersion"}


def linked(actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """The same actions, with ids of the copy's new resources turned back into Refs.

    An action found by assessing a changed copy names what an earlier action made by the copy's id; AWS will
    give that resource another one.
    """
    known: dict[str, Ref] = {}
    found: list[Action] = []
    for action in actions:
        found.append(relinked(action, known))
        known.update(created_ids(action))
    return tuple(found)


def relinked(action: Action, known: Mapping[str, Ref]) -> Action:
    """The action with strings that are known ids, in it and in its rollback, replaced by Refs.

    Where its words name such an id, they say by which action it is made: nobody will ever see the id.
    """
    return msgspec.structs.replace(
        action,
        parameters=_relinked(action.parameters, known),
        names=tuple((name, known[text].action if text in known else text) for name, text in action.names),
        rollback=tuple(relinked(each, known) for each in action.rollback),
    )


def _relinked(value: Any, known: Mapping[str, Ref]) -> Any:
    if isinstance(value, str):
        return known.get(value, value)
    if isinstance(value, Members):
        return Members(tuple((key, _relinked(inner, known)) for key, inner in value.items))
    if isinstance(value, tuple):
        return tuple(_relinked(inner, known) for inner in value)
    return value
