"""Where a scene keeps raw records: a place per account and Region, with what was denied or not asked."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import msgspec
from botocore.model import ServiceModel

from advisor.model.responses import GLOBAL, Gap, Responses
from advisor.model.scope import FAMILIES

Record = dict[str, Any]
CLIENTS = {"elasticloadbalancing": "elbv2"}
"""Names of botocore for services that IAM calls otherwise."""
COLLECTED_AT = "2026-11-23T12:00:00Z"
RECENTLY = "2026-11-23T11:58:00Z"
EARLIER = "2026-10-01T08:00:00Z"


class Fault(msgspec.Struct):
    """A call that did not succeed as a whole."""

    status: str
    code: str | None = None
    message: str | None = None
    keep: int = 0


class Place:
    """The raw records of one account in one Region."""

    def __init__(self, world: World, account: str, region: str) -> None:
        self.world = world
        self.account = account
        self.region = region
        self.records: dict[str, list[Record]] = defaultdict(list)
        self.faults: dict[str, Fault] = {}
        self.gaps: dict[str, dict[str, Gap]] = defaultdict(dict)
        self.forgotten: set[str] = set()

    def add(self, operation: str, record: Record) -> Record:
        """Keep the record where the operation would show it."""
        assert operation in FAMILIES, operation
        home = self.world.place(self.account, GLOBAL) if FAMILIES[operation].is_global else self
        home.records[operation].append(record)
        return record

    def arn(self, service: str, resource: str) -> str:
        """An ARN of this account and Region."""
        partition = "aws-cn" if self.region.startswith("cn-") else "aws"
        if self.region.startswith("us-gov-"):
            partition = "aws-us-gov"
        return f"arn:{partition}:{service}:{self.region}:{self.account}:{resource}"

    def new_id(self, kind: str) -> str:
        """The next id of a kind: `vpc-00000000000000001`."""
        self.world.counts[kind] += 1
        return f"{kind}-{self.world.counts[kind]:017x}"

    def responses(self) -> list[Responses]:
        """What every operation answered here."""
        return [answer for operation in FAMILIES if (answer := self._answer(operation)) is not None]

    def _answer(self, operation: str) -> Responses | None:
        family = FAMILIES[operation]
        if family.is_global is not (self.region == GLOBAL) or operation in self.forgotten:
            return None
        fault = self.faults.get(operation)
        records = self.records.get(operation, [])
        gaps = self.gaps.get(operation, {})
        if fault is not None:
            return Responses(
                self.account,
                self.region,
                operation,
                fault.status,
                fault.code,
                fault.message,
                msgspec.Raw(msgspec.json.encode(records[: fault.keep])),
            )
        if family.parameter is not None and not records and not gaps:
            return None
        shown = [record for record in records if not gaps or self._identity(operation, record) not in gaps]
        return Responses(
            self.account,
            self.region,
            operation,
            records=msgspec.Raw(msgspec.json.encode(shown)),
            gaps=tuple(gaps.values()),
        )

    @staticmethod
    def _identity(operation: str, record: Record) -> str:
        family = FAMILIES[operation]
        return family.identify(msgspec.convert(record, family.record))


class World:
    """All places of a scene."""

    def __init__(self) -> None:
        self.places: dict[tuple[str, str], Place] = {}
        self.counts: Counter[str] = Counter()
        self.defaults: dict[tuple[str, str], str] = {}

    def place(self, account: str, region: str) -> Place:
        """The place of this account and Region, made when first asked for."""
        if (account, region) not in self.places:
            self.places[account, region] = Place(self, account, region)
        return self.places[account, region]

    def dump(self, folder: Path) -> None:
        """Write what the AWS CLI would have printed: `accounts/<id>/<region>/<service>-<operation>.json`.

        Operations asked once per resource get one file each, named after the resource. A call that did not
        succeed leaves boto3's error, one that was cut off a NextToken, one never asked no file.
        """
        for place in self.places.values():
            for answer in place.responses():
                target = folder / "accounts" / answer.account / answer.region
                target.mkdir(parents=True, exist_ok=True)
                _dump(answer, target)
        note = {"schema": "advisor.dumps/1", "collected_at": COLLECTED_AT}
        (folder / "advisor.json").write_bytes(_printed(note))


def _dump(answer: Responses, folder: Path) -> None:
    family = FAMILIES[answer.operation]
    service, _, operation = answer.operation.partition(":")
    name = f"{service}-{kebab(operation)}"
    records = msgspec.json.decode(answer.records)
    shown = _members_of_answer(answer.operation)
    for gap in answer.gaps:
        error = {"Error": {"Code": gap.code, "Message": gap.message or ""}}
        parameters = dict(zip(str(family.parameter).split(","), gap.resource.split("/"), strict=True))
        (folder / f"{name}-{_file_name(gap.resource)}.json").write_bytes(_printed(error | parameters))
    if answer.status in {"denied", "failed"}:
        error = {"Error": {"Code": answer.code, "Message": answer.message or ""}}
        (folder / f"{name}.json").write_bytes(_printed(error))
    elif family.parameter is None:
        whole = {family.key: records} if family.key else (records or [{}])[0]
        more = {"NextToken": "more"} if answer.status == "truncated" else {}
        (folder / f"{name}.json").write_bytes(_printed(whole | more))
    else:
        for position, record in enumerate(records):
            asked = [str(record[key]) for key in family.parameter.split(",") if key in record]
            file = folder / f"{name}-{_file_name('-'.join(asked))}-{position}.json"
            answered = {key: value for key, value in record.items() if key in shown}
            file.write_bytes(_printed({family.key: [record]} if family.key else answered))


def _file_name(resource: str) -> str:
    return re.sub(r"[^\w.-]", "_", resource)


def _members_of_answer(operation: str) -> set[str]:
    """The members that AWS answers; the request's parameters beside them are not printed by the AWS CLI."""
    service, _, name = operation.partition(":")
    return set(_model(CLIENTS.get(service, service)).operation_model(name).output_shape.members)


@cache
def _model(service: str) -> ServiceModel:
    # A session reads the model from disk each time it is asked, and that of EC2 takes a third of a second.
    return botocore.session.get_session().get_service_model(service)


def _printed(answer: Record) -> bytes:
    return msgspec.json.format(msgspec.json.encode(answer), indent=4) + b"\n"


def kebab(operation: str) -> str:
    """`DescribeDBInstances` as the AWS CLI spells it: `describe-db-instances`."""
    split = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1-\2", operation)
    return re.sub(r"([a-z\d])([A-Z])", r"\1-\2", split).lower()
