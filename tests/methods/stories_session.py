"""Stories of session preferences, of the person who asks, and of nodes outside EC2."""

from __future__ import annotations

import msgspec

from advisor.methods.answer import Finding
from advisor.methods.options import Options, Use
from tests.methods.stages import (
    HYBRID,
    KEY,
    OPERATOR,
    PEOPLE,
    TIER,
    Stage,
    asked_by,
    at_console,
    encrypting,
    isolated,
    keeping_in_bucket,
    logging,
    on_premises,
    public,
    tunnelled,
)
from tests.methods.stories import BLOCKED, DIRECT, PUSH, READY, SERIAL, SESSION, TUNNEL, UNKNOWN, story
from tests.scenes.builder import allow, tcp

DOCUMENT = "ssm:GetDocument#SSM-SessionManagerRunShell"


# --- preferences ------------------------------------------------------------------------------------------


def remove_endpoint(stage: Stage, service: str) -> None:
    endpoints = stage.scene.place.records["ec2:DescribeVpcEndpoints"]
    endpoints.remove(stage.endpoints[service].record)


@story("session-kms-endpoint-missing", SESSION, encrypting, hide=DOCUMENT)
def _(stage: Stage) -> None:
    remove_endpoint(stage, "kms")


@story("session-kms-node-permission", SESSION, encrypting, hide=f"kms:GetKeyPolicy#{KEY}")
def _(stage: Stage) -> None:
    stage.home("iam:ListRolePolicies")[0]["PolicyNames"] = []
    stage.home("iam:GetRolePolicy").clear()


@story("session-kms-key-disabled", SESSION, encrypting, hide=f"kms:DescribeKey#{KEY}")
def _(stage: Stage) -> None:
    stage.scene.place.records["kms:DescribeKey"][0]["KeyMetadata"]["KeyState"] = "PendingDeletion"


@story("session-logs-endpoint-missing", SESSION, logging, hide=DOCUMENT)
def _(stage: Stage) -> None:
    remove_endpoint(stage, "logs")


@story("session-log-target-missing", SESSION, logging, hide="logs:DescribeLogGroups")
def _(stage: Stage) -> None:
    stage.scene.place.records["logs:DescribeLogGroups"].clear()


@story(
    "session-log-target-missing",
    SESSION,
    keeping_in_bucket,
    hide="s3:HeadBucket#session-logs",
    label="bucket",
)
def _(stage: Stage) -> None:
    stage.home("s3:HeadBucket").clear()
    stage.scene.fail("s3:HeadBucket", "404", "session-logs")


@story("session-log-encryption-mismatch", SESSION, logging, hide="logs:DescribeLogGroups")
def _(stage: Stage) -> None:
    del stage.scene.place.records["logs:DescribeLogGroups"][0]["kmsKeyId"]


@story(
    "session-log-encryption-mismatch",
    SESSION,
    keeping_in_bucket,
    hide="s3:GetBucketEncryption#session-logs",
    label="bucket",
)
def _(stage: Stage) -> None:
    stage.home("s3:GetBucketEncryption").clear()
    code = "ServerSideEncryptionConfigurationNotFoundError"
    stage.scene.fail("s3:GetBucketEncryption", code, "session-logs")


@story("session-log-role-permission", SESSION, logging, hide="iam:GetRolePolicy#node/logs")
def _(stage: Stage) -> None:
    stage.home("iam:ListRolePolicies")[0]["PolicyNames"] = []
    stage.home("iam:GetRolePolicy").clear()


@story("s3-unreachable", SESSION, keeping_in_bucket, hide=DOCUMENT)
def _(stage: Stage) -> None:
    remove_endpoint(stage, "s3")


@story("session-runas-user-missing", SESSION, isolated, hide=DOCUMENT, becomes=UNKNOWN)
def _(stage: Stage) -> None:
    stage.scene.preferences({"runAsEnabled": True, "runAsDefaultUser": "operator"})


@story("session-shell-profile-bad", SESSION, isolated, hide=DOCUMENT, becomes=UNKNOWN)
def _(stage: Stage) -> None:
    stage.scene.preferences({"shellProfile": {"linux": "cd /tmp; exit 0"}})


@story("session-timeout-short", SESSION, encrypting, hide=DOCUMENT, becomes=READY)
def _(stage: Stage) -> None:
    stage.scene.place.records["ssm:GetDocument"].clear()
    stage.scene.preferences({"kmsKeyId": KEY, "idleSessionTimeout": "1"})


@story("session-doc-missing", SESSION, encrypting, hide=DOCUMENT, becomes=READY)
def _(stage: Stage) -> None:
    stage.scene.place.records["ssm:GetDocument"].clear()
    stage.scene.fail("ssm:GetDocument", "InvalidDocument", "SSM-SessionManagerRunShell")


@story("ssh-not-logged", SESSION, encrypting, hide=(), becomes=READY, options=Options(use=Use.SSH))
def _(stage: Stage) -> None:
    """Asking for SSH is enough."""


# --- the person -------------------------------------------------------------------------------------------

START = "ssm:StartSession"
OWN = ("ssm:TerminateSession", "ssm:ResumeSession", "ssmmessages:OpenDataChannel")
MINE = "iam:GetRolePolicy#Ops/own"


def caller_may(*actions: str, stage: Stage | None = None, **options: object) -> Stage:
    return asked_by(allow(*actions), stage or isolated(), **options)


def session_caller() -> Stage:
    return caller_may(START, *OWN)


def caller_policy(stage: Stage, document: dict[str, object]) -> None:
    """The caller's role holds this policy in place of the former."""
    for record in stage.home("iam:GetRolePolicy"):
        if record["RoleName"] == "Ops":
            record["PolicyDocument"] = document


@story("caller-no-startsession", SESSION, session_caller, hide=MINE)
def _(stage: Stage) -> None:
    caller_policy(stage, allow("ssm:DescribeSessions", *OWN))


def forwarding_caller() -> Stage:
    return caller_may(START, *OWN, use=Use.PORT_FORWARD)


@story("caller-no-document", SESSION, forwarding_caller, hide=MINE)
def _(stage: Stage) -> None:
    instances = "arn:aws:ec2:*:*:instance/*"
    caller_policy(stage, allow(START, resource=instances))


@story("caller-session-doc-check", SESSION, session_caller, hide=MINE, becomes=READY)
def _(stage: Stage) -> None:
    caller_policy(stage, allow(START, *OWN, Bool={"ssm:SessionDocumentAccessCheck": "true"}))


@story("caller-no-opendatachannel", SESSION, session_caller, hide=MINE, becomes=READY)
def _(stage: Stage) -> None:
    caller_policy(stage, allow(START, "ssm:TerminateSession", "ssm:ResumeSession"))


@story("caller-no-own-session", SESSION, session_caller, hide=MINE, becomes=READY)
def _(stage: Stage) -> None:
    caller_policy(stage, allow(START, "ssmmessages:OpenDataChannel"))


@story("caller-tag-condition", SESSION, session_caller, hide=MINE)
def _(stage: Stage) -> None:
    caller_policy(stage, allow(START, *OWN, StringEquals={"ssm:resourceTag/SSMAccess": "true"}))


@story("caller-ip-or-mfa-condition", SESSION, session_caller, hide=MINE, becomes=UNKNOWN)
def _(stage: Stage) -> None:
    caller_policy(stage, allow(START, *OWN, Bool={"aws:MultiFactorAuthPresent": "true"}))


@story("caller-jit-replaces-standard", SESSION, session_caller, hide=MINE, becomes=UNKNOWN)
def _(stage: Stage) -> None:
    caller_policy(stage, allow("ssm:StartAccessRequest", *OWN))


@story("wrong-region-or-account", SESSION, session_caller, hide=())
def _(stage: Stage) -> None:
    stage.options = msgspec.structs.replace(
        stage.options, caller="arn:aws:sts::444455556666:assumed-role/Ops/alice"
    )


@story("caller-credentials-invalid", SESSION, session_caller, hide=())
def _(stage: Stage) -> None:
    stage.scene.deny("sts:GetCallerIdentity", "ExpiredToken")


@story("caller-permissions-unknown", SESSION, session_caller, hide=(), becomes=READY)
def _(stage: Stage) -> None:
    for operation in ("iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"):
        stage.scene.deny(operation, resource="Ops")
    stage.home("iam:GetRolePolicy").clear()


def encrypting_caller() -> Stage:
    stage = encrypting()
    return asked_by(allow(START, *OWN, "kms:GenerateDataKey"), stage)


@story("session-kms-caller-permission", SESSION, encrypting_caller, hide=MINE)
def _(stage: Stage) -> None:
    caller_policy(stage, allow(START, *OWN))


TUNNELS = (
    "ec2-instance-connect:OpenTunnel",
    "ec2-instance-connect:SendSSHPublicKey",
    "ec2:DescribeInstances",
    "ec2:DescribeInstanceConnectEndpoints",
)


def tunnel_caller() -> Stage:
    return caller_may(*TUNNELS, stage=tunnelled())


@story("eice-no-opentunnel", TUNNEL, tunnel_caller, hide=MINE)
def _(stage: Stage) -> None:
    caller_policy(stage, allow(*TUNNELS[1:]))


@story("eice-no-describe", TUNNEL, tunnel_caller, hide=MINE)
def _(stage: Stage) -> None:
    caller_policy(stage, allow(*TUNNELS[:2]))


@story("eice-no-sendsshpublickey", TUNNEL, tunnel_caller, hide=MINE, becomes=READY)
def _(stage: Stage) -> None:
    """One's own key does as well: worth a note."""
    caller_policy(stage, allow(TUNNELS[0], *TUNNELS[2:]))


def pushing_caller() -> Stage:
    return caller_may("ec2-instance-connect:SendSSHPublicKey", stage=public())


@story("eice-no-sendsshpublickey", PUSH, pushing_caller, hide=MINE, label="over a public address")
def _(stage: Stage) -> None:
    caller_policy(stage, allow("ec2:DescribeInstances"))


@story("eice-max-duration", TUNNEL, tunnel_caller, hide=(), becomes=READY)
def _(stage: Stage) -> None:
    condition = {"ec2-instance-connect:maxTunnelDuration": "1800"}
    document = allow(*TUNNELS[:1], NumericLessThanEquals=condition)
    document["Statement"] += allow(*TUNNELS[1:])["Statement"]
    caller_policy(stage, document)


def serial_caller() -> Stage:
    return caller_may("ec2-instance-connect:SendSerialConsoleSSHPublicKey", stage=at_console())


@story("serial-iam", SERIAL, serial_caller, hide=MINE)
def _(stage: Stage) -> None:
    caller_policy(stage, allow("ec2:DescribeInstances"))


# --- the person's machine ---------------------------------------------------------------------------------


def found_here(cause: str, use: Use | None = None) -> Options:
    local = (Finding(cause, "this machine", "seen by advisor doctor"),)
    return Options(use=use, local=local, operator=OPERATOR)


def nothing(stage: Stage) -> None:
    """The finding comes with the question."""


for local, method, ready, becomes, use in (
    ("plugin-missing", SESSION, isolated, BLOCKED, None),
    ("local-cli-missing", SESSION, isolated, BLOCKED, None),
    ("local-clock-skew", SESSION, isolated, BLOCKED, None),
    ("local-port-in-use", SESSION, isolated, BLOCKED, Use.PORT_FORWARD),
    ("eice-cli-old", TUNNEL, tunnelled, BLOCKED, None),
    ("local-ssh-missing", DIRECT, public, BLOCKED, None),
    ("key-file-problem", DIRECT, public, BLOCKED, None),
    ("local-cli-old", SESSION, isolated, READY, None),
    ("local-credentials-expiring", SESSION, isolated, READY, None),
    ("local-proxy", SESSION, isolated, READY, None),
    ("local-ssh-agent-empty", DIRECT, public, READY, None),
    ("local-region-missing", SESSION, isolated, READY, None),
    ("proxycommand-missing", SESSION, isolated, READY, Use.SSH),
):
    story(local, method, ready, hide=(), options=found_here(local, use), becomes=becomes)(nothing)


# --- nodes outside EC2 ------------------------------------------------------------------------------------


@story("hybrid-tier-standard", SESSION, on_premises, hide="ssm:GetServiceSetting")
def _(stage: Stage) -> None:
    stage.scene.setting(TIER, "standard", "Default")


@story(
    "hybrid-role-bad",
    SESSION,
    on_premises,
    hide="iam:ListAttachedRolePolicies",
    lost=True,
    also=("hybrid-not-reaching-endpoints",),
)
def _(stage: Stage) -> None:
    stage.home("iam:ListAttachedRolePolicies")[0]["AttachedPolicies"] = []


@story("hybrid-not-reaching-endpoints", SESSION, on_premises, hide=(), lost=True, becomes=UNKNOWN)
def _(stage: Stage) -> None:
    """Nothing in the account explains the silence of a node on premises."""


@story("edge-greengrass-role", SESSION, on_premises, hide=(), lost=True, becomes=UNKNOWN)
def _(stage: Stage) -> None:
    stage.node["SourceType"] = "AWS::IoT::Thing"


@story("hybrid-activation-expired", SESSION, on_premises, hide="ssm:DescribeActivations", becomes=READY)
def _(stage: Stage) -> None:
    stage.scene.place.records["ssm:DescribeActivations"][0] |= {"Expired": True}


@story("hybrid-limit-reached", SESSION, on_premises, hide="ssm:DescribeActivations", becomes=READY)
def _(stage: Stage) -> None:
    stage.scene.place.records["ssm:DescribeActivations"][0] |= {"RegistrationsCount": 10}


def hybrid_caller() -> Stage:
    return caller_may(START, *OWN, stage=on_premises())


@story("hybrid-session-arn", SESSION, hybrid_caller, hide=MINE)
def _(stage: Stage) -> None:
    caller_policy(stage, allow(START, *OWN, resource="arn:aws:ec2:*:*:instance/*"))


# --- through the node to another host ---------------------------------------------------------------------


def to_database() -> Stage:
    """A database in the VPC that the node reaches; port forwarding to it is what is asked for."""
    stage = isolated()
    group = stage.vpc.group("db", ingress=[tcp(3306, stage.web)])
    stage.bastion_group = group
    stage.far.interface([group], description="RDSNetworkInterface", requester="amazon-rds")
    stage.scene.add(
        "rds:DescribeDBInstances",
        DBInstanceIdentifier="orders",
        Endpoint={"Address": HOST, "Port": 3306},
        VpcSecurityGroups=[{"VpcSecurityGroupId": group.id, "Status": "active"}],
    )
    stage.options = Options(use=Use.PORT_FORWARD, remote_host=HOST, remote_port=3306)
    return stage


HOST = "orders.abcdefgh.us-east-1.rds.amazonaws.com"


@story("remote-host-unreachable", SESSION, to_database, hide="rds:DescribeDBInstances")
def _(stage: Stage) -> None:
    stage.bastion_group.record["IpPermissions"] = []


# --- Fleet Manager's Remote Desktop -----------------------------------------------------------------------


def windows() -> Stage:
    stage = isolated(platform="windows")
    stage.node["PlatformType"] = "Windows"
    return stage


@story("fleet-rdp-agent-old", SESSION, windows, hide="ssm:DescribeInstanceInformation", becomes=READY)
def _(stage: Stage) -> None:
    stage.node["PlatformVersion"] = "6.1.7601"


@story("fleet-rdp-timeout", SESSION, windows, hide=(), becomes=READY, options=Options(use=Use.RDP))
def _(stage: Stage) -> None:
    """Asking for a desktop is enough."""


GUI = (
    "ssm-guiconnect:StartConnection",
    "ssm-guiconnect:GetConnection",
    "ssm-guiconnect:CancelConnection",
)


def desktop_caller() -> Stage:
    return caller_may(START, *OWN, *GUI, stage=windows())


@story("fleet-rdp-iam", SESSION, desktop_caller, hide=MINE, becomes=READY)
def _(stage: Stage) -> None:
    caller_policy(stage, allow(START, *OWN))


@story("fleet-rdp-document-arn", SESSION, desktop_caller, hide=MINE, becomes=READY)
def _(stage: Stage) -> None:
    document = "arn:aws:ssm:us-east-1:111122223333:document/AWS-StartPortForwardingSession"
    own = allow(START, resource=["arn:aws:ec2:*:*:instance/*", document])
    own["Statement"] += allow(*OWN, *GUI)["Statement"]
    caller_policy(stage, own)


@story("fleet-rdp-sso-limits", SESSION, windows, hide=(), becomes=READY)
def _(stage: Stage) -> None:
    name = "AWSReservedSSO_Ops_0123456789abcdef"
    stage.scene.role(name, inline={"own": allow(START, *OWN, *GUI)}, profile=False, trust=PEOPLE)
    arn = f"arn:aws:sts::111122223333:assumed-role/{name}/alice.liddell@example.com"
    stage.options = Options(caller=arn)


@story("hybrid-not-applicable", TUNNEL, tunnelled, hide=())
def _(stage: Stage) -> None:
    """The same question about a node that is not an EC2 instance."""
    stage.scene.node(HYBRID, role="HybridNodes")
    stage.target = HYBRID
