"""VPC peering: active, not transitive, both addresses inside the two VPCs (P1-P3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.model.addresses import Prefix, parse_prefix
from advisor.model.evidence import Missing
from advisor.model.records.ec2 import PeeringVpcInfo, VpcPeeringConnection
from advisor.network import codes
from advisor.network.flow import Kind
from advisor.network.groups import Identity
from advisor.network.leg import Arrival, Gate, Journey, Leg, Position, stop
from advisor.network.routes import RouteEntry
from advisor.network.subject import Overlap, overlap
from advisor.network.trace import Direction, Hop

if TYPE_CHECKING:
    from advisor.network.walk import Walk

_OPERATION = "ec2:DescribeVpcPeeringConnections"


def by_peering(walk: Walk, leg: Leg, at: Position, entry: RouteEntry) -> Journey:
    """Over a peering connection, to an interface of the peer VPC."""
    identity = entry.target_id
    gate = leg.gate("vpc-peering-connection", identity, _OPERATION)
    found = walk.fabric.anywhere(at.scope, "vpc_peering_connections", identity)
    if isinstance(found, Missing):
        return stop(gate.doubts(codes.UNKNOWN_RESOURCE, found, f"{identity} is not described"))
    assert isinstance(found, VpcPeeringConnection)
    own, peer = _sides(found, at)
    if own is None or peer is None:
        return stop(gate.stops(codes.DISCONNECTED_VPCS, f"{identity} does not join {at.vpc}"))
    if leg.arrival in (Arrival.PEERING, Arrival.VPN) or (
        leg.arrival is Arrival.TRANSIT and leg.came_from != at.place
    ):
        says = f"{identity} carries only traffic that starts or ends in the two VPCs it joins"
        return stop(gate.stops(codes.PCX_REQUIRES_ADDRESS_IN_VPC_CIDR, says, f"came by {leg.arrival.value}"))
    refused = _outside_blocks(walk, leg, at, gate, peer)
    if refused:
        return stop(*refused)
    status = found.status.code
    says = f"{identity} is {(status or '').lower()}"
    passed = gate.works(status, codes.BAD_STATE_ATTACHMENT, says, "Status.Code", "active")
    if leg.near.kind is Kind.NAT and leg.direction is Direction.FORWARD:
        # AWS's guide names transit gateways and virtual private gateways as ways on from a NAT gateway (N4).
        doubt = f"whether {identity} carries what {leg.near.id} has translated, AWS does not say"
        return _into_peer(walk, leg, at, own, peer, identity).after(
            passed, gate.cannot_tell(codes.UNKNOWN_DESTINATION, doubt)
        )
    return _into_peer(walk, leg, at, own, peer, identity).after(passed)


def _into_peer(
    walk: Walk, leg: Leg, at: Position, own: PeeringVpcInfo, peer: PeeringVpcInfo, identity: str
) -> Journey:
    vpc = peer.vpc_id or "?"
    beyond = leg.gate("vpc", vpc, "ec2:DescribeVpcs")
    scopes = walk.fabric.vpc_scopes(vpc, peer.owner_id, peer.region)
    if not scopes:
        says = f"{vpc} of account {peer.owner_id} was not read"
        missing = Missing("ec2:DescribeVpcs", "not-asked", None, vpc, says)
        return stop(beyond.doubts(codes.UNKNOWN_PEERED_SGS, missing))
    if leg.goal.vpc is None:
        says = f"no interface of {vpc} that was read has the address of {leg.goal.spoken}"
        missing = scopes[0].network_interfaces.missing(leg.goal.id)
        return stop(beyond.doubts(codes.UNKNOWN_DESTINATION, missing, says))
    if leg.goal.vpc != vpc:
        says = f"{identity} leads to {vpc}, and {leg.goal.spoken} is in {leg.goal.vpc}"
        return stop(beyond.stops(codes.NO_POSSIBLE_DESTINATION, says))
    assert leg.goal.scope is not None
    crosses_regions = (own.region or at.scope.region) != (peer.region or leg.goal.scope.region)
    there = Position(scopes[0], vpc, leg.goal.subnet, None) if leg.goal.subnet is not None else None
    assert there is not None
    # References to groups do not cross Regions (P2).
    kept = Identity.LOST if crosses_regions else leg.identity
    return walk.arrive(leg.through(there, identity=kept, arrival=Arrival.PEERING))


def _outside_blocks(walk: Walk, leg: Leg, at: Position, gate: Gate, peer: PeeringVpcInfo) -> tuple[Hop, ...]:
    """Hops that refuse a destination outside the peer VPC's blocks."""
    blocks = _blocks(peer, walk)
    if not blocks or any(overlap(block, leg.destination) is not Overlap.NONE for block in blocks):
        return ()
    listed = ", ".join(map(str, blocks))
    says = f"{gate.id} carries only traffic for {listed} of {peer.vpc_id}, not for {leg.goal.spoken}"
    refused = gate.stops(codes.PCX_REQUIRES_ADDRESS_IN_VPC_CIDR, says, listed)
    if leg.goal.vpc is None or not walk.way_of(leg, at).is_disconnected:
        return (refused,)
    apart = f"{at.vpc} and {leg.goal.vpc} are not joined; peering is not transitive"
    return (refused, leg.gate("vpc", at.vpc, _OPERATION).stops(codes.DISCONNECTED_VPCS, apart))


def _sides(
    peering: VpcPeeringConnection, at: Position
) -> tuple[PeeringVpcInfo | None, PeeringVpcInfo | None]:
    one, two = peering.requester_vpc_info, peering.accepter_vpc_info
    if one.vpc_id == at.vpc and one.region in (None, at.scope.region):
        return one, two
    return (two, one) if two.vpc_id == at.vpc else (None, None)


def _blocks(side: PeeringVpcInfo, walk: Walk) -> list[Prefix]:
    """The peer's blocks: as the connection shows them, and as the VPC itself does."""
    texts = [each.cidr_block for each in side.cidr_block_set]
    texts += [each.ipv6_cidr_block for each in side.ipv6_cidr_block_set]
    if side.cidr_block:
        texts.append(side.cidr_block)
    found = [block for block in map(parse_prefix, texts) if block is not None]
    for scope in walk.fabric.vpc_scopes(side.vpc_id or "", side.owner_id, side.region):
        found += walk.fabric.blocks_by_vpc.get((scope.account, scope.region, side.vpc_id or ""), ())
    return [block for block in dict.fromkeys(found) if block.version == walk.version]
