"""What was asked of AWS and how it went. Missing is not empty."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar, overload

import msgspec

from advisor.model.evidence import Missing


class Status(enum.Enum):
    """How a call went."""

    OK = "ok"
    DENIED = "denied"
    FAILED = "failed"
    TRUNCATED = "truncated"
    NOT_ASKED = "not-asked"


class Coverage(msgspec.Struct, frozen=True, gc=False):
    """How one call, or all calls of one operation, went; `code` and `message` are AWS's own."""

    status: Status = Status.OK
    code: str | None = None
    message: str | None = None

    def without_some(self, count: int) -> Coverage:
        """The same, for an answer of which `count` records could not be read."""
        if not count or self.status is not Status.OK:
            return self
        return Coverage(Status.TRUNCATED, "UnreadableRecord", f"{count} records could not be read")

    def joined(self, other: Coverage) -> Coverage:
        """How an operation went that was asked twice: an answer beats a refusal, a part spoils a whole."""
        answered = [each for each in (self, other) if each.status in {Status.OK, Status.TRUNCATED}]
        return next((each for each in answered if each.status is Status.TRUNCATED), (*answered, other)[0])


COMPLETE = Coverage()
NOT_ASKED = Coverage(Status.NOT_ASKED)

THERE_IS_NONE = frozenset(
    {
        "404",
        "InvalidDocument",
        "InvalidKeyPair.NotFound",
        "NoSuchBucket",
        "NoSuchEntity",
        "NotFoundException",
        "ServerSideEncryptionConfigurationNotFoundError",
        "ServiceSettingNotFound",
    }
)
"""Error codes by which AWS says that a resource does not exist: an answer, and no blind spot."""

T = TypeVar("T")
D = TypeVar("D")


class Table(Mapping[str, T], Generic[T]):
    """The records of one operation in one account and Region, by id, with the operation's coverage.

    A plain lookup (`table[id]`, `in`, `get`) speaks of what was read. `find` is the honest one: it returns
    the record or says why there is none. `per_resource` marks operations asked once per resource
    (`GetManagedPrefixListEntries`), where an id that was never asked for is not-asked, not absent.
    """

    __slots__ = ("_rows", "coverage", "gaps", "operation", "per_resource")

    def __init__(
        self,
        operation: str,
        rows: Mapping[str, T],
        coverage: Coverage = COMPLETE,
        gaps: Mapping[str, Coverage] | None = None,
        per_resource: bool = False,
    ) -> None:
        self.operation = operation
        self._rows = rows
        self.coverage = coverage
        self.gaps = gaps or {}
        self.per_resource = per_resource

    def __getitem__(self, key: str) -> T:
        return self._rows[key]

    @overload
    def get(self, key: str, default: None = None) -> T | None: ...
    @overload
    def get(self, key: str, default: D) -> T | D: ...
    def get(self, key: str, default: D | None = None) -> T | D | None:
        """The record, or the default."""
        # Mapping's own `get` goes by an exception, which a fleet's millions of lookups would feel.
        return self._rows.get(key, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def complete(self) -> bool:
        """Whether every record there is was read, so that an absent one does not exist."""
        return self.coverage.status is Status.OK and not self.per_resource

    def find(self, key: str) -> T | Missing:
        """The record, or why there is none."""
        row = self._rows.get(key)
        return self.missing(key) if row is None else row

    def missing(self, key: str | None = None) -> Missing:
        """Why a record (or, without `key`, the whole answer) is not there."""
        coverage = self.gaps.get(key, self.coverage) if key is not None else self.coverage
        status = coverage.status
        if status is Status.OK:
            if self.per_resource:
                return Missing(self.operation, Status.NOT_ASKED.value, None, key)
            return Missing(self.operation, "absent", None, key)
        return Missing(self.operation, status.value, coverage.code, key)

    def only(self) -> T | Missing:
        """The one record of an operation that answers with a single one."""
        return next(iter(self._rows.values()), self.missing())

    def having(self, key: str, row: T) -> Table[T]:
        """A copy in which `key` has this record."""
        return Table(self.operation, {**self._rows, key: row}, self.coverage, self.gaps, self.per_resource)

    def without(self, key: str) -> Table[T]:
        """A copy in which `key` has no record."""
        rows = {k: row for k, row in self._rows.items() if k != key}
        return Table(self.operation, rows, self.coverage, self.gaps, self.per_resource)
