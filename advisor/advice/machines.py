"""Requests about single machines: start, restart, metadata, tags, agents, and a bastion of one's own."""

from __future__ import annotations

from typing import Final

from advisor.advice.action import (
    Action,
    Ref,
    Remedy,
    Undo,
    advise,
    members,
    relinked,
    request,
    result,
    slug,
)
from advisor.advice.endpoints import into
from advisor.advice.groups import admit_in_group, opens, own_group, rule
from advisor.advice.routes import allocate_address, no_address
from advisor.model.addresses import parse_prefix
from advisor.model.estate import Estate
from advisor.model.records.ec2 import Instance, Subnet
from advisor.model.scope import Scope
from advisor.network import repairs

BASTION_TYPE: Final = "t4g.nano"
BASTION_IMAGE: Final = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
"""The public parameter that names the newest Amazon Linux 2023 image for the bastion's architecture."""
_START, _RESTART, _METADATA, _BASTION, _UPDATE = 2, 3, 2, 7, 2


def start_instance(repair: repairs.StartInstance, estate: Estate) -> Remedy:
    """A stopped instance, started."""
    scope = estate.scope(repair.account, repair.region)
    instance = scope.instances.get(repair.instance)
    state = instance.state.name.lower() if instance is not None else "stopped"
    if state == "stopped":
        return Remedy((start(scope, repair.instance),))
    if state in ("stopping", "pending"):
        return advise("wait-for-state", "manual", instance=repair.instance, state=state)
    if state in ("terminated", "shutting-down"):
        return advise("instance-is-gone", "manual", instance=repair.instance)
    return advise("nothing-to-start", "manual", instance=repair.instance, state=state)


def start(scope: Scope, instance: str) -> Action:
    """The request that starts an instance."""
    one = members(InstanceIds=(instance,))
    return request(
        scope,
        "ec2:StartInstances",
        one,
        key=slug("start", instance),
        text="start-instance",
        risk=_START,
        undo=[Undo("ec2:StopInstances", one, "stop-instance")],
        instance=instance,
    )


def move_host(scope: Scope, instance: str) -> Remedy:
    """Stop and start, which moves an instance to another host."""
    stop = request(
        scope,
        "ec2:StopInstances",
        members(InstanceIds=(instance,)),
        key=slug("stop", instance),
        text="stop-to-move",
        risk=5,
        undo=[],
        lossy=True,
        instance=instance,
    )
    begin = start(scope, instance)
    return Remedy((stop, begin))


def reboot(scope: Scope, instance: str) -> Remedy:
    """A restart of the operating system, after which the agent asks for credentials again."""
    return Remedy(
        (
            request(
                scope,
                "ec2:RebootInstances",
                members(InstanceIds=(instance,)),
                key=slug("reboot", instance),
                text="reboot-instance",
                risk=_RESTART,
                lossy=True,
                instance=instance,
            ),
        )
    )


def enable_metadata(scope: Scope, instance: Instance) -> Remedy:
    """The instance metadata service, on; with tokens required, since nobody can be using the older way."""
    identity = instance.instance_id
    options = instance.metadata_options
    return Remedy(
        (
            request(
                scope,
                "ec2:ModifyInstanceMetadataOptions",
                members(InstanceId=identity, HttpEndpoint="enabled", HttpTokens="required"),
                key=slug("metadata", identity),
                text="enable-metadata",
                risk=_METADATA,
                undo=[
                    Undo(
                        "ec2:ModifyInstanceMetadataOptions",
                        members(
                            InstanceId=identity,
                            HttpEndpoint=options.http_endpoint if options else "disabled",
                            HttpTokens=options.http_tokens if options else None,
                        ),
                        "disable-metadata",
                    )
                ],
                instance=identity,
            ),
        )
    )


def tag_instance(scope: Scope, instance: str, key: str, value: str) -> Remedy:
    """A tag that a policy asks for."""
    tag = members(Resources=(instance,), Tags=(members(Key=key, Value=value),))
    return Remedy(
        (
            request(
                scope,
                "ec2:CreateTags",
                tag,
                key=slug("tag", instance, key),
                text="tag-instance",
                risk=3,
                undo=[Undo("ec2:DeleteTags", tag, "delete-tag")],
                instance=instance,
                tag=key,
                value=value,
            ),
        )
    )


def update_agent(scope: Scope, node: str) -> Remedy:
    """A newer agent, by Run Command: for nodes that are online."""
    return Remedy(
        (
            request(
                scope,
                "ssm:SendCommand",
                members(DocumentName="AWS-UpdateSSMAgent", InstanceIds=(node,)),
                key=slug("update-agent", node),
                text="update-agent",
                risk=_UPDATE,
                lossy=True,
                instance=node,
            ),
        )
    )


def create_bastion(
    scope: Scope,
    subnet: Subnet,
    operator: str | None,
    target_groups: tuple[str, ...],
    port: int,
    estate: Estate,
    key_pair: str | None = None,
) -> Remedy:
    """The smallest bastion: its group, its address, one rule in, and the way on to the target's groups.

    `operator` is the range that people connect from; without one there is no rule to propose, since the
    whole internet is never admitted. `key_pair` is one that the people have already; without one it is
    reached by EC2 Instance Connect, which pushes a key for a minute.
    """
    prefix = parse_prefix(operator or "")
    if prefix is None or prefix.length == 0:
        return advise("operator-address-needed", "unsafe", vpc=subnet.vpc_id)
    full = no_address(scope)
    if full is not None:
        return full
    vpc = subnet.vpc_id
    made, group = own_group(scope, vpc, "bastion", "SSH from operators to the bastion")
    known = group if isinstance(group, str) else None
    admit = rule(
        scope,
        repairs.AdmitInGroup(
            group=known or f"bastion-{vpc}",
            egress=False,
            protocol="tcp",
            first_port=22,
            last_port=22,
            peer_cidr=str(prefix),
            account=scope.account,
            region=scope.region,
        ),
    )
    key = slug("bastion", vpc)
    one = (Ref(key, "Instances[0].InstanceId"),)
    name = members(Key="Name", Value=f"advisor-bastion-{vpc}")
    machine = request(
        scope,
        "ec2:RunInstances",
        members(
            ImageId=f"resolve:ssm:{BASTION_IMAGE}",
            InstanceType=BASTION_TYPE,
            MinCount=1,
            MaxCount=1,
            SubnetId=subnet.subnet_id,
            SecurityGroupIds=(group,),
            KeyName=key_pair,
            MetadataOptions={"HttpTokens": "required"},
            InstanceInitiatedShutdownBehavior="stop",
            TagSpecifications=(members(ResourceType="instance", Tags=(name,)),),
        ),
        key=key,
        text="create-bastion",
        risk=_BASTION,
        undo=[Undo("ec2:TerminateInstances", members(InstanceIds=one), "terminate-bastion")],
        subnet=subnet.subnet_id,
        vpc=vpc,
        type=BASTION_TYPE,
    )
    address = allocate_address(scope, slug("address", "bastion", vpc))
    association = slug("public-address", "bastion", vpc)
    public = request(
        scope,
        "ec2:AssociateAddress",
        members(AllocationId=result(address), InstanceId=result(machine)),
        key=association,
        text="associate-address",
        risk=_BASTION,
        undo=[
            Undo(
                "ec2:DisassociateAddress",
                members(AssociationId=Ref(association, "AssociationId")),
                "disassociate-address",
            )
        ],
        interface=f"bastion of {vpc}",
    )
    onward = onward_rule(scope, target_groups, group, port, subnet, estate)
    idle = stop_when_idle(scope, machine, vpc)
    is_open = known is not None and admits(scope, known, 22, str(prefix))
    entrance = () if is_open else (into(admit, group),)
    return Remedy((*made, *entrance, machine, address, public, idle, *onward))


def onward_rule(
    scope: Scope, targets: tuple[str, ...], group: str | Ref, port: int, subnet: Subnet, estate: Estate
) -> tuple[Action, ...]:
    """A rule in one of a target's groups that admits the machines of another group, which stand in a subnet.

    Nothing where the target admits them as it is, or where none of its groups can take a rule: what stands
    in the way is then found on the copy.
    """
    name = group if isinstance(group, str) else group.action.removeprefix("group-")
    if any(admits(scope, target, port, subnet.cidr_block or "", name) for target in targets):
        return ()
    for target in targets:
        wanted = repairs.AdmitInGroup(
            group=target,
            egress=False,
            protocol="tcp",
            first_port=port,
            last_port=port,
            peer_group=name,
            account=scope.account,
            region=scope.region,
        )
        found = admit_in_group(wanted, estate).actions
        if found:
            return found if isinstance(group, str) else tuple(relinked(each, {name: group}) for each in found)
    return ()


def admits(scope: Scope, group: str, port: int, range: str, peer: str | None = None) -> bool:
    """Whether a group lets TCP to a port in from every address of a range, or from another group."""
    record = scope.security_groups.get(group)
    place = parse_prefix(range)
    open_ones = [each for each in (record.ip_permissions if record else ()) if opens(each, port)]
    by_range = place is not None and any(
        (prefix := parse_prefix(each.cidr_ip)) is not None and prefix.covers(place)
        for permission in open_ones
        for each in permission.ip_ranges
    )
    pairs = (pair.group_id for permission in open_ones for pair in permission.user_id_group_pairs)
    return by_range or (peer is not None and peer in pairs)


def stop_when_idle(scope: Scope, machine: Action, vpc: str) -> Action:
    """An alarm that stops the bastion after an idle hour: one request, and nothing to install on it."""
    name = f"advisor-bastion-idle-{vpc}"
    return request(
        scope,
        "cloudwatch:PutMetricAlarm",
        members(
            AlarmName=name,
            Namespace="AWS/EC2",
            MetricName="CPUUtilization",
            Dimensions=(members(Name="InstanceId", Value=result(machine)),),
            Statistic="Maximum",
            Period=300,
            EvaluationPeriods=12,
            Threshold=2,
            ComparisonOperator="LessThanThreshold",
            AlarmActions=(f"arn:{scope.partition}:automate:{scope.region}:ec2:stop",),
        ),
        key=slug("idle-alarm", "bastion", vpc),
        text="stop-when-idle",
        risk=2,
        undo=[Undo("cloudwatch:DeleteAlarms", members(AlarmNames=(name,)), "delete-alarm")],
        vpc=vpc,
    )
