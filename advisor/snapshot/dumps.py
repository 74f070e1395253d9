"""Import of any tree of JSON files that the AWS CLI or a script printed, recognised by their content."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from advisor.model.errors import InputError
from advisor.model.responses import Gap, Responses
from advisor.model.scope import FAMILIES
from advisor.model.times import spell_instant
from advisor.snapshot.documents import Document, Text, documents
from advisor.snapshot.files import dump_files
from advisor.snapshot.joining import joined
from advisor.snapshot.messages import (
    BROKEN,
    EMPTY,
    NO_ANSWER,
    failures,
    first_line,
    status_of,
    tells_of_failure,
)
from advisor.snapshot.places import Hint, Piece, array_of, hint_of, hint_of_root, settle
from advisor.snapshot.recognise import (
    INSTANCE_PROFILE,
    NOISE,
    RESERVATION,
    SUBSTANCE,
    TOKENS,
    Members,
    Said,
    answer_of,
    element_of,
    listing_of,
    operation_begun,
    said_by,
    told_apart,
)
from advisor.snapshot.requests import name_resources
from advisor.snapshot.store import Snapshot, decode, unpacked

_PLACES = frozenset({"region", "awsregion", "account", "accountid"})
_CERTAINLY_JSON = frozenset({".json", ".jsonl", ".ndjson"})
_HINT = (
    "give a folder with the output of `aws ec2 describe-vpcs` and the like, or a file of `advisor collect`"
)


def read_folder(root: Path) -> Snapshot:
    """The snapshot that the dumps below this folder form. Raises InputError if they hold nothing of AWS."""
    reading = _Reading(hint_of_root(root.resolve()))
    files = list(dump_files(root, reading.warnings))
    if not files:
        raise InputError(f"There is no JSON file in {root}.", "; ".join([*reading.warnings[:1], _HINT]))
    for file in files:
        path = file.relative_to(root)
        try:
            content = unpacked(file.read_bytes(), str(file))
        except OSError as error:
            reading.unreadable(path, f"{file}: cannot be read: {error.strerror}")
        except InputError as error:
            reading.unreadable(path, error.message)
        else:
            reading.file(path, content)
    return reading.snapshot(str(root), max(file.stat().st_mtime for file in files))


def read_file(path: Path, content: bytes) -> Snapshot:
    """The snapshot that a single dump file forms. Raises InputError if it holds nothing of AWS."""
    if not content.strip():
        raise InputError(f"{path} is empty.", _HINT)
    reading = _Reading(hint_of_root(path.resolve().parent))
    reading.file(Path(path.name), content)
    return reading.snapshot(str(path), path.stat().st_mtime)


class _Context(msgspec.Struct, frozen=True):
    """Where a value stands: its file, what names around it say, and the place they tell."""

    file: str
    folder: tuple[str, ...]
    said: Said
    hint: Hint
    is_json: bool = True

    def at(self, name: str) -> _Context:
        """The same, and what a text or key nearer to the value says about its place."""
        return msgspec.structs.replace(self, hint=self.hint.further(name))


class _Note(msgspec.Struct):
    """`advisor.json`: what a folder of dumps knows about itself."""

    schema: str
    collected_at: str | None = None
    caller: str = ""


class _Reading:
    """One import: pieces found so far, and what was odd."""

    def __init__(self, hint: Hint) -> None:
        self.warnings: list[str] = []
        self._hint = hint
        self._pieces: list[Piece] = []
        self._whole: list[Responses] = []
        self._note = _Note("")
        self._unread: dict[str, set[str]] = defaultdict(set)
        self._answered_at: list[str] = []

    def file(self, path: Path, content: bytes) -> None:
        """Take in one file; `path` is relative to the root."""
        context = self._context(path)
        found = list(documents(content))
        if not found and context.said.operation is not None:
            self.warnings.append(f"{context.file}: is empty")
            self._no_answer(EMPTY, "the file is empty", context)
        for each in found:
            if isinstance(each, Document):
                context = self._failures_in(each.heading, context)
                self._value(msgspec.Raw(each.content), context)
            else:
                context = self._text(each, context, alone=len(found) == 1)

    def unreadable(self, path: Path, problem: str) -> None:
        """Take note of a file whose content cannot be had."""
        self.warnings.append(problem)
        self._broken(self._context(path).said.operation, problem, self._context(path))

    def _context(self, path: Path) -> _Context:
        folder = path.parts[:-1]
        hint = self._hint
        for name in (*folder, path.stem):
            hint = hint.further(name)
        return _Context(
            file=path.as_posix(),
            folder=folder,
            said=said_by(path.name.partition(".")[0], *reversed(folder)),
            hint=hint,
            is_json=path.suffix.lower() in _CERTAINLY_JSON or path.name.endswith(".json.gz"),
        )

    def _text(self, text: Text, context: _Context, *, alone: bool) -> _Context:
        after = self._failures_in(text.content, context)
        if text.problem:
            self.warnings.append(f"{context.file}: left out, {text.problem}")
            self._broken(context.said.operation or operation_begun(text.beginning), text.problem, after)
        elif not tells_of_failure(text.content) and (context.is_json or (alone and context.said.operation)):
            says = first_line(text.content)
            self.warnings.append(f"{context.file}: left out, is not JSON but {says!r}")
            if alone:
                self._no_answer(NO_ANSWER, says, context)
        return after

    def _failures_in(self, text: str, context: _Context) -> _Context:
        """Note the AWS CLI's messages of failed calls in a text; the context that holds after it.

        They got there where standard error went into the file; a Region's name before one is its own.
        """
        for each in failures(text):
            context = context.at(each.before)
            if each.operation is not None:
                self._fault(each.operation, each.code, each.message, {}, context)
        return context

    def _no_answer(self, code: str, message: str, context: _Context) -> None:
        if context.said.operation is not None:
            self._fault(context.said.operation, code, message, {}, context)

    def _broken(self, operation: str | None, problem: str, context: _Context) -> None:
        """An answer of which nothing can be read: what else there is of its operation is not all."""
        if operation is not None:
            piece = self._keep(operation, array_of([]), context)
            piece.status, piece.code, piece.message = "failed", BROKEN, problem
            piece.lacking = problem

    # --- one JSON value ------------------------------------------------------------------------------------

    def _value(self, value: msgspec.Raw, context: _Context, depth: int = 0) -> None:
        try:
            if bytes(value).lstrip()[:1] == b"[":
                self._array(msgspec.json.decode(value, type=list[msgspec.Raw]), context, depth)
            else:
                self._object(msgspec.json.decode(value, type=dict[str, msgspec.Raw]), value, context, depth)
        except msgspec.DecodeError:
            self.warnings.append(f"{context.file}: left out, is not an answer of AWS")

    def _array(self, elements: list[msgspec.Raw], context: _Context, depth: int) -> None:
        if not elements:
            operation = context.said.operation
            if operation is not None and FAMILIES[operation].parameter is None and FAMILIES[operation].key:
                self._keep(operation, array_of([]), context)
            return
        kind = element_of(_keys(elements[0]))
        if kind is not None:
            self._elements(kind, elements, context)
        elif all(_is_plain(each) for each in elements):
            self._unknown("a list of plain values", context)
        elif depth < 4:
            for element in elements:
                self._value(element, context, depth + 1)
        else:
            self._unknown("nested lists", context)

    def _elements(self, kind: str, elements: list[msgspec.Raw], context: _Context) -> None:
        """A list without its envelope, as `--query 'Reservations[].Instances[]'` prints it."""
        if kind == RESERVATION:
            self._keep("ec2:DescribeInstances", array_of(elements), context)
        elif kind == INSTANCE_PROFILE:
            answers = [msgspec.Raw(b'{"InstanceProfile":' + bytes(each) + b"}") for each in elements]
            self._keep("iam:GetInstanceProfile", array_of(answers), context)
        elif kind == "ec2:DescribeInstances":
            reservation = b'[{"Instances":' + bytes(array_of(elements)) + b"}]"
            self._keep(kind, msgspec.Raw(reservation), context)
        else:
            self._keep(kind, array_of(elements), context)

    def _object(self, members: Members, value: msgspec.Raw, context: _Context, depth: int) -> None:
        if "schema" in members and self._own(members, value, context):
            return
        self._look_at_date(members)
        error = members.get("Error")
        if error is not None and context.said.operation is not None:
            self._error(error, members, context)
            return
        kind = element_of(members)
        if kind is not None:
            self._elements(kind, [value], context)
            return
        operation = answer_of(members, context.said)
        if operation is not None:
            self._keep(operation, array_of([value]), context, more=_has_token(members))
            return
        context = _placed_by(members, context)
        named = {key: inner for key, inner in members.items() if key not in NOISE}
        for key, inner in named.items():
            self._member(key, inner, context, _has_token(members), depth)
        if named and (depth or context.said.operation) and all(_is_plain(each) for each in named.values()):
            self._unknown(f"an object of {', '.join(list(named)[:3])}", context)

    def _member(self, key: str, value: msgspec.Raw, context: _Context, more: bool, depth: int) -> None:
        operation = listing_of(key, value, context.said)
        if operation is not None:
            self._listing(operation, value, context, more)
        elif key == "InstanceProfiles":
            self._elements(INSTANCE_PROFILE, msgspec.json.decode(value, type=list[msgspec.Raw]), context)
        elif depth < 4 and _is_wrapper(key) and bytes(value).lstrip()[:1] in {b"{", b"["}:
            said = said_by(key)
            inner = msgspec.structs.replace(context.at(key), said=said if said.operation else context.said)
            self._value(value, inner, depth + 1)
        elif _holds_data(value):
            self._unknown(key, context)

    def _listing(self, operation: str, value: msgspec.Raw, context: _Context, more: bool) -> None:
        whole, cut = told_apart(operation, value)
        piece = self._keep(operation, array_of(whole) if cut else value, context, more)
        if cut:
            lacking = f"{cut} records of {operation} lack {' or '.join(sorted(SUBSTANCE[operation]))}"
            self.warnings.append(f"{context.file}: {lacking}, left out by a --query; they do not count")
            piece.lacking = lacking

    def _own(self, members: Members, value: msgspec.Raw, context: _Context) -> bool:
        """A file of advisor's own among the dumps: a whole snapshot, or the folder's note."""
        try:
            schema = msgspec.json.decode(members["schema"], type=str)
        except msgspec.DecodeError:
            return False
        if schema.startswith("advisor.snapshot/"):
            self._snapshot(value, context)
        elif schema == "advisor.dumps/1":
            self._note = msgspec.json.decode(value, type=_Note)
        else:
            return False
        return True

    def _snapshot(self, value: msgspec.Raw, context: _Context) -> None:
        try:
            self._whole += decode(bytes(value), context.file).responses
        except InputError as error:
            self.warnings.append(f"{error.message} It is left out.")

    def _error(self, error: msgspec.Raw, members: Members, context: _Context) -> None:
        told = msgspec.json.decode(error, type=dict[str, object])
        code, message = str(told.get("Code") or "Unknown"), str(told.get("Message") or "")
        self._fault(str(context.said.operation), code, message, members, context)

    def _fault(self, operation: str, code: str, message: str, members: Members, context: _Context) -> None:
        status = status_of(code)
        piece = self._keep(operation, array_of([]), context)
        parameters = (FAMILIES[operation].parameter or "").split(",")
        resource = "/".join(
            msgspec.json.decode(members[each], type=str) for each in parameters if each in members
        )
        if resource:
            piece.gaps = (Gap(resource, status, code, message or None),)
        else:
            piece.status, piece.code, piece.message = status, code, message or None

    def _keep(self, operation: str, records: msgspec.Raw, context: _Context, more: bool = False) -> Piece:
        piece = Piece(
            operation,
            records,
            context.file,
            context.folder,
            context.hint.account,
            context.hint.region,
            more,
        )
        self._pieces.append(piece)
        return piece

    def _unknown(self, what: str, context: _Context) -> None:
        self._unread[what].add(context.file)

    def _look_at_date(self, members: Members) -> None:
        metadata = members.get("ResponseMetadata")
        if metadata is not None:
            found = re.search(rb'"(?:date|Date)"\s*:\s*"([^"]+)"', bytes(metadata))
            if found is not None:
                self._answered_at.append(found[1].decode())

    # --- all of them together ------------------------------------------------------------------------------

    def snapshot(self, name: str, modified: float) -> Snapshot:
        """What was found as a snapshot; `modified` is when the newest file was written."""
        if all(each.code in {BROKEN, EMPTY, NO_ANSWER} for each in self._pieces) and not self._whole:
            raise InputError(f"Nothing in {name} is an answer of AWS.", self._first_problem() or _HINT)
        self._say_unread()
        pieces = name_resources(settle(self._pieces, self.warnings), self.warnings)
        responses = [*self._whole, *joined(pieces, self.warnings)]
        return Snapshot(
            collected_at=self._note.collected_at or self._moment() or _iso(modified),
            caller=self._note.caller or _caller_of(responses),
            responses=tuple(responses),
            warnings=tuple(self.warnings),
        )

    def _first_problem(self) -> str:
        self._say_unread()
        return f"{self.warnings[0]}; {_HINT}" if self.warnings else ""

    def _say_unread(self) -> None:
        for what in sorted(self._unread):
            files = sorted(self._unread[what])
            more = f" and {len(files) - 1} more files" if len(files) > 1 else ""
            self.warnings.append(f"{files[0]}{more}: {what} is nothing that advisor reads")

    def _moment(self) -> str | None:
        moments = []
        for text in self._answered_at:
            try:
                moments.append(datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC))
            except ValueError:
                continue
        return spell_instant(max(moments)) if moments else None


def _iso(seconds: float) -> str:
    return spell_instant(datetime.fromtimestamp(seconds, UTC))


def _keys(value: msgspec.Raw) -> set[str]:
    try:
        return set(msgspec.json.decode(value, type=dict[str, msgspec.Raw]))
    except msgspec.DecodeError:
        return set()


def _has_token(members: Members) -> bool:
    """Whether the answer says that there is a further page."""
    if "IsTruncated" in members and bytes(members["IsTruncated"]).strip() == b"false":
        return False
    if bytes(members.get("AdditionalRoutesAvailable", b"")).strip() == b"true":
        return True
    return any(bytes(members[key]).strip() not in {b"null", b'""'} for key in TOKENS if key in members)


def _placed_by(members: Members, context: _Context) -> _Context:
    """The context with the place that members beside an answer name, as scripts write them."""
    for key, value in members.items():
        if key.lower().replace("_", "") in _PLACES and _is_plain(value):
            context = context.at(bytes(value).decode().strip().strip('"'))
    return context


def _is_plain(value: msgspec.Raw) -> bool:
    return bytes(value).lstrip()[:1] not in {b"{", b"["}


def _is_wrapper(key: str) -> bool:
    """Keys that scripts put around answers: an account, a Region, an operation, `pages`, `response`."""
    hint = hint_of(key)
    if hint.account or hint.region or said_by(key).operation:
        return True
    return key.lower() in {"response", "result", "output", "data", "pages", "accounts", "regions"}


def _holds_data(value: msgspec.Raw) -> bool:
    content = bytes(value).strip()
    return content[:1] in {b"{", b"["} and content[1:-1].strip() != b""


def _caller_of(responses: Iterable[Responses]) -> str:
    for each in responses:
        if each.operation == "sts:GetCallerIdentity":
            for record in msgspec.json.decode(each.records, type=list[dict[str, object]]):
                return str(record.get("Arn") or "")
    return ""
