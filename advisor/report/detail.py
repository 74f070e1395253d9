"""The page of one target: every method with what stops it, what is missing, what to do and how to connect."""

from __future__ import annotations

from advisor.methods.assessment import Command, MethodId, TargetAssessment
from advisor.model.text import plain
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.report.document import Commands, no_commands
from advisor.report.fleet import Words
from advisor.report.page import Block, Bullets, Cell, Code, Content, Heading, Page, Paragraph, Tone, toned
from advisor.report.rows import (
    METHOD_NAMES,
    BlockerLine,
    Causes,
    MethodRow,
    method_rows,
    shown_name,
    untitled,
)


def detail_page(
    assessed: TargetAssessment,
    words: Words,
    causes: Causes = untitled,
    commands: Commands = no_commands,
    only: MethodId | None = None,
) -> Page:
    """Everything about one target; `only` one method if it is given."""
    blocks: list[Block] = [
        Heading(shown_name(assessed.target)),
        Paragraph(Cell(_facts(assessed), Tone.FAINT)),
    ]
    if only is None:
        blocks.extend(_recommendation(assessed, words))
    found = {each.method: each for each in assessed.methods}
    for row in method_rows(assessed, causes):
        if only is None or row.method is only:
            lines = commands(assessed.target, found[row.method])
            blocks.extend(_method(row, words, lines))
    return tuple(blocks)


def _facts(assessed: TargetAssessment) -> str:
    target = assessed.target
    parts = (
        target.kind,
        target.platform,
        target.state,
        f"{target.account}/{target.region}",
        target.vpc,
        target.subnet,
        target.private_ip,
        target.public_ip,
    )
    return plain(" · ".join(part for part in parts if part))


def _recommendation(assessed: TargetAssessment, words: Words) -> tuple[Block, ...]:
    recommended = assessed.recommended
    if recommended is None:
        return (Paragraph(toned(words("report.nothing-recommended"), BLOCKED)),)
    lead = {READY: "report.use-this", BLOCKED: "report.repair-this", UNKNOWN: "report.check-this"}
    sentence = words(lead[recommended.verdict]).format(method=METHOD_NAMES[recommended.method])
    reasons = tuple(map(plain, recommended.reasons))
    others = tuple(Cell(plain(each), Tone.FAINT) for each in recommended.others)
    head = Paragraph(toned(sentence, recommended.verdict))
    return (head, Bullets((*reasons, *others))) if reasons or others else (head,)


def _method(row: MethodRow, words: Words, commands: tuple[Command, ...]) -> tuple[Block, ...]:
    via = f" ({words('report.via').format(via=row.via)})" if row.via else ""
    blocks: list[Block] = [Heading(toned(f"{row.mark.text}  {row.name}{via}", row.mark.verdict), 3)]
    items: list[Content] = []
    depths: list[int] = []

    def say(depth: int, text: str, tone: Tone = Tone.PLAIN) -> None:
        items.append(Cell(text, tone))
        depths.append(depth)

    for blocker in row.blockers:
        say(0, _finding(blocker), Tone.BAD if row.mark.verdict is BLOCKED else Tone.DOUBT)
        for fact in blocker.evidence:
            say(1, fact.text, Tone.FAINT)
        if blocker.remedy:
            say(1, f"{words('report.remedy')}: {blocker.remedy}")
        if blocker.documentation:
            say(1, blocker.documentation, Tone.FAINT)
    for missing in row.missing:
        say(0, f"{words('report.missing')}: {missing}", Tone.DOUBT)
    if row.mark.verdict is READY:
        for fact in row.evidence:
            say(0, fact.text, Tone.FAINT)
    for note in row.notes:
        say(0, f"{words('report.note')}: {_finding(note)}")
    if items:
        blocks.append(Bullets(tuple(items), tuple(depths)))
    if commands and row.mark.verdict is not BLOCKED:
        blocks.append(Code("\n".join(each.command for each in commands)))
    return tuple(blocks)


def _finding(line: BlockerLine) -> str:
    says = f": {line.says}" if line.says and line.says != line.title else ""
    where = f" [{line.resource}]" if line.resource and line.resource not in f"{line.title}{line.says}" else ""
    return f"{line.title}{says}{where} ({line.certainty.value}, {line.cause})"
