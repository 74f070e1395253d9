"""The values of the rule book: what one entry of each kind of rule says.

Every struct refuses unknown keys, and what a type cannot say (a remedy is steps, actions or a reason for
none) is checked when the value is made, so that a loaded rule book holds no half entries.
"""

from __future__ import annotations

import re
import shlex
import string
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from advisor.model.errors import InputError
from advisor.model.text import plain
from advisor.rulebook.tables import Endpoint, NamedText, PriceList, RunbookCheck
from advisor.rulebook.texts import Id, Lines, Text

DocsLink = Annotated[str, msgspec.Meta(pattern=r"^https://[a-z0-9.-]+/[^\s]*$")]
MethodName = Literal[
    "session-manager", "instance-connect-endpoint", "bastion", "instance-connect", "direct", "serial-console"
]
Layer = Literal["tools", "permissions", "account", "instance", "agent", "endpoints", "network", "os"]
Use = Literal["shell", "ssh", "scp", "port-forward", "remote-host", "rdp", "fleet-rdp", "console", "tunnel"]
PlatformName = Literal["linux", "windows", "macos"]
Value = str | int | float | bool | None


class Look(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a cause shows: an API operation (`ec2:DescribeVpcs`) and the field of its answer."""

    operation: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]+:[A-Z][A-Za-z0-9]*$")]
    field: str


class Remedy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What cures a cause: steps for people, ids of actions, or the reason why there is nothing to do."""

    steps: Lines | None = None
    actions: tuple[Id, ...] = ()
    none: Text | None = None

    def __post_init__(self) -> None:
        if self.none is not None and (self.steps or self.actions):
            raise ValueError("`none` stands alone: a remedy with steps or actions is one")
        if self.none is None and not self.steps and not self.actions:
            raise ValueError("a remedy needs `steps`, `actions`, or `none` with a reason")


class Cause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reason why somebody cannot connect.

    `certainty` says how sure advisor can be from outside: `certain` (the API's answer proves it), `likely`
    (it fits, but needs corroboration), `invisible` (only the machine itself or the laptop knows, so
    `by_hand` holds the commands to run there). `effect` is `blocks`, or `degrades`, `risk` and
    `information` for causes that never block. `confirmed` is false where no source of AWS could be found
    for the statement. `seen` holds the exact texts a person sees; `codes` the network codes that mean this.
    """

    id: Id
    title: Text
    meaning: Text
    layer: Layer
    certainty: Literal["certain", "likely", "invisible"]
    methods: tuple[MethodName, ...]
    remedy: Remedy
    docs: DocsLink
    effect: Literal["blocks", "degrades", "risk", "information"] = "blocks"
    uses: tuple[Use, ...] = ()
    evidence: tuple[Look, ...] = ()
    seen: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    confirmed: bool = True

    def __post_init__(self) -> None:
        if not self.methods:
            raise ValueError("`methods` is empty: name the methods that this cause concerns")
        if self.certainty == "invisible" and not self.by_hand:
            raise ValueError("an invisible cause needs `by_hand`: the command that shows it on the spot")


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"parameters": "with"}):
    """A branch of a method's tree of checks.

    One of: `all` of these steps; `any` of them; one `check` with its parameters; or `observed` and `inferred`
    together, where what was observed decides and the other is asked only when nothing was.
    """

    all: tuple[Step, ...] = ()
    any: tuple[Step, ...] = ()
    check: str = ""
    parameters: dict[str, Value | list[Value]] = {}
    observed: Step | None = None
    inferred: Step | None = None

    def __post_init__(self) -> None:
        pair = (self.observed is not None, self.inferred is not None)
        if [bool(self.all), bool(self.any), bool(self.check), all(pair)].count(True) != 1 or any(pair) != all(
            pair
        ):
            # An empty `all` would be true of everything: a READY out of nothing.
            raise ValueError(
                "a step is one of `all`, `any` (neither empty), `check`, or `observed` with `inferred`"
            )
        if self.parameters and not self.check:
            raise ValueError("`with` belongs to a `check`")

    def checks(self) -> tuple[Step, ...]:
        """The checks in and below this step, in order."""
        if self.check:
            return (self,)
        pair = (step for step in (self.observed, self.inferred) if step)
        return tuple(each for step in (*self.all, *self.any, *pair) for each in step.checks())


class CommandTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line a person runs to connect, with the variables that it needs declared by name."""

    use: Use
    template: str
    variables: tuple[str, ...] = ()
    platforms: tuple[PlatformName, ...] = ("linux", "windows", "macos")
    note: Text | None = None

    def __post_init__(self) -> None:
        template = string.Template(self.template)
        if not template.is_valid():
            raise ValueError("the template holds a `$` that is no variable: write `$$` for a dollar sign")
        used = set(template.get_identifiers())
        if undeclared := sorted(used - set(self.variables)):
            raise ValueError(f"the template uses `${undeclared[0]}`, which `variables` does not declare")
        if unused := sorted(set(self.variables) - used):
            raise ValueError(f"`variables` declares `{unused[0]}`, which the template does not use")

    def line(self, values: Mapping[str, str]) -> str:
        """The command with these values, each quoted for a POSIX shell.

        Raises KeyError for a variable without a value (a command with a hole in it must not be shown), and
        InputError for a value that could be read as more than a value inside the template's own quotes.
        """
        if '"' in self.template or "'" in self.template:
            for name in self.variables:
                if not _HARMLESS.fullmatch(values[name]):
                    raise InputError(
                        f"The {name} `{plain(values[name])}` cannot be put into this command safely",
                        "Type the command by hand, or use a name of letters, digits and -_.:/@=~+.",
                    )
            return string.Template(self.template).substitute({each: values[each] for each in self.variables})
        quoted = {name: shlex.quote(values[name]) for name in self.variables}
        return string.Template(self.template).substitute(quoted)


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that is recorded, and where it is found; `needs` is what has to be switched on first."""

    what: Text
    where: Text
    needs: Text | None = None


class Logging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A method's logging card: what is recorded where, and what is not recorded at all."""

    recorded: tuple[Record, ...]
    not_recorded: Lines


class Comparison(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A method's column of the comparison table; the rows' headings are texts named `comparison.<row>`."""

    connections: Text
    nodes: Text
    use_cases: Text
    merits: Lines
    demerits: Lines
    needs: Lines
    tools: Text
    endpoints: Text
    agent: Text
    inbound: Text
    authentication: Text
    logging: Text
    cost: Text
    limits: Text
    az_redundancy: Text

    def rows(self, lang: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The column in a language: each row's name and its lines, in the table's order."""
        cells = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return tuple(
            (name, cell.in_(lang) if isinstance(cell, Lines) else (cell.in_(lang),)) for name, cell in cells
        )


class Method(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A way to connect: the tree of its checks, and everything people are told about it.

    `ports` are the TCP ports that must be open on the instance, by platform (none: the method dials out).
    `traits` are what a profile may require (`no-inbound`, `content-log`, …); `scores` say, from 0 to 1, how
    well the method serves each criterion that a profile weighs. Of several `commands` for one use and
    platform the first is meant whose variables all have a value.
    """

    id: MethodName
    title: Text
    summary: Text
    checks: Step
    comparison: Comparison
    logging: Logging
    docs: DocsLink
    platforms: tuple[PlatformName, ...] = ("linux", "windows", "macos")
    ports: dict[PlatformName, tuple[int, ...]] = {}
    commands: tuple[CommandTemplate, ...] = ()
    traits: tuple[str, ...] = ()
    scores: dict[str, float] = {}


class Symptom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text that people paste, and what it may come from.

    `exact` are pieces of the text as it is printed, in either language (`*` stands for what varies), `fuzzy`
    groups of words that all occur in it. `causes` are ids, the likeliest first; `asks` is what to ask for.
    A `general` text says little, and nothing where another one shows too.
    """

    id: Id
    title: Text
    causes: tuple[Id, ...]
    exact: tuple[str, ...] = ()
    fuzzy: tuple[tuple[str, ...], ...] = ()
    general: bool = False
    asks: Lines | None = None
    docs: DocsLink | None = None

    def __post_init__(self) -> None:
        if not self.causes:
            raise ValueError("a symptom without `causes` explains nothing")
        if not self.exact and not self.fuzzy:
            raise ValueError("a symptom needs `exact` texts or `fuzzy` groups of words")
        if any(not text.replace("*", "").strip() for text in self.exact):
            raise ValueError("an `exact` text of nothing but `*` would match everything")
        if any(not group for group in self.fuzzy):
            raise ValueError("an empty `fuzzy` group would match everything")


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody cares about: weights of the criteria (they add up to 100), and traits that are a must.

    `is_emergency` tells that methods kept for emergencies (trait `last-resort`) are weighed like any other;
    under every other profile they come after whatever else is ready.
    """

    id: Id
    title: Text
    meaning: Text
    weights: dict[str, float]
    requires: tuple[str, ...] = ()
    is_emergency: bool = False

    def __post_init__(self) -> None:
        if min(self.weights.values(), default=-1) < 0 or abs(sum(self.weights.values()) - 100) > 1e-6:
            raise ValueError(f"the weights add up to {sum(self.weights.values()):g}, not to 100")


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule of the organisation about which methods to use.

    `when` is a JMESPath expression over a target of the report's JSON (`assess --output json`), to which
    the key `this` adds the method in question; the policy holds for that method where it gives a true value.
    `enabled` is false for the examples that come with the product.
    """

    id: Id
    title: Text
    meaning: Text
    effect: Literal["forbid", "prefer", "warn"]
    when: str
    methods: tuple[MethodName, ...] = ()
    enabled: bool = True


class ActionText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people are told about an action: its title, what it changes, and what is risky about it.

    The texts may hold `{placeholders}`, which whoever makes the action fills with real ids.
    """

    id: Id
    title: Text
    meaning: Text
    risk: Text
    service: str = ""
    operation: str = ""
    docs: DocsLink | None = None


Entry = (
    Cause | Method | Symptom | PriceList | Profile | Policy | ActionText | Endpoint | RunbookCheck | NamedText
)

_HARMLESS = re.compile(r"[A-Za-z0-9_.:/@=~+-]+")
