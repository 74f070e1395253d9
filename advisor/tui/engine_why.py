"""Explanations of error texts as screens show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.methods.assessment import TargetAssessment
from advisor.tui.desk import Explained

if TYPE_CHECKING:
    from advisor.rulebook import RuleBook


def explained(text: str, assessed: TargetAssessment | None, rulebook: RuleBook, lang: str) -> Explained:
    """What the text may come from."""
    return Explained("", ())
