"""The program: its commands, and the border where every error becomes two lines and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from advisor.cli.options import SOURCE_PARAMETERS, source_options
from advisor.cli.overview import COMMANDS, overview

INTERRUPTED = 130
BROKEN_PIPE = 141
DEFECT = 70
"""Exit codes besides the contract's 0 to 4: ctrl-c, a reader that went away, a defect of advisor itself."""


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

    def get_help(self, ctx: click.Context) -> str:
        """The overview, which does not import the commands it lists."""
        return overview().rstrip()

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
    from advisor.cli.output import ReaderGone, Unwritten
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
    except Unwritten as error:
        _turn_away()
        return _said(error.message, error.hint, error.exit_code)
    except AdvisorError as error:
        return _said(error.message, error.hint, error.exit_code)
    except (ReaderGone, BrokenPipeError):
        # The reader (head, a closed pager) has what it wanted.
        _turn_away()
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


def _turn_away() -> None:
    """Let the interpreter flush what is left of the result into nothing, where it cannot fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
)
@click.version_option(package_name="aws-connection-advisor", prog_name="advisor")
@source_options(as_values=True)
@click.pass_context
def program(context: click.Context, /, **values: Any) -> int | None:
    """Open the terminal interface where no command is given; hand the options down where one is."""
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
    inner = {name: given for name in ("list", "show", "validate")}
    context.default_map = {context.invoked_subcommand: {**given, **inner}} if given else None
    return None
