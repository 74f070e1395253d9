"""What Terraform makes of text: python-hcl2 for the structure, HCL's own rules for quoted strings."""

from __future__ import annotations

from typing import Any

import hcl2

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def read(text: str) -> dict[str, Any]:
    """The parsed configuration."""
    return hcl2.loads(text if text.endswith("\n") else text + "\n")


def resources(text: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Every resource by type and name."""
    return {
        (unquoted(kind), unquoted(name)): body
        for each in read(text).get("resource", [])
        for kind, named in each.items()
        for name, body in named.items()
        if isinstance(body, dict)
    }


def unquoted(raw: str) -> str:
    """A quoted template without templates, by HCL's specification; anything live in it is an error."""
    assert raw[0] == raw[-1] == '"', raw
    found, position = [], 1
    while position < len(raw) - 1:
        char = raw[position]
        if char == "\\":
            kind = raw[position + 1]
            width = {"u": 4, "U": 8}.get(kind)
            if width is None:
                found.append(_ESCAPES[kind])
                position += 2
            else:
                found.append(chr(int(raw[position + 2 : position + 2 + width], 16)))
                position += 2 + width
            continue
        if raw[position : position + 3] in ("$${", "%%{"):
            found.append(char + "{")
            position += 3
            continue
        assert raw[position : position + 2] not in ("${", "%{"), raw
        found.append(char)
        position += 1
    return "".join(found)
