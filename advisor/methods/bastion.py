"""Bastion: which instances could pass a connection on, and whether one gets through to the target."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Final

import msgspec

from advisor.methods import blockers
from advisor.methods.answer import Answer, Finding, blocked, every, nearest, unknown
from advisor.methods.bastion_entry import doors_of, entry_port, has_public_address, health, is_named, way_in
from advisor.methods.blockers import Path
from advisor.methods.case import Case
from advisor.methods.checks import check, unread
from advisor.methods.entry import admitted_ranges
from advisor.methods.neighbours import VpcPlace, neighbours, scopes_of, unseen
from advisor.methods.service_path import network_class
from advisor.methods.targets import platform_of
from advisor.methods.uses import port_of
from advisor.model.evidence import Evidence, Missing
from advisor.model.records.ec2 import Instance
from advisor.model.scope import Scope
from advisor.model.verdict import BLOCKED, READY, UNKNOWN
from advisor.network.flow import End, Flow, Kind, Protocol
from advisor.network.repairs import StartInstance

_MOST_TRIED: Final = 24
"""So many kinds of possible bastions are tried for a target; of more, a 'none' stays unknown."""


class Candidate(msgspec.Struct, frozen=True):
    """An instance that might pass connections on, with the operator's way to it."""

    scope: Scope
    instance: Instance
    entry: Answer
    kind: Hashable

    @property
    def id(self) -> str:
        """The instance's id."""
        return self.instance.instance_id


def bastion_key(case: Case) -> Hashable:
    """The key of checks that look for a bastion; the possible bastions themselves are never shared."""
    own = case.target.id if case.target.id in _possible_ids(case) else None
    return network_class(case), port_of(case), own


@check("bastion.reaches", by=bastion_key)
def reaches(case: Case) -> Answer:
    """An instance that the operator reaches can pass the connection on to the target."""
    if case.instance is None:
        return unread(case)
    tried: dict[Hashable, tuple[Answer, Candidate]] = {}
    left = 0
    for candidate in _candidates(case):
        if candidate.id == case.target.id or candidate.kind in tried:
            continue
        if len(tried) >= _MOST_TRIED:
            left += 1
            continue
        answer = _barred(case, candidate) or _by(case, candidate)
        tried[candidate.kind] = answer, candidate
        if answer.verdict is READY:
            return answer
        if answer.verdict is UNKNOWN and not answer.findings and candidate.entry.verdict is UNKNOWN:
            return answer  # the others come after it because their way in is no better known
    table = case.scope.instances
    gaps = unseen(case) if table.complete else (table.missing(),)
    if not tried:
        return unknown(*gaps) if gaps else _none(case)
    best = nearest(answer for answer, _ in tried.values())
    if best.verdict is not BLOCKED:
        return best
    if left:
        says = f"{left} further possible bastions were not tried"
        return unknown(Missing(table.operation, "undecidable", None, case.target.vpc, says))
    if gaps:
        return unknown(*best.missing, *gaps)
    barred = [candidate for answer, candidate in tried.values() if answer is best and not answer.traces]
    return _by(case, barred[0]) if barred else best


def _bars(case: Case) -> dict[Hashable, Answer]:
    """Second legs that end before the target's own group comes in; filled as they are met."""
    return case.study.remember("barred", dict)


def _bar_key(case: Case, candidate: Candidate) -> Hashable:
    atom = case.network.atom_of(case.target.private_ip)
    return candidate.scope.account, candidate.id, id(case.scope), case.target.subnet, atom, port_of(case)


def _barred(case: Case, candidate: Candidate) -> Answer | None:
    """What is known to stop every connection from the candidate into the target's subnet.

    Without this, hundreds of VPCs on one transit gateway would cost a trace for each target and each bastion.
    """
    return _bars(case).get(_bar_key(case, candidate))


def _none(case: Case) -> Answer:
    vpc = case.target.vpc or ""
    return blocked(
        Finding(
            "bastion-none",
            vpc,
            f"No other instance in {vpc} or a VPC next to it has a public address and admits SSH or RDP.",
            evidence=(
                Evidence(
                    "ec2:DescribeInstances",
                    vpc,
                    "no instance with a public address admits port 22 or 3389 from outside",
                    "Reservations[].Instances[]",
                ),
            ),
        )
    )


_OF_THE_MACHINES: Final = frozenset({"security-group", "instance", "network-interface"})
"""Kinds of hops that depend on the machines themselves, not only on where they stand."""


def _by(case: Case, candidate: Candidate) -> Answer:
    """Both legs by one candidate; the findings of each leg are its own."""
    source = End(Kind.INSTANCE, candidate.id, candidate.scope.account, candidate.scope.region)
    trace = case.trace(Flow(source, case.end, Protocol.TCP, port_of(case)))
    second = blockers.answer(trace, Path.SECOND_LEG)
    on_the_way = [each for each in trace.blockers if each.kind not in _OF_THE_MACHINES]
    if on_the_way:
        _bars(case)[_bar_key(case, candidate)] = Answer(
            BLOCKED, findings=blockers.findings(trace, Path.SECOND_LEG), via=candidate.id
        )
    answer = every((candidate.entry, second))
    found = blockers.merged(answer.findings)
    if any(each.cause == "bastion-down" and each.resource == candidate.id for each in found):
        found = _of_stopped(candidate, found)
    return msgspec.structs.replace(answer, findings=found, via=candidate.id)


def _of_stopped(candidate: Candidate, found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """A stopped bastion lacks its public address for as long: that is no fault of its own."""
    start = StartInstance(candidate.id, candidate.scope.account, candidate.scope.region)
    return tuple(
        msgspec.structs.replace(
            each,
            says=f"The bastion {candidate.id} is {candidate.instance.state.name}.",
            repairs=tuple(dict.fromkeys((*each.repairs, start))),
        )
        if each.cause == "bastion-down"
        else each
        for each in found
        if each.cause not in ("no-public-ip", "no-igw-route")
    )


# --- candidates ---------------------------------------------------------------------------------------------


def _candidates(case: Case) -> Iterator[Candidate]:
    """Possible bastions for the target, two of each kind: of its VPC first, then of those next to it.

    Of the neighbours the ones that surely let the operator in come first.
    """
    here = (case.scope.account, case.scope.region, case.target.vpc or "")
    yield from _of_vpc(case, here)
    yield from case.study.remember(
        ("bastions around", here),
        lambda: sorted((each for place in neighbours(case) for each in _of_vpc(case, place)), key=_rank),
    )


def _possible_ids(case: Case) -> frozenset[str]:
    here = (case.scope.account, case.scope.region, case.target.vpc or "")
    return case.study.remember(
        ("bastions", here, "ids"), lambda: frozenset(each.id for each in _of_vpc(case, here))
    )


def _of_vpc(case: Case, place: VpcPlace) -> tuple[Candidate, ...]:
    return case.study.remember(("bastions", place), lambda: tuple(_found(case, place)))


def _found(case: Case, place: VpcPlace) -> list[Candidate]:
    scope = scopes_of(case, place)
    if scope is None:
        return []
    by_kind: dict[Hashable, list[Candidate]] = {}
    hopeless: set[Hashable] = set()
    for instance in scope.instances_by_vpc.get(place[2], ()):
        if not _is_possible(case, scope, instance):
            continue
        up = health(case, scope, instance)
        kind = (
            up.verdict,
            case.network.class_of(scope, instance),
            instance.state.name,
            platform_of(instance, None),
            instance.public_ip_address is None,
            instance.key_name is None,
            doors_of(case, scope, instance),
            instance.instance_id if is_named(instance) and not has_public_address(instance) else None,
        )
        members = by_kind.setdefault(kind, [])
        if kind in hopeless and not is_named(instance):
            continue
        # Two of a kind are enough: were there only one, it could not be its own bastion.
        if len(members) < 2:
            entry = every((up, way_in(case, scope, instance)))
            if _is_hopeless(entry, instance):
                hopeless.add(kind)
            else:
                members.append(Candidate(scope, instance, entry, kind))
    found = [each for members in by_kind.values() for each in members]
    return sorted(found, key=_rank)


def _is_possible(case: Case, scope: Scope, instance: Instance) -> bool:
    """Whether it looks like a way in: reachable from outside, named so, or stopped with an open door."""
    state = instance.state.name.lower()
    if state in ("terminated", "shutting-down"):
        return False
    if has_public_address(instance) or is_named(instance) or doors_of(case, scope, instance):
        return True
    is_down = state in ("stopped", "stopping", "pending")
    if not is_down and not instance.ipv6_address:
        return False
    # IPv6 addresses are public ones.
    return any(is_down or ":" in each for each in admitted_ranges(scope, instance, entry_port(instance)))


def _is_hopeless(entry: Answer, instance: Instance) -> bool:
    """Whether it is plainly no bastion: it lets nobody in, and nothing in its name says that it should."""
    if entry.verdict is not BLOCKED or is_named(instance):
        return False
    return any(each.cause in ("sg-inbound-22-missing", "sg-inbound-3389-missing") for each in entry.findings)


def _rank(candidate: Candidate) -> tuple[int, int, str]:
    verdicts = {READY: 0, UNKNOWN: 1, BLOCKED: 2}
    return verdicts[candidate.entry.verdict], 0 if is_named(candidate.instance) else 1, candidate.id
