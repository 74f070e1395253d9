"""Every JSON sample in the documentation that the AWS CLI ships loads: read from the installed package."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest

from advisor.model.errors import InputError
from advisor.model.scope import FAMILIES
from advisor.snapshot.dumps import read_file
from tests.scenes.place import kebab

_SERVICES = ("ec2", "ssm", "iam")
_VERBS = ("describe-", "list-", "get-", "search-")


class Sample(NamedTuple):
    """One output; `asked` are the ids and names in the command line above it."""

    service: str
    command: str
    number: int
    asked: str
    text: str

    @property
    def name(self) -> str:
        """What somebody would call the file."""
        return f"{self.service}-{self.command}-{self.number}{self.asked}"

    @property
    def is_whole(self) -> bool:
        """Whether it is JSON at all (some pages cut it off), and an answer and not a part of one."""
        try:
            return isinstance(json.loads(self.text), dict)
        except json.JSONDecodeError:
            return False


def examples() -> Path:
    spec = find_spec("awscli")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "examples"


def samples() -> list[Sample]:
    found = []
    for service in _SERVICES:
        for page in sorted((examples() / service).glob("*.rst")):
            if page.stem.startswith(_VERBS):
                blocks = _outputs(page.read_text(encoding="utf-8"))
                for number, (asked, text) in enumerate(blocks):
                    found.append(Sample(service, page.stem, number, asked, text))
    return found


def _outputs(page: str) -> Iterator[tuple[str, str]]:
    """The indented JSON blocks of a page, each with the resource that the command before it asks for."""
    asked = ""
    for block in re.split(r"\n(?=\S)", page):
        lines = block.splitlines()
        first = next((number for number, line in enumerate(lines) if re.match(r"\s+[\[{]\s*$", line)), None)
        if first is not None:
            yield asked, dedent("\n".join(lines[first:])).strip() + "\n"
        resources = re.findall(r"--(?:[a-z-]+-id|[a-z]+-name|[a-z]+-arn)[ =](\S+)", block)
        if resources:
            asked = "-" + re.sub(r"[^\w.-]", "_", "-".join(resources))


SAMPLES = samples()
OPERATIONS = {
    (operation.partition(":")[0], kebab(operation.partition(":")[2])): operation for operation in FAMILIES
}
EXPECTED = "further page|more than once|terminated|GroupDetailList"
"""What is really so in some samples (one has an object where IAM answers an array)."""
NAMELESS = {"get-policy-version"}
"""Answers that need another file of the dump, one that spells the ARN."""
OURS = [sample for sample in SAMPLES if (sample.service, sample.command) in OPERATIONS and sample.is_whole]


def test_the_documentation_is_there() -> None:
    assert len(SAMPLES) > 400
    assert len({sample.command for sample in OURS}) > 40


def test_no_sample_crashes(tmp_path: Path) -> None:
    for sample in SAMPLES:
        path = tmp_path / f"{sample.name}.json"
        path.write_text(sample.text)
        try:
            read_file(path, sample.text.encode()).estate()
        except InputError as error:
            assert error.hint, sample.name


@pytest.mark.parametrize("sample", OURS, ids=lambda sample: sample.name)
def test_samples_of_known_operations_load(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / f"{sample.name}.json"
    path.write_text(sample.text)
    snapshot = read_file(path, sample.text.encode())
    if sample.command in NAMELESS:
        assert "PolicyArn" in snapshot.warnings[0]
        return
    assert OPERATIONS[sample.service, sample.command] in {each.operation for each in snapshot.responses}
    unexpected = [each for each in snapshot.estate().warnings if not re.search(EXPECTED, each)]
    assert unexpected == []
