"""Which files of a tree are read as dumps; what else looks like one is said, not passed over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from advisor.snapshot.recognise import said_by

_SUFFIXES: Final = frozenset({".json", ".gz", ".jsonl", ".ndjson", ".txt", ".out", ".log", ".err"})
_OTHER_FORMATS: Final = frozenset({".yaml", ".yml", ".csv", ".tsv"})


def dump_files(root: Path, warnings: list[str]) -> Iterator[Path]:
    """The files below the folder that may hold dumps, in order of their names."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            if Path(folder, name).is_symlink():
                # Links may lead round in circles, and to the same dumps a second time.
                warnings.append(f"{Path(folder, name)}: left out, is a link to another folder")
        for name in sorted(names):
            path = Path(folder, name)
            # Only plain files: reading a pipe would wait for ever.
            if name.startswith(".") or not path.is_file():
                continue
            suffix = path.suffix.lower()
            if suffix in _SUFFIXES or (not suffix and is_named_after_a_call(name)):
                yield path
            elif suffix in _OTHER_FORMATS and is_named_after_a_call(path.stem):
                warnings.append(f"{path}: left out, is not JSON; print it with --output json")


def is_named_after_a_call(name: str) -> bool:
    """Whether the name says one of the operations that advisor reads."""
    return said_by(name).operation is not None
