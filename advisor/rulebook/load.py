"""Reads the folders of rules, the later ones laid over the earlier by id."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from advisor.model.errors import InputError
from advisor.rulebook.book import KINDS, Kind, RuleBook, Source
from advisor.rulebook.convert import entries
from advisor.rulebook.document import Place, read
from advisor.rulebook.entries import Entry
from advisor.rulebook.tables import NamedText
from advisor.rulebook.texts import misfit

BUILT_IN: Final = "built-in"
SUFFIXES: Final = (".yaml", ".yml")


def load(extra: Sequence[Path] = ()) -> RuleBook:
    """The built-in rules, overlaid by those of further folders: the last one wins.

    An entry of the same kind and id replaces the earlier one as a whole. Raises InputError (file:line, what,
    hint) for a folder or file that cannot be read, and for an entry that is not complete and well formed;
    whether the ids in it exist is for `validate` to say.
    """
    found: dict[str, dict[str, Entry]] = {kind.name: {} for kind in KINDS}
    sources: dict[tuple[str, str], Source] = {}
    for folder, origin in [(built_in(), BUILT_IN), *((path, str(path)) for path in extra)]:
        for kind, file in _files(folder):
            _overlay(kind, file, origin, found[kind.name], sources)
    found["price_lists"] = found.pop("prices")
    return RuleBook(**found, sources=sources)  # type: ignore[arg-type]


def built_in() -> Path:
    """The folder of the product's own rules: inside the wheel, or beside the package in a checkout."""
    package = Path(str(importlib.resources.files("advisor")))
    shipped = package / "_rules"
    return shipped if shipped.is_dir() else package.parent / "rules"


def built_in_texts(name: str) -> dict[str, NamedText]:
    """The texts of one built-in file alone, for whoever cannot wait for all the rules."""
    return entries(read(built_in() / "texts" / f"{name}.yaml"), NamedText, "text")


def _files(folder: Path) -> Iterator[tuple[Kind, Path]]:
    if not folder.is_dir():
        raise InputError(
            f"{folder}: there is no such folder of rules", "Give a folder that holds YAML files."
        )
    kinds = {kind.name: kind for kind in KINDS}
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder)
        if file.suffix not in SUFFIXES or not file.is_file() or any(part[0] == "." for part in inside.parts):
            continue
        name = inside.parts[0] if len(inside.parts) > 1 else file.stem
        if name not in kinds:
            raise InputError(
                f"{file}:1: `{name}` is no kind of rule",
                f"Files are KIND.yaml or KIND/….yaml with KIND one of: {', '.join(kinds)}.",
            )
        yield kinds[name], file


def _overlay(
    kind: Kind,
    file: Path,
    origin: str,
    found: dict[str, Entry],
    sources: dict[tuple[str, str], Source],
) -> None:
    document = read(file)
    for id, entry in entries(document, kind.entry, kind.word).items():
        earlier = sources.get((kind.name, id))
        if earlier is not None and earlier.origin == origin:
            raise InputError(
                f"{document.place((id,))}: {kind.word} `{id}` is already in {earlier.place}",
                "Ids are unique within one folder of rules: rename one of the two.",
            )
        before = found.get(id)
        if isinstance(entry, NamedText) and isinstance(before, NamedText):
            wrong = misfit(entry.both, before.both)
            if wrong:
                raise InputError(
                    f"{document.place((id,))}: {kind.word} `{id}`: {wrong}",
                    f"The text that it takes the place of: {before.en}",
                )
        found[id] = entry
        sources[kind.name, id] = Source(origin, Place(document.file, document.keys[id]))
