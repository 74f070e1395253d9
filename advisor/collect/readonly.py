"""Service models cut down to the table's operations: clients that cannot write, and parse only what is read.

A client made from such a model has no method for any other operation. Answers of EC2 are XML, and parsing
dominates a collection of a large account; members that no record declares are skipped by the parser.
"""

from __future__ import annotations

import functools
import types
import typing
from typing import Any

import msgspec
from botocore.loaders import Loader

from advisor.collect.operations import OPERATIONS, Operation
from advisor.model.records import ec2
from advisor.model.scope import FAMILIES

Model = dict[str, Any]


class ReadOnlyLoader(Loader):  # type: ignore[misc]
    """Loads service models with the table's operations only; `whole` keeps all members of their answers."""

    def __init__(self, *, whole: bool = False) -> None:
        super().__init__(include_default_search_paths=True)
        self._whole = whole
        self._cut: dict[str, Model] = {}

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """botocore's model of a service, without what is not called or not read."""
        if type_name != "service-2":
            return super().load_service_model(service_name, type_name, api_version)
        if service_name not in self._cut:
            model = super().load_service_model(service_name, type_name, api_version)
            rows = [each for each in OPERATIONS if each.service == service_name]
            self._cut[service_name] = _cut(model, rows, self._whole)
        return self._cut[service_name]


@functools.cache
def read_only_loader(whole: bool) -> ReadOnlyLoader:
    """The one loader of this process; EC2's model takes a sixth of a second to load."""
    return ReadOnlyLoader(whole=whole)


def _cut(model: Model, rows: list[Operation], whole: bool) -> Model:
    operations = {row.api: model["operations"][row.api] for row in rows}
    if whole:
        return {**model, "operations": operations}
    trim = _Trim(model)
    operations = {row.api: trim.operation(operations[row.api], row) for row in rows}
    return {**model, "operations": operations, "shapes": trim.shapes}


_TIME_AS_TEXT = "TimeAsText"


class _Trim:
    """Makes copies of shapes that have the members of a record only."""

    def __init__(self, model: Model) -> None:
        self.shapes: Model = {**model["shapes"], _TIME_AS_TEXT: {"type": "string"}}
        # EC2's times are ISO text on the wire; to parse them would take a quarter of the answer's time.
        self._times_are_text = model["metadata"]["protocol"] == "ec2"

    def operation(self, operation: Model, row: Operation) -> Model:
        """The operation with an output that holds what the family's record declares, and page tokens."""
        record: Any = FAMILIES[row.name].record
        if row.name == "ec2:DescribeInstances":
            record = ec2.Reservation
        name = operation["output"]["shape"]
        output = self.shapes[name]
        members: Model = {}
        declared = {row.key: tuple[record, ...]} if row.key else _declared(record)
        for member, reference in output["members"].items():
            if member in declared:
                members[member] = self._trimmed(reference, declared[member])
            elif self.shapes[reference["shape"]]["type"] not in ("list", "structure", "map"):
                members[member] = reference
        trimmed = f"{name}As{row.api}"
        self.shapes[trimmed] = {**output, "members": members}
        return {**operation, "output": {**operation["output"], "shape": trimmed}}

    def _trimmed(self, reference: Model, wanted: Any) -> Model:
        """A reference to a copy of the shape that has the wanted type's members only."""
        wanted = _without_none(wanted)
        name = reference["shape"]
        shape = self.shapes[name]
        if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct) and shape["type"] == "structure":
            trimmed = f"{name}As{wanted.__module__.rpartition('.')[2]}{wanted.__name__}"
            if trimmed not in self.shapes:
                declared = _declared(wanted)
                self.shapes[trimmed] = {
                    **shape,
                    "members": {
                        member: self._trimmed(inner, declared[member])
                        for member, inner in shape["members"].items()
                        if member in declared
                    },
                }
            return {**reference, "shape": trimmed}
        if typing.get_origin(wanted) is tuple and shape["type"] == "list":
            member = self._trimmed(shape["member"], typing.get_args(wanted)[0])
            trimmed = f"{name}Of{member['shape']}"
            self.shapes[trimmed] = {**shape, "member": member}
            return {**reference, "shape": trimmed}
        if shape["type"] == "timestamp" and self._times_are_text:
            return {**reference, "shape": _TIME_AS_TEXT}
        return reference


def _declared(record: Any) -> dict[str, Any]:
    return {field.encode_name: field.type for field in msgspec.structs.fields(record)}


def _without_none(wanted: Any) -> Any:
    if typing.get_origin(wanted) in (typing.Union, types.UnionType):
        left = [each for each in typing.get_args(wanted) if each is not type(None)]
        return left[0] if len(left) == 1 else Any
    return wanted
