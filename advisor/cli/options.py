"""Options that commands share, as values: where the account comes from, and how the result goes out."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

SOURCE_PARAMETERS = ("snapshot", "profile", "region", "endpoint_url", "rules", "lang", "no_color")
METHODS = (
    "session-manager",
    "instance-connect-endpoint",
    "bastion",
    "instance-connect",
    "direct",
    "serial-console",
)
USES = ("shell", "ssh", "scp", "rdp", "port-forward")
PROFILES = ("balanced", "audit", "cost", "break-glass", "no-agent", "no-inbound")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the account is read from, the rule book's additions, and the language of its texts.

    `region` holds every Region asked for (`all` for all that the account has), empty for the default one.
    """

    snapshot: str | None = None
    profile: str | None = None
    region: tuple[str, ...] = ()
    endpoint_url: str | None = None
    rules: tuple[str, ...] = ()
    lang: str = "en"
    no_color: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Who connects: for what, from where, as whom, by which preferences, and what they know already.

    `local` says whether findings about this computer count (None: for live accounts only).
    """

    protocol: str | None = None
    address: str | None = None
    caller: str | None = None
    prefer: str = "balanced"
    must_be_logged: bool = False
    no_new_cost: bool = False
    survive_zone: bool = False
    local: bool | None = None
    evidence: tuple[str, ...] = ()
    console: bool = False


ANYBODY = Person()


@dataclass(frozen=True, slots=True)
class Output:
    """The format of the result, and the JMESPath expression to take out of it."""

    format: str = "table"
    query: str | None = None
    no_color: bool = False
    lang: str = "en"


def _comma_separated(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """`--region a,b --region c` as one list, each once."""
    parts = (part.strip() for value in values for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def source_options(as_values: bool = False) -> Callable[[Command], Command]:
    """Add the options of a Source; the command gets it as `source` (or, `as_values`, one by one)."""
    options = (
        click.option(
            "--snapshot",
            metavar="PATH",
            help="Read a snapshot file, a folder of AWS CLI dumps, or `demo` instead of a live account.",
        ),
        click.option("--profile", metavar="NAME", help="AWS profile (default: as the AWS CLI)."),
        click.option(
            "--region",
            metavar="REGION",
            multiple=True,
            callback=_comma_separated,
            help="AWS Region; repeatable, comma-separated, or `all`.",
        ),
        click.option("--endpoint-url", metavar="URL", help="Ask this URL instead of AWS."),
        click.option(
            "--rules", metavar="DIR", multiple=True, help="Lay your own rules over the built-in ones."
        ),
        click.option(
            "--lang",
            type=click.Choice(["en", "ja"]),
            default="en",
            envvar="ADVISOR_LANG",
            help="Language of explanations.",
        ),
        click.option("--no-color", is_flag=True, help="No colour (as NO_COLOR)."),
    )

    def decorate(command: Command) -> Command:
        target: Any = command if as_values else _gathering(command, "source", Source, SOURCE_PARAMETERS)
        for option in reversed(options):
            target = option(target)
        return target  # type: ignore[no-any-return]

    return decorate


def _range(context: click.Context, parameter: click.Parameter, given: str | None) -> str | None:
    """The range that --from names; a single address is a range of one."""
    from advisor.model.addresses import parse_address, parse_prefix
    from advisor.model.errors import InputError

    if given is None:
        return None
    if parse_prefix(given) is None:
        raise InputError(
            f"--from: '{given}' is no address and no range", "give the address you connect from: 203.0.113.7"
        )
    alone = parse_address(given)
    return given if alone is None else f"{given}/{alone.host.length}"


def _caller(context: click.Context, parameter: click.Parameter, given: str | None) -> str | None:
    """The ARN that --as names: whose permissions cannot be known must not look like one who has them all."""
    from advisor.iam.callers import parse_caller
    from advisor.model.errors import InputError

    if given is not None and parse_caller(given) is None:
        raise InputError(
            f"--as: '{given}' is no ARN of a user or role",
            "see your own: aws sts get-caller-identity --query Arn",
        )
    return given


_PERSON = (
    click.option("--protocol", type=click.Choice(USES), help="What the connection is for."),
    click.option(
        "--from",
        "address",
        metavar="CIDR",
        callback=_range,
        help="The address or range you connect from.",
    ),
    click.option(
        "--as",
        "caller",
        metavar="ARN",
        callback=_caller,
        help="Count this user's or role's permissions too.",
    ),
    click.option(
        "--prefer",
        metavar="PROFILE",
        default="balanced",
        show_default=True,
        help=f"What to weigh methods by: {', '.join(PROFILES)}, or one of your own rules.",
    ),
    click.option("--must-be-logged", is_flag=True, help="Recommend only what records the session's content."),
    click.option("--no-new-cost", is_flag=True, help="Recommend only what adds nothing to the bill."),
    click.option("--survive-zone", is_flag=True, help="Prefer what survives the loss of one zone."),
    click.option(
        "--local/--no-local",
        default=None,
        help="Count this computer's own faults too (default: for live accounts).",
    ),
    click.option(
        "--console",
        is_flag=True,
        help="Read the boot output of named live instances too; it may hold secrets.",
    ),
    click.option(
        "--evidence",
        metavar="FILE",
        multiple=True,
        help="Output of `ssm-cli get-diagnostics` or `aws ssm get-connection-status`.",
    ),
)
_PERSON_PARAMETERS = (
    "protocol",
    "address",
    "caller",
    "prefer",
    "must_be_logged",
    "no_new_cost",
    "survive_zone",
    "local",
    "console",
    "evidence",
)


def person_options(command: Command) -> Command:
    """Add the options about who connects; the command gets a Person as `person`."""
    target: Any = _gathering(command, "person", Person, _PERSON_PARAMETERS)
    for option in reversed(_PERSON):
        target = option(target)
    return target  # type: ignore[no-any-return]


def output_options(*formats: str) -> Callable[[Command], Command]:
    """Add --output and --query; the command gets an Output as `output`. Place it above `source_options`."""
    choices = formats or ("table", "json", "yaml", "markdown", "html", "csv")

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def gathered(*args: Any, output: str, query: str | None, **values: Any) -> Any:
            source: Source = values["source"]
            chosen = Output(output, query, source.no_color, source.lang)
            return command(*args, output=chosen, **values)

        return gathered  # type: ignore[return-value]

    def with_options(command: Command) -> Command:
        target: Any = decorate(command)
        target = click.option("--query", metavar="JMESPATH", help="Take this out of the result.")(target)
        return click.option(  # type: ignore[no-any-return]
            "--output",
            "-o",
            type=click.Choice(list(choices)),
            default=choices[0],
            show_default=True,
            help="Format of the result.",
        )(target)

    return with_options


def _gathering(
    command: Callable[..., Any], name: str, kind: type[Any], parameters: tuple[str, ...]
) -> Callable[..., Any]:
    @functools.wraps(command)
    def gathered(*args: Any, **values: Any) -> Any:
        value = kind(**{parameter: values.pop(parameter) for parameter in parameters})
        return command(*args, **{name: value}, **values)

    return gathered
