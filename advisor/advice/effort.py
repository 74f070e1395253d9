"""How much it takes to make a method ready, estimated from its blockers alone.

The estimate ranks methods for thousands of targets in no time; a plan (advice/plan.py) is the proof.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from advisor.methods.answer import Certainty, Finding
from advisor.methods.assessment import MethodAssessment
from advisor.model.verdict import BLOCKED
from advisor.network import repairs

IMPOSSIBLE: Final = frozenset(
    {
        "eic-windows",
        "hybrid-not-applicable",
        "platform-unsupported",
        "serial-not-nitro",
        "serial-outpost-wavelength",
        "use-not-offered",
    }
)
"""Causes that no change of the account removes: the method is not for this machine."""

_BY_REPAIR: Final[dict[type[Any], int]] = {
    repairs.AddEndpointSubnet: 4,
    repairs.AddRoute: 3,
    repairs.AddTransitGatewayRoute: 8,
    repairs.AddTransitGatewaySubnet: 8,
    repairs.AdmitInGroup: 1,
    repairs.AdmitInNetworkAcl: 3,
    repairs.AskOwner: 9,
    repairs.AssociateHostedZone: 4,
    repairs.AssociatePublicAddress: 9,
    repairs.AssociateTransitGatewayRouteTable: 8,
    repairs.AttachInternetGateway: 9,
    repairs.CreateGatewayEndpoint: 3,
    repairs.CreateInterfaceEndpoint: 4,
    repairs.CreateNatGateway: 6,
    repairs.DisableClientIpPreservation: 2,
    repairs.DisableSourceDestCheck: 3,
    repairs.EnableGroupReferencing: 8,
    repairs.EnablePrivateDns: 5,
    repairs.EnableVpcDns: 2,
    repairs.ExcludeFromBlockPublicAccess: 9,
    repairs.ResetEndpointPolicy: 4,
    repairs.StartInstance: 2,
}
_COSTLY: Final = (
    repairs.AddEndpointSubnet,
    repairs.AssociatePublicAddress,
    repairs.CreateInterfaceEndpoint,
    repairs.CreateNatGateway,
)

_BY_CAUSE: Final[dict[str, int]] = {
    "bastion-none": 7,
    "caller-no-startsession": 3,
    "dhmc-disabled": 4,
    "eice-none-in-vpc": 3,
    "instance-profile-without-role": 2,
    "instance-role-missing-ssm-core": 2,
    "instance-role-missing-ssmmessages": 2,
    "no-instance-profile-no-dhmc": 2,
    "no-path-to-ssm": 4,
    "no-public-ip": 9,
    "serial-account-disabled": 4,
    "vpce-ssm-missing": 4,
    "vpce-ssmmessages-missing": 4,
}
_PAID_CAUSES: Final = frozenset(
    {"bastion-none", "hybrid-tier-standard", "no-path-to-ssm", "no-public-ip", "vpce-ssm-missing"}
)
_UNKNOWN_CAUSE: Final = 5


class Effort(NamedTuple):
    """What it takes, compared from left to right.

    `grade` 0: only data is missing, 1: a repair, 2: impossible. `risk` is the highest of the repairs (1 to
    9), `changes` how many causes there are, `costs` whether something new has to be paid for.
    """

    grade: int
    risk: int
    costs: bool
    changes: int

    @property
    def is_possible(self) -> bool:
        """Whether changes of the account can make the method ready."""
        return self.grade < 2


def effort_of(method: MethodAssessment) -> Effort:
    """The estimated effort to make a method ready."""
    certain = [each for each in method.blockers if each.certainty is Certainty.CERTAIN]
    if any(each.cause in IMPOSSIBLE for each in certain):
        return Effort(2, 9, False, len(certain))
    if method.verdict is not BLOCKED and not certain:
        # The tempting wrong measure is how much is missing: where the first answer is, nothing after it was
        # looked at, so that the method of which nothing is known would seem to lack the least.
        return Effort(0, 0, False, len(method.blockers))
    return Effort(
        1,
        max((_risk(each) for each in certain), default=_UNKNOWN_CAUSE),
        any(_costs(each) for each in certain),
        len(certain),
    )


def _risk(finding: Finding) -> int:
    known = [_BY_REPAIR[type(each)] for each in finding.repairs]
    if finding.cause in _BY_CAUSE:
        known.append(_BY_CAUSE[finding.cause])
    return min(known, default=_UNKNOWN_CAUSE)


def _costs(finding: Finding) -> bool:
    if finding.repairs:
        return all(isinstance(each, _COSTLY) for each in finding.repairs)
    return finding.cause in _PAID_CAUSES
