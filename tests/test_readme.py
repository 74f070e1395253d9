"""README says what the program does today."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from advisor.cli.overview import COMMANDS
from advisor.cli.program import program
from tests.readme import README, written

TEXT = README.read_text(encoding="utf-8")


def test_the_generated_parts_are_current() -> None:
    assert written(TEXT) == TEXT, "run: python -m tests.readme"


@pytest.mark.parametrize(
    "line",
    ["pip install uv && uv run --no-dev advisor demo", "pip install uv && uv run pytest"],
)
def test_the_two_lines_that_set_it_up_stand_alone(line: str) -> None:
    assert line in TEXT.splitlines()


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", TEXT)
    assert pictures
    for picture in pictures:
        assert (README.parent / picture).is_file(), picture


def lines_of(text: str) -> set[str]:
    """The command lines of advisor that a text shows."""
    inline = re.findall(r"`(advisor [^`…]+)`", text)
    blocks = re.findall(r"^ *(advisor [a-z].*?)(?: {2,}.*| *#.*)?$", text, re.MULTILINE)
    return {line.strip() for line in (*inline, *blocks)}


def helps() -> str:
    texts = []
    for name in COMMANDS:
        command = program.get_command(click.Context(program), name)
        assert command is not None
        texts.append(command.help or "")
        if isinstance(command, click.Group):
            texts.extend(each.help or "" for each in command.commands.values())
    return "\n".join(texts)


SHOWN = sorted(lines_of(TEXT) | lines_of(helps()))


def test_examples_were_found() -> None:
    assert len(SHOWN) > 40


@pytest.mark.parametrize("line", SHOWN)
def test_every_command_line_that_is_shown_can_be_typed(line: str) -> None:
    """The command and all its options exist, and nothing that it needs is left out."""
    words = shlex.split(re.split(r" (?:\||>>?) ", line, maxsplit=1)[0])[1:]
    context = click.Context(program, info_name="advisor", resilient_parsing=True)
    if words[0] == "--help":
        return
    assert words[0] in COMMANDS, line
    command = program.get_command(context, words[0])
    assert command is not None
    if isinstance(command, click.Group) and len(words) > 1:
        command = command.commands[words[1]]
        words = words[1:]
    # resilient_parsing would accept anything: only what a wrong use raises is of interest.
    parser = command.make_parser(context)
    parser.parse_args(list(words[1:]))
    for word in words[1:]:
        if word.startswith("-") and word != "-":
            name = word.partition("=")[0]
            assert any(name in (*each.opts, *each.secondary_opts) for each in command.params), (line, name)


def test_paths_that_are_named_exist() -> None:
    for path in re.findall(r"`((?:advisor|tests|rules|\.ci|\.github|screenshots)/[A-Za-z0-9_./-]+)`", TEXT):
        assert (README.parent / Path(path)).exists(), path


def test_the_options_that_readme_calls_common_are_there() -> None:
    listed = re.search(
        r"^Options of all but `demo`: (.*?)\. Of those that report", TEXT, re.MULTILINE | re.DOTALL
    )
    assert listed is not None
    common = set(re.findall(r"`(--[a-z-]+)", listed[1]))
    assert len(common) == 7
    for name in COMMANDS:
        command = program.get_command(click.Context(program), name)
        assert command is not None
        inner = list(command.commands.values()) if isinstance(command, click.Group) else [command]
        for each in inner:
            known = {option for parameter in each.params for option in parameter.opts}
            assert name == "demo" or common <= known, each.name
            assert name not in ("plan", "graph") or ("--format" in known and "--output" not in known)
