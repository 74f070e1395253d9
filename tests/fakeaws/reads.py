"""Answers to calls that read, from the raw records of a scene."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable

import msgspec

from advisor.model.responses import GLOBAL
from advisor.model.scope import FAMILIES
from tests.fakeaws.select import Record, selected
from tests.fakeaws.wire import AwsError, Call
from tests.scenes.place import Place, World

_DENIED_STATUS = {"ec2": 403, "iam": 403, "sts": 403, "s3": 403}
_SSM_FILTERS = {
    "InstanceIds": "InstanceId",
    "PingStatus": "PingStatus",
    "PlatformTypes": "PlatformType",
    "ResourceType": "ResourceType",
    "ActivationIds": "ActivationId",
    "IamRole": "IamRole",
    "AgentVersion": "AgentVersion",
}


def read(world: World, call: Call) -> Record | None:
    """The whole answer, before it is cut into pages; None if no scene knows the operation."""
    family = FAMILIES.get(call.name)
    if family is None:
        return None
    place = world.place(call.account, GLOBAL if family.is_global else call.region)
    _check_faults(place, call)
    special = _SPECIAL.get(call.name)
    if special is not None:
        return special(place, call)
    records = place.records.get(call.name, [])
    if family.key is not None:
        return {family.key: selected(call, records)}
    if family.parameter is None:
        return records[0] if records else {}
    return _of_resource(place, call)


def _check_faults(place: Place, call: Call) -> None:
    fault = place.faults.get(call.name)
    if fault is not None and fault.status != "truncated":
        raise AwsError(
            fault.code or "AccessDenied", fault.message or "Not here.", _DENIED_STATUS.get(call.service, 400)
        )
    family = FAMILIES[call.name]
    if family.parameter is None:
        return
    resource = "/".join(str(call.parameters.get(name)) for name in family.parameter.split(","))
    gap = place.gaps.get(call.name, {}).get(resource)
    if gap is not None:
        status = 404 if gap.code == "404" else 400
        raise AwsError(gap.code or "InternalError", gap.message or f"{resource}: not here.", status)


_ABSENT = {
    "iam": "NoSuchEntity",
    "ssm:GetDocument": "InvalidDocument",
    "ssm:GetServiceSetting": "ServiceSettingNotFound",
    "kms": "NotFoundException",
    "route53": "NoSuchHostedZone",
    "ec2:GetManagedPrefixListEntries": "InvalidPrefixListID.NotFound",
    "ec2:SearchTransitGatewayRoutes": "InvalidRouteTableID.NotFound",
    "ec2:GetConsoleOutput": "InvalidInstanceID.NotFound",
    "s3:HeadBucket": "404",
    "s3": "NoSuchBucket",
    "elasticloadbalancing": "TargetGroupNotFound",
}


def _of_resource(place: Place, call: Call) -> Record:
    family = FAMILIES[call.name]
    names = (family.parameter or "").split(",")
    wanted = "/".join(str(call.parameters[name]) for name in names)
    for record in place.records.get(call.name, []):
        if identity(call.name, record) == wanted or wanted in _aliases(record):
            return record
    code = _ABSENT.get(call.name) or _ABSENT.get(call.name.partition(":")[0], "NotFound")
    raise AwsError(
        code, f"{wanted} cannot be found.", 404 if code in ("404", "NoSuchEntity", "NoSuchBucket") else 400
    )


def identity(operation: str, record: Record) -> str:
    """The id of a raw record in its family."""
    family = FAMILIES[operation]
    return str(family.identify(msgspec.convert(record, family.record)))


def _aliases(record: Record) -> Iterable[str]:
    key = record.get("KeyMetadata")
    return [key.get("Arn", "")] if isinstance(key, dict) else []


# --- answers that are not simply a list ------------------------------------------------------------------


def instances_in(place: Place) -> list[Record]:
    """All instances, out of their reservations."""
    return [
        instance
        for reservation in place.records.get("ec2:DescribeInstances", [])
        for instance in reservation["Instances"]
    ]


def _instances(place: Place, call: Call) -> Record:
    chosen = {each["InstanceId"] for each in selected(call, instances_in(place))}
    found: list[Record] = []
    for reservation in place.records.get("ec2:DescribeInstances", []):
        inside = [each for each in reservation["Instances"] if each["InstanceId"] in chosen]
        if inside:
            found.append({**reservation, "Instances": inside})
    return {"Reservations": found}


def _vpc_attribute(place: Place, call: Call) -> Record:
    attribute = call.parameters["Attribute"]
    key = attribute[0].upper() + attribute[1:]
    for record in place.records["ec2:DescribeVpcAttribute"]:
        if record["VpcId"] == call.parameters["VpcId"] and key in record:
            return {"VpcId": record["VpcId"], key: record[key]}
    raise AwsError("InvalidVpcID.NotFound", f"The vpc ID '{call.parameters['VpcId']}' does not exist")


def _statuses(place: Place, call: Call) -> Record:
    records = place.records.get("ec2:DescribeInstanceStatus", [])
    if not call.parameters.get("IncludeAllInstances"):
        records = [each for each in records if each["InstanceState"]["Name"] == "running"]
    return {"InstanceStatuses": selected(call, records)}


def _nodes(place: Place, call: Call) -> Record:
    found = place.records.get("ssm:DescribeInstanceInformation", [])
    stopped = {each["InstanceId"] for each in instances_in(place) if each["State"]["Name"] != "running"}
    found = [each for each in found if each["InstanceId"] not in stopped]
    for each in call.parameters.get("Filters") or []:
        member = _SSM_FILTERS.get(each["Key"])
        if member is None:
            raise AwsError("InvalidFilterKey", each["Key"])
        found = [node for node in found if str(node.get(member)) in each["Values"]]
    return {"InstanceInformationList": found}


def _connection_status(place: Place, call: Call) -> Record:
    target = call.parameters["Target"]
    for record in place.records.get("ssm:GetConnectionStatus", []):
        if record["Target"] == target:
            return record
    nodes = place.records.get("ssm:DescribeInstanceInformation", [])
    online = any(node["InstanceId"] == target and node["PingStatus"] == "Online" for node in nodes)
    return {"Target": target, "Status": "connected" if online else "notconnected"}


def _sessions(place: Place, call: Call) -> Record:
    active = call.parameters["State"] == "Active"
    records = place.records.get("ssm:DescribeSessions", [])
    return {
        "Sessions": [
            each for each in records if (each.get("Status") in ("Connected", "Connecting")) is active
        ]
    }


def _log_groups(place: Place, call: Call) -> Record:
    prefix = call.parameters.get("logGroupNamePrefix", "")
    records = place.records.get("logs:DescribeLogGroups", [])
    return {"logGroups": [each for each in records if each["logGroupName"].startswith(prefix)]}


def _listeners(place: Place, call: Call) -> Record:
    balancer = call.parameters.get("LoadBalancerArn")
    records = place.records.get("elasticloadbalancing:DescribeListeners", [])
    return {"Listeners": [each for each in records if balancer in (None, each["LoadBalancerArn"])]}


def _transit_routes(place: Place, call: Call) -> Record:
    record = _of_resource(place, call)
    return {"Routes": selected(call, record["Routes"]), "AdditionalRoutesAvailable": False}


def _zones_of_vpc(place: Place, call: Call) -> Record:
    for record in place.records.get("route53:ListHostedZonesByVPC", []):
        if record["VPCId"] == call.parameters["VPCId"]:
            return record
    return {"HostedZoneSummaries": [], "MaxItems": "100"}


def _record_sets(place: Place, call: Call) -> Record:
    return {**_of_resource(place, call), "IsTruncated": False, "MaxItems": "300"}


def _console_output(place: Place, call: Call) -> Record:
    id = call.parameters["InstanceId"]
    for record in place.records.get("ec2:GetConsoleOutput", []):
        if record["InstanceId"] == id:
            return {**record, "Output": base64.b64encode(record["Output"].encode()).decode()}
    return {"InstanceId": id}


def _simulation(place: Place, call: Call) -> Record:
    known: dict[str, Record] = {}
    for record in place.records.get("iam:SimulatePrincipalPolicy", []):
        if record["PolicySourceArn"] == call.parameters["PolicySourceArn"]:
            known.update({each["EvalActionName"]: each for each in record["EvaluationResults"]})
    results = [
        {
            **known.get(action, {"EvalActionName": action, "EvalDecision": "allowed"}),
            "EvalResourceName": resource,
        }
        for action in call.parameters["ActionNames"]
        for resource in call.parameters.get("ResourceArns") or ["*"]
    ]
    return {"EvaluationResults": results, "IsTruncated": False}


def _authorization_details(place: Place, call: Call) -> Record:
    """All roles and policies, put together from what the calls per role know."""
    records = place.records
    attached = {
        each["RoleName"]: each["AttachedPolicies"] for each in records.get("iam:ListAttachedRolePolicies", [])
    }
    profiles = [each["InstanceProfile"] for each in records.get("iam:GetInstanceProfile", [])]
    roles = []
    for answer in records.get("iam:GetRole", []):
        role = answer["Role"]
        name = role["RoleName"]
        inline = [each for each in records.get("iam:GetRolePolicy", []) if each["RoleName"] == name]
        roles.append(
            {
                **role,
                "InstanceProfileList": [
                    each for each in profiles if any(one["RoleName"] == name for one in each["Roles"])
                ],
                "RolePolicyList": [
                    {"PolicyName": each["PolicyName"], "PolicyDocument": each["PolicyDocument"]}
                    for each in inline
                ],
                "AttachedManagedPolicies": attached.get(name, []),
            }
        )
    versions: dict[str, list[Record]] = {}
    for each in records.get("iam:GetPolicyVersion", []):
        versions.setdefault(each["PolicyArn"], []).append(each["PolicyVersion"])
    policies = [
        {**answer["Policy"], "PolicyVersionList": versions.get(answer["Policy"]["Arn"], [])}
        for answer in records.get("iam:GetPolicy", [])
    ]
    written = records.get("iam:GetAccountAuthorizationDetails", [])
    users = [user for page in written for user in page.get("UserDetailList", [])]
    groups = [group for page in written for group in page.get("GroupDetailList", [])]
    return {"UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles, "Policies": policies}


_SPECIAL: dict[str, Callable[[Place, Call], Record]] = {
    "ec2:DescribeInstances": _instances,
    "ec2:DescribeVpcAttribute": _vpc_attribute,
    "ec2:DescribeInstanceStatus": _statuses,
    "ec2:SearchTransitGatewayRoutes": _transit_routes,
    "ec2:GetConsoleOutput": _console_output,
    "ssm:DescribeInstanceInformation": _nodes,
    "ssm:GetConnectionStatus": _connection_status,
    "ssm:DescribeSessions": _sessions,
    "logs:DescribeLogGroups": _log_groups,
    "elasticloadbalancing:DescribeListeners": _listeners,
    "route53:ListHostedZonesByVPC": _zones_of_vpc,
    "route53:ListResourceRecordSets": _record_sets,
    "iam:SimulatePrincipalPolicy": _simulation,
    "iam:GetAccountAuthorizationDetails": _authorization_details,
}
