"""Snapshot files: written whole and private, read back equal, refused clearly."""

from __future__ import annotations

import gzip
import stat
from pathlib import Path

import msgspec
import pytest

from advisor.model.errors import InputError
from advisor.snapshot import SCHEMA, Snapshot, read, write
from tests.scenes.builder import COLLECTED_AT, Scene


def a_snapshot() -> Snapshot:
    scene = Scene()
    scene.vpc().subnet("10.0.1.0/24").instance(name="東京 'web'")
    scene.deny("ec2:DescribeNetworkAcls")
    return Snapshot(
        collected_at=COLLECTED_AT, caller="arn:aws:iam::1:user/a", responses=tuple(scene.responses())
    )


@pytest.mark.parametrize("name", ["account.json", "account.json.gz"])
def test_what_is_written_is_read_back_equal(tmp_path: Path, name: str) -> None:
    snapshot = a_snapshot()
    write(snapshot, tmp_path / name)
    assert read(tmp_path / name) == snapshot


def test_only_the_owner_may_read_it_and_no_temporary_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    path.write_text("old")
    path.chmod(0o644)
    write(a_snapshot(), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["account.json"]


def test_a_failing_write_leaves_the_old_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "account.json"
    write(a_snapshot(), path)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        write(Snapshot(), path)
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_the_same_snapshot_compresses_to_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.json.gz", "b.json.gz"):
        write(a_snapshot(), tmp_path / name)
    assert (tmp_path / "a.json.gz").read_bytes() == (tmp_path / "b.json.gz").read_bytes()


def test_compression_is_told_by_content_and_not_by_name(tmp_path: Path) -> None:
    write(a_snapshot(), tmp_path / "a.json.gz")
    (tmp_path / "renamed.json").write_bytes((tmp_path / "a.json.gz").read_bytes())
    assert read(tmp_path / "renamed.json") == a_snapshot()


def test_writing_to_places_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        write(a_snapshot(), tmp_path)
    with pytest.raises(InputError, match="There is no folder"):
        write(a_snapshot(), tmp_path / "nowhere" / "a.json")


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.hint
    assert caught.value.exit_code == 2
    return caught.value


def test_a_missing_file(tmp_path: Path) -> None:
    assert "There is no" in refusal(tmp_path / "gone.json").message


def test_a_newer_schema_is_refused_with_both_numbers(tmp_path: Path) -> None:
    path = tmp_path / "new.json"
    path.write_text('{"responses": 7, "schema": "advisor.snapshot/12"}')
    message = refusal(path).message
    assert "newer advisor" in message
    assert "advisor.snapshot/12" in message
    assert SCHEMA in message


def test_another_file_of_advisor_is_not_a_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text('{"schema": "advisor.assessment/1", "targets": []}')
    assert "advisor.assessment/1" in refusal(path).message


def test_a_truncated_gzip_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json.gz"
    write(a_snapshot(), path)
    path.write_bytes(path.read_bytes()[:-200])
    assert "not a whole gzip file" in refusal(path).message


def test_a_truncated_json_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write(a_snapshot(), path)
    path.write_bytes(path.read_bytes()[:-200])
    assert "not complete JSON" in refusal(path).message


def test_a_snapshot_with_members_of_another_type(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(f'{{"schema": "{SCHEMA}", "responses": [{{"account": 5}}]}}')
    assert "$.responses[0].account" in refusal(path).message


@pytest.mark.parametrize(
    "part", ['"status": "good\\u001b"', '"gaps": [{"resource": "r", "status": "good\\u001b"}]']
)
def test_a_snapshot_with_a_status_that_is_none(tmp_path: Path, part: str) -> None:
    path = tmp_path / "a.json"
    head = '{"account": "111122223333", "region": "us-east-1", "operation": "ec2:DescribeVpcs", '
    path.write_text(f'{{"schema": "{SCHEMA}", "responses": [{head}{part}}}]}}')
    said = refusal(path).message
    assert "good" in said
    assert said.isprintable()


@pytest.mark.parametrize(
    "content", [b"", b"  \n", b"hello", b"[1, 2]", b'{"a": 1}', b"\x00\x01\x02", b"null", b"{", b"[" * 9999]
)
def test_files_that_hold_nothing_of_aws(tmp_path: Path, content: bytes) -> None:
    for name, bytes_ in (("a.json", content), ("a.json.gz", gzip.compress(content))):
        (tmp_path / name).write_bytes(bytes_)
        refusal(tmp_path / name)


def test_an_estate_carries_the_warnings_of_the_import() -> None:
    snapshot = msgspec.structs.replace(a_snapshot(), warnings=("something was left out",))
    assert "something was left out" in snapshot.estate().warnings


def test_a_later_member_is_ignored_by_this_version(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(f'{{"schema": "{SCHEMA}", "responses": [], "mood": "good"}}')
    assert read(path) == Snapshot()


def test_the_part_for_some_regions_keeps_the_global_services() -> None:
    here = Scene()
    here.vpc()
    here.at(region="eu-west-1").vpc("10.1.0.0/16")
    snapshot = Snapshot(responses=tuple(here.responses()))
    part = snapshot.of_regions(("eu-west-1",))
    assert {each.region for each in part.responses} == {"eu-west-1", "global"}
    assert snapshot.of_regions(()) == snapshot.of_regions(("all",)) == snapshot
    with pytest.raises(InputError, match="holds nothing of the Region us-west-2") as refused:
        snapshot.of_regions(("us-west-2",))
    assert "eu-west-1, us-east-1" in refused.value.hint
