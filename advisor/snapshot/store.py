"""The snapshot format: what was read of AWS, as one JSON file; and `read`, which takes every form of it.

A snapshot file is `{"schema": "advisor.snapshot/1", "collected_at", "caller", "responses", "warnings"}`,
plain (`.json`) or compressed (`.json.gz`). Responses stay raw JSON until the estate is built.
"""

from __future__ import annotations

import gzip
import importlib.resources
import os
import re
import tempfile
import zlib
from pathlib import Path
from typing import Final

import msgspec

from advisor.model.coverage import Status
from advisor.model.errors import InputError
from advisor.model.estate import Estate
from advisor.model.responses import GLOBAL, Responses
from advisor.model.text import plain

SCHEMA: Final = "advisor.snapshot/1"
DEMO: Final = "demo"
"""The word that stands for the embedded demo account wherever a path is asked for."""
_VERSION: Final = 1
_GZIP: Final = b"\x1f\x8b"


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of one or more accounts at one time.

    `collected_at` is ISO 8601 in UTC (None: unknown), `caller` the ARN that read, `warnings` sentences about
    what an import of dumps left out or guessed.
    """

    schema: str = SCHEMA
    collected_at: str | None = None
    caller: str = ""
    responses: tuple[Responses, ...] = ()
    warnings: tuple[str, ...] = ()

    def estate(self) -> Estate:
        """The typed account, with what was odd in the import, in the decoding and in the data itself."""
        from advisor.snapshot.check import oddities

        estate = Estate.of(self.responses, self.collected_at)
        warnings = (*self.warnings, *estate.warnings, *oddities(estate, self.responses))
        return Estate(estate.scopes.values(), self.collected_at, warnings)

    def of_regions(self, regions: tuple[str, ...]) -> Snapshot:
        """The part for these Regions, with the global services; all of it for none or `all`.

        Raises InputError for a Region of which it holds nothing.
        """
        if not regions or "all" in regions:
            return self
        known = sorted({each.region for each in self.responses} - {GLOBAL})
        for region in regions:
            if region not in known:
                raise InputError(
                    f"the snapshot holds nothing of the Region {region}",
                    f"it holds: {', '.join(known) or 'no Region at all'}",
                )
        kept = tuple(each for each in self.responses if each.region in (GLOBAL, *regions))
        return msgspec.structs.replace(self, responses=kept)


class _Header(msgspec.Struct):
    schema: str


def read(path: Path | str) -> Snapshot:
    """The snapshot of a file, a folder of dumps, a single dump file, or the word `demo`.

    Raises InputError for what cannot be read or holds nothing of AWS. A folder called `demo` is `./demo`.
    """
    if str(path) == DEMO:
        return _demo()
    path = Path(path)
    # Unlike Path.is_dir no error where a folder above may not be entered, or the name is too long.
    if os.path.isdir(path):
        from advisor.snapshot.dumps import read_folder

        return read_folder(path)
    content = _content(path)
    if _says_snapshot(content):
        return decode(content, str(path))
    from advisor.snapshot.dumps import read_file

    return read_file(path, content)


def decode(content: bytes, name: str) -> Snapshot:
    """The snapshot that these (uncompressed) bytes spell; `name` is what messages call it."""
    try:
        if not content.isascii():
            content.decode()  # Raw records are not looked into here, so their text is not checked either.
        snapshot = msgspec.json.decode(content, type=Snapshot)
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8: {error}", "copy it again, as it is") from None
    except msgspec.ValidationError as error:
        raise _other_schema(content, name) or InputError(
            f"{name} is not a valid snapshot: {error}", "collect it again with `advisor collect -o FILE`"
        ) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(
            f"{name} is not complete JSON: {error}",
            "the file may be cut off; collect or copy it again",
        ) from None
    if snapshot.schema != SCHEMA:
        raise _other_schema(content, name) or InputError(f"{name} is not a snapshot")
    strange = {status for each in snapshot.responses for status in _statuses(each)} - _STATUSES
    if strange:
        raise InputError(
            f"{name} is not a valid snapshot: {plain(min(strange))!r} is no way that a call can go",
            "collect it again with `advisor collect -o FILE`",
        )
    return snapshot


_STATUSES: Final = frozenset(each.value for each in Status)


def _statuses(responses: Responses) -> tuple[str, ...]:
    return (responses.status, *(gap.status for gap in responses.gaps))


def write(snapshot: Snapshot, path: Path | str) -> None:
    """Write the snapshot whole or not at all, readable by its owner only; `.gz` compresses.

    The bytes go to a temporary file in the same folder that then takes the name, so that a reader never
    sees half a snapshot.
    """
    path = Path(path)
    content = msgspec.json.encode(snapshot)
    if path.suffix == ".gz":
        content = gzip.compress(content, compresslevel=6, mtime=0)
    if os.path.isdir(path):
        raise InputError(f"{path} is a folder.", "give the name of a file, such as account.json.gz")
    try:
        _replace(path, content)
    except FileNotFoundError:
        raise InputError(f"There is no folder {path.parent}.", "create it first") from None
    except OSError as error:
        raise InputError(f"Cannot write {path}: {error.strerror}", "choose another place with -o") from None


def _replace(path: Path, content: bytes) -> None:
    # mkstemp makes the file with mode 0600: an account's inside is nobody else's business.
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"There is no {path}.",
            "give a snapshot file, a folder of AWS CLI dumps, or the word `demo`",
        ) from None
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror}", "look at its permissions") from None
    return unpacked(content, str(path))


def unpacked(content: bytes, name: str) -> bytes:
    """The bytes without gzip, which is told by its first bytes and not by the file's name."""
    if not content.startswith(_GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            f"{name} is not a whole gzip file: {error}", "the file may be cut off; copy it again"
        ) from None


_SAYS_SNAPSHOT = re.compile(rb'\A\s*\{\s*"schema"\s*:\s*"advisor\.')


def _says_snapshot(content: bytes) -> bool:
    if _SAYS_SNAPSHOT.match(content):
        return True
    if b'"advisor.snapshot/' not in content:
        return False
    try:
        return msgspec.json.decode(content, type=_Header).schema.startswith("advisor.snapshot/")
    except (msgspec.DecodeError, RecursionError):
        return False


def _other_schema(content: bytes, name: str) -> InputError | None:
    try:
        schema = msgspec.json.decode(content, type=_Header).schema
    except msgspec.DecodeError:
        return None
    kind, _, version = schema.partition("/")
    if kind != "advisor.snapshot":
        return InputError(
            f"{name} holds {schema}, not a snapshot of an account.",
            "give the file that `advisor collect` wrote",
        )
    if version.isdecimal() and int(version) > _VERSION:
        return InputError(
            f"{name} was written by a newer advisor ({schema}; this one reads {SCHEMA}).",
            "update advisor, or collect again with this one",
        )
    return (
        None if schema == SCHEMA else InputError(f"{name} says {schema}, which never was a snapshot format.")
    )


def _demo() -> Snapshot:
    """The embedded demo account: a snapshot file, or a folder of dumps."""
    home = importlib.resources.files("advisor") / "demo"
    for name in ("snapshot.json.gz", "snapshot.json"):
        file = home / name
        if file.is_file():
            return decode(unpacked(file.read_bytes(), name), "the demo account")
    with importlib.resources.as_file(home) as folder:
        return read(folder)
