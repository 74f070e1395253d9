"""Why somebody sees an error text: the causes it may come from, ranked, each tested against the target."""

from __future__ import annotations

import difflib
import enum
import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from advisor.methods.answer import Certainty, Finding, bound
from advisor.methods.assessment import MethodAssessment, TargetAssessment
from advisor.methods.checklist import is_for, uses_looked_at
from advisor.methods.options import ANYBODY, Options
from advisor.methods.pasted import Mentions, bare, mentions
from advisor.model.evidence import Missing
from advisor.model.verdict import BLOCKED, READY
from advisor.rulebook.book import RuleBook
from advisor.rulebook.entries import Cause, Symptom
from advisor.rulebook.symptoms import Match, matches
from advisor.rulebook.texts import Text

NEAR_ENOUGH: Final = 0.78
"""How alike (0 to 1) a line and a known text have to be where no text matches exactly."""
_NEARLY_SAME: Final = 0.88
_SHORT: Final = 20
"""Characters below which a text has to be nearly the same: two words are soon alike."""
_FRAME: Final = re.compile(
    r"an error occurred \(|\)? when calling the \w+ operation(?: \(reached [^)]*\))?:?"
)
"""What the AWS CLI prints around every error; only what stands inside tells one from another."""
_SEEN_SCORE: Final = 0.95
_LATER: Final = 0.9
"""What each symptom after the best one keeps of its score."""
_MOST_NEAR: Final = 3
_MAIN_METHOD: Final = 0.7
"""A text is about the methods whose causes reach this part of the best one's score."""
UNTESTED: Final = frozenset(
    {
        "component-not-functional",
        "eice-max-duration",
        "fleet-rdp-agent-old",
        "fleet-rdp-document-arn",
        "fleet-rdp-timeout",
        "key-file-problem",
        "local-port-in-use",
        "network-acl-blocks",
        "no-route-to-destination",
        "other-route-wins",
        "protocol-not-carried",
        "security-group-blocks",
        "security-group-reference-not-kept",
        "session-document-type",
        "vpce-missing",
        "wrong-region-or-account",
    }
)
"""Causes that are certain once seen, but that no assessment of a target looks for.

They hang on how the person calls (Region, key, port, document), or are the general words of `advisor path`.
"""
_SHARED_TRIGRAMS: Final = 0.4
_LINES_READ: Final = 30
_LONGEST_LINE: Final = 240


class Standing(enum.Enum):
    """What the target says of a cause."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    UNKNOWN = "unknown"
    RULED_OUT = "ruled-out"


_ORDER: Final = {each: position for position, each in enumerate(Standing)}


class Shown(msgspec.Struct, frozen=True):
    """A symptom that the text shows: `score` up to 1, `near` if the text only resembles a known one."""

    symptom: str
    title: Text
    score: float
    matched: str
    near: bool = False


class Explained(msgspec.Struct, frozen=True):
    """A cause of the text, and how it stands for the target.

    CONFIRMED carries the `findings` that prove it, LIKELY those that only suggest it, UNKNOWN what is
    `missing`. `by_hand` are commands that show it on the spot where it cannot be seen from outside.
    """

    cause: str
    standing: Standing
    score: float
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    by_hand: tuple[str, ...] = ()


class Explanation(msgspec.Struct, frozen=True):
    """The whole answer.

    `causes` are ranked: confirmed first, ruled out last, within that by how well the text fits. `others` are
    sure blockers of the same methods that the text does not point to. `asks` is what would help to know.
    """

    shown: tuple[Shown, ...] = ()
    causes: tuple[Explained, ...] = ()
    others: tuple[Finding, ...] = ()
    asks: tuple[Text, ...] = ()
    mentions: Mentions = Mentions()


def explain(
    text: str,
    rulebook: RuleBook,
    assessed: TargetAssessment | None = None,
    options: Options = ANYBODY,
    *,
    looked_here: bool = False,
) -> Explanation:
    """Explain a pasted text, with the target's assessment if one is given.

    `options` are those of the assessment, `looked_here` whether `advisor doctor` looked at this machine:
    causes on a side that nobody looked at stay unknown. A text that nothing fits gives no causes and asks
    for more.
    """
    read = bare(text)
    named = mentions(read)
    found = matches(read, rulebook.symptoms.values())
    shown = [_shown(match) for match in found] or list(_nearest(read, rulebook))
    scores = _scores(read, shown, rulebook)
    tester = _Tester(rulebook, assessed, options, looked_here)
    explained = [tester.explained(cause, score) for cause, score in scores.items()]
    explained.sort(key=lambda each: (_ORDER[each.standing], -each.score))
    return Explanation(
        tuple(shown),
        tuple(explained),
        tester.others(scores),
        tuple(_asks(shown, explained, rulebook, assessed, options, looked_here)),
        named,
    )


def _shown(match: Match) -> Shown:
    return Shown(match.symptom.id, match.symptom.title, match.score, match.matched)


def _scores(text: str, shown: Iterable[Shown], rulebook: RuleBook) -> dict[str, float]:
    """Each cause with the best score that a symptom, or a text of its own, gives it."""
    scores: dict[str, float] = {}
    for rank, each in enumerate(shown):
        causes = rulebook.symptoms[each.symptom].causes
        for position, cause in enumerate(causes):
            # The first cause of a symptom is the likeliest; the last one keeps half of its score.
            score = each.score * _LATER**rank * (1 - 0.5 * position / len(causes))
            scores[cause] = max(score, scores.get(cause, 0.0))
    own = (
        Symptom(id=cause.id, title=cause.title, causes=(cause.id,), exact=cause.seen)
        for cause in rulebook.causes.values()
        if cause.seen
    )
    # Symptoms say which cause is the likeliest; a cause's own text adds those that no symptom speaks of.
    most = _SEEN_SCORE / 2 if scores else _SEEN_SCORE
    general = _said_by_many(shown, rulebook)
    for match in matches(text, own):
        if match.matched not in general:
            scores.setdefault(match.symptom.id, most * _weight(match.matched))
    return scores


def _said_by_many(shown: Iterable[Shown], rulebook: RuleBook) -> frozenset[str]:
    """The general texts (`AccessDeniedException`), where the pasted one shows something more telling."""
    if all(rulebook.symptoms[each.symptom].general for each in shown):
        return frozenset()
    return frozenset(
        piece for symptom in rulebook.symptoms.values() if symptom.general for piece in symptom.exact
    )


def _weight(matched: str) -> float:
    """A short text that matches says less than a long one."""
    return min(1.0, 0.5 + len(matched) / 80)


def _nearest(text: str, rulebook: RuleBook) -> Iterator[Shown]:
    """Symptoms whose known texts a line of the pasted one resembles: typing errors, cut or altered texts."""
    lines = dict.fromkeys(_unframed(line)[:_LONGEST_LINE] for line in text.splitlines())
    read = [(line, _trigrams(line)) for line in list(lines)[:_LINES_READ] if len(line) > 5]
    found = []
    for symptom in rulebook.symptoms.values():
        likeness, piece = max((_best(piece, read) for piece in symptom.exact), default=(0.0, ""))
        enough = _NEARLY_SAME if len(_unframed(piece)) < _SHORT else NEAR_ENOUGH
        if likeness >= enough:
            found.append(Shown(symptom.id, symptom.title, round(likeness * 0.8, 3), piece, near=True))
    return iter(sorted(found, key=lambda each: (-each.score, each.symptom))[:_MOST_NEAR])


def _best(piece: str, lines: Iterable[tuple[str, frozenset[str]]]) -> tuple[float, str]:
    """How alike the best part of any line is to a known text."""
    known = _unframed(piece.replace("*", " "))
    own = _trigrams(known)
    matcher = difflib.SequenceMatcher(None, "", known, autojunk=False)
    best = 0.0
    for line, theirs in lines:
        # Comparing is expensive: what shares few groups of three letters is not alike anyway.
        if len(own & theirs) < len(own) * _SHARED_TRIGRAMS:
            continue
        matcher.set_seq1(line)
        blocks = [block for block in matcher.get_matching_blocks() if block.size > 1]
        if blocks:
            start = max(0, blocks[0].a - blocks[0].b)
            matcher.set_seq1(line[start : start + len(known)])
            best = max(best, matcher.ratio())
    return best, piece


def _unframed(text: str) -> str:
    return " ".join(_FRAME.sub(" ", text.casefold()).split())


def _trigrams(text: str) -> frozenset[str]:
    return frozenset(text[start : start + 3] for start in range(max(1, len(text) - 2)))


class _Tester:
    """Tests causes against one target."""

    def __init__(
        self, rulebook: RuleBook, assessed: TargetAssessment | None, options: Options, looked_here: bool
    ) -> None:
        self.rulebook = rulebook
        self.assessed = assessed
        self.options = options
        self.looked_here = looked_here

    def explained(self, identity: str, score: float) -> Explained:
        cause = self.rulebook.causes.get(identity)
        if cause is None or self.assessed is None:
            by_hand = cause.by_hand if cause is not None else ()
            return Explained(identity, Standing.UNKNOWN, score, by_hand=by_hand)
        findings = tuple(self._findings(identity))
        if any(each.certainty is Certainty.CERTAIN for each in findings):
            return Explained(identity, Standing.CONFIRMED, score, findings)
        if findings:
            return Explained(identity, Standing.LIKELY, score, findings, by_hand=cause.by_hand)
        methods = [each for each in self.assessed.methods if each.method.value in cause.methods]
        missing = _open(cause, methods)
        if not is_for(self.assessed.target, cause):
            return Explained(identity, Standing.RULED_OUT, score)
        if self._is_tested(cause, methods) and methods and not missing and _is_settled(methods):
            return Explained(identity, Standing.RULED_OUT, score)
        return Explained(identity, Standing.UNKNOWN, score, missing=missing, by_hand=cause.by_hand)

    def _findings(self, identity: str) -> Iterator[Finding]:
        assert self.assessed is not None
        target = self.assessed.target.id
        seen = set()
        for method in self.assessed.methods:
            for finding in (*method.blockers, *method.notes):
                if finding.cause == identity and finding not in seen:
                    seen.add(finding)
                    yield bound(finding, target)

    def _is_tested(self, cause: Cause, methods: Iterable[MethodAssessment]) -> bool:
        """Whether the assessment would have shown this cause if it were one."""
        assert self.assessed is not None
        if cause.certainty != "certain" or cause.id in UNTESTED:
            return False
        target = self.assessed.target
        looked = set[str]().union(*(uses_looked_at(target, each, self.options) for each in methods))
        if cause.uses and not looked & set(cause.uses):
            return False
        if cause.layer == "tools":
            return self.looked_here
        return cause.layer != "permissions" or self.options.caller is not None

    def others(self, scores: dict[str, float]) -> tuple[Finding, ...]:
        """Sure blockers of the methods that the text is about, which it does not point to."""
        if self.assessed is None:
            return ()
        concerned = _main_methods(scores, self.rulebook)
        found = (
            bound(finding, self.assessed.target.id)
            for method in self.assessed.methods
            if method.method.value in concerned and method.verdict is BLOCKED
            for finding in method.blockers
            if finding.cause not in scores and finding.certainty is Certainty.CERTAIN
        )
        return tuple(dict.fromkeys(found))


def _main_methods(scores: dict[str, float], rulebook: RuleBook) -> frozenset[str]:
    """The methods that the text is about: those that most of its causes concern."""
    weights: dict[str, float] = {}
    for identity, score in scores.items():
        cause = rulebook.causes.get(identity)
        for method in cause.methods if cause is not None else ():
            weights[method] = weights.get(method, 0.0) + score
    enough = max(weights.values(), default=0.0) * _MAIN_METHOD
    return frozenset(method for method, weight in weights.items() if weight >= enough)


def _open(cause: Cause, methods: Iterable[MethodAssessment]) -> tuple[Missing, ...]:
    """What is missing that this cause hangs on: of the operations that show it, else of all."""
    missing = [each for method in methods if method.verdict is not READY for each in method.missing]
    own = {look.operation for look in cause.evidence}
    relevant = [each for each in missing if each.operation in own] if own else missing
    return tuple(dict.fromkeys(relevant))


def _is_settled(methods: Iterable[MethodAssessment]) -> bool:
    """Whether a method's verdict is sure, so that a cause which is not among its reasons is none."""
    return any(
        method.verdict is READY or (method.verdict is BLOCKED and not method.missing) for method in methods
    )


def _asks(
    shown: Iterable[Shown],
    explained: Iterable[Explained],
    rulebook: RuleBook,
    assessed: TargetAssessment | None,
    options: Options,
    looked_here: bool,
) -> Iterator[Text]:
    causes = [rulebook.causes[each.cause] for each in explained if each.cause in rulebook.causes]
    if not causes:
        yield _text(rulebook, "why.ask-text")
        return
    for each in shown:
        lines = rulebook.symptoms[each.symptom].asks
        if lines is not None:
            yield from (Text(en, ja) for en, ja in zip(lines.en, lines.ja, strict=True))
    if assessed is None:
        yield _text(rulebook, "why.ask-target")
    elif options.caller is None and any(cause.layer == "permissions" for cause in causes):
        yield _text(rulebook, "why.ask-caller")
    if not looked_here and any(cause.layer == "tools" for cause in causes):
        yield _text(rulebook, "why.ask-local")


def _text(rulebook: RuleBook, identity: str) -> Text:
    return Text(rulebook.text(identity, "en"), rulebook.text(identity, "ja"))
