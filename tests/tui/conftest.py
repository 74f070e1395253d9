"""What must not leak into the screens of tests: colours, themes and animations of whoever runs them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from textual import constants


@pytest.fixture(autouse=True)
def frozen_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in list(os.environ):
        # TEXTUAL_SNAPSHOT_… belongs to the plugin that compares pictures.
        is_textuals = name.startswith("TEXTUAL") and not name.startswith("TEXTUAL_SNAPSHOT")
        if is_textuals or name in ("NO_COLOR", "COLORTERM", "FORCE_COLOR"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    # Textual reads these when it is imported.
    monkeypatch.setattr(constants, "TEXTUAL_ANIMATIONS", "none")
    yield
