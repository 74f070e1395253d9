"""What an assessment says: for every target and every method a verdict with its reasons."""

from __future__ import annotations

import enum
from datetime import datetime

import msgspec

from advisor.methods.answer import Finding
from advisor.model.evidence import Evidence, Missing
from advisor.model.verdict import Verdict
from advisor.network.trace import Trace


class MethodId(enum.Enum):
    """The connection methods, by the ids of the command line's contract."""

    SESSION_MANAGER = "session-manager"
    INSTANCE_CONNECT_ENDPOINT = "instance-connect-endpoint"
    BASTION = "bastion"
    INSTANCE_CONNECT = "instance-connect"
    DIRECT = "direct"
    SERIAL_CONSOLE = "serial-console"


class Target(msgspec.Struct, frozen=True, gc=False):
    """An instance or hybrid node that somebody may want to reach."""

    id: str
    name: str
    kind: str
    platform: str
    state: str
    account: str
    region: str
    vpc: str | None = None
    subnet: str | None = None
    private_ip: str | None = None
    public_ip: str | None = None
    tags: tuple[tuple[str, str], ...] = ()


class Command(msgspec.Struct, frozen=True, gc=False):
    """A line that a person runs to connect; `use` says for what (shell, ssh, rdp, port-forward)."""

    use: str
    command: str


class MethodAssessment(msgspec.Struct, frozen=True, gc=False):
    """One method for one target.

    `blockers` stop it, or (when UNKNOWN) are likely to; `missing` is what would have to be known; `notes`
    are risks and side effects that do not stop it; `evidence` is what a READY stands on. Members of one
    equivalence class share an instance of this: ids of the target itself are written as SELF.
    """

    method: MethodId
    verdict: Verdict
    blockers: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    notes: tuple[Finding, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    traces: tuple[Trace, ...] = ()
    monthly_cost_usd: float = 0.0
    via: str | None = None


class Recommendation(msgspec.Struct, frozen=True, gc=False):
    """The method to use, and why; `others` says why each other method came after.

    `repair` is the method that is cheapest to make ready where the one to use serves only in emergencies.
    """

    method: MethodId
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    repair: MethodId | None = None


class TargetAssessment(msgspec.Struct, frozen=True, gc=False):
    """All methods of one target; `recommended` is None only where no method applies at all."""

    target: Target
    methods: tuple[MethodAssessment, ...]
    recommended: Recommendation | None = None

    def method(self, method: MethodId) -> MethodAssessment:
        """The assessment of one method."""
        return next(each for each in self.methods if each.method is method)


class GapLine(msgspec.Struct, frozen=True, gc=False):
    """A call that did not succeed, for the report."""

    account: str
    region: str
    operation: str
    status: str
    code: str | None = None
    resource: str | None = None


class Assessment(msgspec.Struct, frozen=True, gc=False):
    """The whole report: every target of an estate."""

    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    collected_at: str | None
    gaps: tuple[GapLine, ...]
    targets: tuple[TargetAssessment, ...]
    warnings: tuple[str, ...] = ()
    assessed_at: datetime | None = None
