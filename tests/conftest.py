"""What all tests share: property tests are repeatable and have no deadline on a busy machine."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("project", deadline=None, derandomize=True, database=None)
settings.load_profile("project")
