"""The request's context: each condition key is known, known to be absent, or unknown."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping

import msgspec

from advisor.model.records.shape import Tag


class Presence(enum.Enum):
    """Why a key has no value to compare."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


Value = str | bool | int | Iterable[str]


class Context(msgspec.Struct, frozen=True):
    """What a request carries.

    Keys are case-insensitive (IAM User Guide, "Condition": the key's name is, its value may not be) and kept
    casefolded. A key that is in neither `known` nor `absent`, and under none of the `closed` prefixes, is
    unknown: the person's network or MFA may not be visible from an account's data.
    """

    known: dict[str, tuple[str, ...]] = {}
    absent: frozenset[str] = frozenset()
    closed: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, known: Mapping[str, Value] = {}, absent: Iterable[str] = (), closed: Iterable[str] = ()
    ) -> Context:
        """A context of these values; unlisted keys under a `closed` prefix are absent.

        Keys that differ by case only (two tags, `Team` and `team`) are one key with the values of both: AWS
        compares one of them and does not say which, so that nothing is sure unless they agree.
        """
        values: dict[str, tuple[str, ...]] = {}
        for key, value in known.items():
            values[key.casefold()] = values.get(key.casefold(), ()) + _values(value)
        return cls(
            values,
            frozenset(key.casefold() for key in absent),
            tuple(prefix.casefold() for prefix in closed),
        )

    def value(self, key: str) -> tuple[str, ...] | Presence:
        """The values of a key, or why there are none."""
        name = key.casefold()
        values = self.known.get(name)
        if values is not None:
            return values or Presence.ABSENT
        if name in self.absent or name.startswith(self.closed):
            return Presence.ABSENT
        return Presence.UNKNOWN

    def having(self, other: Context) -> Context:
        """These keys and the other's, which win."""
        if not (other.known or other.absent or other.closed):
            return self
        known = {key: values for key, values in self.known.items() if key not in other.absent}
        absent = self.absent - other.known.keys()
        return Context({**known, **other.known}, absent | other.absent, self.closed + other.closed)

    def forgetting(self, key: str) -> Context:
        """The same without knowledge of one key: it becomes unknown."""
        name = key.casefold()
        return Context(
            {each: values for each, values in self.known.items() if each != name},
            self.absent - {name},
            tuple(prefix for prefix in self.closed if not name.startswith(prefix)),
        )


EMPTY = Context()


def resource_tags(tags: tuple[Tag, ...], *prefixes: str) -> Context:
    """All tags of a resource under each of the prefixes (`ssm:resourceTag/`, `aws:ResourceTag/`)."""
    return Context.of({f"{prefix}{tag.key}": tag.value for prefix in prefixes for tag in tags}, (), prefixes)


def _values(value: Value) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, str | int):
        return (str(value),)
    return tuple(value)
