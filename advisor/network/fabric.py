"""Compiled rules of the whole estate, each compiled once: what the gates ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar, cast

from advisor.model.addresses import Prefix, parse_prefix
from advisor.model.estate import Estate
from advisor.model.evidence import Missing
from advisor.model.ports import PortRange
from advisor.model.records.ec2 import NetworkAcl, NetworkInterface, RouteTable, SecurityGroupRule, Subnet, Vpc
from advisor.model.scope import Scope
from advisor.model.verdict import READY, UNKNOWN
from advisor.network import acls, groups, routes
from advisor.network.flow import Protocol
from advisor.network.subject import Subject

ScopeKey = tuple[str, str]
T = TypeVar("T")


class Fabric:
    """The estate's filters and tables, compiled on first use and memoised.

    Each memo is keyed by the few facts on which its answer depends (a table and a destination, an ACL and a
    peer), never by the pair of ends: the cost of a fleet is a sum of factors and not a product.
    """

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self._tables: dict[tuple[ScopeKey, str], routes.CompiledTable] = {}
        self._effective: dict[tuple[ScopeKey, str], RouteTable | Missing] = {}
        self._acls: dict[tuple[ScopeKey, str, bool], tuple[acls.Entry, ...]] = {}
        self._groups: dict[tuple[ScopeKey, str], groups.RuleBookOfGroup | Missing] = {}
        self._prefixes: dict[tuple[ScopeKey, str], tuple[Prefix, ...] | Missing] = {}
        self._route_memo: dict[tuple[ScopeKey, str, Subject], routes.RouteDecision] = {}
        self._acl_memo: dict[tuple[object, ...], acls.AclDecision] = {}
        self._group_memo: dict[tuple[object, ...], groups.GroupDecision] = {}
        self._memo: dict[Hashable, object] = {}

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made once for the key, which must hold all that it depends on."""
        if key not in self._memo:
            self._memo[key] = make()
        return cast(T, self._memo[key])

    # --- tables ------------------------------------------------------------------------------------------

    def effective_table(self, scope: Scope, subnet: Subnet) -> RouteTable | Missing:
        """The route table that routes for a subnet."""
        key = (_key(scope), subnet.subnet_id)
        found = self._effective.get(key)
        if found is None:
            found = routes.effective_table(scope, subnet)
            if isinstance(found, Missing):
                found = self._as_owner_sees(scope, subnet, routes.effective_table) or found
            self._effective[key] = found
        return found

    def compiled(self, scope: Scope, table: RouteTable) -> routes.CompiledTable:
        """A route table, ready for lookups."""
        key = (_key(scope), table.route_table_id)
        found = self._tables.get(key)
        if found is None:
            found = self._tables[key] = routes.compile_table(scope, table, self.prefixes_of)
        return found

    def route(self, table: routes.CompiledTable, destination: Subject) -> routes.RouteDecision:
        """The route that decides for a destination."""
        key = (_key(table.scope), table.id, destination)
        found = self._route_memo.get(key)
        if found is None:
            found = self._route_memo[key] = routes.decide(table, destination)
        return found

    def prefixes_of(self, scope: Scope, prefix_list: str) -> tuple[Prefix, ...] | Missing:
        """The blocks of a prefix list, wherever in the Region they were read (R8, G6)."""
        key = (_key(scope), prefix_list)
        found = self._prefixes.get(key)
        if found is None:
            found = self._prefixes[key] = self._read_prefixes(scope, prefix_list)
        return found

    def _read_prefixes(self, scope: Scope, prefix_list: str) -> tuple[Prefix, ...] | Missing:
        for place in self.same_region(scope):
            entries = place.prefix_list_entries.get(prefix_list)
            texts: Iterable[str] | None = None
            if entries is not None:
                texts = [entry.cidr for entry in entries.entries]
            elif (listed := place.prefix_lists.get(prefix_list)) is not None and listed.cidrs:
                texts = listed.cidrs
            if texts is not None:
                blocks = [parse_prefix(text) for text in texts]
                if any(block is None for block in blocks):
                    says = f"{prefix_list} holds a block that cannot be read"
                    return Missing("ec2:GetManagedPrefixListEntries", "undecidable", None, prefix_list, says)
                return tuple(block for block in blocks if block is not None)
        missing = scope.prefix_list_entries.missing(prefix_list)
        return missing

    # --- network ACLs ------------------------------------------------------------------------------------

    def effective_acl(self, scope: Scope, subnet: Subnet) -> tuple[Scope, NetworkAcl] | Missing:
        """The network ACL that guards a subnet, and the scope that described it."""
        key = ("acl", _key(scope), subnet.subnet_id)
        return self.once(key, lambda: self._find_acl(scope, subnet))

    def _find_acl(self, scope: Scope, subnet: Subnet) -> tuple[Scope, NetworkAcl] | Missing:
        found = _acl_of(scope, subnet)
        if isinstance(found, Missing):
            owner = self._owner_scope(scope, subnet)
            if owner is not None:
                seen = _acl_of(owner, subnet)
                if not isinstance(seen, Missing):
                    return owner, seen
            return found
        return scope, found

    def acl_decision(
        self,
        scope: Scope,
        acl: NetworkAcl,
        egress: bool,
        peer: Subject,
        protocol: Protocol,
        ports: PortRange,
    ) -> acls.AclDecision:
        """What a network ACL does with a packet, or with a whole range of reply ports."""
        place = _key(scope)
        key = (place, acl.network_acl_id, egress, peer, protocol, ports)
        found = self._acl_memo.get(key)
        if found is None:
            compiled = (place, acl.network_acl_id, egress)
            entries = self._acls.get(compiled)
            if entries is None:
                entries = self._acls[compiled] = acls.compile_entries(acl, egress)
            found = self._acl_memo[key] = acls.decide(entries, peer, protocol, ports)
        return found

    # --- security groups ---------------------------------------------------------------------------------

    def group_rules(self, scope: Scope, group_id: str) -> groups.RuleBookOfGroup | Missing:
        """The compiled rules of a group; a shared group may be described by its owner's account (G9)."""
        key = (_key(scope), group_id)
        found = self._groups.get(key)
        if found is None:
            found = self._groups[key] = self._compile_group(scope, group_id)
        return found

    def _compile_group(self, scope: Scope, group_id: str) -> groups.RuleBookOfGroup | Missing:
        for place in self.same_region(scope):
            group = place.security_groups.get(group_id)
            if group is not None:
                return groups.compile_group(group, self._rules_by_group(place).get(group_id, ()))
        return scope.security_groups.missing(group_id)

    @cached_property
    def _rule_indexes(self) -> dict[ScopeKey, Mapping[str, list[SecurityGroupRule]]]:
        return {}

    def _rules_by_group(self, scope: Scope) -> Mapping[str, list[SecurityGroupRule]]:
        index = self._rule_indexes.get(_key(scope))
        if index is None:
            found: dict[str, list[SecurityGroupRule]] = defaultdict(list)
            if scope.security_group_rules.complete:
                for rule in scope.security_group_rules.values():
                    found[rule.group_id].append(rule)
            index = self._rule_indexes[_key(scope)] = dict(found)
        return index

    def group_decision(
        self,
        scope: Scope,
        group_ids: frozenset[str] | None,
        egress: bool,
        peer: groups.Peer,
        protocol: Protocol,
        ports: PortRange,
    ) -> groups.GroupDecision:
        """What the groups of an interface do with a packet: one admitting rule in any of them is enough."""
        key = (_key(scope), group_ids, egress, peer, protocol, ports)
        found = self._group_memo.get(key)
        if found is None:
            found = self._group_memo[key] = self._decide_groups(
                scope, group_ids, egress, peer, protocol, ports
            )
        return found

    def _decide_groups(
        self,
        scope: Scope,
        group_ids: frozenset[str] | None,
        egress: bool,
        peer: groups.Peer,
        protocol: Protocol,
        ports: PortRange,
    ) -> groups.GroupDecision:
        unseen: list[Missing] = []
        rules: list[groups.Rule] = []
        if group_ids is None:
            unseen.append(
                Missing("ec2:DescribeNetworkInterfaces", "absent", None, None, "its security groups")
            )
        for group_id in sorted(group_ids or ()):
            compiled = self.group_rules(scope, group_id)
            if isinstance(compiled, Missing):
                unseen.append(compiled)
            else:
                rules.extend(compiled.egress if egress else compiled.ingress)
        decision = groups.decide(rules, peer, protocol, ports, _Entries(self, scope))
        if unseen and decision.verdict is not READY:
            # A group that was not read might admit the packet.
            return groups.GroupDecision(
                UNKNOWN, None, None, decision.nearest, decision.count, (*unseen, *decision.missing)
            )
        return decision

    # --- who else sees it --------------------------------------------------------------------------------

    def same_region(self, scope: Scope) -> Iterator[Scope]:
        """This scope, then the other accounts' scopes of the same Region."""
        yield scope
        for other in self.estate.regional:
            if other.region == scope.region and other.account != scope.account:
                yield other

    def anywhere(self, scope: Scope, table: str, identity: str) -> object:
        """A record by id, in this scope or else in any other: shared and peered resources have two sides.

        `table` is the Scope's attribute. Returns the record, or Missing as this scope puts it.
        """
        for place in (scope, *self.estate.regional):
            record = getattr(place, table).get(identity)
            if record is not None:
                found: object = record
                return found
        missing: object = getattr(scope, table).missing(identity)
        return missing

    def vpc_scopes(self, vpc: str, account: str | None, region: str | None) -> list[Scope]:
        """The scopes that describe a VPC, its owner's first; narrowed by account and Region where given."""
        found = self._scopes_by_vpc.get(vpc, ())
        narrowed = [scope for scope in found if region is None or scope.region == region]
        return sorted(narrowed, key=lambda scope: scope.account != account)

    @cached_property
    def _scopes_by_vpc(self) -> Mapping[str, list[Scope]]:
        found: dict[str, list[Scope]] = defaultdict(list)
        for scope in self.estate.regional:
            for vpc in scope.vpcs:
                found[vpc].append(scope)
        return dict(found)

    def behind_public_address(self, address: str) -> tuple[Scope, NetworkInterface, str | None] | None:
        """The interface of this estate, and its private address, to which a public IPv4 address is mapped."""
        return self._by_public_address.get(address)

    @cached_property
    def _by_public_address(self) -> Mapping[str, tuple[Scope, NetworkInterface, str | None]]:
        found: dict[str, tuple[Scope, NetworkInterface, str | None]] = {}
        for scope in self.estate.regional:
            for interface in scope.interfaces.values():
                mapped = [(interface.association, interface.private_ip_address)]
                mapped += [(e.association, e.private_ip_address) for e in interface.private_ip_addresses]
                for association, private in mapped:
                    if association is not None and association.public_ip:
                        found[association.public_ip] = (scope, interface, private)
        return found

    @cached_property
    def blocks_by_vpc(self) -> Mapping[tuple[str, str, str], tuple[Prefix, ...]]:
        """The associated blocks of each VPC, IPv4 and IPv6 (V2)."""
        return {
            (scope.account, scope.region, vpc.vpc_id): tuple(blocks_of(vpc))
            for scope in self.estate.regional
            for vpc in scope.vpcs.values()
        }

    def home(self, scope: Scope, vpc: str | None) -> Scope:
        """The scope that sees a VPC's gateways, endpoints, attachments and settings: its owner's (D8).

        A participant of a shared VPC sees none of them, so that their absence there says nothing. An owner
        that was not read gives a scope in which nothing was asked.
        """
        key = ("home", _key(scope), vpc)
        return self.once(key, lambda: self._find_home(scope, vpc or ""))

    def _find_home(self, scope: Scope, vpc: str) -> Scope:
        record = scope.vpcs.get(vpc)
        owners = [record.owner_id] if record is not None else []
        owners += [subnet.owner_id for subnet in scope.subnets_by_vpc.get(vpc, ())]
        owner = next((each for each in owners if each), scope.account)
        # An account of which nothing tells the name can only be taken for the owner.
        is_own = owner == scope.account or not scope.account.isdigit()
        return scope if is_own else self.estate.scope(owner, scope.region)

    def _owner_scope(self, scope: Scope, subnet: Subnet) -> Scope | None:
        """The scope of the subnet's owner, where a shared subnet is seen from a participant (D8)."""
        if subnet.owner_id is None or subnet.owner_id == scope.account:
            return None
        return self.estate.scopes.get((subnet.owner_id, scope.region))

    def _as_owner_sees(self, scope: Scope, subnet: Subnet, ask: object) -> RouteTable | None:
        owner = self._owner_scope(scope, subnet)
        if owner is None:
            return None
        assert callable(ask)
        seen = ask(owner, subnet)
        return seen if isinstance(seen, RouteTable) else None


class _Entries(Mapping[str, "tuple[Prefix, ...] | Missing"]):
    """Prefix lists as one scope reads them."""

    def __init__(self, fabric: Fabric, scope: Scope) -> None:
        self._fabric = fabric
        self._scope = scope

    def __getitem__(self, prefix_list: str) -> tuple[Prefix, ...] | Missing:
        return self._fabric.prefixes_of(self._scope, prefix_list)

    def __iter__(self) -> Iterator[str]:
        return iter(self._scope.prefix_list_entries)

    def __len__(self) -> int:
        return len(self._scope.prefix_list_entries)


def blocks_of(vpc: Vpc) -> Iterator[Prefix]:
    """Every associated block of a VPC; `CidrBlock` only where the set was not given (V2)."""
    texts = [
        each.cidr_block
        for each in vpc.cidr_block_association_set
        if each.cidr_block_state is None or (each.cidr_block_state.state or "").lower() == "associated"
    ]
    if not vpc.cidr_block_association_set and vpc.cidr_block:
        texts = [vpc.cidr_block]
    texts += [
        each.ipv6_cidr_block
        for each in vpc.ipv6_cidr_block_association_set
        if each.ipv6_cidr_block_state is None
        or (each.ipv6_cidr_block_state.state or "").lower() == "associated"
    ]
    for text in texts:
        prefix = parse_prefix(text)
        if prefix is not None:
            yield prefix


def _acl_of(scope: Scope, subnet: Subnet) -> NetworkAcl | Missing:
    operation = "ec2:DescribeNetworkAcls"
    if scope.network_acls.coverage.status.value != "ok":
        return scope.network_acls.missing(subnet.subnet_id)
    found = scope.network_acls_by_subnet.get(subnet.subnet_id, [])
    if len(found) == 1:
        acl = found[0]
        if acl.vpc_id in (None, subnet.vpc_id):
            return acl
        says = f"{acl.network_acl_id} guards it but belongs to {acl.vpc_id}, not {subnet.vpc_id}"
        return Missing(operation, "contradictory", None, subnet.subnet_id, says)
    if found:
        names = ", ".join(sorted(acl.network_acl_id for acl in found))
        return Missing(operation, "contradictory", None, subnet.subnet_id, f"{names} all guard it")
    return Missing(operation, "absent", None, subnet.subnet_id, "no network ACL guards it in what was read")


def _key(scope: Scope) -> ScopeKey:
    return (scope.account, scope.region)
