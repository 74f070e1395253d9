"""Reachability: topology, gates, traces and what would repair them. Pure; the only room with networkx."""
