"""The house: which room may import which, and which library each room may use (design, section 2)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "advisor"

CORE = frozenset({"model", "rulebook", "snapshot", "iam", "network", "methods", "advice", "report"})
OUTER = CORE | {"collect", "doctor"}

BELOW: dict[str, frozenset[str]] = {
    "model": frozenset(),
    "rulebook": frozenset({"model"}),
    "snapshot": frozenset({"model"}),
    "iam": frozenset({"model"}),
    "network": frozenset({"model"}),
    "collect": frozenset({"model", "snapshot"}),
    "methods": frozenset({"model", "rulebook", "snapshot", "iam", "network"}),
    "advice": frozenset({"model", "rulebook", "snapshot", "iam", "network", "methods"}),
    "report": CORE - {"report"},
    "doctor": frozenset({"model", "rulebook", "snapshot", "methods", "collect"}),
    "tui": OUTER,
    "cli": OUTER | {"tui"},
}
"""Room → the rooms that it may import from, itself aside."""

LIBRARIES: dict[str, frozenset[str]] = {
    "boto3": frozenset({"collect"}),
    "botocore": frozenset({"collect"}),
    "textual": frozenset({"tui"}),
    "networkx": frozenset({"network"}),
    "yaml": frozenset({"rulebook"}),
    "click": frozenset({"cli"}),
    "rich": frozenset({"report", "tui"}),
    "jmespath": frozenset({"rulebook", "cli"}),
    "subprocess": frozenset({"cli", "doctor", "tui"}),
    "socket": frozenset({"doctor"}),
}
"""Library → the rooms that may use it."""

PURE = frozenset({"model", "network", "iam", "methods", "advice", "report"})


def room_of(path: Path) -> str:
    inside = path.relative_to(ROOT)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def sources() -> list[Path]:
    found = sorted(ROOT.rglob("*.py"))
    assert found
    return found


def imports_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every module that the source imports, at whatever depth, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative imports hide which room is meant"
            assert node.module
            if node.module == "advisor":
                yield from ((node.lineno, f"advisor.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, node.module


def wrong_imports(room: str, source: str) -> list[str]:
    """The imports in a room's source that the house does not allow."""
    wrong = []
    for line, module in imports_of(ast.parse(source)):
        top, _, rest = module.partition(".")
        if top == "advisor":
            other = rest.partition(".")[0]
            if other and other != room and other not in BELOW[room]:
                wrong.append(f"{line}: {room} imports {module}")
        elif room not in LIBRARIES.get(top, {room}):
            wrong.append(f"{line}: {room} uses {top}")
    return wrong


def calls_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


IMPURE_CALLS = frozenset(
    {
        "print",
        "input",
        "open",
        "exit",
        "sys.exit",
        "os.getenv",
        "os.environ.get",
        "time.time",
        "time.monotonic",
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "uuid.uuid4",
        "random.random",
    }
)


def impure(source: str) -> list[str]:
    """Calls by which a source would look at the clock or the environment, print, or exit."""
    return [f"{line}: {name}" for line, name in calls_of(ast.parse(source)) if name in IMPURE_CALLS]


def broad_handlers(source: str) -> list[int]:
    """Lines of `except` clauses that catch everything and do not pass it on."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and not _is_bare_raise(node.body[-1])
    ]


def _is_bare_raise(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Raise) and statement.exc is None


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_imports_go_down_only_and_libraries_stay_in_their_rooms(path: Path) -> None:
    room = room_of(path)
    if room in BELOW:
        assert wrong_imports(room, path.read_text(encoding="utf-8")) == []
    else:
        assert path.relative_to(ROOT) in {Path("__init__.py"), Path("__main__.py")}, "a room without a place"


@pytest.mark.parametrize("path", [each for each in sources() if room_of(each) in PURE], ids=name_of)
def test_the_core_has_no_clock_environment_printing_or_exit(path: Path) -> None:
    assert impure(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_only_the_border_of_the_command_line_catches_everything(path: Path) -> None:
    lines = broad_handlers(path.read_text(encoding="utf-8"))
    allowed = 1 if path == ROOT / "cli" / "program.py" else 0
    assert len(lines) <= allowed, lines


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_every_file_says_its_purpose_in_its_first_line(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    assert len(docstring.splitlines()[0]) > 10


def test_no_catch_all_modules() -> None:
    banned = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "base"}
    assert not {path.stem for path in sources()} & banned


def test_the_house_itself_has_no_circle() -> None:
    def under(room: str, seen: tuple[str, ...] = ()) -> None:
        assert room not in seen, f"{seen} → {room}"
        for lower in BELOW[room]:
            under(lower, (*seen, room))

    for room in BELOW:
        under(room)


def test_a_wrong_arrow_would_be_found() -> None:
    assert wrong_imports("model", "def f():\n    from advisor.network import trace\n")
    assert wrong_imports("network", "import boto3.session")
    assert wrong_imports("methods", "from advisor import tui")
    assert not wrong_imports("methods", "from advisor.network.trace import Trace")
    assert impure("def f():\n    return datetime.now(UTC)")
    assert broad_handlers("try:\n    f()\nexcept Exception:\n    pass")
    assert not broad_handlers("try:\n    f()\nexcept BaseException:\n    tidy()\n    raise")
