"""The account in one or two lines: how many targets have a way in, and how far each method covers them."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from advisor.methods.assessment import Assessment
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from advisor.report.rows import COLUMN_NAMES, MethodCount, Say, method_counts, ways_counted
from advisor.tui.tones import TONES
from advisor.tui.tongue import tongue_of


class Summary(Widget):
    """Counts and a bar for each method."""

    DEFAULT_CSS = """
    Summary { height: 2; padding: 0 1; background: $background; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._ways: dict[Verdict, int] = {}
        self._counts: tuple[MethodCount, ...] = ()
        self._total = 0
        self._gaps = 0

    def show(self, assessment: Assessment) -> None:
        """Count anew."""
        self._ways = ways_counted(assessment)
        self._counts = method_counts(assessment)
        self._total = len(assessment.targets)
        self._gaps = len(assessment.gaps)
        self.refresh()

    def render(self) -> Content:
        """The lines."""
        if not self._counts:
            return Content()
        return summary_text(
            self._ways, self._counts, self._total, self._gaps, self.content_size, tongue_of(self)
        )


def summary_text(
    ways: dict[Verdict, int],
    counts: tuple[MethodCount, ...],
    total: int,
    gaps: int,
    size: Size,
    say: Say = str,
) -> Content:
    """First the targets by whether there is a way in, then a bar for every method."""
    first = Content.assemble(
        (say("1 target" if total == 1 else "{count} targets").format(count=total), "bold"),
        "   ",
        (f"✓ {say('{count} with a way in').format(count=ways[READY])}", TONES[READY]),
        "   ",
        (f"✗ {say('{count} shut').format(count=ways[BLOCKED])}", TONES[BLOCKED]),
        "   ",
        (f"? {say('{count} unknown').format(count=ways[UNKNOWN])}", TONES[UNKNOWN]),
    )
    if gaps:
        spots = say("1 blind spot (v)" if gaps == 1 else "{count} blind spots (v)").format(count=gaps)
        first += Content.styled(f"   {spots}", "$faint")
    room = max(3, min(16, size.width // len(counts) - 13))
    gauges = [_gauge(each, room, say) for each in counts]
    return Content("\n").join([first, Content("  ").join(gauges)])


def _gauge(count: MethodCount, room: int, say: Say) -> Content:
    assessed = count.ready + count.blocked + count.unknown
    name = say(COLUMN_NAMES[count.method])
    if not assessed:
        return Content.styled(f"{name} –", "$faint")
    ready = round(room * count.ready / assessed)
    if count.ready and not ready:
        ready = 1
    unknown = min(room - ready, round(room * count.unknown / assessed))
    return Content.assemble(
        (f"{name} ", "$faint"),
        ("━" * ready, TONES[READY]),
        ("┅" * unknown, TONES[UNKNOWN]),
        ("─" * (room - ready - unknown), "$border-blurred"),
        (f" {count.ready}", TONES[READY] if count.ready else "$faint"),
    )
