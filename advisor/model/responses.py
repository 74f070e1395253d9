"""Raw responses of one operation in one account and Region: the interchange between all who read AWS."""

from __future__ import annotations

import msgspec

from advisor.model.coverage import Coverage, Status


class Gap(msgspec.Struct, frozen=True, omit_defaults=True):
    """A call for one resource that did not succeed (`status` as in Coverage)."""

    resource: str
    status: str
    code: str | None = None
    message: str | None = None


class Responses(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one operation answered in one account and Region.

    `operation` is `service:Operation` (`ec2:DescribeVpcs`); `region` is `global` for IAM, Route 53 and STS.
    `records` is a JSON array of the members as AWS gives them: the elements below the operation's own key
    (`Vpcs`, `Reservations`), or whole answers where there is no list. Where an answer does not name the
    resource it was asked for, the request's parameter stands beside it under its own name
    (`PrefixListId`, `RoleName`). `status` is one of Coverage's; `gaps` are single resources.
    """

    account: str
    region: str
    operation: str
    status: str = "ok"
    code: str | None = None
    message: str | None = None
    records: msgspec.Raw = msgspec.Raw(b"[]")
    gaps: tuple[Gap, ...] = ()

    @property
    def coverage(self) -> Coverage:
        """How the operation went as a whole."""
        return Coverage(Status(self.status), self.code, self.message)


GLOBAL = "global"
