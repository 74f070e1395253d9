"""EC2 Instance Connect over a public address: from the console's own ranges, or the operator's by CLI."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final

import msgspec

from advisor.methods import blockers
from advisor.methods.answer import PASS, Answer, Finding, blocked, every, noted, passes, suspected, unknown
from advisor.methods.blockers import Path
from advisor.methods.caller import key_push, push_key
from advisor.methods.case import Case
from advisor.methods.checks import check, unread
from advisor.methods.entry import entering, entry_key, is_for_the_source
from advisor.methods.images import brings, image_of
from advisor.methods.instance import instance_state
from advisor.methods.login import held_key, key_pair, login_facts
from advisor.methods.options import Use
from advisor.methods.uses import platform, use_of
from advisor.model.evidence import SELF, Evidence, Missing
from advisor.model.records.ec2 import Image, Instance
from advisor.model.scope import Scope
from advisor.model.verdict import BLOCKED, READY
from advisor.network.flow import End, Flow, Kind, Protocol
from advisor.network.repairs import AdmitInGroup

_SSH: Final = 22


@check("instance-connect.platform", by=platform)
def offered(case: Case) -> Answer:
    """Keys can be pushed to the platform: Linux and macOS."""
    if case.target.platform == "unknown":
        return unknown(Missing("ec2:DescribeInstances", "absent", None, SELF, "the platform is not known"))
    if case.target.platform != "windows":
        return PASS
    return blocked(
        Finding(
            "eic-windows",
            SELF,
            "EC2 Instance Connect pushes SSH keys to Linux and macOS only; this is Windows.",
            evidence=(
                Evidence(
                    "ec2:DescribeInstances",
                    SELF,
                    "Platform is windows",
                    "Reservations[].Instances[].Platform",
                ),
            ),
        )
    )


def image(case: Case) -> Hashable:
    """The key of checks that read the image."""
    return instance_state(case), None if case.instance is None else case.instance.image_id


@check("instance-connect.package", by=image)
def package(case: Case) -> Answer:
    """The image brings the EC2 Instance Connect package along."""
    if case.instance is None:
        return unread(case)
    if case.target.platform == "windows":
        return PASS  # that keys cannot be pushed there at all is another check's matter
    record = image_of(case)
    if record is None:
        return unknown(case.scope.images.missing(case.instance.image_id or ""))
    known = brings(record)
    seen = _of_image(record)
    if known is None or known.instance_connect is None:
        says = "whether the package is installed is not visible for this image"
        return unknown(Missing("ec2:DescribeImages", "undecidable", None, record.image_id, says))
    if known.instance_connect:
        return passes(seen)
    return suspected(
        Finding(
            "eic-not-installed",
            SELF,
            f"{known.system} comes without the EC2 Instance Connect package.",
            evidence=(seen,),
        )
    )


def _of_image(record: Image) -> Evidence:
    return Evidence("ec2:DescribeImages", record.image_id, f"Name is {record.name}", "Images[].Name")


def metadata_options(case: Case) -> Hashable:
    """The key of checks that read the metadata service's settings."""
    options = None if case.instance is None else case.instance.metadata_options
    return case.instance is None, None if options is None else options.http_endpoint


@check("instance-connect.metadata", by=metadata_options)
def metadata(case: Case) -> Answer:
    """The instance metadata service is on: pushed keys are read there."""
    if case.instance is None:
        return unread(case)
    options = case.instance.metadata_options
    if options is None or options.http_endpoint is None:
        says = "the record has no MetadataOptions"
        return unknown(Missing("ec2:DescribeInstances", "absent", None, SELF, says))
    if options.http_endpoint.lower() != "disabled":
        return PASS
    return blocked(
        Finding(
            "imds-disabled",
            SELF,
            "The instance metadata service is off, so sshd cannot read pushed keys.",
            evidence=(
                Evidence(
                    "ec2:DescribeInstances",
                    SELF,
                    "HttpEndpoint is disabled",
                    "Reservations[].Instances[].MetadataOptions.HttpEndpoint",
                ),
            ),
        )
    )


def key_facts(case: Case) -> Hashable:
    """The key of checks that ask for a key of one's own, or else for what accepts a pushed one."""
    is_keyless = case.instance is not None and case.instance.key_name is None
    return login_facts(case), image(case), metadata_options(case), push_key(case) if is_keyless else None


@check("instance-connect.some-key", by=key_facts)
def some_key(case: Case, uses: Sequence[str] = ()) -> Answer:
    """A key of one's own is accepted, or else one that is pushed; of `uses` that log in, any if empty."""
    wanted = case.options.use
    if case.is_hybrid or (uses and (wanted is None or wanted.value not in uses)):
        return PASS
    if case.instance is None or use_of(case) is Use.RDP:
        return key_pair(case)
    if case.instance.key_name is not None:
        return noted(*package(case).findings)
    return _takes_pushed_key(case)


def _takes_pushed_key(case: Case) -> Answer:
    """Whether the machine accepts a pushed key, and the caller may push one."""
    return every((package(case), metadata(case), key_push(case)))


@check("instance-connect.key-pair", by=key_facts)
def key_pair_or_push(case: Case) -> Answer:
    """Somebody has a key of the instance, or (a note then) may push one."""
    return own_or_pushed(case, SELF, desktop=use_of(case) is Use.RDP)


def own_or_pushed(case: Case, resource: str, *, desktop: bool) -> Answer:
    """The same for a desktop or not (none takes a pushed key); `resource` is what the instance is called."""
    if case.instance is None:
        return unread(case)
    own = held_key(case.instance, resource, desktop=desktop)
    if own.verdict is READY or desktop or _takes_pushed_key(case).verdict is not READY:
        return own
    return noted(*own.findings)


@check("instance-connect.entry", by=entry_key)
def entry(case: Case) -> Answer:
    """Port 22 is reachable from the operator (CLI), or from EC2 Instance Connect's own ranges (console)."""
    if case.instance is None:
        return unread(case)
    by_cli = entering(case, case.scope, case.instance, _SSH, Path.ENTRY)
    by_console = _from_service(case, case.instance)
    if by_cli.verdict is BLOCKED and not is_for_the_source(by_cli):
        return by_cli
    if by_cli.verdict is READY:
        return msgspec.structs.replace(by_cli, notes=(*by_cli.notes, *by_console.findings))
    if by_console.verdict is READY:
        return by_console
    if by_console.verdict is BLOCKED and by_cli.verdict is BLOCKED:
        return by_console
    return msgspec.structs.replace(
        every((by_cli, by_console)),
        verdict=by_cli.verdict | by_console.verdict,
        findings=by_cli.findings,
        notes=by_console.findings,
    )


def _from_service(case: Case, instance: Instance) -> Answer:
    """From the ranges of the console's client, which AWS publishes as a prefix list."""
    is_v6 = not instance.public_ip_address and bool(instance.ipv6_address)
    name = service_list_name(case.scope.region, is_v6)
    blocks = service_ranges(case.scope, name)
    if isinstance(blocks, Missing):
        return unknown(blocks)
    identity, ranges = blocks
    answers = [
        blockers.answer(case.trace(Flow(End(Kind.INTERNET, cidr), case.end, Protocol.TCP, _SSH)), Path.ENTRY)
        for cidr in ranges
    ]
    answer = every(answers)
    return msgspec.structs.replace(
        answer,
        findings=tuple(dict.fromkeys(_as_list(case, instance, each, identity) for each in answer.findings)),
    )


def service_list_name(region: str, is_v6: bool = False) -> str:
    """The name of AWS's prefix list of the console client's ranges."""
    return f"com.amazonaws.{region}.{'ipv6.' if is_v6 else ''}ec2-instance-connect"


def service_ranges(scope: Scope, name: str) -> tuple[str, tuple[str, ...]] | Missing:
    """Id and blocks of a prefix list, by its name."""
    for record in scope.managed_prefix_lists.values():
        if record.prefix_list_name == name:
            entries = scope.prefix_list_entries.find(record.prefix_list_id)
            if isinstance(entries, Missing):
                shown = scope.prefix_lists.get(record.prefix_list_id)
                return (record.prefix_list_id, shown.cidrs) if shown is not None else entries
            return record.prefix_list_id, tuple(each.cidr for each in entries.entries)
    return scope.managed_prefix_lists.missing(name)


def _as_list(case: Case, instance: Instance, finding: Finding, identity: str) -> Finding:
    if finding.cause != "sg-inbound-22-missing":
        return finding
    referenced = {
        reference.prefix_list_id
        for group in instance.security_groups
        if (record := case.scope.security_groups.get(group.group_id)) is not None
        for permission in record.ip_permissions
        for reference in permission.prefix_list_ids
    }
    names = {
        case.scope.managed_prefix_lists[each].prefix_list_name
        for each in referenced
        if each in case.scope.managed_prefix_lists
    }
    region = case.scope.region
    both = {service_list_name(region), service_list_name(region, True)}
    wrong = bool(names & both) and identity not in referenced
    repairs = tuple(
        dict.fromkeys(
            AdmitInGroup(
                each.group,
                each.egress,
                each.protocol,
                each.first_port,
                each.last_port,
                peer_prefix_list=identity,
                account=each.account,
                region=each.region,
            )
            for each in finding.repairs
            if isinstance(each, AdmitInGroup)
        )
    )
    return msgspec.structs.replace(
        finding,
        cause="eic-prefix-list-wrong-family" if wrong else "eic-prefix-list-missing",
        says=(
            "The group names EC2 Instance Connect's prefix list of the other IP version."
            if wrong
            else "The group does not admit the ranges that the console's client connects from."
        ),
        repairs=repairs,
    )
