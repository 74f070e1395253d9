"""VPC block public access: a gate above every internet gateway and NAT gateway (B1, B2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from advisor.model.evidence import Missing
from advisor.model.records.ec2 import Subnet
from advisor.model.scope import Scope
from advisor.network import codes
from advisor.network.leg import Leg
from advisor.network.repairs import ExcludeFromBlockPublicAccess, Repair
from advisor.network.trace import Direction, Hop

if TYPE_CHECKING:
    from advisor.network.walk import Walk

_OPERATION: Final = "ec2:DescribeVpcBlockPublicAccessOptions"
_EXCLUSIONS: Final = "ec2:DescribeVpcBlockPublicAccessExclusions"
_MODE: Final = "InternetGatewayBlockMode"
_INGRESS: Final = "block-ingress"
_IN_FORCE: Final = {"create-complete", "update-complete"}
_CHANGING: Final = {"create-in-progress", "update-in-progress", "delete-in-progress"}


def public_access_hop(
    walk: Walk, leg: Leg, scope: Scope, subnet: Subnet | None, by_nat: bool, vpc: str = ""
) -> list[Hop]:
    """The gate, asked once, in the direction in which the connection is opened.

    `subnet` is the one at the gateway: for traffic by a NAT gateway the gateway's own subnet needs the
    exclusion, not the client's. `by_nat` also stands for an egress-only internet gateway.
    """
    if leg.direction is Direction.RETURN:
        return []
    vpc_id = vpc or (subnet.vpc_id if subnet is not None else "")
    scope = walk.fabric.home(scope, vpc_id)
    where = subnet.subnet_id if subnet is not None else vpc_id
    gate = leg.gate("block-public-access", where, _OPERATION)
    mode = effective_mode(scope, subnet, vpc_id)
    outbound_by_nat = by_nat and not walk.source.is_outside
    if isinstance(mode, Missing) and outbound_by_nat and _chosen_mode(scope) == _INGRESS:
        mode = _INGRESS  # with an exclusion or without one, this traffic passes
    if isinstance(mode, Missing):
        says = f"whether VPC block public access stops traffic of {where} is not known"
        return [gate.doubts(codes.UNKNOWN_RESOURCE, mode, says)]
    rule = f"{_MODE} {mode}"
    if mode == "off":
        return [gate.passes(f"block public access is off for {where}", rule, _MODE)]
    if mode == _INGRESS and outbound_by_nat:
        says = f"block public access is {mode} for {where}, which lets outbound traffic of NAT gateways pass"
        return [gate.passes(says, rule, _MODE)]
    wanted = "allow-egress" if outbound_by_nat else "allow-bidirectional"
    repairs: tuple[Repair, ...] = ()
    if subnet is not None:
        repairs = (ExcludeFromBlockPublicAccess(subnet.subnet_id, wanted, scope.account, scope.region),)
    says = f"VPC block public access is {mode} for {where}, and it has no exclusion"
    return [gate.stops(codes.VPC_BLOCK_PUBLIC_ACCESS_ENABLED, says, rule, _MODE, repairs)]


def effective_mode(scope: Scope, subnet: Subnet | None, vpc_id: str) -> str | Missing:
    """`off`, `block-ingress` or `block-bidirectional`, with exclusions taken into account.

    Where the options were not read, the state that AWS shows on the subnet or VPC serves; only where that
    is missing too is the mode unknown.
    """
    shown = _shown_on(scope, subnet, vpc_id)
    mode = _chosen_mode(scope)
    if isinstance(mode, Missing):
        return shown if shown is not None and mode.status != "undecidable" else mode
    if mode == "off":
        return "off"
    changing = None
    for exclusion in scope.block_public_access_exclusions.values():
        resource = (exclusion.resource_arn or "").rsplit("/", 1)[-1]
        if resource not in (vpc_id, subnet.subnet_id if subnet is not None else None):
            continue
        state = (exclusion.state or "").lower()
        if state in _CHANGING or not state:
            says = f"{exclusion.exclusion_id} is {state or 'in a state that is not shown'}"
            changing = Missing(_EXCLUSIONS, "undecidable", None, resource, says)
        if state not in _IN_FORCE:
            continue
        if (exclusion.internet_gateway_exclusion_mode or "").lower() == "allow-bidirectional":
            return "off"
        # An egress exclusion leaves what block-ingress would: outbound traffic of NAT gateways.
        mode = _INGRESS
    if changing is not None:
        return changing
    if not scope.block_public_access_exclusions.complete:
        return shown if shown is not None else scope.block_public_access_exclusions.missing()
    return mode


def _chosen_mode(scope: Scope) -> str | Missing:
    """The mode that the account or its organisation has chosen for the Region."""
    answer = scope.block_public_access.only()
    if isinstance(answer, Missing):
        return answer
    options = answer.vpc_block_public_access_options
    if (options.state or "").lower() == "update-in-progress":
        return Missing(_OPERATION, "undecidable", None, None, "the options are being changed")
    if options.internet_gateway_block_mode is None:
        return Missing(_OPERATION, "absent", None, None, f"{_MODE} is not shown")
    return options.internet_gateway_block_mode.lower()


def _shown_on(scope: Scope, subnet: Subnet | None, vpc_id: str) -> str | None:
    for states in (
        subnet.block_public_access_states if subnet is not None else None,
        scope.vpcs[vpc_id].block_public_access_states if vpc_id in scope.vpcs else None,
    ):
        if states is not None and states.internet_gateway_block_mode:
            return states.internet_gateway_block_mode.lower()
    return None
