"""A plan in every format: one text, or several files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from advisor.advice.action import Action, Advice
from advisor.advice.document import plan_document, summary
from advisor.advice.plan import Plan
from advisor.advice.render_cli import rollback_of, script, variables
from advisor.advice.render_cloudformation import cloudformation
from advisor.advice.render_iam import iam_policy
from advisor.advice.render_markdown import markdown
from advisor.advice.render_terraform import terraform
from advisor.advice.shells import Shell, comment
from advisor.advice.words import meaning, say, title
from advisor.model.errors import InputError
from advisor.model.estate import Estate
from advisor.model.responses import GLOBAL
from advisor.model.text import plain

if TYPE_CHECKING:
    from advisor.rulebook import RuleBook

FORMATS: Final = ("cli", "powershell", "terraform", "cloudformation", "iam", "json", "markdown")


def render(plan: Plan, format: str, rulebook: RuleBook, estate: Estate, lang: str = "en") -> str:
    """The plan as one text; where a format needs several files, they follow each other in one.

    Raises InputError for an unknown format, and for CloudFormation across accounts or Regions (a template
    is for one place: `files` gives one for each).
    """
    found = files(plan, format, rulebook, estate, lang)
    if format == "cloudformation" and len(found) > 1:
        raise InputError(
            f"These changes are in {len(found)} places, and a template is for one",
            "Write them into a folder: --output-dir DIR (one template for each account and Region).",
        )
    return "\n".join(found.values())


def files(plan: Plan, format: str, rulebook: RuleBook, estate: Estate, lang: str = "en") -> Mapping[str, str]:
    """The plan as files, by name; the lines that take it back are a file of their own for shells."""
    if format not in FORMATS:
        raise InputError(f"There is no format `{format}`", f"Formats: {', '.join(FORMATS)}.")
    actions = plan.actions
    titles = titles_of(actions, rulebook, lang)
    if format in ("cli", "powershell"):
        return _scripts(plan, Shell.SH if format == "cli" else Shell.POWERSHELL, rulebook, lang)
    if format == "terraform":
        return _by_account(actions, titles, estate)
    if format == "cloudformation":
        return _by_place(actions, titles, summary(plan, rulebook, lang))
    if format == "iam":
        return {"policy.json": iam_policy(actions)}
    if format == "json":
        document = plan_document(plan, rulebook, lang)
        return {"plan.json": json.dumps(document, indent=2, ensure_ascii=False) + "\n"}
    return {"plan.md": markdown(plan, rulebook, lang)}


def titles_of(actions: Sequence[Action], rulebook: RuleBook, lang: str) -> dict[str, str]:
    """What each action, and each that takes one back, is called; on one line each."""
    every = [*actions, *rollback_of(actions)]
    return {each.key: plain(title(rulebook, each, lang)) for each in every}


def _scripts(plan: Plan, shell: Shell, rulebook: RuleBook, lang: str) -> dict[str, str]:
    ending = "sh" if shell is Shell.SH else "ps1"
    names = variables(plan.actions)
    titles = titles_of(plan.actions, rulebook, lang)
    head = [comment(plain(summary(plan, rulebook, lang)))]
    accounts = list(dict.fromkeys(action.account for action in plan.actions))
    if len(accounts) > 1:
        head.append(comment(say(rulebook, lang, "plan.accounts", accounts=", ".join(accounts))))
    parts = ["\n".join(head), "", script(plan.actions, titles, shell, names)]
    parts += [_spoken(each, rulebook, lang) for each in plan.advice]
    found = {f"apply.{ending}": "\n".join(parts)}
    undo = rollback_of(plan.actions)
    if undo:
        words = comment(say(rulebook, lang, "plan.rollback-head"))
        found[f"rollback.{ending}"] = words + "\n\n" + script(undo, titles, shell, names)
    return found


def _spoken(advice: Advice, rulebook: RuleBook, lang: str) -> str:
    words = f"{title(rulebook, advice, lang)}: {meaning(rulebook, advice, lang)}"
    return comment(plain(words))


def _by_account(actions: Sequence[Action], titles: Mapping[str, str], estate: Estate) -> dict[str, str]:
    accounts = list(dict.fromkeys(action.account for action in actions))
    if len(accounts) <= 1:
        return {"main.tf": terraform(actions, titles, estate)}
    return {
        f"{account}/main.tf": terraform([a for a in actions if a.account == account], titles, estate)
        for account in accounts
    }


def _by_place(actions: Sequence[Action], titles: Mapping[str, str], description: str) -> dict[str, str]:
    """One template for each account and Region; IAM goes with the account's first Region."""
    home: dict[str, str] = {}
    for action in actions:
        if action.region != GLOBAL:
            home.setdefault(action.account, action.region)
    groups: dict[tuple[str, str], list[Action]] = {}
    for action in actions:
        region = action.region if action.region != GLOBAL else home.get(action.account, GLOBAL)
        groups.setdefault((action.account, region), []).append(action)
    if len(groups) <= 1:
        return {"template.json": cloudformation(actions, titles, description)}
    return {
        f"{account}-{region}.json": cloudformation(listed, titles, description)
        for (account, region), listed in groups.items()
    }
