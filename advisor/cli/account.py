"""Reading what a command works on: the account (a snapshot or live), and the rule book."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from advisor.model.errors import InputError
from advisor.model.text import plain

if TYPE_CHECKING:
    from advisor.cli.options import Source
    from advisor.collect.session import Session
    from advisor.model.estate import Estate
    from advisor.rulebook import RuleBook
    from advisor.snapshot import Snapshot

_WARNINGS_SHOWN = 5


def rule_folders(source: Source) -> list[Path]:
    """The folders of rules to lay over the built-in ones: the person's own, then those of --rules."""
    from advisor.cli.folders import own_rules

    own = own_rules()
    folders = [Path(folder) for folder in source.rules]
    return [own, *folders] if os.path.isdir(own) else folders


def read_rulebook(source: Source) -> RuleBook:
    """The built-in rules with the person's own laid over them."""
    from advisor.rulebook import load

    return load(rule_folders(source))


def read_snapshot(source: Source) -> Snapshot:
    """The snapshot that --snapshot names, or a new one of the live account."""
    return read_open(source)[0]


def read_open(source: Source) -> tuple[Snapshot, Session | None]:
    """The snapshot, and for a live account the session to ask more with."""
    if source.snapshot is None:
        from advisor.cli.live import collect_with, sign_in

        session = sign_in(source)
        return collect_with(session), session
    if not source.snapshot:
        raise InputError("--snapshot names no file", "give a snapshot file, a folder of dumps, or `demo`")
    if source.profile or source.endpoint_url:
        option = "--profile" if source.profile else "--endpoint-url"
        raise InputError(
            f"{option} has no meaning with --snapshot, which is read without asking AWS",
            f"leave out {option}, or leave out --snapshot to read the live account",
        )
    from advisor.snapshot import read

    return read(source.snapshot).of_regions(source.region), None


def estate_of(snapshot: Snapshot) -> Estate:
    """The typed estate of a snapshot; what was wrong in the data is said on stderr."""
    estate = snapshot.estate()
    for warning in estate.warnings[:_WARNINGS_SHOWN]:
        click.echo(f"warning: {plain(warning)}", err=True)
    if len(estate.warnings) > _WARNINGS_SHOWN:
        more = len(estate.warnings) - _WARNINGS_SHOWN
        click.echo(f"warning: {more} more like these; --output json lists all", err=True)
    return estate
