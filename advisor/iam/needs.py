"""What has to be allowed: an action on a resource, and the cause if it is not."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from advisor.iam.context import EMPTY, Context
from advisor.iam.decision import Decision
from advisor.iam.documents import Policies
from advisor.iam.principals import Permissions


class Place(msgspec.Struct, frozen=True):
    """Where something is, for its ARN."""

    account: str
    region: str
    partition: str = "aws"

    def arn(self, service: str, resource: str, *, owned: bool = True) -> str:
        """An ARN in this place; documents that AWS owns have no account in theirs."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account if owned else ''}:{resource}"

    def node(self, target: str) -> str:
        """The ARN of an instance or hybrid node."""
        if target.startswith("mi-"):
            return self.arn("ssm", f"managed-instance/{target}")
        return self.arn("ec2", f"instance/{target}")

    def document(self, name: str) -> str:
        """The ARN of a session document; those named `AWS-` belong to AWS."""
        return self.arn("ssm", f"document/{name}", owned=not name.startswith("AWS-"))


class Need(msgspec.Struct, frozen=True):
    """An action that has to be allowed, on any one of `resources` (they are spellings of one resource).

    `cause` is the id of the cause if it is not. `essential` is False where a connection works without it
    (ending one's own session from outside), or where AWS does not surely enforce it.
    """

    action: str
    resources: tuple[str | None, ...]
    cause: str
    context: Context = EMPTY
    essential: bool = True

    def decide(
        self,
        permissions: Permissions,
        *,
        endpoint: Policies | None = None,
        resource_policy: Policies | None = None,
        resource_must_allow: bool = False,
    ) -> Decision:
        """The best decision over the spellings of the resource."""
        found = [
            permissions.decide(
                self.action,
                resource,
                self.context,
                endpoint=endpoint,
                resource_policy=resource_policy,
                resource_must_allow=resource_must_allow,
            )
            for resource in self.resources
        ]
        best = found[0]
        for each in found[1:]:
            best = each if best.verdict < each.verdict else best
        return best


def essential(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Those without which nothing works."""
    return tuple(each for each in needs if each.essential)
