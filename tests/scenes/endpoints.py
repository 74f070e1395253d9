"""What AWS puts beside a VPC: endpoints of both kinds, prefix lists, hosted zones, load balancers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.scenes.guards import Group
from tests.scenes.handle import Handle, identifier, tags, zone_id
from tests.scenes.network import Subnet, Vpc
from tests.scenes.place import EARLIER, Place, Record
from tests.scenes.tables import Table

FULL_ACCESS = '{"Statement": [{"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}]}'


def vpc_endpoint(
    vpc: Vpc,
    service: str,
    *,
    subnets: Iterable[Subnet] = (),
    groups: Iterable[Group] | None = None,
    type: str = "Interface",
    private_dns: bool | None = None,
    state: str = "available",
    policy: str | None = None,
    tables: Iterable[Table] = (),
    ip_type: str = "ipv4",
    region: str | None = None,
    id: str | None = None,
) -> Handle:
    """A VPC endpoint: `service` is short (`ssm`) or a whole service name.

    Interface: one network interface (`vpc_endpoint`) per subnet with the endpoint's groups (the VPC's default
    group if none are given); private DNS is on. Gateway: a route of the service's prefix list in each of
    `tables`. GatewayLoadBalancer: an interface per subnet, no groups; route to it by the handle.
    """
    place = vpc.place
    id = id or place.new_id("vpce")
    name = service if "." in service else f"com.amazonaws.{region or place.region}.{service}"
    record: Record = {
        "VpcEndpointId": id,
        "VpcEndpointType": type,
        "VpcId": vpc.id,
        "ServiceName": name,
        "State": state,
        "PolicyDocument": policy or FULL_ACCESS,
        "RouteTableIds": [],
        "SubnetIds": [],
        "Groups": [],
        "PrivateDnsEnabled": False,
        "RequesterManaged": False,
        "NetworkInterfaceIds": [],
        "DnsEntries": [],
        "CreationTimestamp": EARLIER,
        "Tags": [],
        "OwnerId": place.account,
    }
    if type != "Gateway":
        record["IpAddressType"] = ip_type
    if region:
        record["ServiceRegion"] = region
    endpoint = Handle(place, id, place.add("ec2:DescribeVpcEndpoints", record))
    if type == "Gateway":
        services = service_prefix_list(place, name)
        for table in tables:
            table.route(services, endpoint)
            record["RouteTableIds"].append(table.id)
    elif type == "GatewayLoadBalancer":
        del record["PolicyDocument"]
        _interfaces(endpoint, subnets, (), "gateway_load_balancer_endpoint")
    else:
        groups = [vpc.default_group] if groups is None else list(groups)
        record["Groups"] = [{"GroupId": group.id, "GroupName": group.name} for group in groups]
        record["PrivateDnsEnabled"] = True if private_dns is None else private_dns
        record["DnsOptions"] = {"DnsRecordIpType": ip_type}
        record["DnsEntries"] = [
            {"DnsName": f"{id}-abcdefgh.{_reversed(name)}", "HostedZoneId": "Z7HUB22UULQXV"}
        ]
        if record["PrivateDnsEnabled"]:
            record["DnsEntries"].append({"DnsName": _reversed(name, 0), "HostedZoneId": "Z0000000000000001"})
        _interfaces(endpoint, subnets, groups, "vpc_endpoint")
    return endpoint


def _reversed(service: str, extra: int = 1) -> str:
    """`com.amazonaws.us-east-1.ssm` as `ssm.us-east-1[.vpce].amazonaws.com`."""
    parts = service.split(".")
    if parts[:2] != ["com", "amazonaws"]:
        return f"{service}.vpce"
    middle = [".".join(parts[3:]), parts[2], *(["vpce"] if extra else [])]
    return ".".join([*middle, "amazonaws.com"])


def _interfaces(endpoint: Handle, subnets: Iterable[Subnet], groups: Iterable[Group], kind: str) -> None:
    for subnet in subnets:
        eni = subnet.interface(
            groups,
            kind=kind,
            description=f"VPC Endpoint Interface {endpoint.id}",
            requester="727180483921",
            source_dest_check=kind == "vpc_endpoint",
        )
        endpoint.record["SubnetIds"].append(subnet.id)
        endpoint.record["NetworkInterfaceIds"].append(eni.id)


def instance_connect_endpoint(
    subnet: Subnet,
    groups: Iterable[Group] | None = None,
    *,
    preserve_client_ip: bool = False,
    state: str = "create-complete",
    message: str | None = None,
    ip_type: str = "ipv4",
    name: str | None = None,
    ip: str | None = None,
    id: str | None = None,
) -> Handle:
    """An EC2 Instance Connect Endpoint with its interface (the VPC's default group if none are given)."""
    place = subnet.place
    id = id or place.new_id("eice")
    groups = [subnet.vpc.default_group] if groups is None else list(groups)
    eni = subnet.interface(
        groups,
        ip=ip,
        kind="ec2_instance_connect_endpoint",
        description=f"EC2 Instance Connect Endpoint {id}",
        requester="054517223455",
    )
    record: Record = {
        "OwnerId": place.account,
        "InstanceConnectEndpointId": id,
        "InstanceConnectEndpointArn": place.arn("ec2", f"instance-connect-endpoint/{id}"),
        "State": state,
        "StateMessage": message,
        "DnsName": f"{id}.abcdefgh.ec2-instance-connect-endpoint.{place.region}.amazonaws.com",
        "NetworkInterfaceIds": [eni.id],
        "VpcId": subnet.vpc.id,
        "AvailabilityZone": subnet.az,
        "AvailabilityZoneId": zone_id(place, subnet.az),
        "CreatedAt": EARLIER,
        "SubnetId": subnet.id,
        "PreserveClientIp": preserve_client_ip,
        "SecurityGroupIds": [group.id for group in groups],
        "IpAddressType": ip_type,
        "Tags": tags(name),
    }
    record = {key: value for key, value in record.items() if value is not None}
    return Handle(place, id, place.add("ec2:DescribeInstanceConnectEndpoints", record))


_SERVICE_BLOCKS = {
    "s3": ("52.216.0.0/15", "3.5.0.0/19"),
    "dynamodb": ("52.94.0.0/22", "3.218.180.0/23"),
    "ec2-instance-connect": ("18.206.107.24/29",),
}


def service_prefix_list(place: Place, name: str) -> Handle:
    """AWS's own prefix list of a service (`com.amazonaws.us-east-1.s3`), made when first needed."""
    for record in place.records["ec2:DescribeManagedPrefixLists"]:
        if record["PrefixListName"] == name:
            return Handle(place, record["PrefixListId"], record)
    blocks = _SERVICE_BLOCKS.get(name.rsplit(".", 1)[-1], ("192.0.2.0/24",))
    return prefix_list(place, blocks, name=name, owner="AWS")


def prefix_list(
    place: Place,
    blocks: Iterable[str],
    *,
    name: str = "list",
    owner: str | None = None,
    readable: bool = True,
    id: str | None = None,
) -> Handle:
    """A managed prefix list; `readable=False` leaves its entries unasked, `owner="AWS"` makes it AWS's."""
    blocks = list(blocks)
    id = id or place.new_id("pl")
    record: Record = {
        "PrefixListId": id,
        "AddressFamily": "IPv6" if any(":" in block for block in blocks) else "IPv4",
        "State": "create-complete",
        "PrefixListArn": place.arn("ec2", f"prefix-list/{id}"),
        "PrefixListName": name,
        "OwnerId": owner or place.account,
    }
    if owner != "AWS":
        record |= {"MaxEntries": 20, "Version": 1, "Tags": []}
    elif readable:
        place.add("ec2:DescribePrefixLists", {"PrefixListId": id, "PrefixListName": name, "Cidrs": blocks})
    if readable:
        entries = [{"Cidr": block} for block in blocks]
        place.add("ec2:GetManagedPrefixListEntries", {"PrefixListId": id, "Entries": entries})
    return Handle(place, id, place.add("ec2:DescribeManagedPrefixLists", record))


def hosted_zone(vpc: Vpc, name: str, records: dict[str, Any]) -> Handle:
    """A private hosted zone of a VPC; values are addresses, a list of them, or an endpoint (an alias)."""
    place = vpc.place
    id = f"Z{place.new_id('zone')[5:].upper().zfill(20)}"
    sets: list[Record] = []
    for host, value in records.items():
        each: Record = {"Name": host.rstrip(".") + ".", "Type": "A"}
        if isinstance(value, Handle):
            entry = value.record["DnsEntries"][0]
            each["AliasTarget"] = {
                "HostedZoneId": entry["HostedZoneId"],
                "DNSName": entry["DnsName"] + ".",
                "EvaluateTargetHealth": False,
            }
        else:
            values = [value] if isinstance(value, str) else list(value)
            each |= {"TTL": 300, "ResourceRecords": [{"Value": one} for one in values]}
        sets.append(each)
    place.add("route53:ListResourceRecordSets", {"HostedZoneId": id, "ResourceRecordSets": sets})
    zone = Handle(
        place,
        id,
        {"HostedZoneId": id, "Name": name.rstrip(".") + ".", "Owner": {"OwningAccount": place.account}},
    )
    associate_zone(zone, vpc)
    return zone


def associate_zone(zone: Handle, *vpcs: Vpc) -> Handle:
    """Let further VPCs (of any account of the scene) resolve by this zone."""
    for vpc in vpcs:
        answer = zones_of(vpc)
        answer["HostedZoneSummaries"].append(zone.record)
    return zone


def zones_of(vpc: Vpc) -> Record:
    """The raw answer of `ListHostedZonesByVPC` for this VPC."""
    home = vpc.place.world.place(vpc.place.account, "global")
    for answer in home.records["route53:ListHostedZonesByVPC"]:
        if answer["VPCId"] == vpc.id:
            return answer
    empty: Record = {"VPCId": vpc.id, "HostedZoneSummaries": [], "MaxItems": "100"}
    return vpc.place.add("route53:ListHostedZonesByVPC", empty)


def resolver_rule(
    place: Place, domain: str, targets: Iterable[str], vpcs: Iterable[Vpc], kind: str = "FORWARD"
) -> Handle:
    """A Resolver rule that sends a domain's queries to other DNS servers, in force in these VPCs."""
    id = place.new_id("rslvr-rr")
    record = {
        "Id": id,
        "Arn": place.arn("route53resolver", f"resolver-rule/{id}"),
        "DomainName": domain.rstrip(".") + ".",
        "Status": "COMPLETE",
        "RuleType": kind,
        "Name": "rule",
        "TargetIps": [{"Ip": target, "Port": 53} for target in targets],
        "OwnerId": place.account,
    }
    place.add("route53resolver:ListResolverRules", record)
    for vpc in vpcs:
        association = {
            "Id": place.new_id("rslvr-rrassoc"),
            "ResolverRuleId": id,
            "VPCId": vpc.id,
            "Status": "COMPLETE",
        }
        place.add("route53resolver:ListResolverRuleAssociations", association)
    return Handle(place, id, record)


def load_balancer(
    place: Place,
    name: str,
    subnets: Iterable[Subnet],
    listeners: dict[int, Iterable[Any]],
    *,
    groups: Iterable[Group] = (),
    scheme: str = "internet-facing",
    target_port: int | None = None,
    target_type: str = "instance",
    preserve_client_ip: bool | None = None,
    health: str = "healthy",
    public_ips: Iterable[str] = (),
) -> Handle:
    """A network load balancer: listener port → targets (instances, or addresses with `target_type="ip"`)."""
    subnets, groups = list(subnets), list(groups)
    vpc = subnets[0].vpc
    suffix = f"{place.new_id('lb')[-16:]}"
    arn = place.arn("elasticloadbalancing", f"loadbalancer/net/{name}/{suffix}")
    addresses = iter(public_ips)
    zones = []
    for subnet in subnets:
        eni = subnet.interface(
            groups,
            kind="network_load_balancer",
            description=f"ELB net/{name}/{suffix}",
            requester="amazon-elb",
            public_ip=next(addresses, None),
        )
        del eni
        zones.append({"ZoneName": subnet.az, "SubnetId": subnet.id, "LoadBalancerAddresses": []})
    record: Record = {
        "LoadBalancerArn": arn,
        "DNSName": f"{name}-{suffix}.elb.{place.region}.amazonaws.com",
        "CanonicalHostedZoneId": "Z26RNL4JYFTOTI",
        "CreatedTime": EARLIER,
        "LoadBalancerName": name,
        "Scheme": scheme,
        "VpcId": vpc.id,
        "State": {"Code": "active"},
        "Type": "network",
        "AvailabilityZones": zones,
        "IpAddressType": "ipv4",
    }
    if groups:
        record["SecurityGroups"] = [group.id for group in groups]
    place.add("elasticloadbalancing:DescribeLoadBalancers", record)
    for port, targets in listeners.items():
        _listener(
            place, record, port, list(targets), target_port or port, target_type, preserve_client_ip, health
        )
    return Handle(place, arn, record)


def _listener(
    place: Place,
    balancer: Record,
    port: int,
    targets: list[Any],
    target_port: int,
    target_type: str,
    preserve: bool | None,
    health: str,
) -> None:
    balancer_arn = balancer["LoadBalancerArn"]
    name, suffix = f"{balancer['LoadBalancerName']}-{port}", place.new_id("tg")[-16:]
    group_arn = place.arn("elasticloadbalancing", f"targetgroup/{name}/{suffix}")
    listener = {
        "ListenerArn": balancer_arn.replace(":loadbalancer/", ":listener/") + f"/{suffix}",
        "LoadBalancerArn": balancer_arn,
        "Port": port,
        "Protocol": "TCP",
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": group_arn}],
    }
    place.add("elasticloadbalancing:DescribeListeners", listener)
    group = {
        "TargetGroupArn": group_arn,
        "TargetGroupName": name,
        "Protocol": "TCP",
        "Port": target_port,
        "VpcId": balancer["VpcId"],
        "HealthCheckProtocol": "TCP",
        "HealthCheckPort": "traffic-port",
        "LoadBalancerArns": [balancer_arn],
        "TargetType": target_type,
        "IpAddressType": "ipv4",
    }
    place.add("elasticloadbalancing:DescribeTargetGroups", group)
    described = [
        {
            "Target": {"Id": str(identifier(target)), "Port": target_port},
            "HealthCheckPort": str(target_port),
            "TargetHealth": {"State": health},
        }
        for target in targets
    ]
    place.add(
        "elasticloadbalancing:DescribeTargetHealth",
        {"TargetGroupArn": group_arn, "TargetHealthDescriptions": described},
    )
    keeps = target_type == "instance" if preserve is None else preserve
    attributes = [{"Key": "preserve_client_ip.enabled", "Value": str(keeps).lower()}]
    place.add(
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        {"TargetGroupArn": group_arn, "Attributes": attributes},
    )
