"""Loads, validates and overlays rules/; the only room that reads YAML."""

from advisor.rulebook.assertions import Asserted, Assertion, MethodAssertion, PathAssertion, read_assertions
from advisor.rulebook.book import KINDS, Listing, RuleBook, Source
from advisor.rulebook.entries import (
    ActionText,
    Cause,
    CommandTemplate,
    Comparison,
    Entry,
    Logging,
    Look,
    Method,
    Policy,
    Profile,
    Record,
    Remedy,
    Step,
    Symptom,
)
from advisor.rulebook.load import BUILT_IN, built_in_texts, load
from advisor.rulebook.tables import Endpoint, NamedText, PriceList, Prices, RunbookCheck
from advisor.rulebook.texts import LANGUAGES, Language, Lines, Text
from advisor.rulebook.yaml_text import as_yaml

__all__ = [
    "BUILT_IN",
    "KINDS",
    "LANGUAGES",
    "ActionText",
    "Asserted",
    "Assertion",
    "Cause",
    "CommandTemplate",
    "Comparison",
    "Endpoint",
    "Entry",
    "Language",
    "Lines",
    "Listing",
    "Logging",
    "Look",
    "Method",
    "MethodAssertion",
    "NamedText",
    "PathAssertion",
    "Policy",
    "PriceList",
    "Prices",
    "Profile",
    "Record",
    "Remedy",
    "RuleBook",
    "RunbookCheck",
    "Source",
    "Step",
    "Symptom",
    "Text",
    "as_yaml",
    "built_in_texts",
    "load",
    "read_assertions",
]
