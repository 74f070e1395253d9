"""The demo account: two Regions, five VPCs and what a busy company has in them, faults and all.

Each instance stands in expected.py with the verdicts it is made for.
"""

from __future__ import annotations

from typing import Any

from tests.demo.identity import SESSION_LOGS, Identities, identities
from tests.demo.variety import vary
from tests.scenes.builder import (
    Group,
    Handle,
    Instance,
    Scene,
    Subnet,
    Vpc,
    entry,
    tcp,
)

ACCOUNT = "111122223333"
OFFICE = "198.51.100.0/24"
VIRGINIA, TOKYO = "us-east-1", "ap-northeast-1"
EPHEMERAL = (1024, 65535)


def account() -> Scene:
    """The whole account as a scene, seen from us-east-1."""
    virginia = Scene(ACCOUNT, VIRGINIA)
    tokyo = virginia.at(region=TOKYO)
    who = identities(virginia)
    _settings(virginia, tokyo)
    edge = Edge(virginia, who)
    _orders(virginia, who)
    _spoke(virginia, who, edge)
    _intake(tokyo, who)
    _analysis(tokyo, who)
    _hybrid(virginia, tokyo)
    _service_catalogue(virginia, tokyo)
    vary(virginia, tokyo)
    return virginia


def _settings(virginia: Scene, tokyo: Scene) -> None:
    virginia.serial_console(True)
    tokyo.serial_console(False)
    tier = "/ssm/managed-instance/activation-tier"
    virginia.setting(tier, "standard", "Default")
    tokyo.setting(tier, "advanced", "Customized")
    virginia.preferences(
        {
            "s3BucketName": "",
            "s3KeyPrefix": "",
            "s3EncryptionEnabled": True,
            "cloudWatchLogGroupName": "/ssm/sessions",
            "cloudWatchEncryptionEnabled": True,
            "cloudWatchStreamingEnabled": True,
            "kmsKeyId": "",
            "runAsEnabled": False,
            "runAsDefaultUser": "",
            "idleSessionTimeout": "20",
            "maxSessionDuration": "",
            "shellProfile": {"windows": "", "linux": ""},
        }
    )
    virginia.add(
        "logs:DescribeLogGroups",
        logGroupName="/ssm/sessions",
        arn=f"arn:aws:logs:{VIRGINIA}:{ACCOUNT}:log-group:/ssm/sessions:*",
        kmsKeyId=f"arn:aws:kms:{VIRGINIA}:{ACCOUNT}:key/4f6d1c2e-93ab-4b57-8c1d-0a9e5f7b6c3d",
        retentionInDays=365,
    )
    tokyo.preferences({"idleSessionTimeout": "30", "maxSessionDuration": "480", "runAsEnabled": False})


class Edge:
    """VPC edge: public subnets, a bastion, web servers, and the endpoints that the spoke uses."""

    def __init__(self, scene: Scene, who: Identities) -> None:
        vpc = self.vpc = scene.vpc("10.10.0.0/16", name="edge")
        igw = vpc.igw()
        self.table = _named(vpc.table([("0.0.0.0/0", igw)]), "edge-public")
        self.public_a = vpc.subnet("10.10.1.0/24", table=self.table, name="edge-public-a")
        self.public_b = vpc.subnet("10.10.2.0/24", f"{VIRGINIA}b", table=self.table, name="edge-public-b")
        public_c = vpc.subnet("10.10.3.0/24", f"{VIRGINIA}c", table=self.table, name="edge-public-c")
        central = vpc.subnet("10.10.9.0/24", name="edge-endpoints")
        vpc.acl([entry(100, "allow", "tcp", 22), entry(110, "allow", "tcp", 443)], [entry(100)], [public_c])

        self.bastion_group = vpc.group("edge-bastion", [tcp(22, OFFICE, description="office")])
        web = vpc.group(
            "edge-web", [tcp(80), tcp(443), tcp(22, self.bastion_group, description="from the bastion")]
        )
        narrow = vpc.group(
            "edge-web-locked", [tcp(443), tcp(22, self.bastion_group)], [tcp(5432, "10.20.0.0/16")]
        )
        remote_desktop = vpc.group("edge-remote-desktop", [tcp(3389), tcp(22, self.bastion_group)])
        self.endpoints = _central_endpoints(vpc, central)

        role, key = who.managed, "platform-2025"
        scene.node(
            self.public_a.instance(
                name="edge-bastion-1", groups=[self.bastion_group], public_ip="203.0.113.11", eip=True,
                profile=role, key=key, type="t4g.nano", extra_tags=_tags("platform", "bastion"),
            )
        )  # fmt: skip
        self.public_b.instance(
            name="edge-bastion-2", groups=[self.bastion_group], public_ip="203.0.113.12", eip=True,
            profile=role, key=key, type="t4g.nano", state="stopped", extra_tags=_tags("platform", "bastion"),
        )  # fmt: skip

        def web_server(name: str, number: int, subnet: Subnet = self.public_a, **options: Any) -> Instance:
            options = {
                "groups": [web],
                "profile": role,
                "key": key,
                "public_ip": f"203.0.113.{number}",
            } | options
            made: Instance = subnet.instance(name=name, extra_tags=_tags("web", "shop"), **options)
            return made

        scene.node(web_server("web-1", 21))
        web_server("web-2", 22, public_ip=None)
        web_server("web-3", 23, profile=who.without_rights)
        web_server("web-4", 24, groups=[narrow])
        web_server("web-5", 25, public_c)
        web_server("web-6", 26, metadata={"HttpEndpoint": "disabled"})
        scene.node(
            web_server("win-jump-1", 31, groups=[remote_desktop], platform="windows", type="t3.large"),
            agent="3.3.2299.0",
        )
        web_server("legacy-ftp-1", 32, profile=None, type="t2.medium", key="old-2016")
        scene.node(web_server("mac-build-1", 33, self.public_b, platform="macos"), agent="3.3.2299.0")


def _central_endpoints(vpc: Vpc, subnet: Subnet) -> dict[str, Handle]:
    """Endpoints for the VPCs around: private DNS off, and a private zone that leads their names here."""
    group = vpc.group("edge-endpoints", [tcp(443, "10.10.0.0/16"), tcp(443, "10.50.0.0/16")])
    return {
        service: _named(
            vpc.endpoint(service, subnets=[subnet], groups=[group], private_dns=False), f"central-{service}"
        )
        for service in ("ssm", "ssmmessages", "logs")
    }


def _orders(scene: Scene, who: Identities) -> None:
    """VPC orders: private subnets behind a NAT gateway."""
    vpc = scene.vpc("10.20.0.0/16", name="orders")
    igw = vpc.igw()
    public_table = _named(vpc.table([("0.0.0.0/0", igw)]), "orders-public")
    public = vpc.subnet("10.20.0.0/24", table=public_table, name="orders-public-a")
    nat = public.nat(public_ip="192.0.2.45", name="orders-nat")
    inner = vpc.subnet("10.20.9.0/24", name="orders-inner-a")
    misplaced = inner.nat(public_ip="192.0.2.46", name="orders-nat-2")  # its subnet has no way out
    app = vpc.subnet(
        "10.20.1.0/24", name="orders-app-a", table=_named(vpc.table([("0.0.0.0/0", nat)]), "orders-app")
    )
    gone = vpc.subnet(
        "10.20.2.0/24", f"{VIRGINIA}b", name="orders-app-b",
        table=_named(vpc.table([("0.0.0.0/0", "nat-0e5a9c41d7b28f603", "blackhole")]), "orders-app-b"),
    )  # fmt: skip
    broken = vpc.subnet(
        "10.20.3.0/24", f"{VIRGINIA}c", name="orders-app-c",
        table=_named(vpc.table([("0.0.0.0/0", misplaced)]), "orders-app-c"),
    )  # fmt: skip
    data = vpc.subnet("10.20.8.0/24", name="orders-data-a", table=vpc.table([("0.0.0.0/0", nat)]))
    vpc.acl(
        [entry(100, "allow", "tcp", 5432, "10.20.0.0/16"), entry(110, "allow", "tcp", EPHEMERAL)],
        [entry(90, "deny", "tcp", 443), entry(100)],
        [data],
    )
    api = vpc.group("orders-api", [tcp(8443, "10.10.0.0/16")])
    worker = vpc.group("orders-worker")
    database = vpc.group("orders-db", [tcp(5432, api)])
    app.instance_connect_endpoint(
        groups=[vpc.group("orders-eice", (), [tcp(22, api)])],
        state="create-failed",
        message="The subnet has no free addresses.",
        name="orders-eice",
    )

    def server(
        name: str, subnet: Subnet = app, groups: list[Group] | None = None, **options: Any
    ) -> Instance:
        options = {"profile": who.managed, "key": "orders-2024"} | options
        made: Instance = subnet.instance(
            name=name, groups=groups or [worker], extra_tags=_tags("orders", "orders"), **options
        )
        return made

    first = server("orders-api-1", groups=[api])
    scene.node(first, latest=False)
    scene.connection(first)
    scene.node(
        server("orders-api-2", groups=[api], profile=who.without_logs), agent="3.2.2303.0", latest=False
    )
    scene.node(server("orders-api-3", groups=[api]), ping="ConnectionLost", last_ping="2026-11-17T03:12:44Z")
    server("orders-worker-1", gone)
    server("orders-worker-2", broken)
    server("orders-db-1", data, [database])
    server("orders-batch-1", profile=None)
    server("orders-batch-2", profile=who.wrong_trust)
    server("orders-batch-3", profile="orders-batch-empty")
    report = server("orders-report-1", profile=who.without_channel)
    scene.node(report)
    scene.connection(report, "notconnected")
    scene.node(server("orders-win-1", platform="windows", type="m6i.large", key=None), agent="3.3.2299.0")
    server("orders-migrate-1", state="stopped")
    server("orders-vpn-1", public)
    server("orders-reconcile-1", profile=who.bounded)
    scene.node(server("orders-ci-1").impaired(), ping="ConnectionLost", last_ping="2026-11-23T02:40:10Z")


def _spoke(scene: Scene, who: Identities, edge: Edge) -> None:
    """VPC partner: no way out of its own; Systems Manager and the bastion are in the peered VPC edge."""
    vpc = scene.vpc("10.50.0.0/16", name="partner")
    peering = _named(scene.peering(vpc, edge.vpc), "partner-edge")
    edge.table.route("10.50.0.0/16", peering)
    edge.vpc.main.route("10.50.0.0/16", peering)
    joined = vpc.subnet(
        "10.50.1.0/24",
        name="partner-app-a",
        table=_named(vpc.table([("10.10.0.0/16", peering)]), "partner-app"),
    )
    alone = vpc.subnet("10.50.2.0/24", f"{VIRGINIA}b", name="partner-app-b")
    for service, endpoint in edge.endpoints.items():
        name = f"{service}.{VIRGINIA}.amazonaws.com"
        vpc.hosted_zone(name, {name: endpoint})
    app = vpc.group("partner-app", [tcp(22, edge.bastion_group)])
    database = vpc.group("partner-db", [tcp(5432, app), tcp(22, "10.10.1.0/24")], [tcp(5432, "10.50.0.0/16")])

    def server(name: str, subnet: Subnet, groups: list[Group]) -> Instance:
        made: Instance = subnet.instance(
            name=name,
            groups=groups,
            profile=who.managed,
            key="partner-2026",
            extra_tags=_tags("partner", "edi"),
        )
        return made

    scene.node(server("partner-edi-1", joined, [app]))
    server("partner-edi-2", alone, [app])
    server("partner-db-1", joined, [database])


def _intake(scene: Scene, who: Identities) -> None:
    """VPC 受注 (intake): isolated, with its own endpoints for ssm and ssmmessages."""
    vpc = scene.vpc("10.30.0.0/16", name="受注システム")
    endpoints = vpc.subnet("10.30.0.0/24", name="受注-エンドポイント-a")
    front = vpc.subnet("10.30.1.0/24", name="受注-アプリ-a")
    back = vpc.subnet("10.30.2.0/24", f"{TOKYO}c", name="受注-アプリ-c")
    batch = vpc.subnet("10.30.3.0/24", f"{TOKYO}d", name="受注-バッチ-d")
    vpc.acl(
        [entry(90, "deny", "tcp", 443, "10.30.3.0/24"), entry(100)], [entry(100)], [endpoints]
    )  # somebody's leftover
    app = vpc.group("intake-app")
    other = vpc.group("intake-batch")
    partners = scene.prefix_list("192.0.2.0/24", "10.30.0.0/24", name="取引先")
    linked = vpc.group("intake-link", (), [tcp(443, partners)])
    admitted = vpc.group("intake-endpoints", [tcp(443, app), tcp(443, linked)])
    for service in ("ssm", "ssmmessages"):
        _named(vpc.endpoint(service, subnets=[endpoints], groups=[admitted]), f"intake-{service}")
    scene.deny("ec2:GetManagedPrefixListEntries")
    scene.place.faults["ec2:GetManagedPrefixListEntries"].message = (
        "You are not authorized to perform this operation. User: hanako.yamada is not authorized to perform: "
        "ec2:GetManagedPrefixListEntries because no identity-based policy allows the "
        "ec2:GetManagedPrefixListEntries action"
    )

    def server(
        name: str, subnet: Subnet = front, groups: list[Group] | None = None, **options: Any
    ) -> Instance:
        made: Instance = subnet.instance(
            name=name,
            groups=groups or [app],
            profile=who.managed,
            extra_tags=_tags("受注", "intake"),
            **options,
        )
        return made

    first = server("受注API-1")
    scene.node(first)
    scene.connection(first)
    scene.node(server("受注API-2", back), agent="3.2.2303.0", latest=False)
    server("受注バッチ-1", groups=[other])
    server("受注バッチ-2", batch)
    scene.node(
        server("受注帳票-1", platform="windows", type="m6i.large", key="intake-win"), agent="3.3.2299.0"
    )
    scene.node(server("在庫照会-1", back), agent="2.3.50.0", latest=False)
    scene.node(server("取引先連携-1", groups=[linked]))
    server("受注検証-1", state="stopped")


def _analysis(scene: Scene, who: Identities) -> None:
    """VPC 分析 (analysis): isolated, entered through an EC2 Instance Connect Endpoint."""
    vpc = scene.vpc("10.40.0.0/16", name="データ分析")
    first = vpc.subnet("10.40.1.0/24", name="分析-a")
    second = vpc.subnet("10.40.2.0/24", f"{TOKYO}c", name="分析-c")
    guarded = vpc.subnet("10.40.3.0/24", f"{TOKYO}d", name="分析-保管-d")
    door = vpc.group("analysis-eice", (), ())
    workers = vpc.group("analysis-workers", [tcp(22, door), tcp(8888, "10.40.0.0/16")])
    closed = vpc.group("analysis-closed", [tcp(8888, "10.40.0.0/16")])
    windows = vpc.group("analysis-windows", [tcp(3389, door)])
    forgotten = vpc.group("analysis-gpu", [tcp(22, door)])
    door.egress(tcp(22, workers), tcp(22, closed), tcp(3389, windows))
    vpc.acl(
        [entry(90, "deny", "tcp", 22), entry(100, "allow", "all", block="10.40.0.0/16")],
        [entry(100)],
        [guarded],
    )
    first.instance_connect_endpoint(groups=[door], name="analysis-eice")

    def server(name: str, groups: list[Group], subnet: Subnet = first, **options: Any) -> Instance:
        options = {"key": "analysis-2025"} | options
        made: Instance = subnet.instance(
            name=name, groups=groups, extra_tags=_tags("分析", "analysis"), **options
        )
        return made

    server("分析-1", [workers])
    server("分析-2", [closed], second)
    server("分析GPU-1", [forgotten], second, type="g6.xlarge")
    server("分析Windows-1", [windows], platform="windows", type="m6i.large")
    server("分析保管-1", [workers], guarded)


def _hybrid(virginia: Scene, tokyo: Scene) -> None:
    """Machines outside AWS that run the agent."""
    service_role = "service-role/AmazonEC2RunCommandRoleForManagedInstances"
    for scene, id, name, ping, last, extra in (
        (virginia, "mi-0c4d8e2fa61b7935d", "hq-backup-1", "Online", "2026-11-23T11:57:30Z", {}),
        (virginia, "mi-07b3f5a9d2c81e64f", "hq-print-1", "Online", "2026-11-23T11:56:10Z", _WINDOWS),
        (tokyo, "mi-0a92e6d4b7f315c88", "本社ファイル-1", "Online", "2026-11-23T11:58:20Z", _WINDOWS),
        (tokyo, "mi-03e8c1b5f9a4d762e", "工場ゲートウェイ-1", "ConnectionLost", "2026-11-20T23:05:00Z", {}),
    ):
        members = {"Name": name, "ComputerName": f"{id[-6:]}.corp.example", **extra}
        members["ActivationId"] = "5b1f7c0e-2d64-4a8f-9c3b-7e1d20a4f685"
        scene.node(id, ping, last_ping=last, role=service_role, **members)
    for scene in (virginia, tokyo):
        scene.add(
            "ssm:DescribeActivations",
            ActivationId="5b1f7c0e-2d64-4a8f-9c3b-7e1d20a4f685",
            IamRole=service_role,
            RegistrationLimit=20,
            RegistrationsCount=2,
            ExpirationDate="2026-12-15T00:00:00Z",
            Expired=False,
        )
    virginia.role(
        service_role.rpartition("/")[2], ["AmazonSSMManagedInstanceCore"], trust="ssm.amazonaws.com",
        path="/service-role/", profile=False, inline=SESSION_LOGS,
    )  # fmt: skip


_WINDOWS = {
    "PlatformType": "Windows",
    "PlatformName": "Microsoft Windows Server 2022 Standard",
    "PlatformVersion": "10.0.20348",
}


def _service_catalogue(*scenes: Scene) -> None:
    for scene in scenes:
        for service in ("ssm", "ssmmessages", "ec2messages", "kms", "logs", "s3", "sts", "ec2"):
            scene.add(
                "ec2:DescribeVpcEndpointServices",
                ServiceName=f"com.amazonaws.{scene.region}.{service}",
                AvailabilityZones=[f"{scene.region}{zone}" for zone in _ZONES[scene.region]],
                PrivateDnsName=f"{service}.{scene.region}.amazonaws.com",
                Owner="amazon",
            )
        scene.service_list("ec2-instance-connect")


_ZONES = {VIRGINIA: "abc", TOKYO: "acd"}


def _tags(team: str, service: str) -> dict[str, str]:
    return {"Team": team, "Service": service}


def _named(handle: Any, name: str) -> Any:
    handle.record["Tags"] = [*handle.record.get("Tags", []), {"Key": "Name", "Value": name}]
    return handle
