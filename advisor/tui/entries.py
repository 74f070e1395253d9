"""What a target's page says about a method, as entries of a sheet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from advisor.methods.answer import Certainty
from advisor.methods.assessment import Command, MethodAssessment, TargetAssessment
from advisor.model.text import plain
from advisor.model.verdict import BLOCKED, READY, Verdict
from advisor.report.hops import HopLine, PathLines, path_lines
from advisor.report.rows import BlockerLine, EvidenceLine, MethodRow, Say, method_row
from advisor.tui.desk import Desk, RecordLine, RemedyLine, Words
from advisor.tui.tones import TONES
from advisor.tui.widgets.fit import fit
from advisor.tui.widgets.sheet import BLANK, Entry


@dataclass(frozen=True)
class RawRecord:
    """A record to open as AWS gave it."""

    operation: str
    resource: str


def heading(text: str, remark: str = "") -> Entry:
    """A section's title."""
    return Entry(Content.assemble((f" {text}", "bold $primary"), (f"  {remark}" if remark else "", "$faint")))


def bullet(text: str, sign: str = "•", tone: str = "$accent") -> Entry:
    """A line of a list, to rest on and to copy."""
    return Entry(Content(text), Content.styled(f" {sign} ", tone), copies=text, rests=True)


def method_list(rows: Iterable[MethodRow], width: int, say: Say = str) -> list[Entry]:
    """The methods as a list: verdict, name, and the deciding fact (below it where the list is narrow)."""
    entries = []
    narrow = width < 60
    for row in rows:
        tone = TONES[row.mark.verdict]
        star = " ★" if row.recommended else ""
        lead = Content.styled(f" {fit(row.mark.said(say), 10)}", f"bold {tone}")
        if narrow:
            entries.append(
                Entry(
                    Content.assemble((row.name, "bold"), (star, "$accent")),
                    lead,
                    opens=row.method,
                    rests=True,
                    key=row.method.value,
                    most=1,
                )
            )
            entries.append(Entry(Content.styled(row.summary, "$faint"), Content("            "), most=2))
        else:
            name = Content.assemble((fit(row.name, 26), "bold"), (fit(star, 3), "$accent"))
            entries.append(
                Entry(
                    Content.styled(row.summary, "$faint"),
                    lead + name,
                    opens=row.method,
                    rests=True,
                    key=row.method.value,
                    most=1,
                )
            )
    return entries


def method_entries(
    assessed: TargetAssessment, method: MethodAssessment, desk: Desk, width: int, say: Say = str
) -> list[Entry]:
    """Everything about one method: verdict, reasons, what to change, path, commands."""
    row = method_row(assessed, method, desk.causes, say)
    words = desk.words
    entries = [_verdict_line(row, words, say)]
    entries += _reasons(assessed, row)
    commands = desk.commands(assessed.target, method)
    if row.mark.verdict is READY:
        entries += _connect(commands, "tui.connect", words)
        entries += _facts(words("tui.works"), row.evidence)
    entries += _blockers(row, words)
    entries += _missing(row, words)
    if row.mark.verdict is not READY:
        entries += _remedies(desk.remedies(assessed, method), words)
    for trace in method.traces:
        entries += path_entries(path_lines(trace, assessed.target.id, say), width, words)
    if row.mark.verdict is not READY:
        entries += _facts(words("tui.right"), row.evidence)
        entries += _connect(commands, "tui.connect-later", words)
    entries += _notes(row, words)
    entries += _recorded(desk.recorded(method.method), words)
    return entries


def _verdict_line(row: MethodRow, words: Words, say: Say) -> Entry:
    tone = TONES[row.mark.verdict]
    via = f"  {words('tui.through').format(via=row.via)}" if row.via else ""
    cost = f"  {_cost(row.monthly_cost_usd, words)}" if row.monthly_cost_usd else ""
    return Entry(
        Content.assemble(
            (f" {row.mark.said(say)} ", f"bold $background on {tone}"),
            (f"  {row.name}", "bold"),
            (f"  ★ {words('tui.recommended')}" if row.recommended else "", "$accent"),
            (via + cost, "$faint"),
        )
    )


def _cost(usd: float, words: Words) -> str:
    return words("tui.usd-a-month").format(usd=f"{usd:.2f}")


def _reasons(assessed: TargetAssessment, row: MethodRow) -> list[Entry]:
    recommended = assessed.recommended
    if recommended is None or not row.recommended or not recommended.reasons:
        return []
    return [
        Entry(Content.styled(plain(each), ""), Content.styled("   ★ ", "$accent"))
        for each in recommended.reasons
    ]


def _blockers(row: MethodRow, words: Words) -> list[Entry]:
    if not row.blockers:
        return []
    title = words("tui.stops" if row.mark.verdict is BLOCKED else "tui.stops-perhaps")
    many = len(row.blockers)
    count = words("tui.stops-many").format(count=many) if many > 1 else ""
    entries = [BLANK, heading(title, count)]
    told: set[str] = set()
    for blocker in row.blockers:
        entries += _blocker(blocker, "✗", TONES[BLOCKED], words, again=blocker.cause in told)
        told.add(blocker.cause)
    return entries


def _blocker(blocker: BlockerLine, glyph: str, tone: str, words: Words, again: bool = False) -> list[Entry]:
    sure = {
        Certainty.CERTAIN: "",
        Certainty.LIKELY: f"  {words('tui.likely')}",
        Certainty.INVISIBLE: f"  {words('tui.invisible')}",
    }
    code = f"  {blocker.code}" if blocker.code else ""
    way = ""
    if blocker.direction:
        way = f"  {words('tui.on-the-way-back' if blocker.direction == 'return' else 'tui.on-the-way-there')}"
    entries = [
        Entry(
            Content.assemble(
                (blocker.title, "bold"), (sure[blocker.certainty], "$warning"), (way + code, "$faint")
            ),
            Content.styled(f" {glyph} ", f"bold {tone}"),
            opens=_raw(blocker),
            copies=f"{blocker.title}: {blocker.says or blocker.resource}",
            rests=True,
            key=f"{blocker.cause}/{blocker.resource}",
        )
    ]
    margin = Content("     ")
    says = blocker.says or blocker.resource
    if says and says != blocker.title:
        entries.append(Entry(Content(says), margin))
    if blocker.meaning and blocker.meaning != says and not again:
        entries.append(Entry(Content.styled(blocker.meaning, "$faint"), margin))
    entries += [_fact(each, "     ") for each in blocker.evidence if each.says != says]
    if blocker.documentation and not again:
        entries.append(
            Entry(
                Content.styled(blocker.documentation, "$faint underline"),
                Content.styled(f"     ▸ {words('tui.read')}  ", "$faint"),
                copies=blocker.documentation,
                rests=True,
                most=1,
            )
        )
    return entries


def _raw(blocker: BlockerLine) -> RawRecord | None:
    if not blocker.evidence:
        return None
    return RawRecord(blocker.evidence[0].operation, blocker.evidence[0].resource)


def _fact(fact: EvidenceLine, margin: str) -> Entry:
    source = "  ".join(part for part in (fact.operation, fact.resource, fact.field) if part)
    return Entry(
        Content.assemble(fact.says, ("  " if fact.says else "", ""), (source, "$faint")),
        Content.styled(f"{margin}▸ ", "$primary"),
        opens=RawRecord(fact.operation, fact.resource),
        copies=fact.text,
        rests=True,
    )


def _facts(title: str, facts: tuple[EvidenceLine, ...]) -> list[Entry]:
    if not facts:
        return []
    return [BLANK, heading(title), *(_fact(each, " ") for each in facts)]


def _missing(row: MethodRow, words: Words) -> list[Entry]:
    if not row.missing:
        return []
    lines = [bullet(each, "?", "bold $warning") for each in row.missing]
    return [BLANK, heading(words("tui.missing")), *lines]


def _remedies(remedies: tuple[RemedyLine, ...], words: Words) -> list[Entry]:
    if not remedies:
        return []
    entries = [
        BLANK,
        heading(words("tui.change"), words("tui.change-hint")),
    ]
    for at, remedy in enumerate(remedies, 1):
        cost = "" if remedy.monthly_cost_usd is None else f"  {_cost(remedy.monthly_cost_usd, words)}"
        entries.append(
            Entry(
                Content.assemble((remedy.title, "bold"), (cost, "$faint")),
                Content.styled(f" {at}. ", "$accent"),
                copies=remedy.command or remedy.title,
                rests=True,
            )
        )
        if remedy.why:
            entries.append(Entry(Content.styled(remedy.why, "$faint"), Content("    ")))
        if remedy.command:
            entries += [_command_line(line, remedy.command) for line in remedy.command.splitlines()]
    return entries


def _command_line(line: str, whole: str, lead: str = "    $ ") -> Entry:
    return Entry(
        Content.styled(line, "$foreground on $panel"),
        Content.styled(lead, "$faint"),
        copies=whole,
        rests=True,
    )


def _connect(commands: tuple[Command, ...], title: str, words: Words) -> list[Entry]:
    if not commands:
        return []
    room = max(cell_len(each.use) for each in commands)
    return [
        BLANK,
        heading(words(title), words("tui.copies")),
        *(_command_line(each.command, each.command, f" {fit(each.use, room)}  $ ") for each in commands),
    ]


def _notes(row: MethodRow, words: Words) -> list[Entry]:
    if not row.notes:
        return []
    entries = [BLANK, heading(words("tui.notes"))]
    for note in row.notes:
        entries += _blocker(note, "•", TONES[None], words)
    return entries


def _recorded(lines: tuple[RecordLine, ...], words: Words) -> list[Entry]:
    if not lines:
        return []
    entries = [BLANK, heading(words("tui.recorded"))]
    for line in lines:
        sign, tone = ("✓", TONES[READY]) if line.is_recorded else ("✗", "$faint")
        where = f"  {line.where}" if line.where else ""
        needs = f"  {words('tui.recorded-if')}: {line.needs}" if line.needs else ""
        what = line.what if line.is_recorded else f"{words('tui.not-recorded')}: {line.what}"
        entries.append(
            Entry(
                Content.assemble(what, (where, "$faint"), (needs, "$accent")),
                Content.styled(f" {sign} ", tone),
                copies=f"{what}{where}",
                rests=True,
            )
        )
    return entries


# --- paths ---


def path_entries(path: PathLines, width: int, words: Words) -> list[Entry]:
    """A path hop by hop, there and back."""
    entries = [BLANK, Entry(Content.assemble((f" {words('tui.path')}  ", "bold $primary"), (path.title, "")))]
    entries += direction_entries("tui.there", path.forward, width, words)
    if path.returning:
        entries += direction_entries("tui.back", path.returning, width, words)
    entries += remark_entries(path, words)
    return entries


def remark_entries(path: PathLines, words: Words) -> list[Entry]:
    """What had to be assumed, and remarks."""
    lead = Content.styled(f"   {words('tui.assumed')}: ", "$faint")
    entries = [Entry(Content.styled(each, "$faint"), lead) for each in path.assumptions]
    return entries + [
        Entry(Content.styled(each, "$faint"), Content.styled(f"   {words('tui.note')}: ", "$faint"))
        for each in path.notes
    ]


def direction_entries(title: str, hops: tuple[HopLine, ...], width: int, words: Words) -> list[Entry]:
    """The hops of one direction on a rail that ends where the packet does."""
    entries = [Entry(Content.styled(f" {words(title)}", "$faint"))]
    ids = min(max((cell_len(hop.id) for hop in hops), default=0), 24)
    for at, hop in enumerate(hops):
        entries.append(hop_entry(hop, (at == 0, at == len(hops) - 1), ids, width, words))
    return entries


_KINDS = 20


def hop_entry(hop: HopLine, ends: tuple[bool, bool], ids: int, width: int, words: Words) -> Entry:
    """One hop: what it is, and the rule that decided; below it where the line is too short for both."""
    first, last = ends
    stops_here = hop.stops and hop.reached
    tone = TONES[hop.mark.verdict] if hop.reached or hop.stops else "$faint"
    rail, rail_tone = _rail(hop, first, last)
    lead = Content.assemble((f" {rail}", rail_tone), (f" {hop.mark.glyph} ", f"bold {tone}"))
    goes_on = " " if stops_here or last else "┃" if hop.reached else "┊"
    follow = Content.assemble((f" {goes_on}", rail_tone), "     ")
    name = Content.assemble(
        (fit(hop.kind, _KINDS), "bold" if hop.reached else "$faint"),
        " ",
        (hop.id, "" if hop.reached else "$faint"),
    )
    # What is behind the stop is told too, fainter: the rail beside it is dotted, the packet never came there.
    detail = hop.detail
    pieces: list[tuple[str, str]] = [(detail, "" if hop.stops else "$faint")] if detail else []
    if hop.code and hop.mark.verdict is not READY:
        pieces.append((f"  {hop.code}", "$faint"))
    if hop.missing:
        pieces.append((f"  {'; '.join(hop.missing)}", "$warning"))
    if stops_here:
        pieces.insert(0, (f"◀ {words('tui.stops-here')}  ", f"bold {TONES[BLOCKED]}"))
    rule = Content.assemble(*pieces)
    padding = max(0, ids - cell_len(hop.id)) + 2
    if follow.cell_length + name.cell_length + padding + rule.cell_length < width:
        content = name + Content(" " * padding) + rule
    else:
        content = name + Content("\n") + rule if pieces else name
    raw = RawRecord(hop.evidence[0].operation, hop.evidence[0].resource) if hop.evidence else None
    copies = f"{hop.mark.glyph} {hop.kind} {hop.id} {hop.detail}".strip()
    return Entry(content, lead, follow, opens=raw, copies=copies, rests=True)


def _rail(hop: HopLine, first: bool, last: bool) -> tuple[str, str]:
    if hop.stops and hop.reached:
        return ("╺" if first else "┗"), TONES[BLOCKED]
    if not hop.reached:
        return "┊", "$faint"
    return ("┏" if first and not last else "┗" if last else "┣"), TONES[Verdict.READY]
