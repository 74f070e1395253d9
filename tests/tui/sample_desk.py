"""A desk over the hand-made assessment: what screens ask, answered without the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache

from advisor.methods.assessment import (
    Assessment,
    Command,
    MethodAssessment,
    MethodId,
    Target,
    TargetAssessment,
)
from advisor.model.errors import InputError
from advisor.model.verdict import READY
from advisor.network.trace import Trace
from advisor.report.network_map import MapNode
from advisor.report.rows import METHOD_NAMES, METHODS, CauseText, mark
from advisor.rulebook import RuleBook, load
from advisor.tui.app import AdvisorApp
from advisor.tui.desk import (
    Cancelled,
    Compared,
    ComparedRow,
    Explained,
    Explanation,
    Needs,
    PlanStep,
    PlanView,
    Profile,
    Progress,
    RecordLine,
    RemedyLine,
    Source,
    WayLine,
)
from tests.tui import sample

NOW = datetime(2026, 11, 23, 8, 0, 0, tzinfo=UTC)
FIX = f"aws ec2 authorize-security-group-ingress --group-id {sample.ENDPOINT_GROUP} --source-group sg-0c1"

TEXTS = {
    "vpce-sg-blocks-443": CauseText(
        "The endpoint's security group refuses tcp/443 from the instance",
        "The agent reaches the interface endpoint's address, but the group on the endpoint lets nobody in.",
        "Admit tcp/443 from the instance's group.",
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html",
    ),
    "eice-none-in-vpc": CauseText("The VPC has no EC2 Instance Connect Endpoint", "", "Create one."),
    "no-public-ip": CauseText("The instance has no public address"),
    "serial-access-disabled": CauseText("Serial console access is off for this account"),
    "bastion-none-found": CauseText("No instance could serve as a bastion"),
}


@cache
def rulebook() -> RuleBook:
    return load()


@dataclass(frozen=True)
class SampleDesk:
    assessment: Assessment = sample.ASSESSMENT
    title: str = "demo account"
    source: Source = field(default_factory=lambda: Source("demo"))
    needs: Needs = field(default_factory=Needs)

    def causes(self, cause: str) -> CauseText:
        return TEXTS.get(cause) or CauseText(cause.replace("-", " "))

    def words(self, id: str) -> str:
        return rulebook().text(id, "en")

    def commands(self, target: Target, method: MethodAssessment) -> tuple[Command, ...]:
        if method.method is MethodId.SESSION_MANAGER:
            return (Command("shell", f"aws ssm start-session --target {target.id} --region {target.region}"),)
        if method.method is MethodId.INSTANCE_CONNECT_ENDPOINT:
            return (Command("ssh", f"aws ec2-instance-connect ssh --instance-id {target.id}"),)
        return ()

    def remedies(self, assessed: TargetAssessment, method: MethodAssessment) -> tuple[RemedyLine, ...]:
        if method.method is MethodId.SESSION_MANAGER and method.blockers:
            return (
                RemedyLine("Admit tcp/443 from the instance's group", FIX, "by group, not by range", 0.0),
            )
        return tuple(
            RemedyLine(self.causes(each.cause).remedy)
            for each in method.blockers
            if self.causes(each.cause).remedy
        )

    def compared(self, assessed: TargetAssessment) -> Compared:
        marks = {each.method: mark(each.verdict) for each in assessed.methods}
        recommended = assessed.recommended
        return Compared(
            METHODS,
            tuple(METHOD_NAMES[each] for each in METHODS),
            tuple(marks.get(each, mark(None)) for each in METHODS),
            tuple(tuple(self.causes(one.cause).title for one in each.blockers) for each in assessed.methods),
            METHODS.index(recommended.method) if recommended else None,
            tuple(
                ComparedRow(
                    title, tuple((f"{title} of {METHOD_NAMES[each]}", "and more") for each in METHODS)
                )
                for title in ("Use for", "Merits", "Needs", "Tools", "Logging", "Cost")
            ),
        )

    def raw(self, account: str, region: str, operation: str, resource: str) -> str | None:
        if resource == sample.ENDPOINT_GROUP:
            return f'{{\n  "GroupId": "{resource}",\n  "IpPermissions": []\n}}'
        return None

    def trace(self, source: str, destination: str, protocol: str, port: int) -> Trace:
        if source == "nobody":
            raise InputError(
                "no target 'nobody' among the 6 that were read", "list them with: advisor assess"
            )
        return sample.STOPPED_TRACE

    def network_map(self) -> tuple[MapNode, ...]:
        subnet = MapNode("subnet-0aa1", "10.0.1.0/24", children=(MapNode("rtb-0d1", "0.0.0.0/0 → nat-0e1"),))
        broken = MapNode("nat-0e2", "NAT gateway", problem="failed", operation="ec2:DescribeNatGateways")
        vpc = MapNode("vpc-0aa11bb22cc33dd01", "10.0.0.0/16 · main", children=(subnet, broken))
        return (MapNode("111122223333 / us-east-1", "1 VPC", children=(vpc,)),)

    def why(self, text: str, assessed: TargetAssessment | None) -> Explained:
        if "TargetNotConnected" not in text:
            return Explained("", (), ("the whole error text, as it was printed",))
        here = mark(assessed.methods[0].verdict) if assessed else None
        return Explained(
            "TargetNotConnected",
            (
                Explanation(
                    "vpce-sg-blocks-443", self.causes("vpce-sg-blocks-443"), here, "found for this one"
                ),
                Explanation("agent-offline", self.causes("agent-offline")),
            ),
        )

    def plan(
        self, assessed: tuple[TargetAssessment, ...], method: MethodId | None, left_out: frozenset[str]
    ) -> PlanView:
        whole = not left_out
        step = PlanStep("1", "Admit tcp/443", FIX, "by group", "low", 0.0, "aws ec2 revoke-…", whole)
        return PlanView(
            title=f"{len(assessed)} target(s) by {method.value if method else 'the cheapest method'}",
            status="1 change makes 1 target ready" if whole else "nothing becomes ready without it",
            mark=mark(READY) if whole else mark(None),
            verified=whole,
            steps=(step,),
            before_after=("app-02  Session Manager  ✗ blocked → ✓ ready",) if whole else (),
            monthly_cost_usd=0.0,
            alternatives=("create an EC2 Instance Connect Endpoint: 2 changes, 0.00 USD a month",),
            formats=(("cli", FIX), ("terraform", 'resource "aws_vpc_security_group_ingress_rule" "a" {\n}')),
        )

    def ways(self) -> tuple[tuple[str, tuple[WayLine, ...]], ...]:
        line = WayLine("app-02", "no way in", (sample.BLOCKED_ONE,))
        return (
            ("No way in", (line,)),
            ("One way in", (WayLine("shop-till", "Session Manager", (sample.HYBRID,)),)),
        )

    def profiles(self) -> tuple[Profile, ...]:
        return (
            Profile("balanced", "Balanced", "a bit of all"),
            Profile("audit", "Audit", "what is recorded"),
        )

    def ranked(self, needs: Needs) -> SampleDesk:
        return replace(self, needs=needs)

    def recorded(self, method: MethodId) -> tuple[RecordLine, ...]:
        if method is not MethodId.SESSION_MANAGER:
            return ()
        return (RecordLine("everything typed", True, "CloudWatch Logs or S3", "session preferences"),)

    def looked_at(self, assessed: TargetAssessment) -> SampleDesk | None:
        return None

    def looked_again(self, assessed: tuple[TargetAssessment, ...]) -> SampleDesk:
        raise InputError("A snapshot does not change by itself.", "Open a live account.")

    def close(self) -> None:
        return None

    def document(self, suffix: str) -> str:
        if suffix != ".md":
            raise InputError(f"{suffix} is no format of reports", "use .md, .html, .json or .csv")
        return "# Report\n"


def opener(desk: SampleDesk | None = None) -> Callable[..., SampleDesk]:
    """Opens the sample at once."""

    def open_sample(
        source: Source, progress: Callable[[Progress], None], cancelled: Callable[[], bool]
    ) -> SampleDesk:
        progress(Progress(1, 1, "ready"))
        if cancelled():
            raise Cancelled
        return desk or SampleDesk()

    return open_sample


def sample_app(desk: SampleDesk | None = None, source: Source | None = None) -> AdvisorApp:
    """The app on the sample, at a fixed time."""
    app = AdvisorApp(source or Source("demo"), opener(desk), clock=lambda: NOW)
    app.theme = "advisor-dark"  # whatever TEXTUAL_THEME says
    return app
