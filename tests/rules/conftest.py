"""The built-in rule book, loaded once."""

import pytest

from advisor.rulebook import RuleBook, load


@pytest.fixture(scope="session")
def book() -> RuleBook:
    return load()
