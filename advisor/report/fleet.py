"""The page of all targets: a table with a verdict for each method, the counts, and what could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from advisor.methods.assessment import Assessment, GapLine, MethodId, TargetAssessment
from advisor.model.text import plain
from advisor.model.times import spell_instant
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from advisor.report.page import Block, Bullets, Cell, Heading, Page, Paragraph, Table, Tone, toned
from advisor.report.rows import COLUMN_NAMES, METHODS, FleetRow, fleet_row, mark, method_counts

Words = Callable[[str], str]
"""Gives a text of the reports (`report.…` in rules/texts) in the person's language."""

NARROW: Final = 160
"""Below this many cells the table shows glyphs without words, explained in a line below it."""
_GAPS_SHOWN = 12
_SHORT: Final = {
    MethodId.SESSION_MANAGER: "SSM",
    MethodId.INSTANCE_CONNECT_ENDPOINT: "EICE",
    MethodId.BASTION: "BAST",
    MethodId.INSTANCE_CONNECT: "EIC",
    MethodId.DIRECT: "DIR",
    MethodId.SERIAL_CONSOLE: "SER",
}


def fleet_page(
    assessment: Assessment, words: Words, width: int | None = None, with_summary: bool = True
) -> Page:
    """The fleet table for a terminal of this width (None: as wide as it likes)."""
    rows = [fleet_row(each) for each in assessment.targets]
    narrow = width is not None and width < NARROW
    blocks: list[Block] = []
    if rows:
        blocks.append(_narrow_table(rows, words) if narrow else _wide_table(rows, words))
        if narrow:
            blocks.append(Paragraph(Cell(_legend(words), Tone.FAINT)))
    else:
        blocks.append(Paragraph(words("report.no-targets")))
    if with_summary:
        blocks.extend(summary(assessment, words))
    blocks.extend(gap_blocks(assessment.gaps, words))
    return tuple(blocks)


def _wide_table(rows: Iterable[FleetRow], words: Words) -> Table:
    columns = ("id", "name", "platform", "state", "region", "vpc")
    heads = (*(words(f"report.{each}") for each in columns), *COLUMN_NAMES.values(), words("report.use"))
    return Table(
        heads,
        tuple(
            (
                row.id,
                row.name,
                row.platform,
                row.state,
                row.region,
                row.vpc,
                *(toned(each.text, each.verdict) for each in row.marks),
                toned(row.advice_text, row.advice.verdict),
            )
            for row in rows
        ),
    )


def _narrow_table(rows: Iterable[FleetRow], words: Words) -> Table:
    heads = (words("report.id"), words("report.name"), *_SHORT.values())
    return Table(
        heads,
        tuple(
            (
                row.id,
                row.name,
                *(
                    toned(each.glyph + ("*" if method is row.advised else ""), each.verdict)
                    for method, each in zip(METHODS, row.marks, strict=True)
                ),
            )
            for row in rows
        ),
    )


def _legend(words: Words) -> str:
    glyphs = "  ".join(mark(verdict).text for verdict in (READY, BLOCKED, UNKNOWN, None))
    return f"{glyphs}  * {words('report.recommended')}"


def csv_page(assessment: Assessment) -> Page:
    """The fleet as a table for spreadsheets: plain words, one column for each method's verdict and causes."""
    facts = ("account", "region", "id", "name", "kind", "platform", "state", "vpc", "subnet")
    heads = (*facts, "private_ip", "public_ip", "recommended", "recommended_verdict")
    verdicts = tuple(method.value for method in METHODS)
    causes = tuple(f"{method.value} causes" for method in METHODS)
    return (Table((*heads, *verdicts, *causes), tuple(_csv_row(each, facts) for each in assessment.targets)),)


def _csv_row(assessed: TargetAssessment, facts: tuple[str, ...]) -> tuple[str, ...]:
    target, recommended = assessed.target, assessed.recommended
    found = {each.method: each for each in assessed.methods}
    methods = [found.get(method) for method in METHODS]
    return (
        *(plain(getattr(target, fact) or "") for fact in facts),
        target.private_ip or "",
        target.public_ip or "",
        recommended.method.value if recommended else "",
        recommended.verdict.value if recommended else "",
        *(each.verdict.value if each else "" for each in methods),
        *(" ".join(dict.fromkeys(one.cause for one in each.blockers)) if each else "" for each in methods),
    )


def best_verdict(assessed: TargetAssessment) -> Verdict:
    """Whether any method leads in: READY if one does, BLOCKED if none can."""
    verdict = BLOCKED
    for each in assessed.methods:
        verdict |= each.verdict
    return verdict


def summary(assessment: Assessment, words: Words) -> tuple[Block, ...]:
    """How many targets have a way in, in one sentence."""
    if not assessment.targets:
        return ()
    counted = Counter(best_verdict(each) for each in assessment.targets)
    sentence = words("report.summary").format(
        targets=len(assessment.targets),
        ready=counted[READY],
        blocked=counted[BLOCKED],
        unknown=counted[UNKNOWN],
    )
    return (Paragraph(Cell(sentence, Tone.STRONG)),)


def head_blocks(assessment: Assessment, words: Words) -> tuple[Block, ...]:
    """The head of a report that is read later or by others: what was read, when, and what came out."""
    moments = [assessment.collected_at or "?"]
    if assessment.assessed_at is not None:
        moments.append(spell_instant(assessment.assessed_at))
    facts = words("report.read-of").format(
        accounts=", ".join(assessment.accounts),
        regions=", ".join(assessment.regions),
        collected=moments[0],
        assessed=moments[-1],
    )
    heads = tuple(words(f"report.{each}") for each in ("method", "ready", "blocked", "unknown"))
    rows = tuple(
        (each.name, str(each.ready), str(each.blocked), str(each.unknown))
        for each in method_counts(assessment)
    )
    head = Heading(words("report.report"), 1)
    return (head, Paragraph(plain(facts)), *summary(assessment, words), Table(heads, rows))


def gap_blocks(gaps: tuple[GapLine, ...], words: Words) -> tuple[Block, ...]:
    """The calls that did not succeed: what depends on them is unknown, not absent."""
    if not gaps:
        return ()
    lines = [_gap_text(each) for each in gaps]
    shown = [toned(line, UNKNOWN) for line in lines[:_GAPS_SHOWN]]
    if len(lines) > _GAPS_SHOWN:
        shown.append(toned(words("report.more").format(count=len(lines) - _GAPS_SHOWN), UNKNOWN))
    return (Heading(words("report.gaps")), Bullets(tuple(shown)))


def _gap_text(gap: GapLine) -> str:
    code = f" ({gap.code})" if gap.code else ""
    about = f" {gap.resource}" if gap.resource else ""
    return plain(f"{gap.account}/{gap.region} {gap.operation}{about}: {gap.status}{code}")
