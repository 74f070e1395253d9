"""`advisor connect`: the command that connects to a target, to copy or to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from advisor.cli.options import METHODS, Person, Source, person_options, source_options
from advisor.model.text import plain

if TYPE_CHECKING:
    from advisor.methods.assessment import Command, MethodAssessment, MethodId, TargetAssessment


@click.command("connect", context_settings={"ignore_unknown_options": False})
@click.argument("target", metavar="TARGET")
@click.option("--method", type=click.Choice(METHODS), help="By this method (default: the best one).")
@click.option("--ssh-config", is_flag=True, help="An entry for ~/.ssh/config instead of a command.")
@click.option("--all", "every", is_flag=True, help="Every command of the method, one a line.")
@click.option("--run", is_flag=True, help="Run the command, without a shell.")
@person_options
@source_options()
def command(
    target: str,
    method: str | None,
    ssh_config: bool,
    every: bool,
    run: bool,
    person: Person,
    source: Source,
) -> int:
    """Print the command that connects to TARGET by its best method; with --run, run it.

    \b
    advisor connect web-1                      aws ssm start-session --target i-0…
    advisor connect web-1 --protocol ssh --ssh-config >> ~/.ssh/config
    advisor connect web-1 --method instance-connect-endpoint --run

    Nothing is printed for a method that is known to be blocked: the causes are, with exit code 1. Where data
    is missing the command is printed and the exit code is 3.
    """
    from advisor.cli.codes import OF_VERDICT
    from advisor.cli.output import write
    from advisor.cli.reading import read_account
    from advisor.methods.assessment import MethodId
    from advisor.methods.commands import TEMPLATE_USES
    from advisor.methods.options import Use
    from advisor.model.errors import InputError
    from advisor.model.verdict import BLOCKED

    read = read_account(source, person, (target,))
    assessed = read.assess_targets((read.find(target),)).targets[0]
    chosen = _chosen(assessed, MethodId(method) if method else None)
    if chosen.verdict is BLOCKED:
        return _refused(assessed, chosen)
    wanted = TEMPLATE_USES[Use(person.protocol)] if person.protocol else None
    lines = [each for each in read.commands(assessed.target, chosen) if wanted is None or each.use in wanted]
    if not lines and wanted is None:
        return _undecided(assessed, chosen)
    if not lines:
        raise InputError(
            f"{chosen.method.value} has no command for {person.protocol}",
            f"see what it has: advisor connect {assessed.target.id} --method {chosen.method.value} --all",
        )
    if run:
        return _run(lines[0])
    if ssh_config:
        write(_ssh_config(assessed, lines))
    else:
        write("".join(f"{each.command}\n" for each in (lines if every else lines[:1])))
    return OF_VERDICT[chosen.verdict]


def _chosen(assessed: TargetAssessment, method: MethodId | None) -> MethodAssessment:
    from advisor.model.errors import InputError

    if method is None:
        if assessed.recommended is None:
            raise InputError(
                f"no method leads to {assessed.target.id}", f"see why: advisor assess {assessed.target.id}"
            )
        method = assessed.recommended.method
    for each in assessed.methods:
        if each.method is method:
            return each
    raise InputError(
        f"{method.value} is not there for {assessed.target.id}",
        f"its methods: {', '.join(each.method.value for each in assessed.methods)}",
    )


def _ssh_config(assessed: TargetAssessment, lines: list[Command]) -> str:
    from advisor.model.errors import InputError
    from advisor.report.ssh_config import alias_for, ssh_entry

    target = assessed.target
    for each in lines:
        entry = ssh_entry(alias_for(target.name, target.id), each.command)
        if entry is not None:
            return entry
    raise InputError(
        f"none of the commands for {target.id} is an SSH login",
        "try: --method session-manager --protocol ssh",
    )


def _refused(assessed: TargetAssessment, chosen: MethodAssessment) -> int:
    from advisor.cli.codes import FAILED
    from advisor.model.evidence import bind

    first = chosen.blockers[0] if chosen.blockers else None
    why = bind(f"{first.cause} ({first.says or first.resource})", assessed.target.id) if first else ""
    click.echo(plain(f"advisor: {chosen.method.value} to {assessed.target.id} is blocked: {why}"), err=True)
    click.echo(f"  the change that repairs it: advisor plan {assessed.target.id}", err=True)
    return FAILED


def _undecided(assessed: TargetAssessment, chosen: MethodAssessment) -> int:
    """Where it is not even known what the line would lead through: a bastion that could not be read."""
    from advisor.cli.codes import DATA_MISSING
    from advisor.report.rows import missing_text

    what = f"{chosen.method.value} to {assessed.target.id}"
    missing = "; ".join(dict.fromkeys(missing_text(each, assessed.target.id) for each in chosen.missing))
    click.echo(plain(f"advisor: {what} is unknown, and so is its command: {missing}"), err=True)
    click.echo("  the calls that were denied or failed: advisor assess --output json --query gaps", err=True)
    return DATA_MISSING


def _run(line: Command) -> int:
    """Run a command with its arguments as they are: no shell sees a name of the account.

    A line of several commands (`push the key && log in`) is run one after the other, as far as they succeed.
    """
    import shlex

    status = 0
    arguments: list[str] = []
    for word in [*shlex.split(line.command), "&&"]:
        if word != "&&":
            arguments.append(word)
            continue
        status = _run_one(arguments)
        if status != 0:
            return status
        arguments = []
    return status


def _run_one(arguments: list[str]) -> int:
    import shutil
    import signal
    import subprocess

    from advisor.model.errors import InputError

    program = shutil.which(arguments[0])
    if program is None:
        raise InputError(f"`{arguments[0]}` is not installed here", "see what is missing: advisor doctor")
    # ctrl-c belongs to the session, which must not lose its parent by it.
    earlier = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.run([program, *arguments[1:]], check=False).returncode
    finally:
        signal.signal(signal.SIGINT, earlier)
