"""What must not leak into the screens of tests: colours, themes and animations of whoever runs them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from textual import constants


@pytest.fixture(autouse=True)
def frozen_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in list(os.environ):
        if name.startswith("TEXTUAL") or name in ("NO_COLOR", "COLORTERM", "FORCE_COLOR"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    # Textual reads these when it is imported.
    monkeypatch.setattr(constants, "DEFAULT_THEME", "textual-dark")
    monkeypatch.setattr(constants, "TEXTUAL_ANIMATIONS", "none")
    yield
