"""What no call shows: the checks that remain to be run by hand, with their commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from advisor.methods.assessment import MethodAssessment, MethodId, Target
from advisor.methods.node import SYMPTOMS
from advisor.methods.options import ANYBODY, Options, Use
from advisor.model.verdict import READY

if TYPE_CHECKING:
    from advisor.rulebook import Cause, RuleBook

_WHILE_READY: Final = frozenset({"os", "tools"})
"""An agent that was heard of needs no checking; what listens, filters or connects may."""


def checklist(
    target: Target, method: MethodAssessment, rulebook: RuleBook, options: Options = ANYBODY
) -> tuple[Cause, ...]:
    """The causes that only the machine itself or the laptop knows of, in the rule book's order.

    Empty where something certain already stops the method: that comes first. A silent agent without a
    visible reason lists what may ail the agent; a ready method lists what may still stop a login.
    """
    certain = [each for each in method.blockers if each.certainty.value == "certain"]
    if any(each.cause not in SYMPTOMS for each in certain):
        return ()
    wanted = uses_looked_at(target, method, options)
    return tuple(
        cause
        for cause in rulebook.causes.values()
        if cause.certainty == "invisible"
        and method.method.value in cause.methods
        and (not cause.uses or wanted & set(cause.uses))
        and is_for(target, cause)
        and (method.verdict is not READY or cause.layer in _WHILE_READY)
    )


def uses_looked_at(target: Target, method: MethodAssessment, options: Options) -> set[str]:
    """What a method was assessed for: the use that was asked for, else the usual one."""
    if options.use is not None:
        more = {"remote-host"} if options.use is Use.PORT_FORWARD and options.remote_host else set()
        return {options.use.value} | more
    if method.method is MethodId.SESSION_MANAGER:
        return {Use.SHELL.value}
    return {Use.RDP.value} if target.platform == "windows" else {Use.SSH.value, Use.SCP.value}


def is_for(target: Target, cause: Cause) -> bool:
    """Whether a machine of this kind and platform can have the fault."""
    if cause.id.startswith("hybrid-"):
        return target.kind == "hybrid"
    is_desktops = cause.id.startswith("windows-") or bool(cause.uses and set(cause.uses) <= _DESKTOP)
    return target.platform in ("windows", "unknown") or not is_desktops


_DESKTOP: Final = frozenset({"rdp", "fleet-rdp"})
