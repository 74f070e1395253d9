"""Verdicts, addresses, ports, AWS records and the estate they form; imports nothing of ours above it."""
