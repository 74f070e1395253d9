"""Plain data into typed values, with file, line and what to do in every error."""

from __future__ import annotations

import difflib
import re
from typing import TypeVar

import msgspec

from advisor.model.errors import InputError
from advisor.rulebook.document import Document, Path

T = TypeVar("T")

_AT = re.compile(r" - at `(key in )?\$(?P<path>.*)`$", re.DOTALL)
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]|\[\.\.\.\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")


def entries(document: Document, kind: type[T], what: str) -> dict[str, T]:
    """A file's entries of one kind, by id: the file is a mapping from ids to entries.

    `what` names the kind for people (`cause`). InputError with the line for anything that does not fit.
    """
    data = document.data
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise InputError(
            f"{document.place(())}: a file of rules is a mapping", f"Write `the-id-of-the-{what}:` first."
        )
    raw: list[object] = []
    for key, value in data.items():
        if not isinstance(value, dict):
            raise InputError(
                f"{document.place((key,))}: {what} `{key}` has no content", "Indent its keys below its id."
            )
        if "id" in value:
            raise InputError(
                f"{document.place((key, 'id'))}: {what} `{key}` has a key `id`",
                "The key above is the id already.",
            )
        raw.append({"id": key, **value})
    try:
        return dict(zip(data, msgspec.convert(raw, list[kind]), strict=True))  # type: ignore[valid-type]
    except msgspec.ValidationError as error:
        ids = list(data)
        message, path = told(error)
        index, *rest = path
        entry = ids[int(index)]
        if rest == ["id"]:
            rest = []
        raise located(document, (entry, *rest), message, f"{what} `{entry}`", kind) from None


def told(error: msgspec.ValidationError) -> tuple[str, Path]:
    """A validation error's message, and the path of the value it is about."""
    text = str(error)
    found = _AT.search(text)
    if found is None:
        return text, ()
    steps = _STEP.finditer(found["path"])
    path: list[str | int] = []
    for step in steps:
        if step[1]:
            path.append(step[1])
        elif step[2]:
            path.append(int(step[2]))
        else:
            break  # msgspec does not say which key of a mapping: the mapping itself is near enough
    return text[: found.start()], tuple(path)


def located(document: Document, path: Path, message: str, what: str, kind: type) -> InputError:
    """The error for a value that does not fit: file, line, what it is about, and what to do."""
    unknown = _UNKNOWN.match(message)
    if unknown:
        key = unknown[1]
        place = document.place((*path, key))
        known = _keys(kind)
        near = difflib.get_close_matches(key, known, 1)
        hint = (
            f"Did you mean `{near[0]}`?" if near else f"Known keys of this rule: {', '.join(sorted(known))}."
        )
        return InputError(f"{place}: unknown key `{key}` in {what}", hint)
    inner = ".".join(str(step) for step in path[1:])
    hint = f"It is about `{inner}`." if inner else "Compare it with a built-in rule: advisor rules show ID."
    return InputError(f"{document.place(path)}: {what}: {_friendly(message)}", hint)


def _friendly(message: str) -> str:
    missing = re.match(r"Object missing required field `(.*)`", message)
    if missing:
        return f"the key `{missing[1]}` is missing"
    return message[0].lower() + message[1:] if message else message


def _keys(kind: object) -> set[str]:
    """Every key that may stand in an entry of a kind, at any depth."""
    keys: set[str] = set()
    seen: set[object] = set()
    waiting: list[object] = [kind]
    while waiting:
        found = waiting.pop()
        if isinstance(found, type) and issubclass(found, msgspec.Struct) and found not in seen:
            seen.add(found)
            fields = msgspec.structs.fields(found)
            keys.update(field.encode_name for field in fields)
            waiting.extend(field.type for field in fields)
        else:
            waiting.extend(getattr(found, "__args__", ()))
    return keys - {"id"}
