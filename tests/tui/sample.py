"""A small hand-made assessment: one instance of each kind of answer that people meet."""

from __future__ import annotations

from advisor.methods.answer import Certainty, Finding
from advisor.methods.assessment import (
    Assessment,
    GapLine,
    MethodAssessment,
    MethodId,
    Recommendation,
    Target,
    TargetAssessment,
)
from advisor.model.evidence import SELF, Evidence, Missing
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from advisor.network.flow import End, Flow, Kind
from advisor.network.trace import Direction, Hop, Place, Trace

ACCOUNT = "111122223333"
REGION = "us-east-1"
HEALTHY = "i-0a1b2c3d4e5f60001"
BLOCKED_ONE = "i-0a1b2c3d4e5f60002"
UNSEEN = "i-0a1b2c3d4e5f60003"
WINDOWS = "i-0a1b2c3d4e5f60004"
HYBRID = "mi-0a1b2c3d4e5f60005"
CUT_OFF = "i-0a1b2c3d4e5f60006"
ENDPOINT_GROUP = "sg-0e1d2c3b4a5960701"
ENDPOINT = "vpce-0f1e2d3c4b5a60801"
EICE = "eice-0123456789abcde01"

ORDER = tuple(MethodId)


def target(id: str, name: str, **changes: object) -> Target:
    values: dict[str, object] = {
        "kind": "ec2",
        "platform": "linux",
        "state": "running",
        "account": ACCOUNT,
        "region": REGION,
        "vpc": "vpc-0aa11bb22cc33dd01",
        "subnet": "subnet-0aa11bb22cc33dd02",
        "private_ip": "10.0.1.10",
    }
    values.update(changes)
    return Target(id, name, **values)  # type: ignore[arg-type]


def flow_to_ssm(instance: str = SELF) -> Flow:
    source = End(Kind.INSTANCE, instance, ACCOUNT, REGION)
    return Flow(source, End(Kind.SERVICE, "ssm", ACCOUNT, REGION), port=443)


def passing(kind: str, id: str, direction: Direction, place: Place, rule: str = "") -> Hop:
    return Hop(kind, id, direction, READY, place, rule=rule)


GROUP_EVIDENCE = Evidence(
    "ec2:DescribeSecurityGroups",
    ENDPOINT_GROUP,
    "no inbound rule admits tcp/443 from 10.0.1.10; the nearest admits tcp/443 from 10.9.0.0/16",
    "SecurityGroups[].IpPermissions",
)

STOPPED_TRACE = Trace(
    flow_to_ssm(),
    BLOCKED,
    forward=(
        passing("instance", SELF, Direction.FORWARD, Place.SOURCE),
        passing("security-group", "sg-0c1", Direction.FORWARD, Place.SOURCE, "egress all to 0.0.0.0/0"),
        passing("dns", ENDPOINT, Direction.FORWARD, Place.MIDDLE, "private DNS answers 10.0.2.9"),
        Hop(
            "security-group",
            ENDPOINT_GROUP,
            Direction.FORWARD,
            BLOCKED,
            Place.DESTINATION,
            rule="no inbound rule admits tcp/443 from 10.0.1.10",
            says="The endpoint's group admits only 10.9.0.0/16.",
            code="ENI_SG_RULES_MISMATCH",
            evidence=(GROUP_EVIDENCE,),
        ),
        passing("vpc-endpoint", ENDPOINT, Direction.FORWARD, Place.DESTINATION, "available"),
    ),
    returning=(
        passing("security-group", ENDPOINT_GROUP, Direction.RETURN, Place.DESTINATION, "stateful"),
        passing("security-group", "sg-0c1", Direction.RETURN, Place.SOURCE, "stateful"),
    ),
    assumptions=("Something listens on the port, and the operating system's own firewall admits it.",),
)

PASSING_TRACE = Trace(
    flow_to_ssm(),
    READY,
    forward=(
        passing("instance", SELF, Direction.FORWARD, Place.SOURCE),
        passing("security-group", "sg-0c1", Direction.FORWARD, Place.SOURCE, "egress all to 0.0.0.0/0"),
        passing("route-table", "rtb-0d1", Direction.FORWARD, Place.SOURCE, "0.0.0.0/0 → nat-0e1"),
        passing("nat-gateway", "nat-0e1", Direction.FORWARD, Place.MIDDLE, "public, available"),
        passing("internet-gateway", "igw-0f1", Direction.FORWARD, Place.MIDDLE, "attached"),
        passing("service", "ssm", Direction.FORWARD, Place.DESTINATION),
    ),
    returning=(passing("security-group", "sg-0c1", Direction.RETURN, Place.SOURCE, "stateful"),),
)

ENDPOINT_GROUP_BLOCKS = Finding(
    "vpce-sg-blocks-443",
    ENDPOINT_GROUP,
    f"{ENDPOINT_GROUP} admits tcp/443 from 10.9.0.0/16 only; {SELF} has 10.0.1.10.",
    Certainty.CERTAIN,
    (GROUP_EVIDENCE,),
    code="ENI_SG_RULES_MISMATCH",
    direction="forward",
)
NO_ENDPOINT = Finding(
    "eice-none-in-vpc",
    "vpc-0aa11bb22cc33dd01",
    "The VPC has no EC2 Instance Connect Endpoint.",
    evidence=(Evidence("ec2:DescribeInstanceConnectEndpoints", "vpc-0aa11bb22cc33dd01", "none in this VPC"),),
)
NO_PUBLIC_ADDRESS = Finding("no-public-ip", SELF, f"{SELF} has no public address.")
SERIAL_OFF = Finding("serial-access-disabled", ACCOUNT, "Serial console access is off for this account.")
ROLE_UNSEEN = Missing("iam:GetInstanceProfile", "denied", "AccessDenied", "web-role")
EICE_GROUP_OPEN = Finding("eice-single-az", EICE, "The endpoint stands in one zone only.", Certainty.CERTAIN)


def method(id: MethodId, verdict: Verdict, **rest: object) -> MethodAssessment:
    return MethodAssessment(id, verdict, **rest)  # type: ignore[arg-type]


BLOCKED_DIRECT = method(MethodId.DIRECT, BLOCKED, blockers=(NO_PUBLIC_ADDRESS,))
BLOCKED_EIC = method(MethodId.INSTANCE_CONNECT, BLOCKED, blockers=(NO_PUBLIC_ADDRESS,))
BLOCKED_SERIAL = method(MethodId.SERIAL_CONSOLE, BLOCKED, blockers=(SERIAL_OFF,))
BLOCKED_EICE = method(MethodId.INSTANCE_CONNECT_ENDPOINT, BLOCKED, blockers=(NO_ENDPOINT,))
BLOCKED_BASTION = method(
    MethodId.BASTION, BLOCKED, blockers=(Finding("bastion-none-found", "vpc-0aa11bb22cc33dd01"),)
)
READY_SSM = method(
    MethodId.SESSION_MANAGER,
    READY,
    evidence=(Evidence("ssm:DescribeInstanceInformation", SELF, f"{SELF} is Online, agent 3.3.3270.0"),),
    traces=(PASSING_TRACE,),
)
READY_EICE = method(MethodId.INSTANCE_CONNECT_ENDPOINT, READY, via=EICE, notes=(EICE_GROUP_OPEN,))
BLOCKED_SSM = method(
    MethodId.SESSION_MANAGER, BLOCKED, blockers=(ENDPOINT_GROUP_BLOCKS,), traces=(STOPPED_TRACE,)
)
UNKNOWN_SSM = method(MethodId.SESSION_MANAGER, UNKNOWN, missing=(ROLE_UNSEEN,))


def assessed(
    about: Target, *methods: MethodAssessment, recommended: Recommendation | None = None
) -> TargetAssessment:
    given = {each.method: each for each in methods}
    rest = (BLOCKED_SSM, BLOCKED_EICE, BLOCKED_BASTION, BLOCKED_EIC, BLOCKED_DIRECT, BLOCKED_SERIAL)
    return TargetAssessment(
        about, tuple(given.get(each.method, each) for each in rest), recommended=recommended
    )


def use(id: MethodId, verdict: Verdict, *reasons: str, others: tuple[str, ...] = ()) -> Recommendation:
    return Recommendation(id, verdict, reasons, others)


SESSION = MethodId.SESSION_MANAGER

TARGETS = (
    assessed(
        target(HEALTHY, "web-01", tags=(("env", "prod"),)),
        READY_SSM,
        READY_EICE,
        recommended=use(
            SESSION,
            READY,
            "ready now, nothing to change",
            "records the session's content",
            others=("Instance Connect Endpoint: ready, but keeps no record of what was typed",),
        ),
    ),
    assessed(
        target(BLOCKED_ONE, "app-02", tags=(("env", "test"),), private_ip="10.0.1.11"),
        recommended=use(SESSION, BLOCKED, "cheapest to make ready: one security group rule, 0 USD"),
    ),
    assessed(
        target(UNSEEN, "batch-03", private_ip="10.0.1.12"),
        UNKNOWN_SSM,
        recommended=use(SESSION, UNKNOWN, "nothing is known to stop it"),
    ),
    assessed(
        target(WINDOWS, "経理サーバー", platform="windows", private_ip="10.0.1.13", public_ip="203.0.113.9"),
        READY_EICE,
        recommended=use(MethodId.INSTANCE_CONNECT_ENDPOINT, READY, "the only one that is ready"),
    ),
    TargetAssessment(
        Target(HYBRID, "shop-till", "hybrid", "linux", "online", ACCOUNT, REGION),
        (READY_SSM,),
        recommended=use(SESSION, READY, "the only method for hybrid nodes"),
    ),
    assessed(
        target(CUT_OFF, "old [bold]db", state="stopped", vpc="vpc-0aa11bb22cc33dd09"),
        recommended=None,
    ),
)

ASSESSMENT = Assessment(
    accounts=(ACCOUNT,),
    regions=(REGION,),
    collected_at="2026-11-20T08:00:00Z",
    gaps=(GapLine(ACCOUNT, REGION, "iam:GetInstanceProfile", "denied", "AccessDenied", "web-role"),),
    targets=TARGETS,
)


def named(name: str) -> TargetAssessment:
    """The sample's target of this name."""
    return next(each for each in TARGETS if each.target.name == name)
