"""What PostgreSQL alone does: binary columns, one wake-up per exchange, plans that stay right while a log grows."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger.arrays import SQL_NAMES, Unfit, array
from ledger.batch import Batch
from ledger.connection import DatabaseFault, Load, Write
from ledger.database import PostgresqlDatabase
from ledger.pipeline import Pipeline
from ledger.postgresql import PostgresqlConnection
from ledger.tables import COMMAND, ENTRY, SUBJECT, CommandRow, EntryRow, SubjectRow
from ledger.work import Request
from ledger.workings import Workings
from tests.conftest import SetClock
from tests.ledger.toy import COUNTER, PERSON, Bump, CounterRow, create_tables, open_workings
from tests.migrated import migrated_postgresql
from tests.postgres import PostgresServer

pytestmark = pytest.mark.postgresql
LOG = 1
COLUMNS: tuple[tuple[type, list[Any]], ...] = (
    (int, [0, -1, 2**63 - 1, -(2**63), 7]),
    (int, [None, 4, None]),
    (str, ["", "a", "as long", "of one ", "ä\N{SNOWMAN}\U0001f600", '{"quoted\\"}', "NULL", "\n"]),
    (str, ["same", "size"]),
    (str, [None, "", None]),
    (bytes, [b"", b"\x00\xff", bytes(range(256)), b"\\x00"]),
    (bytes, [None]),
    (int, []),
    (bytes, []),
)


@pytest.fixture
def database(postgresql: PostgresServer) -> PostgresqlDatabase:
    """An empty database at the newest schema."""
    return migrated_postgresql(postgresql)


@pytest.fixture
def bare(postgresql: PostgresServer) -> Iterator[PostgresqlConnection]:
    """A connection to a database without tables."""
    made = PostgresqlConnection(postgresql.dsn("postgres"))
    yield made
    made.close()


@pytest.fixture
def connection(database: PostgresqlDatabase) -> Iterator[PostgresqlConnection]:
    """A connection to a database with the log 1 and the toy room's table."""
    create_tables(database)
    database.create_log("acme", "ledger.example.com/acme")
    made = PostgresqlConnection(database.dsn)
    yield made
    made.close()


def counters(count: int) -> list[CounterRow]:
    return [CounterRow(f"toy_{n:06}", "n", n) for n in range(count)]


def rows(numbers: range) -> list[Write]:
    """A row of each of three tables for every number."""
    return [
        Write(COUNTER, counters(numbers.stop)[numbers.start :]),
        Write(SUBJECT, [SubjectRow(f"s{n}", 1, n, b"") for n in numbers]),
        Write(COMMAND, [CommandRow(f"c{n}", "a", "m", n, "done") for n in numbers]),
    ]


def put(connection: PostgresqlConnection, *writes: Write) -> None:
    connection.begin(LOG, [])
    connection.finish(LOG, writes, None)


def read_for(connection: PostgresqlConnection, loads: Sequence[Load]) -> tuple[list[list[Any]], int]:
    """What was loaded, and how many rows of these tables or entries of their indexes the server looked at for it."""
    _, loaded = connection.begin(LOG, loads)
    names = ", ".join(f"'{load.table.name}'::regclass" for load in loads)
    ((count,),) = connection.query(
        LOG,
        "SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid)) + (SELECT"
        " sum(pg_stat_get_xact_tuples_returned(oid) + pg_stat_get_xact_tuples_fetched(oid))"
        f" FROM pg_class WHERE oid IN ({names})) FROM pg_index WHERE indrelid IN ({names})",
        (),
    )
    connection.rollback()
    return loaded, int(count)


@pytest.mark.parametrize(("kind", "values"), COLUMNS)
def test_a_column_arrives_as_it_was_sent(bare: PostgresqlConnection, kind: type, values: list[Any]) -> None:
    text = f"SELECT v FROM unnest($1::{SQL_NAMES[kind]}[]) WITH ORDINALITY AS u(v, n) ORDER BY n"
    bare._pipeline.send(text.encode(), [array(kind, values)])
    (result,) = bare._pipeline.results()
    bare._transformer.set_pgresult(result)
    assert bare._transformer.load_rows(0, result.ntuples, tuple) == [(value,) for value in values]


@pytest.mark.parametrize(
    ("kind", "value"),
    [(int, 2**63), (int, "4"), (int, 1.5), (str, 4), (str, b"a"), (str, "\ud800"), (bytes, "a"), (bytes, 1)],
)
def test_a_value_of_another_kind_is_unfit(kind: type, value: Any) -> None:
    with pytest.raises(Unfit):
        array(kind, [value, value])


@pytest.mark.parametrize("total", [2**63, "many", "\ud800", None])
def test_an_unfit_value_costs_its_batch_and_nothing_else(connection: PostgresqlConnection, total: Any) -> None:
    fine, broken = CommandRow("c1", "a", "m", 0, "done"), CounterRow("toy_1", "n", total)
    connection.begin(LOG, [])
    with pytest.raises(DatabaseFault) as raised:
        connection.finish(LOG, [Write(COMMAND, [fine]), Write(COUNTER, [broken])], None)
    assert not raised.value.lost
    connection.rollback()
    _, loaded = connection.begin(LOG, [Load(COMMAND, [("c1", "a")]), Load(COUNTER, [("toy_1",)])])
    connection.rollback()
    assert loaded == [[], []]


def test_a_refused_statement_before_an_unfit_value_leaves_the_connection_whole(
    connection: PostgresqlConnection,
) -> None:
    row = EntryRow(0, None, b"", b"")
    put(connection, Write(ENTRY, [row]))
    connection.begin(LOG, [])
    with pytest.raises(DatabaseFault):
        connection.finish(LOG, [Write(ENTRY, [row]), Write(COUNTER, [CounterRow("toy_1", "n", 2**63)])], None)
    connection.rollback()
    put(connection, Write(COUNTER, counters(1)))
    assert connection.load(LOG, COUNTER, [("toy_000000",)]) == counters(1)


def test_text_that_no_database_holds_is_refused(connection: PostgresqlConnection) -> None:
    connection.begin(LOG, [])
    with pytest.raises(DatabaseFault):
        connection.finish(LOG, [Write(SUBJECT, [SubjectRow("a\x00b", 1, 0, b"")])], None)
    connection.rollback()
    put(connection, Write(SUBJECT, [SubjectRow("ab", 1, 0, b"")]))


def test_a_batch_is_two_exchanges(
    connection: PostgresqlConnection, database: PostgresqlDatabase, tmp_path: Path, clock: SetClock, monkeypatch: Any
) -> None:
    workings = open_workings(database, tmp_path / "keys", clock, "other")
    requests = [Request(PERSON, Bump(f"toy_{n}"), f"c{n}") for n in range(40)]
    Batch(workings, connection).run(requests[:20])
    exchanged: list[int] = []
    settle = Pipeline.settle

    def counted(self: Pipeline) -> None:
        exchanged.append(1)
        settle(self)

    monkeypatch.setattr(Pipeline, "settle", counted)
    monkeypatch.setattr(psycopg.Connection, "execute", None)
    Batch(workings, connection).run(requests[20:])
    assert len(exchanged) == 2


def test_statements_stay_prepared_whatever_became_of_a_batch(connection: PostgresqlConnection) -> None:
    def prepared() -> list[Any]:
        return connection.query(LOG, "SELECT name FROM pg_prepared_statements WHERE name LIKE ? ORDER BY 1", ("m%",))

    loads = [Load(COUNTER, [("toy_1",)])]
    put(connection, Write(COUNTER, counters(1)), Write(SUBJECT, [SubjectRow("s", 1, 0, b"")]))
    connection.begin(LOG, loads)
    connection.rollback()
    before = prepared()
    assert len(before) == 7  # begin, head, load, two inserts, commit, rollback
    connection.begin(LOG, loads)
    with pytest.raises(DatabaseFault):
        connection.finish(LOG, [Write(SUBJECT, [SubjectRow("s\x00", 1, 0, b"")])], None)
    connection.rollback()
    connection.begin(LOG, loads)
    connection.rollback()
    assert prepared() == before


def test_a_statement_that_could_not_be_prepared_is_prepared_when_it_can(
    connection: PostgresqlConnection, database: PostgresqlDatabase
) -> None:
    with psycopg.connect(database.dsn, autocommit=True) as owner:
        owner.execute("ALTER TABLE toy_counter RENAME TO away")
        for _ in range(2):
            with pytest.raises(DatabaseFault):
                connection.begin(LOG, [Load(COUNTER, [("toy_1",)]), Load(SUBJECT, [("s",)])])
            connection.rollback()
        owner.execute("ALTER TABLE away RENAME TO toy_counter")
    assert connection.begin(LOG, [Load(COUNTER, [("toy_1",)]), Load(SUBJECT, [("s",)])])[1] == [[], []]
    connection.rollback()


def test_more_than_the_sockets_hold_goes_both_ways_at_once(bare: PostgresqlConnection) -> None:
    text = b"SELECT v FROM unnest($1::bytea[]) AS u(v)"
    sent = array(bytes, [bytes(1_000_000)] * 4)
    for _ in range(4):
        bare._pipeline.send(text, [sent])
    results = bare._pipeline.results()
    assert [len(result.get_value(n, 0)) for result in results for n in range(4)] == [1_000_000] * 16


@pytest.mark.parametrize("first", [0, 1], ids=["empty", "one row, known to be one"])
def test_loads_read_what_they_ask_for_though_they_were_planned_on_small_tables(
    connection: PostgresqlConnection, database: PostgresqlDatabase, first: int
) -> None:
    put(connection, *rows(range(first)))
    with psycopg.connect(database.dsn, autocommit=True) as owner:
        owner.execute("ANALYZE toy_counter, subject, command")
    loads = [Load(COUNTER, [("toy_000007",)]), Load(SUBJECT, [("s7",)]), Load(COMMAND, [("c7", "a"), ("c8", "a")])]
    for _ in range(8):
        read_for(connection, loads)
    put(connection, *rows(range(first, 4_000)))
    loaded, read = read_for(connection, loads)
    assert [len(rows) for rows in loaded] == [1, 1, 2]
    assert read == 4


def test_plans_are_made_anew_when_the_log_has_doubled(
    database: PostgresqlDatabase, tmp_path: Path, clock: SetClock
) -> None:
    workings = open_workings(database, tmp_path / "keys", clock)
    connection = database.connect()
    grow(connection, workings, 0, 8)
    dropped: list[bytes] = []
    send = Pipeline.send
    with pytest.MonkeyPatch.context() as patch:

        def noted(self: Pipeline, statement: bytes, parameters: Sequence[bytes] = ()) -> None:
            if statement == b"DISCARD PLANS":
                dropped.append(statement)
            send(self, statement, parameters)

        patch.setattr(Pipeline, "send", noted)
        grow(connection, workings, 8, 64)
    connection.close()
    assert 2 <= len(dropped) <= 4  # at 16, 32, 64, as far as they are noticed


def grow(connection: Any, workings: Workings, start: int, end: int) -> None:
    """One entry a batch."""
    for n in range(start, end):
        Batch(workings, connection).run([Request(PERSON, Bump("toy_1"), f"c{n}")])
