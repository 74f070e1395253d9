"""`advisor collect`: a live account into a snapshot file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from advisor.cli.options import Source, source_options


@click.command("collect")
@click.option(
    "-o",
    "--output",
    "path",
    metavar="PATH",
    required=True,
    help="The snapshot to write: .json, or .json.gz for a small one.",
)
@click.option("--redact", is_flag=True, help="Replace names, tags and account ids; verdicts stay the same.")
@click.option("--redact-addresses", is_flag=True, help="Replace addresses as well.")
@source_options()
def command(path: str, redact: bool, redact_addresses: bool, source: Source) -> None:
    """Read a live account into a snapshot, for the other commands to work on offline.

    Never makes a call that writes to AWS. Calls that are not allowed are noted in the snapshot: what depends
    on them will be unknown. The file is readable by you alone (0600); it holds no secrets, but the account's
    ids, addresses, names and policies.

    \b
    advisor collect -o today.json.gz
    advisor collect -o all.json.gz --profile audit --region all
    advisor assess --snapshot today.json.gz
    advisor collect --snapshot today.json.gz -o to-show.json.gz --redact
    """
    import secrets

    from advisor.cli.account import read_snapshot
    from advisor.cli.output import write
    from advisor.model.errors import CloudError, InputError
    from advisor.snapshot import write as write_snapshot

    target = Path(path)
    # Found out before minutes of reading, not after.
    if not target.name.endswith((".json", ".json.gz")):
        raise InputError(f"a snapshot is a .json or .json.gz file, not '{path}'", f"try: -o {path}.json.gz")
    if not os.path.isdir(target.parent):
        raise InputError(f"there is no folder {target.parent}", "make it first, or give another path")
    if os.path.isdir(target):
        raise InputError(f"{target} is a folder", "give the name of a file, such as account.json.gz")
    if not os.access(target.parent, os.W_OK):
        raise InputError(f"nothing can be written into {target.parent}", "choose another place with -o")
    snapshot = read_snapshot(source)
    if redact or redact_addresses:
        from advisor.snapshot.redact import redact as redacted

        snapshot = redacted(snapshot, addresses=redact_addresses, secret=secrets.token_bytes(32))
    write_snapshot(snapshot, target)
    failed = sum(each.status != "ok" for each in snapshot.responses)
    regions = sorted({each.region for each in snapshot.responses} - {"global"})
    write(f"{target}: {len(snapshot.responses)} answers of {', '.join(regions)}\n")
    if failed:
        calls = "1 call" if failed == 1 else f"{failed} calls"
        click.echo(f"{calls} did not succeed; what depends on that will be unknown", err=True)
    if source.snapshot is None:
        from advisor.collect.faults import expired

        if expired(each.code for each in snapshot.responses):
            raise CloudError(
                "the AWS credentials expired while the account was read",
                f"{target} holds what was read before; sign in again, and collect again",
            )
