"""Changing any column of any table outside the operational class is found, and the place is named."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, LargeBinary
from sqlalchemy import Table as SqlTable

from ledger import tables
from tests.ledger import toy
from tests.ledger.tampering import Copy, copy_of
from tests.ledger.test_verify import server, sound  # noqa: F401 - fixtures

CELLS = [
    pytest.param(table, column, id=f"{table.name}.{column.name}")
    for metadata in (tables.metadata, toy.metadata)
    for table in metadata.sorted_tables
    if table.info["class"] != "operational"
    for column in table.columns
]


@pytest.mark.parametrize(("table", "column"), CELLS)
def test_a_changed_column_is_named(
    sound: Copy,  # noqa: F811
    server: Any,  # noqa: F811
    tmp_path: Path,
    table: SqlTable,
    column: Column[Any],
) -> None:
    log = copy_of(sound, tmp_path, server)
    keys = [key.name for key in table.primary_key]
    listed = ", ".join([*keys, column.name])
    rows = log.ask(f"SELECT {listed} FROM {table.name} ORDER BY {', '.join(keys)}")
    assert rows, "expected a row to change"
    *key, value = rows[len(rows) // 2]
    where = " AND ".join(f"{name} = ?" for name in keys)
    log.run((f"UPDATE {table.name} SET {column.name} = ? WHERE {where}", (changed(column, value), *key)))
    finding = log.finding()
    named = str(finding)
    assert table.name in named or (table.name == "entry" and finding.index == key[1]), named
    if server is not None:
        server.drop_database(log.database.dsn)  # type: ignore[attr-defined]


def changed(column: Column[Any], value: Any) -> Any:
    """Another value of the column's type, valid at first sight."""
    if isinstance(column.type, BigInteger):
        return 0 if value is None else value + 1_000
    if isinstance(column.type, LargeBinary):
        return bytes([value[0] ^ 1]) + value[1:]
    return ("b" if value[:1] == "a" else "a") + value[1:]
