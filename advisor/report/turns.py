"""Verdicts that changed between two snapshots, as JSON (`advisor.diff/1`) and as a page."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from advisor.advice.turned import Change, Turn, Turns
from advisor.methods.assessment import Target
from advisor.model.text import plain
from advisor.report.fleet import Words
from advisor.report.page import Block, Bullets, Cell, Content, Heading, Page, Paragraph, Table, Tone, toned
from advisor.report.rows import METHOD_NAMES, mark, shown_name
from advisor.snapshot.diff import CoverageChange

SCHEMA: Final = "advisor.diff/1"
_LONGEST: Final = 90
_MEMBERS: Final = 3


class _Member(msgspec.Struct, frozen=True):
    path: str
    before: Any
    after: Any


class _Change(msgspec.Struct, frozen=True):
    account: str
    region: str
    operation: str
    resource: str
    what: str
    members: tuple[_Member, ...]


class _Turn(msgspec.Struct, frozen=True):
    target: str
    name: str
    account: str
    region: str
    method: str
    before: str
    after: str
    proved: bool
    changes: tuple[_Change, ...]


class _Document(msgspec.Struct, frozen=True):
    schema: str
    turns: tuple[_Turn, ...]
    appeared: tuple[str, ...]
    gone: tuple[str, ...]
    differences: tuple[_Change, ...]
    hidden: tuple[str, ...]
    revealed: tuple[str, ...]


def turns_json(turns: Turns) -> bytes:
    """The turns as UTF-8 JSON."""
    found = turns.differences
    return msgspec.json.encode(
        _Document(
            SCHEMA,
            tuple(map(_turn, turns.turns)),
            tuple(each.id for each in turns.appeared),
            tuple(each.id for each in turns.gone),
            (*map(_change, found.records), *map(_change, found.coverage)),
            tuple(each.id for each in turns.hidden),
            tuple(each.id for each in turns.revealed),
        )
    )


def _turn(turn: Turn) -> _Turn:
    target = turn.target
    return _Turn(
        target.id,
        target.name,
        target.account,
        target.region,
        turn.method.value,
        turn.before.value,
        turn.after.value,
        turn.proved,
        tuple(map(_change, turn.changes)),
    )


def _change(change: Change) -> _Change:
    place = (change.account, change.region, change.operation)
    if isinstance(change, CoverageChange):
        return _Change(*place, "", "coverage", (_Member("", change.before, change.after),))
    members = tuple(_Member(each.path, each.before, each.after) for each in change.changes)
    return _Change(*place, change.identity, change.what, members)


def turns_page(turns: Turns, words: Words) -> Page:
    """Who lost and gained which method, by which change; then the targets that came and went."""
    blocks: list[Block] = []
    heads = tuple(words(f"report.{each}") for each in ("target", "method", "before", "after", "change"))
    if turns.turns:
        blocks.append(Table(heads, tuple(_row(turn, words) for turn in turns.turns)))
    else:
        blocks.append(Paragraph(words("report.no-turns")))
    for title, targets in _by_fate(turns):
        if targets:
            blocks.append(Heading(words(f"report.{title}")))
            blocks.append(Bullets(tuple(map(shown_name, targets))))
    count = len(turns.differences.records)
    blocks.append(Paragraph(Cell(words("report.differences").format(count=count), Tone.FAINT)))
    if turns.differences.coverage:
        blocks.append(Heading(words("report.coverage-changes")))
        lines = (plain(_told(each, words)) for each in turns.differences.coverage)
        blocks.append(Bullets(tuple(toned(line, None) for line in lines)))
    return tuple(blocks)


def turns_csv(turns: Turns, words: Words) -> Page:
    """The turns as one table for spreadsheets, in the words of the JSON; then the targets without a turn."""
    heads = ("what", "account", "region", "id", "name", "method", "before", "after", "proved", "changes")
    rows = [
        (
            "turned",
            *_named(turn.target),
            turn.method.value,
            turn.before.value,
            turn.after.value,
            str(turn.proved).lower(),
            plain("; ".join(_told(each, words) for each in turn.changes)),
        )
        for turn in turns.turns
    ]
    rows += [
        (fate, *_named(target), "", "", "", "", "") for fate, targets in _by_fate(turns) for target in targets
    ]
    return (Table(heads, tuple(rows)),)


def _named(target: Target) -> tuple[str, str, str, str]:
    return (target.account, target.region, plain(target.id), plain(target.name))


def _by_fate(turns: Turns) -> tuple[tuple[str, tuple[Target, ...]], ...]:
    return (
        ("appeared", turns.appeared),
        ("gone", turns.gone),
        ("hidden", turns.hidden),
        ("revealed", turns.revealed),
    )


def _row(turn: Turn, words: Words) -> tuple[Content, ...]:
    told = "; ".join(_told(each, words) for each in turn.changes) or words("report.no-change-found")
    lead = "" if turn.proved or not turn.changes else f"{words('report.perhaps')}: "
    return (
        shown_name(turn.target),
        METHOD_NAMES[turn.method],
        toned(mark(turn.before).text, turn.before),
        toned(mark(turn.after).text, turn.after),
        plain(lead + told),
    )


def _told(change: Change, words: Words) -> str:
    if isinstance(change, CoverageChange):
        return f"{change.region} {change.operation}: {change.before} → {change.after}"
    what = words(f"report.{change.what}")
    members = [
        f"{each.path}: {_short(each.before)} → {_short(each.after)}" for each in change.changes[:_MEMBERS]
    ]
    more = len(change.changes) - _MEMBERS
    if more > 0:
        members.append(words("report.more").format(count=more))
    detail = f" ({'; '.join(members)})" if members else ""
    return f"{change.identity or change.operation} {what}{detail}"


def _short(value: Any) -> str:
    if value is None:
        return "∅"
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def lost(turns: Turns, to: str) -> tuple[Target, ...]:
    """The targets that lost a ready method to this verdict (`blocked`, `unknown`)."""
    turned = (turn.target for turn in turns.turns if turn.before.value == "ready" and turn.after.value == to)
    return (*turned, *(turns.cut_off if to == "unknown" else ()))
