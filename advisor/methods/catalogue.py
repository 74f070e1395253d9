"""Every module that registers checks; importing this one fills the register."""

from __future__ import annotations

from advisor.methods import (
    bastion,
    caller,
    entry,
    fleet_rdp,
    hybrid,
    identity,
    instance,
    instance_connect,
    instance_connect_endpoint,
    laptop,
    login,
    node,
    node_evidence,
    remote_host,
    serial_console,
    service_path,
    session_preferences,
    suspects,
    uses,
    volumes,
)

MODULES = (
    bastion,
    caller,
    entry,
    fleet_rdp,
    hybrid,
    identity,
    instance,
    instance_connect,
    instance_connect_endpoint,
    laptop,
    login,
    node,
    node_evidence,
    remote_host,
    serial_console,
    service_path,
    session_preferences,
    suspects,
    uses,
    volumes,
)
"""The modules, by name."""
