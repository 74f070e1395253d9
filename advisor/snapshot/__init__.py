"""Snapshots of accounts: reading, writing, importing dumps, comparing, hiding who they belong to."""

from advisor.snapshot.store import DEMO, SCHEMA, Snapshot, read, write

__all__ = ["DEMO", "SCHEMA", "Snapshot", "read", "write"]
