"""Effects of requests on instances, their settings, and EC2 Instance Connect Endpoints."""

from __future__ import annotations

from typing import Any, Final

from advisor.advice.action import placeholder_address
from advisor.advice.change import (
    Change,
    Effect,
    altered,
    families_of,
    free_address,
    free_address6,
    known_profile,
    new_interface,
    with_association,
)
from advisor.model.estate import Estate
from advisor.model.records import ec2
from advisor.model.records.shape import Tag
from advisor.model.scope import Scope


def _state(name: str) -> Effect:
    def effect(change: Change) -> Estate:
        scope = change.scope
        for identity in change.given["InstanceIds"]:
            instance = scope.instances.get(identity)
            if instance is None:
                continue
            if instance.state.name == "stopped" and name == "running":
                scope = _forgotten(_with_public_address(scope, instance, change.action.key), identity)
                instance = scope.instances[identity]
            if name == "stopped":
                scope = scope.without(Scope.instance_statuses, identity)
            scope = scope.having(
                Scope.reservations, altered(instance, state=ec2.InstanceState(name=name), state_reason=None)
            )
        return change.having(scope)

    return effect


def _with_public_address(scope: Scope, instance: ec2.Instance, key: str) -> Scope:
    """A started machine's new public address, where its subnet gives one and it has no Elastic IP address.

    The interface's own setting from its launch is in no API; the subnet's is the next best thing.
    """
    subnet = scope.subnets.get(instance.subnet_id) if instance.subnet_id else None
    if subnet is None or not subnet.map_public_ip_on_launch or not instance.network_interfaces:
        return scope
    primary = scope.interfaces[instance.network_interfaces[0].network_interface_id]
    if primary.association is not None:
        return scope
    public = ec2.Association(public_ip=placeholder_address(key), ip_owner_id="amazon")
    return with_association(scope, primary, public)


def _forgotten(scope: Scope, instance: str) -> Scope:
    """A started machine's status checks begin anew; what they said before proves nothing."""
    status = scope.instance_statuses.get(instance)
    if status is None and not scope.instance_statuses.complete:
        return scope
    fresh = ec2.InstanceStatus(
        instance_id=instance,
        instance_state=ec2.InstanceState(name="running"),
        instance_status=ec2.StatusSummary(status="ok"),
        system_status=ec2.StatusSummary(status="ok"),
    )
    return scope.having(Scope.instance_statuses, fresh)


def _nothing(change: Change) -> Estate:
    return change.estate


def _terminate(change: Change) -> Estate:
    scope = change.scope
    for identity in change.given["InstanceIds"]:
        instance = scope.instances.get(identity)
        for eni in instance.network_interfaces if instance is not None else ():
            scope = scope.without(Scope.network_interfaces, eni.network_interface_id)
        scope = scope.without(Scope.reservations, identity).without(Scope.instance_statuses, identity)
    return change.having(scope)


def _run(change: Change) -> Estate:
    scope, given = change.scope, change.given
    identity = change.new_id()
    subnet = scope.subnets.get(given["SubnetId"])
    groups = given.get("SecurityGroupIds", [])
    address = free_address(scope, given["SubnetId"])
    eni = altered(
        new_interface(
            scope, f"eni-new-{change.action.key}", given["SubnetId"], groups, "interface", "", address
        ),
        attachment=ec2.InterfaceAttachment(device_index=0, status="attached", instance_id=identity),
        requester_managed=False,
    )
    instance = ec2.Instance(
        instance_id=identity,
        state=ec2.InstanceState(name="running"),
        platform_details="Linux/UNIX",
        image_id=given["ImageId"],
        key_name=given.get("KeyName"),
        instance_type=given["InstanceType"],
        vpc_id=subnet.vpc_id if subnet is not None else None,
        subnet_id=given["SubnetId"],
        private_ip_address=address,
        network_interfaces=(eni,),
        security_groups=tuple(ec2.GroupIdentifier(group_id=each) for each in groups),
        metadata_options=ec2.MetadataOptions(http_endpoint="enabled", http_tokens="required"),
        placement=ec2.Placement(availability_zone=subnet.availability_zone if subnet is not None else None),
        source_dest_check=True,
        tags=tuple(
            Tag(key=tag["Key"], value=tag["Value"])
            for each in given.get("TagSpecifications", ())
            for tag in each["Tags"]
        ),
    )
    scope = scope.having(Scope.reservations, instance).having(Scope.network_interfaces, eni)
    return change.having(_forgotten(scope, identity))


def _metadata(change: Change) -> Estate:
    instance = change.scope.instances.get(change.given["InstanceId"])
    if instance is None:
        return change.estate
    options = instance.metadata_options or ec2.MetadataOptions()
    for member, name in (("HttpEndpoint", "http_endpoint"), ("HttpTokens", "http_tokens")):
        if member in change.given:
            options = altered(options, **{name: change.given[member]})
    changed = altered(instance, metadata_options=options)
    return change.having(change.scope.having(Scope.reservations, changed))


def _tags(present: bool) -> Effect:
    def effect(change: Change) -> Estate:
        scope = change.scope
        given = {tag["Key"]: tag["Value"] for tag in change.given["Tags"]}
        for identity in change.given["Resources"]:
            instance = scope.instances.get(identity)
            if instance is None:
                continue
            tags = [tag for tag in instance.tags if tag.key not in given]
            if present:
                tags += [Tag(key=key, value=value) for key, value in given.items()]
            scope = scope.having(Scope.reservations, altered(instance, tags=tuple(tags)))
        return change.having(scope)

    return effect


# --- instance profiles -----------------------------------------------------------------------------------


def _profile(change: Change, name: str) -> ec2.IamInstanceProfile | None:
    found = known_profile(change.home, name)
    if found is None:
        return None
    default = f"arn:{change.scope.partition}:iam::{change.scope.account}:instance-profile/{name}"
    return ec2.IamInstanceProfile(arn=found.arn or default, id=found.instance_profile_id)


def _associate_profile(change: Change) -> Estate:
    instance = change.scope.instances.get(change.given["InstanceId"])
    profile = _profile(change, change.given["IamInstanceProfile"]["Name"])
    if instance is None or profile is None:
        return change.estate
    association = ec2.IamInstanceProfileAssociation(
        association_id=change.new_id(),
        instance_id=instance.instance_id,
        iam_instance_profile=profile,
        state="associated",
    )
    scope = change.scope.having(Scope.profile_associations, association)
    return change.having(scope.having(Scope.reservations, altered(instance, iam_instance_profile=profile)))


def _replace_profile(change: Change) -> Estate:
    old = change.scope.profile_associations.get(change.given["AssociationId"])
    instance = change.scope.instances.get(old.instance_id or "") if old is not None else None
    profile = _profile(change, change.given["IamInstanceProfile"]["Name"])
    if old is None or instance is None or profile is None:
        return change.estate
    # AWS answers with a new association id; on the copy the old one may as well go on.
    fresh = altered(old, iam_instance_profile=profile, state="associated")
    scope = change.scope.having(Scope.profile_associations, fresh)
    return change.having(scope.having(Scope.reservations, altered(instance, iam_instance_profile=profile)))


def _disassociate_profile(change: Change) -> Estate:
    old = change.scope.profile_associations.get(change.given["AssociationId"])
    if old is None:
        return change.estate
    scope = change.scope.without(Scope.profile_associations, old.association_id)
    instance = scope.instances.get(old.instance_id or "")
    if instance is not None:
        scope = scope.having(Scope.reservations, altered(instance, iam_instance_profile=None))
    return change.having(scope)


# --- EC2 Instance Connect Endpoints, serial console ------------------------------------------------------


def _create_eice(change: Change) -> Estate:
    scope, given = change.scope, change.given
    identity = change.new_id()
    subnet = scope.subnets.get(given["SubnetId"])
    if subnet is None:
        return change.estate
    default = scope.default_groups.get(subnet.vpc_id)
    groups = given.get("SecurityGroupIds") or ([default.group_id] if default is not None else [])
    families = given.get("IpAddressType") or families_of(subnet)
    eni = new_interface(
        scope,
        f"eni-new-{change.action.key}",
        subnet.subnet_id,
        groups,
        "ec2_instance_connect_endpoint",
        f"EC2 Instance Connect Endpoint {identity}",
    )
    if families != "ipv4" and (address := free_address6(scope, subnet.subnet_id)) is not None:
        eni = altered(eni, ipv6_addresses=(ec2.Ipv6Address(ipv6_address=address),))
    endpoint = ec2.InstanceConnectEndpoint(
        instance_connect_endpoint_id=identity,
        instance_connect_endpoint_arn=f"arn:{scope.partition}:ec2:{scope.region}:{scope.account}"
        f":instance-connect-endpoint/{identity}",
        owner_id=scope.account,
        state="create-complete",
        dns_name=f"{identity}.ec2-instance-connect-endpoint.{scope.region}.amazonaws.com",
        network_interface_ids=(eni.network_interface_id,),
        vpc_id=subnet.vpc_id,
        availability_zone=subnet.availability_zone,
        subnet_id=subnet.subnet_id,
        preserve_client_ip=bool(given.get("PreserveClientIp")),
        security_group_ids=tuple(groups),
        ip_address_type=families,
    )
    scope = scope.having(Scope.network_interfaces, eni)
    return change.having(scope.having(Scope.instance_connect_endpoints, endpoint))


def _delete_eice(change: Change) -> Estate:
    endpoint = change.scope.instance_connect_endpoints.get(change.given["InstanceConnectEndpointId"])
    if endpoint is None:
        return change.estate
    scope = change.scope.without(Scope.instance_connect_endpoints, endpoint.instance_connect_endpoint_id)
    for eni in endpoint.network_interface_ids:
        scope = scope.without(Scope.network_interfaces, eni)
    return change.having(scope)


def _modify_eice(change: Change) -> Estate:
    endpoint = change.scope.instance_connect_endpoints.get(change.given["InstanceConnectEndpointId"])
    if endpoint is None:
        return change.estate
    update: dict[str, Any] = {"state": "update-complete"}
    for member, name in (
        ("PreserveClientIp", "preserve_client_ip"),
        ("IpAddressType", "ip_address_type"),
    ):
        if member in change.given:
            update[name] = change.given[member]
    if "SecurityGroupIds" in change.given:
        update["security_group_ids"] = tuple(change.given["SecurityGroupIds"])
    changed = altered(endpoint, **update)
    return change.having(change.scope.having(Scope.instance_connect_endpoints, changed))


def _serial(enabled: bool) -> Effect:
    def effect(change: Change) -> Estate:
        old = next(iter(change.scope.serial_console_access.values()), ec2.SerialConsoleAccess())
        changed = altered(old, serial_console_access_enabled=enabled)
        return change.having(change.scope.having(Scope.serial_console_access, changed))

    return effect


MACHINES: Final[dict[str, Effect]] = {
    "cloudwatch:DeleteAlarms": _nothing,
    "cloudwatch:PutMetricAlarm": _nothing,
    "ec2:AssociateIamInstanceProfile": _associate_profile,
    "ec2:CreateInstanceConnectEndpoint": _create_eice,
    "ec2:CreateTags": _tags(present=True),
    "ec2:DeleteInstanceConnectEndpoint": _delete_eice,
    "ec2:DeleteTags": _tags(present=False),
    "ec2:DisableSerialConsoleAccess": _serial(enabled=False),
    "ec2:DisassociateIamInstanceProfile": _disassociate_profile,
    "ec2:EnableSerialConsoleAccess": _serial(enabled=True),
    "ec2:ModifyInstanceConnectEndpoint": _modify_eice,
    "ec2:ModifyInstanceMetadataOptions": _metadata,
    "ec2:RebootInstances": _nothing,
    "ec2:ReplaceIamInstanceProfileAssociation": _replace_profile,
    "ec2:RunInstances": _run,
    "ec2:StartInstances": _state("running"),
    "ec2:StopInstances": _state("stopped"),
    "ec2:TerminateInstances": _terminate,
}
