"""What the person who connects is allowed, where it is known who that is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Final

import msgspec

from advisor.iam.callers import Caller, caller_permissions, parse_caller
from advisor.iam.context import EMPTY, Context, resource_tags
from advisor.iam.decision import Decision
from advisor.iam.needs import Need
from advisor.iam.person import (
    Use,
    Way,
    caller_context,
    key_push_needs,
    password_needs,
    serial_needs,
    session_ways,
    tunnel_needs,
)
from advisor.iam.principals import Permissions
from advisor.iam.simulate import reconcile, simulated
from advisor.methods import options
from advisor.methods.answer import (
    PASS,
    Answer,
    Certainty,
    Finding,
    blocked,
    every,
    noted,
    passes,
    suspected,
    unknown,
)
from advisor.methods.case import Case
from advisor.methods.checks import Key, check
from advisor.methods.images import image_of, user_of
from advisor.methods.instance_connect_endpoint import through, tunnel_key
from advisor.methods.session_preferences import encryption_key, key_policy
from advisor.methods.uses import kind, port_of, use_of
from advisor.model.evidence import Evidence, Missing
from advisor.model.records.other import KeyMetadata
from advisor.model.verdict import BLOCKED, READY, UNKNOWN

_TAG_KEYS: Final = ("ssm:resourcetag/", "aws:resourcetag/", "ec2:resourcetag/")
_PLACE_KEYS: Final = frozenset(
    {
        "aws:sourceip",
        "aws:vpcsourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:multifactorauthpresent",
        "aws:multifactorauthage",
    }
)
_DOCUMENT_CHECK: Final = "ssm:sessiondocumentaccesscheck"
_DURATION: Final = "ec2-instance-connect:maxtunnelduration"
_SOME_INSTANCE: Final = "instance/i-0123456789abcdef0"


def caller_of(case: Case) -> Caller | None:
    """Who asks; None for nobody in particular."""
    arn = case.options.caller
    return None if arn is None else case.study.remember(("caller", arn), lambda: parse_caller(arn))


def permissions(case: Case) -> Permissions | Missing | None:
    """The caller's policies; None where nobody in particular asks, or the caller is of another account."""
    caller = caller_of(case)
    if caller is None or caller.account != case.scope.account:
        return None
    return case.study.remember(
        ("caller's", caller.arn), lambda: caller_permissions(case.estate, caller.account, caller)
    )


def context_of(case: Case) -> Context:
    """What is known of a request about the target."""
    tags = case.instance.tags if case.instance is not None else None
    operator = case.options.operator
    source = operator.split("/", maxsplit=1)[0] if operator and operator.endswith(("/32", "/128")) else None
    return caller_context(case.place, tags, source_ip=source)


# --- keys ---------------------------------------------------------------------------------------------------


def _asked_alike(topic: str, needs: Callable[[Case], Iterable[Need]]) -> Key:
    """The key of a permission check: shared by all targets unless the caller's policies single some out."""

    def key(case: Case) -> Hashable:
        held = permissions(case)
        if not isinstance(held, Permissions):
            return kind(case)

        def alike() -> bool:
            bare = (msgspec.structs.replace(each, resources=(None,), context=EMPTY) for each in needs(case))
            return all(each.decide(held).verdict is not UNKNOWN for each in bare)

        same = case.study.remember((topic, held.principal.arn, case.target.kind), alike)
        return kind(case), None if same else case.target.id

    return key


# --- checks -------------------------------------------------------------------------------------------------


@check("caller.account", by=kind)
def account(case: Case) -> Answer:
    """The caller is of the account that the target stands in, and its credentials were accepted."""
    caller = caller_of(case)
    if caller is None:
        return PASS
    refused = case.global_scope.caller.coverage
    if refused.code in _REFUSED:
        return blocked(
            Finding(
                "caller-credentials-invalid",
                caller.arn,
                f"AWS refused the credentials: {refused.code}.",
                evidence=(Evidence("sts:GetCallerIdentity", caller.arn, str(refused.code)),),
            )
        )
    seen = Evidence("sts:GetCallerIdentity", caller.arn, f"Account is {caller.account}", "Account")
    if caller.account == case.scope.account:
        return passes(seen)
    return blocked(
        Finding(
            "wrong-region-or-account",
            caller.arn,
            f"The caller is of account {caller.account}, the target of {case.scope.account}.",
            evidence=(seen,),
        )
    )


_REFUSED: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "NoCredentialsError",
        "SignatureDoesNotMatch",
    }
)


def _session_needs(case: Case) -> tuple[Need, ...]:
    return tuple(need for way in _ways(case) for need in way.needs if need.essential)


def _ways(case: Case) -> tuple[Way, ...]:
    held = permissions(case)
    assert isinstance(held, Permissions)
    return session_ways(
        _session_use(case),
        case.place,
        case.target.id,
        held.principal,
        context_of(case),
        _key_arn(case),
    )


def _key_arn(case: Case) -> str | None:
    key = encryption_key(case)
    return key.arn if isinstance(key, KeyMetadata) else None


def _session_use(case: Case) -> Use:
    wanted = case.options.use
    if wanted in (None, options.Use.SHELL):
        return Use.SHELL
    if wanted in (options.Use.SSH, options.Use.SCP):
        return Use.SSH
    return Use.REMOTE_FORWARD if case.options.remote_host else Use.PORT_FORWARD


@check("caller.session", by=_asked_alike("session", _session_needs))
def session(case: Case) -> Answer:
    """The caller may start a session with the target, by the document that the use needs."""
    return _where_known(case, lambda held: _best_way(case, held, _ways(case)))


def _tunnel_needs(case: Case) -> tuple[Need, ...]:
    identity = through(case).via
    if identity is None:
        return ()
    place, context = case.place, context_of(case)
    endpoint = case.scope.instance_connect_endpoints.get(identity)
    of_endpoint = caller_context(place).having(
        resource_tags(endpoint.tags if endpoint is not None else (), "aws:ResourceTag/", "ec2:ResourceTag/")
    )
    needs = tunnel_needs(
        place,
        identity,
        of_endpoint,
        port=port_of(case),
        private_ip=case.target.private_ip or "",
        owner=endpoint.owner_id if endpoint is not None else None,
    )
    describe = Need("ec2:DescribeInstances", ("*",), "eice-no-describe", caller_context(place))
    pushed = key_push_needs(place, case.target.id, context, _os_user(case), "eice-no-sendsshpublickey")
    # One's own key does as well, so that pushing one is not essential here.
    optional = tuple(msgspec.structs.replace(each, essential=False) for each in pushed)
    return (*needs, describe, *(optional if use_of(case) is not options.Use.RDP else ()))


def _tunnel_key(case: Case) -> Hashable:
    return _asked_alike("tunnel", _tunnel_needs)(case), (
        tunnel_key(case) if isinstance(permissions(case), Permissions) else None
    )


@check("caller.tunnel", by=_tunnel_key)
def tunnel(case: Case) -> Answer:
    """The caller may open a tunnel through the endpoint to the target's address and port."""
    return _where_known(case, lambda held: _all_of(case, held, _tunnel_needs(case)))


def _os_user(case: Case) -> str:
    return user_of(image_of(case), case.target.platform)


def _push_needs(case: Case) -> tuple[Need, ...]:
    return key_push_needs(
        case.place, case.target.id, context_of(case), _os_user(case), "eice-no-sendsshpublickey"
    )


push_key: Final = _asked_alike("key push", _push_needs)


@check("caller.key-push", by=push_key)
def key_push(case: Case) -> Answer:
    """The caller may push a temporary key to the target."""
    return _where_known(case, lambda held: _all_of(case, held, _push_needs(case)))


def _serial_needs(case: Case) -> tuple[Need, ...]:
    return serial_needs(case.place, case.target.id, context_of(case))


@check("caller.serial", by=_asked_alike("serial", _serial_needs))
def serial(case: Case) -> Answer:
    """The caller may open the target's serial console."""
    return _where_known(case, lambda held: _all_of(case, held, _serial_needs(case)))


def _password_needs(case: Case) -> tuple[Need, ...]:
    return password_needs(case.place, case.target.id, context_of(case))


@check("caller.password", by=_asked_alike("password", _password_needs))
def password(case: Case) -> Answer:
    """Whether the caller may read a Windows machine's first password (a note: others may know one)."""
    if case.target.platform != "windows":
        return PASS
    return _where_known(case, lambda held: _all_of(case, held, _password_needs(case)))


# --- answers ------------------------------------------------------------------------------------------------


def _where_known(case: Case, answer: Callable[[Permissions], Answer]) -> Answer:
    held = permissions(case)
    if held is None:
        return PASS
    if isinstance(held, Permissions):
        return answer(held)
    return noted(
        Finding(
            "caller-permissions-unknown",
            case.options.caller or "",
            f"The caller's policies were not read ({held.operation}: {held.status}).",
            certainty=Certainty.LIKELY,
        )
    )


def _best_way(case: Case, held: Permissions, ways: tuple[Way, ...]) -> Answer:
    answers = [_all_of(case, held, way.needs) for way in ways]
    if answers[0].verdict is READY or len(answers) == 1:
        return answers[0]
    checked = _hangs_on_document(case, held, ways[0])
    for way, answer in zip(ways[1:], answers[1:], strict=True):
        if answer.verdict is READY and checked:
            return msgspec.structs.replace(answer, notes=(*answer.notes, _names_document(case, way)))
        if answer.verdict is BLOCKED and checked:
            return blocked(_names_document(case, way))
        if answer.verdict is UNKNOWN:
            return answer
    return answers[0]


def _hangs_on_document(case: Case, held: Permissions, way: Way) -> bool:
    """Whether the plain way fails for the check of the session document only."""
    return any(
        unmet.condition.key.casefold() == _DOCUMENT_CHECK
        for need in way.needs
        if need.essential
        for unmet in _decide(case, held, need).unmet
    )


def _names_document(case: Case, way: Way) -> Finding:
    return Finding(
        "caller-session-doc-check",
        case.options.caller or "",
        f"The caller's policy checks the session document: give --document-name {way.document}.",
        evidence=(
            Evidence(
                "iam:GetPolicyVersion", case.options.caller or "", "demands ssm:SessionDocumentAccessCheck"
            ),
        ),
    )


def _all_of(case: Case, held: Permissions, needs: Iterable[Need]) -> Answer:
    return every(_met(case, held, need, _decide(case, held, need)) for need in needs)


def _decide(case: Case, held: Permissions, need: Need) -> Decision:
    if need.action.startswith("kms:"):
        return _on_key(case, held, need)
    decision = need.decide(held)
    if not case.global_scope.simulations:
        return decision
    theirs = simulated(case.estate, case.scope.account, held.principal.arn, need.action, need.resources[0])
    return reconcile(decision, theirs).decision


def _on_key(case: Case, held: Permissions, need: Need) -> Decision:
    key = encryption_key(case)
    policy = key_policy(case, key) if isinstance(key, KeyMetadata) else None
    return need.decide(held, resource_policy=policy, resource_must_allow=policy is not None)


def _met(case: Case, held: Permissions, need: Need, decision: Decision) -> Answer:
    if decision.verdict is READY:
        return Answer(READY, evidence=decision.statements)
    who = case.options.caller or ""
    keys = {key.casefold() for key in decision.keys} | {
        unmet.condition.key.casefold() for unmet in decision.unmet
    }
    if decision.verdict is UNKNOWN:
        if not need.essential:
            return PASS
        if keys & _PLACE_KEYS:
            says = f"{need.action} hangs on where the caller connects from, or on MFA: {_listed(keys)}."
            facts = decision.statements or tuple(unmet.statement for unmet in decision.unmet)
            found = Finding("caller-ip-or-mfa-condition", who, says, evidence=facts)
            return Answer(UNKNOWN, findings=suspected(found).findings, missing=decision.missing)
        return unknown(*decision.missing)
    how = "denied" if decision.explicit else "not allowed"
    if _DURATION in keys:
        shorter = _shorter(need).decide(held)
        if shorter.verdict is READY:
            says = "The caller's tunnels must be shorter: give --eice-options maxTunnelDuration=SECONDS."
            facts = tuple(unmet.statement for unmet in decision.unmet)
            return noted(Finding("eice-max-duration", who, says, evidence=facts))
        if shorter.verdict is UNKNOWN:
            return unknown(*shorter.missing)
    finding = Finding(
        _cause(case, held, need, keys),
        who,
        f"The caller is {how} {need.action}.",
        evidence=decision.statements
        or tuple(unmet.statement for unmet in decision.unmet)
        or (Evidence("iam:SimulatePrincipalPolicy", who, f"no policy that was read allows {need.action}"),),
    )
    if not need.essential:
        return noted(msgspec.structs.replace(finding, certainty=Certainty.LIKELY))
    if finding.cause == "caller-jit-replaces-standard":
        return suspected(finding)
    return blocked(finding)


def _shorter(need: Need) -> Need:
    """The same tunnel, asked for a second only."""
    short = Context.of({_DURATION: 1})
    return msgspec.structs.replace(need, context=need.context.having(short))


def _listed(keys: Iterable[str]) -> str:
    return ", ".join(sorted(keys))


def _cause(case: Case, held: Permissions, need: Need, keys: set[str]) -> str:
    if need.cause != "caller-no-startsession":
        return need.cause
    if any(key.startswith(_TAG_KEYS) for key in keys):
        return "caller-tag-condition"
    if case.is_hybrid:
        ec2 = case.place.arn("ec2", _SOME_INSTANCE)
        if held.decide("ssm:StartSession", ec2, need.context).verdict is READY:
            return "hybrid-session-arn"
    requested = Need("ssm:StartAccessRequest", need.resources, need.cause, need.context)
    if requested.decide(held).verdict is not BLOCKED:
        return "caller-jit-replaces-standard"
    return need.cause
