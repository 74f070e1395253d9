"""Plain data into typed values, with file, line and what to do in every error."""

from __future__ import annotations

import difflib
import re
from typing import Final, Literal, TypeVar, get_args, get_origin

import msgspec

from advisor.model.errors import InputError
from advisor.rulebook.document import Document, Path

T = TypeVar("T")

_AT = re.compile(r" - at `(key in )?\$(?P<path>.*)`$", re.DOTALL)
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]|\[\.\.\.\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_MISSING = re.compile(r"Object missing required field `(.*)`")
_TYPE = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_BOUND = re.compile(r"Expected `(?:int|float)[^`]*` ([<>]=) (\S+)")
_TYPES: Final = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "null": "nothing",
    "object": "a mapping",
    "str": "a text",
}
_SHOW: Final = "Compare it with a rule that is there: advisor rules show ID."
_FORM: Final = "Compare its form with a rule that is there: advisor rules show ID."
_FORMS: Final = {
    "id": "Ids are small letters and digits, joined by hyphens: `my-own-rule`.",
    "docs": "Give a link that begins with https:// and holds no space.",
    "operation": "Write it as `service:Operation`, for example ec2:DescribeVpcs.",
    "as_of": "Write the day as 2026-11-23, in quotes.",
}


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
        raise located(document, (entry,), tuple(rest), message, f"{what} `{entry}`", kind) from None


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


def located(
    document: Document, path: Path, inner: Path, message: str, what: str, kind: type, show: str = _SHOW
) -> InputError:
    """The error for a value that does not fit: file and line, what is wrong, and what to do.

    `path` is the entry's in the document, `inner` the value's in the entry; `what` names the entry, and
    `show` says where its form can be seen.
    """
    unknown = _UNKNOWN.match(message)
    if unknown:
        key = unknown[1]
        known = _keys(kind, inner)
        if not inner and isinstance(path[-1], str):
            known.discard("id")  # it stands above the entry, not in it
        if " " in key:
            hint = "A text with a comma inside { } or [ ] needs quotes."
            return InputError(f"{document.place((*path, *inner, key))}: unknown key `{key}` in {what}", hint)
        near = difflib.get_close_matches(key, known, 1)
        hint = f"Did you mean `{near[0]}`?" if near else f"Known keys: {', '.join(sorted(known))}."
        return InputError(f"{document.place((*path, *inner, key))}: unknown key `{key}` in {what}", hint)
    place = document.place((*path, *inner))
    missing = _MISSING.match(message)
    if missing:
        return InputError(
            f"{place}: the key `{missing[1]}` is missing in {what}", f"Write `{missing[1]}:` and its value."
        )
    names = [step for step in inner if isinstance(step, str)]
    field = names[-1] if names else ""
    if message.startswith("Invalid enum value") and (choices := _choices(kind, field)):
        return InputError(
            f"{place}: {_first_small(message)} for `{field}` in {what}", f"One of: {', '.join(choices)}."
        )
    if message.startswith("Expected `str` matching regex"):
        return InputError(
            f"{place}: `{field}` of {what} is not written as it must be", _FORMS.get(field, _FORM)
        )
    if field and (mismatch := _TYPE.fullmatch(message)):
        wanted = [word for word in mismatch[1].split(" | ") if word != "null"]
        expected = " or ".join(_TYPES.get(word, word) for word in wanted)
        is_bare = "str" in wanted and mismatch[2] in ("int", "float", "bool", "null")
        return InputError(
            f"{place}: `{field}` of {what} is {_TYPES.get(mismatch[2], mismatch[2])}, not {expected}",
            "Put it in quotes." if is_bare else show,
        )
    if field and (bound := _BOUND.fullmatch(message)):
        too, least = ("small", "more") if bound[1] == ">=" else ("large", "less")
        return InputError(f"{place}: `{field}` of {what} is too {too}", f"Write {bound[2]} or {least}.")
    about = f"It is about `{'.'.join(map(str, inner))}`." if inner else show
    return InputError(f"{place}: {what}: {_first_small(message)}", about)


def _first_small(message: str) -> str:
    return message[:1].lower() + message[1:]


def _keys(kind: object, inner: Path) -> set[str]:
    """The keys that may stand at this place of an entry."""
    kinds = _structs(kind)
    for step in inner:
        if isinstance(step, str):
            # The key of a mapping is no field: what the mapping holds is looked at already.
            named = [field for each in kinds for field in msgspec.structs.fields(each)]
            kinds = [
                each for field in named if field.encode_name == step for each in _structs(field.type)
            ] or kinds
    return {field.encode_name for each in kinds for field in msgspec.structs.fields(each)}


def _structs(kind: object) -> list[type[msgspec.Struct]]:
    """The structs that a type is, or holds: in unions, lists and mappings, not within the structs."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return [kind]
    return [each for inner in get_args(kind) for each in _structs(inner)]


def _choices(kind: object, name: str) -> list[str]:
    """The words that a key of this name may have, anywhere in an entry of this kind."""
    waiting: list[object] = [field.type for field in _fields(kind) if field.encode_name == name]
    words: list[str] = []
    while waiting:
        found = waiting.pop()
        if get_origin(found) is Literal:
            words += [word for word in get_args(found) if isinstance(word, str)]
        else:
            waiting.extend(get_args(found))
    return words


def _fields(kind: object) -> list[msgspec.structs.FieldInfo]:
    """Every field of a struct, and of the structs in it."""
    fields: list[msgspec.structs.FieldInfo] = []
    seen: set[object] = set()
    waiting: list[object] = [kind]
    while waiting:
        found = waiting.pop()
        if isinstance(found, type) and issubclass(found, msgspec.Struct):
            if found not in seen:
                seen.add(found)
                own = msgspec.structs.fields(found)
                fields += own
                waiting.extend(field.type for field in own)
        else:
            waiting.extend(get_args(found))
    return fields
