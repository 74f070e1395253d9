"""Routes, gateways, addresses, VPC attributes, interfaces and block public access."""

from __future__ import annotations

from tests.fakeaws.wire import AwsError
from tests.fakeaws.writes.act import KINDS, NOW, Act, Record

_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
_TARGET_KINDS = {
    "nat-": "ec2:DescribeNatGateways",
    "igw-": "ec2:DescribeInternetGateways",
    "vpce-": "ec2:DescribeVpcEndpoints",
}


# --- routes ----------------------------------------------------------------------------------------------


def _create_route(act: Act) -> Record:
    table = act.get("ec2:DescribeRouteTables", act.given["RouteTableId"])
    present = _route(table, act.given)
    if present is not None and present["State"] != "blackhole":
        raise AwsError("RouteAlreadyExists", "The route identified by this destination already exists.")
    if present is not None:
        table["Routes"].remove(present)
    table["Routes"].append(_new_route(act))
    return {"Return": True}


def _replace_route(act: Act) -> None:
    table = act.get("ec2:DescribeRouteTables", act.given["RouteTableId"])
    present = _route(table, act.given)
    if present is None:
        raise AwsError(
            "InvalidParameterValue", "There is no route defined for this destination in the route table."
        )
    table["Routes"][table["Routes"].index(present)] = _new_route(act)


def _delete_route(act: Act) -> None:
    table = act.get("ec2:DescribeRouteTables", act.given["RouteTableId"])
    present = _route(table, act.given)
    if present is None or present.get("GatewayId") == "local":
        raise AwsError("InvalidRoute.NotFound", "no route with this destination in this route table")
    table["Routes"].remove(present)


def _route(table: Record, given: Record) -> Record | None:
    for each in table["Routes"]:
        if any(name in given and each.get(name) == given[name] for name in _DESTINATIONS):
            return each  # type: ignore[no-any-return]
    return None


def _new_route(act: Act) -> Record:
    route = {name: value for name, value in act.given.items() if name not in ("RouteTableId", "DryRun")}
    if "VpcEndpointId" in route:
        route["GatewayId"] = route.pop("VpcEndpointId")
    state = "active"
    for name, id in route.items():
        kind = next((kind for prefix, kind in _TARGET_KINDS.items() if str(id).startswith(prefix)), None)
        if kind is None:
            continue
        target = act.find(kind, id)
        if target is None and name != "GatewayId":
            raise AwsError("InvalidNatGatewayID.NotFound", f"The gateway ID '{id}' does not exist")
        # A request may name a gateway that is gone (a rollback does): AWS refuses; a dead NAT is a blackhole.
        if target is not None and target.get("State") in ("deleted", "failed"):
            state = "blackhole"
    return {**route, "Origin": "CreateRoute", "State": state}


# --- addresses -------------------------------------------------------------------------------------------


def _allocate(act: Act) -> Record:
    addresses = act.all("ec2:DescribeAddresses")
    taken = {each["PublicIp"] for each in addresses}
    address = next(f"192.0.2.{n}" for n in range(100, 255) if f"192.0.2.{n}" not in taken)
    record = {
        "PublicIp": address,
        "AllocationId": act.new_id("eipalloc"),
        "Domain": "vpc",
        "NetworkBorderGroup": act.call.region,
        "Tags": act.tags("elastic-ip"),
    }
    addresses.append(record)
    return record


def _allocation(act: Act, member: str, value: str) -> Record:
    for each in act.all("ec2:DescribeAddresses"):
        if each.get(member) == value:
            return each
    raise AwsError(f"Invalid{member.removesuffix('Id')}ID.NotFound", f"The {member} '{value}' does not exist")


def _release(act: Act) -> None:
    address = _allocation(act, "AllocationId", act.given["AllocationId"])
    if "AssociationId" in address:
        raise AwsError("InvalidIPAddress.InUse", f"Address {address['PublicIp']} is in use.")
    act.drop("ec2:DescribeAddresses", address)


def _associate(act: Act) -> Record:
    address = _allocation(act, "AllocationId", act.given["AllocationId"])
    interface = act.given.get("NetworkInterfaceId")
    if interface is None:
        interface = act.instance(act.given["InstanceId"])["NetworkInterfaces"][0]["NetworkInterfaceId"]
    if "AssociationId" in address and not act.given.get("AllowReassociation", True):
        raise AwsError("Resource.AlreadyAssociated", "the address is already associated")
    id = act.new_id("eipassoc")
    bind(act, address, interface, id)
    return {"AssociationId": id}


def bind(act: Act, address: Record, interface: str, association_id: str) -> None:
    """Let an Elastic IP address stand for an interface's primary address."""
    faces = act.faces(interface)
    association = {
        "PublicIp": address["PublicIp"],
        "IpOwnerId": act.call.account,
        "AllocationId": address["AllocationId"],
        "AssociationId": association_id,
    }
    address |= {
        "AssociationId": association_id,
        "NetworkInterfaceId": interface,
        "PrivateIpAddress": faces[0]["PrivateIpAddress"],
    }
    for face in faces:
        face["Association"] = association
        face["PrivateIpAddresses"][0]["Association"] = association
    for instance in act.instances:
        if any(each["NetworkInterfaceId"] == interface for each in instance.get("NetworkInterfaces", [])):
            instance["PublicIpAddress"] = address["PublicIp"]
            address["InstanceId"] = instance["InstanceId"]


def _disassociate(act: Act) -> None:
    unbind(act, _allocation(act, "AssociationId", act.given["AssociationId"]))


def unbind(act: Act, address: Record) -> None:
    """Free an Elastic IP address."""
    interface = address.pop("NetworkInterfaceId")
    for name in ("AssociationId", "InstanceId", "PrivateIpAddress"):
        address.pop(name, None)
    for face in act.faces(interface):
        face.pop("Association", None)
        face["PrivateIpAddresses"][0].pop("Association", None)
    for instance in act.instances:
        if any(each["NetworkInterfaceId"] == interface for each in instance.get("NetworkInterfaces", [])):
            instance.pop("PublicIpAddress", None)


# --- gateways --------------------------------------------------------------------------------------------


def _create_nat(act: Act) -> Record:
    given = act.given
    subnet = act.get("ec2:DescribeSubnets", given["SubnetId"])
    id = act.new_id("nat")
    interface = act.new_interface(subnet, [], "nat_gateway", f"Interface for NAT Gateway {id}")
    private = given.get("ConnectivityType", "public") == "private"
    shown = {
        "NetworkInterfaceId": interface["NetworkInterfaceId"],
        "PrivateIp": interface["PrivateIpAddress"],
        "IsPrimary": True,
        "Status": "succeeded",
    }
    if not private:
        address = _allocation(act, "AllocationId", given["AllocationId"])
        if "AssociationId" in address:
            raise AwsError("Resource.AlreadyAssociated", "the address is already associated")
        bind(act, address, interface["NetworkInterfaceId"], act.new_id("eipassoc"))
        shown |= {name: address[name] for name in ("AllocationId", "AssociationId", "PublicIp")}
    record = {
        "NatGatewayId": id,
        "SubnetId": subnet["SubnetId"],
        "VpcId": subnet["VpcId"],
        "State": "available",
        "ConnectivityType": "private" if private else "public",
        "AvailabilityMode": "zonal",
        "CreateTime": NOW,
        "NatGatewayAddresses": [shown],
        "Tags": act.tags("natgateway"),
    }
    act.all("ec2:DescribeNatGateways").append(record)
    return {"NatGateway": record}


def _delete_nat(act: Act) -> Record:
    gateway = act.get("ec2:DescribeNatGateways", act.given["NatGatewayId"])
    for each in gateway["NatGatewayAddresses"]:
        for address in act.all("ec2:DescribeAddresses"):
            if address.get("NetworkInterfaceId") == each.get("NetworkInterfaceId"):
                unbind(act, address)
        act.drop_interface(each["NetworkInterfaceId"])
    gateway["State"] = "deleted"
    for table in act.all("ec2:DescribeRouteTables"):
        for route in table["Routes"]:
            if route.get("NatGatewayId") == gateway["NatGatewayId"]:
                route["State"] = "blackhole"
    return {"NatGatewayId": gateway["NatGatewayId"]}


def _create_igw(act: Act) -> Record:
    record = {
        "InternetGatewayId": act.new_id("igw"),
        "Attachments": [],
        "OwnerId": act.call.account,
        "Tags": act.tags("internet-gateway"),
    }
    act.all("ec2:DescribeInternetGateways").append(record)
    return {"InternetGateway": record}


def _attach_igw(act: Act) -> None:
    gateway = act.get("ec2:DescribeInternetGateways", act.given["InternetGatewayId"])
    vpc = act.get("ec2:DescribeVpcs", act.given["VpcId"])["VpcId"]
    if gateway["Attachments"]:
        raise AwsError("Resource.AlreadyAssociated", "the gateway is already attached")
    for other in act.all("ec2:DescribeInternetGateways"):
        if any(each["VpcId"] == vpc for each in other["Attachments"]):
            raise AwsError("InvalidParameterValue", f"Network {vpc} already has an internet gateway attached")
    gateway["Attachments"] = [{"State": "available", "VpcId": vpc}]


def _detach_igw(act: Act) -> None:
    gateway = act.get("ec2:DescribeInternetGateways", act.given["InternetGatewayId"])
    vpc = act.given["VpcId"]
    mapped = any(
        each.get("VpcId") == vpc and "Association" in each
        for each in act.all("ec2:DescribeNetworkInterfaces")
    )
    if mapped:
        raise AwsError("DependencyViolation", f"Network {vpc} has some mapped public address(es).")
    gateway["Attachments"] = [each for each in gateway["Attachments"] if each["VpcId"] != vpc]
    for table in act.all("ec2:DescribeRouteTables"):
        for route in table["Routes"]:
            if route.get("GatewayId") == gateway["InternetGatewayId"]:
                route["State"] = "blackhole"


def _delete_igw(act: Act) -> None:
    gateway = act.get("ec2:DescribeInternetGateways", act.given["InternetGatewayId"])
    if gateway["Attachments"]:
        raise AwsError("DependencyViolation", "The internet gateway has dependencies and cannot be deleted.")
    act.drop("ec2:DescribeInternetGateways", gateway)


# --- VPCs, interfaces ------------------------------------------------------------------------------------


def _modify_vpc(act: Act) -> None:
    vpc = act.get("ec2:DescribeVpcs", act.given["VpcId"])["VpcId"]
    changes = {
        name: act.given[name] for name in ("EnableDnsSupport", "EnableDnsHostnames") if name in act.given
    }
    if len(changes) != 1:
        raise AwsError("InvalidParameterCombination", "One attribute may be changed at a time.")
    ((name, value),) = changes.items()
    for record in act.all("ec2:DescribeVpcAttribute"):
        if record["VpcId"] == vpc and name in record:
            record[name] = dict(value)


def _modify_interface(act: Act) -> None:
    given = act.given
    faces = act.faces(given["NetworkInterfaceId"])
    instances = [
        instance
        for instance in act.instances
        if instance.get("NetworkInterfaces")
        and instance["NetworkInterfaces"][0]["NetworkInterfaceId"] == given["NetworkInterfaceId"]
    ]
    if "SourceDestCheck" in given:
        for record in (*faces, *instances):
            record["SourceDestCheck"] = given["SourceDestCheck"]["Value"]
    if "Groups" in given:
        groups = act.group_names(given["Groups"])
        for face in faces:
            face["Groups"] = list(groups)
        for instance in instances:
            instance["SecurityGroups"] = list(groups)


# --- block public access ---------------------------------------------------------------------------------


def _create_exclusion(act: Act) -> Record:
    given = act.given
    if "SubnetId" in given:
        resource = act.get("ec2:DescribeSubnets", given["SubnetId"])
        arn = act.place.arn("ec2", f"subnet/{given['SubnetId']}")
    else:
        resource = act.get("ec2:DescribeVpcs", given["VpcId"])
        arn = act.place.arn("ec2", f"vpc/{given['VpcId']}")
    (options,) = act.all("ec2:DescribeVpcBlockPublicAccessOptions")
    if options["VpcBlockPublicAccessOptions"].get("ExclusionsAllowed") == "not-allowed":
        raise AwsError("OperationNotPermitted", "Exclusions are not allowed by the declarative policy.")
    record = {
        "ExclusionId": act.new_id("vpcbpa-exclude"),
        "InternetGatewayExclusionMode": given["InternetGatewayExclusionMode"],
        "ResourceArn": arn,
        "State": "create-complete",
        "Tags": act.tags("vpc-block-public-access-exclusion"),
    }
    act.all("ec2:DescribeVpcBlockPublicAccessExclusions").append(record)
    mode = "off" if given["InternetGatewayExclusionMode"] == "allow-bidirectional" else "block-ingress"
    _set_block(act, resource, mode)
    return {"VpcBlockPublicAccessExclusion": record}


def _delete_exclusion(act: Act) -> Record:
    record = act.get("ec2:DescribeVpcBlockPublicAccessExclusions", act.given["ExclusionId"])
    act.drop("ec2:DescribeVpcBlockPublicAccessExclusions", record)
    (options,) = act.all("ec2:DescribeVpcBlockPublicAccessOptions")
    mode = options["VpcBlockPublicAccessOptions"]["InternetGatewayBlockMode"]
    kind, _, id = record["ResourceArn"].rpartition(":")[2].partition("/")
    _set_block(act, act.get("ec2:DescribeSubnets" if kind == "subnet" else "ec2:DescribeVpcs", id), mode)
    return {"VpcBlockPublicAccessExclusion": {**record, "State": "delete-in-progress"}}


def _set_block(act: Act, resource: Record, mode: str) -> None:
    resource["BlockPublicAccessStates"] = {"InternetGatewayBlockMode": mode}
    if "SubnetId" not in resource:
        for subnet in act.all("ec2:DescribeSubnets"):
            if subnet["VpcId"] == resource["VpcId"]:
                subnet["BlockPublicAccessStates"] = {"InternetGatewayBlockMode": mode}


# --- tags ------------------------------------------------------------------------------------------------


def _create_tags(act: Act) -> None:
    for record in _tagged(act):
        names = {tag["Key"] for tag in act.given["Tags"]}
        kept = [tag for tag in record.get("Tags") or [] if tag["Key"] not in names]
        record["Tags"] = [*kept, *act.given["Tags"]]


def _delete_tags(act: Act) -> None:
    for record in _tagged(act):
        names = {tag["Key"] for tag in act.given.get("Tags") or record.get("Tags") or []}
        record["Tags"] = [tag for tag in record.get("Tags") or [] if tag["Key"] not in names]


def _tagged(act: Act) -> list[Record]:
    wanted = set(act.given["Resources"])
    found = [
        record
        for operation, (member, _) in KINDS.items()
        if operation.startswith("ec2:Describe")
        for record in act.all(operation)
        if record[member] in wanted
    ]
    return [*found, *(each for each in act.instances if each["InstanceId"] in wanted)]


DOINGS = {
    "ec2:CreateRoute": _create_route,
    "ec2:ReplaceRoute": _replace_route,
    "ec2:DeleteRoute": _delete_route,
    "ec2:AllocateAddress": _allocate,
    "ec2:ReleaseAddress": _release,
    "ec2:AssociateAddress": _associate,
    "ec2:DisassociateAddress": _disassociate,
    "ec2:CreateNatGateway": _create_nat,
    "ec2:DeleteNatGateway": _delete_nat,
    "ec2:CreateInternetGateway": _create_igw,
    "ec2:AttachInternetGateway": _attach_igw,
    "ec2:DetachInternetGateway": _detach_igw,
    "ec2:DeleteInternetGateway": _delete_igw,
    "ec2:ModifyVpcAttribute": _modify_vpc,
    "ec2:ModifyNetworkInterfaceAttribute": _modify_interface,
    "ec2:CreateVpcBlockPublicAccessExclusion": _create_exclusion,
    "ec2:DeleteVpcBlockPublicAccessExclusion": _delete_exclusion,
    "ec2:CreateTags": _create_tags,
    "ec2:DeleteTags": _delete_tags,
}
