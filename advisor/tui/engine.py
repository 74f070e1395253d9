"""The engine's desk: answers what screens ask, from a snapshot, the rule book and the network.

Everything heavy is imported inside the functions: this module is first loaded in a worker, after the first
frame, and what a session never asks for is never loaded.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from advisor.methods.assessment import (
    Assessment,
    Command,
    MethodAssessment,
    MethodId,
    Target,
    TargetAssessment,
)
from advisor.model.errors import InputError
from advisor.report.network_map import MapNode, network_map
from advisor.report.rows import METHOD_NAMES, METHODS, Causes, CauseText, mark, method_row
from advisor.tui.desk import (
    Compared,
    ComparedRow,
    Desk,
    Explained,
    Needs,
    PlanView,
    Profile,
    RecordLine,
    RemedyLine,
    Source,
    WayLine,
)

if TYPE_CHECKING:
    from advisor.collect.session import Session
    from advisor.methods.answer import Finding
    from advisor.methods.options import Options
    from advisor.model.estate import Estate
    from advisor.network.network import Network
    from advisor.network.trace import Trace
    from advisor.rulebook import RuleBook
    from advisor.snapshot import Snapshot
    from advisor.tui.engine_plan import PlanDesk


class EngineDesk:
    """The desk of a snapshot; immutable for screens, with the network memoised behind it."""

    def __init__(
        self,
        source: Source,
        snapshot: Snapshot,
        rulebook: RuleBook,
        estate: Estate,
        network: Network,
        assessment: Assessment,
        needs: Needs,
        options: Options,
    ) -> None:
        self._source = source
        self._snapshot = snapshot
        self._rulebook = rulebook
        self._estate = estate
        self._network = network
        self._assessment = assessment
        self._needs = needs
        self._options = options

    @classmethod
    def assessed(
        cls,
        source: Source,
        snapshot: Snapshot,
        rulebook: RuleBook,
        needs: Needs,
        caller: str | None = None,
        local: tuple[Finding, ...] = (),
    ) -> EngineDesk:
        """The desk of a snapshot that was just read."""
        from advisor.methods.assess import assess
        from advisor.methods.options import Options, Use
        from advisor.network.network import Network

        estate = snapshot.estate()
        network = Network(estate)
        options = Options(
            operator=needs.address,
            use=Use(needs.use) if needs.use else None,
            caller=caller,
            now=datetime.now(UTC).replace(microsecond=0),
            local=local,
        )
        found = assess(estate, rulebook, options, network=network)
        found = _recommended(found, rulebook, needs, source.lang)
        return cls(source, snapshot, rulebook, estate, network, found, needs, options)

    # --- what it is ---

    @property
    def title(self) -> str:
        """What was opened."""
        path = self._source.path
        if path == "demo":
            return "demo account"
        if path is not None:
            return path.rstrip("/").rsplit("/", 1)[-1]
        return f"profile {self._source.profile}" if self._source.profile else "live account"

    @property
    def source(self) -> Source:
        """Where it was opened from."""
        return self._source

    @property
    def assessment(self) -> Assessment:
        """The report."""
        return self._assessment

    @property
    def needs(self) -> Needs:
        """What the recommendation took into account."""
        return self._needs

    @cached_property
    def _causes(self) -> Causes:
        from advisor.report.texts import causes_of

        return causes_of(self._rulebook, self._source.lang)

    def causes(self, cause: str) -> CauseText:
        """The text of a cause."""
        return self._causes(cause)

    def words(self, id: str) -> str:
        """A text of the reports."""
        return self._rulebook.text(id, self._source.lang)

    # --- one target ---

    def commands(self, target: Target, method: MethodAssessment) -> tuple[Command, ...]:
        """The lines that connect."""
        from advisor.methods.commands import commands

        return commands(target, method, self._rulebook, self._options, self._estate)

    def remedies(self, assessed: TargetAssessment, method: MethodAssessment) -> tuple[RemedyLine, ...]:
        """What cures the method's blockers: the mildest way for each, else the rule book's own words."""
        from advisor.tui.engine_plan import remedy_lines

        return remedy_lines(assessed.target, method, self._estate, self._rulebook, self._source.lang)

    def compared(self, assessed: TargetAssessment) -> Compared:
        """The methods side by side."""
        lang = self._source.lang
        found = {each.method: each for each in assessed.methods}
        columns = [dict(self._rulebook.methods[each.value].comparison.rows(lang)) for each in METHODS]
        rows = tuple(
            ComparedRow(
                self._rulebook.text(f"comparison.{name}", lang),
                tuple(column.get(name, ()) for column in columns),
            )
            for name in columns[0]
        )
        recommended = assessed.recommended
        return Compared(
            METHODS,
            tuple(METHOD_NAMES[each] for each in METHODS),
            tuple(mark(found[each].verdict if each in found else None) for each in METHODS),
            tuple(self._reasons(assessed, found.get(each)) for each in METHODS),
            METHODS.index(recommended.method) if recommended else None,
            rows,
        )

    def _reasons(self, assessed: TargetAssessment, method: MethodAssessment | None) -> tuple[str, ...]:
        """What decides for this target, in a few words."""
        if method is None:
            return ()
        row = method_row(assessed, method, self._causes)
        found = [each.title for each in row.blockers] or list(row.missing[:2])
        if row.via:
            found.insert(0, self.words("tui.through").format(via=row.via))
        return tuple(dict.fromkeys(found))

    def raw(self, account: str, region: str, operation: str, resource: str) -> str | None:
        """The record as AWS gave it."""
        from advisor.report.raw import only_record_json, record_json

        responses = self._snapshot.responses
        found = record_json(responses, account, region, operation, resource)
        return found or only_record_json(responses, account, region, operation)

    # --- the network ---

    def trace(self, source: str, destination: str, protocol: str, port: int) -> Trace:
        """One flow, hop by hop."""
        from advisor.network.flow import Flow, Protocol
        from advisor.network.selectors import parse_ends

        near, far = parse_ends(source, destination, self._estate)
        return self._network.trace(Flow(near, far, Protocol(protocol), port))

    def network_map(self) -> tuple[MapNode, ...]:
        """The network, place by place."""
        return network_map(self._estate)

    # --- all targets ---

    def ways(self) -> tuple[tuple[str, tuple[WayLine, ...]], ...]:
        """The break-glass view."""
        from advisor.tui.engine_ways import sections
        from advisor.tui.tongue import Tongue

        return sections(self._assessment, self._estate, self._causes, self.words, Tongue(self._source.lang))

    def profiles(self) -> tuple[Profile, ...]:
        """The profiles to choose from."""
        lang = self._source.lang
        return tuple(
            Profile(id, each.title.in_(lang), each.meaning.in_(lang))
            for id, each in self._rulebook.profiles.items()
        )

    def ranked(self, needs: Needs) -> Desk:
        """The same account with advice for other needs; assessed anew where use or address differ."""
        if (needs.use, needs.address) != (self._needs.use, self._needs.address):
            return self._reassessed(self._snapshot, needs)
        found = _recommended(self._assessment, self._rulebook, needs, self._source.lang)
        return EngineDesk(
            self._source,
            self._snapshot,
            self._rulebook,
            self._estate,
            self._network,
            found,
            needs,
            self._options,
        )

    def _reassessed(self, snapshot: Snapshot, needs: Needs) -> EngineDesk:
        return EngineDesk.assessed(
            self._source, snapshot, self._rulebook, needs, self._options.caller, self._options.local
        )

    def recorded(self, method: MethodId) -> tuple[RecordLine, ...]:
        """The method's logging card."""
        lang = self._source.lang
        card = self._rulebook.methods[method.value].logging
        kept = [
            RecordLine(
                each.what.in_(lang), True, each.where.in_(lang), each.needs.in_(lang) if each.needs else ""
            )
            for each in card.recorded
        ]
        return (*kept, *(RecordLine(each, False) for each in card.not_recorded.in_(lang)))

    def close(self) -> None:
        """Close the session with AWS."""
        if self._session is not None:
            self._session.close()

    @property
    def _session(self) -> Session | None:
        return self._source.session  # type: ignore[return-value]

    def document(self, suffix: str) -> str:
        """The report as a file's content."""
        from advisor.report.document import assessment_json
        from advisor.report.fleet import csv_page, fleet_page

        match suffix:
            case ".json":
                return assessment_json(self._assessment, self._causes, self.commands).decode()
            case ".csv":
                from advisor.report import csv

                return csv.render(csv_page(self._assessment))
            case ".md" | ".markdown":
                from advisor.report import markdown

                return markdown.render(fleet_page(self._assessment, self.words))
            case ".html":
                from advisor.report import html

                return html.render(fleet_page(self._assessment, self.words), self.title)
        raise InputError(
            f"{suffix or 'No ending'} is no format of reports.", "Use .md, .html, .json or .csv."
        )

    # --- errors and plans ---

    def why(self, text: str, assessed: TargetAssessment | None) -> Explained:
        """What an error text may come from."""
        from advisor.tui.engine_why import explained

        lang = self._source.lang
        return explained(text, assessed, self._rulebook, self._causes, self._options, lang)

    def plan(
        self, assessed: tuple[TargetAssessment, ...], method: MethodId | None, left_out: frozenset[str]
    ) -> PlanView:
        """The cheapest proved set of changes."""
        targets = tuple(each.target for each in assessed)
        return self._plans.view(targets, method, left_out, self._needs)

    @cached_property
    def _plans(self) -> PlanDesk:
        from advisor.tui.engine_plan import PlanDesk

        return PlanDesk(self._estate, self._rulebook, self._causes, self._options, self._source.lang)

    def looked_at(self, assessed: TargetAssessment) -> Desk | None:
        """The account after asking for the session channel of this target."""
        if self._session is None:
            return None
        from advisor.methods.assess import assess
        from advisor.network.network import Network
        from advisor.tui.engine_live import looked_closer

        snapshot = looked_closer(self._session, self._snapshot, (assessed,))
        estate = snapshot.estate()
        network = Network(estate)
        wanted = _place(assessed.target)
        anew = assess(estate, self._rulebook, self._options, lambda each: _place(each) == wanted, network)
        anew = _recommended(anew, self._rulebook, self._needs, self._source.lang)
        found = {_place(each.target): each for each in anew.targets}
        targets = tuple(found.get(_place(each.target), each) for each in self._assessment.targets)
        whole = msgspec.structs.replace(self._assessment, targets=targets)
        return EngineDesk(
            self._source, snapshot, self._rulebook, estate, network, whole, self._needs, self._options
        )

    def looked_again(self, assessed: tuple[TargetAssessment, ...]) -> Desk:
        """The account after another look at what a change may have touched."""
        if self._session is None:
            raise InputError(
                "A snapshot does not change by itself.",
                "Watching works on a live account: open it with P, or run advisor --profile NAME.",
            )
        from advisor.tui.engine_live import looked_again

        snapshot = looked_again(self._session, self._snapshot, assessed)
        return self._reassessed(snapshot, self._needs)


def _place(target: Target) -> tuple[str, str, str]:
    return target.account, target.region, target.id


def _recommended(found: Assessment, rulebook: RuleBook, needs: Needs, lang: str) -> Assessment:
    from advisor.advice.rank import Needs as Asked
    from advisor.advice.rank import recommend
    from advisor.methods.options import Use

    asked = Asked(
        use=Use(needs.use) if needs.use else None,
        must_be_logged=needs.must_be_logged,
        no_new_cost=needs.no_new_cost,
        survive_zone=needs.survives_zone,
    )
    return recommend(found, rulebook, needs.profile, asked, lang)
