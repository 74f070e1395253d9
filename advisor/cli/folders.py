"""Where a person's own files live (the XDG base directories)."""

from __future__ import annotations

import os
from pathlib import Path


def configuration() -> Path:
    """The folder of the person's own configuration; it need not exist."""
    base = os.environ.get("XDG_CONFIG_HOME")
    # A relative path is to be ignored, says the XDG specification.
    root = Path(base) if base and os.path.isabs(base) else Path.home() / ".config"
    return root / "advisor"


def own_rules() -> Path:
    """The folder of the person's own rules, laid over the built-in ones."""
    return configuration() / "rules"
