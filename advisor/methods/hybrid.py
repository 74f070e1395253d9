"""Hybrid nodes: the tier that sessions need, the activation behind the node, what its silence may mean."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from advisor.methods.answer import PASS, Answer, Finding, blocked, noted, passes, unknown
from advisor.methods.case import Case
from advisor.methods.checks import check
from advisor.methods.node import node_record
from advisor.methods.uses import kind
from advisor.model.evidence import Evidence, Missing
from advisor.model.times import parse_instant

TIER: Final = "/ssm/managed-instance/activation-tier"


@check("hybrid.tier", by=kind)
def tier(case: Case) -> Answer:
    """Sessions with nodes outside EC2 need the advanced-instances tier."""
    if not case.is_hybrid:
        return PASS
    table = case.scope.service_settings
    for key, answer in table.items():
        if key.endswith(TIER):
            value = (answer.service_setting.setting_value or "").lower()
            seen = Evidence(
                "ssm:GetServiceSetting", TIER, f"SettingValue is {value}", "ServiceSetting.SettingValue"
            )
            if value == "advanced":
                return passes(seen)
            if value == "standard":
                return blocked(
                    Finding(
                        "hybrid-tier-standard",
                        TIER,
                        f"Hybrid nodes are in the standard tier in {case.scope.region}.",
                        evidence=(seen,),
                    )
                )
            says = f"SettingValue is {value!r}, which is neither standard nor advanced"
            return unknown(Missing("ssm:GetServiceSetting", "undecidable", None, TIER, says))
    return unknown(table.missing(TIER))


def activation(case: Case) -> Hashable:
    """The key of checks that read a hybrid node's activation."""
    return node_record(case), None if case.node is None else case.node.activation_id


@check("hybrid.activation", by=activation)
def activated(case: Case) -> Answer:
    """Whether a lost node could be registered again by its activation (a note: registered nodes stay)."""
    if not case.is_hybrid or case.node is None or not case.node.activation_id:
        return PASS
    record = case.scope.activations.get(case.node.activation_id)
    if record is None:
        return PASS
    identity = record.activation_id
    found = []
    expires = parse_instant(record.expiration_date)
    moment = case.study.moment
    if record.expired or (expires is not None and moment is not None and expires < moment):
        found.append(
            Finding(
                "hybrid-activation-expired",
                identity,
                "The activation has expired: no node can register by it any more.",
                evidence=(
                    Evidence(
                        "ssm:DescribeActivations", identity, "it has expired", "ActivationList[].Expired"
                    ),
                ),
            )
        )
    limit, count = record.registration_limit, record.registrations_count
    if limit is not None and count is not None and count >= limit:
        found.append(
            Finding(
                "hybrid-limit-reached",
                identity,
                f"All {limit} registrations of the activation are used.",
                evidence=(
                    Evidence(
                        "ssm:DescribeActivations",
                        identity,
                        f"RegistrationsCount is {count} of RegistrationLimit {limit}",
                        "ActivationList[].RegistrationsCount",
                    ),
                ),
            )
        )
    return noted(*found)
