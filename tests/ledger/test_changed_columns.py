"""SQLite: of a wide row that is known to be there only the changed columns are written, and none is missed."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.connection import Write
from ledger.errors import BrokenState
from ledger.rows import Table
from ledger.sqlite import CHANGED_FROM, SqliteConnection


class WideRow(NamedTuple):
    id: str
    a: str
    b: str
    c: str
    d: str
    e: int
    f: int
    g: int
    h: int | None


WIDE = Table("wide", WideRow, key=1)
_CREATE = "CREATE TABLE wide (log_id, id, a, b, c, d, e, f, g, h, PRIMARY KEY (log_id, id))"
_words = st.sampled_from(("", "open", "closed"))
_numbers = st.integers(0, 3)
_rows = st.builds(
    WideRow, st.sampled_from(("x", "y", "z")), _words, _words, _words, _words, _numbers, _numbers, _numbers, _numbers
)


def _open(folder: Path) -> SqliteConnection:
    connection = SqliteConnection(folder / "wide.sqlite")
    connection.query(1, _CREATE, ())
    return connection


def _by_id(rows: list[Any]) -> dict[str, tuple[Any, ...]]:
    return {row[0]: row for row in rows}


def test_the_table_is_wide_enough_to_be_written_by_columns() -> None:
    assert len(WIDE.columns) >= CHANGED_FROM


@settings(max_examples=60, deadline=None)
@given(batches=st.lists(st.lists(_rows, min_size=1, max_size=4), min_size=1, max_size=6))
def test_the_table_holds_the_last_row_of_each_key(
    batches: list[list[WideRow]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    connection = _open(tmp_path_factory.mktemp("wide"))
    expected: dict[str, WideRow] = {}
    for batch in batches:
        rows = {row.id: row for row in batch}
        connection.write(1, [Write(WIDE, list(rows.values()), [expected.get(key) for key in rows])])
        expected.update(rows)
    found = connection.query(1, "SELECT id, a, b, c, d, e, f, g, h FROM wide WHERE log_id = {log}", ())
    connection.close()
    assert _by_id(found) == {key: tuple(row) for key, row in expected.items()}


def test_a_row_that_is_gone_is_an_error_and_not_silence(tmp_path: Path) -> None:
    connection = _open(tmp_path)
    before = WideRow("x", "a", "b", "c", "d", 1, 2, 3, None)
    with pytest.raises(BrokenState):
        connection.write(1, [Write(WIDE, [before._replace(a="other")], [before])])
    connection.close()


def test_an_error_that_is_kept_holds_no_lock(tmp_path: Path) -> None:
    """A cursor that its traceback kept alive would keep a closed connection's transaction open, and all others out."""
    connection = _open(tmp_path)
    there = WideRow("x", "a", "b", "c", "d", 1, 2, 3, None)
    gone = there._replace(id="y")
    connection.write(1, [Write(WIDE, [there])])
    connection._execute("BEGIN IMMEDIATE")
    with pytest.raises(BrokenState) as kept:
        connection.write(1, [Write(WIDE, [there._replace(a="other"), gone._replace(b="other")], [there, gone])])
    connection.close()
    with closing(sqlite3.connect(tmp_path / "wide.sqlite", timeout=0, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert other.execute("SELECT a FROM wide").fetchall() == [("a",)]
    assert kept.tb is not None
