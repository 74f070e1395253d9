"""What is asked of the network: who opens a connection to whom, by which protocol and port."""

from __future__ import annotations

import enum
from typing import Final

import msgspec

from advisor.model.ports import PortRange


class Kind(enum.Enum):
    """What an end of a flow is."""

    __hash__ = object.__hash__  # members are single; Enum's own hashes the name each time

    INSTANCE = "instance"
    INTERFACE = "network-interface"
    ENDPOINT = "vpc-endpoint"
    INSTANCE_CONNECT_ENDPOINT = "instance-connect-endpoint"
    SUBNET = "subnet"
    ADDRESS = "address"
    LOAD_BALANCER = "load-balancer"
    NAT = "nat-gateway"
    INTERNET = "internet"
    SERVICE = "service"


class End(msgspec.Struct, frozen=True, gc=False):
    """One end of a flow.

    `id` is the resource (`i-…`, `eni-…`, `vpce-…`, `eice-…`, `subnet-…`), the AWS service (`ssm`) for
    SERVICE, the address or prefix as text for ADDRESS and INTERNET (empty: anywhere on the internet).
    `account` and `region` say where a resource stands; they are empty for ADDRESS and INTERNET.
    `interface` picks one interface of an instance, `address` one of its addresses (default: the primary);
    of an EC2 Instance Connect Endpoint that preserves the client's address, `address` is the client's.
    """

    kind: Kind
    id: str = ""
    account: str = ""
    region: str = ""
    interface: str | None = None
    address: str | None = None


INTERNET: Final = End(Kind.INTERNET)


class Protocol(enum.Enum):
    """An IP protocol; ALL asks for every one of them."""

    __hash__ = object.__hash__  # members are single; Enum's own hashes the name each time

    TCP = "tcp"
    UDP = "udp"
    ICMP = "icmp"
    ALL = "all"


class Flow(msgspec.Struct, frozen=True, gc=False):
    """A connection: `port` is the destination's (for ICMP the type, -1 any; for ALL ignored).

    `ephemeral` overrides the range of source ports; by default the source's platform decides it.
    """

    source: End
    destination: End
    protocol: Protocol = Protocol.TCP
    port: int = 22
    ephemeral: PortRange | None = None
    ip_version: int | None = None
