"""What the plan's page says, as entries of a sheet."""

from __future__ import annotations

from textual.content import Content

from advisor.tui.desk import PlanStep, PlanView
from advisor.tui.entries import bullet, heading
from advisor.tui.tones import TONES
from advisor.tui.widgets.sheet import BLANK, Entry


def verdict_text(view: PlanView) -> Content:
    """What the plan achieves, and whether that is proved."""
    tone = TONES[view.mark.verdict]
    proof = " ✓ verified " if view.verified else " ? not verified "
    return Content.assemble(
        (proof, f"bold $background on {tone}"),
        (f"  {view.title}", "bold"),
        (f"   {view.monthly_cost_usd:.2f} USD a month more", "$accent"),
        (f"\n {view.status}", ""),
    )


def plan_entries(view: PlanView) -> list[Entry]:
    """Changes with toggles, before and after, notes, alternatives."""
    entries: list[Entry] = []
    if view.steps:
        entries.append(heading("Changes", "enter or space leaves one out; the rest is proved again at once"))
    for step in view.steps:
        entries += _step(step)
    if view.before_after:
        entries += [BLANK, heading("Before → after")]
        entries += [bullet(each) for each in view.before_after]
    if view.notes:
        entries += [BLANK, heading("Mind")]
        entries += [bullet(each, "!", "bold $warning") for each in view.notes]
    if view.alternatives:
        entries += [BLANK, heading("Other ways")]
        entries += [bullet(each, "○", "$faint") for each in view.alternatives]
    return entries


def _step(step: PlanStep) -> list[Entry]:
    sign = "☑" if step.included else "☐"
    tone = "bold" if step.included else "$faint strike"
    margin = Content("     ")
    entries = [
        Entry(
            Content.assemble(
                (step.title, tone),
                (f"   risk {step.risk}" if step.risk else "", "$faint"),
                (f"   {step.monthly_cost_usd:.2f} USD a month" if step.monthly_cost_usd else "", "$accent"),
            ),
            Content.styled(f" {sign} ", "bold $accent" if step.included else "$faint"),
            opens=step,
            copies=step.command,
            rests=True,
            key=step.key,
        )
    ]
    if step.why:
        entries.append(Entry(Content.styled(step.why, "$faint"), margin))
    if step.included:
        command = Content.styled(step.command, "$foreground on $panel")
        entries.append(Entry(command, Content.styled("   $ ", "$faint")))
        if step.rollback:
            undo = Content.styled("     undo: ", "$faint")
            entries.append(Entry(Content.styled(step.rollback, "$faint"), undo))
    return entries
