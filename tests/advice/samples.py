"""One account in which every kind of repair has something to repair, and one repair of each kind."""

from __future__ import annotations

from advisor.advice import consoles, identity, machines, preferences
from advisor.advice.action import Remedy
from advisor.advice.groups import revoke_world
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
        scene.role("bare", [])
        scene.node(self.instance)
        self.world = self.vpc.group("open", ingress=[tcp(22)])
        self.key = "1234abcd-12ab-34cd-56ef-1234567890ab"
        scene.preferences({"runAsEnabled": True, "runAsDefaultUser": "nobody", "kmsKeyId": self.key})
        arn = f"arn:aws:kms:{scene.region}:{scene.account}:key/{self.key}"
        metadata = {"KeyId": self.key, "Arn": arn, "KeyState": "Disabled", "Enabled": False}
        scene.place.add("kms:DescribeKey", {"KeyMetadata": metadata})
        scene.place.add("logs:DescribeLogGroups", {"logGroupName": "/ssm/old"})
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

    def others(self) -> dict[str, Remedy]:
        """Remedies beyond network repairs, by what they do."""
        scope = self.estate.scope(self.scene.account, self.scene.region)
        home = self.estate.global_scope(self.scene.account)
        instance = scope.instances[self.instance.id]
        key = self.key
        endpoint = scope.instance_connect_endpoints[self.eice.id]
        return {
            "bastion": machines.create_bastion(
                scope, scope.subnets[self.public.id], "203.0.113.0/24", (self.web.id,), 22, self.estate
            ),
            "agent": machines.update_agent(scope, self.instance.id),
            "reboot": machines.reboot(scope, self.instance.id),
            "move host": machines.move_host(scope, self.instance.id),
            "metadata": machines.enable_metadata(scope, instance),
            "tag": machines.tag_instance(scope, self.instance.id, "team", "a b"),
            "profile": identity.attach_profile(scope, self.stopped.id, self.estate),
            "own profile": Remedy(identity.create_profile(scope, home)),
            "core policy": identity.attach_core(scope, "bare", self.estate),
            "inline policy": identity.inline_policy(home, "bare", "p", identity.agent_document()),
            "trust": identity.trust_service(home, "bare", "ssm.amazonaws.com", {"Statement": []}),
            "default host management": identity.default_host_management(scope, self.estate),
            "advanced tier": identity.advanced_tier(scope),
            "preferences": preferences.change_preferences(
                scope, preferences.without_run_as, key="run-as", text="preferences-run-as"
            ),
            "key": preferences.enable_key(scope, key),
            "grant": preferences.grant_decrypt(scope, f"arn:aws:iam::{self.scene.account}:role/bare", key),
            "log group": preferences.create_log_group(scope, "/ssm/new"),
            "log encryption": preferences.encrypt_log_group(scope, "/ssm/old", key),
            "serial console": consoles.enable_serial_console(scope),
            "endpoint again": consoles.replace_instance_connect_endpoint(scope, endpoint),
            "address type": consoles.widen_address_type(scope, endpoint),
            "world": Remedy((revoke_world(scope, self.world.id, 22, "0.0.0.0/0"),)),
        }


SAMPLE = Account()
REPAIRS = SAMPLE.repairs()
OTHERS = SAMPLE.others()
