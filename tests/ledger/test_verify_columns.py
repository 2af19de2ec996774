"""Changing any column of any table outside the operational class is found, and the place is named."""

from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, LargeBinary
from sqlalchemy import Table as SqlTable

from ledger import tables
from tests.ledger import toy
from tests.ledger.tampering import Copy, copy_of
from tests.ledger.test_verify import server, sound  # noqa: F401 - fixtures

STEERING = {
    ("published", "published_at"),
    ("published_line", "made_at"),
    ("reached", "what"),
    ("reached", "size"),
    ("reached", "at"),
}
"""What proves nothing: instants of the operator's own clock, which steer thinning, and where contributors go on.
The one row of `reached` that counts is tried in test_published_rows."""

CELLS = [
    pytest.param(table, column, id=f"{table.name}.{column.name}")
    for metadata in (tables.metadata, toy.metadata)
    for table in metadata.sorted_tables
    if table.info["class"] != "operational"
    for column in table.columns
    if (table.name, column.name) not in STEERING
]


@pytest.fixture(scope="module")
def touched(sound: Copy, server: Any, tmp_path_factory: pytest.TempPathFactory) -> Copy:  # noqa: F811
    """One copy for all cells: each test puts back what it changed."""
    return copy_of(sound, tmp_path_factory.mktemp("touched"), server)


@pytest.mark.parametrize(("table", "column"), CELLS)
def test_a_changed_column_is_named(touched: Copy, table: SqlTable, column: Column[Any]) -> None:
    keys = [key.name for key in table.primary_key]
    listed = ", ".join([*keys, column.name])
    rows = touched.ask(f"SELECT {listed} FROM {table.name} ORDER BY {', '.join(keys)}")
    assert rows, "expected a row to change"
    *key, value = rows[len(rows) // 2]
    other = changed(column, value)
    new_key = [other if name == column.name else part for name, part in zip(keys, key, strict=True)]
    update = f"UPDATE {table.name} SET {column.name} = ? WHERE {' AND '.join(f'{name} = ?' for name in keys)}"
    touched.run((update, (other, *key)))
    try:
        finding = touched.finding()
    finally:
        touched.run((update, (value, *new_key)))
    named = str(finding)
    assert table.name in named or (table.name == "entry" and finding.index == key[1]), named
    assert finding.place is None or finding.place.column in ("", column.name, "bytes", "wrapped", "sealed"), named


def test_what_was_put_back_is_sound(touched: Copy) -> None:
    assert touched.verify().is_sound


def changed(column: Column[Any], value: Any) -> Any:
    """Another value of the column's type, valid at first sight."""
    if isinstance(column.type, BigInteger):
        return 0 if value is None else value + 1_000
    if isinstance(column.type, LargeBinary):
        return bytes([value[0] ^ 1]) + value[1:]
    return ("b" if value[:1] == "a" else "a") + value[1:]
