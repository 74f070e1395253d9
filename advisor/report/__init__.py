"""Rows and documents made from an assessment; pure."""
