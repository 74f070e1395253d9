"""Transit gateways: routes, associations, options and the subnets of attachments."""

from __future__ import annotations

from tests.fakeaws.wire import AwsError
from tests.fakeaws.writes.act import Act, Record

_ATTACHMENTS = "ec2:DescribeTransitGatewayAttachments"
_VPC_ATTACHMENTS = "ec2:DescribeTransitGatewayVpcAttachments"
_ROUTES = "ec2:SearchTransitGatewayRoutes"


def _new_route(act: Act) -> Record:
    given = act.given
    route: Record = {
        "DestinationCidrBlock": given["DestinationCidrBlock"],
        "Type": "static",
        "State": "blackhole" if given.get("Blackhole") else "active",
        "TransitGatewayAttachments": [],
    }
    if "TransitGatewayAttachmentId" in given:
        attachment = act.get(_ATTACHMENTS, given["TransitGatewayAttachmentId"])
        route["TransitGatewayAttachments"] = [
            {name: attachment[name] for name in ("TransitGatewayAttachmentId", "ResourceId", "ResourceType")}
        ]
    return route


def _static(act: Act) -> tuple[list[Record], Record | None]:
    routes = act.get(_ROUTES, act.given["TransitGatewayRouteTableId"])["Routes"]
    wanted = act.given["DestinationCidrBlock"]
    found = [each for each in routes if each["DestinationCidrBlock"] == wanted and each["Type"] == "static"]
    return routes, found[0] if found else None


def _create_route(act: Act) -> Record:
    routes, present = _static(act)
    if present is not None:
        raise AwsError("RouteAlreadyExists", "Route already exists in the route table.")
    routes.append(_new_route(act))
    return {"Route": routes[-1]}


def _replace_route(act: Act) -> Record:
    routes, present = _static(act)
    if present is None:
        raise AwsError("InvalidRoute.NotFound", "There is no such static route.")
    routes[routes.index(present)] = route = _new_route(act)
    return {"Route": route}


def _delete_route(act: Act) -> Record:
    routes, present = _static(act)
    if present is None:
        raise AwsError("InvalidRoute.NotFound", "There is no such static route.")
    routes.remove(present)
    return {"Route": {**present, "State": "deleted"}}


def _associate(act: Act) -> Record:
    attachment = act.get(_ATTACHMENTS, act.given["TransitGatewayAttachmentId"])
    if attachment.get("Association"):
        raise AwsError("Resource.AlreadyAssociated", "The attachment is already associated to a route table.")
    table = act.get(_ROUTES, act.given["TransitGatewayRouteTableId"])["TransitGatewayRouteTableId"]
    attachment["Association"] = {"TransitGatewayRouteTableId": table, "State": "associated"}
    return {
        "Association": {
            **attachment["Association"],
            "TransitGatewayAttachmentId": attachment["TransitGatewayAttachmentId"],
        }
    }


def _disassociate(act: Act) -> Record:
    attachment = act.get(_ATTACHMENTS, act.given["TransitGatewayAttachmentId"])
    association = attachment.pop("Association", None)
    if association is None:
        raise AwsError("InvalidAssociation.NotFound", "The attachment is not associated.")
    return {"Association": {**association, "State": "disassociating"}}


def _modify_gateway(act: Act) -> Record:
    gateway = act.get("ec2:DescribeTransitGateways", act.given["TransitGatewayId"])
    gateway.setdefault("Options", {}).update(act.given.get("Options", {}))
    return {"TransitGateway": gateway}


def _modify_attachment(act: Act) -> Record:
    given = act.given
    attachment = act.get(_VPC_ATTACHMENTS, given["TransitGatewayAttachmentId"])
    for id in given.get("AddSubnetIds") or []:
        subnet = act.get("ec2:DescribeSubnets", id)
        attachment["SubnetIds"].append(subnet["SubnetId"])
        act.new_interface(
            subnet,
            [],
            "transit_gateway",
            f"Network Interface for Transit Gateway Attachment {attachment['TransitGatewayAttachmentId']}",
        )
    for id in given.get("RemoveSubnetIds") or []:
        attachment["SubnetIds"].remove(id)
        for each in list(act.all("ec2:DescribeNetworkInterfaces")):
            if each["SubnetId"] == id and each["InterfaceType"] == "transit_gateway":
                act.drop_interface(each["NetworkInterfaceId"])
    attachment.setdefault("Options", {}).update(given.get("Options", {}))
    return {"TransitGatewayVpcAttachment": attachment}


DOINGS = {
    "ec2:CreateTransitGatewayRoute": _create_route,
    "ec2:ReplaceTransitGatewayRoute": _replace_route,
    "ec2:DeleteTransitGatewayRoute": _delete_route,
    "ec2:AssociateTransitGatewayRouteTable": _associate,
    "ec2:DisassociateTransitGatewayRouteTable": _disassociate,
    "ec2:ModifyTransitGateway": _modify_gateway,
    "ec2:ModifyTransitGatewayVpcAttachment": _modify_attachment,
}
