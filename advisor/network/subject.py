"""How a rule's prefix relates to an address that is known, or known only to lie somewhere.

A flow's far end is often no single address: an endpoint without a described interface lies somewhere in its
subnet, AWS's public endpoints and "the internet" lie somewhere in the public space. Such ends are prefixes;
a rule may then cover the subject in full, in part or not at all.
"""

from __future__ import annotations

import enum

from advisor.model.addresses import ANYWHERE, Address, Prefix, is_public

Subject = Address | Prefix
"""An address, or a prefix in which an unknown address lies; of length 0: some public address."""

NARROW = 16
"""IPv4 prefixes at least this long are taken not to hold AWS's public endpoints, as a stated assumption.

A Region's endpoints are spread over many blocks; a broad block (shorter) may well hold them, and leaves the
answer unknown. Without this, one entry that denies a single abusive host would make everything unknown.
"""


class Overlap(enum.Enum):
    """How much of the subject a prefix covers."""

    NONE = 0
    PART = 1
    FULL = 2


def overlap(prefix: Prefix, subject: Subject) -> Overlap:
    """How much of the subject lies inside the prefix."""
    if isinstance(subject, Address):
        return Overlap.FULL if prefix.holds(subject) else Overlap.NONE
    if prefix.version != subject.version:
        return Overlap.NONE
    if prefix.covers(subject):
        return Overlap.FULL
    if not subject.covers(prefix):
        return Overlap.NONE
    if (
        is_somewhere_public(subject)
        and not is_public(Address(prefix.version, prefix.value))
        and prefix.length >= 8
    ):
        return Overlap.NONE
    return Overlap.PART


def is_somewhere_public(subject: Subject) -> bool:
    """Whether all that is known of the subject is that it is a public address."""
    return isinstance(subject, Prefix) and subject.length == 0


def is_negligible(prefix: Prefix, subject: Subject) -> bool:
    """Whether a part of the public space is so narrow that AWS's endpoints are taken to lie outside."""
    return is_somewhere_public(subject) and prefix.length >= (NARROW if prefix.version == 4 else 32)


def somewhere(version: int) -> Prefix:
    """Some public address."""
    return ANYWHERE[version]


def representative(subject: Subject) -> Address:
    """An address of the subject (its first)."""
    return subject if isinstance(subject, Address) else Address(subject.version, subject.value)


def as_cidr(subject: Subject) -> str:
    """The narrowest block that holds the subject, as AWS writes it."""
    return str(subject.host if isinstance(subject, Address) else subject)
