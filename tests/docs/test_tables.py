"""The reference tables equal the code. `make golden` draws them anew and keeps what is told by hand."""

import os
import re
from functools import cache
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine

from migrations.env_tables import metadata
from migrations.upgrade import upgrade
from tests.docs.drawing import Drawn, redraw, rows_of, tables_in, tables_told
from tests.docs.pages import documents, name_of
from tests.docs.tables import DRAWN, PAYLOADS, drawn

WITH_TABLES = [path for path in documents() if tables_in(path.read_text())]


@cache
def tables() -> dict[str, Drawn]:
    return drawn()


@pytest.mark.parametrize("path", WITH_TABLES, ids=name_of)
def test_golden_tables_are_those_of_the_code(path: Path) -> None:
    present = path.read_text()
    anew = redraw(present, tables())
    if os.environ.get("MUNIMENT_GOLDEN") == "write":
        path.write_text(anew)
    else:
        assert present == anew


def test_every_table_stands_in_exactly_one_document() -> None:
    named = [name for path in WITH_TABLES for name in tables_in(path.read_text())]
    assert sorted(named) == sorted(DRAWN)


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_whatever_is_told_by_hand_is_told(name: str) -> None:
    table = tables()[name]
    rows = rows_of(tables_told()[name])
    assert rows
    silent = [row[: table.key] for row in rows if not all(row[len(table.columns) :])]
    assert silent == [], "tell them in the document"


def test_the_schema_that_is_drawn_is_the_one_the_migrations_make(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    upgrade(url)
    engine, drawn = create_engine(url), MetaData()
    for one in metadata():
        for table in one.tables.values():
            table.to_metadata(drawn)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), drawn)
    engine.dispose()
    assert differences == []


def test_payloads_are_told_with_the_members_their_room_states() -> None:
    rows = {(row[0].strip("`"), int(row[1])): row[4] for row in rows_of(tables_told()["entry-kinds"])}
    for kind, members in PAYLOADS.items():
        payload = rows[kind].rpartition("Payload:")[2]
        assert set(re.findall(r"`([a-z_]+)`", payload)) == set(members), kind
