"""A flow to an AWS service, traced: by the endpoint or the public addresses that its name leads to."""

from __future__ import annotations

import msgspec

from advisor.model.addresses import NAT64
from advisor.model.evidence import Missing
from advisor.model.records.ec2 import VpcEndpoint
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, all_of
from advisor.network import codes, names
from advisor.network.costs import cost_of
from advisor.network.flow import Kind
from advisor.network.gates import acl_hop, group_hop, state_hops
from advisor.network.groups import Identity
from advisor.network.leg import Gate, Journey, Position
from advisor.network.middleboxes import gateway_endpoint_hop
from advisor.network.repairs import AddRoute
from advisor.network.routes import RouteEntry, Target
from advisor.network.stations import Station
from advisor.network.subject import somewhere
from advisor.network.trace import Direction, Hop, Place, Trace
from advisor.network.tracing import RANK, Tracing

_BY_GATEWAY_ENDPOINT = {"s3", "dynamodb"}
_ELSEWHERE = {Target.PEERING, Target.TRANSIT_GATEWAY, Target.VPN_GATEWAY, Target.UNMODELLED}


class ServiceTracing(Tracing):
    """One flow to a service being traced."""

    def to_service(self) -> Trace:
        """Trace by what the service's name leads to; where that fails, by the cheapest way to repair."""
        source, service = self.walk.source, self.flow.destination.id
        if source.scope is None or source.vpc is None:
            says = f"{source.spoken} is in no VPC that was read"
            missing = Missing("ec2:DescribeVpcs", "absent", None, source.id, says)
            gate = Gate("internet", source.id, Direction.FORWARD, missing.operation)
            return Trace(self.flow, UNKNOWN, (gate.doubts(codes.UNKNOWN_DESTINATION, missing),))
        if service in _BY_GATEWAY_ENDPOINT:
            by_gateway = self._by_gateway_endpoint(source, service)
            if by_gateway is not None:
                return by_gateway
        resolution = names.resolve(self.walk, source, service)
        now = [self._by_answer(source, answer) for answer in resolution.now]
        if resolution.doubt is not None:
            return self._doubtful(source, resolution, now, resolution.doubt)
        # The client cannot choose between several answers: the worst of them counts.
        actual = min(now, key=lambda each: RANK[each.verdict])
        if actual.verdict is BLOCKED and resolution.unread is not None and self._may_lead_unseen(source):
            return self._doubtful(source, resolution, now, resolution.unread)
        if actual.verdict is BLOCKED:
            return self._cheapest(source, resolution, actual)
        return actual

    def to_endpoint(self) -> Trace:
        """To an endpoint itself, whichever of its interfaces the client meets; no name is asked for."""
        goal = self.walk.destination
        assert goal.scope is not None and goal.endpoint is not None
        answer = names.endpoint_answer(self.walk, goal.scope, goal.endpoint)
        return self._by_answer(self.walk.source, answer)

    # --- which answer counts -----------------------------------------------------------------------------

    def _doubtful(
        self, source: Station, resolution: names.Resolution, now: list[Trace], doubt: Missing
    ) -> Trace:
        """What the name leads to is not certain: only where every answer fails is the verdict sure."""
        # Other name servers may well lead to what ours do not: what stops a name here is lifted for them.
        lifted = (
            msgspec.structs.replace(each, hops=tuple(hop for hop in each.hops if hop.kind != "dns"))
            for each in resolution.wishes
        )
        every = [*now, *(self._by_answer(source, each) for each in lifted)]
        if all(each.verdict is BLOCKED for each in every) and not self._may_lead_unseen(source):
            return min(every, key=lambda each: RANK[each.verdict])
        shown = max(now, key=lambda each: RANK[each.verdict])
        rest = tuple(each for each in shown.forward if each.kind != "dns")
        gate = names.doubt_hop(source.vpc or "", doubt)
        return msgspec.structs.replace(shown, verdict=UNKNOWN, forward=(gate, *rest))

    def _may_lead_unseen(self, source: Station) -> bool:
        """Whether an endpoint could stand unseen: in the source's own VPC, or where its routes lead."""
        assert source.scope is not None and source.subnet is not None
        found = self.walk.fabric.effective_table(source.scope, source.subnet)
        home = self.walk.fabric.home(source.scope, source.vpc)
        if isinstance(found, Missing) or not home.vpc_endpoints.complete:
            return True
        entries = self.walk.fabric.compiled(source.scope, found).entries
        return any(each.target in _ELSEWHERE for each in entries)

    def _cheapest(self, source: Station, resolution: names.Resolution, actual: Trace) -> Trace:
        """Of the ways that repairs could open, the cheapest complete one: its blockers are what to change."""
        if resolution.now[0].endpoint is not None:
            return actual
        dead_end = _dead_end_of(actual)
        wishes = [self._by_answer(source, answer) for answer in resolution.wishes]
        if wishes:
            best = min(wishes, key=lambda each: cost_of(each.hops))
            if dead_end is not None or cost_of(best.hops) <= cost_of(actual.hops):
                return best
        if dead_end is None:
            return actual
        gate = names.missing_endpoint_hop(source, self.flow.destination.id, dead_end)
        kept = tuple(each for each in actual.forward if each is not dead_end)
        return msgspec.structs.replace(actual, forward=(*kept, gate))

    # --- along one answer --------------------------------------------------------------------------------

    def _by_answer(self, source: Station, answer: names.Answer) -> Trace:
        if answer.endpoint is None:
            return self.between(source, self._public(source), answer.hops)
        if not answer.stations:
            verdict = all_of(each.verdict for each in answer.hops)
            return Trace(self.flow, verdict & UNKNOWN, answer.hops)
        traces = []
        for station in answer.stations:
            self.walk.destination = station
            traces.append(self.between(source, station, answer.hops))
        worst = min(traces, key=lambda each: RANK[each.verdict])
        if worst.verdict is BLOCKED and any(each.verdict is READY for each in traces):
            identity = answer.endpoint.vpc_endpoint_id
            note = f"partial: a client cannot choose between the interfaces of {identity}, and some are shut"
            return msgspec.structs.replace(worst, notes=(*worst.notes, note))
        return worst

    def _public(self, source: Station) -> Station:
        """AWS's public endpoint as the source sees it: by DNS64 for an IPv6-only source (R14)."""
        service, version = self.flow.destination.id, self.walk.version
        goal = Station(Kind.SERVICE, service, f"AWS's public {service} endpoint", somewhere(version))
        if version == 6 and source.subnet is not None and source.subnet.enable_dns64:
            goal = msgspec.structs.replace(goal, address=NAT64)
            self.walk.assume(
                "The service's name has no IPv6 address of its own, so that DNS64 answers for it."
            )
        self.walk.destination = goal
        return goal

    # --- gateway endpoints -------------------------------------------------------------------------------

    def _by_gateway_endpoint(self, source: Station, service: str) -> Trace | None:
        """A gateway endpoint in the source's route table takes the service's prefix list (R9)."""
        assert source.scope is not None and source.subnet is not None
        found = self.walk.fabric.effective_table(source.scope, source.subnet)
        if isinstance(found, Missing):
            return None
        table = self.walk.fabric.compiled(source.scope, found)
        for entry in table.entries:
            endpoint = self.walk.fabric.home(source.scope, source.vpc).vpc_endpoints.get(entry.target_id)
            if endpoint is None or not entry.holds_public_only:
                continue
            if (endpoint.service_name or "").rsplit(".", 1)[-1] == service:
                return self._through(source, self._public(source), table.id, entry, endpoint)
        return None

    def _through(
        self, source: Station, goal: Station, table: str, entry: RouteEntry, endpoint: VpcEndpoint
    ) -> Trace:
        assert source.scope is not None and source.subnet is not None and source.vpc is not None
        if entry.prefix is not None:
            goal = msgspec.structs.replace(goal, address=entry.prefix)
        self.walk.destination = goal
        leg = self.leg(Direction.FORWARD, source, goal)
        at = Position(source.scope, source.vpc, source.subnet, source.subnet.availability_zone)
        routing = leg.gate("route-table", table, "ec2:DescribeRouteTables", Place.SOURCE)
        hops: tuple[Hop, ...] = (
            *state_hops(self.walk, source, Direction.FORWARD),
            group_hop(self.walk, leg, source, True, goal, Identity.LOST),
            acl_hop(self.walk, leg, at, True, goal),
            routing.passes(f"{table} sends {goal.spoken} by {entry}", str(entry), "Routes"),
            gateway_endpoint_hop(leg, endpoint),
        )
        forward = Journey(hops, True, Identity.LOST, exit=entry.target_id)
        back = self.leg(Direction.RETURN, goal, source, self.reply_ports(source))
        return self.concluded(forward, self.from_gateway_endpoint(back, entry.target_id))


def _dead_end_of(trace: Trace) -> Hop | None:
    """The hop at which the source's own table has no route at all, and none could simply be added."""
    first = next((each for each in trace.blockers if each.kind == "route-table"), None)
    if first is None or first.code != codes.NO_ROUTE_TO_DESTINATION or first.place is not Place.SOURCE:
        return None
    return None if any(isinstance(each, AddRoute) for each in first.repairs) else first
