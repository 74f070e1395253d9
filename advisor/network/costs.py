"""How dear a repair is: the order in which ways through blocked gates are preferred."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from advisor.model.verdict import BLOCKED, UNKNOWN
from advisor.network import repairs
from advisor.network.trace import Hop

_RISK: Final[dict[type, int]] = {
    repairs.AdmitInGroup: 1,
    repairs.EnableVpcDns: 2,
    repairs.EnablePrivateDns: 2,
    repairs.StartInstance: 2,
    repairs.DisableClientIpPreservation: 2,
    repairs.AssociateHostedZone: 3,
    repairs.AdmitInNetworkAcl: 3,
    repairs.AddRoute: 3,
    repairs.DisableSourceDestCheck: 3,
    repairs.AddTransitGatewayRoute: 4,
    repairs.AddTransitGatewaySubnet: 4,
    repairs.EnableGroupReferencing: 4,
    repairs.AddEndpointSubnet: 4,
    repairs.CreateInterfaceEndpoint: 4,
    repairs.CreateGatewayEndpoint: 3,
    repairs.ResetEndpointPolicy: 4,
    repairs.CreateNatGateway: 6,
    repairs.AssociateTransitGatewayRouteTable: 8,
    repairs.AttachInternetGateway: 9,
    repairs.AssociatePublicAddress: 9,
    repairs.ExcludeFromBlockPublicAccess: 9,
    repairs.AskOwner: 50,
}
_NO_REPAIR: Final = 100
_UNKNOWN: Final = 5


def risk_of(repair: repairs.Repair) -> int:
    """The risk class of a repair: 1 (a rule between groups) to 9 (the internet), 50 (somebody else's)."""
    risk = _RISK[type(repair)]
    if isinstance(repair, repairs.AdmitInGroup) and repair.peer_group is None:
        return risk + 1  # a block admits more than a group does
    return risk


def cost_of(hops: Iterable[Hop]) -> int:
    """What it costs to lift all that stops a path, each repair once."""
    wanted: dict[repairs.Repair, None] = {}
    total = 0
    for hop in hops:
        if hop.verdict is UNKNOWN:
            total += _UNKNOWN
        elif hop.verdict is BLOCKED:
            if hop.repairs:
                wanted[hop.repairs[0]] = None
            else:
                total += _NO_REPAIR
    return total + sum(map(risk_of, wanted))
