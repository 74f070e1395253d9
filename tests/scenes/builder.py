"""Small accounts as raw API JSON, exactly as AWS answers; a test's scene is about five lines.

    scene = Scene()                                          # account 111122223333, us-east-1
    vpc = scene.vpc("10.0.0.0/16")                           # with main table, default ACL and group
    igw = vpc.igw()
    vpc.main.route("0.0.0.0/0", igw)
    subnet = vpc.subnet("10.0.1.0/24")                       # zone a, main table, default ACL
    web = vpc.group("web", ingress=[tcp(22, "10.0.0.0/8")])  # outbound everything; egress=[] for nothing
    instance = subnet.instance(groups=[web], public_ip="203.0.113.5", profile=scene.role("ssm", [CORE]))
    scene.node(instance)                                     # Online, pinged two minutes before collected_at
    scene.deny("ec2:DescribeNetworkAcls")
    estate = scene.estate()                                  # or scene.responses(), scene.dump(folder)

Every handle has `.id` and `.record`: the raw dictionary, to be changed as a test likes. Whatever takes a
handle takes an id too (`vpc.main.route("0.0.0.0/0", "nat-0bad…", state="blackhole")` dangles).

All list operations that a scene does not mention were asked and are empty. Operations asked once per
resource are there for the resources of the scene: VPC attributes, hosted zones of each VPC, prefix list
entries, transit gateway routes, roles and their policies, targets of load balancers. Not asked unless the
scene says so: connection status, console output, keys, buckets, simulations.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from advisor.model.estate import Estate
from advisor.model.responses import GLOBAL, Gap, Responses
from advisor.model.scope import FAMILIES
from tests.scenes import compute, endpoints, identity, network, transit
from tests.scenes.compute import Instance
from tests.scenes.guards import Acl, Group
from tests.scenes.handle import Handle, identifier, zone_id
from tests.scenes.identity import Role, allow, deny
from tests.scenes.interfaces import Interface
from tests.scenes.network import Subnet, Vpc
from tests.scenes.place import COLLECTED_AT, Fault, Place, Record, World
from tests.scenes.rules import (
    ALL,
    ANYWHERE,
    entry,
    everything,
    icmp,
    icmpv6,
    peer,
    protocol,
    tcp,
    udp,
)
from tests.scenes.tables import Table
from tests.scenes.transit import Attachment, TransitGateway, TransitTable

__all__ = [
    "ALL",
    "ANYWHERE",
    "COLLECTED_AT",
    "CORE",
    "DEFAULT_HOST_MANAGEMENT",
    "Acl",
    "Attachment",
    "Group",
    "Handle",
    "Instance",
    "Interface",
    "Role",
    "Scene",
    "Subnet",
    "Table",
    "TransitGateway",
    "TransitTable",
    "Vpc",
    "allow",
    "deny",
    "entry",
    "everything",
    "icmp",
    "icmpv6",
    "peer",
    "protocol",
    "tcp",
    "udp",
]

CORE = "AmazonSSMManagedInstanceCore"
DEFAULT_HOST_MANAGEMENT = "/ssm/managed-instance/default-ec2-instance-management-role"
PREFERENCES = "SSM-SessionManagerRunShell"
_DENIALS = {"ec2": "UnauthorizedOperation", "iam": "AccessDenied", "sts": "AccessDenied"}


class Scene:
    """A view on one account and Region of a scene; `at` gives views on its other places."""

    def __init__(
        self, account: str = "111122223333", region: str = "us-east-1", *, world: World | None = None
    ) -> None:
        self.world = world or World()
        self.account = account
        self.region = region
        is_new = (account, region) not in self.world.places
        self.place: Place = self.world.place(account, region)
        if is_new:
            self._settle()

    def _settle(self) -> None:
        """What every account answers in every Region."""
        place = self.place
        for letter in "abc":
            zone = f"{self.region}{letter}"
            record = {
                "State": "available",
                "OptInStatus": "opt-in-not-required",
                "RegionName": self.region,
                "ZoneName": zone,
                "ZoneId": zone_id(place, zone),
                "ZoneType": "availability-zone",
            }
            place.add("ec2:DescribeAvailabilityZones", record)
        place.add("ec2:DescribeRegions", {"RegionName": self.region, "OptInStatus": "opt-in-not-required"})
        home = self.world.place(self.account, GLOBAL)
        if not home.records["sts:GetCallerIdentity"]:
            arn = f"arn:aws:iam::{self.account}:user/alice"
            caller = {"UserId": "AIDA0000000000000001", "Account": self.account, "Arn": arn}
            place.add("sts:GetCallerIdentity", caller)
            # Asked and empty would say that the account has no roles; scenes answer the calls per role.
            home.forgotten.add("iam:GetAccountAuthorizationDetails")
        self.serial_console(False)
        self.block_public_access("off")
        self.setting(DEFAULT_HOST_MANAGEMENT, "$None", "Default")
        self._gap("ssm:GetDocument", PREFERENCES, "failed", "InvalidDocument")

    def at(self, account: str | None = None, region: str | None = None) -> Scene:
        """The same scene seen from another account or Region."""
        return Scene(account or self.account, region or self.region, world=self.world)

    # --- network -----------------------------------------------------------------------------------------

    def vpc(self, cidr: str = "10.0.0.0/16", **options: Any) -> Vpc:
        """A VPC: dns_support=True, dns_hostnames=True, ipv6=None, dhcp=None, name=None, id=None."""
        return Vpc(self.place, cidr, **options)

    def dhcp(self, *servers: str, domain: str | None = None) -> Handle:
        """DHCP options with these DNS servers, for `vpc(dhcp=…)`."""
        return network.dhcp_options(self.place, *servers, domain=domain)

    def shared(self, subnet: Subnet, *extra: Handle) -> Subnet:
        """Another account's subnet as this (participant) account sees it, to put own instances in.

        The participant also sees the subnet's VPC, route tables, ACLs and, when given, further resources.
        """
        owner, here = subnet.place, self.place
        here.add("ec2:DescribeSubnets", subnet.record)
        for operation in ("ec2:DescribeVpcs", "ec2:DescribeRouteTables", "ec2:DescribeNetworkAcls"):
            for record in owner.records[operation]:
                if record["VpcId"] == subnet.vpc.id and record not in here.records[operation]:
                    here.add(operation, record)
        for handle in extra:
            for operation, records in owner.records.items():
                if any(record is handle.record for record in records):
                    here.add(operation, handle.record)
        return Subnet(subnet.vpc, subnet.cidr, subnet.az, ipv6=subnet.ipv6, place=here, record=subnet.record)

    def group(self, vpc: Vpc, name: str, **options: Any) -> Group:
        """A group of this account in another account's (shared) VPC."""
        return Group(vpc, name, place=self.place, **options)

    def prefix_list(self, *blocks: str, **options: Any) -> Handle:
        """A managed prefix list: name="list", owner=None ("AWS" for AWS's own), readable=True, id=None."""
        return endpoints.prefix_list(self.place, blocks, **options)

    def service_list(self, service: str) -> Handle:
        """AWS's prefix list of a service: `s3`, `dynamodb`, `ec2-instance-connect`."""
        return endpoints.service_prefix_list(self.place, f"com.amazonaws.{self.region}.{service}")

    def block_public_access(
        self, mode: str, exclusions: Iterable[tuple[Any, str]] = (), managed_by: str = "account"
    ) -> None:
        """VPC block public access: `off`, `block-ingress` or `block-bidirectional`.

        Exclusions are (vpc or subnet, `allow-bidirectional` or `allow-egress`). The mode in force is also
        set on the VPCs and subnets that exist by now.
        """
        answer = {
            "AwsAccountId": self.account,
            "AwsRegion": self.region,
            "State": "default-state" if mode == "off" else "update-complete",
            "InternetGatewayBlockMode": mode,
            "ManagedBy": managed_by,
            "ExclusionsAllowed": "allowed",
        }
        self._only("ec2:DescribeVpcBlockPublicAccessOptions", {"VpcBlockPublicAccessOptions": answer})
        excluded = dict[str, str]()
        for thing, allowed in exclusions:
            kind = "subnet" if thing.id.startswith("subnet-") else "vpc"
            record = {
                "ExclusionId": self.place.new_id("vpcbpa-exclude"),
                "InternetGatewayExclusionMode": allowed,
                "ResourceArn": self.place.arn("ec2", f"{kind}/{thing.id}"),
                "State": "create-complete",
                "Tags": [],
            }
            excluded[thing.id] = "off" if allowed == "allow-bidirectional" else "block-ingress"
            self.place.add("ec2:DescribeVpcBlockPublicAccessExclusions", record)
        for operation, key in (("ec2:DescribeVpcs", "VpcId"), ("ec2:DescribeSubnets", "SubnetId")):
            for each in self.place.records[operation]:
                inherited = excluded.get(each["VpcId"], mode)
                each["BlockPublicAccessStates"] = {
                    "InternetGatewayBlockMode": excluded.get(each[key], inherited) if mode != "off" else "off"
                }

    def peering(self, requester: Vpc, accepter: Vpc, status: str = "active", **options: Any) -> Handle:
        """A peering connection; both sides see it.

        Rules made afterwards name it where they name the other side's groups.
        """
        return transit.peering(requester, accepter, status, **options)

    def transit_gateway(self, **options: Any) -> TransitGateway:
        """A transit gateway: default=True (its table), referencing=False; `.attach`, `.table`, `.peer`."""
        return TransitGateway(self.place, **options)

    def vpn(self, gateway: Handle, static: Iterable[str] = (), **options: Any) -> Handle:
        """A Site-to-Site VPN connection to a virtual private gateway: tunnels=("UP", "UP")."""
        return transit.vpn(gateway, static, **options)

    def load_balancer(
        self, name: str, subnets: Iterable[Subnet], listeners: dict[int, Iterable[Any]], **options: Any
    ) -> Handle:
        """A network load balancer: groups, scheme, public_ips, health; see `endpoints.load_balancer`."""
        return endpoints.load_balancer(self.place, name, subnets, listeners, **options)

    def associate_zone(self, zone: Handle, *vpcs: Vpc) -> Handle:
        """Let further VPCs resolve by this private hosted zone (made with `vpc.hosted_zone`)."""
        return endpoints.associate_zone(zone, *vpcs)

    def resolver_rule(
        self, domain: str, targets: Iterable[str], vpcs: Iterable[Vpc], **options: Any
    ) -> Handle:
        """A Resolver rule that forwards a domain's queries, in force in these VPCs."""
        return endpoints.resolver_rule(self.place, domain, targets, vpcs, **options)

    # --- Systems Manager and account settings ------------------------------------------------------------

    def node(self, instance: Any, ping: str = "Online", agent: str = "3.3.987.0", **options: Any) -> Handle:
        """A managed node: an instance or `mi-…`; last_ping, latest, role, and raw members."""
        return compute.managed_node(self.place, instance, ping, agent, **options)

    def connection(self, target: Any, status: str = "connected") -> None:
        """What `GetConnectionStatus` answers for a node: `connected` or `notconnected`."""
        self.place.add("ssm:GetConnectionStatus", {"Target": str(identifier(target)), "Status": status})

    def setting(self, setting: str, value: str, status: str = "Customized") -> None:
        """A service setting of Systems Manager (`Default`, `Customized`, `PendingUpdate`)."""
        records = self.place.records["ssm:GetServiceSetting"]
        records[:] = [each for each in records if each["ServiceSetting"]["SettingId"] != setting]
        record = {
            "SettingId": setting,
            "SettingValue": value,
            "Status": status,
            "ARN": self.place.arn("ssm", f"servicesetting{setting}"),
        }
        self.place.add("ssm:GetServiceSetting", {"ServiceSetting": record})

    def default_host_management(
        self, role: str | None = "service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole"
    ) -> None:
        """Turn default host management on with this role, or off with None."""
        self.setting(DEFAULT_HOST_MANAGEMENT, role or "$None", "Customized" if role else "Default")

    def preferences(self, inputs: Record, **members: Any) -> None:
        """Session Manager's preferences: the `inputs` of SSM-SessionManagerRunShell."""
        content = {
            "schemaVersion": "1.0",
            "description": "Document to hold regional settings for Session Manager",
            "sessionType": "Standard_Stream",
            "inputs": inputs,
        }
        self.document(PREFERENCES, content, **members)

    def document(self, name: str, content: Record, **members: Any) -> None:
        """A document of Systems Manager, as `GetDocument` gives it."""
        self.place.gaps["ssm:GetDocument"].pop(name, None)
        record = {
            "Name": name,
            "DocumentVersion": "1",
            "Status": "Active",
            "Content": msgspec.json.encode(content).decode(),
            "DocumentType": "Session",
            "DocumentFormat": "JSON",
        }
        self.place.add("ssm:GetDocument", record | members)

    def serial_console(self, enabled: bool, managed_by: str = "account") -> None:
        """Whether the account may use the EC2 serial console here."""
        answer = {"SerialConsoleAccessEnabled": enabled, "ManagedBy": managed_by}
        self._only("ec2:GetSerialConsoleAccessStatus", answer)

    def console_output(self, instance: Any, output: str) -> None:
        """What `GetConsoleOutput` shows of an instance."""
        record = {"InstanceId": str(identifier(instance)), "Output": output, "Timestamp": COLLECTED_AT}
        self.place.add("ec2:GetConsoleOutput", record)

    # --- IAM ---------------------------------------------------------------------------------------------

    def role(self, name: str, policies: Iterable[str] = (), **options: Any) -> Role:
        """A role and its instance profile: inline, customer, trust, boundary, path, tags, profile=True."""
        return identity.role(self.place, name, policies, **options)

    def instance_profile(self, name: str, *roles: Role) -> Record:
        """An instance profile of its own name, with these roles or none."""
        return identity.instance_profile(self.place, name, [role.record for role in roles])

    def authorization_details(self) -> None:
        """Answer with the authorization details in place of the calls per role, as live collection does."""
        home = self.world.place(self.account, GLOBAL)
        home.forgotten.discard("iam:GetAccountAuthorizationDetails")
        home.records["iam:GetAccountAuthorizationDetails"] = [identity.details(home)]
        home.forgotten |= {"iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"}
        home.forgotten |= {"iam:GetRolePolicy", "iam:ListRoleTags", "iam:GetPolicy", "iam:GetPolicyVersion"}

    def caller(self, arn: str, user_id: str = "AIDA0000000000000001") -> None:
        """Who reads the account."""
        home = self.world.place(self.account, GLOBAL)
        home.records["sts:GetCallerIdentity"] = [{"UserId": user_id, "Account": self.account, "Arn": arn}]

    def simulation(self, principal: str, decisions: dict[str, str]) -> None:
        """What IAM's simulator says: action → `allowed`, `explicitDeny` or `implicitDeny`."""
        results = [
            {
                "EvalActionName": action,
                "EvalResourceName": "*",
                "EvalDecision": decision,
                "MatchedStatements": [],
                "MissingContextValues": [],
            }
            for action, decision in decisions.items()
        ]
        record = {"PolicySourceArn": principal, "EvaluationResults": results, "IsTruncated": False}
        self.place.add("iam:SimulatePrincipalPolicy", record)

    # --- raw records and what was not read ---------------------------------------------------------------

    def add(self, operation: str, **record: Any) -> Record:
        """Any raw record: `scene.add("kms:DescribeKey", KeyMetadata={…})`."""
        return self.place.add(operation, record)

    def deny(self, operation: str, code: str | None = None, resource: str | None = None) -> None:
        """Let AWS refuse the operation, or its call for one resource."""
        code = code or _DENIALS.get(operation.partition(":")[0], "AccessDeniedException")
        self._fault(operation, "denied", code, resource)

    def fail(self, operation: str, code: str = "InternalError", resource: str | None = None) -> None:
        """Let the operation fail, or its call for one resource."""
        self._fault(operation, "failed", code, resource)

    def truncate(self, operation: str, keep: int = 0) -> None:
        """Let only the first `keep` records have been read."""
        self._home(operation).faults[operation] = Fault("truncated", keep=keep)

    def forget(self, operation: str) -> None:
        """Let the operation never have been asked."""
        self._home(operation).forgotten.add(operation)

    def responses(self) -> list[Responses]:
        """What all operations answered in all places of the scene."""
        for place in list(self.world.places.values()):
            if place.region != GLOBAL:
                self._derive(place)
        return [answer for place in self.world.places.values() for answer in place.responses()]

    def estate(self) -> Estate:
        """The scene as the product sees it."""
        return Estate.of(self.responses(), COLLECTED_AT)

    def dump(self, folder: Path) -> None:
        """Write the scene as AWS CLI output: `accounts/<id>/<region>/<service>-<operation>.json`."""
        self.responses()
        self.world.dump(folder)

    def _derive(self, place: Place) -> None:
        """Answers that only repeat others: group rules, and each VPC's hosted zones."""
        rules = place.records["ec2:DescribeSecurityGroupRules"]
        rules[:] = [
            rule for group in place.records["ec2:DescribeSecurityGroups"] for rule in _rules_of(group)
        ]
        home = self.world.place(place.account, GLOBAL)
        zones = home.records["route53:ListHostedZonesByVPC"]
        answered = {answer["VPCId"] for answer in zones}
        for vpc in place.records["ec2:DescribeVpcs"]:
            if vpc["VpcId"] not in answered and vpc["OwnerId"] == place.account:
                zones.append({"VPCId": vpc["VpcId"], "HostedZoneSummaries": [], "MaxItems": "100"})

    def _only(self, operation: str, record: Record) -> None:
        self.place.records[operation] = [record]

    def _home(self, operation: str) -> Place:
        return self.world.place(self.account, GLOBAL) if FAMILIES[operation].is_global else self.place

    def _gap(self, operation: str, resource: str, status: str, code: str) -> None:
        self._home(operation).gaps[operation][resource] = Gap(resource, status, code)

    def _fault(self, operation: str, status: str, code: str, resource: str | None) -> None:
        if resource is not None:
            self._gap(operation, str(identifier(resource)), status, code)
        else:
            self._home(operation).faults[operation] = Fault(status, code)


def _rules_of(group: Record) -> list[Record]:
    rules: list[Record] = []
    for is_egress, key in ((False, "IpPermissions"), (True, "IpPermissionsEgress")):
        for permission in group[key]:
            for what in _sources_of(permission):
                rules.append(
                    {
                        "SecurityGroupRuleId": f"sgr-{group['GroupId'][-9:]}{len(rules):08x}",
                        "GroupId": group["GroupId"],
                        "GroupOwnerId": group["OwnerId"],
                        "IsEgress": is_egress,
                        "IpProtocol": permission["IpProtocol"],
                        "FromPort": permission.get("FromPort", -1),
                        "ToPort": permission.get("ToPort", -1),
                        **what,
                        "Tags": [],
                    }
                )
    return rules


def _sources_of(permission: Record) -> list[Record]:
    found: list[Record] = []
    for key, member, name in (
        ("IpRanges", "CidrIp", "CidrIpv4"),
        ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
        ("PrefixListIds", "PrefixListId", "PrefixListId"),
    ):
        for each in permission.get(key, []):
            found.append({name: each[member]})
    for pair in permission.get("UserIdGroupPairs", []):
        found.append(
            {"ReferencedGroupInfo": {key: value for key, value in pair.items() if key != "Description"}}
        )
    return found
