"""Families: which operation's records are which type, by which id, and how raw responses become tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import msgspec

from advisor.model.coverage import NOT_ASKED, Coverage, Status, Table
from advisor.model.responses import Responses

if TYPE_CHECKING:
    from advisor.model.scope import Scope

T = TypeVar("T")
ONLY = ""
"""The key of the one record of an operation that answers with a single one."""
PAGE = "#"
"""The identity of answers that are told apart by their order only."""


class Family(Generic[T]):
    """The records of one operation; as an attribute of Scope it gives their table.

    `key` is the response's own top-level key (None: the whole answer is one record); `identity` the
    record's attribute (`a.b` inside it, `a,b` for two together) that tells records apart, ONLY for single
    answers, PAGE where answers have no id. `parameter` is
    the request's parameter kept beside the answer, for operations asked once per resource.
    """

    def __init__(
        self,
        operation: str,
        key: str | None,
        record: type[T],
        identity: str,
        *,
        parameter: str | None = None,
        is_global: bool = False,
    ) -> None:
        self.operation = operation
        self.key = key
        self.record = record
        self.identity = identity
        self.parameter = parameter
        self.is_global = is_global
        self._name = ""

    def __set_name__(self, owner: type[Scope], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, scope: None, owner: type[Scope]) -> Family[T]: ...
    @overload
    def __get__(self, scope: Scope, owner: type[Scope]) -> Table[T]: ...
    def __get__(self, scope: Scope | None, owner: type[Scope]) -> Family[T] | Table[T]:
        if scope is None:
            return self
        table = scope.tables.get(self.operation)
        if table is None:
            table = scope.tables[self.operation] = self.table((), NOT_ASKED)
        # From now on the scope's own attribute answers, without a call: tables of a scope never change.
        scope.__dict__[self._name] = table
        return table

    def identify(self, record: T) -> str:
        """The record's id."""
        if self.identity == ONLY:
            return ONLY
        return "/".join(str(_attribute(record, path)) for path in self.identity.split(","))

    def table(
        self, records: Iterable[T], coverage: Coverage, gaps: dict[str, Coverage] | None = None
    ) -> Table[T]:
        """The table that these records form; of duplicates the last stays."""
        if self.identity == PAGE:
            rows = {str(position): record for position, record in enumerate(records)}
        else:
            rows = {self.identify(record): record for record in records}
        return Table(self.operation, rows, coverage, gaps, per_resource=self.parameter is not None)

    def decode(self, responses: Responses, warnings: list[str]) -> list[T]:
        """The records of raw responses; an element that does not fit is left out with a warning."""
        try:
            return msgspec.json.decode(responses.records, type=list[self.record])  # type: ignore[name-defined]
        except msgspec.ValidationError:
            return list(self._decode_one_by_one(responses, warnings))

    def _decode_one_by_one(self, responses: Responses, warnings: list[str]) -> Iterable[T]:
        place = f"{responses.account}/{responses.region} {self.operation}"
        try:
            elements = msgspec.json.decode(responses.records, type=list[msgspec.Raw])
        except msgspec.ValidationError as error:
            warnings.append(f"{place}: left out, {error}")
            return
        for position, element in enumerate(elements):
            try:
                yield msgspec.json.decode(element, type=self.record)
            except msgspec.ValidationError as error:
                try:
                    # Clients that print absent members as null are common; null is absence.
                    yield msgspec.convert(_without_nulls(msgspec.json.decode(element)), self.record)
                except msgspec.ValidationError:
                    where = f"$.{self.key or ''}[{position}]"
                    warnings.append(f"{place} {where}: left out, {error}")


def _attribute(record: Any, path: str) -> Any:
    for name in path.split("."):
        record = getattr(record, name)
    return record


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(inner) for inner in value if inner is not None]
    return value


def gaps_of(responses: Responses) -> dict[str, Coverage]:
    """Coverage by resource, for the resources whose own call did not succeed."""
    return {gap.resource: Coverage(Status(gap.status), gap.code, gap.message) for gap in responses.gaps}
