"""PostgreSQL: head first, READ COMMITTED, two round trips per batch.

[BEGIN, lock head, load] and [writes, compare-and-swap, COMMIT] travel as pipelines. The swap raises inside the
server when the head moved, since a COMMIT already in the pipeline would otherwise go through.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from ledger.connection import DatabaseFault, Load, Write, head_columns
from ledger.errors import BrokenState, LostRace
from ledger.rows import R, Table, TableClass, column_kinds
from ledger.tables import HeadRow

SWAP_LOST = "MU001"  # our SQLSTATE for a head that moved (class MU is not used by PostgreSQL)
SERVICE_ROLE = "muniment_service"  # owns no table; may append to the ledger and not change it
COPY_ROWS_MIN = 512  # from here COPY beats one unnest statement

_ARRAYS = {int: "bigint[]", str: "text[]", bytes: "bytea[]"}
_SWAP = "SELECT muniment_swap_head(%s::bigint, %s::bigint, %s::bytea, %s::bigint, %s::bytea, %s::bytea, %s::bigint, "
_SWAP += "%s::bigint, %s::text)"


def connect(url: str, *, read_only: bool = False) -> psycopg.Connection[tuple[Any, ...]]:
    """A driver connection in autocommit, acting as the service role where it exists."""
    connection = psycopg.connect(url, autocommit=True, row_factory=tuple_row, prepare_threshold=0)
    connection.prepared_max = 512
    row = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (SERVICE_ROLE,)).fetchone()
    if row is not None:
        connection.execute(f"SET ROLE {SERVICE_ROLE}")
    connection.execute("SET synchronous_commit = on")
    if read_only:
        connection.execute("SET default_transaction_read_only = on")
    return connection


class PostgresqlConnection:
    """`ledger.connection.Connection` on a PostgreSQL database."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        with _faults():
            self._connection = connect(url, read_only=read_only)
        self._statements: dict[tuple[Any, ...], str] = {}

    def begin(self, log_id: int, loads: Sequence[Load]) -> tuple[HeadRow, list[list[Any]]]:
        with _faults():
            with self._connection.pipeline():
                self._connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
                head = self._connection.execute(
                    f"SELECT {head_columns()} FROM head WHERE log_id = %s FOR UPDATE", (log_id,)
                )
                cursors = [self._select(log_id, load.table, load.keys) for load in loads]
            row = head.fetchone()
            if row is None:
                raise BrokenState("expected a head row for the log, found none")
            loaded = [[load.table.row._make(r) for r in cursor] for load, cursor in zip(loads, cursors, strict=True)]
        return HeadRow(*row), loaded

    def begin_read(self, log_id: int) -> HeadRow:
        with _faults():
            with self._connection.pipeline():
                self._connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                head = self._connection.execute(f"SELECT {head_columns()} FROM head WHERE log_id = %s", (log_id,))
            row = head.fetchone()
        if row is None:
            raise BrokenState("expected a head row for the log, found none")
        return HeadRow(*row)

    def load(self, log_id: int, table: Table[R], keys: Sequence[tuple[Any, ...]]) -> list[R]:
        make: Callable[[Any], R] = table.row._make
        with _faults():
            return [make(row) for row in self._select(log_id, table, keys)]

    def query(self, log_id: int, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        text = statement.replace("%", "%%").replace("?", "%s").replace("{log}", str(log_id))
        with _faults():
            return self._connection.execute(text, parameters).fetchall()

    def write(self, log_id: int, writes: Sequence[Write]) -> None:
        with _faults(), self._connection.pipeline():
            for write in writes:
                self._send(log_id, write)

    def finish(self, log_id: int, writes: Sequence[Write], swap: tuple[HeadRow, HeadRow] | None) -> None:
        with _faults():
            copied = [write for write in writes if _copies(write)]
            for write in copied:  # COPY cannot travel in a pipeline; it pays for itself from COPY_ROWS_MIN rows
                self._copy(log_id, write)
            with self._connection.pipeline():
                for write in writes:
                    if write not in copied:
                        self._send(log_id, write)
                if swap is not None:
                    old, new = swap
                    self._connection.execute(_SWAP, (log_id, old.size, old.chain_hash, *new))
                self._connection.execute("COMMIT")

    def rollback(self) -> None:
        with suppress(psycopg.Error):
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()

    def _select(self, log_id: int, table: Table[Any], keys: Sequence[tuple[Any, ...]]) -> Any:
        statement = self._statement(_select, log_id, table)
        return self._connection.execute(statement, [list(column) for column in zip(*keys, strict=True)])

    def _send(self, log_id: int, write: Write) -> None:
        if write.rows:
            columns = [list(column) for column in zip(*write.rows, strict=True)]
            self._connection.execute(self._statement(_insert, log_id, write.table), columns)

    def _copy(self, log_id: int, write: Write) -> None:
        columns = ", ".join(("log_id", *write.table.columns))
        with self._connection.cursor().copy(f"COPY {write.table.name} ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", *(_COPY_TYPES[kind] for kind in column_kinds(write.table))])
            for row in write.rows:
                copy.write_row((log_id, *row))

    def _statement(self, build: Callable[[int, Table[Any]], str], log_id: int, table: Table[Any]) -> str:
        key = (build, log_id, table)
        statement = self._statements.get(key)
        if statement is None:
            statement = self._statements[key] = build(log_id, table)
        return statement


_CONNECTION_GONE = ("08", "57")  # connection exception; operator intervention, such as a server that stops
_COPY_TYPES = {int: "int8", str: "text", bytes: "bytea"}


def _copies(write: Write) -> bool:
    return write.table.table_class is TableClass.LEDGER and len(write.rows) >= COPY_ROWS_MIN


def _select(log_id: int, table: Table[Any]) -> str:
    grouping = table.columns[: table.group_width]
    kinds = column_kinds(table)
    arrays = ", ".join(f"%s::{_ARRAYS[kinds[n]]}" for n in range(len(grouping)))
    names = ", ".join(f"k{n}" for n in range(len(grouping)))
    joined = " AND ".join(f"t.{column} = k.k{n}" for n, column in enumerate(grouping))
    listed = ", ".join(f"t.{column}" for column in table.columns)
    order = ", ".join(f"t.{column}" for column in table.columns[: table.key])
    return (
        f"SELECT {listed} FROM unnest({arrays}) AS k({names}) "
        f"JOIN {table.name} t ON t.log_id = {log_id} AND {joined} ORDER BY {order}"
    )


def _insert(log_id: int, table: Table[Any]) -> str:
    columns = table.columns
    arrays = ", ".join(f"%s::{_ARRAYS[kind]}" for kind in column_kinds(table))
    names = ", ".join(f"c{n}" for n in range(len(columns)))
    statement = (
        f"INSERT INTO {table.name} (log_id, {', '.join(columns)}) "
        f"SELECT {log_id}, {names} FROM unnest({arrays}) AS u({names})"
    )
    if table.table_class is TableClass.LEDGER:
        return statement
    rest = columns[table.key :]
    key = ", ".join(("log_id", *columns[: table.key]))
    if not rest:
        return f"{statement} ON CONFLICT ({key}) DO NOTHING"
    return f"{statement} ON CONFLICT ({key}) DO UPDATE SET " + ", ".join(f"{c} = excluded.{c}" for c in rest)


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        if error.sqlstate == SWAP_LOST:
            raise LostRace("expected the head where the batch began, found another") from error
        lost = error.sqlstate is None or error.sqlstate[:2] in _CONNECTION_GONE
        raise DatabaseFault(f"the database refused: {type(error).__name__}", lost=lost) from error
