"""One request: all its pages, as raw records with the coverage that they earned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from advisor.collect.derive import Parameters
from advisor.collect.faults import FAULTS, coverage_of
from advisor.collect.operations import Operation
from advisor.model.coverage import COMPLETE, Coverage, Status
from advisor.model.families import PAGE
from advisor.model.scope import FAMILIES

_BESIDE_THE_ANSWER = frozenset(
    {"ResponseMetadata", "NextToken", "Marker", "IsTruncated", "NextMarker", "MaxItems"}
)


class Answer(msgspec.Struct, frozen=True):
    """What one request brought: JSON of its records, without the array's brackets, and how it went."""

    parameters: Parameters
    records: tuple[bytes, ...]
    coverage: Coverage = COMPLETE


def ask(client: Any, row: Operation, parameters: Parameters, cancelled: Callable[[], bool]) -> Answer:
    """Make one request, page by page. Errors are coverage; records of pages read before one are kept.

    The pages of a single record are not: a role with the first of its policies is another role.
    """
    family = FAMILIES[row.name]
    pages: list[dict[str, Any]] = []
    records: list[bytes] = []
    count = 0
    coverage = COMPLETE
    try:
        for page in _pages(client, row, parameters):
            if family.key is None:
                pages.append(page)
            else:
                # Encoded at once: the parsed page is many times larger than its JSON.
                elements = page.get(family.key) or []
                count += len(elements)
                if elements:
                    records.append(msgspec.json.encode(elements)[1:-1])
            if cancelled():
                coverage = Coverage(Status.TRUNCATED, "Cancelled")
                break
            if row.limit is not None and count >= row.limit:
                coverage = Coverage(Status.TRUNCATED, None, f"stopped after {count} records")
                break
    except FAULTS as error:
        coverage = coverage_of(error)
    if pages and pages[-1].get("AdditionalRoutesAvailable"):
        coverage = Coverage(Status.TRUNCATED, None, "there are more routes than one answer may hold")
    if pages and (coverage is COMPLETE or family.identity == PAGE):
        beside = _beside(row, parameters)
        whole = pages if family.identity == PAGE else [_merged(pages)]
        records.extend(msgspec.json.encode({**beside, **_bare(each)}) for each in whole)
    return Answer(parameters, tuple(records), coverage)


def _pages(client: Any, row: Operation, parameters: Parameters) -> Iterator[dict[str, Any]]:
    if client.can_paginate(row.method):
        paging = {"PageSize": row.page} if row.page else {}
        yield from client.get_paginator(row.method).paginate(**parameters, PaginationConfig=paging)
        return
    call = getattr(client, row.method)
    if row.token is None:
        yield call(**parameters)
        return
    size = {"MaxItems": str(row.page)} if row.service == "route53" else {"MaxResults": row.page}
    page = call(**parameters, **size)
    yield page
    while page.get(row.token):
        page = call(**parameters, **size, **{row.token: page[row.token]})
        yield page


def _merged(pages: list[dict[str, Any]]) -> dict[str, Any]:
    """Pages of one answer as one: lists joined, of the rest the last word."""
    whole: dict[str, Any] = {}
    for page in pages:
        for name, value in page.items():
            earlier = whole.get(name)
            whole[name] = (
                [*earlier, *value] if isinstance(earlier, list) and isinstance(value, list) else value
            )
    return whole


def _bare(page: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in page.items() if name not in _BESIDE_THE_ANSWER}


def _beside(row: Operation, parameters: Parameters) -> dict[str, Any]:
    """The request's parameters that the record declares and that an answer does not repeat."""
    family = FAMILIES[row.name]
    declared = {field.encode_name for field in msgspec.structs.fields(family.record)}
    wanted = [name for name in (family.parameter or "").split(",") if name in declared]
    return {name: parameters[name] for name in wanted if name in parameters}
