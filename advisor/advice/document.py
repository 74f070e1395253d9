"""Plans as JSON, in the shape other programs build on (`advisor.plan/1`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from advisor.advice.action import Action, Advice, Ref, risk_class, thawed
from advisor.advice.cost import Cost, spelled
from advisor.advice.permissions import permissions
from advisor.advice.plan import Alternative, Plan, Reach
from advisor.advice.render_cli import cli_lines, rollback_of, variables
from advisor.advice.shells import Shell
from advisor.advice.words import meaning, risk, say, title
from advisor.advice.workshop import Shift
from advisor.methods.answer import Finding
from advisor.methods.assessment import Target
from advisor.model.evidence import Missing, bind
from advisor.model.text import plain

if TYPE_CHECKING:
    from advisor.rulebook import RuleBook

SCHEMA: Final = "advisor.plan/1"

Json = dict[str, Any]


def plan_document(plan: Plan, rulebook: RuleBook, lang: str = "en") -> Json:
    """The whole plan as JSON data.

    In `parameters`, `{"$ref": {"action": n, "path": "…"}}` stands for what the answer of the n-th action
    (from 0) holds; in `cli` it is a shell variable that the line of that action sets.
    """
    return _Writer(plan, rulebook, lang).document()


class _Writer:
    def __init__(self, plan: Plan, rulebook: RuleBook, lang: str) -> None:
        self.plan = plan
        self.rulebook = rulebook
        self.lang = lang
        self.actions = plan.actions
        self.names = variables(self.actions)
        self.positions = {action.key: n for n, action in enumerate(self.actions)}

    def document(self) -> Json:
        plan = self.plan
        lines = cli_lines(self.actions, Shell.SH, self.names)
        return {
            "schema": SCHEMA,
            "method": plan.method.value if plan.method else "best",
            "profile": plan.profile,
            "targets": [_target(each) for each in plan.targets],
            "summary": summary(plan, self.rulebook, self.lang),
            "actions": [
                self._action(step.action, line.all, step.cost, step.touches)
                for step, line in zip(plan.steps, lines, strict=True)
            ],
            "advice": [self._advice(each) for each in plan.advice],
            "before": self._verdicts("before"),
            "after": self._verdicts("after"),
            "reaches": [_reach(each) for each in plan.reaches],
            "ready_before": [_reach(each) for each in plan.ready_before],
            "changes": [_shift(each) for each in plan.shifts],
            "refused": [_shift(each) for each in plan.refused],
            "left": [
                {
                    **_target(each.target),
                    "method": each.method.value,
                    "blockers": [self._finding(finding, each.target) for finding in each.blockers],
                    "missing": [_missing(missing, each.target) for missing in each.missing],
                    "advice": [self._advice(advice) for advice in each.advice],
                }
                for each in plan.left
            ],
            "verified": plan.verified,
            "conditional": plan.is_conditional,
            "missing": [_missing(each) for each in plan.missing],
            "doubts": [self._finding(each) for each in plan.doubts],
            "assumes": [say(self.rulebook, self.lang, f"advice.assumes-{each}") for each in plan.assumes],
            "monthly_cost_usd": plan.cost.usd,
            "cost": self._cost(plan.cost),
            "bound": None
            if plan.bound is None
            else {
                "weight": round(plan.bound.weight, 2),
                "least": round(plan.bound.least, 2),
                "ratio": round(plan.bound.ratio, 3),
            },
            "alternatives": [self._alternative(each) for each in plan.alternatives],
        }

    # --- actions --------------------------------------------------------------------------------------

    def _action(self, action: Action, lines: tuple[str, ...], cost: Cost, touches: tuple[str, ...]) -> Json:
        undo = rollback_of((action,))
        return {
            "key": action.key,
            "title": title(self.rulebook, action, self.lang),
            "service": action.service,
            "operation": action.operation,
            "parameters": thawed(action.parameters, self._ref),
            "account": action.account,
            "region": action.region,
            "cli": lines[0],
            "waits": list(lines[1:]),
            "monthly_cost_usd": cost.usd,
            "cost": self._cost(cost),
            "rollback": "\n".join(
                line for each in cli_lines(undo, Shell.SH, self.names) for line in each.all
            ),
            "rollback_is_exact": not action.lossy,
            "why": meaning(self.rulebook, action, self.lang),
            "risk": risk_class(action.risk),
            "risk_level": action.risk,
            "risk_says": risk(self.rulebook, action, self.lang),
            "touches": list(touches),
            "permissions": list(permissions(action)),
        }

    def _ref(self, ref: Ref) -> Json:
        return {"$ref": {"action": self.positions.get(ref.action, -1), "path": ref.path}}

    def _cost(self, cost: Cost) -> list[str]:
        return [spelled(self.rulebook, line, self.lang) for line in cost.lines]

    def _advice(self, advice: Advice) -> Json:
        return {
            "text": advice.text,
            "reason": advice.reason,
            "title": title(self.rulebook, advice, self.lang),
            "says": meaning(self.rulebook, advice, self.lang),
        }

    def _alternative(self, each: Alternative) -> Json:
        method = self.rulebook.methods[each.method.value]
        return {
            "method": each.method.value,
            "ready": each.ready,
            "actions": [title(self.rulebook, action, self.lang) for action in each.actions],
            "risk": risk_class(each.risk) if each.actions else None,
            "monthly_cost_usd": each.cost.usd,
            "blockers": [self._finding(finding) for finding in each.blockers],
            "missing": [_missing(missing) for missing in each.missing],
            "advice": [self._advice(advice) for advice in each.advice],
            "logged": [record.what.in_(self.lang) for record in method.logging.recorded],
            "not_logged": list(method.logging.not_recorded.in_(self.lang)),
        }

    def _finding(self, finding: Finding, target: Target | None = None) -> Json:
        cause = self.rulebook.causes.get(finding.cause)
        identity = target.id if target is not None else self._only()
        return {
            "cause": finding.cause,
            "title": cause.title.in_(self.lang) if cause is not None else finding.cause,
            "resource": bind(finding.resource, identity),
            "certainty": finding.certainty.value,
            "says": plain(bind(finding.says, identity)),
        }

    def _only(self) -> str:
        return self.plan.targets[0].id if self.plan.targets else ""

    # --- verdicts -------------------------------------------------------------------------------------

    def _verdicts(self, when: str) -> dict[str, dict[str, str]]:
        """Verdicts by target and method: of the goals, and of everything that changes."""
        found: dict[str, dict[str, str]] = {}
        each: Shift | Reach
        for each in self.plan.shifts:
            found.setdefault(each.target.id, {})[each.method.value] = getattr(each, when).value
        for each in (*self.plan.ready_before, *self.plan.reaches):
            found.setdefault(each.target.id, {})[each.method.value] = getattr(each, when).value
        return found


def summary(plan: Plan, rulebook: RuleBook, lang: str = "en") -> str:
    """The plan in a sentence: "these 4 changes repair 37 of 41 instances; 29.20 USD a month; 4 are left"."""
    waiting = len(plan.targets) - len(plan.ready_before)
    changes = "-one" if len(plan.steps) == 1 else ""
    cost = plan.cost
    money = f"{cost.usd:.2f}" if cost.usd is not None else f"{cost.known:.2f} + ?"
    reached = sum(1 for each in plan.reaches if each.after.value == "ready")
    words = {
        "changes": str(len(plan.steps)),
        "reached": str(reached),
        "waiting": str(waiting),
        "usd": money,
        "left": str(waiting - reached),
    }
    if not plan.targets:
        return say(rulebook, lang, "advice.plan-no-targets")
    if not plan.is_needed:
        return say(rulebook, lang, "advice.plan-nothing", **words)
    if plan.refused:
        return say(rulebook, lang, f"advice.plan-refused{changes}", count=str(len(plan.refused)), **words)
    if plan.verified:
        text = "advice.plan-verified" if waiting == reached else "advice.plan-partly"
        return say(rulebook, lang, text + changes, **words)
    if plan.is_conditional:
        doubtful = [each.operation for each in plan.missing] + [each.cause for each in plan.doubts]
        return say(
            rulebook, lang, "advice.plan-conditional", what=", ".join(dict.fromkeys(doubtful)), **words
        )
    if plan.is_undecided:
        calls = dict.fromkeys(missing.operation for each in plan.left for missing in each.missing)
        causes = dict.fromkeys(blocker.cause for each in plan.left for blocker in each.blockers)
        return say(rulebook, lang, "advice.plan-unknown", what=", ".join((*calls, *causes)), **words)
    return say(rulebook, lang, "advice.plan-none", **words)


def _target(target: Target) -> Json:
    return {
        "id": target.id,
        "name": plain(target.name),
        "account": target.account,
        "region": target.region,
        "vpc": target.vpc,
    }


def _reach(each: Reach) -> Json:
    return {
        "id": each.target.id,
        "method": each.method.value,
        "before": each.before.value,
        "after": each.after.value,
    }


def _shift(each: Shift) -> Json:
    return {
        "id": each.target.id,
        "account": each.target.account,
        "region": each.target.region,
        "method": each.method.value,
        "before": each.before.value,
        "after": each.after.value,
    }


def _missing(each: Missing, target: Target | None = None) -> Json:
    return {
        "operation": each.operation,
        "status": each.status,
        "code": each.code,
        "resource": bind(each.resource or "", target.id) if target and each.resource else each.resource,
        "says": plain(each.says),
    }
