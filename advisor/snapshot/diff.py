"""What differs between two snapshots, record by record and member by member."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from advisor.model.families import ONLY, PAGE, Family
from advisor.model.responses import Responses
from advisor.model.scope import FAMILIES
from advisor.snapshot.store import Snapshot


class Change(msgspec.Struct, frozen=True):
    """A member that differs: its path inside the record (`IpPermissions[0].FromPort`), before and after.

    None stands for a member that is not there.
    """

    path: str
    before: Any
    after: Any


class Difference(msgspec.Struct, frozen=True):
    """A record that was added, removed or changed, as `what` says; `changes` are those of a changed one."""

    account: str
    region: str
    operation: str
    identity: str
    what: str
    changes: tuple[Change, ...] = ()


class CoverageChange(msgspec.Struct, frozen=True):
    """An operation that went otherwise than before; its records are not compared then."""

    account: str
    region: str
    operation: str
    before: str
    after: str


class Differences(msgspec.Struct, frozen=True):
    """All that differs, in order of account, Region, operation and id."""

    records: tuple[Difference, ...] = ()
    coverage: tuple[CoverageChange, ...] = ()


IGNORED = frozenset(
    {"LastPingDateTime", "LastAssociationExecutionDate", "LastSuccessfulAssociationExecutionDate"}
)
"""Members that differ between any two readings and mean nothing by it."""

Place = tuple[str, str, str]


def differences(old: Snapshot, new: Snapshot) -> Differences:
    """What differs between two snapshots.

    Lists whose order AWS does not keep (rules, routes, associations, tags) are compared without it. An
    operation that succeeded in only one of the snapshots is a change of coverage, and not records that
    appeared or went.
    """
    before, after = _by_place(old), _by_place(new)
    records: list[Difference] = []
    coverage: list[CoverageChange] = []
    for place in sorted(before.keys() | after.keys()):
        was, now = _status(before.get(place)), _status(after.get(place))
        if was != now:
            coverage.append(CoverageChange(*place, was, now))
        if was == now == "ok":
            records += _records(place, before[place], after[place])
    return Differences(tuple(records), tuple(coverage))


def _by_place(snapshot: Snapshot) -> dict[Place, Responses]:
    return {(each.account, each.region, each.operation): each for each in snapshot.responses}


def _status(responses: Responses | None) -> str:
    return responses.status if responses is not None else "not-asked"


def _records(place: Place, old: Responses, new: Responses) -> Iterator[Difference]:
    if bytes(old.records) == bytes(new.records):
        return
    before, after = _by_identity(old), _by_identity(new)
    for identity in sorted(before.keys() | after.keys()):
        if identity not in after:
            yield Difference(*place, identity, "removed")
        elif identity not in before:
            yield Difference(*place, identity, "added")
        else:
            changes = tuple(_changes(before[identity], after[identity], ""))
            if changes:
                yield Difference(*place, identity, "changed", changes)


def _by_identity(responses: Responses) -> dict[str, Any]:
    family = FAMILIES.get(responses.operation)
    records = _listed(msgspec.json.decode(responses.records))
    if responses.operation == "ec2:DescribeInstances":
        reservations = [each for each in records if isinstance(each, dict)]
        records = [instance for each in reservations for instance in _listed(each.get("Instances"))]
    return {_identity(family, record, position): record for position, record in enumerate(records)}


def _listed(value: Any) -> list[Any]:
    # Whatever else stands there is no record, and is said when the estate is built.
    return value if isinstance(value, list) else []


def _identity(family: Family[Any] | None, record: Any, position: int) -> str:
    if family is None or family.identity == PAGE:
        return str(position)
    if family.identity == ONLY:
        return ONLY
    try:
        identity = family.identify(msgspec.convert(record, family.record))
    except msgspec.ValidationError:
        return str(position)
    if family.operation == "ec2:DescribeVpcAttribute":
        # Each call tells one attribute of a VPC, so the id alone is not one record.
        return "/".join([identity, *sorted(record.keys() - {"VpcId"})])
    return identity


def _changes(before: Any, after: Any, path: str) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted(before.keys() | after.keys()):
            if key not in IGNORED:
                inner = f"{path}.{key}" if path else key
                yield from _changes(before.get(key), after.get(key), inner)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _list_changes(before, after, path)
    else:
        yield Change(path, before, after)


def _list_changes(before: list[Any], after: list[Any], path: str) -> Iterator[Change]:
    gone = [each for each in before if each not in after]
    come = [each for each in after if each not in before]
    if len(gone) == len(come) == 1 and isinstance(gone[0], Mapping):
        yield from _changes(gone[0], come[0], f"{path}[{before.index(gone[0])}]")
        return
    for each in gone:
        yield Change(f"{path}[{before.index(each)}]", each, None)
    for each in come:
        yield Change(f"{path}[{after.index(each)}]", None, each)
