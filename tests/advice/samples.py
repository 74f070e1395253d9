"""One account in which every kind of repair has something to repair, and one repair of each kind."""

from __future__ import annotations

from advisor.network import repairs
from tests.scenes.builder import CORE, Scene, entry, tcp


class Account:
    """A VPC with a private and a public subnet, a hub beside it, and what repairs refer to."""

    def __init__(self) -> None:
        scene = self.scene = Scene()
        self.vpc = scene.vpc("10.0.0.0/16", dns_hostnames=False)
        self.private = self.vpc.subnet("10.0.1.0/24", "a")
        self.public = self.vpc.subnet("10.0.2.0/24", "b")
        self.igw = self.vpc.igw()
        self.public_table = self.vpc.table([("0.0.0.0/0", self.igw)], [self.public])
        self.table = self.vpc.table([("0.0.0.0/0", "nat-0bad", "blackhole")], [self.private])
        self.web = self.vpc.group("web", ingress=[tcp(22, "10.0.0.0/8")])
        self.ends = self.vpc.group("endpoints", ingress=[tcp(443, "10.0.2.0/24")])
        self.acl = self.vpc.acl(
            [entry(90, "deny", "tcp", 22), entry(100)], [entry(100)], subnets=[self.private]
        )
        self.role = scene.role("ssm", [CORE])
        self.instance = self.private.instance(groups=[self.web])
        self.stopped = self.public.instance(groups=[self.web], state="stopped")
        self.endpoint = self.vpc.endpoint(
            "ssm", subnets=[self.private], groups=[self.ends], private_dns=False
        )
        self.eice = self.private.instance_connect_endpoint(groups=[self.web], preserve_client_ip=True)
        self.nat = self.public.nat()
        self.hub = scene.vpc("10.1.0.0/16")
        self.hub_subnet = self.hub.subnet("10.1.1.0/24", "a")
        self.hub_second = self.hub.subnet("10.1.2.0/24", "b")
        self.zone = self.hub.hosted_zone("ssmmessages.us-east-1.amazonaws.com")
        self.transit = scene.transit_gateway()
        self.attachment = self.transit.attach(self.hub, [self.hub_subnet])
        self.loose = self.transit.attach(self.vpc, [self.private], table=None, propagate=[])
        self.estate = scene.estate()

    def place(self) -> dict[str, str]:
        return {"account": self.scene.account, "region": self.scene.region}

    def repairs(self) -> dict[str, repairs.Repair]:
        """One repair of each kind, by the kind's name."""
        here = self.place()
        table = self.transit_table()
        listed: list[repairs.Repair] = [
            repairs.AddEndpointSubnet(self.endpoint.id, self.public.id, **here),
            repairs.AddRoute(self.table.id, "0.0.0.0/0", self.nat.id, True, **here),
            repairs.AddTransitGatewayRoute(table, "10.9.0.0/16", self.attachment.id, **here),
            repairs.AddTransitGatewaySubnet(self.attachment.id, self.hub_second.id, **here),
            repairs.AdmitInGroup(self.ends.id, False, "tcp", 443, 443, peer_group=self.web.id, **here),
            repairs.AdmitInNetworkAcl(self.acl.id, False, "tcp", 22, 22, "10.0.2.0/24", 90, **here),
            repairs.AskOwner("444455556666", "rtb-0owner", "a route to 10.0.0.0/16"),
            repairs.AssociateHostedZone(self.zone.id, self.vpc.id, **here),
            repairs.AssociatePublicAddress(self.instance.eni.id, **here),
            repairs.AssociateTransitGatewayRouteTable(self.loose.id, table, **here),
            repairs.AttachInternetGateway(self.hub.id, **here),
            repairs.CreateGatewayEndpoint("s3", self.vpc.id, self.table.id, **here),
            repairs.CreateInterfaceEndpoint("ssmmessages", self.vpc.id, (self.private.id,), **here),
            repairs.CreateNatGateway(self.public.id, self.table.id, self.vpc.id, True, **here),
            repairs.DisableClientIpPreservation(self.eice.id, **here),
            repairs.DisableSourceDestCheck(self.instance.eni.id, **here),
            repairs.EnableGroupReferencing(self.transit.id, **here),
            repairs.EnablePrivateDns(self.endpoint.id, self.vpc.id, **here),
            repairs.EnableVpcDns(self.vpc.id, "enableDnsHostnames", **here),
            repairs.ExcludeFromBlockPublicAccess(self.public.id, "allow-bidirectional", **here),
            repairs.ResetEndpointPolicy(self.endpoint.id, **here),
            repairs.StartInstance(self.stopped.id, **here),
        ]
        return {type(each).__name__: each for each in listed}

    def transit_table(self) -> str:
        scope = self.estate.scope(self.scene.account, self.scene.region)
        return next(iter(scope.transit_gateway_route_tables))


SAMPLE = Account()
REPAIRS = SAMPLE.repairs()
