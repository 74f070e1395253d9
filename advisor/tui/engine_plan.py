"""Remedies and plans as screens show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from advisor.advice import words
from advisor.advice.action import Advice, Ref, risk_class
from advisor.advice.cost import cost_of
from advisor.advice.plan import Alternative, Plan, Step, plan
from advisor.advice.rank import Needs as Asked
from advisor.advice.remedies import remedies
from advisor.advice.render import files
from advisor.advice.render_cli import Lines, cli_lines, rollback_of, variables
from advisor.methods.assessment import MethodAssessment, MethodId, Target
from advisor.methods.options import Options, Use
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.report.rows import METHOD_NAMES, Causes, blocker_line, mark, missing_text, shown_name
from advisor.report.texts import remedy_lines as texts_of
from advisor.tui.desk import Needs, PlanStep, PlanView, RemedyLine
from advisor.tui.tongue import Tongue

if TYPE_CHECKING:
    from advisor.advice.action import Remedy
    from advisor.advice.cover import Left
    from advisor.model.estate import Estate
    from advisor.rulebook import RuleBook


def remedy_lines(
    target: Target, method: MethodAssessment, estate: Estate, rulebook: RuleBook, lang: str
) -> tuple[RemedyLine, ...]:
    """For every blocker the mildest remedy, and the rule book's words where no request is known."""
    lines: list[RemedyLine] = []
    for finding in method.blockers:
        found = remedies(finding, target, estate, method=method.method)
        best = next((each for each in found if each.actions), None) or next(iter(found), None)
        if best is not None:
            lines += _lines(best, estate, rulebook, lang)
        elif finding.cause in rulebook.causes:
            lines += [RemedyLine(each) for each in texts_of(rulebook, finding.cause, lang)]
    return tuple(dict.fromkeys(lines))


def _lines(remedy: Remedy, estate: Estate, rulebook: RuleBook, lang: str) -> list[RemedyLine]:
    written = cli_lines(remedy.actions)
    lines = [
        RemedyLine(
            words.title(rulebook, action, lang),
            "\n".join(command.all),
            words.meaning(rulebook, action, lang),
            cost_of(action, estate, rulebook.prices).usd,
        )
        for action, command in zip(remedy.actions, written, strict=True)
    ]
    lines += [
        RemedyLine(words.title(rulebook, each, lang), "", words.meaning(rulebook, each, lang))
        for each in remedy.advice
    ]
    return lines


class PlanDesk:
    """Plans for one account, and how they read.

    The whole plan of a question is kept: changes that a person leaves out are shown beside those that stay.
    """

    def __init__(
        self, estate: Estate, rulebook: RuleBook, causes: Causes, options: Options, lang: str
    ) -> None:
        self._estate = estate
        self._rulebook = rulebook
        self._causes = causes
        self._options = options
        self._lang = lang
        self._say = Tongue(lang)
        self._whole: dict[tuple[object, ...], Plan] = {}

    def view(
        self,
        targets: tuple[Target, ...],
        method: MethodId | None,
        left_out: frozenset[str],
        needs: Needs,
    ) -> PlanView:
        """The plan for these targets, without the changes that were left out."""
        key = (targets, method, needs)
        whole = self._whole.get(key)
        if whole is None:
            whole = self._whole[key] = self._planned(targets, method, needs, frozenset())
        made = self._planned(targets, method, needs, left_out) if left_out else whole
        return self._view(whole, made)

    def _planned(
        self, targets: tuple[Target, ...], method: MethodId | None, needs: Needs, without: frozenset[str]
    ) -> Plan:
        asked = Asked(
            use=Use(needs.use) if needs.use else None,
            must_be_logged=needs.must_be_logged,
            no_new_cost=needs.no_new_cost,
            survive_zone=needs.survives_zone,
        )
        return plan(
            self._estate, self._rulebook, targets, method, needs.profile, asked, self._options, without
        )

    # --- how it reads ---

    def _view(self, whole: Plan, made: Plan) -> PlanView:
        steps = self._steps(whole, made)
        verdict = READY if made.verified else BLOCKED if made.refused or not made.steps else UNKNOWN
        return PlanView(
            title=self._title(whole, made),
            status=self._status(made),
            mark=mark(verdict),
            verified=made.verified,
            steps=steps,
            before_after=tuple(self._changes(made)),
            monthly_cost_usd=made.cost.known,
            alternatives=tuple(self._other(each) for each in made.alternatives),
            formats=self._formats(made),
            notes=tuple(dict.fromkeys(self._notes(made))),
        )

    def _text(self, id: str) -> str:
        return self._rulebook.text(id, self._lang)

    def _title(self, whole: Plan, made: Plan) -> str:
        if not made.is_needed:
            return self._text("tui.plan-ready-already")
        if not made.actions:
            return self._text("tui.plan-nothing-left" if whole.actions else "tui.plan-no-change")
        count = len(made.actions)
        changes = self._text("tui.plan-one-change" if count == 1 else "tui.plan-count").format(count=count)
        if len(made.targets) == 1:
            name = shown_name(made.targets[0])
            return self._text("tui.plan-for").format(changes=changes, target=name)
        ready = sum(1 for each in made.reaches if each.after is READY)
        waiting = len(made.targets) - len(made.ready_before)
        return self._text("tui.plan-repairs").format(changes=changes, ready=ready, waiting=waiting)

    def _status(self, made: Plan) -> str:
        if made.verified:
            return self._text("tui.plan-is-proved" if made.actions else "tui.plan-is-not-needed")
        if made.refused:
            return self._text("tui.plan-is-refused")
        if made.is_conditional:
            return self._text("tui.plan-is-conditional")
        return self._text("tui.plan-is-not-enough" if made.actions else "tui.plan-is-blocked")

    def _steps(self, whole: Plan, made: Plan) -> tuple[PlanStep, ...]:
        kept = {step.action.key for step in made.steps}
        names = variables(whole.actions)
        lines = cli_lines(whole.actions, names=names)
        found = [
            self._step(step, line, step.action.key in kept, names)
            for step, line in zip(whole.steps, lines, strict=True)
        ]
        known = {step.action.key for step in whole.steps}
        rest = [step for step in made.steps if step.action.key not in known]
        names = variables(made.actions)
        more = cli_lines([each.action for each in rest], names=names)
        return (*found, *(self._step(step, line, True, names) for step, line in zip(rest, more, strict=True)))

    def _step(self, step: Step, line: Lines, included: bool, names: Mapping[Ref, str]) -> PlanStep:
        action = step.action
        undo = "; ".join(each.command for each in cli_lines(rollback_of([action]), names=names))
        why = [words.meaning(self._rulebook, action, self._lang)]
        if step.touches:
            why.append(self._touched(step.touches))
        return PlanStep(
            key=action.key,
            title=words.title(self._rulebook, action, self._lang),
            command="\n".join(line.all),
            why=" ".join(part for part in why if part),
            risk=self._text(f"tui.risk-{risk_class(action.risk)}"),
            monthly_cost_usd=step.cost.known,
            rollback=undo,
            included=included,
        )

    def _touched(self, ids: Sequence[str]) -> str:
        shown, more = ", ".join(ids[:_TOUCHED]), len(ids) - _TOUCHED
        return self._text("tui.plan-touches-more" if more > 0 else "tui.plan-touches").format(
            ids=shown, more=more
        )

    def _changes(self, made: Plan) -> Iterable[str]:
        for each in (*made.refused, *(one for one in made.shifts if not one.is_worse)):
            worse = f"{self._text('tui.plan-worse')}  " if each.is_worse else ""
            yield (
                f"{worse}{shown_name(each.target)}  {self._say(METHOD_NAMES[each.method])}  "
                f"{mark(each.before).said(self._say)} → {mark(each.after).said(self._say)}"
            )

    def _notes(self, made: Plan) -> Iterable[str]:
        for each in made.missing:
            yield f"{self._text('tui.not-known')}: {missing_text(each)}"
        for doubt in made.doubts:
            line = blocker_line(doubt, made.targets[0].id if len(made.targets) == 1 else "", self._causes)
            yield f"{line.title}{': ' + line.says if line.says else ''}"
        for advice in made.advice:
            yield _sentence(self._rulebook, advice, self._lang)
        for left in made.left:
            yield self._left(left, single=len(made.targets) == 1)
        for assumed in made.assumes:
            yield words.say(self._rulebook, self._lang, f"advice.assumes-{assumed}")
        if made.bound is not None and made.bound.ratio > 1.01:
            yield self._text("tui.plan-bound").format(ratio=f"{made.bound.ratio:.2f}")

    def _left(self, left: Left, single: bool) -> str:
        needs = [blocker_line(each, left.target.id, self._causes).title for each in left.blockers]
        needs += [missing_text(each, left.target.id) for each in left.missing]
        needs += [words.title(self._rulebook, each, self._lang) for each in left.advice]
        who = "" if single else shown_name(left.target)
        out = self._text("tui.plan-left").format(target=who, method=self._say(METHOD_NAMES[left.method]))
        return f"{out.strip()}: {'; '.join(dict.fromkeys(needs)) or '?'}"

    def _other(self, other: Alternative) -> str:
        titles = [words.title(self._rulebook, each, self._lang) for each in other.actions]
        method = self._say(METHOD_NAMES[other.method])
        if other.ready:
            what = "; ".join(titles) or self._say("ready")
            cost = self._text("tui.usd-a-month").format(usd=f"{other.cost.known:.2f}")
            risk = self._text("tui.plan-risk").format(risk=self._text(f"tui.risk-{risk_class(other.risk)}"))
            return f"{method}: {what} ({cost}, {risk})"
        needs = [self._causes(each.cause).title for each in other.blockers]
        needs += [missing_text(each) for each in other.missing]
        needs += [words.title(self._rulebook, each, self._lang) for each in other.advice]
        return f"{method}: {self._text('tui.plan-not-alone')}: {'; '.join(dict.fromkeys(needs))}"

    def _formats(self, made: Plan) -> tuple[tuple[str, str], ...]:
        if not made.actions:
            return ()
        found = []
        for name in ("cli", "powershell", "terraform", "cloudformation", "iam", "markdown", "json"):
            texts = files(made, name, self._rulebook, self._estate, self._lang)
            found.append((name, "\n\n".join(texts.values()).rstrip()))
        return tuple(found)


_TOUCHED = 4
"""How many of the things that a change touches are named."""


def _sentence(rulebook: RuleBook, advice: Advice, lang: str) -> str:
    title = words.title(rulebook, advice, lang)
    meaning = words.meaning(rulebook, advice, lang)
    return f"{title}: {meaning}" if meaning else title
