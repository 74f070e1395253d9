"""A case: one target with everything that a check may look at."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from advisor.iam.needs import Place
from advisor.methods.assessment import Target
from advisor.methods.options import Options
from advisor.model.estate import Estate
from advisor.model.evidence import SELF, Missing
from advisor.model.records import ec2, ssm
from advisor.model.scope import Scope
from advisor.model.times import parse_instant
from advisor.network.flow import End, Flow, Kind
from advisor.network.network import Network
from advisor.network.trace import Trace

if TYPE_CHECKING:
    from advisor.rulebook import RuleBook

T = TypeVar("T")


class Study:
    """What all cases of one assessment share: the estate, its network, the rules, the options, the memory.

    `remember` keeps what was worked out once for a whole estate (the candidates of a VPC, a role's
    permissions); it is how a fleet stays cheap.
    """

    def __init__(self, estate: Estate, network: Network, rulebook: RuleBook, options: Options) -> None:
        self.estate = estate
        self.network = network
        self.rulebook = rulebook
        self.options = options
        self._memory: dict[Hashable, Any] = {}
        self._classes: dict[Hashable, int] = {}

    @cached_property
    def moment(self) -> datetime | None:
        """The moment against which ages are judged: the snapshot's own time, else the options' now."""
        return parse_instant(self.estate.collected_at) or self.options.now

    def class_number(self, scope: Scope, instance: ec2.Instance) -> int:
        """A number for the class of an instance: the class itself is costly to hash again and again."""
        return self._classes.setdefault(self.network.class_of(scope, instance), len(self._classes))

    def remember(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """What was worked out under this key before, else worked out now."""
        try:
            found: T = self._memory[key]
        except KeyError:
            found = self._memory[key] = work_out()
        return found


class Case:
    """One target, its records, and the study that it belongs to.

    `instance` is None for hybrid nodes and where the record could not be read; `node` is None where Systems
    Manager does not list the target (which proves something only if its answer is complete).
    """

    __slots__ = ("_network_class", "_ping_age", "instance", "node", "options", "scope", "study", "target")

    def __init__(self, study: Study, scope: Scope, target: Target) -> None:
        self.study = study
        self.scope = scope
        self.target = target
        self.options = study.options
        self.instance: ec2.Instance | None = scope.instances.get(target.id) if target.kind == "ec2" else None
        self.node: ssm.InstanceInformation | None = scope.managed_nodes.get(target.id)
        self._network_class: int | None = -1
        self._ping_age: int | None = -1

    @property
    def estate(self) -> Estate:
        """The estate that the target belongs to."""
        return self.study.estate

    @property
    def rulebook(self) -> RuleBook:
        """The rules in force."""
        return self.study.rulebook

    @property
    def network(self) -> Network:
        """The network of the estate."""
        return self.study.network

    @property
    def global_scope(self) -> Scope:
        """The account's global services (IAM, Route 53)."""
        return self.estate.global_scope(self.scope.account)

    @property
    def network_class(self) -> int | None:
        """Equal for targets about which the network says the same; None for those outside any VPC."""
        if self._network_class == -1:
            self._network_class = (
                None if self.instance is None else self.study.class_number(self.scope, self.instance)
            )
        return self._network_class

    @property
    def ping_age(self) -> int | None:
        """Whole hours between the node's last ping and the snapshot; None where either is not known.

        No finer: answers are shared by the nodes that pinged in the same hour.
        """
        if self._ping_age == -1:
            last = parse_instant(self.node.last_ping_date_time) if self.node is not None else None
            moment = self.study.moment
            hours = None if last is None or moment is None else (moment - last).total_seconds() // 3600
            self._ping_age = None if hours is None else max(0, min(int(hours), 24))
        return self._ping_age

    @property
    def is_hybrid(self) -> bool:
        """Whether the target is not an EC2 instance."""
        return self.target.kind == "hybrid"

    @property
    def no_instance(self) -> Missing:
        """Why there is no instance record, to be shared: the target is SELF."""
        missing = self.scope.instances.missing(self.target.id)
        return Missing(missing.operation, missing.status, missing.code, SELF, missing.says)

    @property
    def place(self) -> Place:
        """Where the target stands, for ARNs."""
        return Place(self.scope.account, self.scope.region, self.scope.partition)

    @property
    def end(self) -> End:
        """The target as an end of a flow."""
        return End(Kind.INSTANCE, self.target.id, self.scope.account, self.scope.region)

    def trace(self, flow: Flow) -> Trace:
        """The traced flow, with the target written as SELF."""
        return self.study.network.trace(flow, self.target.id)
