"""`advisor policy`: the least IAM policy for the person who connects, or for advisor itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from advisor.cli.options import METHODS, Output, Person, Source, output_options, source_options

if TYPE_CHECKING:
    from advisor.cli.reading import Reading
    from advisor.iam.policy import GeneratedPolicy
    from advisor.methods.assessment import Target, TargetAssessment
    from advisor.model.records.ec2 import InstanceConnectEndpoint
    from advisor.model.scope import Scope

PROTOCOLS = ("shell", "ssh", "scp", "rdp", "port-forward", "remote-forward", "fleet-rdp")
_BY_SESSIONS_ONLY = ("port-forward", "remote-forward", "fleet-rdp")


@click.command("policy")
@click.argument("target", metavar="[TARGET]", required=False)
@click.option("--method", type=click.Choice(METHODS), help="Connect by this method (default: the best one).")
@click.option("--protocol", type=click.Choice(PROTOCOLS), help="What the connection is for.")
@click.option("--os-user", metavar="NAME", help="Limit SSH to this user of the operating system.")
@click.option("--iam-user", is_flag=True, help="For an IAM user (default: a role or IAM Identity Center).")
@click.option("--own-key", is_flag=True, help="You bring an SSH key, so none has to be pushed.")
@click.option("--self", "own", is_flag=True, help="The read-only policy that advisor itself needs.")
@source_options()
@output_options("json", "yaml")
def command(
    target: str | None,
    method: str | None,
    protocol: str | None,
    os_user: str | None,
    iam_user: bool,
    own_key: bool,
    own: bool,
    source: Source,
    output: Output,
) -> None:
    """Print the least-privilege policy with which a person reaches TARGET by a method, with real ARNs.

    \b
    advisor policy web-1 --method session-manager
    advisor policy win-1 --method instance-connect-endpoint --protocol rdp
    advisor policy --self                 what advisor reads; nothing in it writes
    """
    import msgspec

    from advisor.cli.output import show
    from advisor.model.errors import InputError

    if own:
        if target is not None:
            raise InputError("--self is about advisor, not about a target", "leave out one of the two")
        from advisor.collect.operations import self_policy

        show(output, lambda: msgspec.json.encode(self_policy()), tuple, "advisor policy")
        return
    if target is None:
        raise InputError(
            "for which target?", "advisor policy TARGET --method session-manager, or: advisor policy --self"
        )
    from advisor.cli.reading import read_account

    if method is None and protocol in _BY_SESSIONS_ONLY:
        method = "session-manager"
    read = read_account(source, Person(protocol=None if protocol in _BY_SESSIONS_ONLY else protocol))
    found = _policy(read, read.find(target), method, protocol, os_user, not iam_user, own_key)
    show(output, lambda: msgspec.json.encode(found.document), tuple, "advisor policy")
    if found.session_document:
        click.echo(f"start sessions with: --document-name {found.session_document}", err=True)


def _policy(
    read: Reading,
    target: Target,
    method: str | None,
    protocol: str | None,
    os_user: str | None,
    federated: bool,
    own_key: bool,
) -> GeneratedPolicy:
    from advisor.advice.preferences import key_arn, preference
    from advisor.iam.needs import Place
    from advisor.iam.policy import Subject, least_privilege, purpose_of
    from advisor.methods.assessment import MethodId

    assessed = read.assess_targets((target,)).targets[0]
    if method is None:
        method = assessed.recommended.method.value if assessed.recommended else MethodId.SESSION_MANAGER.value
    scope = read.estate.scope(target.account, target.region)
    key = preference(scope, "kmsKeyId")
    endpoint = _endpoint(scope, assessed)
    subject = Subject(
        place=Place(target.account, target.region, scope.partition),
        target=target.id,
        federated=federated,
        windows=target.platform == "windows",
        private_ip=target.private_ip,
        os_user=os_user,
        endpoint=endpoint.instance_connect_endpoint_id if endpoint else None,
        endpoint_owner=endpoint.owner_id if endpoint else None,
        session_key=key_arn(scope, key) if key else None,
        own_key=own_key,
    )
    return least_privilege(purpose_of(method, protocol, windows=target.platform == "windows"), subject)


def _endpoint(scope: Scope, assessed: TargetAssessment) -> InstanceConnectEndpoint | None:
    """The EC2 Instance Connect Endpoint that the connection goes through, else any of the VPC."""
    from advisor.methods.assessment import MethodId

    for each in assessed.methods:
        if each.method is MethodId.INSTANCE_CONNECT_ENDPOINT and each.via:
            found = scope.instance_connect_endpoints.get(each.via)
            if found is not None:
                return found
    return next(iter(scope.instance_connect_endpoints_by_vpc.get(assessed.target.vpc or "", ())), None)
