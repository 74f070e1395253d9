"""Explanations of error texts, as JSON (`advisor.why/1`) and as a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from advisor.methods.why import Explained, Explanation, Standing
from advisor.model.text import plain
from advisor.model.verdict import BLOCKED, UNKNOWN, Verdict
from advisor.report.document import FindingDocument, MissingDocument, finding_document, missing_document
from advisor.report.fleet import Words
from advisor.report.page import Block, Bullets, Cell, Content, Heading, Page, Paragraph, Tone, toned
from advisor.report.rows import Causes, blocker_line, missing_text
from advisor.rulebook import Text

SCHEMA: Final = "advisor.why/1"
_TONES: Final[dict[Standing, Verdict | None]] = {
    Standing.CONFIRMED: BLOCKED,
    Standing.LIKELY: UNKNOWN,
    Standing.UNKNOWN: UNKNOWN,
    Standing.RULED_OUT: None,
}
_GLYPHS: Final = {
    Standing.CONFIRMED: "✗",
    Standing.LIKELY: "?",
    Standing.UNKNOWN: "?",
    Standing.RULED_OUT: "✓",
}
_SHOWN: Final = 8
"""So many causes that nothing was found for are shown; the JSON has all."""


class _Shown(msgspec.Struct, frozen=True):
    symptom: str
    title: str
    score: float
    matched: str
    near: bool


class _Cause(msgspec.Struct, frozen=True):
    cause: str
    title: str
    meaning: str
    standing: str
    score: float
    findings: tuple[FindingDocument, ...]
    missing: tuple[MissingDocument, ...]
    remedies: tuple[str, ...]
    by_hand: tuple[str, ...]
    documentation: str


class _Document(msgspec.Struct, frozen=True):
    schema: str
    target: str | None
    symptoms: tuple[_Shown, ...]
    causes: tuple[_Cause, ...]
    others: tuple[FindingDocument, ...]
    asks: tuple[str, ...]


Said = Callable[[Text], str]
"""Gives a text in the person's language."""


def why_json(found: Explanation, target: str | None, causes: Causes, said: Said) -> bytes:
    """The explanation as UTF-8 JSON."""
    return msgspec.json.encode(
        _Document(
            SCHEMA,
            target,
            tuple(
                _Shown(each.symptom, said(each.title), round(each.score, 3), each.matched, each.near)
                for each in found.shown
            ),
            tuple(_cause(each, causes) for each in found.causes),
            tuple(finding_document(each, causes) for each in found.others),
            tuple(map(said, found.asks)),
        )
    )


def _cause(each: Explained, causes: Causes) -> _Cause:
    text = causes(each.cause)
    return _Cause(
        each.cause,
        text.title,
        text.meaning,
        each.standing.value,
        round(each.score, 3),
        tuple(finding_document(one, causes) for one in each.findings),
        tuple(map(missing_document, each.missing)),
        (text.remedy,) if text.remedy else (),
        each.by_hand,
        text.documentation,
    )


def why_page(
    found: Explanation, causes: Causes, words: Words, standings: Words, said: Said, is_tested: bool
) -> Page:
    """The ranked causes, each with what the target says of it (`is_tested`), and what would help to know."""
    blocks: list[Block] = []
    if found.shown:
        titles = " · ".join(dict.fromkeys(said(each.title) for each in found.shown))
        blocks.append(Paragraph(words("report.shows").format(titles=titles)))
    sure = [each for each in found.causes if each.standing in (Standing.CONFIRMED, Standing.LIKELY)]
    rest = [each for each in found.causes if each.standing is Standing.UNKNOWN]
    out = [each for each in found.causes if each.standing is Standing.RULED_OUT]
    for each in (*sure, *rest[: max(_SHOWN - len(sure), 3)]):
        blocks.extend(_blocks(each, causes, words, standings, is_tested))
    hidden = len(rest) - max(_SHOWN - len(sure), 3)
    if hidden > 0:
        blocks.append(Paragraph(Cell(words("report.more").format(count=hidden), Tone.FAINT)))
    if out:
        titles = ", ".join(causes(each.cause).title for each in out)
        blocks.append(Paragraph(Cell(f"✓ {standings(Standing.RULED_OUT.value)}: {titles}", Tone.FAINT)))
    if found.others:
        lines = (blocker_line(each, "", causes) for each in found.others)
        blocks.append(Heading(standings("also")))
        blocks.append(Bullets(tuple(toned(f"{line.title}: {line.says}", BLOCKED) for line in lines)))
    if found.asks:
        blocks.append(Heading(words("report.would-help")))
        blocks.append(Bullets(tuple(map(said, found.asks))))
    return tuple(blocks)


def _blocks(each: Explained, causes: Causes, words: Words, standings: Words, is_tested: bool) -> list[Block]:
    text = causes(each.cause)
    head = f"{_GLYPHS[each.standing]} {standings(each.standing.value)}: {text.title}"
    if not is_tested:
        head = f"· {text.title}"
    items: list[Content] = []
    depths: list[int] = []
    for finding in each.findings:
        line = blocker_line(finding, "", causes)
        items.append(line.says or line.resource)
        depths.append(0)
        for fact in line.evidence:
            items.append(Cell(fact.text, Tone.FAINT))
            depths.append(1)
    for missing in each.missing:
        items.append(toned(f"{words('report.missing')}: {missing_text(missing)}", UNKNOWN))
        depths.append(0)
    if not each.findings and text.meaning:
        items.append(Cell(text.meaning, Tone.FAINT))
        depths.append(0)
    if text.remedy:
        items.append(f"{words('report.remedy')}: {text.remedy}")
        depths.append(0)
    for command in each.by_hand:
        items.append(Cell(f"{words('report.by-hand')}: {plain(command)}", Tone.FAINT))
        depths.append(0)
    blocks: list[Block] = [Heading(toned(head, _TONES[each.standing]), 3)]
    if items:
        blocks.append(Bullets(tuple(items), tuple(depths)))
    return blocks
