"""The lines that a person runs to connect, filled with the target's real ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from advisor.methods.assessment import Command, MethodAssessment, MethodId, Target
from advisor.methods.bastion_entry import doors, entry_port
from advisor.methods.images import user_of
from advisor.methods.options import ANYBODY, Options, Use
from advisor.methods.targets import target_of_instance
from advisor.model.estate import Estate
from advisor.model.evidence import SELF
from advisor.model.records.ec2 import Instance
from advisor.model.scope import Scope
from advisor.network.flow import Kind
from advisor.network.trace import Trace

if TYPE_CHECKING:
    from advisor.rulebook import RuleBook

_SAFE: Final = re.compile(r"[A-Za-z0-9_.:/@=~+-]*")
TEMPLATE_USES: Final = {
    Use.SHELL: ("shell", "console"),
    Use.SSH: ("ssh", "tunnel"),
    Use.SCP: ("scp",),
    Use.RDP: ("rdp", "fleet-rdp"),
    Use.PORT_FORWARD: ("remote-host", "port-forward", "tunnel"),
}


def commands(
    target: Target,
    method: MethodAssessment,
    rulebook: RuleBook,
    options: Options = ANYBODY,
    estate: Estate | None = None,
) -> tuple[Command, ...]:
    """The commands of a method for a target, one per use, the wanted use first.

    Of several templates for one use the first counts for which all values are known; `estate` makes more of
    them known (key pair, login name, a bastion's address). Every value is quoted for a POSIX shell.
    """
    values = _values(target, method, options, estate)
    found: dict[str, Command] = {}
    for template in rulebook.methods[method.method.value].commands:
        fits = target.platform in template.platforms or target.platform == "unknown"
        if not fits or template.use in found or not set(template.variables) <= values.keys():
            continue
        # Inside a quoted ProxyCommand a quoted value would end the quoting: only plain ones go there.
        if '"' in template.template and not all(_SAFE.fullmatch(values[name]) for name in template.variables):
            continue
        found[template.use] = Command(template.use, template.line(values))
    wanted = TEMPLATE_USES.get(options.use, ()) if options.use is not None else ()
    return tuple(sorted(found.values(), key=lambda each: each.use not in wanted))


def _values(
    target: Target, method: MethodAssessment, options: Options, estate: Estate | None
) -> dict[str, str]:
    is_windows = target.platform == "windows"
    port = options.remote_port or (3389 if is_windows else 22)
    values = {
        "target": target.id,
        "region": target.region,
        "user": "Administrator" if is_windows else "ec2-user",
        "port": str(port),
        "local_port": str(port if port >= 1024 and port != 3389 else port + 10_000),
    }
    if target.private_ip:
        values["private_ip"] = target.private_ip
    if target.public_ip:
        values["public_ip"] = target.public_ip
    if options.remote_host:
        values["remote_host"] = options.remote_host
        values["remote_port"] = str(options.remote_port or 443)
    if estate is not None:
        values |= _of_instance(estate, target)
    if method.via and method.via != SELF:
        values |= _of_way(method, target, estate)
    return values


def _of_instance(estate: Estate, target: Target) -> dict[str, str]:
    scope = estate.scope(target.account, target.region)
    instance = scope.instances.get(target.id)
    if instance is None:
        return {}
    values = {"user": _login(estate, target)}
    if instance.ipv6_address and not instance.private_ip_address:
        values["only_ipv6"] = instance.ipv6_address
    if instance.key_name:
        # As the console writes it: the file lies in the folder where the command is run.
        values["key"] = f"{instance.key_name}.pem"
    return values


def _of_way(method: MethodAssessment, target: Target, estate: Estate | None) -> dict[str, str]:
    via = method.via or ""
    if method.method is not MethodId.BASTION:
        return {"endpoint": via}
    values = {"bastion": via}
    for scope in () if estate is None else estate.regional:
        instance = scope.instances.get(via)
        if instance is not None and estate is not None:
            values["bastion_user"] = _login(estate, target_of_instance(scope, instance))
            values |= _door_of(scope, instance, method.traces)
    return values


def _door_of(scope: Scope, instance: Instance, traces: tuple[Trace, ...]) -> dict[str, str]:
    """Where a bastion is entered: its own address, its load balancer's name, or a session to it."""
    port = entry_port(instance)
    # Into Windows the way was proved for Remote Desktop only: no SSH can jump over it.
    name = "bastion_ip" if port == 22 else "desktop_bastion"
    by_balancer = any(each.flow.destination.kind is Kind.LOAD_BALANCER for each in traces)
    if instance.public_ip_address and not by_balancer:
        return {name: instance.public_ip_address}
    if any(each.flow.destination.id == instance.instance_id for each in traces):
        return {}  # entered by its IPv6 address, which these lines cannot carry
    for arn, outside in doors(scope).get((instance.instance_id, port), ()):
        host = scope.load_balancers[arn].dns_name
        if host and outside == port:
            return {name: host}
    return {"session_bastion": instance.instance_id, "bastion_region": scope.region}


def _login(estate: Estate, target: Target) -> str:
    scope = estate.scope(target.account, target.region)
    instance = scope.instances.get(target.id)
    image = scope.images.get(instance.image_id or "") if instance is not None else None
    return user_of(image, target.platform)
