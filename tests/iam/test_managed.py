"""AWS's managed policies as they are kept here, against a copy of what AWS published."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from advisor.iam.decision import Request, decide
from advisor.iam.documents import Effect, Policies, parse_policy
from advisor.iam.managed import KNOWN, ManagedPolicy, managed_policy
from advisor.model.verdict import READY


@cache
def published() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(aws_managed_policies_data)
    return found


@pytest.mark.parametrize("known", KNOWN.values(), ids=lambda known: known.path)
def test_each_is_what_aws_published(known: ManagedPolicy) -> None:
    entry = published()[known.path.rpartition("/")[2]]
    assert entry["Path"].strip("/") == known.path.rpartition("/")[0]
    assert (entry["DefaultVersionId"], entry["UpdateDate"][:10]) == (known.version, known.published)
    document = parse_policy(entry["Document"], known.path)
    assert all(each.effect is Effect.ALLOW for each in document.statements), "kept as Allow only"
    everywhere = {
        action
        for each in document.statements
        if each.actions and each.resources and each.resources.values == ("*",) and not each.conditions
        for action in each.actions.values
    }
    assert everywhere == set(known.actions)
    limited = any(each.resources and each.resources.values != ("*",) for each in document.statements)
    assert known.whole is not limited


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_they_are_known_in_every_partition(partition: str) -> None:
    policy = managed_policy(f"arn:{partition}:iam::aws:policy/AmazonSSMManagedInstanceCore")
    assert policy is not None
    decision = decide(Request("ssmmessages:OpenControlChannel"), identity=Policies((policy,)))
    assert decision.verdict is READY
    assert "as published, v2 of 2019-05-23" in decision.statements[0].resource


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::111122223333:policy/AmazonSSMManagedInstanceCore",
        "arn:aws:iam::aws:policy/Unheard",
        "AmazonSSMManagedInstanceCore",
        "arn:evil:iam::aws:policy/AdministratorAccess",
    ],
)
def test_a_policy_that_only_looks_like_one_of_them_is_not_known(arn: str) -> None:
    assert managed_policy(arn) is None
