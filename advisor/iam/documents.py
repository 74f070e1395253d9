"""Policy documents: objects, JSON text or URL-encoded text become typed statements; oddities are said."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from advisor.model.evidence import Evidence, Missing
from advisor.model.records.iam import PolicyDocument
from advisor.model.text import plain

VARIABLES_VERSION: Final = "2012-10-17"
"""Only documents of this version know policy variables; in older ones `${...}` is literal text."""
LONGEST_DOCUMENT: Final = 262_144
"""No policy that AWS stores is longer (the longest, resource policies, stay far below); characters."""

_POLICY_ELEMENTS: Final = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS: Final = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)


_PRINCIPAL_KINDS: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser", "*"})


class Effect(enum.Enum):
    """What a statement does where it matches."""

    ALLOW = "Allow"
    DENY = "Deny"


class Patterns(msgspec.Struct, frozen=True):
    """`Action`/`Resource` values; `negated` for `NotAction`/`NotResource`."""

    values: tuple[str, ...]
    negated: bool = False


class Principals(msgspec.Struct, frozen=True):
    """`Principal` of a resource policy: pairs of kind (`AWS`, `Service`, `Federated`, `*`) and value."""

    values: tuple[tuple[str, str], ...]
    negated: bool = False


class Condition(msgspec.Struct, frozen=True):
    """One operator, key and its values: any of the values is enough (none, for negated operators)."""

    operator: str
    key: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return plain(f"{self.operator} {self.key} [{', '.join(self.values)}]")


class Statement(msgspec.Struct, frozen=True):
    """One statement.

    `effect`, `actions`, `resources` and `principals` are None where they could not be read; `resources` also
    where the document names none (trust policies), `principals` in identity policies. `doubts` say what
    could not be understood: such a statement may match, never surely.
    """

    effect: Effect | None
    actions: Patterns | None
    resources: Patterns | None = None
    principals: Principals | None = None
    conditions: tuple[Condition, ...] = ()
    sid: str = ""
    position: int = 0
    doubts: tuple[str, ...] = ()
    version: str = VARIABLES_VERSION

    @property
    def label(self) -> str:
        """How to find it in its document: `Statement[2] (Sid)`."""
        return f"Statement[{self.position}]" + (f" ({plain(self.sid)})" if self.sid else "")

    def summary(self) -> str:
        """The statement in one line, shortened."""
        effect = self.effect.value if self.effect else "unreadable Effect"
        parts = [effect, _listed(self.actions, "action"), "on", _listed(self.resources, "resource")]
        if self.conditions:
            parts += ["if", " and ".join(str(each) for each in self.conditions)]
        return plain(" ".join(parts))


class Policy(msgspec.Struct, frozen=True):
    """A document with its name and the call that showed it.

    `problems` say why the document as a whole cannot be trusted to be read: it may then hold any statement.
    """

    name: str
    statements: tuple[Statement, ...] = ()
    problems: tuple[str, ...] = ()
    operation: str = "iam:GetPolicyVersion"

    def evidence(self, statement: Statement) -> Evidence:
        """The statement as evidence."""
        return Evidence(self.operation, plain(self.name), statement.summary(), statement.label)

    def malformed(self) -> Missing | None:
        """What cannot be known because the document cannot be read."""
        if not self.problems:
            return None
        says = f"policy {plain(self.name)} cannot be read: {'; '.join(self.problems)}"
        return Missing(self.operation, "undecidable", "MalformedPolicy", plain(self.name), says)


class Policies(msgspec.Struct, frozen=True):
    """All policies of one kind that apply to somebody; `missing` are those that were not read."""

    documents: tuple[Policy, ...] = ()
    missing: tuple[Missing, ...] = ()

    def gaps(self) -> tuple[Missing, ...]:
        """What was not read, or could not be."""
        unreadable = (document.malformed() for document in self.documents)
        return self.missing + tuple(each for each in unreadable if each is not None)

    def joined(self, other: Policies) -> Policies:
        """These and the others."""
        return Policies(self.documents + other.documents, self.missing + other.missing)


def parse_policy(
    document: PolicyDocument | None, name: str, operation: str = "iam:GetPolicyVersion"
) -> Policy:
    """Read a document as IAM's raw API (URL-encoded text), boto3 or a file (object, JSON text) gives it.

    Never raises: what is not understood is kept as `problems` of the document or `doubts` of a statement.
    Grammar: IAM User Guide, "Grammar of the IAM JSON policy language".
    """
    problems: list[str] = []
    body = _body(document, problems)
    if body is None:
        return Policy(name, (), tuple(problems), operation)
    problems += [f"unknown element {plain(key)[:80]!r}" for key in body if key not in _POLICY_ELEMENTS]
    version = body.get("Version", "2008-10-17")
    if version not in ("2012-10-17", "2008-10-17"):
        problems.append(f"unknown Version {plain(str(version))[:40]!r}")
        version = VARIABLES_VERSION
    raw = body.get("Statement")
    if raw is None:
        problems.append("no Statement")
        raw = []
    listed = raw if isinstance(raw, list) else [raw]
    statements = tuple(_statement(each, position, version) for position, each in enumerate(listed))
    return Policy(name, statements, tuple(problems), operation)


def _body(document: PolicyDocument | None, problems: list[str]) -> dict[str, Any] | None:
    if document is None:
        problems.append("the document is absent")
        return None
    if isinstance(document, dict):
        return document
    if len(document) > LONGEST_DOCUMENT:
        problems.append(f"{len(document)} characters: longer than any policy that AWS stores")
        return None
    text = document.strip()
    if text[:1] == "%":
        text = unquote(text)
    try:
        decoded = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        problems.append(f"not JSON ({error})")
        return None
    except RecursionError:
        problems.append("nested too deeply")
        return None
    if not isinstance(decoded, dict):
        problems.append("not a JSON object")
        return None
    return decoded


def _statement(raw: object, position: int, version: str) -> Statement:
    if not isinstance(raw, dict):
        return Statement(None, None, position=position, doubts=("not an object",), version=version)
    doubts = [f"unknown element {plain(str(key))[:80]!r}" for key in raw if key not in _STATEMENT_ELEMENTS]
    effect = None
    if raw.get("Effect") in ("Allow", "Deny"):
        effect = Effect(raw["Effect"])
    else:
        doubts.append("Effect is neither Allow nor Deny")
    if "Action" not in raw and "NotAction" not in raw:
        doubts.append("neither Action nor NotAction")
    return Statement(
        effect=effect,
        actions=_patterns(raw, "Action", doubts),
        resources=_patterns(raw, "Resource", doubts),
        principals=_principals(raw, doubts),
        conditions=tuple(_conditions(raw.get("Condition"), doubts)),
        sid=str(raw.get("Sid") or ""),
        position=position,
        doubts=tuple(doubts),
        version=version,
    )


def _patterns(raw: dict[str, Any], name: str, doubts: list[str]) -> Patterns | None:
    both = [key for key in (name, f"Not{name}") if key in raw]
    if not both:
        return None
    if len(both) == 2:
        doubts.append(f"both {name} and Not{name}")
        return None
    values = _texts(raw[both[0]], both[0], doubts)
    negated = both[0] != name
    if negated and values == ():
        doubts.append(f"{both[0]} is empty")
        return None
    return None if values is None else Patterns(values, negated)


def _principals(raw: dict[str, Any], doubts: list[str]) -> Principals | None:
    both = [key for key in ("Principal", "NotPrincipal") if key in raw]
    if not both:
        return None
    if len(both) == 2:
        doubts.append("both Principal and NotPrincipal")
        return None
    value = raw[both[0]]
    negated = both[0] != "Principal"
    if value == "*":
        return Principals((("*", "*"),), negated)
    if not isinstance(value, dict):
        what = "text other than '*'" if isinstance(value, str) else "neither '*' nor an object"
        doubts.append(f"{both[0]} is {what}")
        return None
    found: list[tuple[str, str]] = []
    for kind, listed in value.items():
        values = _texts(listed, both[0], doubts)
        if values is None or kind not in _PRINCIPAL_KINDS:
            doubts.append(f"{both[0]} of kind {plain(str(kind))[:80]!r} cannot be read")
            return None
        found += [(kind, each) for each in values]
    if negated and not found:
        doubts.append("NotPrincipal is empty")
        return None
    return Principals(tuple(found), negated)


def _conditions(raw: object, doubts: list[str]) -> Iterator[Condition]:
    if raw is None:
        return
    if not isinstance(raw, dict):
        doubts.append("Condition is not an object")
        return
    for operator, block in raw.items():
        if not isinstance(block, dict):
            doubts.append(f"Condition {plain(str(operator))[:80]!r} is not an object")
            continue
        for key, listed in block.items():
            values = _texts(listed, f"Condition {key}", doubts)
            if values:
                yield Condition(str(operator), str(key), values)
            elif values is not None:
                # AWS accepts it, and says both that it never holds and that it has no effect.
                doubts.append(f"Condition {plain(str(key))[:80]} has no values")


def _texts(raw: object, where: str, doubts: list[str]) -> tuple[str, ...] | None:
    """The texts of a list, or of one value; None, and a doubt, where one of them is no text."""
    found: list[str] = []
    for each in raw if isinstance(raw, list) else [raw]:
        if isinstance(each, bool):
            found.append("true" if each else "false")
        elif isinstance(each, str | int | float):
            found.append(str(each))
        else:
            doubts.append(f"{plain(where)[:80]} holds something that is not text")
            return None
    return tuple(found)


def _listed(patterns: Patterns | None, noun: str, most: int = 3) -> str:
    if patterns is None:
        return f"any {noun}"
    shown = ", ".join(patterns.values[:most])
    more = len(patterns.values) - most
    return (
        (f"all {noun}s but " if patterns.negated else "") + shown + (f" and {more} more" if more > 0 else "")
    )


def parse_policies(documents: Iterable[tuple[str, PolicyDocument | None]], operation: str) -> Policies:
    """Several documents by name, all shown by one operation."""
    return Policies(tuple(parse_policy(document, name, operation) for name, document in documents))
