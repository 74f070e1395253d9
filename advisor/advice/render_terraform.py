"""Plans as Terraform: new resources, import blocks for existing ones, names that stay the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from advisor.advice.action import Action, Members, Ref, thawed
from advisor.advice.hcl import Block, Expression, block, written
from advisor.advice.render_cli import cli_lines
from advisor.model.estate import Estate
from advisor.model.responses import GLOBAL
from advisor.model.scope import Scope

Body = dict[str, Any]


def terraform(actions: Sequence[Action], titles: Mapping[str, str], estate: Estate) -> str:
    """The actions as one configuration; `titles` by action key stand above them as comments.

    What Terraform has no resource for stands as a comment with the line for the AWS CLI.
    """
    return _Configuration(actions, titles, estate).text()


class _Configuration:
    def __init__(self, actions: Sequence[Action], titles: Mapping[str, str], estate: Estate) -> None:
        self.actions = actions
        self.titles = titles
        self.estate = estate
        self.types = {action.key: _RESULT_TYPES.get(action.operation, "") for action in actions}
        self.roles = {
            action.parameters.get("RoleName"): action.key
            for action in actions
            if action.operation == "CreateRole"
        }
        self.profiles = {
            action.parameters.get("InstanceProfileName"): action.key
            for action in actions
            if action.operation == "CreateInstanceProfile"
        }
        self.regions = list(dict.fromkeys(a.region for a in actions if a.region != GLOBAL))
        self.resources: dict[tuple[str, str], Body] = {}
        self.heads: dict[tuple[str, str], list[str]] = {}
        self.imports: dict[tuple[str, str], str] = {}

    def text(self) -> str:
        parts = [self._header()]
        lines = dict(zip((a.key for a in self.actions), cli_lines(self.actions), strict=True))
        order: list[tuple[str, str] | str] = []
        for action in self.actions:
            write = _WRITERS.get(action.operation)
            title = self.titles.get(action.key, action.operation)
            found = write(self, action) if write is not None else None
            if found is None:
                commands = "\n".join(lines[action.key].all)
                order.append(
                    _comment(f"{title}\nTerraform has no resource for this; by the AWS CLI:\n{commands}")
                )
                continue
            for kind, name, body in found:
                address = (kind, name)
                if address not in self.resources:
                    order.append(address)
                self.heads.setdefault(address, []).append(title)
                merged = self.resources.setdefault(address, {})
                for attribute, value in body.items():
                    merged[attribute] = value
                if len(self.regions) > 1 and action.region != GLOBAL:
                    merged["provider"] = Expression(f"aws.{_name(action.region)}")
        for each in order:
            parts.append(each if isinstance(each, str) else self._resource(each))
        return "\n\n".join(parts) + "\n"

    def _header(self) -> str:
        requirements = block("aws", source="hashicorp/aws", version=">= 6.0")
        needed = Block("required_providers", (), (("aws", dict(requirements.body)),))
        parts = [
            written(Block("terraform", (), (("required_version", ">= 1.5"), ("required_providers", needed))))
        ]
        for region in self.regions or ["us-east-1"]:
            alias = _name(region) if len(self.regions) > 1 else None
            parts.append(written(block("provider", "aws", alias=alias, region=region)))
        return "\n\n".join(parts)

    def _resource(self, address: tuple[str, str]) -> str:
        kind, name = address
        parts = [_comment("\n".join(dict.fromkeys(self.heads[address])))]
        if address in self.imports:
            target = Expression(f"{kind}.{name}")
            parts.append(written(block("import", to=target, id=self.imports[address])))
        if kind.startswith("data "):
            kind_name = kind.removeprefix("data ")
            parts.append(written(block("data", kind_name, name, **self.resources[address])))
        else:
            parts.append(written(block("resource", kind, name, **self.resources[address])))
        return "\n".join(parts)

    # --- values ---------------------------------------------------------------------------------------

    def value(self, value: Any) -> Any:
        """A request's value with references to other resources of the configuration."""
        return thawed(value, self.reference)

    def reference(self, ref: Ref) -> Expression:
        kind = self.types[ref.action]
        return Expression(f"{kind}.{_name(ref.action)}.{'allocation_id' if kind == 'aws_eip' else 'id'}")

    def get(self, action: Action, member: str) -> Any:
        """A member of the request, None where it is absent."""
        found = action.parameters.get(member)
        return None if found is None else self.value(found)

    def role(self, name: Any) -> Any:
        """A role's name: of the configuration where it makes the role."""
        key = self.roles.get(name)
        return name if key is None else Expression(f"aws_iam_role.{_name(key)}.name")

    def imported(self, kind: str, name: str, identity: str) -> None:
        """An existing resource comes under Terraform's hand."""
        self.imports[kind, name] = identity

    def scope(self, action: Action) -> Scope:
        """Where the action takes place."""
        return self.estate.scope(action.account, action.region)


_RESULT_TYPES: Final = {
    "AllocateAddress": "aws_eip",
    "CreateInstanceConnectEndpoint": "aws_ec2_instance_connect_endpoint",
    "CreateInternetGateway": "aws_internet_gateway",
    "CreateNatGateway": "aws_nat_gateway",
    "CreateSecurityGroup": "aws_security_group",
    "CreateVpcEndpoint": "aws_vpc_endpoint",
    "RunInstances": "aws_instance",
}

Resource = tuple[str, str, Body]
Writer = Callable[[_Configuration, Action], list[Resource] | None]


def _name(key: str) -> str:
    """A name that Terraform takes: letters, digits and underscores, a letter first."""
    name = re.sub(r"[^a-z0-9_]", "_", key.lower())
    return name if name[:1].isalpha() else f"r_{name}"


def _comment(text: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in text.replace("\r", " ").split("\n"))


def _present(**body: Any) -> Body:
    return {name: value for name, value in body.items() if value is not None}


def _ignoring(*attributes: str) -> Block:
    """Changes that are somebody else's business."""
    listed = Expression("[" + ", ".join(attributes) + "]")
    return block("lifecycle", ignore_changes=listed)


# --- groups and ACLs -------------------------------------------------------------------------------------


def _group(at: _Configuration, action: Action) -> list[Resource]:
    name = _name(action.key)
    created = _present(
        name=at.get(action, "GroupName"),
        description=at.get(action, "Description"),
        vpc_id=at.get(action, "VpcId"),
    )
    # AWS gives a new group an outbound rule for everything; Terraform takes it away, so it stands here.
    outbound = _present(
        security_group_id=Expression(f"aws_security_group.{name}.id"),
        ip_protocol="-1",
        cidr_ipv4="0.0.0.0/0",
    )
    return [
        ("aws_security_group", name, created),
        ("aws_vpc_security_group_egress_rule", f"{name}_out", outbound),
    ]


def _rules(egress: bool) -> Writer:
    kind = f"aws_vpc_security_group_{'egress' if egress else 'ingress'}_rule"

    def write(at: _Configuration, action: Action) -> list[Resource]:
        found: list[Resource] = []
        group = at.get(action, "GroupId")
        for position, permission in enumerate(action.parameters.get("IpPermissions", ())):
            base = _present(
                security_group_id=group,
                ip_protocol=at.value(permission.get("IpProtocol")),
                from_port=permission.get("FromPort"),
                to_port=permission.get("ToPort"),
            )
            for member, inner, attribute in _PEERS:
                for number, peer in enumerate(permission.get(member, ())):
                    suffix = "" if position == number == 0 else f"_{position}_{number}"
                    body = base | _present(
                        **{attribute: at.value(peer.get(inner))}, description=peer.get("Description")
                    )
                    found.append((kind, _name(action.key) + suffix, body))
        return found

    return write


_PEERS: Final = (
    ("UserIdGroupPairs", "GroupId", "referenced_security_group_id"),
    ("IpRanges", "CidrIp", "cidr_ipv4"),
    ("Ipv6Ranges", "CidrIpv6", "cidr_ipv6"),
    ("PrefixListIds", "PrefixListId", "prefix_list_id"),
)


def _entry(at: _Configuration, action: Action) -> list[Resource]:
    span = action.parameters.get("PortRange", Members())
    icmp = action.parameters.get("IcmpTypeCode", Members())
    body = _present(
        network_acl_id=at.get(action, "NetworkAclId"),
        rule_number=at.get(action, "RuleNumber"),
        egress=at.get(action, "Egress"),
        protocol=at.get(action, "Protocol"),
        rule_action=at.get(action, "RuleAction"),
        cidr_block=at.get(action, "CidrBlock"),
        ipv6_cidr_block=at.get(action, "Ipv6CidrBlock"),
        from_port=span.get("From"),
        to_port=span.get("To"),
        icmp_type=icmp.get("Type"),
        icmp_code=icmp.get("Code"),
    )
    return [("aws_network_acl_rule", _name(action.key), body)]


# --- routes and gateways ---------------------------------------------------------------------------------


def _route(at: _Configuration, action: Action) -> list[Resource]:
    body = _present(
        route_table_id=at.get(action, "RouteTableId"),
        destination_cidr_block=at.get(action, "DestinationCidrBlock"),
        destination_ipv6_cidr_block=at.get(action, "DestinationIpv6CidrBlock"),
        destination_prefix_list_id=at.get(action, "DestinationPrefixListId"),
        gateway_id=at.get(action, "GatewayId"),
        nat_gateway_id=at.get(action, "NatGatewayId"),
        network_interface_id=at.get(action, "NetworkInterfaceId"),
        transit_gateway_id=at.get(action, "TransitGatewayId"),
        vpc_endpoint_id=at.get(action, "VpcEndpointId"),
        vpc_peering_connection_id=at.get(action, "VpcPeeringConnectionId"),
        egress_only_gateway_id=at.get(action, "EgressOnlyInternetGatewayId"),
    )
    name = _name(action.key)
    if action.operation == "ReplaceRoute":
        destination = next(v for k, v in body.items() if k.startswith("destination_"))
        at.imported("aws_route", name, f"{body['route_table_id']}_{destination}")
    return [("aws_route", name, body)]


def _plain(kind: str, **attributes: str) -> Writer:
    """A resource whose attributes are members of the request."""

    def write(at: _Configuration, action: Action) -> list[Resource]:
        body = _present(**{attribute: at.get(action, member) for attribute, member in attributes.items()})
        return [(kind, _name(action.key), body)]

    return write


def _eip(at: _Configuration, action: Action) -> list[Resource]:
    return [("aws_eip", _name(action.key), {"domain": "vpc"})]


def _internet_gateway(at: _Configuration, action: Action) -> list[Resource]:
    return [("aws_internet_gateway", _name(action.key), {})]


def _interface(at: _Configuration, action: Action) -> list[Resource]:
    identity = str(at.get(action, "NetworkInterfaceId"))
    record = at.scope(action).interfaces.get(identity)
    name = _name(identity)
    at.imported("aws_network_interface", name, identity)
    body = _present(
        subnet_id=record.subnet_id if record is not None else None,
        source_dest_check=action.parameters.get("SourceDestCheck").get("Value"),
        lifecycle=_ignoring(
            "description", "private_ips", "security_groups", "tags", "tags_all", "attachment"
        ),
    )
    return [("aws_network_interface", name, body)]


def _transit_route(at: _Configuration, action: Action) -> list[Resource]:
    name = _name(action.key)
    body = _present(
        transit_gateway_route_table_id=at.get(action, "TransitGatewayRouteTableId"),
        destination_cidr_block=at.get(action, "DestinationCidrBlock"),
        transit_gateway_attachment_id=at.get(action, "TransitGatewayAttachmentId"),
    )
    if action.operation == "ReplaceTransitGatewayRoute":
        table, destination = body["transit_gateway_route_table_id"], body["destination_cidr_block"]
        at.imported("aws_ec2_transit_gateway_route", name, f"{table}_{destination}")
    return [("aws_ec2_transit_gateway_route", name, body)]


def _transit_attachment(at: _Configuration, action: Action) -> list[Resource] | None:
    identity = str(at.get(action, "TransitGatewayAttachmentId"))
    record = at.scope(action).transit_gateway_vpc_attachments.get(identity)
    if record is None:
        return None
    name = _name(identity)
    at.imported("aws_ec2_transit_gateway_vpc_attachment", name, identity)
    options = action.parameters.get("Options", Members())
    body = _present(
        transit_gateway_id=record.transit_gateway_id,
        vpc_id=record.vpc_id,
        subnet_ids=[*record.subnet_ids, *action.parameters.get("AddSubnetIds", ())],
        security_group_referencing_support=options.get("SecurityGroupReferencingSupport"),
    )
    return [("aws_ec2_transit_gateway_vpc_attachment", name, body)]


def _transit_gateway(at: _Configuration, action: Action) -> list[Resource]:
    identity = str(at.get(action, "TransitGatewayId"))
    name = _name(identity)
    at.imported("aws_ec2_transit_gateway", name, identity)
    options = action.parameters.get("Options")
    support = options.get("SecurityGroupReferencingSupport")
    return [("aws_ec2_transit_gateway", name, {"security_group_referencing_support": support})]


# --- endpoints and DNS -----------------------------------------------------------------------------------


def _endpoint(at: _Configuration, action: Action) -> list[Resource]:
    vpc = action.parameters.get("VpcId")
    dns = [a for a in at.actions if a.operation == "ModifyVpcAttribute" and a.parameters.get("VpcId") == vpc]
    body = _present(
        vpc_id=at.get(action, "VpcId"),
        vpc_endpoint_type=at.get(action, "VpcEndpointType"),
        service_name=at.get(action, "ServiceName"),
        subnet_ids=at.get(action, "SubnetIds"),
        route_table_ids=at.get(action, "RouteTableIds"),
        security_group_ids=at.get(action, "SecurityGroupIds"),
        private_dns_enabled=at.get(action, "PrivateDnsEnabled"),
        depends_on=Expression(f"[aws_vpc.{_name(str(vpc))}]") if dns else None,
    )
    return [("aws_vpc_endpoint", _name(action.key), body)]


def _endpoint_change(at: _Configuration, action: Action) -> list[Resource] | None:
    identity = at.get(action, "VpcEndpointId")
    name = _name(action.key)
    given = action.parameters
    if given.get("PrivateDnsEnabled"):
        body = {"vpc_endpoint_id": identity, "private_dns_enabled": True}
        return [("aws_vpc_endpoint_private_dns", name, body)]
    if given.get("AddSubnetIds"):
        body = {"vpc_endpoint_id": identity, "subnet_id": at.value(given.get("AddSubnetIds")[0])}
        return [("aws_vpc_endpoint_subnet_association", name, body)]
    if given.get("AddRouteTableIds"):
        body = {"vpc_endpoint_id": identity, "route_table_id": at.value(given.get("AddRouteTableIds")[0])}
        return [("aws_vpc_endpoint_route_table_association", name, body)]
    if given.get("ResetPolicy"):
        full = {"Statement": [{"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}]}
        body = {"vpc_endpoint_id": identity, "policy": json.dumps(full)}
        return [("aws_vpc_endpoint_policy", name, body)]
    return None


def _vpc(at: _Configuration, action: Action) -> list[Resource]:
    identity = str(at.get(action, "VpcId"))
    record = at.scope(action).vpcs.get(identity)
    name = _name(identity)
    at.imported("aws_vpc", name, identity)
    scope = at.scope(action)
    body = _present(
        cidr_block=record.cidr_block if record is not None else None,
        lifecycle=_ignoring("tags", "tags_all", "ipv6_cidr_block"),
    )
    for member, attribute in (
        ("EnableDnsSupport", "enable_dns_support"),
        ("EnableDnsHostnames", "enable_dns_hostnames"),
    ):
        now = scope.vpc_attribute(identity, attribute)
        change = action.parameters.get(member)
        earlier = at.resources.get(("aws_vpc", name), {}).get(attribute)
        value = change.get("Value") if change is not None else earlier if earlier is not None else now
        if isinstance(value, bool):
            body[attribute] = value
    return [("aws_vpc", name, body)]


def _zone(at: _Configuration, action: Action) -> list[Resource]:
    vpc = action.parameters.get("VPC")
    body = {
        "zone_id": at.get(action, "HostedZoneId"),
        "vpc_id": vpc.get("VPCId"),
        "vpc_region": vpc.get("VPCRegion"),
    }
    return [("aws_route53_zone_association", _name(action.key), body)]


# --- machines --------------------------------------------------------------------------------------------


def _started(at: _Configuration, action: Action) -> list[Resource]:
    identity = action.parameters.get("InstanceIds")[0]
    body = {"instance_id": at.value(identity), "state": "running"}
    return [("aws_ec2_instance_state", _name(action.key), body)]


_UNTOUCHED: Final = (
    "ami",
    "ebs_block_device",
    "root_block_device",
    "security_groups",
    "tags",
    "tags_all",
    "user_data",
    "user_data_base64",
    "volume_tags",
    "vpc_security_group_ids",
)


def _instance(at: _Configuration, action: Action, **changes: Any) -> list[Resource] | None:
    identity = str(action.parameters.get("InstanceId"))
    record = at.scope(action).instances.get(identity)
    if record is None:
        return None
    name = _name(identity)
    at.imported("aws_instance", name, identity)
    body = _present(
        ami=record.image_id,
        instance_type=record.instance_type,
        subnet_id=record.subnet_id,
        **changes,
        lifecycle=_ignoring(*_UNTOUCHED),
    )
    return [("aws_instance", name, body)]


def _profile_on_instance(at: _Configuration, action: Action) -> list[Resource] | None:
    name = action.parameters.get("IamInstanceProfile").get("Name")
    key = at.profiles.get(name)
    value = name if key is None else Expression(f"aws_iam_instance_profile.{_name(key)}.name")
    return _instance(at, action, iam_instance_profile=value)


def _metadata(at: _Configuration, action: Action) -> list[Resource] | None:
    options = block(
        "metadata_options",
        http_endpoint=at.get(action, "HttpEndpoint"),
        http_tokens=at.get(action, "HttpTokens"),
    )
    return _instance(at, action, metadata_options=options)


def _bastion(at: _Configuration, action: Action) -> list[Resource]:
    name = _name(action.key)
    image = str(action.parameters.get("ImageId")).removeprefix("resolve:ssm:")
    tags = action.parameters.get("TagSpecifications")[0].get("Tags")
    body = _present(
        ami=Expression(f"data.aws_ssm_parameter.{name}.value"),
        instance_type=at.get(action, "InstanceType"),
        subnet_id=at.get(action, "SubnetId"),
        vpc_security_group_ids=at.get(action, "SecurityGroupIds"),
        key_name=at.get(action, "KeyName"),
        instance_initiated_shutdown_behavior=at.get(action, "InstanceInitiatedShutdownBehavior"),
        metadata_options=block("metadata_options", http_tokens="required"),
        tags={tag.get("Key"): tag.get("Value") for tag in tags},
        # The newest image is meant on the day of creation; a newer one must not replace the machine.
        lifecycle=_ignoring("ami"),
    )
    return [("data aws_ssm_parameter", name, {"name": image}), ("aws_instance", name, body)]


def _association(at: _Configuration, action: Action) -> list[Resource]:
    body = _present(
        allocation_id=at.get(action, "AllocationId"),
        network_interface_id=at.get(action, "NetworkInterfaceId"),
        instance_id=at.get(action, "InstanceId"),
    )
    return [("aws_eip_association", _name(action.key), body)]


def _tag(at: _Configuration, action: Action) -> list[Resource]:
    resource = action.parameters.get("Resources")[0]
    tag = action.parameters.get("Tags")[0]
    body = {"resource_id": at.value(resource), "key": tag.get("Key"), "value": tag.get("Value")}
    return [("aws_ec2_tag", _name(action.key), body)]


def _command(at: _Configuration, action: Action) -> list[Resource]:
    targets = block("targets", key="InstanceIds", values=at.get(action, "InstanceIds"))
    body = {"name": at.get(action, "DocumentName"), "targets": targets}
    return [("aws_ssm_association", _name(action.key), body)]


def _alarm(at: _Configuration, action: Action) -> list[Resource]:
    dimension = action.parameters.get("Dimensions")[0]
    body = _present(
        alarm_name=at.get(action, "AlarmName"),
        namespace=at.get(action, "Namespace"),
        metric_name=at.get(action, "MetricName"),
        dimensions={dimension.get("Name"): at.value(dimension.get("Value"))},
        statistic=at.get(action, "Statistic"),
        period=at.get(action, "Period"),
        evaluation_periods=at.get(action, "EvaluationPeriods"),
        threshold=at.get(action, "Threshold"),
        comparison_operator=at.get(action, "ComparisonOperator"),
        alarm_actions=at.get(action, "AlarmActions"),
    )
    return [("aws_cloudwatch_metric_alarm", _name(action.key), body)]


def _serial(at: _Configuration, action: Action) -> list[Resource]:
    return [("aws_ec2_serial_console_access", _name(action.key), {"enabled": True})]


# --- access ----------------------------------------------------------------------------------------------


def _role(at: _Configuration, action: Action) -> list[Resource]:
    name = _name(action.key)
    body = _present(
        name=at.get(action, "RoleName"),
        path=at.get(action, "Path"),
        assume_role_policy=at.get(action, "AssumeRolePolicyDocument") or at.get(action, "PolicyDocument"),
    )
    if action.operation == "UpdateAssumeRolePolicy":
        at.imported("aws_iam_role", name, str(body["name"]))
        body["lifecycle"] = _ignoring(
            "description", "max_session_duration", "permissions_boundary", "tags", "path"
        )
    return [("aws_iam_role", name, body)]


def _role_policy(at: _Configuration, action: Action) -> list[Resource]:
    body = {
        "name": at.get(action, "PolicyName"),
        "role": at.role(action.parameters.get("RoleName")),
        "policy": at.get(action, "PolicyDocument"),
    }
    return [("aws_iam_role_policy", _name(action.key), body)]


def _attachment(at: _Configuration, action: Action) -> list[Resource]:
    body = {
        "role": at.role(action.parameters.get("RoleName")),
        "policy_arn": at.get(action, "PolicyArn"),
    }
    return [("aws_iam_role_policy_attachment", _name(action.key), body)]


def _profile(at: _Configuration, action: Action) -> list[Resource]:
    """The profile, with its role if another action puts one into it."""
    name = action.parameters.get("InstanceProfileName")
    key = at.profiles.get(name)
    label = _name(key if key is not None else f"instance-profile-{name}")
    body = _present(name=name)
    if action.operation == "AddRoleToInstanceProfile":
        body["role"] = at.role(action.parameters.get("RoleName"))
        if key is None:
            at.imported("aws_iam_instance_profile", label, str(name))
    return [("aws_iam_instance_profile", label, body)]


def _document(at: _Configuration, action: Action) -> list[Resource]:
    name = str(action.parameters.get("Name"))
    label = _name(f"document-{name}")
    if action.operation == "UpdateDocument":
        at.imported("aws_ssm_document", label, name)
    body = _present(
        name=name,
        document_type="Session",
        document_format=at.get(action, "DocumentFormat"),
        content=at.get(action, "Content"),
    )
    return [("aws_ssm_document", label, body)]


def _default_version(at: _Configuration, action: Action) -> list[Resource]:
    return []  # Terraform makes the version that it writes the default one


def _key(at: _Configuration, action: Action) -> list[Resource]:
    identity = str(action.parameters.get("KeyId"))
    label = _name(f"key-{identity}")
    at.imported("aws_kms_key", label, identity.rpartition("/")[2])
    body = {"is_enabled": True, "lifecycle": _ignoring("description", "policy", "tags", "tags_all")}
    return [("aws_kms_key", label, body)]


def _grant(at: _Configuration, action: Action) -> list[Resource]:
    body = {
        "key_id": at.get(action, "KeyId"),
        "grantee_principal": at.get(action, "GranteePrincipal"),
        "operations": at.get(action, "Operations"),
    }
    return [("aws_kms_grant", _name(action.key), body)]


def _log_group(at: _Configuration, action: Action) -> list[Resource]:
    name = str(action.parameters.get("logGroupName"))
    label = _name(f"log-group-{name}")
    if action.operation == "AssociateKmsKey" and ("aws_cloudwatch_log_group", label) not in at.resources:
        at.imported("aws_cloudwatch_log_group", label, name)
    body = _present(name=name, kms_key_id=at.get(action, "kmsKeyId"))
    return [("aws_cloudwatch_log_group", label, body)]


_WRITERS: Final[Mapping[str, Writer]] = {
    "AddRoleToInstanceProfile": _profile,
    "AllocateAddress": _eip,
    "AssociateAddress": _association,
    "AssociateIamInstanceProfile": _profile_on_instance,
    "AssociateKmsKey": _log_group,
    "AssociateTransitGatewayRouteTable": _plain(
        "aws_ec2_transit_gateway_route_table_association",
        transit_gateway_route_table_id="TransitGatewayRouteTableId",
        transit_gateway_attachment_id="TransitGatewayAttachmentId",
    ),
    "AssociateVPCWithHostedZone": _zone,
    "AttachInternetGateway": _plain(
        "aws_internet_gateway_attachment", internet_gateway_id="InternetGatewayId", vpc_id="VpcId"
    ),
    "AttachRolePolicy": _attachment,
    "AuthorizeSecurityGroupEgress": _rules(egress=True),
    "AuthorizeSecurityGroupIngress": _rules(egress=False),
    "CreateDocument": _document,
    "CreateGrant": _grant,
    "CreateInstanceConnectEndpoint": _plain(
        "aws_ec2_instance_connect_endpoint",
        subnet_id="SubnetId",
        security_group_ids="SecurityGroupIds",
        preserve_client_ip="PreserveClientIp",
        ip_address_type="IpAddressType",
    ),
    "CreateInstanceProfile": _profile,
    "CreateInternetGateway": _internet_gateway,
    "CreateLogGroup": _log_group,
    "CreateNatGateway": _plain(
        "aws_nat_gateway",
        subnet_id="SubnetId",
        allocation_id="AllocationId",
        connectivity_type="ConnectivityType",
    ),
    "CreateNetworkAclEntry": _entry,
    "CreateRole": _role,
    "CreateRoute": _route,
    "CreateSecurityGroup": _group,
    "CreateTags": _tag,
    "CreateTransitGatewayRoute": _transit_route,
    "CreateVpcBlockPublicAccessExclusion": _plain(
        "aws_vpc_block_public_access_exclusion",
        subnet_id="SubnetId",
        internet_gateway_exclusion_mode="InternetGatewayExclusionMode",
    ),
    "CreateVpcEndpoint": _endpoint,
    "EnableKey": _key,
    "EnableSerialConsoleAccess": _serial,
    "ModifyInstanceMetadataOptions": _metadata,
    "ModifyNetworkInterfaceAttribute": _interface,
    "ModifyTransitGateway": _transit_gateway,
    "ModifyTransitGatewayVpcAttachment": _transit_attachment,
    "ModifyVpcAttribute": _vpc,
    "ModifyVpcEndpoint": _endpoint_change,
    "PutMetricAlarm": _alarm,
    "PutRolePolicy": _role_policy,
    "PutUserPolicy": _plain(
        "aws_iam_user_policy", name="PolicyName", user="UserName", policy="PolicyDocument"
    ),
    "ReplaceRoute": _route,
    "ReplaceTransitGatewayRoute": _transit_route,
    "RunInstances": _bastion,
    "SendCommand": _command,
    "StartInstances": _started,
    "UpdateAssumeRolePolicy": _role,
    "UpdateDocument": _document,
    "UpdateDocumentDefaultVersion": _default_version,
    "UpdateServiceSetting": _plain(
        "aws_ssm_service_setting", setting_id="SettingId", setting_value="SettingValue"
    ),
}
"""How each request is written; one that is not here has no resource of Terraform's AWS provider."""


def unsupported(actions: Sequence[Action]) -> Iterator[Action]:
    """The actions that Terraform cannot express."""
    return (action for action in actions if action.operation not in _WRITERS)
