"""Stories of the machine itself, and of what Systems Manager sees of it."""

from __future__ import annotations

from advisor.methods.options import Options, Use
from tests.methods.stages import Stage, at_console, isolated, tunnelled
from tests.methods.stories import READY, SERIAL, SESSION, TUNNEL, UNKNOWN, story


def unpinged() -> Stage:
    """An instance without an agent that pings: only EC2's checks tell of its health."""
    return tunnelled()


def status(stage: Stage) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = stage.scene.place.records["ec2:DescribeInstanceStatus"][0]
    return found


@story("instance-not-running", TUNNEL, tunnelled, hide="ec2:DescribeInstances")
def _(stage: Stage) -> None:
    stage.instance.record["State"] = {"Code": 80, "Name": "stopped"}


@story("status-check-system-failed", TUNNEL, unpinged, hide="ec2:DescribeInstanceStatus")
def _(stage: Stage) -> None:
    status(stage)["SystemStatus"]["Status"] = "impaired"


@story("status-check-instance-failed", TUNNEL, unpinged, hide="ec2:DescribeInstanceStatus")
def _(stage: Stage) -> None:
    status(stage)["InstanceStatus"]["Status"] = "impaired"


@story("attached-ebs-impaired", TUNNEL, unpinged, hide="ec2:DescribeInstanceStatus")
def _(stage: Stage) -> None:
    status(stage)["AttachedEbsStatus"]["Status"] = "impaired"


@story("instance-initialising", TUNNEL, unpinged, hide="ec2:DescribeInstanceStatus", becomes=UNKNOWN)
def _(stage: Stage) -> None:
    stage.instance.record["LaunchTime"] = "2026-11-23T11:58:30Z"
    status(stage)["InstanceStatus"]["Status"] = "initializing"


@story("root-volume-full", TUNNEL, unpinged, hide=(), becomes=UNKNOWN)
def _(stage: Stage) -> None:
    stage.scene.console_output(stage.instance, "rsyslogd: write failed: No space left on device")


@story("cpu-credit-or-memory-exhausted", TUNNEL, unpinged, hide=(), becomes=UNKNOWN)
def _(stage: Stage) -> None:
    stage.scene.console_output(stage.instance, "[123.4] Out of memory: Killed process 812 (java)")


@story("ssm-node-never-registered", SESSION, isolated, hide="ssm:DescribeInstanceInformation", silent=True)
def _(stage: Stage) -> None:
    """Nothing in the account explains it: the record is simply not there."""


@story("ssm-ping-connection-lost", SESSION, isolated, hide="ssm:DescribeInstanceInformation", lost=True)
def _(stage: Stage) -> None:
    """Nothing in the account explains it: the agent just fell silent."""


@story("ssm-online-but-channel-down", SESSION, isolated, hide="ec2:DescribeVpcEndpoints")
def _(stage: Stage) -> None:
    stage.scene.connection(stage.instance, "notconnected")


@story("agent-too-old-for-sessions", SESSION, isolated, hide="ssm:DescribeInstanceInformation")
def _(stage: Stage) -> None:
    stage.node["AgentVersion"] = "2.2.916.0"
    stage.endpoints["ec2messages"] = stage.vpc.endpoint(
        "ec2messages", subnets=[stage.far], groups=[stage.door]
    )


@story(
    "agent-too-old-for-feature",
    SESSION,
    isolated,
    hide="ssm:DescribeInstanceInformation",
    options=Options(use=Use.SSH),
)
def _(stage: Stage) -> None:
    stage.node["AgentVersion"] = "2.3.714.0"
    stage.endpoints["ec2messages"] = stage.vpc.endpoint(
        "ec2messages", subnets=[stage.far], groups=[stage.door]
    )


@story("agent-not-installed", SESSION, isolated, hide=(), silent=True, becomes=UNKNOWN)
def _(stage: Stage) -> None:
    image = stage.scene.place.records["ec2:DescribeImages"][0]
    image |= {"Name": "RHEL-9.4_HVM-20261101-x86_64", "OwnerId": "309956199498"}


@story("agent-started-before-role", SESSION, isolated, hide=(), silent=True, becomes=UNKNOWN)
def _(stage: Stage) -> None:
    association = stage.scene.place.records["ec2:DescribeIamInstanceProfileAssociations"][0]
    association["Timestamp"] = "2026-11-23T11:50:00Z"


@story("cloned-image-registration", SESSION, isolated, hide=(), becomes=UNKNOWN, lost=True)
def _(stage: Stage) -> None:
    other = stage.subnet.instance(groups=[stage.web], profile=stage.role)
    stage.scene.node(other, ComputerName=stage.node["ComputerName"])


@story("agent-stopped-or-crashed", SESSION, isolated, hide=(), silent=True, becomes=UNKNOWN)
def _(stage: Stage) -> None:
    stage.scene.console_output(stage.instance, "systemd[1]: Failed to start amazon-ssm-agent.")


@story("windows-sysprep-incomplete", SESSION, isolated, hide=(), silent=True, becomes=UNKNOWN)
def _(stage: Stage) -> None:
    stage.scene.console_output(stage.instance, "ImageState: IMAGE_STATE_UNDEPLOYABLE")


@story("serial-account-disabled", SERIAL, at_console, hide="ec2:GetSerialConsoleAccessStatus")
def _(stage: Stage) -> None:
    stage.scene.serial_console(False)


@story("serial-not-nitro", SERIAL, at_console, hide="ec2:DescribeInstanceTypes")
def _(stage: Stage) -> None:
    stage.instance.record["InstanceType"] = "t2.micro"
    stage.scene.add("ec2:DescribeInstanceTypes", InstanceType="t2.micro", Hypervisor="xen", BareMetal=False)


@story("serial-outpost-wavelength", SERIAL, at_console, hide="ec2:DescribeInstances")
def _(stage: Stage) -> None:
    stage.instance.record["OutpostArn"] = "arn:aws:outposts:us-east-1:111122223333:outpost/op-0123"


def pinging_at_console() -> Stage:
    stage = at_console()
    stage.scene.node(stage.instance)
    return stage


@story("serial-agent-old", SERIAL, pinging_at_console, hide="ssm:DescribeInstanceInformation", becomes=READY)
def _(stage: Stage) -> None:
    stage.node["AgentVersion"] = "3.0.529.0"
