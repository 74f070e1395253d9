"""VPC endpoints, EC2 Instance Connect Endpoints and private hosted zones."""

from __future__ import annotations

from tests.fakeaws.wire import AwsError
from tests.fakeaws.writes.act import NOW, Act, Record

FULL_ACCESS = '{"Statement": [{"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}]}'


def _create(act: Act) -> Record:
    given = act.given
    vpc = act.get("ec2:DescribeVpcs", given["VpcId"])["VpcId"]
    kind = given.get("VpcEndpointType", "Gateway")
    record: Record = {
        "VpcEndpointId": act.new_id("vpce"),
        "VpcEndpointType": kind,
        "VpcId": vpc,
        "ServiceName": given["ServiceName"],
        "State": "available",
        "PolicyDocument": given.get("PolicyDocument", FULL_ACCESS),
        "RouteTableIds": [],
        "SubnetIds": [],
        "Groups": [],
        "PrivateDnsEnabled": False,
        "RequesterManaged": False,
        "NetworkInterfaceIds": [],
        "DnsEntries": [],
        "IpAddressType": "ipv4",
        "CreationTimestamp": NOW,
        "Tags": act.tags("vpc-endpoint"),
        "OwnerId": act.call.account,
    }
    if kind == "Gateway":
        _add_tables(act, record, given.get("RouteTableIds") or [])
    else:
        groups = given.get("SecurityGroupIds") or [act.default_group(vpc)]
        record["Groups"] = act.group_names(groups)
        _add_subnets(act, record, given.get("SubnetIds") or [])
        # AWS turns private DNS on unless the request says otherwise.
        if given.get("PrivateDnsEnabled", True):
            _turn_dns_on(act, record)
    act.all("ec2:DescribeVpcEndpoints").append(record)
    return {"VpcEndpoint": record}


def _modify(act: Act) -> Record:
    given = act.given
    record = act.get("ec2:DescribeVpcEndpoints", given["VpcEndpointId"])
    if given.get("ResetPolicy"):
        record["PolicyDocument"] = FULL_ACCESS
    if "PolicyDocument" in given:
        record["PolicyDocument"] = given["PolicyDocument"]
    _add_tables(act, record, given.get("AddRouteTableIds") or [])
    _remove_tables(act, record, given.get("RemoveRouteTableIds") or [])
    _add_subnets(act, record, given.get("AddSubnetIds") or [])
    _remove_subnets(act, record, given.get("RemoveSubnetIds") or [])
    ids = [each["GroupId"] for each in record["Groups"]]
    ids += [id for id in given.get("AddSecurityGroupIds") or [] if id not in ids]
    ids = [id for id in ids if id not in (given.get("RemoveSecurityGroupIds") or [])]
    if record["VpcEndpointType"] == "Interface":
        if not ids:
            raise AwsError("InvalidParameter", "An interface endpoint needs a security group.")
        record["Groups"] = act.group_names(ids)
        for interface in record["NetworkInterfaceIds"]:
            for face in act.faces(interface):
                face["Groups"] = act.group_names(ids)
    if given.get("PrivateDnsEnabled") is True and not record["PrivateDnsEnabled"]:
        _turn_dns_on(act, record)
    if given.get("PrivateDnsEnabled") is False:
        record["PrivateDnsEnabled"] = False
    return {"Return": True}


def _delete(act: Act) -> Record:
    for id in act.given["VpcEndpointIds"]:
        record = act.get("ec2:DescribeVpcEndpoints", id)
        _remove_tables(act, record, list(record["RouteTableIds"]))
        for interface in record["NetworkInterfaceIds"]:
            act.drop_interface(interface)
        act.drop("ec2:DescribeVpcEndpoints", record)
    return {"Unsuccessful": []}


def _turn_dns_on(act: Act, record: Record) -> None:
    attributes = {}
    for each in act.all("ec2:DescribeVpcAttribute"):
        if each["VpcId"] == record["VpcId"]:
            attributes |= {name: each[name]["Value"] for name in each if name != "VpcId"}
    if not all(attributes.get(name) for name in ("EnableDnsSupport", "EnableDnsHostnames")):
        raise AwsError(
            "InvalidParameter",
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes "
            "set to true",
        )
    for other in act.all("ec2:DescribeVpcEndpoints"):
        same = (other["VpcId"], other["ServiceName"]) == (record["VpcId"], record["ServiceName"])
        if same and other is not record and other["PrivateDnsEnabled"]:
            raise AwsError(
                "InvalidParameter",
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for it "
                "in the VPC",
            )
    record["PrivateDnsEnabled"] = True


def _add_subnets(act: Act, record: Record, subnets: list[str]) -> None:
    zones = {act.get("ec2:DescribeSubnets", id)["AvailabilityZone"]: id for id in record["SubnetIds"]}
    for id in subnets:
        subnet = act.get("ec2:DescribeSubnets", id)
        if subnet["VpcId"] != record["VpcId"]:
            raise AwsError("InvalidParameter", f"Subnet {id} is not in VPC {record['VpcId']}")
        if subnet["AvailabilityZone"] in zones:
            raise AwsError(
                "DuplicateSubnetsInSameZone", "Found another VPC endpoint subnet in the availability zone."
            )
        zones[subnet["AvailabilityZone"]] = id
        interface = act.new_interface(
            subnet, record["Groups"], "vpc_endpoint", f"VPC Endpoint Interface {record['VpcEndpointId']}"
        )
        record["SubnetIds"].append(id)
        record["NetworkInterfaceIds"].append(interface["NetworkInterfaceId"])


def _remove_subnets(act: Act, record: Record, subnets: list[str]) -> None:
    for id in subnets:
        record["SubnetIds"].remove(id)
        for interface in list(record["NetworkInterfaceIds"]):
            if act.faces(interface)[0]["SubnetId"] == id:
                act.drop_interface(interface)
                record["NetworkInterfaceIds"].remove(interface)


def _add_tables(act: Act, record: Record, tables: list[str]) -> None:
    for id in tables:
        table = act.get("ec2:DescribeRouteTables", id)
        listed = next(
            (
                each["PrefixListId"]
                for each in act.all("ec2:DescribeManagedPrefixLists")
                if each["PrefixListName"] == record["ServiceName"]
            ),
            None,
        )
        if listed is None:
            listed = _service_list(act, record["ServiceName"])
        table["Routes"].append(
            {
                "DestinationPrefixListId": listed,
                "GatewayId": record["VpcEndpointId"],
                "Origin": "CreateRoute",
                "State": "active",
            }
        )
        record["RouteTableIds"].append(id)


def _service_list(act: Act, service: str) -> str:
    id = act.new_id("pl")
    listed = {"PrefixListId": id, "PrefixListName": service}
    act.all("ec2:DescribeManagedPrefixLists").append(
        {**listed, "AddressFamily": "IPv4", "OwnerId": "AWS", "State": "create-complete"}
    )
    act.all("ec2:DescribePrefixLists").append({**listed, "Cidrs": ["198.18.128.0/17"]})
    act.all("ec2:GetManagedPrefixListEntries").append(
        {"PrefixListId": id, "Entries": [{"Cidr": "198.18.128.0/17"}]}
    )
    return id


def _remove_tables(act: Act, record: Record, tables: list[str]) -> None:
    for id in tables:
        table = act.get("ec2:DescribeRouteTables", id)
        table["Routes"] = [
            each for each in table["Routes"] if each.get("GatewayId") != record["VpcEndpointId"]
        ]
        record["RouteTableIds"].remove(id)


# --- EC2 Instance Connect Endpoints ----------------------------------------------------------------------

_EICE = "ec2:DescribeInstanceConnectEndpoints"


def _create_eice(act: Act) -> Record:
    given = act.given
    subnet = act.get("ec2:DescribeSubnets", given["SubnetId"])
    for other in act.all(_EICE):
        if other["VpcId"] == subnet["VpcId"] and not other["State"].startswith("delete"):
            raise AwsError(
                "InstanceConnectEndpointLimitExceeded",
                f"The limit of 1 endpoint in VPC {subnet['VpcId']} is reached.",
            )
    groups = given.get("SecurityGroupIds") or [act.default_group(subnet["VpcId"])]
    id = act.new_id("eice")
    interface = act.new_interface(
        subnet,
        act.group_names(groups),
        "ec2_instance_connect_endpoint",
        f"EC2 Instance Connect Endpoint {id}",
    )
    record = {
        "InstanceConnectEndpointId": id,
        "InstanceConnectEndpointArn": act.place.arn("ec2", f"instance-connect-endpoint/{id}"),
        "OwnerId": act.call.account,
        "State": "create-complete",
        "DnsName": f"{id}.fake.ec2-instance-connect-endpoint.{act.call.region}.amazonaws.com",
        "NetworkInterfaceIds": [interface["NetworkInterfaceId"]],
        "VpcId": subnet["VpcId"],
        "SubnetId": subnet["SubnetId"],
        "AvailabilityZone": subnet["AvailabilityZone"],
        "SecurityGroupIds": list(groups),
        "PreserveClientIp": given.get("PreserveClientIp", False),
        "IpAddressType": given.get("IpAddressType", "ipv4"),
        "CreatedAt": NOW,
        "Tags": act.tags("instance-connect-endpoint"),
    }
    act.all(_EICE).append(record)
    return {"InstanceConnectEndpoint": record}


def _modify_eice(act: Act) -> Record:
    given = act.given
    record = act.get(_EICE, given["InstanceConnectEndpointId"])
    for name in ("IpAddressType", "PreserveClientIp"):
        if name in given:
            record[name] = given[name]
    if "SecurityGroupIds" in given:
        record["SecurityGroupIds"] = list(given["SecurityGroupIds"])
        for interface in record["NetworkInterfaceIds"]:
            for face in act.faces(interface):
                face["Groups"] = act.group_names(given["SecurityGroupIds"])
    if record["PreserveClientIp"] and record["IpAddressType"] != "ipv4":
        raise AwsError("InvalidParameterCombination", "PreserveClientIp needs the address type ipv4.")
    record["State"] = "update-complete"
    return {"Return": True}


def _delete_eice(act: Act) -> Record:
    record = act.get(_EICE, act.given["InstanceConnectEndpointId"])
    for interface in record["NetworkInterfaceIds"]:
        act.drop_interface(interface)
    act.drop(_EICE, record)
    return {"InstanceConnectEndpoint": {**record, "State": "delete-in-progress"}}


# --- private hosted zones --------------------------------------------------------------------------------


def _zones(act: Act, vpc: str) -> list[Record]:
    for answer in act.all("route53:ListHostedZonesByVPC"):
        if answer["VPCId"] == vpc:
            return answer["HostedZoneSummaries"]  # type: ignore[no-any-return]
    answer = {"VPCId": vpc, "HostedZoneSummaries": []}
    act.all("route53:ListHostedZonesByVPC").append(answer)
    return answer["HostedZoneSummaries"]  # type: ignore[return-value]


def _zone(act: Act) -> Record:
    wanted = act.given["HostedZoneId"].rpartition("/")[2]
    for answer in act.all("route53:ListHostedZonesByVPC"):
        for each in answer["HostedZoneSummaries"]:
            if each["HostedZoneId"] == wanted:
                return each  # type: ignore[no-any-return]
    raise AwsError("NoSuchHostedZone", f"No hosted zone found with ID: {wanted}", 404)


def _associate_zone(act: Act) -> Record:
    zone = _zone(act)
    zones = _zones(act, act.given["VPC"]["VPCId"])
    if any(each["Name"] == zone["Name"] for each in zones):
        raise AwsError("ConflictingDomainExists", f"The VPC already has a zone {zone['Name']}")
    zones.append(zone)
    return {"ChangeInfo": {"Id": "/change/C1", "Status": "INSYNC", "SubmittedAt": NOW}}


def _disassociate_zone(act: Act) -> Record:
    zone = _zone(act)
    zones = _zones(act, act.given["VPC"]["VPCId"])
    if all(each["HostedZoneId"] != zone["HostedZoneId"] for each in zones):
        raise AwsError("VPCAssociationNotFound", "The VPC is not associated.", 404)
    zones[:] = [each for each in zones if each["HostedZoneId"] != zone["HostedZoneId"]]
    return {"ChangeInfo": {"Id": "/change/C2", "Status": "INSYNC", "SubmittedAt": NOW}}


DOINGS = {
    "ec2:CreateVpcEndpoint": _create,
    "ec2:ModifyVpcEndpoint": _modify,
    "ec2:DeleteVpcEndpoints": _delete,
    "ec2:CreateInstanceConnectEndpoint": _create_eice,
    "ec2:ModifyInstanceConnectEndpoint": _modify_eice,
    "ec2:DeleteInstanceConnectEndpoint": _delete_eice,
    "route53:AssociateVPCWithHostedZone": _associate_zone,
    "route53:DisassociateVPCFromHostedZone": _disassociate_zone,
}
