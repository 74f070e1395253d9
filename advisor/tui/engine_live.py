"""Live accounts: signing in, reading, and looking again at a few things."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from advisor.collect.operations import OPERATIONS, Asked
from advisor.collect.refresh import Target as Looked
from advisor.collect.refresh import look_at, recollect
from advisor.collect.runner import Progress as Collected
from advisor.collect.runner import collect
from advisor.collect.session import Session, open_session
from advisor.methods.answer import Finding
from advisor.methods.assessment import TargetAssessment
from advisor.tui.desk import Cancelled, Progress, Source

if TYPE_CHECKING:
    from advisor.rulebook import RuleBook
    from advisor.snapshot import Snapshot

_ALWAYS_WATCHED: Final = ("ec2:DescribeInstances", "ssm:DescribeInstanceInformation")


def sign_in(source: Source) -> Session:
    """A session for the source; may ask for an MFA code on the terminal."""
    return open_session(source.profile, source.regions, source.endpoint_url)


def read_live(
    source: Source, progress: Callable[[Progress], None], cancelled: Callable[[], bool]
) -> tuple[Session, Snapshot]:
    """The account that the source names; a session that is open already is used again."""
    progress(Progress(0, 0, "asking AWS who you are"))
    session = source.session if isinstance(source.session, Session) else sign_in(source)
    if cancelled():
        session.close()
        raise Cancelled

    def passed_on(at: Collected) -> None:
        progress(Progress(at.done, at.total, at.what, at.failed))

    snapshot = collect(session, progress=passed_on, cancelled=cancelled)
    if cancelled():
        session.close()
        raise Cancelled
    return session, snapshot


def local_findings(rulebook: RuleBook) -> tuple[Finding, ...]:
    """What is wrong on this computer; the credentials have proved themselves by reading the account."""
    from advisor.doctor.examine import examine, findings
    from advisor.doctor.gather import gather

    return findings(examine(gather(os.environ), rulebook, datetime.now(UTC)))


def looked_closer(session: Session, snapshot: Snapshot, targets: Iterable[TargetAssessment]) -> Snapshot:
    """The snapshot with the state of these targets' session channels."""
    return look_at(session, snapshot, [Looked(each.target.region, each.target.id) for each in targets])


def looked_again(session: Session, snapshot: Snapshot, assessed: tuple[TargetAssessment, ...]) -> Snapshot:
    """The snapshot with everything asked again that decides about these targets."""
    regions = sorted({each.target.region for each in assessed})
    snapshot = recollect(session, snapshot, watched_operations(assessed), regions)
    return looked_closer(session, snapshot, assessed)


def watched_operations(assessed: tuple[TargetAssessment, ...]) -> tuple[str, ...]:
    """The calls whose answers decided the targets' verdicts, and those that show what a change makes."""
    known = {each.name for each in OPERATIONS if each.asked is not Asked.TARGET}
    decided = {
        evidence.operation
        for one in assessed
        for method in one.methods
        for finding in method.blockers
        for evidence in finding.evidence
    }
    walked = {
        evidence.operation
        for one in assessed
        for method in one.methods
        for trace in method.traces
        for hop in trace.hops
        for evidence in hop.evidence
    }
    missing = {each.operation for one in assessed for method in one.methods for each in method.missing}
    return tuple(sorted((decided | walked | missing | set(_ALWAYS_WATCHED)) & known))
