"""Plans as CloudFormation templates (JSON).

CloudFormation makes new things; it cannot change what it did not make. Such actions stand under the
template's Metadata with their lines for the AWS CLI, to be run before or after as their numbers say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from advisor.advice.action import Action, Ref, thawed
from advisor.advice.render_cli import cli_lines

Json = dict[str, Any]
Resource = tuple[str, str, Json]


def cloudformation(actions: Sequence[Action], titles: Mapping[str, str], description: str = "") -> str:
    """The actions as one template for one account and Region."""
    return json.dumps(template(actions, titles, description), indent=2, ensure_ascii=False) + "\n"


def template(actions: Sequence[Action], titles: Mapping[str, str], description: str = "") -> Json:
    """The template as JSON data."""
    stack = _Stack(actions)
    lines = cli_lines(actions)
    resources: Json = {}
    apart: list[Json] = []
    for number, (action, line) in enumerate(zip(actions, lines, strict=True), 1):
        write = _WRITERS.get(action.operation)
        title = titles.get(action.key, action.operation)
        found = write(stack, action) if write is not None else None
        if found is None or not all(is_value(body) for _, _, body in found):
            apart.append(
                {"Number": number, "Title": _harmless(title), "Cli": [_harmless(each) for each in line.all]}
            )
            continue
        for name, kind, properties in found:
            entry = resources.setdefault(
                name, {"Type": kind, "Metadata": {"Title": _harmless(title)}, "Properties": {}}
            )
            entry["Properties"].update(properties)
    document: Json = {"AWSTemplateFormatVersion": "2010-09-09"}
    if description:
        document["Description"] = _harmless(description)[:1000]
    if apart:
        document["Metadata"] = {"ByTheAwsCli": apart}
    if not resources:
        # A template needs a resource; a wait handle is free and does nothing.
        resources["NothingToCreate"] = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    document["Resources"] = resources
    return document


def _harmless(text: str) -> str:
    """Words for people in which CloudFormation finds nothing to resolve."""
    return text.replace("{{", "{\u200b{")


class _Stack:
    def __init__(self, actions: Sequence[Action]) -> None:
        self.actions = actions
        self.operations = {action.key: action.operation for action in actions}
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

    def value(self, value: Any) -> Any:
        """A request's value, with references to other resources of the template."""
        return thawed(value, self.reference)

    def get(self, action: Action, member: str) -> Any:
        """A member of the request, None where it is absent."""
        found = action.parameters.get(member)
        return None if found is None else self.value(found)

    def reference(self, ref: Ref) -> Json:
        """The id of another resource: its Ref, or the attribute that holds it."""
        attribute = _ATTRIBUTES.get(self.operations.get(ref.action, ""))
        name = logical(ref.action)
        return {"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name}

    def role(self, name: Any) -> Any:
        """A role's name: of the template where it makes the role."""
        key = self.roles.get(name)
        return name if key is None else {"Ref": logical(key)}


_ATTRIBUTES: Final = {
    "AllocateAddress": "AllocationId",
    "CreateInstanceConnectEndpoint": "Id",
    "CreateSecurityGroup": "GroupId",
}

Writer = Callable[[_Stack, Action], list[Resource] | None]


def logical(key: str) -> str:
    """A logical id: letters and digits, a letter first."""
    name = "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", key))
    return name if name[:1].isalpha() else f"R{name}"


def _present(**properties: Any) -> Json:
    return {name: value for name, value in properties.items() if value is not None}


def _plain(kind: str, **properties: str) -> Writer:
    """A resource whose properties are members of the request."""

    def write(at: _Stack, action: Action) -> list[Resource]:
        body = _present(**{name: at.get(action, member) for name, member in properties.items()})
        return [(logical(action.key), kind, body)]

    return write


def _group(at: _Stack, action: Action) -> list[Resource]:
    body = _present(
        GroupName=at.get(action, "GroupName"),
        GroupDescription=at.get(action, "Description"),
        VpcId=at.get(action, "VpcId"),
    )
    return [(logical(action.key), "AWS::EC2::SecurityGroup", body)]


def _rules(egress: bool) -> Writer:
    kind = f"AWS::EC2::SecurityGroup{'Egress' if egress else 'Ingress'}"
    side = "Destination" if egress else "Source"
    peers = (
        ("UserIdGroupPairs", "GroupId", f"{side}SecurityGroupId"),
        ("IpRanges", "CidrIp", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
        ("PrefixListIds", "PrefixListId", f"{side}PrefixListId"),
    )

    def write(at: _Stack, action: Action) -> list[Resource]:
        found: list[Resource] = []
        for position, permission in enumerate(action.parameters.get("IpPermissions", ())):
            base = _present(
                GroupId=at.get(action, "GroupId"),
                IpProtocol=at.value(permission.get("IpProtocol")),
                FromPort=permission.get("FromPort"),
                ToPort=permission.get("ToPort"),
            )
            for member, inner, name in peers:
                for number, peer in enumerate(permission.get(member, ())):
                    suffix = "" if position == number == 0 else f"{position}x{number}"
                    owner = peer.get("UserId") if not egress else None
                    body = base | _present(
                        **{name: at.value(peer.get(inner))},
                        Description=peer.get("Description"),
                        SourceSecurityGroupOwnerId=owner,
                    )
                    found.append((logical(action.key) + suffix, kind, body))
        return found

    return write


def _entry(at: _Stack, action: Action) -> list[Resource]:
    span = action.parameters.get("PortRange")
    icmp = action.parameters.get("IcmpTypeCode")
    body = _present(
        NetworkAclId=at.get(action, "NetworkAclId"),
        RuleNumber=at.get(action, "RuleNumber"),
        Egress=at.get(action, "Egress"),
        Protocol=int(action.parameters.get("Protocol")),
        RuleAction=at.get(action, "RuleAction"),
        CidrBlock=at.get(action, "CidrBlock"),
        Ipv6CidrBlock=at.get(action, "Ipv6CidrBlock"),
        PortRange=at.value(span) if span is not None else None,
        Icmp=at.value(icmp) if icmp is not None else None,
    )
    return [(logical(action.key), "AWS::EC2::NetworkAclEntry", body)]


def _route(at: _Stack, action: Action) -> list[Resource] | None:
    if "InstanceId" in action.parameters and "NetworkInterfaceId" in action.parameters:
        return None
    body = _present(
        **{
            name: at.get(action, name)
            for name in (
                "RouteTableId",
                "DestinationCidrBlock",
                "DestinationIpv6CidrBlock",
                "DestinationPrefixListId",
                "GatewayId",
                "InstanceId",
                "NatGatewayId",
                "NetworkInterfaceId",
                "TransitGatewayId",
                "VpcEndpointId",
                "VpcPeeringConnectionId",
            )
        },
        EgressOnlyInternetGatewayId=at.get(action, "EgressOnlyInternetGatewayId"),
    )
    return [(logical(action.key), "AWS::EC2::Route", body)]


def _address(at: _Stack, action: Action) -> list[Resource]:
    return [(logical(action.key), "AWS::EC2::EIP", {"Domain": "vpc"})]


def _internet_gateway(at: _Stack, action: Action) -> list[Resource]:
    return [(logical(action.key), "AWS::EC2::InternetGateway", {})]


def _bastion(at: _Stack, action: Action) -> list[Resource]:
    image = str(action.parameters.get("ImageId")).removeprefix("resolve:ssm:")
    tags = action.parameters.get("TagSpecifications")[0].get("Tags")
    body = _present(
        ImageId=f"{{{{resolve:ssm:{image}}}}}",
        InstanceType=at.get(action, "InstanceType"),
        SubnetId=at.get(action, "SubnetId"),
        SecurityGroupIds=at.get(action, "SecurityGroupIds"),
        KeyName=at.get(action, "KeyName"),
        InstanceInitiatedShutdownBehavior=at.get(action, "InstanceInitiatedShutdownBehavior"),
        MetadataOptions={"HttpTokens": "required"},
        Tags=at.value(tags),
    )
    return [(logical(action.key), "AWS::EC2::Instance", body)]


def _alarm(at: _Stack, action: Action) -> list[Resource]:
    body = {name: at.value(value) for name, value in action.parameters.items}
    return [(logical(action.key), "AWS::CloudWatch::Alarm", body)]


# --- access ----------------------------------------------------------------------------------------------


def _role(at: _Stack, action: Action) -> list[Resource]:
    name = action.parameters.get("RoleName")
    managed = [
        each.parameters.get("PolicyArn")
        for each in at.actions
        if each.operation == "AttachRolePolicy" and each.parameters.get("RoleName") == name
    ]
    body = _present(
        RoleName=name,
        Path=at.get(action, "Path"),
        AssumeRolePolicyDocument=json.loads(str(action.parameters.get("AssumeRolePolicyDocument"))),
        ManagedPolicyArns=managed or None,
    )
    return [(logical(action.key), "AWS::IAM::Role", body)]


def _attachment(at: _Stack, action: Action) -> list[Resource] | None:
    """Part of the role where the template makes it; CloudFormation cannot attach to another one."""
    return [] if action.parameters.get("RoleName") in at.roles else None


def _role_policy(at: _Stack, action: Action) -> list[Resource] | None:
    document = json.loads(str(action.parameters.get("PolicyDocument")))
    if not is_literal(document):
        return None
    body = {
        "PolicyName": at.get(action, "PolicyName"),
        "RoleName": at.role(action.parameters.get("RoleName")),
        "PolicyDocument": document,
    }
    return [(logical(action.key), "AWS::IAM::RolePolicy", body)]


def _user_policy(at: _Stack, action: Action) -> list[Resource] | None:
    document = json.loads(str(action.parameters.get("PolicyDocument")))
    if not is_literal(document):
        return None
    body = {
        "PolicyName": at.get(action, "PolicyName"),
        "UserName": at.get(action, "UserName"),
        "PolicyDocument": document,
    }
    return [(logical(action.key), "AWS::IAM::UserPolicy", body)]


def is_value(value: Any) -> bool:
    """Whether no text among a resource's properties would be read as a dynamic reference (but our own)."""
    if isinstance(value, dict):
        return all(map(is_value, value.values()))
    if isinstance(value, list):
        return all(map(is_value, value))
    return not isinstance(value, str) or "{{resolve:" not in value or value.startswith(_OWN_REFERENCE)


_OWN_REFERENCE: Final = "{{resolve:ssm:/aws/service/ami-amazon-linux-latest/"


def is_literal(value: Any) -> bool:
    """Whether CloudFormation takes JSON as it stands: no intrinsic function, no dynamic reference."""
    if isinstance(value, dict):
        return all(not _is_intrinsic(key) and is_literal(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(map(is_literal, value))
    return not isinstance(value, str) or "{{resolve:" not in value


def _is_intrinsic(key: str) -> bool:
    return key == "Ref" or key.startswith("Fn::")


def _profile(at: _Stack, action: Action) -> list[Resource]:
    name = action.parameters.get("InstanceProfileName")
    roles = [
        at.role(each.parameters.get("RoleName"))
        for each in at.actions
        if each.operation == "AddRoleToInstanceProfile" and each.parameters.get("InstanceProfileName") == name
    ]
    body = {"InstanceProfileName": name, "Roles": roles}
    return [(logical(action.key), "AWS::IAM::InstanceProfile", body)]


def _role_in_profile(at: _Stack, action: Action) -> list[Resource] | None:
    return [] if action.parameters.get("InstanceProfileName") in at.profiles else None


def _document(at: _Stack, action: Action) -> list[Resource]:
    content: Any = json.loads(str(action.parameters.get("Content")))
    if not is_literal(content):
        # As text no key inside is an intrinsic function, and an escape breaks a dynamic reference.
        content = str(action.parameters.get("Content")).replace("{{resolve:", "{\\u007bresolve:")
    body = _present(
        Name=at.get(action, "Name"),
        DocumentType=at.get(action, "DocumentType"),
        DocumentFormat=at.get(action, "DocumentFormat"),
        Content=content,
    )
    return [(logical(action.key), "AWS::SSM::Document", body)]


def _command(at: _Stack, action: Action) -> list[Resource]:
    body = {
        "Name": at.get(action, "DocumentName"),
        "Targets": [{"Key": "InstanceIds", "Values": at.get(action, "InstanceIds")}],
    }
    return [(logical(action.key), "AWS::SSM::Association", body)]


def _only(kind: str, members: Sequence[str]) -> Writer:
    """A resource with the request's own names for its properties; nothing else may be in the request."""

    def write(at: _Stack, action: Action) -> list[Resource] | None:
        if any(name not in members for name, _ in action.parameters.items):
            return None
        body = {name: at.value(value) for name, value in action.parameters.items}
        return [(logical(action.key), kind, body)]

    return write


def _endpoint(at: _Stack, action: Action) -> list[Resource]:
    body = {name: at.value(value) for name, value in action.parameters.items}
    return [(logical(action.key), "AWS::EC2::VPCEndpoint", body)]


_WRITERS: Final[Mapping[str, Writer]] = {
    "AddRoleToInstanceProfile": _role_in_profile,
    "AllocateAddress": _address,
    "AssociateAddress": _only(
        "AWS::EC2::EIPAssociation", ("AllocationId", "NetworkInterfaceId", "InstanceId")
    ),
    "AssociateTransitGatewayRouteTable": _only(
        "AWS::EC2::TransitGatewayRouteTableAssociation",
        ("TransitGatewayRouteTableId", "TransitGatewayAttachmentId"),
    ),
    "AttachInternetGateway": _only("AWS::EC2::VPCGatewayAttachment", ("InternetGatewayId", "VpcId")),
    "AttachRolePolicy": _attachment,
    "AuthorizeSecurityGroupEgress": _rules(egress=True),
    "AuthorizeSecurityGroupIngress": _rules(egress=False),
    "CreateDocument": _document,
    "CreateInstanceConnectEndpoint": _only(
        "AWS::EC2::InstanceConnectEndpoint", ("SubnetId", "SecurityGroupIds", "PreserveClientIp")
    ),
    "CreateInstanceProfile": _profile,
    "CreateInternetGateway": _internet_gateway,
    "CreateLogGroup": _plain("AWS::Logs::LogGroup", LogGroupName="logGroupName"),
    "CreateNatGateway": _only("AWS::EC2::NatGateway", ("SubnetId", "AllocationId", "ConnectivityType")),
    "CreateNetworkAclEntry": _entry,
    "CreateRole": _role,
    "CreateRoute": _route,
    "CreateSecurityGroup": _group,
    "CreateTransitGatewayRoute": _only(
        "AWS::EC2::TransitGatewayRoute",
        ("TransitGatewayRouteTableId", "DestinationCidrBlock", "TransitGatewayAttachmentId"),
    ),
    "CreateVpcBlockPublicAccessExclusion": _only(
        "AWS::EC2::VPCBlockPublicAccessExclusion", ("SubnetId", "InternetGatewayExclusionMode")
    ),
    "CreateVpcEndpoint": _endpoint,
    "PutMetricAlarm": _alarm,
    "PutRolePolicy": _role_policy,
    "PutUserPolicy": _user_policy,
    "RunInstances": _bastion,
    "SendCommand": _command,
}
"""How each request is written; one that is not here changes something that exists."""
