"""The linter for IAM policies that the tests use, with what it does not know yet."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec


def _correct(definition: list[dict[str, Any]]) -> None:
    """What the linter's copy of AWS's Service Authorization Reference lacks or spells differently."""
    for service in definition:
        for condition in service["conditions"]:
            if condition["type"] == "IPAddress":
                condition["type"] = "Ip"
        if service["prefix"] == "ssm":
            key = {"condition": "ssm:SessionDocumentAccessCheck", "type": "Bool", "description": ""}
            service["conditions"].append(key)
        if service["prefix"] == "ssmmessages":
            arn = "arn:${Partition}:ssm:${Region}:${Account}:session/${SessionId}"
            service["resources"].append({"resource": "session", "arn": arn, "condition_keys": []})
        for privilege in service["privileges"]:
            if privilege["privilege"] == "OpenDataChannel":
                # AWS's sample policies for Session Manager give it the person's sessions.
                session = {"resource_type": "session", "condition_keys": [], "dependent_actions": []}
                privilege["resource_types"] = [session]
            for resource in privilege["resource_types"]:
                keys = resource["condition_keys"]
                if "ec2-instance-connect:MaxTunnelDuration" in keys:
                    keys.append("ec2-instance-connect:maxTunnelDuration")
                    keys.remove("ec2-instance-connect:MaxTunnelDuration")
                if privilege["privilege"] == "StartSession" and resource["resource_type"] == "":
                    keys.append("ssm:SessionDocumentAccessCheck")


@contextmanager
def linter() -> Iterator[Any]:
    """The linter; it asks for `pkg_resources`, which newer installers leave out, to find its own files."""
    stand_in = ModuleType("pkg_resources")
    folders = (Path(each) / "parliament" for each in sys.path)
    folder = next(each for each in folders if (each / "iam_definition.json").exists())
    stand_in.resource_filename = lambda _, name: str(folder / name)  # type: ignore[attr-defined]
    kept = sys.modules.get("pkg_resources")
    sys.modules["pkg_resources"] = kept or stand_in
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import parliament

    _correct(parliament.iam_definition)
    yield parliament
    if kept is None:
        del sys.modules["pkg_resources"]


def findings(linter: Any, document: dict[str, Any]) -> list[tuple[str, Any]]:
    analyzed = linter.analyze_policy_string(msgspec.json.encode(document).decode())
    return [(each.issue, each.detail) for each in analyzed.findings]
