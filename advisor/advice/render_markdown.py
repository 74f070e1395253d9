"""Plans as Markdown, for a ticket or a review."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisor.advice.action import risk_class
from advisor.advice.cost import spelled
from advisor.advice.document import summary
from advisor.advice.plan import Plan
from advisor.advice.render_cli import cli_lines, rollback_of, variables
from advisor.advice.shells import Shell
from advisor.advice.words import meaning, risk, say, title
from advisor.model.evidence import bind
from advisor.model.text import plain

if TYPE_CHECKING:
    from advisor.rulebook import RuleBook

_MOST_LISTED = 50


def markdown(plan: Plan, rulebook: RuleBook, lang: str = "en") -> str:
    """The plan: what it does, each step with its line, the way back, what it changes, and what is left."""
    return "\n".join(_Writer(plan, rulebook, lang).lines()) + "\n"


def escaped(text: str) -> str:
    """A text in which Markdown and HTML find nothing to format."""
    clean = "".join(f"\\{c}" if c in "\\`*_[]|<>&~$" else c for c in plain(text))
    return f"\\{clean}" if clean[:1] in ("#", "+", "-", "=") else clean


def fenced(text: str, language: str = "sh") -> list[str]:
    """A code block whose fence is longer than any run of backticks inside."""
    longest = run = 0
    for c in text:
        run = run + 1 if c == "`" else 0
        longest = max(longest, run)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", text, fence]


class _Writer:
    def __init__(self, plan: Plan, rulebook: RuleBook, lang: str) -> None:
        self.plan = plan
        self.rulebook = rulebook
        self.lang = lang

    def say(self, text: str, **names: str) -> str:
        return say(self.rulebook, self.lang, f"plan.{text}", **names)

    def lines(self) -> Iterator[str]:
        plan = self.plan
        yield f"# {self.say('title')}"
        yield ""
        yield escaped(summary(plan, self.rulebook, self.lang))
        yield from self._steps()
        yield from self._advice()
        yield from self._verdicts()
        yield from self._left()
        yield from self._alternatives()

    def _steps(self) -> Iterator[str]:
        plan = self.plan
        if not plan.steps:
            return
        names = variables(plan.actions)
        lines = cli_lines(plan.actions, Shell.SH, names)
        yield from ("", f"## {self.say('steps')}")
        for number, (step, line) in enumerate(zip(plan.steps, lines, strict=True), 1):
            action = step.action
            yield from ("", f"### {number}\\. {escaped(title(self.rulebook, action, self.lang))}", "")
            yield escaped(meaning(self.rulebook, action, self.lang))
            yield ""
            level = self.say(f"risk-{risk_class(action.risk)}")
            yield f"- {self.say('risk')}: {level}. {escaped(risk(self.rulebook, action, self.lang))}"
            yield f"- {self.say('place')}: {action.account} {action.region}"
            for cost in step.cost.lines:
                yield f"- {self.say('cost')}: {escaped(spelled(self.rulebook, cost, self.lang))}"
            if step.touches:
                listed = ", ".join(step.touches[:_MOST_LISTED])
                yield f"- {self.say('touches')} ({len(step.touches)}): {escaped(listed)}"
            yield ""
            yield from fenced("\n".join(line.all))
        undo = rollback_of(plan.actions)
        if undo:
            yield from ("", f"## {self.say('rollback')}", "")
            back = [each for line in cli_lines(undo, Shell.SH, names) for each in line.all]
            yield from fenced("\n".join(back))

    def _advice(self) -> Iterator[str]:
        if not self.plan.advice:
            return
        yield from ("", f"## {self.say('by-hand')}", "")
        for each in self.plan.advice:
            words = escaped(meaning(self.rulebook, each, self.lang))
            yield f"- **{escaped(title(self.rulebook, each, self.lang))}** {words}"

    def _verdicts(self) -> Iterator[str]:
        plan = self.plan
        rows = [(r.target, r.method, r.before, r.after) for r in plan.reaches]
        known = {(target.id, method) for target, method, _, _ in rows}
        rows += [
            (s.target, s.method, s.before, s.after)
            for s in plan.shifts
            if (s.target.id, s.method) not in known
        ]
        if not rows:
            return
        yield from ("", f"## {self.say('verdicts')}", "")
        heads = [self.say(name) for name in ("target", "method", "before", "after")]
        yield f"| {' | '.join(heads)} |"
        yield "|---|---|---|---|"
        for target, method, before, after in rows[:_MOST_LISTED]:
            name = f"{target.id} {plain(target.name)}".strip()
            yield f"| {escaped(name)} | {method.value} | {before.value} | {after.value} |"
        if len(rows) > _MOST_LISTED:
            yield f"| … {len(rows) - _MOST_LISTED} | | | |"

    def _left(self) -> Iterator[str]:
        if not self.plan.left:
            return
        yield from ("", f"## {self.say('left')}", "")
        for each in self.plan.left[:_MOST_LISTED]:
            causes = [self._cause(finding.cause) for finding in each.blockers]
            causes += [bind(missing.operation, each.target.id) for missing in each.missing]
            name = f"{each.target.id} {plain(each.target.name)}".strip()
            yield f"- {escaped(name)} ({each.method.value}): {escaped('; '.join(dict.fromkeys(causes)))}"

    def _alternatives(self) -> Iterator[str]:
        if not self.plan.alternatives:
            return
        yield from ("", f"## {self.say('alternatives')}", "")
        heads = [self.say(name) for name in ("method", "changes", "usd", "state", "logged")]
        yield f"| {' | '.join(heads)} |"
        yield "|---|---|---|---|---|"
        for each in self.plan.alternatives:
            usd = each.cost.usd
            logging = self.rulebook.methods[each.method.value].logging
            logged = "; ".join(record.what.in_(self.lang) for record in logging.recorded)
            state = self.say("state-ready" if each.ready else "state-open")
            cells = (
                each.method.value,
                str(len(each.actions)),
                "?" if usd is None else f"{usd:.2f}",
                state,
                escaped(logged),
            )
            yield f"| {' | '.join(cells)} |"

    def _cause(self, cause: str) -> str:
        entry = self.rulebook.causes.get(cause)
        return entry.title.in_(self.lang) if entry is not None else cause
