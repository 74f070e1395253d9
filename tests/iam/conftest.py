from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.iam import linter as linting


@pytest.fixture(scope="session")
def linter() -> Iterator[Any]:
    """The linter, made ready once."""
    with linting.linter() as ready:
        yield ready
