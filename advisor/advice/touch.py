"""The blast radius: what else lies on a resource that an action changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from advisor.advice.action import Action
from advisor.model.estate import Estate
from advisor.model.scope import Scope


def touched(action: Action, estate: Estate) -> tuple[str, ...]:
    """The ids of what else an action touches: instances, interfaces, endpoints, subnets, whole VPCs.

    Sorted; empty where the action concerns nothing but what it names or creates.
    """
    find = _TOUCHES.get(action.operation)
    if find is None:
        return ()
    given = {name: value for name, value in action.parameters.items if isinstance(value, str | tuple)}
    scope = estate.scope(action.account, action.region)
    return tuple(sorted(set(find(given, scope, estate))))


Given = Mapping[str, Any]
Find = Callable[[Given, Scope, Estate], Iterable[str]]


def _of_group(given: Given, scope: Scope, estate: Estate) -> Iterable[str]:
    group = given.get("GroupId")
    for interface in scope.interfaces.values():
        if any(each.group_id == group for each in interface.groups):
            attached = interface.attachment.instance_id if interface.attachment else None
            yield attached or interface.network_interface_id


def _of_acl(given: Given, scope: Scope, estate: Estate) -> Iterable[str]:
    acl = scope.network_acls.get(given["NetworkAclId"])
    return (each.subnet_id for each in (acl.associations if acl is not None else ()) if each.subnet_id)


def _of_table(given: Given, scope: Scope, estate: Estate) -> Iterable[str]:
    table = scope.route_tables.get(given["RouteTableId"])
    if table is None:
        return
    for association in table.associations:
        if association.subnet_id:
            yield association.subnet_id
        elif association.main and table.vpc_id:
            for subnet in scope.subnets_by_vpc.get(table.vpc_id, ()):
                if subnet.subnet_id not in scope.route_tables_by_subnet:
                    yield subnet.subnet_id


def _of_vpc(given: Given, scope: Scope, estate: Estate) -> Iterable[str]:
    return (each.instance_id for each in scope.instances_by_vpc.get(given["VpcId"], ()))


def _of_new_endpoint(given: Given, scope: Scope, estate: Estate) -> Iterable[str]:
    # Private DNS sends every machine of the VPC to the endpoint; a gateway endpoint only its route tables'.
    if given.get("VpcEndpointType") == "Interface":
        return _of_vpc(given, scope, estate)
    return (
        subnet
        for table in given.get("RouteTableIds", ())
        for subnet in _of_table({"RouteTableId": table}, scope, estate)
    )


def _of_endpoint(given: Given, scope: Scope, estate: Estate) -> Iterable[str]:
    endpoint = scope.vpc_endpoints.get(given["VpcEndpointId"])
    if endpoint is None or endpoint.vpc_id is None:
        return ()
    return _of_vpc({"VpcId": endpoint.vpc_id}, scope, estate)


def _of_role(given: Given, scope: Scope, estate: Estate) -> Iterable[str]:
    """The instances whose profile holds the role; a role and its profile are taken to share a name else."""
    role = given["RoleName"]
    home = estate.global_scope(scope.account)
    profiles = {
        name
        for name, answer in home.instance_profiles.items()
        if any(each.role_name == role for each in answer.instance_profile.roles)
    } | {
        profile.instance_profile_name
        for page in home.authorization_details.values()
        for detail in page.role_detail_list
        if detail.role_name == role
        for profile in detail.instance_profile_list
    }
    for place in estate.regional:
        if place.account != scope.account:
            continue
        for instance in place.instances.values():
            arn = instance.iam_instance_profile.arn if instance.iam_instance_profile else None
            if arn and arn.rpartition("/")[2] in profiles:
                yield instance.instance_id


def _of_setting(given: Given, scope: Scope, estate: Estate) -> Iterable[str]:
    return (each.instance_id for each in scope.instances.values() if each.iam_instance_profile is None)


def _of_preferences(given: Given, scope: Scope, estate: Estate) -> Iterable[str]:
    return iter(scope.managed_nodes)


_TOUCHES: Final[Mapping[str, Find]] = {
    "AttachRolePolicy": _of_role,
    "AuthorizeSecurityGroupEgress": _of_group,
    "AuthorizeSecurityGroupIngress": _of_group,
    "CreateDocument": _of_preferences,
    "CreateNetworkAclEntry": _of_acl,
    "CreateRoute": _of_table,
    "CreateVpcEndpoint": _of_new_endpoint,
    "ModifyVpcAttribute": _of_vpc,
    "ModifyVpcEndpoint": _of_endpoint,
    "PutRolePolicy": _of_role,
    "ReplaceRoute": _of_table,
    "RevokeSecurityGroupIngress": _of_group,
    "UpdateAssumeRolePolicy": _of_role,
    "UpdateDocument": _of_preferences,
    "UpdateServiceSetting": _of_setting,
}
