"""From network repairs to requests: one function per kind of repair."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from advisor.advice.acls import admit_in_network_acl
from advisor.advice.action import Action, Remedy, advise
from advisor.advice.consoles import disable_client_ip_preservation
from advisor.advice.endpoints import (
    add_endpoint_subnet,
    associate_hosted_zone,
    create_gateway_endpoint,
    create_interface_endpoint,
    enable_private_dns,
    enable_vpc_dns,
    reset_endpoint_policy,
)
from advisor.advice.groups import admit_in_group
from advisor.advice.machines import start_instance
from advisor.advice.routes import (
    add_route,
    add_transit_gateway_route,
    add_transit_gateway_subnet,
    associate_public_address,
    associate_transit_gateway_route_table,
    attach_internet_gateway,
    create_nat_gateway,
    disable_source_dest_check,
    enable_group_referencing,
    exclude_from_block_public_access,
)
from advisor.model.estate import Estate
from advisor.network import repairs


def ask_owner(repair: repairs.AskOwner, estate: Estate) -> Remedy:
    """Words for the owner of another account's resource."""
    return advise("ask-owner", "owner", owner=repair.owner, resource=repair.resource, change=repair.change)


REPAIRS: Final[Mapping[type[Any], Callable[[Any, Estate], Remedy]]] = {
    repairs.AddEndpointSubnet: add_endpoint_subnet,
    repairs.AddRoute: add_route,
    repairs.AddTransitGatewayRoute: add_transit_gateway_route,
    repairs.AddTransitGatewaySubnet: add_transit_gateway_subnet,
    repairs.AdmitInGroup: admit_in_group,
    repairs.AdmitInNetworkAcl: admit_in_network_acl,
    repairs.AskOwner: ask_owner,
    repairs.AssociateHostedZone: associate_hosted_zone,
    repairs.AssociatePublicAddress: associate_public_address,
    repairs.AssociateTransitGatewayRouteTable: associate_transit_gateway_route_table,
    repairs.AttachInternetGateway: attach_internet_gateway,
    repairs.CreateGatewayEndpoint: create_gateway_endpoint,
    repairs.CreateInterfaceEndpoint: create_interface_endpoint,
    repairs.CreateNatGateway: create_nat_gateway,
    repairs.DisableClientIpPreservation: disable_client_ip_preservation,
    repairs.DisableSourceDestCheck: disable_source_dest_check,
    repairs.EnableGroupReferencing: enable_group_referencing,
    repairs.EnablePrivateDns: enable_private_dns,
    repairs.EnableVpcDns: enable_vpc_dns,
    repairs.ExcludeFromBlockPublicAccess: exclude_from_block_public_access,
    repairs.ResetEndpointPolicy: reset_endpoint_policy,
    repairs.StartInstance: start_instance,
}


def remedy_for(repair: repairs.Repair, estate: Estate) -> Remedy:
    """What a repair takes: requests in their order, or advice where there can be none."""
    return REPAIRS[type(repair)](repair, estate)


def actions_for(repair: repairs.Repair, estate: Estate) -> tuple[Action, ...]:
    """The requests of a repair, in their order; none where only a person can act."""
    return remedy_for(repair, estate).actions
