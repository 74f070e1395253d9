"""Makes one answer per account, Region and operation of the pieces that were found in dumps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from advisor.model.responses import Responses
from advisor.snapshot.messages import BROKEN
from advisor.snapshot.places import Piece
from advisor.snapshot.recognise import REQUEST


def joined(pieces: Iterable[Piece], warnings: list[str]) -> list[Responses]:
    """One Responses for each account, Region and operation."""
    groups: dict[tuple[str, str, str], list[Piece]] = defaultdict(list)
    for piece in pieces:
        groups[str(piece.account), str(piece.region), piece.operation].append(piece)
    return [_join(place, groups[place], warnings) for place in sorted(groups)]


def _join(place: tuple[str, str, str], pieces: list[Piece], warnings: list[str]) -> Responses:
    account, region, operation = place
    read = [piece for piece in pieces if piece.status == "ok"]
    gaps = {gap.resource: gap for piece in pieces for gap in piece.gaps}
    status, code, message = "ok", None, None
    lacking = next((piece.lacking for piece in pieces if piece.lacking), None)
    if not read:
        status, code, message = pieces[0].status, pieces[0].code, pieces[0].message
    elif lacking is not None:
        status, code, message = "truncated", BROKEN, lacking
    elif operation not in REQUEST and all(piece.more for piece in read):
        # Pages that end without a token are whole together; if each has one, the last page is missing.
        status = "truncated"
        warnings.append(
            f"{read[-1].file}: {operation} has a further page that is not here; it counts as incomplete"
        )
    return Responses(
        account,
        region,
        operation,
        status,
        code,
        message,
        _concatenated(piece.records for piece in read),
        tuple(gaps.values()),
    )


def _concatenated(arrays: Iterable[msgspec.Raw]) -> msgspec.Raw:
    arrays = list(arrays)
    if len(arrays) == 1:
        return arrays[0]
    inner = (bytes(array).strip()[1:-1].strip() for array in arrays)
    return msgspec.Raw(b"[" + b",".join(each for each in inner if each) + b"]")
