"""Whether there is room for a request on a copy that holds what was chosen before: quotas, free numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from advisor.advice.action import Action, placeholder, thawed
from advisor.advice.quotas import (
    ADDRESSES_PER_REGION,
    INSTANCE_CONNECT_ENDPOINTS_PER_REGION,
    INSTANCE_CONNECT_ENDPOINTS_PER_VPC,
    INTERFACE_ENDPOINTS_PER_VPC,
    MANAGED_POLICIES_PER_ROLE,
    NAT_GATEWAYS_PER_ZONE,
    NETWORK_ACL_ENTRIES,
    RULES_PER_GROUP,
)
from advisor.iam.principals import authorization_details
from advisor.model.estate import Estate
from advisor.model.records.ec2 import InstanceConnectEndpoint, IpPermission, NatGateway, SecurityGroup
from advisor.model.scope import Scope

_LAST_ENTRY: Final = 32767
_GONE: Final = frozenset({"delete-complete", "delete-in-progress", "delete-failed", "create-failed"})


def has_room(action: Action, estate: Estate) -> bool:
    """Whether nothing is known to be full or taken that the request needs to be free."""
    look = _ROOM.get(f"{action.service}:{action.operation}")
    if look is None:
        return True
    return look(thawed(action.parameters, placeholder), estate.scope(action.account, action.region))


# --- what stands already ---------------------------------------------------------------------------------


def rule_count(group: SecurityGroup, egress: bool) -> int:
    """How many rules the group has in one direction, counted as AWS counts them: one for each peer."""
    return sum(map(_peers, group.ip_permissions_egress if egress else group.ip_permissions))


def _peers(each: IpPermission) -> int:
    return (
        len(each.ip_ranges)
        + len(each.ipv6_ranges)
        + len(each.prefix_list_ids)
        + len(each.user_id_group_pairs)
    )


def instance_connect_endpoints(scope: Scope) -> list[InstanceConnectEndpoint]:
    """The EC2 Instance Connect Endpoints of the account in the Region that count."""
    return [
        each for each in scope.instance_connect_endpoints.values() if (each.state or "").lower() not in _GONE
    ]


def interface_endpoint_count(scope: Scope, vpc: str) -> int:
    """How many interface endpoints the VPC has."""
    return sum(each.vpc_endpoint_type == "Interface" for each in scope.endpoints_by_vpc.get(vpc, ()))


def nat_gateways_beside(scope: Scope, subnet_id: str) -> list[NatGateway]:
    """The NAT gateways in a subnet's zone."""
    subnet = scope.subnets.get(subnet_id)
    zone = subnet.availability_zone if subnet is not None else None
    return [
        gateway
        for gateway in scope.nat_gateways.values()
        if (gateway.state or "").lower() in ("available", "pending")
        and gateway.subnet_id
        and (found := scope.subnets.get(gateway.subnet_id)) is not None
        and found.availability_zone == zone
    ]


def managed_policy_count(home: Scope, role: str) -> int:
    """How many managed policies a role has, by whichever of the two ways IAM was read."""
    detail = authorization_details(home).roles.get(role)
    listed = home.role_attached_policies.get(role)
    return max(
        len(detail.attached_managed_policies) if detail is not None else 0,
        len(listed.attached_policies) if listed is not None else 0,
    )


# --- room for one more -----------------------------------------------------------------------------------

Look = Callable[[dict[str, Any], Scope], bool]


def _group(egress: bool) -> Look:
    def look(given: dict[str, Any], scope: Scope) -> bool:
        group = scope.security_groups.get(given["GroupId"])
        return group is None or rule_count(group, egress) < RULES_PER_GROUP

    return look


def _acl(given: dict[str, Any], scope: Scope) -> bool:
    acl = scope.network_acls.get(given["NetworkAclId"])
    taken = {each.rule_number for each in acl.entries if each.egress == given["Egress"]} if acl else set()
    own = [number for number in taken if number < _LAST_ENTRY]
    return given["RuleNumber"] not in taken and len(own) < NETWORK_ACL_ENTRIES


def _address(given: dict[str, Any], scope: Scope) -> bool:
    return len(scope.addresses) < ADDRESSES_PER_REGION


def _association(given: dict[str, Any], scope: Scope) -> bool:
    wanted = given.get("AllocationId")
    return not any(each.allocation_id == wanted and each.association_id for each in scope.addresses.values())


def _nat_gateway(given: dict[str, Any], scope: Scope) -> bool:
    return len(nat_gateways_beside(scope, given["SubnetId"])) < NAT_GATEWAYS_PER_ZONE


def _interface_endpoint(given: dict[str, Any], scope: Scope) -> bool:
    if given["VpcEndpointType"] != "Interface":
        return True
    return interface_endpoint_count(scope, given["VpcId"]) < INTERFACE_ENDPOINTS_PER_VPC


def _instance_connect_endpoint(given: dict[str, Any], scope: Scope) -> bool:
    standing = instance_connect_endpoints(scope)
    subnet = scope.subnets.get(given["SubnetId"])
    here = [each for each in standing if subnet is not None and each.vpc_id == subnet.vpc_id]
    # A participant makes its own endpoint in a shared VPC, beside the owner's.
    is_shared = subnet is not None and subnet.owner_id not in (None, scope.account)
    return (is_shared or len(here) < INSTANCE_CONNECT_ENDPOINTS_PER_VPC) and (
        len(standing) < INSTANCE_CONNECT_ENDPOINTS_PER_REGION
    )


def _policy(given: dict[str, Any], scope: Scope) -> bool:
    return managed_policy_count(scope, given["RoleName"]) < MANAGED_POLICIES_PER_ROLE


_ROOM: Final[Mapping[str, Look]] = {
    "ec2:AllocateAddress": _address,
    "ec2:AssociateAddress": _association,
    "ec2:AuthorizeSecurityGroupEgress": _group(egress=True),
    "ec2:AuthorizeSecurityGroupIngress": _group(egress=False),
    "ec2:CreateInstanceConnectEndpoint": _instance_connect_endpoint,
    "ec2:CreateNatGateway": _nat_gateway,
    "ec2:CreateNetworkAclEntry": _acl,
    "ec2:CreateVpcEndpoint": _interface_endpoint,
    "iam:AttachRolePolicy": _policy,
}
