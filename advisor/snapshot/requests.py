"""Which resource an answer is about, where the answer itself does not say: its file's name tells."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from advisor.model.responses import Gap
from advisor.snapshot.places import Piece
from advisor.snapshot.recognise import NOISE, REQUEST

_SHAPES: Final[Mapping[str, re.Pattern[str]]] = {
    "TransitGatewayRouteTableId": re.compile(r"(?<![0-9A-Za-z])tgw-rtb-[0-9a-f]{4,17}(?:EXAMPLE)?"),
    "PrefixListId": re.compile(r"(?<![0-9A-Za-z])pl-[0-9a-f]{4,17}(?:EXAMPLE)?"),
    "VPCId": re.compile(r"(?<![0-9A-Za-z])vpc-[0-9a-f]{4,17}(?:EXAMPLE)?(?![0-9A-Za-z])"),
    "KeyId": re.compile(r"(?<![0-9A-Za-z])(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"),
    "HostedZoneId": re.compile(r"(?<![0-9A-Za-z])Z[0-9A-Z]{8,31}(?![0-9A-Za-z])"),
}
"""How ids look in a file's name."""
_NAMED: Final = {"RoleName", "Bucket"}
"""Parameters that may stand in a file's name as they are, whatever they look like."""


def name_resources(pieces: Sequence[Piece], warnings: list[str]) -> list[Piece]:
    """The pieces with the request's parameter beside each answer; pages of one resource become one answer.

    An answer whose resource nothing tells is left out with a warning; one whose last page is missing
    becomes a gap.
    """
    known = _known_names(pieces)
    found: list[Piece] = []
    answers: dict[tuple[str, str, str], dict[str, list[tuple[dict[str, Any], bool, Piece]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for piece in pieces:
        parameter = REQUEST.get(piece.operation)
        if parameter is None or piece.status != "ok" or piece.gaps:
            found.append(piece)
            continue
        for answer in msgspec.json.decode(piece.records, type=list[dict[str, Any]]):
            resource = answer.get(parameter) or _told_by_name(parameter, piece, known[parameter])
            if resource is None:
                warnings.append(
                    f"{piece.file}: left out, neither the answer nor the file's name tells its {parameter}; "
                    f"put it into the name"
                )
                continue
            place = (str(piece.account), str(piece.region), piece.operation)
            answers[place][str(resource)].append((answer, piece.more, piece))
    for (_, _, operation), resources in answers.items():
        for resource, pages in resources.items():
            found.append(_one_answer(REQUEST[operation], resource, pages))
    return found


def _one_answer(parameter: str, resource: str, pages: list[tuple[dict[str, Any], bool, Piece]]) -> Piece:
    piece = pages[0][2]
    if all(more for _, more, _ in pages):
        gap = Gap(resource, "truncated", None, "the last page is missing")
        return msgspec.structs.replace(piece, records=msgspec.Raw(b"[]"), more=False, gaps=(gap,))
    whole, *further = [answer for answer, _, _ in pages]
    for answer in further:
        for key, value in answer.items():
            if isinstance(value, list) and isinstance(whole.get(key), list):
                whole[key] = whole[key] + [each for each in value if each not in whole[key]]
            elif key not in NOISE:
                whole[key] = value
    whole[parameter] = resource
    return msgspec.structs.replace(piece, records=msgspec.Raw(msgspec.json.encode([whole])), more=False)


def _known_names(pieces: Iterable[Piece]) -> Mapping[str, set[str]]:
    """Names that answers elsewhere in the dumps mention, by the parameter they could be."""
    known: dict[str, set[str]] = defaultdict(set)
    for piece in pieces:
        if piece.operation.startswith(("iam:", "sts:", "elasticloadbalancing:")):
            for key, pattern in _MENTIONS:
                known[key].update(each.decode() for each in pattern.findall(bytes(piece.records)))
    known["PolicySourceArn"] |= {arn for arn in known["PrincipalArn"]}
    return known


_MENTIONS: Final = (
    ("RoleName", re.compile(rb'"RoleName"\s*:\s*"([^"]+)"')),
    ("PolicyArn", re.compile(rb'"(arn:aws[a-z-]*:iam::[a-z0-9]+:policy/[^"]+)"')),
    ("PrincipalArn", re.compile(rb'"(arn:aws[a-z-]*:iam::\d{12}:(?:role|user)/[^"]+)"')),
    ("TargetGroupArn", re.compile(rb'"(arn:aws[a-z-]*:elasticloadbalancing:[^"]+:targetgroup/[^"]+)"')),
)


def _told_by_name(parameter: str, piece: Piece, known: Iterable[str]) -> str | None:
    name = piece.file.rpartition("/")[2].partition(".json")[0]
    if parameter in _SHAPES:
        found = _SHAPES[parameter].findall(piece.file)
        return found[-1] if found else None
    for path in (name, piece.file):
        squeezed = _squeezed(path)
        fits = [each for each in known if _squeezed(each) in squeezed or _ends(squeezed, each)]
        if fits:
            return max(fits, key=len)
    return _rest_of_name(piece.operation, name) if parameter in _NAMED else None


def _ends(squeezed: str, arn: str) -> bool:
    """Whether a file's name ends with the last part of an ARN: `get-policy-version-MyPolicy`."""
    return arn.startswith("arn:") and squeezed.endswith("-" + _squeezed(arn.rsplit("/", maxsplit=1)[-1]))


def _squeezed(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]+", "-", text)


def _rest_of_name(operation: str, name: str) -> str | None:
    """`WebRole` of `iam-list-role-policies-WebRole`."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", operation.partition(":")[2]).lower().split("-")
    pattern = r".*?" + r"[-_ ]?".join(map(re.escape, words)) + r"[-_. ]+(?P<rest>.+)"
    found = re.fullmatch(pattern, name, re.IGNORECASE)
    return found["rest"] if found else None
