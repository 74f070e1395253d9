"""Writes rules/RUNBOOKS.md from rules/runbooks.yaml: python -m tests.rules.runbook_table."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from advisor.rulebook import RuleBook, load

TABLE = Path(__file__).parents[2] / "rules" / "RUNBOOKS.md"


def table(book: RuleBook) -> str:
    """Every check of AWS's runbooks and tools, and the causes that cover it here, as Markdown."""
    lines = [
        "# AWS's own checks, and ours",
        "",
        f"All {len(book.runbooks)} checks of AWS's runbooks and tools, and the causes that cover each here.",
        "⚠ marks checks that are outdated.",
        "Written from `runbooks.yaml` by `python -m tests.rules.runbook_table`.",
    ]
    for runbook, checks in groupby(book.runbooks.values(), key=lambda check: check.runbook):
        rows = list(checks)
        lines += ["", f"## {runbook} ({len(rows)})", "", "| its check | our causes | note |", "|---|---|---|"]
        for row in rows:
            causes = ", ".join(f"`{cause}`" for cause in row.causes)
            note = row.note.en if row.note else ""
            lines.append(f"| {'⚠ ' if row.outdated else ''}{row.check} | {causes} | {note} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TABLE.write_text(table(load()), encoding="utf-8")
