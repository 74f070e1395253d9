"""Asks a few operations again, and those that cost a call per instance for the instances in view."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from advisor.collect.derive import Parameters
from advisor.collect.operations import Asked, operation
from advisor.collect.runner import Listener, Question, gather, never, questions, silent
from advisor.collect.session import Session
from advisor.model.responses import GLOBAL, Gap, Responses
from advisor.model.scope import FAMILIES
from advisor.snapshot.store import Snapshot


class Target(msgspec.Struct, frozen=True):
    """An instance or managed node that somebody looks at."""

    region: str
    id: str


class Simulation(msgspec.Struct, frozen=True):
    """What to ask IAM's policy simulator about a principal (the ARN of a user, group or role)."""

    principal: str
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    context: tuple[Mapping[str, Any], ...] = ()


def recollect(
    session: Session,
    snapshot: Snapshot,
    operations: Iterable[str],
    regions: Sequence[str] | None = None,
    progress: Listener = silent,
    cancelled: Callable[[], bool] = never,
) -> Snapshot:
    """The snapshot with these operations asked again in these Regions (those of the session if none).

    Requests that earlier answers lead to are derived from the snapshot. Operations asked for targets only
    are left as they are; `look_at` asks them.
    """
    rows = [operation(name) for name in operations]
    wanted = questions((row for row in rows if row.asked is not Asked.TARGET), regions or session.regions)
    found = gather(session, wanted, _own(session, snapshot), progress, cancelled)
    asked = {(each.region, each.operation) for each in found}
    kept = [
        each
        for each in snapshot.responses
        if each.account != session.account or (each.region, each.operation) not in asked
    ]
    return msgspec.structs.replace(snapshot, responses=(*kept, *found))


def look_at(
    session: Session,
    snapshot: Snapshot,
    targets: Iterable[Target],
    *,
    console: bool = False,
    cancelled: Callable[[], bool] = never,
) -> Snapshot:
    """The snapshot with the session channel's state of these targets, and with `console` their boot output.

    The console output may hold secrets: ask for it only when somebody wants it.
    """
    by_region: dict[str, list[str]] = {}
    for target in targets:
        by_region.setdefault(target.region, []).append(target.id)
    wanted = [
        Question(operation("ssm:GetConnectionStatus"), region, tuple({"Target": id} for id in ids))
        for region, ids in by_region.items()
    ]
    if console:
        wanted += [
            Question(operation("ec2:GetConsoleOutput"), region, tuple({"InstanceId": id} for id in instances))
            for region, ids in by_region.items()
            if (instances := [id for id in ids if id.startswith("i-")])
        ]
    return _with(snapshot, gather(session, wanted, (), silent, cancelled))


def simulate(session: Session, snapshot: Snapshot, simulations: Iterable[Simulation]) -> Snapshot:
    """The snapshot with the simulator's answers; those about one principal stand in one record."""
    requests = tuple(_request(each) for each in simulations)
    if not requests:
        return snapshot
    found = gather(session, [Question(operation("iam:SimulatePrincipalPolicy"), GLOBAL, requests)], ())
    return _with(snapshot, [_by_principal(each) for each in found])


def _request(simulation: Simulation) -> Parameters:
    request: dict[str, Any] = {
        "PolicySourceArn": simulation.principal,
        "ActionNames": list(simulation.actions),
    }
    if simulation.resources:
        request["ResourceArns"] = list(simulation.resources)
    if simulation.context:
        request["ContextEntries"] = [dict(entry) for entry in simulation.context]
    return request


def _by_principal(responses: Responses) -> Responses:
    merged: dict[str, dict[str, Any]] = {}
    for record in msgspec.json.decode(responses.records):
        whole = merged.setdefault(record["PolicySourceArn"], {**record, "EvaluationResults": []})
        whole["EvaluationResults"] += record["EvaluationResults"]
    return msgspec.structs.replace(responses, records=msgspec.Raw(msgspec.json.encode(list(merged.values()))))


def _own(session: Session, snapshot: Snapshot) -> list[Responses]:
    return [each for each in snapshot.responses if each.account == session.account]


def _with(snapshot: Snapshot, found: Iterable[Responses]) -> Snapshot:
    """The snapshot with these answers; of a resource that was asked about before, the new one stays."""
    newer = {(each.account, each.region, each.operation): each for each in found}
    responses: list[Responses] = []
    for each in snapshot.responses:
        answer = newer.pop((each.account, each.region, each.operation), None)
        responses.append(each if answer is None else _renewed(each, answer))
    return msgspec.structs.replace(snapshot, responses=(*responses, *newer.values()))


def _renewed(older: Responses, newer: Responses) -> Responses:
    family = FAMILIES[older.operation]

    def by_resource(responses: Responses) -> dict[str, msgspec.Raw]:
        elements = msgspec.json.decode(responses.records, type=list[msgspec.Raw])
        return {family.identify(msgspec.json.decode(each, type=family.record)): each for each in elements}

    records = {**by_resource(older), **by_resource(newer)}
    gaps: dict[str, Gap] = {gap.resource: gap for gap in (*older.gaps, *newer.gaps)}
    answered = by_resource(newer).keys()
    return msgspec.structs.replace(
        newer,
        records=msgspec.Raw(b"[" + b",".join(bytes(each) for each in records.values()) + b"]"),
        gaps=tuple(gap for resource, gap in gaps.items() if resource not in answered),
    )
