"""Records of the services around a session: Route 53, KMS, CloudWatch Logs, S3, load balancing, RDS."""

from __future__ import annotations

import msgspec

from advisor.model.records.shape import Record

# --- Route 53 and its resolver ---------------------------------------------------------------------------


class HostedZoneSummary(Record, frozen=True, gc=False, kw_only=True):
    """A private hosted zone associated with a VPC."""

    hosted_zone_id: str
    name: str


class HostedZonesOfVpc(Record, frozen=True, gc=False, kw_only=True):
    """`ListHostedZonesByVPC` of one VPC; the VPC's id is the request's, kept beside the answer."""

    vpc_id: str = msgspec.field(name="VPCId")
    hosted_zone_summaries: tuple[HostedZoneSummary, ...] = ()


class ResourceRecord(Record, frozen=True, gc=False, kw_only=True):
    """A value of a record set."""

    value: str


class AliasTarget(Record, frozen=True, gc=False, kw_only=True):
    """Where an alias record points."""

    dns_name: str = msgspec.field(name="DNSName")
    hosted_zone_id: str | None = None


class ResourceRecordSet(Record, frozen=True, gc=False, kw_only=True):
    """Records of one name and type."""

    name: str
    type: str
    alias_target: AliasTarget | None = None
    resource_records: tuple[ResourceRecord, ...] = ()


class RecordSetsOfZone(Record, frozen=True, gc=False, kw_only=True):
    """`ListResourceRecordSets` of one zone; the zone's id is the request's, kept beside the answer."""

    hosted_zone_id: str
    resource_record_sets: tuple[ResourceRecordSet, ...] = ()


class ResolverRuleAssociation(Record, frozen=True, gc=False, kw_only=True):
    """A Resolver rule in force in a VPC."""

    id: str | None = None
    resolver_rule_id: str
    vpc_id: str = msgspec.field(name="VPCId")
    status: str | None = None


class TargetAddress(Record, frozen=True, gc=False, kw_only=True):
    """A DNS server that a Resolver rule forwards to."""

    ip: str | None = None
    port: int | None = None


class ResolverRule(Record, frozen=True, gc=False, kw_only=True):
    """A Resolver rule."""

    id: str
    domain_name: str | None = None
    rule_type: str | None = None
    target_ips: tuple[TargetAddress, ...] = ()


# --- KMS, logs, S3 ---------------------------------------------------------------------------------------


class KeyMetadata(Record, frozen=True, gc=False, kw_only=True):
    """A KMS key."""

    key_id: str
    arn: str | None = None
    key_state: str | None = None
    key_manager: str | None = None
    enabled: bool | None = None


class KeyAnswer(Record, frozen=True, gc=False, kw_only=True):
    """`DescribeKey`."""

    key_metadata: KeyMetadata


class KeyPolicy(Record, frozen=True, gc=False, kw_only=True):
    """`GetKeyPolicy`; the key's id is the request's, kept beside the answer."""

    key_id: str
    policy: str | None = None


class LogGroup(msgspec.Struct, frozen=True, rename="camel", gc=False, kw_only=True):
    """A CloudWatch Logs group."""

    log_group_name: str
    kms_key_id: str | None = None
    retention_in_days: int | None = None


class EncryptionDefault(Record, frozen=True, gc=False, kw_only=True):
    """A bucket's default encryption."""

    sse_algorithm: str | None = msgspec.field(name="SSEAlgorithm", default=None)


class EncryptionRule(Record, frozen=True, gc=False, kw_only=True):
    """A rule of a bucket's encryption."""

    apply_server_side_encryption_by_default: EncryptionDefault | None = None


class EncryptionConfiguration(Record, frozen=True, gc=False, kw_only=True):
    """A bucket's encryption."""

    rules: tuple[EncryptionRule, ...] = ()


class BucketEncryption(Record, frozen=True, gc=False, kw_only=True):
    """`GetBucketEncryption`; the bucket's name is the request's, kept beside the answer."""

    bucket: str
    server_side_encryption_configuration: EncryptionConfiguration | None = None


class BucketHead(Record, frozen=True, gc=False, kw_only=True):
    """`HeadBucket` of a bucket that exists; the bucket's name is the request's, kept beside the answer."""

    bucket: str
    bucket_region: str | None = None


# --- load balancing (v2) ---------------------------------------------------------------------------------


class LoadBalancerZone(Record, frozen=True, gc=False, kw_only=True):
    """A zone that a load balancer is enabled in."""

    zone_name: str | None = None
    subnet_id: str | None = None


class LoadBalancerState(Record, frozen=True, gc=False, kw_only=True):
    """State of a load balancer."""

    code: str | None = None


class LoadBalancer(Record, frozen=True, gc=False, kw_only=True):
    """An application, network or gateway load balancer."""

    load_balancer_arn: str
    load_balancer_name: str | None = None
    dns_name: str | None = msgspec.field(name="DNSName", default=None)
    scheme: str | None = None
    vpc_id: str | None = None
    type: str | None = None
    state: LoadBalancerState | None = None
    availability_zones: tuple[LoadBalancerZone, ...] = ()
    security_groups: tuple[str, ...] = ()


class ForwardedGroup(Record, frozen=True, gc=False, kw_only=True):
    """A target group to which a listener forwards a share of the connections."""

    target_group_arn: str | None = None


class ForwardConfig(Record, frozen=True, gc=False, kw_only=True):
    """The target groups among which a listener divides connections."""

    target_groups: tuple[ForwardedGroup, ...] = ()


class ListenerAction(Record, frozen=True, gc=False, kw_only=True):
    """What a listener does; with several target groups only `forward_config` names them."""

    type: str | None = None
    target_group_arn: str | None = None
    forward_config: ForwardConfig | None = None


class Listener(Record, frozen=True, gc=False, kw_only=True):
    """A listener of a load balancer."""

    listener_arn: str
    load_balancer_arn: str | None = None
    port: int | None = None
    protocol: str | None = None
    default_actions: tuple[ListenerAction, ...] = ()


class TargetGroup(Record, frozen=True, gc=False, kw_only=True):
    """A target group."""

    target_group_arn: str
    target_group_name: str | None = None
    protocol: str | None = None
    port: int | None = None
    vpc_id: str | None = None
    target_type: str | None = None
    load_balancer_arns: tuple[str, ...] = ()


class TargetDescription(Record, frozen=True, gc=False, kw_only=True):
    """A target."""

    id: str
    port: int | None = None


class TargetHealth(Record, frozen=True, gc=False, kw_only=True):
    """Whether a target answers its health check."""

    state: str | None = None
    reason: str | None = None


class TargetHealthDescription(Record, frozen=True, gc=False, kw_only=True):
    """A target and its health."""

    target: TargetDescription
    target_health: TargetHealth | None = None


class TargetsOfGroup(Record, frozen=True, gc=False, kw_only=True):
    """`DescribeTargetHealth` of one group; the group's ARN is the request's, kept beside the answer."""

    target_group_arn: str
    target_health_descriptions: tuple[TargetHealthDescription, ...] = ()


class Attribute(Record, frozen=True, gc=False, kw_only=True):
    """A key and a value."""

    key: str
    value: str | None = None


class TargetGroupAttributes(Record, frozen=True, gc=False, kw_only=True):
    """`DescribeTargetGroupAttributes`; the group's ARN is the request's, kept beside the answer."""

    target_group_arn: str
    attributes: tuple[Attribute, ...] = ()


# --- RDS -------------------------------------------------------------------------------------------------


class DbEndpoint(Record, frozen=True, gc=False, kw_only=True):
    """Where a database listens."""

    address: str | None = None
    port: int | None = None


class DbSecurityGroup(Record, frozen=True, gc=False, kw_only=True):
    """A VPC security group of a database."""

    vpc_security_group_id: str
    status: str | None = None


class DbInstance(Record, frozen=True, gc=False, kw_only=True):
    """A database instance."""

    db_instance_identifier: str = msgspec.field(name="DBInstanceIdentifier")
    endpoint: DbEndpoint | None = None
    vpc_security_groups: tuple[DbSecurityGroup, ...] = ()
