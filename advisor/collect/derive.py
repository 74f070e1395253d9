"""Which further requests earlier answers call for: whose attributes, which lists, whose policies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from advisor.model.coverage import Status, Table
from advisor.model.estate import Estate
from advisor.model.scope import Scope

Parameters = Mapping[str, Any]
"""The parameters of one request."""
Derivation = Callable[[Estate, Scope], Iterable[Parameters]]
"""From what was read so far, and the scope that is asked about, the requests to make."""

PREFERENCES = "SSM-SessionManagerRunShell"
"""The document that holds the Session Manager preferences of an account and Region."""
HOST_MANAGEMENT = "/ssm/managed-instance/default-ec2-instance-management-role"
ACTIVATION_TIER = "/ssm/managed-instance/activation-tier"
_BATCH = 200  # values that one EC2 filter takes
_AWS_ZONES = ("amazonaws.com.", "amazonaws.com.cn.", "api.aws.", "aws.")


def vpc_attributes(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """Each VPC's two DNS attributes; the API tells one at a time."""
    for vpc in scope.vpcs:
        for attribute in ("enableDnsSupport", "enableDnsHostnames"):
            yield {"VpcId": vpc, "Attribute": attribute}


def images(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """The AMIs in use. Asked through a filter: an AMI that is gone would fail a request by id."""
    used = (instance.image_id for instance in scope.instances.values())
    return _filtered("image-id", used, IncludeDeprecated=True, IncludeDisabled=True)


def instance_types(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """The instance types in use."""
    return _filtered("instance-type", (each.instance_type for each in scope.instances.values()))


def prefix_lists(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """The lists that rules and routes name, and those of the EC2 Instance Connect service."""
    found = {
        reference.prefix_list_id
        for group in scope.security_groups.values()
        for permission in (*group.ip_permissions, *group.ip_permissions_egress)
        for reference in permission.prefix_list_ids
    }
    found.update(
        route.destination_prefix_list_id
        for table in scope.route_tables.values()
        for route in table.routes
        if route.destination_prefix_list_id
    )
    found.update(
        each.prefix_list_id
        for each in scope.managed_prefix_lists.values()
        if (each.prefix_list_name or "").endswith("ec2-instance-connect")
    )
    return ({"PrefixListId": each} for each in sorted(found))


def transit_gateway_routes(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """Every transit gateway route table, all its routes."""
    for table in scope.transit_gateway_route_tables:
        yield {
            "TransitGatewayRouteTableId": table,
            "Filters": [{"Name": "type", "Values": ["static", "propagated"]}],
        }


def hosted_zones_of_vpcs(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """The account's VPCs in every Region that was read."""
    for regional in estate.regional:
        for vpc in regional.vpcs:
            yield {"VPCId": vpc, "VPCRegion": regional.region}


def record_sets(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """Private zones in AWS's own domains: they can lead an AWS service's name to a central endpoint."""
    zones = {
        zone.hosted_zone_id
        for answer in scope.hosted_zones_of_vpcs.values()
        for zone in answer.hosted_zone_summaries
        if f".{zone.name.rstrip('.')}.".endswith(tuple(f".{each}" for each in _AWS_ZONES))
    }
    return ({"HostedZoneId": zone} for zone in sorted(zones))


def network_load_balancers(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """Network load balancers: the ones that may stand in front of a bastion."""
    for balancer in scope.load_balancers.values():
        if balancer.type == "network":
            yield {"LoadBalancerArn": balancer.load_balancer_arn}


def network_target_groups(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """The target groups of network load balancers."""
    for group in scope.target_groups.values():
        if any(":loadbalancer/net/" in arn for arn in group.load_balancer_arns):
            yield {"TargetGroupArn": group.target_group_arn}


# --- session preferences ---------------------------------------------------------------------------------


def session_keys(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """The KMS key that encrypts sessions."""
    key = _preferences(scope).get("kmsKeyId")
    if isinstance(key, str) and key:
        yield {"KeyId": key}


def session_log_groups(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """The log group that sessions are written to."""
    name = _preferences(scope).get("cloudWatchLogGroupName")
    if isinstance(name, str) and name:
        yield {"logGroupNamePrefix": name}


def session_buckets(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """The buckets that sessions are written to, of all Regions."""
    names = {_preferences(regional).get("s3BucketName") for regional in estate.regional}
    return ({"Bucket": name} for name in sorted(name for name in names if isinstance(name, str) and name))


def _preferences(scope: Scope) -> Mapping[str, Any]:
    document = scope.documents.get(PREFERENCES)
    try:
        content = json.loads(document.content or "{}") if document else {}
    except ValueError:
        return {}
    inputs = content.get("inputs") if isinstance(content, dict) else None
    return inputs if isinstance(inputs, dict) else {}


# --- IAM -------------------------------------------------------------------------------------------------


def instance_profiles(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """Profiles in use that no role of the authorization details holds: they have no role, or are gone."""
    known = {
        profile.instance_profile_name
        for page in scope.authorization_details.values()
        for role in page.role_detail_list
        for profile in role.instance_profile_list
    }
    used = {
        _last(instance.iam_instance_profile.arn)
        for regional in estate.regional
        for instance in regional.instances.values()
        if instance.iam_instance_profile
    }
    return ({"InstanceProfileName": name} for name in sorted(used - known - {""}))


def roles(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """Roles that instances, hybrid nodes, default host management and the caller use.

    Nothing once the authorization details were read: they hold every role.
    """
    return ({"RoleName": name} for name in sorted(_roles_in_use(estate, scope)))


def role_policies(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """The inline policies of those roles."""
    for names in scope.role_policy_names.values():
        for policy in names.policy_names:
            yield {"RoleName": names.role_name, "PolicyName": policy}


def policies(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """Managed policies and permissions boundaries of those roles."""
    found = {
        policy.policy_arn
        for attached in scope.role_attached_policies.values()
        for policy in attached.attached_policies
    }
    for answer in scope.roles.values():
        boundary = answer.role.permissions_boundary
        found.add(boundary.permissions_boundary_arn if boundary else None)
    return ({"PolicyArn": arn} for arn in sorted(arn for arn in found if arn))


def policy_versions(estate: Estate, scope: Scope) -> Iterator[Parameters]:
    """The version in force of those policies."""
    for answer in scope.policies.values():
        if answer.policy.default_version_id:
            yield {"PolicyArn": answer.policy.arn, "VersionId": answer.policy.default_version_id}


def _roles_in_use(estate: Estate, scope: Scope) -> set[str]:
    if _was_read(scope.authorization_details):
        return set()
    found = {
        role.role_name
        for answer in scope.instance_profiles.values()
        for role in answer.instance_profile.roles
    }
    for regional in estate.regional:
        setting = regional.service_settings.get(HOST_MANAGEMENT)
        if setting and (setting.service_setting.status or "").lower() == "customized":
            found.add(_last(setting.service_setting.setting_value))
        # Of EC2 instances `IamRole` is the role of default host management, of others their service role.
        found.update(_last(node.iam_role) for node in regional.managed_nodes.values())
    caller = scope.caller.get("")
    if caller and ":assumed-role/" in (caller.arn or ""):
        found.add((caller.arn or "").split("/")[1])
    return found - {""}


def _was_read(table: Table[Any]) -> bool:
    return table.coverage.status is Status.OK


def _last(path: str | None) -> str:
    return (path or "").rsplit("/", 1)[-1]


def _filtered(name: str, values: Iterable[str | None], **others: Any) -> Iterator[Parameters]:
    wanted = sorted({value for value in values if value})
    for start in range(0, len(wanted), _BATCH):
        yield {"Filters": [{"Name": name, "Values": wanted[start : start + _BATCH]}], **others}
