"""Writes the parts of README.md that the program knows better: `python -m tests.readme`."""

from __future__ import annotations

import json
import re
from pathlib import Path

from textual.binding import Binding, BindingType

from advisor.cli.overview import COMMANDS
from advisor.collect.operations import operations_table, self_policy
from advisor.tui.screens.fleet import FleetScreen
from advisor.tui.screens.instance import InstanceScreen
from advisor.tui.screens.map import MapScreen
from advisor.tui.screens.plan import PlanScreen
from advisor.tui.screens.trace import TraceScreen

README = Path(__file__).parent.parent / "README.md"
PAGES = (
    ("fleet", FleetScreen),
    ("instance", InstanceScreen),
    ("plan", PlanScreen),
    ("path", TraceScreen),
    ("map", MapScreen),
)
_SPELLED = {
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "esc",
    "enter": "enter",
}


def blocks() -> dict[str, str]:
    """Every generated part, by its name in the markers."""
    return {
        "commands": _commands(),
        "keys": _keys(),
        "policy": f"```json\n{json.dumps(self_policy(), indent=2)}\n```",
        "calls": operations_table().rstrip(),
    }


def _commands() -> str:
    lines = ["| command | what it does |", "| --- | --- |"]
    lines += [f"| `advisor {name}` | {line} |" for name, line in COMMANDS.items()]
    return "\n".join(lines)


def _keys() -> str:
    pages: dict[tuple[str, str], list[str]] = {}
    for page, screen in PAGES:
        for keys, description in _bindings(screen.BINDINGS):
            pages.setdefault((keys, description), []).append(page)
    lines = ["| key | what it does | on the page |", "| --- | --- | --- |"]
    for (keys, description), found in pages.items():
        where = "every" if len(found) == len(PAGES) else ", ".join(found)
        lines.append(f"| {keys} | {description} | {where} |")
    return "\n".join(lines)


def _bindings(bindings: list[BindingType]) -> list[tuple[str, str]]:
    found: dict[str, list[str]] = {}
    for each in bindings:
        assert isinstance(each, Binding)
        if each.description:
            keys = found.setdefault(each.description, [])
            keys += [f"`{_SPELLED.get(key, key)}`" for key in each.key.split(",")]
    return [(" ".join(dict.fromkeys(keys)), description) for description, keys in found.items()]


def written(text: str) -> str:
    """README's text with its generated parts as they should be."""
    for name, content in blocks().items():
        marked = re.compile(rf"(<!-- {name}: [^>]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text, count = marked.subn(lambda found: f"{found[1]}\n{content}\n\n{found[2]}", text)  # noqa: B023
        assert count == 1, f"README.md has lost its markers of {name}"
    return text


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
