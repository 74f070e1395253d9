"""Writes the demo account: the scene, served by the fake AWS, read by the collector, stored as dumps.

python -m tests.demo.build [FOLDER]        (advisor/demo unless a folder is given)
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import msgspec

from advisor.collect.refresh import Target, look_at
from advisor.collect.runner import collect
from advisor.collect.session import open_session
from advisor.model.responses import Responses
from advisor.model.scope import FAMILIES
from advisor.snapshot.store import Snapshot
from tests.demo.account import TOKYO, VIRGINIA, account
from tests.fakeaws.app import FakeAws
from tests.scenes.builder import Scene
from tests.scenes.place import COLLECTED_AT, kebab

HOME = Path(__file__).parents[2] / "advisor" / "demo"


def build(folder: Path) -> None:
    """Make the account, collect it, and write what the AWS CLI would print of it."""
    if folder.exists():
        shutil.rmtree(folder)
    write(collected(account()), folder)


def collected(scene: Scene) -> Snapshot:
    """The scene as the real collector reads it over HTTP."""
    _match_profiles(scene)
    with FakeAws.of(scene) as aws:
        os.environ.update(aws.environment)
        session = open_session(regions=[VIRGINIA, TOKYO], endpoint_url=aws.url)
        snapshot = collect(session)
        seen = [
            Target(region, record["Target"])
            for region in (VIRGINIA, TOKYO)
            for record in scene.at(region=region).place.records["ssm:GetConnectionStatus"]
        ]
        snapshot = look_at(session, snapshot, seen)
        assert not aws.writing(), aws.writing()
    return msgspec.structs.replace(snapshot, collected_at=COLLECTED_AT)


def write(snapshot: Snapshot, folder: Path) -> None:
    """One file per account, Region and operation; of operations asked per resource an array of answers."""
    folder.mkdir(parents=True)
    about = {"schema": "advisor.dumps/1", "collected_at": snapshot.collected_at, "caller": snapshot.caller}
    (folder / "advisor.json").write_bytes(msgspec.json.encode(about) + b"\n")
    for each in sorted(snapshot.responses, key=lambda one: (one.account, one.region, one.operation)):
        printed = realistic(_printed(each).decode())
        service, _, operation = each.operation.partition(":")
        place = folder / "accounts" / each.account / each.region
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{service}-{kebab(operation)}.json").write_text(printed)


def _printed(responses: Responses) -> bytes:
    """The answer with a record per line: as small as it may be and still comparable."""
    family = FAMILIES[responses.operation]
    records = msgspec.json.decode(responses.records, type=list[msgspec.Raw])
    if responses.status != "ok":
        error = {"Error": {"Code": responses.code, "Message": responses.message}}
        return msgspec.json.encode(error) + b"\n"
    gaps = [
        msgspec.json.encode(
            {"Error": {"Code": gap.code, "Message": gap.message}, family.parameter: gap.resource}
        )
        for gap in responses.gaps
    ]
    lines = [bytes(record) for record in records]
    if family.key is None:
        answers = [*lines, *gaps]
        return (answers[0] if len(answers) == 1 else b"[\n" + b",\n".join(answers) + b"\n]") + b"\n"
    assert not gaps, responses.operation
    inside = b"\n" + b",\n".join(lines) + b"\n" if lines else b""
    return b'{"%s": [%s]}\n' % (family.key.encode(), inside)


_COUNTED = re.compile(r"\b([a-z]+(?:-[a-z]+)*)-(0{9}[0-9a-f]{8})\b")
_ZONE = re.compile(r"\bZ0{10}[0-9A-F]+\b")
_PRINCIPAL = re.compile(r"\b(AROA|AIPA|ANPA)0{6}([0-9A-F]{10})\b")


def realistic(text: str) -> str:
    """The text with ids as AWS makes them, in place of counted ones; the same each time."""

    def id_of(match: re.Match[str]) -> str:
        return f"{match[1]}-0{hashlib.sha256(match[0].encode()).hexdigest()[:16]}"

    def principal_of(match: re.Match[str]) -> str:
        digest = hashlib.sha256(match[0].encode()).digest()
        return match[1] + "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte % 32] for byte in digest[:17])

    def zone_of(match: re.Match[str]) -> str:
        return f"Z0{hashlib.sha256(match[0].encode()).hexdigest()[:19].upper()}"

    return _ZONE.sub(zone_of, _PRINCIPAL.sub(principal_of, _COUNTED.sub(id_of, text)))


def _match_profiles(scene: Scene) -> None:
    """Let instances name their profile by the id that IAM gives it."""
    home = scene.world.place(scene.account, "global")
    ids: dict[str, Any] = {
        each["InstanceProfile"]["Arn"]: each["InstanceProfile"]["InstanceProfileId"]
        for each in home.records["iam:GetInstanceProfile"]
    }
    for place in scene.world.places.values():
        instances = [one for each in place.records["ec2:DescribeInstances"] for one in each["Instances"]]
        for record in (*instances, *place.records["ec2:DescribeIamInstanceProfileAssociations"]):
            profile = record.get("IamInstanceProfile")
            if profile is not None and profile["Arn"] in ids:
                profile["Id"] = ids[profile["Arn"]]


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else HOME)
