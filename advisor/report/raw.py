"""The raw record behind a fact: the JSON that AWS answered with, found by operation and resource."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from advisor.model.responses import GLOBAL, Responses
from advisor.model.scope import FAMILIES


def record_json(
    responses: Iterable[Responses], account: str, region: str, operation: str, resource: str
) -> str | None:
    """The record as indented JSON; None where no answer of the operation has it.

    A record has a resource if its own id is that; else the first that names it anywhere is taken (a rule's
    group, an interface of an instance).
    """
    wanted = resource.encode()
    mentioning: Any = None
    for each in responses:
        if each.operation != operation or each.account != account or each.region not in (region, GLOBAL):
            continue
        if wanted not in bytes(each.records):
            continue
        for raw in msgspec.json.decode(each.records, type=list[msgspec.Raw]):
            if wanted not in bytes(raw):
                continue
            for record in _records(operation, msgspec.json.decode(raw)):
                if _is_about(operation, record, resource):
                    return _spelled(record)
                if mentioning is None and wanted in msgspec.json.encode(record):
                    mentioning = record
    return None if mentioning is None else _spelled(mentioning)


def only_record_json(responses: Iterable[Responses], account: str, region: str, operation: str) -> str | None:
    """The whole answer of an operation as indented JSON, for answers about the account itself."""
    for each in responses:
        if each.operation == operation and each.account == account and each.region in (region, GLOBAL):
            records = msgspec.json.decode(each.records)
            return _spelled(records[0] if len(records) == 1 else records)
    return None


def _spelled(record: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(record), indent=2).decode()


def _records(operation: str, element: Any) -> list[Any]:
    if operation == "ec2:DescribeInstances" and isinstance(element, dict):
        return list(element.get("Instances", ()))
    return [element]


def _is_about(operation: str, record: Any, resource: str) -> bool:
    family = FAMILIES.get(operation)
    if family is None or not isinstance(record, dict):
        return False
    names = [path.rsplit(".", 1)[-1] for path in family.identity.split(",")]
    ids = [str(record.get(_pascal(name), "")) for name in names]
    return resource in ids or (family.parameter is not None and record.get(family.parameter) == resource)


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
