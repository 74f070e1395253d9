"""The desk: everything that screens ask of the core, as one interface of values.

Screens know no rule book, network or cloud; `engine.py` answers for them, tests put their own answers here.
Every answer is a value, none of the calls writes to AWS. Calls may take a while: screens make them in
workers. Errors that a person should read are AdvisorErrors.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from advisor.methods.assessment import (
    Assessment,
    Command,
    MethodAssessment,
    MethodId,
    Target,
    TargetAssessment,
)
from advisor.network.trace import Trace
from advisor.report.network_map import MapNode
from advisor.report.rows import CauseText, Mark


class Source(msgspec.Struct, frozen=True):
    """What to open: `path` a snapshot, a folder of dumps or the word `demo`; None the live account.

    `session` is a session with AWS that is open already, so that reading again asks for no second sign-in.
    """

    path: str | None = None
    profile: str | None = None
    regions: tuple[str, ...] = ()
    endpoint_url: str | None = None
    rules: tuple[Path, ...] = ()
    lang: str = "en"
    session: object = None


class Progress(msgspec.Struct, frozen=True):
    """How far opening is; `total` 0: not known yet. `what` says what is being done."""

    done: int
    total: int
    what: str
    failed: int = 0


class ComparedRow(msgspec.Struct, frozen=True):
    """A row of the comparison: its heading, and a cell of lines for each method."""

    title: str
    cells: tuple[tuple[str, ...], ...]


class Compared(msgspec.Struct, frozen=True):
    """The methods side by side: `heads` with this target's marks and reasons, then rows of facts."""

    methods: tuple[MethodId, ...]
    heads: tuple[str, ...]
    marks: tuple[Mark, ...]
    reasons: tuple[tuple[str, ...], ...]
    recommended: int | None
    rows: tuple[ComparedRow, ...]


class RemedyLine(msgspec.Struct, frozen=True):
    """What to change: a sentence, the line that does it (empty: done by hand), and its price a month."""

    title: str
    command: str = ""
    why: str = ""
    monthly_cost_usd: float | None = None


class RecordLine(msgspec.Struct, frozen=True):
    """Something about a method that is recorded (`where`, if `needs` is switched on), or that is not."""

    what: str
    is_recorded: bool = True
    where: str = ""
    needs: str = ""


class Explanation(msgspec.Struct, frozen=True):
    """A cause of an error text; `mark` is what the account says about it for the target (None: not asked)."""

    cause: str
    text: CauseText
    mark: Mark | None = None
    says: str = ""
    by_hand: tuple[str, ...] = ()


class Explained(msgspec.Struct, frozen=True):
    """What an error text may come from, the likeliest first; `asks` is what would narrow it down."""

    symptom: str
    explanations: tuple[Explanation, ...]
    asks: tuple[str, ...] = ()


class PlanStep(msgspec.Struct, frozen=True):
    """One change of a plan; `included` is false where a person left it out."""

    key: str
    title: str
    command: str
    why: str
    risk: str
    monthly_cost_usd: float
    rollback: str
    included: bool = True


class PlanView(msgspec.Struct, frozen=True):
    """A plan for people: `verified` was re-assessed on a copy, `status` says it in a sentence."""

    title: str
    status: str
    mark: Mark
    verified: bool
    steps: tuple[PlanStep, ...]
    before_after: tuple[str, ...]
    monthly_cost_usd: float
    alternatives: tuple[str, ...]
    formats: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


class WayLine(msgspec.Struct, frozen=True):
    """Something that several targets depend on as their only way in, or a target with one way or none."""

    title: str
    detail: str
    targets: tuple[str, ...]


class Profile(msgspec.Struct, frozen=True):
    """A profile of recommendation."""

    id: str
    title: str
    meaning: str


class Needs(msgspec.Struct, frozen=True):
    """What a person needs of the way in; `use` and `address` as of the options --protocol and --from."""

    profile: str = "balanced"
    use: str | None = None
    must_be_logged: bool = False
    no_new_cost: bool = False
    survives_zone: bool = False
    address: str | None = None


class Desk(Protocol):
    """An account that was read and assessed."""

    @property
    def title(self) -> str:
        """What was opened, in a few words."""
        ...

    @property
    def source(self) -> Source:
        """Where it was opened from."""
        ...

    @property
    def assessment(self) -> Assessment:
        """The report."""
        ...

    @property
    def needs(self) -> Needs:
        """What the recommendation took into account."""
        ...

    def causes(self, cause: str) -> CauseText:
        """The text of a cause."""
        ...

    def words(self, id: str) -> str:
        """A text of the reports by its id."""
        ...

    def commands(self, target: Target, method: MethodAssessment) -> tuple[Command, ...]:
        """The lines that connect."""
        ...

    def remedies(self, assessed: TargetAssessment, method: MethodAssessment) -> tuple[RemedyLine, ...]:
        """What cures the method's blockers."""
        ...

    def compared(self, assessed: TargetAssessment) -> Compared:
        """The methods side by side, with the state of this target."""
        ...

    def raw(self, account: str, region: str, operation: str, resource: str) -> str | None:
        """The record as AWS gave it, as indented JSON; None where it was not read."""
        ...

    def trace(self, source: str, destination: str, protocol: str, port: int) -> Trace:
        """One flow, hop by hop; InputError for ends that mean nothing or too much."""
        ...

    def network_map(self) -> tuple[MapNode, ...]:
        """The network, place by place."""
        ...

    def why(self, text: str, assessed: TargetAssessment | None) -> Explained:
        """What an error text may come from."""
        ...

    def plan(
        self, assessed: tuple[TargetAssessment, ...], method: MethodId | None, left_out: frozenset[str]
    ) -> PlanView:
        """The cheapest proved set of changes; `method` None: by whichever is cheapest."""
        ...

    def looked_at(self, assessed: TargetAssessment) -> Desk | None:
        """The account after asking what costs a call for each target; None where nothing can be asked."""
        ...

    def looked_again(self, assessed: tuple[TargetAssessment, ...]) -> Desk:
        """The account after another look at what a change may have touched; InputError for a snapshot."""
        ...

    def ways(self) -> tuple[tuple[str, tuple[WayLine, ...]], ...]:
        """The break-glass view: sections of what has one way in or none, and what fails together."""
        ...

    def profiles(self) -> tuple[Profile, ...]:
        """The profiles to choose from."""
        ...

    def ranked(self, needs: Needs) -> Desk:
        """The same account with recommendations for other needs."""
        ...

    def recorded(self, method: MethodId) -> tuple[RecordLine, ...]:
        """The method's logging card: what is recorded where, and what is not."""
        ...

    def close(self) -> None:
        """Close what is open towards AWS."""
        ...

    def document(self, suffix: str) -> str:
        """The report as a file's content: `.md`, `.html`, `.json` or `.csv`."""
        ...


Words = Callable[[str], str]
"""Gives a text of the rule book (`tui.…`) in the person's language."""

Open = Callable[[Source, Callable[[Progress], None], Callable[[], bool]], Desk]
"""Opens a source: tells how far it is, and looks now and then whether it was cancelled."""


class Cancelled(Exception):
    """Opening was cancelled by the person who asked for it."""
