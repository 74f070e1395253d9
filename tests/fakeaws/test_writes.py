"""Each writing call has its effect, and its rollback leaves the account as it was."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from advisor.advice.apply import EFFECTS
from tests.fakeaws.conftest import Client
from tests.fakeaws.writes import DOINGS
from tests.scenes.builder import CORE, Scene, entry, tcp

Step = Callable[[Client, dict[str, Any]], Any]


def everything(scene: Scene) -> str:
    """All records of the scene, as text that can be compared; empty lists do not count."""
    return json.dumps(
        {
            f"{region} {operation}": sorted(json.dumps(_bare(each), sort_keys=True) for each in records)
            for (_, region), place in scene.world.places.items()
            for operation, records in place.records.items()
            if records
        },
        sort_keys=True,
        indent=1,
    )


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(inner) for key, inner in value.items() if inner != []}
    return [_bare(each) for each in value] if isinstance(value, list) else value


def refused(code: str, call: Callable[..., Any], **parameters: Any) -> None:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    assert caught.value.response["Error"]["Code"] == code


def test_the_fake_knows_every_request_that_advice_may_make() -> None:
    assert set(EFFECTS) <= set(DOINGS)


def test_an_unknown_call_is_an_error_and_no_silence(client: Client) -> None:
    refused("NotImplemented", client("ec2").describe_volumes)


def test_a_dry_run_does_nothing(scene: Scene, client: Client) -> None:
    vpc = scene.vpc()
    before = everything(scene)
    refused(
        "DryRunOperation",
        client("ec2").create_security_group,
        GroupName="x",
        Description="x",
        VpcId=vpc.id,
        DryRun=True,
    )
    assert everything(scene) == before


@pytest.fixture
def stage(scene: Scene) -> dict[str, Any]:
    """Resources to do things to."""
    vpc = scene.vpc("10.0.0.0/16")
    subnet = vpc.subnet("10.0.1.0/24")
    other = vpc.subnet("10.0.2.0/24", "us-east-1b")
    group = vpc.group("web", [tcp(80)])
    role = scene.role("ssm", [CORE])
    scene.role("bare")
    instance = subnet.instance(groups=[group])
    stopped = subnet.instance(groups=[group], state="stopped")
    scene.setting("/ssm/managed-instance/activation-tier", "standard", "Default")
    scene.place.gaps["ssm:GetDocument"].clear()
    gateway = scene.transit_gateway()
    attachment = gateway.attach(vpc, [subnet])
    zone = scene.vpc("10.9.0.0/16").hosted_zone("ssm.us-east-1.amazonaws.com", {"ssm.x": "10.9.0.9"})
    table = vpc.table([("192.0.2.0/24", "pcx-0123456789abcdef0")])
    scene.service_list("s3")
    scene.add(
        "kms:DescribeKey",
        KeyMetadata={
            "KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
            "KeyState": "Enabled",
            "Enabled": True,
        },
    )
    scene.add("logs:DescribeLogGroups", logGroupName="/ssm")
    endpoint = vpc.endpoint("ssmmessages", subnets=[subnet], groups=[group], private_dns=False)
    return {
        "vpc": vpc.id,
        "subnet": subnet.id,
        "other": other.id,
        "group": group.id,
        "acl": vpc.acl([entry(100)], [entry(100)], [other]).id,
        "table": table.id,
        "main": vpc.main.id,
        "role": role.name,
        "instance": instance.id,
        "stopped": stopped.id,
        "eni": instance.eni.id,
        "tgw": gateway.id,
        "tgw-table": scene.place.records["ec2:DescribeTransitGatewayRouteTables"][0][
            "TransitGatewayRouteTableId"
        ],
        "attachment": attachment.id,
        "zone": zone.id,
        "endpoint": endpoint.id,
        "second": vpc.group("second").id,
    }


SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"

ROUND_TRIPS: dict[str, tuple[Step, Step]] = {
    "security group": (
        lambda c, s: s.update(
            new=c("ec2").create_security_group(GroupName="n", Description="d", VpcId=s["vpc"])["GroupId"]
        ),
        lambda c, s: c("ec2").delete_security_group(GroupId=s["new"]),
    ),
    "inbound rule": (
        lambda c, s: c("ec2").authorize_security_group_ingress(GroupId=s["group"], IpPermissions=[SSH]),
        lambda c, s: c("ec2").revoke_security_group_ingress(GroupId=s["group"], IpPermissions=[SSH]),
    ),
    "outbound rule to a group": (
        lambda c, s: c("ec2").authorize_security_group_egress(GroupId=s["group"], IpPermissions=[_pair(s)]),
        lambda c, s: c("ec2").revoke_security_group_egress(GroupId=s["group"], IpPermissions=[_pair(s)]),
    ),
    "network ACL entry": (
        lambda c, s: c("ec2").create_network_acl_entry(
            NetworkAclId=s["acl"],
            RuleNumber=90,
            Egress=False,
            Protocol="6",
            RuleAction="allow",
            CidrBlock="10.0.0.0/8",
            PortRange={"From": 22, "To": 22},
        ),
        lambda c, s: c("ec2").delete_network_acl_entry(NetworkAclId=s["acl"], RuleNumber=90, Egress=False),
    ),
    "route": (
        lambda c, s: c("ec2").create_route(
            RouteTableId=s["table"], DestinationCidrBlock="0.0.0.0/0", TransitGatewayId=s["tgw"]
        ),
        lambda c, s: c("ec2").delete_route(RouteTableId=s["table"], DestinationCidrBlock="0.0.0.0/0"),
    ),
    "route replaced": (
        lambda c, s: c("ec2").replace_route(
            RouteTableId=s["table"], DestinationCidrBlock="192.0.2.0/24", TransitGatewayId=s["tgw"]
        ),
        lambda c, s: c("ec2").replace_route(
            RouteTableId=s["table"],
            DestinationCidrBlock="192.0.2.0/24",
            VpcPeeringConnectionId="pcx-0123456789abcdef0",
        ),
    ),
    "address on an instance": (
        lambda c, s: (
            s.update(
                new=c("ec2").allocate_address(Domain="vpc")["AllocationId"],
            )
            or s.update(
                link=c("ec2").associate_address(AllocationId=s["new"], InstanceId=s["instance"])[
                    "AssociationId"
                ]
            )
        ),
        lambda c, s: (
            c("ec2").disassociate_address(AssociationId=s["link"]),
            c("ec2").release_address(AllocationId=s["new"]),
        ),
    ),
    "internet gateway": (
        lambda c, s: (
            s.update(new=c("ec2").create_internet_gateway()["InternetGateway"]["InternetGatewayId"])
            or c("ec2").attach_internet_gateway(InternetGatewayId=s["new"], VpcId=s["vpc"])
        ),
        lambda c, s: (
            c("ec2").detach_internet_gateway(InternetGatewayId=s["new"], VpcId=s["vpc"]),
            c("ec2").delete_internet_gateway(InternetGatewayId=s["new"]),
        ),
    ),
    "interface endpoint": (
        lambda c, s: s.update(
            new=_endpoint(c, s, "ssm", VpcEndpointType="Interface", SubnetIds=[s["subnet"]])
        ),
        lambda c, s: c("ec2").delete_vpc_endpoints(VpcEndpointIds=[s["new"]]),
    ),
    "gateway endpoint": (
        lambda c, s: s.update(new=_endpoint(c, s, "s3", RouteTableIds=[s["main"]])),
        lambda c, s: c("ec2").delete_vpc_endpoints(VpcEndpointIds=[s["new"]]),
    ),
    "private DNS": (
        lambda c, s: c("ec2").modify_vpc_endpoint(VpcEndpointId=s["endpoint"], PrivateDnsEnabled=True),
        lambda c, s: c("ec2").modify_vpc_endpoint(VpcEndpointId=s["endpoint"], PrivateDnsEnabled=False),
    ),
    "subnet of an endpoint": (
        lambda c, s: c("ec2").modify_vpc_endpoint(VpcEndpointId=s["endpoint"], AddSubnetIds=[s["other"]]),
        lambda c, s: c("ec2").modify_vpc_endpoint(VpcEndpointId=s["endpoint"], RemoveSubnetIds=[s["other"]]),
    ),
    "group of an endpoint": (
        lambda c, s: c("ec2").modify_vpc_endpoint(
            VpcEndpointId=s["endpoint"], AddSecurityGroupIds=[s["second"]]
        ),
        lambda c, s: c("ec2").modify_vpc_endpoint(
            VpcEndpointId=s["endpoint"], RemoveSecurityGroupIds=[s["second"]]
        ),
    ),
    "Instance Connect Endpoint": (
        lambda c, s: s.update(
            new=c("ec2").create_instance_connect_endpoint(
                SubnetId=s["subnet"], SecurityGroupIds=[s["group"]]
            )["InstanceConnectEndpoint"]["InstanceConnectEndpointId"]
        ),
        lambda c, s: c("ec2").delete_instance_connect_endpoint(InstanceConnectEndpointId=s["new"]),
    ),
    "VPC attribute": (
        lambda c, s: c("ec2").modify_vpc_attribute(VpcId=s["vpc"], EnableDnsHostnames={"Value": False}),
        lambda c, s: c("ec2").modify_vpc_attribute(VpcId=s["vpc"], EnableDnsHostnames={"Value": True}),
    ),
    "source/destination check": (
        lambda c, s: c("ec2").modify_network_interface_attribute(
            NetworkInterfaceId=s["eni"], SourceDestCheck={"Value": False}
        ),
        lambda c, s: c("ec2").modify_network_interface_attribute(
            NetworkInterfaceId=s["eni"], SourceDestCheck={"Value": True}
        ),
    ),
    "block public access exclusion": (
        lambda c, s: s.update(
            new=c("ec2").create_vpc_block_public_access_exclusion(
                SubnetId=s["subnet"], InternetGatewayExclusionMode="allow-bidirectional"
            )["VpcBlockPublicAccessExclusion"]["ExclusionId"]
        ),
        lambda c, s: c("ec2").delete_vpc_block_public_access_exclusion(ExclusionId=s["new"]),
    ),
    "tags": (
        lambda c, s: c("ec2").create_tags(Resources=[s["instance"]], Tags=[{"Key": "a", "Value": "b"}]),
        lambda c, s: c("ec2").delete_tags(Resources=[s["instance"]], Tags=[{"Key": "a"}]),
    ),
    "starting an instance": (
        lambda c, s: c("ec2").start_instances(InstanceIds=[s["stopped"]]),
        lambda c, s: c("ec2").stop_instances(InstanceIds=[s["stopped"]]),
    ),
    "profile of an instance": (
        lambda c, s: s.update(
            new=c("ec2").associate_iam_instance_profile(
                InstanceId=s["instance"], IamInstanceProfile={"Name": s["role"]}
            )["IamInstanceProfileAssociation"]["AssociationId"]
        ),
        lambda c, s: c("ec2").disassociate_iam_instance_profile(AssociationId=s["new"]),
    ),
    "metadata options": (
        lambda c, s: c("ec2").modify_instance_metadata_options(
            InstanceId=s["instance"], HttpEndpoint="disabled"
        ),
        lambda c, s: c("ec2").modify_instance_metadata_options(
            InstanceId=s["instance"], HttpEndpoint="enabled"
        ),
    ),
    "serial console": (
        lambda c, s: c("ec2").enable_serial_console_access(),
        lambda c, s: c("ec2").disable_serial_console_access(),
    ),
    "transit gateway route": (
        lambda c, s: c("ec2").create_transit_gateway_route(
            DestinationCidrBlock="10.77.0.0/16",
            TransitGatewayRouteTableId=s["tgw-table"],
            TransitGatewayAttachmentId=s["attachment"],
        ),
        lambda c, s: c("ec2").delete_transit_gateway_route(
            DestinationCidrBlock="10.77.0.0/16", TransitGatewayRouteTableId=s["tgw-table"]
        ),
    ),
    "subnet of an attachment": (
        lambda c, s: c("ec2").modify_transit_gateway_vpc_attachment(
            TransitGatewayAttachmentId=s["attachment"], AddSubnetIds=[s["other"]]
        ),
        lambda c, s: c("ec2").modify_transit_gateway_vpc_attachment(
            TransitGatewayAttachmentId=s["attachment"], RemoveSubnetIds=[s["other"]]
        ),
    ),
    "role with policy and profile": (
        lambda c, s: (
            c("iam").create_role(RoleName="new", AssumeRolePolicyDocument=TRUST),
            c("iam").attach_role_policy(RoleName="new", PolicyArn=f"arn:aws:iam::aws:policy/{CORE}"),
            c("iam").put_role_policy(RoleName="new", PolicyName="p", PolicyDocument=TRUST),
            c("iam").create_instance_profile(InstanceProfileName="new"),
            c("iam").add_role_to_instance_profile(InstanceProfileName="new", RoleName="new"),
        ),
        lambda c, s: (
            c("iam").remove_role_from_instance_profile(InstanceProfileName="new", RoleName="new"),
            c("iam").delete_instance_profile(InstanceProfileName="new"),
            c("iam").delete_role_policy(RoleName="new", PolicyName="p"),
            c("iam").detach_role_policy(RoleName="new", PolicyArn=f"arn:aws:iam::aws:policy/{CORE}"),
            c("iam").delete_role(RoleName="new"),
        ),
    ),
    "service setting": (
        lambda c, s: c("ssm").update_service_setting(
            SettingId="arn:aws:ssm:us-east-1:111122223333:servicesetting/ssm/managed-instance/activation-tier",
            SettingValue="advanced",
        ),
        lambda c, s: c("ssm").reset_service_setting(SettingId="/ssm/managed-instance/activation-tier"),
    ),
    "preferences": (
        lambda c, s: c("ssm").create_document(
            Name="SSM-SessionManagerRunShell", DocumentType="Session", Content='{"inputs": {}}'
        ),
        lambda c, s: c("ssm").delete_document(Name="SSM-SessionManagerRunShell"),
    ),
    "KMS key": (
        lambda c, s: c("kms").disable_key(KeyId=KEY),
        lambda c, s: c("kms").enable_key(KeyId=KEY),
    ),
    "KMS grant": (
        lambda c, s: s.update(
            new=c("kms").create_grant(
                KeyId=KEY, GranteePrincipal="arn:aws:iam::111122223333:role/ssm", Operations=["Decrypt"]
            )["GrantId"]
        ),
        lambda c, s: c("kms").revoke_grant(KeyId=KEY, GrantId=s["new"]),
    ),
    "log group": (
        lambda c, s: c("logs").create_log_group(logGroupName="/new"),
        lambda c, s: c("logs").delete_log_group(logGroupName="/new"),
    ),
    "encryption of a log group": (
        lambda c, s: c("logs").associate_kms_key(
            logGroupName="/ssm", kmsKeyId="arn:aws:kms:us-east-1:1:key/x"
        ),
        lambda c, s: c("logs").disassociate_kms_key(logGroupName="/ssm"),
    ),
    "hosted zone": (
        lambda c, s: c("route53").associate_vpc_with_hosted_zone(
            HostedZoneId=s["zone"], VPC={"VPCRegion": "us-east-1", "VPCId": s["vpc"]}
        ),
        lambda c, s: c("route53").disassociate_vpc_from_hosted_zone(
            HostedZoneId=s["zone"], VPC={"VPCRegion": "us-east-1", "VPCId": s["vpc"]}
        ),
    ),
}


def _pair(stage: dict[str, Any]) -> dict[str, Any]:
    pairs = [{"GroupId": stage["second"]}]
    return {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": pairs}


def _endpoint(client: Client, stage: dict[str, Any], service: str, **more: Any) -> Any:
    made = client("ec2").create_vpc_endpoint(
        VpcId=stage["vpc"], ServiceName=f"com.amazonaws.us-east-1.{service}", **more
    )
    return made["VpcEndpoint"]["VpcEndpointId"]


@pytest.mark.parametrize("name", ROUND_TRIPS)
def test_a_change_changes_and_its_undoing_leaves_no_trace(
    scene: Scene, client: Client, stage: dict[str, Any], name: str
) -> None:
    do, undo = ROUND_TRIPS[name]
    scene.responses()
    _touch(scene)
    before = everything(scene)
    grants = copy.deepcopy(vars(scene.world).get("grants", {}))
    do(client, stage)
    assert everything(scene) != before or vars(scene.world).get("grants", {}) != grants
    undo(client, stage)
    assert json.loads(everything(scene)) == json.loads(before)
    assert vars(scene.world).get("grants", {}) == grants


def _touch(scene: Scene) -> None:
    """Managed policies that a role was given stay known: AWS never forgets its own."""
    scene.role("touched", [CORE])


def test_a_nat_gateway_leaves_blackholes_behind(scene: Scene, client: Client, stage: dict[str, Any]) -> None:
    ec2 = client("ec2")
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=stage["subnet"], AllocationId=address)["NatGateway"][
        "NatGatewayId"
    ]
    ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[gateway])
    ec2.create_route(RouteTableId=stage["table"], DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway)
    refused("InvalidIPAddress.InUse", ec2.release_address, AllocationId=address)
    ec2.delete_nat_gateway(NatGatewayId=gateway)
    (table,) = ec2.describe_route_tables(RouteTableIds=[stage["table"]])["RouteTables"]
    (route,) = [each for each in table["Routes"] if each.get("NatGatewayId") == gateway]
    assert route["State"] == "blackhole"
    ec2.release_address(AllocationId=address)


def test_a_new_instance_is_complete_and_may_go_again(
    scene: Scene, client: Client, stage: dict[str, Any]
) -> None:
    ec2 = client("ec2")
    (made,) = ec2.run_instances(
        ImageId="resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
        InstanceType="t4g.nano",
        MinCount=1,
        MaxCount=1,
        NetworkInterfaces=[
            {
                "DeviceIndex": 0,
                "SubnetId": stage["subnet"],
                "Groups": [stage["group"]],
                "AssociatePublicIpAddress": True,
            }
        ],
        IamInstanceProfile={"Name": stage["role"]},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "b"}]}],
    )["Instances"]
    instance = scene.estate().scope("111122223333", "us-east-1").instances[made["InstanceId"]]
    assert instance.public_ip_address
    assert instance.iam_instance_profile
    assert [each.group_id for each in instance.security_groups] == [stage["group"]]
    ec2.terminate_instances(InstanceIds=[made["InstanceId"]])
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[made["InstanceId"]])


def _twice(client: Client, stage: dict[str, Any]) -> None:
    for _ in range(2):
        client("ec2").authorize_security_group_ingress(GroupId=stage["group"], IpPermissions=[SSH])


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("InvalidPermission.Duplicate", _twice),
        (
            "InvalidPermission.NotFound",
            lambda c, s: c("ec2").revoke_security_group_ingress(GroupId=s["group"], IpPermissions=[SSH]),
        ),
        (
            "NetworkAclEntryAlreadyExists",
            lambda c, s: c("ec2").create_network_acl_entry(
                NetworkAclId=s["acl"], RuleNumber=100, Egress=False, Protocol="-1", RuleAction="allow",
                CidrBlock="0.0.0.0/0",
            ),
        ),
        (
            "RouteAlreadyExists",
            lambda c, s: c("ec2").create_route(
                RouteTableId=s["table"], DestinationCidrBlock="192.0.2.0/24", TransitGatewayId=s["tgw"]
            ),
        ),
        ("DependencyViolation", lambda c, s: c("ec2").delete_security_group(GroupId=s["group"])),
        ("DeleteConflict", lambda c, s: c("iam").delete_role(RoleName=s["role"])),
        (
            "EntityAlreadyExists",
            lambda c, s: c("iam").create_role(RoleName=s["role"], AssumeRolePolicyDocument=TRUST),
        ),
        (
            "DuplicateSubnetsInSameZone",
            lambda c, s: c("ec2").modify_vpc_endpoint(
                VpcEndpointId=s["endpoint"], AddSubnetIds=[s["subnet"]]
            ),
        ),
        (
            "InvalidInstanceID.NotFound",
            lambda c, s: c("ec2").start_instances(InstanceIds=["i-0123456789abcdef0"]),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_aws_refuses_is_refused(client: Client, stage: dict[str, Any], code: str, call: Step) -> None:
    refused(code, lambda: call(client, stage))


def test_a_vpc_has_one_instance_connect_endpoint(client: Client, stage: dict[str, Any]) -> None:
    make = client("ec2").create_instance_connect_endpoint
    make(SubnetId=stage["subnet"])
    refused("InstanceConnectEndpointLimitExceeded", make, SubnetId=stage["other"])


def test_private_dns_needs_both_attributes(client: Client, stage: dict[str, Any]) -> None:
    client("ec2").modify_vpc_attribute(VpcId=stage["vpc"], EnableDnsSupport={"Value": False})
    refused(
        "InvalidParameter",
        client("ec2").modify_vpc_endpoint,
        VpcEndpointId=stage["endpoint"],
        PrivateDnsEnabled=True,
    )
