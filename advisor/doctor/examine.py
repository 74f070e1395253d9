"""What the facts about this machine mean: one finding per part, with the cause where something is wrong.

Minimum versions: Systems Manager User Guide, "Install the Session Manager plugin" (AWS CLI 1.16.12) and
"Session Manager plugin latest version and release history" (1.2.764.0 is the oldest supported); AWS CLI
changelog 2.12.0 (`ec2-instance-connect ssh` and `open-tunnel`); signature validity of five minutes: IAM User
Guide, "AWS Signature Version 4 for API requests".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from advisor.doctor.facts import Credentials, KeyAgent, LocalFacts, SignIn
from advisor.methods.answer import Certainty, Finding
from advisor.model.evidence import Evidence, Missing
from advisor.model.text import plain
from advisor.model.times import spell_instant
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from advisor.rulebook.book import RuleBook
from advisor.rulebook.texts import Lines, Text

CLI_FOR_SESSIONS: Final = (1, 16, 12)
CLI_FOR_TUNNELS: Final = (2, 12, 0)
PLUGIN_SUPPORTED: Final = (1, 2, 764, 0)
CLOCK_TOLERANCE: Final = timedelta(minutes=5)
EXPIRES_SOON: Final = timedelta(minutes=15)
HERE: Final = "this machine"
"""The resource of local findings."""


class LocalFinding(msgspec.Struct, frozen=True):
    """How one part of this machine stands.

    READY with a `cause` is something to know that stops nothing. `methods` are the ids of the methods that
    the part concerns, `remedy` what to do; both come from the cause. `missing` names what UNKNOWN hangs on.
    """

    part: str
    verdict: Verdict
    says: Text
    cause: str | None = None
    certainty: Certainty = Certainty.CERTAIN
    methods: tuple[str, ...] = ()
    remedy: Lines | None = None
    missing: tuple[Missing, ...] = ()

    def as_finding(self) -> Finding | None:
        """The finding that joins the verdicts of methods (`Options.local`); None where nothing is wrong."""
        if self.cause is None:
            return None
        evidence = Evidence(f"advisor doctor: {self.part}", HERE, self.says.en)
        return Finding(self.cause, HERE, self.says.en, self.certainty, (evidence,))


def findings(examined: tuple[LocalFinding, ...]) -> tuple[Finding, ...]:
    """Those that join the verdicts of methods."""
    return tuple(each for each in (local.as_finding() for local in examined) if each is not None)


def examine(facts: LocalFacts, rulebook: RuleBook, now: datetime) -> tuple[LocalFinding, ...]:
    """All parts, in the order in which a person would look at them."""
    examiner = _Examiner(facts, rulebook, now)
    parts = (
        examiner.cli,
        examiner.plugin,
        examiner.ssh,
        examiner.key_agent,
        examiner.ssh_config,
        examiner.credentials,
        examiner.region,
        examiner.clock,
        examiner.proxy,
    )
    return tuple(finding for part in parts for finding in part())


class _Examiner:
    def __init__(self, facts: LocalFacts, rulebook: RuleBook, now: datetime) -> None:
        self.facts = facts
        self.rulebook = rulebook
        self.now = now

    def cli(self) -> Iterator[LocalFinding]:
        program = self.facts.cli
        if program.path is None:
            yield self._wrong("cli", "missing", "local-cli-missing")
            return
        if program.version is None:
            yield self._unknown("cli", "silent", "aws --version", why=program.trouble)
            return
        shown = {"version": _spelled(program.version), "path": program.path}
        if program.version < CLI_FOR_SESSIONS:
            yield self._wrong("cli", "too-old", "local-cli-old", **shown)
        if program.version < CLI_FOR_TUNNELS:
            yield self._wrong("cli", "no-tunnels", "eice-cli-old", **shown)
        else:
            yield self._fine("cli", "ready", **shown)

    def plugin(self) -> Iterator[LocalFinding]:
        program = self.facts.plugin
        if program.path is None:
            yield self._wrong("plugin", "missing", "plugin-missing")
        elif program.version is None:
            command = "session-manager-plugin --version"
            yield self._unknown("plugin", "silent", command, why=program.trouble)
        else:
            shown = {"version": _spelled(program.version), "path": program.path}
            if program.version < PLUGIN_SUPPORTED:
                shown["oldest"] = _spelled(PLUGIN_SUPPORTED)
                yield self._suspected("plugin", "old", "plugin-old", **shown)
            else:
                yield self._fine("plugin", "ready", **shown)

    def ssh(self) -> Iterator[LocalFinding]:
        program = self.facts.ssh
        if program.path is None:
            yield self._wrong("ssh", "missing", "local-ssh-missing")
        elif program.trouble:
            yield self._unknown("ssh", "silent", "ssh -V", why=program.trouble)
        else:
            yield self._fine("ssh", "ready", banner=program.banner, path=program.path)

    def key_agent(self) -> Iterator[LocalFinding]:
        if self.facts.ssh.path is None:
            return
        match self.facts.key_agent:
            case KeyAgent.HOLDS_KEYS:
                yield self._fine("ssh-agent", "ready")
            case KeyAgent.EMPTY:
                yield self._wrong("ssh-agent", "empty", "local-ssh-agent-empty")
            case KeyAgent.ABSENT:
                yield self._wrong("ssh-agent", "absent", "local-ssh-agent-empty")
            case KeyAgent.UNKNOWN:
                yield self._unknown("ssh-agent", "unknown", "ssh-add -l")

    def ssh_config(self) -> Iterator[LocalFinding]:
        for entry in self.facts.ssh_entries:
            pattern = f"{entry.host.partition('-')[0]}-*"
            if not entry.known:
                yield self._unknown("ssh-config", "unknown", f"ssh -G {entry.host}", host=pattern)
            elif entry.proxy_command is None:
                yield self._wrong("ssh-config", "none", "proxycommand-missing", host=pattern)
            else:
                shown = plain(entry.proxy_command)[:120]
                yield self._fine("ssh-config", "ready", host=pattern, command=shown)

    def credentials(self) -> Iterator[LocalFinding]:
        held = self.facts.credentials
        match held.state:
            case SignIn.NOT_ASKED:
                yield self._unknown("credentials", "not-asked", "sts:GetCallerIdentity")
            case SignIn.UNREACHABLE:
                call = "sts:GetCallerIdentity"
                yield self._unknown("credentials", "unreachable", call, "failed", why=_sentence(held))
            case SignIn.NONE | SignIn.REFUSED:
                why = _sentence(held)
                yield self._wrong("credentials", "refused", "caller-credentials-invalid", why=why)
            case SignIn.VALID:
                # What renews itself ends only in name: the AWS CLI gets new ones as this program did.
                ends = None if held.renews else held.expires
                yield from self._expiry(held.arn or "?", ends)

    def _expiry(self, arn: str, expires: datetime | None) -> Iterator[LocalFinding]:
        if expires is None:
            yield self._fine("credentials", "ready", arn=arn)
            return
        shown = {"arn": arn, "expires": spell_instant(expires)}
        if expires <= self.now:
            yield self._wrong("credentials", "ended", "caller-credentials-invalid", **shown)
        elif expires - self.now <= EXPIRES_SOON:
            yield self._wrong("credentials", "until", "local-credentials-expiring", **shown)
        else:
            yield self._fine("credentials", "until", **shown)

    def region(self) -> Iterator[LocalFinding]:
        if self.facts.region:
            yield self._fine("region", "ready", region=self.facts.region)
        else:
            yield self._wrong("region", "none", "local-region-missing")

    def clock(self) -> Iterator[LocalFinding]:
        offset = self.facts.clock_offset
        if offset is None and self.facts.credentials.state is SignIn.NOT_ASKED:
            yield self._unknown("clock", "not-asked", "sts:GetCallerIdentity")
            return
        if offset is None:
            yield self._unknown("clock", "unknown", "sts:GetCallerIdentity", "failed")
            return
        seconds = f"{abs(offset):.0f}"
        if abs(offset) > CLOCK_TOLERANCE.total_seconds():
            text = "behind" if offset > 0 else "ahead"
            yield self._wrong("clock", text, "local-clock-skew", seconds=seconds)
        else:
            yield self._fine("clock", "ready", seconds=seconds)

    def proxy(self) -> Iterator[LocalFinding]:
        if not self.facts.proxies:
            yield self._fine("proxy", "none")
            return
        shown = ", ".join(f"{name}={host}" for name, host in self.facts.proxies)
        yield self._wrong("proxy", "set", "local-proxy", proxies=shown, no_proxy=self.facts.no_proxy or "-")

    # --- findings ----------------------------------------------------------------------------------------

    def _fine(self, part: str, word: str, **values: str) -> LocalFinding:
        return LocalFinding(part, READY, self._text(part, word, values))

    def _wrong(self, part: str, word: str, cause: str, **values: str) -> LocalFinding:
        known = self.rulebook.causes[cause]
        verdict = BLOCKED if known.effect == "blocks" else READY
        says = self._text(part, word, values)
        return LocalFinding(part, verdict, says, cause, Certainty.CERTAIN, known.methods, known.remedy.steps)

    def _suspected(self, part: str, word: str, cause: str, **values: str) -> LocalFinding:
        certain = self._wrong(part, word, cause, **values)
        verdict = UNKNOWN if certain.verdict is BLOCKED else READY
        return msgspec.structs.replace(certain, verdict=verdict, certainty=Certainty.LIKELY)

    def _unknown(
        self, part: str, word: str, operation: str, status: str = "not-asked", **values: str
    ) -> LocalFinding:
        missing = Missing(operation, status, None, HERE, values.get("why", ""))
        return LocalFinding(part, UNKNOWN, self._text(part, word, values), missing=(missing,))

    def _text(self, part: str, word: str, values: dict[str, str]) -> Text:
        safe = {name: plain(value) for name, value in values.items()}
        text = f"doctor.{part}.{word}"
        en, ja = (self.rulebook.text(text, lang).format_map(safe) for lang in ("en", "ja"))
        return Text(en, ja)


def _sentence(held: Credentials) -> str:
    return f"{held.message.rstrip('.')}: {held.hint}" if held.hint else held.message


def _spelled(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
