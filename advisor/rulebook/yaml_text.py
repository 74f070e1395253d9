"""Plain data as YAML text, for `--output yaml` and for the first file of assertions."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

Plain = None | bool | int | float | str | Sequence["Plain"] | Mapping[str, "Plain"]

# Texts that need no quotes in any YAML reader: they begin with a letter, and hold neither `:` nor `#`.
# Everything else is quoted rather than thought about.
_BARE = re.compile(
    r"""[^\W\d][\w./@+=(),;'!?%&*~$<>|、。（）「」・-]*( [\w./@+=(),;'!?%&*~$<>|、。（）「」・-]+)*"""
)
_NOT_TEXT: Final = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"}
_CONTROL = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def as_yaml(data: Plain) -> str:
    """The data as one YAML document in block style, with a line break at its end.

    Reading it back gives equal data. Texts from an account cannot change its structure: whatever is not
    plainly a word is quoted, and control characters are escaped. Raises TypeError for anything that JSON
    does not know either.
    """
    return "".join(_lines(data, 0, "")) or "\n"


def _lines(data: Plain, depth: int, lead: str) -> list[str]:
    indent = "  " * depth
    if isinstance(data, Mapping) and data:
        lines: list[str] = []
        for number, (key, value) in enumerate(data.items()):
            start = lead if number == 0 and lead else indent
            lines += _entry(f"{start}{_scalar(str(key))}:", value, depth, in_list=False)
        return lines
    if isinstance(data, (list, tuple)) and data:
        lines = []
        for number, value in enumerate(data):
            start = lead if number == 0 and lead else indent
            lines += _entry(f"{start}-", value, depth, in_list=True)
        return lines
    return [f"{lead}{_leaf(data)}\n"]


def _entry(start: str, value: Plain, depth: int, *, in_list: bool) -> list[str]:
    if isinstance(value, (Mapping, list, tuple)) and value:
        if in_list:
            return _lines(value, depth + 1, f"{start} ")
        return [f"{start}\n", *_lines(value, depth + 1, "")]
    return [f"{start} {_leaf(value)}\n"]


def _leaf(value: Plain) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, str):
        return _scalar(value)
    if isinstance(value, Mapping) and not value:
        return "{}"
    if isinstance(value, (list, tuple)) and not value:
        return "[]"
    raise TypeError(f"{type(value).__name__} has no form in YAML")


def _scalar(text: str) -> str:
    if _BARE.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _number(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    text = repr(value)
    # YAML 1.1 takes 1e+20 for a text: a number with an exponent needs its point.
    return text if "." in text or "e" not in text else text.replace("e", ".0e")
