"""Tables know what was asked: a record that is not there was absent, denied, cut off or never asked for."""

from __future__ import annotations

import pytest

from advisor.model.coverage import COMPLETE, NOT_ASKED, Coverage, Status, Table
from advisor.model.evidence import SELF, Missing, bind

OPERATION = "ec2:DescribeVpcs"


def table(coverage: Coverage = COMPLETE, **options: bool) -> Table[str]:
    return Table(OPERATION, {"vpc-1": "one"}, coverage, {"vpc-9": Coverage(Status.DENIED, "No")}, **options)


def test_a_record_that_was_read_is_found_whatever_the_coverage() -> None:
    for status in Status:
        assert table(Coverage(status)).find("vpc-1") == "one"


def test_of_a_complete_table_what_is_not_there_is_absent() -> None:
    assert table().find("vpc-2") == Missing(OPERATION, "absent", None, "vpc-2")
    assert table().complete


@pytest.mark.parametrize("status", [Status.DENIED, Status.FAILED, Status.TRUNCATED, Status.NOT_ASKED])
def test_of_any_other_table_the_reason_is_why_it_was_not_read(status: Status) -> None:
    incomplete = table(Coverage(status, "Code"))
    assert incomplete.find("vpc-2") == Missing(OPERATION, status.value, "Code", "vpc-2")
    assert incomplete.missing() == Missing(OPERATION, status.value, "Code", None)
    assert not incomplete.complete


def test_a_gap_of_one_resource_says_so_for_that_one_only() -> None:
    assert table().find("vpc-9") == Missing(OPERATION, "denied", "No", "vpc-9")
    assert table().find("vpc-2") == Missing(OPERATION, "absent", None, "vpc-2")


def test_asked_per_resource_an_id_never_asked_for_is_not_absent() -> None:
    asked = table(per_resource=True)
    assert asked.find("vpc-2") == Missing(OPERATION, "not-asked", None, "vpc-2")
    assert not asked.complete


def test_a_copy_with_a_record_more_or_less_leaves_the_first_as_it_was() -> None:
    before = table()
    assert before.having("vpc-2", "two").find("vpc-2") == "two"
    assert before.without("vpc-1").find("vpc-1") == Missing(OPERATION, "absent", None, "vpc-1")
    assert dict(before) == {"vpc-1": "one"}


def test_a_single_answer_or_why_there_is_none() -> None:
    assert table().only() == "one"
    assert Table[str](OPERATION, {}, NOT_ASKED).only() == Missing(OPERATION, "not-asked", None, None)


JOINED = [
    (Status.OK, Status.OK, Status.OK),
    (Status.OK, Status.DENIED, Status.OK),
    (Status.DENIED, Status.OK, Status.OK),
    (Status.OK, Status.TRUNCATED, Status.TRUNCATED),
    (Status.TRUNCATED, Status.OK, Status.TRUNCATED),
    (Status.FAILED, Status.TRUNCATED, Status.TRUNCATED),
    (Status.DENIED, Status.FAILED, Status.FAILED),
]


@pytest.mark.parametrize(("one", "other", "both"), JOINED)
def test_an_operation_asked_twice(one: Status, other: Status, both: Status) -> None:
    assert Coverage(one).joined(Coverage(other)).status is both


def test_records_that_could_not_be_read_make_an_answer_incomplete() -> None:
    assert COMPLETE.without_some(0) is COMPLETE
    assert COMPLETE.without_some(2).status is Status.TRUNCATED
    assert Coverage(Status.DENIED).without_some(2).status is Status.DENIED


def test_a_shared_text_names_the_target_it_is_bound_to() -> None:
    assert bind(f"{SELF} is stopped", "i-1") == "i-1 is stopped"
    assert bind("nothing to bind", "i-1") == "nothing to bind"
