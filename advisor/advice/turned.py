"""Which change of an account turned a verdict: each candidate is taken back on a copy, and judged again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from advisor.methods.assess import assess
from advisor.methods.assessment import Assessment, MethodAssessment, MethodId, Target
from advisor.methods.options import ANYBODY, Options
from advisor.model.estate import Estate
from advisor.model.scope import FAMILIES, Scope
from advisor.model.verdict import READY, Verdict
from advisor.snapshot.diff import CoverageChange, Difference, Differences, differences
from advisor.snapshot.store import Snapshot

if TYPE_CHECKING:
    from advisor.rulebook import RuleBook

Change = Difference | CoverageChange
Place = tuple[str, str, str]
_MOST: Final = 40
"""So many changes are taken back one by one; beyond, only those that the verdicts themselves name."""


class Turn(msgspec.Struct, frozen=True):
    """A method of a target whose verdict changed.

    `changes` did it: with `proved`, taking back any one of them alone brings the old verdict back; without,
    they are what the two verdicts name, and only together (or with what lies outside the account) they tell.
    """

    target: Target
    method: MethodId
    before: Verdict
    after: Verdict
    changes: tuple[Change, ...] = ()
    proved: bool = False


class Turns(msgspec.Struct, frozen=True):
    """All verdicts that changed between two snapshots, and the targets that came and went.

    `hidden` are the old targets that the new snapshot could not show, because the call that lists them did
    not succeed or was not made; `revealed` the new ones that the old snapshot could not show. `cut_off` are
    those of the hidden ones that had a way in.
    """

    turns: tuple[Turn, ...]
    appeared: tuple[Target, ...]
    gone: tuple[Target, ...]
    differences: Differences
    hidden: tuple[Target, ...] = ()
    revealed: tuple[Target, ...] = ()
    cut_off: tuple[Target, ...] = ()


def turned(old: Snapshot, new: Snapshot, rulebook: RuleBook, options: Options = ANYBODY) -> Turns:
    """Compare two snapshots: whose verdicts changed, and by which change."""
    found = differences(old, new)
    was, now = old.estate(), new.estate()
    before, after = _methods(assess(was, rulebook, options)), _methods(assess(now, rulebook, options))
    turning = [
        Turn(target, method, before[place][1][method].verdict, one.verdict)
        for place, (target, methods) in after.items()
        if place in before
        for method, one in methods.items()
        if method in before[place][1] and before[place][1][method].verdict is not one.verdict
    ]
    named = {
        id(turn): _named(
            turn, before[_place(turn.target)][1][turn.method], after[_place(turn.target)][1][turn.method]
        )
        for turn in turning
    }
    changes: list[Change] = [*found.records, *found.coverage]
    if len(changes) > _MOST:
        wanted = frozenset().union(*named.values()) if named else frozenset()
        changes = [each for each in changes if _concerns(each, wanted)][:_MOST]
    judged = _judged(changes, was, now, turning, rulebook, options)
    come = [target for place, (target, _) in after.items() if place not in before]
    left = [target for place, (target, _) in before.items() if place not in after]
    hidden = tuple(target for target in left if not _shows(now, target))
    return Turns(
        tuple(_explained(turn, changes, judged, named[id(turn)]) for turn in turning),
        tuple(target for target in come if _shows(was, target)),
        tuple(target for target in left if _shows(now, target)),
        found,
        hidden,
        tuple(target for target in come if not _shows(was, target)),
        tuple(
            target
            for target in hidden
            if any(each.verdict is READY for each in before[_place(target)][1].values())
        ),
    )


def _shows(estate: Estate, target: Target) -> bool:
    """Whether the estate would show the target if it were there: missing is not empty."""
    scope = estate.scope(target.account, target.region)
    return (scope.instances if target.kind == "ec2" else scope.managed_nodes).complete


def _place(target: Target) -> Place:
    return (target.account, target.region, target.id)


def _methods(assessment: Assessment) -> dict[Place, tuple[Target, Mapping[MethodId, MethodAssessment]]]:
    return {
        _place(one.target): (one.target, {each.method: each for each in one.methods})
        for one in assessment.targets
    }


def _judged(
    changes: Sequence[Change],
    was: Estate,
    now: Estate,
    turning: Sequence[Turn],
    rulebook: RuleBook,
    options: Options,
) -> list[dict[tuple[Place, MethodId], Verdict]]:
    """For each change, the verdicts of the turned methods with it taken back."""
    places = {_place(turn.target) for turn in turning}
    if not places:
        return [{} for _ in changes]

    def is_turned(target: Target) -> bool:
        return _place(target) in places

    found = []
    for change in changes:
        judged = assess(taken_back(change, was, now), rulebook, options, is_turned)
        found.append(
            {
                (_place(one.target), each.method): each.verdict
                for one in judged.targets
                for each in one.methods
            }
        )
    return found


def taken_back(change: Change, was: Estate, now: Estate) -> Estate:
    """The new estate with one change undone, as it stood in the old one."""
    scope = now.scope(change.account, change.region)
    earlier = was.scope(change.account, change.region)
    tables = dict(scope.tables)
    family = FAMILIES[change.operation]
    table, before = family.__get__(scope, Scope), family.__get__(earlier, Scope)
    if isinstance(change, CoverageChange):
        tables[change.operation] = before
    else:
        key = _key(change)
        tables[change.operation] = table.without(key) if key not in before else table.having(key, before[key])
    return now.having(Scope(scope.account, scope.region, tables))


def _key(change: Difference) -> str:
    """The record's key in its table: the two attributes of a VPC are one record there."""
    if change.operation == "ec2:DescribeVpcAttribute":
        return change.identity.partition("/")[0]
    return change.identity


def _explained(
    turn: Turn,
    changes: Sequence[Change],
    judged: Sequence[Mapping[tuple[Place, MethodId], Verdict]],
    named: frozenset[str],
) -> Turn:
    key = (_place(turn.target), turn.method)
    proved = tuple(
        change for change, verdicts in zip(changes, judged, strict=True) if verdicts.get(key) is turn.before
    )
    if proved:
        return msgspec.structs.replace(turn, changes=proved, proved=True)
    return msgspec.structs.replace(
        turn, changes=tuple(change for change in changes if _concerns(change, named))
    )


def _concerns(change: Change, named: Iterable[str]) -> bool:
    if isinstance(change, CoverageChange):
        return change.operation in named
    return _key(change) in named or any(part in named for part in change.identity.split(","))


def _named(turn: Turn, *methods: MethodAssessment) -> frozenset[str]:
    """Everything that two verdicts name: resources, hops of their paths, calls that are missing."""
    found = {turn.target.id}
    for method in methods:
        for finding in (*method.blockers, *method.notes):
            found.add(finding.resource)
            found.update(each.resource for each in finding.evidence)
        found.update(each.resource for each in method.evidence)
        found.update(each.operation for each in method.missing)
        for trace in method.traces:
            found.update(hop.id for hop in trace.hops)
    return frozenset(found)
