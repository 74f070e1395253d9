"""The table of AWS's checks that people read is the one that the rules hold."""

from advisor.rulebook import RuleBook
from tests.rules.runbook_table import TABLE, table


def test_the_table_is_current(book: RuleBook):
    assert TABLE.read_text(encoding="utf-8") == table(book)


def test_it_has_a_row_for_each_check(book: RuleBook):
    rows = [line for line in table(book).splitlines() if line.startswith("| ") and "`" in line]
    assert len(rows) == 83
    assert all(line.count("|") == 4 for line in rows)
