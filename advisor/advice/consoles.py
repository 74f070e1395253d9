"""Requests about EC2 Instance Connect Endpoints and the EC2 serial console."""

from __future__ import annotations

from advisor.advice.action import (
    Members,
    Ref,
    Remedy,
    Undo,
    advise,
    members,
    request,
    slug,
)
from advisor.advice.change import families_of
from advisor.advice.groups import foreign_vpc, own_group
from advisor.advice.machines import onward_rule
from advisor.advice.quotas import (
    INSTANCE_CONNECT_ENDPOINTS_PER_REGION,
    INSTANCE_CONNECT_ENDPOINTS_PER_VPC,
)
from advisor.advice.room import instance_connect_endpoints
from advisor.model.estate import Estate
from advisor.model.records.ec2 import Instance, InstanceConnectEndpoint, Subnet
from advisor.model.scope import Scope
from advisor.network import repairs

_ENDPOINT, _CHANGE, _SERIAL = 3, 2, 4


def create_instance_connect_endpoint(
    scope: Scope, instance: Instance, ports: tuple[int, ...], estate: Estate
) -> Remedy:
    """An endpoint in the instance's VPC with a group of its own, which the instance's group admits."""
    vpc = instance.vpc_id or ""
    refusal = _no_room(scope, vpc)
    if refusal is not None:
        return refusal
    subnet = best_subnet(scope, vpc, instance.subnet_id, only_v6=instance.private_ip_address is None)
    if subnet is None:
        return advise("no-subnet-for-eice", "limit", vpc=vpc)
    targets = tuple(group.group_id for group in instance.security_groups)
    made, group = own_group(scope, vpc, "eice", "EC2 Instance Connect Endpoint to instances")
    # A new group admits everything outbound, and inbound rules of an endpoint's group are ignored by AWS.
    pair = [each for port in ports for each in onward_rule(scope, targets, group, port, subnet, estate)]
    key = slug("eice", vpc, foreign_vpc(scope, vpc))
    endpoint = request(
        scope,
        "ec2:CreateInstanceConnectEndpoint",
        members(
            SubnetId=subnet.subnet_id,
            SecurityGroupIds=(group,),
            # With the client's address kept, rules by range would have to name every operator's address.
            PreserveClientIp=False,
        ),
        key=key,
        text="create-eice",
        risk=_ENDPOINT,
        undo=[
            Undo(
                "ec2:DeleteInstanceConnectEndpoint",
                members(
                    InstanceConnectEndpointId=Ref(key, "InstanceConnectEndpoint.InstanceConnectEndpointId")
                ),
                "delete-eice",
            )
        ],
        subnet=subnet.subnet_id,
        vpc=vpc,
    )
    return Remedy((*made, *pair, endpoint))


def best_subnet(
    scope: Scope, vpc: str, beside: str | None, but: str | None = None, only_v6: bool = False
) -> Subnet | None:
    """The subnet for an endpoint: with a free address, in the zone of `beside`, where most instances are.

    The endpoint speaks what its subnet has: IPv4, IPv6 or both.
    """
    counts: dict[str, int] = {}
    for each in scope.instances_by_vpc.get(vpc, ()):
        if each.subnet_id:
            counts[each.subnet_id] = counts.get(each.subnet_id, 0) + 1
    own = scope.subnets.get(beside) if beside else None
    zone = own.availability_zone if own is not None else None
    usable = [
        subnet
        for subnet in scope.subnets_by_vpc.get(vpc, ())
        if subnet.subnet_id != but
        and (bool(subnet.ipv6_cidr_block_association_set) if only_v6 else not subnet.ipv6_native)
        and (subnet.available_ip_address_count != 0 or subnet.ipv6_native)
        and not subnet.outpost_arn
    ]
    return min(
        usable,
        key=lambda subnet: (
            subnet.availability_zone != zone,
            -counts.get(subnet.subnet_id, 0),
            subnet.subnet_id,
        ),
        default=None,
    )


def _no_room(scope: Scope, vpc: str) -> Remedy | None:
    record = scope.vpcs.get(vpc)
    standing = instance_connect_endpoints(scope)
    here = [each for each in standing if each.vpc_id == vpc]
    # A participant makes its own endpoint in a shared subnet, beside the owner's.
    is_shared = record is not None and record.owner_id not in (None, scope.account)
    if len(here) >= INSTANCE_CONNECT_ENDPOINTS_PER_VPC and not is_shared:
        return advise(
            "eice-quota-of-vpc",
            "limit",
            vpc=vpc,
            endpoint=here[0].instance_connect_endpoint_id,
            limit=str(INSTANCE_CONNECT_ENDPOINTS_PER_VPC),
        )
    if len(standing) >= INSTANCE_CONNECT_ENDPOINTS_PER_REGION:
        return advise(
            "eice-quota-of-region",
            "limit",
            region=scope.region,
            limit=str(INSTANCE_CONNECT_ENDPOINTS_PER_REGION),
        )
    return None


def move_instance_connect_endpoint(
    scope: Scope, endpoint: InstanceConnectEndpoint, beside: str | None
) -> Remedy:
    """A new endpoint in another subnet of the VPC, in place of one whose subnet has no room."""
    subnet = best_subnet(scope, endpoint.vpc_id or "", beside, endpoint.subnet_id)
    if subnet is None:
        return advise("no-subnet-for-eice", "limit", vpc=endpoint.vpc_id or "")
    return replace_instance_connect_endpoint(scope, endpoint, subnet.subnet_id)


def replace_instance_connect_endpoint(
    scope: Scope, endpoint: InstanceConnectEndpoint, subnet: str | None = None
) -> Remedy:
    """A new endpoint with the settings of one that failed, after that one is deleted."""
    old = endpoint.instance_connect_endpoint_id
    place = subnet or endpoint.subnet_id
    key = slug("eice", endpoint.vpc_id or "", "again")
    delete = request(
        scope,
        "ec2:DeleteInstanceConnectEndpoint",
        members(InstanceConnectEndpointId=old),
        key=slug("delete", old),
        text="delete-eice",
        risk=2,
        lossy=True,
        endpoint=old,
        vpc=endpoint.vpc_id or "",
        subnet=endpoint.subnet_id or "",
    )
    create = request(
        scope,
        "ec2:CreateInstanceConnectEndpoint",
        members(
            SubnetId=place,
            SecurityGroupIds=endpoint.security_group_ids or None,
            PreserveClientIp=bool(endpoint.preserve_client_ip),
            IpAddressType=_address_type(scope, place, endpoint.ip_address_type),
        ),
        key=key,
        text="create-eice",
        risk=_ENDPOINT,
        undo=[
            Undo(
                "ec2:DeleteInstanceConnectEndpoint",
                members(
                    InstanceConnectEndpointId=Ref(key, "InstanceConnectEndpoint.InstanceConnectEndpointId")
                ),
                "delete-eice",
            )
        ],
        subnet=place or "",
        vpc=endpoint.vpc_id or "",
    )
    if (endpoint.state or "").lower() == "delete-complete":
        return Remedy((create,))
    return Remedy((delete, create))


def _address_type(scope: Scope, place: str | None, wanted: str | None) -> str | None:
    """The address type to ask for: none where AWS takes it anyway, which is what the subnet has."""
    subnet = scope.subnets.get(place or "")
    return None if subnet is not None and wanted == families_of(subnet) else wanted


def disable_client_ip_preservation(repair: repairs.DisableClientIpPreservation, estate: Estate) -> Remedy:
    """Client IP preservation off, so that rules see the endpoint's own address."""
    scope = estate.scope(repair.account, repair.region)
    return modify_instance_connect_endpoint(
        scope,
        repair.endpoint,
        members(PreserveClientIp=False),
        members(PreserveClientIp=True),
        key=slug("client-ip", repair.endpoint),
        text="disable-client-ip",
    )


def widen_address_type(scope: Scope, endpoint: InstanceConnectEndpoint) -> Remedy:
    """Both IP families on an endpoint (its client IP preservation must then be off)."""
    back = members(
        IpAddressType=endpoint.ip_address_type or "ipv4",
        PreserveClientIp=endpoint.preserve_client_ip,
    )
    return modify_instance_connect_endpoint(
        scope,
        endpoint.instance_connect_endpoint_id,
        members(IpAddressType="dualstack", PreserveClientIp=False),
        back,
        key=slug("address-type", endpoint.instance_connect_endpoint_id),
        text="widen-address-type",
    )


def modify_instance_connect_endpoint(
    scope: Scope, endpoint: str, change: Members, back: Members, *, key: str, text: str
) -> Remedy:
    """A change of an endpoint that another change takes back; the endpoint's owner makes it."""
    record = scope.instance_connect_endpoints.get(endpoint)
    if record is not None and record.owner_id not in (None, scope.account):
        return advise(
            "ask-owner", "owner", owner=str(record.owner_id), resource=endpoint, change="endpoint setting"
        )
    identity = ("InstanceConnectEndpointId", endpoint)
    call = "ec2:ModifyInstanceConnectEndpoint"
    return Remedy(
        (
            request(
                scope,
                call,
                Members((identity, *change.items)),
                key=key,
                text=text,
                risk=_CHANGE,
                undo=[Undo(call, Members((identity, *back.items)), "modify-eice-back")],
                endpoint=endpoint,
            ),
        )
    )


def enable_serial_console(scope: Scope) -> Remedy:
    """Serial console access for the account in the Region, unless the organisation holds the switch."""
    answer = next(iter(scope.serial_console_access.values()), None)
    if answer is not None and (answer.managed_by or "").lower() == "declarative-policy":
        return advise(
            "ask-owner",
            "owner",
            owner="the organisation (declarative policy)",
            resource=f"{scope.account}/{scope.region}",
            change="serial console access",
        )
    return Remedy(
        (
            request(
                scope,
                "ec2:EnableSerialConsoleAccess",
                members(),
                key=slug("serial-console", scope.region, scope.account),
                text="enable-serial-console",
                risk=_SERIAL,
                undo=[Undo("ec2:DisableSerialConsoleAccess", members(), "disable-serial-console")],
                region=scope.region,
            ),
        )
    )
