"""Every target by every method: the assessment of an estate."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable
from typing import TYPE_CHECKING

from advisor.methods import catalogue  # noqa: F401  (registers the checks)
from advisor.methods.answer import Answer, Certainty, Finding
from advisor.methods.assessment import (
    Assessment,
    GapLine,
    MethodAssessment,
    MethodId,
    Target,
    TargetAssessment,
)
from advisor.methods.blockers import merged
from advisor.methods.case import Case, Study
from advisor.methods.checks import Key
from advisor.methods.options import ANYBODY, Options
from advisor.methods.targets import targets
from advisor.methods.tree import Tree, compile_tree
from advisor.model.coverage import THERE_IS_NONE
from advisor.model.estate import Estate
from advisor.model.scope import Scope
from advisor.network.network import Network

if TYPE_CHECKING:
    from advisor.rulebook import RuleBook

Chosen = Callable[[Target], bool] | Container[str] | None


def assess(
    estate: Estate,
    rulebook: RuleBook,
    options: Options = ANYBODY,
    only: Chosen = None,
    network: Network | None = None,
) -> Assessment:
    """Say for every target and every method whether it is ready, blocked or unknown, and why.

    `only` chooses targets, by id or by a predicate. `network` may be given to share what it has worked out.
    Raises InputError if a method's rules name a check that does not exist.
    """
    study = Study(estate, network or Network(estate), rulebook, options)
    desks: dict[int, _Desk] = {}
    found: list[TargetAssessment] = []
    for scope, target in targets(estate):
        if only is not None and not (only(target) if callable(only) else target.id in only):
            continue
        desk = desks.get(id(scope))
        if desk is None:
            desk = desks[id(scope)] = _Desk(study)
        found.append(TargetAssessment(target, desk.assess(Case(study, scope, target))))
    return Assessment(
        accounts=tuple(estate.accounts),
        regions=tuple(estate.regions),
        collected_at=estate.collected_at,
        gaps=tuple(
            GapLine(scope.account, scope.region, operation, coverage.status.value, coverage.code, resource)
            for scope, operation, coverage, resource in estate.gaps()
            if coverage.code not in THERE_IS_NONE
        ),
        targets=tuple(found),
        warnings=estate.warnings,
        assessed_at=options.now,
    )


class _Desk:
    """Assesses the cases of one scope; cases with equal keys share one MethodAssessment.

    Two memories: by the keys of a method's checks, so that most targets cost a few dictionary reads; and by
    the finished value, so that targets whose answers turn out equal share an object all the same.
    """

    def __init__(self, study: Study) -> None:
        self._trees: list[tuple[MethodId, Tree, tuple[int, ...]]] = []
        keys: dict[Key, int] = {}
        for method in MethodId:
            where = f"rules/methods/{method.value}.yaml"
            tree = compile_tree(study.rulebook.methods[method.value].checks, where)
            positions = tuple(keys.setdefault(key, len(keys)) for key in tree.key_functions)
            self._trees.append((method, tree, positions))
        self._keys = tuple(keys)
        self._known: list[dict[Hashable, MethodAssessment]] = [{} for _ in self._trees]
        self._concluded: dict[tuple[MethodId, int], MethodAssessment] = {}
        self._rows: dict[tuple[int, ...], tuple[MethodAssessment, ...]] = {}

    def assess(self, case: Case) -> tuple[MethodAssessment, ...]:
        """All methods for one case."""
        values = [key(case) for key in self._keys]
        row: list[MethodAssessment] = []
        for (method, tree, positions), known in zip(self._trees, self._known, strict=True):
            key = tuple([values[position] for position in positions])
            found = known.get(key)
            if found is None:
                found = known[key] = self._conclude(method, tree.answer(case))
            row.append(found)
        return self._rows.setdefault(tuple(map(id, row)), tuple(row))

    def _conclude(self, method: MethodId, answer: Answer) -> MethodAssessment:
        found = self._concluded.get((method, id(answer)))
        if found is None:
            found = self._concluded[method, id(answer)] = _concluded(method, answer)
        return found


def _concluded(method: MethodId, answer: Answer) -> MethodAssessment:
    """The method's assessment that an answer amounts to."""
    blockers = tuple(sorted(merged(answer.findings), key=_by_certainty))
    known = {(each.cause, each.resource) for each in blockers}
    return MethodAssessment(
        method=method,
        verdict=answer.verdict,
        blockers=blockers,
        missing=answer.missing,
        notes=tuple(note for note in merged(answer.notes) if (note.cause, note.resource) not in known),
        evidence=answer.evidence,
        traces=answer.traces,
        via=answer.via,
    )


def _by_certainty(finding: Finding) -> int:
    return (Certainty.CERTAIN, Certainty.LIKELY, Certainty.INVISIBLE).index(finding.certainty)


def scope_of(estate: Estate, target: Target) -> Scope:
    """The scope that a target stands in."""
    return estate.scope(target.account, target.region)
