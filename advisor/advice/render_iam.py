"""The IAM policy that a person needs to carry a plan out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from advisor.advice.action import Action
from advisor.advice.permissions import partition_of, permissions, resources


def iam_policy(actions: Sequence[Action]) -> str:
    """The policy as JSON text."""
    return json.dumps(policy_document(actions), indent=2, ensure_ascii=False) + "\n"


def policy_document(actions: Sequence[Action], rollback: bool = True) -> dict[str, Any]:
    """The least policy for these requests, and for taking them back.

    Requests that make something, and what the waiting lines read, stand on `*`: their resources have no ids
    before. Passing a role is limited to the services that get it.
    """
    wanted = list(actions)
    if rollback:
        wanted += [each for action in actions for each in action.rollback]
    by_resources: dict[tuple[str, ...], dict[str, None]] = {}
    passes: dict[str, dict[str, None]] = {}
    for action in wanted:
        for position, permission in enumerate(permissions(action)):
            if permission == "iam:PassRole":
                service = "ssm.amazonaws.com" if action.service == "ssm" else "ec2.amazonaws.com"
                arn = f"arn:{partition_of(action.region)}:iam::{action.account}:role/*"
                passes.setdefault(arn, {})[service] = None
                continue
            about = resources(action) if position == 0 else ("*",)
            by_resources.setdefault(about, {})[permission] = None
    statements: list[dict[str, Any]] = []
    for about, allowed in by_resources.items():
        statements.append(
            {
                "Effect": "Allow",
                "Action": _one_or_all(sorted(allowed)),
                "Resource": _one_or_all(list(about)),
            }
        )
    for arn, services in passes.items():
        statements.append(
            {
                "Effect": "Allow",
                "Action": "iam:PassRole",
                "Resource": arn,
                "Condition": {"StringEquals": {"iam:PassedToService": _one_or_all(sorted(services))}},
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values
