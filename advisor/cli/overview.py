"""What `advisor --help` says, as text that needs no library: it must be there at once."""

from __future__ import annotations

from typing import Final

COMMANDS: Final = {
    "assess": "every target by every method: ready, blocked by what, or unknown",
    "path": "one flow, hop by hop: what lets it pass, what stops it",
    "why": "an error message's likely causes, tested against the target",
    "plan": "the cheapest proved set of changes that makes targets ready",
    "connect": "the command that connects to a target",
    "policy": "the least IAM policy for connecting, or for advisor itself",
    "check": "assertions about paths and methods, for CI",
    "diff": "who lost or gained a way in, and the change that did it",
    "graph": "the network as GraphML, DOT, Mermaid or JSON",
    "collect": "read a live account into a snapshot",
    "doctor": "your own side: AWS CLI, plugin, ssh, credentials, clock",
    "rules": "what the rule book holds and where each entry comes from",
    "tui": "the terminal interface, on a live account or a snapshot",
    "demo": "the terminal interface on the demo account, without credentials",
}
"""Each command with its line in the overview; `advisor.cli.commands.<name>` holds it."""

_TEXT = """\
Usage: advisor [OPTIONS] [COMMAND] [ARGS]...

  Which way into an EC2 instance works, why the others fail, and what exactly
  to change. Without a command: the terminal interface on your current AWS
  profile and Region. advisor only reads; no code in it writes to AWS.

  advisor demo                                try it: no credentials, no network
  advisor assess                              all instances, all methods
  advisor assess i-0abc --output json         one instance, for programs
  advisor path i-0abc service:ssm             one flow, hop by hop
  advisor why "TargetNotConnected" i-0abc     what an error means here

Commands (each has its own --help):
{commands}

Options, before or after the command:
  --snapshot PATH     a snapshot, a folder of AWS CLI dumps, or `demo`, instead
                      of a live account
  --profile NAME      AWS profile (default: as the AWS CLI)
  --region REGION     repeatable, comma-separated, or `all`
  --endpoint-url URL  ask this URL instead of AWS
  --rules DIR         lay your own rules over the built-in ones; repeatable
  --lang en|ja        language of explanations
  --no-color          no colour (as the variable NO_COLOR)
  --version           show the version
  -h, --help          show this text

Exit codes: 0 ready, 1 blocked, 2 usage or bad input, 3 unknown because data is
missing, 4 AWS or credentials.
"""


def overview() -> str:
    """The whole text, with a line break at its end."""
    return _TEXT.format(commands="\n".join(f"  {name:<9} {line}" for name, line in COMMANDS.items()))
