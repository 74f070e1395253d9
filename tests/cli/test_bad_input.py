"""Bad input and AWS out of reach: two lines on stderr, exit 2 or 4, never a traceback."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.account import scene
from tests.cli.running import advisor, complaint
from tests.fakeaws.app import FakeAws


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = advisor("assess", "--snapshot", str(tmp_path / "none.json"))
    assert result.exit_code == 2
    complaint(result)


def test_a_name_that_is_too_long_or_empty(snapshot: str) -> None:
    for name in ("x" * 5000, ""):
        result = advisor("assess", "--snapshot", name)
        assert result.exit_code == 2
        complaint(result)


def test_a_home_whose_name_is_too_long_holds_no_rules(snapshot: str) -> None:
    """As one that may not be entered: whether rules are in it cannot be asked, and is no defect."""
    result = advisor("assess", "--snapshot", snapshot, env={"XDG_CONFIG_HOME": "/" + "x" * 5000})
    assert result.exit_code == 1, result.stderr


def test_formats_that_are_no_json_have_no_query(snapshot: str) -> None:
    result = advisor("assess", "--snapshot", snapshot, "--query", "targets", "--output", "sarif")
    assert result.exit_code == 2
    assert "sarif" in complaint(result)[0]


def test_an_empty_folder(tmp_path: Path) -> None:
    result = advisor("assess", "--snapshot", str(tmp_path))
    assert result.exit_code == 2
    complaint(result)


@pytest.mark.parametrize(
    "content",
    [
        '{"name": "not of AWS", "dependencies": {}}',
        "[1, 2, 3]",
        "not JSON at all",
        "",
        '{"Vpcs": [',
        "null",
        "\x00\x01",
    ],
)
def test_a_file_that_is_not_aws_s(tmp_path: Path, content: str) -> None:
    path = tmp_path / "package.json"
    path.write_text(content)
    result = advisor("assess", "--snapshot", str(path))
    assert result.exit_code == 2
    complaint(result)


def test_a_truncated_gzip_file(tmp_path: Path, snapshot: str) -> None:
    path = tmp_path / "cut.json.gz"
    path.write_bytes(gzip.compress(Path(snapshot).read_bytes())[:-200])
    result = advisor("assess", "--snapshot", str(path))
    assert result.exit_code == 2
    complaint(result)


def test_a_snapshot_of_a_newer_advisor(tmp_path: Path, snapshot: str) -> None:
    newer = json.loads(Path(snapshot).read_text()) | {"schema": "advisor.snapshot/99"}
    path = tmp_path / "newer.json"
    path.write_text(json.dumps(newer))
    result = advisor("assess", "--snapshot", str(path))
    assert result.exit_code == 2
    assert "newer advisor" in complaint(result)[0]


def test_a_folder_of_rules_that_is_not_there_or_wrong(tmp_path: Path) -> None:
    absent = advisor("rules", "list", "--rules", str(tmp_path / "none"))
    assert absent.exit_code == 2
    complaint(absent)
    (tmp_path / "causes.yaml").write_text("my-cause:\n  title: only half\n")
    wrong = advisor("assess", "--snapshot", "demo", "--rules", str(tmp_path))
    assert wrong.exit_code == 2
    assert "causes.yaml:" in complaint(wrong)[0]


def test_options_that_contradict_each_other(snapshot: str) -> None:
    for option, value in (("--profile", "prod"), ("--endpoint-url", "http://127.0.0.1:1")):
        result = advisor("assess", "--snapshot", snapshot, option, value)
        assert result.exit_code == 2
        assert option in complaint(result)[0]


def test_a_snapshot_that_cannot_be_written_is_found_out_first(tmp_path: Path) -> None:
    for path in (tmp_path / "none" / "x.json", tmp_path / "x.txt"):
        result = advisor("collect", "-o", str(path))
        assert result.exit_code == 2
        complaint(result)


# --- AWS ---


@pytest.fixture
def aws() -> Iterator[FakeAws]:
    with FakeAws.of(scene()) as running:
        yield running


def environment(aws: FakeAws) -> dict[str, str | None]:
    return {**aws.environment, "AWS_ENDPOINT_URL": None, "AWS_REGION": "us-east-1"}


def test_no_credentials() -> None:
    result = advisor("assess", "--region", "us-east-1")
    assert result.exit_code == 4
    assert "advisor demo" in complaint(result)[1]


def test_an_unknown_profile() -> None:
    result = advisor("assess", "--profile", "nobody", "--region", "us-east-1")
    assert result.exit_code in (2, 4)
    assert "nobody" in complaint(result)[0]


def test_an_unknown_region(aws: FakeAws) -> None:
    result = advisor("assess", "--region", "us-esat-1", env=environment(aws))
    assert result.exit_code == 2
    assert "us-east-1" in complaint(result)[1]


def test_no_region(aws: FakeAws) -> None:
    result = advisor("assess", "--endpoint-url", aws.url, env=environment(aws) | {"AWS_REGION": None})
    assert result.exit_code == 2
    assert "--region" in complaint(result)[1]


def test_an_expired_token(aws: FakeAws) -> None:
    aws.rules.fail("sts:*", "ExpiredToken", 403)
    result = advisor("assess", "--endpoint-url", aws.url, env=environment(aws))
    assert result.exit_code == 4
    lines = complaint(result)
    assert "expired" in lines[0]
    assert "aws sso login" in lines[1]


def test_credentials_that_aws_does_not_know(aws: FakeAws) -> None:
    env = environment(aws) | {"AWS_ACCESS_KEY_ID": "AKIAWRONGWRONGWRONG0"}
    result = advisor("assess", "--endpoint-url", aws.url, env=env)
    assert result.exit_code == 4
    complaint(result)


def test_an_endpoint_that_nobody_listens_on(aws: FakeAws) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    result = advisor("assess", "--endpoint-url", url, env=environment(aws))
    assert result.exit_code == 4
    complaint(result)


@pytest.mark.parametrize("url", ["nonsense", "ftp://x", "http://"])
def test_an_endpoint_that_is_no_url(aws: FakeAws, url: str) -> None:
    result = advisor("assess", "--endpoint-url", url, env=environment(aws))
    assert result.exit_code == 2
    complaint(result)
