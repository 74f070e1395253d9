"""Stories of the role behind the agent: profile, trust, policies, default host management, metadata."""

from __future__ import annotations

from tests.methods.stages import Stage, isolated, managed_by_default
from tests.methods.stories import SESSION, UNKNOWN, story
from tests.scenes.builder import allow, deny

REGISTER = "ssm:UpdateInstanceInformation"
CHANNEL = "ssmmessages:*"


def policy(stage: Stage, document: dict[str, object]) -> None:
    """The role holds this inline policy and nothing else."""
    stage.home("iam:ListAttachedRolePolicies")[0]["AttachedPolicies"] = []
    stage.home("iam:ListRolePolicies")[0]["PolicyNames"] = ["own"]
    stage.home("iam:GetRolePolicy").append(
        {"RoleName": stage.role.name, "PolicyName": "own", "PolicyDocument": document}
    )


@story(
    "no-instance-profile-no-dhmc",
    SESSION,
    managed_by_default,
    hide="ssm:GetServiceSetting",
    silent=True,
)
def _(stage: Stage) -> None:
    stage.scene.default_host_management(None)


@story(
    "dhmc-disabled",
    SESSION,
    isolated,
    hide="iam:ListAttachedRolePolicies",
    silent=True,
    beside=True,
    also=("instance-role-missing-ssm-core",),
)
def _(stage: Stage) -> None:
    """Worth a note only: the role lacks its policy, and nothing stands in for it."""
    policy(stage, allow("s3:GetObject"))


@story(
    "dhmc-role-missing-policy",
    SESSION,
    managed_by_default,
    hide="iam:ListAttachedRolePolicies",
    silent=True,
)
def _(stage: Stage) -> None:
    for record in stage.home("iam:ListAttachedRolePolicies"):
        if record["RoleName"] == "HostManagement":
            record["AttachedPolicies"] = []


@story("dhmc-role-trust-wrong", SESSION, managed_by_default, hide="iam:GetRole", silent=True)
def _(stage: Stage) -> None:
    for record in stage.home("iam:GetRole"):
        if record["Role"]["RoleName"] == "HostManagement":
            record["Role"]["AssumeRolePolicyDocument"] = trust("ec2.amazonaws.com")


def trust(service: str) -> dict[str, object]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


@story("dhmc-agent-too-old", SESSION, managed_by_default, hide="ssm:GetServiceSetting", lost=True)
def _(stage: Stage) -> None:
    stage.node["AgentVersion"] = "3.1.1927.0"
    stage.endpoints["ec2messages"] = stage.vpc.endpoint(
        "ec2messages", subnets=[stage.far], groups=[stage.door]
    )


@story(
    "dhmc-agent-too-old",
    SESSION,
    managed_by_default,
    hide="ssm:GetServiceSetting",
    silent=True,
    becomes=UNKNOWN,
    label="by its image",
)
def _(stage: Stage) -> None:
    stage.scene.place.records["ec2:DescribeImages"][0]["CreationDate"] = "2022-06-01T00:00:00.000Z"


@story("dhmc-imdsv1-only-or-imds-off", SESSION, managed_by_default, hide="ssm:GetServiceSetting", silent=True)
def _(stage: Stage) -> None:
    stage.instance.record["MetadataOptions"]["HttpEndpoint"] = "disabled"


@story("dhmc-shadowed-by-profile", SESSION, isolated, hide="iam:ListAttachedRolePolicies")
def _(stage: Stage) -> None:
    stage.scene.default_host_management("service-role/HostManagement")
    policy(stage, allow(REGISTER))


@story("imds-disabled", SESSION, isolated, hide="ec2:DescribeInstances", silent=True)
def _(stage: Stage) -> None:
    stage.instance.record["MetadataOptions"]["HttpEndpoint"] = "disabled"


@story("instance-profile-without-role", SESSION, isolated, hide="iam:GetInstanceProfile", silent=True)
def _(stage: Stage) -> None:
    stage.home("iam:GetInstanceProfile")[0]["InstanceProfile"]["Roles"] = []


@story("instance-role-recreated", SESSION, isolated, hide="iam:GetInstanceProfile", silent=True)
def _(stage: Stage) -> None:
    stage.home("iam:GetInstanceProfile")[0]["InstanceProfile"]["InstanceProfileId"] = "AIPA000000000NEWONE"


@story("instance-role-trust-wrong", SESSION, isolated, hide="iam:GetRole", silent=True)
def _(stage: Stage) -> None:
    stage.home("iam:GetRole")[0]["Role"]["AssumeRolePolicyDocument"] = trust("lambda.amazonaws.com")


@story("instance-role-missing-ssm-core", SESSION, isolated, hide="iam:ListAttachedRolePolicies", silent=True)
def _(stage: Stage) -> None:
    policy(stage, allow("s3:GetObject"))


@story("instance-role-missing-ssmmessages", SESSION, isolated, hide="iam:ListAttachedRolePolicies")
def _(stage: Stage) -> None:
    policy(stage, allow(REGISTER, "ec2messages:*"))


@story("instance-role-denied-by-boundary-or-scp", SESSION, isolated, hide="iam:GetRole", silent=True)
def _(stage: Stage) -> None:
    stage.home("iam:ListRolePolicies")[0]["PolicyNames"] = ["own"]
    stage.home("iam:GetRolePolicy").append(
        {"RoleName": stage.role.name, "PolicyName": "own", "PolicyDocument": deny(REGISTER, CHANNEL)}
    )
