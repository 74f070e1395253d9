"""The program: its commands, and the border where every error becomes two lines and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from advisor.cli.options import SOURCE_PARAMETERS, source_options

INTERRUPTED = 130
BROKEN_PIPE = 141
DEFECT = 70
"""Exit codes besides the contract's 0 to 4: ctrl-c, a reader that went away, a defect of advisor itself."""

COMMANDS: dict[str, str] = {
    "assess": "Every connection method of every target: ready, blocked by what, or unknown.",
    "path": "One flow, hop by hop: what lets it pass, what stops it.",
    "why": "An error message's likely causes, tested against the target.",
    "plan": "The cheapest proved set of changes that makes targets ready.",
    "connect": "The command that connects to a target.",
    "policy": "The least IAM policy for connecting, or for advisor itself.",
    "check": "Assertions about paths and methods, for CI.",
    "diff": "Who lost or gained a way in between two snapshots, and by which change.",
    "graph": "The network as GraphML, DOT, Mermaid or JSON.",
    "collect": "Read a live account into a snapshot. Never writes to AWS.",
    "doctor": "Your own side: AWS CLI, plugin, ssh, credentials, clock.",
    "rules": "What the rule book holds and where each entry comes from.",
    "tui": "The terminal interface, on a live account or a snapshot.",
    "demo": "The terminal interface on the demo account: no credentials needed.",
}
"""Each command with its line in `advisor --help`; `advisor.cli.commands.<name>` holds it."""


class Program(click.Group):
    """Finds commands by name without importing the others, and ends every run with an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order in which a person meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import one command."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"advisor.cli.commands.{name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may have been meant."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            from difflib import get_close_matches

            close = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean: advisor {close[0]}" if close else "list the commands with: advisor --help"
            raise UnknownCommand(f"there is no command '{args[0]}'", hint)
        return super().resolve_command(ctx, args)

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> None:
        """Run, and exit with the contract's code; no error ever shows a traceback."""
        extra["standalone_mode"] = False
        sys.exit(_run(lambda: super(Program, self).main(args, prog_name or "advisor", **extra)))


class UnknownCommand(click.UsageError):
    """A command that does not exist, with a hint of our own."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def _run(command: Any) -> int:
    from advisor.cli.output import ReaderGone
    from advisor.model.errors import AdvisorError

    try:
        status = command()
        sys.stdout.flush()
    except UnknownCommand as error:
        return _said(error.message, error.hint, 2)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "advisor"
        return _said(error.format_message(), f"see: {path} --help", 2)
    except click.ClickException as error:
        return _said(error.format_message(), "see: advisor --help", 2)
    except AdvisorError as error:
        return _said(error.message, error.hint, error.exit_code)
    except (ReaderGone, BrokenPipeError):
        # The reader (head, a closed pager) has what it wanted; the interpreter must not flush into it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as error:
        # The border: what got here is a defect, and people still get two lines, not a traceback.
        if os.environ.get("ADVISOR_DEBUG"):
            raise
        return _said(
            f"a defect of advisor: {type(error).__name__}: {error}",
            "set ADVISOR_DEBUG=1 to see where, and report it with the command you ran",
            DEFECT,
        )
    return status if isinstance(status, int) else 0


def _said(message: str, hint: str, status: int) -> int:
    """Print the two lines: what is wrong, and what to do."""
    from advisor.model.text import plain

    click.echo(f"advisor: {plain(message)}", err=True)
    click.echo(f"  {plain(hint or 'see: advisor --help')}", err=True)
    return status


@click.group(
    cls=Program,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 ready, 1 blocked, 2 bad input, 3 unknown (data missing), 4 AWS or credentials.",
)
@click.version_option(package_name="aws-connection-advisor", prog_name="advisor")
@source_options(as_values=True)
@click.pass_context
def program(context: click.Context, /, **values: Any) -> int | None:
    """Which way into an EC2 instance works, why the others fail, and what exactly to change.

    Without a command, opens the terminal interface on your current AWS profile and region.

    \b
    advisor demo                                try it: no credentials, no network
    advisor assess                              every instance, every connection method
    advisor assess i-0abc --output json         one instance, for programs
    advisor path i-0abc service:ssm --port 443  one flow, hop by hop
    advisor why "TargetNotConnected" i-0abc     what an error message means here

    advisor only reads; it has no code that writes to AWS.
    """
    given = {
        name: value
        for name, value in values.items()
        if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT
    }
    if context.invoked_subcommand is None:
        from advisor.cli.commands.tui import open_screen
        from advisor.cli.options import Source

        return open_screen(Source(**{name: values[name] for name in SOURCE_PARAMETERS}))
    # `advisor --profile prod assess` means the same as `advisor assess --profile prod`, as with the AWS CLI.
    context.default_map = {context.invoked_subcommand: given} if given else None
    return None
