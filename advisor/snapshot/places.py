"""Account and Region of a piece of a dump: from folder names, else its own fields, else its neighbours."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Final

import msgspec

from advisor.model.responses import GLOBAL, Gap
from advisor.model.scope import FAMILIES

UNKNOWN: Final = "unknown"
"""Stands for an account or Region of which nothing in the dumps tells the name."""

_REGION_NAME: Final = (
    r"(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc-de)-(?:gov-|iso[a-z]?-)?"
    r"(?:north|south|east|west|central)(?:east|west)?-\d"
)
_REGION = re.compile(rf"(?<![a-z0-9])({_REGION_NAME})(?![0-9])")
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])(\d{12})(?![0-9A-Za-z])")
_OWN_REGION = re.compile(
    rb'"(?:AvailabilityZone|RegionName|ZoneName|AwsRegion)"\s*:\s*"(' + _REGION_NAME.encode() + rb")"
    rb"|arn:aws[a-z-]*:[a-z0-9-]+:(" + _REGION_NAME.encode() + rb"):"
    rb'|"com\.amazonaws\.(' + _REGION_NAME.encode() + rb")\."
)
_OWN_ACCOUNT = re.compile(
    rb'"(?:OwnerId|AwsAccountId|Account|AccountId)"\s*:\s*"(\d{12})"'
    rb"|arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}):"
)
_ID = re.compile(
    rb'"((?:vpc|subnet|sg|rtb|acl|igw|eigw|nat|eni|i|vpce|eice|pcx|tgw|tgw-attach|tgw-rtb|vgw|vpn|dopt|pl|mi)'
    rb'-[0-9a-zA-Z]{6,})"'
)
_OTHERS_RECORDS: Final = frozenset(
    {
        "ec2:DescribeImages",
        "ec2:DescribeManagedPrefixLists",
        "ec2:DescribeVpcEndpointServices",
        "ec2:DescribeVpcPeeringConnections",
        "ec2:DescribeTransitGatewayPeeringAttachments",
    }
)
"""Operations whose records name other accounts as owners as a matter of course."""
_SAMPLE: Final = 50_000


class Piece(msgspec.Struct):
    """Records of one operation out of one document, and where they may belong.

    `records` is a JSON array; `more` says that the answer had a further page; `lacking` why records of the
    operation cannot be read, if some cannot; `folder` the folders below the root that hold the file.
    """

    operation: str
    records: msgspec.Raw
    file: str
    folder: tuple[str, ...] = ()
    account: str | None = None
    region: str | None = None
    more: bool = False
    lacking: str | None = None
    status: str = "ok"
    code: str | None = None
    message: str | None = None
    gaps: tuple[Gap, ...] = ()


class Hint(msgspec.Struct, frozen=True):
    """What names of folders, files or headings say about the place."""

    account: str | None = None
    region: str | None = None

    def further(self, name: str) -> Hint:
        """This hint, and what a name nearer to the data says."""
        said = hint_of(name)
        return Hint(said.account or self.account, said.region or self.region)


def hint_of(name: str) -> Hint:
    """The account and Region in a name: `111122223333`, `prod-us-east-1`, `global`."""
    accounts = [each for each in _ACCOUNT.findall(name) if not _is_moment(each)]
    regions = _REGION.findall(name.lower())
    if not regions and name.lower() in {GLOBAL, "aws-global"}:
        regions = [GLOBAL]
    return Hint(accounts[-1] if accounts else None, regions[-1] if regions else None)


def hint_of_root(root: PurePath) -> Hint:
    """What the given folder's own name says, and those above it as long as they say something."""
    hint = Hint()
    for name in reversed(root.parts):
        said = hint_of(name)
        if said == Hint() and name != "accounts":
            break
        hint = Hint(hint.account or said.account, hint.region or said.region)
    return hint


def _is_moment(digits: str) -> bool:
    """`202611231200` in a file's name is a time."""
    try:
        return 2010 <= datetime.strptime(digits, "%Y%m%d%H%M").year <= 2040
    except ValueError:
        return False


def settle(pieces: Sequence[Piece], warnings: list[str]) -> list[Piece]:
    """The pieces with account and Region; what cannot be placed is left out with a warning."""
    callers = _callers(pieces)
    found = [part for piece in pieces for part in _by_own_fields(piece, callers, warnings)]
    _by_shared_ids(found)
    if any(piece.region is None for piece in found):
        known = _places_of_ids(found)
        found = [part for piece in found for part in _split_by_ids(piece, known)]
    _by_neighbours(found)
    return list(_placed(found, warnings))


def _callers(pieces: Iterable[Piece]) -> dict[tuple[str, ...], set[str]]:
    """The accounts that were certainly read, by folder: the caller's own, and those that own reservations.

    Other records may be of resources that another account shares, and then name that one as owner.
    """
    certain = []
    for piece in pieces:
        if piece.account is None and piece.operation in {"sts:GetCallerIdentity", "ec2:DescribeInstances"}:
            certain += [msgspec.structs.replace(piece, account=account) for account in _accounts_in(piece)]
    return _names_by_folder(certain, "account")


def _by_own_fields(
    piece: Piece, callers: dict[tuple[str, ...], set[str]], warnings: list[str]
) -> Iterable[Piece]:
    is_global = FAMILIES[piece.operation].is_global
    if is_global:
        piece.region = GLOBAL
    elif piece.region == GLOBAL:
        piece.region = None
    if piece.account is None:
        caller = _nearest(callers, piece.folder)
        piece.account = caller if caller not in {None, UNKNOWN} else _own_account(piece)
    if piece.region is not None:
        _doubt(piece, warnings)
        yield piece
        return
    regions = _regions_in(bytes(piece.records))
    if len(regions) == 1:
        piece.region = next(iter(regions))
    if len(regions) <= 1:
        yield piece
        return
    parts: dict[str | None, list[msgspec.Raw]] = defaultdict(list)
    for element in msgspec.json.decode(piece.records, type=list[msgspec.Raw]):
        own = _regions_in(bytes(element))
        parts[next(iter(own)) if len(own) == 1 else None].append(element)
    for region, elements in parts.items():
        yield msgspec.structs.replace(piece, region=region, records=array_of(elements))


def _doubt(piece: Piece, warnings: list[str]) -> None:
    """A folder's name against the data in it."""
    if piece.region in {GLOBAL, None}:
        return
    inside = _regions_in(bytes(piece.records)[:_SAMPLE])
    if inside and piece.region not in inside:
        named = ", ".join(sorted(inside))
        warnings.append(f"{piece.file}: lies under {piece.region}, but its data names {named}")


def _regions_in(content: bytes) -> set[str]:
    return {(a or b or c).decode() for a, b, c in _OWN_REGION.findall(content)}


def _own_account(piece: Piece) -> str | None:
    if piece.operation in _OTHERS_RECORDS:
        return None
    found = _accounts_in(piece)
    if not found:
        return None
    (first, count), *others = found.most_common(2)
    # Shared resources name their owner: where two accounts are named about as often, neighbours decide.
    return None if others and others[0][1] * 2 > count else first


def _accounts_in(piece: Piece) -> Counter[str]:
    return Counter((a or b).decode() for a, b in _OWN_ACCOUNT.findall(bytes(piece.records)))


def _by_shared_ids(pieces: Sequence[Piece]) -> None:
    """Route tables name no Region, but VPCs that subnets name too."""
    for _ in range(3):
        waiting = [piece for piece in pieces if piece.region is None or piece.account is None]
        if not waiting:
            return
        known = _places_of_ids(pieces)
        for piece in waiting:
            votes = _votes(piece, bytes(piece.records), known)
            if len(votes) == 1:
                account, region = next(iter(votes))
                piece.account, piece.region = piece.account or account, piece.region or region


Known = dict[bytes, set[tuple[str, str]]]


def _places_of_ids(pieces: Iterable[Piece]) -> Known:
    known: Known = defaultdict(set)
    for piece in pieces:
        if piece.region not in {None, GLOBAL} and piece.account is not None:
            for found in set(_ID.findall(bytes(piece.records))):
                known[found].add((str(piece.account), str(piece.region)))
    return known


def _votes(piece: Piece, content: bytes, known: Known) -> set[tuple[str, str]]:
    """Places that this content's ids belong to, of the ids that belong to one only."""
    places = {next(iter(known[each])) for each in set(_ID.findall(content)) if len(known.get(each, ())) == 1}
    return {
        place for place in places if piece.account in {None, place[0]} and piece.region in {None, place[1]}
    }


def _split_by_ids(piece: Piece, known: Known) -> Iterable[Piece]:
    """One list with records of several Regions that only their ids tell apart."""
    if piece.region is not None:
        yield piece
        return
    if len(_votes(piece, bytes(piece.records), known)) < 2:
        yield piece
        return
    parts: dict[tuple[str | None, str | None], list[msgspec.Raw]] = defaultdict(list)
    for element in msgspec.json.decode(piece.records, type=list[msgspec.Raw]):
        votes = _votes(piece, bytes(element), known)
        parts[next(iter(votes)) if len(votes) == 1 else (piece.account, None)].append(element)
    for (account, region), elements in parts.items():
        yield msgspec.structs.replace(piece, account=account, region=region, records=array_of(elements))


def _by_neighbours(pieces: Sequence[Piece]) -> None:
    """The only account, and the only Region, of the files in the same folder, then in those above."""
    accounts = _names_by_folder(pieces, "account")
    for piece in pieces:
        if piece.account is None:
            piece.account = _nearest(accounts, piece.folder)
    regions = _names_by_folder(pieces, "region")
    for piece in pieces:
        if piece.region is None:
            piece.region = _nearest(regions, piece.folder)


def _names_by_folder(pieces: Iterable[Piece], what: str) -> dict[tuple[str, ...], set[str]]:
    names: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for piece in pieces:
        name = getattr(piece, what)
        if name is not None and name != GLOBAL:
            for depth in range(len(piece.folder) + 1):
                names[piece.folder[:depth]].add(name)
    return names


def _nearest(names: dict[tuple[str, ...], set[str]], folder: tuple[str, ...]) -> str | None:
    for depth in range(len(folder), -1, -1):
        here = names.get(folder[:depth], set())
        if here:
            return next(iter(here)) if len(here) == 1 else None
    return UNKNOWN


def _placed(pieces: Iterable[Piece], warnings: list[str]) -> Iterable[Piece]:
    for piece in pieces:
        if piece.account is not None and piece.region is not None:
            yield piece
        elif msgspec.json.decode(piece.records, type=list[msgspec.Raw]) or piece.status != "ok" or piece.gaps:
            what = "account" if piece.account is None else "Region"
            warnings.append(
                f"{piece.file}: {piece.operation} left out, nothing tells which {what} it is of; "
                f"put it into a folder named after the {what}"
            )


def array_of(elements: Iterable[msgspec.Raw]) -> msgspec.Raw:
    """The elements as one JSON array."""
    return msgspec.Raw(b"[" + b",".join(bytes(each) for each in elements) + b"]")
