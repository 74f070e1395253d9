"""Ranking, actions as API requests, plans that were proved, what they cost, and how to print them."""
