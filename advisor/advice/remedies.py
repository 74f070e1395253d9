"""From findings to remedies: every way to remove a blocker, the network's repairs first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from advisor.advice import consoles, endpoints, identity, machines, preferences
from advisor.advice.action import Remedy, advise
from advisor.advice.actions import remedy_for
from advisor.advice.policies import caller_document
from advisor.iam.callers import caller_of, parse_caller
from advisor.iam.principals import role_permissions
from advisor.iam.trust import ProfileRole, profile_role, trusts
from advisor.methods.answer import Finding, bound
from advisor.methods.assessment import MethodId, Target
from advisor.model.estate import Estate
from advisor.model.evidence import Missing
from advisor.model.records.ec2 import Instance
from advisor.model.scope import Scope
from advisor.model.verdict import BLOCKED
from advisor.network import repairs


class Plea(msgspec.Struct, frozen=True):
    """What a remedy is asked for: a finding about a target by a method, in an estate.

    `operator` is the address range that people connect from, `caller` the ARN of who connects.
    """

    finding: Finding
    target: Target
    estate: Estate
    method: MethodId | None = None
    operator: str | None = None
    caller: str | None = None

    @property
    def scope(self) -> Scope:
        """The target's account and Region."""
        return self.estate.scope(self.target.account, self.target.region)

    @property
    def home(self) -> Scope:
        """The target's account, global services."""
        return self.estate.global_scope(self.target.account)

    @property
    def instance(self) -> Instance | None:
        """The target's instance record."""
        return self.scope.instances.get(self.target.id)

    @property
    def ports(self) -> tuple[int, ...]:
        """The port that people log in by."""
        return (3389,) if self.target.platform == "windows" else (22,)


Cure = Callable[[Plea], tuple[Remedy, ...]]


def remedies(
    finding: Finding,
    target: Target,
    estate: Estate,
    *,
    method: MethodId | None = None,
    operator: str | None = None,
    caller: str | None = None,
) -> tuple[Remedy, ...]:
    """Every way to remove this blocker of this target, each whole by itself, the mildest first.

    Ways that end in advice (a quota, another owner, no such API) are among them, without actions. Empty
    where nothing is known to help beyond the cause's own text in the rules.
    """
    plea = Plea(bound(finding, target.id), target, estate, method, operator, caller)
    found = [remedy_for(repair, estate) for repair in plea.finding.repairs]
    cure = CURES.get(plea.finding.cause)
    if cure is not None:
        found.extend(cure(plea))
    unique = dict.fromkeys(each for each in found if each.actions or each.advice)
    return tuple(sorted(unique, key=lambda each: (not each.actions, each.risk, len(each.actions))))


# --- machines --------------------------------------------------------------------------------------------


def _start(plea: Plea) -> tuple[Remedy, ...]:
    if plea.finding.repairs:
        return ()
    target = plea.target
    return (
        machines.start_instance(repairs.StartInstance(target.id, target.account, target.region), plea.estate),
    )


def _start_bastion(plea: Plea) -> tuple[Remedy, ...]:
    if plea.finding.repairs or not plea.finding.resource.startswith("i-"):
        return ()
    target = plea.target
    return (
        machines.start_instance(
            repairs.StartInstance(plea.finding.resource, target.account, target.region), plea.estate
        ),
    )


def _bastion(plea: Plea) -> tuple[Remedy, ...]:
    instance = plea.instance
    if instance is None:
        return ()
    subnet = public_subnet(plea.scope, instance.vpc_id or "")
    if subnet is None:
        return (advise("no-public-subnet", "limit", vpc=instance.vpc_id or ""),)
    groups = tuple(group.group_id for group in instance.security_groups)
    return (
        machines.create_bastion(
            plea.scope, subnet, plea.operator, groups, plea.ports[0], plea.estate, instance.key_name
        ),
    )


def public_subnet(scope: Scope, vpc: str) -> Any:
    """A subnet of the VPC whose route table leads to an internet gateway; None where there is none."""
    for subnet in sorted(scope.subnets_by_vpc.get(vpc, ()), key=lambda each: each.subnet_id):
        tables = scope.route_tables_by_subnet.get(subnet.subnet_id) or scope.main_route_tables.get(vpc, [])
        for table in tables:
            for route in table.routes:
                is_default = route.destination_cidr_block == "0.0.0.0/0"
                if is_default and (route.gateway_id or "").startswith("igw-") and route.state != "blackhole":
                    return subnet
    return None


def _move(plea: Plea) -> tuple[Remedy, ...]:
    return (machines.move_host(plea.scope, plea.target.id),)


def _reboot(plea: Plea) -> tuple[Remedy, ...]:
    if plea.target.kind != "ec2":
        return ()
    return (machines.reboot(plea.scope, plea.target.id),)


def _metadata(plea: Plea) -> tuple[Remedy, ...]:
    instance = plea.instance
    return (machines.enable_metadata(plea.scope, instance),) if instance is not None else ()


def _agent_update(plea: Plea) -> tuple[Remedy, ...]:
    node = plea.scope.managed_nodes.get(plea.target.id)
    if node is not None and (node.ping_status or "").lower() == "online":
        return (machines.update_agent(plea.scope, plea.target.id),)
    return (_way_in(plea),)


def _way_in(plea: Plea) -> Remedy:
    """What to do about an agent on a machine that cannot be entered by it."""
    text = "agent-by-user-data-windows" if plea.target.platform == "windows" else "agent-by-user-data"
    region = plea.target.region
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return advise(text, "manual", instance=plea.target.id, region=region, suffix=suffix)


def _agent_by_hand(plea: Plea) -> tuple[Remedy, ...]:
    return (_way_in(plea),)


def _operating_system(plea: Plea) -> tuple[Remedy, ...]:
    return (advise("repair-operating-system", "manual", instance=plea.target.id),)


# --- identity --------------------------------------------------------------------------------------------


def _give_identity(plea: Plea) -> tuple[Remedy, ...]:
    if plea.target.kind != "ec2":
        return ()
    return (
        identity.attach_profile(plea.scope, plea.target.id, plea.estate),
        identity.default_host_management(plea.scope, plea.estate),
    )


def _host_management(plea: Plea) -> tuple[Remedy, ...]:
    return (identity.default_host_management(plea.scope, plea.estate),)


def _host_management_policy(plea: Plea) -> tuple[Remedy, ...]:
    role = plea.finding.resource.rpartition("/")[2]
    policy = identity.aws_policy(plea.scope, identity.DEFAULT_POLICY)
    return (Remedy((identity.attach_policy(plea.home, role, policy),)),)


def profile_of(plea: Plea) -> ProfileRole | None:
    """The target's instance profile with its role; None where there is none or it was not read."""
    profile = plea.instance.iam_instance_profile if plea.instance is not None else None
    if profile is None or not profile.arn:
        return None
    found = profile_role(plea.estate, plea.target.account, profile.arn)
    return None if isinstance(found, Missing) else found


def role_of(plea: Plea) -> str | None:
    """The name of the role that the target's agent works with."""
    if plea.target.kind == "hybrid":
        node = plea.scope.managed_nodes.get(plea.target.id)
        return (node.iam_role or "").rpartition("/")[2] or None if node is not None else None
    found = profile_of(plea)
    return found.role if found is not None else None


def _attach_core(plea: Plea) -> tuple[Remedy, ...]:
    role = role_of(plea)
    if role is None:
        return ()
    return (identity.attach_core(plea.scope, role, plea.estate),)


def _fill_profile(plea: Plea) -> tuple[Remedy, ...]:
    found = profile_of(plea)
    if found is None:
        return ()
    if not found.exists:
        return (advise("profile-is-gone", "manual", profile=found.profile, instance=plea.target.id),)
    filled = identity.add_role_to_profile(plea.home, found.profile, identity.OWN_ROLE)
    return (Remedy((*identity.own_role(plea.scope, plea.home), filled)),)


def _refresh_profile(plea: Plea) -> tuple[Remedy, ...]:
    found = profile_of(plea)
    if found is None:
        return ()
    return (identity.refresh_profile(plea.scope, plea.target.id, found.profile),)


def _trust(service: str) -> Cure:
    def cure(plea: Plea) -> tuple[Remedy, ...]:
        role = role_of(plea) or plea.finding.resource.rpartition("/")[2]
        known = identity.known_role(plea.home, role)
        old = known.trust if known is not None else None
        return (identity.trust_service(plea.home, role, service, old),)

    return cure


def _host_management_trust(plea: Plea) -> tuple[Remedy, ...]:
    role = plea.finding.resource.rpartition("/")[2]
    known = identity.known_role(plea.home, role)
    if known is None:
        return (identity.default_host_management(plea.scope, plea.estate),)
    return (identity.trust_service(plea.home, role, "ssm.amazonaws.com", known.trust),)


def _hybrid_role(plea: Plea) -> tuple[Remedy, ...]:
    """A hybrid node's service role: made again, trusted by Systems Manager, or given its permissions."""
    role = role_of(plea) or plea.finding.resource.rpartition("/")[2]
    found = role_permissions(plea.estate, plea.target.account, role)
    policy = identity.attach_policy(plea.home, role, identity.aws_policy(plea.scope, identity.CORE))
    if isinstance(found, Missing):
        return (Remedy((identity.create_role(plea.home, role, "ssm.amazonaws.com", "/"), policy)),)
    known = identity.known_role(plea.home, role)
    if trusts(found, "ssm.amazonaws.com").verdict is BLOCKED:
        old = known.trust if known is not None else None
        return (identity.trust_service(plea.home, role, "ssm.amazonaws.com", old),)
    return (identity.attach_core(plea.scope, role, plea.estate),)


def _boundary(plea: Plea) -> tuple[Remedy, ...]:
    return (
        advise(
            "ask-owner",
            "owner",
            owner="the administrator of the permissions boundary or the organisation",
            resource=plea.finding.resource,
            change="permissions of the agent",
        ),
    )


def _caller(plea: Plea) -> tuple[Remedy, ...]:
    caller = parse_caller(plea.caller) if plea.caller else caller_of(plea.estate, plea.target.account)
    if caller is None or isinstance(caller, Missing):
        return ()
    policy = caller_document(plea.finding.cause, plea.target, plea.estate, caller)
    if policy is None:
        return ()
    home = plea.estate.global_scope(caller.account)
    return (identity.caller_policy(home, caller, policy.name, policy.document),)


# --- network ---------------------------------------------------------------------------------------------


def _endpoint(*services: str) -> Cure:
    """Endpoints for the target's VPC, where the network offered none itself."""

    def cure(plea: Plea) -> tuple[Remedy, ...]:
        offered = any(
            isinstance(repair, repairs.CreateInterfaceEndpoint | repairs.CreateGatewayEndpoint)
            for repair in plea.finding.repairs
        )
        vpc = plea.target.vpc
        if offered or vpc is None:
            return ()
        subnets = tuple(endpoints.subnets_for_endpoint(plea.scope, vpc))
        return tuple(
            endpoints.create_interface_endpoint(
                repairs.CreateInterfaceEndpoint(
                    service, vpc, subnets, plea.target.account, plea.target.region
                ),
                plea.estate,
            )
            for service in services
        )

    return cure


def _gateway_endpoint(plea: Plea) -> tuple[Remedy, ...]:
    vpc, subnet = plea.target.vpc, plea.target.subnet
    if plea.finding.repairs or vpc is None or subnet is None:
        return ()
    scope = plea.scope
    tables = scope.route_tables_by_subnet.get(subnet) or scope.main_route_tables.get(vpc, [])
    return tuple(
        remedy_for(
            repairs.CreateGatewayEndpoint(
                "s3", vpc, table.route_table_id, plea.target.account, plea.target.region
            ),
            plea.estate,
        )
        for table in tables[:1]
    )


def _broken_endpoint(plea: Plea) -> tuple[Remedy, ...]:
    endpoint = plea.scope.vpc_endpoints.get(plea.finding.resource)
    if endpoint is None or endpoint.vpc_endpoint_type != "Interface":
        return ()
    if (endpoint.state or "").lower() in ("pending", "pendingacceptance", "partial"):
        return (advise("wait-for-endpoint", "manual", endpoint=endpoint.vpc_endpoint_id),)
    return (endpoints.replace_endpoint(plea.scope, endpoint, plea.estate),)


def _resolver(plea: Plea) -> tuple[Remedy, ...]:
    return (advise("forward-dns", "manual", vpc=plea.target.vpc or ""),)


def _public_address(plea: Plea) -> tuple[Remedy, ...]:
    instance = plea.instance
    if plea.finding.repairs or instance is None or not instance.network_interfaces:
        return ()
    primary = instance.network_interfaces[0].network_interface_id
    return (
        remedy_for(
            repairs.AssociatePublicAddress(primary, plea.target.account, plea.target.region), plea.estate
        ),
    )


def _service_list(plea: Plea) -> tuple[Remedy, ...]:
    instance = plea.instance
    if plea.finding.repairs or instance is None or not instance.security_groups:
        return ()
    name = f"com.amazonaws.{plea.target.region}.ec2-instance-connect"
    found = next(
        (each for each in plea.scope.managed_prefix_lists.values() if each.prefix_list_name == name), None
    )
    if found is None:
        return ()
    return (
        remedy_for(
            repairs.AdmitInGroup(
                group=instance.security_groups[0].group_id,
                egress=False,
                protocol="tcp",
                first_port=22,
                last_port=22,
                peer_prefix_list=found.prefix_list_id,
                account=plea.target.account,
                region=plea.target.region,
            ),
            plea.estate,
        ),
    )


def _operator_rule(port: int) -> Cure:
    def cure(plea: Plea) -> tuple[Remedy, ...]:
        if plea.finding.repairs or not plea.finding.resource.startswith("sg-"):
            return ()
        if plea.operator is None:
            return (advise("operator-address-needed", "unsafe", vpc=plea.target.vpc or ""),)
        return (
            remedy_for(
                repairs.AdmitInGroup(
                    group=plea.finding.resource,
                    egress=False,
                    protocol="tcp",
                    first_port=port,
                    last_port=port,
                    peer_cidr=plea.operator,
                    account=plea.target.account,
                    region=plea.target.region,
                ),
                plea.estate,
            ),
        )

    return cure


# --- EC2 Instance Connect Endpoint, serial console, hybrid -----------------------------------------------


def _new_eice(plea: Plea) -> tuple[Remedy, ...]:
    if plea.instance is None:
        return ()
    return (consoles.create_instance_connect_endpoint(plea.scope, plea.instance, plea.ports, plea.estate),)


def _again_eice(plea: Plea) -> tuple[Remedy, ...]:
    endpoint = plea.scope.instance_connect_endpoints.get(plea.finding.resource)
    if endpoint is None:
        return ()
    if (endpoint.state or "").lower() in ("create-in-progress", "update-in-progress", "delete-in-progress"):
        return (advise("wait-for-endpoint", "manual", endpoint=endpoint.instance_connect_endpoint_id),)
    return (consoles.replace_instance_connect_endpoint(plea.scope, endpoint),)


def _elsewhere_eice(plea: Plea) -> tuple[Remedy, ...]:
    endpoint = plea.scope.instance_connect_endpoints.get(plea.finding.resource)
    if endpoint is None:
        return _new_eice(plea)
    return (consoles.move_instance_connect_endpoint(plea.scope, endpoint, plea.target.subnet),)


def _client_ip(plea: Plea) -> tuple[Remedy, ...]:
    endpoint = plea.finding.resource
    if plea.finding.repairs or not endpoint.startswith("eice-"):
        return ()
    return (
        remedy_for(
            repairs.DisableClientIpPreservation(endpoint, plea.target.account, plea.target.region),
            plea.estate,
        ),
    )


def _address_type(plea: Plea) -> tuple[Remedy, ...]:
    endpoint = plea.scope.instance_connect_endpoints.get(plea.finding.resource)
    return (consoles.widen_address_type(plea.scope, endpoint),) if endpoint is not None else ()


def _serial(plea: Plea) -> tuple[Remedy, ...]:
    return (consoles.enable_serial_console(plea.scope),)


def _serial_password(plea: Plea) -> tuple[Remedy, ...]:
    return (advise("set-serial-password", "manual", instance=plea.target.id),)


def _tier(plea: Plea) -> tuple[Remedy, ...]:
    return (identity.advanced_tier(plea.scope),)


def _activation(plea: Plea) -> tuple[Remedy, ...]:
    return (advise("register-again", "manual", node=plea.target.id, region=plea.target.region),)


# --- session preferences ---------------------------------------------------------------------------------


def _key_for_node(plea: Plea) -> tuple[Remedy, ...]:
    role = role_of(plea)
    key = preferences.preference(plea.scope, "kmsKeyId")
    if role is None or not key:
        return ()
    found = [preferences.allow_decrypt(plea.scope, role, key, plea.estate)]
    known = identity.known_role(plea.home, role)
    if known is not None and known.arn:
        found.append(preferences.grant_decrypt(plea.scope, known.arn, key))
    return tuple(found)


def _enable_key(plea: Plea) -> tuple[Remedy, ...]:
    key = preferences.preference(plea.scope, "kmsKeyId") or plea.finding.resource
    return (preferences.enable_key(plea.scope, key),)


def _log_target(plea: Plea) -> tuple[Remedy, ...]:
    name = preferences.preference(plea.scope, "cloudWatchLogGroupName")
    if name and plea.finding.resource.rpartition("log-group:")[2].rstrip(":*") == name:
        return (preferences.create_log_group(plea.scope, name),)
    return (advise("create-bucket", "manual", bucket=plea.finding.resource),)


def _log_encryption(plea: Plea) -> tuple[Remedy, ...]:
    off = preferences.change_preferences(
        plea.scope,
        preferences.without_log_encryption,
        key="preferences-plain-logs",
        text="preferences-plain-logs",
    )
    name = preferences.preference(plea.scope, "cloudWatchLogGroupName")
    key = preferences.preference(plea.scope, "kmsKeyId")
    if name and key and plea.finding.resource.rpartition("log-group:")[2].rstrip(":*") == name:
        return (preferences.encrypt_log_group(plea.scope, name, key), off)
    return (off,)


def _log_permission(plea: Plea) -> tuple[Remedy, ...]:
    role = role_of(plea)
    return (preferences.allow_logging(plea.scope, role, plea.estate),) if role is not None else ()


def _run_as(plea: Plea) -> tuple[Remedy, ...]:
    return (
        preferences.change_preferences(
            plea.scope, preferences.without_run_as, key="preferences-run-as", text="preferences-run-as"
        ),
    )


def _shell_profile(plea: Plea) -> tuple[Remedy, ...]:
    return (
        preferences.change_preferences(
            plea.scope, preferences.without_profile, key="preferences-profile", text="preferences-profile"
        ),
    )


CURES: Final[Mapping[str, Cure]] = {
    "agent-not-installed": _agent_by_hand,
    "agent-started-before-role": _reboot,
    "agent-stopped-or-crashed": _agent_by_hand,
    "agent-too-old-for-feature": _agent_update,
    "agent-too-old-for-sessions": _agent_update,
    "attached-ebs-impaired": _operating_system,
    "bastion-down": _start_bastion,
    "bastion-none": _bastion,
    "caller-no-document": _caller,
    "caller-no-opendatachannel": _caller,
    "caller-no-startsession": _caller,
    "dhcp-custom-dns": _resolver,
    "dhmc-agent-too-old": _give_identity,
    "dhmc-disabled": _host_management,
    "dhmc-imdsv1-only-or-imds-off": _metadata,
    "dhmc-role-missing-policy": _host_management_policy,
    "dhmc-role-trust-wrong": _host_management_trust,
    "dhmc-shadowed-by-profile": _attach_core,
    "eic-prefix-list-missing": _service_list,
    "eice-ip-family-mismatch": _address_type,
    "eice-no-describe": _caller,
    "eice-no-opentunnel": _caller,
    "eice-no-sendsshpublickey": _caller,
    "eice-none-in-vpc": _new_eice,
    "eice-not-ready": _again_eice,
    "eice-preserve-ip-cross-vpc": _client_ip,
    "eice-preserve-ip-inbound": _client_ip,
    "eice-preserve-ip-old-type": _client_ip,
    "eice-shared-subnet-owner": _new_eice,
    "eice-subnet-no-ip-or-slr": _elsewhere_eice,
    "fleet-rdp-agent-old": _agent_update,
    "fleet-rdp-iam": _caller,
    "hybrid-activation-expired": _activation,
    "hybrid-limit-reached": _activation,
    "hybrid-role-bad": _hybrid_role,
    "hybrid-session-arn": _caller,
    "hybrid-tier-standard": _tier,
    "igw-route-no-public-ip": _public_address,
    "imds-disabled": _metadata,
    "instance-not-running": _start,
    "instance-profile-without-role": _fill_profile,
    "instance-role-denied-by-boundary-or-scp": _boundary,
    "instance-role-missing-ssm-core": _attach_core,
    "instance-role-missing-ssmmessages": _attach_core,
    "instance-role-recreated": _refresh_profile,
    "instance-role-trust-wrong": _trust("ec2.amazonaws.com"),
    "no-instance-profile-no-dhmc": _give_identity,
    "no-path-to-ssm": _endpoint("ssm", "ssmmessages"),
    "no-public-ip": _public_address,
    "root-volume-full": _operating_system,
    "s3-unreachable": _gateway_endpoint,
    "serial-account-disabled": _serial,
    "serial-agent-old": _agent_update,
    "serial-iam": _caller,
    "serial-no-password": _serial_password,
    "session-kms-caller-permission": _caller,
    "session-kms-endpoint-missing": _endpoint("kms"),
    "session-kms-key-disabled": _enable_key,
    "session-kms-node-permission": _key_for_node,
    "session-log-encryption-mismatch": _log_encryption,
    "session-log-role-permission": _log_permission,
    "session-log-target-missing": _log_target,
    "session-logs-endpoint-missing": _endpoint("logs"),
    "session-runas-user-missing": _run_as,
    "session-shell-profile-bad": _shell_profile,
    "sg-inbound-22-missing": _operator_rule(22),
    "sg-inbound-3389-missing": _operator_rule(3389),
    "ssm-node-never-registered": _reboot,
    "ssm-online-but-channel-down": _reboot,
    "ssm-ping-connection-lost": _reboot,
    "status-check-instance-failed": _operating_system,
    "status-check-system-failed": _move,
    "vpce-ec2messages-missing-old-agent": _agent_update,
    "vpce-not-available": _broken_endpoint,
    "vpce-ssm-missing": _endpoint("ssm"),
    "vpce-ssmmessages-missing": _endpoint("ssmmessages"),
}
"""What cures each cause, beyond the network's own repairs; a cause that is not here has its text only."""
