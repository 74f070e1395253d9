"""The conformance list: one small account per line, numbered as in the list; `test_conformance` asks them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from advisor.model.estate import Estate
from advisor.network.flow import INTERNET, End, Flow, Kind, Protocol
from tests.scenes.builder import Scene, entry, everything, icmp, peer, protocol, tcp

OPEN = [entry(100)]


@dataclass(frozen=True)
class Case:
    """An estate, a flow, and what must come of it."""

    scene: Scene
    flow: Flow
    verdict: str
    codes: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    estate: Estate | None = None


@dataclass
class Line:
    """A line of the list."""

    number: str
    name: str
    build: Callable[[], Case] = field(repr=False)


LINES: list[Line] = []


def line(number: str, name: str) -> Callable[[Callable[[], Case]], Callable[[], Case]]:
    """Register a scene under its number in the list."""

    def register(build: Callable[[], Case]) -> Callable[[], Case]:
        LINES.append(Line(number, name, build))
        return build

    return register


def at(thing: Any, **members: Any) -> End:
    """The end that a handle of the scene is."""
    kind = {
        "i": Kind.INSTANCE,
        "eni": Kind.INTERFACE,
        "eice": Kind.INSTANCE_CONNECT_ENDPOINT,
        "subnet": Kind.SUBNET,
    }[thing.id.split("-")[0]]
    return End(kind, thing.id, thing.place.account, thing.place.region, **members)


def service(name: str, thing: Any) -> End:
    return End(Kind.SERVICE, name, thing.place.account, thing.place.region)


def ssh(source: Any, destination: Any, port: int = 22, **members: Any) -> Flow:
    def end(thing: Any) -> End:
        return thing if isinstance(thing, End) else at(thing)

    return Flow(end(source), end(destination), port=port, **members)


def https(source: Any, name: str = "ssm") -> Flow:
    return Flow(at(source), service(name, source), port=443)


def internet(address: str = "") -> End:
    return End(Kind.INTERNET, address)


def address(text: str) -> End:
    return End(Kind.ADDRESS, text)


# --- inside one VPC: ACLs and groups ----------------------------------------------------------------------


class Pair:
    """A bastion and an instance in two subnets (or one), open unless a test says otherwise."""

    def __init__(self, *, same_subnet: bool = False, platform: str = "linux", **group: Any) -> None:
        self.scene = Scene()
        self.vpc = self.scene.vpc("10.0.0.0/16")
        self.a = self.vpc.subnet("10.0.0.0/24")
        self.b = self.a if same_subnet else self.vpc.subnet("10.0.1.0/24")
        self.near = self.vpc.group("bastion")
        group.setdefault("ingress", [tcp(22, self.near)])
        self.far = self.vpc.group("instance", **group)
        self.bastion = self.a.instance(groups=[self.near], platform=platform)
        self.instance = self.b.instance(groups=[self.far])

    def case(self, verdict: str, *codes: str, **members: Any) -> Case:
        return Case(self.scene, ssh(self.bastion, self.instance), verdict, codes, **members)


@line("1", "same-subnet ssh ok")
def _() -> Case:
    p = Pair(same_subnet=True)
    p.vpc.acl([], [], [p.a])
    return p.case("reachable", absent=("network-acl",))


@line("2", "cross-subnet nacl deny in")
def _() -> Case:
    p = Pair()
    p.vpc.acl([entry(90, "deny", "tcp", 22), *OPEN], OPEN, [p.b])
    return p.case("blocked", "SUBNET_ACL_RESTRICTION", says=("forward", "entry 90"))


@line("3", "return nacl blocked")
def _() -> Case:
    p = Pair()
    p.vpc.acl(OPEN, [entry(100, "allow", "tcp", 443)], [p.b])
    return p.case("blocked", "SUBNET_ACL_RESTRICTION", says=("return",))


@line("4", "return nacl partial linux")
def _() -> Case:
    p = Pair()
    p.vpc.acl([entry(100, "allow", "tcp", (49152, 65535))], OPEN, [p.a])
    return p.case("blocked", "SUBNET_ACL_RESTRICTION", says=("32768-49151",))


@line("5", "same, windows client")
def _() -> Case:
    p = Pair(platform="windows")
    p.vpc.acl([entry(100, "allow", "tcp", (49152, 65535))], OPEN, [p.a])
    return p.case("reachable")


@line("6", "nacl order")
def _() -> Case:
    p = Pair()
    p.vpc.acl([entry(90, "deny", "tcp", 22), entry(100, "allow", "tcp", 22)], OPEN, [p.b])
    return p.case("blocked", "SUBNET_ACL_RESTRICTION", says=("entry 90", "entry 100"))


@line("7", "nacl order reversed")
def _() -> Case:
    p = Pair()
    p.vpc.acl([entry(90, "allow", "tcp", 22), entry(100, "deny", "tcp", 22)], OPEN, [p.b])
    return p.case("reachable")


@line("8", "sg no rules")
def _() -> Case:
    return Pair(ingress=[]).case("blocked", "SG_HAS_NO_RULES")


@line("9", "sg wrong port")
def _() -> Case:
    return Pair(ingress=[tcp(2222)]).case("blocked", "ENI_SG_RULES_MISMATCH", says=("nearest",))


@line("10", "sg egress closed")
def _() -> Case:
    p = Pair()
    p.near.record["IpPermissionsEgress"] = []
    p.near.egress(tcp(443))
    return p.case("blocked", "ENI_SG_RULES_MISMATCH", says=("outbound",))


@line("11", "sg reply free")
def _() -> Case:
    p = Pair(egress=[])
    return p.case("reachable")


@line("12", "self reference")
def _() -> Case:
    p = Pair()
    both = p.vpc.group("both", ingress=[tcp(22, "self")])
    a, b = p.a.instance(groups=[both]), p.b.instance(groups=[both])
    return Case(p.scene, ssh(a, b), "reachable")


@line("13", "same group, no self rule")
def _() -> Case:
    p = Pair()
    both = p.vpc.group("both")
    a, b = p.a.instance(groups=[both]), p.b.instance(groups=[both])
    return Case(p.scene, ssh(a, b), "blocked", ("SG_HAS_NO_RULES",))


@line("14", "union of groups")
def _() -> Case:
    p = Pair()
    closed = p.vpc.group("closed")
    return Case(p.scene, ssh(p.bastion, p.b.instance(groups=[closed, p.far])), "reachable")


@line("15", "secondary ENI only has the SG")
def _() -> Case:
    p = Pair()
    extra = p.b.interface([p.far])
    closed = p.vpc.group("closed")
    return Case(
        p.scene,
        ssh(p.bastion, p.b.instance(groups=[closed], interfaces=[extra])),
        "blocked",
        ("SG_HAS_NO_RULES",),
    )


@line("16", "secondary ENI dst")
def _() -> Case:
    p = Pair()
    extra = p.b.interface([p.far])
    instance = p.b.instance(groups=[p.far], interfaces=[extra])
    flow = Flow(at(p.bastion), at(instance, interface=extra.id))
    return Case(p.scene, flow, "unknown", ("ADV_MULTI_ENI_ASYMMETRY",))


@line("17", "protocol -1")
def _() -> Case:
    return Pair(ingress=[everything("10.0.0.0/16")]).case("reachable")


@line("18", 'proto number "6"')
def _() -> Case:
    p = Pair(ingress=[tcp(22, "10.0.0.0/16")])
    for permission in p.far.record["IpPermissions"]:
        permission["IpProtocol"] = "6"
    return p.case("reachable")


@line("19", "icmp only")
def _() -> Case:
    return Pair(ingress=[icmp("10.0.0.0/16")]).case("blocked", "ENI_SG_RULES_MISMATCH")


@line("20", "prefix list rule")
def _() -> Case:
    p = Pair(ingress=[])
    p.far.ingress(tcp(22, p.scene.prefix_list("10.0.0.0/28")))
    return p.case("reachable")


@line("21", "prefix list unreadable")
def _() -> Case:
    p = Pair(ingress=[])
    listed = p.scene.prefix_list("10.0.0.0/28", readable=False)
    p.far.ingress(tcp(22, listed))
    p.scene.deny("ec2:GetManagedPrefixListEntries", resource=listed.id)
    return p.case("unknown", "UNKNOWN_RESOURCE", says=("ec2:GetManagedPrefixListEntries",))


# --- from the internet ------------------------------------------------------------------------------------


class Public:
    """A bastion in a public subnet, reached from the internet."""

    def __init__(self, public_ip: str | None = "203.0.113.5", routed: bool = True, **group: Any) -> None:
        self.scene = Scene()
        self.vpc = self.scene.vpc("10.0.0.0/16")
        self.igw = self.vpc.igw()
        self.subnet = self.vpc.subnet("10.0.0.0/24")
        self.table = self.vpc.table([("0.0.0.0/0", self.igw)] if routed else [], [self.subnet])
        group.setdefault("ingress", [tcp(22, "198.18.5.7/32")])
        self.group = self.vpc.group("bastion", **group)
        self.bastion = self.subnet.instance(groups=[self.group], public_ip=public_ip)

    def case(self, verdict: str, *codes: str, **members: Any) -> Case:
        return Case(self.scene, ssh(internet("198.18.5.7"), self.bastion), verdict, codes, **members)


@line("22", "sg ref, public leg")
def _() -> Case:
    p = Public(ingress=[])
    p.group.ingress(tcp(22, "self"))
    return p.case("blocked", "ADV_SG_REF_PUBLIC_IP")


@line("23", "internet to bastion")
def _() -> Case:
    return Public().case("reachable")


@line("24", "no public ip")
def _() -> Case:
    return Public(public_ip=None).case("blocked", "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS")


@line("25", "no igw route")
def _() -> Case:
    return Public(routed=False).case("blocked", "NO_ROUTE_TO_DESTINATION", says=("return",))


@line("26", "igw detached")
def _() -> Case:
    p = Public(routed=False)
    p.igw.record["Attachments"] = []
    p.table.route("0.0.0.0/0", p.igw, state="blackhole")
    return p.case("blocked", "BAD_STATE_ROUTE")


@line("27", "main table implicit")
def _() -> Case:
    p = Public(routed=False)
    p.vpc.main.route("0.0.0.0/0", p.igw)
    p.table.record["Associations"] = []
    return p.case("reachable")


@line("28", "explicit beats main")
def _() -> Case:
    p = Public(routed=False)
    p.vpc.main.route("0.0.0.0/0", p.igw)
    return p.case("blocked", "NO_ROUTE_TO_DESTINATION")


# --- routes -----------------------------------------------------------------------------------------------


class Nat:
    """An instance in a private subnet with a NAT gateway in a public one."""

    def __init__(self, routed: bool = True, **nat: Any) -> None:
        self.scene = Scene()
        self.vpc = self.scene.vpc("10.0.0.0/16")
        self.igw = self.vpc.igw()
        self.public = self.vpc.subnet("10.0.0.0/24")
        self.public_table = self.vpc.table([("0.0.0.0/0", self.igw)], [self.public])
        self.nat = self.public.nat(**nat)
        self.private = self.vpc.subnet("10.0.1.0/24")
        self.table = self.vpc.table([("0.0.0.0/0", self.nat)] if routed else [], [self.private])
        self.group = self.vpc.group("node")
        self.node = self.private.instance(groups=[self.group])

    def case(self, verdict: str, *codes: str, **members: Any) -> Case:
        return Case(self.scene, https(self.node), verdict, codes, **members)


@line("29", "blackhole more specific")
def _() -> Case:
    n = Nat()
    n.table.route("52.0.0.0/8", "nat-0dead000000000000", state="blackhole")
    flow = Flow(at(n.node), address("52.94.1.1"), port=443)
    return Case(n.scene, flow, "blocked", ("BAD_STATE_ROUTE",))


@line("29 service", "a blackhole that may cover the service's addresses")
def _() -> Case:
    n = Nat()
    n.table.route("52.0.0.0/8", "nat-0dead000000000000", state="blackhole")
    return n.case("unknown")


class Peered:
    """Two VPCs, peered, with routes both ways."""

    def __init__(
        self, region: str = "us-east-1", status: str = "active", back: bool = True, **group: Any
    ) -> None:
        self.scene = Scene()
        self.other = self.scene.at(region=region)
        self.a = self.scene.vpc("10.0.0.0/16")
        self.b = self.other.vpc("10.1.0.0/16")
        self.pcx = self.scene.peering(self.a, self.b, status)
        self.near = self.a.group("bastion")
        group.setdefault("ingress", [tcp(22, "10.0.0.0/16")])
        self.far = self.b.group("instance", **group)
        self.sa = self.a.subnet("10.0.1.0/24")
        self.sb = self.b.subnet("10.1.2.0/24", f"{region}a")
        self.a.main.route("10.1.0.0/16", self.pcx)
        if back:
            self.b.main.route("10.0.0.0/16", self.pcx)
        self.bastion = self.sa.instance(groups=[self.near])
        self.instance = self.sb.instance(groups=[self.far])

    def case(self, verdict: str, *codes: str, **members: Any) -> Case:
        return Case(self.scene, ssh(self.bastion, self.instance), verdict, codes, **members)


@line("30", "more specific steals")
def _() -> Case:
    p = Peered()
    wrong = p.scene.transit_gateway()
    wrong.attach(p.a, [p.sa])
    p.a.main.route("10.1.2.0/24", wrong)
    return p.case("blocked", "MORE_SPECIFIC_ROUTE")


@line("31", "static beats propagated")
def _() -> Case:
    p = Public(ingress=[tcp(22, "0.0.0.0/0")])
    vgw = p.vpc.vgw()
    p.table.propagate(vgw, "0.0.0.0/0")
    return p.case("reachable", says=("igw-",))


@line("31 shadowed", "a static route that leads astray hides the propagated one")
def _() -> Case:
    p = Public(ingress=[tcp(22, "0.0.0.0/0")], routed=False)
    vgw = p.vpc.vgw()
    p.scene.vpn(vgw)
    p.table.route("192.168.0.0/16", p.igw)
    p.table.propagate(vgw, "192.168.0.0/16")
    return Case(p.scene, ssh(p.bastion, address("192.168.7.7")), "blocked", ("HIGHER_PRIORITY_ROUTE",))


@line("32", "propagated inside local")
def _() -> Case:
    p = Pair()
    p.vpc.main.propagate(p.vpc.vgw(), "10.0.1.0/24")
    return p.case("reachable")


@line("33", "local overridden")
def _() -> Case:
    p = Pair()
    inspection = p.vpc.subnet("10.0.9.0/24")
    firewall = inspection.instance(groups=[p.vpc.group("fw", ingress=[everything()])])
    p.vpc.table([("10.0.1.0/24", firewall.eni)], [p.a])
    return p.case("blocked", "ENI_SOURCE_DEST_CHECK_RESTRICTION")


# --- ways out ---------------------------------------------------------------------------------------------


@line("34", "ssm by nat")
def _() -> Case:
    return Nat().case("reachable")


@line("35", "nat in subnet w/o igw")
def _() -> Case:
    n = Nat()
    n.public_table.drop("0.0.0.0/0")
    return n.case("blocked", "ADV_NAT_SUBNET_NO_IGW")


@line("36", "nat same subnet")
def _() -> Case:
    n = Nat()
    own = n.private.nat()
    n.table.drop("0.0.0.0/0").route("0.0.0.0/0", own)
    return n.case("blocked", "ADV_NAT_OWN_SUBNET_LOOP")


@line("37", "nat failed")
def _() -> Case:
    return Nat(state="failed").case("blocked", "BAD_STATE")


@line("38", "private nat")
def _() -> Case:
    return Nat(connectivity="private").case("blocked", "ADV_NAT_PRIVATE_NO_INTERNET")


@line("39", "nat subnet nacl return")
def _() -> Case:
    n = Nat()
    ingress = [entry(100, "allow", "tcp", 443), entry(110, "allow", "tcp", (32768, 65535))]
    n.vpc.acl(ingress, OPEN, [n.public])
    return n.case("blocked", "SUBNET_ACL_RESTRICTION", says=("1024-32767",))


@line("40", "nat via peering")
def _() -> Case:
    p = Peered()
    p.b.igw()
    hub = p.b.subnet("10.1.9.0/24")
    hub.nat()
    p.a.main.route("0.0.0.0/0", p.pcx)
    return Case(p.scene, https(p.bastion), "blocked", ("PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",))


class Transit:
    """Two VPCs attached to a transit gateway, with routes both ways."""

    def __init__(
        self, zone: str = "us-east-1a", table: str | None = "default", referencing: bool = False,
        propagate: bool = True, accounts: tuple[str, str] | None = None, **group: Any
    ) -> None:  # fmt: skip
        self.scene = Scene()
        self.other = self.scene.at(account=accounts[1]) if accounts else self.scene
        self.a = self.scene.vpc("10.0.0.0/16")
        self.b = self.other.vpc("10.1.0.0/16")
        self.ta = self.a.subnet("10.0.9.0/28", "us-east-1a")
        self.tb = self.b.subnet("10.1.9.0/28", "us-east-1a")
        self.tgw = self.scene.transit_gateway(referencing=referencing)
        self.at_a = self.tgw.attach(self.a, [self.ta], table=table)
        self.at_b = self.tgw.attach(self.b, [self.tb])
        self.near = self.a.group("bastion")
        group.setdefault("ingress", [tcp(22, "10.0.0.0/16")])
        self.far = self.b.group("instance", **group)
        self.sa = self.a.subnet("10.0.1.0/24", zone)
        self.sb = self.b.subnet("10.1.1.0/24", "us-east-1a")
        self.a.main.route("10.1.0.0/16", self.tgw)
        self.b.main.route("10.0.0.0/16", self.tgw)
        self.bastion = self.sa.instance(groups=[self.near])
        self.instance = self.sb.instance(groups=[self.far])

    def case(self, verdict: str, *codes: str, **members: Any) -> Case:
        return Case(self.scene, ssh(self.bastion, self.instance), verdict, codes, **members)


@line("41", "nat via tgw")
def _() -> Case:
    t = Transit()
    igw = t.b.igw()
    public = t.b.subnet("10.1.8.0/24", "us-east-1a")
    nat = public.nat()
    t.b.table([("0.0.0.0/0", igw), ("10.0.0.0/16", t.tgw)], [public])
    t.b.table([("0.0.0.0/0", nat), ("10.0.0.0/16", t.tgw)], [t.tb])
    t.a.main.route("0.0.0.0/0", t.tgw)
    t.tgw.default.route("0.0.0.0/0", t.at_b)
    return Case(t.scene, https(t.bastion), "reachable")


def regional(zones: list[str], auto: bool) -> Nat:
    n = Nat(routed=False)
    own = n.vpc.table([("0.0.0.0/0", n.igw)])
    n.table.route("0.0.0.0/0", n.vpc.regional_nat(zones, auto=auto, table=own))
    return n


@line("42", "regional nat, manual, AZ missing")
def _() -> Case:
    return regional(["us-east-1b"], auto=False).case("blocked", "REGIONAL_NGW_ROUTE_AZ_RESTRICTION")


@line("42 present", "regional nat, manual, AZ present")
def _() -> Case:
    return regional(["us-east-1a"], auto=False).case("reachable")


@line("43", "regional nat, auto, AZ missing")
def _() -> Case:
    return regional(["us-east-1b"], auto=True).case("unknown", "ADV_SNAPSHOT_PARTIAL")


def nat_instance(check: bool) -> Nat:
    n = Nat(routed=False)
    group = n.vpc.group("nat", ingress=[everything("10.0.0.0/16")])
    forwarder = n.public.instance(groups=[group], public_ip="203.0.113.9", source_dest_check=check)
    n.table.route("0.0.0.0/0", forwarder.eni)
    return n


@line("44", "nat instance ok")
def _() -> Case:
    return nat_instance(check=False).case("unknown", "ADV_NAT_INSTANCE_OS_UNKNOWN")


@line("45", "nat instance check on")
def _() -> Case:
    return nat_instance(check=True).case("blocked", "ENI_SOURCE_DEST_CHECK_RESTRICTION")


@line("46", "public subnet no eip to ssm")
def _() -> Case:
    p = Public(public_ip=None)
    return Case(p.scene, https(p.bastion), "blocked", ("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",))


# --- endpoints --------------------------------------------------------------------------------------------


class Isolated:
    """An isolated VPC with an interface endpoint for ssm."""

    def __init__(
        self,
        dns: tuple[bool, bool] = (True, True),
        dhcp: Any = None,
        nat: bool = False,
        zone: str = "us-east-1a",
        **endpoint: Any,
    ) -> None:
        self.scene = Scene()
        options = self.scene.dhcp(*dhcp) if dhcp else None
        self.vpc = self.scene.vpc("10.0.0.0/16", dns_support=dns[0], dns_hostnames=dns[1], dhcp=options)
        self.subnet = self.vpc.subnet("10.0.1.0/24", "us-east-1a")
        self.own = self.vpc.subnet("10.0.2.0/24", zone)
        self.admits = self.vpc.group("endpoint", ingress=[tcp(443, "10.0.0.0/16")])
        endpoint.setdefault("groups", [self.admits])
        self.endpoint = self.vpc.endpoint("ssm", subnets=[self.subnet], **endpoint)
        self.group = self.vpc.group("node")
        self.node = self.own.instance(groups=[self.group])
        if nat:
            igw = self.vpc.igw()
            public = self.vpc.subnet("10.0.8.0/24")
            self.vpc.table([("0.0.0.0/0", igw)], [public])
            self.vpc.table([("0.0.0.0/0", public.nat())], [self.own])

    def case(self, verdict: str, *codes: str, **members: Any) -> Case:
        return Case(self.scene, https(self.node), verdict, codes, **members)


@line("47", "3 endpoints ok")
def _() -> Case:
    return Isolated().case("reachable")


def closed_endpoint(nat: bool) -> Isolated:
    i = Isolated(nat=nat)
    other = i.vpc.group("other")
    i.admits.record["IpPermissions"] = []
    i.admits.ingress(tcp(443, other))
    return i


@line("48", "endpoint sg")
def _() -> Case:
    return closed_endpoint(nat=False).case("blocked", "ENI_SG_RULES_MISMATCH", says=("DESTINATION",))


@line("49", "endpoint sg with nat present")
def _() -> Case:
    return closed_endpoint(nat=True).case("blocked", "ENI_SG_RULES_MISMATCH", absent=("nat-gateway",))


@line("50", "private dns off, no nat")
def _() -> Case:
    return Isolated(private_dns=False).case("blocked", "ADV_NO_PRIVATE_DNS")


@line("51", "private dns off, nat")
def _() -> Case:
    return Isolated(private_dns=False, nat=True).case("reachable")


@line("52", "vpc dns off")
def _() -> Case:
    return Isolated(dns=(True, False)).case("blocked", "ADV_VPC_DNS_DISABLED")


@line("52 support", "vpc dns support off")
def _() -> Case:
    return Isolated(dns=(False, True)).case("blocked", "ADV_VPC_DNS_DISABLED")


@line("53", "ssmmessages missing")
def _() -> Case:
    i = Isolated()
    return Case(i.scene, https(i.node, "ssmmessages"), "blocked", ("ADV_ENDPOINT_MISSING",))


@line("54", "endpoint pending")
def _() -> Case:
    return Isolated(state="pendingAcceptance").case("blocked", "ADV_ENDPOINT_PENDING_ACCEPTANCE")


@line("56", "endpoint other AZ")
def _() -> Case:
    return Isolated(zone="us-east-1b").case("reachable", says=("AVAILABILITY_ZONE_CROSSED",))


def central(associated: bool) -> Transit:
    t = Transit()
    group = t.b.group("endpoints", ingress=[tcp(443, "10.0.0.0/8")])
    endpoint = t.b.endpoint("ssm", subnets=[t.sb], groups=[group], private_dns=False)
    zone = t.b.hosted_zone("ssm.us-east-1.amazonaws.com", {"ssm.us-east-1.amazonaws.com": endpoint})
    if associated:
        t.scene.associate_zone(zone, t.a)
    return t


@line("57", "central endpoint by tgw + phz")
def _() -> Case:
    t = central(associated=True)
    return Case(t.scene, https(t.bastion), "reachable")


@line("58", "as 57, PHZ not associated")
def _() -> Case:
    t = central(associated=False)
    return Case(t.scene, https(t.bastion), "blocked", ("ADV_PHZ_NOT_ASSOCIATED",))


@line("58 unreadable", "as 58, zones unreadable")
def _() -> Case:
    t = central(associated=False)
    t.scene.deny("route53:ListHostedZonesByVPC")
    return Case(t.scene, https(t.bastion), "unknown", says=("route53:ListHostedZonesByVPC",))


@line("59", "custom dns")
def _() -> Case:
    return Isolated(dhcp=["10.9.9.9"]).case("unknown", "ADV_CUSTOM_DNS_UNKNOWN")


def s3(acl: bool) -> Nat:
    n = Nat(routed=False)
    n.vpc.endpoint("s3", type="Gateway", tables=[n.table])
    listed = n.scene.service_list("s3")
    n.group.record["IpPermissionsEgress"] = []
    n.group.egress(tcp(443, listed))
    if acl:
        n.vpc.acl([entry(100, "allow", "tcp", (1024, 65535), "10.0.0.0/8")], OPEN, [n.private])
    return n


@line("60", "s3 gateway endpoint")
def _() -> Case:
    n = s3(acl=False)
    return Case(n.scene, https(n.node, "s3"), "reachable")


@line("61", "s3 gw endpoint nacl")
def _() -> Case:
    n = s3(acl=True)
    return Case(n.scene, https(n.node, "s3"), "blocked", ("SUBNET_ACL_RESTRICTION",))


# --- EC2 Instance Connect Endpoint ------------------------------------------------------------------------


class Connect:
    """An EC2 Instance Connect Endpoint and an instance, in two subnets of a VPC without any gateway."""

    def __init__(self, ingress: str = "group", egress: str = "group", **endpoint: Any) -> None:
        self.scene = Scene()
        self.vpc = self.scene.vpc("10.0.0.0/16")
        self.a = self.vpc.subnet("10.0.0.0/24")
        self.b = self.vpc.subnet("10.0.1.0/24")
        self.near = self.vpc.group("eice", ingress=[], egress=[])
        admits = {"group": [tcp(22, self.near)], "block": [tcp(22, "10.0.0.0/16")], "none": []}[ingress]
        self.far = self.vpc.group("instance", ingress=admits)
        if egress == "group":
            self.near.egress(tcp(22, self.far))
        self.eice = self.a.instance_connect_endpoint(groups=[self.near], **endpoint)
        self.instance = self.b.instance(groups=[self.far])

    def case(self, verdict: str, *codes: str, **members: Any) -> Case:
        return Case(self.scene, ssh(self.eice, self.instance), verdict, codes, **members)


@line("62", "eice ok")
def _() -> Case:
    return Connect().case("reachable")


@line("63", "eice inbound rules absent")
def _() -> Case:
    c = Connect()
    assert c.near.record["IpPermissions"] == []
    return c.case("reachable")


@line("64", "eice egress closed")
def _() -> Case:
    return Connect(egress="none").case("blocked", "SG_HAS_NO_RULES", says=("SOURCE",))


@line("65a", "eice preserve ip, rule by group")
def _() -> Case:
    return Connect(preserve_client_ip=True).case("reachable")


@line("65b", "eice preserve ip, rule by VPC block")
def _() -> Case:
    return Connect(ingress="block", preserve_client_ip=True).case("blocked", "ENI_SG_RULES_MISMATCH")


@line("66", "eice preserve via tgw")
def _() -> Case:
    t = Transit(ingress=[tcp(22, "0.0.0.0/0")])
    eice = t.sa.instance_connect_endpoint(preserve_client_ip=True)
    return Case(t.scene, ssh(eice, t.instance), "blocked", ("ADV_EICE_CLIENT_IP_TGW",))


@line("67", "eice update-complete")
def _() -> Case:
    return Connect(state="update-complete").case("reachable")


@line("67 failed", "eice create-failed")
def _() -> Case:
    return Connect(state="create-failed").case("blocked", "BAD_STATE")


@line("68", "eice v4, instance v6-only")
def _() -> Case:
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16", ipv6="2600:1f18::/56")
    subnet = vpc.subnet("10.0.0.0/24")
    native = vpc.subnet("10.0.7.0/24", ipv6="2600:1f18:0:1::/64")
    group = vpc.group("instance", ingress=[tcp(22, "::/0", "0.0.0.0/0")])
    eice = subnet.instance_connect_endpoint()
    return Case(
        scene,
        ssh(eice, only_six(native.instance(groups=[group], ipv6=True))),
        "blocked",
        ("ADV_EICE_IP_TYPE_MISMATCH",),
    )


@line("69", "eice and 0/0-less table")
def _() -> Case:
    c = Connect()
    return c.case("reachable", absent=("internet-gateway",))


# --- peering ----------------------------------------------------------------------------------------------


@line("70", "peering both routes")
def _() -> Case:
    return Peered().case("reachable")


@line("71", "peering one-way")
def _() -> Case:
    return Peered(back=False).case("blocked", "NO_ROUTE_TO_DESTINATION", says=("return",))


@line("72", "peering pending")
def _() -> Case:
    return Peered(status="pending-acceptance").case("blocked", "BAD_STATE_ATTACHMENT")


@line("73", "peering transitive")
def _() -> Case:
    p = Peered()
    c = p.scene.vpc("10.2.0.0/16")
    onward = p.scene.peering(p.b, c)
    p.b.main.route("10.2.0.0/16", onward)
    p.a.main.route("10.2.0.0/16", p.pcx)
    third = c.subnet("10.2.1.0/24").instance()
    return Case(p.scene, ssh(p.bastion, third), "blocked", ("DISCONNECTED_VPCS",))


@line("74", "peering sg ref cross-region")
def _() -> Case:
    p = Peered(region="eu-west-1", ingress=[])
    p.far.ingress(tcp(22, p.near))
    return p.case("blocked", "SG_REFERENCES_NOT_PRESERVED")


@line("75", "peering sg ref deleted")
def _() -> Case:
    p = Peered(ingress=[])
    p.far.ingress(tcp(22, peer(p.near, "111122223333", p.a.id, "pcx-0gone", "deleted")))
    return p.case("blocked", "ADV_SG_REF_STALE")


@line("76", "peer in unseen account")
def _() -> Case:
    scene = Scene()
    a = scene.vpc("10.0.0.0/16")
    theirs = scene.at(account="999988887777")
    b = theirs.vpc("10.1.0.0/16")
    a.main.route("10.1.0.0/16", scene.peering(a, b))
    bastion = a.subnet("10.0.1.0/24").instance()
    estate = Estate.of([each for each in scene.responses() if each.account == "111122223333"])
    flow = ssh(bastion, address("10.1.2.3"))
    return Case(scene, flow, "unknown", ("UNKNOWN_PEERED_SGS",), estate=estate)


# --- transit gateways -------------------------------------------------------------------------------------


@line("77", "tgw ok")
def _() -> Case:
    return Transit().case("reachable")


@line("77 accounts", "tgw shared by two accounts, both read")
def _() -> Case:
    return Transit(accounts=("111122223333", "444455556666")).case("reachable")


@line("78", "tgw az absent")
def _() -> Case:
    return Transit(zone="us-east-1b").case("blocked", "TGW_ROUTE_AZ_RESTRICTION")


@line("79", "tgw not associated")
def _() -> Case:
    return Transit(table=None).case("blocked", "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION")


@line("80", "tgw blackhole")
def _() -> Case:
    t = Transit()
    t.tgw.default.route("10.1.1.0/24", "blackhole")
    return t.case("blocked", "TGW_RTB_BAD_STATE_ROUTE")


@line("81", "tgw rtb hidden")
def _() -> Case:
    t = Transit()
    t.scene.deny("ec2:SearchTransitGatewayRoutes")
    return t.case("unknown", "TGW_RTB_ROUTES_ARE_UNKNOWN")


@line("82", "tgw sg ref off")
def _() -> Case:
    t = Transit(ingress=[])
    t.far.ingress(tcp(22, t.near))
    return t.case("blocked", "SG_REFERENCING_SUPPORT")


@line("82 on", "tgw sg ref on")
def _() -> Case:
    t = Transit(ingress=[], referencing=True)
    t.far.ingress(tcp(22, t.near))
    return t.case("reachable")


@line("83", "tgw return missing")
def _() -> Case:
    t = Transit()
    separate = t.tgw.table()
    separate.route("10.9.0.0/16", t.at_a)
    for record in t.at_b.place.records["ec2:DescribeTransitGatewayAttachments"]:
        if record["TransitGatewayAttachmentId"] == t.at_b.id:
            record["Association"]["TransitGatewayRouteTableId"] = separate.id
    return t.case("blocked", "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT", says=("return",))


# --- block public access ----------------------------------------------------------------------------------


@line("84", "bpa bidirectional vs NAT")
def _() -> Case:
    n = Nat()
    n.scene.block_public_access("block-bidirectional")
    return n.case("blocked", "VPC_BLOCK_PUBLIC_ACCESS_ENABLED")


@line("85", "bpa ingress vs NAT")
def _() -> Case:
    n = Nat()
    n.scene.block_public_access("block-ingress")
    return n.case("reachable")


@line("86", "bpa ingress vs public bastion")
def _() -> Case:
    p = Public()
    p.scene.block_public_access("block-ingress")
    return p.case("blocked", "VPC_BLOCK_PUBLIC_ACCESS_ENABLED")


@line("87", "bpa exclusion on NAT subnet")
def _() -> Case:
    n = Nat()
    n.scene.block_public_access("block-bidirectional", exclusions=[(n.public, "allow-egress")])
    return n.case("reachable")


@line("88", "bpa with endpoints/EICE")
def _() -> Case:
    i = Isolated()
    i.scene.block_public_access("block-bidirectional")
    return i.case("reachable")


# --- IPv6 -------------------------------------------------------------------------------------------------


def only_six(instance: Any) -> Any:
    """Take the IPv4 addresses away, as in an IPv6-only subnet."""
    instance.subnet.record["Ipv6Native"] = True
    instance.subnet.record.pop("CidrBlock", None)
    for record in (instance.record, instance.eni.record, *instance.record["NetworkInterfaces"]):
        record.pop("PrivateIpAddress", None)
        record.pop("PrivateIpAddresses", None)
    return instance


def six(target: str) -> tuple[Scene, Any]:
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16", ipv6="2600:1f18::/56")
    gateway = vpc.eigw() if target == "eigw" else vpc.igw()
    subnet = vpc.subnet("10.0.0.0/24", ipv6="2600:1f18:0:1::/64")
    vpc.table([("::/0", gateway)], [subnet])
    group = vpc.group("web", ingress=[tcp(22, "::/0")], egress=[everything("::/0")])
    return scene, subnet.instance(groups=[group], ipv6=True)


@line("89", "ipv6 eigw ssh in")
def _() -> Case:
    scene, instance = six("eigw")
    return Case(scene, ssh(internet("2001:db8::7"), instance), "blocked", ("ADV_EIGW_NO_INBOUND",))


@line("90", "ipv6 public ssh")
def _() -> Case:
    scene, instance = six("igw")
    return Case(scene, ssh(internet("2a00:1450::7"), instance), "reachable")


@line("91", "nat64")
def _() -> Case:
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16", ipv6="2600:1f18::/56")
    public = vpc.subnet("10.0.0.0/24")
    vpc.table([("0.0.0.0/0", vpc.igw())], [public])
    native = vpc.subnet("10.0.7.0/24", ipv6="2600:1f18:0:1::/64")
    native.record["EnableDns64"] = True
    vpc.table([("64:ff9b::/96", public.nat())], [native])
    group = vpc.group("node", egress=[everything("::/0")])
    return Case(scene, https(only_six(native.instance(groups=[group], ipv6=True))), "reachable")


# --- state, blocks, sharing -------------------------------------------------------------------------------


@line("92", "instance stopped")
def _() -> Case:
    p = Pair()
    stopped = p.b.instance(groups=[p.far], state="stopped")
    return Case(p.scene, ssh(p.bastion, stopped), "blocked", ("ADV_INSTANCE_NOT_RUNNING",))


@line("93", "second VPC CIDR")
def _() -> Case:
    p = Pair(ingress=[tcp(22)])
    p.vpc.block("100.64.0.0/16")
    p.vpc.main.route("100.64.0.0/16", "local", origin="CreateRouteTable")
    extra = p.vpc.subnet("100.64.1.0/24")
    return Case(p.scene, ssh(p.bastion, extra.instance(groups=[p.far])), "reachable")


@line("94", "sg vpc association")
def _() -> Case:
    p = Pair()
    elsewhere = p.scene.vpc("10.9.0.0/16")
    group = elsewhere.group("used-there", ingress=[tcp(22, "10.0.0.0/16")]).associate(p.vpc)
    return Case(p.scene, ssh(p.bastion, p.b.instance(groups=[group])), "reachable")


@line("95", "ram shared subnet")
def _() -> Case:
    scene = Scene()
    owner = scene.at(account="999988887777")
    vpc = owner.vpc("10.0.0.0/16")
    a, b = scene.shared(vpc.subnet("10.0.0.0/24")), scene.shared(vpc.subnet("10.0.1.0/24"))
    group = scene.group(vpc, "mine", ingress=[tcp(22)])
    near, far = a.instance(groups=[group]), b.instance(groups=[group])
    scene.deny("ec2:DescribeNetworkAcls")
    estate = Estate.of([each for each in scene.responses() if each.account == "111122223333"])
    return Case(scene, ssh(near, far), "unknown", estate=estate)


@line("96", "truncated dump")
def _() -> Case:
    n = Nat()
    n.scene.truncate("ec2:DescribeRouteTables", keep=99)
    return n.case("unknown", "ADV_SNAPSHOT_PARTIAL")


# --- middleboxes ------------------------------------------------------------------------------------------


def inspected(symmetric: bool) -> tuple[Scene, Any]:
    scene = Scene()
    vpc = scene.vpc("10.0.0.0/16")
    igw = vpc.igw()
    app, wall = vpc.subnet("10.0.0.0/24"), vpc.subnet("10.0.9.0/28")
    firewall = vpc.endpoint(
        "com.amazonaws.vpce.us-east-1.vpce-svc-1", type="GatewayLoadBalancer", subnets=[wall]
    )
    vpc.table([("0.0.0.0/0", firewall)], [app])
    vpc.table([("0.0.0.0/0", igw)], [wall])
    vpc.table([("10.0.0.0/24", firewall)] if symmetric else [], edge=igw)
    return scene, app.instance(groups=[vpc.group("node")], public_ip="203.0.113.5")


@line("97", "gwlbe route")
def _() -> Case:
    scene, node = inspected(symmetric=True)
    return Case(scene, https(node), "reachable", says=("PATH_THROUGH_GWLB_NOT_CHECKED",))


@line("98", "gwlbe asymmetric")
def _() -> Case:
    scene, node = inspected(symmetric=False)
    return Case(scene, https(node), "blocked", ("ADV_RETURN_PATH_ASYMMETRIC",))


# --- networks of one's own --------------------------------------------------------------------------------


class OnPremises:
    """A VPC with a VPN to a network of one's own."""

    def __init__(self, tunnels: tuple[str, str] = ("UP", "DOWN")) -> None:
        self.scene = Scene()
        self.vpc = self.scene.vpc("10.0.0.0/16")
        vgw = self.vpc.vgw()
        self.scene.vpn(vgw, tunnels=tunnels)
        self.vpc.main.propagate(vgw, "192.168.0.0/16")
        self.subnet = self.vpc.subnet("10.0.1.0/24")
        group = self.vpc.group("web", ingress=[tcp(22, "192.168.0.0/16")])
        self.instance = self.subnet.instance(groups=[group])


@line("99", "on-prem by VGW")
def _() -> Case:
    o = OnPremises()
    return Case(o.scene, ssh(address("192.168.7.7"), o.instance), "reachable", says=("What lies behind",))


@line("99 down", "on-prem by VGW, tunnels down")
def _() -> Case:
    o = OnPremises(("DOWN", "DOWN"))
    return Case(o.scene, ssh(address("192.168.7.7"), o.instance), "blocked", ("BAD_STATE_VPN",))


@line("100", "on-prem to nat")
def _() -> Case:
    o = OnPremises()
    public = o.vpc.subnet("10.0.8.0/24")
    nat = public.nat()
    eni = nat.record["NatGatewayAddresses"][0]["NetworkInterfaceId"]
    flow = Flow(address("192.168.7.7"), End(Kind.INTERFACE, eni, "111122223333", "us-east-1"), port=443)
    return Case(o.scene, flow, "blocked", ("VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",))


@line("101", "two blockers")
def _() -> Case:
    p = Pair(ingress=[])
    p.vpc.acl(OPEN, [], [p.b])
    return p.case("blocked", "SG_HAS_NO_RULES", "SUBNET_ACL_RESTRICTION")


__all__ = ["INTERNET", "LINES", "Case", "Protocol", "protocol"]
