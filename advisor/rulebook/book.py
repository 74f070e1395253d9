"""The rule book: every entry of every kind, and where each came from."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from advisor.model.errors import InputError
from advisor.rulebook.document import Place
from advisor.rulebook.entries import (
    ActionText,
    Cause,
    Comparison,
    Entry,
    Method,
    Policy,
    Profile,
    Symptom,
)
from advisor.rulebook.tables import Endpoint, NamedText, PriceList, Prices, RunbookCheck
from advisor.rulebook.texts import Text


class Kind(msgspec.Struct, frozen=True):
    """A kind of entry: the folder or file of `rules/` that holds it, its type, and its word for people."""

    name: str
    entry: type[Entry]
    word: str


KINDS: tuple[Kind, ...] = (
    Kind("causes", Cause, "cause"),
    Kind("methods", Method, "method"),
    Kind("symptoms", Symptom, "symptom"),
    Kind("actions", ActionText, "action"),
    Kind("profiles", Profile, "profile"),
    Kind("policies", Policy, "policy"),
    Kind("prices", PriceList, "price list"),
    Kind("endpoints", Endpoint, "endpoint"),
    Kind("runbooks", RunbookCheck, "runbook check"),
    Kind("texts", NamedText, "text"),
)


class Source(msgspec.Struct, frozen=True):
    """Where an entry comes from: `built-in`, or the folder of rules that was given; and its place there."""

    origin: str
    place: Place


class Listing(msgspec.Struct, frozen=True):
    """One row of `advisor rules list`."""

    id: str
    kind: str
    title: Text
    source: str


class ComparisonRow(msgspec.Struct, frozen=True):
    """One row of the comparison of methods: its heading, and a cell for each method's id."""

    id: str
    label: Text
    cells: Mapping[str, Text]


class RuleBook(msgspec.Struct, frozen=True):
    """Everything that rules/ says, by id; `sources` tells for (kind, id) where an entry came from."""

    causes: Mapping[str, Cause] = {}
    methods: Mapping[str, Method] = {}
    symptoms: Mapping[str, Symptom] = {}
    actions: Mapping[str, ActionText] = {}
    profiles: Mapping[str, Profile] = {}
    policies: Mapping[str, Policy] = {}
    price_lists: Mapping[str, PriceList] = {}
    endpoints: Mapping[str, Endpoint] = {}
    runbooks: Mapping[str, RunbookCheck] = {}
    texts: Mapping[str, NamedText] = {}
    sources: Mapping[tuple[str, str], Source] = {}

    @property
    def prices(self) -> Prices:
        """The prices of all regions."""
        return Prices(dict(self.price_lists))

    @property
    def comparison(self) -> tuple[ComparisonRow, ...]:
        """The comparison of all methods, row by row; lists inside a cell are joined."""
        columns = {
            id: (dict(m.comparison.rows("en")), dict(m.comparison.rows("ja")))
            for id, m in self.methods.items()
        }
        names = Comparison.__struct_fields__ if columns else ()
        return tuple(
            ComparisonRow(
                name,
                self.texts[f"comparison.{name}"].both,
                {id: Text("; ".join(en[name]), "、".join(ja[name])) for id, (en, ja) in columns.items()},
            )
            for name in names
        )

    def cause_of_code(self, code: str) -> Cause | None:
        """The cause that a network code stands for where no method gives it a closer one."""
        return next((cause for cause in self.causes.values() if code in cause.codes), None)

    def text(self, id: str, lang: str) -> str:
        """A named text in a language; KeyError for one that is not in the book."""
        return self.texts[id].in_(lang)

    def of(self, kind: str) -> Mapping[str, Entry]:
        """All entries of a kind, by id."""
        found: Mapping[str, Entry] = getattr(self, "price_lists" if kind == "prices" else kind)
        return found

    def listing(self) -> tuple[Listing, ...]:
        """Every entry, kind by kind."""
        return tuple(
            Listing(id, kind.name, title_of(entry), self._origin(kind.name, id))
            for kind in KINDS
            for id, entry in self.of(kind.name).items()
        )

    def find(self, id: str, kind: str | None = None) -> tuple[tuple[str, Entry], ...]:
        """The entries with an id, each with its kind (several kinds may have it); InputError if none has."""
        found = tuple(
            (each.name, self.of(each.name)[id])
            for each in KINDS
            if kind in (None, each.name) and id in self.of(each.name)
        )
        if not found:
            raise InputError(f"There is no rule `{id}`", "See all of them: advisor rules list.")
        return found

    def _origin(self, kind: str, id: str) -> str:
        source = self.sources.get((kind, id))
        return source.origin if source else ""


def title_of(entry: Entry) -> Text:
    """What an entry is called in a list."""
    match entry:
        case PriceList():
            words = f"{entry.id} ({entry.as_of})"
            return Text(f"Prices of {words}", f"料金 {words}")
        case Endpoint():
            return entry.meaning
        case RunbookCheck():
            return Text(f"{entry.runbook}: {entry.check}", f"{entry.runbook}: {entry.check}")
        case NamedText():
            return entry.both
        case _:
            return entry.title
