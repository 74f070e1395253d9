"""Effects of requests on transit gateways."""

from __future__ import annotations

from typing import Final

from advisor.advice.change import Change, Effect, altered
from advisor.model.estate import Estate
from advisor.model.records import ec2
from advisor.model.scope import Scope


def _put_route(change: Change) -> Estate:
    scope, given = change.scope, change.given
    table = scope.transit_gateway_routes.get(given["TransitGatewayRouteTableId"])
    if table is None:
        return change.estate
    attachment = scope.transit_gateway_attachments.get(given["TransitGatewayAttachmentId"])
    route = ec2.TransitGatewayRoute(
        destination_cidr_block=given["DestinationCidrBlock"],
        transit_gateway_attachments=(
            ec2.RouteAttachment(
                transit_gateway_attachment_id=given["TransitGatewayAttachmentId"],
                resource_id=attachment.resource_id if attachment is not None else None,
                resource_type=attachment.resource_type if attachment is not None else None,
            ),
        ),
        type="static",
        state="active",
    )
    changed = altered(table, routes=(*_others(table, given["DestinationCidrBlock"]), route))
    return change.having(scope.having(Scope.transit_gateway_routes, changed))


def _delete_route(change: Change) -> Estate:
    table = change.scope.transit_gateway_routes.get(change.given["TransitGatewayRouteTableId"])
    if table is None:
        return change.estate
    changed = altered(table, routes=_others(table, change.given["DestinationCidrBlock"]))
    return change.having(change.scope.having(Scope.transit_gateway_routes, changed))


def _others(table: ec2.TransitGatewayRouteSet, destination: str) -> tuple[ec2.TransitGatewayRoute, ...]:
    """The routes that stay: a static route replaces a static one of its destination only."""
    return tuple(
        each
        for each in table.routes
        if each.destination_cidr_block != destination or (each.type or "").lower() == "propagated"
    )


def _association(associated: bool) -> Effect:
    def effect(change: Change) -> Estate:
        attachment = change.scope.transit_gateway_attachments.get(change.given["TransitGatewayAttachmentId"])
        if attachment is None:
            return change.estate
        association = (
            ec2.AttachmentAssociation(
                transit_gateway_route_table_id=change.given["TransitGatewayRouteTableId"],
                state="associated",
            )
            if associated
            else None
        )
        changed = altered(attachment, association=association)
        return change.having(change.scope.having(Scope.transit_gateway_attachments, changed))

    return effect


def _modify_attachment(change: Change) -> Estate:
    given = change.given
    attachment = change.scope.transit_gateway_vpc_attachments.get(given["TransitGatewayAttachmentId"])
    if attachment is None:
        return change.estate
    gone = given.get("RemoveSubnetIds", [])
    subnets = [each for each in attachment.subnet_ids if each not in gone] + given.get("AddSubnetIds", [])
    options = attachment.options or ec2.VpcAttachmentOptions()
    referencing = given.get("Options", {}).get("SecurityGroupReferencingSupport")
    if referencing:
        options = altered(options, security_group_referencing_support=referencing)
    changed = altered(attachment, subnet_ids=tuple(subnets), options=options)
    return change.having(change.scope.having(Scope.transit_gateway_vpc_attachments, changed))


def _modify_gateway(change: Change) -> Estate:
    gateway = change.scope.transit_gateways.get(change.given["TransitGatewayId"])
    if gateway is None:
        return change.estate
    value = change.given["Options"]["SecurityGroupReferencingSupport"]
    options = altered(
        gateway.options or ec2.TransitGatewayOptions(), security_group_referencing_support=value
    )
    return change.having(change.scope.having(Scope.transit_gateways, altered(gateway, options=options)))


TRANSIT: Final[dict[str, Effect]] = {
    "ec2:AssociateTransitGatewayRouteTable": _association(associated=True),
    "ec2:CreateTransitGatewayRoute": _put_route,
    "ec2:DeleteTransitGatewayRoute": _delete_route,
    "ec2:DisassociateTransitGatewayRouteTable": _association(associated=False),
    "ec2:ModifyTransitGateway": _modify_gateway,
    "ec2:ModifyTransitGatewayVpcAttachment": _modify_attachment,
    "ec2:ReplaceTransitGatewayRoute": _put_route,
}
