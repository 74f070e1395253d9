"""The targets of an estate: EC2 instances and hybrid nodes that somebody may want to reach."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from advisor.methods.assessment import Target
from advisor.model.coverage import Status
from advisor.model.estate import Estate
from advisor.model.records import ec2, ssm
from advisor.model.records.shape import Tag
from advisor.model.scope import Scope
from advisor.model.text import plain

_GONE = frozenset({"terminated"})


def targets(estate: Estate) -> list[tuple[Scope, Target]]:
    """Every target with the scope it stands in, in order of account, Region and API answer.

    Terminated instances are left out. A managed EC2 node whose instance record could not be read is a
    target of unknown state.
    """
    return [(scope, target) for scope in estate.regional for target in _targets_of(scope)]


def _targets_of(scope: Scope) -> Iterator[Target]:
    for instance in scope.instances.values():
        if instance.state.name.lower() not in _GONE:
            yield target_of_instance(scope, instance)
    known = scope.instances
    for node in scope.managed_nodes.values():
        if node.instance_id in known:
            continue
        if is_hybrid(node) or known.coverage.status is not Status.OK:
            yield target_of_node(scope, node)


def is_hybrid(node: ssm.InstanceInformation) -> bool:
    """Whether the managed node is not an EC2 instance (on premises, edge, another cloud)."""
    return not node.instance_id.startswith("i-")


def target_of_instance(scope: Scope, instance: ec2.Instance) -> Target:
    """The instance as a target."""
    node = scope.managed_nodes.get(instance.instance_id)
    tags = instance.tags
    return Target(
        id=instance.instance_id,
        name=_name(tags),
        kind="ec2",
        platform=platform_of(instance, node),
        state=instance.state.name.lower() or "unknown",
        account=scope.account,
        region=scope.region,
        vpc=instance.vpc_id,
        subnet=instance.subnet_id,
        private_ip=instance.private_ip_address or instance.ipv6_address,
        public_ip=instance.public_ip_address,
        tags=_tags(tags) if tags else (),
    )


def target_of_node(scope: Scope, node: ssm.InstanceInformation) -> Target:
    """A managed node without an instance record as a target."""
    return Target(
        id=node.instance_id,
        name=plain(node.name or node.computer_name or ""),
        kind="hybrid" if is_hybrid(node) else "ec2",
        platform=_reported(node) or "unknown",
        state=(node.ping_status or "unknown").lower() if is_hybrid(node) else "unknown",
        account=scope.account,
        region=scope.region,
        private_ip=node.ip_address,
    )


def platform_of(instance: ec2.Instance, node: ssm.InstanceInformation | None) -> str:
    """linux, windows or macos; what the agent reports counts first.

    `Platform` is `windows` for Windows and absent otherwise (EC2 API reference), so absence is an answer.
    """
    reported = _reported(node) if node is not None else None
    if reported is not None:
        return reported
    if (instance.platform or "").lower() == "windows" or "windows" in (
        instance.platform_details or ""
    ).lower():
        return "windows"
    return "macos" if (instance.instance_type or "").startswith("mac") else "linux"


def _reported(node: ssm.InstanceInformation) -> str | None:
    return {"linux": "linux", "windows": "windows", "macos": "macos"}.get((node.platform_type or "").lower())


def _name(tags: tuple[Tag, ...]) -> str:
    for tag in tags:
        if tag.key == "Name":
            return plain(tag.value)
    return ""


@lru_cache(maxsize=65_536)
def _tags(tags: tuple[Tag, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((plain(tag.key), plain(tag.value)) for tag in tags)
