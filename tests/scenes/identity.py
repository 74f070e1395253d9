"""IAM roles, their policies and instance profiles, as the calls per role answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.scenes.handle import tags as _tags
from tests.scenes.place import EARLIER, Place, Record

MANAGED_PREFIX = "arn:aws:iam::aws:policy/"


def allow(*actions: str, resource: str | list[str] = "*", **condition: Any) -> Record:
    """A policy document that allows these actions; `condition` is `Operator={key: value}`."""
    return _document("Allow", actions, resource, condition)


def deny(*actions: str, resource: str | list[str] = "*", **condition: Any) -> Record:
    """A policy document with one statement that denies these actions."""
    return _document("Deny", actions, resource, condition)


def _document(effect: str, actions: tuple[str, ...], resource: Any, condition: Record) -> Record:
    statement: Record = {"Effect": effect, "Action": list(actions), "Resource": resource}
    if condition:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}


_MESSAGES = ["AcknowledgeMessage", "DeleteMessage", "FailMessage", "GetEndpoint", "GetMessages", "SendReply"]
_CHANNELS = ["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"]
_SSM = [
    "DescribeAssociation",
    "GetDeployablePatchSnapshotForInstance",
    "GetDocument",
    "DescribeDocument",
    "GetManifest",
    "ListAssociations",
    "ListInstanceAssociations",
    "PutInventory",
    "PutComplianceItems",
    "PutConfigurePackageResult",
    "UpdateAssociationStatus",
    "UpdateInstanceAssociationStatus",
    "UpdateInstanceInformation",
]


def _agent(*more: str) -> Record:
    groups = (
        [f"ssm:{name}" for name in [*_SSM, *more]],
        [f"ssmmessages:{name}" for name in _CHANNELS],
        [f"ec2messages:{name}" for name in _MESSAGES],
    )
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"} for actions in groups],
    }


MANAGED: dict[str, Record] = {
    "AmazonSSMManagedInstanceCore": _agent("GetParameter", "GetParameters"),
    "AmazonSSMManagedEC2InstanceDefaultPolicy": _agent(),
    "AmazonEC2RoleforSSM": _agent("GetParameters"),
    "CloudWatchAgentServerPolicy": allow(
        "cloudwatch:PutMetricData",
        "ec2:DescribeVolumes",
        "ec2:DescribeTags",
        "logs:PutLogEvents",
        "logs:DescribeLogStreams",
        "logs:DescribeLogGroups",
        "logs:CreateLogStream",
        "logs:CreateLogGroup",
    ),
    "AdministratorAccess": allow("*"),
    "AmazonS3ReadOnlyAccess": allow("s3:Get*", "s3:List*", "s3:Describe*"),
    "ReadOnlyAccess": allow(
        "ec2:Describe*", "ssm:Describe*", "ssm:Get*", "ssm:List*", "iam:Get*", "iam:List*"
    ),
}
"""Documents of AWS managed policies by name (those of the agent as AWS publishes them)."""


class Role:
    """A role; as an instance's `profile` it stands for the instance profile of the same name."""

    def __init__(self, place: Place, name: str, record: Record) -> None:
        self.place = place
        self.name = name
        self.record = record
        self.arn = record["Arn"]


def role(
    place: Place,
    name: str,
    policies: Iterable[str] = (),
    *,
    inline: dict[str, Record] | None = None,
    customer: dict[str, Record] | None = None,
    trust: str | Record = "ec2.amazonaws.com",
    boundary: str | Record | None = None,
    path: str = "/",
    tags: dict[str, str] | None = None,
    profile: bool = True,
) -> Role:
    """A role with managed policies (names or ARNs), inline and customer managed ones (name → document).

    `trust` is the trusted service or a whole document; `boundary` a managed policy or a document;
    `profile=False` leaves the instance profile out.
    """
    home = _home(place)
    record: Record = {
        "Path": path,
        "RoleName": name,
        "RoleId": f"AROA{home.new_id('role')[-16:].upper()}",
        "Arn": f"arn:aws:iam::{place.account}:role{path}{name}",
        "CreateDate": EARLIER,
        "AssumeRolePolicyDocument": _trust(trust),
        "MaxSessionDuration": 3600,
    }
    if boundary is not None:
        arn = (
            _managed(place, boundary)
            if isinstance(boundary, str)
            else _customer(place, f"{name}-boundary", boundary)
        )
        record["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
    home.add("iam:GetRole", {"Role": record | ({"Tags": _tags(None, tags)} if tags else {})})
    home.add("iam:ListRoleTags", {"RoleName": name, "Tags": _tags(None, tags), "IsTruncated": False})
    attached = [_managed(place, policy) for policy in policies]
    attached += [_customer(place, label, document) for label, document in (customer or {}).items()]
    listed = [{"PolicyName": arn.rsplit("/", 1)[-1], "PolicyArn": arn} for arn in attached]
    home.add(
        "iam:ListAttachedRolePolicies", {"RoleName": name, "AttachedPolicies": listed, "IsTruncated": False}
    )
    names = list(inline or {})
    home.add("iam:ListRolePolicies", {"RoleName": name, "PolicyNames": names, "IsTruncated": False})
    for label, document in (inline or {}).items():
        home.add("iam:GetRolePolicy", {"RoleName": name, "PolicyName": label, "PolicyDocument": document})
    if profile:
        instance_profile(place, name, [record], path=path)
    return Role(place, name, record)


def instance_profile(place: Place, name: str, roles: Iterable[Record] = (), path: str = "/") -> Record:
    """An instance profile with these roles' records (none for an empty one)."""
    record = {
        "Path": path,
        "InstanceProfileName": name,
        "InstanceProfileId": f"AIPA{place.new_id('profile')[-16:].upper()}",
        "Arn": f"arn:aws:iam::{place.account}:instance-profile{path}{name}",
        "CreateDate": EARLIER,
        "Roles": list(roles),
    }
    return _home(place).add("iam:GetInstanceProfile", {"InstanceProfile": record})


def _home(place: Place) -> Place:
    return place.world.place(place.account, "global")


def _trust(trust: str | Record) -> Record:
    if not isinstance(trust, str):
        return trust
    statement = {"Effect": "Allow", "Principal": {"Service": trust}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _managed(place: Place, policy: str) -> str:
    arn = policy if policy.startswith("arn:") else MANAGED_PREFIX + policy
    name = arn.rsplit("/", 1)[-1]
    if arn.startswith(MANAGED_PREFIX) and name in MANAGED:
        _policy(place, arn, MANAGED[name])
    return arn


def _customer(place: Place, name: str, document: Record) -> str:
    arn = f"arn:aws:iam::{place.account}:policy/{name}"
    _policy(place, arn, document)
    return arn


def _policy(place: Place, arn: str, document: Record) -> None:
    home = _home(place)
    if any(each["Policy"]["Arn"] == arn for each in home.records["iam:GetPolicy"]):
        return
    policy = {
        "PolicyName": arn.rsplit("/", 1)[-1],
        "PolicyId": f"ANPA{home.new_id('policy')[-16:].upper()}",
        "Arn": arn,
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 1,
        "IsAttachable": True,
        "CreateDate": EARLIER,
        "UpdateDate": EARLIER,
    }
    home.add("iam:GetPolicy", {"Policy": policy})
    version = {"Document": document, "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": EARLIER}
    home.add("iam:GetPolicyVersion", {"PolicyArn": arn, "PolicyVersion": version})


def details(home: Place) -> Record:
    """The scene's roles and managed policies as one page of `GetAccountAuthorizationDetails`."""
    profiles = [each["InstanceProfile"] for each in home.records["iam:GetInstanceProfile"]]
    attached = {
        each["RoleName"]: each["AttachedPolicies"] for each in home.records["iam:ListAttachedRolePolicies"]
    }
    roles = []
    for answer in home.records["iam:GetRole"]:
        role = {key: value for key, value in answer["Role"].items() if key != "MaxSessionDuration"}
        name = role["RoleName"]
        inline = [each for each in home.records["iam:GetRolePolicy"] if each["RoleName"] == name]
        roles.append(
            {"Tags": []}
            | role
            | {
                "InstanceProfileList": [each for each in profiles if role["Arn"] in map(_arn, each["Roles"])],
                "RolePolicyList": [_without(each, "RoleName") for each in inline],
                "AttachedManagedPolicies": attached[name],
            }
        )
    versions = {each["PolicyArn"]: each["PolicyVersion"] for each in home.records["iam:GetPolicyVersion"]}
    policies = [
        each["Policy"] | {"PolicyVersionList": [versions[each["Policy"]["Arn"]]]}
        for each in home.records["iam:GetPolicy"]
    ]
    return {
        "UserDetailList": [],
        "GroupDetailList": [],
        "RoleDetailList": roles,
        "Policies": policies,
        "IsTruncated": False,
    }


def _arn(record: Record) -> str:
    return str(record["Arn"])


def _without(record: Record, key: str) -> Record:
    return {name: value for name, value in record.items() if name != key}
