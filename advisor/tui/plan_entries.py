"""What the plan's page says, as entries of a sheet."""

from __future__ import annotations

from textual.content import Content

from advisor.tui.desk import PlanStep, PlanView, Words
from advisor.tui.entries import bullet, heading
from advisor.tui.tones import TONES
from advisor.tui.widgets.sheet import BLANK, Entry


def verdict_text(view: PlanView, words: Words) -> Content:
    """What the plan achieves, and whether that is proved."""
    tone = TONES[view.mark.verdict]
    proof = f" ✓ {words('tui.plan-verified')} " if view.verified else f" ? {words('tui.plan-not-verified')} "
    return Content.assemble(
        (proof, f"bold $background on {tone}"),
        (f"  {view.title}", "bold"),
        (f"   + {_cost(view.monthly_cost_usd, words)}", "$accent"),
        (f"\n {view.status}", ""),
    )


def plan_entries(view: PlanView, words: Words) -> list[Entry]:
    """Changes with toggles, before and after, notes, alternatives."""
    entries: list[Entry] = []
    if view.steps:
        entries.append(heading(words("tui.plan-changes"), words("tui.plan-changes-hint")))
    for step in view.steps:
        entries += _step(step, words)
    if view.before_after:
        entries += [BLANK, heading(words("tui.plan-before-after"))]
        entries += [bullet(each) for each in view.before_after]
    if view.notes:
        entries += [BLANK, heading(words("tui.plan-mind"))]
        entries += [bullet(each, "!", "bold $warning") for each in view.notes]
    if view.alternatives:
        entries += [BLANK, heading(words("tui.plan-others"))]
        entries += [bullet(each, "○", "$faint") for each in view.alternatives]
    return entries


def _step(step: PlanStep, words: Words) -> list[Entry]:
    sign = "☑" if step.included else "☐"
    tone = "bold" if step.included else "$faint strike"
    margin = Content("     ")
    entries = [
        Entry(
            Content.assemble(
                (step.title, tone),
                (f"   {words('tui.plan-risk').format(risk=step.risk)}" if step.risk else "", "$faint"),
                (f"   {_cost(step.monthly_cost_usd, words)}" if step.monthly_cost_usd else "", "$accent"),
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
            undo = Content.styled(f"     {words('tui.plan-undo')}: ", "$faint")
            entries.append(Entry(Content.styled(step.rollback, "$faint"), undo))
    return entries


def _cost(usd: float, words: Words) -> str:
    return words("tui.usd-a-month").format(usd=f"{usd:.2f}")
