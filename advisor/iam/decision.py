"""The decision on a request: allowed, denied or undecided, by AWS's policy evaluation logic.

Rules and their source (IAM User Guide, "Policy evaluation logic" and "Policy evaluation for requests within
a single account"): an explicit deny in any policy wins; a permissions boundary and session policies each
have to allow too; in one account an identity policy or a resource policy is enough, and a resource policy
that names the user or the role session itself is not bounded by boundary and session policies; across
accounts both are needed. A VPC endpoint's policy has to allow as well (PrivateLink guide, "Control access
to VPC endpoints using endpoint policies"). The root user is allowed everything by its account's policies.
Service and resource control policies of an organisation are not seen: a note, never a no.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Final

import msgspec

from advisor.iam.conditions import all_hold, evaluate
from advisor.iam.context import EMPTY, Context
from advisor.iam.documents import Condition, Effect, Policies, Policy, Principals, Statement
from advisor.iam.matching import MAYBE, NO, YES, Match, matches_action, matches_resource
from advisor.model.evidence import Evidence, Missing
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict, all_of

ORGANISATION_UNSEEN: Final = "an organisation's service control policies are not visible; they may still deny"
SESSION_POLICY_UNSEEN: Final = (
    "a session policy given when the role was assumed is not visible; it may narrow"
)
CONTEXT: Final = "request-context"
"""Stands for the operation where not a call but a fact about the request is missing."""


class PrincipalKind(enum.Enum):
    """Who asks."""

    USER = "user"
    ROLE = "role"
    FEDERATED = "federated-user"
    ROOT = "root"
    SERVICE = "service"


class Principal(msgspec.Struct, frozen=True):
    """Who makes the request.

    `arn` is the user's or role's IAM ARN (with its path), `session` the ARN of the role session or federated
    user, if it is one; `context` are the keys that follow from who it is.
    """

    arn: str
    account: str
    kind: PrincipalKind = PrincipalKind.ROLE
    name: str = ""
    session: str | None = None
    context: Context = EMPTY


class Request(msgspec.Struct, frozen=True):
    """One action on one resource; `resource` is `*` for actions without resources, None if unknown."""

    action: str
    resource: str | None = "*"
    context: Context = EMPTY
    principal: Principal | None = None

    @property
    def facts(self) -> Context:
        """The context with what follows from the principal."""
        if self.principal is None or self.principal.context is EMPTY:
            return self.context
        return self.principal.context.having(self.context)

    def whole(self) -> Request:
        """The same request with all of its facts in its context, so that they are joined once only."""
        if self.principal is None:
            return self
        principal = msgspec.structs.replace(self.principal, context=EMPTY)
        return Request(self.action, self.resource, self.facts, principal)


class Layer(enum.Enum):
    """The kinds of policies that have a say."""

    IDENTITY = "identity policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    RESOURCE = "resource policy"
    ENDPOINT = "endpoint policy"


class Unmet(msgspec.Struct, frozen=True):
    """A condition that kept a statement, which names action and resource, from deciding."""

    statement: Evidence
    condition: Condition


class Decision(msgspec.Struct, frozen=True):
    """What the policies say.

    READY: allowed, by `statements`. BLOCKED: denied; `explicit` if by a Deny (in `statements`), else because
    nothing in `layer` allows it. UNKNOWN: `missing` says what was not read or cannot be known; `keys` are the
    unknown condition keys among that. `unmet` are conditions that keep matching Allow statements from
    applying, surely or perhaps.
    """

    verdict: Verdict
    explicit: bool = False
    statements: tuple[Evidence, ...] = ()
    missing: tuple[Missing, ...] = ()
    layer: Layer | None = None
    unmet: tuple[Unmet, ...] = ()
    keys: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def allowed(self) -> Verdict:
        """The verdict, under the name of the question."""
        return self.verdict


class _Opinion(msgspec.Struct, frozen=True):
    """What the policies of one layer say, Allow and Deny apart."""

    layer: Layer
    allow: Verdict
    deny: Verdict
    allowing: tuple[Evidence, ...] = ()
    denying: tuple[Evidence, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    missing: tuple[Missing, ...] = ()
    keys: tuple[str, ...] = ()


def decide(
    request: Request,
    *,
    identity: Policies | None = None,
    boundary: Policies | None = None,
    session: Policies | None = None,
    resource: Policies | None = None,
    endpoint: Policies | None = None,
    same_account: bool = True,
    resource_must_allow: bool = False,
) -> Decision:
    """Decide; a kind of policy that does not exist is None, one that could not be read has `missing`.

    `resource_must_allow` is the rule of KMS keys and trust policies: the resource policy has to grant, or to
    delegate to the account (KMS developer guide, "Key policies"), and only then identity policies count.
    """
    request = request.whole()
    opinions: list[_Opinion] = [_own(request, identity or Policies())]
    for layer, policies in (
        (Layer.BOUNDARY, boundary),
        (Layer.SESSION, session),
        (Layer.ENDPOINT, endpoint),
    ):
        if policies is not None:
            opinions.append(_opinion(layer, policies, request))
    own = opinions[0].allow
    bounds = [each for each in opinions if each.layer in (Layer.BOUNDARY, Layer.SESSION)]
    bounded = all_of(each.allow for each in bounds)
    if resource is None:
        granted = (NO if resource_must_allow or not same_account else own) & bounded
    else:
        granted, theirs = _with_resource(request, resource, own, bounded, same_account, resource_must_allow)
        opinions.append(theirs)
    through = all_of(each.allow for each in opinions if each.layer is Layer.ENDPOINT)
    return _decided(granted & through, opinions)


def _with_resource(
    request: Request, resource: Policies, own: Verdict, bounded: Verdict, same_account: bool, must: bool
) -> tuple[Verdict, _Opinion]:
    everybody = _opinion(Layer.RESOURCE, resource, request)
    by_name = _allowing(resource, request, _names_session)
    delegated = _allowing(resource, request, _names_account)
    direct = _allowing(resource, request, _names_role_or_everybody) | by_name
    direct |= _allowing(resource, request, _names_service)
    if not same_account:
        return own & bounded & (direct | delegated), everybody
    if must:
        return by_name | ((direct | (delegated & own)) & bounded), everybody
    return by_name | ((direct | own) & bounded), everybody


def _own(request: Request, identity: Policies) -> _Opinion:
    if request.principal is None or request.principal.kind is not PrincipalKind.ROOT:
        return _opinion(Layer.IDENTITY, identity, request)
    evidence = Evidence("sts:GetCallerIdentity", request.principal.arn, "root user")
    return _Opinion(Layer.IDENTITY, YES, NO, (evidence,))


def _decided(granted: Verdict, opinions: list[_Opinion]) -> Decision:
    for each in opinions:
        if each.deny is YES:
            return Decision(BLOCKED, explicit=True, statements=each.denying, layer=each.layer)
    denied = NO
    for each in opinions:
        denied |= each.deny
    verdict = granted & ~denied
    unmet = tuple(each for opinion in opinions for each in opinion.unmet)
    if verdict is READY:
        allowing = tuple(each for opinion in opinions for each in opinion.allowing)
        return Decision(READY, statements=allowing, notes=(ORGANISATION_UNSEEN,))
    if verdict is BLOCKED:
        silent = next((each.layer for each in opinions if each.allow is NO), opinions[0].layer)
        return Decision(BLOCKED, layer=silent, unmet=unmet)
    open_ones = [each for each in opinions if each.allow is not YES or each.deny is not NO]
    return Decision(
        UNKNOWN,
        statements=tuple(each for opinion in open_ones for each in opinion.denying),
        missing=tuple(dict.fromkeys(each for opinion in open_ones for each in opinion.missing)),
        layer=open_ones[0].layer if open_ones else None,
        unmet=unmet,
        keys=tuple(dict.fromkeys(key for opinion in open_ones for key in opinion.keys)),
    )


def _opinion(layer: Layer, policies: Policies, request: Request) -> _Opinion:
    allow = deny = NO
    allowing: list[Evidence] = []
    denying: list[Evidence] = []
    perhaps: list[Evidence] = []
    unmet: list[Unmet] = []
    missing: list[Missing] = list(policies.gaps())
    keys: list[str] = []
    for document in policies.documents:
        for statement in document.statements:
            match = applies(statement, request, layer)
            if match.verdict is not YES:
                unmet += _unmet(document, statement, request, layer)
            if match.verdict is NO:
                continue
            evidence = document.evidence(statement)
            if statement.effect is not Effect.DENY:
                allow |= match.verdict
                allowing += [evidence] if match.verdict is YES else []
            if statement.effect is not Effect.ALLOW:
                deny |= match.verdict
                (denying if match.verdict is YES else perhaps).append(evidence)
            if match.verdict is MAYBE:
                keys += match.keys
                missing += _unknowns(match, statement, evidence)
    if policies.gaps():
        # What was not read may hold an Allow as well as a Deny.
        allow |= MAYBE
        deny |= MAYBE
    return _Opinion(
        layer,
        allow,
        deny,
        tuple(allowing),
        tuple(denying or perhaps),
        tuple(unmet),
        tuple(missing),
        tuple(keys),
    )


def applies(statement: Statement, request: Request, layer: Layer = Layer.IDENTITY) -> Match:
    """Whether a statement speaks about the request: action, resource, principal and conditions."""
    verdict = YES if statement.effect is not None else MAYBE
    keys: tuple[str, ...] = ()
    facts = request.facts
    if statement.actions is None:
        verdict = MAYBE
    else:
        verdict &= matches_action(statement.actions, request.action)
    if verdict is NO:
        return Match(NO)
    if statement.resources is not None:
        found = matches_resource(statement.resources, request.resource, facts, statement.version)
        verdict, keys = verdict & found.verdict, keys + found.keys
    elif layer in (Layer.IDENTITY, Layer.BOUNDARY, Layer.SESSION):
        verdict &= MAYBE
    if verdict is NO:
        return Match(NO)
    if layer in (Layer.RESOURCE, Layer.ENDPOINT):
        verdict &= _names(statement.principals, request.principal)
    if verdict is NO:
        return Match(NO)
    held = all_hold(statement.conditions, facts, statement.version)
    verdict &= held.verdict
    if verdict is not NO and statement.doubts:
        verdict &= MAYBE
    return Match(verdict, keys + held.keys if verdict is MAYBE else ())


def _unknowns(match: Match, statement: Statement, evidence: Evidence) -> list[Missing]:
    says = f"{evidence.resource} {evidence.field}: {evidence.says}"
    found = [Missing(CONTEXT, "undecidable", None, key, says) for key in match.keys]
    if statement.doubts:
        doubt = f"{says} ({'; '.join(statement.doubts)})"
        found.append(Missing(evidence.operation, "undecidable", "MalformedPolicy", evidence.resource, doubt))
    return found or [Missing(CONTEXT, "undecidable", None, evidence.resource, says)]


def _unmet(document: Policy, statement: Statement, request: Request, layer: Layer) -> list[Unmet]:
    if statement.effect is not Effect.ALLOW or not statement.conditions:
        return []
    bare = msgspec.structs.replace(statement, conditions=())
    if applies(bare, request, layer).verdict is NO:
        return []
    evidence = document.evidence(statement)
    return [
        Unmet(evidence, condition)
        for condition in statement.conditions
        if evaluate(condition, request.facts, statement.version).verdict is not YES
    ]


# --- principals of resource policies ---------------------------------------------------------------------


def _names(principals: Principals | None, principal: Principal | None) -> Verdict:
    """Whether a resource policy's statement speaks about this principal at all."""
    if principals is None:
        return MAYBE
    found = _names_session(principals, principal)
    found |= _names_account(principals, principal)
    found |= _names_role_or_everybody(principals, principal)
    found |= _names_service(principals, principal)
    if not principals.negated:
        return found
    # An exception has to name account, role and session together (IAM User Guide, "NotPrincipal").
    return YES if found is NO else NO if _names_everybody(principals) else MAYBE


def _names_session(principals: Principals, principal: Principal | None) -> Verdict:
    """Names the user, role session or federated user itself."""
    if principal is None:
        return NO if _only_everybody(principals) else MAYBE
    named = [value for kind, value in principals.values if kind == "AWS"]
    if principal.kind is PrincipalKind.ROLE and principal.session is None:
        # Which session of the role asks is not known: an instance's is named after it, others as they like.
        sessions = f":sts::{principal.account}:assumed-role/{principal.name}/"
        return MAYBE if any(sessions in each for each in named) else NO
    itself = principal.kind in (PrincipalKind.USER, PrincipalKind.ROOT)
    return YES if (principal.arn if itself else principal.session) in named else NO


def _names_account(principals: Principals, principal: Principal | None) -> Verdict:
    """Names the account, which delegates to its identity policies."""
    if principal is None:
        return NO if _only_everybody(principals) else MAYBE
    account = principal.account
    for kind, value in principals.values:
        if kind == "AWS" and (
            value == account or (value.startswith("arn:") and value.endswith(f"::{account}:root"))
        ):
            return YES
    return NO


def _names_role_or_everybody(principals: Principals, principal: Principal | None) -> Verdict:
    """Names everybody, or the role behind the session."""
    if _names_everybody(principals):
        return YES
    if principal is None:
        return MAYBE
    if principal.kind is not PrincipalKind.ROLE:
        return NO
    return (
        YES if any(kind == "AWS" and _is_role(value, principal) for kind, value in principals.values) else NO
    )


def _is_role(value: str, principal: Principal) -> bool:
    # A role's name is unique in its account whatever its path, and the path may not have been read.
    owner, _, path = value.partition(":role/")
    return value == principal.arn or (
        owner.endswith(f":iam::{principal.account}") and path.rpartition("/")[2] == principal.name
    )


def _names_service(principals: Principals, principal: Principal | None) -> Verdict:
    """Names the AWS service that asks."""
    if principal is None or principal.kind is not PrincipalKind.SERVICE:
        return NO
    own = {principal.arn, f"{principal.arn}.cn"}
    return YES if any(kind == "Service" and value in own for kind, value in principals.values) else NO


_EVERYBODY: Final = Principals((("*", "*"),))


def _names_everybody(principals: Principals) -> bool:
    return any(value == "*" and kind in ("*", "AWS") for kind, value in principals.values)


def _only_everybody(principals: Principals) -> bool:
    return all(value == "*" for _, value in principals.values)


def _allowing(
    policies: Policies, request: Request, names: Callable[[Principals, Principal | None], Verdict]
) -> Verdict:
    found = MAYBE if policies.gaps() else NO
    for document in policies.documents:
        for statement in document.statements:
            if statement.effect is Effect.DENY:
                continue
            match = applies(statement, request, Layer.RESOURCE)
            principals = statement.principals
            if principals is None:
                found |= match.verdict & MAYBE
            elif principals.negated:
                # Everybody but those it names, whom `applies` has left out.
                found |= match.verdict & names(_EVERYBODY, request.principal)
            else:
                found |= match.verdict & names(principals, request.principal)
    return found
