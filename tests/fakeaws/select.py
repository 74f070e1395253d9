"""Ids, filters and pages, as every describe call has them."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import botocore.session

from tests.fakeaws.wire import AwsError, Call

Record = dict[str, Any]

# The largest page of operations that refuse more; most of EC2 takes 1000.
_MOST = {
    "ec2:DescribeRouteTables": 100,
    "ec2:DescribeInstanceTypes": 100,
    "ec2:DescribeInstanceConnectEndpoints": 50,
    "ec2:DescribeEgressOnlyInternetGateways": 255,
    "ec2:DescribeManagedPrefixLists": 100,
    "ec2:GetManagedPrefixListEntries": 100,
    "ssm:DescribeInstanceInformation": 50,
    "ssm:DescribeActivations": 50,
    "ssm:DescribeSessions": 200,
    "logs:DescribeLogGroups": 50,
    "route53resolver:ListResolverRules": 100,
    "route53resolver:ListResolverRuleAssociations": 100,
}
_USUAL = {"ssm:DescribeInstanceInformation": 10}
_NOT_FOUND = {
    "InstanceIds": "InvalidInstanceID.NotFound",
    "VpcIds": "InvalidVpcID.NotFound",
    "SubnetIds": "InvalidSubnetID.NotFound",
    "RouteTableIds": "InvalidRouteTableID.NotFound",
    "NetworkAclIds": "InvalidNetworkAclID.NotFound",
    "GroupIds": "InvalidGroup.NotFound",
    "NetworkInterfaceIds": "InvalidNetworkInterfaceID.NotFound",
    "VpcEndpointIds": "InvalidVpcEndpointId.NotFound",
    "NatGatewayIds": "NatGatewayNotFound",
    "ImageIds": "InvalidAMIID.NotFound",
    "KeyNames": "InvalidKeyPair.NotFound",
}
# Names of filters that are not the member's name in kebab case.
_MEMBERS = {
    "attachment.vpc-id": "Attachments.VpcId",
    "association.subnet-id": "Associations.SubnetId",
    "association.main": "Associations.Main",
    "instance-state-name": "State.Name",
    "group-name": "GroupName",
    "instance.group-id": "SecurityGroups.GroupId",
    "iam-instance-profile.arn": "IamInstanceProfile.Arn",
    "availability-zone": "AvailabilityZone",
    "owner": "Owner",
    "service-type": "ServiceType.ServiceType",
    "transit-gateway-id": "TransitGatewayId",
    "ip-permission.group-id": "IpPermissions.UserIdGroupPairs.GroupId",
    "vpc-endpoint-state": "State",
    "tag-key": "Tags.Key",
    "attachment.instance-id": "Attachment.InstanceId",
    "instance-id": "InstanceId",
    "state": "State",
    "type": "Type",
    "isDefault": "IsDefault",
    "default": "IsDefault",
}


@cache
def _pagination(service: str) -> dict[str, Any]:
    loader = botocore.session.get_session().get_component("data_loader")
    pages: dict[str, Any] = loader.load_service_model(service, "paginators-1")["pagination"]
    return pages


def page_of(call: Call, answer: Record) -> Record:
    """The part of an answer that one page holds, with the token of the next."""
    rule = _pagination(call.service).get(call.operation)
    if rule is None:
        if call.name in ("ec2:DescribeVpcBlockPublicAccessExclusions", "route53:ListHostedZonesByVPC"):
            key = "VpcBlockPublicAccessExclusions" if call.service == "ec2" else "HostedZoneSummaries"
            rule = {
                "input_token": "NextToken",
                "output_token": "NextToken",
                "limit_key": "MaxResults" if call.service == "ec2" else "MaxItems",
                "result_key": key,
            }
        else:
            return answer
    if isinstance(rule["input_token"], list):
        return answer
    limit = call.parameters.get(rule.get("limit_key", ""), _USUAL.get(call.name))
    most = _MOST.get(call.name, 1000)
    if limit is not None and int(limit) > most:
        raise AwsError("InvalidParameterValue", f"Value ( {limit} ) for parameter MaxResults is invalid.")
    keys = rule["result_key"] if isinstance(rule["result_key"], list) else [rule["result_key"]]
    every = [(key, each) for key in keys for each in answer.get(key) or []]
    start = _start(call.parameters.get(rule["input_token"]))
    end = len(every) if limit is None else start + int(limit)
    page = {**answer, **{key: [] for key in keys}}
    for key, each in every[start:end]:
        page[key].append(each)
    more = end < len(every)
    if more:
        page[rule["output_token"].split("[")[0].split(" ")[0]] = base64.b64encode(str(end).encode()).decode()
    if "more_results" in rule:
        page[rule["more_results"]] = more
    return page


def _start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.b64decode(token))
    except ValueError:
        raise AwsError("InvalidNextToken", "The token is invalid.") from None


def selected(call: Call, records: Iterable[Record]) -> list[Record]:
    """The records that the call's ids and filters select; an unknown filter is an error, never ignored."""
    found = list(records)
    for parameter, wanted in call.parameters.items():
        if parameter == "Owners":
            found = [
                each for each in found if {each.get("OwnerId"), each.get("ImageOwnerAlias")} & set(wanted)
            ]
        elif isinstance(wanted, list) and wanted and all(isinstance(each, str) for each in wanted):
            found = _by_ids(parameter, wanted, found)
    # DescribeNatGateways calls them `Filter`.
    for each in call.parameters.get("Filters") or call.parameters.get("Filter") or []:
        if "Name" in each:
            found = [record for record in found if _fits(record, each["Name"], each["Values"], found)]
    return found


def _by_ids(parameter: str, wanted: list[str], records: list[Record]) -> list[Record]:
    member = parameter[:-1]
    known = {record.get(member) for record in records}
    for id in wanted:
        if id not in known:
            code = _NOT_FOUND.get(parameter, f"Invalid{member.removesuffix('Id')}ID.NotFound")
            raise AwsError(code, f"The {member} '{id}' does not exist")
    return [record for record in records if record.get(member) in wanted]


def _fits(record: Record, name: str, wanted: list[str], others: list[Record]) -> bool:
    if name.startswith("tag:"):
        values = [tag["Value"] for tag in record.get("Tags") or [] if tag["Key"] == name[4:]]
    else:
        path = _MEMBERS.get(name) or "".join(part.capitalize() for part in name.split("-"))
        first = path.split(".")[0]
        if not any(first in other for other in others):
            raise AwsError("InvalidParameterValue", f"The filter '{name}' is invalid")
        values = list(_values(record, path.split(".")))
    return any(fnmatchcase(_text(value), pattern) for value in values for pattern in wanted)


def _values(value: Any, path: list[str]) -> Iterable[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _values(each, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _values(value[path[0]], path[1:])


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
