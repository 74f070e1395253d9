"""What a command has read: the estate, the rules, and the person who asks; and the questions it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.cli.account import estate_of, read_open, read_rulebook
from advisor.cli.looking import MOST
from advisor.cli.options import ANYBODY, Person, Source

if TYPE_CHECKING:
    from advisor.advice.rank import Needs
    from advisor.collect.session import Session
    from advisor.methods.answer import Finding
    from advisor.methods.assessment import Assessment, Command, MethodAssessment, Target
    from advisor.methods.evidence_files import NodeEvidence
    from advisor.methods.options import Options
    from advisor.model.estate import Estate
    from advisor.network.network import Network
    from advisor.report.document import Commands
    from advisor.report.fleet import Words
    from advisor.report.paths import Codes
    from advisor.report.rows import Causes
    from advisor.report.selection import Directory
    from advisor.rulebook import RuleBook, Text
    from advisor.snapshot import Snapshot

    Look = Callable[[Sequence[Target]], Estate]


class Reading:
    """An estate with the rule book, and the texts in the person's language."""

    def __init__(
        self,
        estate: Estate,
        rulebook: RuleBook,
        options: Options,
        person: Person,
        lang: str,
        *,
        looked_here: bool = False,
    ) -> None:
        self.estate = estate
        self.rulebook = rulebook
        self.options = options
        self.person = person
        self.lang = lang
        self.looked_here = looked_here
        self.look_closer: Look | None = None
        """For live accounts: reads more about a few targets, and gives the estate with it."""

    @cached_property
    def network(self) -> Network:
        """The network of the estate, made on first use."""
        from advisor.network.network import Network

        return Network(self.estate)

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """Every target of the estate."""
        from advisor.methods.targets import targets

        return tuple(target for _, target in targets(self.estate))

    @cached_property
    def directory(self) -> Directory:
        """The targets, to be found by what people type."""
        from advisor.report.selection import Directory

        return Directory(self.targets)

    @cached_property
    def causes(self) -> Causes:
        """The texts of causes."""
        from advisor.report.texts import causes_of

        return causes_of(self.rulebook, self.lang)

    @cached_property
    def codes(self) -> Codes:
        """The texts of the network's codes."""
        from advisor.report.texts import codes_of

        return codes_of(self.rulebook, self.lang)

    @cached_property
    def words(self) -> Words:
        """The reports' own words."""
        from advisor.report.texts import words_of

        return words_of(self.rulebook, self.lang)

    def standings(self, name: str) -> str:
        """The words of `advisor why`: how a cause stands."""
        known = f"why.standing.{name}"
        return self.rulebook.text(known if known in self.rulebook.texts else f"why.{name}", self.lang)

    def said(self, text: Text) -> str:
        """A text in the person's language."""
        return text.in_(self.lang)

    @cached_property
    def commands(self) -> Commands:
        """The lines that connect."""
        from advisor.methods.commands import commands

        def lines(target: Target, method: MethodAssessment) -> tuple[Command, ...]:
            return commands(target, method, self.rulebook, self.options, self.estate)

        return lines

    @property
    def needs(self) -> Needs:
        """What the person asks of a method beyond the profile."""
        from advisor.advice.rank import Needs

        return Needs(
            use=self.options.use,
            must_be_logged=self.person.must_be_logged,
            no_new_cost=self.person.no_new_cost,
            survive_zone=self.person.survive_zone,
        )

    def select(
        self, wanted: Sequence[str] = (), tags: Sequence[str] = (), vpcs: Sequence[str] = ()
    ) -> tuple[Target, ...]:
        """The targets that the words mean; all without any."""
        return self.directory.select(wanted, tags, vpcs)

    def find(self, word: str) -> Target:
        """The one target that a word means."""
        return self.directory.find_one(word)

    def assess(
        self, wanted: Sequence[str] = (), tags: Sequence[str] = (), vpcs: Sequence[str] = ()
    ) -> Assessment:
        """The assessment of these targets, with recommendations."""
        narrowed = bool(wanted or tags or vpcs)
        return self.assess_targets(self.select(wanted, tags, vpcs) if narrowed else None)

    def assess_targets(self, chosen: Sequence[Target] | None) -> Assessment:
        """The assessment of these targets (None: of all), with recommendations."""
        from advisor.advice.rank import recommend
        from advisor.methods.assess import assess
        from advisor.report.policies import governed

        if chosen is not None and self.look_closer is not None and len(chosen) <= MOST:
            # The network stays as it was made: nothing that is read here is of the network.
            self.estate = self.look_closer(chosen)
        places = None if chosen is None else {(each.account, each.region, each.id) for each in chosen}

        def is_chosen(target: Target) -> bool:
            return places is None or (target.account, target.region, target.id) in places

        found = assess(self.estate, self.rulebook, self.options, is_chosen, self.network)
        return governed(
            found,
            self.rulebook,
            lambda each: recommend(each, self.rulebook, self.person.prefer, self.needs, self.lang),
            self.lang,
        )


def read_account(source: Source, person: Person = ANYBODY, about: Sequence[str] = ()) -> Reading:
    """Read what the options name; the rules first, so that a mistake in them shows before any waiting.

    `about` are the targets that the person named: evidence that does not say which node it is of is of the
    one target that they mean.
    """
    from advisor.methods.evidence_files import applied, findings, reached

    rulebook = read_rulebook(source)
    evidence = tuple(map(_read_evidence, person.evidence))
    snapshot, session = read_open(source)
    is_live = session is not None
    estate = estate_of(snapshot)
    evidence = tuple(_of_the_one_target(each, estate, about) for each in evidence)
    for each in evidence:
        estate = applied(estate, each, fresh=is_live)
    looks_here = is_live if person.local is None else person.local
    # Whoever signs in to a live account is taken to be the one who connects; a snapshot is anybody's.
    options = options_of(
        person,
        caller=(snapshot.caller if is_live else None) or None,
        local=_local(source, rulebook) if looks_here else (),
        evidence=tuple(finding for each in evidence for finding in findings(each)),
        reached=frozenset[tuple[str, str]]().union(*map(reached, evidence)),
    )
    read = Reading(estate, rulebook, options, person, source.lang, looked_here=looks_here)
    if session is not None:
        read.look_closer = _closer_look(session, snapshot, options.caller, person.console, evidence)
    return read


def _of_the_one_target(evidence: NodeEvidence, estate: Estate, about: Sequence[str]) -> NodeEvidence:
    """The evidence with its node: a node whose metadata service is down cannot say which one it is."""
    import msgspec

    from advisor.methods.targets import targets
    from advisor.report.selection import Directory

    if evidence.target is not None or len(about) != 1:
        return evidence
    meant = Directory(tuple(target for _, target in targets(estate))).select(about)
    return msgspec.structs.replace(evidence, target=meant[0].id) if len(meant) == 1 else evidence


def _closer_look(
    session: Session,
    snapshot: Snapshot,
    caller: str | None,
    console: bool,
    evidence: tuple[NodeEvidence, ...],
) -> Look:
    from advisor.cli.looking import looked_at
    from advisor.methods.evidence_files import applied

    def look(targets: Sequence[Target]) -> Estate:
        estate = looked_at(session, snapshot, targets, caller, console).estate()
        for each in evidence:
            estate = applied(estate, each, fresh=True)
        return estate

    return look


def rules_only(source: Source, person: Person = ANYBODY) -> Reading:
    """The rules and the person, with no account at all."""
    from advisor.model.estate import Estate

    rulebook = read_rulebook(source)
    looks_here = bool(person.local)
    local = _local(source, rulebook) if looks_here else ()
    options = options_of(person, local=local)
    return Reading(Estate(()), rulebook, options, person, source.lang, looked_here=looks_here)


def options_of(
    person: Person,
    caller: str | None = None,
    local: tuple[Finding, ...] = (),
    evidence: tuple[Finding, ...] = (),
    reached: frozenset[tuple[str, str]] = frozenset(),
) -> Options:
    """The options of an assessment for this person; `caller` counts where they name none themselves."""
    from advisor.methods.options import Options, Use

    return Options(
        operator=person.address,
        use=Use(person.protocol) if person.protocol else None,
        caller=person.caller or caller,
        now=datetime.now(UTC).replace(microsecond=0),
        local=local,
        evidence=evidence,
        reached=reached,
    )


def _read_evidence(path: str) -> NodeEvidence:
    from advisor.methods.evidence_files import read_evidence
    from advisor.model.errors import InputError

    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read: {error.strerror}", "give a file with what the tool printed"
        ) from None
    return read_evidence(content, path)


def _local(source: Source, rulebook: RuleBook) -> tuple[Finding, ...]:
    """What is wrong on this computer; the credentials have proved themselves by reading the account."""
    from advisor.cli.local import examined
    from advisor.doctor.examine import findings

    return findings(examined(source, rulebook, offline=True))
