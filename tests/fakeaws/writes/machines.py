"""Instances: their state, profile, metadata service; and new ones."""

from __future__ import annotations

from typing import Any

from tests.fakeaws.wire import AwsError
from tests.fakeaws.writes.act import NOW, Act, Record

_CODES = {"pending": 0, "running": 16, "terminated": 48, "stopped": 80}
_ASSOCIATIONS = "ec2:DescribeIamInstanceProfileAssociations"


def _set_state(act: Act, state: str, key: str, refused: tuple[str, ...]) -> Record:
    changes = []
    for id in act.given["InstanceIds"]:
        instance = act.instance(id)
        before = dict(instance["State"])
        if before["Name"] in refused:
            raise AwsError("IncorrectInstanceState", f"The instance '{id}' is not in a state for this.")
        instance["State"] = {"Code": _CODES[state], "Name": state}
        _show_status(act, instance)
        if state == "terminated":
            _terminated(act, instance)
        changes.append({"InstanceId": id, "CurrentState": instance["State"], "PreviousState": before})
    return {key: changes}


def _show_status(act: Act, instance: Record) -> None:
    statuses = act.all("ec2:DescribeInstanceStatus")
    id = instance["InstanceId"]
    statuses[:] = [each for each in statuses if each["InstanceId"] != id]
    if instance["State"]["Name"] == "running":
        passed: Record = {"Status": "ok", "Details": [{"Name": "reachability", "Status": "passed"}]}
        statuses.append(
            {
                "InstanceId": id,
                "AvailabilityZone": instance["Placement"]["AvailabilityZone"],
                "InstanceState": instance["State"],
                **{name: passed for name in ("InstanceStatus", "SystemStatus", "AttachedEbsStatus")},
            }
        )


def _terminated(act: Act, instance: Record) -> None:
    for interface in instance.get("NetworkInterfaces", []):
        for address in act.all("ec2:DescribeAddresses"):
            if address.get("NetworkInterfaceId") == interface["NetworkInterfaceId"]:
                for name in ("AssociationId", "InstanceId", "NetworkInterfaceId", "PrivateIpAddress"):
                    address.pop(name, None)
        act.drop_interface(interface["NetworkInterfaceId"])
    associations = act.all(_ASSOCIATIONS)
    associations[:] = [each for each in associations if each["InstanceId"] != instance["InstanceId"]]
    for name in (
        "NetworkInterfaces",
        "SubnetId",
        "VpcId",
        "PrivateIpAddress",
        "PublicIpAddress",
        "SecurityGroups",
    ):
        instance.pop(name, None)


def _run(act: Act) -> Record:
    given = act.given
    shown = (given.get("NetworkInterfaces") or [{}])[0]
    subnet = act.get("ec2:DescribeSubnets", given.get("SubnetId") or shown["SubnetId"])
    groups = given.get("SecurityGroupIds") or shown.get("Groups") or [act.default_group(subnet["VpcId"])]
    interface = act.new_interface(subnet, act.group_names(groups), "interface", "")
    id = act.new_id("i")
    attachment = {"AttachmentId": act.new_id("eni-attach"), "DeviceIndex": 0, "Status": "attached"}
    public = shown.get("AssociatePublicIpAddress", subnet.get("MapPublicIpOnLaunch", False))
    if public:
        association = {"PublicIp": f"203.0.113.{200 + act.world.counts['i'] % 50}", "IpOwnerId": "amazon"}
        interface["Association"] = association
        interface["PrivateIpAddresses"][0]["Association"] = association
    inside = {**interface, "Attachment": attachment}
    interface["Attachment"] = {**attachment, "InstanceId": id, "InstanceOwnerId": act.call.account}
    record: Record = {
        "InstanceId": id,
        "ImageId": _image(act, given["ImageId"]),
        "InstanceType": given.get("InstanceType", "t3.micro"),
        "Hypervisor": "xen",
        "State": {"Code": 16, "Name": "running"},
        "LaunchTime": NOW,
        "Placement": {"AvailabilityZone": subnet["AvailabilityZone"], "Tenancy": "default"},
        "PlatformDetails": "Linux/UNIX",
        "VpcId": subnet["VpcId"],
        "SubnetId": subnet["SubnetId"],
        "PrivateIpAddress": interface["PrivateIpAddress"],
        "NetworkInterfaces": [inside],
        "SecurityGroups": interface["Groups"],
        "SourceDestCheck": True,
        "MetadataOptions": {
            "State": "applied",
            "HttpEndpoint": "enabled",
            "HttpTokens": "optional",
            "HttpPutResponseHopLimit": 1,
            **given.get("MetadataOptions", {}),
        },
        "Tags": act.tags("instance"),
    }
    if public:
        record["PublicIpAddress"] = interface["Association"]["PublicIp"]
    if "KeyName" in given:
        record["KeyName"] = given["KeyName"]
    reservation = {
        "ReservationId": act.new_id("r"),
        "OwnerId": act.call.account,
        "Groups": [],
        "Instances": [record],
    }
    act.all("ec2:DescribeInstances").append(reservation)
    if "IamInstanceProfile" in given:
        _bind_profile(act, record, given["IamInstanceProfile"])
    _show_status(act, record)
    types = act.all("ec2:DescribeInstanceTypes")
    if all(each["InstanceType"] != record["InstanceType"] for each in types):
        types.append({"InstanceType": record["InstanceType"], "Hypervisor": "nitro", "BareMetal": False})
    return reservation


def _image(act: Act, image: str) -> str:
    """The AMI; `resolve:ssm:…` is one of AWS's public parameters."""
    if not image.startswith("resolve:ssm:"):
        return image
    id = "ami-0fa4e5d1c2b3a4958"
    images = act.all("ec2:DescribeImages")
    if all(each["ImageId"] != id for each in images):
        images.append(
            {
                "ImageId": id,
                "Name": "al2023-ami-2023.9.20261101.0-kernel-6.12-arm64",
                "OwnerId": "137112412989",
                "ImageOwnerAlias": "amazon",
                "PlatformDetails": "Linux/UNIX",
                "CreationDate": "2026-11-01T00:00:00.000Z",
                "Public": True,
                "State": "available",
            }
        )
    return id


def _modify_metadata(act: Act) -> Record:
    instance = act.instance(act.given["InstanceId"])
    options = {
        name: value for name, value in act.given.items() if name.startswith(("Http", "InstanceMetadata"))
    }
    instance["MetadataOptions"] |= options
    return {"InstanceId": act.given["InstanceId"], "InstanceMetadataOptions": instance["MetadataOptions"]}


# --- instance profiles of instances ----------------------------------------------------------------------


def _profile(act: Act, given: Record) -> Record:
    wanted = given.get("Name") or given["Arn"].rpartition("/")[2]
    for answer in act.all("iam:GetInstanceProfile"):
        profile = answer["InstanceProfile"]
        if profile["InstanceProfileName"] == wanted:
            return {"Arn": profile["Arn"], "Id": profile["InstanceProfileId"]}
    raise AwsError(
        "InvalidParameterValue", f"Value ({wanted}) for parameter iamInstanceProfile.name is invalid."
    )


def _bind_profile(act: Act, instance: Record, given: Record) -> Record:
    profile = _profile(act, given)
    instance["IamInstanceProfile"] = profile
    association = {
        "AssociationId": act.new_id("iip-assoc"),
        "InstanceId": instance["InstanceId"],
        "IamInstanceProfile": profile,
        "State": "associated",
    }
    act.all(_ASSOCIATIONS).append(association)
    return association


def _associate_profile(act: Act) -> Record:
    instance = act.instance(act.given["InstanceId"])
    if any(each["InstanceId"] == instance["InstanceId"] for each in act.all(_ASSOCIATIONS)):
        raise AwsError(
            "IncorrectState", f"There is an existing association for instance {instance['InstanceId']}"
        )
    return {"IamInstanceProfileAssociation": _bind_profile(act, instance, act.given["IamInstanceProfile"])}


def _disassociate_profile(act: Act) -> Record:
    association = act.get(_ASSOCIATIONS, act.given["AssociationId"])
    act.drop(_ASSOCIATIONS, association)
    act.instance(association["InstanceId"]).pop("IamInstanceProfile", None)
    return {"IamInstanceProfileAssociation": {**association, "State": "disassociating"}}


def _replace_profile(act: Act) -> Record:
    association = act.get(_ASSOCIATIONS, act.given["AssociationId"])
    act.drop(_ASSOCIATIONS, association)
    instance = act.instance(association["InstanceId"])
    return {"IamInstanceProfileAssociation": _bind_profile(act, instance, act.given["IamInstanceProfile"])}


def _reboot(act: Act) -> Any:
    for id in act.given["InstanceIds"]:
        act.instance(id)


DOINGS = {
    "ec2:StartInstances": lambda act: _set_state(act, "running", "StartingInstances", ("terminated",)),
    "ec2:StopInstances": lambda act: _set_state(act, "stopped", "StoppingInstances", ("terminated",)),
    "ec2:TerminateInstances": lambda act: _set_state(act, "terminated", "TerminatingInstances", ()),
    "ec2:RebootInstances": _reboot,
    "ec2:RunInstances": _run,
    "ec2:ModifyInstanceMetadataOptions": _modify_metadata,
    "ec2:AssociateIamInstanceProfile": _associate_profile,
    "ec2:DisassociateIamInstanceProfile": _disassociate_profile,
    "ec2:ReplaceIamInstanceProfileAssociation": _replace_profile,
}
