"""The limit beside the engine stores what the engine stores: the same rows, as many bytes, under the same indexes."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import reduce
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bench import command, office
from bench.engine import OneByOne
from bench.harness import Board, Contest, Further, Sample
from bench.recording import Recorded, record
from bench.step_limits import Steps, Store
from bench.step_stores import SCHEMA, PostgresqlStore, SqliteStore
from ledger.chain import chain_hash, leaf_hash
from ledger.ids import IdMaker
from tests.migrated import migrated_postgresql
from tests.postgres import PostgresServer

CASES = 6  # what `stepped` carries out; the indexes of their entries have two digits, as those recorded
BY_THE_CLOCK = {"checkpoint"}  # a row a second, however many steps
SHARED = {"figure", "period_usage"}  # a row for all cases, in which sums grow
OUTSIDE = {"alembic_version", "log", "head"}  # no step leaves a row in them
OWN_EACH_TIME = {  # texts that differ in each case and are no name of anything
    ("command", "mac"),
    ("instance", "marking"),  # instants among others
    ("period_usage", "total"),
}

Ask = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> office.Office:
    return office.open_office(str(tmp_path_factory.mktemp("limits") / "office"))


@pytest.fixture(scope="module")
def recorded(opened: office.Office) -> Recorded:
    return record(opened)


@pytest.fixture(scope="module")
def engine(opened: office.Office, recorded: Recorded) -> Iterator[tuple[dict[str, tuple[int, int]], Ask]]:
    """What as many cases of the product left in each table, and its file."""
    with closing(sqlite3.connect(f"file:{recorded.path}?mode=ro", uri=True)) as file:
        ask = asking(file)
        before = stored(ask, names(ask))
        one = OneByOne(opened)
        for number in range(CASES):
            one.follow(office.case(opened, f"own-{number:05}"), [])
        one.close()
        yield grown(before, stored(ask, names(ask))), ask


def asking(connection: Any, search_path: str = "") -> Ask:
    """Questions to a connection of either driver."""

    def ask(statement: str) -> list[tuple[Any, ...]]:
        if search_path:
            connection.execute(f"SET search_path = {search_path}")
        rows: list[tuple[Any, ...]] = connection.execute(statement).fetchall()
        return rows

    return ask


def names(ask: Ask) -> list[str]:
    """Tables of a file of SQLite."""
    return [name for (name,) in ask("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]


def stored(ask: Ask, tables: list[str]) -> dict[str, set[tuple[Any, ...]]]:
    """The rows of each table."""
    return {table: {tuple(map(plain, row)) for row in ask(f"SELECT * FROM {table}")} for table in tables}


def plain(value: Any) -> Any:
    """A value as either driver gives it."""
    return bytes(value) if isinstance(value, memoryview) else value


def size(value: Any) -> int:
    """Bytes of a value; a number counts as eight, however it is stored."""
    if value is None:
        return 0
    return 8 if isinstance(value, int) else len(value.encode() if isinstance(value, str) else value)


def grown(
    before: dict[str, set[tuple[Any, ...]]], after: dict[str, set[tuple[Any, ...]]]
) -> dict[str, tuple[int, int]]:
    """Rows and bytes that have come to each table that a step writes for itself, whatever was swept meanwhile."""
    new = {table: after[table] - before[table] for table in after if table not in BY_THE_CLOCK | SHARED | OUTSIDE}
    return {table: (len(rows), sum(size(value) for row in rows for value in row)) for table, rows in new.items()}


def stepped(store: Store) -> None:
    """Two cases one at a time, then two after another by two callers."""
    steps = Steps(store)
    assert steps.one_at_a_time(2).count == 2 * office.STEPS
    assert steps.at_once(2, 2).count == 4 * office.STEPS


FIGURES = (
    "SELECT blueprint, domain, what, name, step, sum(total) FROM figure GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5"
)


def test_the_limit_leaves_what_the_engine_leaves(
    engine: tuple[dict[str, tuple[int, int]], Ask], recorded: Recorded, tmp_path: Path
) -> None:
    left, product = engine
    store = SqliteStore(tmp_path / "limit.sqlite", recorded)
    ask, changes = asking(store._connection), store._connection.total_changes
    before = stored(ask, names(ask))
    stepped(store)
    assert grown(before, stored(ask, names(ask))) == left
    assert left["entry"][0] == CASES * office.STEPS
    assert ask(FIGURES) == product(FIGURES)
    assert {table: len(ask(f"SELECT * FROM {table}")) for table in SHARED} == {
        table: len({key for key in recorded.shared if key[0].name == table}) for table in SHARED
    }
    (head,), (own,) = ask("SELECT * FROM head"), product("SELECT * FROM head")
    assert (head[1], [size(value) for value in head]) == (own[1], [size(value) for value in own])

    # Every row that a step writes was written, by an insert or an update; one that two share at once was written once.
    steps = recorded.cases[1].steps
    written = sum(len(step.rows) + len(step.found) for step in steps)
    shared = sum((table, row[: table.key]) in recorded.shared for step in steps for table, row in step.rows)
    commits = (2 + 2) * office.STEPS  # each moves the head
    (kept,) = ask("SELECT count(*) FROM checkpoint")[0]
    changed = store._connection.total_changes - changes
    assert changed == CASES * written - 2 * shared + commits + kept
    store.close()


def test_a_lease_is_a_transaction_of_its_own(recorded: Recorded, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "limit.sqlite", recorded)
    ran: list[str] = []
    store._connection.set_trace_callback(ran.append)
    stepped(store)
    leases = 2 + 2  # of two cases one at a time, and of two callers together, twice
    assert ran.count("COMMIT") == ran.count("BEGIN IMMEDIATE") == (2 + 2) * office.STEPS + leases
    leased = [n for n, statement in enumerate(ran) if statement.startswith("INSERT INTO work_lease")]
    assert len(leased) == CASES
    assert sum(ran[n + 1] == "COMMIT" for n in leased) == leases
    store.close()


def test_it_is_chained(recorded: Recorded, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "limit.sqlite", recorded)
    stepped(store)
    rows = store._connection.execute("SELECT idx, leaf_hash, bytes FROM entry ORDER BY idx").fetchall()
    chain = recorded.head.chain_hash
    for index, leaf, data in rows:
        assert leaf_hash(data) == leaf
        assert f'"index":{index},'.encode() in data
        chain = chain_hash(chain, leaf)
    assert [row[0] for row in rows] == list(range(recorded.head.size, recorded.head.size + CASES * office.STEPS))
    assert store._connection.execute("SELECT chain_hash FROM head").fetchall() == [(chain,)]
    store.close()


def test_its_tables_and_indexes_are_those_of_the_product(recorded: Recorded, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "limit.sqlite", recorded)
    laid_out = (
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('table', 'index') ORDER BY type, name"
    )
    with closing(sqlite3.connect(recorded.path)) as product:
        expected = product.execute(laid_out).fetchall()
    assert store._connection.execute(laid_out).fetchall() == expected
    assert sum(kind == "index" and table == "task" for kind, _, table, _ in expected) > 5
    assert store._connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall() == []
    store.close()


@pytest.mark.postgresql
def test_on_postgresql_it_leaves_the_same(
    engine: tuple[dict[str, tuple[int, int]], Ask], recorded: Recorded, postgresql: PostgresServer
) -> None:
    left, product = engine
    database = migrated_postgresql(postgresql)
    store = PostgresqlStore(database.dsn, recorded)
    ask = asking(store._connection, SCHEMA)
    before = stored(ask, names(product))
    stepped(store)
    assert grown(before, stored(ask, names(product))) == left
    assert ask(FIGURES) == product(FIGURES)
    indexes = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = '{}'"
    here, there = (
        sorted((table, re.sub(r"INDEX \S+ ON \S+\.", "", text)) for table, text in ask(indexes.format(schema)))
        for schema in (SCHEMA, "public")
    )
    assert here == there
    assert sum(table == "task" for table, _ in here) > 5
    store.close()
    postgresql.drop_database(database.dsn)


def test_what_is_of_one_case_is_known(recorded: Recorded) -> None:
    """Of the texts that differ between two cases each is made anew, or is one of those that name nothing."""
    first, second = recorded.cases
    renamed = [(second.instance, first.instance), (second.key_mark, first.key_mark), (second.number, first.number)]
    left = set()
    for one, other in zip(first.steps, second.steps, strict=True):
        for (table, before), (_, row) in zip(one.rows, other.rows, strict=True):
            for column, old, new in zip(table.columns, before, row, strict=True):
                if isinstance(new, str):
                    made = reduce(
                        lambda text, pair: text.replace(*pair), (*renamed, (other.command_id, one.command_id)), new
                    )
                    if made != old:
                        left.add((table.name, column))
    assert left == OWN_EACH_TIME


def test_keys_are_never_made_twice(recorded: Recorded, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "limit.sqlite", recorded)
    for _ in range(3):  # rounds on the same file, which a primary key would end
        stepped(store)
    marks = store._connection.execute("SELECT key_mark, instance FROM business_key").fetchall()
    assert len({mark for mark, _ in marks}) == len(marks) == 3 * CASES
    assert all(len(instance) == len(IdMaker().ordered("pi", 1)) for _, instance in marks)
    assert all(len(mark) == len(sha256().digest()) * 4 // 3 + 1 for mark, _ in marks)
    store.close()


def test_callers_who_are_not_at_the_same_step_end_it(recorded: Recorded, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "limit.sqlite", recorded)
    store.prepare(2, 1)
    with pytest.raises(ValueError, match="expected 2 callers"):
        store.commit([("pi_1", 0)])
    store.close()


def test_a_further_limit_is_told_with_its_ratio_and_is_no_target() -> None:
    board = Board("engine", rounds=3)
    narrow = Further("limit.narrow", lambda: Sample(100, 0.25))
    board.run(
        Contest("engine.x", "limit.x", 0.5, 100, lambda: Sample(100, 1), lambda: Sample(100, 0.5), further=(narrow,))
    )
    [result] = board.results
    assert result["beside"] == {"id": "limit.x", "median": 200.0}
    assert (result["ratio"], result["target"], result["met"]) == (0.5, 0.5, True)
    assert result["further"] == [{"id": "limit.narrow", "median": 400.0, "ratio": 0.25}]
    assert board.is_met()
    assert re.search(r"^  beside limit\.narrow +400 +0\.250 +-$", command.table(board), re.MULTILINE)
