"""A closer look at a few live targets: calls that cost one request each, made only for what is in view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.collect.refresh import Simulation
    from advisor.collect.session import Session
    from advisor.iam.principals import Permissions
    from advisor.methods.assessment import Target
    from advisor.model.estate import Estate
    from advisor.snapshot import Snapshot

MOST = 20
"""So many targets are looked at closely; for a fleet it would be a request for each."""


def looked_at(
    session: Session, snapshot: Snapshot, targets: Sequence[Target], caller: str | None, console: bool
) -> Snapshot:
    """The snapshot with the state of the targets' session channels, and IAM's own answer about the caller.

    `console` asks for what the instances printed while booting, too. What AWS refuses here changes nothing.
    """
    from advisor.collect.refresh import Target as Looked
    from advisor.collect.refresh import look_at, simulate

    looked = [Looked(each.region, each.id) for each in targets]
    snapshot = look_at(session, snapshot, looked, console=console)
    held = _held(snapshot.estate(), session.account, caller)
    if held is None:
        return snapshot
    return simulate(session, snapshot, _simulations(snapshot.estate(), targets, held))


def _held(estate: Estate, account: str, caller: str | None) -> Permissions | None:
    """The caller's policies: the simulator is asked about a principal whose ARN IAM has shown."""
    from advisor.iam.callers import caller_permissions, parse_caller
    from advisor.model.evidence import Missing

    known = parse_caller(caller) if caller else None
    if known is None or known.account != account:
        return None
    found = caller_permissions(estate, account, known)
    return None if isinstance(found, Missing) else found


def _simulations(estate: Estate, targets: Sequence[Target], held: Permissions) -> Iterator[Simulation]:
    from advisor.collect.refresh import Simulation
    from advisor.iam.needs import Place
    from advisor.iam.person import DEFAULT_DOCUMENT

    principal = held.principal.arn
    for target in targets:
        scope = estate.scope(target.account, target.region)
        place = Place(target.account, target.region, scope.partition)
        node = (place.node(target.id),)
        yield Simulation(principal, ("ssm:StartSession",), (*node, place.document(DEFAULT_DOCUMENT)))
        if target.kind != "ec2":
            continue
        pushes = ("SendSSHPublicKey", "SendSerialConsoleSSHPublicKey")
        yield Simulation(principal, tuple(f"ec2-instance-connect:{each}" for each in pushes), node)
        doors = tuple(
            Place(each.owner_id or target.account, target.region, scope.partition).arn(
                "ec2", f"instance-connect-endpoint/{each.instance_connect_endpoint_id}"
            )
            for each in scope.instance_connect_endpoints_by_vpc.get(target.vpc or "", ())
        )
        if doors:
            yield Simulation(principal, ("ec2-instance-connect:OpenTunnel",), doors)
